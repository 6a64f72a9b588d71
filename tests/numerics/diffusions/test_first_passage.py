"""Exit probabilities and mean exit times against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import erfi

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.numerics.diffusions.first_passage import exit_probability, mean_exit_time


def zero(x):
    return 0 * x


def one(x):
    return 1 + 0 * x


@given(st.floats(0.5, 5), st.floats(-0.9, 0.9))
def test_brownian_exit_time_is_r_squared_minus_x_squared(radius, fraction):
    start = fraction * radius
    found = mean_exit_time(zero, one, low=-radius, start=start, high=radius)
    assert found.value == pytest.approx(radius**2 - start**2, rel=1e-10)
    assert found.error <= 1e-10


def test_reflected_brownian_motion():
    found = mean_exit_time(zero, one, low=0, start=0.5, high=2, reflecting=True)
    assert found.value == pytest.approx(4 - 0.25, rel=1e-12)


@given(st.floats(-1, 1), st.floats(0.5, 2))
def test_hitting_probability_of_geometric_brownian_motion(mu, zeta):
    power = 1 - 2 * mu / zeta**2
    low, start, high = 0.1, 0.5, 3.0
    if abs(power) < 1e-3:
        exact = np.log(start / low) / np.log(high / low)
        tolerance = 1e-2
    else:
        exact = (start**power - low**power) / (high**power - low**power)
        tolerance = 1e-9
    found = exit_probability(lambda x: mu * x, lambda x: zeta**2 * x**2, low=low, start=start, high=high)
    assert found.value == pytest.approx(exact, rel=tolerance)


def test_exit_of_the_ornstein_uhlenbeck_process():
    found = exit_probability(lambda x: -x, one, low=-1, start=0.3, high=2)
    assert found.value == pytest.approx((erfi(0.3) - erfi(-1)) / (erfi(2) - erfi(-1)), rel=1e-10)


def test_drifted_brownian_exit_time():
    # solves v u' + u''/2 = -1 with u = 0 at both ends: u = (b P - x + a (1 - P)) / v
    v, low, start, high = -0.7, -1.0, 0.5, 2.0
    p = exit_probability(lambda x: v + zero(x), one, low=low, start=start, high=high).value
    found = mean_exit_time(lambda x: v + zero(x), one, low=low, start=start, high=high)
    assert found.value == pytest.approx((high * p + low * (1 - p) - start) / v, rel=1e-9)


def test_tiny_probabilities_keep_their_digits():
    found = exit_probability(lambda x: -0.5 + zero(x), one, low=-900, start=-400, high=0)
    assert found.value == pytest.approx(np.exp(-400.0), rel=1e-9)


def test_the_wrong_sign_of_the_drift_is_seen():
    right = exit_probability(lambda x: -x, one, low=-1, start=0.3, high=2).value
    wrong = exit_probability(lambda x: x, one, low=-1, start=0.3, high=2).value
    assert abs(right / wrong - 1) > 0.1


def test_ends_out_of_order():
    with pytest.raises(DomainError, match="low < start < high"):
        exit_probability(zero, one, low=1, start=0, high=2)


def test_tolerance_outside_its_range():
    with pytest.raises(DomainError, match="tolerance"):
        mean_exit_time(zero, one, low=-1, start=0, high=2, tolerance=0)


def test_vanishing_noise_is_refused():
    with pytest.raises(NumericsError, match="positive"):
        exit_probability(one, lambda x: np.maximum(x, 0.0), low=-1, start=0, high=1)


def test_a_jump_of_the_drift_does_not_settle():
    with pytest.raises(NumericsError, match="did not settle"):
        exit_probability(lambda x: np.where(x > 1 / 3, 5.0, -5.0), one, low=-1, start=0.1, high=1, tolerance=1e-15)
