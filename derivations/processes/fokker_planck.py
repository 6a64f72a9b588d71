r"""Stationary Fokker-Planck calculus in one dimension, and zero-current conditions in several.

The density of :math:`dX = b\,dt + S\,dB` (Ito) obeys :math:`\partial_t p = -\partial_x J` with
:math:`J = b p - \tfrac12 (S^2 p)'`. Zero current gives :math:`(\log p)' = (2b - (S^2)')/S^2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..domain import Domain
from ..errors import ClaimError
from ..ranges import Above, AtLeast, Between, Integers, Positive
from .sde import SDE

Leading = tuple[sp.Expr, sp.Expr]


def log_derivative(f: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """Return f'/f, factor by factor, so that powers with symbolic exponents stay simple."""
    total = sp.Integer(0)
    for factor in sp.Mul.make_args(f):
        if isinstance(factor, sp.exp):
            total += sp.diff(factor.args[0], x)
        elif factor.is_Pow and not factor.exp.has(x):
            total += factor.exp * log_derivative(factor.base, x)
        elif factor.has(x):
            total += sp.diff(factor, x) / factor
    return total


def stationary_slope(sde: SDE) -> sp.Expr:
    r"""Return :math:`(\log p)' = 2b/S^2 - (\log S^2)'` of the zero-current density of a one-dimensional SDE."""
    if sde.dimension != 1:
        raise ClaimError(f"a one-dimensional SDE is needed; this one has {sde.dimension} coordinates")
    rate = sde.covariance[0, 0]
    return 2 * sde.ito_drift[0] / rate - log_derivative(rate, sde.state[0])


def current_field(
    state: tuple[sp.Symbol, ...], force: sp.ImmutableMatrix, tensor: sp.ImmutableMatrix, current: str
) -> sp.ImmutableMatrix:
    """Return G such that the current is ``j = p (G + A grad log p)`` in the given sense (see `DetailedBalance`)."""
    d = len(state)
    if current == "printed":
        return force
    divergence = sp.Matrix([sum(sp.diff(tensor[i, j], state[j]) for j in range(d)) for i in range(d)])
    return sp.ImmutableMatrix(force + (divergence if current == "ito" else divergence / 2))


def parametrised(domain: Domain, expr: sp.Expr) -> sp.Expr:
    """Return `expr` with every parameter written in new symbols whose signs are known to SymPy.

    ``Above(c)`` becomes ``c + t`` with t > 0, ``Integers(low)`` becomes ``low + n`` with n >= 0, and so on.
    """
    for symbol, given in reversed(list(domain.ranges.items())):
        if given is Positive:
            continue
        if isinstance(given, Integers):
            new = given.low + sp.Dummy(symbol.name, integer=True, nonnegative=True)
        elif isinstance(given, AtLeast):
            new = given.bound + sp.Dummy(symbol.name, nonnegative=True)
        elif isinstance(given, Above):
            new = given.bound + sp.Dummy(symbol.name, positive=True)
        elif isinstance(given, Between):
            ratio = sp.Dummy(symbol.name, positive=True)
            new = given.low + (given.high - given.low) * ratio / (1 + ratio)
        else:
            continue
        expr = expr.subs(symbol, new)
    return expr


def possible_signs(expr: sp.Expr, domain: Domain) -> frozenset[int]:
    """Return a set that contains every sign (-1, 0, 1) that `expr` takes on the domain."""
    base = parametrised(domain, sp.sympify(expr))
    found = frozenset({-1, 0, 1})
    for form in (lambda e: e, sp.expand, sp.factor, sp.cancel):
        numerator, denominator = sp.fraction(sp.together(form(base)))
        for one, other in ((numerator, denominator), (sp.expand(numerator), sp.expand(denominator))):
            top, bottom = _signs(one), _signs(other) - {0}
            found &= frozenset(a * b for a in top for b in bottom)
        if len(found) == 1:
            break
    return found


def _signs(e: sp.Expr) -> frozenset[int]:
    signs = {-1, 0, 1}
    if e.is_nonnegative:
        signs -= {-1}
    if e.is_nonpositive:
        signs -= {1}
    if e.is_nonzero:
        signs -= {0}
    return frozenset(signs)


