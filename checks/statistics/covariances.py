"""Entries of a covariance matrix: unbiased block covariances, compared as means.

The sample covariance of k independent pairs, with k - 1 in the denominator, has the true covariance as its mean,
whatever the means of the two variables. Blocks of k give independent such values, to which the t-mixture sequence of
:mod:`crossproof.checks.statistics.means` applies; k = 2 is the product (x1 - x2)(y1 - y2)/2 of differences. Only the
fourth
moments E[X^4] and E[Y^4] need exist for the groups of blocks to be close to Gaussian in the limit; heavier tails make
the approximation poor, and bounded functionals are to be compared then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .means import GROUPS, Comparison, Terms, checked, compare_mean

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Pairs in a block: the estimated means cost 1/k of the information.
BLOCK = 16


def block_covariances(pairs: NDArray[np.float64], block: int = BLOCK) -> NDArray[np.float64]:
    """Return the unbiased covariances of consecutive blocks of `pairs`, shape (n // block,); a rest is left out.

    Parameters
    ----------
    pairs : array of shape (n, 2)
        Independent pairs (x, y).
    block : int
        Pairs in a block, at least 2.
    """
    usable = len(pairs) // block * block
    blocks = pairs[:usable].reshape(-1, block, 2)
    # one centred factor suffices: the other's mean drops out of the sum
    centred = blocks[..., 0] - blocks[..., 0].mean(axis=1, keepdims=True)
    found: NDArray[np.float64] = (centred * blocks[..., 1]).sum(axis=1) / (block - 1)
    return found


def compare_covariance(
    draw: Callable[[int], ArrayLike],
    asserted: float,
    *,
    level: float,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare the covariance of X and Y with `asserted`.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns independent pairs, shape (n, 2), n >= 2 * GROUPS * BLOCK = 2048; for a variance, a column
        twice.
    asserted, level, terms
        See :func:`crossproof.checks.statistics.means.compare_mean`; the scale is ``abs(asserted)``, or sqrt(Var X Var
        Y) where that may be 0.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is not finite.
    """

    def blocks(look: int) -> NDArray[np.float64]:
        pairs = checked(draw(look), columns=2, least=2 * GROUPS * BLOCK)
        # far from the origin products would lose digits
        return block_covariances(pairs - pairs[0])

    return compare_mean(blocks, asserted, level=level, **terms)
