"""Displacements of Brownian, fractional, confined and subordinated paths."""

from __future__ import annotations

import math

import numpy as np
import pytest

import crossproof as cp

LEVEL = 1e-3
LAGS = [1, 2, 4, 8, 16]


def fractional(hurst: float, paths: int, times: int, seed: int) -> np.ndarray:
    """Return fractional Brownian motion at times 0, 1, ...: E x_s x_t = (s^2H + t^2H - |s - t|^2H)/2."""
    t = np.arange(1.0, times)
    power = 2 * hurst
    covariance = (t[:, None] ** power + t**power - np.abs(t[:, None] - t) ** power) / 2
    draws = np.random.default_rng(seed).standard_normal((paths, times - 1))
    return np.concatenate([np.zeros((paths, 1)), draws @ np.linalg.cholesky(covariance).T], axis=1)


@pytest.mark.parametrize("hurst", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("average", ["time", "start"])
def test_the_exponent_of_fractional_brownian_motion(reproduces, hurst: float, average: str) -> None:
    paths = fractional(hurst, 4000, 65, seed=1)
    found = cp.estimate_msd_exponent(paths, 0.5, LAGS, average=average, level=LEVEL)
    reproduces(found, 2 * hurst, 2 * hurst + 0.1)
    assert found.caveats == ()
    msd = cp.estimate_msd(paths, 0.5, LAGS, average=average, level=LEVEL)
    exact = np.array(LAGS) ** (2 * hurst)
    reproduces(msd, exact, 1.15 * exact)


def test_confined_paths_have_no_exponent(ou, reproduces) -> None:
    """1 - exp(-tau) of an Ornstein-Uhlenbeck process, whose slope falls from 1 to 0."""
    paths = ou(paths=4000)
    times = 0.1 * np.array(LAGS)
    reproduces(cp.estimate_msd(paths, 0.1, LAGS, level=LEVEL), 1 - np.exp(-times), 1 - np.exp(-1.1 * times))
    found = cp.estimate_msd_exponent(paths, 0.1, LAGS, level=LEVEL)
    assert any("no power law" in c for c in found.caveats)


def subordinated(alpha: float, paths: int, times: int, seed: int) -> np.ndarray:
    """Return B(E_t) at t = 0, 1, ...: E the inverse of a stable subordinator, so that E B(E_t)^2 = t^a/Gamma(1 + a)."""
    rng, ds, far = np.random.default_rng(seed), 0.05, 2400
    u, w = rng.uniform(0, math.pi, (paths, far)), rng.exponential(size=(paths, far))
    jumps = np.sin(alpha * u) / np.sin(u) ** (1 / alpha) * (np.sin((1 - alpha) * u) / w) ** ((1 - alpha) / alpha)
    clock = np.cumsum(ds ** (1 / alpha) * jumps, axis=1)
    assert clock[:, -1].min() > times
    walk = np.concatenate(
        [np.zeros((paths, 1)), np.cumsum(ds**0.5 * rng.standard_normal((paths, far)), axis=1)], axis=1
    )
    passed = np.stack([np.searchsorted(row, np.arange(times), side="right") for row in clock])
    return np.take_along_axis(walk, passed, axis=1)


def test_subordinated_paths_age(reproduces) -> None:
    """From the start the exponent is alpha; averages over time give 1 for the same paths, and are called so."""
    paths = subordinated(0.7, 2000, 65, seed=2)
    lags = [4, 8, 16, 32, 64]
    reproduces(cp.estimate_msd_exponent(paths, 1.0, lags, average="start", level=LEVEL), 0.7, 1.0)
    exact = np.array(lags) ** 0.7 / math.gamma(1.7)
    reproduces(cp.estimate_msd(paths, 1.0, lags, average="start", level=LEVEL), exact, 1.5 * exact)
    over_time = cp.estimate_msd_exponent(paths, 1.0, LAGS[:4], level=LEVEL)
    assert over_time.low > 0.8
    assert any("average='start'" in c for c in over_time.caveats)


def test_one_path_of_brownian_motion(reproduces) -> None:
    path = np.cumsum(np.random.default_rng(3).normal(size=40000))[None]
    reproduces(cp.estimate_msd_exponent(path, 1.0, LAGS, level=LEVEL), 1.0, 1.25)
