"""Masses of dyadic shells towards the ends of a support: which zero-current densities are integrable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import DomainError
from ...derivations.fokker_planck import ends, stationary_slope
from ...derivations.sde import SDE
from ...derivations.statements.stationary import DiracLaw, NormalisableWhen, pieces
from ...numerics.codegen import compile_expressions
from ...numerics.slope_quadrature import dyadic_masses
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text, undecided
from ..witness import Task, witness
from .stationary_numerics import parameter_points


def end_growth(sde: SDE, support: sp.Set, point: Point) -> list[tuple[str, float, float]]:
    """Return (end, growth, spread) for both ends of each piece: growth of the mass shells in powers of 2.

    A positive growth means infinite mass. `spread` is how much the growth still changes.
    """
    x = sde.state[0]
    function = compile_expressions((x,), [stationary_slope(sde).subs(point)], "numpy")

    def slope(at: Any) -> Any:
        return np.asarray(function(at)[0]) + np.zeros_like(at)

    found = []
    for piece in pieces(support.subs(point)):
        for end in ends(piece):
            place = float(end.place)
            finite = [float(e.place) for e in ends(piece) if not e.place.is_infinite]
            # shells must start inside the piece
            scale = 1 + max(map(abs, finite), default=0.0)
            if not math.isinf(place):
                scale = min(1.0, abs(finite[-1] - finite[0]) / 2) if len(finite) == 2 else 1.0
            # next to a finite end that is not 0 the distance must stay above rounding
            levels = 24 if math.isfinite(place) and place != 0 else 120
            steps = np.diff(dyadic_masses(slope, place, end.inside, levels, scale)) / math.log(2)
            spread = float(np.ptp(steps[-6:])) if abs(steps[-1]) < 50 else 0.0
            found.append((f"{end.place} of {piece}", float(steps[-1]), spread))
    return found


def _verdict_at(sde: SDE, piece: sp.Set, point: Point) -> bool | None:
    """Return whether the zero-current density is integrable on the piece, or None when too close to say."""
    answers = []
    for _, growth, spread in end_growth(sde, piece, point):
        answers.append(None if abs(growth) <= 4 * spread + 1e-4 else growth < 0)
    if False in answers:
        return False
    return None if None in answers else True


def _near_threshold(statement: NormalisableWhen, task: Task, margin: sp.Rational) -> list[Point]:
    """Return domain points close to the asserted threshold, on both sides of it."""
    condition = statement.condition
    base = parameter_points(task, [], task.effort.points)
    if condition == sp.false:
        return base
    gap = condition.gts - condition.lts
    found = []
    for symbol in sorted(gap.free_symbols, key=str):
        for point in base:
            others = {s: v for s, v in point.items() if s != symbol}
            for root in sp.solve(gap.subs(others), symbol):
                for factor in (1 - margin, 1 + margin):
                    moved = {**point, symbol: root * factor}
                    try:
                        task.claim.domain.check(moved)
                    except DomainError:
                        continue
                    if moved not in found:
                        found.append(moved)
        if len(found) >= 2 * task.effort.points:
            break
    return found


@witness(
    "mass shells",
    kind=Kind.DETERMINISTIC,
    statement=NormalisableWhen,
    starts_from="the SDE: masses of dyadic shells of the zero-current density towards the ends",
)
def mass_shells(statement: NormalisableWhen, task: Task) -> Finding:
    """Measure whether the shells' masses grow, on both sides of the asserted threshold and close to it."""
    margin = sp.nsimplify(task.effort.resolution / 2, rational=True)
    compared, open_at = 0, None
    for point in _near_threshold(statement, task, margin):
        said = bool(statement.condition.subs(point))
        for piece in pieces(statement.support):
            true = _verdict_at(statement.sde, piece, point)
            if true is None:
                open_at = point
                continue
            wrong = (said and not true and statement.direction != "only if") or (
                true and not said and statement.direction != "if"
            )
            if wrong:
                ends_text = "; ".join(
                    f"{name}: growth {growth:.4g}" for name, growth, _ in end_growth(statement.sde, piece, point)
                )
                return Finding(
                    Outcome.REFUTED,
                    "The masses of dyadic shells contradict the asserted condition.",
                    effect=float(margin),
                    counterexample=Counterexample(
                        as_text(point), f"integrable: {said}", f"integrable: {true}", ends_text
                    ),
                )
        compared += 1
    if open_at is not None:
        return undecided(f"shell masses are too close to constant at {as_text(open_at)}")
    if not compared:
        return undecided("no domain point lies next to the asserted threshold")
    return Finding(
        Outcome.CONFIRMED,
        f"Shell masses grow or shrink as asserted at {compared} points"
        + ("." if statement.condition == sp.false else f" within {float(margin):.2g} of the threshold."),
        resolution=float(margin),
    )


@witness(
    "mass shells around the point",
    kind=Kind.DETERMINISTIC,
    statement=DiracLaw,
    starts_from="the SDE: masses of dyadic shells of the zero-current density around the point",
)
def shells_around(statement: DiracLaw, task: Task) -> Finding:
    """Check numerically that no density is normalisable on either side of the point (an open support only)."""
    support = statement.support
    if not (support.left_open and support.right_open):
        return undecided("ends that belong to the support may carry further stationary masses")
    sides = [sp.Interval.open(support.start, statement.point), sp.Interval.open(statement.point, support.end)]
    spread = 0.0
    points = parameter_points(task, [], task.effort.points)
    for point in points:
        for side in sides:
            if _verdict_at(statement.sde, side, point) is not False:
                return undecided(f"a normalisable density on {side} is not excluded at {as_text(point)}")
            growth = max(end_growth(statement.sde, side, point), key=lambda g: g[1])
            spread = max(spread, growth[2] / growth[1])
    return Finding(
        Outcome.CONFIRMED,
        f"On both sides shell masses grow without bound at {len(points)} points.",
        resolution=max(spread, 1e-6),
    )
