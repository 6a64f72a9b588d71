"""Witnesses of extrema accept true statements and reject wrong ones."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Evidence, Kind, Outcome, combine
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.scalars import (
    critical_points,
    equivalences,
    global_maxima,
    inequalities,
    inequality_margins,
)
from crossproof.checks.witnesses.scalars import extrema as algebra
from crossproof.checks.witnesses.scalars import extrema_numerics as numerics
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Above, AtLeast, Integers, Positive, Real
from crossproof.derivations.statements.extrema import (
    CriticalPoints,
    EquivalentConditions,
    GlobalMaximum,
    Inequality,
    LocalExtrema,
    MaximumExists,
)

load_catalog()


def examine(witness, statement, domain, name="quick"):
    made = Claim("test.extrema", "", Source("test", ""), statement, domain)
    return witness(statement, Task(made, effort(name), 1, "cpu", 1e-8, witness.__name__))


def of_catalog(witness, name, **changes):
    made = CLAIMS[name]
    return examine(witness, dataclasses.replace(made.statement, **changes), made.domain)


def accepted(witness, finding):
    """A witness of exact arguments proves; points decide nothing about an extremum or an inequality."""
    exact = witness.__module__ in (
        algebra.__name__,
        critical_points.__name__,
        equivalences.__name__,
        global_maxima.__name__,
        inequalities.__name__,
    )
    return finding.outcome is (Outcome.PROVED if exact else Outcome.UNDECIDED)


@pytest.mark.parametrize("witness", [critical_points.critical_polynomial, numerics.scanned_critical_points])
def test_critical_points(witness):
    made = CLAIMS["003.eq9"].statement
    assert accepted(witness, of_catalog(witness, "003.eq9"))
    lower, upper = made.locations
    wrong = (lower * sp.Rational(21, 20), upper)
    assert of_catalog(witness, "003.eq9", locations=wrong).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.sign_change, numerics.series_at_extrema])
@pytest.mark.parametrize("name", ["003.eq9.maximum", "004.dw.extrema"])
def test_local_extrema(witness, name):
    made = CLAIMS[name].statement
    assert accepted(witness, of_catalog(witness, name))
    swapped = of_catalog(witness, name, minima=made.maxima, maxima=made.minima)
    assert swapped.outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.sign_change, numerics.series_at_extrema])
def test_shifted_maximum_is_rejected(witness):
    made = CLAIMS["003.eq9.maximum"].statement
    shifted = tuple(e * sp.Rational(21, 20) for e in made.maxima)
    assert of_catalog(witness, "003.eq9.maximum", maxima=shifted).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [global_maxima.larger_value, numerics.compared_values])
@pytest.mark.parametrize("name", ["003.eq9.maximum.global", "003.eq9.maximum.interval"])
def test_local_maximum_is_not_the_largest_value(witness, name):
    assert of_catalog(witness, name).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [global_maxima.larger_value, numerics.compared_values])
@pytest.mark.parametrize("shift", [0, 1, -1])
def test_true_global_maximum_is_proved_whatever_the_sign_of_the_value(witness, shift):
    s, a = sp.symbols("s a", positive=True)
    statement = GlobalMaximum(s * (2 * a - s) - a**2 + shift, s, a, sp.Interval(0, 2 * a))
    assert accepted(witness, examine(witness, statement, Domain(a=Positive)))
    near = GlobalMaximum(s * (2 * a - s) - a**2 + shift, s, a * sp.Rational(101, 100), sp.Interval(0, 2 * a))
    assert examine(witness, near, Domain(a=Positive)).outcome is Outcome.REFUTED


def test_existence_fails_at_equality_only():
    finding = of_catalog(algebra.discriminant_rule, "003.eq10.exists")
    assert finding.outcome is Outcome.REFUTED
    assert finding.effect == 0
    assert of_catalog(algebra.discriminant_rule, "003.eq10.exists.repaired").outcome is Outcome.PROVED


def test_refutation_at_equality_does_not_contradict_a_scan_beside_it():
    made = CLAIMS["003.eq10.exists"]
    parts = [
        (Kind.ALGEBRA, of_catalog(algebra.discriminant_rule, made.id)),
        (Kind.DETERMINISTIC, of_catalog(numerics.scanned_existence, made.id)),
    ]
    verdict = combine(made, [Evidence(str(k), k, "", finding, None, {}, 0.0) for k, finding in parts])
    assert verdict.contradiction is None
    assert verdict.outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.discriminant_rule, numerics.scanned_existence])
def test_shifted_existence_condition_is_rejected(witness):
    made = CLAIMS["003.eq10.exists.repaired"].statement
    teacher = next(e for e in made.free_symbols() if e.name == "stilde")
    shifted = sp.Gt(made.condition.lhs + teacher**2, 0, evaluate=False)
    assert of_catalog(witness, "003.eq10.exists.repaired", condition=shifted).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [inequalities.domain_sign, inequality_margins.smallest_margin])
def test_inequalities(witness):
    made = CLAIMS["003.eq10.before"].statement
    assert accepted(witness, of_catalog(witness, "003.eq10.before"))
    reversed_relation = sp.Gt(made.relation.lhs, made.relation.rhs, evaluate=False)
    assert of_catalog(witness, "003.eq10.before", relation=reversed_relation).outcome is Outcome.REFUTED
    near = sp.Lt(made.relation.lhs, sp.Rational(3, 4) * made.relation.rhs, evaluate=False)
    assert of_catalog(witness, "003.eq10.before", relation=near).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [equivalences.positive_ratio, inequality_margins.signs_on_both_sides])
def test_equivalent_conditions(witness):
    made = CLAIMS["003.eq10.threshold"].statement
    assert accepted(witness, of_catalog(witness, "003.eq10.threshold"))
    wrong = sp.Le(made.second.lhs, sp.Rational(21, 20) * made.second.rhs, evaluate=False)
    assert of_catalog(witness, "003.eq10.threshold", second=wrong).outcome is Outcome.REFUTED


def test_slope_polynomial_of_a_product_of_powers():
    s, a = sp.symbols("s a", positive=True)
    found = critical_points.slope_polynomial(s ** sp.Rational(5, 2) * (1 + s) ** -3 * a, s)
    assert sp.expand(found.as_expr() - (sp.Rational(5, 2) * (1 + s) - 3 * s)) == 0
    assert critical_points.slope_polynomial(sp.sin(s), s) is None


def test_malformed_statements_are_refused():
    s = sp.Symbol("s", positive=True)
    with pytest.raises(ClaimError, match="names no location"):
        LocalExtrema(s**2, s)
    with pytest.raises(ClaimError, match="inequality"):
        MaximumExists(s**2, s, sp.Interval.open(0, sp.oo), sp.Eq(s, 1, evaluate=False))
    with pytest.raises(ClaimError, match="inequality"):
        Inequality(sp.Ne(s, 1, evaluate=False))


def test_a_polynomial_inequality_is_left_to_z3_with_what_it_needs() -> None:
    """No parametrisation shows x + y > 2 for x > 0, y > 1/x; what the proof needs is reported."""
    x, y = sp.symbols("x y", positive=True)
    domain = Domain(x=Positive, y=Above(1 / x))
    finding = examine(inequalities.domain_sign, Inequality(sp.Gt(x + y, 2, evaluate=False)), domain)
    assert finding.outcome is Outcome.PROVED
    assert "by z3: the negation is unsatisfiable; it needs y > 1/x" in finding.detail


def test_a_model_of_z3_becomes_an_exact_counterexample() -> None:
    """x^4 - 6 x^2 + 9 > 0 fails at sqrt(3) only, where no rational point can look."""
    x = sp.Symbol("x", positive=True)
    finding = examine(
        inequalities.domain_sign, Inequality(sp.Gt(x**4 - 6 * x**2 + 9, 0, evaluate=False)), Domain(x=Positive)
    )
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample is not None
    assert finding.counterexample.point == {"x": "sqrt(3)"}
    weak = examine(
        inequalities.domain_sign, Inequality(sp.Ge(x**4 - 6 * x**2 + 9, 0, evaluate=False)), Domain(x=Positive)
    )
    assert weak.outcome is Outcome.PROVED


def test_equivalent_conditions_of_no_rational_ratio_are_left_to_z3() -> None:
    x, y = sp.symbols("x y", positive=True)
    domain = Domain(x=Positive, y=Positive)

    def conditions(power: int) -> EquivalentConditions:
        return EquivalentConditions(
            sp.Gt(sp.sqrt(x) + x, sp.sqrt(y) + y, evaluate=False), sp.Gt(x**power, y, evaluate=False)
        )

    finding = examine(equivalences.positive_ratio, conditions(1), domain)
    assert finding.outcome is Outcome.PROVED, finding.detail
    assert "by z3: the negation is unsatisfiable" in finding.detail
    assert examine(equivalences.positive_ratio, conditions(2), domain).outcome is Outcome.REFUTED


def test_a_function_that_levels_off_has_no_maximum():
    """s/(1+s) is monotone; far out its values are equal to rounding."""
    s = sp.Symbol("s", positive=True)
    half_line, raised = sp.Interval.open(0, sp.oo), sp.Gt(s, 0, evaluate=False)
    assert numerics._maximum(MaximumExists(s**9 / (1 + s**9), s, half_line, raised), {}) is not True
    assert numerics._maximum(MaximumExists(s / (1 + s), s, half_line, raised), {}) is False
    assert numerics._maximum(MaximumExists(s / (1 + s**2), s, half_line, raised), {}) is True


X, C = sp.symbols("x c", positive=True)


@pytest.mark.parametrize("witness", [algebra.sign_change, numerics.series_at_extrema])
def test_extrema_beyond_products_of_powers(witness):
    far = Domain(c=Above(10**6))
    assert accepted(witness, examine(witness, LocalExtrema(X * sp.exp(-C * X), X, maxima=(1 / C,)), far))
    wrong = LocalExtrema(X * sp.exp(-C * X), X, maxima=(2 / C,))
    assert examine(witness, wrong, far).outcome is Outcome.REFUTED
    beside = LocalExtrema(sp.sin(X), X, maxima=(sp.pi / 2 + sp.Rational(1, 1000),))
    assert examine(witness, beside, Domain(c=Positive)).outcome is Outcome.REFUTED
    bent = LocalExtrema(sp.cos(X), X, maxima=(sp.pi,))
    assert examine(witness, bent, Domain(c=Positive)).outcome is Outcome.REFUTED


def test_the_kind_of_a_flat_extremum():
    y = sp.Symbol("y", real=True)
    domain = Domain(c=Positive)
    assert examine(
        algebra.sign_change, LocalExtrema(C * sp.cosh(y) - C * y**2 / 2, y, minima=(0,)), domain
    ).outcome in (Outcome.PROVED,)
    assert examine(algebra.sign_change, LocalExtrema(C * y**3, y, minima=(0,)), domain).outcome is Outcome.REFUTED


def test_a_narrow_bump_is_a_larger_value():
    centre = sp.Rational(1234, 10000) - sp.Rational(1, 97000)
    bump = 1 - (X - sp.Rational(1, 2)) ** 2 + sp.exp(-((10**4 * (X - centre)) ** 2))
    statement = GlobalMaximum(bump, X, sp.Rational(1, 2), sp.Interval(0, 1))
    # at quick effort a busy machine needs most of the time that it has
    assert examine(global_maxima.larger_value, statement, Domain(c=Positive), "default").outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [inequalities.domain_sign, inequality_margins.smallest_margin])
@pytest.mark.parametrize(("side", "relation"), [(sp.log, sp.Lt), (lambda y: y - 1 / y**2, sp.Lt)])
def test_a_point_without_value_is_reported(witness, side, relation):
    y = sp.Symbol("y", real=True)
    finding = examine(witness, Inequality(relation(side(y), y, evaluate=False)), Domain(y=Real))
    assert finding.outcome is Outcome.UNDEFINED
    assert finding.counterexample.point == {"y": "0"}


def test_thresholds_next_to_each_other_are_told_apart():
    statement = EquivalentConditions(
        sp.Gt(X**2, 2, evaluate=False), sp.Gt(X, sp.Rational(141421356, 10**8), evaluate=False)
    )
    finding = examine(equivalences.positive_ratio, statement, Domain(x=Positive))
    assert finding.outcome is Outcome.REFUTED
    exact = dataclasses.replace(statement, second=sp.Gt(X, sp.sqrt(2), evaluate=False))
    assert examine(equivalences.positive_ratio, exact, Domain(x=Positive)).outcome is Outcome.PROVED


@pytest.mark.parametrize(
    ("text", "sign"), [("n**2 < 10**6", sp.Lt), ("2**n <= 10**12*n**3", sp.Le), ("n < 10**300", sp.Lt)]
)
def test_every_scale_is_looked_at(text, sign):
    domain = Domain(n=Integers(1))
    left, right = text.replace("<=", "<").split("<")
    names = {"n": domain.symbol("n")}
    relation = sign(sp.sympify(left, locals=names), sp.sympify(right, locals=names), evaluate=False)
    finding = examine(inequalities.domain_sign, Inequality(relation), domain)
    assert finding.outcome is Outcome.REFUTED
    assert finding.certified


def test_a_factor_of_power_one_may_have_any_sign_in_the_critical_polynomial():
    s = sp.symbols("s", positive=True)
    free = sp.symbols("c", real=True)
    found = critical_points.slope_polynomial(sp.sqrt(s) * (s - free), s)
    assert found is not None
    slope = sp.diff(sp.sqrt(s) * (s - free), s)
    assert sp.simplify(slope * sp.sqrt(s) - found.as_expr()) == 0
    # the sign of (s - c)^2 is lost where s < c
    assert critical_points.slope_polynomial(sp.sqrt(s) * (s - free) ** 2, s) is None


def test_a_location_without_a_value_is_reported() -> None:
    x, a = sp.symbols("x a", real=True)
    line, domain = sp.Interval.open(-sp.oo, sp.oo), Domain(a=Real)
    places = (sp.Integer(0), sp.sqrt(a), -sp.sqrt(a))
    critical = CriticalPoints(x**4 - 2 * a * x**2, x, places, line)
    largest = GlobalMaximum(2 * a * x**2 - x**4, x, sp.sqrt(a), line)
    assert examine(critical_points.critical_polynomial, critical, domain).outcome is Outcome.UNDEFINED
    assert examine(global_maxima.larger_value, largest, domain).outcome is not Outcome.PROVED
    b = sp.Symbol("b", positive=True)
    right = CriticalPoints(x**4 - 2 * b * x**2, x, (sp.Integer(0), sp.sqrt(b), -sp.sqrt(b)), line)
    assert examine(critical_points.critical_polynomial, right, Domain(b=Positive)).outcome is Outcome.PROVED


@pytest.mark.parametrize("weak", [sp.Le, sp.Ge])
def test_a_strict_and_a_weak_condition_differ_at_equality(weak: type[sp.Rel]) -> None:
    a, b = sp.Symbol("a", real=True), sp.Symbol("b", positive=True)
    first = sp.Lt(a, b, evaluate=False) if weak is sp.Le else sp.Gt(a, b, evaluate=False)
    domain = Domain(a=Real, b=Positive)
    unlike = EquivalentConditions(first, weak(a**3 / b**2, b, evaluate=False))
    found = examine(equivalences.positive_ratio, unlike, domain)
    assert found.outcome is Outcome.REFUTED
    assert found.counterexample is not None
    assert len(set(found.counterexample.point.values())) == 1  # a = b
    assert examine(inequality_margins.signs_on_both_sides, unlike, domain).outcome is Outcome.UNDECIDED
    alike = EquivalentConditions(first, first.func(a**3 / b**2, b, evaluate=False))
    assert examine(equivalences.positive_ratio, alike, domain).outcome is Outcome.PROVED
    never = EquivalentConditions(sp.Gt(b, -1, evaluate=False), sp.Ge(b**3, -1, evaluate=False))
    assert examine(equivalences.positive_ratio, never, Domain(b=Positive)).outcome is Outcome.PROVED


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # each holds beside the threshold 1, and fails on a short piece far away
        (
            sp.Gt(X, 1, evaluate=False),
            sp.Gt((X - 1) * ((sp.log(X) - 7) ** 2 - sp.Rational(1, 10**8)), 0, evaluate=False),
        ),
        (sp.Gt(X, 1, evaluate=False), sp.Gt((X - 1) * (sp.sin(X) + 1 - sp.Rational(1, 10**8)), 0, evaluate=False)),
    ],
)
def test_agreement_beside_the_threshold_confirms_no_equivalence(first, second):
    statement = EquivalentConditions(first, second)
    for witness in (equivalences.positive_ratio, inequality_margins.signs_on_both_sides):
        assert examine(witness, statement, Domain(x=Positive)).outcome in (Outcome.UNDECIDED, Outcome.REFUTED)


def test_a_scan_beside_the_threshold_confirms_no_existence():
    b = sp.Symbol("b", positive=True)
    function = X**3 / 3 - b * X**2 / 2 + C * X
    narrow = sp.Gt((b**2 - 4 * C) * ((b - 1000) ** 2 - sp.Rational(1, 10**6)), 0, evaluate=False)
    statement = MaximumExists(function, X, sp.Interval.open(0, sp.oo), narrow)
    for witness in (algebra.discriminant_rule, numerics.scanned_existence):
        found = examine(witness, statement, Domain(b=Positive, c=Positive))
        assert found.outcome in (Outcome.UNDECIDED, Outcome.REFUTED)


def test_conditions_are_compared_by_where_they_hold():
    n, y = sp.Symbol("n", integer=True, positive=True), sp.Symbol("y", real=True)
    whole = EquivalentConditions(sp.Gt(n * (n - 1), 0, evaluate=False), sp.Ge(n, 2, evaluate=False))
    assert examine(equivalences.positive_ratio, whole, Domain(n=Integers(1))).outcome is not Outcome.REFUTED
    cut = EquivalentConditions(sp.Gt(sp.Max(y, 0), 0, evaluate=False), sp.Gt(y, 0, evaluate=False))
    assert examine(equivalences.positive_ratio, cut, Domain(y=Real)).outcome is Outcome.PROVED
    at_zero = dataclasses.replace(cut, second=sp.Ge(y, 0, evaluate=False))
    assert examine(equivalences.positive_ratio, at_zero, Domain(y=Real)).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    ("first", "right", "wrong"),
    [
        (sp.Gt(sp.log(X), 0, evaluate=False), sp.Gt(X, 1, evaluate=False), sp.Ge(X, 1, evaluate=False)),
        (sp.Ge(sp.exp(X), C, evaluate=False), sp.Ge(X, sp.log(C), evaluate=False), sp.Ge(X, C - 1, evaluate=False)),
        (sp.Lt(X * sp.exp(X), sp.E, evaluate=False), sp.Lt(X, 1, evaluate=False), sp.Lt(X, 2, evaluate=False)),
    ],
)
def test_a_threshold_solved_for_a_parameter(first, right, wrong):
    domain = Domain(x=Positive, c=Above(1))
    proof = examine(equivalences.positive_ratio, EquivalentConditions(first, right), domain)
    assert proof.outcome is Outcome.PROVED, proof.detail
    assert examine(equivalences.positive_ratio, EquivalentConditions(first, wrong), domain).outcome is Outcome.REFUTED


def test_a_location_outside_the_range_of_the_variable_is_none() -> None:
    x, k, s = sp.symbols("x k s", positive=True)
    gamma = LocalExtrema(x ** (k - 1) * sp.exp(-x / s), x, maxima=((k - 1) * s,))
    found = examine(algebra.sign_change, gamma, Domain(k=Positive, s=Positive))
    assert found.outcome is Outcome.REFUTED
    assert found.certified


def test_a_falling_slope_has_its_zero_where_it_starts_above_0() -> None:
    x, a = sp.Symbol("x", positive=True), sp.Symbol("a", real=True)
    for bound, outcome in ((0, Outcome.PROVED), (1, Outcome.REFUTED), (-1, Outcome.REFUTED)):
        statement = MaximumExists(a * x - x**2, x, sp.Interval.open(0, sp.oo), sp.Gt(a, bound, evaluate=False))
        assert examine(algebra.discriminant_rule, statement, Domain(a=Real)).outcome is outcome


def test_what_is_no_extremum_of_a_flat_or_monotone_function() -> None:
    x, a = sp.Symbol("x", real=True), sp.Symbol("a", nonnegative=True)
    cubic, flat = LocalExtrema(x**3, x, minima=(sp.Integer(0),)), LocalExtrema(a * x**2, x, minima=(sp.Integer(0),))
    assert examine(algebra.sign_change, cubic, Domain()).outcome is Outcome.REFUTED
    assert examine(algebra.sign_change, flat, Domain(a=AtLeast(0))).outcome is Outcome.REFUTED
    b = sp.Symbol("b", positive=True)
    right = LocalExtrema(b * x**4, x, minima=(sp.Integer(0),))
    assert examine(algebra.sign_change, right, Domain(b=Positive)).outcome is Outcome.PROVED


def test_zeros_of_the_slope_outside_the_interval_are_no_critical_points() -> None:
    x, a = sp.symbols("x a", positive=True)
    half, domain = sp.Interval.open(0, sp.oo), Domain(a=Positive)
    function = x**3 - 3 * a * x
    assert examine(
        critical_points.critical_polynomial, CriticalPoints(function, x, (sp.sqrt(a),), half), domain
    ).outcome is (Outcome.PROVED)
    both = CriticalPoints(function, x, (sp.sqrt(a), -sp.sqrt(a)), half)
    assert examine(critical_points.critical_polynomial, both, domain).outcome is Outcome.REFUTED
    missing = CriticalPoints((x - 1) ** 2 * (x - 3) ** 2, x, (sp.Integer(1),), half)
    assert examine(critical_points.critical_polynomial, missing, Domain()).outcome is not Outcome.PROVED


def test_a_largest_value_at_a_place_without_a_value_accuses_nobody() -> None:
    """At a = -1 the location is no real number, whatever the function is elsewhere."""
    x, a = sp.symbols("x a", real=True)
    statement = GlobalMaximum(-((x - sp.log(a)) ** 2), x, sp.log(a), sp.Interval.open(-sp.oo, sp.oo))
    for witness in (global_maxima.larger_value, numerics.compared_values):
        assert examine(witness, statement, Domain(a=Real)).outcome is Outcome.UNDEFINED


def test_where_the_slope_vanishes_everywhere_every_point_is_critical() -> None:
    x, r = sp.Symbol("x", real=True), sp.Symbol("r", real=True)
    p, s = sp.symbols("p s", positive=True)
    line, half = sp.Interval(-sp.oo, sp.oo), sp.Interval.open(0, sp.oo)
    flat = CriticalPoints(r * x**2 - 2 * r * x, x, (sp.Integer(1),), line)
    assert examine(critical_points.critical_polynomial, flat, Domain(r=Real)).outcome is Outcome.REFUTED
    bent = CriticalPoints(p * x**2 - 2 * p * x, x, (sp.Integer(1),), line)
    assert examine(critical_points.critical_polynomial, bent, Domain(p=Positive)).outcome is Outcome.PROVED
    n = sp.Symbol("n", nonnegative=True)
    power = CriticalPoints(s**n * (1 + s) ** (-2 * n), s, (sp.Integer(1),), half)
    assert examine(critical_points.critical_polynomial, power, Domain(n=AtLeast(0))).outcome is Outcome.REFUTED


def test_at_the_end_of_the_range_one_side_counts() -> None:
    g, x, p = sp.Symbol("g", nonnegative=True), sp.Symbol("x", real=True), sp.Symbol("p", positive=True)
    for function in (g, g**3):
        found = examine(algebra.sign_change, LocalExtrema(function * p, g, minima=(sp.Integer(0),)), Domain(p=Positive))
        assert found.outcome is Outcome.UNDECIDED
        inner = LocalExtrema(function.subs(g, x) * p, x, minima=(sp.Integer(0),))
        assert examine(algebra.sign_change, inner, Domain(p=Positive)).outcome is Outcome.REFUTED


def test_a_parameter_may_have_the_name_of_the_running_variable() -> None:
    x, other = sp.symbols("x x_", real=True)
    found = GlobalMaximum(-((x - other) ** 2), x, sp.Integer(0), sp.Interval(0, 1))
    assert examine(global_maxima.larger_value, found, Domain(x_=Real)).outcome is Outcome.REFUTED


def test_a_function_without_a_value_somewhere_is_reported():
    """y/y is largest at 1 and y^3/y has a minimum at 0 only to an algebra that cancels."""
    y = sp.Symbol("y", real=True)
    one, cube = (sp.Mul(e, sp.Pow(y, -1, evaluate=False), evaluate=False) for e in (y, y**3))
    for witness, statement in (
        (global_maxima.larger_value, GlobalMaximum(one, y, sp.Integer(1), sp.Interval(-1, 1))),
        (algebra.sign_change, LocalExtrema(cube, y, minima=(sp.Integer(0),))),
    ):
        assert examine(witness, statement, Domain(c=Positive)).outcome is Outcome.UNDEFINED
    inside = GlobalMaximum(one, y, sp.Integer(1), sp.Interval(sp.Rational(1, 2), 1))
    assert examine(global_maxima.larger_value, inside, Domain(c=Positive)).outcome is Outcome.PROVED


def test_powers_of_one_base_are_one_factor():
    product = sp.Mul(
        sp.Pow(X**2 + 1, C, evaluate=False), sp.Pow(X**2 + 1, -C - 1, evaluate=False), X + 1, evaluate=False
    )
    # the slope of (x + 1)/(x^2 + 1) has the sign of 1 - 2 x - x^2
    assert sp.expand(critical_points.slope_polynomial(product, X).as_expr() - (1 - 2 * X - X**2)) == 0


def test_parameters_at_which_the_curvature_vanishes():
    y, b = sp.Symbol("y", real=True), sp.Symbol("b", nonnegative=True)
    cubic = LocalExtrema(y**3 - 3 * b**2 * y, y, minima=(b,))
    assert examine(algebra.sign_change, cubic, Domain(b=AtLeast(0))).outcome is Outcome.REFUTED
    c = sp.Symbol("b", positive=True)
    shifted = LocalExtrema(y**3 - 3 * c**2 * y, y, minima=(c,))
    assert examine(algebra.sign_change, shifted, Domain(b=Positive)).outcome is Outcome.PROVED
    inside = sp.Symbol("z", nonnegative=True)  # at 0, the end of its range, z^3 is least
    ended = LocalExtrema(inside**3 - 3 * b**2 * inside, inside, minima=(b,))
    assert examine(algebra.sign_change, ended, Domain(b=AtLeast(0))).outcome is Outcome.UNDECIDED
    quartic = LocalExtrema(y**4 + b * y**2, y, minima=(sp.Integer(0),))  # a minimum for b = 0, too
    assert examine(algebra.sign_change, quartic, Domain(b=AtLeast(0))).outcome is Outcome.UNDECIDED


def test_a_place_outside_the_range_is_refuted_though_the_function_has_no_value_there() -> None:
    found = of_catalog(algebra.sign_change, "004.fig1.bumps", maxima=(-CLAIMS["004.fig1.bumps"].statement.maxima[0],))
    assert found.outcome is Outcome.REFUTED
    assert accepted(algebra.sign_change, of_catalog(algebra.sign_change, "004.fig1.bumps"))
