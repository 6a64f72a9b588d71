"""Means over time with a band, the confidence sequence that the last of them converges with, and spreads of paths."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import sympy as sp
import torch

from ...checks.evidence import Verdict
from ...checks.statistics.richardson import extrapolate, remaining_bias
from ...checks.witness import Task
from ...checks.witnesses.simulations import planned, sampled
from ...derivations.claim import Claim
from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.processes.power_problems import power_problem
from ...derivations.processes.sde import SDE
from ...derivations.statements.processes import AlmostSureDecay, ExpectationAtAllTimes, PathSolution
from ...derivations.statements.stationary import DiracLaw
from ...numerics.diffusions.backward_equation import backward_expectation
from ...numerics.simulation.paths import brownian_increments, function_of_state, path_values
from .measure import SAMPLES, mean_of, sequence_of, task_of
from .picture import Array, Axis, Band, Curve, Mark, NoPicture, Panel, Picture, Rule
from .sides import finished, padded
from .values import along, number, visible_range
from .window import COUNTEREXAMPLE, Place, at_values, places, short

#: Steps of the simulation (three halvings), times at which paths are looked at, and at which the mean is solved for.
_STEPS, _LOOKS, _SOLVED = 256, 16, 8
#: Cells of the mesh of the backward equation.
_CELLS = 400
#: Relative noise over the time shown, up to which sample means are worth a band.
_NOISE = 1.0
#: Paths of a spread, and the time shown in units of the quickest rate at the start.
_PATHS, _TIMES = 2048, 8.0
#: Steps of one path on which a functional is compared, and points that are tried for it.
_PATH_STEPS, _TRIED = 4096, 6


def expectation(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated mean over time, the solved one and simulated ones with a band; and the confidence sequence at the end.

    Raises
    ------
    NoPicture
        If the moments are not known to be finite: a sample mean would then say nothing.
    """
    statement = claim.statement
    assert isinstance(statement, ExpectationAtAllTimes)
    problem = power_problem(statement, claim.domain)
    if problem is None or not problem.unbounded:
        raise NoPicture(f"{claim.id}: the moments are not known to be finite, so that sample means would say nothing")
    place = _place(claim, verdict, statement)
    point, t = place.point, statement.time
    start = number(statement.start, point)
    reach = max(1.0, 1.25 * number(point[t], {})) if place.counterexample else number(point[t], {})
    times = [sp.Rational(k, _SOLVED) * sp.Rational(reach).limit_denominator(1000) for k in range(_SOLVED + 1)]
    solved = np.array([_solved(statement, point, start, float(at)) for at in times])
    fine = [sp.Rational(k, 80) * times[-1] for k in range(81)]
    stated = along(statement.value, t, fine, point)
    x = np.array([float(v) for v in fine])
    curves = [
        Curve("solved backward equation", np.array([float(v) for v in times]), solved, "found", dots=True),
        Curve("stated mean", x, stated, "stated"),
    ]
    bands: tuple[Band, ...] = ()
    second: list[Panel] = []
    task = task_of(claim, seed)
    horizon = _quiet(statement, point, start, float(times[-1]))
    said = f"{SAMPLES} paths up to t = {horizon:.3g}, seed {seed}"
    try:
        at, means, halves, samples, bias = _simulated(statement, point, start, horizon, task)
        bands = (Band("simulated mean, 95 % interval", at, means - halves, means + halves),)
        second = [_sequence(statement, point, samples, bias, horizon)]
    except NumericsError as error:
        said = f"no paths: {error}"
    marks: tuple[Mark, ...] = ()
    if place.counterexample is not None:
        here = number(point[t], {})
        true = _solved(statement, point, start, here)
        if math.isfinite(true):
            marks = (Mark(COUNTEREXAMPLE, here, number(statement.value, point), true),)
    ends = [v for m in marks for v in (m.y, m.other or m.y)]
    low, high, logarithmic = visible_range([solved, stated, *(v for b in bands for v in (b.low, b.high))], ends)
    observable = f"$\\mathrm{{E}}\\,{sp.latex(statement.observable)}$"
    first = Panel(
        Axis(f"${sp.latex(t)}$", *padded(x)), Axis(observable, low, high, logarithmic), tuple(curves), bands,
        marks=marks,
    )  # fmt: skip
    where = at_values(point, [t])
    caption = (
        f"The stated mean of {statement.observable} over time, the solution of the backward equation and simulated "
        f"means ({said}){where}"
    )
    if marks and place.counterexample is not None:
        caption += f"; the counterexample is at {t} = {short(point[t])}: {place.counterexample.stated}, found "
        caption += place.counterexample.found
    if second:
        caption += "; on the right the confidence sequence of the mean at the last simulated time"
    return finished(claim, verdict, "mean over time", [first, *second], f"{caption}.")


