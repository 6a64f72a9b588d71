"""Counterexamples to an inequality along lines of the domain: one parameter moves, the others stand still."""

from __future__ import annotations

import itertools
import time
from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError
from ...derivations.ranges import Above, AtLeast, Between, Range
from .one_variable import on_the_line
from .points import Chart, inside

#: Points from which lines are drawn in every direction.
_BASES = 4


def below_on_a_line(gap: sp.Expr, strict: bool, domain: Domain, seconds: float) -> Point | None:
    """Return an exact point of the domain at which `gap` is certified to be negative (not positive), or None.

    Parameters
    ----------
    gap : sympy.Expr
        In the parameters of the domain.
    strict : bool
        Whether 0 is a failure.
    domain : Domain
        Where.
    seconds : float
        CPU seconds, greater than 0.
    """
    deadline = time.thread_time() + seconds
    symbols = [s for s in domain.symbols if s in gap.free_symbols]
    bases = itertools.chain(domain.points(2), domain.generic_points(1), Chart(domain).generic(1))
    lines: dict[tuple[sp.Symbol, sp.Expr, Any], Point] = {}
    for base in itertools.islice(bases, _BASES):
        for symbol in symbols:
            others = {s: v for s, v in base.items() if s != symbol}
            along, given = sp.sympify(gap.xreplace(others)), _fixed(domain.ranges[symbol], others)
            if given is not None and along.free_symbols == {symbol}:
                lines.setdefault((symbol, along, given), base)
    for number, ((symbol, along, given), base) in enumerate(lines.items()):
        left = deadline - time.thread_time()
        if left <= 0:
            break
        line = Domain(**{symbol.name: given})
        (moving,) = line.symbols
        _, _, found = on_the_line(along.xreplace({symbol: moving}), strict, line, left / (len(lines) - number))
        if found is not None and inside(domain, base | {symbol: found[moving]}):
            return base | {symbol: found[moving]}
    return None


def _fixed(given: Range, others: dict[sp.Symbol, Any]) -> Range | None:
    """Return a range whose bounds have their values at fixed values of the other parameters."""
    if not given.symbols():
        return given
    try:
        if isinstance(given, Above | AtLeast):
            return type(given)(given.bound.xreplace(others))
        if isinstance(given, Between):
            return Between(given.low.xreplace(others), given.high.xreplace(others))
    except DomainError:
        return None
    return None
