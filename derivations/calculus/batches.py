r"""Moments of batch gradients from the counts of the samples in a batch.

With :math:`c_i` the number of times that sample i is drawn, :math:`g_{\mathcal B}=\frac1B\sum_i c_ig_i`; means and
covariances of the counts follow from counting batches.
"""

from __future__ import annotations

import sympy as sp

from ..errors import DomainError
from ..matrices.sampling import Sampling, Scheme
from ..statements.batches import BatchQuantity


def inclusion(sampling: Sampling, samples: int) -> sp.Expr:
    r"""Return the probability that `samples` given distinct samples are all in a batch of distinct draws.

    The number :math:`\binom{n-j}{B-j}` of batches that hold them, over that of all batches.
    """
    n, b = sampling.population, sampling.batch
    if sampling.scheme is not Scheme.WITHOUT_REPLACEMENT or n is None:
        raise DomainError(f"inclusion probabilities need {Scheme.WITHOUT_REPLACEMENT!r}")
    return sp.cancel(sp.combsimp(sp.expand_func(sp.binomial(n - samples, b - samples) / sp.binomial(n, b))))


def _count_moments(sampling: Sampling) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return E[c_i], Var[c_i] and Cov[c_i, c_j] for i != j of draws from a data set."""
    n, b = sp.sympify(sampling.population), sampling.batch
    if sampling.scheme is Scheme.WITH_REPLACEMENT:
        # each of B independent draws hits i with probability 1/n, and never two samples at once
        return b / n, b * (1 / n - 1 / n**2), -b / n**2
    one, two = inclusion(sampling, 1), inclusion(sampling, 2)
    return one, one - one**2, two - one**2


def _next_batch(sampling: Sampling) -> sp.Expr:
    """Return the factor of two successive batches: of independent draws 0, within one epoch from their joint counts."""
    b, n = sampling.batch, sampling.population
    if sampling.scheme is not Scheme.WITHOUT_REPLACEMENT or n is None:
        return sp.Integer(0)
    # no sample is in both; any other pair of places in the order of the epoch is as likely as any
    same, other = -((b / n) ** 2), b / n * b / (n - 1) - (b / n) ** 2
    return sp.cancel((same - other) * n / b**2)


def factor(sampling: Sampling, quantity: BatchQuantity) -> sp.Expr:
    """Return the factor of :class:`BatchFactor`.

    Raises
    ------
    DomainError
        If the batch covariance is no multiple of the one-sample covariance.
    """
    b, n = sampling.batch, sampling.population
    if quantity is BatchQuantity.INCLUSION:
        return inclusion(sampling, 1)
    if quantity is BatchQuantity.JOINT_INCLUSION:
        return inclusion(sampling, 2)
    if quantity is BatchQuantity.NEXT_BATCH:
        return _next_batch(sampling)
    if quantity is BatchQuantity.EXPECTED_COVARIANCE:
        # E[mean of g g^T] - E[mean g (mean g)^T] = Sigma - Sigma/n for n independent draws
        return sp.cancel(factor(sampling, BatchQuantity.COVARIANCE) * (1 - 1 / sp.sympify(n)))
    if n is None:
        # B equal and uncorrelated terms
        return sp.Integer(1) if quantity is BatchQuantity.MEAN else b / b**2
    mean, variance, covariance = _count_moments(sampling)
    if quantity is BatchQuantity.MEAN:
        return sp.cancel(n * mean / b)
    # sum_ij Cov[c_i, c_j] g_i g_j^T = (variance - covariance) sum_i g_i g_i^T + covariance (sum_i g_i)(sum_i g_i)^T
    if sp.cancel(variance + (n - 1) * covariance) != 0:
        raise DomainError("the counts do not add up to a constant; the batch covariance is no multiple of Sigma_1")
    return sp.cancel((variance - covariance) * n / b**2)
