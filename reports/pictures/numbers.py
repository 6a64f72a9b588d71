"""Stated values along one parameter with numbers that a solver or the derivation gives without them.

Exit and passage times, means and covariances of stationary laws, rotations, drifts of distances, roots.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.judgement.points import inside
from ...checks.witnesses.processes.exit_probabilities import noisy_end, reached_probability
from ...derivations.claim import Claim
from ...derivations.domain import Domain, Point
from ...derivations.errors import CrossproofError
from ...derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
from ...derivations.statements.classes.linear_covariances import StationaryCovariance
from ...derivations.statements.detailed_balance import StationaryRotation
from ...derivations.statements.distances import DistanceDrift
from ...derivations.statements.expansions import RootExpansion
from ...derivations.statements.long_time_laws import StationaryMean
from ...derivations.statements.passage import MeanTimeOrder, Passage
from ...numerics.codegen import compile_expressions
from ...numerics.diffusions.boundaries import absorbing
from ...numerics.diffusions.first_passage import mean_exit_time
from ...numerics.diffusions.lyapunov import stationary_covariance, time_correlation
from ...numerics.diffusions.passages import mean_passage_time
from ...numerics.diffusions.scalar_diffusion import ScalarDiffusion
from ...numerics.diffusions.stationary import stationary_law
from .picture import Array, Curve, Mark, NoPicture, Panel, Picture, Rule
from .sides import Sides, best_view, finished, of_residuals, panel_of, told
from .values import number, visible_range
from .window import COUNTEREXAMPLE

_KIND = "function of one parameter"
#: Places at which something is solved, cells of a solved law, and relative tolerance of a passage time.
_SOLVED, _CELLS, _TOLERANCE = 9, 400, 1e-6
#: Steps of an update after which a linear process has forgotten its start.
_PAST = 20_000


def followed(
    claim: Claim, verdict: Verdict | None, sides: Sides, measure: Callable[[Point], float], said: str,
    symbols: Sequence[sp.Symbol] | None = None,
) -> Picture:  # fmt: skip
    """Return the stated side as a curve and what `measure` gives at a few places as dots."""
    view = best_view(claim, verdict, sides, symbols)
    symbol, grid, here = view.window.symbol, view.window.grid, view.place.point
    chosen = [grid[k] for k in sorted({round((n + 0.5) * (len(grid) - 1) / _SOLVED) for n in range(_SOLVED)})]
    x = np.array([number(v, {}) for v in chosen])
    found = np.array([_tried(measure, {**here, symbol: v}, claim.domain) for v in chosen])
    if not np.isfinite(found).any():
        raise NoPicture(f"{claim.id} has no picture: {sides.names[1]} fails at the places that were tried")
    panel: Panel = panel_of(view)
    stated = replace(panel.curves[1], label=sides.names[0])
    marks: tuple[Mark, ...] = ()
    if view.place.counterexample is not None:
        pair = number(sides.stated, here), _tried(measure, here, claim.domain)
        if all(map(math.isfinite, pair)) and abs(pair[0] - pair[1]) > 1e-9 * max(map(abs, pair)):
            marks = (Mark(COUNTEREXAMPLE, number(here[symbol], {}), *pair),)
    ends = [v for m in marks for v in (m.y, m.other or m.y)]
    low, high, logarithmic = visible_range([view.stated, found], ends)
    dots = Curve(sides.names[1], x, found, "found", dots=True)
    panel = replace(
        panel, curves=(stated, dots), marks=marks, y=replace(panel.y, low=low, high=high, logarithmic=logarithmic)
    )
    return finished(claim, verdict, _KIND, [panel], f"{said} {told(view, claim)}.")


def _tried(measure: Callable[[Point], float], point: Point, domain: Domain) -> float:
    """Return what `measure` gives; NaN where it fails, and outside the domain."""
    try:
        return float(measure(point)) if inside(domain, point) else math.nan
    except (CrossproofError, ValueError, ZeroDivisionError, OverflowError, np.linalg.LinAlgError):
        return math.nan


def exit_time(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated mean exit time against the start, and that of scale and speed by quadrature."""
    statement = claim.statement
    assert isinstance(statement, MeanExitTime)
    x, drift, rate = statement.sde.scalar()

    def measured(point: Point) -> float:
        fixed = {s: v for s, v in point.items() if s != x}
        b, v = (_function(x, e.subs(fixed)) for e in (drift, rate))
        low, start, high = (number(e, point) for e in (statement.low, x, statement.high))
        return mean_exit_time(b, v, low=low, start=start, high=high, reflecting=statement.reflecting).value

    sides = Sides("mean exit time", statement.value, statement.value, ("stated", "quadrature of scale and speed"))
    return followed(claim, verdict, sides, measured, "The stated mean exit time, and quadratures,", [x])


