r"""The local condition of weak convergence, tried on one step: moments of the increment against the generator's.

A one-step map of weak order p has :math:`E f(x_h) = \sum_{k\le p}\tfrac{h^k}{k!}L^kf(x) + O(h^{p+1})` for the powers
:math:`f(y) = (u\cdot(y-x))^n`, n = 1, ..., 2p + 1 (Kloeden and Platen, theorem 14.5.2). Looked at is one state with one
direction u, in a hundred digits: what fails there has not this order; what passes was not shown to have it elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import mpmath
import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.processes.ito import generator
from ...derivations.processes.sde import SDE
from .one_step import OneStep

_DIGITS = 100
#: Two step sizes whose errors show the order, 2^-40 and 2^-48: the next terms are smaller by 2^-20.
_FINE, _RATIO = 48, 8
#: Errors below this are rounding; the least error that counts, h^3, is 2^-144.
_ROUNDING = mpmath.mpf(10) ** -80


def check_weak_order(step: OneStep, sde: SDE, order: int) -> None:
    """Raise NumericsError unless one step of the map has the moments of the equation to O(h^(order + 1)), order 1 or 2.

    The increments may have any law whose moments up to degree 2 order + 1 are those of a standard normal.
    """
    point = {s: _value(s, i) for i, s in enumerate((*step.state, *step.parameters))}
    try:
        with mpmath.workdps(_DIGITS):
            for degree, (long, short) in enumerate(_errors(step, sde, order, point), 1):
                reached = mpmath.log(abs(long / short), 2) / _RATIO if abs(short) > _ROUNDING else mpmath.inf
                # orders come in halves: short of order + 1 it is order + 1/2 at most
                if not reached > order + 0.75:
                    half = float(mpmath.nint(2 * reached) / 2)
                    place = ", ".join(f"{s}={v}" for s, v in point.items())
                    raise NumericsError(
                        f"scheme {step.scheme}: moment {degree} of one step is wrong by O(h^{half:g}) "
                        f"at {place}, and weak_order={order} needs O(h^{order + 1}); mend the step or declare less"
                    )
    except (ArithmeticError, AttributeError, LookupError, NameError, RuntimeError, TypeError, ValueError) as problem:
        raise NumericsError(
            f"scheme {step.scheme}: its weak order cannot be checked, {problem}; write the step and the equation in "
            "smooth functions that mpmath has"
        ) from None


def _value(symbol: sp.Symbol, i: int) -> sp.Expr:
    return sp.Integer(2 + i) if symbol.is_integer else sp.Rational(3 + 2 * i, 7 + i)


def _errors(step: OneStep, sde: SDE, order: int, point: dict[sp.Symbol, sp.Expr]) -> Iterator[list[Any]]:
    """Yield, for the degrees 1, ..., 2 order + 1, the errors of a moment of the increment at the two step sizes."""
    ahead = sum(u * (x - point[x]) for u, x in enumerate(step.state, 1))
    after = ahead.subs(dict(zip(step.state, step.update, strict=True)), simultaneous=True).subs(point)
    move = sp.lambdify([step.dt, *step.noises], after, "mpmath")
    sizes = [mpmath.mpf(2) ** -n for n in (_FINE - _RATIO, _FINE)]
    moved = [[(weight, move(h, *noises)) for weight, noises in _normals(len(step.noises))] for h in sizes]
    for degree in range(1, 2 * order + 2):
        f, rates = ahead**degree, []
        for k in range(1, order + 1):
            f = generator(sde, f)
            rates.append(mpmath.mpmathify(sp.N(f.subs(point), _DIGITS)) / mpmath.factorial(k))
        yield [
            sum(weight * size**degree for weight, size in pairs) - sum(r * h**k for k, r in enumerate(rates, 1))
            for h, pairs in zip(sizes, moved, strict=True)
        ]


def _normals(m: int) -> Iterator[tuple[Any, list[Any]]]:
    """Yield weights and points whose sum is E f(xi), xi ~ N(0, I), for f of degree 5 (McNamee and Stenger 1967)."""
    far = mpmath.sqrt(3)
    axis, pair = mpmath.mpf(4 - m) / 18, mpmath.mpf(1) / 36
    yield 1 - 2 * m * axis - 2 * m * (m - 1) * pair, [0] * m
    for size, weight in ((1, axis), (2, pair)):
        for places in combinations(range(m), size):
            for signs in product((far, -far), repeat=size):
                yield weight, [dict(zip(places, signs, strict=True)).get(i, 0) for i in range(m)]
