"""The bound of what extrapolation in the step leaves, on samples whose bias is known, of any order."""

from __future__ import annotations

import math

import pytest
import torch

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.statistics.richardson import (
    combine_comparisons,
    compare_extrapolated,
    extrapolate,
    remaining_bias,
)
from crossproof.checks.witness import Task
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.errors import NumericsError


def samples(bias: dict[float, float], noise: float = 0.1, level: float = 0.0) -> list[torch.Tensor]:
    """Return samples of mean `level` + sum_p c_p h^p at h = 1, 2, 4, with noise of its own in each scheme."""
    generator = torch.Generator().manual_seed(1)
    return [
        level
        + sum(c * h**p for p, c in bias.items())
        + noise * torch.randn(4096, generator=generator, dtype=torch.float64)
        for h in (1.0, 2.0, 4.0)
    ]


@pytest.mark.parametrize(
    "bias",
    [{1: 1.0, 2: 0.1}, {1: 1.0, 2: -0.02}, {1: -0.5, 2: 0.02}, {2: 0.3}, {}, {0.5: 1.0}, {0.75: 0.2}, {1.5: 0.1}],
)
def test_the_bound_holds_whatever_the_order_and_is_not_lavish(bias: dict[float, float]) -> None:
    bound = remaining_bias(samples(bias))
    left = abs(float(extrapolate(samples(bias, noise=0.0)).mean()))
    assert left <= bound
    assert bound <= 3 * left + 0.2


def test_an_order_that_is_assumed_would_leave_out_most_of_a_slow_bias() -> None:
    fine, middle, coarse = samples({0.5: 1.0}, noise=0.0)
    change = abs(float((2 * fine - middle - (2 * middle - coarse)).mean()))
    left = abs(float((2 * fine - middle).mean()))
    assert change < 0.5 * left <= 0.5 * remaining_bias([fine, middle, coarse]) * (1 + 1e-5)


def test_steps_that_are_too_long_and_schemes_that_are_too_slow_are_refused() -> None:
    with pytest.raises(NumericsError, match="the steps are too long"):
        remaining_bias(samples({3: 1.0}))
    with pytest.raises(NumericsError, match="more slowly than the square root"):
        remaining_bias(samples({0.25: 1.0}))
    broken = samples({1: 1.0})
    broken[2][7] = math.nan
    with pytest.raises(NumericsError, match="not finite"):
        remaining_bias(broken)


def test_rounding_is_neither_a_bias_nor_an_effect() -> None:
    load_catalog()
    task = Task(CLAIMS["004.gbm.log"], effort("quick"), 0, "cpu", 1e-8, "test")
    off = [torch.full((4096,), 6.6e-15 * (1 + k), dtype=torch.float64) for k in range(3)]
    result = compare_extrapolated(task, lambda look: off[:2], off, 0.0, scale=1.0, level=1e-8)
    assert result.outcome is Outcome.CONFIRMED
    wrong = [torch.full((4096,), 0.3, dtype=torch.float64)] * 3
    result = compare_extrapolated(task, lambda look: wrong[:2], wrong, 0.0, scale=1.0, level=1e-8)
    finding = combine_comparisons(task, [({}, "the mean", 0.0, result, 1.0)], "a test")
    assert finding.outcome is Outcome.REFUTED
    assert finding.effect == pytest.approx(0.3)