def leading_power(expr: sp.Expr, t: sp.Symbol, domain: Domain) -> Leading | None:
    """Return (c, e) with ``expr ~ c t^e`` as t -> 0+, or None when it cannot be decided on the whole domain.

    For expressions built of sums, products, constant powers and elementary functions with a limit; exponents may
    contain parameters. The coefficient vanishes nowhere on the domain.
    """
    lead = dominant_power(expr, t, domain)
    return None if lead is None or 0 in possible_signs(lead[0], domain) else lead


def dominant_power(expr: sp.Expr, t: sp.Symbol, domain: Domain) -> Leading | None:
    """Return (c, e) with ``expr = c t^e + o(t^e)`` as t -> 0+; c may vanish somewhere on the domain.

    What is smaller than every power has c = 0 and e = oo; what is larger has its sign as c, and e = -oo. The
    coefficient of something that oscillates is a new real symbol (`sympy.Dummy`).
    """
    expr = sp.sympify(expr)
    if not expr.has(t):
        return (expr, sp.Integer(0)) if expr != 0 else (expr, sp.oo)
    if expr == t:
        return sp.Integer(1), sp.Integer(1)
    if expr.is_Pow and not expr.exp.has(t):
        return _leading_of_power(dominant_power(expr.base, t, domain), expr.exp, domain)
    if expr.is_Mul:
        found = [dominant_power(a, t, domain) for a in expr.args]
        exponent = sp.Add(*(f[1] for f in found if f))
        if None in found or exponent is sp.nan:
            return None
        coefficient = sp.Mul(*(f[0] for f in found if f))
        if exponent is -sp.oo and 0 in possible_signs(coefficient, domain):
            return None
        return coefficient, sp.expand(exponent)
    if expr.is_Add:
        return _leading_sum(expr, t, domain)
    if expr.is_Function and len(expr.args) == 1:
        return _leading_function(expr.func, dominant_power(expr.args[0], t, domain), domain)
    return None


def exponent_signs(exponent: sp.Expr, domain: Domain) -> frozenset[int]:
    """Return the signs that an exponent, or a difference of exponents, may take; it may be infinite."""
    if exponent is sp.nan:
        return frozenset({-1, 0, 1})
    if exponent in (sp.oo, -sp.oo):
        return frozenset({1 if exponent is sp.oo else -1})
    return possible_signs(exponent, domain)


def _leading_of_power(inner: Leading | None, exponent: sp.Expr, domain: Domain) -> Leading | None:
    if inner is None:
        return None
    rising = possible_signs(exponent, domain)
    if rising != {1} and 0 in possible_signs(inner[0], domain):
        return None
    if inner[1] in (sp.oo, -sp.oo):
        if rising == {1}:
            return inner[0] ** exponent, inner[1]
        return (sp.Integer(0), sp.oo) if rising == {-1} else None
    # o(t^e) to a positive power is o(t^(e q)), whatever the coefficient
    return inner[0] ** exponent, inner[1] * exponent


#: Odd functions with finite limits at infinity.
_LIMITS = {sp.tanh: sp.Integer(1), sp.erf: sp.Integer(1), sp.atan: sp.pi / 2}
_GROWING = (sp.exp, sp.sinh, sp.cosh)
_BOUNDED = (sp.sin, sp.cos)


def _leading_function(f: Any, inner: Leading | None, domain: Domain) -> Leading | None:
    """Return the leading power of a function, analytic on the line, of something with a leading power."""
    if inner is None or f not in (*_LIMITS, *_GROWING, *_BOUNDED):
        return None
    coefficient, exponent = inner
    size = exponent_signs(exponent, domain)
    if size == {1}:
        if f(0) != 0:
            return f(0), sp.Integer(0)
        u = sp.Dummy("u")
        return sp.diff(f(u), u).subs(u, 0) * coefficient, exponent
    if size == {0}:
        return f(coefficient), sp.Integer(0)
    if f in _BOUNDED and -1 in size:
        return sp.Dummy("bounded", real=True), sp.Integer(0)
    sign = possible_signs(coefficient, domain)
    if size != {-1} or sign not in ({1}, {-1}):
        return None
    (side,) = sign
    if f in _LIMITS:
        return side * _LIMITS[f], sp.Integer(0)
    if f is sp.exp and side < 0:
        return sp.Integer(0), sp.oo
    return sp.Integer(side if f is sp.sinh else 1), -sp.oo


