r"""Sums that the exponential series, the geometric series, the binomial theorem and the zeta function give.

With :math:`k^{\underline j} = k (k-1) \cdots (k-j+1)`, into which every polynomial in k is written,

.. math:: \sum_{k\ge0} k^{\underline j} \frac{x^k}{k!} = x^j e^x, \qquad
          \sum_{k\ge0} k^{\underline j} x^k = \frac{j!\,x^j}{(1-x)^{j+1}} \ (|x| < 1), \qquad
          \sum_{k=0}^n k^{\underline j} \binom nk x^k = n^{\underline j} x^j (1+x)^{n-j}.

Abramowitz and Stegun, *Handbook of Mathematical Functions*, 3.1.1, 3.6.10, 4.2.1, 23.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from ....derivations.calculus.smoothness import sign_with_exponentials
from ....derivations.domain import Domain
from ....derivations.positivity import sign_on

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Largest degree of a polynomial before the term, and terms left out at the start of a series, at most.
_DEGREE, _LEFT_OUT = 12, 50


@dataclass
class _Term:
    """``constant * base**k * polynomial(k) / factorials``, or with a binomial coefficient of k."""

    constant: sp.Expr = field(default_factory=lambda: sp.Integer(1))
    base: sp.Expr = field(default_factory=lambda: sp.Integer(1))
    polynomial: sp.Expr = field(default_factory=lambda: sp.Integer(1))
    factorials: int = 0
    binomial: sp.Expr | None = None
    power: sp.Expr = field(default_factory=lambda: sp.Integer(0))


def known_sum(function: sp.Expr, k: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain) -> sp.Expr | None:
    """Return the sum of `function` over whole k from `low` to `high` where it is one of those above, or None."""
    if not (low.is_Integer and 0 <= low <= _LEFT_OUT):
        return None
    n = sp.Dummy("k", integer=True, positive=True) if low > 0 else sp.Dummy("k", integer=True, nonnegative=True)
    term = _read(function.subs(k, n), n)
    if term is None:
        return None
    if term.power != 0:
        found = _zeta(term, low, high, domain)
    else:
        found = _of_polynomial(term, n, high, domain)
        if found is not None:
            found -= sp.Add(*(function.subs(k, first) for first in range(int(low))))
    return found


def _read(function: sp.Expr, k: sp.Symbol) -> _Term | None:
    term = _Term()
    for factor in sp.Mul.make_args(function):
        base, exponent = factor.as_base_exp()
        if not factor.has(k):
            term.constant *= factor
        elif factor.is_polynomial(k) and sp.degree(factor, k) <= _DEGREE:
            term.polynomial *= factor
        elif isinstance(base, sp.factorial | sp.gamma) and exponent == -1:
            if base.args[0] != (k if isinstance(base, sp.factorial) else k + 1):
                return None
            term.factorials += 1
        elif isinstance(factor, sp.binomial) and factor.args[1] == k and not factor.args[0].has(k):
            if term.binomial is not None:
                return None
            term.binomial = factor.args[0]
        elif isinstance(factor, sp.exp) and factor.args[0].is_polynomial(k) and sp.degree(factor.args[0], k) == 1:
            constant, slope = (sp.expand(factor.args[0]).coeff(k, power) for power in (0, 1))
            term.base *= sp.exp(slope)
            term.constant *= sp.exp(constant)
        elif base == k and not exponent.has(k):
            term.power += exponent
        elif not base.has(k) and exponent.is_polynomial(k) and sp.degree(exponent, k) == 1:
            step = exponent.coeff(k, 1)
            if not step.is_integer:
                return None
            term.base *= base**step
            term.constant *= base ** exponent.coeff(k, 0)
        else:
            return None
    return term


def _zeta(term: _Term, low: sp.Expr, high: sp.Expr, domain: Domain) -> sp.Expr | None:
    plain = term.base == 1 and term.polynomial == 1 and not term.factorials and term.binomial is None
    if not plain or high != sp.oo or low < 1 or sign_on(domain, -term.power - 1) != "positive":
        return None
    left_out = sp.Add(*(sp.Integer(k) ** term.power for k in range(1, int(low))))
    return term.constant * (sp.zeta(-term.power) - left_out)


def _of_polynomial(term: _Term, k: sp.Symbol, high: sp.Expr, domain: Domain) -> sp.Expr | None:
    """Return the sum from k = 0 on."""
    x, total = term.base, sp.Integer(0)
    if term.binomial is not None:
        n = term.binomial
        whole = n.is_integer and sign_on(domain, n) in ("positive", "nonnegative", "zero")
        if term.factorials or high != n or not whole:
            return None
        numerator, denominator = sp.fraction(sp.together(1 + x))
        for j, coefficient in enumerate(_falling(term.polynomial, k)):
            power = numerator ** (n - j) * denominator ** (j - n)
            total += coefficient * sp.ff(n, j) * x**j * power
    elif high != sp.oo or term.factorials > 1:
        return None
    elif term.factorials:
        total = sp.exp(x) * sp.Add(*(c * x**j for j, c in enumerate(_falling(term.polynomial, k))))
    else:
        if any(sign_with_exponentials(e, domain) != "positive" for e in (1 - x, 1 + x)):
            return None
        total = sp.Add(
            *(c * sp.factorial(j) * x**j / (1 - x) ** (j + 1) for j, c in enumerate(_falling(term.polynomial, k)))
        )
    return term.constant * total


def _falling(polynomial: sp.Expr, k: sp.Symbol) -> list[sp.Expr]:
    """Return the coefficients of a polynomial in falling factorials of `k`."""
    rest, found = sp.Poly(polynomial, k), list[sp.Expr]()
    # Newton's form with nodes 0, 1, 2, ...
    for node in range(max(rest.degree(), 0) + 1):
        quotient, remainder = sp.div(rest, sp.Poly(k - node, k))
        found.append(remainder.as_expr())
        rest = quotient
    return found
