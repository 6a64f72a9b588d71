r"""Discounted local martingales of a scalar equation that are no martingales.

Let :math:`\phi > 0` with :math:`L\phi = \beta\phi`, so that :math:`e^{-\beta t}\phi(X_t)` is a non-negative local
martingale and :math:`E\phi(X_t) \le e^{\beta t}\phi(x_0)`. With Z = phi(X) and the variance rate
:math:`\sigma_Z^2 \sim c z^p` at infinity it is a strict one, with a strict inequality at every t > 0, exactly when the
process with the additional drift :math:`\sigma_Z^2/z` explodes, that is for p > 2: the integral test
:math:`\int^\infty z\,\sigma_Z^{-2}\,dz < \infty` (Delbaen and Shirakawa, 2002, for beta = 0; Feller's test otherwise).
"""

from __future__ import annotations

import sympy as sp

from ..domain import Domain
from ..positivity import sign_on
from .growth import Monomials, extreme, monomials, state_range
from .ito import generator
from .sde import SDE


def strict_discount(sde: SDE, observable: sp.Expr, domain: Domain) -> sp.Expr | None:
    """Return beta when exp(-beta t) phi(X) is a strict local martingale on the whole parameter domain, else None.

    Known for ``phi = c x^e`` on the half line, an equation whose coefficients are sums of powers, and a noise that
    vanishes nowhere inside.
    """
    x, drift, variance = sde.scalar()
    phi, b, v = (monomials(e, x) for e in (observable, drift, variance))
    if phi is None or b is None or v is None or len(phi) != 1 or not v or state_range(x, domain) != (0, sp.oo):
        return None
    ((exponent, factor),) = phi.items()
    rate = monomials(generator(sde, observable) / (factor * x**exponent), x)
    if rate is None or any(k != 0 for k in rate) or sign_on(domain, factor) != "positive":
        return None
    if not all(sign_on(domain, c) == "positive" for c in v.values()):
        return None
    grows = sign_on(domain, exponent)
    if grows not in ("positive", "negative"):
        return None
    # where phi is infinite: at infinity, or at 0; its other end must not be reached in finite time
    leading = extreme(v, domain, largest=grows == "positive")
    if leading is None or not _stays(b, v, domain, infinity=grows == "negative"):
        return None
    # sigma_Z^2 = e^2 c^2 x^(2e - 2 + v), so p = 2 + (v - 2) / e
    if sign_on(domain, (leading - 2) / exponent) != "positive":
        return None
    return rate.get(sp.Integer(0), sp.Integer(0))


def _stays(b: Monomials, v: Monomials, domain: Domain, *, infinity: bool) -> bool:
    """Whether the process does not explode (where phi vanishes at infinity), or is absorbed at 0 (where it does there).

    A non-negative local martingale that reaches 0 stays there, unless noise drives the process out of its range.
    """
    if infinity:
        room = [sign_on(domain, limit - k) for terms, limit in ((b, 1), (v, 2)) for k in terms]
        return all(sign in ("positive", "nonnegative", "zero") for sign in room)
    return all(sign_on(domain, k) == "positive" for k in v)
