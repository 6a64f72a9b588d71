"""Steps without discretisation error: geometric Brownian motion and Ornstein-Uhlenbeck, and the stochastic logistic.

Equations are recognised from their drift and diffusion, coordinate by coordinate; what is none of these is refused.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from .one_step import OneStep
from .taylor import Expansion


def exact(sde: SDE) -> OneStep:
    r"""Return the exact transition of an equation whose coordinates are geometric, Ornstein-Uhlenbeck or Brownian.

    .. math:: dx = \mu x\,dt + x\,\sigma\cdot dB:\quad x\,e^{(\mu-|\sigma|^2/2)h + \sqrt h\,\sigma\cdot\xi}

    .. math:: dx = (c + \lambda x)\,dt + \sigma\cdot dB:\quad
              x e^{\lambda h} + c\,\tfrac{e^{\lambda h}-1}\lambda
              + |\sigma|\sqrt{\tfrac{e^{2\lambda h}-1}{2\lambda}}\;\xi

    Differences of exponentials are written with sinh, so that no digits are lost at small steps. Geometric and
    Brownian coordinates may share noises; an Ornstein-Uhlenbeck coordinate needs noises of its own.

    Raises
    ------
    NumericsError
        If a coordinate is of neither form.
    """
    e = Expansion(sde)
    updates = [_geometric(e, i) or _affine(e, i) for i in e.coordinates()]
    for x, update in zip(sde.state, updates, strict=True):
        if update is None:
            raise NumericsError(
                f"exact: the coordinate {x} is neither geometric (drift and diffusion proportional to {x}) nor "
                f"Ornstein-Uhlenbeck (drift affine in {x}, constant noise of its own); use 'strong-1.5' or 'weak-2'"
            )
    return _assemble(e, "exact", [u for u in updates if u is not None], sp.oo, sp.oo)


def logistic(sde: SDE) -> OneStep:
    r"""Return the positive step of the stochastic logistic equation, whose only error is one time integral.

    .. math:: ds = s(p - qs)\,dt + s\,c\cdot dB:\quad
              s_h = \frac{s\,E_h}{1 + q s\int_0^hE_u\,du},\qquad E_u = e^{(p-|c|^2/2)u + c\cdot B_u}

    with the integral by the trapezoidal rule, :math:`h(1+E_h)/2`. Its error in one step has mean :math:`O(h^3)` and
    size :math:`O(h^{3/2})` (the area of the Brownian bridge, variance c^2 h^3/12): strong order 1, weak order 2. With
    q = 0 the step is exact; with q >= 0 positive paths stay positive at any h.

    Raises
    ------
    NumericsError
        If a coordinate has not this form.
    """
    e = Expansion(sde)
    updates = []
    for i, x in enumerate(sde.state):
        rates = _proportional(e, i)
        if rates is None or not _free(sp.diff(rates[0], x), e) or not _free(rates[0].subs(x, 0), e):
            raise NumericsError(
                f"logistic: the coordinate {x} is not of the form d{x} = {x} (p - q {x}) dt + c {x} dB; "
                "use 'log-weak-2' or 'log-euler-maruyama', which keep it positive"
            )
        growth = rates[0].subs(x, 0)
        crowding = -sp.diff(rates[0], x)
        factor = _factor(e, growth, rates[1])
        updates.append(x * factor / (1 + crowding * x * e.dt * (1 + factor) / 2))
    return _assemble(e, "logistic", updates, sp.S.One, sp.S(2))


def _assemble(e: Expansion, scheme: str, updates: list[sp.Expr], strong: sp.Expr, weak: sp.Expr) -> OneStep:
    used = set().union(*(u.free_symbols for u in updates))
    noises = tuple(xi for xi in e.noises if xi in used)
    return e.step(scheme, lambda i, x, drift: updates[i], noises, "gaussian", strong, weak)


def _free(expression: sp.Expr, e: Expansion) -> bool:
    return not expression.free_symbols & set(e.sde.state)


def _settle(expression: sp.Expr, e: Expansion) -> sp.Expr:
    """Cancel until the state is gone, or return what is left."""
    steps: tuple[Callable[[sp.Expr], sp.Expr], ...] = (sp.expand, sp.cancel, sp.simplify)
    for reduce in steps:
        expression = reduce(expression)
        if _free(expression, e):
            break
    return expression


def _proportional(e: Expansion, i: int) -> tuple[sp.Expr, list[sp.Expr]] | None:
    """Return (drift / x, constant diffusion / x), or None if the diffusion is not proportional to x."""
    x = e.sde.state[i]
    volatilities = [_settle(e.b(i, j) / x, e) for j in range(e.m)]
    if not all(_free(v, e) for v in volatilities):
        return None
    return sp.expand(_settle(sp.expand(e.ito.drift[i]) / x, e)), volatilities


def _factor(e: Expansion, growth: sp.Expr, volatilities: list[sp.Expr]) -> sp.Expr:
    """Return exp((growth - |sigma|^2/2) h + sqrt(h) sigma.xi)."""
    variance = sum(v**2 for v in volatilities)
    shock = sum(v * xi for v, xi in zip(volatilities, e.noises, strict=True))
    return sp.exp((growth - variance / 2) * e.dt + sp.sqrt(e.dt) * shock)


def _geometric(e: Expansion, i: int) -> sp.Expr | None:
    rates = _proportional(e, i)
    if rates is None or not _free(rates[0], e):
        return None
    return e.sde.state[i] * _factor(e, *rates)


def _affine(e: Expansion, i: int) -> sp.Expr | None:
    x, h = e.sde.state[i], e.dt
    slope = _settle(sp.diff(e.ito.drift[i], x), e)
    intercept = _settle(e.ito.drift[i] - slope * x, e)
    own = [j for j in range(e.m) if e.b(i, j) != 0]
    if not all(_free(f, e) for f in (slope, intercept, *(e.b(i, j) for j in own))):
        return None
    if slope == 0:
        return x + intercept * h + sp.sqrt(h) * sum(e.b(i, j) * e.noises[j] for j in own)
    if any(e.b(k, j) != 0 for j in own for k in e.coordinates() if k != i):
        return None
    mean = x * sp.exp(slope * h) + intercept * _integral_of_exp(slope, h)
    if not own:
        return mean
    deviation = sp.sqrt(sum(e.b(i, j) ** 2 for j in own) * _integral_of_exp(2 * slope, h))
    return mean + deviation * e.noises[own[0]]


def _integral_of_exp(rate: sp.Expr, h: sp.Symbol) -> sp.Expr:
    """Return (exp(rate h) - 1) / rate without cancellation."""
    value = 2 * sp.exp(rate * h / 2) * sp.sinh(rate * h / 2) / rate
    return value if rate.is_nonzero else sp.Piecewise((h, sp.Eq(rate, 0)), (value, True))
