"""The mean time at which a process in one dimension leaves an interval, from every start in it."""

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
