"""Lyapunov exponents of geometric Brownian motion and of products of random matrices."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma

import crossproof as cp

LEVEL = 1e-3


def geometric(mu: float, s: float, paths: int, seed: int) -> np.ndarray:
    """Return exact paths of dx = mu x dt + s x dB from 1 at steps of 0.1."""
    draws = np.random.default_rng(seed).standard_normal((paths, 100))
    logs = np.cumsum((mu - s**2 / 2) * 0.1 + s * 0.1**0.5 * draws, axis=1)
    return np.exp(np.concatenate([np.zeros((paths, 1)), logs], axis=1))


def test_geometric_brownian_motion(reproduces) -> None:
    """mu - s^2/2: almost every path decays where the mean grows at mu."""
    found = cp.estimate_lyapunov(geometric(0.2, 1.0, 20_000, 1), 0.1, level=LEVEL)
    reproduces(found, 0.2 - 0.5, 0.2)
    assert found.high < 0
    assert found.caveats == ()


def test_the_logarithm_of_the_mean_is_another_rate() -> None:
    """With mild noise the mean of the paths does grow at mu, outside of the interval of the exponent."""
    paths = geometric(0.2, 0.3, 4000, 2)
    found = cp.estimate_lyapunov(paths, 0.1, level=LEVEL)
    assert found.covers(0.2 - 0.045)
    assert found.high < np.log(paths[:, -1].mean()) / 10


def test_a_start_along_a_fast_direction_is_noticed() -> None:
    times = 0.1 * np.arange(200)
    scale = np.random.default_rng(3).uniform(0.5, 2, (50, 1))
    paths = np.stack([1e-4 * scale * np.exp(0.1 * times), np.exp(-times) + 0 * scale], axis=2)
    early = cp.estimate_lyapunov(paths, 0.1, level=LEVEL)
    assert not early.covers(0.1)
    assert any("not yet the exponent" in c for c in early.caveats)
    late = cp.estimate_lyapunov(paths[:, 150:], 0.1, level=LEVEL)
    assert abs(late.value - 0.1) < 0.002


def test_products_of_gaussian_matrices(reproduces) -> None:
    """Newman (1986): (log 2 + psi((d - i)/2))/2 for i = 0, ..., d - 1."""
    maps = np.random.default_rng(4).standard_normal((400, 200, 3, 3))
    exact = (np.log(2) + digamma(np.array([3, 2, 1]) / 2)) / 2
    found = cp.estimate_lyapunov_spectrum(iter(np.split(maps, 4)), 1.0, level=LEVEL)
    reproduces(found, exact, exact + 0.05)
    reproduces(cp.estimate_lyapunov_spectrum(maps[:, :50], 0.5, level=LEVEL), 2 * exact, exact)


def test_the_edge_of_stability_of_a_random_quadratic(reproduces) -> None:
    """E log|1 - eta h| of SGD with h = 1 or 3 is 0 where (1 - eta)(1 - 3 eta) has modulus 1, not at 2/E h = 1."""
    rng = np.random.default_rng(5)
    for eta, edge in ((4 / 3, 0.0), (1.0, None)):
        maps = 1 - eta * rng.choice([1.0, 3.0], (2000, 100))[..., None, None]
        if edge is None:
            with np.testing.assert_raises(cp.DomainError):
                cp.estimate_lyapunov_spectrum(maps, 1.0)
        else:
            found = cp.estimate_lyapunov_spectrum(maps, 1.0, level=LEVEL)
            reproduces(found, [edge], [0.05])
