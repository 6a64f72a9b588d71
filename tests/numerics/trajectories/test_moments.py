"""Moments, stationary means and densities against closed forms."""

from __future__ import annotations

import numpy as np
import sympy as sp

import crossproof as cp

LEVEL = 1e-3


def test_mean_and_covariance_of_a_gaussian(reproduces) -> None:
    covariance = np.array([[2.0, 0.6], [0.6, 1.0]])
    rng = np.random.default_rng(3)
    samples = 1e8 + rng.standard_normal((40000, 2)) @ np.linalg.cholesky(covariance).T
    mean, spread = cp.estimate_moments(iter(np.split(samples, 8)), level=LEVEL)
    reproduces(mean, [1e8, 1e8], [1e8 + 0.05, 1e8 + 0.05])
    reproduces(spread, covariance, 1.1 * covariance)
    assert mean.paths == 40000
    one = cp.estimate_moments(samples[:50])[1]
    np.testing.assert_allclose(one.value, np.cov((samples[:50] - 1e8).T), rtol=1e-6)


def test_streamed_summaries_have_the_same_intervals(reproduces) -> None:
    x, k, D = cp.real("x"), cp.positive("k"), cp.positive("D")
    sde = cp.SDE(x, drift=-k * x, diffusion=sp.sqrt(2 * D))
    settings = {"horizon": 1.0, "steps": 4, "paths": 20000, "scheme": "exact", "seed": 4, "backend": "torch"}
    summaries = cp.simulate(sde, {"k": 1, "D": 0.5}, 1.0, dtype="float64", **settings)
    mean, spread = cp.estimate_moments(summaries, level=LEVEL)
    reproduces(mean, [np.exp(-1)], [1.1 * np.exp(-1)])
    variance = (1 - np.exp(-2)) / 2
    reproduces(spread, [[variance]], [[1.08 * variance]])
    times, states = cp.simulate_paths(sde, {"k": 1, "D": 0.5}, 1.0, every=2, **settings)
    assert states.shape == (20000, 3, 1)
    np.testing.assert_allclose(times, [0.0, 0.5, 1.0])
    again, again_spread = cp.estimate_moments(states[:, -1], level=LEVEL)
    np.testing.assert_allclose(again.value, mean.value)
    np.testing.assert_allclose(again_spread.value, spread.value)
    np.testing.assert_allclose(again.standard_error, mean.standard_error, rtol=0.3)


def test_stationary_means(ou, reproduces) -> None:
    paths = ou()
    reproduces(cp.estimate_time_average(paths, lambda s: s[..., 0] ** 2, level=LEVEL), 0.5, 0.54)
    moments = cp.estimate_time_average(paths, lambda s: np.concatenate([s, s**4], axis=2), level=LEVEL)
    reproduces(moments, [0.0, 0.75], [0.05, 0.85])
    assert moments.caveats == ()


def test_paths_that_have_not_settled_are_noticed_until_the_burn_in_is_left_out(ou) -> None:
    paths = ou(start=np.array([3.0]), times=201)
    early = cp.estimate_time_average(paths, level=LEVEL)
    assert not early.covers(0.0)
    assert any("not stationary" in c for c in early.caveats)
    late = cp.estimate_time_average(paths, burn_in=100, level=LEVEL)
    assert late.covers(0.0)
    assert late.caveats == ()


def walks(paths: int, steps: int, seed: int) -> np.ndarray:
    """Return simple random walks from 0; killed at -+5 their quasi-stationary law is cos(pi x/10) on a parity."""
    signs = np.random.default_rng(seed).integers(0, 2, (paths, steps), dtype=np.int8) * 2 - 1
    return np.concatenate([np.zeros((paths, 1)), np.cumsum(signs, axis=1)], axis=1)


def test_the_quasi_stationary_law_of_a_killed_walk(reproduces) -> None:
    found = walks(40000, 40, seed=7)
    inside = np.all(np.abs(found) < 5, axis=1)
    survivors = found[inside, -1]
    weights = np.cos(np.pi * np.arange(-4, 5, 2) / 10)
    law = weights / weights.sum() / 2
    edges = [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]
    earlier = found[1::2, 20][np.all(np.abs(found[1::2, :21]) < 5, axis=1)]
    late = cp.estimate_density(survivors, edges, level=LEVEL)
    reproduces(late, law, 0.1)
    assert late.paths == int(inside.sum()) > 4000
    # before it has settled, and on bins that leave something out
    young = cp.estimate_density(earlier, edges, earlier=found[::2, 4], level=LEVEL)
    assert any("not yet stationary" in c for c in young.caveats)
    assert "lie outside of the bins" in cp.estimate_density(survivors, edges[1:]).caveats[0]


def test_the_interval_of_an_empty_and_of_a_full_bin() -> None:
    """Clopper and Pearson: no success in n gives 1 - (level/2)^(1/n)."""
    found = cp.estimate_density(np.full(100, 0.5), [0.0, 1.0, 2.0])
    bound = 1 - 0.025**0.01
    np.testing.assert_allclose(found.low, [1 - bound, 0.0])
    np.testing.assert_allclose(found.high, [1.0, bound])
