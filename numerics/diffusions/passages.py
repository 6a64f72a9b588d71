"""Passage times and hitting probabilities of a described SDE, with natural, reflecting and absorbing ends.

The quadrature is that of :mod:`~crossproof.numerics.diffusions.first_passage` in the coordinate of the process. A
natural end is the limit of cuts at doubling distances; what the last doublings change is part of the error.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from .boundaries import NATURAL, Boundary, coordinate_limits
from .first_passage import Passage, exit_probability, mean_exit_time
from .scalar_diffusion import ScalarDiffusion

Array = NDArray[np.float64]

_DOUBLINGS = 40
#: Rounding of the running integrals, relative.
_ROUNDING = 1e-13


def _place(
    process: ScalarDiffusion, start: float, low: Boundary, high: Boundary, tolerance: float
) -> tuple[float, tuple[float, float]]:
    if not 0 < tolerance < 1:
        raise DomainError(f"tolerance = {tolerance}; give a relative tolerance in (0, 1)")
    z, limits = process.z(start), coordinate_limits(process, low, high)
    if not limits[0] < z < limits[1]:
        raise DomainError(f"start = {start} with ends {low.place} and {high.place}: give low < start < high")
    return z, limits


def _settled(
    answer: Callable[[float, float], Passage],
    z: float,
    limits: tuple[float, float],
    natural: tuple[bool, bool],
    tolerance: float,
    what: str,
) -> Passage:
    """Move the cuts of natural ends outward until `answer` has changed little twice in a row."""
    if not any(natural):
        found = answer(*limits)
        return Passage(found.value, found.error + _ROUNDING)
    other = [abs(limit - z) for limit, open_end in zip(limits, natural, strict=True) if not open_end]
    distance, before, moved_before = min([1.0, *other]), np.nan, np.inf
    found = Passage(np.inf, np.inf)
    for _ in range(_DOUBLINGS):
        low = max(z - distance, limits[0]) if natural[0] else limits[0]
        high = min(z + distance, limits[1]) if natural[1] else limits[1]
        try:
            with np.errstate(over="raise"):
                found = answer(low, high)
        except FloatingPointError:
            break
        moved = abs(found.value - before) / abs(found.value) if found.value else np.inf
        if max(moved, moved_before) <= tolerance:
            return Passage(found.value, found.error + moved + _ROUNDING)
        if (low == limits[0] or not natural[0]) and (high == limits[1] or not natural[1]):
            break
        distance, before, moved_before = 2 * distance, found.value, moved
    raise NumericsError(
        f"{what} does not settle as natural ends recede (last value {found.value:.6g}): the process may escape to one, "
        "or reach it; declare that end absorbing or reflecting"
    )


@checked(DomainError)
def hitting_probability(
    process: ScalarDiffusion,
    start: float,
    *,
    low: Boundary,
    high: Boundary,
    tolerance: float = 1e-10,
) -> Passage:
    """Return the probability to arrive at the upper end rather than at the lower one.

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE in its coordinate.
    start : float
        The state at time 0.
    low, high : Boundary
        Absorbing, or natural: then the limit of far absorbing places, which counts paths that escape to that end.
    tolerance : float
        Relative.

    Raises
    ------
    DomainError
        If an end reflects (it is never arrived at) or arguments are out of order.
    NumericsError
        If the coefficients are not finite and positive, or the answer does not settle.
    """
    for name, end in (("low", low), ("high", high)):
        if end.kind == "reflecting":
            raise DomainError(f"{name} reflects at {end.place}: the other end is reached with certainty")
    z, limits = _place(process, start, low, high, tolerance)

    def answer(first: float, last: float) -> Passage:
        return exit_probability(
            lambda y: process(y)[0],
            lambda y: process(y)[1],
            low=first,
            start=z,
            high=last,
            tolerance=tolerance / 4,
        )

    return _settled(answer, z, limits, (low.natural, high.natural), tolerance / 4, "the hitting probability")


@checked(DomainError)
def mean_passage_time(
    process: ScalarDiffusion,
    start: float,
    *,
    low: Boundary = NATURAL,
    high: Boundary = NATURAL,
    tolerance: float = 1e-10,
) -> Passage:
    """Return the mean time of absorption.

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE in its coordinate.
    start : float
        The state at time 0.
    low, high : Boundary
        One or both absorbing; the other reflecting or natural.
    tolerance : float
        Relative.

    Raises
    ------
    DomainError
        If no end absorbs or arguments are out of order.
    NumericsError
        If the coefficients are not finite and positive, or the answer does not settle: paths that escape to a
        natural end make the mean infinite.
    """
    if "absorbing" not in (low.kind, high.kind):
        raise DomainError(f"low is {low.kind} and high is {high.kind}: make one absorbing, or the time is infinite")
    z, limits = _place(process, start, low, high, tolerance)
    both = low.kind == high.kind
    # the reflecting end of `mean_exit_time` is the lower one
    sign = 1.0 if both or high.kind == "absorbing" else -1.0

    def answer(first: float, last: float) -> Passage:
        ends = (first, last) if sign > 0 else (-last, -first)
        return mean_exit_time(
            lambda y: sign * process(sign * y)[0],
            lambda y: process(sign * y)[1],
            low=ends[0],
            start=sign * z,
            high=ends[1],
            reflecting=not both,
            tolerance=tolerance / 4,
        )

    return _settled(answer, z, limits, (low.natural, high.natural), tolerance / 4, "the mean passage time")
