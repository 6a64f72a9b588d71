"""Two sides of a statement as functions of one parameter: identities, inequalities, and what a witness derived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...derivations.claim import Claim
from ...derivations.domain import Domain
from ...derivations.expressions import as_printed
from .picture import Array, Axis, Band, Curve, Mark, NoPicture, Panel, Picture
from .values import along, number, visible_range
from .window import COUNTEREXAMPLE, Place, Window, at_values, counterexample_of, places, short, window

#: A curve must have values at so many of the places of its window.
_LEAST = 0.3
#: Characters of LaTeX that a legend holds.
_LEGEND = 46
#: Points and parameters that are tried for a window in which both sides have values, and places of such a trial.
_TRIED, _COARSE = 6, 15


@dataclass(frozen=True)
class Sides:
    """Two expressions that a statement compares.

    Parameters
    ----------
    what : str
        What both are, in words.
    stated, found : sympy.Expr
        The side that the claim states, and the other one.
    names : (str, str)
        What they are called in the legend.
    """

    what: str
    stated: Any
    found: Any
    names: tuple[str, str] = ("stated", "found")


@dataclass(frozen=True)
class View:
    """Sides on a window of one parameter around a place."""

    sides: Sides
    place: Place
    window: Window
    stated: Array
    found: Array

    @property
    def x(self) -> Array:
        """The values of the parameter."""
        return np.array([number(v, {}) for v in self.window.grid])


def legend(name: str, expr: Any) -> str:
    """Return a name with its formula, if the formula is short."""
    text = as_printed(expr)
    return f"{name}: ${text}$" if len(text) <= _LEGEND else name


def label_of(symbol: sp.Symbol) -> str:
    """Return the name of a parameter in LaTeX."""
    return f"${sp.latex(symbol)}$"


def views(
    claim: Claim, verdict: Verdict | None, sides: Sides, symbols: Sequence[sp.Symbol] | None = None
) -> Iterator[tuple[float, View]]:
    """Yield (merit, view) for the points and parameters from which both sides have values, in the order of points.

    The parameters in `symbols` are taken where the sides depend on one of them. Merit is the share of the height of
    the picture that the gap at a counterexample takes; without one it is how much the sides move.
    """
    domain = claim.domain
    named = sides.stated.free_symbols | sides.found.free_symbols
    wanted = named.intersection(symbols or ()) or named
    movable = [s for s in domain.symbols if s in wanted]
    for place in _first(places(claim, verdict)):
        for symbol in movable:
            coarse = window(domain, place.point, symbol, _COARSE)
            if coarse is None:
                continue
            values = [along(e, symbol, coarse.grid, place.point, domain) for e in (sides.stated, sides.found)]
            both = np.isfinite(values[0]) & np.isfinite(values[1])
            if both.mean() < _LEAST or both.sum() < 2:
                continue
            here = [number(e, place.point) for e in (sides.stated, sides.found)]
            low, high, _ = visible_range([v[both] for v in values], here)
            moving = [float(np.ptp(v[both])) / max(float(np.abs(v[both]).max()), 1e-300) for v in values]
            merit = min(max(moving), 1.0) * float(both.mean())
            if place.counterexample is not None and all(np.isfinite(here)) and here[0] != here[1]:
                merit = 1.0 + abs(here[0] - here[1]) / (high - low)
            yield merit * (0.5 if coarse.whole else 1.0), View(sides, place, coarse, *values)


def _first(found: Iterator[Place]) -> Iterator[Place]:
    for number_, place in enumerate(found):
        if number_ == _TRIED:
            return
        yield place


def best_view(
    claim: Claim, verdict: Verdict | None, sides: Sides, symbols: Sequence[sp.Symbol] | None = None,
    shown: tuple[float, float] | None = None,
) -> View:  # fmt: skip
    """Return the view of highest merit at the first point that has one, on the fine grid, between the ends `shown`.

    Raises
    ------
    NoPicture
        If both sides have real values along no parameter.
    """
    best: tuple[float, View] | None = None
    for merit, view in views(claim, verdict, sides, symbols):
        if best is not None and view.place is not best[1].place and best[0] > 0:
            break
        if best is None or merit > best[0]:
            best = merit, view
    if best is None:
        lone = not (sides.stated.free_symbols | sides.found.free_symbols)
        why = (
            "is a number"
            if lone
            else "has no real values on both sides along a parameter at the points that were tried"
        )
        raise NoPicture(f"{claim.id} has no picture: {sides.what} {why}")
    chosen = best[1]
    symbol, point = chosen.window.symbol, chosen.place.point
    if shown is not None and chosen.place.counterexample is not None:
        shown = min(shown[0], number(point[symbol], {})), max(shown[1], number(point[symbol], {}))
    fine = window(claim.domain, point, symbol, shown=shown)
    assert fine is not None
    values = (along(e, symbol, fine.grid, point, claim.domain) for e in (sides.stated, sides.found))
    return View(sides, chosen.place, fine, *values)


def panel_of(view: View, title: str = "") -> Panel:
    """Return both sides on one coordinate system, with the gap at a counterexample."""
    sides, symbol, dots = view.sides, view.window.symbol, view.window.whole
    here = [number(e, view.place.point) for e in (sides.stated, sides.found)]
    marks: tuple[Mark, ...] = ()
    at = number(view.place.point[symbol], {})
    if view.place.counterexample is not None and all(np.isfinite(here)) and here[0] != here[1]:
        marks = (Mark(COUNTEREXAMPLE, at, here[0], here[1]),)
    low, high, logarithmic = visible_range([view.stated, view.found], here if marks else ())
    x = view.x
    return Panel(
        Axis(label_of(symbol), *padded(x), False),
        Axis(sides.what, low, high, logarithmic),
        curves=(
            Curve(legend(sides.names[1], sides.found), x, view.found, "found", dots),
            Curve(legend(sides.names[0], sides.stated), x, view.stated, "stated", dots),
        ),
        marks=marks,
        title=title,
    )


def padded(x: Array) -> tuple[float, float]:
    """Return the ends of an axis with all of `x` inside."""
    margin = 0.02 * (float(x.max()) - float(x.min()))
    return float(x.min()) - margin, float(x.max()) + margin


def told(view: View, claim: Claim) -> str:
    """Return the words for where a picture is taken, and for the counterexample in it."""
    symbol, point = view.window.symbol, view.place.point
    where = f"against {symbol}{at_values(point, [symbol])}"
    example = view.place.counterexample
    if example is None or str(symbol) not in example.point:
        return where
    return f"{where}; the counterexample is at {symbol} = {short(point[symbol])}"


def finished(claim: Claim, verdict: Verdict | None, kind: str, panels: Sequence[Panel], caption: str) -> Picture:
    """Return the picture of a claim; what no mark tells of the counterexample, the caption does."""
    outcome = "" if verdict is None else str(verdict.outcome)
    example = counterexample_of(verdict)
    if example is not None and not any(m.label == COUNTEREXAMPLE for p in panels for m in p.marks):
        caption = f"{caption.removesuffix('.')}; the counterexample: {example.stated}, found {example.found}."
    return Picture(kind, claim.id, f"{claim.id}: {claim.title}", tuple(panels), caption, outcome)


def identity(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Both sides of an identity as functions of one parameter."""
    statement: Any = claim.statement
    sides = Sides("value", statement.rhs, statement.lhs, ("right side", "left side"))
    view = best_view(claim, verdict, sides)
    caption = f"Both sides of the identity {told(view, claim)}."
    return finished(claim, verdict, "function of one parameter", [panel_of(view)], caption)


