"""Relaxation rates and mixing times of processes with known ones."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy import optimize, stats

import crossproof as cp
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion
from crossproof.numerics.diffusions.spectral_gap import spectral_gap

LEVEL = 1e-3


@pytest.mark.parametrize("index", [1, 2])
def test_rates_of_an_ornstein_uhlenbeck_process(ou, reproduces, index: int) -> None:
    found = cp.estimate_spectral_gap(ou(paths=4000), 0.1, 4, index=index, level=LEVEL)
    reproduces(found, float(index), 1.1 * index)
    assert found.caveats == ()


def test_the_slowest_of_two_coordinates(ou, reproduces) -> None:
    """Rates 1 and 3, seen through a rotation: the gap is 1, and 2 comes before 3."""
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    paths = ou(np.diag([-1.0, -3.0]), np.eye(2), paths=4000) @ turn.T
    reproduces(cp.estimate_spectral_gap(paths, 0.1, 4, degree=2, level=LEVEL), 1.0, 1.1)
    reproduces(cp.estimate_spectral_gap(paths, 0.1, 4, degree=2, index=2, level=LEVEL), 2.0, 2.3)


def test_the_gap_of_a_double_well(reproduces) -> None:
    """Against the solver for the generator; the step 0.02 moves the gap by about a per cent."""
    x = cp.real("x")
    sde = cp.SDE(x, drift=x - x**3, diffusion=sp.Integer(1))
    exact = spectral_gap(ScalarDiffusion(sde)).value
    settings = {"horizon": 24.0, "steps": 1200, "every": 20, "paths": 2000, "backend": "torch", "seed": 2}
    _, paths = cp.simulate_paths(sde, {}, 0.0, **settings)
    found = cp.estimate_spectral_gap(paths[:, 15:], 0.4, 2, degree=5, level=LEVEL)
    assert found.covers(exact)
    assert found.standard_error < 0.05 * exact


def test_polynomials_that_miss_the_slow_function_are_noticed(ou) -> None:
    """Linear functions of Y^5 relax faster than Y: the rate is too large, and falls with the lag."""
    paths = ou(paths=8000, times=201) ** 5
    found = cp.estimate_spectral_gap(paths, 0.1, 4, degree=1, level=LEVEL)
    assert found.low > 1.0
    assert any("miss the slow function" in c for c in found.caveats)


def test_a_lag_that_is_too_long_resolves_nothing(ou) -> None:
    found = cp.estimate_spectral_gap(ou(paths=200, times=201, dt=0.5), 0.5, 90, degree=1, level=LEVEL)
    assert any("not resolved" in c for c in found.caveats)


def kolmogorov(t: float) -> float:
    """Return the distance of the law at t, started at 2, to the stationary one of variance 1/2."""
    grid = np.linspace(-4, 5, 20001)
    spread = np.sqrt((1 - np.exp(-2 * t)) / 2)
    return float(np.abs(stats.norm.cdf(grid, 2 * np.exp(-t), spread) - stats.norm.cdf(grid, 0, 0.5**0.5)).max())


def test_the_mixing_time_from_a_point(ou, reproduces) -> None:
    paths = ou(paths=40_000, times=61, start=np.array([2.0]))
    exact = optimize.brentq(lambda t: kolmogorov(t) - 0.2, 0.1, 5)
    reproduces(cp.estimate_mixing_time(paths, 0.1, distance=0.2, level=LEVEL), exact, 1.2 * exact)


def test_paths_that_never_settle_are_noticed() -> None:
    paths = np.cumsum(np.random.default_rng(0).normal(size=(4000, 40)), axis=1)
    found = cp.estimate_mixing_time(paths, 1.0, distance=0.05)
    assert any("has not settled" in c for c in found.caveats)
    still = cp.estimate_mixing_time(np.random.default_rng(1).normal(size=(4000, 10)), 1.0)
    assert (still.value, still.caveats) == (
        0.0,
        ("the law is close to that of the end from the start: nothing to measure",),
    )
