"""Divergences of Gaussians with closed forms, and of laws that break the assumptions."""

from __future__ import annotations

import numpy as np
import pytest

import crossproof as cp

LEVEL = 1e-3


def pair(n: int, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return samples of N(0, 1) and N(1, 1.5^2)."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n), 1 + 1.5 * rng.standard_normal(m)


DIVERGENCE = np.log(1.5) + 2 / (2 * 1.5**2) - 0.5


def test_discrepancy_of_gaussians(reproduces) -> None:
    """Means of a Gaussian kernel: E k(X, Y) = (1 + v)^(-1/2) exp(-a^2/2(1 + v)), v the sum of the variances, b = 1."""

    def mean(v: float, a: float = 0.0) -> float:
        return float((1 + v) ** -0.5 * np.exp(-(a**2) / 2 / (1 + v)))

    exact = mean(2.0) + mean(4.5) - 2 * mean(3.25, 1.0)
    found = cp.estimate_mmd(*pair(6000, 5000, 1), bandwidth=1.0, level=LEVEL)
    reproduces(found, exact, 1.25 * exact)
    assert found.caveats == ()


def test_discrepancy_of_equal_laws_and_intervals() -> None:
    """Unbiased: 300 repetitions of equal laws have the mean 0 within four errors, which pairs of a sample spoil."""
    found = [cp.estimate_mmd(*np.random.default_rng(s).standard_normal((2, 64)), bandwidth=1.0) for s in range(300)]
    values = np.array([f.value for f in found])
    assert abs(values.mean()) < 4 * values.std() / 300**0.5 < 0.5 / 64
    exact = 3**-0.5 + 5.5**-0.5 - 2 * 4.25**-0.5 * np.exp(-0.5 / 4.25)
    hits = [cp.estimate_mmd(*pair(200, 200, s), bandwidth=1.0).covers(exact) for s in range(200)]
    assert np.mean(hits) > 0.9  # at 95 %: level 2e-3


def test_bandwidths_that_see_nothing_are_noticed() -> None:
    one, other = pair(500, 500, 2)
    for bandwidth in (1e-4, 100.0):
        found = cp.estimate_mmd(one, other, bandwidth=bandwidth)
        assert any("far from the distances" in c for c in found.caveats)
    far = [cp.estimate_mmd(one, other + a, bandwidth=1.0) for a in (20.0, 1000.0)]
    assert np.isclose(far[0].value, far[1].value, rtol=1e-6)
    assert all("hardly overlap" in f.caveats[0] for f in far)


@pytest.mark.parametrize("method", ["neighbours", "gaussian"])
def test_divergence_of_gaussians(reproduces, method: str) -> None:
    found = cp.estimate_kl(*pair(40000, 40000, 3), method=method, level=LEVEL)
    reproduces(found, DIVERGENCE, 1.2 * DIVERGENCE)
    other_way = np.log(1 / 1.5) + (1.5**2 + 1) / 2 - 0.5
    assert not found.covers(other_way)
    assert found.caveats == ()


def test_divergence_in_the_plane(reproduces) -> None:
    rng = np.random.default_rng(4)
    one, other = rng.standard_normal((20000, 2)), rng.standard_normal((20000, 2)) + np.array([1.0, 0.0])
    reproduces(cp.estimate_kl(one, other, level=LEVEL), 0.5, 0.6)


def test_divergence_of_disjoint_laws_is_infinite_and_called_so() -> None:
    rng = np.random.default_rng(5)
    one, apart = rng.uniform(0, 1, 4000), rng.uniform(2, 3, 4000)
    values = []
    for n in (500, 4000):
        found = cp.estimate_kl(one[:n], apart[:n])
        assert np.isfinite(found.high)  # the interval knows nothing of it
        assert any("may be infinite" in c for c in found.caveats)
        values.append(found.value)
    assert values[1] > values[0] + 1
    # a support that is only partly left
    assert any("may be infinite" in c for c in cp.estimate_kl(one, rng.uniform(0, 0.9, 4000)).caveats)
    assert cp.estimate_kl(0.9 * one, rng.uniform(0, 1, 4000)).caveats == ()


def test_laws_that_are_not_gaussian_are_noticed() -> None:
    """Two laws of equal means and variances have no divergence by the Gaussian formula."""
    rng = np.random.default_rng(6)
    one, other = rng.standard_normal(4000), rng.exponential(size=4000) - 1
    found = cp.estimate_kl(one, other, method="gaussian", level=LEVEL)
    assert found.covers(0.0)
    assert any("second is not Gaussian" in c for c in found.caveats)
    assert cp.estimate_kl(one, other, level=LEVEL).low > 0.1
