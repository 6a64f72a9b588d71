"""The equation without noise against its closed form."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.diffusions.noise_free import solve_ode

s, k = sp.Symbol("s", positive=True), sp.Symbol("k", positive=True)


def test_ode_solver() -> None:
    got = solve_ode(SDE(s, 2 * s * (k - s), 0), {k: 1}, 0.5, 1.0)
    assert got.value == pytest.approx(math.e**2 / (math.e**2 + 1), rel=1e-9)
    with pytest.raises(NumericsError, match="noise"):
        solve_ode(SDE(s, s, s), {}, 1.0, 1.0)
