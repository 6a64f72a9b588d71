"""Signs of expressions on a domain: certified at a point, strict on the whole, and the points that are tried first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import UndefinedError
from ...derivations.positivity import edge_points, sign_on
from ..witness import Task
from . import comparison
from .definedness import undefined_at
from .ladder import holds
from .points import distinct, examined
from .straddle import excess

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def ladder_seconds(task: Task) -> float:
    """Return the CPU seconds that the last rungs of the ladder may take for one question of an algebra witness."""
    return task.effort.algebra_seconds / 4


def certified_sign(expr: sp.Expr, point: Point) -> int | None:
    """Return the sign (-1, 0, 1) of `expr` at an exact point, or None where it is undefined or not told."""
    try:
        return comparison.certified_sign(expr, point)
    except UndefinedError:
        return None


def violates(relation: Any, point: Point) -> bool:
    """Return whether an inequality is certified to fail at an exact point at which both sides have values."""
    sign = certified_sign(excess(relation), point)
    if sign != -1 and not (sign == 0 and isinstance(relation, sp.Gt | sp.Lt)):
        return False
    return undefined_at(relation.lhs, point) is None and undefined_at(relation.rhs, point) is None


def strict_sign(expr: sp.Expr, domain: Domain, seconds: float) -> str | None:
    """Return the strict sign of `expr` on the whole domain, by the ladder, or a weak one, or None.

    Parameters
    ----------
    expr : sympy.Expr
        In the parameters of the domain.
    domain : Domain
        Where.
    seconds : float
        Limit of CPU time of each of two questions to the ladder, greater than 0.
    """
    found = sign_on(domain, expr)
    if found in ("positive", "negative"):
        return found
    for word, relation in (("positive", sp.Gt), ("negative", sp.Lt)):
        if holds(relation(expr, 0, evaluate=False), domain, seconds).answer:
            return word
    return found


def candidates(domain: Domain, count: int) -> Iterator[Point]:
    """Yield the simplest points of the domain, twice `count` of them, then generic ones, edges and every scale."""
    yield from distinct(itertools.chain(examined(domain, 2 * count), itertools.islice(edge_points(domain), 8 * count)))
