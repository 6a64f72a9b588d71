"""Calibration and power of the statistics, by simulation of the null: ``python benchmarks/calibration.py``.

A simulated run examines five true claims, one a law (normal, exponential, chi-square, indicator, product of Gaussians),
and shares a deliberately loose total level over them, so that false refutations can be seen. With optional stopping
the run looks after every batch and stops at the first refutation; without it, it looks once at the end. The power
part asserts values that are wrong by exactly the resolution and counts how often they are confirmed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics import compare_mean

Law = Callable[[np.random.Generator, int], NDArray[np.float64]]

#: Laws of mean 1.
LAWS: dict[str, Law] = {
    "normal": lambda rng, n: rng.normal(1.0, 1.0, n),
    "exponential": lambda rng, n: rng.exponential(1.0, n),
    "chi-square": lambda rng, n: rng.chisquare(1.0, n),
    "indicator": lambda rng, n: 4.0 * (rng.random(n) < 0.25),
    "product of Gaussians": lambda rng, n: 1.0 + rng.normal(size=n) * rng.normal(size=n),
}
LEVEL, LOOKS, BATCH, RESOLUTION = 0.05, 5, 2048, 0.02


def falsely_refuted(run: int, stopping: bool) -> bool:
    """Return whether a run of true claims refutes any of them."""
    rng = np.random.default_rng((1, run, stopping))
    looks, batch = (LOOKS, BATCH) if stopping else (1, LOOKS * BATCH)
    for law in LAWS.values():
        # a resolution that is never reached, so that only a refutation can stop the run
        found = compare_mean(
            lambda look, law=law: law(rng, batch),
            1.0,
            scale=1.0,
            resolution=1e-9,
            level=LEVEL / len(LAWS),
            looks=looks,
        )
        if found.outcome is Outcome.REFUTED:
            return True
    return False


def wrongly_confirmed(run: int, stopping: bool) -> bool:
    """Return whether a value wrong by the resolution is confirmed."""
    rng = np.random.default_rng((2, run, stopping))
    law = list(LAWS.values())[run % len(LAWS)]
    looks, batch = (LOOKS, 4 * BATCH) if stopping else (1, 4 * LOOKS * BATCH)
    found = compare_mean(
        lambda look: law(rng, batch), 1.0 + RESOLUTION, scale=1.0, resolution=RESOLUTION, level=1e-6, looks=looks
    )
    return found.outcome is Outcome.CONFIRMED


def count(simulate: Callable[[int, bool], bool], runs: int, stopping: bool) -> int:
    """Return in how many of `runs` runs `simulate` is True."""
    with ProcessPoolExecutor() as pool:
        return sum(pool.map(simulate, range(runs), [stopping] * runs, chunksize=max(runs // 64, 1)))


def main() -> None:
    """Run both parts and print a table with exact (Clopper-Pearson) 99 % binomial intervals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000, help="simulated runs of the null; half as many for power")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args()
    rows = []
    for what, simulate, runs in (
        ("false refutations", falsely_refuted, options.runs),
        ("confirmed although wrong by the resolution", wrongly_confirmed, options.runs // 2),
    ):
        for stopping in (False, True):
            seen = count(simulate, runs, stopping)
            low, high = stats.binomtest(seen, runs).proportion_ci(0.99, method="exact")
            rows.append({"what": what, "optional stopping": stopping, "runs": runs, "seen": seen, "rate": seen / runs,
                         "interval": [float(low), float(high)]})  # fmt: skip
            mode = "a look after every batch" if stopping else "one look at the end"
            print(f"{what:44} {mode:26} {seen:5}/{runs}  {seen / runs:8.4%}  99 % [{low:.4%}, {high:.4%}]")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
