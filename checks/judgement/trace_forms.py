"""Normal forms of numbers made of traces of matrices, for matrices of all shapes."""

from __future__ import annotations

import sympy as sp

from ...derivations.errors import ClaimError
from ...derivations.matrices.kronecker import Vec, products
from ...derivations.matrices.stacked_words import act, inner, words
from ...derivations.matrices.wick import TraceProducts


def trace_products(value: sp.Expr) -> TraceProducts:
    """Return an expression in traces as a sum of products of traces of words.

    Parameters
    ----------
    value : sympy.Expr
        Sums, products and positive integer powers of traces and of numbers without traces.

    Raises
    ------
    ClaimError
        If traces occur in another way, or a matrix has no words.
    """
    if isinstance(value, sp.Add):
        total = TraceProducts({})
        for part in value.args:
            total = total + trace_products(part)
        return total
    if isinstance(value, sp.Mul):
        product = TraceProducts.of([((), sp.Integer(1))])
        for part in value.args:
            product = product * trace_products(part)
        return product
    if isinstance(value, sp.Pow) and value.has(sp.Trace) and value.exp.is_Integer and value.exp > 0:
        return trace_products(sp.Mul(*[value.base] * int(value.exp), evaluate=False))
    if isinstance(value, sp.Trace):
        return _trace(value.arg)
    if value.has(sp.Trace):
        raise ClaimError(f"{value} is no sum of products of traces")
    return TraceProducts.of([((), value)])


def _trace(expr: sp.MatrixExpr) -> TraceProducts:
    """Return a trace; a 1 x 1 matrix ``vec(A)^T S vec(B)`` is read as a bilinear form."""
    total = TraceProducts({})
    for coefficient, factors in products(expr):
        if factors and isinstance(factors[0], sp.Transpose) and isinstance(factors[0].arg, Vec):
            last = factors[-1]
            if not isinstance(last, Vec):
                raise ClaimError(f"{expr}: a row vec(A)^T needs a column vec(B) on the right")
            left, right = words(factors[0].arg.matrix), words(last.matrix)
            part = TraceProducts.single(inner([left], act(factors[1:-1], [right])))
        else:
            part = TraceProducts.single(words(sp.MatMul(*factors)).trace())
        total = total + part.scaled(coefficient)
    return total
