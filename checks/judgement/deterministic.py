"""Comparisons of stated with computed numbers whose error is bounded, and points at which to make them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator

import numpy as np
import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...numerics.exact.values import values
from ..evidence import Finding
from ..witness import Task
from .breakpoints import unvisited
from .domain_signs import strict_sign
from .findings import as_text, confirmed, refuted, undecided

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_CYCLES = (4, 5, 7, 3, 11)
#: Rounding of float64 arithmetic relative to the scale, which is part of every error.
_ROUNDING = 1e-12
#: A gap refutes where it is so many error bounds, and larger than what a few lost digits make of the scale.
_BOUNDS, _FLOOR = 10, 1e-6
#: Bits of a value that are enough for a comparison with a quadrature.
_BITS = 60
#: Seconds for one question about a sign.
_SECONDS = 4.0


def generic_points(domain: Domain, count: int) -> Iterator[Point]:
    """Yield points away from the first value of every range, which is often 0 and makes terms vanish.

    Indices run through cycles of coprime lengths, so that many different combinations occur; no two parameters share
    one at a point, for what is asserted may fail only where they differ.
    """
    for number in range(count):
        indices: list[int] = []
        taken: set[int] = set()
        draw = random.Random(number)
        for place, given in enumerate(domain.ranges.values()):
            index = 1 + (number + place) % _CYCLES[place % len(_CYCLES)]
            if index in taken:
                index = draw.choice([i for i in range(1, len(domain.ranges) + 5) if i not in taken])
            taken.add(index)
            indices.append(index if given.size is None else index % given.size)
        yield domain.point(tuple(indices))


def number_at(expr: sp.Expr, point: Point) -> float:
    """Return the value at a point, integrals included; NumericsError where it has none."""
    ball = None
    for found in itertools.islice(values(expr, point), 4):
        ball = found.ball
        if ball.rel_accuracy_bits() >= _BITS or ball.is_zero():
            break
    if ball is None:
        raise NumericsError(f"{expr} has no value at {point}")
    return float(ball.mid())


class Ledger:
    """Collects comparisons of a stated with a found number, relative to a scale.

    Parameters
    ----------
    task : Task
        Whose effort says how fine a confirmation must be.
    method : str
        Words for it.
    asserted : iterable of Expr
        What changes its formula in the domain: nothing is confirmed while one of its pieces was not visited.
    """

    def __init__(self, task: Task, method: str, asserted: Iterable[sp.Basic] = ()) -> None:
        self.task, self.method = task, method
        self.asserted, self.points = tuple(asserted), list[Point]()
        self.worst = 0.0
        self.count = 0

    def compare(
        self, what: str, point: Point, stated: float, found: float, error: float, scale: float
    ) -> Finding | None:
        """Note one comparison; return a refutation when the gap exceeds ten times the error bound."""
        gap = abs(stated - found)
        slack = error + _ROUNDING * scale
        if not np.isfinite(gap + slack):
            raise NumericsError(f"{what} is not finite at {as_text(point)}")
        if gap > _BOUNDS * slack and gap > _FLOOR * scale:
            return refuted(
                f"{self.method}: {what} differs from the statement by more than ten error bounds.",
                point,
                f"{what} = {stated:.10g}",
                f"{what} = {found:.10g} +- {error:.1g}",
                f"{stated - found:.6g}",
                effect=gap / scale,
                quantity=what,
            )
        self.worst = max(self.worst, (gap + slack) / scale)
        self.count += 1
        self.points.append(point)
        return None

    def finding(self) -> Finding:
        """Return a confirmation when every comparison resolved the wanted deviation, else undecided."""
        if self.count == 0:
            return undecided(f"{self.method}: no point of the domain could be evaluated.")
        if self.worst > self.task.effort.resolution:
            return undecided(f"{self.method}: errors reach {self.worst:.2g}, which is too coarse.")
        domain = self.task.claim.domain

        def signed(wall: sp.Expr) -> bool:
            return strict_sign(wall, domain, _SECONDS) in ("positive", "negative")

        wall = unvisited(self.asserted, domain, self.points, signed)
        if wall is not None:
            return undecided(f"{self.method}: {self.count} comparisons agree, all on one side of {wall} = 0.")
        return confirmed(f"{self.method}: {self.count} comparisons agree within {self.worst:.2g}.", self.worst)
