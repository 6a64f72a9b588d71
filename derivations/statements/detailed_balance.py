"""Statements about the stationary probability current: detailed balance, where it vanishes, and its rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
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


@dataclass(frozen=True)
class StationaryRotation(Statement):
    r"""In the stationary law the current J turns with the rate :math:`\int (x J_y - y J_x)\,dx\,dy` = `value`.

    It vanishes in detailed balance.

    Parameters
    ----------
    sde : SDE
        Two coordinates x, y, a drift that is linear in them and constant noise; all real parts of the eigenvalues of
        the drift are negative.
    value : sympy.Expr
        The asserted rate.

    Raises
    ------
    ClaimError
        If the equation has another number of coordinates, is not linear, or its noise depends on the state.
    """

    sde: SDE
    value: sp.Expr

    def __post_init__(self) -> None:
        if self.sde.dimension != 2:
            raise ClaimError(f"the SDE has {self.sde.dimension} coordinates; a rotation needs two")
        state = sp.Matrix(self.sde.state)
        drift = sp.Matrix(self.sde.drift)
        slopes = drift.jacobian(state)
        if slopes.has(*state) or any(sp.expand(e) != 0 for e in drift - slopes * state):
            raise ClaimError(f"drift {list(drift)} is not linear in {self.sde.state}; write A x with constant A")
        if self.sde.diffusion.has(*state):
            raise ClaimError("the noise depends on the state; give a constant diffusion matrix")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return (self.sde.free_symbols | set(sp.sympify(self.value).free_symbols)) - set(self.sde.state)

    def latex(self) -> str:
        x, y = (sp.latex(s) for s in self.sde.state)
        integral = rf"\int \left({x} J_{{{y}}} - {y} J_{{{x}}}\right) d{x}\,d{y}"
        return rf"{self.sde.latex()} \;\Rightarrow\; {integral} = {sp.latex(self.value)}"

    def formula(self) -> sp.Expr | None:
        return self.value
