"""The reduced equation of a mode against its catalog claims and against brute numerics."""

import math

import numpy as np
import pytest

from crossproof.derivations.errors import DomainError
from crossproof.numerics.diffusions.mode_laws import ModeLaw, finite_population_factor, logistic_amplitude


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_peak_is_where_the_rate_is_largest_below_the_teacher(depth):
    law = ModeLaw(depth, 2.0, 0.1, 0.2)
    grid = np.linspace(1e-3, 2.0, 200_001)
    found = law.peak()
    below = grid[grid < (found + 2.0) / 2]
    assert abs(below[law.variance_rate(below).argmax()] - found) < 2e-5
    assert ModeLaw(depth, 1.0, 0.1, 5.0).peak() is None
    assert ModeLaw(1, 1.0, 0.1).peak() is None


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_slope_is_that_of_the_zero_current_density(depth):
    law = ModeLaw(depth, 1.3, 0.05, 0.6)
    s = np.array([0.4, 0.9, 1.3, 2.0])
    h = 1e-5
    rate = (law.log_density(s + h) - law.log_density(s - h)) / (2 * h)
    assert np.allclose(rate, law.slope(s), rtol=1e-5)
    slope_of_rate = (np.log(law.variance_rate(s + h)) - np.log(law.variance_rate(s - h))) / (2 * h)
    assert np.allclose(law.slope(s), 2 * law.drift(s) / law.variance_rate(s) - slope_of_rate, rtol=1e-6)


@pytest.mark.parametrize("depth", [2, 4])
def test_tail_exponents(depth):
    law = ModeLaw(depth, 1.0, 0.1, 0.7)
    at_zero, at_infinity = law.tails()
    far = 1e5
    assert far * law.slope(np.array(far)) == pytest.approx(-at_infinity, rel=1e-2)
    if depth == 2:
        assert 1e-7 * law.slope(np.array(1e-7)) == pytest.approx(at_zero, rel=1e-4)
    else:
        assert math.isinf(at_zero)
    assert law.moment_exists(2)
    assert not law.moment_exists(5)


def test_collapse_at_depth_two():
    """stilde <= eta_b (2 stilde^2 + sigma^2)/2 piles the law up at zero."""
    assert ModeLaw(2, 1.0, 0.5, 1.0).normalisable()
    assert not ModeLaw(2, 1.0, 0.7, 1.0).normalisable()
    assert not ModeLaw(3, 1.0, 0.1).normalisable()
    with pytest.raises(DomainError, match="no stationary density"):
        ModeLaw(2, 1.0, 0.7, 1.0).stationary()


def test_small_steps():
    law = ModeLaw(2, 1.0, 1e-3, 0.5)
    stationary = law.stationary()
    mean = stationary.mean(lambda s: s)
    variance = stationary.mean(lambda s: (s - mean) ** 2)
    expected_mean, expected_variance = law.small_step_moments()
    assert variance == pytest.approx(expected_variance, rel=1e-2)
    assert mean - 1 == pytest.approx(expected_mean - 1, rel=2e-2)


def test_gradient_flow_and_finite_population():
    t = np.linspace(0, 3, 4)
    s = logistic_amplitude(t, start=0.1, stilde=2.0)
    h = 1e-6
    rate = (logistic_amplitude(t + h, start=0.1, stilde=2.0) - s) / h
    assert s[0] == pytest.approx(0.1)
    assert np.allclose(rate, 2 * s * (2 - s), rtol=1e-4)
    assert finite_population_factor(5, 5) == 0
    assert finite_population_factor(1, 5) == 1


def test_bad_arguments_are_named():
    for bad in ({"depth": 0}, {"stilde": 0.0}, {"eta_b": -1.0}, {"sigma": float("nan")}):
        with pytest.raises(DomainError, match=next(iter(bad))):
            ModeLaw(**{"depth": 2, "stilde": 1.0, "eta_b": 0.1, "sigma": 0.0} | bad)
    with pytest.raises(DomainError, match="s holds"):
        ModeLaw(2, 1.0, 0.1).drift(np.array([-1.0]))
    with pytest.raises(DomainError, match="sigma"):
        ModeLaw(2, 1.0, 0.1).tails()
    with pytest.raises(DomainError, match="start"):
        logistic_amplitude(np.array([1.0]), start=0.0, stilde=1.0)
    with pytest.raises(DomainError, match="batch"):
        finite_population_factor(3, 2)
