"""Statistics that are found once in each of several groups of paths, and the distances that are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...numerics.trajectories.estimate import PathEstimate, around
from .setting import Array

#: Groups of paths in which distances and tail indices are found, each once.
GROUPS = 32


def by_groups(
    name: str, function: Callable[..., float], samples: Sequence[Array], level: float, groups: int = GROUPS
) -> PathEstimate:
    """Return the mean over disjoint groups of samples of a function of a group, with Student's interval.

    Parameters
    ----------
    function : callable
        From the parts of all samples in one group to a number.
    samples : sequence of arrays
        Independent samples; each is dealt out into the groups.
    """
    values = np.array([function(*(s[g::groups] for s in samples)) for g in range(groups)])
    error = float(values.std(ddof=1)) / np.sqrt(groups)
    return around(
        name, float(values.mean()), error, level=level, paths=len(samples[0]), method=f"{groups} groups of paths",
        freedom=groups - 1,
    )  # fmt: skip


def squared_w2(one: Array, other: Array) -> float:
    """Return the squared Wasserstein-2 distance of two samples of one size on the line, by their quantiles."""
    return float(np.mean((np.sort(one) - np.sort(other)) ** 2))


def squared_mmd(one: Array, other: Array, bandwidth: float) -> float:
    """Return the unbiased squared maximum mean discrepancy of two small samples of several coordinates."""

    def mean(x: Array, y: Array, diagonal: int) -> float:
        squares = ((x[:, None] - y[None]) ** 2).sum(axis=2)
        total = float(np.exp(-squares / (2 * bandwidth**2)).sum())
        return (total - diagonal) / (len(x) * len(y) - diagonal)

    return mean(one, one, len(one)) + mean(other, other, len(other)) - 2 * mean(one, other, 0)


def median_distance(samples: Array) -> float:
    """Return the median distance of pairs of the first samples: the bandwidth of the kernel."""
    few = samples[:400]
    distances = np.linalg.norm(few[:, None] - few[None], axis=2)[np.triu_indices(len(few), 1)]
    return max(float(np.median(distances)), 1e-9)
