"""Sums over paths that merge in any order to the same result: float64 sums of parts, added as exact integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .request import Request

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
#: Highest raw moment that is summed.
ORDER = 4
#: Paths whose state is not finite, or reaches 2^250 so that its fourth power leaves float64, count as non-finite.
LARGEST_EXPONENT = 250
SCALE = 1074  # every float64 is an integer multiple of 2^-1074


def exact(value: float) -> int:
    """Return `value` * 2^1074, an integer for every finite float64."""
    numerator, denominator = value.as_integer_ratio()
    return numerator << (SCALE + 1 - denominator.bit_length())


def pair_index(dimension: int, i: int, j: int) -> int:
    """Return where the sum of x_i x_j, i < j, stands in a row of sums."""
    return ORDER * dimension + i * (2 * dimension - i - 1) // 2 + j - i - 1


def sum_count(dimension: int) -> int:
    """Return the length of a row of sums."""
    return ORDER * dimension + dimension * (dimension - 1) // 2


@dataclass(frozen=True, eq=False)
class Part:
    """Partial sums of some of the paths, as a backend computes them, in the shapes of :class:`Summaries`.

    Attributes
    ----------
    nonfinite : int64 (g,)
    sums : float64 (g, sum_count(d))
    below : int64 (g, points)
    hits : int64 (g, d, 2)
    exit_sums : int64 (g, 2)
    left_by : int64 (g, len(by_steps))
    """

    nonfinite: Counts
    sums: Floats
    below: Counts
    hits: Counts
    exit_sums: Counts
    left_by: Counts

    @staticmethod
    def empty(grid: int, dimension: int, request: Request) -> Part:
        """Return a part of no paths, to be filled."""
        steps = 0 if request.exit is None else len(request.exit.by_steps)

        def counts(*shape: int) -> Counts:
            return np.zeros((grid, *shape), dtype=np.int64)

        return Part(
            counts(),
            np.zeros((grid, sum_count(dimension))),
            counts(sum(map(len, request.cdf))),
            counts(dimension, 2),
            counts(2),
            counts(steps),
        )
