"""Other expressions with the sign of a given one: without positive factors, or as a difference of logarithms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


@dataclass(frozen=True)
class SignForm:
    """An expression that has the sign of another one wherever all of `needs` are positive."""

    expr: sp.Expr
    needs: tuple[sp.Expr, ...] = ()


def sign_forms(expr: sp.Expr) -> Iterator[SignForm]:
    """Yield expressions with the sign of `expr`, itself first.

    These are SymPy's rewritings: who uses one checks it against values of `expr`.
    """
    seen: set[sp.Expr] = set()
    for form in _candidates(sp.sympify(expr)):
        if form.expr not in seen and not form.expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            seen.add(form.expr)
            yield form


def _candidates(expr: sp.Expr) -> Iterator[SignForm]:
    yield SignForm(expr)
    expanded = sp.expand_mul(expr)
    divisors: set[sp.Expr] = set()
    for term in sp.Add.make_args(expanded):
        factors = [g for g in sp.Mul.make_args(term) if isinstance(g, sp.exp | sp.erfc | sp.gamma) or _power(g)]
        divisors |= {*factors, sp.Mul(*factors)}
    yield from _logarithms(expanded)
    yield from _quotients(expanded, divisors - {sp.Integer(1)})
    # functions stand as they are: polynomials in exp(x/1000) would have degree 1000
    named = {f: sp.Dummy(real=True) for f in expr.atoms(sp.Function) | {p for p in expr.atoms(sp.Pow) if _opaque(p)}}
    back = {name: f for f, name in named.items()}
    top, bottom = sp.fraction(sp.together(expr.xreplace(named)))
    factors = [sp.sympify(f).xreplace(back) for f in sp.Mul.make_args(sp.factor(top))]
    bottom = bottom.xreplace(back)
    kept = [f for f in factors if not (isinstance(f, sp.exp) or (f.is_number and f.is_positive))]
    dropped = [f for f in factors if f not in kept and not f.is_number]
    if bottom.free_symbols or dropped or len(kept) > 1:
        yield SignForm(sp.Mul(*kept), (*dropped, *([bottom] if bottom.free_symbols else [])))
    yield from _exponentials(expanded)
    parts = {g for term in sp.Add.make_args(expanded) for g in sp.Mul.make_args(term)}
    yield from _quotients(expanded, {g for g in parts if g.as_base_exp()[0].is_Symbol and g.as_base_exp()[1].is_number})


def _quotients(expanded: sp.Expr, divisors: set[sp.Expr]) -> Iterator[SignForm]:
    for divisor in sorted(divisors, key=sp.default_sort_key):
        quotient = sp.Add(*(sp.powsimp(term / divisor) for term in sp.Add.make_args(expanded)))
        yield SignForm(quotient, (divisor,))


def _opaque(e: sp.Pow) -> bool:
    return bool(e.exp.free_symbols or not e.exp.is_Rational)


def _power(e: sp.Expr) -> bool:
    """Whether `e` is a power of a positive number with a variable exponent, such as 2**n."""
    return bool(e.is_Pow and e.exp.free_symbols and e.base.is_positive)


def _logarithms(expanded: sp.Expr) -> Iterator[SignForm]:
    """Compare the logarithms of the only positive and the only negative term."""
    terms = sp.Add.make_args(expanded)
    if len(terms) != 2:
        return
    first, second = terms
    for plus, minus in ((first, -second), (second, -first)):
        if minus.could_extract_minus_sign() or plus.could_extract_minus_sign():
            continue
        up, up_needs = _logarithm(plus)
        down, down_needs = _logarithm(minus)
        yield SignForm(up - down, (*up_needs, *down_needs))


def _logarithm(product: sp.Expr) -> tuple[sp.Expr, list[sp.Expr]]:
    total, needs = sp.Integer(0), []
    for factor in sp.Mul.make_args(product):
        if isinstance(factor, sp.exp):
            total += factor.args[0]
            continue
        base, exponent = factor.as_base_exp()
        if base == sp.E:
            total += exponent
            continue
        if base.free_symbols:
            needs.append(base)
        total += exponent * sp.log(base)
    return total, needs


def _exponentials(expanded: sp.Expr) -> Iterator[SignForm]:
    """Compare what stands inside the only logarithm with the exponential of the rest, or inside the only two."""
    terms = sp.Add.make_args(expanded)
    logs = [(t, *t.as_independent(sp.log, as_Add=False)) for t in terms if t.has(sp.log)]
    if len(terms) == len(logs) == 2 and logs[0][1] == -logs[1][1] and logs[0][1].is_Rational:
        (_, factor, one), (_, _, other) = logs
        if isinstance(one, sp.log) and isinstance(other, sp.log):
            yield SignForm(sp.sign(factor) * (one.args[0] - other.args[0]), (one.args[0], other.args[0]))
    if len(logs) != 1 or not isinstance(logs[0][2], sp.log) or not logs[0][1].is_Rational:
        return
    term, factor, logarithm = logs[0]
    rest = (expanded - term) / factor
    inside = logarithm.args[0]
    yield SignForm(sp.expand_mul(sp.sign(factor) * (inside - sp.exp(-rest))), (inside,))
