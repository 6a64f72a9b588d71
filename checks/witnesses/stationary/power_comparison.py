"""Comparison with powers: is a zero-current density integrable at exact parameters, by rational arithmetic.

Where (log p)' is a rational function of the state, t (log p)' tends to a limit at every end, with t the distance from
it or the state: the power of t that p falls or rises with. The density is integrable there iff that limit lies on the
right side of -1.
"""

from __future__ import annotations

import itertools

import sympy as sp

from ....derivations.domain import Point
from ....derivations.processes.fokker_planck import End, ends, stationary_slope, toward
from ....derivations.statements.stationary import NormalisableWhen, pieces
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, refuted, undecided
from ...judgement.points import distinct, inside, simple
from ...judgement.straddle import excess
from ...witness import Task, witness
from .algebra import contradicts


def integrable_with(slope: sp.Expr, x: sp.Symbol, interval: sp.Interval) -> bool | None:
    """Return whether the density with (log p)' = `slope` has finite mass on the interval; None when it is not told.

    Poles of the slope inside the interval are singularities of the density, and examined from both sides.
    """
    slope = sp.cancel(sp.together(slope))
    top, bottom = sp.fraction(slope)
    if slope.free_symbols - {x} or not (top.is_polynomial(x) and bottom.is_polynomial(x)):
        return None
    poles = list(dict.fromkeys(sp.real_roots(sp.Poly(bottom, x)))) if bottom.has(x) else []
    inner = [r for r in poles if sp.And(interval.start < r, r < interval.end) == sp.true]
    places = [*ends(interval), *(End(r, side) for r in inner for side in (1, -1))]
    answers = [_integrable_at(slope, x, end) for end in places]
    if False in answers:
        return False
    return None if None in answers else True


def _integrable_at(slope: sp.Expr, x: sp.Symbol, end: End) -> bool | None:
    t = sp.Dummy("t", positive=True)
    place = toward(end.place, end.inside, t)
    infinite = bool(end.place.is_infinite)
    power = (place if infinite else end.inside * t) * slope.subs(x, place)
    top, bottom = (sp.Poly(e, t) for e in sp.fraction(sp.cancel(sp.together(power + 1))))
    if top.is_zero:
        return False
    (order,), first = min(top.terms())
    (pole,), last = min(bottom.terms())
    if order > pole:
        return False  # the power is -1 in the limit
    sign = sp.sign(first * last)
    if sign not in (-1, 1):
        return None
    return bool(sign == (-1 if infinite else 1))


def _straddling(statement: NormalisableWhen, task: Task, margin: sp.Rational) -> list[Point]:
    """Return domain points close to the asserted threshold, on both sides of it; any points where there is none."""
    domain, count = task.claim.domain, task.effort.points
    x = statement.sde.state[0]
    base = [{s: v for s, v in p.items() if s != x} for p in simple(domain, count)]
    base = [p for p in distinct(base) if all(v.is_Rational for v in p.values())]
    if statement.condition == sp.false:
        return base
    gap = excess(statement.condition)
    found: list[Point] = []
    for point, symbol in itertools.product(base, sorted(gap.free_symbols, key=str)):
        rest = {s: v for s, v in point.items() if s != symbol}
        numerator = sp.numer(sp.together(gap.subs(rest)))
        if not numerator.is_polynomial(symbol):
            continue
        for root in sp.real_roots(sp.Poly(numerator, symbol)) if numerator.has(symbol) else ():
            # a rational number beside the threshold
            middle = root if root.is_Rational else sp.Rational(str(sp.N(root, 20)))
            moved = [{**point, symbol: middle * (1 + side * margin)} for side in (-1, 1)]
            found += [p for p in moved if p not in found and inside(domain, {**p, x: sp.Integer(1)})]
    return found[: 4 * count]


@witness(
    "comparison with powers",
    kind=Kind.DETERMINISTIC,
    statement=NormalisableWhen,
    starts_from="the SDE: the zero-current density at exact parameters, compared with powers at every end",
)
def comparison_with_powers(statement: NormalisableWhen, task: Task) -> Finding:
    """Decide integrability exactly on both sides of the asserted threshold and close to it."""
    margin = sp.nsimplify(task.effort.resolution / 2, rational=True)
    x, slope = statement.sde.state[0], stationary_slope(statement.sde)
    compared = 0
    for point in _straddling(statement, task, margin):
        said = bool(statement.condition.subs(point))
        for piece in pieces(statement.support):
            true = integrable_with(slope.subs(point), x, piece.subs(point))
            if true is None:
                continue
            if contradicts(statement.direction, said=said, true=true):
                return refuted(
                    "At exact parameters the zero-current density compares with powers otherwise than asserted.",
                    point,
                    f"integrable on {piece.subs(point)}: {said}",
                    f"integrable on {piece.subs(point)}: {true}",
                    f"(log p)' = {sp.factor(slope.subs(point))}",
                    effect=float(margin),
                    certified=True,
                )
            compared += 1
    if not compared or statement.condition == sp.false:
        return undecided(f"no counterexample at {compared} exact points; there is no threshold to locate")
    detail = f"Integrable or not as asserted in {compared} cases within {float(margin):.2g} of the threshold."
    return confirmed(detail, float(margin), quantity="threshold")
