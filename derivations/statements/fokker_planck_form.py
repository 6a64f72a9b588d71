"""The statement that a density obeys a printed evolution equation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement


@dataclass(frozen=True)
class FokkerPlanckForm(Statement):
    r"""The density of `sde` obeys :math:`\partial_t p = ` `right_side`, whatever the undefined functions in it are.

    Parameters
    ----------
    sde : SDE
        Coefficients may contain undefined functions of the state, e.g. a loss L(theta).
    density : AppliedUndef
        p(state) as it occurs in `right_side`.
    right_side : sympy.Expr
        Linear in `density` and its derivatives.
    """

    sde: SDE
    density: Any
    right_side: sp.Expr

    def __post_init__(self) -> None:
        if not isinstance(self.density, AppliedUndef) or self.density.args != self.sde.state:
            raise ClaimError(f"density is {self.density}; give an undefined function of the state {self.sde.state}")

    def asserted(self) -> tuple[str, ...]:
        return ("right_side",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sde.free_symbols | set(self.right_side.free_symbols)

    def latex(self) -> str:
        return rf"\partial_t p = {sp.latex(self.right_side)} \quad \text{{for}}\; {self.sde.latex()}"

    def members(self) -> Iterator[dict[AppliedUndef, sp.Expr]]:
        """Yield concrete choices of every undefined function, simplest first.

        The density is Gaussian, drift functions are half the squared norm, diagonal diffusion entries 1 and others 0,
        with one diffusion entry after another made positive and state-dependent; the last choice makes all of them so.
        """
        sde = self.sde
        square = sum(x**2 for x in sde.state)
        drifting = self.right_side.atoms(AppliedUndef) | sde.drift.atoms(AppliedUndef)
        base: dict[AppliedUndef, sp.Expr] = dict.fromkeys(sorted(drifting, key=str), square / 2)
        entries: list[AppliedUndef] = []
        for i in range(sde.dimension):
            for j in range(sde.noises):
                for f in sorted(sde.diffusion[i, j].atoms(AppliedUndef) - set(entries), key=str):
                    entries.append(f)
                    base[f] = sp.Integer(int(i == j))
        base[self.density] = sp.exp(-square / 2)
        for f in entries:
            yield {**base, f: base[f] + square}
        # a product of the coordinates, so that no mixed derivative vanishes
        mixed = sp.Mul(*sde.state)
        yield {
            **base,
            **{f: 1 + square / (n + 2) + sde.state[0] / (n + 3) + mixed / (n + 5) for n, f in enumerate(entries)},
        }


def substitute_functions(expr: sp.Expr, chosen: Mapping[AppliedUndef, sp.Expr]) -> sp.Expr:
    """Return `expr` with undefined functions replaced and derivatives carried out."""
    return sp.sympify(expr).subs(dict(chosen)).doit()
