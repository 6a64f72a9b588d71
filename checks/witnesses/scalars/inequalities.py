"""Exact examination of inequalities: a certified violation, meaning on the whole domain, then the ladder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.positivity import sign_on
from ....derivations.statements.extrema import EquivalentConditions, Inequality
from ...evidence import Finding, Kind
from ...judgement.axes import below_on_a_line
from ...judgement.breakpoints import breakpoints, features
from ...judgement.calculus.carried_out import carried_out
from ...judgement.definedness import CALCULUS, definedness, undefined_at
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds
from ...judgement.exact import value_text
from ...judgement.findings import proved, refuted, undecided, undefined
from ...judgement.ladder import Climb, holds, same_sign
from ...judgement.points import inside
from ...judgement.straddle import excess, straddle
from ...witness import Task, witness


@witness("sign on the domain", kind=Kind.ALGEBRA, statement=Inequality, starts_from="the inequality as printed")
def domain_sign(statement: Inequality, task: Task) -> Finding:
    """Look for an exact violation, for a point without meaning, and for a proof by the ladder, in this order."""
    relation = values = statement.relation
    domain = task.claim.domain
    gap, strict = excess(relation), isinstance(relation, sp.Gt | sp.Lt)
    for point in candidates(domain, task.effort.points):
        if violates(relation, point):
            return _refuted(relation, point, "")
    meaning = meaning_of((relation,), domain)
    if isinstance(meaning, Finding):
        return meaning
    if relation.has(*CALCULUS):
        values = relation.func(*(carried_out(side, domain) for side in relation.args), evaluate=False)
        gap, meaning = excess(values), meaning_of((values,), domain)
        if isinstance(meaning, Finding):
            return meaning
    climb = holds(values, domain, ladder_seconds(task))
    if climb.point is not None and violates(relation, climb.point):
        return _refuted(relation, climb.point, f", found by {climb.decided_by}: {climb.rungs[-1].reason}")
    if climb.answer and meaning:
        return undecided(f"{relation} holds wherever both sides have values, by {climb.decided_by}, but {meaning}.")
    if climb.answer:
        how = "a parametrisation" if climb.decided_by == "parametrisation" else climb.decided_by
        return proved(f"{relation} on the whole domain by {how}: {why(climb)}.")
    for point in itertools.islice(narrow_places(relation, domain), 8 * task.effort.points):
        if violates(relation, point):
            return _refuted(relation, point, " where a function of a side has its centre or changes its formula")
    failure = below_on_a_line(gap, strict, domain, ladder_seconds(task) / 2)
    if failure is not None and violates(relation, failure):
        return _refuted(relation, failure, " on a line along which one parameter moves")
    return undecided(f"the sign of {gap} was not found on the whole domain: {why(climb)}")


def _refuted(relation: Any, point: Point, how: str) -> Finding:
    value = value_text(excess(relation), point)
    return refuted(f"the inequality fails at an exact point{how}.", point, relation, value, value, certified=True)


def narrow_places(relation: Any, domain: Domain) -> Iterator[Point]:
    """Yield points where a side may deviate on a range that no general point meets: its features and breakpoints."""
    sides, bases = (relation.lhs, relation.rhs), list(domain.generic_points(2))
    yield from features(sides, domain, bases)
    yield from breakpoints(sides, domain, bases)


def violates(relation: Any, point: Point) -> bool:
    """Return whether an inequality is certified to fail at an exact point at which both sides have values."""
    sign = certified_sign(excess(relation), point)
    if sign != -1 and not (sign == 0 and isinstance(relation, sp.Gt | sp.Lt)):
        return False
    return undefined_at(relation.lhs, point) is None and undefined_at(relation.rhs, point) is None


def meaning_of(relations: tuple[Any, ...], domain: Domain) -> Finding | str:
    """Return the finding that a side has no real value somewhere on the domain, or what was not shown, or ""."""
    found = definedness([side for r in relations for side in (r.lhs, r.rhs)], domain)
    if found.status == "undefined":
        assert found.point is not None
        return undefined(f"{found.reason}.", found.point, found.expr, found.works)
    return "" if found.status == "everywhere" else found.reason


@witness(
    "positive ratio of excesses",
    kind=Kind.ALGEBRA,
    statement=EquivalentConditions,
    starts_from="the two inequalities as printed",
)
def positive_ratio(statement: EquivalentConditions, task: Task) -> Finding:
    """The excess of one condition is a positive multiple of the excess of the other."""
    first, second = excess(statement.first), excess(statement.second)
    domain = task.claim.domain
    for point in _either_side(statement, domain, task.effort.points):
        signs = certified_sign(first, point), certified_sign(second, point)
        if None not in signs and signs[0] != signs[1]:
            return _different(statement, point, "opposite signs")
    meaning = meaning_of((statement.first, statement.second), domain)
    if isinstance(meaning, Finding):
        return meaning
    # for positive sides a, b the difference of squares (a - b)(a + b) clears the roots of a threshold value
    total = statement.second.lhs + statement.second.rhs
    multipliers = [sp.Integer(1), *([total] if sign_on(domain, total) == "positive" else [])]
    for multiplier in multipliers if not meaning else ():
        ratio = sp.factor(sp.cancel(sp.together(first / sp.expand(second * multiplier))))
        if sign_on(domain, ratio) == "positive":
            at_once = f"the excesses have the positive ratio {ratio} times ({multiplier})."
            return _unlike_at_equality(statement, domain) or proved(at_once)
    climb = same_sign(first, second, domain, ladder_seconds(task))
    if climb.point is not None and certified_sign(first, climb.point) != certified_sign(second, climb.point):
        return _different(statement, climb.point, "different signs, found by Z3")
    if climb.answer and not meaning:
        same = f"the excesses have the same sign on the whole domain by z3: {why(climb)}."
        return _unlike_at_equality(statement, domain) or proved(same)
    open_part = meaning or f"z3: {why(climb)}"
    return undecided(f"the ratio of {first} to {second} was not shown to be positive; {open_part}")


def of_one_kind(statement: EquivalentConditions) -> bool:
    """Return whether both conditions are strict, or both allow equality."""
    return isinstance(statement.first, sp.Gt | sp.Lt) == isinstance(statement.second, sp.Gt | sp.Lt)


def _unlike_at_equality(statement: EquivalentConditions, domain: Domain) -> Finding | None:
    """Return what a strict and a weak condition of the same threshold come to; None where both are of one kind.

    Where the excesses, which have the same sign, vanish, the weak one holds and the strict one fails.
    """
    excesses = excess(statement.first), excess(statement.second)
    if of_one_kind(statement) or any(sign_on(domain, e) in ("positive", "negative") for e in excesses):
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
    for condition in (statement.first, statement.second):
        for pair in straddle(condition, domain, sp.Rational(1, 100), 2):
            yield from (pair.inside, pair.outside)
    thresholds = [list(straddle(c, domain, sp.Rational(1, 100), 3)) for c in (statement.first, statement.second)]
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


def why(climb: Climb) -> str:
    """Return the reasons of the rungs: of the last one where it decided, else of all."""
    return "; ".join(r.reason for r in climb.rungs[-1 if climb.answer else 0 :])
