"""Quotients of sines, inverse hyperbolic functions, factorials and the like, written by functions that provers know."""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Largest lower number of a binomial coefficient that is written as a polynomial.
_LARGEST = 12
_HALF = sp.Rational(1, 2)


def elementary(expr: sp.Expr) -> sp.Expr:
    """Return an expression with the same values wherever `expr` is defined and real."""
    return expr.replace(lambda node: node.func in _WRITTEN, _written)


def _written(node: Any) -> sp.Expr:
    return _WRITTEN[node.func](node)


def _binomial(node: Any) -> sp.Expr:
    n, k = node.args
    if k.is_Integer and 0 <= k <= _LARGEST:
        return sp.Mul(*(n - j for j in range(int(k)))) / math.factorial(int(k))
    return node


_WRITTEN: dict[Any, Any] = {
    sp.tan: lambda e: sp.sin(e.args[0]) / sp.cos(e.args[0]),
    sp.cot: lambda e: sp.cos(e.args[0]) / sp.sin(e.args[0]),
    sp.sec: lambda e: 1 / sp.cos(e.args[0]),
    sp.csc: lambda e: 1 / sp.sin(e.args[0]),
    sp.atanh: lambda e: (sp.log(1 + e.args[0]) - sp.log(1 - e.args[0])) * _HALF,
    sp.asinh: lambda e: sp.log(e.args[0] + sp.sqrt(e.args[0] ** 2 + 1)),
    sp.acosh: lambda e: sp.log(e.args[0] + sp.sqrt(e.args[0] ** 2 - 1)),
    sp.factorial: lambda e: sp.gamma(e.args[0] + 1),
    sp.beta: lambda e: sp.gamma(e.args[0]) * sp.gamma(e.args[1]) / sp.gamma(e.args[0] + e.args[1]),
    sp.binomial: _binomial,
}
