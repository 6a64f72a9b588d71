"""Tail indices of Pareto laws, and the known failures: no power law, a shift, stable laws near 2, light tails."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import crossproof as cp
from crossproof.numerics.random.levy import stable
from crossproof.numerics.random.philox import key_words

LEVEL = 1e-3


def pareto(alpha: float, n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=n) ** (-1 / alpha)


@pytest.mark.parametrize(("method", "wrong"), [("hill", 1.65), ("moment", 1.8), ("pickands", 3.0)])
def test_the_index_of_a_pareto_law(reproduces, method: str, wrong: float) -> None:
    found = cp.estimate_tail_index(pareto(1.5, 400_000, 1), method=method, level=LEVEL)
    reproduces(found, 1.5, wrong)
    assert found.caveats == ()


def test_hill_has_the_mean_and_the_variance_of_the_inverse_gamma_law() -> None:
    """alpha and alpha^2/(k - 2) without bias, 2000 repetitions; k/(k - 1) too large with it, and exact coverage."""
    k = 20
    found = [cp.estimate_tail_index(pareto(2.0, 80, s), largest=k) for s in range(2000)]
    values = np.array([f.value for f in found])
    error = 2 / (k - 2) ** 0.5
    assert abs(values.mean() - 2) < 4 * error / 2000**0.5 < 2 / (k - 1)
    assert abs(values.var() / error**2 - 1) < 0.25
    hits = np.mean([f.covers(2.0) for f in found])
    assert abs(hits - 0.95) < 3.3 * (0.0475 / 2000) ** 0.5
    assert np.mean([bool(f.caveats) for f in found]) < 0.006  # 1e-3 in the limit


def test_hill_on_a_lognormal_law_is_called_wrong() -> None:
    """No power law: the index depends on the number of largest values, and the trend is seen."""
    samples = np.exp(np.random.default_rng(2).normal(size=100_000))
    few, many = (cp.estimate_tail_index(samples, largest=k, level=LEVEL) for k in (500, 10_000))
    assert few.low > many.high
    assert any("no power law" in c for c in many.caveats)
    other = cp.estimate_tail_index(samples, method="moment", largest=500, level=LEVEL)
    assert other.high > 1.5 * few.high


def test_hill_depends_on_the_origin_and_pickands_does_not() -> None:
    samples = pareto(1.5, 100_000, 3)
    hill = cp.estimate_tail_index(samples + 20, level=LEVEL)
    assert not hill.covers(1.5)
    assert any("no power law" in c for c in hill.caveats)
    there, moved = (cp.estimate_tail_index(samples + a, method="pickands") for a in (0.0, 20.0))
    np.testing.assert_allclose(there.value, moved.value, rtol=1e-9)


def test_hill_on_a_stable_law_near_two_takes_it_for_finite_variance() -> None:
    """alpha = 1.8 has an infinite variance; among a twentieth of 200,000 values Hill sees more than 2."""
    numbers = torch.arange(200_000)
    draws = stable(numbers, 0, 1, alpha=1.8, key=key_words(0, "tails", 0)).reshape(-1)
    many = cp.estimate_tail_index(draws, level=LEVEL)
    assert many.low > 2.0
    assert many.caveats
    assert cp.estimate_tail_index(draws, largest=200, level=LEVEL).covers(1.8)


def test_light_tails_have_no_finite_index() -> None:
    rng = np.random.default_rng(4)
    for samples in (rng.uniform(size=4000), rng.normal(size=4000)):
        found = cp.estimate_tail_index(samples, method="moment")
        assert found.high == np.inf
        assert "no upper bound" in found.caveats[0]
        assert cp.estimate_tail_index(samples).high < np.inf  # Hill cannot say so
    assert cp.estimate_tail_index(rng.uniform(size=4000), method="moment").value == np.inf
