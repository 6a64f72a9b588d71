"""Limits of expressions in unknown functions: leading powers that no remainder touches, and members near 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.positivity import sign_on
from ....derivations.statements.function_limits import FunctionLimit, Jet
from ....numerics.exact.balls import enclose
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...meaning.processes import meaning
from ...witness import Task, witness

#: Where members are evaluated: the two largest steps give the error of the extrapolation from the two smallest.
_STEPS = tuple(sp.Rational(1, 2**k) for k in (16, 17, 18))
#: An extrapolation that leaves a term of second order errs by less than so many times its change.
_SAFETY = 4
#: A change of a last derivative, a place far closer to 0, and the growth of its influence up to there that is allowed.
_CHANGE, _CLOSE, _BOUNDED = sp.Rational(1, 2**10), sp.Rational(1, 2**2000), 2

Leading = tuple[sp.Expr, sp.Expr]


class _Open(Exception):
    """A leading term is not determined."""


@witness(
    "leading terms of unknown functions",
    kind=Kind.ALGEBRA,
    statement=FunctionLimit,
    starts_from="the expression; every function is its first unknown derivative times a power, up to a smaller term",
)
def leading_powers(statement: FunctionLimit, task: Task) -> Finding:
    """Write every part as x^p (c + o(1)) and compare the c of the whole, at p = 0, with the stated limit.

    A power of a part needs c to have a sign on the domain, so that nothing of smaller order can decide.
    """
    missing = _without_meaning(statement, task)
    if missing is not None:
        return missing
    try:
        power, coefficient = _leading(statement.expression, statement, task.claim.domain)
    except _Open as why:
        return undecided(f"leading terms: {why}.")
    if power.is_positive:
        coefficient = sp.Integer(0)
    elif power != 0:
        return undecided(f"leading terms: the expression behaves like x^({power}), and no limit is known.")
    # what is left out of the leading term must have a value, too
    parts = [*_constants(statement), *(d for jet in statement.jets for d in jet.derivatives)]
    residuals = [Residual("the limit", statement.value, coefficient)]
    residuals += [Residual(f"the coefficient {c}", c, c) for c in map(sp.sympify, parts) if not c.is_Atom]
    return judge(residuals, task, method="leading terms of unknown functions")


def _without_meaning(statement: FunctionLimit, task: Task) -> Finding | None:
    """Return the finding that the limit or a derivative has no value somewhere on the domain, or None."""
    numbers = [statement.value, *(d for jet in statement.jets for d in jet.derivatives)]
    found = meaning(numbers, task.claim.domain)
    return found if found is not None and found.outcome is Outcome.UNDEFINED else None


def _constants(statement: FunctionLimit) -> list[sp.Expr]:
    """Return the largest parts of the expression that are free of the variable."""
    found, walk = [], sp.preorder_traversal(statement.expression)
    for node in walk:
        if not node.has(statement.variable):
            found.append(node)
            walk.skip()
        elif isinstance(node, sp.Derivative | AppliedUndef):
            walk.skip()
    return found


def _leading(e: sp.Expr, statement: FunctionLimit, domain: Domain) -> Leading:
    """Return (p, c) with e = x^p (c + o(1)) for all functions with the stated jets."""
    x = statement.variable
    if e == x:
        return sp.Integer(1), sp.Integer(1)
    if not e.has(x):
        return sp.Integer(0), e
    if isinstance(e, AppliedUndef):
        return _of_jet(e, 0, statement)
    if isinstance(e, sp.Derivative) and isinstance(e.expr, AppliedUndef):
        return _of_jet(e.expr, int(sum(n for _, n in e.variable_count)), statement)
    if isinstance(e, sp.Mul):
        parts = [_leading(a, statement, domain) for a in e.args]
        return sp.Add(*(p for p, _ in parts)), sp.Mul(*(c for _, c in parts))
    if isinstance(e, sp.Add):
        parts = [_leading(a, statement, domain) for a in e.args]
        least = min(p for p, _ in parts)
        return least, sp.expand(sp.Add(*(c for p, c in parts if p == least)))
    if isinstance(e, sp.Pow) and not e.exp.has(x) and e.exp.is_Rational:
        power, coefficient = _leading(e.base, statement, domain)
        sign = sign_on(domain, coefficient)
        whole = e.exp.is_Integer
        if e.exp.is_Integer and e.exp.is_positive:
            return power * e.exp, coefficient**e.exp
        if sign == "positive" or (whole and sign == "negative"):
            return power * e.exp, coefficient**e.exp
        raise _Open(f"{coefficient}, of which a power {e.exp} is taken, has no sign on the domain")
    raise _Open(f"{e} is no sum, product or power of the functions")


def _of_jet(function: AppliedUndef, order: int, statement: FunctionLimit) -> Leading:
    jet = next(j for j in statement.jets if j.function == function)
    if order >= len(jet.derivatives):
        raise _Open(f"derivative {order} of {function} is not known to be continuous")
    known = jet.derivatives[order:]
    # Taylor: sum of known[k] x^k/k! + o(x^K), with K the last order; where all vanish, o(x^K) is x^K (0 + o(1))
    k = next((k for k, d in enumerate(known) if d != 0), len(known) - 1)
    return sp.Integer(k), known[k] / sp.factorial(k)


@witness(
    "members near the point",
    kind=Kind.DETERMINISTIC,
    statement=FunctionLimit,
    starts_from="concrete functions with the stated derivatives, in ball arithmetic close to 0",
)
def members_near(statement: FunctionLimit, task: Task) -> Finding:
    """Compare the extrapolated values of the expression for concrete functions with the stated limit."""
    missing = _without_meaning(statement, task)
    if missing is not None:
        return missing
    ledger = Ledger(task, "concrete functions near 0")
    try:
        reason = _open_remainder(statement, task)
    except NumericsError as why:
        reason = str(why)
    if reason:
        return undecided(f"concrete functions near 0: {reason}.")
    for point in generic_points(task.claim.domain, task.effort.points):
        for bend in (sp.Integer(1), sp.Rational(-2, 3)):
            try:
                values = [_value(statement, _members(statement, bend), point, step) for step in _STEPS]
                stated = float(enclose(statement.value, point).mid())
            except NumericsError as why:
                return undecided(f"concrete functions near 0: {why}.")
            earlier, later = 2 * values[1] - values[0], 2 * values[2] - values[1]
            error, scale = _SAFETY * abs(later - earlier), max(abs(stated), abs(later), 1e-3)
            found = ledger.compare("the limit", point, stated, later, error, scale)
            if found:
                return found
    return ledger.finding()


def _open_remainder(statement: FunctionLimit, task: Task) -> str:
    """Return which remainder can decide the limit: a change of a last derivative matters ever more towards 0.

    The remainder o(x^K) may be as small as any change of the K-th derivative that fades slowly enough.
    """
    for point in generic_points(task.claim.domain, 1):
        for jet in statement.jets:
            found = []
            for step in (_STEPS[-1], _CLOSE):
                plain, moved = (
                    _value(statement, _members(_moved(statement, jet, change), sp.Integer(1)), point, step)
                    for change in (sp.Integer(0), _CHANGE)
                )
                found.append(abs(moved - plain) / float(_CHANGE))
            if not found[1] <= _BOUNDED * found[0] + 1e-6:
                return f"the remainder of {jet.function} may decide the limit"
    return ""


def _moved(statement: FunctionLimit, jet: Jet, change: sp.Expr) -> FunctionLimit:
    """Return the statement with the last derivative of one function changed."""
    moved = Jet(jet.function, (*jet.derivatives[:-1], jet.derivatives[-1] + change))
    return replace(statement, jets=tuple(moved if j is jet else j for j in statement.jets))


def _members(statement: FunctionLimit, bend: sp.Expr) -> Mapping[AppliedUndef, sp.Expr]:
    x = statement.variable
    return {jet.function: _member(jet, x, bend + sp.Rational(n, 5)) for n, jet in enumerate(statement.jets)}


def _member(jet: Jet, x: sp.Symbol, bend: sp.Expr) -> sp.Expr:
    """Return a Taylor polynomial with the stated derivatives, and a term beyond the last of them."""
    polynomial = sum((d * x**k / sp.factorial(k) for k, d in enumerate(jet.derivatives)), sp.Integer(0))
    return polynomial + bend * x ** len(jet.derivatives) * sp.exp(x)


def _value(statement: FunctionLimit, members: Mapping[AppliedUndef, sp.Expr], point: Point, step: sp.Rational) -> float:
    expr = statement.expression.subs(dict(members)).doit()
    return float(enclose(expr, {**point, statement.variable: step}).mid())
