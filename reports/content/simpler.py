"""A counterexample with readable numbers in place of those that a witness happened on.

A simpler value is taken only where the same comparison, with exact values and balls, refutes the claim again, inside
the stated domain. The verdict stays what it is.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ...checks.evidence import Counterexample
from ...checks.judgement.comparison import compare
from ...checks.judgement.definedness import undefined_at
from ...checks.judgement.domain_signs import violates
from ...checks.judgement.exact import value_at
from ...derivations.claim import Claim
from ...derivations.domain import Point
from ...derivations.errors import CrossproofError, DomainError
from ...derivations.statements.euler_steps import EulerStep
from ...derivations.statements.extrema import GlobalMaximum, Inequality
from ...derivations.statements.scalar import Identity
from ...derivations.text.parsing import parse_expression

#: Simpler values, the simplest first; zeros come late, since they hide terms.
_SIMPLE = tuple(
    sp.Rational(n, d) for n, d in ((1, 1), (2, 1), (1, 2), (3, 1), (-1, 1), (0, 1), (3, 2), (4, 1), (1, 4), (9, 4))
)
#: Length of the text of a value that needs no simpler one.
_SHORT = 3
#: CPU seconds for the search of one point.
_SECONDS = 8.0


def exact_point(claim: Claim, counterexample: Counterexample) -> Point | None:
    """Return the parameters of a counterexample by symbol; None where it is no point of the claim's domain alone."""
    try:
        point = {s: parse_expression(counterexample.point[s.name], {}) for s in claim.domain.symbols}
        point = {s: value_at(v, {}) for s, v in point.items()}
        claim.domain.check(point)
    except (KeyError, CrossproofError, TypeError):
        return None
    return point


def simplest(claim: Claim, point: Point) -> Point:
    """Return a point with simpler values at which the claim is certified to fail, too; `point` where there is none."""
    fails = _failing(claim.statement)
    if fails is None or all(len(str(v)) <= _SHORT for v in point.values()) or not fails(point):
        return point
    stop = time.process_time() + _SECONDS
    for trial in _uniform(claim):
        if time.process_time() < stop and fails(trial):
            return trial
    for count in (1, 2):
        for chosen in itertools.combinations(claim.domain.symbols, count):
            if any(len(str(point[s])) <= _SHORT for s in chosen):
                continue
            for simple in itertools.product(_SIMPLE, repeat=count):
                trial = {**point, **dict(zip(chosen, simple, strict=True))}
                if time.process_time() > stop:
                    return point
                if _inside(claim, trial) and fails(trial):
                    point = trial
                    break
    return point


def _uniform(claim: Claim) -> Iterator[Point]:
    """Yield points of the domain all of whose values are simple, few of them different."""
    for first in _SIMPLE[:4]:
        for second in _SIMPLE[:6]:
            for k in range(len(claim.domain.symbols) + 1):
                point = {s: second if i == k else first for i, s in enumerate(claim.domain.symbols)}
                if _inside(claim, point):
                    yield point


def _inside(claim: Claim, point: Point) -> bool:
    try:
        claim.domain.check(point)
    except (DomainError, TypeError):
        return False
    return True


def _failing(statement: Any) -> Callable[[Point], bool] | None:
    """Return the certified test of one point, for the types of statement that are a comparison of two formulas."""
    if isinstance(statement, Identity):
        lhs, rhs = statement.lhs, statement.rhs

        def differs(point: Point) -> bool:
            sides = any(undefined_at(side, point) for side in (lhs, rhs))
            return not sides and compare(lhs, rhs, point).outcome == "differ"

        return differs
    if isinstance(statement, Inequality) and isinstance(statement.relation, Relational):
        return lambda point: violates(statement.relation, point)
    if isinstance(statement, GlobalMaximum):
        ends = sides_of_maximum(statement)
        return lambda point: ends is not None and violates(sp.Ge(*ends, evaluate=False), point)
    if isinstance(statement, EulerStep) and not next(statement.members()):
        change, step = mean_of_step(statement)
        return lambda point: compare(change, step, point).outcome == "differ"
    return None


def sides_of_maximum(statement: GlobalMaximum) -> tuple[sp.Expr, sp.Expr] | None:
    """Return the function at its asserted place and at the right end of the interval, where that belongs to it."""
    if statement.interval.right_open or not statement.interval.end.is_finite:
        return None
    f, x = statement.function, statement.variable
    return f.subs(x, statement.location), f.subs(x, statement.interval.end)


def mean_of_step(statement: EulerStep) -> tuple[sp.Expr, sp.Expr]:
    """Return the mean change of the first variable, for an update of degree 1 in its draws, and that of the step."""
    still = {draw: sp.Integer(0) for draw, _ in statement.update.draws}
    return statement.update.change[0].subs(still), statement.step * statement.sde.drift[0]
