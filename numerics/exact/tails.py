r"""Bounds of integrals near a singular or an infinite end of their range.

Next to an end, at distance s from it (or at 1/s for an infinite one), an integrand is written as :math:`K s^q` with
K in a ball for all s in (0, delta], node by node: sums by their lowest power, logarithms by
:math:`|\log s| \le s^{-\epsilon} / (e\epsilon)`, exponentials that fall by :math:`e^{-y} \le (N / (e y))^N`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError
from .values import Evaluation

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Powers that stand for a logarithm and for an exponential that falls.
_LOG_POWER, _EXP_POWER = sp.Rational(1, 16), 60
_BOUNDED = {sp.sin: 1, sp.cos: 1, sp.tanh: 1, sp.erf: 1, sp.atan: 2, sp.erfc: 2}


@dataclass(frozen=True)
class Monomial:
    """``factor * s**power`` for all s in (0, delta]; `factor` is a real ball."""

    factor: Any
    power: sp.Rational


def tail(integrand: sp.Expr, s: sp.Symbol, delta: Any, values: dict[sp.Symbol, Any]) -> Any:
    """Return a ball that contains the integral of `integrand` over (0, delta] in `s`.

    Parameters
    ----------
    integrand : sympy.Expr
        In the distance `s` from the end.
    s : Symbol
        Positive.
    delta : sympy.Rational
        In (0, 1).
    values : mapping
        Exact values of all other symbols.

    Raises
    ------
    NumericsError
        If no bound is found, e.g. because the integral does not converge.
    """
    from flint import arb, fmpq

    found = _Envelope(s, delta, values)(integrand)
    if not found.power > -1:
        raise NumericsError(f"{integrand} is not bounded by an integrable power at its end")
    power = found.power + 1
    exponent = arb(fmpq(int(power.p), int(power.q)))
    size = found.factor * arb(fmpq(int(delta.p), int(delta.q))) ** exponent / exponent
    return _around(size) if size.contains(0) else size


def centred(integrand: sp.Expr, u: sp.Symbol, values: Mapping[sp.Symbol, Any]) -> sp.Expr:
    """Return `integrand` times du/dt in u = c + w t, c and w rationals near centre and width of a Gaussian factor.

    Over the whole line both have the same integral, for any c and any w > 0. Without an exponential of a quadratic
    that falls on both sides, `integrand` is returned as it is.

    Parameters
    ----------
    integrand : sympy.Expr
        In the variable `u` of integration.
    u : Symbol
        Real.
    values : mapping
        Exact values of all other symbols.
    """
    for factor in sorted(integrand.atoms(sp.exp), key=sp.default_sort_key):
        exponent = sp.expand(factor.args[0].xreplace({s: sp.sympify(v) for s, v in values.items()}))
        if not exponent.is_polynomial(u) or sp.degree(exponent, u) != 2:
            continue
        leading, slope = (sp.N(exponent.coeff(u, k), 30) for k in (2, 1))
        if not (leading.is_Float and leading < 0 and slope.is_number):
            continue
        width = sp.Integer(2) ** int(sp.floor(sp.log(-leading, 2) / -2))
        centre = sp.Rational(str(-slope / (2 * leading)))
        return integrand.subs(u, centre + width * u) * width
    return integrand


def _around(ball: Any) -> Any:
    from flint import arb

    reach = ball.abs_upper()
    return arb(0, reach)


class _Envelope:
    def __init__(self, s: sp.Symbol, delta: Any, values: dict[sp.Symbol, Any]) -> None:
        from flint import arb, fmpq

        self.s, self.values = s, values
        self.delta = arb(fmpq(int(delta.p), int(delta.q)))

    def __call__(self, e: sp.Expr) -> Monomial:
        from flint import arb

        if e == self.s:
            return Monomial(arb(1), sp.Integer(1))
        if self.s not in e.free_symbols:
            z = Evaluation(self.values).real(e)
            return Monomial(z, sp.Integer(0))
        if e.is_Mul:
            parts = [self(a) for a in e.args]
            factor = parts[0].factor
            for p in parts[1:]:
                factor = factor * p.factor
            return Monomial(factor, sum((p.power for p in parts), sp.Integer(0)))
        if e.is_Add:
            parts = [self(a) for a in e.args]
            least = min(p.power for p in parts)
            return Monomial(sum((p.factor * self._range(p.power - least) for p in parts), arb(0)), least)
        if e.is_Pow and e.exp.is_Rational:
            return self._power(self(e.base), e.exp)
        if isinstance(e, sp.exp):
            return self._exponential(self(e.args[0]))
        if isinstance(e, sp.log):
            return self._logarithm(self(e.args[0]))
        if isinstance(e, sp.Abs):
            inner = self(e.args[0])
            return Monomial(abs(inner.factor), inner.power)
        if isinstance(e, sp.sin) and (inner := self(e.args[0])).power > 0:
            # sin(y) = y (1 - [0, 1] y^2 / 6)
            size = inner.factor * self._range(inner.power)
            return Monomial(inner.factor * (1 - arb(0).union(size.abs_upper() ** 2 / 6)), inner.power)
        if e.func in _BOUNDED:
            return Monomial(_around(arb(_BOUNDED[e.func])), sp.Integer(0))
        raise NumericsError(f"{e.func} has no bound towards an end")

    def _range(self, power: sp.Rational) -> Any:
        """Return the range of s**power, power >= 0, on (0, delta]."""
        from flint import arb, fmpq

        if power == 0:
            return arb(1)
        return arb(0).union(self.delta ** arb(fmpq(int(power.p), int(power.q))))

    def _power(self, inner: Monomial, exponent: sp.Rational) -> Monomial:
        from flint import arb, fmpq

        if inner.factor.contains(0) and exponent < 0:
            raise NumericsError("a denominator may vanish near the end")
        if exponent.is_Integer:
            factor = inner.factor ** int(exponent)
        elif inner.factor > 0 or (exponent > 0 and inner.factor.lower() >= 0):
            factor = inner.factor ** arb(fmpq(int(exponent.p), int(exponent.q)))
        else:
            raise NumericsError("a root may not be real near the end")
        return Monomial(factor, inner.power * exponent)

    def _exponential(self, inner: Monomial) -> Monomial:
        from flint import arb

        if inner.power >= 0:
            return Monomial((inner.factor * self._range(inner.power)).exp(), sp.Integer(0))
        if not inner.factor < 0:
            raise NumericsError("an exponential may grow towards the end")
        bound = (arb(_EXP_POWER) / (arb(1).exp() * abs(inner.factor).lower())) ** _EXP_POWER
        return Monomial(arb(0).union(bound), -inner.power * _EXP_POWER)

    def _logarithm(self, inner: Monomial) -> Monomial:
        from flint import arb, fmpq

        if not inner.factor > 0:
            raise NumericsError("the logarithm of a number that may be negative has no bound")
        eps = arb(fmpq(int(_LOG_POWER.p), int(_LOG_POWER.q)))
        power = arb(fmpq(int(inner.power.p), int(inner.power.q)))
        size = abs(power) / (arb(1).exp() * eps) + abs(inner.factor.log()) * self.delta**eps
        return Monomial(_around(size), -_LOG_POWER)
