"""The statement that stochastic gradient flow keeps the affine sets that SGD keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from ...statement import Statement


class GradientClass(StrEnum):
    """What is assumed of the gradient of each sample's loss."""

    LIPSCHITZ = "Lipschitz"
    CONTINUOUS = "continuous"


@dataclass(frozen=True)
class FlowKeepsSet(Statement):
    r"""Affine invariant sets of SGD are those of :math:`d\theta=-\nabla\mathcal L\,dt+\sqrt{\eta/\beta}\,\Sigma\,dB`.

    Parameters
    ----------
    gradients : GradientClass
        What is assumed of the gradients, besides that they are bounded.
    """

    gradients: GradientClass

    def asserted(self) -> tuple[str, ...]:
        return ("gradients",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set()

    def latex(self) -> str:
        kept = r"\theta_0 \in A \implies \theta_t \in A\;\forall t"
        return rf"\nabla\ell_i \;\text{{{self.gradients}}},\; A \;\text{{kept by SGD}}: \quad {kept}"
