"""Exit times and rates against closed forms for Brownian motion, walks and exponential times."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch

import crossproof as cp
from crossproof.numerics.kernels.request import Exit
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.simulation.barriers import exit_times

LEVEL = 1e-3
x = cp.real("x")
BROWNIAN = cp.SDE(x, drift=0, diffusion=1)


@cache
def brownian() -> torch.Tensor:
    """Return exit times of Brownian motion from (-1, 1) until 6, exact at any step by the bridge."""
    key = key_words(1, "exits", 0)
    return exit_times(BROWNIAN, {}, 0.0, low=-1.0, high=1.0, dt=0.1, steps=60, paths=20000, key=key).time


def test_the_mean_exit_time_of_brownian_motion(reproduces) -> None:
    """E T = R^2; with R = 1 and a horizon of 6 the rest is below 1e-3."""
    found = cp.estimate_exit_time(brownian(), horizon=6.0, level=LEVEL)
    reproduces(found, 1.0, 1.04)
    short = cp.estimate_exit_time(brownian(), horizon=1.0, level=LEVEL)
    assert not short.covers(1.0)
    assert "lower bound" in short.caveats[0]


def test_the_decay_rate_of_the_quasi_stationary_law(reproduces) -> None:
    """pi^2/8 for Brownian motion killed at -+1; from 0 the first exits are late, which is noticed."""
    times = brownian()
    late = cp.estimate_exit_rate(times, after=1.0, horizon=6.0, level=LEVEL)
    reproduces(late, math.pi**2 / 8, 1.1 * math.pi**2 / 8)
    assert late.caveats == ()
    early = cp.estimate_exit_rate(times, horizon=1.0, level=LEVEL)
    assert not early.covers(math.pi**2 / 8)
    assert any("no exponential law" in c for c in early.caveats)


def test_intervals_of_rates_cover() -> None:
    """Exponential times: 600 repetitions at 95 %, level 1e-3; half the events would cover in 83 %."""
    times = np.random.default_rng(3).exponential(2.0, (600, 40))
    hits = [cp.estimate_exit_rate(np.where(t < 3, t, np.inf), horizon=3.0).covers(0.5) for t in times]
    assert 0.95 - 3.3 * (0.0475 / 600) ** 0.5 < np.mean(hits) < 0.995


def test_no_exit_gives_an_upper_bound() -> None:
    found = cp.estimate_exit_rate(np.full(10, np.inf), horizon=3.0)
    assert (found.value, found.low) == (0.0, 0.0)
    assert math.isclose(found.high, -math.log(0.025) / 30)
    assert "only an upper bound" in found.caveats[0]


def test_paths_that_are_watched_at_steps_are_late(reproduces) -> None:
    """(R + 0.5826 sqrt(dt))^2, not R^2."""
    dt = 0.01
    steps = np.random.default_rng(4).normal(scale=dt**0.5, size=(4000, 800))
    paths = np.concatenate([np.zeros((4000, 1)), np.cumsum(steps, axis=1)], axis=1)
    times = cp.first_exits(paths, dt, lambda s: np.abs(s[..., 0]) >= 1)
    found = cp.estimate_exit_time(times, horizon=8.0, level=LEVEL)
    reproduces(found, (1 + 0.5826 * dt**0.5) ** 2, 1.0)
    assert np.all(np.isinf(cp.first_exits(paths, dt, lambda s: np.abs(s[..., 0]) >= 99)))


def test_streamed_summaries(reproduces) -> None:
    request = cp.Request(exit=Exit((-1.0,), (1.0,)))
    settings = {"steps": 400, "paths": 4000, "summaries": request, "seed": 5, "backend": "torch"}
    found = cp.estimate_exit_time(cp.simulate(BROWNIAN, {}, 0.0, horizon=20.0, **settings), level=LEVEL)
    reproduces(found, (1 + 0.5826 * 0.05**0.5) ** 2, 1.0)
    assert "seen late" in found.caveats[0]


def test_a_mean_that_does_not_exist_is_noticed() -> None:
    """First passage of one level by Brownian motion: 1/Z^2 for a standard Gaussian Z."""
    times = np.random.default_rng(6).standard_normal(4000) ** -2.0
    assert "may not exist" in cp.estimate_exit_time(times).caveats[0]
