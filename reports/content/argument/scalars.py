"""Arguments about formulas: both sides of an identity, the excess of an inequality, the derivative of a function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from ....checks.judgement.calculus.carried_out import carried_out
from ....checks.judgement.definedness import CALCULUS
from ....checks.judgement.straddle import excess
from ....checks.witnesses.scalars.critical_points import slope_polynomial
from ....derivations.calculus.batches import factor
from ....derivations.domain import Domain
from ....derivations.expressions import as_printed, canonical
from ....derivations.positivity import sign_on
from ....derivations.statements.batches import BatchFactor
from ....derivations.statements.classes.gram_limits import GramLimit
from ....derivations.statements.distances import DistanceDrift
from ....derivations.statements.extrema import EquivalentConditions, Inequality
from ....derivations.statements.function_limits import FunctionLimit
from ....derivations.statements.scalar import Identity
from ..model import Step
from ..wording import spelled
from .lines import compared, difference, line


def identity(statement: Identity, domain: Domain) -> Iterator[Step]:
    """Yield what integrals, sums and derivatives come to, and the difference of the sides down to 0."""
    sides = []
    for words, side in (("left side", statement.lhs), ("right side", statement.rhs)):
        value = _carried_out(side, domain)
        if value != side:
            yield line(f"{words}, carried out", f"{spelled(as_printed(side))} = {spelled(sp.latex(value))}")
        sides.append(value)
    yield from difference("left side less right side", sides[0], sides[1])


def _carried_out(side: sp.Expr, domain: Domain) -> sp.Expr:
    return carried_out(side, domain) if side.has(*CALCULUS) else side


def inequality(statement: Inequality, domain: Domain) -> Iterator[Step]:
    """Yield the larger side less the smaller one, and its factors."""
    relation: Any = statement.relation
    gap = canonical(excess(relation.func(*(_carried_out(e, domain) for e in relation.args), evaluate=False)))
    sign = "positive" if isinstance(relation, sp.Gt | sp.Lt) else "not negative"
    yield line(f"larger side less smaller side, to be shown {sign}", gap)
    if gap.is_rational_function() and (factors := sp.factor(gap)) != gap:
        yield line("in factors", factors)


def equivalence(statement: EquivalentConditions, domain: Domain) -> Iterator[Step]:
    """Yield what is positive where each condition holds, and the ratio of the two."""
    first, second = excess(statement.first), excess(statement.second)
    yield line("positive where the first condition holds", first)
    yield line("positive where the second condition holds", second)
    ratio = sp.factor(sp.cancel(sp.together(canonical(first) / canonical(second))))
    if sign_on(domain, ratio) == "positive":
        yield line("the first over the second, which is positive", ratio)


def extrema(statement: Any, domain: Domain) -> Iterator[Step]:
    """Yield the derivative, and a polynomial of its sign in factors."""
    x = statement.variable
    yield line("derivative of the function", sp.diff(canonical(statement.function), x))
    polynomial = slope_polynomial(canonical(statement.function), x)
    if polynomial is not None:
        yield line("it has the sign of", sp.factor(polynomial.as_expr()))


def batch_factor(statement: BatchFactor, domain: Domain) -> Iterator[Step]:
    """Yield the factor that counting batches gives."""
    yield from compared(
        str(statement.quantity), statement.value, factor(statement.sampling, statement.quantity), "by counting batches"
    )


def gram_limit(statement: GramLimit, domain: Domain) -> Iterator[Step]:
    """Yield the expression with the limits of the inner products over d, which are 1 and 0."""
    yield line("the expression does not change when all vectors are divided by the root of d", statement.expression)
    at = {g: sp.Integer(int(i == j)) for g, (i, j) in statement.products().items()}
    names = ", ".join(f"{spelled(sp.latex(g))} \\to {v}" for g, v in at.items())
    yield line("by the law of large numbers, over d,", names)
    yield from compared("the limit", statement.value, canonical(statement.expression).subs(at))


def function_limit(statement: FunctionLimit, domain: Domain) -> Iterator[Step]:
    """Yield the expression with Taylor polynomials in place of its functions, and what it tends to."""
    x = statement.variable
    polynomials = {
        jet.function: sp.Add(*(d * x**k / sp.factorial(k) for k, d in enumerate(jet.derivatives)))
        for jet in statement.jets
    }
    for function, polynomial in polynomials.items():
        yield line(f"{function} near 0, up to terms of higher order", polynomial)
    expression = sp.cancel(sp.together(statement.expression.subs(polynomials).doit()))
    yield line("the expression with these", expression)
    value = expression.subs(x, 0)
    if value.is_finite is not False and not value.has(sp.nan, sp.zoo):
        yield from compared("its limit at 0", statement.value, value)


def distance_drift(statement: DistanceDrift, domain: Domain) -> Iterator[Step]:
    """Yield Ito's formula for a power of the squared distance q = |Px|^2."""
    q = sp.Symbol("q", positive=True)
    phi = q ** (statement.power / 2)
    yield Step("with q = |Px|² and φ(q) = q^(λ/2), whose gradient and Hessian in x are 2φ'Px and 2φ'P + 4φ''Px(Px)ᵀ,",
               r"\mathcal{L}\varphi = 2 \varphi' \left(x^\top P \mu + \mathrm{Tr} D_\perp\right)"
               r" + 4 \varphi'' x^\top D_\perp x")  # fmt: skip
    first, second = (sp.diff(phi, q, k).subs(q, statement.distance**2) for k in (1, 2))
    found = first * 2 * (statement.push + statement.spread) + second * 4 * statement.radial
    yield from compared("the drift", statement.value, sp.powsimp(found))
