"""Is an expression defined on a whole domain: proved, a certain exact point where it is not, or open."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.judgement.definedness import definedness, requirements, undefined_at, works
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real

x = sp.Symbol("x", real=True)
p = sp.Symbol("x", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
R = sp.Rational
LINE, HALF = Domain(x=Real), Domain(x=Positive)
WHOLE = Domain(n=Integers(1))

UNDEFINED = [
    (1 / x, LINE),
    (sp.log(x), LINE),
    (sp.sqrt(x), LINE),
    ((x**2 - 1) / (x - 1), LINE),
    (1 / x**2, LINE),
    (sp.Mul(x, 1 / x, evaluate=False), LINE),
    (1 / (x - 10**6), LINE),
    (1 / (x - R(1, 3)), LINE),
    (1 / (x**2 - 2 * x + 1), LINE),
    (sp.log(p - 1), HALF),
    (sp.acos(p), HALF),
    (sp.atanh(x), Domain(x=Between(-2, 2))),
    (sp.gamma(x), LINE),
    (sp.Piecewise((1, x < 0), (2, x > 0)), LINE),
    (1 / (n - 3), WHOLE),
    (1 / (n - 1000), WHOLE),
    (sp.gamma(3 - n), WHOLE),
    (sp.sqrt(10 - n), WHOLE),
    (1 / sp.Max(x, 0), LINE),
    (sp.li(p + R(10, 97)), HALF),
    (sp.LambertW(x, -1), Domain(x=Between(-R(1, 10), R(1, 10**9)))),
]


@pytest.mark.parametrize(("expr", "domain"), UNDEFINED, ids=str)
def test_a_point_without_a_value_is_found_and_certain(expr: sp.Expr, domain: Domain) -> None:
    found = definedness([expr], domain)
    assert found.status == "undefined"
    assert found.point is not None
    domain.check(found.point)
    assert undefined_at(expr, found.point) is not None
    assert found.reason


EVERYWHERE = [
    (1 / p, HALF),
    (sp.log(p), HALF),
    (sp.sqrt(p) + p ** R(-1, 3), HALF),
    (1 / (1 + x**2), LINE),
    (sp.sqrt(x**2 - 2 * x + 2), LINE),
    (sp.log(x**2 + x + 1), LINE),
    (1 / (n + 1), WHOLE),
    (sp.gamma(n), WHOLE),
    (sp.exp(x) * sp.sin(x) + sp.erf(x), LINE),
    (1 / sp.exp(x), LINE),
    (sp.asin(x), Domain(x=Between(-1, 1))),
    (1 / (x - 1), Domain(x=Above(1))),
    (sp.Piecewise((x, x < 0), (x**2, True)), LINE),
    (sp.tanh(x) / sp.cosh(x), LINE),
]


@pytest.mark.parametrize(("expr", "domain"), EVERYWHERE, ids=str)
def test_what_has_values_everywhere_is_never_called_undefined(expr: sp.Expr, domain: Domain) -> None:
    own = domain.symbols[0]
    given = expr.xreplace(dict.fromkeys(expr.free_symbols, own))
    assert definedness([given], domain).status in ("everywhere", "open")


def test_most_of_it_is_proved() -> None:
    proved = 0
    for expr, domain in EVERYWHERE:
        own = domain.symbols[0]
        proved += definedness([expr.xreplace(dict.fromkeys(expr.free_symbols, own))], domain).status == "everywhere"
    assert proved >= len(EVERYWHERE) - 2


@pytest.mark.parametrize(
    ("expr", "domain"),
    [
        (1 / (x - sp.sqrt(2)), LINE),
        (1 / (sp.sin(x) + sp.cos(x) * sp.sqrt(2) - R(1, 7)), LINE),
        (1 / (sp.exp(x) - 3), LINE),
        (1 / (x**5 - x - 1), LINE),
        (sp.tan(x), LINE),
    ],
    ids=str,
)
def test_a_pole_that_no_exact_point_meets_is_never_called_defined(expr: sp.Expr, domain: Domain) -> None:
    assert definedness([expr], domain).status != "everywhere"


def test_a_real_product_of_complex_roots_is_no_fault() -> None:
    both = sp.Mul(sp.sqrt(x - 1), sp.sqrt(x + 1), evaluate=False)
    beyond = Domain(x=Above(1))
    assert definedness([both.xreplace({x: beyond.symbols[0]})], beyond).status == "everywhere"
    assert undefined_at(both, {x: sp.Integer(-3)}) is None
    assert undefined_at(both, {x: sp.Integer(0)}) is not None
    assert definedness([both], LINE).status == "undefined"


def test_every_side_is_looked_at() -> None:
    assert definedness([x, 1 / x], LINE).status == "undefined"
    assert definedness([x, x**2], LINE).status == "everywhere"
    assert definedness([], LINE).status == "everywhere"


def test_an_edge_that_belongs_to_the_domain_counts() -> None:
    assert definedness([1 / sp.Symbol("s", nonnegative=True)], Domain(s=AtLeast(0))).status == "undefined"
    assert definedness([1 / sp.Symbol("s", positive=True)], Domain(s=Positive)).status == "everywhere"


@pytest.mark.parametrize(
    ("expr", "words"),
    [(1 / (x - 1), "x != 1"), (sp.sqrt(x - 2), "x >= 2"), (sp.log(3 - x), "x < 3"), (x**2, "")],
)
def test_the_range_that_works_is_said_in_words(expr: sp.Expr, words: str) -> None:
    assert works([expr], LINE) == words


def test_a_range_that_works_names_no_place_outside_the_domain() -> None:
    # no positive integer is below 1: nothing works, and nothing may be promised
    assert works([sp.gamma(1 - n)], WHOLE) != "n < 1"


def test_requirements_are_those_of_the_nodes_as_written() -> None:
    assert {str(r) for r in requirements(sp.log(x) / (x - 1))} == {"x > 0", "x - 1 != 0"}
    assert list(requirements(x**2 + sp.exp(x))) == []


@pytest.mark.parametrize(
    ("term", "low", "high", "status"),
    [
        (lambda k: 1 / k, 1, lambda n: n, "everywhere"),
        (lambda k: sp.log(k) / sp.sqrt(k), 1, lambda n: 2 * n + 3, "everywhere"),
        (lambda k: 1 / (k - 5), 1, lambda n: n, "open"),
        (lambda k: 1 / (k - 2000), 1, lambda n: n, "open"),
        (lambda k: 1 / k, 1, lambda n: n - 5, "open"),
        (lambda k: 1 / k, 1, lambda n: n / 2, "open"),
    ],
)
def test_a_finite_sum_has_a_value_where_every_term_has_one(term, low: int, high, status: str) -> None:
    domain = Domain(n=Integers(1))
    (n,) = domain.symbols
    k = sp.Symbol("k", integer=True)
    found = definedness((sp.Sum(term(k), (k, low, high(n))),), domain).status
    assert found == status or (status == "open" and found == "undefined")
