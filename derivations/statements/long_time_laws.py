"""Statements about the law of a process as time grows, whatever its start, and about means under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement, proportional
from .stationary import StationaryLaw, one_dimensional, pieces


@dataclass(frozen=True)
class LimitInLaw(Statement):
    r"""From every start in the open support the law of :math:`X_t` converges weakly as t grows without bound.

    The process lives for ever on the support; an end that it reaches drives it back at once. The limit is the
    probability law with `density`, positive inside the support up to isolated zeros, or the mass at `point`, an end of
    the support that the process does not reach.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    support : sympy.Interval
        Where the process starts and lives.
    density : sympy.Expr, optional
        Unnormalised density of the limit.
    point : sympy.Expr, optional
        Where the limit has all its mass: a finite end of the support. Give one of the two.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional, the support no interval, or not one limit is given.
    """

    sde: SDE
    support: sp.Interval
    density: Any = None
    point: Any = None

    def __post_init__(self) -> None:
        one_dimensional(self.sde)
        if len(pieces(self.support)) != 1:
            raise ClaimError(f"support {self.support} must be one interval")
        if (self.density is None) == (self.point is None):
            raise ClaimError("LimitInLaw needs one limit: give density or point")
        if self.point is not None:
            object.__setattr__(self, "point", sp.sympify(self.point))
            if self.point not in (self.support.start, self.support.end) or self.point.is_infinite:
                raise ClaimError(f"point {self.point} is no finite end of the support {self.support}; give one")

    def asserted(self) -> tuple[str, ...]:
        return ("density",) if self.point is None else ("point",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        if self.point is None:
            return proportional(self.density, other.density, self.sde.state)
        return super().agreement(other)

    def stationary(self) -> StationaryLaw:
        """Return the assertion that the limit is a stationary law, which a limit in law is."""
        return StationaryLaw(self.sde, self.density, self.support)

    def free_symbols(self) -> set[sp.Symbol]:
        limit = self.density if self.point is None else self.point
        return self.sde.free_symbols | set(limit.free_symbols) | set(self.support.free_symbols)

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        limit = (
            rf"p({x}) \propto {sp.latex(self.density)}" if self.point is None else rf"\delta_{{{sp.latex(self.point)}}}"
        )
        return rf"{self.sde.latex()} \;\Rightarrow\; \mathrm{{law}}({x}_t) \to {limit}\quad (t \to \infty)"

    def formula(self) -> sp.Expr | None:
        limit: sp.Expr = self.density if self.point is None else self.point
        return limit


@dataclass(frozen=True)
class StationaryMean(Statement):
    """The process has one stationary probability law on the open support, under which `observable` has mean `value`.

    The mean exists: the observable is integrable.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    support : sympy.Interval
        Where the process lives; its noise is positive inside.
    observable : sympy.Expr
        A function of the state.
    value : sympy.Expr
        The asserted mean.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional, the support no interval, or the observable free of the state.
    """

    sde: SDE
    support: sp.Interval
    observable: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        x = one_dimensional(self.sde)
        if len(pieces(self.support)) != 1:
            raise ClaimError(f"support {self.support} must be one interval")
        if not self.observable.has(x):
            raise ClaimError(f"observable {self.observable} does not contain the state {x}; give a function of it")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        named = self.sde.free_symbols | set(self.observable.free_symbols) | set(self.value.free_symbols)
        return (named | set(self.support.free_symbols)) - set(self.sde.state)

    def latex(self) -> str:
        mean = rf"\mathbb{{E}}_{{p_\infty}}\left[{sp.latex(self.observable)}\right] = {sp.latex(self.value)}"
        return rf"{self.sde.latex()}:\quad {mean}"

    def formula(self) -> sp.Expr | None:
        return self.value
