"""What summaries of simulated paths are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..argument_kinds import is_real, is_whole

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Exit:
    """First exit of a path from a box, monitored after every step.

    A path leaves at the first step n >= 0 at which a coordinate is <= its lower or >= its upper bound; there it stops,
    so that its final state is the one of the stopped process.

    Attributes
    ----------
    lower, upper : tuple of float
        Bounds, one a coordinate of the readout; -inf and inf where there is none.
    by_steps : tuple of int
        Steps at which the paths that have left by then are counted.

    Raises
    ------
    NumericsError
        If a bound is no real number, or a step is no integer >= 0.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    by_steps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        if not (isinstance(self.by_steps, tuple | list) and all(is_whole(n) and n >= 0 for n in self.by_steps)):
            raise NumericsError(f"by_steps={self.by_steps!r}; give a tuple of step numbers >= 0")
        object.__setattr__(self, "by_steps", tuple(map(int, self.by_steps)))


@dataclass(frozen=True)
class Request:
    """Summaries that are wanted beside counts, raw moments to order four and products of pairs, which always come.

    Attributes
    ----------
    cdf : tuple of tuples of float
        For each coordinate of the readout the ascending points x at which the paths with X <= x are counted; empty
        for none at all.
    exit : Exit or None
        Box whose first exit is monitored.

    Raises
    ------
    NumericsError
        If `cdf` does not hold rows of real numbers, or `exit` is no Exit.
    """

    cdf: tuple[tuple[float, ...], ...] = ()
    exit: Exit | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.cdf, tuple | list):
            raise NumericsError(f"cdf={self.cdf!r}; give a tuple of points for each coordinate")
        object.__setattr__(self, "cdf", tuple(_numbers("cdf", row) for row in self.cdf))
        if not (self.exit is None or isinstance(self.exit, Exit)):
            raise NumericsError(f"exit={self.exit!r}; give an Exit")

    def check(self, dimension: int) -> None:
        """Raise NumericsError unless the request fits `dimension` coordinates."""
        if self.cdf and len(self.cdf) != dimension:
            raise NumericsError(f"cdf has {len(self.cdf)} rows of points; {dimension} coordinates need one each")
        for row in self.cdf:
            if not all(map(math.isfinite, row)) or any(a >= b for a, b in pairwise(row)):
                raise NumericsError(f"cdf points {row} must be finite and strictly ascending")
        if self.exit is None:
            return
        lower, upper = self.exit.lower, self.exit.upper
        if not len(lower) == len(upper) == dimension or not all(a < b for a, b in zip(lower, upper, strict=True)):
            raise NumericsError(f"exit box {lower}, {upper}: give lower < upper for each of {dimension} coordinates")

    @property
    def points(self) -> Floats:
        """All points of the distribution function, coordinate after coordinate."""
        return np.array([x for row in self.cdf for x in row], dtype=np.float64)


def _numbers(name: str, row: Any) -> tuple[float, ...]:
    if not (isinstance(row, tuple | list) and all(map(is_real, row))):
        raise NumericsError(f"{name}={row!r}; give a tuple of real numbers for each coordinate")
    return tuple(map(float, row))
