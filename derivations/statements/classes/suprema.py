"""The statement that bounds the largest value of a process of which a power is a supermartingale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...errors import ClaimError
from ...statement import Implication, Statement


@dataclass(frozen=True)
class SupremumBound(Statement):
    r"""For every continuous l >= 0 for which :math:`l^p` is a supermartingale, :math:`P[\sup_t l_t \ge c] \le` `bound`.

    Parameters
    ----------
    power, start, level : sympy.Expr
        p, the sure start of l, and c, all positive.
    bound : sympy.Expr
        In these and other parameters.

    Raises
    ------
    ClaimError
        If power, start or level is not known to be positive.
    """

    power: sp.Expr
    start: sp.Expr
    level: sp.Expr
    bound: sp.Expr

    def __post_init__(self) -> None:
        for name in ("power", "start", "level"):
            if not sp.sympify(getattr(self, name)).is_positive:
                raise ClaimError(f"{name} is {getattr(self, name)}; give an expression that is known to be positive")

    def asserted(self) -> tuple[str, ...]:
        return ("bound",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        """A larger bound asserts less; sizes are compared by their logarithms."""
        larger = sp.expand_log(sp.log(sp.powsimp(other.bound / self.bound)), force=True)
        return (Implication(sp.Gt(self.start, 0, evaluate=False), sp.Ge(larger, 0, evaluate=False)),)

    def free_symbols(self) -> set[sp.Symbol]:
        return set().union(*(sp.sympify(e).free_symbols for e in (self.power, self.start, self.level, self.bound)))

    def latex(self) -> str:
        given = rf"l^{{{sp.latex(self.power)}}} \text{{ a supermartingale}},\; l_0 = {sp.latex(self.start)}"
        return rf"{given}:\quad P\left[\sup_t l_t \ge {sp.latex(self.level)}\right] \le {sp.latex(self.bound)}"

    def formula(self) -> sp.Expr | None:
        return self.bound
