"""What pictures measure: small samples from the seed, with intervals of the project's own confidence sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...checks.effort import Effort
from ...checks.statistics.means import GROUPS, group_means, half_width
from ...checks.statistics.richardson import extrapolate, remaining_bias
from ...checks.witness import Task
from ...derivations.claim import Claim
from ...derivations.errors import NumericsError
from .picture import Array, Intervals

#: Probability that an interval, at all looks together, misses the mean.
LEVEL = 0.05
#: Samples behind one interval.
SAMPLES = 16384
_EFFORT = Effort("picture", points=4, samples=SAMPLES, looks=8, resolution=0.05, algebra_seconds=2.0)
#: How intervals are called.
INTERVALS = f"95 % confidence intervals from {SAMPLES} samples each"


def task_of(claim: Claim, seed: int) -> Task:
    """Return the unit of work of a picture: its random numbers are keyed by seed and claim."""
    return Task(claim, _EFFORT, seed, "cpu", LEVEL, "picture")


@dataclass(frozen=True)
class Measured:
    """An estimate with the half width of its interval."""

    value: float
    half: float


def mean_of(samples: Array, bias: float = 0.0) -> Measured:
    """Return the mean of independent samples, shape (n,), with its interval, widened by the bound of a bias."""
    means = group_means(np.asarray(samples, dtype=np.float64))
    return Measured(float(means.mean()), half_width(means, LEVEL) + bias)


def extrapolated(levels: Sequence[object], size: float = 0.0) -> Measured:
    """Return the mean that three step sizes (finest first, on the same paths) extrapolate to, with its interval."""
    return mean_of(extrapolate(levels), remaining_bias(levels, size))  # type: ignore[arg-type]


def sequence_of(samples: Array, bias: float, looks: int = 24) -> tuple[Array, Array, Array]:
    """Return the confidence sequence of a mean: numbers of samples, and the ends of the interval after each look."""
    pieces = np.array_split(np.asarray(samples, dtype=np.float64), looks)
    counts, lows, highs, means = [], [], [], np.empty(0)
    for piece in pieces:
        means = np.append(means, group_means(piece))
        half = half_width(means, LEVEL) + bias
        counts.append(means.size // GROUPS * (piece.size // GROUPS * GROUPS))
        lows.append(float(means.mean()) - half)
        highs.append(float(means.mean()) + half)
    return np.array(counts, dtype=float), np.array(lows), np.array(highs)


def intervals_of(label: str, x: Sequence[float], found: Sequence[Measured | None]) -> tuple[Intervals, ...]:
    """Return measured values as intervals; None where nothing could be measured."""
    kept = [(a, m) for a, m in zip(x, found, strict=True) if m is not None]
    if not kept:
        return ()
    values = np.array([m.value for _, m in kept])
    halves = np.array([m.half for _, m in kept])
    return (Intervals(label, np.array([a for a, _ in kept]), values, values - halves, values + halves),)


def attempted(make: object, *arguments: object) -> Measured | None:
    """Return what `make` measures, or None where it cannot."""
    try:
        found: Measured = make(*arguments)  # type: ignore[operator]
    except NumericsError:
        return None
    return found if np.isfinite(found.value) and np.isfinite(found.half) else None
