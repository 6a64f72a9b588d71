"""Covariances, at one time or at two, under the stationary law of a linear equation or of a linear random update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...errors import ClaimError
from ...processes.sde import SDE
from ...statement import Statement
from ..euler_steps import RandomUpdate


@dataclass(frozen=True)
class StationaryCovariance(Statement):
    r"""Under the stationary law, the covariance of `first` with the `second` of a time `lag` later is `value`.

    The process is linear with constant noise: :math:`dX = AX\,dt + S\,dB`, or an update :math:`X \leftarrow AX + Sz`
    with fresh draws z. It has one stationary law of finite variances: all eigenvalues of A have negative real parts,
    those of an update lie inside the unit circle.

    Parameters
    ----------
    process : SDE or RandomUpdate
        Linear in its state; the noise does not depend on it. Draws are independent of one another and of the past.
    first, second : Symbol
        State variables, which may be the same.
    value : sympy.Expr
        The asserted covariance.
    lag : sympy.Expr
        0, or a symbol that is never negative; for an update a whole number of steps.

    Raises
    ------
    ClaimError
        If the process is not linear with constant noise or depends on the lag, or the lag is neither 0 nor such a
        symbol.
    """

    process: SDE | RandomUpdate
    first: sp.Symbol
    second: sp.Symbol
    value: sp.Expr
    lag: Any = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "lag", sp.sympify(self.lag))
        for variable in (self.first, self.second):
            if variable not in self.process.state:
                raise ClaimError(f"{variable} is no state variable; choose one of {self.process.state}")
        steps = isinstance(self.process, RandomUpdate)
        if self.lag != 0 and not (
            self.lag.is_Symbol and self.lag.is_nonnegative and (self.lag.is_integer or not steps)
        ):
            raise ClaimError(f"lag is {self.lag}; give 0 or a non-negative {'integer ' if steps else ''}symbol")
        process = self.process
        own = process.free_symbols() if isinstance(process, RandomUpdate) else process.free_symbols
        if own & self.lag.free_symbols:
            raise ClaimError(f"the process depends on the lag {self.lag}; give the lag a symbol of its own")
        self.linear()

    @property
    def discrete(self) -> bool:
        """Whether time passes in steps."""
        return isinstance(self.process, RandomUpdate)

    def linear(self) -> tuple[sp.Matrix, sp.Matrix]:
        """Return (A, S): the equation dX = A X dt + S dB, or the step X -> A X + S z with draws of variance 1."""
        state, process = sp.Matrix(self.process.state), self.process
        if isinstance(process, RandomUpdate):
            noises = [z for z, _ in process.draws]
            change = sp.Matrix([sp.expand(e) for e in process.change])
            widths = [sp.sqrt(variance) for _, variance in process.draws]
            drift = change.subs(dict.fromkeys(noises, 0)) + state
            noise = change.jacobian(noises) * sp.diag(*widths) if noises else sp.zeros(len(state), 1)
        else:
            noises, drift, noise = [], sp.Matrix(process.ito_drift), sp.Matrix(process.diffusion)
        slopes = drift.jacobian(state)
        if slopes.has(*state) or any(sp.expand(e) != 0 for e in drift - slopes * state):
            raise ClaimError(f"the drift {list(drift)} is not linear in {self.process.state}; write A x, constant A")
        if noise.has(*state, *noises):
            raise ClaimError("the noise depends on the state or is not linear in the draws; give a constant one")
        return slopes, noise

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def drawn(self) -> set[sp.Symbol]:
        return {z for z, _ in self.process.draws} if isinstance(self.process, RandomUpdate) else set()

    def free_symbols(self) -> set[sp.Symbol]:
        process = self.process
        own = process.free_symbols() if isinstance(process, RandomUpdate) else process.free_symbols
        named: set[sp.Symbol] = own | set(sp.sympify(self.value).free_symbols) | set(self.lag.free_symbols)
        return named - set(process.state)

    def latex(self) -> str:
        one, two, lag = (sp.latex(e) for e in (self.first, self.second, self.lag))
        later = rf"{one}_0\, {two}_{{{lag}}}"
        return rf"{self.process.latex()} \;\Rightarrow\; \mathbb{{E}}\left[{later}\right] = {sp.latex(self.value)}"

    def formula(self) -> sp.Expr | None:
        return self.value
