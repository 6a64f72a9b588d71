"""Random matrices: spectra against densities, and singular values and overlaps of sampled spikes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witness import Task
from ...checks.witnesses.random_matrices.overlaps import overlaps
from ...checks.witnesses.random_matrices.sampling import largest
from ...derivations.claim import Claim
from ...derivations.statements.classes.overlaps import SpikedOverlap
from ...derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from .measure import Measured, intervals_of, mean_of, task_of
from .picture import Array, Axis, Bars, Curve, Mark, NoPicture, Panel, Picture, Rule
from .sides import finished, label_of
from .values import along, grid_between, number, visible_range
from .window import COUNTEREXAMPLE, at_values, places, window

#: Columns of the matrices of a spectrum, how many there are, and bins.
_COLUMNS, _MATRICES, _BINS = 96, 24, 40
#: Aspects at which matrices are not too long.
_ASPECTS = (0.15, 5.0)
#: Places at which spikes are sampled, and matrices of each size.
_MEASURED, _COUNT = 4, 128
#: Columns of the smaller matrices: tridiagonal ones, and full ones.
_LARGEST, _OVERLAPS = 32, 16


def spectrum(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Singular values of sampled noise against the stated density; those that are 0 stand in one bar."""
    statement = claim.statement
    assert isinstance(statement, NoiseSingularValues)
    place = next((p for p in places(claim, verdict) if _fits(number(statement.aspect, p.point))), None)
    if place is None:
        raise NoPicture(f"{claim.id}: at the points that were tried the matrices are too long to be sampled")
    point, x = place.point, statement.variable
    aspect = number(statement.aspect, point)
    rows = max(1, round(aspect * _COLUMNS))
    draw = task_of(claim, seed).draws("spectrum")
    noise = draw.normal(_MATRICES, rows, _COLUMNS).cpu().numpy() / _COLUMNS**0.5
    # E E^T has `rows` eigenvalues, zeros included
    values: Array = np.zeros((_MATRICES, rows))
    values[:, : min(rows, _COLUMNS)] = np.linalg.svd(noise, compute_uv=False)
    values[values < 1e-9] = 0.0
    values = values.reshape(-1)
    low, high, atom = (number(e, point) for e in (statement.low, statement.high, statement.atom))
    top = 1.06 * max(float(values.max()), high)
    edges = np.linspace(0.0, top, _BINS + 1)
    width = edges[1]
    heights = np.histogram(values[values > 0], edges)[0] / (values.size * width)
    # rational numbers a hair inside the ends, which need not be rational
    first, last = max(low, 0.0) + 1e-6 * top, high - 1e-6 * top
    grid = grid_between(first, last, 181) if last > first else []
    density = along(statement.density, x, grid, point)
    at = np.array([float(v) for v in grid])
    zero = float((values == 0).mean())
    _, upper, _ = visible_range([density], [0.0, *heights])
    bars = [Bars("sampled singular values", edges, heights)]
    label = ""
    if zero > 0 or atom > 0:
        label = f"at 0: stated mass {atom:.3g}, sampled {zero:.3g}"
        if place.counterexample is not None and "mass at 0" in place.counterexample.stated:
            label = f"{COUNTEREXAMPLE} {label}"
    rules: tuple[Rule, ...] = (Rule(label, 0.0, upright=True),) if label else ()
    wrong_end = place.counterexample is not None and " end" in place.counterexample.stated
    rules += tuple(
        Rule(name, end, upright=True, role="stated")
        for name, end in ((f"{COUNTEREXAMPLE} stated ends" if wrong_end else "stated ends", low), ("", high))
    )
    panel = Panel(
        Axis(label_of(x), min(0.0, low) - 0.04 * top, top), Axis("density", 0.0, upper),
        (Curve("stated density", at, density, "stated"),), bars=tuple(bars), rules=rules,
    )  # fmt: skip
    said = (
        f"The stated density of singular values over those of {_MATRICES} matrices of {rows} x {_COLUMNS} (seed {seed}"
        f"){at_values(point)}, with stated ends {low:.4g} and {high:.4g} and mass {atom:.4g} at 0"
    )
    return finished(claim, verdict, "spectrum against density", [panel], f"{said}.")


