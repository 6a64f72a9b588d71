"""Ratios and covariances: against definitions, and the wrong variants that practice commits."""

from __future__ import annotations

import numpy as np
import pytest

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.covariances import block_covariances, compare_covariance
from crossproof.checks.statistics.means import compare_mean, half_width
from crossproof.checks.statistics.ratios import compare_ratio, fieller_interval
from crossproof.derivations.errors import WitnessError

OPTIONS = {"resolution": 0.1, "level": 1e-6, "looks": 2}


@pytest.mark.parametrize("seed", range(5))
def test_the_ratio_interval_is_where_the_mean_of_x_minus_r_y_may_be_zero(seed) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.normal((3.0, -1.5), (1.0, 0.3), (200, 2))
    low, high = fieller_interval(groups, 1e-6)
    for r, inside in ((low, True), (high, True), (low - 0.01, False), (high + 0.01, False), ((low + high) / 2, True)):
        rest = groups[:, 0] - r * groups[:, 1]
        assert (abs(rest.mean()) <= half_width(rest, 1e-6) * (1 + 1e-9)) == inside


def test_a_ratio_with_a_denominator_near_zero_stays_open() -> None:
    groups = np.random.default_rng(2).normal((1.0, 0.0), 1.0, (300, 2))
    assert fieller_interval(groups, 1e-6) == (-np.inf, np.inf)
    assert fieller_interval(np.zeros((300, 2)), 1e-6) == (-np.inf, np.inf)
    assert fieller_interval(groups[:5], 1e-6) == (-np.inf, np.inf)
    rng = np.random.default_rng(3)
    found = compare_ratio(lambda look: rng.normal((1.0, 0.0), 1.0, (4096, 2)), 2.0, scale=2.0, **OPTIONS)
    assert (found.outcome, found.looks) == (Outcome.UNDECIDED, 2)


def test_the_mean_of_ratios_is_not_the_ratio_of_means() -> None:
    """E[X]/E[Y] = 2 is confirmed, while the mean of X/Y, which is larger, refutes it."""
    rng = np.random.default_rng(5)

    def draw(look: int) -> np.ndarray:
        return np.stack([rng.exponential(3.0, 40_000), 0.5 + rng.exponential(1.0, 40_000)], axis=1)

    assert compare_ratio(draw, 2.0, scale=2.0, **OPTIONS).outcome is Outcome.CONFIRMED

    def quotients(look: int) -> np.ndarray:
        x, y = draw(look).T
        return x / y

    assert compare_mean(quotients, 2.0, scale=2.0, **OPTIONS).outcome is Outcome.REFUTED


def test_block_covariances_are_those_of_numpy() -> None:
    pairs = np.random.default_rng(6).normal(size=(70, 2))
    found = block_covariances(pairs, 16)
    assert found == pytest.approx([np.cov(pairs[k : k + 16].T)[0, 1] for k in (0, 16, 32, 48)])
    (x1, y1), (x2, y2) = pairs[:2]
    assert block_covariances(pairs[:2], 2) == pytest.approx([(x1 - x2) * (y1 - y2) / 2])


def test_a_covariance_divided_by_n_instead_of_n_minus_one_is_refuted() -> None:
    rng = np.random.default_rng(7)

    def draw(look: int) -> np.ndarray:
        # far from the origin, where a mean square would lose its digits
        x = 1e6 + rng.normal(size=400_000)
        return np.stack([x, x], axis=1)

    options = OPTIONS | {"resolution": 0.02}
    assert compare_covariance(draw, 1.0, scale=1.0, **options).outcome is Outcome.CONFIRMED

    def biased(look: int) -> np.ndarray:
        return block_covariances(draw(look) - 1e6) * 15 / 16

    assert compare_mean(biased, 1.0, scale=1.0, **options).outcome is Outcome.REFUTED


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(WitnessError, match="at least 2048"):
        compare_covariance(lambda look: np.zeros((2047, 2)), 1.0, scale=1.0, **OPTIONS)
    with pytest.raises(WitnessError, match="at least 128"):
        compare_ratio(lambda look: np.ones((127, 2)), 1.0, scale=1.0, **OPTIONS)
