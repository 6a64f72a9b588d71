r"""Covariance of gradient noise and its singular values, from independent gradients.

Of n gradients of p parameters the sample covariance has rank n - 1 at most, and where p is not much smaller than n its
largest values are too large and its smallest too small: for the covariance s I they fill
:math:`s(1\pm\sqrt{p/n})^2` (Marchenko and Pastur, 1967).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ..arguments import checked
from .estimate import Array, PathEstimate, check_level
from .moments import check_size, covariance_of, found_dimension, second_moments
from .paths import Chunks, sample_chunks
from .replication import replicates

#: Share p/n of parameters and gradients above which singular values are said to be spread by the sample.
SPREAD = 0.02


@checked()
def estimate_gradient_noise(gradients: Any, *, level: float = 0.05) -> tuple[PathEstimate, PathEstimate]:
    """Return the covariance of gradients, shape (p, p), and its singular values, descending, shape (p,).

    The singular values are those of the unbiased covariance; for distinct ones and n much larger than p their bias is
    of order 1/n.

    Parameters
    ----------
    gradients : array of shape (n, p), or generator of such arrays
        Independent gradients, one a sample or one a batch, at the same parameters; for a batch of B samples the
        covariance is that of one sample over B.
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range. Too few gradients for the number of parameters, and neighbouring singular
        values whose intervals overlap (sorting drives equal ones apart), are caveats.
    """
    check_level(level)
    first: Array | None = None

    def rows() -> Iterator[Array]:
        nonlocal first
        for chunk in sample_chunks("gradients", gradients):
            check_size("gradients", chunk.shape[1])
            first = chunk.mean(axis=0) if first is None else first
            yield (chunk - first)[:, None, :]

    found = replicates(Chunks(rows()), second_moments, stationary=False, centred=False)
    p, n = found_dimension(found.sums.shape[1]), found.paths

    def unbiased(means: Array) -> Array:
        return np.asarray(covariance_of(means, p) * (n / (n - 1)))

    covariance = found.estimate("gradient-noise covariance", unbiased, level=level, corrected=False)
    values = found.estimate(
        "singular values of the gradient noise",
        lambda m: np.asarray(np.linalg.eigvalsh(unbiased(m))[::-1], dtype=np.float64),
        level=level,
        corrected=False,  # where equal values are spread by the sample, the correction takes them out of order
        caveats=(_spread(p, n),) if p > SPREAD * n else (),
    )
    low, high = np.asarray(values.low), np.asarray(values.high)
    close = int(np.count_nonzero(high[1:] > low[:-1]))
    if close:
        text = f"{close} neighbouring values are not told apart: sorting drives equal values apart"
        values = replace(values, caveats=(*values.caveats, text))
    return covariance, values


def _spread(p: int, n: int) -> str:
    edges = [(1 + sign * (p / n) ** 0.5) ** 2 * (sign > 0 or p < n) for sign in (-1, 1)]
    rank = f"; only {n - 1} can differ from 0" if n <= p else ""
    return f"{n} gradients of {p} parameters spread equal values over {edges[0]:.2g} to {edges[1]:.2g} of them{rank}"
