"""Deterministic numerics on stationary laws: Fokker-Planck solves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from ....derivations.domain import Point
from ....derivations.expressions import canonical
from ....derivations.processes.sde import SDE
from ....derivations.statements.stationary import StationaryLaw
from ....numerics.codegen import compile_expressions
from ....numerics.diffusions.quadrature import Law
from ....numerics.diffusions.stationary import StationarySolution, solve_stationary, to_line
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, refuted, undecided
from ...meaning.laws import meaning, meaning_at
from ...witness import Task, witness
from .between_nodes import hidden_mass

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
#: What is compared with the law of a process.
QUANTITY = "distribution function"
#: Cells of the grid, of which the solver halves the width once more for its error.
CELLS = 2000
#: Panels of the asserted law, whose nodes lie as close as those of the grid.
_PANELS = 512
#: A refutation must exceed this many error estimates.
CAUTION = 8.0


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
    return Law(lambda at: np.asarray(function(at)[0]), float(support.start), float(support.end), panels=_PANELS)


def not_comparable(statement: StationaryLaw, point: Point) -> str:
    """Return why numbers at exact parameters would say nothing of the law; empty where they do."""
    law = meaning_at(statement, point)
    if law.missing:
        return f"no numbers are compared: {law.missing}"
    if len(law.laws) > 1:
        return f"no numbers are compared: the coefficients change their formula at {law.laws[1].piece.low}"
    return ""


def _slopes(statement: StationaryLaw, line: SDE) -> tuple[sp.Expr, sp.Expr]:
    """Return the slopes of the logarithmic density on the line, that of the equation and the asserted one."""
    z, drift, rate = line.scalar()
    inverse = to_line(statement.sde, statement.support)[1]
    density = sp.log(canonical(statement.density).subs(statement.sde.state[0], inverse) * sp.diff(inverse, z))
    return (2 * drift - sp.diff(rate, z)) / rate, sp.diff(sp.expand_log(density, force=True), z)


def _hidden(slope: sp.Expr, z: sp.Symbol, solution: StationarySolution, point: Point, wanted: float) -> float:
    """Return what a slope may hide between the nodes of the grid."""
    ends, mesh = (solution.low, solution.high), (solution.high - solution.low) / (2 * CELLS)
    return hidden_mass(slope.subs(point), z, ends, mesh, lambda at: solution.cdf(at)[0], wanted / 1000)


def _unresolved(what: str, point: Point) -> Finding:
    where = "".join(f" {s} = {v}" for s, v in point.items())
    return undecided(f"what {what} between the nodes of the grid is not resolved{where}")


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

    A difference counts only where it exceeds what a grid four times as fine changes, and what the coefficients may
    hide between its nodes; agreement includes what the asserted density may hide there.
    """
    x, wanted = statement.sde.state[0], task.effort.resolution
    points = parameter_points(task, [x], task.effort.points)
    reason = next(filter(None, (not_comparable(statement, point) for point in points)), "")
    if reason:
        return undecided(reason)
    line, worst, unseen, compared = on_line(statement), 0.0, 0.0, 0
    of_equation, of_density = _slopes(statement, line)
    for point in points:
        law, solution = claimed_law(statement, point), solve_stationary(line, point, CELLS)
        hidden = _hidden(of_equation, line.state[0], solution, point, wanted)
        if not hidden < wanted / 10:
            return _unresolved("the coefficients do", point)
        finer = None
        for q in QUANTILES:
            at = law.quantile(q)
            z = law.coordinate.z(at)
            value, error = solution.cdf(z)
            if abs(value - q) > CAUTION * (error + law.error):
                finer = finer or solve_stationary(line, point, 4 * CELLS)
                again, left = finer.cdf(z)
                value, error = again, max(left, abs(again - value))
                if abs(value - q) <= CAUTION * (error + law.error) + hidden:
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
            worst = max(worst, (abs(value - q) + error + law.error + hidden) / min(q, 1 - q))
        here = _hidden(of_density, line.state[0], solution, point, wanted)
        if not here < wanted / 10:
            return _unresolved("the density does", point)
        unseen = max(unseen, here / min(QUANTILES))
        compared += 1
    elsewhere = meaning(statement, task.claim.domain).missing
    if elsewhere:
        return undecided(f"distribution functions agree at {compared} parameter points, but {elsewhere}")
    worst += unseen
    if worst > wanted:
        return undecided(f"the grid error leaves deviations up to {worst:.2g} open")
    detail = f"Distribution functions agree at {len(QUANTILES)} quantiles for {compared} parameter points."
    return confirmed(detail, worst, quantity=QUANTITY)
