"""Formulas written so that they neither cancel nor overflow, where a rule is known.

Every rule keeps the value wherever the formula has one. Which of the forms serves is measured, not guessed: on points
of all scales of the domain, the form whose error bounds are small at the most points is taken, the one as written
among equals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from ...derivations.errors import PrintingError
from .bounds import numpy_arithmetic
from .nodes import Erfcx, Exprel
from .programs import program_of

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Relative error bound up to which a value is taken as computed: twelve digits.
HELD = 1e-12
#: A few times the smallest positive number of float64.
_VANISHING = 2e-323
#: Operations up to which common factors are cancelled: the time that takes grows fast.
_SMALL = 60


def forms(expr: sp.Expr) -> list[sp.Expr]:
    """Return `expr` and other ways to write it, each once."""
    found = [expr]
    grouped = _bottom_up(expr, (_without_cancellation, _scaled))
    found += [_bottom_up(grouped, (_relative_exponential,)), grouped]
    found.append(_bottom_up(grouped, (_divided_by_exponential,)))
    found.append(_bottom_up(grouped, (_conjugate,)))
    if grouped.has(expm1) and grouped.count_ops() <= _SMALL:
        cancelled = _cancelled(grouped.replace(expm1, lambda u: u * Exprel(0, u)))
        found += [cancelled, _bottom_up(cancelled, (_divided_by_exponential,))]
    return list(dict.fromkeys(found))


def best_form(arguments: Sequence[sp.Symbol], expr: sp.Expr, points: Sequence[np.ndarray]) -> sp.Expr:
    """Return the form of `expr` that holds its digits at the most of the `points`, an array an argument."""
    best, fewest = expr, None
    for form in forms(expr):
        try:
            program = program_of(tuple(arguments), form)
        except PrintingError:
            if form is expr:
                raise
            continue
        with np.errstate(all="ignore"):
            value, error = program(numpy_arithmetic(), points)
        lost = int(np.sum(~held(value, error)) + np.sum(~np.isfinite(value)))  # NaN and infinity are the worst
        if fewest is None or lost < fewest:
            best, fewest = form, lost
        if fewest == 0:
            break
    return best


def held(value: Any, error: Any) -> Any:
    """Return where values, arrays or tensors, have twelve digits, or are as near to 0 as float64 can tell."""
    return ((error <= HELD * abs(value)) | (error <= _VANISHING)) & (abs(value) < float("inf"))


def _bottom_up(expr: sp.Expr, rules: Sequence[Callable[[sp.Expr], sp.Expr]]) -> sp.Expr:
    if not expr.args or isinstance(expr, sp.Piecewise | sp.core.relational.Relational):
        return expr
    args = [_bottom_up(a, rules) for a in expr.args]
    made = expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args)
    for rule in rules:
        made = rule(made)
    return made


def _without_cancellation(e: sp.Expr) -> sp.Expr:
    """Rewrite c*f(u) - c and log(1 + u)."""
    if isinstance(e, sp.log) and e.args[0].is_Add and sp.Integer(1) in e.args[0].args:
        return log1p(e.args[0] - 1)
    if not e.is_Add:
        return e
    terms = list(e.args)
    for term in e.args:
        for function, rewritten in _NEAR_ONE.items():
            factors: list[sp.Expr] = [f for f in sp.Mul.make_args(term) if isinstance(f, function)]
            if len(factors) != 1 or term not in terms:
                continue
            rest = sp.Mul(*(f for f in sp.Mul.make_args(term) if f is not factors[0]))
            if -rest in terms:
                terms.remove(term)
                terms.remove(-rest)
                terms.append(rest * rewritten(factors[0].args[0]))
    exponentials = [(t, f) for t in terms for f in sp.Mul.make_args(t) if isinstance(f, sp.exp)]
    for term, factor in exponentials:
        for other, second in exponentials:
            rest, lower = term / factor, other / second
            if term in terms and other in terms and rest == -lower:
                terms.remove(term)
                terms.remove(other)
                terms.append(other * -expm1(factor.args[0] - second.args[0]))
    return sp.Add(*terms)


#: What is f(u) - 1, by f.
_NEAR_ONE: dict[type, Callable[[sp.Expr], sp.Expr]] = {
    sp.exp: expm1,
    sp.cos: lambda u: -2 * sp.sin(u / 2) ** 2,
    sp.cosh: lambda u: 2 * sp.sinh(u / 2) ** 2,
    sp.erf: lambda u: -sp.erfc(u),
}


def _scaled(e: sp.Expr) -> sp.Expr:
    """Rewrite exp(u)*erfc(x) with u near x**2, and a quotient of gamma functions, whose factors overflow."""
    if not e.is_Mul:
        return e
    exponentials = [f for f in e.args if isinstance(f, sp.exp)]
    for factor in e.args:
        if isinstance(factor, sp.erfc) and len(exponentials) == 1:
            rest = sp.expand(exponentials[0].args[0] - factor.args[0] ** 2)
            if rest.is_number:
                return sp.exp(rest) * Erfcx(factor.args[0]) * e / (factor * exponentials[0])
    tops = [f for f in e.args if isinstance(f, sp.gamma) and f.args[0].is_positive]
    bottoms = [f for f in e.args if f.is_Pow and f.exp == -1 and isinstance(f.base, sp.gamma)]
    bottoms = [f for f in bottoms if f.base.args[0].is_positive]
    for top, bottom in zip(tops, bottoms, strict=False):
        e = e / (top * bottom) * sp.exp(sp.loggamma(top.args[0]) - sp.loggamma(bottom.base.args[0]))
    return e


def _relative_exponential(e: sp.Expr) -> sp.Expr:
    """Rewrite (exp(u) - 1)/b, where b divides u: the point b = 0 is removed."""
    if not e.is_Mul:
        return e
    for factor in e.args:
        if not isinstance(factor, expm1):
            continue
        for power in e.args:
            if power.is_Pow and power.exp == -1:
                quotient = sp.cancel(factor.args[0] / power.base)
                if quotient.is_polynomial(*power.base.free_symbols):
                    return sp.cancel(quotient) * Exprel(0, factor.args[0]) * e / (factor * power)
    return e


def _divided_by_exponential(e: sp.Expr) -> sp.Expr:
    """Divide numerator and denominator by an exponential that both have."""
    if not e.is_Mul:
        return e
    for factor in e.args:
        if not isinstance(factor, sp.exp):
            continue
        u = factor.args[0]
        for power in e.args:
            if not (power.is_Pow and power.exp == -1 and power.base.is_Add):
                continue
            if power.base.has(factor, expm1(u), Exprel(0, u)):
                both = {expm1(u): factor - 1, Exprel(0, u): factor * Exprel(0, -u)}
                terms = sp.Add.make_args(sp.expand_mul(power.base.xreplace(both), deep=False))
                return e / (factor * power) / _without_cancellation(sp.Add(*(t / factor for t in terms)))
    return e


def _cancelled(e: sp.Expr) -> sp.Expr:
    """Cancel common factors; functions count as symbols."""
    names = {f: sp.Dummy() for f in e.atoms(sp.Function)}
    return sp.cancel(e.xreplace(names)).xreplace({name: f for f, name in names.items()})


def _conjugate(e: sp.Expr) -> sp.Expr:
    """Rewrite a difference of a root and another term as a quotient."""
    if not e.is_Add or len(e.args) != 2 or e.count_ops() > _SMALL // 2:
        return e
    one, other = e.args
    if not any(f.is_Pow and f.exp == sp.Rational(1, 2) for t in e.args for f in sp.Mul.make_args(t)):
        return e
    difference = sp.factor(sp.expand(one**2 - other**2))
    return difference / (one - other) if not difference.is_zero and one != other else e
