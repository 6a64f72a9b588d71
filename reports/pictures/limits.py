"""Statements about limits: what tends, along the way, beside where it is stated to tend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witnesses.processes.escape_times import mean_times
from ...checks.witnesses.stationary.limits import distances
from ...derivations.claim import Claim
from ...derivations.errors import NumericsError
from ...derivations.processes.fokker_planck import laplace_parts, stationary_slope
from ...derivations.statements.expansions import LocalBehaviour, SmallNoiseGaussian, StationaryExpansion
from ...derivations.statements.function_limits import FunctionLimit
from ...derivations.statements.passage import EscapeTime
from ...derivations.statements.processes import LongTimeLimit
from .picture import Array, Axis, Curve, Mark, NoPicture, Panel, Picture, Rule
from .sides import finished, label_of
from .values import along, grid_between, number, visible_range
from .window import COUNTEREXAMPLE, Place, at_values, places

_KIND = "approach to a limit"
#: Times that are shown, and places on the way.
_TIMES, _PLACES = (0.1, 1e4), 121
_TRIED = 6


def long_time(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """An expression over time, and the limit that is stated."""
    statement = claim.statement
    assert isinstance(statement, LongTimeLimit)
    t = statement.time
    grid: list[Any] = grid_between(*_TIMES, _PLACES, logarithmic=True)
    if t.is_integer:
        grid = [sp.Integer(n) for n in sorted({round(v) for v in np.geomspace(1, _TIMES[1], 60)})]
    for place in _some(claim, verdict):
        found = along(statement.expression, t, grid, place.point)
        if np.isfinite(found).sum() > 2:
            break
    else:
        raise NoPicture(f"{claim.id}: the expression has no real values along {t} at the points that were tried")
    return approach(
        claim, verdict, place, t, np.array([float(v) for v in grid]), found, number(statement.limit, place.point),
        f"${sp.latex(statement.expression)}$", "the expression", bool(t.is_integer), True,
    )  # fmt: skip


def function_limit(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The expression for one choice of its functions, as the variable falls to 0, and the limit that is stated."""
    statement = claim.statement
    assert isinstance(statement, FunctionLimit)
    x = statement.variable
    # the next power, so that the functions are not the polynomials of their jets
    chosen = {
        jet.function: sp.Add(*(d * x**k / sp.factorial(k) for k, d in enumerate(jet.derivatives)))
        + x ** len(jet.derivatives) / 3
        for jet in statement.jets
    }
    expression = statement.expression.subs(chosen).doit()
    grid = grid_between(1e-4, 2.0, _PLACES, logarithmic=True)
    for place in _some(claim, verdict):
        found = along(expression, x, grid, place.point)
        if np.isfinite(found).sum() > 2:
            break
    else:
        raise NoPicture(f"{claim.id}: the expression has no real values at the points that were tried")
    named = ", ".join(f"{f} = {e.subs(place.point)}" for f, e in chosen.items())
    return approach(
        claim, verdict, place, x, np.array([float(v) for v in grid]), found, number(statement.value, place.point),
        "value", f"the expression with {named}", False, False,
    )  # fmt: skip


