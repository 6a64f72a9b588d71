"""Calibration and power of the statistics, by simulation of the null: ``python benchmarks/calibration.py``.

A simulated run examines true claims of one kind on several laws and shares a deliberately loose total level over them,
so that false refutations can be seen. With optional stopping the run looks after every batch and stops at the first
refutation; without it, it looks once at the end. The power part asserts values that are wrong by exactly the
resolution and counts how often they are confirmed, and how often true values are at the same sample sizes. The last
row looks as often with an interval made for a single look, to show what the simulation can see.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.bounded_means import compare_bounded_mean
from crossproof.checks.statistics.covariances import compare_covariance
from crossproof.checks.statistics.exponents import compare_exponent
from crossproof.checks.statistics.laws import compare_law, compare_laws
from crossproof.checks.statistics.means import Comparison, compare, compare_mean
from crossproof.checks.statistics.probabilities import compare_cdf, compare_quantile
from crossproof.checks.statistics.ratios import compare_ratio

LEVEL, LOOKS, BATCH, RESOLUTION = 0.05, 5, 2048, 0.1

Rng = np.random.Generator
#: A comparison of a value that is wrong by `wrong`, relative to the scale, with looks of n samples (n/2 of each law).
Case = Callable[[Rng, int, float, dict[str, Any]], Comparison]

SCALES = (1.0, 2.0, 4.0, 8.0)
COVARIANCE = np.linalg.cholesky([[2.0, 0.6], [0.6, 1.0]]).T


def _mean(law: Callable[[Rng, int], NDArray[np.float64]], rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    return compare_mean(lambda look: law(rng, n), 1.0 + wrong, scale=1.0, **o)


def _bounded(law: Callable[[Rng, int], NDArray[np.float64]], rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    return compare_bounded_mean(lambda look: law(rng, n), 0.25 + 0.25 * wrong, bounds=(0, 1), scale=0.25, **o)


def _cdf(p: float, rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    place, scale = math.tan(math.pi * (p - 0.5)), min(p, 1 - p)
    return compare_cdf(lambda look: rng.standard_cauchy(n), place, p + scale * wrong, scale=scale, **o)


def _quantile(p: float, rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    scale = min(p, 1 - p)
    place = math.tan(math.pi * (p + scale * wrong - 0.5))
    return compare_quantile(lambda look: rng.standard_cauchy(n), p, place, scale=scale, **o)


def _covariance(heavy: bool, rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    def draw(look: int) -> NDArray[np.float64]:
        z = rng.exponential(size=(n, 2)) - 1 if heavy else rng.standard_normal((n, 2))
        return z @ COVARIANCE + (3.0, -2.0)

    return compare_covariance(draw, 0.6 + math.sqrt(2) * wrong, scale=math.sqrt(2), **o)


def _ratio(coupled: bool, rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    def draw(look: int) -> NDArray[np.float64]:
        y = rng.exponential(1.5, n)
        return np.stack([2 * y + rng.standard_normal(n) if coupled else rng.exponential(3.0, n), y], axis=1)

    return compare_ratio(draw, 2.0 + 2.0 * wrong, scale=2.0, **o)


def _exponent(exponential: bool, rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    def draw(look: int) -> list[NDArray[np.float64]]:
        z = rng.exponential(1.0, (4, n)) if exponential else rng.standard_normal((4, n)) ** 2
        return [s**1.5 * row for s, row in zip(SCALES, z, strict=True)]

    return compare_exponent(draw, SCALES, 1.5 + 1.5 * wrong, scale=1.5, **o)


def _shift(distance: float) -> float:
    """Return the shift of a standard normal law that moves its distribution function by `distance`."""
    return float(2 * special.ndtri((1 + distance) / 2))


def _normal(rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    return compare_law(lambda look: rng.standard_normal(n) + _shift(wrong), special.ndtr, **o)


def _binomial(rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    # the mass at 0 is moved by `wrong`, which is then the distance
    def cdf(x: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.where(x < 0, 0.0, np.where(x < 1, 0.25 + wrong, np.where(x < 2, 0.75, 1.0)))
        return found

    return compare_law(lambda look: (rng.random((n, 2)) < 0.5).sum(axis=1).astype(float), cdf, **o)


def _pairs(coupled: bool, rng: Rng, n: int, wrong: float, o: Any) -> Comparison:
    def draw(look: int) -> NDArray[np.float64]:
        z = rng.standard_normal((n // 2, 2))
        if coupled:
            z[:, 1] = 0.8 * z[:, 0] + 0.6 * z[:, 1]
        z[:, 1] += _shift(wrong)
        return z

    return compare_laws(draw, **o)


def _peeking(rng: Rng, n: int, wrong: float, o: dict[str, Any]) -> Comparison:
    """Wrong on purpose: the normal interval for one look, taken at every look."""
    options, seen = dict(o), []
    z = stats.norm.isf(options.pop("level") / 2)

    def interval(look: int) -> tuple[float, float]:
        seen.append(rng.exponential(1.0, n))
        x = np.concatenate(seen)
        half = z * x.std() / math.sqrt(x.size)
        return x.mean() - half, x.mean() + half

    return compare(interval, 1.0 + wrong, scale=1.0, **options)


#: Laws of mean 1, and of mean 1/4 on [0, 1].
LAWS: list[Callable[[Rng, int], NDArray[np.float64]]] = [
    lambda rng, n: rng.normal(1.0, 1.0, n),
    lambda rng, n: rng.exponential(1.0, n),
    lambda rng, n: rng.chisquare(1.0, n),
    lambda rng, n: 4.0 * (rng.random(n) < 0.25),
    lambda rng, n: 1.0 + rng.normal(size=n) * rng.normal(size=n),
]
BOUNDED_LAWS: list[Callable[[Rng, int], NDArray[np.float64]]] = [
    lambda rng, n: rng.random(n) / 2,
    lambda rng, n: 1.0 * (rng.random(n) < 0.25),
    lambda rng, n: rng.beta(0.25, 0.75, n),
    lambda rng, n: 0.25 + 0.01 * (rng.random(n) - 0.5),
]
CASES: dict[str, list[Case]] = {
    "mean": [partial(_mean, law) for law in LAWS],
    "bounded mean": [partial(_bounded, law) for law in BOUNDED_LAWS],
    "CDF value": [partial(_cdf, p) for p in (0.1, 0.5, 0.75)],
    "quantile": [partial(_quantile, p) for p in (0.1, 0.5, 0.75)],
    "covariance": [partial(_covariance, heavy) for heavy in (False, True)],
    "ratio": [partial(_ratio, coupled) for coupled in (False, True)],
    "exponent": [partial(_exponent, exponential) for exponential in (False, True)],
    "law, one sample": [_normal, _binomial],
    "laws, two samples": [partial(_pairs, coupled) for coupled in (False, True)],
    "wrong on purpose: peeking": [_peeking],
}


def falsely_refuted(name: str, stopping: bool, run: int) -> bool:
    """Return whether a run of true claims refutes any of them."""
    rng = np.random.default_rng((1, run, stopping))
    looks, batch = (LOOKS, BATCH) if stopping else (1, LOOKS * BATCH)
    # a resolution that is never reached, so that only a refutation can stop the run
    options = {"resolution": 1e-9, "level": LEVEL / len(CASES[name]), "looks": looks}
    return any(case(rng, batch, 0.0, options).outcome is Outcome.REFUTED for case in CASES[name])


def outcome(name: str, stopping: bool, wrong: float, run: int) -> Outcome:
    """Return the outcome for a value wrong by `wrong`, at a level of 1e-6."""
    rng = np.random.default_rng((2, run, stopping))
    looks, batch = (LOOKS, 4 * BATCH) if stopping else (1, 4 * LOOKS * BATCH)
    options = {"resolution": RESOLUTION, "level": 1e-6, "looks": looks}
    return CASES[name][run % len(CASES[name])](rng, batch, wrong, options).outcome


def simulate(function: Callable[[int], Any], runs: int, workers: int) -> list[Any]:
    """Return the results of `runs` runs, over `workers` processes."""
    if workers == 1:
        return [function(run) for run in range(runs)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(function, range(runs), chunksize=max(runs // 64, 1)))


def main() -> None:
    """Run both parts and print a table with exact (Clopper-Pearson) 99 % binomial intervals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000, help="simulated runs of the null; half as many for power")
    parser.add_argument("--statistic", action="append", choices=CASES, help="only this one; may be repeated")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []

    def report(name: str, what: str, stopping: bool, seen: int, runs: int, seconds: float) -> None:
        low, high = (float(v) for v in stats.binomtest(seen, runs).proportion_ci(0.99, method="exact"))
        rows.append({"statistic": name, "what": what, "optional stopping": stopping, "runs": runs, "seen": seen,
                     "rate": seen / runs, "interval": [low, high], "seconds": round(seconds, 1)})  # fmt: skip
        mode = "a look after every batch" if stopping else "one look at the end"
        print(f"{name:26} {what:28} {mode:25} {seen:5}/{runs}  {seen / runs:8.3%}  99 % [{low:.3%}, {high:.3%}]"
              f"  {seconds:5.0f} s", flush=True)  # fmt: skip

    for name in options.statistic or CASES:
        for stopping in (False, True):
            start = time.perf_counter()
            refuted = sum(simulate(partial(falsely_refuted, name, stopping), options.runs, options.workers))
            report(name, "true, refuted", stopping, refuted, options.runs, time.perf_counter() - start)
        for wrong, runs in ((RESOLUTION, options.runs // 2), (0.0, options.runs // 20)):
            for stopping in (False, True):
                start = time.perf_counter()
                found = simulate(partial(outcome, name, stopping, wrong), runs, options.workers)
                kind = "wrong by the resolution" if wrong else "true"
                report(name, f"{kind}, confirmed", stopping, found.count(Outcome.CONFIRMED), runs,
                       time.perf_counter() - start)  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
