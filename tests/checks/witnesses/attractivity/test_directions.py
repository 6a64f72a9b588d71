"""Exits from a shell are looked at where the radius follows one direction only, and nowhere else."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.attractivity.directions import mixed_directions
from crossproof.checks.witnesses.attractivity.sampling import simulated_exits
from crossproof.checks.witnesses.attractivity.shell_exits import FINE_HALF
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.attractivity import Attractive
from crossproof.derivations.symbols import positive, real

x, y, z, m = real("x y z m")
s = positive("s")
SHARED, OWN = sp.Matrix([s * x, s * y]), sp.diag(s * x, s * y)


@pytest.mark.parametrize(
    ("drift", "noise", "words"),
    [
        ((m * x, m * y), SHARED, ""),  # the radius itself is a geometric Brownian motion
        ((m * x - y, x + m * y), sp.Matrix([s * y, -s * x]), ""),
        ((m * y, m * x), sp.Matrix([s * y, s * x]), ""),  # the other direction falls fast
        ((m * x, -2 * y), OWN, ""),
        ((m * x, m * y), OWN, "two directions"),  # the larger of two independent ones
        ((m * x, y / 4), SHARED, "two directions"),
        ((m * x + 1000 * y, m * y), SHARED, "orthogonal"),  # grows a thousandfold before it falls
        ((m * x, y), sp.Matrix([s * (x + y) / 9, s * (x - y)]), "common"),
    ],
)
def test_where_the_radius_follows_one_direction(drift: tuple[sp.Expr, ...], noise: sp.Matrix, words: str) -> None:
    found = mixed_directions(SDE((x, y), drift, noise), (0, 0), {m: sp.Rational(2, 5), s: sp.Integer(1)}, FINE_HALF)
    assert words in found
    assert bool(found) is bool(words)


def test_more_coordinates_are_left_open_and_one_is_not() -> None:
    three = SDE((x, y, z), (m * x, -y, -z), sp.diag(s * x, s * y, s * z))
    assert mixed_directions(three, (0, 0, 0), {m: sp.Integer(1), s: sp.Integer(1)}, FINE_HALF)
    assert not mixed_directions(SDE(x, m * x, s * x), (0,), {m: sp.Integer(1), s: sp.Integer(1)}, FINE_HALF)


def test_growth_before_decay_is_not_taken_for_repulsion() -> None:
    """Both exponents are m - s^2/2; from most directions paths leave the shell outward first."""
    sheared = SDE((x, y), (m * x + 1000 * y, m * y), SHARED)
    statement = Attractive(sheared, (0, 0), sp.Lt(2 * m, s**2, evaluate=False))
    claim = Claim("test.sheared", "t", Source("test", "here"), statement, Domain(m=Real, s=Positive))
    with pytest.raises(NumericsError, match="orthogonal"):
        simulated_exits(statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, "test"))


@pytest.mark.parametrize(("power", "refuted"), [(0, False), (1, True)])
def test_the_slow_direction_decides_beside_a_fast_one(power: int, refuted: bool) -> None:
    """A quarter from a true threshold, paths that turn to the slow direction first are told from no other."""
    statement = Attractive(SDE((x, y), (m * x, -9 * y), SHARED), (0, 0), sp.Lt(m, 2**power * s**2 / 2, evaluate=False))
    claim = Claim("test.slow", "t", Source("test", "here"), statement, Domain(m=Real, s=Positive))
    found = simulated_exits(statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, "test"))
    assert (found.outcome is Outcome.REFUTED) is refuted
