"""The largest value over an interval: an inequality in the parameters and the variable, proved or refuted exactly."""

from __future__ import annotations

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.expressions import replaced
from ....derivations.positivity import sign_on
from ....derivations.ranges import Above, Between, Positive, Real
from ....derivations.statements.extrema import CriticalPoints, GlobalMaximum
from ...evidence import Finding, Kind
from ...judgement.axes import below_on_a_line
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds, violates
from ...judgement.exact import value_text
from ...judgement.findings import proved, refuted, undecided
from ...judgement.ladder import holds
from ...judgement.straddle import excess
from ...meaning.processes import meaning
from ...witness import Task, witness
from .inequalities import meaning_of, why


@witness(
    "larger value elsewhere",
    kind=Kind.ALGEBRA,
    statement=GlobalMaximum,
    starts_from="the function",
)
def larger_value(statement: GlobalMaximum, task: Task) -> Finding:
    """The value at the location exceeds every other one: an inequality in the parameters and the variable."""
    domain, interval = task.claim.domain, statement.interval
    best = statement.function.subs(statement.variable, statement.location)
    missing = meaning((statement.location, *_finite_ends(statement)), domain)
    for point in candidates(domain, task.effort.points):
        if any(certified_sign(gap, point) in wrong for gap, wrong in _distances(statement)):
            place = value_text(statement.location, point)
            return refuted(
                "the location lies outside the interval.", point, f"inside {interval}", place, "outside", certified=True
            )
    if missing is not None:
        return missing
    parts = [*interior(statement, domain), *_attained_ends(statement, domain)]
    shown = []
    for value, joint in parts:
        relation = sp.Ge(best, statement.function.subs(statement.variable, value), evaluate=False)
        gap = excess(relation)
        for point in candidates(joint, task.effort.points):
            if violates(relation, point):
                return _larger(statement, best, value, point, domain)
        climb = holds(relation, joint, 2 * ladder_seconds(task) / len(parts))
        failure = climb.point or (
            None if climb.answer else below_on_a_line(gap, False, joint, ladder_seconds(task) / 2)
        )
        if failure is not None and violates(relation, failure):
            return _larger(statement, best, value, failure, domain)
        sides = (replaced(statement.function, {statement.variable: e}) for e in (statement.location, value))
        unknown = meaning_of((sp.Ge(*sides, evaluate=False),), joint) if climb.answer else ""
        if isinstance(unknown, Finding):
            return unknown
        if not climb.answer or unknown:
            return undecided(f"no larger value was found, and {relation} was not shown: {unknown or why(climb)}")
        shown.append(f"{statement.variable} = {value} by {climb.decided_by}")
    if not _location_inside(statement, domain):
        return undecided(f"{statement.location} was not shown to lie in {interval}")
    return proved(f"no value is larger: {'; '.join(shown)}.")


def _larger(statement: GlobalMaximum, best: sp.Expr, value: sp.Expr, point: Point, domain: Domain) -> Finding:
    place, there = value_text(value, point), statement.function.subs(statement.variable, value)
    outer = {s: point[s] for s in domain.symbols}
    return refuted(
        f"the function is larger at {statement.variable} = {place}.",
        outer | {statement.variable: value.subs(point)},
        f"largest value {value_text(best, point)}",
        value_text(there, point),
        value_text(there - best, point),
        certified=True,
    )


def interior(statement: GlobalMaximum | CriticalPoints, domain: Domain) -> list[tuple[sp.Expr, Domain]]:
    """Return the variable in terms of a fresh parameter that runs over the open interval, with the joint domain."""
    start, end = (sp.sympify(e) for e in (statement.interval.start, statement.interval.end))
    name = f"{statement.variable}_"
    ranges = {s.name: r for s, r in domain.ranges.items()}
    while name in ranges:
        name += "_"
    if end == sp.oo:
        given = Real if start == -sp.oo else Above(start)
        joint = Domain(**ranges, **{name: given})
        return [(joint.symbol(name), joint)]
    if start == -sp.oo:
        joint = Domain(**ranges, **{name: Positive})
        return [(end - joint.symbol(name), joint)]
    joint = Domain(**ranges, **{name: Between(start, end)})
    return [(joint.symbol(name), joint)]


def _attained_ends(statement: GlobalMaximum, domain: Domain) -> list[tuple[sp.Expr, Domain]]:
    interval = statement.interval
    closed = [(interval.start, interval.left_open), (interval.end, interval.right_open)]
    return [(sp.sympify(e), domain) for e, is_open in closed if not is_open and e not in (sp.oo, -sp.oo)]


def _finite_ends(statement: GlobalMaximum) -> list[sp.Expr]:
    ends = (sp.sympify(statement.interval.start), sp.sympify(statement.interval.end))
    return [e for e in ends if e not in (sp.oo, -sp.oo)]


def _distances(statement: GlobalMaximum) -> list[tuple[sp.Expr, tuple[int, ...]]]:
    """Return the distances of the location from finite ends, and the signs that they must not have."""
    interval, place = statement.interval, statement.location
    ends = [(interval.start, place - interval.start, interval.left_open)]
    ends.append((interval.end, interval.end - place, interval.right_open))
    return [(gap, (-1, 0) if is_open else (-1,)) for end, gap, is_open in ends if end not in (sp.oo, -sp.oo)]


def _location_inside(statement: GlobalMaximum, domain: Domain) -> bool:
    enough = {(-1, 0): ("positive",), (-1,): ("positive", "nonnegative", "zero")}
    return all(sign_on(domain, gap) in enough[wrong] for gap, wrong in _distances(statement))
