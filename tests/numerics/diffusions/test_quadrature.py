"""Quadrature of densities given by their logarithm."""

import math

import numpy as np
import pytest
from scipy import stats

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.diffusions.quadrature import Coordinate, Law
from crossproof.numerics.diffusions.slope_quadrature import log_density_from_slope, moments_from_slope


@pytest.mark.parametrize("shape", [0.1, 0.5, 1.0, 3.5, 40.0])
def test_gamma_law(shape: float) -> None:
    law = Law(lambda x: (shape - 1) * np.log(x) - x, 0, math.inf)
    exact = stats.gamma(shape)
    assert law.log_mass == pytest.approx(math.lgamma(shape), abs=1e-11)
    assert law.mean(lambda x: x) == pytest.approx(shape, rel=1e-11)
    for q in (0.01, 0.3, 0.5, 0.99):
        assert law.quantile(q) == pytest.approx(exact.ppf(q), rel=1e-8)
        assert law.cdf(exact.ppf(q)) == pytest.approx(q, rel=1e-10)
    levels = np.array([1e-3, 0.01, 0.25, 0.5, 0.99])
    assert exact.cdf(np.exp(law.on_line(levels))) == pytest.approx(levels, abs=1e-6)
    for bad in (-0.1, 1.5):
        with pytest.raises(NumericsError, match=rf"levels hold {bad}; .* in \[0, 1\]"):
            law.on_line(np.array([0.5, bad]))
    with pytest.raises(NumericsError, match="levels"):
        law.on_line(np.array([0.5, math.nan]))
    for method in (law.quantile, law.cdf):
        with pytest.raises(NumericsError, match=r"'0.5'.*give"):
            method("0.5")  # type: ignore[arg-type]


def test_narrow_law_far_from_the_origin() -> None:
    law = Law(lambda x: -(((x - 37.0) / 1e-3) ** 2) / 2, -math.inf, math.inf)
    assert law.quantile(0.5) == pytest.approx(37.0, abs=1e-9)
    assert law.log_mass == pytest.approx(math.log(1e-3 * math.sqrt(2 * math.pi)), abs=1e-10)


def test_law_on_a_finite_interval() -> None:
    law = Law(lambda x: 0.5 * np.log(x - 1) + 0.5 * np.log(3 - x), 1, 3)
    assert math.exp(law.log_mass) == pytest.approx(math.pi / 2, rel=1e-10)
    assert law.quantile(0.5) == pytest.approx(2.0, rel=1e-9)


def test_unresolved_singularity_is_refused() -> None:
    with pytest.raises(NumericsError, match="infinite"):
        Law(lambda x: -0.5 * np.log(3 - x), 1, 3)


def test_law_on_a_lower_half_line() -> None:
    assert Law(lambda x: x, -math.inf, 0.0).cdf(-1.0) == pytest.approx(math.exp(-1), rel=1e-10)


def test_density_that_is_not_integrable_is_refused() -> None:
    with pytest.raises(NumericsError, match="fall off"):
        Law(lambda x: -np.log(x), 0, math.inf)


def test_places_outside_the_support_are_refused() -> None:
    with pytest.raises(NumericsError, match="outside the support"):
        Coordinate(0.0, math.inf).z(-1.0)
    with pytest.raises(NumericsError, match="empty"):
        Coordinate(1.0, 1.0)


def test_log_density_from_slope_is_spectrally_accurate() -> None:
    nodes, weights, log_p = log_density_from_slope(np.cos, np.linspace(0, 3, 4))
    assert np.abs(log_p - np.sin(nodes)).max() < 1e-13
    assert weights.sum() == pytest.approx(3)


def test_small_shifts_of_the_mean_keep_their_digits() -> None:
    mean, variance, error = moments_from_slope(lambda y: -(y - 1) / 1e-8 + 1e-4, 1.0, 14e-4)
    assert mean == pytest.approx(1e-12, rel=1e-4)
    assert variance == pytest.approx(1e-8, rel=1e-10)
    assert error < 1e-15


def test_moments_refuse_a_cut_through_the_bulk() -> None:
    with pytest.raises(NumericsError, match="fallen off"):
        moments_from_slope(lambda y: -y, 0.0, 3.0)
