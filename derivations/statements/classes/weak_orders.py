"""The statement that small random updates and an equation agree in distribution up to the order of the step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ...errors import ClaimError
from ...processes.sde import SDE
from ...statement import Statement
from ..euler_steps import EulerStep, RandomUpdate


@dataclass(frozen=True)
class WeakApproximation(Statement):
    r"""The equation is a weak approximation of order 1 of the updates, each of which stands for the time `step`.

    For all smooth undefined functions with bounded derivatives, every smooth :math:`\phi` with bounded derivatives and
    every T there is C with :math:`|E\phi(\theta_k) - E\phi(X_{kh})| \le C h` for all k h <= T and small steps h.

    Parameters
    ----------
    update : RandomUpdate
        The update; its draws may have any law with these variances, which the step does not enter, and third moments.
    sde : SDE
        The equation, in the same state, in the Ito sense; the step may be among its parameters.
    step : Symbol
        h, positive.

    Raises
    ------
    ClaimError
        If update and equation have different states, the step is no positive symbol, or a variance contains it.
    """

    update: RandomUpdate
    sde: SDE
    step: sp.Symbol

    def __post_init__(self) -> None:
        if not (isinstance(self.step, sp.Symbol) and self.step.is_positive):
            raise ClaimError(f"step {self.step} tends to 0 from above; give a positive symbol")
        for z, variance in self.update.draws:
            if sp.sympify(variance).has(self.step):
                raise ClaimError(f"the variance of {z} contains {self.step}; put a power of it before the draw")
        EulerStep(self.update, self.sde, self.step)  # the same states, and fresh draws

    def asserted(self) -> tuple[str, ...]:
        return ("sde",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        """Equations that agree as the step vanishes are approximations of each other."""
        ends = [[*s.ito_drift.subs(self.step, 0), *s.covariance.subs(self.step, 0)] for s in (self.sde, other.sde)]
        return tuple(zip(*ends, strict=True))

    def drawn(self) -> set[sp.Symbol]:
        return {z for z, _ in self.update.draws}

    def free_symbols(self) -> set[sp.Symbol]:
        return self.update.free_symbols() | self.sde.free_symbols | {self.step}

    def latex(self) -> str:
        h = sp.latex(self.step)
        close = rf"\max_{{k {h} \le T}} |E\phi(\theta_k) - E\phi(X_{{k {h}}})| = O({h})"
        return rf"{close},\quad {self.update.latex()};\; {self.sde.latex()}"

    def members(self) -> Iterator[dict[AppliedUndef, sp.Expr]]:
        """Yield concrete polynomials for all undefined functions; an empty choice without any."""
        yield from EulerStep(self.update, self.sde, self.step).members()
