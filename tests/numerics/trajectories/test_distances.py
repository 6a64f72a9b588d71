"""Wasserstein distances of Gaussians and of shifted laws."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import stats

import crossproof as cp
from crossproof.numerics.trajectories.distances import on_lines

LEVEL = 1e-3


def gaussian(n: int, d: int, seed: int, mean: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return mean + scale * np.random.default_rng(seed).standard_normal((n, d))


def test_two_gaussians_on_the_line(reproduces) -> None:
    """W_2^2 = (difference of means)^2 + (difference of deviations)^2."""
    one, other = gaussian(20000, 1, 1), gaussian(15000, 1, 2, mean=1.0, scale=1.5)
    found = cp.estimate_wasserstein(one, other, level=LEVEL)
    reproduces(found, 1.25**0.5, 1.15 * 1.25**0.5)
    assert found.caveats == ()
    sideways = cp.estimate_wasserstein(one[:, 0], other[:, 0], method="sliced", level=LEVEL)
    assert sideways.value == found.value


def test_unequal_numbers_are_matched_exactly() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1, 6)), rng.normal(size=(1, 4))
    both = [np.repeat(np.sort(v), 12 // v.size) for v in (x[0], y[0])]
    np.testing.assert_allclose(on_lines(x, y), [np.mean((both[0] - both[1]) ** 2)])
    assert not np.isclose(on_lines(x, y)[0], stats.wasserstein_distance(x[0], y[0]) ** 2)  # that is W_1


def test_equal_laws_are_not_told_apart() -> None:
    found = cp.estimate_wasserstein(gaussian(2000, 1, 1), gaussian(2000, 1, 2))
    assert found.covers(0.0)
    assert any("equal laws" in c for c in found.caveats)


def test_intervals_cover() -> None:
    """200 repetitions at 95 %: at least 90 % (level 2e-3 for the right coverage), with half the error 67 %."""
    hits = []
    for seed in range(200):
        one, other = gaussian(400, 1, 2 * seed), gaussian(300, 1, 2 * seed + 1, mean=1.0, scale=1.5)
        hits.append(cp.estimate_wasserstein(one, other).covers(1.25**0.5))
    assert np.mean(hits) > 0.9


def test_a_law_without_second_moment_is_noticed() -> None:
    rng = np.random.default_rng(4)
    found = cp.estimate_wasserstein(rng.standard_cauchy(4000), rng.standard_cauchy(4000) + 1)
    assert any("may be infinite" in c for c in found.caveats)


def test_slices_of_a_shift(reproduces) -> None:
    """A shift of length a in d dimensions: a/sqrt(d)."""
    one, other = gaussian(1000, 3, 1), gaussian(1000, 3, 2, mean=1.0)
    found = cp.estimate_wasserstein(one, other, method="sliced", directions=200, level=LEVEL)
    reproduces(found, 1.0, 3**0.5)
    assert found.standard_error < 0.06


def test_plans_of_transport_between_shifted_laws(reproduces) -> None:
    """Both give the length of the shift, whatever the regularisation."""
    pytest.importorskip("ot")
    one, other = gaussian(300, 2, 1), gaussian(300, 2, 2, mean=2.0)
    length = 2 * 2**0.5
    for options in ({}, {"method": "entropic"}, {"method": "entropic", "regularisation": 20.0}):
        reproduces(cp.estimate_wasserstein(one, other, level=LEVEL, **options), length, 1.25 * length)


def test_the_entropic_cost_of_two_gaussians_on_the_line() -> None:
    """Janati et al. (2020): T_r = a^2 + s^2 + t^2 - (k - log((1 + k)/2) - 1) r/2 with k^2 = 1 + (4 s t/r)^2."""
    pytest.importorskip("ot")
    r, a, s, t = 10.0, 1.0, 1.0, 2.0

    def cost(s: float, t: float, a: float = 0.0) -> float:
        k = (1 + 16 * s**2 * t**2 / r**2) ** 0.5
        return a**2 + s**2 + t**2 - r / 2 * (k - np.log((1 + k) / 2) - 1)

    exact = (cost(s, t, a) - (cost(s, s) + cost(t, t)) / 2) ** 0.5
    quantiles = stats.norm.ppf((np.arange(500) + 0.5) / 500)
    found = cp.estimate_wasserstein(s * quantiles, a + t * quantiles, method="entropic", regularisation=r)
    assert abs(found.value - exact) < 0.02 * exact
    assert abs(exact - 2**0.5) > 0.02 * exact  # and it is not the exact distance


def test_too_little_entropy_and_three_dimensions() -> None:
    pytest.importorskip("ot")
    one, other = gaussian(60, 3, 1), gaussian(60, 3, 2)
    with pytest.raises(cp.NumericsError, match="give a larger one"):
        cp.estimate_wasserstein(one, other, method="entropic", regularisation=1e-4)
    exact = cp.estimate_wasserstein(one, other)
    assert any("3 dimensions" in c for c in exact.caveats)
    assert any("equal laws" in c for c in exact.caveats)
    with pytest.raises(cp.DomainError, match="1024"):
        cp.estimate_wasserstein(gaussian(1100, 2, 1), other[:, :2])


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ot", None)
    with pytest.raises(cp.UsageError, match=r"crossproof\[compare\]"):
        cp.estimate_wasserstein(gaussian(60, 2, 1), gaussian(60, 2, 2))
