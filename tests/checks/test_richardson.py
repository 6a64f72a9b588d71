"""The bound of what extrapolation in the step leaves, on samples whose bias is known."""

import math

import pytest
import torch

from crossproof.checks.richardson import extrapolate, remaining_bias
from crossproof.derivations.errors import NumericsError


def samples(first: float, second: float, noise: float = 0.1, third: float = 0.0) -> list[torch.Tensor]:
    """Return samples of mean first h + second h^2 + third h^3 at h = 1, 2, 4, with noise of its own in each scheme."""
    generator = torch.Generator().manual_seed(1)
    steps = (1.0, 2.0, 4.0)
    return [
        first * h + second * h**2 + third * h**3 + noise * torch.randn(4096, generator=generator, dtype=torch.float64)
        for h in steps
    ]


@pytest.mark.parametrize(("first", "second"), [(1.0, 0.1), (1.0, -0.1), (-0.5, 0.02), (0.0, 0.3), (0.0, 0.0)])
def test_the_bound_holds_and_is_not_lavish(first: float, second: float) -> None:
    """What is left is -2 c2; the noise adds about sqrt(4 + 9 + ...) / 64 of its size at four standard errors."""
    bound = remaining_bias(samples(first, second))
    assert abs(float(extrapolate(samples(first, second, noise=0.0)).mean())) <= bound
    assert bound <= 6 * abs(second) + 0.06


def test_steps_that_are_too_long_are_refused() -> None:
    with pytest.raises(NumericsError, match="the steps are too long"):
        remaining_bias(samples(0.0, 0.0, third=1.0))
    broken = samples(1.0, 0.1)
    broken[2][7] = math.nan
    with pytest.raises(NumericsError, match="not finite"):
        remaining_bias(broken)
