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
