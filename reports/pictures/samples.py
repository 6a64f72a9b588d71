"""Samples against stated values: paths around a point, small starts, determinants of matrices, inner products."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witnesses.simulations import planned, sampled
from ...derivations.claim import Claim
from ...derivations.errors import NumericsError
from ...derivations.statements.attractivity import SmallStartLimit
from ...derivations.statements.classes.gram_limits import GramLimit
from ...derivations.statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ...numerics.networks.matrix_flow import MatrixProblem
from ...numerics.simulation.paths import brownian_increments
from .measure import SAMPLES, intervals_of, mean_of, task_of
from .picture import Axis, Curve, NoPicture, Panel, Picture, Rule
from .sides import finished, padded
from .values import along, number, visible_range
from .window import at_values, places

#: Steps of a path from a small start, looks along it, and starts.
_STEPS, _LOOKS, _STARTS = 2048, 64, (1.0, 0.25, 0.0625, 1e-3)
_TRIED = 6
#: Shape of the matrices whose determinant is followed, steps of theirs, and looks.
_SHAPE, _MATRIX_STEPS, _MATRIX_LOOKS = (1, 1, 2), 128, 8
#: Dimensions of random vectors, and numbers that one dimension may draw.
_DIMENSIONS, _DRAWN = (4, 16, 64, 256, 1024), 2**21


def small_starts(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """X_t / X_0 on one Brownian path for smaller and smaller starts, and the exponential that is stated."""
    statement = claim.statement
    assert isinstance(statement, SmallStartLimit)
    sde, task = statement.sde, task_of(claim, seed)
    at = [_STEPS * k // _LOOKS for k in range(1, _LOOKS + 1)]
    for place in itertools.islice(places(claim, verdict), _TRIED):
        values = {s: v for s, v in place.point.items() if s not in sde.state}
        rate, noise = (number(e, values) for e in (statement.rate, statement.volatility))
        horizon = 1 / max(noise**2, abs(rate), 1e-9)
        try:
            ratios = []
            for start in _STARTS:
                plan = planned(sde, values, start, task, "path", horizon=horizon, steps=_STEPS, paths=1)
                ratios.append(sampled(plan, task, at)[:, 0, 0].numpy() / start)
        except NumericsError:
            continue
        break
    else:
        raise NoPicture(f"{claim.id} has no picture: no path is finite at the points that were tried")
    moved = brownian_increments(_STEPS, 1, 1, horizon, plan.key, task.device).cumsum(0)[:, 0, 0].numpy()
    t = np.array([horizon * n / _STEPS for n in at])
    stated = np.exp(rate * t + noise * moved[[n - 1 for n in at]])
    low, high, logarithmic = visible_range([stated, *ratios])
    curves = [Curve(f"start {start:g}", t, y, "aid") for start, y in zip(_STARTS[:-1], ratios, strict=False)]
    curves += [Curve(f"start {_STARTS[-1]:g}", t, ratios[-1], "found"), Curve("stated limit", t, stated, "stated")]
    x = sp.latex(sde.state[0])
    panel = Panel(Axis("$t$", *padded(t)), Axis(f"${x}_t / {x}_0$", low, high, logarithmic), tuple(curves))
    said = f"The process over its start on one Brownian path (seed {seed}), and the stated limit{at_values(values)}"
    return finished(claim, verdict, "one path", [panel], f"{said}.")


def determinant(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The mean determinant of simulated matrices over time, over its start, and the stated one."""
    statement = claim.statement
    assert isinstance(statement, DeterminantDrift | DeterminantPath)
    problem, place = MatrixProblem(*_SHAPE), next(places(claim, verdict))
    point = {**place.point, **problem.values(statement.flow)}
    variance = number(statement.flow.variance, point)
    horizon = 0.75 / math.ceil(1 + variance * _SHAPE[1] * float(problem.gram_trace))
    task, paths = task_of(claim, seed), SAMPLES // 4
    dw = brownian_increments(_MATRIX_STEPS, paths, _SHAPE[2] * _SHAPE[1], horizon, task.key("matrices"), task.device)
    ends = [_MATRIX_STEPS * k // _MATRIX_LOOKS for k in range(1, _MATRIX_LOOKS + 1)]
    at = [horizon * n / _MATRIX_STEPS for n in ends]
    theta, found = problem.Theta.to(dw.device).expand(paths, -1, -1), []
    for n, noise in enumerate(dw, 1):
        theta = problem.step(theta, variance, horizon / _MATRIX_STEPS, noise.reshape(paths, problem.n, problem.k))
        if n in ends:
            found.append(mean_of(problem.ratio(theta).cpu().numpy()))
    t: Any = statement.time if isinstance(statement, DeterminantPath) else sp.Symbol("t", nonnegative=True)
    factor = statement.factor if isinstance(statement, DeterminantPath) else sp.exp(statement.rate * t)
    grid = [sp.Rational(horizon).limit_denominator(10**6) * k / 60 for k in range(61)]
    stated, x = along(factor, t, grid, point), np.array([float(v) for v in grid])
    intervals = intervals_of("simulated matrices", at, found)
    low, high, logarithmic = visible_range([stated, *((i.low, i.high) for i in intervals)])
    what = r"$\det(\Theta^\top\Theta)$ over its start"
    panel = Panel(
        Axis("$t$", *padded(x)), Axis(what, low, high, logarithmic),
        (Curve("stated", x, stated, "stated"),), intervals=intervals,
    )  # fmt: skip
    size = f"(p, k, n) = {_SHAPE}"
    said = f"The determinant over time: stated, and the mean of {paths} simulated matrices of {size} (seed {seed})"
    shape = [*problem.values(statement.flow), t]
    return finished(claim, verdict, "mean over time", [panel], f"{said}{at_values(place.point, shape)}.")


def noise_free(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The spread of the determinants of simulated matrices against the number of their steps; stated to vanish."""
    statement = claim.statement
    assert isinstance(statement, DeterminantNoiseFree)
    problem, place = MatrixProblem(*_SHAPE), next(places(claim, verdict))
    variance = number(statement.flow.variance, {**place.point, **problem.values(statement.flow)})
    horizon = 0.75 / math.ceil(1 + variance * _SHAPE[1] * float(problem.gram_trace))
    task, paths, counts = task_of(claim, seed), SAMPLES // 8, [2**k for k in range(3, 9)]
    spreads = []
    for count in counts:
        key = task.key(f"matrices|{count}")
        dw = brownian_increments(count, paths, _SHAPE[2] * _SHAPE[1], horizon, key, task.device)
        theta = problem.Theta.to(dw.device).expand(paths, -1, -1)
        for noise in dw:
            theta = problem.step(theta, variance, horizon / count, noise.reshape(paths, problem.n, problem.k))
        spreads.append(float(problem.ratio(theta).std()))
    x, found = np.array(counts, dtype=float), np.array(spreads)
    fading = Curve("a multiple of one over the root of the steps", x, found[0] * np.sqrt(x[0] / x), "aid")
    low, high, logarithmic = visible_range([found, fading.y])
    panel = Panel(
        Axis("steps", x[0] / 1.3, x[-1] * 1.3, True),
        Axis("spread of the determinant", low, high, logarithmic or low > 0),
        (Curve("simulated matrices", x, found, "found", dots=True), fading),
    )  # fmt: skip
    said = (
        f"Standard deviation of the determinant over its start, of {paths} simulated matrices (seed {seed}), which is "
    )
    said += "stated to vanish with the step"
    shape = list(problem.values(statement.flow))
    return finished(claim, verdict, "error against step", [panel], f"{said}{at_values(place.point, shape)}.")


def inner_products(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The mean of the expression for sampled vectors against their dimension, and its stated limit."""
    statement = claim.statement
    assert isinstance(statement, GramLimit)
    products, task = statement.products(), task_of(claim, seed)
    function = sp.lambdify(list(products), statement.expression, "numpy")
    found = []
    for d in _DIMENSIONS:
        count = min(SAMPLES, _DRAWN // (d * statement.vectors))
        w = task.draws(str(d)).normal(count, statement.vectors, d).cpu().numpy()
        gram = np.einsum("kid,kjd->kij", w, w)
        values = np.asarray(function(*(gram[:, i - 1, j - 1] for i, j in products.values())), dtype=float)
        found.append(mean_of(np.broadcast_to(values, (count,))))
    intervals = intervals_of("mean over sampled vectors", [float(d) for d in _DIMENSIONS], found)
    place = next(places(claim, verdict))
    limit = number(statement.value, place.point)
    low, high, _ = visible_range([*((i.low, i.high) for i in intervals)], [limit])
    panel = Panel(
        Axis("dimension", _DIMENSIONS[0] / 1.5, _DIMENSIONS[-1] * 1.5, True), Axis("expression", low, high),
        intervals=intervals, rules=(Rule("stated limit", limit, role="stated"),),
    )  # fmt: skip
    said = f"The mean of the expression for Gaussian vectors of growing dimension (seed {seed}), and the stated limit"
    return finished(claim, verdict, "approach to a limit", [panel], f"{said}{at_values(place.point)}.")
