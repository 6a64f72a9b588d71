r"""Feller's classification of the ends of a one-dimensional diffusion, by the leading powers of its coefficients.

For :math:`dX = b\,dt + S\,dB` the scale function has :math:`s' = \exp(-\int 2b/S^2)` and the speed measure the density
:math:`m = 1/(S^2 s')`. An end e is reached in finite time with positive probability iff
:math:`\int_e s([e, x])\,m(x)\,dx < \infty` (Karlin and Taylor, A Second Course in Stochastic Processes, section 15.6).
With t the distance from a finite end and :math:`2b/S^2 \sim k t^e` (inwards), :math:`S^2 \sim v t^r` this is decided by
k, e and r; so it is at an infinite end, where t is the state itself. What is no power there stays open.
"""

from __future__ import annotations

from enum import StrEnum

import sympy as sp

from ..domain import Domain
from .fokker_planck import End, Leading, dominant_power, exponent_signs, leading_power, toward

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Fate(StrEnum):
    """What becomes of the process at an end of an interval."""

    #: Natural or entrance: the end is not reached in finite time.
    INACCESSIBLE = "it is not reached"
    #: Reached, but the noise vanishes there like the root of the distance and the drift points inwards: the equation
    #: itself keeps the process inside, which spends no time at the end.
    KEPT = "it is reached and left at once by the equation's own drift"
    #: Reached while noise acts there or the drift points outwards.
    LEAVES = "it is reached in finite time and left outwards"
    #: Reached, and drift and noise vanish there: the process stays.
    ABSORBED = "it is reached in finite time and holds the process"
    #: An infinite end is reached in finite time.
    EXPLODES = "it is reached in finite time"
    #: The leading powers do not tell.
    OPEN = "it is not classified"


Fates = frozenset[Fate]


def fates(drift: sp.Expr, rate: sp.Expr, x: sp.Symbol, end: End, domain: Domain) -> Fates:
    """Return a set that contains the fate at `end` for every parameter of the domain.

    Parameters
    ----------
    drift, rate : sympy.Expr
        Ito drift and variance rate, smooth on a neighbourhood of the end inside the interval, the rate positive there.
    x : Symbol
        The state.
    end : End
        The end, and the side on which the interval lies.
    domain : Domain
        Ranges of the parameters.
    """
    t = sp.Dummy("t", positive=True)
    at = toward(end.place, end.inside, t)
    near_drift, near_rate = drift.subs(x, at), rate.subs(x, at)
    side = -1 if end.place.is_infinite else 1
    if _orders(near_drift, t, domain, side) and _orders(near_rate, t, domain, 2 * side):
        return frozenset({Fate.INACCESSIBLE})  # in the logarithm of t both are bounded
    noise = leading_power(near_rate, t, domain)
    force = dominant_power(near_drift, t, domain)
    if noise is None or force is None or (noise[0] * force[0]).has(sp.Dummy):
        return frozenset({Fate.OPEN})
    if end.place.is_infinite:
        return _at_infinity((-end.inside * force[0], -force[1]), (noise[0], -noise[1]), domain)
    return _at_finite((end.inside * force[0], force[1]), noise, domain)


def _orders(expr: sp.Expr, t: sp.Symbol, domain: Domain, least: int) -> bool:
    """Return True when `expr` is seen to be O(t^least), term by term."""
    leads = [dominant_power(term, t, domain) for term in sp.Add.make_args(sp.expand(expr))]
    return all(lead is not None and -1 not in exponent_signs(lead[1] - least, domain) for lead in leads)


