"""Stationary laws: the stated density over a histogram of long paths, a solved one, and the slopes of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witnesses.stationary.algebra import concrete, required_slopes, residuals_of
from ...checks.witnesses.stationary.numerics import claimed_law, on_line
from ...checks.witnesses.stationary.sampling import averages
from ...derivations.claim import Claim
from ...derivations.domain import Domain, Point
from ...derivations.errors import CrossproofError, NumericsError
from ...derivations.expressions import canonical
from ...derivations.processes.fokker_planck import log_derivative, stationary_slope
from ...derivations.statements.detailed_balance import DetailedBalance
from ...derivations.statements.long_time_laws import LimitInLaw
from ...derivations.statements.stationary import StationaryLaw
from ...numerics.diffusions.quadrature import Law
from ...numerics.diffusions.stationary import StationarySolution, solve_stationary
from .measure import task_of
from .picture import Array, Axis, Bars, Curve, NoPicture, Panel, Picture
from .sides import Sides, best_view, finished, label_of, legend, of_residuals, padded, panel_of, told
from .values import along, number, visible_range
from .window import Place, at_values, places, window

#: Paths of the histogram, its bins, and cells of the solver's coarse grid.
_PATHS, _BINS, _CELLS = 512, 32, 500
#: Mass that is cut off at either end of the picture.
_TAIL = 0.004


def stationary(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Density over histogram, and the slope of the logarithm of the density, stated and without current."""
    statement: Any = claim.statement
    if isinstance(statement, LimitInLaw):
        if statement.density is None:
            raise NoPicture(f"{claim.id}: a limit with all its mass in one point has no density to draw")
        statement = statement.stationary()
    assert isinstance(statement, StationaryLaw)
    x = statement.sde.state[0]
    panels: list[Panel] = []
    said: list[str] = []
    place = next(places(claim, verdict))
    point = {s: v for s, v in place.point.items() if s != x}
    try:
        panels.append(_densities(statement, claim, point, seed))
        said.append(
            f"The stated density over a histogram of {_PATHS} long paths (seed {seed}) and the density that finite "
            f"volumes solve{at_values(point)}"
        )
    except CrossproofError as error:
        panels.append(_shape(statement, claim.domain, place))
        said.append(f"The stated density up to a factor{at_values(point)} ({error})")
    stated = log_derivative(sp.expand_power_base(canonical(statement.density)), x)
    sides = Sides(
        f"$d\\,\\log p/d{sp.latex(x)}$", stated, stationary_slope(statement.sde), ("stated", "without current")
    )
    try:
        shown = panels[0].x.low, panels[0].x.high
        view = best_view(claim, verdict, sides, [x], shown)
        panels.append(panel_of(view))
        said.append(f"the slope of log p {told(view, claim)}")
    except NoPicture:
        said.append("no slope of log p has real values here")
    return finished(claim, verdict, "density over histogram", panels, "; ".join(said) + ".")


def _densities(statement: StationaryLaw, claim: Claim, point: Point, seed: int) -> Panel:
    """Return the stated density, the solved one, and the histogram of long paths."""
    line, task = on_line(statement), task_of(claim, seed)
    solution = solve_stationary(line, point, _CELLS)
    law: Law | None
    try:
        law = claimed_law(statement, point)
    except NumericsError:
        law = None
    support = statement.support.subs(point)
    half_line = float(support.start) if not support.start.is_infinite else None

    def state(z: Array) -> Array:
        return z if half_line is None else half_line + np.exp(z)

    def coordinate(at: Array) -> Array:
        return at if half_line is None else np.log(at - half_line)

    ends = [_quantile(solution, q) for q in (_TAIL, 1 - _TAIL)]
    low, high = (float(state(np.array([z]))[0]) for z in ends)
    if law is not None:
        low, high = min(low, law.quantile(_TAIL)), max(high, law.quantile(1 - _TAIL))
    at = np.linspace(low, high, 121)
    jacobian = 1.0 if half_line is None else 1 / (at - half_line)
    solved = np.array([solution.density(float(z))[0] for z in coordinate(at)]) * jacobian
    curves = [Curve("solved: no current", at, solved, "found")]
    if law is not None:
        logarithm = along(sp.log(statement.density), statement.sde.state[0], [sp.Rational(v) for v in at], point)
        stated = np.exp(logarithm - law.log_mass)
        curves.append(Curve("stated density", at, stated, "stated"))
    edges = np.linspace(low, high, _BINS + 1)
    below = averages(line, point, coordinate(edges), _PATHS, task, "histogram", halve=False, law=None)[0].mean(axis=0)
    bars = Bars("simulated paths", edges, np.diff(below) / np.diff(edges))
    _, top, _ = visible_range([c.y for c in curves], [0.0, *bars.heights])
    x = label_of(statement.sde.state[0])
    margin = 0.02 * (high - low)
    return Panel(Axis(x, low - margin, high + margin), Axis("density", 0.0, top), tuple(curves), bars=(bars,))


def _shape(statement: StationaryLaw, domain: Domain, place: Place) -> Panel:
    """Return the stated density as it is written, where no probability law is found."""
    x = statement.sde.state[0]
    seen = window(domain, place.point, x)
    if seen is None:
        raise NoPicture(f"no room to draw a density along {x}")
    at = np.array([number(v, {}) for v in seen.grid])
    values = along(statement.density, x, seen.grid, place.point)
    if np.isfinite(values).sum() < 3:
        raise NoPicture("the stated density has no real values at the points that were tried")
    low, high, logarithmic = visible_range([values], [0.0])
    curve = Curve(legend("stated density", statement.density), at, values, "stated")
    return Panel(Axis(label_of(x), *padded(at)), Axis("density up to a factor", low, high, logarithmic), (curve,))


def _quantile(solution: StationarySolution, q: float) -> float:
    """Return about where on the line the solved distribution function takes a value."""
    z = np.linspace(solution.low, solution.high, 801)
    levels = np.array([solution.cdf(float(v))[0] for v in z])
    return float(np.interp(q, levels, z))


def balance(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The slopes of log p: of the stated density, and those that a vanishing current asks for."""
    statement = claim.statement
    assert isinstance(statement, DetailedBalance)
    found = [
        Sides(r.what, concrete(r.stated), concrete(r.found), _names(statement))
        for r in residuals_of(statement, required_slopes(statement))
    ]
    said = "Slopes of log p" if statement.density is not None else "Mixed partials that a density would make equal"
    return of_residuals(claim, verdict, found, "slopes of a density", said, statement.state)


def _names(statement: DetailedBalance) -> tuple[str, str]:
    return ("stated density", "without current") if statement.density is not None else ("one order", "other order")
