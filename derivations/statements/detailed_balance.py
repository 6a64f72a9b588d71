"""Statements about detailed balance: a probability current that vanishes identically."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..statement import Statement, proportional

#: Senses in which a probability current j = F p + (second-order part) can be written; see `DetailedBalance`.
CURRENTS = ("printed", "ito", "stratonovich")


@dataclass(frozen=True)
class DetailedBalance(Statement):
    r"""The current :math:`j = F p + A\nabla p + \ldots` vanishes identically for a positive density.

    Parameters
    ----------
    state : tuple of Symbol
        The d coordinates.
    force : sequence
        F, the d entries that multiply p (minus the drift).
    tensor : Matrix
        A, symmetric positive definite, d x d: half the variance rate.
    density : sympy.Expr or None
        The density asserted to solve ``j = 0``; None asserts that some positive density does.
    current : {"printed", "ito", "stratonovich"}
        Second-order part: ``A grad p`` (as printed in document 001), ``div (A p)`` (Ito), or
        ``sqrt(A) (sqrt(A) p)'`` (Stratonovich, d = 1 only).
    """

    state: tuple[sp.Symbol, ...]
    force: sp.ImmutableMatrix
    tensor: sp.ImmutableMatrix
    density: sp.Expr | None = None
    current: str = "printed"

    def __post_init__(self) -> None:
        d = len(self.state)
        object.__setattr__(self, "force", sp.ImmutableMatrix(self.force).reshape(d, 1))
        object.__setattr__(self, "tensor", sp.ImmutableMatrix(self.tensor))
        if self.tensor.shape != (d, d):
            raise ClaimError(f"tensor has shape {self.tensor.shape}; {d} coordinates need ({d}, {d})")
        if self.current not in CURRENTS:
            raise ClaimError(f"current is {self.current!r}; choose one of {', '.join(CURRENTS)}")
        if self.current == "stratonovich" and d != 1:
            raise ClaimError("the Stratonovich current depends on the root of the tensor for d > 1; use d = 1")

    def asserted(self) -> tuple[str, ...]:
        return () if self.density is None else ("density",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return proportional(self.density, other.density, self.state)

    def free_symbols(self) -> set[sp.Symbol]:
        named = set(self.force.free_symbols) | set(self.tensor.free_symbols)
        if self.density is None:
            return named - set(self.state)
        return named | set(self.density.free_symbols)

    def latex(self) -> str:
        force, tensor = sp.latex(self.force), sp.latex(self.tensor)
        second = {
            "printed": rf"{tensor} \nabla p",
            "ito": rf"\nabla\cdot\left({tensor} p\right)",
            "stratonovich": rf"\sqrt{{A}}\,\left(\sqrt{{A}}\, p\right)',\; A = {tensor}",
        }[self.current]
        if self.density is None:
            return rf"\exists\, p > 0:\quad {force} p + {second} = 0"
        return rf"p \propto {sp.latex(self.density)} \;\Rightarrow\; {force} p + {second} = 0"

    def formula(self) -> sp.Expr | None:
        return None if self.density is None or self.density.has(sp.core.function.AppliedUndef) else self.density
