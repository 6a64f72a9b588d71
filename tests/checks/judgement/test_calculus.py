"""Integrals, sums and derivatives count with a value only where it is proved; each against quadrature or summation."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement.calculus import antiderivatives, sums
from crossproof.checks.judgement.calculus.carried_out import carried_out
from crossproof.checks.judgement.calculus.known_integrals import known_integral
from crossproof.checks.judgement.calculus.known_sums import known_sum
from crossproof.checks.judgement.definedness import CALCULUS, definedness
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.scalars.evaluation import ball_arithmetic
from crossproof.checks.witnesses.scalars.identities import normal_forms
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError, ParsingError
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Range, Real
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.text.parsing import parse_equation, parse_expression
from crossproof.numerics.exact.values import value_at_precision

DOMAIN = Domain(a=Positive, b=Positive, c=Real, p=Between(0, 1), n=Integers(0), q=Above(1))
NAMES = {s.name: s for s in DOMAIN.symbols}
POINT = {"a": "7/3", "b": "3/5", "c": "-4/5", "p": "2/7", "n": "6", "q": "3"}
AT = {NAMES[name]: sp.Rational(value) for name, value in POINT.items()}
#: Where the formula of an integrand changes at this point.
CORNERS = {"x - p": mpmath.mpf(2) / 7, "abs(x))": 0}

#: Texts with values proved on the whole domain.
VALUES = [
    "integral(exp(-a*x**2), x, -oo, oo)",
    "integral(x**4*exp(-a*x**2 + c*x + b), x, -oo, oo)",
    "integral((x - c)**2*exp(-(x - c)**2/(2*a))/sqrt(2*pi*a), x, -oo, oo)",
    "integral(cos(c*x)*exp(-a*x**2 + b*x), x, -oo, oo)",
    "integral(sin(c*x)*exp(-a*x**2 + b*x), x, -oo, oo)",
    "integral(x**(a - 1)*exp(-b*x), x, 0, oo)",
    "integral(x**a*exp(-b*x**3), x, 0, oo)",
    "integral(x**(a - 1)*(1 - x)**(b - 1), x, 0, 1)",
    "integral(exp(-a*x)*sin(c*x), x, 0, oo)",
    "integral(x*exp(-a*x), x, b, oo)",
    "integral(exp(a*x), x, -oo, c)",
    "integral(1/(1 + x**2), x, -oo, oo)",
    "integral(log(x), x, 0, 1)",
    "integral(x**n, x, 0, 1)",
    "integral(1/sqrt(x), x, 0, a)",
    "integral(1/sqrt(1 - x**2), x, -1, 1)",
    "integral(x/(x**2 + a), x, 0, c)",
    "integral(abs(x - p), x, 0, 1)",
    "integral(max(x - p, 0)*x, x, 0, 1)",
    "integral(exp(-abs(x)), x, -oo, oo)",
    "integral(tanh(x), x, 0, a)",
    "sum(k**3, k, 1, n)",
    "sum(k*p**k, k, 0, n)",
    "sum(1/(k*(k + 1)), k, 1, oo)",
    "sum(k**2*a**k/factorial(k), k, 0, oo)",
    "sum(a**k/factorial(k), k, 2, oo)",
    "sum(k*p**k, k, 0, oo)",
    "sum(1/k**q, k, 2, oo)",
    "sum(k**2*binomial(n, k)*p**k*(1 - p)**(n - k), k, 0, n)",
    "sum((-1)**k*binomial(n, k)*a**k, k, 0, n)",
    "derivative(exp(-a**2/2), a, 2)",
    "derivative(a*log(a), a)",
    "derivative(erf(c)*atan(c), c)",
]


@pytest.mark.parametrize("text", [t for t in VALUES if "derivative" not in t])
def test_values_agree_with_quadrature_and_summation(text: str) -> None:
    expr = parse_expression(text, NAMES)
    value = carried_out(expr, DOMAIN)
    assert not value.has(*CALCULUS)
    node, found = expr.subs(AT), sp.N(value.subs(AT), 30)
    (variable, low, high) = node.limits[0]
    with mpmath.workdps(30):
        term = sp.lambdify(variable, node.function, "mpmath")
        ends = [mpmath.mpf(sp.N(e, 30)) if e.is_finite else mpmath.mpf("inf") * int(sp.sign(e)) for e in (low, high)]
        if isinstance(node, sp.Sum):
            expected = mpmath.nsum(term, ends)
        else:
            corners = [mpmath.mpf(corner) for word, corner in CORNERS.items() if word in text]
            expected = mpmath.quad(term, [ends[0], *corners, ends[1]])
        assert mpmath.almosteq(expected, mpmath.mpf(found), rel_eps=1e-12, abs_eps=1e-12)


@pytest.mark.parametrize("text", [t for t in VALUES if "derivative" in t])
def test_derivatives_agree_with_difference_quotients(text: str) -> None:
    node = parse_expression(text, NAMES)
    value = carried_out(node, DOMAIN)
    assert not value.has(*CALCULUS)
    ((symbol, order),) = node.variable_count
    with mpmath.workdps(30):
        f = sp.lambdify(symbol, node.expr, "mpmath")
        expected = mpmath.diff(f, mpmath.mpf(sp.N(AT[symbol], 30)), int(order))
        assert mpmath.almosteq(expected, mpmath.mpf(sp.N(value.subs(AT), 30)), rel_eps=1e-10)


@pytest.mark.parametrize(
    "text",
    [
        "integral(1/x, x, -1, 1)",
        "integral(1/x**2, x, -1, 1)",
        "integral(1/x, x, 0, 1)",
        "integral(exp(c*x), x, 0, oo)",
        "integral(exp(-c*x**2), x, -oo, oo)",
        "integral(x**(c - 1)*exp(-x), x, 0, oo)",
        "integral(x, x, -oo, oo)",
        "integral(cos(x), x, 0, oo)",
        "integral(1/(x - p), x, 0, 1)",
        "integral(floor(x), x, 0, a)",
        "integral(1/(1 + x), x, 0, c)",
        "integral(tan(x), x, 0, 2)",
        "sum(c**k, k, 0, oo)",
        "sum(1/k, k, 1, oo)",
        "sum(1/k**a, k, 1, oo)",
        "sum((-1)**k, k, 0, oo)",
        "sum(c**k, k, 0, n)",
        "derivative(abs(c), c)",
        "derivative(sqrt(c**2), c)",
        "derivative(floor(c), c)",
        "derivative(max(a, b), a)",
    ],
)
def test_what_diverges_or_has_a_corner_has_no_value(text: str) -> None:
    assert carried_out(parse_expression(text, NAMES), DOMAIN).has(*CALCULUS)


def test_a_wrong_antiderivative_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    x = sp.Symbol("x", real=True)
    assert antiderivatives.by_antiderivative(sp.cos(x), x, sp.Integer(0), sp.Integer(1), DOMAIN, 1.0) == sp.sin(1)
    monkeypatch.setattr(antiderivatives, "_proposals", lambda f, u, domain, seconds: iter([sp.sin(u) + u / 10**9]))
    assert antiderivatives.by_antiderivative(sp.cos(x), x, sp.Integer(0), sp.Integer(1), DOMAIN, 1.0) is None


def test_an_antiderivative_that_jumps_inside_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    # the derivative of atan(tan(x)/2) is right wherever it exists, and the function jumps at pi/2
    x = sp.Symbol("x", real=True)
    f = 2 / (4 * sp.cos(x) ** 2 + sp.sin(x) ** 2)
    monkeypatch.setattr(antiderivatives, "_proposals", lambda f, u, domain, seconds: iter([sp.atan(sp.tan(u) / 2)]))
    assert antiderivatives.by_antiderivative(f, x, sp.Integer(0), sp.pi, DOMAIN, 1.0) is None


def test_a_wrong_closed_form_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    k, n = sp.Symbol("k", integer=True), NAMES["n"]
    made = sums.by_induction(k, k, sp.Integer(1), n, DOMAIN, 1.0)
    assert sp.expand(made - n * (n + 1) / 2) == 0
    for wrong in (lambda last: last * (last + 1) / 2 + 1, lambda last: last * (last + 2) / 2):
        monkeypatch.setattr(sums, "_proposal", lambda f, k, low, last, within, seconds, wrong=wrong: wrong(last))
        assert sums.by_induction(k, k, sp.Integer(1), n, DOMAIN, 1.0) is None


def test_forms_that_are_not_listed_have_no_known_value() -> None:
    x, k = sp.Symbol("x", real=True), sp.Symbol("k", integer=True)
    a, c, n = NAMES["a"], NAMES["c"], NAMES["n"]
    assert known_integral(sp.exp(-a * x) * sp.log(x), x, sp.Integer(0), sp.oo, DOMAIN) is None
    assert known_integral(x**c * sp.exp(-x), x, sp.Integer(0), sp.oo, DOMAIN) is None
    assert known_integral(sp.exp(-a * x**2), x, sp.Integer(0), sp.Integer(2), DOMAIN) is None
    assert known_sum(c**k, k, sp.Integer(0), sp.oo, DOMAIN) is None
    assert known_sum(sp.binomial(n, k), k, sp.Integer(0), n + 1, DOMAIN) is None
    assert known_sum(sp.binomial(n, k) / sp.factorial(k), k, sp.Integer(0), n, DOMAIN) is None


@pytest.mark.parametrize(
    ("equation", "outcome"),
    [
        ("integral(x**2*exp(-x**2/(2*a)), x, -oo, oo) == sqrt(2*pi)*a**(3/2)", Outcome.PROVED),
        ("integral(x**2*exp(-x**2/(2*a)), x, -oo, oo) == sqrt(2*pi)*a**(3/2)*(1 + 1/10**12)", Outcome.REFUTED),
        ("sum(k**2, k, 0, n) == n*(n + 1)*(2*n + 1)/6", Outcome.PROVED),
        ("sum(k**2, k, 0, n) == n*(n + 1)*(2*n + 1)/6 + max(n - 10**6, 0)", Outcome.REFUTED),
        ("derivative(a*log(a), a) == log(a) + 1", Outcome.PROVED),
        ("derivative(abs(c), c) == sign(c)", Outcome.UNDECIDED),
        ("integral(1/x, x, 0, a) == log(a)", Outcome.UNDECIDED),
        ("integral(abs(x - p), x, 0, 1) == p**2 - p + 1/2", Outcome.PROVED),
        ("integral(abs(x - a), x, 0, 1) == a**2 - a + 1/2", Outcome.REFUTED),
    ],
)
def test_identities_with_calculus_are_judged(equation: str, outcome: Outcome) -> None:
    left, right = parse_equation(equation, NAMES)
    used = left.free_symbols | right.free_symbols
    domain = Domain(**{s.name: r for s, r in DOMAIN.ranges.items() if s in used or s.name == "a"})
    made = Claim("test.calculus", "t", Source("test", "here"), Identity(left, right), domain)
    assert (
        normal_forms(made.statement, Task(made, effort("default"), 0, "cpu", 1e-6, "normal forms")).outcome is outcome
    )


#: Texts that hold, wherever they have a meaning, which they have not everywhere, and ranges of their parameters.
HIDDEN = [
    ("integral(exp(-x)*(c - 7919/104729)/(c - 7919/104729), x, 0, oo)", {"c": Real}, "1"),
    ("integral((1 - x)*exp(-x)/c, x, 0, oo)", {"c": Real}, "0"),
    ("integral(x - x, x, 0, 1/c)", {"c": Real}, "0"),
    ("integral(exp(-x**2), x, 1/c, 1/c)", {"c": Real}, "0"),
    ("sum((k - 5000)/(k - 5000), k, 0, n)", {"n": Integers(0)}, "n + 1"),
    ("derivative((c - 7919/104729)**2/(c - 7919/104729), c)", {"c": Real}, "1"),
    ("derivative(abs(c), c)", {"c": AtLeast(0)}, "1"),
    ("derivative(integral(sign(x - 1), x, 1, c), c)", {"c": AtLeast(1)}, "1"),
]


@pytest.mark.parametrize(("text", "ranges", "value"), HIDDEN)
def test_what_evaluation_would_hide_is_asked_for(text: str, ranges: dict[str, Range], value: str) -> None:
    domain = Domain(**ranges)
    names = {s.name: s for s in domain.symbols}
    assert carried_out(parse_expression(text, names), domain).has(*CALCULUS)
    # the same with nothing hidden has its value
    plain = text.replace("*(c - 7919/104729)/(c - 7919/104729)", "").replace("(k - 5000)/(k - 5000)", "1")
    plain = plain.replace("/(c - 7919/104729)", "").replace("/c, x", ", x").replace("1/c", "c")
    if plain != text and "derivative" not in text:
        found = carried_out(parse_expression(plain, names), domain)
        assert not found.has(*CALCULUS)
        assert sp.simplify(found - parse_expression(value, names)) == 0


def test_a_quotient_of_equal_integrals_keeps_its_pole() -> None:
    c = NAMES["c"]
    found = carried_out(parse_expression("integral(x, x, 0, c)/integral(x, x, 0, c)", NAMES), DOMAIN)
    assert not found.has(*CALCULUS)
    assert definedness((found,), Domain(c=Real)).point == {c: 0}


@pytest.mark.parametrize(
    ("equation", "outcome"),
    [
        ("derivative((c - 8301/997)**2/(c - 8301/997), c) == 1", Outcome.UNDEFINED),
        ("integral(exp(-x)*(c - 8301/997)/(c - 8301/997), x, 0, 1) == 1 - exp(-1)", Outcome.UNDECIDED),
        ("derivative((c - 8301/997)**2, c) == 2*(c - 8301/997)", Outcome.CONFIRMED),
    ],
)
def test_a_pole_between_points_is_not_confirmed(equation: str, outcome: Outcome) -> None:
    left, right = parse_equation(equation, NAMES)
    made = Claim("test.pole", "t", Source("test", "here"), Identity(left, right), Domain(c=Real))
    assert ball_arithmetic(made.statement, Task(made, effort("quick"), 0, "cpu", 1e-6, "balls")).outcome is outcome


def test_an_integral_without_parameters_has_a_value_or_is_open() -> None:
    for text, status in (("integral(1/x, x, 0, 1)", "open"), ("integral(1/sqrt(x), x, 0, 1)", "everywhere")):
        assert definedness((parse_expression(text, NAMES),), DOMAIN).status == status


def test_an_end_of_the_domain_counts_unless_the_interval_is_empty_there() -> None:
    # at a = 0, c = 1 the integrand is 0 and the antiderivative jumps inside the interval
    domain = Domain(a=AtLeast(0), c=AtLeast(0))
    names = {s.name: s for s in domain.symbols}
    text = "integral((a + (c - 1)**2)/(a + (c - 1)**2 + (x - 1/2)**2)**(3/2), x, 0, c)"
    assert carried_out(parse_expression(text, names), domain).has(*CALCULUS)
    assert not carried_out(parse_expression("integral(1/sqrt(x), x, 0, c)", names), domain).has(*CALCULUS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("integral(exp(-x**2), x, oo, 0)", -mpmath.sqrt(mpmath.pi) / 2),
        ("integral(exp(-x**2), x, 0, -oo)", -mpmath.sqrt(mpmath.pi) / 2),
        ("integral(exp(-x**2), x, oo, -oo)", -mpmath.sqrt(mpmath.pi)),
        ("integral(1/sqrt(x), x, 1, 0)", -2),
        ("integral(abs(x - 1/3), x, 1, 0)", -mpmath.mpf(5) / 18),
    ],
)
def test_the_direction_of_an_integral_counts(text: str, expected: float) -> None:
    node = parse_expression(text, NAMES)
    for found in (value_at_precision(node, {}, 64).ball, carried_out(node, DOMAIN)):
        assert abs(float(found) - float(expected)) < 1e-12
    assert carried_out(sp.Integral(node.function, (node.variables[0], sp.oo, sp.oo)), DOMAIN).has(sp.Integral)


def test_an_inner_integral_is_analytic_or_has_no_value() -> None:
    # acos has a branch point at 1; the small factor hides it from a bound on the width of the inner integral
    node = parse_expression("integral(integral(x + acos(y)/10**25, x, 0, 1), y, 0, 1)", NAMES)
    try:
        found = value_at_precision(node, {}, 64).ball
    except NumericsError:
        return
    assert found.contains(sp.Rational(1, 2) + sp.Rational(1, 10**25))


def test_no_derivative_by_a_whole_number() -> None:
    with pytest.raises(ParsingError, match="whole number"):
        parse_expression("derivative(n**2, n)", NAMES)
    assert carried_out(sp.Derivative(NAMES["n"] ** 2, NAMES["n"]), DOMAIN).has(sp.Derivative)
    assert not carried_out(sp.Derivative(NAMES["c"] ** 2, NAMES["c"]), DOMAIN).has(sp.Derivative)


def test_a_limit_is_no_value_of_what_has_none_at_the_point() -> None:
    # SymPy makes 1 of 0**(1/zoo); the limit is e
    x = sp.Symbol("x", real=True)
    for inner in ((x + x**2) ** (1 / sp.log(x)), sp.atan(1 / x)):
        assert carried_out(sp.Limit(inner, x, 0), Domain(c=Real)).has(sp.Limit)
    assert carried_out(sp.Limit(x**2 + 1, x, 0), Domain(c=Real)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("binomial(1/2, 3/2)", 0),
        ("binomial(-2, 1995 + n)", -2002),
        ("binomial(-2, 1994 + n)", 2001),
        ("beta(-1/2, 1/2)", 0),
        ("binomial(5/2, 1/2)", mpmath.binomial(2.5, 0.5)),
    ],
)
def test_binomials_and_beta_where_gamma_has_poles(text: str, expected: float) -> None:
    node = parse_expression(text, NAMES)
    assert abs(float(value_at_precision(node, {NAMES["n"]: sp.Integer(6)}, 128).ball) - float(expected)) < 1e-9


def test_a_bound_name_takes_no_values_of_the_parameter() -> None:
    """The integral of exp(-k u) is 1/k for k > 0, and there is none for the k of the sum."""
    k, u = sp.Symbol("k", positive=True), sp.Symbol("u", real=True)
    inner = sp.Integral(sp.exp(-k * u), (u, 0, sp.oo))
    domain = Domain(k=Positive)
    assert carried_out(inner, domain) == 1 / k
    for outer in (sp.Sum(inner, (k, -3, -1)), sp.Limit(inner, k, -1), sp.Subs(sp.Derivative(k**3, k), k, -1)):
        assert carried_out(outer, domain) == outer
