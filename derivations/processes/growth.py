r"""Growth of a scalar equation at the ends of its state range, and the moments that are finite because of it.

Coefficients are read as finite sums :math:`\sum_k c_k x^k`. With :math:`V = x^{2p} + x^{-2q}` the bound
:math:`LV \le C(1 + V)` for all p (and q) keeps the process from exploding, and by Gronwall's inequality keeps the
moments bounded on bounded times, so that the martingale part of every power is a martingale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from ..domain import Domain
from ..positivity import sign_on
from ..ranges import Above, AtLeast, Between
from .ito import generator
from .sde import SDE

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Coefficients by exponent.
Monomials = dict[sp.Expr, sp.Expr]

_APART = ("positive", "negative")
_NOT_NEGATIVE, _NOT_POSITIVE = ("positive", "nonnegative", "zero"), ("negative", "nonpositive", "zero")


def monomials(expr: sp.Expr, x: sp.Symbol) -> Monomials | None:
    """Return `expr` as a finite sum of powers of `x` with coefficients free of it, or None when it is none."""
    found: Monomials = {}
    for term in sp.Add.make_args(sp.expand(sp.sympify(expr))):
        if term == 0:
            continue
        coefficient, power = term.as_independent(x, as_Add=False)
        base, exponent = power.as_base_exp() if power != 1 else (x, sp.Integer(0))
        if base == sp.E:  # exp(k log x)
            base, exponent = x, exponent / sp.log(x)
        if base != x or exponent.has(x):
            return None
        found[exponent] = found.get(exponent, sp.Integer(0)) + coefficient
    return {k: c for k, c in found.items() if sp.expand(c) != 0}


def state_range(x: sp.Symbol, domain: Domain) -> tuple[sp.Expr, sp.Expr]:
    """Return the ends of the state's range: those of the domain, else those that its symbol assumes."""
    given = domain.ranges.get(x)
    if isinstance(given, Between):
        return given.low, given.high
    if isinstance(given, Above | AtLeast):
        return given.bound, sp.oo
    return (sp.Integer(0) if x.is_nonnegative else -sp.oo), sp.oo


@dataclass(frozen=True)
class Moments:
    """Which moments of the process are finite, with true martingales, at all bounded times.

    Parameters
    ----------
    exists : bool
        Whether the process lives for ever within the closure of its range and all its positive moments are finite.
    inverse : bool
        Whether it never reaches 0 and all moments of its inverse are finite too; implies a range above 0.
    """

    exists: bool
    inverse: bool

    def admit(self, exponents: Iterable[sp.Expr]) -> bool:
        """Whether expectations of these powers obey the moment equations (a power must be smooth where it may be)."""
        return self.exists and all(
            self.inverse or (e.is_Integer and e >= 0) or (e.is_Rational and e >= 2) for e in exponents
        )


def moments(sde: SDE, domain: Domain) -> Moments | None:
    """Return the moments that growth makes finite.

    None when the coefficients are no sums of powers, or the noise is not seen to be real at every state.
    """
    x, drift, variance = sde.scalar()
    b, v = monomials(drift, x), monomials(variance, x)
    if b is None or v is None or not _real_noise(sde, domain):
        return None
    low, high = state_range(x, domain)
    ends = [_tame(b, v, domain) if high == sp.oo else _kept(drift, variance, x, high, -1, domain)]
    whole = all(e.is_Integer and e >= 0 for e in (*b, *v))
    inverse = False
    if low == -sp.oo:
        ends.append(whole and _tame({k: c * (-1) ** (k + 1) for k, c in b.items()}, v, domain))
    elif low == 0:
        inverse = _never_reaches_zero(b, v, domain)
        ends.append(inverse or _kept_at_zero(b, v, domain))
    else:
        ends.append(_kept(drift, variance, x, low, 1, domain))
    if low != 0 or high != sp.oo:
        ends.append(whole)
    return Moments(all(ends), inverse)


def lives_for_ever(sde: SDE, domain: Domain) -> bool:
    """Whether the process is known to exist at all times in the closure of its range.

    By its moments, or by LV <= C (1 + V) for V = |x|^2; a coordinate with a range above 0 never reaches 0, being the
    exponential of an integral along the path.
    """
    if sde.dimension == 1:
        known = moments(sde, domain)
        return known is not None and known.exists
    if not (_real_noise(sde, domain) and _keeps_signs(sde, domain)):
        return False
    image = sp.expand(generator(sde, sp.Add(*(x**2 for x in sde.state))))
    if not image.is_polynomial(*sde.state):
        return False
    steep = (c * sp.prod(x**k for x, k in zip(sde.state, powers, strict=True)) for powers, c in _steep(image, sde))
    return sign_on(domain, sp.Add(*steep)) in _NOT_POSITIVE


