"""Drift and variance rate, measured on short paths and on drawn updates, beside formulas of two origins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp
import torch

from ...checks.evidence import Verdict
from ...checks.meaning.processes import image_process
from ...checks.statistics.richardson import STEPS
from ...checks.witness import Task
from ...checks.witnesses.processes import euler_steps
from ...checks.witnesses.processes.algebra import residuals_of
from ...checks.witnesses.processes.sampling import short_horizon
from ...checks.witnesses.simulations import planned, sampled
from ...derivations.claim import Claim
from ...derivations.domain import Point
from ...derivations.expressions import canonical
from ...derivations.processes.ito import canonical_sde, generator, noise
from ...derivations.processes.sde import SDE
from ...derivations.statements.euler_steps import EulerStep
from ...derivations.statements.processes import InitialRate, SDETransform
from ...numerics.codegen import compile_expressions
from ...numerics.simulation.paths import brownian_increments, function_of_state
from .derived import member_of
from .measure import INTERVALS, SAMPLES, Measured, attempted, extrapolated, intervals_of, mean_of, task_of
from .picture import NoPicture, Panel, Picture
from .sides import Sides, View, best_view, finished, ordered, panel_of, told
from .values import number, visible_range

#: Places at which something is measured.
_MEASURED = 7
_KIND = "drift and variance rate"

Estimate = Callable[[Point], Measured]


def transform(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Drift and variance rate of f(X): the asserted ones, those of Ito's formula, and short simulated paths."""
    statement = claim.statement
    assert isinstance(statement, SDETransform)
    z = image_process(statement.source, statement.function, statement.target, claim.domain)
    task = task_of(claim, seed)
    what = [Sides(r.what, r.stated, r.found, ("stated", "Ito's formula")) for r in residuals_of(z)]
    ways: list[Estimate] = [lambda at, p=power: rate_on_paths(z.source, z.function, at, task, p) for power in (1, 2)]  # type: ignore[misc]
    said = f"{_KIND.capitalize()} of {statement.image} = {statement.function}, measured on paths from each state"
    return _measured(claim, verdict, list(zip(what, ways, strict=True)), z.source.state, said, seed)


