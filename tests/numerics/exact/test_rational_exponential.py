"""The rational exponential, as a function and on birth-death generators."""

import numpy as np
import pytest
from scipy import linalg

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.exact.rational_exponential import propagate, rational_exponential


def generator(n, seed, spread=1.0):
    rng = np.random.default_rng(seed)
    up, down = np.exp(spread * rng.normal(size=(2, n - 1)))
    diagonal = np.zeros(n)
    diagonal[:-1] -= up
    diagonal[1:] -= down
    return up, diagonal, down


def test_it_is_the_exponential_on_the_negative_axis():
    r = rational_exponential()
    x = -np.concatenate([[0.0], np.logspace(-9, 9, 777)])
    assert np.abs(r(x) - np.exp(x)).max() <= 1e-12
    assert np.all(r.poles.imag > 0)
    # off the negative axis it is another function
    assert abs(r(np.array([30.0]))[0] - np.exp(30.0)) > 1


@pytest.mark.parametrize("time", [1e-3, 1.0, 100.0])
def test_it_agrees_with_the_dense_exponential(time):
    up, diagonal, down = generator(12, 0)
    a = np.diag(diagonal) + np.diag(up, -1) + np.diag(down, 1)
    start = np.zeros(12)
    start[5] = 1
    found = propagate(up, diagonal, down, start, time)
    assert np.abs(found - linalg.expm(a * time) @ start).max() < 1e-12
    assert found.sum() == pytest.approx(1, abs=1e-12)
    # the generator of the reversed rates is another one
    other = np.diag(diagonal) + np.diag(down, -1) + np.diag(up, 1)
    assert np.abs(found - linalg.expm(other * time) @ start).max() > 1e-5


def test_stiff_rates_do_no_harm():
    up, diagonal, down = generator(200, 1, spread=8.0)
    start = np.zeros(200)
    start[100] = 1
    whole = propagate(up, diagonal, down, start, 3.0)
    halves = propagate(up, diagonal, down, propagate(up, diagonal, down, start, 1.5), 1.5)
    assert np.abs(whole - halves).max() < 1e-9
    assert whole.min() > -1e-11


def test_a_time_that_is_not_positive_is_refused():
    up, diagonal, down = generator(4, 2)
    for time in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(NumericsError, match="time"):
            propagate(up, diagonal, down, np.ones(4), time)
