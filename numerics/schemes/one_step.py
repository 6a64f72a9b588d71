"""The one-step map of a scheme in symbols: what every simulator backend prints, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import sympy as sp

from ...derivations.errors import NumericsError

Law = Literal["gaussian", "two-point", "three-point"]


@dataclass(frozen=True)
class OneStep:
    r"""The map :math:`x_{n+1} = F(x_n, \xi_n;\, h, \theta)` of a numerical scheme.

    Attributes
    ----------
    scheme : str
        Name of the scheme.
    state : tuple of symbols
        Coordinates in which the scheme runs (d of them).
    update : tuple of expressions
        F, one entry a coordinate, in `state`, `noises`, `dt` and `parameters`.
    noises : tuple of symbols
        The m independent standardised increments of one step (mean 0, variance 1), in the order of their draws.
    law : {"gaussian", "two-point", "three-point"}
        Their law: N(0, 1); plus or minus 1; plus or minus sqrt(3) with probability 1/6 each, else 0.
    dt : symbol
        Step size h.
    parameters : tuple of symbols
        The remaining symbols, sorted by name.
    readout : tuple of expressions
        The coordinates of the original equation in terms of `state` (another chart, such as the logarithm).
    strong_order, weak_order : rational
        Proved orders of convergence; 0 where there is none.

    Raises
    ------
    NumericsError
        If shapes disagree, `law` is unknown, or an expression holds a symbol that none of the fields names.
    """

    scheme: str
    state: tuple[sp.Symbol, ...]
    update: tuple[sp.Expr, ...]
    noises: tuple[sp.Symbol, ...]
    law: Law
    dt: sp.Symbol
    parameters: tuple[sp.Symbol, ...]
    readout: tuple[sp.Expr, ...]
    strong_order: sp.Rational
    weak_order: sp.Rational

    def __post_init__(self) -> None:
        if self.law not in get_args(Law):
            raise NumericsError(f"law={self.law!r}; it must be one of {', '.join(get_args(Law))}")
        if len(self.update) != len(self.state):
            raise NumericsError(f"{len(self.update)} update entries for {len(self.state)} coordinates; give one each")
        known = {*self.state, *self.noises, self.dt, *self.parameters}
        stray = set().union(*(e.free_symbols for e in (*self.update, *self.readout))) - known
        if stray:
            names = ", ".join(sorted(map(str, stray)))
            raise NumericsError(
                f"the scheme {self.scheme!r} holds {names}, to which no value is given; add a parameter"
            )
