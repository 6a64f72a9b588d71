"""Critical points by the polynomial with the sign of the derivative."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.errors import NumericsError
from ....derivations.expressions import replaced
from ....derivations.positivity import sign_on
from ....derivations.ranges import Positive
from ....derivations.statements.extrema import CriticalPoints
from ...evidence import Finding, Kind, Outcome
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds, strict_sign
from ...judgement.exact import Residual, is_zero, judge, value_text
from ...judgement.findings import proved, refuted, undecided
from ...meaning.processes import meaning
from ...witness import Task, witness
from .global_maxima import interior

#: Highest order of a derivative that is asked for the kind of an extremum.
_HIGHEST = 7


def slope_polynomial(function: sp.Expr, variable: sp.Symbol) -> sp.Poly | None:
    """Return a polynomial in `variable` with the sign of the derivative of `function`, or None.

    A polynomial is differentiated. A product of powers of positive factors b_j^e_j has the derivative of its
    logarithm, sum e_j b_j'/b_j, which is multiplied by the product of the b_j. What is left are the b_j^(e_j - 1), so
    that a factor of power 1 may have any sign.
    """
    if function.is_polynomial(variable):
        return sp.Poly(sp.diff(function, variable), variable)
    powers: dict[sp.Expr, sp.Expr] = {}
    for base, exponent in (f.as_base_exp() for f in sp.Mul.make_args(sp.factor_terms(function))):
        powers[base] = powers.get(base, sp.Integer(0)) + exponent
    fixed = {b: e for b, e in powers.items() if variable not in b.free_symbols | e.free_symbols}
    constant = sp.Mul(*(b**e for b, e in fixed.items()))
    varying = [(b, e) for b, e in powers.items() if b not in fixed]
    usable = all(
        (b.is_positive or e == 1) and b.is_polynomial(variable) and variable not in e.free_symbols for b, e in varying
    )
    if not (usable and constant.is_positive):
        return None
    total = sum(e * sp.diff(b, variable) * sp.Mul(*(c for c, _ in varying if c is not b)) for b, e in varying)
    return sp.Poly(sp.expand(total), variable)


def polynomial_of(statement: Any) -> sp.Poly:
    """Return the polynomial with the sign of the derivative of a statement's function.

    Raises
    ------
    NumericsError
        If there is none.
    """
    found = slope_polynomial(statement.function, statement.variable)
    if found is None:
        raise NumericsError(f"{statement.function} is no product of powers of positive polynomials")
    return found


@witness(
    "critical polynomial",
    kind=Kind.ALGEBRA,
    statement=CriticalPoints,
    starts_from="the function",
)
def critical_polynomial(statement: CriticalPoints, task: Task) -> Finding:
    """The polynomial with the sign of the derivative factors over the stated locations, which lie in the interval."""
    q, x = polynomial_of(statement), statement.variable
    outside = _not_inside(statement, task)
    if outside is not None:
        return outside
    if q.degree() != len(statement.locations):
        return _divided(q, statement, task)
    rebuilt = sp.Poly(q.LC() * sp.Mul(*(x - e for e in statement.locations)), x)
    residuals = [
        Residual(f"coefficient {i} of the critical polynomial", a, b)
        for i, (a, b) in enumerate(zip(rebuilt.all_coeffs(), q.all_coeffs(), strict=True))
        if i
    ]
    finding = judge(residuals, task, method="critical polynomial")
    if finding.outcome is not Outcome.PROVED:
        return finding
    if strict_sign(q.LC(), task.claim.domain, ladder_seconds(task) / 4) not in ("positive", "negative"):
        return _flat(q, task) or undecided(f"the function may be constant: {q.LC()} is not shown to differ from 0")
    if not _inside(q, statement, task.claim.domain):
        return _unvalued(statement, task.claim.domain) or undecided(
            f"a location was not shown to lie inside {statement.interval}"
        )
    return _unvalued(statement, task.claim.domain) or finding


def _unvalued(statement: CriticalPoints, domain: Domain) -> Finding | None:
    """Return why the locations, or the function somewhere in the interval, have no established value; else None."""
    ((value, joint),) = interior(statement, domain)
    return meaning(statement.locations, domain) or meaning(
        (replaced(statement.function, {statement.variable: value}),), joint
    )


def _flat(q: sp.Poly, task: Task) -> Finding | None:
    """Return a parameter point at which the derivative is 0 everywhere; None where none is found."""
    for point in candidates(task.claim.domain, task.effort.points):
        if all(certified_sign(c, point) == 0 for c in q.all_coeffs()):
            return refuted(
                "the function is constant there.",
                point,
                "no critical points but the stated ones",
                "the derivative = 0 everywhere",
                "0",
                certified=True,
            )
    return None


def _not_inside(statement: CriticalPoints, task: Task) -> Finding | None:
    """Return a parameter point at which a location lies outside the open interval."""
    start, end = (sp.sympify(e) for e in (statement.interval.start, statement.interval.end))
    for place in statement.locations:
        gaps = [gap for gap, e in ((place - start, start), (end - place, end)) if e.is_finite is not False]
        for point in candidates(task.claim.domain, task.effort.points) if gaps else ():
            if any(certified_sign(gap, point) in (-1, 0) for gap in gaps):
                where = value_text(place, point)
                return refuted(
                    f"the location {place} lies outside {statement.interval}.",
                    point,
                    f"{place} inside the interval",
                    f"{statement.variable} = {where}",
                    "outside",
                    certified=True,
                )
    return None


def _divided(q: sp.Poly, statement: CriticalPoints, task: Task) -> Finding:
    """Divide the polynomial by its stated zeros: what is left has no zero where the variable may be."""
    x, domain = statement.variable, task.claim.domain
    rest, left = sp.div(q, sp.Poly(sp.Mul(*(x - e for e in statement.locations)), x))
    many = f"{len(statement.locations)} locations for a polynomial of degree {q.degree()}"
    if any(not is_zero(sp.sympify(c), domain) for c in left.all_coeffs()):
        return undecided(many)
    whole = x.is_positive and statement.interval == sp.Interval.open(0, sp.oo) and x not in domain.symbols
    if not whole or not _inside(q, statement, domain):
        return undecided(many)
    joint = Domain(**{s.name: r for s, r in domain.ranges.items()}, **{x.name: Positive})
    if strict_sign(rest.as_expr(), joint, ladder_seconds(task) / 2) not in ("positive", "negative"):
        return undecided(f"{many}; {rest.as_expr()} was not shown to have no zero in {statement.interval}")
    found = f"the critical polynomial is {rest.as_expr()}, which has no zero there, times the stated factors."
    return _unvalued(statement, domain) or proved(found)


def _inside(q: sp.Poly, statement: CriticalPoints, domain: Domain) -> bool:
    """Return whether all locations, the zeros of `q`, are shown to lie inside the interval."""
    start, end = statement.interval.start, statement.interval.end
    below = [e for e in statement.locations if end != sp.oo and sign_on(domain, end - e) != "positive"]
    above = [e for e in statement.locations if start != -sp.oo and sign_on(domain, e - start) != "positive"]
    if below:
        return False
    if len(above) == 1 and start == 0 and above[0].is_real is not False:
        # the product of the zeros is positive and all the others are, so the last one is
        product = (-1) ** q.degree() * q.TC() / q.LC()
        return sign_on(domain, sp.factor(product)) == "positive"
    return not above
