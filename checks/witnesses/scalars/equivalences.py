"""Exact examination of equivalent conditions: points between and on the thresholds, then proofs that they coincide."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.positivity import sign_on
from ....derivations.statements.extrema import EquivalentConditions
from ...evidence import Finding, Kind
from ...judgement.descent import moved, without
from ...judgement.domain_ranges import ends_of
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds
from ...judgement.exact import is_zero, value_text
from ...judgement.findings import proved, refuted, undecided
from ...judgement.ladder import equivalent, holds
from ...judgement.points import inside
from ...judgement.straddle import Straddle, excess, straddle
from ...witness import Task, witness
from .inequalities import meaning_of, why

Condition = Any


@witness(
    "positive ratio of excesses",
    kind=Kind.ALGEBRA,
    statement=EquivalentConditions,
    starts_from="the two inequalities as printed",
)
def positive_ratio(statement: EquivalentConditions, task: Task) -> Finding:
    """The excess of one condition is a positive multiple of that of the other, or has its sign beside its threshold."""
    domain, seconds = task.claim.domain, ladder_seconds(task)
    for point in _either_side(statement, domain, task.effort.points):
        if _told_apart(statement, point):
            return _different(statement, point, "only one of them holds")
    meaning = meaning_of((statement.first, statement.second), domain)
    if isinstance(meaning, Finding):
        return meaning
    climb = equivalent(statement.first, statement.second, domain, seconds)
    if climb.point is not None and _told_apart(statement, climb.point):
        return _different(statement, climb.point, "only one of them holds, found by Z3")
    if meaning:
        return undecided(f"whether the conditions are equivalent was not asked: {meaning}")
    if climb.answer:
        return proved(f"the conditions hold at the same points by z3: {why(climb)}.")
    ratio = _positive_multiple(statement, domain, seconds / 2)
    if ratio:
        return _unlike_at_equality(statement, domain) or proved(f"the excesses have the positive ratio {ratio}.")
    reason = _beside_a_threshold(statement, domain, seconds)
    if reason:
        return proved(f"{reason}.")
    first, second = excess(statement.first), excess(statement.second)
    return undecided(f"the ratio of {first} to {second} was not shown to be positive; z3: {why(climb)}")


def _told_apart(statement: EquivalentConditions, point: Point) -> bool:
    """Whether it is certified that one condition holds at an exact point and the other fails."""
    holding = []
    for condition in (statement.first, statement.second):
        sign = certified_sign(excess(condition), point)
        if sign is None:
            return False
        holding.append(sign > 0 or (sign == 0 and _weak(condition)))
    return holding[0] != holding[1]


def _weak(condition: Condition) -> bool:
    return isinstance(condition, sp.Ge | sp.Le)


def _positive_multiple(statement: EquivalentConditions, domain: Domain, seconds: float) -> str:
    """Return the ratio of the excesses where it is positive on the whole domain; empty where that is not shown."""
    first, second = excess(statement.first), excess(statement.second)
    # for positive sides a, b the difference of squares (a - b)(a + b) clears the roots of a threshold value
    total = statement.second.lhs + statement.second.rhs
    ratios = []
    for multiplier in (sp.Integer(1), *([total] if sign_on(domain, total) == "positive" else [])):
        ratio = sp.factor(sp.cancel(sp.together(first / sp.expand(second * multiplier))))
        if sign_on(domain, ratio) == "positive":
            return f"{ratio} times ({multiplier})"
        ratios.append(ratio)
    if ratios[0].has(sp.nan, sp.zoo, sp.oo) or not holds(sp.Gt(ratios[0], 0, evaluate=False), domain, seconds).answer:
        return ""
    return str(ratios[0])


def _beside_a_threshold(statement: EquivalentConditions, domain: Domain, seconds: float) -> str:
    """Return why the conditions agree on, below and above a threshold that one of them gives for a parameter, or ""."""
    for near, other in ((statement.second, statement.first), (statement.first, statement.second)):
        gap = sp.expand(excess(near))
        for symbol in (s for s in domain.symbols if s in gap.free_symbols and not s.is_integer):
            others = without(domain, symbol)
            if others is None or not gap.is_polynomial(symbol) or sp.degree(gap, symbol) != 1:
                continue
            slope, place = gap.coeff(symbol, 1), -gap.coeff(symbol, 0) / gap.coeff(symbol, 1)
            rising = {"positive": 1, "negative": -1}.get(str(sign_on(others, slope)))
            if rising and _agree(near, other, symbol, place, rising, domain, others, seconds):
                return f"both change at {symbol} = {place} alone, on the same side of it"
    return ""


def _agree(
    near: Condition,
    other: Condition,
    symbol: sp.Symbol,
    place: sp.Expr,
    rising: int,
    domain: Domain,
    others: Domain,
    seconds: float,
) -> bool:
    """Whether `other` has the truth value of `near`, whose excess has the sign of `rising` times symbol - place."""
    gap = excess(other)

    def settled(value: sp.Expr, wanted: bool, within: Domain) -> bool:
        # 0 is where a weak condition holds and a strict one fails
        relation = (sp.Ge if _weak(other) else sp.Gt) if wanted else (sp.Lt if _weak(other) else sp.Le)
        moved_gap = gap.subs(symbol, value)
        if relation in (sp.Ge, sp.Le) and is_zero(moved_gap, within):
            return True
        return bool(holds(relation(moved_gap, 0, evaluate=False), within, seconds / 4).answer)

    low, high, closed = ends_of(symbol, domain.ranges[symbol])
    for end, direction in ((low, -1), (high, 1)):
        finite = end.is_finite or bool(end.free_symbols)
        if finite and sign_on(others, direction * (end - place)) != "positive":
            return False
        side = moved(place, direction, end, others)
        wanted = direction == rising
        if side is None or not settled(side.value, wanted, side.domain):
            return False
        if finite and closed and not settled(end, wanted, others):
            return False
    return settled(place, _weak(near), others)


def _unlike_at_equality(statement: EquivalentConditions, domain: Domain) -> Finding | None:
    """Return what a strict and a weak condition of the same threshold come to; None where both are of one kind.

    Where the excesses, which have the same sign, vanish, the weak one holds and the strict one fails.
    """
    excesses = excess(statement.first), excess(statement.second)
    if _weak(statement.first) == _weak(statement.second) or any(
        sign_on(domain, e) in ("positive", "negative") for e in excesses
    ):
        return None
    pairs = straddle(statement.first, domain, sp.Rational(1, 100), 4)
    equal = (pair.inside | {pair.symbol: pair.boundary} for pair in pairs)
    for point in itertools.chain(equal, candidates(domain, 4)):
        if inside(domain, point) and all(certified_sign(e, point) == 0 for e in excesses):
            return _different(statement, point, "equality, which one of them allows")
    return undecided("one condition is strict and the other is not: nothing was shown of where both are equalities")


def _different(statement: EquivalentConditions, point: Point, gap: str) -> Finding:
    first, second = excess(statement.first), excess(statement.second)
    return refuted(
        "one condition holds and the other fails at an exact point.",
        point,
        f"{statement.second}: excess {value_text(second, point)}",
        f"{statement.first}: excess {value_text(first, point)}",
        gap,
        certified=True,
    )


def _either_side(statement: EquivalentConditions, domain: Domain, count: int) -> Iterator[Point]:
    """Yield points on both sides of each threshold, and between the two thresholds, then candidates everywhere."""
    thresholds: list[list[Straddle]] = []
    for condition in (statement.first, statement.second):
        thresholds.append([])
        for pair in straddle(condition, domain, sp.Rational(1, 100), 3):
            thresholds[-1].append(pair)
            yield from (pair.inside, pair.outside)
            equal = pair.inside | {pair.symbol: pair.boundary}
            if inside(domain, equal):
                yield equal
    for one, other in itertools.product(*thresholds):
        if one.symbol == other.symbol and all(one.inside[s] == other.inside[s] for s in one.inside if s != one.symbol):
            middle = between(one.boundary, other.boundary)
            if middle is not None:
                yield one.inside | {one.symbol: middle}
    yield from candidates(domain, count)


def between(one: sp.Expr, other: sp.Expr) -> sp.Rational | None:
    """Return a rational number strictly between two different real numbers, or None where they are not told apart."""
    gap = certified_sign(one - other, {})
    if not gap:
        return None
    middle = (one + other) / 2
    for digits in (15, 40, 100):
        value = sp.Rational(str(sp.N(middle, digits)))
        if certified_sign(value - one, {}) == -gap and certified_sign(value - other, {}) == gap:
            return value
    return None
