"""The linear part of an equation at an invariant point, and the bound on how far the equation departs from it."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.witnesses.attractivity.near_linear import linear_part
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE

x, y, a = sp.symbols("x y a", real=True)
s = sp.Symbol("s", positive=True)
R = sp.Rational(1, 10**6)


def test_a_linear_equation_departs_nowhere() -> None:
    found = linear_part(SDE(x, a * x, 2 * x), (0,), {a: sp.Integer(3)}, R)
    assert (found.drift, found.noise) == (3.0, 2.0)
    assert found.departure < 1e-20


def test_the_departure_is_bounded_at_all_distances() -> None:
    """3 x^2 moves the slope of the drift by 6 R, with 4 = noise^2 for the scale."""
    found = linear_part(SDE(x, x + 3 * x**2, 2 * x), (0,), {}, R)
    assert 6e-6 / 4 <= found.departure <= 1.01 * 6e-6 / 4


def test_what_a_scan_at_some_distance_misses_is_seen() -> None:
    """The slope is 1 at every distance that a float can tell, and 0 at 0."""
    hidden = SDE(s, s * s / (s + sp.Rational(1, 10**400)), s)
    with pytest.raises(NumericsError, match="not enclosed"):
        linear_part(hidden, (0,), {}, R)
    smooth = SDE(s, s * (1 - sp.exp(-(10**10) * s)), s)
    assert linear_part(smooth, (0,), {}, R).departure > 0.5


def test_a_shifted_point_and_several_coordinates() -> None:
    found = linear_part(SDE((x, y), [1 - x, -y], sp.diag(x - 1, y)), (1, 0), {}, R)
    assert found.noise == pytest.approx(2**0.5)
    assert found.departure < 1e-20


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        (SDE(x, 1 - x, x), "vanish at"),
        (SDE(x, x, x**2), "the noise vanishes"),
        (SDE(s, s * sp.sqrt(s), s), "not enclosed"),
        (SDE(s, s, s * sp.log(s)), "vanish at"),
    ],
)
def test_what_is_not_linear_at_the_point_is_refused(equation: SDE, message: str) -> None:
    with pytest.raises(NumericsError, match=message):
        linear_part(equation, (0,), {}, R)
