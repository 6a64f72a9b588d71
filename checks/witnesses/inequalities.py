"""Exact examination of inequalities: a certified violation, a positive ratio, then the ladder."""

from __future__ import annotations

import itertools

import sympy as sp

from ...derivations.domain import Point
from ...derivations.positivity import sign_on
from ...derivations.statements.extrema import (
    EquivalentConditions,
    Inequality,
)
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.domain_signs import candidates, certified_sign, ladder_seconds
from ..judgement.exact import value_text
from ..judgement.findings import as_text
from ..judgement.ladder import Climb, holds, same_sign
from ..judgement.straddle import excess, straddle
from ..witness import Task, witness


@witness("sign on the domain", kind=Kind.ALGEBRA, statement=Inequality, starts_from="the inequality as printed")
def domain_sign(statement: Inequality, task: Task) -> Finding:
    """Climb the ladder (parametrisation, Z3, boxes) after a search for an exact violation."""
    gap, domain = excess(statement.relation), task.claim.domain
    strict = isinstance(statement.relation, sp.Gt | sp.Lt)

    def refuted(point: Point, how: str) -> Finding:
        value = value_text(gap, point)
        at = Counterexample(as_text(point), str(statement.relation), value, value)
        return Finding(Outcome.REFUTED, f"the inequality fails at an exact point{how}.", counterexample=at)

    for point in candidates(domain, task.effort.points):
        if certified_sign(gap, point) == -1 or (strict and gap.subs(point) == 0):
            return refuted(point, "")
    climb = holds(statement.relation, domain, ladder_seconds(task))
    if climb.point is not None:
        return refuted(climb.point, f", found by {climb.decided_by}: {climb.rungs[-1].reason}")
    if climb.decided_by == "parametrisation":
        return Finding(Outcome.PROVED, f"the difference of the sides: {climb.rungs[0].reason}.")
    if climb.answer:
        return Finding(
            Outcome.PROVED, f"{statement.relation} on the whole domain by {climb.decided_by}: {_why(climb)}."
        )
    return Finding(Outcome.UNDECIDED, f"the sign of {gap} was not found on the whole domain: {_why(climb)}")


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

    def refuted(point: Point, gap: str) -> Finding:
        return Finding(
            Outcome.REFUTED,
            "one condition holds and the other fails at an exact point.",
            counterexample=Counterexample(
                as_text(point),
                f"{statement.second}: excess {value_text(second, point)}",
                f"{statement.first}: excess {value_text(first, point)}",
                gap,
            ),
        )

    pairs = straddle(statement.second, domain, sp.Rational(1, 100), 2)
    near = (p for pair in pairs for p in (pair.inside, pair.outside))
    for point in itertools.chain(near, candidates(domain, task.effort.points)):
        signs = certified_sign(first, point), certified_sign(second, point)
        if None not in signs and signs[0] != signs[1]:
            return refuted(point, "opposite signs")
    # for positive sides a, b the difference of squares (a - b)(a + b) clears the roots of a threshold value
    total = statement.second.lhs + statement.second.rhs
    multipliers = [sp.Integer(1), *([total] if sign_on(domain, total) == "positive" else [])]
    for multiplier in multipliers:
        ratio = sp.factor(sp.cancel(sp.together(first / sp.expand(second * multiplier))))
        if sign_on(domain, ratio) == "positive":
            return Finding(Outcome.PROVED, f"the excesses have the positive ratio {ratio} times ({multiplier}).")
    climb = same_sign(first, second, domain, ladder_seconds(task))
    if climb.point is not None:
        return refuted(climb.point, "different signs, found by Z3")
    if climb.answer:
        return Finding(Outcome.PROVED, f"the excesses have the same sign on the whole domain by z3: {_why(climb)}.")
    return Finding(
        Outcome.UNDECIDED, f"the ratio of {first} to {second} was not shown to be positive; z3: {_why(climb)}"
    )


def _why(climb: Climb) -> str:
    return "; ".join(r.reason for r in climb.rungs[-1 if climb.answer else 0 :])
