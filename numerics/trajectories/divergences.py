r"""Divergences of two laws from independent samples: maximum mean discrepancy, and Kullback-Leibler.

.. math::
    \mathrm{MMD}^2=E\,k(X,X')+E\,k(Y,Y')-2E\,k(X,Y),\qquad
    \mathrm{KL}\approx\frac dn\sum_i\log\frac{\nu_k(x_i)}{\rho_k(x_i)}+\log\frac m{n-1},

with the distances :math:`\rho_k` and :math:`\nu_k` to the k-th neighbour among the other x and among the y (Gretton et
al., J. Mach. Learn. Res. 13 (2012) 723; Wang, Kulkarni and Verdu, IEEE Trans. Inform. Theory 55 (2009) 2392).
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from scipy import stats
from scipy.spatial import cKDTree

from ...derivations.errors import DomainError
from ..arguments import checked
from .distances import GROUPS, by_groups, pair
from .estimate import Array, PathEstimate, around, check_level
from .replication import FALSE_ALARM

#: Samples from which on all pairs are too many.
MOST = 2**13
#: Share of the first law's samples that may lie where the second law has none.
OUTSIDE = 0.01


@checked(DomainError)
def estimate_mmd(first: Any, second: Any, *, bandwidth: float | None = None, level: float = 0.05) -> PathEstimate:
    r"""Return the squared maximum mean discrepancy with the kernel :math:`\exp(-|x-y|^2/2b^2)`, without bias.

    It may be negative. It is 0 only for equal laws, but says little of how far two laws are apart that do not overlap.

    Parameters
    ----------
    first, second : arrays of shape (n,) or (n, d), and (m,) or (m, d)
        Independent samples of either law, 32 to 8192.
    bandwidth : float, optional
        b, > 0; by default the median distance of pairs of all samples. Its choice is no part of the interval.
    level : float
        Probability that the interval misses, in (0, 1). Near 0 the estimate is not Gaussian: an interval that holds 0
        is no proof that the laws are equal.

    Raises
    ------
    DomainError
        If an argument is outside its range. A bandwidth that sees no difference of any laws is a caveat.
    """
    check_level(level)
    one, other = pair("first", first, "second", second, least=2 * GROUPS)
    if max(len(one), len(other)) > MOST:
        raise DomainError(f"first and second have {len(one)} and {len(other)} samples; give {MOST} at most")
    if bandwidth is None:
        few = np.concatenate([one[:500], other[:500]])
        bandwidth = float(np.median(np.linalg.norm(few[:, None] - few, axis=-1)[np.triu_indices(len(few), 1)]))
    if not 0 < bandwidth < math.inf:
        raise DomainError(f"bandwidth={bandwidth}; give a distance > 0")
    sums = [_blocks(*p, bandwidth) for p in ((one, one), (other, other), (one, other))]
    within = [_sizes(one), _sizes(other)]

    def value(out: int | None = None, law: int = 0) -> float:
        keep = [np.ones(GROUPS), np.ones(GROUPS)]
        if out is not None:
            keep[law][out] = 0
        n, m = (float(k @ size) for k, size in zip(keep, within, strict=True))
        # the diagonal of pairs of a sample with itself is 1 each
        xx = (keep[0] @ sums[0] @ keep[0] - n) / (n * (n - 1))
        yy = (keep[1] @ sums[1] @ keep[1] - m) / (m * (m - 1))
        return float(xx + yy - 2 * keep[0] @ sums[2] @ keep[1] / (n * m))

    variance = sum((GROUPS - 1) * float(np.var([value(j, law) for j in range(GROUPS)])) for law in (0, 1))
    likeness = float(sums[2].sum()) / (len(one) * len(other))
    caveats = []
    if likeness > 0.99 or max(float(s.sum()) / n**2 for s, n in zip(sums, map(len, (one, other)), strict=False)) < 0.01:
        caveats.append(f"bandwidth {bandwidth:.3g} is far from the distances of the samples: it sees hardly any law")
    if likeness < 0.01:
        caveats.append("the laws hardly overlap at this bandwidth: the value does not say how far they are apart")
    return around(
        "squared MMD",
        value(),
        math.sqrt(variance),
        level=level,
        paths=min(len(one), len(other)),
        method=f"jackknife over {GROUPS} groups of samples, bandwidth {bandwidth:.4g}",
        freedom=GROUPS - 1,
        caveats=caveats,
    )


def _sizes(values: Array) -> Array:
    return np.bincount(np.arange(len(values)) % GROUPS, minlength=GROUPS).astype(np.float64)


def _blocks(x: Array, y: Array, bandwidth: float) -> Array:
    """Return the sums of the kernel over pairs of groups of samples, shape (GROUPS, GROUPS)."""
    found = np.empty((GROUPS, GROUPS))
    for a in range(GROUPS):
        u = x[a::GROUPS]
        for b in range(GROUPS):
            v = y[b::GROUPS]
            square = sum((u[:, None, j] - v[None, :, j]) ** 2 for j in range(x.shape[1]))
            found[a, b] = np.exp(-square / (2 * bandwidth**2)).sum()
    return found


@checked(DomainError)
def estimate_kl(
    first: Any,
    second: Any,
    *,
    method: Literal["neighbours", "gaussian"] = "neighbours",
    neighbours: int = 5,
    level: float = 0.05,
) -> PathEstimate:
    r"""Return the Kullback-Leibler divergence :math:`\int p\log(p/q)` of the first law from the second, in nats.

    Parameters
    ----------
    first, second : arrays of shape (n,) or (n, d), and (m,) or (m, d)
        Independent samples of either law, 320 at least.
    method : {"neighbours", "gaussian"}
        "neighbours" for laws with densities in few dimensions; "gaussian" is the divergence of the Gaussian laws with
        the means and covariances of the samples.
    neighbours : int
        k of the distances, from 1 to 10.
    level : float
        Probability that the interval misses, in (0, 1); the bias of "neighbours", which n and k decide, comes on top.

    Raises
    ------
    DomainError
        If an argument is outside its range, samples repeat (a law with atoms has no density), or a covariance is
        singular. Samples of the first law where the second has none (the divergence may be infinite, and no estimate
        from samples is), and laws that are not Gaussian where that is assumed, are caveats.
    """
    check_level(level)
    one, other = pair("first", first, "second", second, least=20 * GROUPS)
    if not 1 <= neighbours <= 10:
        raise DomainError(f"neighbours={neighbours}; give an integer from 1 to 10")
    if method == "gaussian":
        value, error = by_groups(_gaussian, one, other)
        freedom, how, caveats = GROUPS - 1, f"jackknife over {GROUPS} groups of samples", _not_gaussian(one, other)
    else:
        value, outside = _neighbours(one, other, neighbours)
        each = [_neighbours(one[j::GROUPS], other[j::GROUPS], neighbours)[0] for j in range(GROUPS)]
        error = float(np.std(each, ddof=1)) / math.sqrt(GROUPS)
        freedom, how, caveats = GROUPS - 1, f"spread of {GROUPS} groups of samples", []
        if outside > OUTSIDE:
            caveats.append(
                f"{100 * outside:.2g} % of the first samples lie where the second has none: the divergence may be "
                "infinite, and the value only grows with the samples"
            )
    return around(
        "Kullback-Leibler divergence",
        value,
        error,
        level=level,
        paths=min(len(one), len(other)),
        method=f"{method}, {how}",
        freedom=freedom,
        caveats=caveats,
    )


def _neighbours(one: Array, other: Array, k: int) -> tuple[float, float]:
    """Return the estimate, and the share of the first samples farther from the second than these are among them."""
    n, d = one.shape
    tree = cKDTree(other)
    inner = cKDTree(one).query(one, k + 1)[0][:, -1]
    outer = tree.query(one, [k])[0][:, 0]
    if inner.min() <= 0 or outer.min() <= 0:
        raise DomainError(
            "first or second has values that repeat; a divergence by neighbours needs laws with densities"
        )
    value = d * float(np.mean(np.log(outer / inner))) + math.log(len(other) / (n - 1))
    apart = float(tree.query(other, k + 1)[0][:, -1].max())
    return value, float(np.mean(outer > apart))


def _gaussian(one: Array, other: Array) -> float:
    d = one.shape[1]
    p, q = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (one, other))
    sizes = [np.linalg.slogdet(c) for c in (p, q)]
    if min(sign for sign, _ in sizes) <= 0:
        raise DomainError("first or second has a singular covariance; leave out coordinates that depend on others")
    shift = other.mean(axis=0) - one.mean(axis=0)
    inverse = np.linalg.inv(q)
    return float(np.trace(inverse @ p) + shift @ inverse @ shift - d + sizes[1][1] - sizes[0][1]) / 2


def _not_gaussian(one: Array, other: Array) -> list[str]:
    found = []
    for name, values in (("first", one), ("second", other)):
        worst = float(np.min(stats.normaltest(values, axis=0).pvalue)) * values.shape[1]
        if worst < FALSE_ALARM:
            found.append(f"{name} is not Gaussian (skewness or kurtosis): only its first two moments are compared")
    return found
