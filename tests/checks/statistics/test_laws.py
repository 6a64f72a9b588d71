"""Equality of laws: distances against SciPy, jumps, couplings, bias."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.laws import (
    compare_law,
    compare_laws,
    distance_of_samples,
    distance_to_law,
    least_distance,
)
from crossproof.derivations.errors import WitnessError

OPTIONS = {"resolution": 0.05, "level": 1e-6, "looks": 2}


@pytest.mark.parametrize("digits", [16, 1])
def test_distances_are_those_of_scipy(digits) -> None:
    """Also with ties, which one digit makes."""
    pairs = np.round(np.random.default_rng(1).normal((0.0, 0.3), 1.0, (400, 2)), digits)
    assert distance_of_samples(pairs) == pytest.approx(stats.ks_2samp(pairs[:, 0], pairs[:, 1]).statistic)
    assert distance_to_law(pairs[:, 1], special.ndtr) == pytest.approx(stats.kstest(pairs[:, 1], "norm").statistic)


def test_a_discrete_law_is_confirmed_and_its_neighbour_refuted() -> None:
    rng = np.random.default_rng(2)

    def draw(look: int) -> np.ndarray:
        return rng.binomial(3, 0.5, 40_000).astype(float)

    assert compare_law(draw, stats.binom(3, 0.5).cdf, **OPTIONS).outcome is Outcome.CONFIRMED
    assert compare_law(draw, stats.binom(3, 0.55).cdf, **OPTIONS).outcome is Outcome.REFUTED


def test_equal_means_and_variances_do_not_make_equal_laws() -> None:
    rng = np.random.default_rng(3)

    def draw(look: int) -> np.ndarray:
        return np.stack([rng.normal(size=40_000), rng.laplace(0.0, 0.5**0.5, 40_000)], axis=1)

    found = compare_laws(draw, **OPTIONS)
    assert found.outcome is Outcome.REFUTED
    x = np.linspace(-3, 3, 2001)
    true = np.abs(special.ndtr(x) - stats.laplace(0, 0.5**0.5).cdf(x)).max()
    assert abs(found.estimate - true) <= found.half_width


def test_a_coupling_sharpens_the_bets() -> None:
    """A shift of 0.02 is refuted on common noise, and open on independent noise of the same size."""

    def draw(look: int, coupled: bool) -> np.ndarray:
        z = np.random.default_rng((4, look)).normal(size=(20_000, 2))
        return np.stack([z[:, 0], 0.02 + z[:, 0 if coupled else 1]], axis=1)

    assert compare_laws(lambda look: draw(look, True), **OPTIONS).outcome is Outcome.REFUTED
    assert compare_laws(lambda look: draw(look, False), **OPTIONS).outcome is not Outcome.REFUTED


def test_the_bets_exclude_no_distance_without_pairs_and_the_right_one_with_many() -> None:
    assert least_distance(0, np.zeros(3), np.zeros(3), 1e-6) == 0.0
    # Z = 1 always at one place: F - G = 1 there
    assert least_distance(10_000, np.array([0.0, 1e4]), np.array([0.0, 1e4]), 1e-6) == pytest.approx(1.0, abs=0.08)
    assert least_distance(10_000, np.array([0.0, 300.0]), np.array([0.0, 5e3]), 1e-6) == 0.0


def test_a_bias_of_the_simulated_law_widens_the_interval() -> None:
    rng = np.random.default_rng(5)
    for shift in (0.2, -0.2):
        draws = {
            "law": lambda look, s=shift: rng.normal(s, 1.0, 20_000),
            "laws": lambda look, s=shift: rng.normal((0.0, s), 1.0, (20_000, 2)),
        }
        assert compare_law(draws["law"], special.ndtr, **OPTIONS).outcome is Outcome.REFUTED
        assert compare_law(draws["law"], special.ndtr, bias=0.09, **OPTIONS).outcome is Outcome.UNDECIDED
        assert compare_laws(draws["laws"], **OPTIONS).outcome is Outcome.REFUTED
        assert compare_laws(draws["laws"], bias=0.09, **OPTIONS).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    "cdf",
    [lambda x: -special.ndtr(x), lambda x: 1 - special.ndtr(x), lambda x: np.full(3, 0.5), lambda x: x * np.nan],
    ids=["negative", "falling", "shape", "not a number"],
)
def test_something_that_is_no_distribution_function_is_refused(cdf) -> None:
    with pytest.raises(WitnessError, match="asserted distribution function"):
        compare_law(lambda look: np.random.default_rng(6).normal(size=500), cdf, **OPTIONS)
