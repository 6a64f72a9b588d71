"""Benchmarks as ratios against named peers in the same run; ``python benchmarks/formulas.py [--quick] [--json FILE]``.

Implementations of one workload are interleaved, and the median over rounds is reported, so that a drift of the
machine's speed hits all of them alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import sympy as sp
import torch

from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.codegen import compile_expressions
from crossproof.numerics.exact.balls import enclose
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.simulation.simulate import plan_of
from crossproof.numerics.simulation.states import states

s, a, v = sp.symbols("s a v", positive=True)
FORMULA = sp.sqrt(v) * sp.exp(-s / v) * s ** (a / v - sp.Rational(3, 2)) + sp.log(1 + s**2) / (1 + s**2)
LOGISTIC = SDE(s, 2 * s * ((a + v / 2) - s), 2 * sp.sqrt(v) * s)


def formula_evaluation(size: int) -> dict[str, Callable[[], Any]]:
    """Return one formula evaluated on an array: printed by crossproof, by sympy.lambdify, and written by hand."""
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(0.5, 2.0, size) for _ in range(3)]
    ours = compile_expressions([s, a, v], [FORMULA], "numpy")
    peer = sp.lambdify([s, a, v], FORMULA, "numpy", cse=True)

    def by_hand() -> Any:
        x, y, z = arrays
        q = 1 + x * x
        return np.sqrt(z) * np.exp(-x / z) * x ** (y / z - 1.5) + np.log(q) / q

    return {"sympy.lambdify": lambda: peer(*arrays), "crossproof": lambda: ours(*arrays), "by hand": by_hand}


def simulation(paths: int, steps: int) -> dict[str, Callable[[], Any]]:
    """Return Euler-Maruyama of the logistic SDE: from the description, and torch code written by hand."""
    parameters = {a: 1.0, v: 0.5}
    plan = plan_of(LOGISTIC, parameters, 0.05, horizon=1.0, steps=steps, paths=paths, key=key_words(0), dtype="float64")

    def described() -> Any:
        return states(plan)

    def by_hand() -> Any:
        generator, dt, x = torch.Generator().manual_seed(0), 1.0 / steps, torch.full((paths,), 0.05).double()
        for _ in range(steps):
            dw = torch.randn(paths, generator=generator, dtype=torch.float64) * dt**0.5
            x = x + 2 * x * (1.25 - x) * dt + 2 * 0.5**0.5 * x * dw
        return x

    return {"torch by hand": by_hand, "crossproof": described}


def enclosure(count: int) -> dict[str, Callable[[], Any]]:
    """Return evaluation to 40 digits at exact points: SymPy evalf, mpmath, and crossproof's balls."""
    grid = [{s: sp.Rational(i + 1, 7), a: sp.Integer(2), v: sp.Rational(1, 3)} for i in range(count)]
    numeric = sp.lambdify([s, a, v], FORMULA, "mpmath")

    def by_mpmath() -> Any:
        with mpmath.workdps(40):
            return [numeric(*(mpmath.mpf(int(p[k].p)) / int(p[k].q) for k in (s, a, v))) for p in grid]

    return {
        "sympy.evalf": lambda: [FORMULA.subs(p).evalf(40) for p in grid],
        "mpmath": by_mpmath,
        "crossproof": lambda: [enclose(FORMULA, p) for p in grid],
    }


def measure(workload: str, implementations: dict[str, Callable[[], Any]], work: float, unit: str, rounds: int) -> list:
    """Return one row an implementation: median rate, its spread, and the ratio to the first implementation."""
    times: dict[str, list[float]] = {name: [] for name in implementations}
    for function in implementations.values():
        function()
    for _ in range(rounds):
        for name, function in implementations.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    peer = next(iter(implementations))
    rows = []
    for name, measured in times.items():
        ratios = [p / t for p, t in zip(times[peer], measured, strict=True)]
        rows.append(
            {
                "workload": workload,
                "implementation": name,
                "rate": work / statistics.median(measured),
                "slowest": work / max(measured),
                "fastest": work / min(measured),
                "unit": unit,
                f"ratio_to_{peer}": statistics.median(ratios),
            }
        )
    return rows


def main() -> None:
    """Run every workload and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look at the shape of the table")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args()
    size, paths, steps, count, rounds = (10**5, 10**4, 50, 20, 5) if options.quick else (10**6, 10**5, 200, 100, 11)
    torch.set_num_threads(1)
    rows = [
        *measure("formula on an array", formula_evaluation(size), size / 1e6, "million values/s", rounds),
        *measure("Euler-Maruyama", simulation(paths, steps), paths * steps / 1e6, "million path-steps/s", rounds),
        *measure("40 digits at a point", enclosure(count), count / 1e3, "thousand points/s", rounds),
    ]
    for row in rows:
        (ratio,) = (f"{value:6.2f} x {key[9:]}" for key, value in row.items() if key.startswith("ratio_to_"))
        spread = f"[{row['slowest']:.2f}, {row['fastest']:.2f}]"
        name = f"{row['workload']:22} {row['implementation']:16}"
        print(f"{name} {row['rate']:9.2f} {spread:20} {row['unit']:22} {ratio}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
