"""Witnesses of extrema accept true statements and reject wrong ones."""

import dataclasses

import mpmath
import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Evidence, Kind, Outcome, combine
from crossproof.checks.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses import extrema as algebra
from crossproof.checks.witnesses import extrema_numerics as numerics
from crossproof.checks.witnesses import inequalities, inequality_margins
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Above, Positive
from crossproof.derivations.statements.extrema import (
    EquivalentConditions,
    GlobalMaximum,
    Inequality,
    LocalExtrema,
    MaximumExists,
)

load_catalog()
ACCEPT = {Outcome.PROVED, Outcome.CONFIRMED}


def examine(witness, statement, domain):
    made = Claim("test.extrema", "", Source("test", ""), statement, domain)
    return witness(statement, Task(made, effort("quick"), 1, "cpu", 1e-8, witness.__name__))


def of_catalog(witness, name, **changes):
    made = CLAIMS[name]
    return examine(witness, dataclasses.replace(made.statement, **changes), made.domain)


@pytest.mark.parametrize("witness", [algebra.critical_polynomial, numerics.scanned_critical_points])
def test_critical_points(witness):
    made = CLAIMS["003.eq9"].statement
    assert of_catalog(witness, "003.eq9").outcome in ACCEPT
    lower, upper = made.locations
    wrong = (lower * sp.Rational(21, 20), upper)
    assert of_catalog(witness, "003.eq9", locations=wrong).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.sign_change, numerics.scanned_extrema])
@pytest.mark.parametrize("name", ["003.eq9.maximum", "004.dw.extrema"])
def test_local_extrema(witness, name):
    made = CLAIMS[name].statement
    assert of_catalog(witness, name).outcome in ACCEPT
    swapped = of_catalog(witness, name, minima=made.maxima, maxima=made.minima)
    assert swapped.outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.sign_change, numerics.scanned_extrema])
def test_shifted_maximum_is_rejected(witness):
    made = CLAIMS["003.eq9.maximum"].statement
    shifted = tuple(e * sp.Rational(21, 20) for e in made.maxima)
    assert of_catalog(witness, "003.eq9.maximum", maxima=shifted).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.larger_value, numerics.compared_values])
@pytest.mark.parametrize("name", ["003.eq9.maximum.global", "003.eq9.maximum.interval"])
def test_local_maximum_is_not_the_largest_value(witness, name):
    assert of_catalog(witness, name).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [algebra.larger_value, numerics.compared_values])
def test_true_global_maximum_is_not_rejected(witness):
    s, a = sp.symbols("s a", positive=True)
    statement = GlobalMaximum(s * (2 * a - s), s, a, sp.Interval(0, 2 * a))
    assert examine(witness, statement, Domain(a=Positive)).outcome is not Outcome.REFUTED


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
    assert of_catalog(witness, "003.eq10.before").outcome in ACCEPT
    reversed_relation = sp.Gt(made.relation.lhs, made.relation.rhs, evaluate=False)
    assert of_catalog(witness, "003.eq10.before", relation=reversed_relation).outcome is Outcome.REFUTED
    near = sp.Lt(made.relation.lhs, sp.Rational(3, 4) * made.relation.rhs, evaluate=False)
    assert of_catalog(witness, "003.eq10.before", relation=near).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [inequalities.positive_ratio, inequality_margins.signs_on_both_sides])
def test_equivalent_conditions(witness):
    made = CLAIMS["003.eq10.threshold"].statement
    assert of_catalog(witness, "003.eq10.threshold").outcome in ACCEPT
    wrong = sp.Le(made.second.lhs, sp.Rational(21, 20) * made.second.rhs, evaluate=False)
    assert of_catalog(witness, "003.eq10.threshold", second=wrong).outcome is Outcome.REFUTED


def test_slope_polynomial_of_a_product_of_powers():
    s, a = sp.symbols("s a", positive=True)
    found = algebra.slope_polynomial(s ** sp.Rational(5, 2) * (1 + s) ** -3 * a, s)
    assert sp.expand(found.as_expr() - (sp.Rational(5, 2) * (1 + s) - 3 * s)) == 0
    assert algebra.slope_polynomial(sp.sin(s), s) is None


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

    finding = examine(inequalities.positive_ratio, conditions(1), domain)
    assert finding.outcome is Outcome.PROVED, finding.detail
    assert "by z3: the negation is unsatisfiable" in finding.detail
    assert examine(inequalities.positive_ratio, conditions(2), domain).outcome is Outcome.REFUTED


def test_a_function_that_levels_off_has_no_maximum():
    """s/(1+s) is monotone; far out its values are equal to rounding."""
    assert not numerics._any_maximum(lambda s: s**9 / (1 + s**9), mpmath.mpf(0), None)
    assert numerics._any_maximum(lambda s: s / (1 + s**2), mpmath.mpf(0), None)
