"""Points just inside and just outside an asserted condition, for witnesses that look at a threshold from both sides."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError
from ...derivations.positivity import sign_on

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


@dataclass(frozen=True)
class Straddle:
    """A pair of domain points that differ in one parameter, on either side of the asserted threshold.

    Parameters
    ----------
    symbol : Symbol
        The parameter that differs.
    boundary : Expr
        Its value at equality.
    inside, outside : dict
        Points where the condition holds, and where it fails.
    """

    symbol: sp.Symbol
    boundary: sp.Expr
    inside: Point
    outside: Point


def excess(condition: Any) -> sp.Expr:
    """Return the expression that is > 0 inside a strict inequality, 0 at equality and < 0 outside."""
    if isinstance(condition, sp.Gt | sp.Ge):
        return condition.lhs - condition.rhs
    return condition.rhs - condition.lhs


def allows_equality(condition: Any, domain: Domain) -> bool:
    """Return whether a weak condition may be an equality somewhere on the domain."""
    return not isinstance(condition, sp.Gt | sp.Lt) and sign_on(domain, excess(condition)) not in (
        "positive",
        "negative",
    )


def generic_points(domain: Domain, count: int) -> Iterator[Point]:
    """Yield `count` exact points with small, mostly distinct indices, the same ones at every call."""
    draw = random.Random(20)
    for _ in range(count):
        yield domain.point(tuple(draw.randint(0, 4) for _ in domain.symbols))


def straddle(
    condition: Any, domain: Domain, margin: sp.Rational, count: int, fixed: tuple[sp.Symbol, ...] = ()
) -> Iterator[Straddle]:
    """Yield up to `count` pairs of points at relative distance `margin` from equality in one parameter.

    The threshold value is solved from `condition` as printed at generic points of `domain`; parameters in `fixed`
    are never the one that varies.
    """
    gap = excess(condition)
    found = 0
    order = [s for s in domain.symbols if s in gap.free_symbols and s not in fixed and not s.is_integer]
    for number, point in enumerate(generic_points(domain, 16 * count)):
        for shift in range(len(order)):
            symbol = order[(number + shift) % len(order)]
            others = {s: v for s, v in point.items() if s != symbol}
            pair = _around(gap.subs(others), symbol, point, margin, domain)
            if pair is not None:
                yield pair
                found += 1
                break
        if found == count:
            return


def _around(gap: sp.Expr, symbol: sp.Symbol, point: Point, margin: sp.Rational, domain: Domain) -> Straddle | None:
    if symbol not in gap.free_symbols or _without_roots(gap, symbol):
        return None
    try:
        roots = sp.solve(gap, symbol)
    except NotImplementedError:
        return None
    for root in roots:
        if not root.is_real or root == 0:
            continue
        ends = [point | {symbol: root * (1 - margin)}, point | {symbol: root * (1 + margin)}]
        signs = [gap.subs(symbol, p[symbol]) for p in ends]
        try:
            for p in ends:
                domain.check(p)
        except DomainError:
            continue
        if signs[0] > 0 > signs[1]:
            return Straddle(symbol, root, ends[0], ends[1])
        if signs[1] > 0 > signs[0]:
            return Straddle(symbol, root, ends[1], ends[0])
    return None


def _without_roots(gap: sp.Expr, symbol: sp.Symbol) -> bool:
    """Return whether a polynomial with rational coefficients has no real root, which is told sooner than roots are."""
    try:
        return int(sp.Poly(gap, symbol, domain="QQ").count_roots()) == 0
    except (sp.PolynomialError, sp.CoercionFailed, sp.GeneratorsError):
        return False