def spikes(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated limit along the spike (else the aspect) with sampled matrices at two sizes, extrapolated."""
    statement: Any = claim.statement
    task = task_of(claim, seed)
    place = next((p for p in places(claim, verdict) if _fits(number(statement.aspect, p.point))), None)
    if place is None:
        raise NoPicture(f"{claim.id}: at the points that were tried the matrices are too long to be sampled")
    symbols = [s for s in claim.domain.symbols if s in statement.spike.free_symbols - statement.aspect.free_symbols]
    symbol = (symbols or list(claim.domain.symbols))[0]
    seen = window(claim.domain, place.point, symbol)
    assert seen is not None
    grid = [v for v in seen.grid if _fits(number(statement.aspect, {**place.point, symbol: v}))]
    stated = along(statement.value, symbol, grid, place.point)
    x = np.array([number(v, {}) for v in grid])
    chosen = [grid[round((n + 0.5) * (len(grid) - 1) / _MEASURED)] for n in range(_MEASURED)]
    measure = _largest if isinstance(statement, SpikedSingularValue) else _overlaps
    found = [measure(statement, {**place.point, symbol: v}, task) for v in chosen]
    what = "limit of the singular value" if isinstance(statement, SpikedSingularValue) else "product of the overlaps"
    intervals = intervals_of("sampled, extrapolated", [number(v, {}) for v in chosen], found)
    marks: tuple[Mark, ...] = ()
    if place.counterexample is not None:
        at = number(place.point[symbol], {})
        true = measure(statement, place.point, task).value
        marks = (Mark(COUNTEREXAMPLE, at, number(statement.value, place.point), true),)
    ends = [v for one in intervals for v in (*one.low, *one.high)] + [v for m in marks for v in (m.y, m.other or m.y)]
    low, high, _ = visible_range([stated], ends)
    panel = Panel(
        Axis(label_of(symbol), float(x.min()), float(x.max())), Axis(what, low, high),
        (Curve("stated limit", x, stated, "stated"),), intervals=intervals, marks=marks,
    )  # fmt: skip
    said = (
        f"The stated {what} against {symbol}, with sampled spiked matrices (seed {seed}, "
        f"{_COUNT} of each of two sizes, extrapolated){at_values(place.point, [symbol])}"
    )
    return finished(claim, verdict, "spiked matrices", [panel], f"{said}.")


def _fits(aspect: float) -> bool:
    return math.isfinite(aspect) and _ASPECTS[0] <= aspect <= _ASPECTS[1]


def _largest(statement: SpikedSingularValue, point: dict[sp.Symbol, Any], task: Task) -> Measured:
    """Return the extrapolated singular value: between 1/3 and 2/3 of the change to four times the size are left."""
    return _two_sizes(largest, statement, point, task, (_LARGEST, 4 * _LARGEST), 0.5, 1 / 3)


def _overlaps(statement: SpikedOverlap, point: dict[sp.Symbol, Any], task: Task) -> Measured:
    """Return the extrapolated overlap: between half and all of the change to twice the size are left."""
    return _two_sizes(overlaps, statement, point, task, (_OVERLAPS, 2 * _OVERLAPS), 1.0, 1.0)


def _two_sizes(
    sample: Callable[..., Any], statement: Any, point: dict[sp.Symbol, Any], task: Task, sizes: tuple[int, int],
    added: float, left: float,
) -> Measured:  # fmt: skip
    spike, aspect = number(statement.spike, point), number(statement.aspect, point)
    small, large = (sample(task.draws(f"{k}|{point}"), spike, aspect, k, _COUNT) for k in sizes)
    change = float(large.mean() - small.mean())
    return mean_of((1 + added) * large - added * small, left * abs(change))
