"""Exact examination of inequalities: a certified violation, meaning on the whole domain, then the ladder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.statements.extrema import Inequality
from ...evidence import Finding, Kind
from ...judgement.axes import below_on_a_line
from ...judgement.breakpoints import breakpoints, features
from ...judgement.calculus.carried_out import carried_out
from ...judgement.definedness import CALCULUS, definedness
from ...judgement.domain_signs import candidates, ladder_seconds, violates
from ...judgement.exact import value_text
from ...judgement.findings import proved, refuted, undecided, undefined
from ...judgement.ladder import Climb, holds
from ...judgement.straddle import excess
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


def meaning_of(relations: tuple[Any, ...], domain: Domain) -> Finding | str:
    """Return the finding that a side has no real value somewhere on the domain, or what was not shown, or ""."""
    found = definedness([side for r in relations for side in (r.lhs, r.rhs)], domain)
    if found.status == "undefined":
        assert found.point is not None
        return undefined(f"{found.reason}.", found.point, found.expr, found.works)
    return "" if found.status == "everywhere" else found.reason


def why(climb: Climb) -> str:
    """Return the reasons of the rungs: of the last one where it decided, else of all."""
    return "; ".join(r.reason for r in climb.rungs[-1 if climb.answer else 0 :])
