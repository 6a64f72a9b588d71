"""Distribution functions and quantiles: the martingale itself, its inverses, and the band."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.laws import distance_to_law
from crossproof.checks.statistics.probabilities import (
    band_half_width,
    compare_cdf,
    compare_probability,
    compare_quantile,
    log_likelihood,
    log_mixture,
    proportion_interval,
)
from crossproof.derivations.errors import WitnessError

OPTIONS = {"scale": 1.0, "resolution": 0.1, "level": 1e-6, "looks": 1}


@pytest.mark.parametrize("n", [1, 2, 40])
@pytest.mark.parametrize("p", [1e-3, 0.3, 0.5])
def test_the_evidence_has_expectation_one(n, p) -> None:
    weights = stats.binom.pmf(np.arange(n + 1), n, p)
    evidence = [math.exp(log_mixture(s, n) - log_likelihood(s, n, p)) for s in range(n + 1)]
    assert weights @ evidence == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 50), (50, 50), (3, 17), (250_000, 1_000_000)])
def test_the_ends_of_the_interval_are_where_the_evidence_reaches_one_over_the_level(successes, n) -> None:
    low, high = proportion_interval(successes, n, 1e-4)
    assert low <= successes / n <= high
    for end, impossible in ((low, 0.0), (high, 1.0)):
        evidence = log_mixture(successes, n) - log_likelihood(successes, n, end)
        if end == impossible and (successes == 0 or successes == n):
            assert evidence < math.log(1e4)
        else:
            assert evidence == pytest.approx(math.log(1e4), rel=1e-6)


def test_a_rare_event_not_yet_seen_does_not_refute_its_probability() -> None:
    found = compare_probability(lambda look: np.zeros(10_000), 1e-4, **OPTIONS)
    assert found.outcome is not Outcome.REFUTED
    # 0 of 10^4 would have probability e^-100
    assert compare_probability(lambda look: np.zeros(10_000), 1e-2, **OPTIONS).outcome is Outcome.REFUTED


def test_an_atom_at_the_asserted_quantile_is_an_error() -> None:
    with pytest.raises(WitnessError, match="atom there; compare P"):
        compare_quantile(lambda look: np.arange(100.0), 0.5, 50.0, **OPTIONS)


def test_indicators_must_be_zero_or_one_and_probabilities_in_their_range() -> None:
    with pytest.raises(WitnessError, match="1 of 2 indicators"):
        compare_probability(lambda look: np.array([1.0, 0.5]), 0.5, **OPTIONS)
    with pytest.raises(WitnessError, match="no probability"):
        compare_cdf(lambda look: np.ones(4), 0.0, 1.5, **OPTIONS)
    with pytest.raises(WitnessError, match="order=1"):
        compare_quantile(lambda look: np.ones(4), 1, 0.5, **OPTIONS)
    with pytest.raises(WitnessError, match="count between"):
        proportion_interval(5, 4, 0.1)
    with pytest.raises(WitnessError, match="integer >= 1"):
        band_half_width(0, 0.1)


def test_the_constants_of_the_band_follow_from_massart_and_doob() -> None:
    """The sum over epochs of docs/statistics.md stays below 1612, for any level; with 0.8 in place of 0.85 it fails."""

    def total(width: float, epoch: float) -> float:
        # exponent s = 2 k width^2 / epoch must be 1/0.8, which fixes k < 1
        k = 1.25 * epoch / (2 * width**2)
        return (1 + k) / (1 - k) * 4 / math.log(epoch) if k < 1 else math.inf

    epochs = np.linspace(1.01, 1.2, 400)
    assert min(total(0.85, e) for e in epochs) < 1612
    assert min(total(0.80, e) for e in epochs) > 1612


def test_the_band_covers_at_all_sample_sizes() -> None:
    """At every n up to 1000; the band for one sample size does not."""
    level, runs, outside, outside_fixed = 0.05, 200, 0, 0
    sizes = np.unique(np.geomspace(10, 1000, 60).astype(int))
    for run in range(runs):
        x = np.random.default_rng((14, run)).random(1000)
        distances = np.array([distance_to_law(x[:n], lambda place: place) for n in sizes])
        outside += bool(np.any(distances > [band_half_width(int(n), level) for n in sizes]))
        outside_fixed += bool(np.any(distances > np.sqrt(np.log(2 / level) / (2 * sizes))))
    limit = stats.binom.ppf(0.999, runs, level)
    assert outside <= limit < outside_fixed
