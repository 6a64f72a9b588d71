"""Statements about stochastic processes: transforms, path solutions, expectations, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement, proportional


@dataclass(frozen=True)
class SDETransform(Statement):
    r"""For X solving `source`, Z = f(X) obeys the scalar Ito equation `target`.

    Drift and noise of `target` are written in the image Z. The sign of the noise has no meaning in law, so the
    variance rates are compared; `function` may map several coordinates to one number. It is asserted from every start
    in the ranges that the domain gives the state, up to the first exit from them. There f must have two continuous
    derivatives: at a kink that the noise crosses f(X) has a local time, which no such target has. A sign that the
    symbol Z assumes is asserted of f(X), also where the target would leave it.

    Parameters
    ----------
    source : SDE
        Equation for X in d coordinates.
    function : sympy.Expr
        f, in the coordinates of X.
    target : SDE
        Asserted equation, whose one state variable is the image Z.

    Raises
    ------
    ClaimError
        If `target` is not one-dimensional or its state is a parameter of `source`.
    """

    source: SDE
    function: sp.Expr
    target: SDE

    def __post_init__(self) -> None:
        if self.target.dimension != 1:
            raise ClaimError(f"target has {self.target.dimension} coordinates; f(X) is a number, give one")
        if self.image in self.source.free_symbols:
            raise ClaimError(f"image {self.image} is a symbol of the source; name it differently")

    @property
    def image(self) -> sp.Symbol:
        """Name of f(X) in the target equation."""
        return self.target.state[0]

    def asserted(self) -> tuple[str, ...]:
        return ("target",)

    def free_symbols(self) -> set[sp.Symbol]:
        own = self.target.free_symbols - {self.image}
        return own | self.source.free_symbols | set(self.function.free_symbols)

    def latex(self) -> str:
        image = rf"{sp.latex(self.image)} = {sp.latex(self.function)}"
        return rf"{self.source.latex()} \;\Rightarrow\; {self.target.latex()},\quad {image}"


@dataclass(frozen=True)
class PathSolution(Statement):
    r"""An explicit functional of the Brownian path solves a scalar equation, at all times of the domain.

    The functional must have values, and two continuous derivatives, at every value that time, the Brownian path and
    its integrals may take: a formula with a pole that the path reaches lives only for a random time.

    Parameters
    ----------
    sde : SDE
        One coordinate, one Brownian motion; a zero diffusion makes the claim one about an ordinary equation.
    solution : sympy.Expr
        X(t), of `time`, ``brownian(time)`` and integrals ``Integral(g(tau, brownian(tau)), (tau, 0, time))``.
    time : Symbol
        t >= 0.
    brownian : Function
        Name of the Brownian motion, e.g. ``Function("B")``; B(0) = 0.
    start : sympy.Expr
        X(0).

    Raises
    ------
    ClaimError
        If the equation is not scalar with one noise, or an integral does not run from 0 to `time`.
    """

    sde: SDE
    solution: sp.Expr
    time: sp.Symbol
    brownian: Any
    start: sp.Expr

    def __post_init__(self) -> None:
        if (self.sde.dimension, self.sde.noises) != (1, 1):
            raise ClaimError("a path solution needs an SDE with one coordinate and one Brownian motion")
        for integral in self.solution.atoms(sp.Integral):
            if len(integral.limits) != 1 or integral.limits[0][1:] != (0, self.time):
                raise ClaimError(f"{integral} must run from 0 to {self.time} in one variable")

    def asserted(self) -> tuple[str, ...]:
        return ("solution",)

    def free_symbols(self) -> set[sp.Symbol]:
        own = self.sde.free_symbols - set(self.sde.state)
        return own | set(self.solution.free_symbols) | set(self.start.free_symbols) | {self.time}

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        return (
            rf"{x}(t) = {sp.latex(self.solution)} \;\text{{solves}}\; {self.sde.latex()},"
            rf"\quad {x}(0) = {sp.latex(self.start)}"
        )

    def formula(self) -> sp.Expr | None:
        return None if self.solution.has(sp.Integral) or self.solution.atoms(AppliedUndef) else self.solution


@dataclass(frozen=True)
class ExpectationAtAllTimes(Statement):
    r""":math:`E[\phi(X_t)]` equals `value` for every t >= 0, from the sure start ``X_0 = start``.

    The process must live for ever within its range (that of the domain, else the one its symbol assumes), and the
    expectation must exist. L phi is its rate of change only where the martingale part of phi(X) is a true martingale.

    Parameters
    ----------
    sde : SDE
        A scalar equation.
    observable : sympy.Expr
        phi, in the state.
    time : Symbol
        t.
    start : sympy.Expr
        X_0, in the parameters.
    value : sympy.Expr
        The asserted expectation, in `time` and the parameters.

    Raises
    ------
    ClaimError
        If the equation, the observable or the start depends on the time, or the value on the state (where that is not
        the start).
    """

    sde: SDE
    observable: sp.Expr
    time: sp.Symbol
    start: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        self.sde.scalar()
        for what, part in (("equation", self.sde), ("observable", self.observable), ("start", self.start)):
            if self.time in part.free_symbols:
                raise ClaimError(f"the {what} depends on the time {self.time}; give one that does not")
        state = self.sde.state[0]
        if state in self.value.free_symbols - self.start.free_symbols:
            raise ClaimError(f"the value contains the state {state}; give it in the start {self.start}")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        own = (self.sde.free_symbols | set(self.observable.free_symbols)) - set(self.sde.state)
        return own | set(self.start.free_symbols | self.value.free_symbols) | {self.time}

    def latex(self) -> str:
        return (
            rf"\mathbb{{E}}\left[{sp.latex(self.observable)}\right] = {sp.latex(self.value)}"
            rf"\quad \text{{for}}\; {self.sde.latex()},\; {sp.latex(self.sde.state[0])}(0) = {sp.latex(self.start)}"
        )

    def formula(self) -> sp.Expr | None:
        return self.value


@dataclass(frozen=True)
class LongTimeLimit(Statement):
    """`expression` tends to `limit` as `time` grows without bound, at every point of the domain.

    The expression must have values at all large times, and `limit` at every point of the domain.
    """

    expression: sp.Expr
    time: sp.Symbol
    limit: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("limit",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.expression.free_symbols | self.limit.free_symbols) - {self.time}

    def latex(self) -> str:
        return rf"\lim_{{{sp.latex(self.time)} \to \infty}} {sp.latex(self.expression)} = {sp.latex(self.limit)}"

    def formula(self) -> sp.Expr | None:
        return self.limit


@dataclass(frozen=True)
class AlmostSureDecay(Statement):
    """`function` of the process tends to 0 almost surely as t grows without bound, from every start of the domain.

    The process must live for ever.
    """

    sde: SDE
    function: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("function",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return proportional(self.function, other.function, self.sde.state)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sde.free_symbols | set(self.function.free_symbols)

    def latex(self) -> str:
        return rf"\lim_{{t \to \infty}} {sp.latex(self.function)} = 0 \quad \text{{for}}\; {self.sde.latex()}"


@dataclass(frozen=True)
class InitialRate(Statement):
    r"""From the sure start ``X_0 = start`` the expectation :math:`E[\phi(X_t)]` has the derivative `value` at t = 0.

    The process must live for ever within its range, and the expectation must exist at small times; the derivative is
    the one from the right.

    Parameters
    ----------
    sde : SDE
        A scalar equation.
    observable : sympy.Expr
        phi, in the state.
    start : sympy.Expr
        X_0, in the parameters.
    value : sympy.Expr
        The asserted derivative, in the parameters.
    """

    sde: SDE
    observable: sp.Expr
    start: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        self.sde.scalar()

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        own = (self.sde.free_symbols | set(self.observable.free_symbols)) - set(self.sde.state)
        return own | set(self.start.free_symbols | self.value.free_symbols)

    def latex(self) -> str:
        return (
            rf"\frac{{d}}{{dt}}\mathbb{{E}}\left[{sp.latex(self.observable)}\right]_{{t=0}} = {sp.latex(self.value)}"
            rf"\quad \text{{for}}\; {self.sde.latex()},\; {sp.latex(self.sde.state[0])}(0) = {sp.latex(self.start)}"
        )

    def formula(self) -> sp.Expr | None:
        return self.value