def inequality(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Both sides of an inequality as functions of one parameter, and where it fails."""
    relation: Any = claim.statement.relation  # type: ignore[attr-defined]
    sides = Sides("value", relation.rhs, relation.lhs, ("right side", "left side"))
    view = best_view(claim, verdict, sides)
    sign = {">": 1, ">=": 1, "<": -1, "<=": -1}[relation.rel_op]
    gap = sign * (view.found - view.stated)
    with np.errstate(invalid="ignore"):
        failing = gap < 0 if relation.rel_op in (">=", "<=") else gap <= 0
    panel = panel_of(view)
    equal = np.isfinite(gap) & (gap == 0) & failing
    if failing.any():
        band = Band(
            "where it fails", view.x, np.where(failing, np.fmin(view.found, view.stated), np.nan),
            np.where(failing, np.fmax(view.found, view.stated), np.nan), "stated",
        )  # fmt: skip
        panel = replace(panel, bands=(band,))
    at = view.place.point[view.window.symbol]
    if view.place.counterexample is not None and not panel.marks and equal.any():
        value = number(relation.lhs, view.place.point)
        panel = replace(panel, marks=(Mark(COUNTEREXAMPLE, number(at, {}), value),))
    caption = f"Both sides of the inequality (stated: left {relation.rel_op} right) {told(view, claim)}."
    return finished(claim, verdict, "function of one parameter", [panel], caption)


def of_residuals(
    claim: Claim, verdict: Verdict | None, residuals: Sequence[Sides], kind: str, said: str,
    symbols: Sequence[sp.Symbol] | None = None, domain: Domain | None = None,
) -> Picture:  # fmt: skip
    """Panels of what the claim states and what was derived without it, at most two; a refuted one comes first."""
    claim = claim if domain is None else replace(claim, domain=domain)
    chosen: list[View] = []
    problem: NoPicture | None = None
    for sides in ordered(residuals, verdict)[:4]:
        try:
            chosen.append(best_view(claim, verdict, sides, symbols))
        except NoPicture as error:
            problem = problem or error
        if len(chosen) == 2:
            break
    if not chosen:
        raise problem or NoPicture(f"{claim.id}: there is nothing to draw")
    panels = [panel_of(view, "") for view in chosen]
    caption = f"{said}: " + "; ".join(f"{v.sides.what} {told(v, claim)}" for v in chosen) + "."
    return finished(claim, verdict, kind, panels, caption)


def ordered(residuals: Sequence[Sides], verdict: Verdict | None) -> list[Sides]:
    """Return residuals, first those that a counterexample names, then those that are not the same on both sides."""
    example = None if verdict is None else verdict.counterexample
    named = "" if example is None else example.stated

    def rank(one: Sides) -> tuple[bool, bool]:
        return not named.startswith(f"{one.what} ="), one.stated == one.found and not one.stated.free_symbols

    return sorted(residuals, key=rank)
