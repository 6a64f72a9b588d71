"""The drift of a power of a distance: signs and factors are told, by the chain rule and in coordinates."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Between, Positive, Range, Real
from crossproof.derivations.statements.distances import DistanceDrift
from crossproof.derivations.symbols import positive, real

load_catalog()
power, far, spread, share = positive("power far spread share")
push = real("push")
RADIAL = share * spread * far**2
RIGHT = power * far ** (power - 2) * (push + spread) + power * (power - 2) * far ** (power - 4) * RADIAL
NAMES = ("chain rule on the squared distance", "derivatives in coordinates")


def examine(name: str, value: sp.Expr) -> Finding:
    statement = DistanceDrift(power, far, push, spread, RADIAL, value)
    domain = Domain(power=Positive, far=Positive, push=Real, spread=Positive, share=Between(0, 1))
    claim = Claim("toy.distance", "A drift.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


@pytest.mark.parametrize("name", NAMES)
def test_the_drift_is_told_from_wrong_ones(name: str) -> None:
    assert examine(name, RIGHT).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    wrong = [
        RIGHT.subs(push, -push),
        RIGHT - power * far ** (power - 2) * spread / 2,
        RIGHT + power * far ** (power - 4) * RADIAL,
    ]
    assert [examine(name, w).outcome for w in wrong] == [Outcome.REFUTED] * 3


@pytest.mark.parametrize("name", NAMES)
def test_products_that_no_matrix_has_neither_prove_nor_refute(name: str) -> None:
    """x^T D x is at most Tr D |x|^2: where it is larger nothing is asserted."""
    a = positive("a")

    def told(spread: sp.Expr, radial: sp.Expr, extra: sp.Expr, **ranges: Range) -> Outcome:
        value = power * far ** (power - 2) * spread + power * (power - 2) * far ** (power - 4) * radial + extra
        statement = DistanceDrift(power, far, sp.Integer(0), spread, radial, value)
        domain = Domain(power=Positive, far=Positive, **ranges)
        claim = Claim("toy.distance", "A drift.", Source("toy", "1"), statement, domain)
        return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name)).outcome

    zero, one = sp.Integer(0), sp.Integer(1)
    assert told(one, 2 * far**2, zero) is Outcome.UNDECIDED
    assert told(-one, -(far**2), zero) is Outcome.UNDECIDED
    assert told(a, far**2, sp.Abs(1 - a) + 1 - a, a=Positive) is Outcome.UNDECIDED
    assert told(a, far**2, sp.Abs(2 - a) + 2 - a, a=Positive) is Outcome.REFUTED
