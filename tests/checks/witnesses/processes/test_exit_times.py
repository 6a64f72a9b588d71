"""Witnesses of mean exit times, on intervals of known ones."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.processes.exit_times import backward_equation, exit_by_quadrature
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Between, Positive
from crossproof.derivations.statements.classes.exit_times import MeanExitTime
from crossproof.derivations.symbols import positive, real

x: sp.Symbol = real("x")
r, y, D, R, k = positive("r y D R k")
brownian = SDE(x, 0 * x, sp.sqrt(2 * D))
line = Domain(D=Positive, R=Positive, x=Between(-R, R))
half = Domain(D=Positive, R=Positive, k=Positive, r=Between(0, R))
#: A spring, from |x| = r: the integral of scale density times speed measure.
slope = sp.sqrt(sp.pi / (2 * k * D)) * sp.exp(k * y**2 / (2 * D)) * sp.erf(y * sp.sqrt(k / (2 * D)))
KNOWN = [
    (MeanExitTime(brownian, -R, R, (R**2 - x**2) / (2 * D)), line),
    (MeanExitTime(SDE(r, 0 * r, sp.sqrt(2 * D)), sp.Integer(0), R, (R**2 - r**2) / (2 * D), True), half),
    (MeanExitTime(SDE(r, -k * r, sp.sqrt(2 * D)), sp.Integer(0), R, sp.Integral(slope, (y, r, R)), True), half),
]
ACCEPT = {backward_equation: Outcome.PROVED, exit_by_quadrature: Outcome.CONFIRMED}


def examine(witness, statement, within):
    claim = Claim("test.exit", "", Source("test", ""), statement, within)
    return witness(claim.statement, Task(claim, effort("quick"), 5, "cpu", 1e-8, witness.__name__)).outcome


@pytest.mark.parametrize("witness", ACCEPT)
@pytest.mark.parametrize(("known", "within"), KNOWN)
def test_known_times(witness, known, within):
    assert examine(witness, known, within) is ACCEPT[witness]
    for factor in (2, sp.Rational(1, 2), sp.Rational(21, 20)):
        assert examine(witness, dataclasses.replace(known, value=factor * known.value), within) is Outcome.REFUTED


@pytest.mark.parametrize("witness", ACCEPT)
def test_ends_and_noise_count(witness):
    known, within = KNOWN[1]
    for wrong in (
        dataclasses.replace(known, reflecting=False),
        dataclasses.replace(known, value=known.value + 1),
        dataclasses.replace(known, sde=SDE(r, 0 * r, 2 * sp.sqrt(2 * D))),
        dataclasses.replace(known, sde=SDE(r, -k * r, sp.sqrt(2 * D))),
        dataclasses.replace(known, value=(R**2 - r**2) / (2 * D) + R - r),  # the slope at 0
    ):
        assert examine(witness, wrong, within) is Outcome.REFUTED


def test_what_is_not_smooth_is_left_open():
    known, within = KNOWN[1]
    # the equation holds on both sides of a step, and at both ends
    step = sp.Piecewise((1, r < R / 2), (0, True))
    assert (
        examine(backward_equation, dataclasses.replace(known, value=known.value + step), within) is not Outcome.PROVED
    )
    beyond = sp.Integral(y / D, (y, r, 2 * R)) - sp.Integral(y / D, (y, R, 2 * R))
    assert examine(backward_equation, dataclasses.replace(known, value=beyond), within) is Outcome.UNDECIDED
    silent = SDE(r, -1 + 0 * r, r)
    assert examine(backward_equation, MeanExitTime(silent, sp.Integer(0), R, r), within) is not Outcome.PROVED
    elsewhere = Domain(D=Positive, R=Positive, r=Positive)
    assert examine(backward_equation, known, elsewhere) is Outcome.UNDECIDED


def test_descriptions_are_checked():
    with pytest.raises(ClaimError, match="coordinate"):
        MeanExitTime(SDE((x, y), [-x, -y], sp.eye(2)), -R, R, R)
    with pytest.raises(ClaimError, match="finite end"):
        MeanExitTime(brownian, -sp.oo, R, R)


def test_quadrature_does_not_pass_over_a_place_without_noise_or_drift():
    """Nor does it answer for starts outside the interval."""
    within = Domain(x=Between(-1, 1))
    one, value = sp.Integer(1), 1 - x**2
    assert examine(exit_by_quadrature, MeanExitTime(SDE(x, 0 * x, one), -one, one, value), within) is Outcome.CONFIRMED
    for drift, noise in ((1 / x, one), (0 * x, x)):
        statement = MeanExitTime(SDE(x, drift, noise), -one, one, value)
        assert examine(exit_by_quadrature, statement, within) is Outcome.UNDECIDED
    wide = Domain(x=Between(-2, 2))
    assert examine(exit_by_quadrature, MeanExitTime(SDE(x, 0 * x, one), -one, one, value), wide) is Outcome.UNDECIDED
