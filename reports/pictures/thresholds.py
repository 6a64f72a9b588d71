"""Conditions on parameters: the stated threshold and the one found without it, as curves in a plane of parameters."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ...checks.evidence import Verdict
from ...checks.judgement.straddle import excess
from ...checks.meaning.local_laws import integrable, local_laws
from ...checks.meaning.state_pieces import Unresolved
from ...checks.witnesses.attractivity.near_points import margin_near
from ...derivations.claim import Claim
from ...derivations.domain import Domain, Point
from ...derivations.errors import CrossproofError
from ...derivations.expressions import canonical
from ...derivations.processes.lyapunov import attraction_margin, boundary_exponent
from ...derivations.statements.attractivity import Attractive, CollapsesWhen
from ...derivations.statements.classes.near_points import AttractiveNear
from ...derivations.statements.extrema import EquivalentConditions
from ...derivations.statements.stationary import NormalisableWhen, pieces
from ...numerics.codegen import compile_expressions
from .picture import Array, Axis, Band, Curve, Mark, NoPicture, Panel, Picture, Rule
from .sides import Sides, finished, label_of, of_residuals, padded
from .values import number
from .window import COUNTEREXAMPLE, Place, Window, at_values, places, short, window

_KIND = "threshold curve"
#: Columns and rows of the plane, halvings of a bracket, and the share of the axis within which balls confirm a curve.
_COLUMNS, _ROWS, _HALVINGS, _SURE = 61, 121, 30, 2e-3
_TRIED = 4
_SENSE = {"iff": "equivalent to", "if": "sufficient for", "only if": "necessary for"}


def conditions(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Where the stated condition and the one found without it change over."""
    try:
        stated, found, what, direction = _gaps(claim)
    except (CrossproofError, Unresolved) as error:
        said = shorten(str(error), 120)
        raise NoPicture(f"{claim.id} has no picture: no closed form of the threshold is found: {said}") from None
    if stated == found == sp.false:
        raise NoPicture(f"{claim.id}: the condition never holds, and there is no threshold to draw")
    plane = _plane(claim, verdict, stated, found)
    if plane is None:
        sides = Sides("excess of the condition", stated, found, ("stated", what))
        said = f"Excess of the stated condition, and of the other ({what}): each holds where it is positive"
        made = of_residuals(claim, verdict, [sides], "function of one parameter", said)
        zero = (Rule("the condition changes over", 0.0),)
        return replace(made, panels=tuple(replace(panel, rules=zero) for panel in made.panels))
    return _picture(claim, verdict, plane, what, direction)


def _gaps(claim: Claim) -> tuple[Any, Any, str, str]:
    """Return what is positive where the stated and the found condition hold, words for the latter, and the sense."""
    statement: Any = claim.statement
    if isinstance(statement, EquivalentConditions):
        return excess(statement.second), excess(statement.first), "first condition", "iff"
    if isinstance(statement, CollapsesWhen):
        margin = 1 - boundary_exponent(statement.sde, 0, claim.domain)
        return excess(statement.condition), margin, "collapse by Feller's test", statement.direction
    if isinstance(statement, Attractive):
        margin = attraction_margin(statement.sde, statement.point)
        return excess(statement.condition), margin, "negative Lyapunov exponents", statement.direction
    if isinstance(statement, AttractiveNear):
        margin = margin_near(statement.process, claim.domain)
        return excess(statement.condition), margin, "drift of -log|X| at 0", statement.direction
    assert isinstance(statement, NormalisableWhen)
    x = statement.sde.state[0]
    parameters = Domain(**{s.name: r for s, r in claim.domain.ranges.items() if s != x})
    gaps = []
    for interval in pieces(statement.support):
        condition = integrable(local_laws(statement.sde, interval, parameters), parameters)
        if condition is None or condition in (sp.true, sp.false):
            raise NoPicture(f"{claim.id}: by its exponents the density is integrable {_always(condition)}")
        gaps += [excess(c) for c in (condition.args if isinstance(condition, sp.And) else (condition,))]
    stated = sp.Integer(-1) if statement.condition == sp.false else excess(statement.condition)
    return stated, sp.Min(*gaps), "integrable by its exponents", statement.direction


def _always(condition: Any) -> str:
    return (
        "under a condition that is not decided" if condition is None else "always" if condition == sp.true else "never"
    )


@dataclass(frozen=True)
class _Plane:
    """Two parameters around a place, and what decides there."""

    place: Place
    x: Window
    y: Window
    stated: Any
    found: Any


