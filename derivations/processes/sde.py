"""Description of a stochastic differential equation; `numerics` knows how to simulate and solve it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from ..errors import ClaimError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class SDE:
    r"""The diffusion :math:`dX = b(X)\,dt + S(X)\,dB` with :math:`B` a standard Brownian motion in m dimensions.

    Parameters
    ----------
    state : symbol or sequence of symbols
        The d coordinates of X.
    drift : expression or sequence
        b, of d entries.
    diffusion : expression, sequence or matrix
        S: a scalar for d = m = 1; a sequence of d entries for one shared Brownian motion; else a d x m matrix.
        Zero gives an ordinary differential equation.
    calculus : {"ito", "stratonovich"}
        The sense in which the equation is stated. `drift` is kept as stated; see `ito_drift`.

    Raises
    ------
    ClaimError
        If shapes disagree or `calculus` is unknown.
    """

    def __init__(
        self,
        state: sp.Symbol | Sequence[sp.Symbol],
        drift: Any,
        diffusion: Any,
        calculus: str = "ito",
    ) -> None:
        self.state: tuple[sp.Symbol, ...] = (state,) if isinstance(state, sp.Symbol) else tuple(state)
        d = len(self.state)
        self.drift = _column(drift)
        self.diffusion = sp.ImmutableMatrix(diffusion) if isinstance(diffusion, sp.MatrixBase) else _column(diffusion)
        self.calculus = calculus
        if calculus not in ("ito", "stratonovich"):
            raise ClaimError(f"calculus is {calculus!r}; it must be 'ito' or 'stratonovich'")
        if self.drift.shape != (d, 1):
            raise ClaimError(f"drift has shape {self.drift.shape}; {d} state variables need ({d}, 1)")
        if self.diffusion.shape[0] != d:
            raise ClaimError(f"diffusion has shape {self.diffusion.shape}; {d} state variables need {d} rows")

    @property
    def dimension(self) -> int:
        """Number d of coordinates."""
        return len(self.state)

    @property
    def noises(self) -> int:
        """Number m of independent Brownian motions."""
        return int(self.diffusion.shape[1])

    @property
    def ito_drift(self) -> sp.ImmutableMatrix:
        r"""Drift of the same process in the Ito sense: b + 1/2 sum_j (DS_j) S_j for a Stratonovich equation."""
        if self.calculus == "ito":
            return self.drift
        state = sp.Matrix(self.state)
        correction = sp.zeros(self.dimension, 1)
        for j in range(self.noises):
            column = sp.Matrix(self.diffusion[:, j])
            correction += column.jacobian(state) * column / 2
        return sp.ImmutableMatrix(self.drift + correction)

    @property
    def covariance(self) -> sp.ImmutableMatrix:
        """The matrix S S^T of shape d x d (variance rate)."""
        return sp.ImmutableMatrix(self.diffusion * self.diffusion.T)

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """State variables and parameters."""
        return set(self.state) | set(self.drift.free_symbols) | set(self.diffusion.free_symbols)

    def scalar(self) -> tuple[sp.Symbol, sp.Expr, sp.Expr]:
        """Return (x, Ito drift b(x), variance rate S S^T) of a one-dimensional equation."""
        if self.dimension != 1:
            raise ClaimError(f"a one-dimensional SDE is needed; this one has {self.dimension} coordinates")
        return self.state[0], self.ito_drift[0], sp.expand(self.covariance[0, 0])

    def latex(self) -> str:
        """Return the equation in LaTeX, one line a coordinate."""
        lines = []
        circ = r"\circ " if self.calculus == "stratonovich" else ""
        for i, x in enumerate(self.state):
            noise = [
                rf"\left({sp.latex(self.diffusion[i, j])}\right) {circ}dB"
                + (f"_{{{j + 1}}}" if self.noises > 1 else "")
                for j in range(self.noises)
                if self.diffusion[i, j] != 0
            ]
            lines.append(rf"d{sp.latex(x)} = " + " + ".join([rf"\left({sp.latex(self.drift[i])}\right) dt", *noise]))
        return r",\quad ".join(lines)

    def __repr__(self) -> str:
        return f"SDE({self.state}, drift={list(self.drift)}, diffusion={self.diffusion.tolist()}, {self.calculus})"


def _column(entries: Any) -> sp.ImmutableMatrix:
    if isinstance(entries, sp.MatrixBase):
        return sp.ImmutableMatrix(entries)
    if isinstance(entries, Sequence):
        return sp.ImmutableMatrix([sp.sympify(e) for e in entries])
    return sp.ImmutableMatrix([sp.sympify(entries)])
