"""Deterministic numerics on stationary laws: Fokker-Planck solves, work along paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from ...derivations.domain import Point
from ...derivations.expressions import canonical
from ...derivations.fokker_planck import current_field
from ...derivations.sde import SDE
from ...derivations.statements.detailed_balance import DetailedBalance
from ...derivations.statements.stationary import StationaryLaw
from ...numerics.codegen import compile_expressions
from ...numerics.quadrature import Law
from ...numerics.stationary import solve_stationary, to_line
from ..evidence import Finding, Kind
from ..judgement.findings import confirmed, refuted, undecided
from ..law_meaning import meaning, meaning_at
from ..witness import Task, witness
from .stationary_algebra import concrete

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
#: What is compared with the law of a process.
QUANTITY = "distribution function"
#: Cells of the grid, of which the solver halves the width once more for its error.
CELLS = 2000
#: A refutation must exceed this many error estimates.
CAUTION = 8.0
#: Rounding of a sum of a few hundred terms of a smooth field in double precision, relative to the sum of their sizes.
ROUNDING = 1e-13
#: Functions with pieces, of which a path may miss some.
CASES = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise, sp.floor, sp.ceiling)


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
    log_density = sp.expand_log(sp.log(canonical(statement.density)), force=True).subs(point)
    function = compile_expressions((x,), [log_density], "numpy")
    support = statement.support.subs(point)
    return Law(lambda at: np.asarray(function(at)[0]), float(support.start), float(support.end))


def not_comparable(statement: StationaryLaw, point: Point) -> str:
    """Return why numbers at exact parameters would say nothing of the law; empty where they do."""
    law = meaning_at(statement, point)
    if law.missing:
        return f"no numbers are compared: {law.missing}"
    if len(law.laws) > 1:
        return f"no numbers are compared: the coefficients change their formula at {law.laws[1].piece.low}"
    return ""


def on_line(statement: StationaryLaw) -> SDE:
    """Return the SDE in a coordinate that maps the support to the real line."""
    sde = statement.sde
    return to_line(SDE(sde.state, canonical(sde.drift), canonical(sde.diffusion), sde.calculus), statement.support)[0]


@witness(
    "stationary Fokker-Planck solve",
    kind=Kind.DETERMINISTIC,
    statement=StationaryLaw,
    starts_from="the SDE, solved by finite volumes on the whole line of a suitable coordinate",
)
def fokker_planck_solve(statement: StationaryLaw, task: Task) -> Finding:
    """Compare distribution functions of solver and claim at quantiles of the claim, with the grid error.

    A difference counts only where it exceeds what a grid four times as fine changes.
    """
    x = statement.sde.state[0]
    points = parameter_points(task, [x], task.effort.points)
    reason = next(filter(None, (not_comparable(statement, point) for point in points)), "")
    if reason:
        return undecided(reason)
    line, worst, compared = on_line(statement), 0.0, 0
    for point in points:
        law, solution = claimed_law(statement, point), solve_stationary(line, point, CELLS)
        finer = None
        for q in QUANTILES:
            at = law.quantile(q)
            z = law.coordinate.z(at)
            value, error = solution.cdf(z)
            if abs(value - q) > CAUTION * (error + law.error):
                finer = finer or solve_stationary(line, point, 4 * CELLS)
                again, left = finer.cdf(z)
                value, error = again, max(left, abs(again - value))
                if abs(value - q) <= CAUTION * (error + law.error):
                    return undecided(f"the grid error at {x} = {at:.6g} is not resolved: {value:.6g} +- {error:.2g}")
                return refuted(
                    f"The solved distribution function differs from the claimed one by {abs(value - q):.3g}, "
                    f"{abs(value - q) / error:.0f} times what a refinement of the grid leaves.",
                    {**point, x: f"{at:.6g}"},
                    f"P[{x} <= {at:.6g}] = {q}",
                    f"P[{x} <= {at:.6g}] = {value:.6g}",
                    f"{value - q:.3g}",
                    effect=abs(value - q) / min(q, 1 - q),
                    quantity=QUANTITY,
                )
            worst = max(worst, (abs(value - q) + error + law.error) / min(q, 1 - q))
        compared += 1
    elsewhere = meaning(statement, task.claim.domain).missing
    if elsewhere:
        return undecided(f"distribution functions agree at {compared} parameter points, but {elsewhere}")
    if worst > task.effort.resolution:
        return undecided(f"the grid error leaves deviations up to {worst:.2g} open")
    detail = f"Distribution functions agree at {len(QUANTILES)} quantiles for {compared} parameter points."
    return confirmed(detail, worst, quantity=QUANTITY)


@witness(
    "work along paths",
    kind=Kind.DETERMINISTIC,
    statement=DetailedBalance,
    starts_from="line integrals of the field -A^-1 G that grad log p must equal",
)
def path_work(statement: DetailedBalance, task: Task) -> Finding:
    """Integrate the required grad log p around a circle (no density named) or along segments (against log p).

    Agreement counts for analytic fields only, and for no family of functions of which one member was taken.
    """
    state = statement.state
    tensor = sp.Matrix(statement.tensor)
    field = current_field(state, statement.force, statement.tensor, statement.current)
    required = concrete(-tensor.inv(method="ADJ") * field)
    log_p = None if statement.density is None else sp.expand_log(concrete(sp.log(statement.density)), force=True)
    worst = 0.0
    # every so many points: the simplest ones may be symmetric
    points = parameter_points(task, state, 6 * task.effort.points)[:: 3 if len(state) > 1 else 6]
    for point in points:
        work = _work(state, required.subs(point), log_p if log_p is None else log_p.subs(point))
        if work.gap > CAUTION * work.error:
            return refuted(
                "The field that grad log p must equal does not integrate to the asserted potential.",
                point,
                "0" if log_p is None else "work equal to the change of log p",
                work.where,
                f"{work.gap:.6g}",
                effect=work.gap / work.scale,
                quantity="work along paths",
            )
        worst = max(worst, (work.gap + work.error) / work.scale)
    seen = f"Work along paths matches within {worst:.2g} at {len(points)} points"
    described = (statement.force, statement.tensor, sp.sympify(statement.density or 1))
    if any(e.atoms(AppliedUndef) for e in described):
        return undecided(f"{seen} for simple members of the family of functions")
    if any(sp.sympify(e).has(*CASES) for e in (required, 0 if log_p is None else log_p)):
        return undecided(f"{seen}; the fields have further pieces")
    if worst > task.effort.resolution:
        return undecided(f"{seen}, which is too coarse")
    return confirmed(f"{seen}.", worst, quantity="work along paths")


@dataclass(frozen=True)
class Work:
    """The largest mismatch of work and potential along a path, its quadrature error and scale, and what was found."""

    gap: float
    error: float
    scale: float
    where: str


def _work(state: tuple[sp.Symbol, ...], required: sp.Matrix, log_p: sp.Expr | None) -> Work:
    function = compile_expressions(state, list(required), "numpy")
    d = len(state)

    def along(path: Any, velocity: Any, weights: Any) -> tuple[float, float]:
        values = [np.asarray(f) + np.zeros(path.shape[1]) for f in function(*path)]
        rate = sum(f * v for f, v in zip(values, velocity, strict=True))
        return float((rate * weights).sum()), float((np.abs(rate) * weights).sum())

    def around(nodes: int) -> tuple[float, float]:
        angle = np.linspace(0, 2 * np.pi, nodes, endpoint=False)
        path, velocity = np.zeros((d, nodes)), np.zeros((d, nodes))
        path[0], path[1] = 0.5 + np.cos(angle), -0.3 + np.sin(angle)
        velocity[0], velocity[1] = -np.sin(angle), np.cos(angle)
        return along(path, velocity, 2 * np.pi / nodes)

    def segment(start: Any, direction: Any, count: int) -> tuple[float, float]:
        nodes, weights = np.polynomial.legendre.leggauss(count)
        path = start[:, None] + direction[:, None] * (nodes + 1) / 2
        return along(path, np.broadcast_to(direction[:, None] / 2, path.shape), weights)

    if log_p is None:
        (total, size), (other, _) = around(512), around(256)
        error = abs(total - other) + ROUNDING * size
        return Work(abs(total), error, max(size, ROUNDING), f"work {total:.6g} around a circle of radius 1")
    potential = compile_expressions(state, [log_p], "numpy")
    start = np.full(d, -0.7)
    found = []
    for reach in (0.4, 1.1, 1.9):
        direction = reach * (1 + np.arange(d) / 3)
        (total, size), (other, _) = segment(start, direction, 120), segment(start, direction, 60)
        change = float(potential(*(start + direction))[0]) - float(potential(*start)[0])
        scale = max(size, abs(change), ROUNDING)
        where = f"work {total:.6g}, change of log p {change:.6g}"
        found.append(Work(abs(total - change), abs(total - other) + ROUNDING * scale, scale, where))
    return max(found, key=lambda w: w.gap / w.scale)
