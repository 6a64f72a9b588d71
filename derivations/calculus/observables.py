r"""Functions of a scalar process whose expectations obey the backward equation, beyond sums of powers.

Let u solve :math:`u_t = Lu` with :math:`u(0, x) = \phi(x)`. Then :math:`u(T - s, X_s)` is a local martingale, and
:math:`E\phi(X_T) = u(T, x_0)` where it is uniformly integrable: when u is bounded; when it grows like a power and
growth makes all moments finite; when it grows like :math:`e^{a|x|}` and the noise is constant while the drift does not
push outwards faster than a constant, for then :math:`L\cosh(ax) \le C \cosh(ax)`. By the same bounds the derivatives of
:math:`E\phi(X_t)` at t = 0 are :math:`(L^k\phi)(x_0)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..domain import Domain
from ..processes.growth import Monomials, moments, monomials, outward_at_most, state_range
from ..processes.sde import SDE
from .smoothness import sign_with_exponentials

#: Functions that are bounded and smooth on the whole real line.
_BOUNDED = (sp.sin, sp.cos, sp.tanh, sp.erf, sp.erfc, sp.atan, sp.sech)


@dataclass(frozen=True)
class Observables:
    """Which functions of a process that lives for ever have expectations that obey the backward equation.

    Parameters
    ----------
    state : Symbol
        The state.
    low : Expr
        Lower end of its range, 0 or -oo.
    exponential : bool
        Whether all exponential moments are finite at bounded times.
    domain : Domain
        Ranges of the parameters, of the time too.
    """

    state: sp.Symbol
    low: sp.Expr
    exponential: bool
    domain: Domain

    def admit(self, function: sp.Expr) -> bool:
        """Whether a function of the state, smooth up to the ends of its range, is seen not to grow too fast."""
        plain = sp.expand(sp.sympify(function).rewrite([sp.sinh, sp.cosh], sp.exp), power_exp=False)
        return all(self._factor(f) for term in sp.Add.make_args(plain) for f in sp.Mul.make_args(term))

    def _factor(self, f: sp.Expr) -> bool:
        x = self.state
        if not f.has(x):
            return True
        base, exponent = f.as_base_exp()
        if base == x:
            return bool(exponent.is_Integer and exponent >= 0)
        if isinstance(f, sp.exp):
            return self._exponential(f.args[0])
        if isinstance(f, _BOUNDED):
            return bool(f.args[0].is_polynomial(x) and f.args[0].is_real)
        return bool(exponent.is_Integer and exponent > 1) and self._factor(base)

    def _exponential(self, u: sp.Expr) -> bool:
        if not u.is_polynomial(self.state):
            return False
        powers = sp.Poly(u, self.state)
        falls = sign_with_exponentials(sp.factor(powers.LC()), self.domain) == "negative"
        if falls and (self.low == 0 or powers.degree() % 2 == 0):
            return True
        return self.exponential and powers.degree() <= 1


def observables(sde: SDE, domain: Domain) -> Observables | None:
    """Return the functions whose expectations are known to obey their equation, or None where the process is not known.

    Parameters
    ----------
    sde : SDE
        A scalar equation with coefficients that are sums of powers.
    domain : Domain
        Ranges of state, time and parameters.
    """
    x, drift, variance = sde.scalar()
    known = moments(sde, domain)
    low, high = state_range(x, domain)
    if known is None or not known.exists or high != sp.oo or low not in (0, -sp.oo):
        return None
    b, v = monomials(drift, x), monomials(variance, x)
    if b is None or v is None:
        return None
    steady = low == -sp.oo and all(k == 0 for k in v) and all(_inward(b, side, domain) for side in (1, -1))
    return Observables(x, low, steady, domain)


def _inward(b: Monomials, side: int, domain: Domain) -> bool:
    """Whether the drift pushes towards `side` by no more than a constant far out on that side."""
    if not all(k.is_Integer and k >= 0 for k in b):
        return False
    mirrored = b if side == 1 else {k: c * (-1) ** (k + 1) for k, c in b.items()}
    return outward_at_most(mirrored, sp.Integer(0), domain)
