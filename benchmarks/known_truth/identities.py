"""Identities: true ones by rewriting, false ones by a deviation of random size at a random place.

A false identity is a pair (true by construction) with a deviation that is added to one side, or a factor or a number
changed. An added one is non-zero at its point by exact arithmetic; the others count only where the two sides differ in
mpmath with 400 and with 600 digits, at an exact point of the domain.
"""

from __future__ import annotations

import random
import re
from fractions import Fraction

from .case import Case, Truth
from .pairs import Pairs
from .places import DOMAINS, Variable, at, deviation, exact_point, ranges, size, written
from .values import evaluable, gap, relative, value

#: Longest text of a side; deeper ones say little that shorter ones do not.
LONGEST = 420

_NUMBER = re.compile(r"(?<![\w.*])\d+(?![\w.])")


def true(rng: random.Random) -> Case:
    """Return a true identity."""
    domain, left, right = _pair(rng)
    return Case("identity", Truth.TRUE, _equation(left, right), ranges(domain), "exact rewriting, step by step")


def false(rng: random.Random) -> Case:
    """Return a false identity."""
    while True:
        domain, left, right = _pair(rng)
        found = rng.choice((_added, _added, _scaled, _renumbered))(rng, domain, left, right)
        if found is not None:
            return found


def _pair(rng: random.Random) -> tuple[tuple[Variable, ...], str, str]:
    while True:
        domain = rng.choice(DOMAINS)
        left, right = Pairs(rng, domain).rule(rng.choice("RRRPPGI"), rng.choice((1, 1, 2, 2, 3, 4)))
        named = {v.name for v in domain if re.search(rf"\b{v.name}\b", left + right)}
        if named and left != right and max(len(left), len(right)) <= LONGEST:
            return domain, left, right


def _added(rng: random.Random, domain: tuple[Variable, ...], left: str, right: str) -> Case | None:
    local, amount = deviation(rng, domain), size(rng)
    point = at(exact_point(rng, domain), local)
    if not evaluable(left, point):
        return None
    changed = f"{right}+{written(amount)}*{local.text}"
    why = f"the two sides of a true identity, one moved by {amount} {local.place}"
    return _case(domain, left, changed, why, relative(amount, left, point), point)


def _scaled(rng: random.Random, domain: tuple[Variable, ...], left: str, right: str) -> Case | None:
    amount, point = size(rng), exact_point(rng, domain)
    if value(right, point) is None:
        return None
    why = f"one side of a true identity times 1 + {amount}; it is not 0 at the point"
    deviates = float(abs(amount)) / max(1.0, float(abs(1 + amount)))
    return _case(domain, left, f"({right})*(1+{written(amount)})", why, deviates, point)


def _renumbered(rng: random.Random, domain: tuple[Variable, ...], left: str, right: str) -> Case | None:
    numbers = list(_NUMBER.finditer(right))
    if not numbers:
        return None
    chosen, amount, point = rng.choice(numbers), abs(size(rng)), exact_point(rng, domain)
    changed = f"{right[: chosen.start()]}({chosen[0]}+{written(amount)}){right[chosen.end() :]}"
    found = gap(left, changed, point)
    if found is None:
        return None
    why = f"the number {chosen[0]} of a true identity moved by {amount}; the sides differ at the point"
    return _case(domain, left, changed, why, relative(found, left, point), point, partial=True)


def _case(
    domain: tuple[Variable, ...],
    left: str,
    right: str,
    why: str,
    deviates: float | None,
    point: dict[str, Fraction],
    partial: bool = False,
) -> Case:
    return Case("identity", Truth.FALSE, _equation(left, right), ranges(domain), why, deviates, point, partial)


def _equation(left: str, right: str) -> dict[str, str]:
    return {"equation": f"{left} == {right}"}