def _leading_sum(expr: sp.Expr, t: sp.Symbol, domain: Domain, again: bool = True) -> Leading | None:
    best: Leading = (sp.Integer(0), sp.oo)
    for term in expr.args:
        lead = dominant_power(term, t, domain)
        if lead is None:
            return None
        if lead[1] == best[1]:
            if best[1] is -sp.oo and len({*possible_signs(lead[0], domain), *possible_signs(best[0], domain)}) > 1:
                return None
            best = (best[0] + lead[0], best[1])
            continue
        signs = exponent_signs(lead[1] - best[1], domain)
        if signs == {0}:
            best = (best[0] + lead[0], best[1])
        elif signs == {-1}:
            best = lead
        elif signs != {1}:
            return None
    if best[1] is sp.oo or sp.simplify(best[0]) != 0:
        return best
    expanded = sp.expand(expr)
    if again and expanded.is_Add:
        return _leading_sum(expanded, t, domain, again=False)
    return dominant_power(expanded, t, domain) if again and expanded != 0 else None


def toward(end: sp.Expr, inside: int, t: sp.Symbol) -> sp.Expr:
    """Return the state at distance t from a finite `end` (on side `inside`), or 1/t from an infinite one."""
    return -inside / t if end.is_infinite else end + inside * t


@dataclass(frozen=True)
class End:
    """One end of an interval: its place, and the side (+1 or -1) on which the interval lies."""

    place: sp.Expr
    inside: int


def ends(interval: sp.Interval) -> tuple[End, End]:
    """Return both ends of an interval."""
    return End(interval.start, 1), End(interval.end, -1)


def integrable_at(slope: sp.Expr, x: sp.Symbol, end: End, domain: Domain, moment: int = 0) -> Any:
    r"""Return the condition under which :math:`|x|^{moment} p` with :math:`(\log p)'=` `slope` is integrable there.

    The result is ``sp.true``, ``sp.false``, a strict relation in the parameters, or None when undecided.
    """
    t = sp.Dummy("t", positive=True)
    near = slope.subs(x, toward(end.place, end.inside, t))
    lead = dominant_power(near, t, domain)
    if lead is None:
        return None
    # log-derivative along the outward scale: p ~ t^alpha where the exponent of the slope is critical
    coefficient, exponent = end.inside * lead[0], lead[1]
    infinite = bool(end.place.is_infinite)
    critical = exponent_signs(exponent - (1 if infinite else -1), domain)
    steep = possible_signs(coefficient, domain)
    # at infinity x = 1/t moves against t: a density falls outwards when `coefficient` is positive
    if critical == {-1}:
        if infinite and steep not in ({1}, {-1}) and sp.expand(near - lead[0] * t**exponent) == 0:
            return sp.Gt(coefficient, 0)  # flat where the only term vanishes
        return sp.true if steep == {1} else sp.false if steep == {-1} else None
    if critical == {1}:
        return sp.false if infinite else sp.true
    if critical != {0}:
        return None
    gap = sp.factor(coefficient - 1 - moment if infinite else coefficient + 1)
    signs = possible_signs(gap, domain)
    if signs == {1}:
        return sp.true
    if gap.has(sp.Dummy):
        return None  # a coefficient that oscillates
    return sp.false if 1 not in signs else sp.Gt(gap, 0)


def laplace_parts(sde: SDE, small: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    r"""Return :math:`(\Phi', \Psi')` with :math:`(\log p)' = \Phi'/\epsilon + \Psi'` for zero current.

    Needs a drift affine in the small parameter and a variance rate proportional to it.

    Raises
    ------
    ClaimError
        If the SDE is not of that form.
    """
    x, drift = sde.state[0], sde.ito_drift[0]
    rate = sde.covariance[0, 0] / small
    if rate.has(small) or sp.expand(sp.diff(drift, small, 2)) != 0:
        raise ClaimError(f"the drift must be affine in {small} and the variance rate proportional to it")
    phi = 2 * drift.subs(small, 0) / rate
    psi = 2 * sp.diff(drift, small) / rate - log_derivative(rate, x)
    return phi, psi