def stays_inside(sde: SDE, domain: Domain) -> bool:
    """Whether the process is known to exist at all times and never to reach an end of its range."""
    if not lives_for_ever(sde, domain):
        return False
    if sde.dimension > 1:
        return True
    known = moments(sde, domain)
    return known is not None and (known.inverse or state_range(sde.state[0], domain) == (-sp.oo, sp.oo))


def _keeps_signs(sde: SDE, domain: Domain) -> bool:
    """Whether every coordinate has the whole line, or (0, oo) and coefficients that are polynomials times it."""
    for i, x in enumerate(sde.state):
        ends = state_range(x, domain)
        if ends == (-sp.oo, sp.oo):
            continue
        shares = [sp.cancel(e / x) for e in (sde.ito_drift[i], *sde.diffusion[i, :])]
        if ends != (0, sp.oo) or not all(e.is_polynomial(*sde.state) for e in shares):
            return False
    return True


def _real_noise(sde: SDE, domain: Domain) -> bool:
    """Whether the square of every entry of the diffusion is not negative: sqrt(x) needs a state x >= 0."""
    return all(sign_on(domain, e**2) in _NOT_NEGATIVE for e in sde.diffusion)


def _steep(image: sp.Expr, sde: SDE) -> list[tuple[tuple[int, ...], sp.Expr]]:
    """Return the terms of more than the second degree in the state."""
    return [(powers, c) for powers, c in sp.Poly(image, *sde.state).terms() if sum(powers) > 2]


def _at_most(first: sp.Expr, second: sp.Expr, domain: Domain) -> bool:
    return sign_on(domain, second - first) in _NOT_NEGATIVE


def _tame(b: Monomials, v: Monomials, domain: Domain) -> bool:
    """Whether b(x) <= C (1 + x) and v(x) <= C (1 + x^2) for large x."""
    return all(_at_most(k, sp.Integer(2), domain) for k in v) and outward_at_most(b, sp.Integer(1), domain)


def outward_at_most(b: Monomials, power: sp.Expr, domain: Domain) -> bool:
    """Whether b(x) <= C (1 + x^power) for large x."""
    steep = {k: c for k, c in b.items() if not _at_most(k, power, domain)}
    return _signed(steep, "negative", _NOT_POSITIVE, domain, largest=True)


def _never_reaches_zero(b: Monomials, v: Monomials, domain: Domain) -> bool:
    """Whether b(x) >= -C x and v(x) <= C x^2 for small x."""
    if not all(_at_most(sp.Integer(2), k, domain) for k in v):
        return False
    steep = {k: c for k, c in b.items() if not _at_most(sp.Integer(1), k, domain)}
    return _signed(steep, "positive", _NOT_NEGATIVE, domain, largest=False)


def _signed(terms: Monomials, strict: str, weak: tuple[str, ...], domain: Domain, *, largest: bool) -> bool:
    """Whether all coefficients have a sign, or the coefficient of the leading exponent has it strictly."""
    if all(sign_on(domain, c) in weak for c in terms.values()):
        return True
    leading = extreme(terms, domain, largest=largest)
    if leading is None or sign_on(domain, terms[leading]) != strict:
        return False
    # where another exponent is the same for some parameters, coefficients add up
    rivals = (c for k, c in terms.items() if k != leading and sign_on(domain, k - leading) not in _APART)
    return all(sign_on(domain, c) in weak for c in rivals)


def extreme(terms: Mapping[sp.Expr, sp.Expr], domain: Domain, *, largest: bool) -> sp.Expr | None:
    """Return the exponent that is largest (or smallest) on the whole domain, or None when there is no such one."""
    for k in terms:
        if all(_at_most(*((other, k) if largest else (k, other)), domain) for other in terms):
            return k
    return None


def _kept_at_zero(b: Monomials, v: Monomials, domain: Domain) -> bool:
    """Whether the noise vanishes at 0 and the continuous drift does not point out of x >= 0."""
    return (
        all(sign_on(domain, k) == "positive" for k in v)
        and all(sign_on(domain, k) in _NOT_NEGATIVE for k in b)
        and sign_on(domain, b.get(sp.Integer(0), sp.Integer(0))) in _NOT_NEGATIVE
    )


def _kept(drift: sp.Expr, variance: sp.Expr, x: sp.Symbol, end: sp.Expr, inward: int, domain: Domain) -> bool:
    """Whether the noise vanishes at a finite end and the drift there does not point outwards."""
    if sp.expand(variance.subs(x, end)) != 0:
        return False
    return sign_on(domain, inward * sp.expand(drift.subs(x, end))) in _NOT_NEGATIVE
