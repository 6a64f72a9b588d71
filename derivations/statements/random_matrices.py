"""Statements about singular values of large random matrices: the bulk of pure noise, and spikes in it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from ..statement import Statement

_NOISE = r"E \in \mathbb{R}^{m \times n},\; E_{ij} \sim N(0, 1/n),\; m/n \to "


@dataclass(frozen=True)
class OfSpike:
    """Part of a statement: `value` is the limit for a `spike` in noise of an `aspect`, both positive."""

    spike: sp.Expr
    aspect: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        for name in ("spike", "aspect"):
            if not sp.sympify(getattr(self, name)).is_positive:
                raise ClaimError(f"{name} is {getattr(self, name)}; give an expression that is known to be positive")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.spike.free_symbols | self.aspect.free_symbols | self.value.free_symbols)


@dataclass(frozen=True)
class SpikedSingularValue(OfSpike, Statement):
    r"""The singular value that a `spike` of a low-rank matrix makes in noise tends to `value`, almost surely.

    With a fixed number k of spikes, a matrix W of rank k and noise E of independent N(0, 1/n) entries, both m x n: as n
    grows with m/n -> `aspect`, the i-th singular value of W + E tends to `value` at the i-th singular value of W.

    Parameters
    ----------
    spike, aspect : sympy.Expr
        Singular value of W, and m/n; both positive on the domain.
    value : sympy.Expr
        The limit.
    """

    def latex(self) -> str:
        limit = rf"\sigma_i(W + E) \to {sp.latex(self.value)} \;\text{{for}}\; \sigma_i(W) = {sp.latex(self.spike)}"
        return rf"{limit},\quad {_NOISE}{sp.latex(self.aspect)}"

    def formula(self) -> sp.Expr | None:
        return self.value


@dataclass(frozen=True)
class NoiseSingularValues(Statement):
    r"""The m singular values of m x n noise follow a density between two ends and an atom at 0, in the limit.

    The m numbers are the roots of the eigenvalues of :math:`E E^T`, zeros included, with E as in
    :class:`SpikedSingularValue`; their empirical law tends weakly, almost surely. A fixed number of spikes changes
    nothing in it.

    Parameters
    ----------
    variable : Symbol
        The singular value, positive.
    aspect : sympy.Expr
        m/n, positive.
    density : sympy.Expr
        Density at `variable` between `low` and `high`, zero elsewhere.
    low, high : sympy.Expr
        Ends of the smallest interval outside of which there is nothing but an atom at 0.
    atom : sympy.Expr
        Mass at 0.
    """

    variable: sp.Symbol
    aspect: sp.Expr
    density: sp.Expr
    low: sp.Expr
    high: sp.Expr
    atom: sp.Expr

    def __post_init__(self) -> None:
        if not (self.variable.is_positive and sp.sympify(self.aspect).is_positive):
            raise ClaimError(f"variable {self.variable} and aspect {self.aspect} must be known to be positive")

    def asserted(self) -> tuple[str, ...]:
        return ("density", "low", "high", "atom")

    def free_symbols(self) -> set[sp.Symbol]:
        parts = (self.aspect, self.density, self.low, self.high, self.atom)
        found: set[sp.Symbol] = set().union(*(sp.sympify(p).free_symbols for p in parts))
        return found - {self.variable}

    def latex(self) -> str:
        s = sp.latex(self.variable)
        inside = rf"{s} \in [{sp.latex(self.low)}, {sp.latex(self.high)}]"
        law = rf"p({s}) = {sp.latex(self.density)},\; {inside};\quad P[{s} = 0] = {sp.latex(self.atom)}"
        return rf"{law},\quad {_NOISE}{sp.latex(self.aspect)}"

    def formula(self) -> sp.Expr | None:
        return self.density
