"""What a density may hide between the nodes of a grid: a bound by balls, for solvers that see nodes only.

It knows second derivatives, enclosed over whole intervals, and nothing of the solver besides its mesh width.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import sympy as sp

from ....derivations.errors import NumericsError
from ....numerics.exact.values import Evaluation

#: Intervals that are enclosed first, and times that one is halved where its bound is large.
_FIRST, _HALVINGS = 64, 10
#: Intervals that are enclosed at most.
_MOST = 4000


def hidden_mass(
    slope: sp.Expr,
    z: sp.Symbol,
    ends: tuple[float, float],
    mesh: float,
    below: Callable[[float], float],
    wanted: float,
) -> float:
    r"""Bound by how much a distribution function may differ, for what lies between the nodes.

    Of the slope s of the logarithmic density nodes at distance h tell the integral over
    a cell up to :math:`h^3 \max|s''|/24`. An error e of the logarithm beyond z moves the distribution function F by
    at most e F(z)(1 - F(z)). The second derivatives are enclosed over whole intervals, which are halved where it pays,
    so that no peak between nodes escapes; infinity where s'' is not enclosed.

    Parameters
    ----------
    slope : Expr
        s, in numbers and z: :math:`(2b - v')/v` for the stationary law of an equation.
    z : Symbol
        The state, on the real line.
    ends : (float, float)
        Where nearly all mass lies.
    mesh : float
        h.
    below : callable
        F, roughly.
    wanted : float
        A bound that suffices: intervals are halved while their sum exceeds it.
    """
    curvature = sp.diff(slope, z, 2)
    if curvature == 0:
        return 0.0
    low, high = ends
    width = (high - low) / _FIRST
    level = [(low + k * width, low + (k + 1) * width) for k in range(_FIRST)]
    total, count = 0.0, 0
    for halving in range(_HALVINGS + 1):
        share = wanted * 2.0**-halving / (2 * _FIRST)
        finer: list[tuple[float, float]] = []
        for left, right in level:
            count += 1
            first, last = below(left), below(right)
            spread = max(f * (1 - f) for f in (first, last, min(max(0.5, first), last)))
            bound = (right - left) * mesh**2 / 24 * _largest(curvature, z, left, right) * spread
            if bound <= share or right - left <= mesh or halving == _HALVINGS or count > _MOST:
                total += bound
            else:
                middle = (left + right) / 2
                finer += [(left, middle), (middle, right)]
        level = finer
    return total


def _largest(expr: sp.Expr, z: sp.Symbol, left: float, right: float) -> float:
    """Return a bound of |expr| on an interval, from a ball around all of it."""
    from flint import acb, arb

    try:
        ball = Evaluation({z: acb(arb((left + right) / 2, (right - left) / 2))})(expr)
        found = float(abs(ball).abs_upper()) if ball.is_finite() else math.inf
    except (NumericsError, OverflowError):
        return math.inf
    return math.inf if math.isnan(found) else found