def initial_rate(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The derivative of a mean at the start: the asserted one, L phi there, and short simulated paths."""
    statement = claim.statement
    assert isinstance(statement, InitialRate)
    sde, phi, task = canonical_sde(statement.sde), canonical(statement.observable), task_of(claim, seed)
    x = sde.state[0]
    found = sp.expand(generator(sde, phi)).subs(x, statement.start)
    sides = Sides("the initial rate", statement.value, found, ("stated", "generator at the start"))

    def measured(at: Point) -> Measured:
        return rate_on_paths(sde, phi, {**at, x: sp.sympify(statement.start).subs(at)}, task, 1)

    return _measured(claim, verdict, [(sides, measured)], None, f"The initial rate of the mean of {phi}", seed)


def euler_step(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Mean and covariance of a random update: those of an Euler step, those of the draws, and drawn updates."""
    statement = claim.statement
    assert isinstance(statement, EulerStep)
    chosen = member_of(list(statement.members()), verdict)
    task, d = task_of(claim, seed), len(statement.update.state)
    pairs = [(i, None) for i in range(d)] + [(i, j) for i in range(d) for j in range(i + 1)]
    parts: list[tuple[Sides, Estimate]] = []
    for r, (i, j) in zip(euler_steps.residuals_of(statement), pairs, strict=True):
        stated, found = (sp.sympify(e).subs(chosen).doit() for e in (r.stated, r.found))
        sides = Sides(r.what, stated, found, ("Euler step", "moments of the draws"))
        parts.append((sides, lambda at, i=i, j=j: _drawn(statement, chosen, at, task, i, j)))  # type: ignore[misc]
    named = "".join(f", with {f} = {e}" for f, e in chosen.items())
    said = f"Moments of one update and of one Euler step{named}, with drawn updates"
    return _measured(claim, verdict, parts, statement.update.state, said, seed)


def rate_on_paths(sde: SDE, f: sp.Expr, at: Point, task: Task, power: int) -> Measured:
    """Return the mean of (f(X_h) - f(x))^power / h for h -> 0, by three horizons on the same simulated paths.

    The Brownian increments of the paths are known: their linear (power 1) or squared (power 2) part, of mean 0 whatever
    its coefficient, is taken away, and the interval becomes shorter.
    """
    start = [number(at[x], {}) for x in sde.state]
    horizon = short_horizon(sde, at) / 4
    point = {s: v for s, v in at.items() if s not in sde.state}
    plan = planned(sde, point, start, task, f"{power}|{at}", horizon=horizon, steps=STEPS, paths=SAMPLES)
    moved = brownian_increments(STEPS, SAMPLES, sde.noises, horizon, plan.key, task.device).cumsum(0)
    row = torch.tensor([number(e, at) for e in noise(sde, f)], dtype=torch.float64)
    before, levels = number(f, at), []
    for coarser in (1, 2, 4):
        # as many steps for each horizon, so that the error of the steps falls with it and is extrapolated too
        states = sampled(plan.coarser(coarser), task, [STEPS // 4])[0]
        time = horizon * coarser / 4
        linear = moved[STEPS // 4 * coarser - 1] @ row
        known = linear if power == 1 else linear**2 - float(row @ row) * time
        levels.append(((function_of_state(sde, f, point, states) - before) ** power - known) / time)
    return extrapolated(levels)


def _drawn(statement: EulerStep, chosen: dict[Any, sp.Expr], at: Point, task: Task, i: int, j: int | None) -> Measured:
    """Return the mean of entry i of drawn updates at a point, or the covariance of entries i and j."""
    update = statement.update
    noises = [z for z, _ in update.draws]
    normal = task.draws(f"{at}").normal(len(noises), SAMPLES).numpy()
    widths = np.sqrt([number(v, at) for _, v in update.draws])[:, None]
    change = [sp.sympify(update.change[k]).subs(chosen).doit().subs(at) for k in {i, i if j is None else j}]
    made = compile_expressions(noises, change, "numpy")(*(normal * widths))
    one, *rest = (np.broadcast_to(np.asarray(v, dtype=np.float64), (SAMPLES,)) for v in made)
    if j is None:
        return mean_of(one)
    other = rest[0] if rest else one
    return mean_of((one - one.mean()) * (other - other.mean()))


def _measured(
    claim: Claim, verdict: Verdict | None, parts: Sequence[tuple[Sides, Estimate]],
    symbols: Sequence[sp.Symbol] | None, said: str, seed: int,
) -> Picture:  # fmt: skip
    """Return up to two panels of both formulas with measured values along one parameter."""
    ways = {sides.what: way for sides, way in parts}
    panels: list[Panel] = []
    views: list[View] = []
    problem: NoPicture | None = None
    for sides in ordered([s for s, _ in parts], verdict)[:4]:
        try:
            view = best_view(claim, verdict, sides, symbols)
        except NoPicture as error:
            problem = problem or error
            continue
        panels.append(_with_measured(view, ways[sides.what]))
        views.append(view)
        if len(panels) == 2:
            break
    if not panels:
        raise problem or NoPicture(f"{claim.id}: there is no rate to draw")
    where = "; ".join(f"{v.sides.what} {told(v, claim)}" for v in views)
    return finished(claim, verdict, _KIND, panels, f"{said} ({INTERVALS}, seed {seed}): {where}.")


def _with_measured(view: View, measure: Estimate) -> Panel:
    panel = panel_of(view)
    grid = view.window.grid
    chosen = [grid[k] for k in sorted({round((n + 0.5) * (len(grid) - 1) / _MEASURED) for n in range(_MEASURED)})]
    found = [attempted(measure, {**view.place.point, view.window.symbol: at}) for at in chosen]
    intervals = intervals_of("measured", [number(at, {}) for at in chosen], found)
    shown = [v for one in intervals for v in (*one.y, *_within(one, panel))]
    low, high, logarithmic = visible_range(
        [view.stated, view.found], [*shown, *(v for m in panel.marks for v in (m.y, m.other or m.y))]
    )
    return replace(panel, intervals=intervals, y=replace(panel.y, low=low, high=high, logarithmic=logarithmic))


def _within(one: Any, panel: Panel) -> list[float]:
    """Return the ends of intervals that are not much longer than the axis."""
    size = panel.y.high - panel.y.low
    return [v for a, b in zip(one.low, one.high, strict=True) if b - a < size for v in (a, b)]
