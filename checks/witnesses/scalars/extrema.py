"""Exact examination of extrema: signs of derivatives, and inequalities between values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.errors import DomainError
from ....derivations.expressions import replaced
from ....derivations.positivity import edge_points
from ....derivations.statements.extrema import LocalExtrema, MaximumExists
from ....numerics.exact.exact_zeros import is_zero as is_exactly_zero
from ....numerics.exact.power_series import derivative_agrees
from ...evidence import Finding, Kind, Outcome
from ...judgement.definedness import undefined_at
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds, strict_sign
from ...judgement.exact import Residual, is_zero, judge, value_text
from ...judgement.findings import proved, refuted, undecided
from ...judgement.straddle import excess
from ...meaning.processes import meaning
from ...witness import Task, witness
from .critical_points import polynomial_of, slope_polynomial

#: Highest order of a derivative that is asked for the kind of an extremum.
_HIGHEST = 7


@witness(
    "sign change of the derivative",
    kind=Kind.ALGEBRA,
    statement=LocalExtrema,
    starts_from="the function",
)
def sign_change(statement: LocalExtrema, task: Task) -> Finding:
    """The derivative vanishes at each location, and the first higher one that does not has the right sign there."""
    function, x, domain = statement.function, statement.variable, task.claim.domain
    q = slope_polynomial(function, x)
    slope = sp.diff(function, x) if q is None else q.as_expr()
    listed = [(e, "negative", "maximum") for e in statement.maxima]
    listed += [(e, "positive", "minimum") for e in statement.minima]
    outside = _out_of_range(listed, x, domain, task.effort.points)
    if outside is not None:
        return outside
    if q is None and not _derivative_checked(function, slope, x, [e for e, _, _ in listed], domain):
        return undecided(f"the derivative {slope} was not confirmed by power series")
    failing = _constant(statement, listed[0], task)
    if failing is not None:
        return failing
    seconds = ladder_seconds(task) / 4
    ends = [e for e, _, _ in listed if _one_sided(x) and strict_sign(e, domain, seconds) != "positive"]
    zeros = [Residual(f"derivative at {e}", sp.Integer(0), slope.subs(x, e)) for e, _, _ in listed]
    finding = judge(zeros, task, method="derivative")
    if finding.outcome is Outcome.REFUTED and ends:
        return undecided(f"{ends[0]} may be the end of the range of {x}, where the derivative need not vanish")
    if finding.outcome is not Outcome.PROVED:
        return finding
    for place, wanted, kind in listed:
        bend = _first_bend(slope, x, place, domain)
        if bend is None:
            crossing = None if place in ends else _crossing(slope, statement, place, kind, task)
            return crossing or undecided(f"no derivative of even order was found that is not 0 at {place}")
        wrong = 1 if wanted == "negative" else -1
        for point in candidates(domain, task.effort.points):
            if certified_sign(bend, point) == wrong:
                return refuted(
                    f"the derivative changes sign the other way at {place}.",
                    point,
                    f"local {kind} at {place}",
                    f"curvature {value_text(bend, point)}",
                    "wrong sign",
                    certified=True,
                )
        if strict_sign(bend, domain, seconds) != wanted:
            flat = _flat_there(slope, bend, statement, (place, wanted, kind), task)
            return flat or undecided(f"the sign of the curvature {bend} was not found on the domain")
    values = [replaced(function, {x: e}) for e, _, _ in listed]
    missing = meaning([*(e for e, _, _ in listed), *values], domain)
    return missing or proved("the derivative vanishes at each location and changes sign as stated there.")


def _flat_there(
    slope: sp.Expr, bend: sp.Expr, statement: LocalExtrema, listed: tuple[sp.Expr, str, str], task: Task
) -> Finding | None:
    """Refute an extremum at parameters at which the curvature is 0, by the first derivative there that is not."""
    place, wanted, kind = listed
    x, domain = statement.variable, task.claim.domain
    for point in candidates(domain, task.effort.points):
        if certified_sign(bend, point) != 0 or (_one_sided(x) and certified_sign(place, point) != 1):
            continue
        here, at = slope.xreplace(point), sp.sympify(place).xreplace(point)
        for order in range(1, _HIGHEST + 1):
            value = sp.diff(here, x, order).subs(x, at)
            if is_exactly_zero(value):
                continue
            sign = certified_sign(value, {})
            # from below to above the place, an even derivative of the slope takes it back to the same sign
            if sign is None or (order % 2 and {1: "positive", -1: "negative"}.get(sign) == wanted):
                break
            return refuted(
                f"the curvature at {place} is 0 there, and the first derivative that is not is of order {order + 1}.",
                point,
                f"a local {kind} at {place}",
                f"derivative {order + 1} is {value_text(value, {})}",
                "monotone there" if order % 2 == 0 else "wrong sign",
                certified=True,
            )
    return None


def _one_sided(x: sp.Symbol) -> bool:
    """Whether the range that the variable assumes holds its end, 0."""
    return bool(x.is_nonnegative and not x.is_positive)


def _out_of_range(
    listed: Sequence[tuple[sp.Expr, str, str]], x: sp.Symbol, domain: Domain, count: int
) -> Finding | None:
    """Return a parameter point at which a location lies outside the range that the variable assumes."""
    wrong = (-1, 0) if x.is_positive else (-1,) if x.is_nonnegative else ()
    for place, _, kind in listed if wrong else ():
        for point in candidates(domain, count):
            if certified_sign(place, point) in wrong:
                where = value_text(place, point)
                return refuted(
                    f"the location {place} lies outside the range of {x}.",
                    point,
                    f"local {kind} at {place}, inside the range of {x}",
                    f"{x} = {where}",
                    "outside",
                    certified=True,
                )
    return None


def _constant(statement: LocalExtrema, listed: tuple[sp.Expr, str, str], task: Task) -> Finding | None:
    """Return a parameter point at which the function does not depend on its variable; None where none is found."""
    place, _, kind = listed
    domain = task.claim.domain
    for point in itertools.chain(domain.points(task.effort.points), itertools.islice(edge_points(domain), 27)):
        value = sp.expand(statement.function.subs(point))
        if not value.has(statement.variable) and undefined_at(place, point) is None and value.is_real:
            text = f"a strict local {kind} at {place}"
            return refuted(
                "the function is constant there.", point, text, f"the function = {value}", "0", certified=True
            )
    return None


def _crossing(slope: sp.Expr, statement: LocalExtrema, place: sp.Expr, kind: str, task: Task) -> Finding | None:
    """Refute an extremum at which the slope has the same sign on both sides; None where that is not shown.

    The function is differentiable there, and its first derivative that does not vanish is of odd order.
    """
    x, domain = statement.variable, task.claim.domain
    for order in range(1, _HIGHEST + 1):
        value = sp.expand(sp.diff(slope, x, order).subs(x, place))
        if value == 0 or is_zero(value, domain):
            continue
        for point in candidates(domain, task.effort.points) if order % 2 == 0 else ():
            if certified_sign(value, point) in (1, -1):
                return refuted(
                    f"the first derivative that does not vanish at {place} is of the odd order {order + 1}.",
                    point,
                    f"a local {kind} at {place}",
                    f"derivative {order + 1} is {value_text(value, point)}",
                    "monotone there",
                    certified=True,
                )
        return None
    return None


def _first_bend(slope: sp.Expr, x: sp.Symbol, place: sp.Expr, domain: Domain) -> sp.Expr | None:
    """Return the first derivative of `slope` at `place` that is not identically 0; None where its order is even."""
    for order in range(1, _HIGHEST + 1):
        found = sp.diff(slope, x, order).subs(x, place)
        value = sp.expand(found)
        if value != 0 and not is_zero(value, domain):
            return value if order % 2 else None
    return None


def _derivative_checked(
    function: sp.Expr, slope: sp.Expr, x: sp.Symbol, places: Sequence[sp.Expr], domain: Domain
) -> bool:
    """Whether the symbolic derivative agrees with power series near the stated places."""
    points = (
        point | {x: sp.sympify(place).xreplace(point) + sp.Rational(k, 7)}
        for point in domain.generic_points(2)
        for place in places
        for k in (0, 1, -1, 2)
    )
    return derivative_agrees(function, slope, x, points, 3)


@witness(
    "discriminant of the derivative",
    kind=Kind.ALGEBRA,
    statement=MaximumExists,
    starts_from="the function",
)
def discriminant_rule(statement: MaximumExists, task: Task) -> Finding:
    """Isolate the real zeros of the derivative at exact points; on the whole domain, use the discriminant."""
    q, domain = polynomial_of(statement), task.claim.domain
    gap = excess(statement.condition)
    weak = isinstance(statement.condition, sp.Ge | sp.Le)
    equal = list(_at_equality(gap, domain, task.effort.points))
    for point in itertools.chain(equal, domain.points(4 * task.effort.points)):
        exists = _has_maximum(q, point, statement.interval)
        value = gap.subs(point)
        if exists is None or value.is_real is not True:
            continue
        true = bool(value >= 0) if weak else bool(value > 0)
        if exists is not true:
            # 0 at equality: the printed threshold value itself is then right
            sides = [abs(e) for e in (statement.condition.lhs.subs(point), statement.condition.rhs.subs(point))]
            return refuted(
                f"the derivative {'has' if exists else 'has no'} sign change from + to - in {statement.interval}.",
                point,
                f"condition {'holds' if true else 'fails'} ({value}), {'a' if true else 'no'} maximum",
                f"critical polynomial {sp.Poly(q.as_expr().subs(point), statement.variable).factor_list()[1]}",
                "exact",
                effect=float(abs(value) / max(*sides, sp.Rational(1, 10**12))),
                certified=True,
            )
    if not weak and q.degree() == 1 and statement.interval == sp.Interval.open(0, sp.oo):
        fall, height = q.all_coeffs()
        ratio = sp.factor(sp.cancel(sp.together(height / gap)))
        if [strict_sign(e, domain, ladder_seconds(task) / 4) for e in (fall, ratio)] == ["negative", "positive"]:
            return proved(f"the derivative has the sign of a falling line, at 0 of {ratio} times the excess.")
    if weak or q.degree() != 2 or statement.interval != sp.Interval.open(0, sp.oo):
        return undecided("no exact counterexample; the discriminant rule needs a strict condition")
    a, b, c = q.all_coeffs()
    ratio = sp.factor(sp.cancel(sp.together((b**2 - 4 * a * c) / gap)))
    signs = [strict_sign(e, domain, ladder_seconds(task) / 4) for e in (a, c, -b, ratio)]
    if signs != ["positive"] * 4:
        return undecided(f"signs of a, c, -b and discriminant/excess: {signs}")
    return proved(
        "the derivative has the sign of a quadratic that is positive at 0 and opens upward with its vertex at s > 0; "
        f"its discriminant is {ratio} times the excess of the condition.",
    )


def _at_equality(gap: sp.Expr, domain: Domain, count: int) -> Iterator[Point]:
    """Yield exact rational points of the domain where `gap` is 0."""
    for point in domain.points(count):
        for symbol in (s for s in domain.symbols if s in gap.free_symbols and not s.is_integer):
            for root in sp.solve(gap.subs({s: v for s, v in point.items() if s != symbol}), symbol):
                moved = point | {symbol: root}
                try:
                    domain.check(moved)
                except DomainError:
                    continue
                if root.is_Rational:
                    yield moved


def _has_maximum(q: sp.Poly, point: Point, interval: sp.Interval) -> bool | None:
    """Return whether the polynomial changes sign from + to - inside the interval, by exact root isolation."""
    try:
        at = sp.Poly(q.as_expr().subs(point), q.gens[0], domain="QQ")
    except sp.CoercionFailed:
        return None
    roots = [r for r in sorted(set(at.real_roots())) if interval.contains(r) == sp.true]
    ends = [interval.start if interval.start.is_finite else (roots[0] - 1 if roots else 0)]
    marks = [*ends, *roots, interval.end if interval.end.is_finite else (roots[-1] + 1 if roots else 0)]
    values = [at.as_expr().subs(q.gens[0], (a + b) / 2) for a, b in itertools.pairwise(marks)]
    return any(bool(a > 0) and bool(b < 0) for a, b in itertools.pairwise(values))