def _at_finite(force: Leading, noise: Leading, domain: Domain) -> Fates:
    """Classify t -> 0 with the drift inwards ``c t^p`` and the rate ``v t^r``; k = 2 c/v, e = p - r."""
    (c, p), (v, r) = force, noise
    found: set[Fate] = set()
    drift_order, noise_order = exponent_signs(p, domain), exponent_signs(r, domain)
    weak = exponent_signs(2 - r, domain)
    for order in exponent_signs(p - r + 1, domain):
        if order > 0:
            # s' tends to a constant, so that the integral is that of t^(1 - r)
            if weak & {-1, 0}:
                found.add(Fate.INACCESSIBLE)
            if 1 in weak:
                found |= _reached_mildly(exponent_signs(c, domain), drift_order, noise_order)
        elif order == 0:
            # s' = t^(-k) up to a factor
            k = sp.factor(2 * c / v)
            inwards, below = exponent_signs(k, domain), exponent_signs(k - 1, domain)
            if weak & {-1, 0} or below & {0, 1}:
                found.add(Fate.INACCESSIBLE)
            if 1 in weak and -1 in below:
                found |= _reached_critically(inwards, exponent_signs(r - 1, domain), noise_order)
        else:
            # the drift alone decides: inwards it holds the process off, outwards the integral is that of t^(-p)
            inwards, fast = exponent_signs(c, domain), exponent_signs(1 - p, domain)
            if 1 in inwards or fast & {-1, 0}:
                found.add(Fate.INACCESSIBLE)
            if 1 in fast:
                if 0 in inwards:
                    found.add(Fate.OPEN)
                if -1 in inwards:
                    found |= {
                        Fate.LEAVES if n <= 0 or d <= 0 else Fate.ABSORBED for n in noise_order for d in drift_order
                    }
    return frozenset(found)


def _reached_mildly(inwards: frozenset[int], drift_order: frozenset[int], noise_order: frozenset[int]) -> set[Fate]:
    """Return the fates at an end that is reached as by driftless noise."""
    found = set()
    for n in noise_order:
        for d in drift_order:
            if n <= 0:
                found.add(Fate.LEAVES)
            elif d > 0 or inwards == {0}:
                # in the scale of the process it is a non-negative local martingale, which stays at zero
                found.add(Fate.ABSORBED)
            elif d == 0 and inwards == {-1}:
                found.add(Fate.LEAVES)
            else:
                # with an inward drift at the end the process may stick to it
                found.add(Fate.OPEN)
    return found


def _reached_critically(inwards: frozenset[int], linear: frozenset[int], noise_order: frozenset[int]) -> set[Fate]:
    """Return the fates at an end with ``s' = t^(-k)``, k < 1 and r < 2; `linear` has the signs of r - 1."""
    found = set()
    for sign in inwards:
        if sign > 0:
            # for r = 1 the occupation formula lets no local time and hence no time at the end
            found |= {Fate.KEPT if order == 0 else Fate.OPEN for order in linear}
        elif sign < 0:
            found |= {Fate.ABSORBED if order > 0 else Fate.LEAVES for order in linear}
        else:
            found |= {Fate.LEAVES if n <= 0 else Fate.OPEN for n in noise_order}
    return found


def _at_infinity(force: Leading, noise: Leading, domain: Domain) -> Fates:
    """Classify y -> oo with the drift outwards ``c y^p`` and the rate ``v y^r``; k = 2 c/v, e = p - r."""
    (c, p), (v, r) = force, noise
    found: set[Fate] = set()
    for order in exponent_signs(p - r + 1, domain):
        if order < 0:
            found.add(Fate.INACCESSIBLE)  # s' tends to a constant: the process is recurrent on this side
        elif order == 0:
            # s' = y^(-k): the integral is that of y^(1 - r), and exists only for k > 1
            steep, fast = exponent_signs(sp.factor(2 * c / v) - 1, domain), exponent_signs(r - 2, domain)
            if steep & {-1, 0} or fast & {-1, 0}:
                found.add(Fate.INACCESSIBLE)
            if 1 in steep and 1 in fast:
                found.add(Fate.EXPLODES)
        else:
            # outwards the time of the journey is that of dy/dt = c y^p
            outwards, fast = exponent_signs(c, domain), exponent_signs(p - 1, domain)
            if 0 in outwards and 1 in fast:
                found.add(Fate.OPEN)
            if -1 in outwards or fast & {-1, 0}:
                found.add(Fate.INACCESSIBLE)
            if 1 in outwards and 1 in fast:
                found.add(Fate.EXPLODES)
    return frozenset(found)
