"""Turning points found from values alone, against zeros of a derivative known by hand."""

import mpmath
import pytest

from crossproof.derivations.errors import DomainError
from crossproof.numerics.signs.turning_points import turning_points


def test_turning_points_of_a_polynomial():
    found = turning_points(lambda v: v**3 - 3 * v, mpmath.mpf(-2), mpmath.mpf(3))
    assert [kind for kind, _ in found] == ["maximum", "minimum"]
    assert [float(place) for _, place in found] == pytest.approx([-1, 1], abs=1e-6)


def test_ends_out_of_order_are_refused():
    with pytest.raises(DomainError, match="give low < high"):
        turning_points(lambda v: v, mpmath.mpf(1), mpmath.mpf(0))
