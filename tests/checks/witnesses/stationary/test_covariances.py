"""Witnesses of covariances under the stationary law of linear processes, on equations and updates of known law."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.stationary.covariance_algebra import lyapunov_covariance
from crossproof.checks.witnesses.stationary.covariance_numerics import covariance_in_numbers
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Between, Integers, Positive, Real
from crossproof.derivations.statements.classes.linear_covariances import StationaryCovariance
from crossproof.derivations.statements.euler_steps import RandomUpdate
from crossproof.derivations.symbols import dimension, positive, real

x, y, w, z = real("x y w z")
k, T, t, a, s = positive("k T t a s")
n = dimension("n")
#: Rotation and relaxation at the rates w and k: the law is N(0, T/k I), and the coordinates turn into each other.
turning = SDE((x, y), [-k * x - w * y, w * x - k * y], sp.sqrt(2 * T) * sp.eye(2))
plane = Domain(k=Positive, w=Real, T=Positive, t=Positive)
#: A sequence that keeps the share a of itself: variance s^2/(1 - a^2).
fading = RandomUpdate((x,), ((a - 1) * x + s * z,), ((z, sp.Integer(1)),))
line = Domain(a=Between(0, 1), s=Positive, n=Integers(1))
KNOWN = [
    (StationaryCovariance(turning, x, x, T / k), plane),
    (StationaryCovariance(turning, x, y, T / k * sp.exp(-k * t) * sp.sin(w * t), t), plane),
    (StationaryCovariance(fading, x, x, s**2 / (1 - a**2)), line),
    (StationaryCovariance(fading, x, x, s**2 * a**n / (1 - a**2), n), line),
]
ACCEPT = {lyapunov_covariance: Outcome.PROVED, covariance_in_numbers: Outcome.CONFIRMED}


def examine(witness, statement, within):
    claim = Claim("test.covariance", "", Source("test", ""), statement, within)
    return witness(claim.statement, Task(claim, effort("quick"), 5, "cpu", 1e-8, witness.__name__)).outcome


@pytest.mark.parametrize("witness", ACCEPT)
@pytest.mark.parametrize(("known", "within"), KNOWN)
def test_known_covariances(witness, known, within):
    assert examine(witness, known, within) is ACCEPT[witness]
    for wrong in (-known.value, known.value / 2, known.value * sp.Rational(21, 20), known.value * k / (k + 1)):
        wider = Domain(**{r.name: given for r, given in within.ranges.items()} | {"k": Positive})
        assert examine(witness, dataclasses.replace(known, value=wrong), wider) is Outcome.REFUTED


@pytest.mark.parametrize("witness", ACCEPT)
def test_a_changed_process_has_another_covariance(witness):
    silent = SDE((x, y), turning.drift, 2 * turning.diffusion)
    assert examine(witness, StationaryCovariance(silent, x, x, T / k), plane) is Outcome.REFUTED
    back = StationaryCovariance(turning, y, x, KNOWN[1][0].value, t)
    assert examine(witness, back, plane) is Outcome.REFUTED
    none = SDE((x, y), turning.drift, sp.zeros(2, 1))
    assert examine(witness, StationaryCovariance(none, x, x, T / k), plane) is Outcome.REFUTED
    assert examine(witness, StationaryCovariance(none, x, x, sp.Integer(0)), plane) is ACCEPT[witness]


@pytest.mark.parametrize("witness", ACCEPT)
def test_without_a_stationary_law_nothing_is_told(witness):
    """The formulas go on where the process runs away."""
    rising = SDE((x, y), [k * x - w * y, w * x + k * y], sp.sqrt(2 * T) * sp.eye(2))
    assert examine(witness, StationaryCovariance(rising, x, x, -T / k), plane) is Outcome.UNDECIDED
    anywhere = Domain(a=Positive, s=Positive, n=Integers(1))
    assert examine(witness, KNOWN[2][0], anywhere) is Outcome.UNDECIDED


def test_what_a_start_and_an_equation_do_not_fix_is_left_open():
    # right for lags below 5 only
    until = sp.Piecewise((KNOWN[1][0].value, t < 5), (0, True))
    assert examine(lyapunov_covariance, dataclasses.replace(KNOWN[1][0], value=until), plane) is Outcome.UNDECIDED
    few = Domain(a=Between(0, 1), s=Positive, n=Integers(1, 4))
    assert examine(lyapunov_covariance, KNOWN[3][0], few) is Outcome.UNDECIDED


def test_descriptions_are_checked():
    with pytest.raises(ClaimError, match="linear"):
        StationaryCovariance(SDE(x, -(x**3), 1), x, x, T)
    with pytest.raises(ClaimError, match="noise"):
        StationaryCovariance(SDE(x, -x, x), x, x, T)
    with pytest.raises(ClaimError, match="noise"):
        StationaryCovariance(RandomUpdate((x,), (-x / 2 + z**2 * x,), ((z, sp.Integer(1)),)), x, x, T)
    with pytest.raises(ClaimError, match="no state variable"):
        StationaryCovariance(turning, x, z, T)
    with pytest.raises(ClaimError, match="lag"):
        StationaryCovariance(turning, x, x, T, w)
    with pytest.raises(ClaimError, match="integer"):
        StationaryCovariance(fading, x, x, s, t)


def test_a_process_does_not_depend_on_the_lag():
    """Else derivatives in the lag are taken of the process too."""
    v, lag = real("v"), sp.Symbol("lag", nonnegative=True)
    fading = SDE(v, -(1 + lag) * v, sp.sqrt(2 * (1 + lag)))
    with pytest.raises(ClaimError, match="depends on the lag"):
        StationaryCovariance(fading, v, v, sp.exp(-lag * (1 + lag)), lag)
    StationaryCovariance(SDE(v, -v, sp.sqrt(2)), v, v, sp.exp(-lag), lag)
