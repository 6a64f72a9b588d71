"""Does a mutant assert something else at all? Exact algebra on what it asserts, never on how a witness judged it."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from ...derivations.claim import CLAIMS
from ...derivations.domain import Domain
from ...derivations.errors import ClaimError, CrossproofError
from ...derivations.matrices.kronecker import products
from ...derivations.positivity import edge_points, sign_on
from ...derivations.processes.fokker_planck import possible_signs
from ...derivations.processes.sde import SDE
from ...derivations.statement import Implication, Statement
from ...numerics.signs.decide import decide
from ..evidence import Finding, Kind
from ..judgement.definedness import CALCULUS
from ..judgement.descent import by_descent
from ..judgement.exact import certified_gap
from ..judgement.findings import as_text, proved, undecided
from ..judgement.normal_forms import vanishes
from ..judgement.trace_forms import trace_products
from ..witness import Task, witness

#: Name of the unit that the audit runs on mutants; it applies to no claim of a catalog.
SAME = "the same assertion"
#: Start of the detail on a mutant whose formula has no real value somewhere on the domain.
UNDEFINED = "undefined"
_POINTS = 12
#: Time for one question to Z3.
_Z3_SECONDS = 3.0
#: CPU seconds for the descent that compares two margins.
_DESCENT_SECONDS = 5.0
#: Multiples of the premise's margin that may bound the conclusion's.
_MULTIPLES = (sp.Integer(1), sp.Rational(1, 2), sp.Integer(2), sp.Rational(1, 4), sp.Integer(4))


@witness(
    SAME,
    kind=Kind.ALGEBRA,
    statement=Statement,  # type: ignore[type-abstract]
    starts_from="the asserted formulas of a mutant and of its original",
    applies=lambda statement: False,
)
def same_assertion(statement: Statement, task: Task) -> Finding:
    """Prove that a mutant asserts nothing that its original does not; say so when it has no value on the domain."""
    original, domain = CLAIMS[task.claim.id].statement, task.claim.domain
    missing = undefined(original, statement, domain)
    if missing is not None:
        return undecided(f"{UNDEFINED}: {missing}")
    if all(holds(condition, domain) for condition in original.agreement(statement)):
        return proved("The mutant asserts what its original asserts, everywhere on the domain.")
    return undecided("The mutant was not shown to assert what its original asserts.")


def holds(condition: Any, domain: Domain) -> bool:
    """Return True when a condition of :meth:`Statement.agreement` is proved on `domain`; False says nothing."""
    if isinstance(condition, Implication):
        return implies(condition.premise, condition.conclusion, domain)
    one, other = condition
    if isinstance(one, Relational) and isinstance(other, Relational):
        return equivalent(one, other, domain) or (decided(one, other, domain) and decided(other, one, domain))
    if isinstance(one, Statement):
        return type(one) is type(other) and all(holds(c, domain) for c in one.agreement(other))
    if isinstance(one, SDE):
        pairs = [(one.ito_drift, other.ito_drift), (one.covariance, other.covariance)]
        return all(holds(p, domain) for p in pairs)
    if isinstance(one, tuple | sp.MatrixBase):
        return len(one) == len(other) and all(holds(p, domain) for p in zip(one, other, strict=True))
    if isinstance(one, sp.MatrixExpr):
        return _normal(one) == _normal(other)
    if isinstance(one, sp.Expr):
        return _equal_in_traces(one, other) if (one - other).has(sp.Trace) else _equal(one, other, domain)
    return bool(one == other)


def _equal(one: sp.Expr, other: sp.Expr, domain: Domain) -> bool:
    difference = (one - other).doit()
    return certified_gap(difference, domain, _POINTS) is None and vanishes(difference)


def _equal_in_traces(one: sp.Expr, other: sp.Expr) -> bool:
    try:
        difference = trace_products(one) - trace_products(other)
        return difference.split(_columns(one) | _columns(other)).is_zero
    except ClaimError:  # not made of words
        return False


def _columns(expr: sp.Expr) -> set[str]:
    return {m.name for m in expr.atoms(sp.MatrixSymbol) if m.cols == 1}


def _normal(expr: sp.MatrixExpr) -> dict[Any, sp.Expr]:
    total: Counter[Any] = Counter()
    for coefficient, factors in products(expr):
        total[factors] += coefficient
    expanded = {factors: sp.expand(c) for factors, c in total.items()}
    return {factors: c for factors, c in expanded.items() if c != 0}


def margin(relation: Relational) -> sp.Expr:
    """Return the expression that is positive (or zero, for a weak inequality) where `relation` holds."""
    return relation.gts - relation.lts


def equivalent(one: Relational, other: Relational, domain: Domain) -> bool:
    """Return True when two inequalities of the same strictness have margins of a positive ratio on `domain`."""
    if _strict(one) != _strict(other):
        return False
    if certified_gap(margin(one) - margin(other), domain, _POINTS) is None:
        return vanishes(margin(one) - margin(other))
    ratio = sp.cancel(sp.together(margin(one) / margin(other)))
    return possible_signs(ratio, domain) == {1} or sign_on(domain, ratio) == "positive"


def implies(premise: Any, conclusion: Any, domain: Domain) -> bool:
    """Return True when `conclusion` is proved wherever `premise` holds on `domain`; False says nothing.

    Tried in turn: the conclusion holds everywhere; nonlinear real arithmetic; the margin of the conclusion is at least
    a positive multiple of that of the premise; the two are equivalent; descent on the difference of the margins; the
    premise holds nowhere.
    """
    if premise == conclusion:
        return True
    if not (isinstance(premise, Relational) and isinstance(conclusion, Relational)):
        return False
    if _never_negative(margin(conclusion), domain, strictly=_strict(conclusion)):
        return True
    if decided(premise, conclusion, domain):
        return True
    strictly = _strict(conclusion) and not _strict(premise)
    for multiple in _MULTIPLES:
        excess = margin(conclusion) - multiple * margin(premise)
        if _never_negative(excess, domain, strictly=strictly):
            return True
        if not certified_negative(excess, domain) and possible_signs(excess, domain) <= ({1} if strictly else {0, 1}):
            return True
    if equivalent(premise, conclusion, domain):
        return True
    excess = margin(conclusion) - margin(premise)
    if not certified_negative(excess, domain) and by_descent(excess, strictly, domain, _DESCENT_SECONDS)[0]:
        return True
    # a premise that holds nowhere implies anything
    never = ("negative", "zero", "nonpositive") if _strict(premise) else ("negative",)
    return sign_on(domain, margin(premise)) in never


def _never_negative(expr: sp.Expr, domain: Domain, *, strictly: bool) -> bool:
    """Return True when `expr` is proved to be at least 0 (`strictly`: positive) everywhere on `domain`."""
    if certified_negative(expr, domain):
        return False
    return sign_on(domain, expr) in (("positive",) if strictly else ("positive", "zero", "nonnegative"))


def decided(premise: Relational, conclusion: Relational, domain: Domain) -> bool:
    """Return True when nonlinear real arithmetic (Z3) proves `conclusion` from `premise` and the domain."""
    try:
        return decide(conclusion, (*domain.conditions(), premise), _Z3_SECONDS).outcome == "valid"
    except CrossproofError:  # a symbol that is not real, or no Z3
        return False


def certified_negative(expr: sp.Expr, domain: Domain) -> bool:
    """Return True when `expr` is certainly negative at one of the simplest points of `domain`."""
    return any(sp.N(expr.subs(p)).is_negative for p in domain.points(_POINTS))


def _strict(relation: Relational) -> bool:
    return isinstance(relation, sp.Gt | sp.Lt)


def undefined(original: Statement, mutant: Statement, domain: Domain) -> str | None:
    """Return a point at which the original formula is real and that of the mutant is not, in words."""
    known = set(domain.symbols)
    for one, other in zip(_scalars(original), _scalars(mutant), strict=False):
        if one == other or not (one.free_symbols | other.free_symbols) <= known or one.has(AppliedUndef, *CALCULUS):
            continue
        near = itertools.islice(edge_points(domain), 27)
        for point in (*domain.points(_POINTS), *domain.generic_points(4), *near):
            values = [sp.N(e.subs(point)) for e in (one, other)]
            real = [bool(v.is_real and v.is_finite) for v in values]
            if real == [True, False] and not values[1].free_symbols:
                where = ", ".join(f"{k} = {v}" for k, v in as_text(point).items())
                return f"{other} is {values[1]} at {where}"
    return None


def _scalars(value: Any) -> list[sp.Expr]:
    if isinstance(value, Statement):
        return [e for name in value.asserted() for e in _scalars(getattr(value, name))]
    if isinstance(value, SDE):
        return [*value.drift, *value.diffusion]
    if isinstance(value, Relational):
        return [value.lhs, value.rhs]
    if isinstance(value, tuple | sp.MatrixBase):
        return [e for part in value for e in _scalars(part)]
    if isinstance(value, sp.Expr) and not isinstance(value, sp.MatrixExpr):
        return [value]
    return []
