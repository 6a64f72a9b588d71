"""Exits of a process in one dimension from an interval, from every start in it: mean times and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ...errors import ClaimError
from ...processes.sde import SDE
from ...statement import Statement


@dataclass(frozen=True)
class MeanExitTime(Statement):
    """The mean time at which the process first leaves the interval is `value`, from every start between its ends.

    The mean is finite. The state variable stands for the start, and its range in the domain lies between the ends.

    Parameters
    ----------
    sde : SDE
        One-dimensional; its noise is positive from `low` to `high`.
    low, high : sympy.Expr
        Finite ends of the interval, in the parameters.
    value : sympy.Expr
        The asserted mean time, in the state and the parameters.
    reflecting : bool
        Whether the process is reflected at `low`, so that it leaves through `high` only.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional, or an end contains the state or is infinite.
    """

    sde: SDE
    low: sp.Expr
    high: sp.Expr
    value: sp.Expr
    reflecting: bool = False

    def __post_init__(self) -> None:
        if self.sde.dimension != 1:
            raise ClaimError(f"an exit from an interval needs one coordinate; the equation has {self.sde.state}")
        for name in ("low", "high"):
            end = sp.sympify(getattr(self, name))
            object.__setattr__(self, name, end)
            if end.has(self.sde.state[0]) or end.is_infinite:
                raise ClaimError(f"{name} is {end}; give a finite end in the parameters")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sde.free_symbols.union(*(e.free_symbols for e in (self.low, self.high, sp.sympify(self.value))))

    def latex(self) -> str:
        x, low, high = (sp.latex(e) for e in (self.sde.state[0], self.low, self.high))
        left = rf"\text{{reflected at }} {low},\quad " if self.reflecting else ""
        mean = rf"\mathbb{{E}}_{{{x}}}\left[\tau_{{\left({low}, {high}\right)}}\right] = {sp.latex(self.value)}"
        return rf"{self.sde.latex()},\quad {left}{mean}"

    def formula(self) -> sp.Expr | None:
        return self.value


@dataclass(frozen=True)
class ExitProbability(Statement):
    """The probability to reach one end of an interval before the other is `value`, from every start between them.

    The state variable stands for the start, and its range in the domain lies between the ends. The noise is positive
    between them, and at the end that is reached. The other end may be infinite, or a place without noise: paths that
    only approach it, or explode there, never reach the first.

    Parameters
    ----------
    sde : SDE
        One-dimensional.
    value : sympy.Expr
        The asserted probability, in the state and the parameters.
    low, high : sympy.Expr
        Ends of the interval, in the parameters; `high` may be infinite.
    through : {"high", "low"}
        The end that is reached, a finite one.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional, an end contains the state, or `low` or the end reached is infinite.
    """

    sde: SDE
    value: sp.Expr
    low: sp.Expr
    high: sp.Expr = sp.oo
    through: str = "high"

    def __post_init__(self) -> None:
        if self.sde.dimension != 1:
            raise ClaimError(f"an exit from an interval needs one coordinate; the equation has {self.sde.state}")
        if self.through not in ("high", "low"):
            raise ClaimError(f"through is {self.through!r}; choose 'high' or 'low'")
        for name in ("low", "high"):
            end = sp.sympify(getattr(self, name))
            object.__setattr__(self, name, end)
            if end.has(self.sde.state[0]) or (end.is_infinite and (end != sp.oo or name == "low")):
                raise ClaimError(f"{name} is {end}; give a finite end in the parameters, or mirror the state")
        if self.end.is_infinite:
            raise ClaimError("the end that is reached is infinite; give high, or through = 'low'")

    @property
    def end(self) -> sp.Expr:
        """The end that is reached."""
        return self.high if self.through == "high" else self.low

    @property
    def other(self) -> sp.Expr:
        """The end that is not."""
        return self.low if self.through == "high" else self.high

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sde.free_symbols.union(*(e.free_symbols for e in (self.low, self.high, sp.sympify(self.value))))

    def latex(self) -> str:
        x, end, other = (sp.latex(e) for e in (self.sde.state[0], self.end, self.other))
        probability = rf"\mathbb{{P}}_{{{x}}}\left[\tau_{{{end}}} < \tau_{{{other}}}\right] = {sp.latex(self.value)}"
        return rf"{self.sde.latex()},\quad {probability}"

    def formula(self) -> sp.Expr | None:
        return self.value
