"""Gaussian limits of stationary laws under small noise: right and wrong variances, centres and equations."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.scalars.expansions import laplace_limit
from crossproof.checks.witnesses.stationary.limits import small_parameter_spread
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.expansions import SmallNoiseGaussian

x, y = sp.symbols("x y", real=True)
k, eps = sp.symbols("k eps", positive=True)
LINE = sp.Interval(-sp.oo, sp.oo)
#: A steep drift, and a noise whose size changes with the state.
STEEP = SDE(x, -k * (x - 1) * (1 + x**2), sp.sqrt(2 * eps * (1 + x**2)))
ONE = sp.Integer(1)


def _examine(witness, sde: SDE = STEEP, centre: sp.Expr = ONE, variance: sp.Expr = 1 / k) -> Finding:
    statement = SmallNoiseGaussian(sde, LINE, eps, centre, variance)
    claim = Claim("test.small", "t", Source("test", "here"), statement, Domain(k=Positive, eps=Positive))
    return witness(statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, "test"))


def test_the_curvature_of_the_potential_is_proved_and_the_quadrature_does_not_object() -> None:
    assert _examine(laplace_limit).outcome is Outcome.PROVED
    assert _examine(small_parameter_spread).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("witness", [laplace_limit, small_parameter_spread])
@pytest.mark.parametrize("variance", [2 / k, sp.Rational(21, 20) / k, 1 / k**2])
def test_another_variance_is_refuted(witness, variance: sp.Expr) -> None:
    assert _examine(witness, variance=variance).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [laplace_limit, small_parameter_spread])
def test_twice_the_noise_is_refuted(witness) -> None:
    louder = SDE(x, STEEP.drift, sp.sqrt(2) * STEEP.diffusion)
    assert _examine(witness, sde=louder).outcome is Outcome.REFUTED


def test_a_deeper_well_outside_of_the_declared_range_is_seen() -> None:
    """U' = (x - 1)(x + 1)(x + 4) is much deeper at -4 than at 1, of which a positive x tells nothing."""
    seen, half = sp.Symbol("x", positive=True), Domain(x=Positive, eps=Positive)
    for other, wanted in ((4, Outcome.UNDECIDED), (None, Outcome.PROVED)):
        rest = (seen + 1) * (seen + other) if other else 10
        statement = SmallNoiseGaussian(SDE(seen, -(seen - 1) * rest, sp.sqrt(eps)), LINE, eps, ONE, sp.Rational(1, 20))
        claim = Claim("test.small", "t", Source("test", "here"), statement, half)
        assert laplace_limit(statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, "test")).outcome is wanted


def test_two_wells_another_centre_and_missing_noise_are_never_proved() -> None:
    wells = SDE(x, -(x - 1) * x * (x + 1), sp.sqrt(2 * eps))
    for changed in ({"sde": wells}, {"centre": sp.Integer(2)}, {"sde": SDE(x, STEEP.drift, ONE)}):
        try:
            found = _examine(laplace_limit, **changed)
        except ClaimError:
            continue
        assert found.outcome is not Outcome.PROVED


def test_one_coordinate_is_needed() -> None:
    plane = SDE((x, y), [-x, -y], sp.eye(2))
    with pytest.raises(ClaimError, match="one-dimensional"):
        SmallNoiseGaussian(plane, LINE, eps, ONE, ONE)
