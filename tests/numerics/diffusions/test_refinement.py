"""Richardson extrapolation with observed orders."""

import numpy as np
import pytest

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.diffusions.refinement import refined

SPACINGS = np.array([8.0, 4.0, 2.0, 1.0]) / 20


@pytest.mark.parametrize("powers", [(2, 4, 6), (2, 3, 4), (1, 2, 3), (2, 6, 8), (4, 6, 8)])
def test_the_error_covers_the_truth_whatever_the_order(powers):
    rng = np.random.default_rng(0)
    for _ in range(200):
        factors = rng.uniform(0.3, 3, 3) * rng.choice([-1, 1], 3)
        values = 1.0 + sum(c * SPACINGS**p for c, p in zip(factors, powers, strict=True))
        value, error = refined(values)
        assert abs(value - 1) <= error, factors


def test_second_order_is_removed():
    value, error = refined(2 + 3 * SPACINGS**2 + 5 * SPACINGS**4 + SPACINGS**6)
    assert abs(value - 2) < 2e-6
    assert error < 1e-4


def test_exact_values_have_no_error():
    assert refined([1.0] * 4) == (1.0, 0.0)


def test_four_values_are_needed():
    with pytest.raises(NumericsError, match="four"):
        refined([1.0, 2.0, 3.0])
