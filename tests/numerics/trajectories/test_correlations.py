"""Autocorrelations against the closed forms of Ornstein-Uhlenbeck processes, sums and functions of them."""

from __future__ import annotations

import numpy as np

import crossproof as cp

LEVEL = 1e-3
LAGS = [0, 2, 5, 10]


def test_exponential_correlations(ou, reproduces) -> None:
    found = cp.estimate_autocorrelation(ou(), 0.1, LAGS, level=LEVEL)
    times = 0.1 * np.array(LAGS)
    reproduces(found, np.exp(-times), np.exp(-1.15 * times))
    assert found.caveats == ()
    assert found.value[0] == 1.0


def test_coordinates_are_taken_one_by_one(ou, reproduces) -> None:
    found = cp.estimate_autocorrelation(ou(np.diag([-1.0, -3.0]), np.eye(2)), 0.1, [2, 5], level=LEVEL)
    rates = np.array([1.0, 3.0])
    times = np.array([[0.2], [0.5]])
    reproduces(found, np.exp(-rates * times), np.exp(-1.15 * rates * times))


def test_the_integrated_time(ou, reproduces) -> None:
    """1/k; the trapezoidal sum is off by (k dt)^2/12, here 0.08 %."""
    paths = ou(paths=4000, times=201)
    found = cp.estimate_autocorrelation_time(paths, 0.1, level=LEVEL)
    reproduces(found, 1.0, 1.15)
    assert found.caveats == ()
    fixed = cp.estimate_autocorrelation_time(paths, 0.1, window=10, level=LEVEL)
    reproduces(fixed, 0.1 * (0.5 + np.exp(-0.1 * np.arange(1, 11)).sum()), 1.0)  # a short window leaves out a third


def test_one_long_path(ou, reproduces) -> None:
    path = ou(paths=1, times=60000, dt=0.2, seed=8)
    found = cp.estimate_autocorrelation_time(path, 0.2, level=LEVEL)
    reproduces(found, 1.0, 1.3)
    assert (found.paths, found.caveats) == (1, ())


def test_paths_that_are_shorter_than_their_correlation(ou) -> None:
    found = cp.estimate_autocorrelation_time(ou(times=21), 0.1, level=LEVEL)
    assert not found.covers(1.0)
    assert any("cut short" in c for c in found.caveats)


def test_paths_that_are_not_stationary_have_no_autocorrelation() -> None:
    """Brownian motion from 0: what comes out depends on the length of the paths, and is called so."""
    paths = np.cumsum(np.random.default_rng(0).normal(size=(2000, 100)), axis=1)
    long, short = (cp.estimate_autocorrelation(p, 1.0, [10], level=LEVEL) for p in (paths, paths[:, :25]))
    assert not long.covers(short.value)
    for found in (long, short):
        assert any("not stationary" in c for c in found.caveats)


def test_memory_of_a_sum_of_two_processes(ou, reproduces) -> None:
    """Two rates of equal weight, of which only the sum is seen: Gaussian, and not Markov."""
    hidden = ou(np.diag([-1.0, -5.0]), np.diag([1.0, 5.0]))
    once, twice = ((np.exp(-t) + np.exp(-5 * t)) / 2 for t in (0.4, 0.8))
    found = cp.estimate_memory(hidden.sum(axis=2), 4, level=LEVEL)
    reproduces(found, (twice - once**2) / (1 - once**2), 0.0)
    reproduces(cp.estimate_memory(ou(), 4, level=LEVEL), 0.0, 0.05)


def test_memory_of_a_markov_process_that_is_not_gaussian(ou, reproduces) -> None:
    """Y + Y^3 for a Gaussian Markov Y is Markov, and relaxes at two rates: the known false alarm, of known size."""
    y = 2**0.5 * ou(paths=8000)
    once, twice = ((16 * np.exp(-t) + 6 * np.exp(-3 * t)) / 22 for t in (0.4, 0.8))
    reproduces(cp.estimate_memory(y + y**3, 4, level=LEVEL), (twice - once**2) / (1 - once**2), 0.0)
