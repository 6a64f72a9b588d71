"""Rounds that alternate between implementations, the check that all of them computed the same, and rows of a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

#: Thread pools of a measurement spin for up to 0.2 s after it; the next one starts later than that.
PAUSE = 0.25
EAGER = "torch eager"
OURS = "crossproof"
Row = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """Seconds of one measurement, and the averages over its paths (empty where there is nothing to check)."""

    seconds: float
    averages: tuple[float, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Exact expectations of what is averaged, and standard deviations of one path."""

    values: tuple[float, ...]
    deviations: tuple[float, ...]

    def worst(self, averages: Sequence[float], paths: int, dtype: str) -> float:
        """Return the largest distance of an average in standard errors, after what rounding may do.

        A thousand steps multiply the rounding of a coefficient near 1 by a thousand: 1e-4 in float32.
        """
        rounding = 1e-4 if dtype == "float32" else 1e-10
        return max(
            max(0.0, abs(x - value) - rounding * abs(value)) / (sd / paths**0.5)
            for x, value, sd in zip(averages, self.values, self.deviations, strict=True)
        )


@dataclass(frozen=True)
class Implementation:
    """One contestant: `run(paths, seed)` simulates `paths` paths, each of `work` units of work.

    With a `reference`, every run's averages are compared with it.
    """

    name: str
    dtype: str
    paths: int
    run: Callable[[int, int], Run]
    work: float
    reference: Reference | None = None


class WrongResultError(Exception):
    """An implementation does not compute what the others do."""


#: Accepted distance in standard errors: a right implementation fails once in ten million averages.
LIMIT = 5.3


def timed(function: Callable[[], Sequence[float]]) -> Run:
    """Return the wall time of a call with the averages that it returns."""
    start = time.perf_counter()
    averages = function()
    return Run(time.perf_counter() - start, tuple(float(x) for x in averages))


def interleave(workload: str, implementations: Sequence[Implementation], unit: str, rounds: int) -> list[Row]:
    """Return one row an implementation from `rounds` rounds over all of them.

    Raises
    ------
    WrongResultError
        If averages lie more than 5.3 standard errors from the reference.
    """
    runs: dict[str, list[Run]] = {i.name: [] for i in implementations}
    distance = dict.fromkeys(runs, 0.0)
    for i in implementations:  # compiles and fills caches
        i.run(i.paths if i.paths < 10**6 else 10**5, 999)
    for seed in range(rounds):
        for i in implementations:
            time.sleep(PAUSE)
            run = i.run(i.paths, seed)
            runs[i.name].append(run)
            if i.reference is None:
                continue
            z = i.reference.worst(run.averages, i.paths, i.dtype)
            distance[i.name] = max(distance[i.name], z)
            if not z <= LIMIT:
                raise WrongResultError(
                    f"{workload}: {i.name} averages {run.averages} over {i.paths} paths, {z:.1f} standard errors "
                    f"from {i.reference.values}"
                )
    rates = {i.name: [i.work * i.paths / r.seconds for r in runs[i.name]] for i in implementations}
    rows = []
    for i in implementations:
        row = rate_row(workload, i.name, i.dtype, rates[i.name], unit)
        row |= {"paths": i.paths, "seconds": statistics.median(r.seconds for r in runs[i.name])}
        row["ratio_to_torch_eager"] = _ratio(rates, i.name, EAGER)
        row["ratio_of_crossproof"] = _ratio(rates, OURS, i.name)
        if i.reference is not None:
            row |= {"average": runs[i.name][-1].averages[0], "largest_distance_in_errors": distance[i.name]}
        rows.append(row)
    return rows


def rate_row(workload: str, implementation: str, dtype: str, rates: Sequence[float], unit: str) -> Row:
    """Return a row with the median rate, the slowest and the fastest round."""
    return {
        "workload": workload,
        "implementation": implementation,
        "dtype": dtype,
        "rate": statistics.median(rates),
        "unit": unit,
        "ratio_to_torch_eager": None,
        "slowest": min(rates),
        "fastest": max(rates),
        "rounds": len(rates),
    }


def _ratio(rates: dict[str, list[float]], first: str, second: str) -> float | None:
    """Return the median over rounds of the ratio of two rates measured in the same round."""
    if first not in rates or second not in rates:
        return None
    return statistics.median(x / y for x, y in zip(rates[first], rates[second], strict=True))
