"""Means of bounded quantities: the supermartingale itself, and declared bounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.bounded_means import BETS, compare_bounded_mean, largest_excess, log_wealth
from crossproof.derivations.errors import WitnessError

OPTIONS = {"scale": 1.0, "resolution": 0.1, "level": 1e-6, "looks": 1}


def _expected_wealth(values: np.ndarray, weights: np.ndarray, mean: float, length: int) -> float:
    """Exact expectation over all sequences, with the predictions that the comparison uses."""
    total = 0.0
    for sequence in itertools.product(range(len(values)), repeat=length):
        x = values[list(sequence)]
        predicted = (0.5 + np.cumsum(x) - x) / np.arange(1, length + 1)
        excess, variation = (x - mean).sum(), ((x - predicted) ** 2).sum()
        total += weights[list(sequence)].prod() * float(np.exp(log_wealth(excess, variation)))
    return total


@pytest.mark.parametrize("p", [0.02, 0.5, 0.9])
def test_the_wealth_has_expectation_at_most_one(p) -> None:
    """Exactly, over all outcomes of two laws; at a mean set too low by a tenth it grows."""
    values, weights = np.array([0.0, 1.0]), np.array([1 - p, p])
    assert _expected_wealth(values, weights, p, 10) <= 1 + 1e-12
    values, weights = np.array([0.0, 0.3, 1.0]), np.array([(1 - p) / 2, (1 - p) / 2, p])
    mean = float(values @ weights)
    assert _expected_wealth(values, weights, mean, 6) <= 1 + 1e-12
    assert _expected_wealth(values, weights, mean - 0.2, 6) > 1


@pytest.mark.parametrize("variation", [0.0, 1e-3, 7.0, 1e9])
@pytest.mark.parametrize("level", [0.3, 1e-12])
def test_the_excess_is_where_the_wealth_reaches_one_over_the_level(variation, level) -> None:
    excess = largest_excess(variation, level)
    assert float(log_wealth(excess, variation)) == pytest.approx(-np.log(level), rel=1e-9)


def test_the_width_adapts_to_a_small_variance() -> None:
    rng = np.random.default_rng(8)
    halves = [
        compare_bounded_mean(
            lambda look, s=spread: 0.5 + s * (rng.random(200_000) - 0.5), 0.5, bounds=(0, 1), **OPTIONS
        ).half_width
        for spread in (1.0, 0.1)
    ]
    assert halves[1] < 0.15 * halves[0]
    # within 1.3 of sqrt(2 V log(1/level) / n), which no method can beat
    assert halves[0] < 1.3 * np.sqrt(2 / 12 * np.log(2e6) / 200_000)


def test_a_sample_outside_the_declared_bounds_is_an_error() -> None:
    samples = np.append(np.full(99, 0.5), 1.01)
    with pytest.raises(WitnessError, match=r"1 of 100 samples .* \[0.0, 1.0\], the first is 1.01"):
        compare_bounded_mean(lambda look: samples, 0.5, bounds=(0, 1), **OPTIONS)
    with pytest.raises(WitnessError, match="increasing order"):
        compare_bounded_mean(lambda look: samples, 0.5, bounds=(1, 1), **OPTIONS)


def test_bounds_scale_with_the_quantity() -> None:
    samples = np.random.default_rng(4).random(5000)
    small = compare_bounded_mean(lambda look: samples, 0.5, bounds=(0, 1), **OPTIONS)
    large = compare_bounded_mean(lambda look: 40 * samples - 10, 10.0, bounds=(-10, 30), **(OPTIONS | {"scale": 40.0}))
    assert large.half_width == pytest.approx(40 * small.half_width, rel=1e-9)
    assert large.estimate == pytest.approx(40 * small.estimate - 10, rel=1e-9)


def test_a_constant_never_equal_to_the_asserted_mean_is_not_refuted_too_early() -> None:
    """A rare event that was not seen yet: the sample variance is 0, and yet nothing is known."""
    rare = compare_bounded_mean(lambda look: np.zeros(1000), 1e-3, bounds=(0, 1), **OPTIONS)
    assert rare.outcome is not Outcome.REFUTED
    assert rare.half_width * 2 >= -np.log(5e-7) / (BETS.max() * 1000)
