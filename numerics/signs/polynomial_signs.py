"""Signs of rational functions of one variable on an interval, by exact isolation of all real roots."""

from __future__ import annotations

import itertools

import sympy as sp

from ..exact.enclosures import simplest
from ..exact.fraction_field import flint
from .line_pieces import Line
from .line_signs import SignOnLine

#: Largest degree whose roots are isolated.
_LARGEST = 200


def rational_on_line(expr: sp.Expr, line: Line) -> SignOnLine | None:
    """Return whether a rational function over Q is positive on `line` except at its zeros, or None if it is none.

    Parameters
    ----------
    expr : sympy.Expr
        Numerator and denominator are polynomials with rational coefficients in the variable of the line.
    line : Line
        With rational or infinite ends.
    """
    v = line.variable
    top, bottom = sp.fraction(sp.together(expr))
    if not (top.is_polynomial(v) and bottom.is_polynomial(v)):
        return None
    ends = [e for e in (line.low, line.high) if e.is_finite]
    try:
        over, under = (sp.Poly(e, v, domain="QQ") for e in (top, bottom))
    except (sp.PolynomialError, sp.CoercionFailed):
        return None
    if over.degree() + under.degree() > _LARGEST or not all(e.is_Rational for e in ends) or over.is_zero:
        return None
    if any(line.contains(r) for r in under.real_roots(radicals=False)):
        return SignOnLine("unknown", f"the denominator {under.as_expr()} vanishes on the line")
    roots = sorted({r for r in over.real_roots(radicals=False) if line.contains(r)})
    marks = [line.low, *roots, line.high]
    for a, b in itertools.pairwise(marks):
        inside = _between(a, b)
        if over.eval(inside) * under.eval(inside) < 0:
            return SignOnLine("fails", f"negative at {inside}", tuple(roots), inside)
    what = f"{len(roots)} real roots isolated on the line, none with a change of sign"
    return SignOnLine("holds", what, tuple(roots))


def _between(low: sp.Expr, high: sp.Expr) -> sp.Rational:
    """Return a rational number strictly between two real algebraic numbers or infinities."""
    if not low.is_finite and not high.is_finite:
        return sp.Integer(0)
    if not high.is_finite:
        return sp.Integer(sp.floor(low)) + 1
    if not low.is_finite:
        return sp.Integer(sp.ceiling(high)) - 1
    width = sp.Rational(1, 2)
    while True:
        a, b = (e if e.is_Rational else sp.Rational(e.eval_rational(width)) for e in (low, high))
        if a < b:
            middle = _simple((3 * a + b) / 4, (a + 3 * b) / 4)
            if (low < middle) == sp.true and (middle < high) == sp.true:
                return middle
        width /= 16


def _simple(low: sp.Rational, high: sp.Rational) -> sp.Rational:
    fmpq = flint().fmpq
    return simplest(fmpq(int(low.p), int(low.q)), fmpq(int(high.p), int(high.q)))