def exit_probability(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated probability against the start, and that of the scale function by quadrature."""
    statement = claim.statement
    assert isinstance(statement, ExitProbability)
    noisy = noisy_end(statement, statement.other, claim.domain)

    def measured(point: Point) -> float:
        return reached_probability(statement, point, noisy).value

    sides = Sides("exit probability", statement.value, statement.value, ("stated", "quadrature of the scale function"))
    return followed(
        claim, verdict, sides, measured, "The stated probability, and quadratures,", [statement.sde.state[0]]
    )


def _function(x: sp.Symbol, expr: sp.Expr) -> Callable[[Array], Array]:
    compiled = compile_expressions((x,), [sp.sympify(expr)], "numpy")
    return lambda at: np.broadcast_to(np.asarray(compiled(at)[0], dtype=np.float64), np.shape(at))


def stationary_mean(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated mean under the stationary law, and that of the law which finite volumes solve."""
    statement = claim.statement
    assert isinstance(statement, StationaryMean)
    x = statement.sde.state[0]

    def measured(point: Point) -> float:
        at = {s: v for s, v in point.items() if s != x}
        low, high = (float(e.subs(at)) for e in (statement.support.start, statement.support.end))
        process = ScalarDiffusion(statement.sde, at, support=(low, high))
        phi = _function(x, statement.observable.subs(at))
        return stationary_law(process, cells=_CELLS).mean(phi)[0]

    what = f"mean of ${sp.latex(statement.observable)}$"
    sides = Sides(what, statement.value, statement.value, ("stated", "law solved by finite volumes"))
    said = f"The stated mean of {statement.observable} under the stationary law, and that of solved laws,"
    return followed(claim, verdict, sides, measured, said)


def covariance(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated covariance of a linear process, against the lag if there is one, and that of its linear algebra."""
    statement = claim.statement
    assert isinstance(statement, StationaryCovariance)
    slopes, noise = statement.linear()
    one, two = (statement.process.state.index(x) for x in (statement.first, statement.second))

    def measured(point: Point) -> float:
        a, s = (_numbers(m, point) for m in (slopes, noise))
        lag = number(sp.sympify(statement.lag), point)
        if not statement.discrete:
            return float(time_correlation(a, s, lag).value[two, one])
        total, moved = s @ s.T, a
        for _ in range(int(math.log2(_PAST))):
            total, moved = total + moved @ total @ moved.T, moved @ moved
        return float((np.linalg.matrix_power(a, round(lag)) @ total)[two, one])

    way = "sum over past steps" if statement.discrete else "Lyapunov equation in numbers"
    sides = Sides("covariance", statement.value, statement.value, ("stated", way))
    lag = [statement.lag] if statement.lag != 0 else None
    of = f"{statement.first} and {statement.second}" if one != two else f"{statement.first} with itself"
    return followed(claim, verdict, sides, measured, f"The stated covariance of {of}, and solved ones,", lag)


def rotation(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated rotation of the stationary current, and the mean of x b_y - y b_x under the solved law."""
    statement = claim.statement
    assert isinstance(statement, StationaryRotation)
    slopes = statement.sde.ito_drift.jacobian(sp.Matrix(statement.sde.state))

    def measured(point: Point) -> float:
        a, s = (_numbers(m, point) for m in (slopes, statement.sde.diffusion))
        c = stationary_covariance(a, s).value
        return float((c @ a.T)[0, 1] - (c @ a.T)[1, 0])

    sides = Sides("rotation", statement.value, statement.value, ("stated", "Lyapunov equation in numbers"))
    return followed(claim, verdict, sides, measured, "The stated rotation of the current, and solved ones,")


def _numbers(matrix: Any, point: Point) -> Array:
    return np.array([[number(e, point) for e in row] for row in matrix.tolist()], dtype=np.float64)


def passage_order(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The quotient of the mean times of the two passages, by quadrature, along one parameter."""
    statement = claim.statement
    assert isinstance(statement, MeanTimeOrder)
    named = statement.quicker.symbols() | statement.slower.symbols()
    symbols = [s for s in claim.domain.symbols if s in named and not s.is_integer]
    if not symbols:
        raise NoPicture(f"{claim.id} has no picture: the passages have no parameter that could move")
    # what moves is chosen by the level of the second passage, which every passage depends on
    first = next((s for s in symbols if s in statement.slower.level.free_symbols), symbols[0])
    view = best_view(claim, verdict, Sides("mean time", first, first), [first])
    grid = view.window.grid
    chosen = [grid[round((n + 0.5) * (len(grid) - 1) / _SOLVED)] for n in range(_SOLVED)]
    x = np.array([number(v, {}) for v in chosen])
    states = {*statement.quicker.sde.state, *statement.slower.sde.state}
    at = [{**view.place.point, first: v} for v in chosen]

    def measured(passage: Passage, point: Point) -> float:
        return _passage_time(passage, {s: v for s, v in point.items() if s not in states})

    times = [
        np.array([_tried(partial(measured, of), p, claim.domain) for p in at])
        for of in (statement.quicker, statement.slower)
    ]
    if not np.isfinite(times[1] / times[0]).any():
        raise NoPicture(f"{claim.id} has no picture: a mean time is not finite at the places that were tried")
    ratio = times[1] / times[0]
    low, high, logarithmic = visible_range([ratio], [1.0])
    panel = panel_of(view)
    axis = replace(panel.y, label="mean time, second over first", low=low, high=high, logarithmic=logarithmic)
    dots = Curve("quadrature of scale and speed", x, ratio, "found", dots=True)
    rule = Rule("stated to lie above 1", 1.0, role="stated")
    panel = replace(panel, curves=(dots,), marks=(), rules=(rule,), y=axis)
    said = "The mean time of the passage that is said to be slower over that of the other one, by quadrature,"
    return finished(claim, verdict, _KIND, [panel], f"{said} {told(view, claim)}.")


def _passage_time(passage: Passage, point: Point) -> float:
    start, level = (number(e, point) for e in (passage.start, passage.level))
    if passage.noiseless:
        x, drift, _ = passage.sde.scalar()
        z = np.linspace(math.log(start), math.log(level), 2001)
        rate = _function(x, drift.subs(point))(np.exp(z))
        return float(np.trapezoid(np.exp(z) / rate, z))
    process = ScalarDiffusion(passage.sde, point)
    return mean_passage_time(process, start, high=absorbing(level), tolerance=_TOLERANCE).value


def distance_drift(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated drift of a power of the distance, and that of the chain rule on the squared distance."""
    s = claim.statement
    assert isinstance(s, DistanceDrift)
    q = sp.Dummy("q", positive=True)
    first, second = (sp.diff(q ** (s.power / 2), q, k).subs(q, s.distance**2) for k in (1, 2))
    found = first * 2 * (s.push + s.spread) + second * 4 * s.radial
    sides = Sides("the drift", s.value, found, ("stated", "chain rule"))
    return of_residuals(claim, verdict, [sides], _KIND, "The drift of a power of the distance", [s.distance])


def root(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The zero of the function against the small parameter, and the stated expansion of it."""
    statement = claim.statement
    assert isinstance(statement, RootExpansion)
    x, small, line = statement.variable, statement.parameter, statement.formula()

    def measured(point: Point) -> float:
        at = {s: v for s, v in point.items() if s != x}
        f = sp.lambdify(x, sp.sympify(statement.function).subs(at), "mpmath")
        start = mpmath.mpf(number(statement.zeroth, point))
        found = mpmath.findroot(f, (start, start + number(small, point)))
        return float(mpmath.re(found)) if mpmath.im(found) == 0 else math.nan

    sides = Sides(f"${sp.latex(x)}$", line, line, ("stated, to first order", "zero of the function"))
    return followed(claim, verdict, sides, measured, "The stated expansion, and zeros that are solved for,", [small])
