"""Exponents over scales: curvature, model error, and means that are not positive."""

from __future__ import annotations

import numpy as np
import pytest

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.exponents import compare_exponent
from crossproof.derivations.errors import WitnessError

SCALES = (1.0, 2.0, 4.0, 8.0)
OPTIONS = {"scale": 2.0, "resolution": 0.1, "level": 1e-6, "looks": 2}


def _compare(means, asserted=2.0, spread=0.1, **options):
    rng = np.random.default_rng(11)
    return compare_exponent(
        lambda look: [m * rng.normal(1.0, spread, 12_800) for m in means], SCALES, asserted, **(OPTIONS | options)
    )


def test_a_power_law_is_confirmed_with_the_least_squares_slope() -> None:
    found = _compare([5 * s**2 for s in SCALES])
    assert found.outcome is Outcome.CONFIRMED
    assert found.estimate == pytest.approx(2.0, abs=0.01)
    assert found.curvature[0] == 0 < found.curvature[1] < 0.02
    assert _compare([5 * s**2 for s in SCALES], asserted=2.2).outcome is Outcome.REFUTED


def test_a_curved_law_with_the_same_fitted_slope_is_not_confirmed() -> None:
    """The symmetric bend leaves the fitted slope as it is and shows as curvature."""
    bend = np.exp(0.3 * np.array([1.0, -1.0, -1.0, 1.0]))
    found = _compare([s**2 * b for s, b in zip(SCALES, bend, strict=True)])
    assert found.outcome is Outcome.UNDECIDED
    assert found.curvature[0] < 0.3 < found.curvature[1]
    assert found.curvature[1] - found.curvature[0] < 0.05
    assert found.estimate == pytest.approx(2.0, abs=0.01)


def test_a_declared_correction_to_scaling_widens_the_interval() -> None:
    """Means s^2 (1 + 1/s) have the exponent 2 only for large s: the claim must say how far they are from a line."""
    means = [s**2 * (1 + 1 / s) for s in SCALES]
    assert _compare(means).outcome is Outcome.REFUTED
    # log(1 + 1/s) lies within log(2)/2 of a constant
    assert _compare(means, model_error=float(np.log(2)) / 2).outcome is not Outcome.REFUTED


def test_a_mean_that_may_be_negative_leaves_the_exponent_open() -> None:
    found = _compare([0.0, 4.0, 16.0, 64.0])
    assert (found.outcome, found.curvature) == (Outcome.UNDECIDED, (0.0, np.inf))


@pytest.mark.parametrize(
    ("scales", "message"),
    [((1.0,), "two different"), ((1.0, 1.0), "two different"), ((0.0, 1.0), "positive"), ((1.0, 2.0), "4 scales")],
)
def test_scales_are_validated(scales, message) -> None:
    with pytest.raises(WitnessError, match=message):
        compare_exponent(lambda look: [np.ones(128)] * 4, scales, 1.0, **OPTIONS)
    with pytest.raises(WitnessError, match="bias=-1"):
        _compare(SCALES, model_error=-1.0)
