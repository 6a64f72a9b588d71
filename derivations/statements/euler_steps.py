"""The statement that a random update is, in mean and covariance, an Euler step of a stochastic equation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement


@dataclass(frozen=True)
class RandomUpdate:
    r"""One update :math:`\theta \leftarrow \theta + \Delta(\theta, \xi)` with fresh draws each time; no simulator.

    Parameters
    ----------
    state : tuple of Symbol
        theta.
    change : tuple of Expr
        Delta, a polynomial in the draws; it may contain undefined functions of the state.
    draws : tuple of (Symbol, Expr)
        Each draw with its variance: independent, of mean 0, and Gaussian unless Delta is of degree 1 in them.

    Raises
    ------
    ClaimError
        If the change is no polynomial in the draws, or has another number of entries than the state, or a draw is
        named twice, is a state, or stands in a variance.
    """

    state: tuple[sp.Symbol, ...]
    change: tuple[sp.Expr, ...]
    draws: tuple[tuple[sp.Symbol, sp.Expr], ...]

    def __post_init__(self) -> None:
        if len(self.change) != len(self.state):
            raise ClaimError(f"change has {len(self.change)} entries; {len(self.state)} state variables need as many")
        noises = [z for z, _ in self.draws]
        taken = set(self.state).union(*(sp.sympify(variance).free_symbols for _, variance in self.draws))
        for z in noises:
            if z in taken or noises.count(z) > 1:
                raise ClaimError(f"draw {z} is named twice, is a state or stands in a variance; give it its own symbol")
        for entry in self.change:
            if not sp.sympify(entry).is_polynomial(*noises):
                raise ClaimError(f"change {entry} must be a polynomial in the draws {noises}")

    def written(self, sde: SDE) -> tuple[list[sp.Expr], list[sp.Basic]]:
        """Return update and equation as they are written, and what moves in them: states, draws and functions."""
        parts = [sp.sympify(e) for e in (*self.change, *sde.drift, *sde.diffusion)]
        functions = [f for e in parts for f in e.atoms(AppliedUndef)]
        return parts, [*self.state, *(z for z, _ in self.draws), *functions]

    def free_symbols(self) -> set[sp.Symbol]:
        """Return state variables and parameters."""
        parts = (*self.change, *(variance for _, variance in self.draws))
        found: set[sp.Symbol] = set().union(*(sp.sympify(e).free_symbols for e in parts))
        return (found | set(self.state)) - {z for z, _ in self.draws}

    def latex(self) -> str:
        """Return the update in formulas."""
        moved = [rf"\Delta {sp.latex(x)} = {sp.latex(e)}" for x, e in zip(self.state, self.change, strict=True)]
        laws = [rf"\mathrm{{Var}}\,{sp.latex(z)} = {sp.latex(variance)}" for z, variance in self.draws]
        return r",\ ".join((*moved, *laws))


def descent(
    loss: sp.Expr, weights: tuple[sp.Symbol, ...], rate: sp.Expr, draws: tuple[tuple[sp.Symbol, sp.Expr], ...]
) -> RandomUpdate:
    """Return the gradient step of size `rate` on a loss that holds the draws."""
    return RandomUpdate(weights, tuple(-rate * sp.diff(loss, w) for w in weights), draws)


@dataclass(frozen=True)
class EulerStep(Statement):
    r"""From every state, the update has the mean and the covariance of one Euler-Maruyama step of the equation.

    That is :math:`E\Delta = h\,b(\theta)` and :math:`\mathrm{Cov}\,\Delta = h\,SS^T(\theta)` for the Ito equation
    :math:`d\theta = b\,dt + S\,dB`, whatever the undefined functions are.

    Parameters
    ----------
    update : RandomUpdate
        The update.
    sde : SDE
        The equation, in the same state, in the Ito sense.
    step : sympy.Expr
        h, the time that one update stands for.

    Raises
    ------
    ClaimError
        If update and equation have different states, or the equation is in the Stratonovich sense.
    """

    update: RandomUpdate
    sde: SDE
    step: sp.Expr

    def __post_init__(self) -> None:
        if self.update.state != self.sde.state:
            raise ClaimError(f"the update has state {self.update.state}, the equation {self.sde.state}; use the same")
        drawn = {z for z, _ in self.update.draws} & (self.sde.free_symbols | sp.sympify(self.step).free_symbols)
        if drawn:
            raise ClaimError(f"draws {sorted(map(str, drawn))} stand in the equation or the step; they are fresh draws")
        if self.sde.calculus != "ito":
            raise ClaimError(f"calculus is {self.sde.calculus!r}; an Euler step belongs to an Ito equation")

    def asserted(self) -> tuple[str, ...]:
        return ("sde",)

    def drawn(self) -> set[sp.Symbol]:
        return {z for z, _ in self.update.draws}

    def free_symbols(self) -> set[sp.Symbol]:
        return self.update.free_symbols() | self.sde.free_symbols | set(sp.sympify(self.step).free_symbols)

    def latex(self) -> str:
        return (
            rf"{self.update.latex()} \;\approx\; \text{{Euler step of length }} {sp.latex(self.step)}"
            rf"\ \text{{of}}\ {self.sde.latex()}"
        )

    def members(self) -> Iterator[dict[AppliedUndef, sp.Expr]]:
        """Yield concrete polynomials for all undefined functions, no two alike; an empty choice without any."""
        parts = sp.Matrix([*self.update.change, *self.sde.drift, *self.sde.diffusion])
        named = sorted(parts.atoms(AppliedUndef), key=str)
        for shift in range(2 if named else 1):
            yield {
                f: sum(
                    (x / (n + 2) + x**2 * sp.Rational(n + shift + 1, k + 3) for k, x in enumerate(self.sde.state)),
                    sp.Rational(1, n + 1),
                )
                + sp.Mul(*self.sde.state) / (n + shift + 5)
                for n, f in enumerate(named)
            }
