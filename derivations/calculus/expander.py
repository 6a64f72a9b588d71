"""The rules by which expansions at infinity are formed: sums, products, powers, exponentials, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cmp_to_key
from typing import Any

import sympy as sp

from ..expressions import parts_without
from .monomials import LOGARITHMS, UNIT, Expansion, Monomial, Open, Scale, monomial_of, scale_of

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: The sign of an expression in the parameters on their whole domain: 1, -1, 0, or None.
Sign = Callable[[sp.Expr], int | None]

#: Operations in a coefficient that is still worked with.
_LARGEST = 200
_ZERO, _ONE = sp.Integer(0), sp.Integer(1)
#: Functions by others that have expansions of their own.
_REWRITTEN: dict[Any, Callable[[sp.Expr], sp.Expr]] = {
    sp.sinh: lambda u: (sp.exp(u) - sp.exp(-u)) / 2,
    sp.cosh: lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
    sp.tanh: lambda u: 1 - 2 / (sp.exp(2 * u) + 1),
    sp.coth: lambda u: 1 + 2 / (sp.exp(2 * u) - 1),
    sp.asinh: lambda u: sp.log(u + sp.sqrt(u**2 + 1)),
    sp.acosh: lambda u: sp.log(u + sp.sqrt(u**2 - 1)),
    sp.erf: lambda u: 1 - sp.erfc(u),
    sp.factorial: lambda u: sp.gamma(u + 1),
}
#: Functions by others at places where these expansions may be divided.
_QUOTIENTS: dict[Any, Callable[[sp.Expr], sp.Expr]] = {
    sp.tan: lambda u: sp.sin(u) / sp.cos(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sec: lambda u: 1 / sp.cos(u),
    sp.csc: lambda u: 1 / sp.sin(u),
    sp.coth: lambda u: sp.cosh(u) / sp.sinh(u),
    sp.csch: lambda u: 1 / sp.sinh(u),
    sp.sech: lambda u: 1 / sp.cosh(u),
    sp.atanh: lambda u: sp.log((1 + u) / (1 - u)) / 2,
    sp.acosh: lambda u: sp.log(u + sp.sqrt(u**2 - 1)),
}
#: Functions that are analytic where these expressions in the argument are positive.
_INSIDE: dict[Any, Callable[[sp.Expr], sp.Expr]] = {
    sp.asin: lambda u: 1 - u**2,
    sp.acos: lambda u: 1 - u**2,
    sp.gamma: lambda u: u,
    sp.loggamma: lambda u: u,
}
#: Functions that are analytic on the whole real line.
_ENTIRE = (sp.sin, sp.cos, sp.atan, sp.erf, sp.erfc, sp.sinh, sp.cosh, sp.tanh, sp.asinh)
#: Functions with values between -1 and 1.
_BOUNDED = (sp.sin, sp.cos)


def seen_real(expr: sp.Expr, t: sp.Symbol, sign: Sign) -> bool:
    """Whether the parts of an expression without `t` are seen to be real: a sine of another number may grow."""
    return all(part.is_real or sign(part) is not None for part in parts_without(expr, t))


class Expander:
    """Expands expressions in `t` to `count` terms; raises :class:`~crossproof.derivations.calculus.monomials.Open`."""

    def __init__(self, t: sp.Symbol, sign: Sign, count: int) -> None:
        self.t, self.sign, self.count = t, sign, count

    def strict(self, coefficient: sp.Expr) -> int:
        """Return the sign of a coefficient, which must not vanish anywhere."""
        found = self.sign(coefficient)
        if not found:
            raise Open(f"the sign of {coefficient} is not known")
        return found

    def order(self, one: Monomial, other: Monomial) -> int:
        """Return 1, 0 or -1 as `one` is far larger than, the same as, or far smaller than `other`."""
        for _, coefficient in one.times(other, sp.Integer(-1)).powers:
            found = self.sign(coefficient)
            if found is None:
                raise Open(f"the sign of {coefficient} is not known")
            if found:
                return found
        return 0

    def collect(self, terms: Iterable[tuple[Monomial, sp.Expr]], rests: Iterable[Monomial | None]) -> Expansion:
        """Return the sum of terms, without those that what is left out may exceed."""
        total: dict[Monomial, sp.Expr] = {}
        for m, c in terms:
            total[m] = total.get(m, _ZERO) + c
        kept = [(m, sp.expand(c)) for m, c in total.items()]
        kept = [(m, c) for m, c in kept if c != 0 and self.sign(c) != 0]

        def smaller(a: tuple[Monomial, sp.Expr], b: tuple[Monomial, sp.Expr]) -> int:
            return -self.order(a[0], b[0])

        kept.sort(key=cmp_to_key(smaller))
        joined: list[tuple[Monomial, sp.Expr]] = []
        for m, c in kept:  # monomials that look different may be the same
            if joined and self.order(m, joined[-1][0]) == 0:
                m, c = joined[-1][0], sp.expand(joined.pop()[1] + c)
            joined.append((m, c))
        if len(joined) < len(kept):
            kept = [(m, c) for m, c in joined if c != 0 and self.sign(c) != 0]
        rest: Monomial | None = None
        for r in rests:
            if r is not None and (rest is None or self.order(r, rest) > 0):
                rest = r
        bound = rest
        if bound is not None:
            kept = [(m, c) for m, c in kept if self.order(m, bound) > 0]
        if len(kept) > self.count:
            rest, kept = kept[self.count][0], kept[: self.count]
        return Expansion(tuple(kept), rest)

    def constant(self, c: sp.Expr) -> Expansion:
        return Expansion(((UNIT, c),) if c != 0 else ())

    def times(self, a: Expansion, b: Expansion) -> Expansion:
        terms = [(m.times(n), c * d) for m, c in a.terms for n, d in b.terms]
        rests = [a.rest.times(n) for n, _ in b.terms[:1] if a.rest is not None]
        rests += [b.rest.times(m) for m, _ in a.terms[:1] if b.rest is not None]
        if a.rest is not None and b.rest is not None:
            rests.append(a.rest.times(b.rest))
        return self.collect(terms, rests)

    def expand(self, e: sp.Expr) -> Expansion:
        """Return the expansion of `e`."""
        if not e.has(self.t):
            return self.constant(e)
        if e == self.t:
            return Expansion(((Monomial.of({LOGARITHMS[0]: _ONE}), _ONE),))
        if e.is_Add:
            parts = [self.expand(a) for a in e.args]
            return self.collect((term for p in parts for term in p.terms), (p.rest for p in parts))
        if e.is_Mul:
            found = self.constant(_ONE)
            for a in e.args:
                found = self.times(found, self.expand(a))
            return found
        if isinstance(e, sp.exp):
            return self.exponential(self.expand(e.args[0]))
        if e.is_Pow:
            if e.exp.has(self.t):
                return self.exponential(self.times(self.expand(e.exp), self.logarithm(self.expand(e.base))))
            return self.power(self.expand(e.base), e.exp)
        if isinstance(e, sp.log):
            return self.logarithm(self.expand(e.args[0]))
        return self.function(e)

    def split(self, a: Expansion) -> tuple[Monomial, sp.Expr, Expansion]:
        """Return m, c and the rest of c m (1 + rest)."""
        if not a.terms:
            raise Open("all known terms cancel")
        m, c = a.terms[0]
        small = [(n.times(m, sp.Integer(-1)), d / c) for n, d in a.terms[1:]]
        return m, c, Expansion(tuple(small), None if a.rest is None else a.rest.times(m, sp.Integer(-1)))

    def series(self, coefficients: Callable[[int], sp.Expr], small: Expansion) -> Expansion:
        """Return sum_k coefficients(k) small^k, for what tends to 0."""
        size = small.terms[0][0] if small.terms else small.rest
        if size is None:
            return self.constant(coefficients(0))
        if self.order(size, UNIT) >= 0 or (small.rest is not None and self.order(small.rest, UNIT) >= 0):
            raise Open("a part does not tend to 0")
        terms: list[tuple[Monomial, sp.Expr]] = [(UNIT, coefficients(0))]
        rests: list[Monomial | None] = []
        power = self.constant(_ONE)
        for k in range(1, self.count + 1):
            power = self.times(power, small)
            if any(d.count_ops() > _LARGEST for _, d in power.terms):
                raise Open("coefficients grow too large")
            c = coefficients(k)
            terms += [(m, c * d) for m, d in power.terms]
            rests.append(power.rest)
        last = UNIT
        for _ in range(self.count + 1):
            last = last.times(size)
        return self.collect(terms, [*rests, last])

    def power(self, base: Expansion, exponent: sp.Expr) -> Expansion:
        if not base.terms and base.rest is None:
            if self.sign(exponent) != 1:
                raise Open("a power of 0")
            return base
        m, c, small = self.split(base)
        sign = self.strict(c)
        if sign < 0 and not exponent.is_Integer:
            raise Open("a broken power of a negative number")
        found = self.series(lambda k: sp.binomial(exponent, k).expand(func=True), small)
        return self.times(Expansion(((UNIT.times(m, exponent), c**exponent),)), found)

    def exponential(self, u: Expansion) -> Expansion:
        grown: dict[Scale, sp.Expr] = {}
        constant, small = _ZERO, []
        for m, c in u.terms:
            size = self.order(m, UNIT)
            if size > 0:
                scale = scale_of(m)
                grown[scale] = grown.get(scale, _ZERO) + c
            elif size == 0:
                constant += c
            else:
                small.append((m, c))
        found = self.series(lambda k: 1 / sp.factorial(k), Expansion(tuple(small), u.rest))
        return self.times(Expansion(((Monomial.of(grown), sp.exp(constant)),)), found)

    def logarithm(self, u: Expansion) -> Expansion:
        m, c, small = self.split(u)
        if self.strict(c) < 0:
            raise Open("the logarithm of a negative number")
        parts = [(monomial_of(scale), a) for scale, a in m.powers]
        parts.append((UNIT, sp.log(c)))
        tail = self.series(lambda k: (-_ONE) ** (k + 1) / k if k else _ZERO, small)
        return self.collect([*parts, *tail.terms], [tail.rest])

    def function(self, e: sp.Expr) -> Expansion:
        """Return the expansion of a function of one argument."""
        if len(e.args) != 1:
            raise Open(f"{e.func.__name__} has no expansion here")
        u = self.expand(e.args[0])
        first = u.terms[0] if u.terms else (u.rest or UNIT, _ZERO)
        if (u.terms or u.rest is not None) and self.order(first[0], UNIT) > 0:
            return self.far(e, u)
        if isinstance(e, sp.Abs):
            return u if u.terms and self.strict(first[1]) > 0 else self.times(self.constant(-_ONE), u)
        if e.func in _QUOTIENTS:
            return self.expand(_QUOTIENTS[e.func](e.args[0]))
        centre = sp.Add(*(c for m, c in u.terms if m == UNIT))
        if not isinstance(e, _ENTIRE) and (e.func not in _INSIDE or self.sign(_INSIDE[e.func](centre)) != 1):
            raise Open(f"{e.func.__name__} has no expansion here")
        x = sp.Dummy("x", real=True)
        derivatives = [e.func(x)]
        for _ in range(self.count):
            derivatives.append(sp.diff(derivatives[-1], x))
        small = Expansion(tuple((m, c) for m, c in u.terms if m != UNIT), u.rest)
        return self.series(lambda k: derivatives[k].subs(x, centre) / sp.factorial(k), small)

    def far(self, e: sp.Expr, u: Expansion) -> Expansion:
        """Return the expansion of a function whose argument grows without bound."""
        argument = e.args[0]
        if isinstance(e, _BOUNDED):
            if not seen_real(argument, self.t, self.sign):
                raise Open(f"{argument} is not seen to be real")
            return Expansion((), UNIT)
        sign = self.strict(u.terms[0][1]) if u.terms else 0
        if not sign:
            raise Open("the argument may be of either sign")
        if isinstance(e, sp.Abs):
            return u if sign > 0 else self.times(self.constant(-_ONE), u)
        if isinstance(e, sp.atan):
            return self.expand(sign * sp.pi / 2 - sp.atan(1 / argument))
        if isinstance(e, sp.erfc):
            if sign < 0:
                return self.expand(2 - sp.erfc(-argument))
            # an alternating asymptotic series: the error is below the first term left out
            terms = (
                (-1) ** k * sp.factorial2(2 * k - 1) / (2 * argument**2) ** k if k else _ONE
                for k in range(self.count + 1)
            )
            tail = self.expand(sp.Add(*terms))
            size = self.power(u, sp.Integer(-2 * self.count - 2))
            bounded = self.collect(tail.terms, [tail.rest, size.terms[0][0]])
            return self.times(self.expand(sp.exp(-(argument**2)) / (argument * sp.sqrt(sp.pi))), bounded)
        if isinstance(e, sp.loggamma) and sign > 0:
            return self.stirling(argument, u)
        if isinstance(e, sp.gamma) and sign > 0:
            return self.exponential(self.stirling(argument, u))
        if e.func in _REWRITTEN:
            return self.expand(_REWRITTEN[e.func](argument))
        raise Open(f"{e.func.__name__} has no expansion here")

    def stirling(self, z: sp.Expr, u: Expansion) -> Expansion:
        """Return Stirling's series, the error of which is below the first term left out."""
        terms = [(z - sp.Rational(1, 2)) * sp.log(z) - z + sp.log(2 * sp.pi) / 2]
        terms += [sp.bernoulli(2 * k) / (2 * k * (2 * k - 1) * z ** (2 * k - 1)) for k in range(1, self.count + 1)]
        found = self.expand(sp.Add(*terms))
        size = self.power(u, sp.Integer(-2 * self.count - 1))
        return self.collect(found.terms, [found.rest, size.terms[0][0]])
