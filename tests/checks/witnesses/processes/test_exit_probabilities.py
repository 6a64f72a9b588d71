"""Witnesses of exit probabilities, on textbook ones: ruin, a spring, geometric Brownian motion, its natural end."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.processes.exit_probabilities import (
    backward_equation_of_probability,
    probability_by_quadrature,
)
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Between, Positive
from crossproof.derivations.statements.classes.exit_times import ExitProbability
from crossproof.derivations.symbols import positive, real

x: sp.Symbol = real("x")
z, c, D, R, k = positive("z c D R k")
zero = sp.Integer(0)
drifting = SDE(z, c + 0 * z, sp.sqrt(2 * D))
spring = SDE(x, -k * x, sp.sqrt(2 * D))
geometric = SDE(z, c * z, sp.sqrt(2 * D) * z)
between = Domain(c=Positive, D=Positive, R=Positive, z=Between(0, R))
erfi = sp.erfi
width = sp.sqrt(k / (2 * D))
KNOWN = [
    # two gates, with drift
    (ExitProbability(drifting, (1 - sp.exp(-c * z / D)) / (1 - sp.exp(-c * R / D)), zero, R), between),
    # ruin of one who gains: never certain
    (ExitProbability(drifting, sp.exp(-c * z / D), zero, through="low"), Domain(c=Positive, D=Positive, z=Positive)),
    # a spring between gates
    (
        ExitProbability(spring, (1 + erfi(x * width) / erfi(R * width)) / 2, -R, R),
        Domain(k=Positive, D=Positive, R=Positive, x=Between(-R, R)),
    ),
    # the lower end is approached and never reached
    (
        ExitProbability(geometric, (z / R) ** (1 - c / D), zero, R),
        Domain(D=Positive, c=Between(0, D), R=Positive, z=Between(0, R)),
    ),
    (
        ExitProbability(geometric, (R / z) ** (c / D - 1), R, through="low"),
        Domain(D=Positive, c=Above(D), R=Positive, z=Above(R)),
    ),
]
ACCEPT = {backward_equation_of_probability: Outcome.PROVED, probability_by_quadrature: Outcome.CONFIRMED}


def examine(witness, statement, within):
    claim = Claim("test.exit", "", Source("test", ""), statement, within)
    return witness(claim.statement, Task(claim, effort("quick"), 5, "cpu", 1e-8, witness.__name__)).outcome


@pytest.mark.parametrize("witness", ACCEPT)
@pytest.mark.parametrize(("known", "within"), KNOWN)
def test_known_probabilities(witness, known, within):
    assert examine(witness, known, within) is ACCEPT[witness]
    for wrong in (1 - known.value, known.value**2, known.value * sp.Rational(21, 20)):
        assert examine(witness, dataclasses.replace(known, value=wrong), within) is Outcome.REFUTED


@pytest.mark.parametrize("witness", ACCEPT)
def test_the_end_that_is_reached_and_the_equation_count(witness):
    known, within = KNOWN[0]
    for wrong in (
        dataclasses.replace(known, through="low"),
        dataclasses.replace(known, sde=SDE(z, 2 * c + 0 * z, sp.sqrt(2 * D))),
        dataclasses.replace(known, sde=SDE(z, c + 0 * z, 2 * sp.sqrt(D))),
    ):
        assert examine(witness, wrong, within) is Outcome.REFUTED


def test_an_end_that_is_never_approached_is_reached_with_certainty_from_the_other():
    """The bounded solutions of the equation that tend to 0 there are none; quadrature sees the limit."""
    certain = ExitProbability(geometric, sp.Integer(1), zero, R)  # log z drifts upward
    within = Domain(D=Positive, c=Above(D), R=Positive, z=Between(0, R))
    assert examine(backward_equation_of_probability, certain, within) is Outcome.UNDECIDED
    assert examine(probability_by_quadrature, certain, within) is Outcome.CONFIRMED
    inward = dataclasses.replace(certain, sde=SDE(z, 0 * z, sp.sqrt(2 * D) * z))  # P = z/R: it may tend to 0
    assert examine(backward_equation_of_probability, inward, within) is not Outcome.PROVED
    assert examine(probability_by_quadrature, inward, within) is Outcome.REFUTED


@pytest.mark.parametrize("witness", ACCEPT)
def test_noise_that_vanishes_inside_or_at_the_end_is_left_open(witness):
    for noise in (z - R / 2, R - z):
        statement = ExitProbability(SDE(z, 0 * z, noise), z / R, zero, R)
        assert examine(witness, statement, between) is Outcome.UNDECIDED
    wide = Domain(c=Positive, D=Positive, R=Positive, z=Positive)
    assert examine(witness, KNOWN[0][0], wide) is Outcome.UNDECIDED


def test_descriptions_are_checked():
    with pytest.raises(ClaimError, match="coordinate"):
        ExitProbability(SDE((x, z), [-x, -z], sp.eye(2)), z / R, zero, R)
    with pytest.raises(ClaimError, match="finite end"):
        ExitProbability(spring, x, -sp.oo, R)
    with pytest.raises(ClaimError, match="infinite"):
        ExitProbability(spring, x, zero)
    with pytest.raises(ClaimError, match="choose 'high' or 'low'"):
        ExitProbability(spring, x, zero, R, "both")