def escape(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Mean escape time over the stated one, as the noise vanishes; stated to tend to 1."""
    statement = claim.statement
    assert isinstance(statement, EscapeTime)
    small = statement.small
    place = next(places(claim, verdict))
    point = {s: v for s, v in place.point.items() if s != small}
    try:
        times = mean_times(statement, point)
    except NumericsError as error:
        raise NoPicture(f"{claim.id}: {error}") from None
    x = np.array([1 / strength for strength, _, _ in times])
    # the quotient of two numbers that both leave the range of a float
    found = np.array([
        math.log(time) - number(sp.log(statement.value), {**point, small: sp.Rational(strength)})
        for strength, time, _ in times
    ])  # fmt: skip
    with np.errstate(over="ignore"):
        ratio = np.exp(found)
    ratio[(ratio == 0) | np.isinf(ratio)] = np.nan
    made = approach(
        claim, verdict, replace(place, point=point), small, x, ratio, 1.0, "mean time / stated time",
        "the mean escape time over the stated one", False, True, name=f"$1/{sp.latex(small)}$",
    )  # fmt: skip
    panel = made.panels[0]
    dotted = replace(panel.curves[0], dots=True, label="mean time by quadrature / stated time")
    return replace(made, panels=(replace(panel, curves=(dotted, *panel.curves[1:])),))


def expansion(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The first-order coefficient of a moment, as the parameter falls to 0, and the stated one."""
    statement: Any = claim.statement
    if isinstance(statement, SmallNoiseGaussian):
        statement = statement.as_variance()
    assert isinstance(statement, StationaryExpansion)
    place = next(places(claim, verdict))
    point = {s: v for s, v in place.point.items() if s != statement.parameter}
    try:
        laplace_parts(statement.sde, statement.parameter)
        found = distances(statement, stationary_slope(statement.sde), point)
    except NumericsError as error:
        raise NoPicture(f"{claim.id}: {error}") from None
    x = np.array([d.small for d in found])
    slopes = np.array([d.value / d.small for d in found])
    what = f"({statement.observable} - zeroth order) / ${sp.latex(statement.parameter)}$"
    made = approach(
        claim, verdict, replace(place, point=point), statement.parameter, x, slopes, number(statement.first, point),
        what, "the first-order coefficient, by quadrature,", False, False,
    )  # fmt: skip
    panel = made.panels[0]
    return replace(made, panels=(replace(panel, curves=(replace(panel.curves[0], dots=True),)),))


def ratios(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Ratios of expressions and their equivalents around the point; stated to tend to 1 there."""
    statement = claim.statement
    assert isinstance(statement, LocalBehaviour)
    x = statement.variable
    place = next(places(claim, verdict))
    centre = number(statement.point, place.point)
    if not math.isfinite(centre):
        raise NoPicture(f"{claim.id}: the point {statement.point} has no real value")
    reach = 0.5 * (abs(centre) or 1.0)
    exact = sp.sympify(statement.point).subs(place.point)
    offsets = [v for v in grid_between(-reach, reach, _PLACES) if v != 0]
    grid = [exact + v for v in offsets]
    at = np.array([centre + float(v) for v in offsets])
    curves = tuple(
        Curve(f"ratio {n}" if len(statement.pairs) > 1 else "ratio", at, along(e / f, x, grid, place.point))
        for n, (e, f) in enumerate(statement.pairs, 1)
    )
    low, high, logarithmic = visible_range([c.y for c in curves], [1.0])
    panel = Panel(
        Axis(label_of(x), at[0], at[-1]), Axis("expression / equivalent", low, high, logarithmic), curves,
        rules=(Rule("stated limit 1", 1.0, role="stated"), Rule(f"the point {statement.point}", centre, upright=True)),
    )  # fmt: skip
    said = f"Ratio of each expression and its equivalent against {x}{at_values(place.point)}"
    return finished(claim, verdict, _KIND, [panel], f"{said}.")


def _some(claim: Claim, verdict: Verdict | None) -> list[Place]:
    found: list[Place] = []
    for place in places(claim, verdict):
        found.append(place)
        if len(found) == _TRIED:
            break
    return found


def approach(
    claim: Claim, verdict: Verdict | None, place: Place, symbol: sp.Symbol, x: Array, found: Array, limit: float,
    label: str, what: str, dots: bool, rising: bool, name: str = "",
) -> Picture:  # fmt: skip
    """Return the picture of values on the way to a limit, whose last one is marked where the limit is refuted."""
    seen = np.isfinite(found)
    last = int(np.flatnonzero(seen)[-1 if rising or x[0] > x[-1] else 0])
    marks: tuple[Mark, ...] = ()
    rules: Sequence[Rule] = (Rule("stated limit", limit, role="stated"),) if math.isfinite(limit) else ()
    if place.counterexample is not None and math.isfinite(limit):
        marks = (Mark(COUNTEREXAMPLE, float(x[last]), float(found[last]), limit),)
    low, high, logarithmic = visible_range([found], [limit, float(found[last])])
    shown = x[seen]
    ends = float(shown.min()) / 1.1, float(shown.max()) * 1.1
    text = label if len(label) < 56 else "expression"
    panel = Panel(
        Axis(name or label_of(symbol), *ends, True), Axis(text, low, high, logarithmic),
        (Curve("expression" if text == label else what, x, found, "found", dots),), marks=marks, rules=tuple(rules),
    )  # fmt: skip
    where = at_values(place.point, [symbol])
    said = f"{what[0].upper()}{what[1:]} against {symbol}, with the stated limit{where}"
    if place.counterexample is not None:
        said += f"; found there: {place.counterexample.found}"
    return finished(claim, verdict, _KIND, [panel], f"{said}.")
