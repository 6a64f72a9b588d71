"""Limits of expressions in unknown functions: leading powers that no remainder touches, and members of the class.

A member may only refute a limit: what holds for some functions need not hold for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.calculus.limits import limit_at_infinity
from ....derivations.domain import Domain, Point
from ....derivations.errors import DomainError
from ....derivations.expressions import canonical
from ....derivations.positivity import sign_on
from ....derivations.statements.function_limits import FunctionLimit
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import generic_points
from ...judgement.domain_signs import certified_sign
from ...judgement.exact import Residual, judge, value_text
from ...judgement.findings import refuted, undecided
from ...meaning.processes import meaning
from ...witness import Task, witness

#: Functions g with g(0) = 0 and g'(0) = 1, and those that are continuous on the whole line.
_LIKE_ARGUMENT = (sp.sin, sp.tan, sp.asin, sp.atan, sp.sinh, sp.tanh, sp.asinh, sp.atanh)
_CONTINUOUS = (sp.exp, sp.sin, sp.cos, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.erf, sp.Abs)
#: log x is o(x^-d) for every d > 0.
_DELTA = sp.Rational(1, 1000)

Leading = tuple[sp.Expr, sp.Expr]


class _Open(Exception):
    """A leading term is not determined."""


@witness(
    "leading terms of unknown functions",
    kind=Kind.ALGEBRA,
    statement=FunctionLimit,
    starts_from="the expression; every function is its Taylor polynomial, up to a smaller term",
)
def leading_powers(statement: FunctionLimit, task: Task) -> Finding:
    """Write every part as x^p (c + o(1)) and compare the c of the whole, at p = 0, with the stated limit.

    A power of a part needs c to have a sign on the domain, so that nothing of smaller order can decide.
    """
    missing = _without_meaning(statement, task)
    if missing is not None:
        return missing
    try:
        written, rests = _by_taylor(statement)
        power, coefficient = _Reader(statement.variable, rests, task.claim.domain).leading(written)
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


def _by_taylor(statement: FunctionLimit) -> tuple[sp.Expr, set[sp.Dummy]]:
    """Return the expression with x^K r beside the Taylor polynomials of the functions, and the r, which are o(1).

    K is the order of the last known derivative; a derivative of order n has x^(K - n) r, with an r of its own.
    """
    x, rests = statement.variable, set[sp.Dummy]()

    def polynomial(node: Any) -> sp.Expr:
        function = node.expr if isinstance(node, sp.Derivative) else node
        if not isinstance(function, AppliedUndef):
            return node
        order = int(sum(n for _, n in node.variable_count)) if node is not function else 0
        jet = next(j for j in statement.jets if j.function == function)
        last = len(jet.derivatives) - 1 - order
        if last < 0:
            raise _Open(f"derivative {order} of {function} is not known to be continuous")
        rests.add(rest := sp.Dummy("r", real=True))
        known = jet.derivatives[order:]
        return sp.Add(*(d * x**k / sp.factorial(k) for k, d in enumerate(known)), x**last * rest)

    found: dict[Any, sp.Expr] = {}

    def walk(e: Any) -> Any:
        if isinstance(e, sp.Derivative | AppliedUndef):
            if e not in found:
                found[e] = polynomial(e)
            return found[e]
        return e.func(*map(walk, e.args)) if e.args else e

    return walk(statement.expression), rests


class _Reader:
    def __init__(self, x: sp.Symbol, rests: set[sp.Dummy], domain: Domain) -> None:
        self.x, self.rests, self.domain = x, rests, domain

    def leading(self, e: Any) -> Leading:
        """Return (p, c) with e = x^p (c + o(1))."""
        if e == self.x:
            return sp.Integer(1), sp.Integer(1)
        if e in self.rests:
            return sp.Integer(0), sp.Integer(0)
        if not e.has(self.x, *self.rests):
            return sp.Integer(0), e
        if isinstance(e, sp.Mul):
            parts = [self.leading(a) for a in e.args]
            return sp.Add(*(p for p, _ in parts)), sp.Mul(*(c for _, c in parts))
        if isinstance(e, sp.Add):
            # multiplied out, what cancels is gone
            parts = [self.leading(a) for a in sp.Add.make_args(sp.expand_multinomial(sp.expand_mul(e)))]
            least = min(p for p, _ in parts)
            return least, sp.expand(sp.Add(*(c for p, c in parts if p == least)))
        if e.is_Pow and e.exp.is_Rational:
            return self._power(e)
        if e == sp.log(self.x):
            return -_DELTA, sp.Integer(0)
        if isinstance(e, sp.Function) and len(e.args) == 1:
            return self._function(e)
        raise _Open(f"{e} is no sum, product, power or known function of the functions")

    def _power(self, e: sp.Pow) -> Leading:
        power, coefficient = self.leading(e.base)
        sign, whole = sign_on(self.domain, coefficient), e.exp.is_Integer
        if sign == "positive" or (whole and (e.exp.is_positive or sign == "negative")):
            return power * e.exp, coefficient**e.exp
        raise _Open(f"{coefficient}, of which a power {e.exp} is taken, has no sign on the domain")

    def _function(self, e: Any) -> Leading:
        power, coefficient = self.leading(e.args[0])
        if isinstance(e, sp.Abs):
            return power, sp.Abs(coefficient)
        if power.is_positive and isinstance(e, _LIKE_ARGUMENT):
            return power, coefficient
        value = sp.Integer(0) if power.is_positive else coefficient
        if power.is_nonnegative and (
            isinstance(e, _CONTINUOUS) or (isinstance(e, sp.log) and sign_on(self.domain, value) == "positive")
        ):
            return sp.Integer(0), e.func(value)
        raise _Open(f"{e.func.__name__} is not known to be continuous where its argument goes")


@witness(
    "members near the point",
    kind=Kind.DETERMINISTIC,
    statement=FunctionLimit,
    starts_from="concrete functions with the stated derivatives, smooth and rough ones; expansions at 0",
)
def members_near(statement: FunctionLimit, task: Task) -> Finding:
    """Find the limits for concrete functions: another one than the stated limit refutes it, and none confirms it."""
    missing = _without_meaning(statement, task)
    if missing is not None:
        return missing
    count = 0
    for point in generic_points(task.claim.domain, task.effort.points):
        for expr, words in _members(statement, point):
            limit = _limit(expr, statement.variable)
            if limit is None:
                continue
            if limit.is_infinite or certified_sign(limit - statement.value, point) in (1, -1):
                return refuted(
                    f"with {words} the expression tends to another limit.",
                    point,
                    f"the limit = {value_text(statement.value, point)}",
                    f"the limit = {limit if limit.is_infinite else value_text(limit, {})}",
                    limit if limit.is_infinite else value_text(limit - statement.value, point),
                    certified=True,
                )
            count += 1
    return undecided(f"members near the point: none of {count} has another limit, which is no proof for the others.")


def _limit(expr: sp.Expr, x: sp.Symbol) -> sp.Expr | None:
    far = sp.Dummy("t", positive=True)
    try:
        limit = limit_at_infinity(expr.subs(x, 1 / far), far, Domain())
    except DomainError:
        return None
    return None if limit is None or limit.free_symbols else limit


def _members(statement: FunctionLimit, point: Point) -> Iterator[tuple[sp.Expr, str]]:
    """Yield the expression for members of the class at a point of the parameters, and the members in words.

    Beside the Taylor polynomial a member has a smooth term of the next order, or x^K/log(1/x), of which the K-th
    derivative fades as slowly as a logarithm.
    """
    x, derivatives = statement.variable, statement.expression.atoms(sp.Derivative)
    for bend, rough in ((sp.Integer(1), False), (sp.Rational(-2, 3), False), (sp.Integer(1), True)):
        made = {}
        for number, jet in enumerate(statement.jets):
            order = len(jet.derivatives) - rough
            beyond = x**order * (-1 / sp.log(x) if rough else sp.exp(x))
            known = (sp.sympify(d).xreplace(point) * x**k / sp.factorial(k) for k, d in enumerate(jet.derivatives))
            made[jet.function] = sp.Add(*known, (bend + sp.Rational(number, 5)) * beyond)
        if rough and any(
            _order(d) >= len(j.derivatives) for d in derivatives for j in statement.jets if d.has(j.function)
        ):
            continue  # a derivative that the rough member need not have
        text = ", ".join(f"{function} = {member}" for function, member in made.items())
        yield canonical(statement.expression.subs(made).doit().xreplace(point)), text


def _order(derivative: sp.Derivative) -> int:
    return int(sum(n for _, n in derivative.variable_count))