def _plane(claim: Claim, verdict: Verdict | None, stated: Any, found: Any) -> _Plane | None:
    """Return the first two parameters in whose plane a threshold is passed, or None."""
    named = sp.sympify(stated).free_symbols | sp.sympify(found).free_symbols
    movable = [s for s in claim.domain.symbols if s in named and not claim.domain.ranges[s].integral]
    best: tuple[int, _Plane] | None = None
    for place in itertools.islice(places(claim, verdict), _TRIED):
        for one, two in itertools.combinations(movable, 2):
            x, y = (window(claim.domain, place.point, s, n) for s, n in ((one, _COLUMNS), (two, _ROWS)))
            if x is None or y is None:
                continue
            plane = _Plane(place, x, y, canonical(stated), canonical(found))
            passed = sum(bool(np.any(_changes(_signs(plane, e)))) for e in (plane.stated, plane.found))
            if passed and (best is None or passed > best[0]):
                best = passed, plane
        if best is not None:
            break
    return None if best is None else best[1]


def _axis(w: Window) -> Array:
    return np.array([number(v, {}) for v in w.grid])


def _function(plane: _Plane, expr: Any) -> Callable[[Array, Array], Array]:
    fixed = {s: v for s, v in plane.place.point.items() if s not in (plane.x.symbol, plane.y.symbol)}
    made = compile_expressions((plane.x.symbol, plane.y.symbol), [sp.sympify(expr).subs(fixed)], "numpy")

    def values(x: Array, y: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(made(x, y)[0], dtype=np.float64), np.broadcast_shapes(x.shape, y.shape))

    return values


def _signs(plane: _Plane, expr: Any) -> Array:
    """Return the signs on the grid, shape (columns, rows); 0 where there is no value or no sign."""
    values = _function(plane, expr)(_axis(plane.x)[:, None], _axis(plane.y)[None, :])
    return np.where(np.isfinite(values), np.sign(values), 0.0)


def _changes(signs: Array) -> NDArray[np.bool_]:
    changed: NDArray[np.bool_] = signs[:, 1:] * signs[:, :-1] < 0
    return changed


def _curve(plane: _Plane, expr: Any, branch: int) -> Array:
    """Return where the expression changes sign for the time number `branch` in each column, or NaN."""
    x, y = _axis(plane.x), _axis(plane.y)
    function = _function(plane, expr)
    found = np.full(x.size, np.nan)
    for k, row in enumerate(_changes(_signs(plane, expr))):
        places_ = np.flatnonzero(row)
        if branch >= places_.size:
            continue
        low, high = y[places_[branch]], y[places_[branch] + 1]
        first = function(x[k : k + 1], np.array([low]))[0]
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if function(x[k : k + 1], np.array([middle]))[0] * first > 0:
                low = middle
            else:
                high = middle
        found[k] = (low + high) / 2 if _sure(plane, expr, k, (low + high) / 2, y[-1] - y[0]) else np.nan
    return found


def _sure(plane: _Plane, expr: Any, column: int, at: float, size: float) -> bool:
    """Return whether balls see a change of sign within a hair of the curve."""
    point: Point = {**plane.place.point, plane.x.symbol: plane.x.grid[column]}
    ends = [number(expr, {**point, plane.y.symbol: sp.Rational(at + s * _SURE * size)}) for s in (-1, 1)]
    return ends[0] * ends[1] < 0


def _region(plane: _Plane, expr: Any) -> tuple[Array, Array]:
    """Return the lower and upper end, in each column, of where the expression is positive; NaN if it is no interval."""
    y, signs = _axis(plane.y), _signs(plane, expr)
    low, high = np.full(len(signs), np.nan), np.full(len(signs), np.nan)
    for k, row in enumerate(signs):
        held = np.flatnonzero(row > 0)
        if held.size and held[-1] - held[0] + 1 == held.size:
            low[k], high[k] = y[held[0]], y[held[-1]]
    return low, high


def _picture(claim: Claim, verdict: Verdict | None, plane: _Plane, what: str, direction: str) -> Picture:
    x, y = _axis(plane.x), _axis(plane.y)
    curves = []
    for name, expr, role in (
        (f"threshold: {what}", plane.found, "found"),
        ("stated threshold", plane.stated, "stated"),
    ):
        most = int(_changes(_signs(plane, expr)).sum(axis=1).max())
        curves += [Curve(name if n == 0 else "", x, _curve(plane, expr, n), role) for n in range(min(most, 3))]
    bands = (Band("stated condition holds", x, *_region(plane, plane.stated), "stated"),)
    point, example = plane.place.point, plane.place.counterexample
    marks: tuple[Mark, ...] = ()
    if example is not None:
        at = [number(point[w.symbol], {}) for w in (plane.x, plane.y)]
        marks = (Mark(COUNTEREXAMPLE, at[0], at[1]),)
    panel = Panel(
        Axis(label_of(plane.x.symbol), *padded(x)), Axis(label_of(plane.y.symbol), *padded(y)), tuple(curves), bands,
        marks=marks,
    )  # fmt: skip
    one, two = plane.x.symbol, plane.y.symbol
    said = (
        f"Where the condition holds that is stated to be {_SENSE[direction]} the property, and where the property "
        f"changes over ({what}){at_values(point, [one, two])}"
    )
    if marks:
        said += f"; the counterexample is at {one} = {short(point[one])}, {two} = {short(point[two])}"
    return finished(claim, verdict, _KIND, [panel], f"{said}.")
