r"""Limits at infinity without a computer algebra system's limit: leading terms, and monotone functions of limits.

An expression is written as :math:`c\,g + o(g)` with :math:`g = t^a e^{rt}`, from its parts upwards: sums keep the
largest g as long as the order is the same on the whole domain, products multiply, powers need a c that does not vanish.
A bounded function, and a logarithm, is :math:`o(t^\delta)`. What is indeterminate so is expanded further
(:mod:`~crossproof.derivations.calculus.asymptotics`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..domain import Domain
from .asymptotics import limit, ratio_limit
from .expander import seen_real
from .smoothness import sign_with_exponentials

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Limits of monotone functions at minus and plus infinity.
_ENDS: dict[Any, tuple[sp.Expr, sp.Expr]] = {
    sp.exp: (sp.Integer(0), sp.oo),
    sp.tanh: (sp.Integer(-1), sp.Integer(1)),
    sp.atan: (-sp.pi / 2, sp.pi / 2),
    sp.erf: (sp.Integer(-1), sp.Integer(1)),
    sp.erfc: (sp.Integer(2), sp.Integer(0)),
    sp.sinh: (-sp.oo, sp.oo),
    sp.cosh: (sp.oo, sp.oo),
    sp.asinh: (-sp.oo, sp.oo),
    sp.Abs: (sp.oo, sp.oo),
}
#: Functions that are bounded, and those that are continuous on the whole real line.
_BOUNDED = (sp.sin, sp.cos)
_CONTINUOUS = (*_ENDS, *_BOUNDED)
#: A power of t that outgrows what is bounded or logarithmic.
_DELTA = sp.Rational(1, 1000)


@dataclass(frozen=True)
class _Term:
    """The statement e = c t^a exp(r t) + o(t^a exp(r t)); the coefficient c may be 0."""

    rate: sp.Expr
    power: sp.Expr
    coefficient: sp.Expr


def limit_at_infinity(expr: sp.Expr, t: sp.Symbol, domain: Domain) -> sp.Expr | None:
    """Return the limit of `expr` as `t` grows without bound, for every point of the domain; infinite, or None if open.

    Parameters
    ----------
    expr : sympy.Expr
        In `t` and the parameters.
    t : Symbol
        The variable that grows.
    domain : Domain
        Ranges of the parameters; that of `t`, if it has one, is not used.
    """
    reader = _Reader(t, domain)
    plain = sp.sympify(expr)
    found = reader.limit(plain)
    if found is None:
        found = reader.limit(sp.together(plain))
    return limit(plain, t, reader.sign) if found is None else found


def leading_term(expr: sp.Expr, t: sp.Symbol, domain: Domain) -> sp.Expr | None:
    """Return c t^a exp(r t), c not 0, to which `expr` is equivalent as `t` grows; None where none is seen.

    Parameters
    ----------
    expr : sympy.Expr
        In `t` and the parameters.
    t : Symbol
        The variable that grows.
    domain : Domain
        Ranges of the parameters; that of `t`, if it has one, is not used.
    """
    reader = _Reader(t, domain)
    term = reader.leading(sp.sympify(expr))
    if term is None or not reader.sign(term.coefficient):
        return None
    return term.coefficient * t**term.power * sp.exp(term.rate * t)


def ratio_at_point(
    pair: tuple[sp.Expr, sp.Expr], x: sp.Symbol, place: sp.Expr, side: int, domain: Domain
) -> sp.Expr | None:
    """Return the limit of a ratio as `x` tends to `place` from above (`side` 1) or below (-1), or None if open.

    Parameters
    ----------
    pair : tuple of (Expr, Expr)
        In `x` and the parameters; neither vanishes near the place, at any point of the domain.
    x, place
        What moves, and where it goes, which the parameters may move.
    side : {1, -1}
        From where.
    domain : Domain
        Ranges of the parameters.
    """
    t = sp.Dummy("t", positive=True)
    one, other = (sp.sympify(e).subs(x, place + side / t) for e in pair)
    return ratio_limit(one, other, t, _Reader(t, domain).sign)


class _Reader:
    def __init__(self, t: sp.Symbol, domain: Domain) -> None:
        self.t = t
        self.domain = Domain(**{s.name: r for s, r in domain.ranges.items() if s != t})

    def sign(self, e: sp.Expr) -> int | None:
        """Return the strict sign of an expression on the domain, 0 where it is 0 on all of it, or None."""
        if sp.expand(e) == 0:
            return 0
        return {"positive": 1, "negative": -1, "zero": 0}.get(str(sign_with_exponentials(e, self.domain)))

    def limit(self, e: Any) -> sp.Expr | None:
        """Return the limit of `e`, from its leading term."""
        term = self.leading(e)
        if term is None:
            return None
        order = self.order(term, _constant(sp.Integer(1)))
        if order is None:
            return None
        if order <= 0:
            return term.coefficient if order == 0 else sp.Integer(0)
        sign = self.sign(term.coefficient)
        return sign * sp.oo if sign else None

    def order(self, one: _Term, other: _Term) -> int | None:
        """Return whether one term grows faster (1), as fast (0) or slower (-1) than another on the whole domain."""
        first = self.sign(sp.factor(one.rate - other.rate))
        return first if first != 0 else self.sign(one.power - other.power)

    def leading(self, e: Any) -> _Term | None:
        """Return the leading term of `e`, or None."""
        if not e.has(self.t):
            return _constant(e)
        if e == self.t:
            return _Term(sp.Integer(0), sp.Integer(1), sp.Integer(1))
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul:
            terms = [self.leading(a) for a in e.args]
            known = [term for term in terms if term is not None]
            return _product(known) if len(known) == len(terms) else None
        if isinstance(e, sp.exp):
            return self._exponential(e.args[0])
        if e.is_Pow:
            return self._power(e.base, e.exp)
        return self._function(e)

    def _sum(self, e: sp.Expr) -> _Term | None:
        collected: dict[tuple[sp.Expr, sp.Expr], sp.Expr] = {}
        inexact = set()
        for part in sp.Add.make_args(sp.expand(e)):
            term = self.leading(part)
            if term is None:
                return None
            key = (term.rate, term.power)
            collected[key] = collected.get(key, sp.Integer(0)) + term.coefficient
            if not self._exact(part):
                inexact.add(key)
        best: _Term | None = None
        for key, coefficient in collected.items():
            if key not in inexact and sp.expand(coefficient) == 0:
                continue  # these terms cancel
            term = _Term(*key, coefficient)
            order = 1 if best is None else self.order(term, best)
            if order is None:
                return None
            if best is not None and order == 0:
                term = _Term(*key, coefficient + best.coefficient)
            best = term if order >= 0 else best
        return best or _constant(sp.Integer(0))

    def _exact(self, part: sp.Expr) -> bool:
        """Whether a term is its own leading term."""
        return all(
            not f.has(self.t) or (f.as_base_exp()[0] in (self.t, sp.E) and self._plain(f.as_base_exp()))
            for f in sp.Mul.make_args(part)
        )

    def _plain(self, power: tuple[sp.Expr, sp.Expr]) -> bool:
        base, exponent = power
        return not (exponent.has(self.t) if base == self.t else sp.diff(exponent, self.t).has(self.t))

    def _exponential(self, u: sp.Expr) -> _Term | None:
        constant, rest = sp.expand(u).as_independent(self.t, as_Add=True)
        slope = sp.expand(sp.diff(rest, self.t))
        if not slope.has(self.t) and sp.expand(rest - slope * self.t) == 0:
            return _Term(slope, sp.Integer(0), sp.exp(constant))
        inner = self.limit(u)
        if inner == -sp.oo and self.limit(sp.expand(u / self.t)) == -sp.oo:
            return _Term(sp.Integer(-1), sp.Integer(0), sp.Integer(0))  # smaller than exp(rt) for every r
        return None if inner in (None, sp.oo) else _constant(sp.Integer(0) if inner == -sp.oo else sp.exp(inner))

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> _Term | None:
        if exponent.has(self.t):
            # b^u = exp(u log b) for a positive b
            positive = not base.has(self.t) and self.sign(base) == 1
            return self._exponential(exponent * sp.log(base)) if positive else None
        term = self.leading(base)
        if term is None:
            return None
        sign = self.sign(term.coefficient)
        whole = exponent.is_Integer
        if not (sign == 1 or (whole and (sign == -1 or exponent > 0))):
            return None
        return _Term(sp.expand(term.rate * exponent), sp.expand(term.power * exponent), term.coefficient**exponent)

    def _function(self, e: Any) -> _Term | None:
        if len(e.args) != 1:
            return None
        if isinstance(e, sp.log):
            return self._logarithm(e.args[0])
        inner = self.limit(e.args[0])
        if inner in (sp.oo, -sp.oo) and e.func in _ENDS:
            end = _ENDS[e.func][int(inner == sp.oo)]
            return None if end in (sp.oo, -sp.oo) else _constant(end)
        if inner is not None and inner not in (sp.oo, -sp.oo) and isinstance(e, _CONTINUOUS):
            return _constant(e.func(inner))
        # what has a leading term is real at all large t, if its parts without t are
        real = self.leading(e.args[0]) is not None and seen_real(e.args[0], self.t, self.sign)
        return _Term(sp.Integer(0), _DELTA, sp.Integer(0)) if real and isinstance(e, _BOUNDED) else None

    def _logarithm(self, u: sp.Expr) -> _Term | None:
        term = self.leading(u)
        if term is None or self.sign(term.coefficient) != 1:
            return None
        if self.sign(term.rate) != 0:
            return _Term(sp.Integer(0), sp.Integer(1), term.rate)
        if self.sign(term.power) == 0:
            return _constant(sp.log(term.coefficient))
        return _Term(sp.Integer(0), _DELTA, sp.Integer(0))


def _constant(e: sp.Expr) -> _Term:
    return _Term(sp.Integer(0), sp.Integer(0), e)


def _product(terms: list[_Term]) -> _Term:
    return _Term(
        sp.expand(sp.Add(*(term.rate for term in terms))),
        sp.expand(sp.Add(*(term.power for term in terms))),
        sp.Mul(*(term.coefficient for term in terms)),
    )
