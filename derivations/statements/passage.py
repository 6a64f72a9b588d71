"""Statements about the times at which one-dimensional processes first reach a level, and recorded observations."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement


@dataclass(frozen=True)
class Passage:
    """The first time at which a positive process, started below a level, reaches it.

    Parameters
    ----------
    sde : SDE
        One positive coordinate; a zero diffusion makes it an ordinary differential equation.
    start, level : sympy.Expr
        0 < start < level.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional or its state is not positive.
    """

    sde: SDE
    start: sp.Expr
    level: sp.Expr

    def __post_init__(self) -> None:
        if self.sde.dimension != 1 or not self.sde.state[0].is_positive:
            raise ClaimError(f"a passage needs one positive coordinate; the equation has {self.sde.state}")

    @property
    def noiseless(self) -> bool:
        """Whether the process is deterministic."""
        return bool(self.sde.scalar()[2] == 0)

    def symbols(self) -> set[sp.Symbol]:
        """Return the parameters."""
        named = self.sde.free_symbols | set(self.start.free_symbols) | set(self.level.free_symbols)
        return named - set(self.sde.state)

    def latex(self) -> str:
        """Return the passage in words and formulas."""
        x = sp.latex(self.sde.state[0])
        return (
            rf"\tau_{{{x} = {sp.latex(self.level)}}}\ \text{{of}}\ {self.sde.latex()},\ {x}_0 = {sp.latex(self.start)}"
        )


@dataclass(frozen=True)
class MeanTimeOrder(Statement):
    """The mean time of the first passage is smaller than that of the second, on the whole domain.

    Parameters
    ----------
    quicker, slower : Passage
        The two passages.
    """

    quicker: Passage
    slower: Passage

    def asserted(self) -> tuple[str, ...]:
        return ("quicker", "slower")

    def free_symbols(self) -> set[sp.Symbol]:
        return self.quicker.symbols() | self.slower.symbols()

    def latex(self) -> str:
        return rf"\mathbb{{E}}\left[{self.quicker.latex()}\right] < \mathbb{{E}}\left[{self.slower.latex()}\right]"


@dataclass(frozen=True)
class EscapeTime(Statement):
    r"""As `small` tends to 0, the mean time from `start` to `level`, reflected at `low`, is equivalent to `value`.

    That is, for all parameters of the domain: the mean is finite for every small enough `small`, and its ratio to
    `value` tends to 1.

    Parameters
    ----------
    sde : SDE
        One-dimensional process, with `small` among its parameters.
    small : Symbol
        Strength of the noise, positive.
    low : sympy.Expr
        Where the process is reflected.
    start : sympy.Expr
        Where it starts, a minimum of the potential in the usual case.
    barrier : sympy.Expr
        The place between start and level that it has to pass, a maximum of the potential. It only names the place.
    level : sympy.Expr
        Where the time ends; low < start < barrier < level.
    value : sympy.Expr
        The asserted mean time.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional or `small` is no positive parameter of it.
    """

    sde: SDE
    small: sp.Symbol
    low: sp.Expr
    start: sp.Expr
    barrier: sp.Expr
    level: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        if self.sde.dimension != 1:
            raise ClaimError(f"an escape needs one coordinate; the equation has {self.sde.state}")
        if not self.small.is_positive or self.small not in self.sde.free_symbols:
            raise ClaimError(f"small = {self.small}; give a positive parameter of the equation")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        places = (self.low, self.start, self.barrier, self.level, self.value)
        found = self.sde.free_symbols.union(*(sp.sympify(e).free_symbols for e in places))
        return found - set(self.sde.state)

    def latex(self) -> str:
        x, small = sp.latex(self.sde.state[0]), sp.latex(self.small)
        mean = rf"\mathbb{{E}}\left[\tau_{{{sp.latex(self.start)} \to {sp.latex(self.level)}}}\right]"
        over = rf"\text{{over }} {x} = {sp.latex(self.barrier)},\ \text{{reflected at }} {sp.latex(self.low)}"
        return rf"{mean} \sim {sp.latex(self.value)}\quad ({small} \to 0;\ {over}),\quad {self.sde.latex()}"

    def formula(self) -> sp.Expr | None:
        return self.value


@dataclass(frozen=True)
class Observation(Statement):
    """What a document reports of an experiment whose setting it does not give in full.

    Parameters
    ----------
    observed : str
        The report, in words.
    missing : tuple of str
        What would have to be known in order to repeat the experiment.
    """

    observed: str
    missing: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.missing:
            raise ClaimError("an observation of a complete setting can be repeated; state what it asserts instead")

    def free_symbols(self) -> set[sp.Symbol]:
        return set()

    def latex(self) -> str:
        return rf"\text{{{self.observed}}}"
