"""Turning points found from values alone, against zeros of a derivative known by hand."""

import mpmath
import pytest

from crossproof.derivations.errors import DomainError
from crossproof.numerics.turning_points import turning_points, turning_points_near


def test_turning_points_of_a_polynomial():
    found = turning_points(lambda v: v**3 - 3 * v, mpmath.mpf(-2), mpmath.mpf(3))
    assert [kind for kind, _ in found] == ["maximum", "minimum"]
    assert [float(place) for _, place in found] == pytest.approx([-1, 1], abs=1e-6)


def test_an_extremum_beside_another_is_found_in_a_smaller_window():
    with mpmath.workdps(50):
        gap = mpmath.mpf(10) ** -3
        found = turning_points_near(lambda v: v * (v - gap) * (v + 1), gap / 2, mpmath.mpf(1), "minimum")
        assert abs(3 * found**2 + 2 * (1 - gap) * found - gap) < 1e-12
        assert turning_points_near(lambda v: v, mpmath.mpf(0), mpmath.mpf(1), "maximum") is None


def test_bad_arguments_are_refused():
    with pytest.raises(DomainError, match="low < high"):
        turning_points(lambda v: v, mpmath.mpf(1), mpmath.mpf(1))
    with pytest.raises(DomainError, match="positive radius"):
        turning_points_near(lambda v: v, mpmath.mpf(0), mpmath.mpf(0), "maximum")
    with pytest.raises(DomainError, match="'maximum' or 'minimum'"):
        turning_points_near(lambda v: v, mpmath.mpf(0), mpmath.mpf(1), "peak")
