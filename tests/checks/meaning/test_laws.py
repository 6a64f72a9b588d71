"""Whether a stated density is a law that the process keeps: textbook laws are sound, each wrong one is told why."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.checks.evidence import Outcome
from crossproof.checks.meaning.laws import meaning, meaning_at
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Positive, Real
from crossproof.derivations.statements.stationary import StationaryLaw

x, k, s = sp.Symbol("x", real=True), *sp.symbols("k s", positive=True)
p = sp.Symbol("x", positive=True)
LINE, HALF = sp.Interval(-sp.oo, sp.oo), sp.Interval(0, sp.oo)
ON_LINE, ON_HALF = Domain(x=Real, k=Positive, s=Positive), Domain(x=Positive, k=Positive, s=Positive)
OU = SDE(x, -k * x, s)


def law(sde: SDE, density: Any, support: Any, *reflecting: Any) -> StationaryLaw:
    return StationaryLaw(sde, density, support, tuple(map(sp.sympify, reflecting)))


SOUND = [
    (law(OU, sp.exp(-k * x**2 / s**2), LINE), ON_LINE),
    (law(SDE(x, -k * sp.sign(x), s), sp.exp(-2 * k * sp.Abs(x) / s**2), LINE), ON_LINE),
    (law(SDE(p, k * (1 - p), s * sp.sqrt(p)), p ** (2 * k / s**2 - 1) * sp.exp(-2 * k * p / s**2), HALF), ON_HALF),
    (law(SDE(p, -k, s), sp.exp(-2 * k * p / s**2), HALF, 0), ON_HALF),
]


@pytest.mark.parametrize(("statement", "domain"), SOUND, ids=lambda e: getattr(e, "density", ""))
def test_textbook_laws_are_sound(statement: StationaryLaw, domain: Domain) -> None:
    found = meaning(statement, domain)
    assert (found.problem, found.open, found.missing) == (None, "", "")
    assert found.laws
    (point,) = Domain(k=Positive, s=Positive).points(1)
    assert meaning_at(statement, point).missing == ""


WRONG = [
    (law(OU, sp.exp(k * x**2 / s**2), LINE), ON_LINE, "not integrable"),
    (law(OU, -sp.exp(-k * x**2 / s**2), LINE), ON_LINE, "negative"),
    (law(OU, 1 / (1 + sp.Abs(x)), LINE), ON_LINE, "not integrable"),
    (law(SDE(p, -k, s), sp.exp(-2 * k * p / s**2), HALF), ON_HALF, "does not stay on the support"),
    (law(SDE(x, k * x**3, s), sp.exp(-(x**2)), LINE), ON_LINE, "does not stay on the support"),
    (law(OU, sp.Piecewise((sp.exp(x), x < 0), (2 * sp.exp(-x), True)), LINE), ON_LINE, "jumps at 0"),
    (law(OU, sp.exp(-(x**2)) / sp.Abs(x), LINE), ON_LINE, "not integrable at 0"),
    (law(SDE(p, k * p, s * p), p ** (2 * k / s**2 - 2), HALF), ON_HALF, "not integrable"),
]


@pytest.mark.parametrize(("statement", "domain", "reason"), WRONG, ids=str)
def test_what_is_no_law_is_refuted_at_an_exact_point(statement: StationaryLaw, domain: Domain, reason: str) -> None:
    found = meaning(statement, domain)
    assert found.problem is not None
    assert found.problem.outcome is Outcome.REFUTED
    assert reason in found.problem.detail
    assert found.missing == found.problem.detail


def test_a_law_at_some_parameters_only_is_refuted_where_it_is_none() -> None:
    """|x|^(k-1) exp(-x^2) has finite mass at 0 for all k > 0; |x|^(1-k) only for k < 2."""
    right = law(OU, sp.Abs(x) ** (k - 1) * sp.exp(-(x**2)), LINE)
    wrong = law(OU, sp.Abs(x) ** (1 - k) * sp.exp(-(x**2)), LINE)
    assert "not integrable" not in meaning(right, ON_LINE).missing
    assert "integrable at 0" in meaning(wrong, ON_LINE).missing
    assert "not integrable" not in meaning_at(wrong, {k: sp.Rational(3, 2), s: sp.Integer(1)}).missing
    problem = meaning_at(wrong, {k: sp.Integer(2), s: sp.Integer(1)}).problem
    assert problem is not None
    assert problem.outcome is Outcome.REFUTED
    assert problem.counterexample.point["k"] == "2"


def test_a_support_outside_the_range_of_the_state_is_open() -> None:
    statement = SOUND[3][0]
    assert meaning(statement, ON_HALF).missing == ""
    shifted = Domain(x=Above(1), k=Positive, s=Positive)
    assert "declared range" in meaning(statement, shifted).open
