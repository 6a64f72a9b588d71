"""The statement that a function of the inner products of random vectors concentrates in high dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ...errors import ClaimError
from ...statement import Statement
from ...symbols import real


def inner_product(i: int, j: int) -> sp.Symbol:
    """Return the symbol of the inner product of the vectors i and j, counted from 1."""
    symbol: sp.Symbol = real(f"g_{min(i, j)}{max(i, j)}")
    return symbol


@dataclass(frozen=True)
class GramLimit(Statement):
    """For independent random vectors with d independent N(0, 1) entries, `expression` tends to `value` as d grows.

    In probability. The expression does not change when all vectors are scaled together.

    Parameters
    ----------
    vectors : int
        How many, at most 9.
    expression : sympy.Expr
        In the inner products ``inner_product(i, j)``.
    value : sympy.Expr
        The limit.

    Raises
    ------
    ClaimError
        If the expression names another symbol than inner products of these vectors.
    """

    vectors: int
    expression: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        foreign = self.expression.free_symbols - set(self.products())
        if foreign or not 1 <= self.vectors <= 9:
            named = ", ".join(sorted(map(str, foreign))) or f"{self.vectors} vectors"
            raise ClaimError(
                f"expression with {named}; use inner_product(i, j) of at most 9 vectors, which `vectors` counts"
            )

    def products(self) -> dict[sp.Symbol, tuple[int, int]]:
        """Return all inner products with the numbers of their vectors, from 1."""
        numbers = range(1, self.vectors + 1)
        return {inner_product(i, j): (i, j) for i in numbers for j in numbers if i <= j}

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.value.free_symbols)

    def latex(self) -> str:
        names = {g: rf"w_{i} \cdot w_{j}" for g, (i, j) in self.products().items()}
        left = sp.latex(self.expression, symbol_names=names)
        return rf"{left} \to {sp.latex(self.value)},\quad w_i \sim N(0, I_d),\; d \to \infty"

    def formula(self) -> sp.Expr | None:
        return self.value
