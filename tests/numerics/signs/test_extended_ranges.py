"""Ranges with open and infinite ends."""

import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.signs.extended_ranges import between, extended_range

x = sp.Symbol("x", real=True)


def sign(expr, low, high, low_closed=False, high_closed=False):
    return extended_range(expr, {x: between(low, high, low_closed, high_closed)}).sign


@pytest.mark.parametrize(
    ("expr", "low", "high", "expected"),
    [
        (1 - sp.tanh(x), -sp.oo, sp.oo, "positive"),
        (1 - sp.erf(x), 0, sp.oo, "positive"),
        (sp.Rational(999, 1000) - sp.tanh(x), -sp.oo, sp.oo, None),
        (-1 / sp.log(x), 0, 1, "positive"),
        (x * sp.exp(-x), 0, sp.oo, "positive"),
        (x - sp.log(x), 2, sp.oo, None),
        (2 - sp.sin(x) - sp.cos(x), -sp.oo, sp.oo, "nonnegative"),
        (sp.cosh(x) - 1, -sp.oo, sp.oo, "nonnegative"),
        (sp.cosh(x) - 1, 0, sp.oo, "positive"),
        (sp.gamma(x) - sp.Rational(88, 100), 0, sp.oo, "positive"),
    ],
)
def test_signs(expr, low, high, expected):
    assert sign(expr, low, high) == expected


@pytest.mark.parametrize("expr", [sp.log(x), 1 / x, sp.sqrt(x), sp.gamma(x), sp.Function("f")(x)])
def test_where_a_part_may_be_undefined_there_is_no_range(expr):
    with pytest.raises(NumericsError):
        sign(expr, -1, 1)


def test_limits_and_what_has_none():
    assert sign(sp.exp(-(x**2)) - sp.erfc(x), sp.oo, sp.oo, True, True) == "zero"
    assert sign(sp.sin(x) / x, sp.oo, sp.oo, True, True) == "zero"
    for expr in (x * sp.exp(-x), x - sp.log(x)):
        with pytest.raises(NumericsError):
            sign(expr, sp.oo, sp.oo, True, True)
