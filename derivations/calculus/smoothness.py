"""Where a function is twice continuously differentiable: pieces of one sign resolved, kinks, and what stays open.

Ito's formula holds for functions with two continuous derivatives. An absolute value whose argument has one sign on the
whole domain is no kink there; one whose argument changes sign adds a local time to the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..domain import Domain
from ..positivity import sign_on

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Functions with two continuous derivatives on the whole real line.
_ENTIRE = (
    sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.erfi, sp.Si,
)  # fmt: skip
_NOT_NEGATIVE, _NOT_POSITIVE = ("positive", "nonnegative", "zero"), ("negative", "nonpositive", "zero")


@dataclass(frozen=True)
class Smoothness:
    """What keeps a function from being twice continuously differentiable on a domain.

    Parameters
    ----------
    kinks : tuple of Expr
        Arguments of absolute values that have no known sign.
    open : tuple of Expr
        Other parts (poles, roots, logarithms, case distinctions) whose smoothness is not shown.
    """

    kinks: tuple[sp.Expr, ...]
    open: tuple[sp.Expr, ...]

    @property
    def established(self) -> bool:
        """Whether the function is twice continuously differentiable on the whole domain."""
        return not self.kinks and not self.open


def sign_with_exponentials(expr: sp.Expr, domain: Domain) -> str | None:
    r"""Return the sign of `expr` on the domain, also by :math:`e^u \ge 1 + u` and :math:`e^{-u} \le 1/(1+u)`."""
    found = sign_on(domain, expr)
    if found is not None or not expr.has(sp.exp):
        return found
    bounded: dict[sp.Basic, sp.Expr] = {}
    for e in expr.atoms(sp.exp):
        rest, u = sp.Dummy("rest", nonnegative=True), e.args[0]
        falls = sign_on(domain, u) in _NOT_POSITIVE
        bounded[e] = 1 / (1 - u + rest) if falls else 1 + u + rest
    return sign_on(domain, expr.xreplace(bounded))


def resolved(expr: sp.Expr, domain: Domain) -> sp.Expr:
    """Return `expr` with extrema as absolute values, and every piece decided whose argument has one sign."""

    def decide(e: Any) -> Any:
        if isinstance(e, sp.Max | sp.Min):
            first, *others = e.args
            for other in others:
                side = 1 if isinstance(e, sp.Max) else -1
                first = (first + other + side * decide(sp.Abs(first - other))) / 2
            return first
        if isinstance(e, sp.Piecewise):
            return _cases(e, domain)
        if not isinstance(e, sp.Abs | sp.sign):
            return e
        u = e.args[0]
        sign = sign_on(domain, u)
        if isinstance(e, sp.Abs) and sign in (*_NOT_NEGATIVE, *_NOT_POSITIVE):
            return u if sign in _NOT_NEGATIVE else -u
        return {"positive": sp.Integer(1), "negative": sp.Integer(-1)}.get(str(sign), e)

    return expr.replace(lambda e: isinstance(e, sp.Abs | sp.sign | sp.Max | sp.Min | sp.Piecewise), decide)


def _cases(e: Any, domain: Domain) -> Any:
    left: list[tuple[Any, Any]] = []
    for value, condition in e.args:
        truth = _truth(condition, domain)
        if truth is True and not left:
            return value
        if truth is not False:
            left.append((value, sp.true if truth else condition))
    return sp.Piecewise(*left) if left else e


def _truth(condition: Any, domain: Domain) -> bool | None:
    if condition in (sp.true, sp.false):
        return bool(condition)
    holds: dict[Any, tuple[tuple[str, ...], tuple[str, ...]]] = {
        sp.StrictGreaterThan: (("positive",), _NOT_POSITIVE),
        sp.GreaterThan: (_NOT_NEGATIVE, ("negative",)),
        sp.StrictLessThan: (("negative",), _NOT_NEGATIVE),
        sp.LessThan: (_NOT_POSITIVE, ("positive",)),
        sp.Equality: (("zero",), ("positive", "negative")),
        sp.Unequality: (("positive", "negative"), ("zero",)),
    }
    if condition.func not in holds:
        return None
    sign = sign_on(domain, condition.lhs - condition.rhs)
    yes, no = holds[condition.func]
    return True if sign in yes else False if sign in no else None


def smoothness(function: sp.Expr, domain: Domain) -> Smoothness:
    """Return whether a resolved function has two continuous derivatives on the domain, and what may prevent it."""
    kinks, rest = [], []
    for e in sp.preorder_traversal(function):
        if isinstance(e, sp.Abs):
            kinks.append(e.args[0])
        elif not _smooth(e, domain):
            rest.append(e)
    return Smoothness(tuple(dict.fromkeys(kinks)), tuple(dict.fromkeys(rest)))


def _smooth(e: Any, domain: Domain) -> bool:
    if e.is_Atom or e.is_Add or e.is_Mul or isinstance(e, _ENTIRE):
        return True
    if isinstance(e, sp.log):
        return sign_with_exponentials(e.args[0], domain) == "positive"
    if not e.is_Pow:
        return False
    if (e.exp.is_integer and e.exp.is_nonnegative) or e.base == sp.E:
        return True
    sign = sign_with_exponentials(e.base, domain)
    if e.exp.is_integer:
        return sign in ("positive", "negative")
    return sign == "positive" or (sign in _NOT_NEGATIVE and bool(e.exp.is_Rational and e.exp >= 2))
