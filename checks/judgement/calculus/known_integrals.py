r"""Integrals that define or classically give the gamma function, the beta function and the moments of a Gaussian.

.. math:: \int_0^\infty u^s e^{-b u^p}\,du = \frac{\Gamma((s+1)/p)}{p\,b^{(s+1)/p}}, \qquad
          \int_0^1 u^{p-1} (1-u)^{q-1}\,du = \frac{\Gamma(p)\Gamma(q)}{\Gamma(p+q)},

and over the whole line, for a whole number n and b > 0,

.. math:: \int u^n e^{-b u^2 + c u}\,du
          = e^{c^2/4b} \sum_j \binom n{2j} \Bigl(\frac c{2b}\Bigr)^{n-2j} \Gamma(j + \tfrac12)\, b^{-j-1/2}, \qquad
          \int e^{-b u^2 + c u} \cos(k u)\,du = \sqrt{\pi/b}\, e^{(c^2 - k^2)/4b} \cos\frac{c k}{2b},

and the same with sines. Abramowitz and Stegun, *Handbook of Mathematical Functions*, 6.1.1, 6.2.1, 7.4.4, 7.4.6.
"""

from __future__ import annotations

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.positivity import sign_on

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Largest whole power of the variable before a Gaussian.
_HIGHEST = 40


def known_integral(function: sp.Expr, u: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain) -> sp.Expr | None:
    """Return the integral of `function` in `u` where each of its terms has one of the forms above, else None."""
    find = {(sp.Integer(0), sp.oo): _gamma, (sp.Integer(0), sp.Integer(1)): _beta, (-sp.oo, sp.oo): _gaussian}.get(
        (low, high)
    )
    if find is None:
        return None
    total = sp.Integer(0)
    # on its range the variable has the sign of its assumption
    w = sp.Dummy("w", real=True) if find is _gaussian else sp.Dummy("w", positive=True)
    plain = function.subs(u, w)
    if find is not _beta:
        plain = sp.expand_power_base(sp.expand(plain, power_base=False))
    for term in sp.Add.make_args(plain):
        value = find(sp.powsimp(term, combine="exp") if find is not _beta else term, w, domain)
        if value is None:
            return None
        total += value
    return total


def _positive(expr: sp.Expr, domain: Domain) -> bool:
    return sign_on(domain, expr) == "positive"


def _factors(term: sp.Expr, w: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr, list[sp.Expr]]:
    """Return a term as constant, power of `w`, exponent of e, and other factors."""
    constant, power, exponent, others = sp.Integer(1), sp.Integer(0), sp.Integer(0), list[sp.Expr]()
    for factor in sp.Mul.make_args(term):
        if not factor.has(w):
            constant *= factor
        elif isinstance(factor, sp.exp):
            exponent += factor.args[0]
        elif factor == w:
            power += 1
        elif factor.is_Pow and factor.base == w and not factor.exp.has(w):
            power += factor.exp
        else:
            others.append(factor)
    fixed, moving = sp.expand(exponent).as_independent(w, as_Add=True)
    return constant * sp.exp(fixed), power, moving, others


def _gamma(term: sp.Expr, w: sp.Symbol, domain: Domain) -> sp.Expr | None:
    constant, s, exponent, others = _factors(term, w)
    if others:
        return None
    coefficient, rest = (-exponent).as_independent(w)
    p = rest.as_base_exp()[1] if rest.as_base_exp()[0] == w else None
    if p is None or p.has(w) or not all(_positive(e, domain) for e in (coefficient, p, s + 1)):
        return None
    order = (s + 1) / p
    return constant * sp.gamma(order) * coefficient ** (-order) / p


def _beta(term: sp.Expr, w: sp.Symbol, domain: Domain) -> sp.Expr | None:
    constant, a, exponent, others = _factors(term, w)
    bases = {factor.as_base_exp() for factor in others}
    if exponent != 0 or len(bases) != 1:
        return None
    ((base, b),) = bases
    if sp.expand(base - (1 - w)) != 0 or b.has(w) or not (_positive(a + 1, domain) and _positive(b + 1, domain)):
        return None
    return constant * sp.gamma(a + 1) * sp.gamma(b + 1) / sp.gamma(a + b + 2)


def _gaussian(term: sp.Expr, w: sp.Symbol, domain: Domain) -> sp.Expr | None:
    constant, n, exponent, others = _factors(term, w)
    if not (n.is_Integer and 0 <= n <= _HIGHEST) or not exponent.is_polynomial(w) or sp.degree(exponent, w) != 2:
        return None
    b, c = -exponent.coeff(w, 2), exponent.coeff(w, 1)
    if not _positive(b, domain):
        return None
    if others:
        return _oscillating(constant, n, b, c, others, w)
    terms = (
        sp.binomial(n, 2 * j)
        * (c / (2 * b)) ** (n - 2 * j)
        * sp.gamma(j + sp.Rational(1, 2))
        * b ** (-j - sp.Rational(1, 2))
        for j in range(int(n) // 2 + 1)
    )
    return constant * sp.exp(c**2 / (4 * b)) * sp.Add(*terms)


def _oscillating(
    constant: sp.Expr, n: sp.Expr, b: sp.Expr, c: sp.Expr, others: list[sp.Expr], w: sp.Symbol
) -> sp.Expr | None:
    (wave,) = others if len(others) == 1 else (None,)
    if n != 0 or not isinstance(wave, sp.sin | sp.cos):
        return None
    k = sp.expand(wave.args[0]).coeff(w, 1)
    if sp.expand(wave.args[0] - k * w) != 0:
        return None
    return constant * sp.sqrt(sp.pi / b) * sp.exp((c**2 - k**2) / (4 * b)) * wave.func(c * k / (2 * b))
