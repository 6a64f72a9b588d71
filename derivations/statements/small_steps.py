"""Statements about stochastic gradient steps of one weight as the learning rate tends to 0."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement


@dataclass(frozen=True)
class OnlineTraining:
    r"""Steps :math:`w \leftarrow w - \tfrac1n\,\partial_w \ell(w; z)`, a fresh sample z each; no simulator.

    Parameters
    ----------
    loss : sympy.Expr
        Loss of one sample, in the weight, the data and the parameters.
    weight : Symbol
        w.
    data : tuple of (Symbol, Expr)
        Each entry of z with its variance: independent, Gaussian, mean 0.
    start : sympy.Expr
        w before the first step.
    steps_per_unit : Symbol
        n, the number of steps in a unit of time: the learning rate is 1/n.
    """

    loss: sp.Expr
    weight: sp.Symbol
    data: tuple[tuple[sp.Symbol, sp.Expr], ...]
    start: sp.Expr
    steps_per_unit: sp.Symbol

    def free_symbols(self) -> set[sp.Symbol]:
        """Return the parameters."""
        parts = (self.loss, self.start, *(variance for _, variance in self.data))
        found: set[sp.Symbol] = set().union(*(sp.sympify(p).free_symbols for p in parts))
        return found - {self.weight, self.steps_per_unit, *(z for z, _ in self.data)}

    def latex(self) -> str:
        """Return the step in formulas."""
        w, n, loss = (sp.latex(e) for e in (self.weight, self.steps_per_unit, self.loss))
        laws = ",\\ ".join(rf"{sp.latex(z)} \sim N(0, {sp.latex(variance)})" for z, variance in self.data)
        step = rf"{w} \leftarrow {w} - \tfrac1{{{n}}}\,\partial_{{{w}}} {loss}"
        return rf"{step},\ {laws},\ {w}_0 = {sp.latex(self.start)}"


@dataclass(frozen=True)
class SmallStepLimit(Statement):
    r"""At a fixed time, a moment of the weight after :math:`nt` steps has a limit as n grows without bound.

    Parameters
    ----------
    training : OnlineTraining
        The steps.
    observable : sympy.Expr
        phi, a polynomial in the weight.
    time : Symbol
        t; n t is a whole number.
    limit : sympy.Expr
        The asserted limit of ``factor * (M[phi] of the steps - M[phi] of the process)``.
    spread : bool
        M is the variance instead of the mean.
    factor : sympy.Expr
        In n, the scale on which the limit is taken.
    process : SDE, optional
        Equation with the same start, in the weight, with n among its parameters; without it nothing is subtracted.

    Raises
    ------
    ClaimError
        If the observable is no polynomial in the weight, or the process is not an equation for the weight.
    """

    training: OnlineTraining
    observable: sp.Expr
    time: sp.Symbol
    limit: sp.Expr
    spread: bool = False
    factor: sp.Expr = sp.S.One
    process: SDE | None = None

    def __post_init__(self) -> None:
        w = self.training.weight
        if not (self.observable.is_polynomial(w) and self.observable.has(w)):
            raise ClaimError(f"observable {self.observable} must be a polynomial in the weight {w}")
        if self.process is not None and self.process.state != (w,):
            raise ClaimError(f"the process has state {self.process.state}; write it in the weight {w}")

    def asserted(self) -> tuple[str, ...]:
        return ("limit",)

    def drawn(self) -> set[sp.Symbol]:
        training = self.training
        return {training.weight, training.steps_per_unit, *(z for z, _ in training.data)}

    def free_symbols(self) -> set[sp.Symbol]:
        found = self.training.free_symbols() | self.observable.free_symbols | self.limit.free_symbols | {self.time}
        found |= self.factor.free_symbols | (self.process.free_symbols if self.process is not None else set())
        return set(found) - {self.training.weight, self.training.steps_per_unit}

    def latex(self) -> str:
        n, phi = sp.latex(self.training.steps_per_unit), sp.latex(self.observable)
        moment = r"\mathrm{Var}" if self.spread else r"\mathbb{E}"
        inside = rf"{moment}_{{\mathrm{{SGD}}}}[{phi}]"
        given = self.training.latex()
        if self.process is not None:
            inside += rf" - {moment}_{{\mathrm{{SDE}}}}[{phi}]"
            given += rf";\ {self.process.latex()}"
        front = "" if self.factor == 1 else sp.latex(self.factor)
        return (
            rf"\lim_{{{n} \to \infty}} {front}\left({inside}\right)_{{{sp.latex(self.time)}}} = {sp.latex(self.limit)}"
            rf"\quad ({given})"
        )

    def formula(self) -> sp.Expr | None:
        return self.limit
