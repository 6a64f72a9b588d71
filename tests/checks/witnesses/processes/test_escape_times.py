"""Witnesses of escape times accept Kramers' law and reject other exponents, prefactors and constants."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.checks.witnesses.processes.escape_times import _ratio, mean_times
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Between, Positive
from crossproof.derivations.statements.passage import EscapeTime
from crossproof.derivations.symbols import positive, real

LAPLACE, QUADRATURE = "Laplace's method", "mean times at vanishing noise"
x = real("x")
T, k, m = positive("T k m")
zero, one = sp.Integer(0), sp.Integer(1)


def escape(variance: sp.Expr, value: sp.Expr, drift: sp.Expr | None = None, **places: sp.Expr) -> EscapeTime:
    """Return an assertion on the way out of the well of L' = k x (1 - x), or of -drift."""
    fields = {"low": -one / 2, "start": zero, "barrier": one, "level": 1 + one / 2, **places}
    drift = -k * x * (1 - x) if drift is None else drift
    return EscapeTime(SDE(x, drift, sp.sqrt(variance)), T, **fields, value=value)


def examine(name: str, statement: EscapeTime, domain: Domain) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, domain)
    assert name in [found.name for found in witnesses_for(claim)]
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


DOMAIN = Domain(k=Positive, T=Positive)
kramers = 2 * sp.pi / k * sp.exp(k / 6 / T)
WRONG = {
    "the other sign": 2 * sp.pi / k * sp.exp(-k / 6 / T),
    "half the exponent": 2 * sp.pi / k * sp.exp(k / 12 / T),
    "half the prefactor": sp.pi / k * sp.exp(k / 6 / T),
    "a shifted exponent": 2 * sp.pi / k * sp.exp(k / 6 / T + 1),
}
ROOT_OF_NOISE = 2 * sp.pi / k * sp.exp(k / 6 / sp.sqrt(T))


def test_constant_noise() -> None:
    """Kramers: 2 pi/sqrt(L''(a) |L''(b)|) exp(DeltaL/T) with curvatures k and a barrier of k/6."""
    assert examine(LAPLACE, escape(2 * T, kramers), DOMAIN).outcome is Outcome.PROVED
    assert examine(QUADRATURE, escape(2 * T, kramers), DOMAIN).outcome is Outcome.UNDECIDED
    for what, value in WRONG.items():
        assert examine(LAPLACE, escape(2 * T, value), DOMAIN).outcome is Outcome.REFUTED, what
    for what in WRONG:
        assert examine(QUADRATURE, escape(2 * T, WRONG[what]), DOMAIN).outcome is Outcome.REFUTED, what


def test_growth_of_another_order() -> None:
    assert examine(LAPLACE, escape(2 * T, ROOT_OF_NOISE), DOMAIN).outcome is Outcome.UNDECIDED
    assert examine(QUADRATURE, escape(2 * T, ROOT_OF_NOISE), DOMAIN).outcome is Outcome.REFUTED


def test_noise_of_the_state_moves_the_prefactor() -> None:
    """With v = k (1 + m x) the potential x^2 - 2 x^3/3 is free of m; the time is 2 pi over the curvature k."""
    domain = Domain(k=Positive, m=Between(0, 1), T=Positive)
    drift, variance = -k * x * (1 - x) * (1 + m * x), T * k * (1 + m * x)
    right, swapped = (2 * sp.pi / c * sp.exp(1 / (3 * T)) for c in (k, k * (1 + m)))
    for value, outcome in ((right, Outcome.PROVED), (swapped, Outcome.REFUTED)):
        assert examine(LAPLACE, escape(variance, value, drift), domain).outcome is outcome
    assert examine(QUADRATURE, escape(variance, swapped, drift), domain).outcome is Outcome.REFUTED


def test_noise_in_proportion_to_the_loss_gives_a_power() -> None:
    loss = 1 + k * (x**2 / 2 - x**3 / 3)
    ratio = 1 + k / 6
    for power, outcome in ((1 / T + one / 2, Outcome.PROVED), (1 / T, Outcome.REFUTED)):
        value = 2 * sp.pi / k * ratio**power
        assert examine(LAPLACE, escape(2 * T * loss, value), Domain(k=Between(0, 1), T=Positive)).outcome is outcome


@pytest.mark.parametrize(
    "statement",
    [
        escape(2 * T, kramers, -k * x**3 * (1 - x)),  # a flat minimum
        escape(2 * T, kramers, low=-one),  # no fault: the control is below
        escape(2 * T * (x - one / 2) ** 2, kramers),  # noise that vanishes on the way
        escape(2 * T, kramers, k * x * (1 - x)),  # minimum and maximum exchanged
        escape(2 * T, kramers, -k * x * (1 - x) + T),  # a drift that depends on the noise
        escape(2 * T, T * kramers),  # a power of the noise
        escape(2 * T, kramers, start=one / 4),  # not the minimum
    ],
)
def test_conditions_of_the_method(statement: EscapeTime) -> None:
    wanted = Outcome.PROVED if statement.low == -1 else Outcome.UNDECIDED
    assert examine(LAPLACE, statement, DOMAIN).outcome is wanted


def test_ratios_approach_one_linearly() -> None:
    """The relative correction of Kramers' law is of first order in the noise: halving it halves the distance from 1."""
    statement, point = escape(2 * T, kramers), {k: one}
    found = [_ratio(statement, point, *known)[0] - 1 for known in mean_times(statement, point)]
    assert all(0.35 < later / earlier < 0.65 for earlier, later in itertools.pairwise(found[2:]))
    assert abs(found[-1]) < 0.02


def test_malformed() -> None:
    y = real("y")
    with pytest.raises(ClaimError, match="one coordinate"):
        EscapeTime(SDE((x, y), [-x, -y], sp.eye(2)), T, -one, zero, one, 2 * one, kramers)
    with pytest.raises(ClaimError, match="positive parameter of the equation"):
        EscapeTime(SDE(x, -x, 1), T, -one, zero, one, 2 * one, kramers)
    with pytest.raises(ClaimError, match="has no range"):
        Claim("test.claim", "a test", Source("test", "here"), escape(2 * T, kramers), Domain(T=AtLeast(1)))
