"""Positivity on a line: true inequalities are certified, their wrong neighbours are not."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.numerics.exact.exact_zeros import Zero, is_zero, zeros_among
from crossproof.numerics.signs.line_pieces import Line
from crossproof.numerics.signs.line_signs import nonnegative_on_line
from crossproof.numerics.signs.polynomial_signs import rational_on_line

x = sp.Symbol("x", real=True)
p = sp.Symbol("p", positive=True)
R = sp.Rational

CASES = [
    (sp.exp(x) - 1 - x, -sp.oo, sp.oo, 0),
    (x - sp.log(1 + x), -1, sp.oo, 0),
    (x - sp.sin(x), 0, sp.oo, 0),
    (p - sp.log(p) - 1, 0, sp.oo, 1),
    (sp.exp(-1) - p * sp.exp(-p), 0, sp.oo, 1),
    (sp.exp(x**2 / 2) - sp.cosh(x), -sp.oo, sp.oo, 0),
    (2**x - x**2, 4, sp.oo, 4),
    (1 - sp.exp(x**2) * sp.erfc(x), 0, sp.oo, 0),
    (sp.log(2) + p * sp.log(p) + (1 - p) * sp.log(1 - p), 0, 1, R(1, 2)),
    (sp.log(1 + sp.exp(x)) - sp.log(2) - x / 2, -sp.oo, sp.oo, 0),
]


def examine(expr, low, high, *places, seconds=5.0):
    (symbol,) = expr.free_symbols
    line = Line(symbol, sp.sympify(low), sp.sympify(high))
    zeros = list(zeros_among(expr, symbol, map(sp.sympify, places)))
    return nonnegative_on_line(expr, line, zeros, seconds)


@pytest.mark.parametrize(("expr", "low", "high", "place"), CASES)
def test_touching_inequalities_are_certified_with_their_zero(expr, low, high, place):
    found = examine(expr, low, high, place)
    assert (found.outcome, found.zeros) == ("holds", (sp.sympify(place),)), found.reason


@pytest.mark.parametrize(("expr", "low", "high", "place"), CASES)
def test_their_wrong_neighbours_are_not(expr, low, high, place):
    """A little less than the function is negative close to the zero; without the zero nothing is certified."""
    assert examine(expr - R(1, 10**6), low, high, place, seconds=0.5).outcome != "holds"
    assert examine(expr, low, high, seconds=0.5).outcome != "holds" or place in (low, high)


def test_open_ends_and_margins():
    assert examine(1 - sp.erf(x), -sp.oo, sp.oo).outcome == "holds"
    assert examine(sp.gamma(p) - R(8856, 10000), 0, sp.oo).outcome == "holds"
    low = examine(sp.gamma(p) - R(88561, 100000), 0, sp.oo)
    assert low.outcome == "fails"
    assert sp.gamma(low.point).evalf(30) < R(88561, 100000)
    assert examine(p - sp.log(p) + sp.sin(1000 * p) / 10**6 - 1, 0, sp.oo).outcome == "holds"
    assert examine(p - sp.log(p) + sp.sin(1000 * p) / 10**5 - 1, 0, sp.oo).outcome == "fails"
    assert examine(20 - sp.log(p), 0, sp.oo).outcome == "fails"
    assert examine(1 / p - 1 / (p + sp.exp(-p)) - sp.exp(-3 * p), 0, sp.oo).outcome == "holds"
    assert examine(1 / p - 1 / (p + sp.exp(-p)) - sp.exp(-p) / p**2, 0, sp.oo).outcome != "holds"


def test_a_zero_outside_the_line_and_one_of_odd_order_prove_nothing():
    line = Line(x, sp.Integer(1), sp.oo)
    assert nonnegative_on_line(x - 1 - R(1, 100), line, [Zero(sp.Integer(0), 2)], 1.0).outcome != "holds"
    assert examine(x**3, -1, 1, 0).outcome == "fails"


def test_exact_zeros():
    assert is_zero(4 * sp.log(2) - 2 * sp.log(4))
    assert not is_zero(sp.exp(sp.pi * sp.sqrt(163)) - 640320**3 - 744)
    assert list(zeros_among(sp.cosh(x) - 1, x, [sp.Integer(0), sp.Integer(1)])) == [Zero(sp.Integer(0), 2)]


def test_rational_functions_by_exact_roots():
    everywhere = Line(x, -sp.oo, sp.oo)
    touching = rational_on_line((x**2 - 2) ** 2 / (1 + x**2), everywhere)
    assert touching.outcome == "holds"
    assert len(touching.zeros) == 2
    assert rational_on_line((x**2 - 2) ** 2 - R(1, 10**12), everywhere).outcome == "fails"
    assert rational_on_line(1 / x**2, everywhere).outcome == "unknown"
    assert rational_on_line(sp.exp(x), everywhere) is None