def _place(claim: Claim, verdict: Verdict | None, statement: ExpectationAtAllTimes) -> Place:
    """Return the first point with a positive time, where the stated mean has a value."""
    for place in places(claim, verdict):
        good = number(place.point[statement.time], {}) > 0 or place.counterexample is not None
        if good and math.isfinite(number(statement.value, place.point)):
            return place
    raise NoPicture(f"{claim.id}: the stated mean has no value at the points that were tried")


def _solved(statement: ExpectationAtAllTimes, point: Point, start: float, time: float) -> float:
    if time <= 0:
        return number(statement.observable.subs(statement.sde.state[0], statement.start), point)
    try:
        return float(backward_expectation(statement.sde, point, statement.observable, start, time, _CELLS).value)
    except NumericsError:
        return math.nan


def _quiet(statement: ExpectationAtAllTimes, point: Point, start: float, reach: float) -> float:
    """Return the time up to which the relative noise is moderate, at most `reach`."""
    x, _, variance = statement.sde.scalar()
    rate = abs(number(variance.subs(x, statement.start), point)) / (start or 1.0) ** 2
    return min(reach, _NOISE / rate) if rate > 0 else reach


def _simulated(
    statement: ExpectationAtAllTimes, point: Point, start: float, horizon: float, task: Task
) -> tuple[Array, Array, Array, Array, float]:
    """Return times, means, half widths, and the samples at the last time with the bound of their bias."""
    sde = statement.sde
    scheme = "log-euler-maruyama" if sde.state[0].is_positive else "euler-maruyama"
    values = {s: v for s, v in point.items() if s != statement.time}
    plan = planned(sde, values, start, task, "mean", horizon=horizon, steps=_STEPS, paths=SAMPLES, scheme=scheme)
    steps = [_STEPS * k // _LOOKS for k in range(1, _LOOKS + 1)]
    levels = [sampled(plan.coarser(c), task, [n // c for n in steps]) for c in (1, 2, 4)]
    means, halves = [], []
    for k in range(_LOOKS):
        here = [function_of_state(sde, statement.observable, values, level[k]) for level in levels]
        bias = remaining_bias(here)
        samples = np.asarray(extrapolate(here), dtype=np.float64)
        found = mean_of(samples, bias)
        means.append(found.value)
        halves.append(found.half)
    at = np.array([horizon * n / _STEPS for n in steps])
    return at, np.array(means), np.array(halves), samples, bias


def _sequence(statement: ExpectationAtAllTimes, point: Point, samples: Array, bias: float, horizon: float) -> Panel:
    counts, lows, highs = sequence_of(samples, bias)
    seen = np.isfinite(lows) & np.isfinite(highs)
    stated = number(statement.value, {**point, statement.time: sp.Rational(horizon)})
    low, high, _ = visible_range([lows[seen], highs[seen]], [stated])
    return Panel(
        Axis("paths", 0.0, float(counts[-1]) * 1.02),
        Axis(f"mean at ${sp.latex(statement.time)}$ = {horizon:.3g}", low, high),
        (Curve("estimate", counts[seen], (lows + highs)[seen] / 2, "found"),),
        (Band("95 % at all looks together", counts[seen], lows[seen], highs[seen]),),
        rules=(Rule("stated mean", stated, role="stated"),),
    )


def decay(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Quantiles of a function over time along simulated paths; it is stated to tend to 0."""
    statement = claim.statement
    assert isinstance(statement, AlmostSureDecay)
    return _spread(claim, verdict, seed, statement.sde, statement.function, sp.Integer(0), "stated limit")


def to_a_point(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Quantiles of simulated paths over time, and the point that is stated to hold all stationary mass."""
    statement = claim.statement
    assert isinstance(statement, DiracLaw)
    point, (low, high) = statement.point, (statement.support.start, statement.support.end)
    end = low if point == high else high
    start = (point + end) / 2 if not end.is_infinite else point + sp.sign(end)
    return _spread(claim, verdict, seed, statement.sde, statement.sde.state[0], point, "stated point", start)


def _spread(
    claim: Claim, verdict: Verdict | None, seed: int, sde: SDE, function: sp.Expr, limit: sp.Expr, name: str,
    begin: sp.Expr | None = None,
) -> Picture:  # fmt: skip
    """Return the quantiles of a function over time along simulated paths, and where it is stated to be in the end.

    Paths begin at the values of the state at the place that is looked from, or else at `begin`.
    """
    task, place = task_of(claim, seed), next(places(claim, verdict))
    start = [number(place.point.get(x, begin), place.point) for x in sde.state]
    values = {s: v for s, v in place.point.items() if s not in sde.state}
    begun = {**place.point, **{x: sp.Rational(v) for x, v in zip(sde.state, start, strict=True)}}
    horizon = _TIMES / _quickest(sde, begun, start)
    positive = sde.dimension == 1 and sde.state[0].is_positive
    scheme = "log-euler-maruyama" if positive else "euler-maruyama"
    plan = planned(sde, values, start, task, "decay", horizon=horizon, steps=512, paths=_PATHS, scheme=scheme)
    steps = [512 * k // 64 for k in range(65)]
    try:
        states = sampled(plan, task, steps)
    except NumericsError as error:
        raise NoPicture(f"{claim.id}: {error}") from None
    levels = torch.tensor([0.05, 0.5, 0.95], dtype=torch.float64)
    f = [function_of_state(sde, function, values, s).to(torch.float64) for s in states]
    low, middle, high = (torch.stack([torch.quantile(v, levels) for v in f]).numpy()).T
    at, end = np.array([horizon * n / 512 for n in steps]), number(limit, place.point)
    bottom, top, _ = visible_range([low, high], [end])
    panel = Panel(
        Axis("$t$", *padded(at)), Axis(f"${sp.latex(function)}$", bottom, top),
        (Curve("median of the paths", at, middle, "found"),), (Band("nine paths of ten", at, low, high),),
        rules=(Rule(name, end, role="stated"),),
    )  # fmt: skip
    said = f"{function} along {_PATHS} simulated paths (seed {seed}) over time{at_values(place.point)}"
    return finished(claim, verdict, "paths over time", [panel], f"{said}.")


def closed_form(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated functional and the simulated equation on one Brownian path."""
    statement = claim.statement
    assert isinstance(statement, PathSolution)
    sde, t, x = statement.sde, statement.time, statement.sde.state[0]
    task, steps = task_of(claim, seed), [_PATH_STEPS * k // 64 for k in range(1, 65)]
    for place in itertools.islice(places(claim, verdict), _TRIED):
        start, reach = number(statement.start, place.point), number(place.point[t], {}) or 1.0
        values = {s: v for s, v in place.point.items() if s != t}
        # the quickest rate at the start says how long the picture is worth looking at
        horizon = min(reach, _TIMES / _quickest(sde, {**values, x: statement.start.subs(place.point)}, [start]))
        try:
            plan = planned(sde, values, start, task, "path", horizon=horizon, steps=_PATH_STEPS, paths=1)
            moved = brownian_increments(_PATH_STEPS, 1, 1, horizon, plan.key, task.device)
            found = sampled(plan, task, steps)[:, 0, 0].numpy()
            stated = [float(path_values(statement, values, moved[:n], horizon * n / _PATH_STEPS)[0]) for n in steps]
        except NumericsError:
            continue
        break
    else:
        raise NoPicture(f"{claim.id} has no picture: no path is finite at the points that were tried")
    at, both = np.array([0.0] + [horizon * n / _PATH_STEPS for n in steps]), [[start, *found], [start, *stated]]
    simulated, functional = (np.array(v, dtype=np.float64) for v in both)
    low, high, logarithmic = visible_range([simulated, functional])
    panel = Panel(
        Axis(f"${sp.latex(t)}$", *padded(at)), Axis(f"${sp.latex(x)}$", low, high, logarithmic),
        (Curve("equation, simulated", at, simulated, "found"), Curve("stated functional", at, functional, "stated")),
    )  # fmt: skip
    said = (
        f"The equation, simulated with {_PATH_STEPS} Euler steps, and the stated functional on the same Brownian path "
        f"(seed {seed}){at_values(place.point, [t])}"
    )
    return finished(claim, verdict, "one path", [panel], f"{said}.")


def _quickest(sde: Any, point: Point, start: list[float]) -> float:
    """Return the largest of the rates at which drift and noise move the coordinates at the start."""
    rates = [1e-3]
    for i, at in enumerate(start):
        size = abs(at) or 1.0
        rates += [abs(number(sde.ito_drift[i], point)) / size, abs(number(sde.covariance[i, i], point)) / size**2]
    return max(r for r in rates if math.isfinite(r))
