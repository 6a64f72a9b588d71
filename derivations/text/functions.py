"""Names that an expression given as text may use: constants, functions, and forms that bind a variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Numbers with a name.
CONSTANTS: Mapping[str, sp.Expr] = {"pi": sp.pi, "E": sp.E, "EulerGamma": sp.EulerGamma}

#: Functions of one argument.
FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = {
    "exp": sp.exp, "log": sp.log, "ln": sp.log, "sqrt": sp.sqrt,
    "sin": sp.sin, "cos": sp.cos, "tan": sp.tan, "asin": sp.asin, "acos": sp.acos, "atan": sp.atan,
    "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh, "asinh": sp.asinh, "acosh": sp.acosh, "atanh": sp.atanh,
    "gamma": sp.gamma, "loggamma": sp.loggamma, "digamma": sp.digamma, "factorial": sp.factorial,
    "erf": sp.erf, "erfc": sp.erfc, "erfi": sp.erfi, "lambertw": sp.LambertW,
    "abs": sp.Abs, "Abs": sp.Abs, "sign": sp.sign, "floor": sp.floor, "ceiling": sp.ceiling,
}  # fmt: skip
#: Functions of two arguments; of any number of them.
PAIRED: Mapping[str, Callable[..., sp.Expr]] = {
    "binomial": sp.binomial, "beta": sp.beta, "besselj": sp.besselj, "bessely": sp.bessely, "besseli": sp.besseli,
    "besselk": sp.besselk,
}  # fmt: skip
CHOOSING: Mapping[str, Callable[..., sp.Expr]] = {"max": sp.Max, "min": sp.Min}
#: Forms ``name(formula, variable, from, to)`` with a variable of their own, and the kind of its values.
BINDING: Mapping[str, tuple[Callable[..., sp.Expr], Mapping[str, bool]]] = {
    "integral": (sp.Integral, {"real": True}), "sum": (sp.Sum, {"integer": True}),
}  # fmt: skip

#: Functions whose values leave every floating-point range soon, or that SymPy writes out at large whole arguments.
BOUNDED = frozenset({"gamma", "loggamma", "digamma", "factorial", "erfc", "erfi", *PAIRED})
#: Every name that is followed by brackets.
CALLED: Mapping[str, Any] = {**FUNCTIONS, **PAIRED, **CHOOSING, **BINDING, "derivative": sp.Derivative}
#: What a bound of a range may hold beside numbers, parameters and their powers.
IN_BOUNDS = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.gamma, sp.loggamma, sp.erf, sp.erfc,
    sp.Abs,
)  # fmt: skip


def unbound(expr: sp.Basic, *kinds: Any) -> bool:
    """Return whether one of `kinds` stands in `expr` outside the limits of integrals and sums."""
    nodes = sp.preorder_traversal(expr)
    for node in nodes:
        if isinstance(node, sp.Tuple):
            nodes.skip()
        elif node in kinds:
            return True
    return False
