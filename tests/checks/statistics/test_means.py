"""Calibration and power of the sequential comparison of means, at a level loose enough to be seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.means import GROUPS, compare_mean, half_width
from crossproof.derivations.errors import WitnessError

LEVEL, RUNS = 0.05, 1_500


def _outcomes(shift: float, draw, parts: int = 1) -> list[Outcome]:
    """Outcomes of RUNS comparisons of samples of mean 1 with 1 + shift: 3 looks of 640, or each in parts."""
    found = []
    for run in range(RUNS):
        rng = np.random.default_rng((2718, run))
        found.append(
            compare_mean(
                lambda look, rng=rng: draw(rng, 640 // parts),
                1.0 + shift,
                scale=1.0,
                resolution=0.2,
                level=LEVEL,
                looks=3 * parts,
                groups=GROUPS // parts,
            ).outcome
        )
    return found


@pytest.mark.parametrize("parts", [1, 4])
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.normal(1.0, 1.5, n),
        lambda rng, n: rng.exponential(1.0, n),
        lambda rng, n: rng.chisquare(1, n),
    ],
    ids=["normal", "exponential", "chi-square"],
)
def test_a_true_value_is_refuted_no_more_often_than_the_level(draw, parts: int) -> None:
    refuted = _outcomes(0.0, draw, parts).count(Outcome.REFUTED)
    # the one-sided 99.9 % binomial limit at the nominal level
    assert refuted <= stats.binom.ppf(0.999, RUNS, LEVEL)


def test_a_value_wrong_by_the_resolution_is_almost_never_confirmed() -> None:
    outcomes = _outcomes(0.2, lambda rng, n: rng.normal(1.0, 1.0, n))
    assert outcomes.count(Outcome.CONFIRMED) <= stats.binom.ppf(0.999, RUNS, LEVEL)
    assert outcomes.count(Outcome.REFUTED) > 0.9 * RUNS


def test_looks_in_parts_are_the_same_looks_and_end_sooner() -> None:
    """Four looks of a quarter of the groups have the interval of one look; a wrong value is refuted before it."""
    samples = np.random.default_rng(31).normal(1.0, 1.0, 6400)
    terms = {"scale": 1.0, "resolution": 1e-6, "level": 1e-6}
    whole = compare_mean(lambda look: samples, 1.0, looks=1, **terms)
    parts = compare_mean(lambda look: samples[1600 * look :][:1600], 1.0, looks=4, groups=GROUPS // 4, **terms)
    assert (parts.estimate, parts.half_width) == pytest.approx((whole.estimate, whole.half_width), rel=1e-12)
    wrong = compare_mean(lambda look: samples[1600 * look :][:1600], 3.0, looks=4, groups=GROUPS // 4, **terms)
    assert (wrong.outcome, wrong.looks) == (Outcome.REFUTED, 1)


def test_a_bias_bound_widens_the_interval() -> None:
    rng = np.random.default_rng(1)
    sample = rng.normal(1.0, 0.01, 640)
    options = {"scale": 1.0, "resolution": 0.1, "level": 1e-6, "looks": 1}
    assert compare_mean(lambda look: sample, 1.05, bias=0.0, **options).outcome is Outcome.REFUTED
    assert compare_mean(lambda look: sample, 1.05, bias=0.06, **options).outcome is Outcome.UNDECIDED


def test_rounding_is_never_an_effect() -> None:
    """Coupled paths of size 1 that differ by 6.6e-15 each, without any spread: no deviation however small the scale."""
    sample = np.full(640, 6.6e-15)
    options = {"scale": 1e-15, "resolution": 0.1, "level": 1e-6, "looks": 1}
    assert compare_mean(lambda look: sample, 0.0, **options).outcome is Outcome.REFUTED
    assert compare_mean(lambda look: sample, 0.0, size=1.0, **options).outcome is Outcome.UNDECIDED
    large = 1.0 + sample
    assert compare_mean(lambda look: large, 1.0, **options).outcome is not Outcome.REFUTED
    options["scale"] = 1.0
    assert compare_mean(lambda look: large + 1e-6, 1.0, **options).outcome is Outcome.REFUTED


@pytest.mark.parametrize("deviation", [3.0, 8.0])
def test_a_mean_that_few_samples_make_up_excludes_nothing(deviation: float) -> None:
    """E exp(sigma Z) is made up by samples that no run sees: its sample mean lies far below, and must not refute it."""
    for run in range(20):
        rng = np.random.default_rng((99, run))
        found = compare_mean(
            lambda look, rng=rng: np.exp(deviation * rng.standard_normal(20_000)), np.exp(deviation**2 / 2),
            scale=np.exp(deviation**2 / 2), resolution=0.05, level=1e-6, looks=4,
        )  # fmt: skip
        assert found.outcome is Outcome.UNDECIDED


def test_a_non_finite_sample_is_an_error_and_never_averaged_in() -> None:
    bad = np.append(np.ones(127), np.nan)
    with pytest.raises(WitnessError, match="1 of 128 samples"):
        compare_mean(lambda look: bad, 1.0, scale=1.0, resolution=0.1, level=0.01, looks=1)


@pytest.mark.parametrize(
    "bad", [{"scale": 0.0}, {"resolution": -1.0}, {"level": 1.0}, {"looks": 0}, {"bias": -1.0}, {"size": -1.0}]
)
def test_arguments_outside_their_range_are_refused(bad) -> None:
    options = {"scale": 1.0, "resolution": 0.1, "level": 0.01, "looks": 1} | bad
    with pytest.raises(WitnessError, match="must be positive"):
        compare_mean(lambda look: np.ones(128), 1.0, **options)


def test_the_interval_holds_at_all_looks_at_once() -> None:
    """The probability that the true mean is ever outside, over 60 looks, stays below the level."""
    rng = np.random.default_rng(31)
    ever_outside = 0
    for _ in range(400):
        observations = rng.normal(0.0, 1.0, 300)
        ever_outside += any(
            abs(observations[:n].mean()) > half_width(observations[:n], LEVEL) for n in range(5, 301, 5)
        )
    assert ever_outside <= stats.binom.ppf(0.999, 400, LEVEL)


def test_a_fixed_interval_would_fail_that_test() -> None:
    """Peeking with Student's interval instead is wrong far more often than its level says."""
    rng = np.random.default_rng(31)
    ever_outside = 0
    for _ in range(400):
        x = rng.normal(0.0, 1.0, 300)
        ever_outside += any(
            abs(x[:n].mean()) > stats.t.isf(LEVEL / 2, n - 1) * x[:n].std(ddof=1) / n**0.5 for n in range(5, 301, 5)
        )
    assert ever_outside > 2 * LEVEL * 400


def test_too_few_observations_exclude_nothing() -> None:
    assert half_width(np.array([1.0, 2.0]), 1e-6) == float("inf")
