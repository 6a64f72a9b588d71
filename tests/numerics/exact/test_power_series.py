"""Taylor coefficients in balls against known derivatives."""

import flint
import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.exact.power_series import Jet, derivative_agrees

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize(
    "expr",
    [sp.exp(x) / x, sp.tanh(x) ** 2, sp.sinh(x) * sp.cosh(x), x**x, sp.sqrt(x) * sp.log(x), sp.erfc(x), sp.gamma(x)],
)
def test_coefficients_enclose_the_derivatives(expr):
    at = flint.arb(flint.fmpq(3, 7))
    for k, ball in enumerate(Jet(expr, x).coefficients(at, 3)):
        value = sp.N(sp.diff(expr, x, k).subs(x, sp.Rational(3, 7)), 30) / sp.factorial(k)
        assert abs(float(ball.mid()) - float(value)) < 1e-9 * (1 + abs(float(value)))


def test_a_corner_has_no_slope_and_an_undefined_value_none():
    across = flint.arb(-1).union(flint.arb(1))
    assert Jet(sp.Abs(x), x).coefficients(across, 1) is None
    assert Jet(sp.log(x), x).value(across) is None
    with pytest.raises(NumericsError, match="no value for"):
        Jet(x * y, x)


def test_a_wrong_derivative_is_noticed():
    points = [{x: sp.Rational(k, 3), y: sp.Integer(2)} for k in (1, 2, 4)]
    f = sp.exp(x * y)
    assert derivative_agrees(f, y * f, x, points)
    assert not derivative_agrees(f, y * f * (1 + sp.Rational(1, 10**9)), x, points)
