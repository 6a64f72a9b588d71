"""Explicit functionals of a Brownian path as functions of a finite-dimensional extended diffusion."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statements.processes import PathSolution


@dataclass(frozen=True)
class ExtendedPath:
    r"""The process :math:`(t, B, A_1, \dots)` with :math:`dA_i = g_i(t, B)\,dt`, and X as a function of it.

    Parameters
    ----------
    sde : SDE
        Equation of the extended state, one Brownian motion.
    value : sympy.Expr
        X(t) in the extended state.
    brownian : Symbol
        Coordinate B.
    integrals : tuple of Symbol
        Coordinates A_i (positive symbols when the integrand is positive).
    integrands : tuple of Expr
        g_i in t and B.
    """

    sde: SDE
    value: sp.Expr
    brownian: sp.Symbol
    integrals: tuple[sp.Symbol, ...]
    integrands: tuple[sp.Expr, ...]


def extend(statement: PathSolution) -> ExtendedPath:
    """Return the extended diffusion of a path solution.

    Raises
    ------
    ClaimError
        If an integrand contains another integral, or Brownian values remain that are not those at the upper end.
    """
    t = statement.time
    b = sp.Symbol("B_t", real=True)
    value = statement.solution
    symbols: list[sp.Symbol] = []
    integrands: list[sp.Expr] = []
    for number, integral in enumerate(sorted(statement.solution.atoms(sp.Integral), key=str), start=1):
        inner = integral.limits[0][0]
        integrand = integral.function.subs(statement.brownian(inner), b).subs(inner, t)
        if integrand.has(sp.Integral):
            raise ClaimError(f"{integral} is a nested integral, which has no finite-dimensional extension here")
        kind = {"positive": True} if integrand.is_positive else {"real": True}
        a = sp.Symbol(f"A_{number}", **kind)
        value = value.subs(integral, a)
        symbols.append(a)
        integrands.append(integrand)
    value = value.subs(statement.brownian(t), b)
    for expr in (value, *integrands):
        if expr.has(statement.brownian):
            raise ClaimError(f"{expr} uses Brownian values at times other than {t} and the integration variable")
    sde = SDE((t, b, *symbols), [1, 0, *integrands], [0, 1, *([0] * len(symbols))])
    return ExtendedPath(sde, value, b, tuple(symbols), tuple(integrands))
