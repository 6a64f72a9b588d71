"""Calibration and power of every statistic that may look at any time, at a level loose enough to be seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.bounded_means import compare_bounded_mean
from crossproof.checks.statistics.covariances import compare_covariance
from crossproof.checks.statistics.exponents import compare_exponent
from crossproof.checks.statistics.laws import compare_law, compare_laws, distance_to_law
from crossproof.checks.statistics.means import compare
from crossproof.checks.statistics.probabilities import compare_cdf, compare_probability, compare_quantile
from crossproof.checks.statistics.ratios import compare_ratio
from crossproof.derivations.errors import WitnessError

LEVEL, LOOKS, SAMPLES, RUNS, RESOLUTION = 0.05, 3, 2048, 300, 0.25
#: The one-sided 99.9 % binomial limit on wrong answers at the nominal level.
LIMIT = stats.binom.ppf(0.999, RUNS, LEVEL)

SCALES = (1.0, 2.0, 4.0)


def _shift(distance: float) -> float:
    """Shift of a standard normal law that moves its distribution function by `distance`."""
    return float(2 * special.ndtri((1 + distance) / 2))


# every case compares a value that is wrong by `wrong`, relative to the scale
CASES = {
    "bounded mean": lambda rng, wrong, o: compare_bounded_mean(
        lambda look: rng.beta(0.5, 1.5, SAMPLES), 0.25 + 0.25 * wrong, bounds=(0, 1), scale=0.25, **o
    ),
    "probability": lambda rng, wrong, o: compare_probability(
        lambda look: rng.random(SAMPLES) < 0.25, 0.25 + 0.25 * wrong, scale=0.25, **o
    ),
    "CDF value": lambda rng, wrong, o: compare_cdf(
        lambda look: rng.standard_cauchy(SAMPLES), 1.0, 0.75 + 0.25 * wrong, scale=0.25, **o
    ),
    "quantile": lambda rng, wrong, o: compare_quantile(
        lambda look: rng.standard_cauchy(SAMPLES), 0.75, math.tan(math.pi * (0.25 + 0.25 * wrong)), scale=0.25, **o
    ),
    "covariance": lambda rng, wrong, o: compare_covariance(
        lambda look: rng.standard_normal((SAMPLES, 2)) @ [[1.0, 0.6], [0.0, 0.8]] + (3, -2), 0.6 + wrong, scale=1.0, **o
    ),
    "ratio": lambda rng, wrong, o: compare_ratio(
        lambda look: rng.exponential((3.0, 1.5), (SAMPLES, 2)), 2.0 + 2.0 * wrong, scale=2.0, **o
    ),
    "exponent": lambda rng, wrong, o: compare_exponent(
        lambda look: [rng.exponential(s**1.5, SAMPLES) for s in SCALES], SCALES, 1.5 + 1.5 * wrong, scale=1.5, **o
    ),
    "law": lambda rng, wrong, o: compare_law(
        lambda look: rng.standard_normal(SAMPLES) + _shift(wrong), special.ndtr, **o
    ),
    "laws": lambda rng, wrong, o: compare_laws(lambda look: rng.normal((0.0, _shift(wrong)), 1.0, (SAMPLES, 2)), **o),
}


def _outcomes(name: str, wrong: float, resolution: float, level: float = LEVEL) -> list[Outcome]:
    options = {"resolution": resolution, "level": level, "looks": LOOKS}
    return [CASES[name](np.random.default_rng((577, run)), wrong, options).outcome for run in range(RUNS)]


@pytest.mark.parametrize("name", CASES)
def test_a_true_value_is_refuted_no_more_often_than_the_level(name) -> None:
    """With a look after every batch and a resolution that is never reached, so that only a refutation stops."""
    assert _outcomes(name, 0.0, 1e-9).count(Outcome.REFUTED) <= LIMIT


@pytest.mark.parametrize("name", CASES)
def test_a_value_wrong_by_the_resolution_is_refuted_and_a_true_one_confirmed(name) -> None:
    """Power at a level of 1e-3: at most 3 in 1000 escape refutation, none is confirmed."""
    wrong = _outcomes(name, RESOLUTION, RESOLUTION, 1e-3)
    assert wrong.count(Outcome.CONFIRMED) == 0
    assert wrong.count(Outcome.REFUTED) >= 0.99 * RUNS
    assert _outcomes(name, 0.0, RESOLUTION, 1e-3).count(Outcome.CONFIRMED) >= 0.99 * RUNS


def _normal_interval(x: np.ndarray) -> tuple[float, float]:
    half = stats.norm.isf(LEVEL / 2) * x.std() / math.sqrt(x.size)
    return x.mean() - half, x.mean() + half


def _clopper_pearson(x: np.ndarray) -> tuple[float, float]:
    s, n = int((x < 0.5).sum()), x.size
    return special.betaincinv(s, n - s + 1, LEVEL / 2), special.betaincinv(s + 1, n - s, 1 - LEVEL / 2)


def _massart(x: np.ndarray) -> tuple[float, float]:
    distance, half = distance_to_law(x, lambda place: place), math.sqrt(math.log(2 / LEVEL) / (2 * x.size))
    return max(distance - half, 0.0), distance + half


@pytest.mark.parametrize(
    ("interval", "true"),
    [(_normal_interval, 0.5), (_clopper_pearson, 0.5), (_massart, 0.0)],
    ids=["mean", "CDF value", "law"],
)
def test_peeking_with_intervals_for_one_look_breaks_the_level(interval, true) -> None:
    refuted = 0
    for run in range(RUNS):
        x = np.random.default_rng((3, run)).random(16 * 4**4)
        # looks at 16, 32, ..., 4096 samples
        found = compare(
            lambda look, x=x: interval(x[: 16 << look]), true, scale=1.0, resolution=1e-9, looks=9
        )  # fmt: skip
        refuted += found.outcome is Outcome.REFUTED
    assert refuted > LIMIT


OPTIONS = {"scale": 1.0, "resolution": 0.1, "level": 0.01, "looks": 1}
BAD = np.append(np.full(4095, 0.5), np.nan)
CALLS = {
    "bounded mean": lambda draw, o: compare_bounded_mean(draw, 0.5, bounds=(0, 1), **o),
    "probability": lambda draw, o: compare_probability(draw, 0.5, **o),
    "CDF value": lambda draw, o: compare_cdf(draw, 0.5, 0.5, **o),
    "quantile": lambda draw, o: compare_quantile(draw, 0.5, 0.1, **o),
    "covariance": lambda draw, o: compare_covariance(lambda look: np.stack([draw(look)] * 2, 1), 1.0, **o),
    "ratio": lambda draw, o: compare_ratio(lambda look: np.stack([draw(look)] * 2, 1), 1.0, **o),
    "exponent": lambda draw, o: compare_exponent(lambda look: [draw(look)] * 3, SCALES, 1.0, **o),
    "law": lambda draw, o: compare_law(draw, special.ndtr, **o),
    "laws": lambda draw, o: compare_laws(lambda look: np.stack([draw(look)] * 2, 1), **o),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_non_finite_sample_is_an_error_and_never_counted(name) -> None:
    with pytest.raises(WitnessError, match="not finite"):
        CALLS[name](lambda look: BAD, OPTIONS)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("bad", [{"scale": 0.0}, {"resolution": math.nan}, {"level": 0.0}, {"looks": 0}], ids=str)
def test_arguments_outside_their_range_are_refused(name, bad) -> None:
    with pytest.raises(WitnessError, match="must be"):
        CALLS[name](lambda look: np.full(4096, 0.25), OPTIONS | bad)


@pytest.mark.parametrize("name", CALLS)
def test_samples_of_another_shape_are_refused(name) -> None:
    with pytest.raises(WitnessError, match="shape"):
        CALLS[name](lambda look: np.full((4096, 3), 0.25), OPTIONS)
