"""What every statistic of paths returns: values with intervals, the independent paths behind them, and caveats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ...derivations.errors import DomainError

Array = NDArray[np.float64]

#: Entries up to which an estimate is printed one by one.
SHOWN = 9


@dataclass(frozen=True)
class PathEstimate:
    """An estimate from independent paths, with an interval for each of its entries.

    Parameters
    ----------
    name : str
        What is estimated.
    value, standard_error : float or array
        The estimate, and the standard deviation that it would have over repetitions. NaN where none is known.
    low, high : float or array
        Ends of the interval of confidence 1 - level; infinite on a side where the paths set no bound.
    level : float
        Probability that the interval of an entry misses; each entry spends it on its own.
    paths : int
        Independent paths, or samples, that it rests on; 1 for batch means of a single path.
    method : str
        How the interval was made.
    caveats : tuple of str
        What speaks against the assumptions, found in the paths themselves; empty where nothing was found.
    """

    name: str
    value: float | Array
    standard_error: float | Array
    low: float | Array
    high: float | Array
    level: float
    paths: int
    method: str
    caveats: tuple[str, ...] = ()

    def covers(self, reference: ArrayLike) -> bool:
        """Return whether every entry of the reference lies in its interval."""
        return bool(np.all((np.asarray(self.low) <= reference) & (np.asarray(reference) <= self.high)))

    def __str__(self) -> str:
        """Return it on one line, with a further line for each caveat."""
        value, low, high = (np.atleast_1d(v) for v in (self.value, self.low, self.high))
        if value.size <= SHOWN:
            entries = zip(value.flat, low.flat, high.flat, strict=True)
            shown = ", ".join(f"{v:.4g} [{a:.4g}, {b:.4g}]" for v, a, b in entries)
        else:
            shown = f"array of shape {value.shape}, half widths up to {float(np.max(high - low)) / 2:.3g}"
        over = f"{self.paths} paths" if self.paths > 1 else "1 path"
        head = f"{self.name} = {shown} ({100 * (1 - self.level):.4g} % confidence, {over})"
        return "\n".join((head, *(f"  caveat: {text}" for text in self.caveats)))


def check_level(level: float) -> None:
    """Raise DomainError unless the level lies in (0, 1)."""
    if not 0 < level < 1:
        raise DomainError(f"level={level}; give the probability that an interval misses, in (0, 1)")


def plain(values: ArrayLike) -> float | Array:
    """Return a float for a single number, else an array."""
    found = np.asarray(values, dtype=np.float64)
    return float(found) if found.ndim == 0 else found


def around(
    name: str,
    value: ArrayLike,
    error: ArrayLike,
    *,
    level: float,
    paths: int,
    method: str,
    freedom: float = np.inf,
    caveats: Iterable[str] = (),
) -> PathEstimate:
    """Return the estimate with Student's interval of `freedom` degrees of freedom around its values."""
    check_level(level)
    centre, spread = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64)
    half = float(stats.t.isf(level / 2, freedom)) * spread
    ends = plain(centre - half), plain(centre + half)
    return PathEstimate(name, plain(centre), plain(spread), *ends, level, paths, method, tuple(caveats))


def difference(first: PathEstimate, second: PathEstimate, *, level: float = 0.05) -> PathEstimate:
    """Return first - second for estimates from independent paths; 0 outside of the interval is a significant change.

    The interval is Gaussian, of the two standard errors.

    Parameters
    ----------
    first, second : PathEstimate
        Estimates of the same quantity.
    level : float
        Probability that the interval misses, in (0, 1); divide it by the number of comparisons that are made.

    Raises
    ------
    DomainError
        If the shapes differ, an estimate has no standard error, or the level is outside its range.
    """
    one, other = np.asarray(first.value), np.asarray(second.value)
    if one.shape != other.shape:
        raise DomainError(f"first has values of shape {one.shape}, second of {other.shape}; compare the same quantity")
    error = np.hypot(first.standard_error, second.standard_error)
    if not np.all(np.isfinite(error) & np.isfinite(one) & np.isfinite(other)):
        raise DomainError(f"{first.name}: a value or standard error is not finite; compare the intervals instead")
    name = first.name if first.name == second.name else f"{first.name} - {second.name}"
    return around(
        f"difference in {name}",
        one - other,
        error,
        level=level,
        paths=min(first.paths, second.paths),
        method="Gaussian interval of the two standard errors",
        caveats=dict.fromkeys((*first.caveats, *second.caveats)),
    )
