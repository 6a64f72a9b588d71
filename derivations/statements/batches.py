"""Statements about the gradient of a mini-batch, for any per-sample gradients."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from ..errors import ClaimError
from ..matrices.sampling import Sampling, Scheme
from ..statement import Statement


class BatchQuantity(StrEnum):
    """What is asserted of a batch."""

    MEAN = "the mean of the batch gradient over the mean one-sample gradient"
    COVARIANCE = "the covariance of the batch gradient over the one-sample covariance"
    INCLUSION = "the probability that a given sample is in the batch"
    JOINT_INCLUSION = "the probability that two given samples are in the batch"
    EXPECTED_COVARIANCE = (
        "the mean over data sets of the covariance of the batch gradient over the population covariance"
    )
    NEXT_BATCH = "the covariance of the gradients of two successive batches over the one-sample covariance"


_LATEX = {
    BatchQuantity.MEAN: r"\mathbb{E}[g_{\mathcal B}] = %s\,\mathbb{E}[g_1]",
    BatchQuantity.COVARIANCE: r"\operatorname{Cov}[g_{\mathcal B}] = %s\,\Sigma_1",
    BatchQuantity.INCLUSION: r"P[i \in \mathcal B] = %s",
    BatchQuantity.JOINT_INCLUSION: r"P[i \in \mathcal B,\, j \in \mathcal B] = %s",
    BatchQuantity.EXPECTED_COVARIANCE: (
        r"\mathbb{E}_{\mathcal D}\operatorname{Cov}[g_{\mathcal B} \mid \mathcal D] = %s\,\Sigma_{\mathrm{pop}}"
    ),
    BatchQuantity.NEXT_BATCH: r"\operatorname{Cov}[g_{\mathcal B_k}, g_{\mathcal B_{k+1}}] = %s\,\Sigma_1",
}


@dataclass(frozen=True)
class BatchFactor(Statement):
    r"""A scalar that relates a batch of B samples to one sample, whatever the per-sample gradients are.

    The batch gradient is :math:`g_{\mathcal B} = \frac1B\sum_{i\in\mathcal B} g_i`. The one-sample mean and
    covariance are those of the data distribution (online) or of the data set, with 1/n. For the expected covariance the
    data set itself consists of n independent draws from a distribution. Successive batches without replacement are
    consecutive pieces of one random order of the data set (an epoch); in the other schemes all draws are independent.

    Parameters
    ----------
    sampling : Sampling
        How the batch is drawn.
    quantity : BatchQuantity
        What the factor belongs to; inclusion probabilities need distinct draws from a data set, and the expected
        covariance needs a data set.
    value : Expr
        The asserted factor.
    """

    sampling: Sampling
    quantity: BatchQuantity
    value: sp.Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", sp.sympify(self.value))
        counted = self.quantity in (BatchQuantity.INCLUSION, BatchQuantity.JOINT_INCLUSION)
        if counted and self.sampling.scheme is not Scheme.WITHOUT_REPLACEMENT:
            raise ClaimError(f"{self.quantity!r} needs {Scheme.WITHOUT_REPLACEMENT!r}, not {self.sampling.scheme!r}")
        if self.quantity is BatchQuantity.EXPECTED_COVARIANCE and self.sampling.population is None:
            raise ClaimError(f"{self.quantity!r} needs a data set; give a scheme with a population")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sampling.symbols() | set(self.value.free_symbols)

    def latex(self) -> str:
        asserted = _LATEX[self.quantity] % sp.latex(self.value)
        return rf"{asserted}\quad \text{{({self.sampling.scheme})}}"

    def formula(self) -> sp.Expr | None:
        return self.value
