"""Witnesses of the rotation of a stationary current, on a process of known rotation and on the catalog's claim."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.stationary.rotation_algebra import lyapunov_equation
from crossproof.checks.witnesses.stationary.rotation_numerics import current_by_finite_volumes
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.detailed_balance import StationaryRotation
from crossproof.derivations.symbols import positive, real

load_catalog()
x, y, w = real("x y w")
k, T = positive("k T")
#: Rotation and relaxation at the rates w and k: the law has the variance T/k, and E[x b_y - y b_x] = w E[x^2 + y^2].
turning = SDE((x, y), [-k * x - w * y, w * x - k * y], sp.sqrt(2 * T) * sp.eye(2))
known = StationaryRotation(turning, 2 * w * T / k)
domain = Domain(k=Positive, w=Real, T=Positive)
ACCEPT = {lyapunov_equation: Outcome.PROVED, current_by_finite_volumes: Outcome.CONFIRMED}


def examine(witness, statement, within=domain):
    claim = Claim("test.rotation", "", Source("test", ""), statement, within)
    return witness(statement, Task(claim, effort("quick"), 5, "cpu", 1e-8, witness.__name__)).outcome


@pytest.mark.parametrize("witness", ACCEPT)
def test_known_rotation(witness):
    assert examine(witness, known) is ACCEPT[witness]
    for wrong in (-known.value, known.value / 2, known.value * sp.Rational(21, 20), 2 * w * T / k**2, sp.Integer(0)):
        assert examine(witness, dataclasses.replace(known, value=wrong)) is Outcome.REFUTED


@pytest.mark.parametrize("witness", ACCEPT)
def test_the_catalog(witness):
    made = CLAIMS["001.3.3.curl.rate"]
    assert examine(witness, made.statement, made.domain) is ACCEPT[witness]
    for symbol in ("c1", "h12"):
        wrong = made.statement.value.subs({s: 2 * s for s in made.domain.symbols if s.name == symbol})
        changed = dataclasses.replace(made.statement, value=wrong)
        assert examine(witness, changed, made.domain) is Outcome.REFUTED


@pytest.mark.parametrize("witness", ACCEPT)
def test_without_a_stationary_law_nothing_is_told(witness):
    """The formula goes on where the drift pushes outwards, and the law does not."""
    made = CLAIMS["001.3.3.curl.rate"]
    indefinite = Domain(**{s.name: Positive if s.name in ("h22", "c2") else r for s, r in made.domain.ranges.items()})
    assert examine(witness, made.statement, indefinite) is Outcome.UNDECIDED
    rising = SDE((x, y), [k * x - w * y, w * x + k * y], sp.sqrt(2 * T) * sp.eye(2))
    assert examine(witness, StationaryRotation(rising, -2 * w * T / k)) is Outcome.UNDECIDED


def test_descriptions_are_checked():
    with pytest.raises(ClaimError, match="coordinates"):
        StationaryRotation(SDE(x, -x, 1), sp.Integer(0))
    with pytest.raises(ClaimError, match="linear"):
        StationaryRotation(SDE((x, y), [-(x**3), -y], sp.eye(2)), sp.Integer(0))
    with pytest.raises(ClaimError, match="linear"):
        StationaryRotation(SDE((x, y), [1 - x, -y], sp.eye(2)), sp.Integer(0))
    with pytest.raises(ClaimError, match="noise"):
        StationaryRotation(SDE((x, y), [-x, -y], sp.diag(x, 1)), sp.Integer(0))
