"""Worst relative error of every scalar formula of the catalog on random points of its domain, before and after.

    python benchmarks/formula_accuracy.py [--points N] [--seed N] [ID ...]

*Before* is the formula as written in float64, *after* what `crossproof.formula` returns; both are compared with balls
of 400 digits. Points lie on all scales: three in four within a factor of 30 of the ends of their ranges, the others up
to 1e12 away. A value that is refused (beyond float64, or not real) is counted as such, and so is a warning.
"""

from __future__ import annotations

import argparse
import json
import math
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import crossproof as cp
from crossproof.numerics.codegen import compile_expressions
from crossproof.numerics.exact.values import value_at_precision
from crossproof.numerics.formula import Formula
from crossproof.numerics.formulas.exact_points import exact
from crossproof.numerics.formulas.sampling import scattered_points

#: Bits of 400 digits; the relative error that no value may exceed without a warning; a few smallest numbers of float64.
BITS, ALLOWED, SMALLEST = 1329, 1e-6, 2e-323


@dataclass
class Row:
    """What is found of one formula; errors are relative, infinite where a value is NaN or infinite."""

    id: str
    before: float = 0.0
    after: float = 0.0
    points: int = 0
    refused: int = 0
    warned: int = 0
    rewritten: bool = False


def measured(formula: Formula, points: int, seed: int) -> Row:
    """Return the errors of a formula on `points` random points."""
    row = Row(formula.id)
    written: Any = None
    try:
        written = compile_expressions(formula.arguments, [formula.expression], "numpy")
    except cp.PrintingError:
        row.before = math.inf
    drawn = scattered_points(formula.domain, points, seed)
    columns = [formula.domain.symbols.index(s) for s in formula.arguments]
    for given in np.empty((0, 0)) if drawn is None else drawn[:, columns]:
        exactly = true_value(formula, given)
        if exactly is None:
            continue
        row.points += 1
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                row.after = max(row.after, error(formula(*given), exactly))
            except cp.NumericsError:
                row.refused += 1
        row.warned += bool(said)
        if written is not None:
            with np.errstate(all="ignore"):
                row.before = max(row.before, error(written(*given)[0], exactly))
    row.rewritten = formula.evaluator.form != formula.expression
    return row


def true_value(formula: Formula, given: np.ndarray) -> Any:
    """Return the value as a ball of 400 digits, or None where there is none, or none that float64 holds."""
    point = {s: exact(v) for s, v in zip(formula.arguments, given, strict=True)}
    try:
        ball = value_at_precision(formula.expression, point, BITS).ball
    except cp.NumericsError:
        return None
    return ball if abs(ball) < 1.7e308 else None


def error(value: Any, exactly: Any) -> float:
    """Return the relative error of a float; the ball of a value that is 0 has no size to compare with."""
    if not math.isfinite(value):
        return math.inf
    gap = abs(exactly - float(value))
    if float(gap.mid()) <= SMALLEST:
        return 0.0
    size = abs(exactly)
    return math.inf if size.contains(0) else float((gap / size).mid())


def formulas(ids: list[str]) -> Iterator[Formula]:
    """Yield the scalar formulas of the catalog, those that are refuted included."""
    cp.load_catalog()
    for id in ids or list(cp.CLAIMS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", cp.RefutedFormulaWarning)
                made = cp.formula(id)
            made.evaluator  # noqa: B018  (refused here if it has no form)
        except cp.PrintingError:
            continue
        yield made


def main() -> None:
    """Print one line a formula whose digits were lost, and the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--points", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    rows = [measured(formula, options.points, options.seed) for formula in formulas(options.ids)]
    print("| formula | before | after | refused | warned | rewritten |\n|---|---|---|---|---|---|")
    for row in sorted(rows, key=lambda r: -r.before):
        if options.ids or row.before > 1e-12 or row.after > 1e-12 or row.warned:
            said = "yes" if row.rewritten else ""
            print(f"| {row.id} | {row.before:.1e} | {row.after:.1e} | {row.refused} | {row.warned} | {said} |")
    many = sum(r.points for r in rows)
    for name in ("before", "after"):
        counts = [sum(getattr(r, name) > limit for r in rows) for limit in (ALLOWED, 1e-12)]
        print(f"{name}: {counts[0]} of {len(rows)} formulas above 1e-6, {counts[1]} above 1e-12, at {many} points")
    print(f"silently above 1e-6: {sum(r.after > ALLOWED and not r.warned for r in rows)}")
    if options.json:
        from pathlib import Path

        Path(options.json).write_text(json.dumps([asdict(r) for r in rows], indent=1))


if __name__ == "__main__":
    main()
