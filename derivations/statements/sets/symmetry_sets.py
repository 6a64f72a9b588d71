"""Statements about sets that a property of the loss makes invariant under SGD, for every loss that has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp

from ...statement import Statement


class MatrixKind(StrEnum):
    """Matrices Q for which a loss may be symmetric."""

    SYMMETRIC = "symmetric"
    ORTHOGONAL = "orthogonal"
    SYMMETRIC_OR_ORTHOGONAL = "symmetric or orthogonal"
    ANY = "any square"


class Translations(StrEnum):
    """Multiples of a vector by which parameters may be moved without a change of the loss."""

    ALL = "all multiples of v"
    ONE = "v"


class SampleLoss(StrEnum):
    """Values that the loss of one sample may have."""

    NON_NEGATIVE = "non-negative"
    ANY = "of either sign"


@dataclass(frozen=True)
class PropertySet(Statement):
    """For every number of parameters and every differentiable loss with a property, a set is invariant under SGD."""

    def free_symbols(self) -> set[sp.Symbol]:
        return set()


@dataclass(frozen=True)
class FixedSetInvariant(PropertySet):
    r""":math:`A=\{Q\theta=\theta\}` is invariant if :math:`\ell(Q\theta)-\ell(\theta)=o(d(\theta,A))` near it.

    Parameters
    ----------
    kind : MatrixKind
        Which matrices Q may be.
    """

    kind: MatrixKind

    def asserted(self) -> tuple[str, ...]:
        return ("kind",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        narrower = {MatrixKind.SYMMETRIC, MatrixKind.ORTHOGONAL}
        if self.kind is MatrixKind.SYMMETRIC_OR_ORTHOGONAL and other.kind in narrower:
            return ()
        return super().agreement(other)

    def latex(self) -> str:
        near = r"\ell(Q\theta) - \ell(\theta) = o(d(\theta, A))"
        then = r"Q\nabla\ell = \nabla\ell \;\text{on}\; A"
        return rf"Q \;\text{{{self.kind}}},\; A = \{{Q\theta = \theta\}},\; {near} \implies {then}"


@dataclass(frozen=True)
class TranslationInvariant(PropertySet):
    r"""Every :math:`\{v\cdot\theta=c\}` is invariant where moving :math:`\theta` along v does not change the loss.

    Parameters
    ----------
    by : Translations
        The moves that do not change the loss.
    """

    by: Translations

    def asserted(self) -> tuple[str, ...]:
        return ("by",)

    def latex(self) -> str:
        move = r"t v) = \ell(\theta)\;\forall t" if self.by is Translations.ALL else r"v) = \ell(\theta)"
        return rf"\ell(\theta + {move} \implies v \cdot \nabla\ell = 0"


@dataclass(frozen=True)
class InterpolatingPoint(PropertySet):
    r"""A point at which the mean of the samples' losses is 0 is invariant.

    Parameters
    ----------
    loss : SampleLoss
        Values of the loss of one sample.
    """

    loss: SampleLoss

    def asserted(self) -> tuple[str, ...]:
        return ("loss",)

    def latex(self) -> str:
        sign = r"\ell_i \ge 0,\; " if self.loss is SampleLoss.NON_NEGATIVE else ""
        return rf"{sign}\mathcal{{L}}(\theta_*) = 0 \implies \nabla\ell_i(\theta_*) = 0 \;\forall i"
