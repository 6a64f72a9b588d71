"""Deterministic numerics on stationary laws: Fokker-Planck solves, work along paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.domain import Point
from ...derivations.fokker_planck import current_field
from ...derivations.statements.detailed_balance import DetailedBalance
from ...derivations.statements.stationary import StationaryLaw
from ...numerics.codegen import compile_expressions
from ...numerics.quadrature import Law
from ...numerics.stationary import solve_stationary, to_line
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text, undecided
from ..witness import Task, witness
from .stationary_algebra import concrete

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def parameter_points(task: Task, leave_out: Sequence[sp.Symbol], count: int) -> list[Point]:
    """Return up to `count` different points of the claim's domain without the symbols in `leave_out`."""
    found: list[Point] = []
    for point in task.claim.domain.points(64 * count):
        reduced = {s: v for s, v in point.items() if s not in leave_out}
        if reduced not in found:
            found.append(reduced)
        if len(found) == count:
            break
    return found


def claimed_law(statement: StationaryLaw, point: Point) -> Law:
    """Return the asserted law at a parameter point."""
    x = statement.sde.state[0]
    log_density = sp.expand_log(sp.log(statement.density), force=True).subs(point)
    function = compile_expressions((x,), [log_density], "numpy")
    support = statement.support.subs(point)
    return Law(lambda at: np.asarray(function(at)[0]), float(support.start), float(support.end))


@witness(
    "stationary Fokker-Planck solve",
    kind=Kind.DETERMINISTIC,
    statement=StationaryLaw,
    starts_from="the SDE, solved by finite volumes on the whole line of a suitable coordinate",
)
def fokker_planck_solve(statement: StationaryLaw, task: Task) -> Finding:
    """Compare distribution functions of solver and claim at quantiles of the claim, with the grid error."""
    x = statement.sde.state[0]
    line, _ = to_line(statement.sde, statement.support)
    worst, compared = 0.0, 0
    for point in parameter_points(task, [x], task.effort.points):
        law = claimed_law(statement, point)
        solution = solve_stationary(line, point)
        for q in QUANTILES:
            at = law.quantile(q)
            value, error = solution.cdf(law.coordinate.z(at))
            gap = abs(value - q)
            if gap > 8 * (error + law.error) + 1e-7:
                return Finding(
                    Outcome.REFUTED,
                    f"The solved distribution function differs from the claimed one by {gap:.3g}, {gap / error:.0f} "
                    "times the estimated grid error.",
                    effect=gap / min(q, 1 - q),
                    counterexample=Counterexample(
                        {**as_text(point), str(x): f"{at:.6g}"},
                        f"P[{x} <= {at:.6g}] = {q}",
                        f"P[{x} <= {at:.6g}] = {value:.6g}",
                        f"{value - q:.3g}",
                    ),
                )
            worst = max(worst, (gap + error + law.error) / min(q, 1 - q))
        compared += 1
    if worst > task.effort.resolution:
        return undecided(f"the grid error leaves deviations up to {worst:.2g} open")
    return Finding(
        Outcome.CONFIRMED,
        f"Distribution functions agree at {len(QUANTILES)} quantiles for {compared} parameter points.",
        resolution=worst,
    )


@witness(
    "work along paths",
    kind=Kind.DETERMINISTIC,
    statement=DetailedBalance,
    starts_from="line integrals of the field -A^-1 G that grad log p must equal",
)
def path_work(statement: DetailedBalance, task: Task) -> Finding:
    """Integrate the required grad log p around a circle (no density named) or along segments (against log p)."""
    state = statement.state
    tensor = sp.Matrix(statement.tensor)
    field = current_field(state, statement.force, statement.tensor, statement.current)
    required = concrete(-tensor.inv(method="ADJ") * field)
    log_p = None if statement.density is None else sp.expand_log(concrete(sp.log(statement.density)), force=True)
    worst = 0.0
    # every so many points: the simplest ones may be symmetric
    points = parameter_points(task, state, 6 * task.effort.points)[:: 3 if len(state) > 1 else 6]
    for point in points:
        gap, scale, where = _work(state, required.subs(point), log_p if log_p is None else log_p.subs(point))
        relative = gap / max(scale, 1e-12)
        if relative > 1e-8:
            return Finding(
                Outcome.REFUTED,
                "The field that grad log p must equal does not integrate to the asserted potential.",
                effect=relative,
                counterexample=Counterexample(
                    as_text(point),
                    "0" if log_p is None else "work equal to the change of log p",
                    where,
                    f"{gap:.6g}",
                ),
            )
        worst = max(worst, relative)
    return Finding(
        Outcome.CONFIRMED,
        f"Work along paths matches at {len(points)} points"
        + (" for simple members of the family of functions." if _has_functions(statement) else "."),
        resolution=max(worst, 1e-12),
    )


def _has_functions(statement: DetailedBalance) -> bool:
    both = (statement.force, statement.tensor)
    return any(m.atoms(sp.core.function.AppliedUndef) for m in both)


def _work(state: tuple[sp.Symbol, ...], required: sp.Matrix, log_p: sp.Expr | None) -> tuple[float, float, str]:
    """Return (largest mismatch, scale, description)."""
    function = compile_expressions(state, list(required), "numpy")
    d = len(state)

    def along(path: Any, velocity: Any, weights: Any) -> tuple[float, float]:
        values = [np.asarray(f) + np.zeros(path.shape[1]) for f in function(*path)]
        rate = sum(f * v for f, v in zip(values, velocity, strict=True))
        return float((rate * weights).sum()), float((np.abs(rate) * weights).sum())

    if log_p is None:
        angle = np.linspace(0, 2 * np.pi, 256, endpoint=False)
        path, velocity = np.zeros((d, 256)), np.zeros((d, 256))
        path[0], path[1] = 0.5 + np.cos(angle), -0.3 + np.sin(angle)
        velocity[0], velocity[1] = -np.sin(angle), np.cos(angle)
        total, size = along(path, velocity, 2 * np.pi / 256)
        return abs(total), size, f"work {total:.6g} around a circle of radius 1"
    potential = compile_expressions(state, [log_p], "numpy")
    nodes, weights = np.polynomial.legendre.leggauss(60)
    start = np.full(d, -0.7)
    worst = (0.0, 1.0, "")
    for reach in (0.4, 1.1, 1.9):
        direction = reach * (1 + np.arange(d) / 3)
        path = start[:, None] + direction[:, None] * (nodes + 1) / 2
        total, size = along(path, np.broadcast_to(direction[:, None] / 2, path.shape), weights)
        change = float(potential(*(start + direction))[0]) - float(potential(*start)[0])
        scale = max(size, abs(change), 1e-12)
        if abs(total - change) / scale >= worst[0] / worst[1]:
            worst = (abs(total - change), scale, f"work {total:.6g}, change of log p {change:.6g}")
    return worst
