"""An inequality in one parameter: exact roots of rational functions, then pieces of the line with exact zeros."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from ...derivations.calculus.sign_forms import sign_forms
from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...derivations.expressions import canonical
from ...derivations.ranges import Above, AtLeast, Between, Integers, Positive, Range, Real
from ...numerics.exact.exact_zeros import Zero, zeros_among
from ...numerics.signs.line_pieces import Line
from ...numerics.signs.line_signs import SignOnLine, nonnegative_on_line
from ...numerics.signs.polynomial_signs import rational_on_line
from .comparison import certified_sign
from .points import inside
from .solving import roots_of

#: Whole numbers that are looked at one by one: all of a finite range of this size, else the first so many.
_ONE_BY_ONE, _FIRST = 400, 24
#: Simple places at which a function may touch 0.
_SIMPLE = tuple(sp.Rational(p, q) for p, q in ((0, 1), (1, 1), (-1, 1), (1, 2), (2, 1), (-1, 2), (-2, 1)))

#: Answer, reason and an exact counterexample.
Answer = tuple[bool | None, str, Point | None]


def on_the_line(gap: sp.Expr, strict: bool, domain: Domain, seconds: float) -> Answer:
    """Decide whether `gap` is positive (or not negative) on a domain of which it involves one parameter.

    Parameters
    ----------
    gap : sympy.Expr
        Depends on one parameter whose range has bounds without others.
    strict : bool
        Whether 0 is a failure.
    domain : Domain
        Where.
    seconds : float
        CPU seconds, greater than 0.
    """
    free = gap.free_symbols
    if len(free) != 1:
        return None, f"{gap} involves {len(free)} parameters", None
    (symbol,) = free
    given = domain.ranges[symbol]
    line = line_of(symbol, given)
    if line is None:
        return None, f"the range of {symbol} depends on other parameters", None
    deadline = time.thread_time() + seconds
    if given.integral:
        first = _integers(gap, strict, symbol, given, domain)
        if first is not None:
            return first
        line = Line(symbol, line.low + _FIRST, sp.oo, True, False)
    try:
        found = _real(gap, strict, line, deadline)
        if found.outcome == "unknown" and line.high.is_finite:
            found = _from_both_ends(gap, strict, line, deadline) or found
    except NumericsError as error:
        return None, str(error), None
    failures = [found.point] if found.point is not None else []
    failures += [z for z in found.zeros if strict and line.contains(z)]
    for place in failures:
        for value in (sp.floor(place), sp.ceiling(place)) if given.integral else (place,):
            point = _completed(domain, symbol, value)
            if point is not None and fails(gap, strict, point):
                return False, found.reason, point
    if found.outcome == "holds" and not failures:
        return True, found.reason, None
    return None, found.reason if found.outcome != "holds" else "an equality inside was not certified", None


def by_forms(gap: sp.Expr, strict: bool, domain: Domain, seconds: float) -> Answer:
    """Show that another expression with the sign of `gap` is positive (not negative); the answer is never False.

    Parameters
    ----------
    gap, strict, domain, seconds
        As for :func:`on_the_line`.
    """
    deadline = time.thread_time() + seconds
    (symbol,) = gap.free_symbols
    given = domain.ranges[symbol]
    if given.integral and given.size is None and _integers(gap, strict, symbol, given, domain) is None:
        # the first whole numbers are settled; they are often where a form has no value
        later = Integers(int(given.value(0, {})) + _FIRST)
        domain = Domain(**{s.name: later if s == symbol else r for s, r in domain.ranges.items()})
        there = {s: domain.symbol(s.name) for s in gap.free_symbols}
        gap = gap.xreplace(there)
    for form in itertools.islice(sign_forms(gap), 1, None):
        left = deadline - time.thread_time()
        if left < 0:
            break
        if form.expr.free_symbols != gap.free_symbols or not _same_signs(gap, form.expr, domain):
            continue
        if not all(on_the_line(need, True, domain, left / 6)[0] for need in form.needs):
            continue
        answer, reason, _ = on_the_line(form.expr, strict, domain, left / 3)
        if answer:
            return True, f"{form.expr} has the same sign: {reason}", None
    return None, "no other expression with the same sign is decided", None


def _same_signs(gap: sp.Expr, form: sp.Expr, domain: Domain) -> bool:
    """Whether a rewriting has the sign of the expression at points, as far as both have one."""
    for point in domain.generic_points(4):
        try:
            if certified_sign(gap, point) != certified_sign(form, point):
                return False
        except NumericsError:
            return False
    return True


def _from_both_ends(gap: sp.Expr, strict: bool, line: Line, deadline: float) -> SignOnLine | None:
    """Decide halves of a line by the distance from their outer ends, where nothing cancels; None unless both hold."""
    middle = (line.low + line.high) / 2 if line.low.is_finite else line.high - 1
    halves = [(line.high, -1, line.high_closed)]
    halves.append((line.low, 1, line.low_closed) if line.low.is_finite else (middle, -1, True))
    zeros: tuple[sp.Expr, ...] = ()
    for end, side, closed in halves:
        distance = sp.Symbol("distance", **{"nonnegative" if closed else "positive": True})
        length = sp.oo if side == -1 and end == middle else side * (middle - end)
        moved = sp.expand_log(canonical(gap.subs(line.variable, end + side * distance)))
        found = _real(moved, strict, Line(distance, sp.Integer(0), length, closed, True), deadline)
        if found.outcome != "holds":
            return None
        zeros += tuple(end + side * z for z in found.zeros)
    return SignOnLine("holds", f"both halves by the distance from their ends, {found.reason}", zeros)


def line_of(symbol: sp.Symbol, given: Range) -> Line | None:
    """Return the interval of a range without bounds that depend on other parameters, as real numbers."""
    if given.symbols():
        return None
    if given == Real:
        return Line(symbol, -sp.oo, sp.oo)
    if given == Positive:
        return Line(symbol, sp.Integer(0), sp.oo)
    if isinstance(given, Above | AtLeast):
        return Line(symbol, given.bound, sp.oo, isinstance(given, AtLeast))
    if isinstance(given, Between):
        return Line(symbol, given.low, given.high)
    if isinstance(given, Integers):
        high = sp.oo if given.high is None else sp.Integer(given.high)
        return Line(symbol, sp.sympify(given.low), high, True, given.high is not None)
    return None


def fails(gap: sp.Expr, strict: bool, point: Point) -> bool:
    """Return whether `gap` is certified to be negative at an exact point, or 0 where it must not be."""
    try:
        sign = certified_sign(gap, point)
    except NumericsError:
        return False
    return sign == -1 or (strict and sign == 0)


def _integers(gap: sp.Expr, strict: bool, symbol: sp.Symbol, given: Range, domain: Domain) -> Answer | None:
    """Look at whole numbers one by one; None when all that were looked at hold and more are left."""
    low = int(given.value(0, {}))
    size = given.size
    if size is not None and size > _ONE_BY_ONE:
        return None, f"{size} whole numbers are too many to look at one by one", None
    for value in range(low, low + (size or _FIRST)):
        point = _completed(domain, symbol, sp.Integer(value))
        if point is None:
            continue
        try:
            sign = certified_sign(gap, point)
        except NumericsError as error:
            return None, str(error), None
        if sign is None:
            return None, f"the sign at {symbol} = {value} stays open", None
        if sign == -1 or (strict and sign == 0):
            return False, f"{symbol} = {value} among whole numbers", point
    return None if size is None else (True, f"all {size} whole numbers, one by one", None)


def _real(gap: sp.Expr, strict: bool, line: Line, deadline: float) -> SignOnLine:
    exact = rational_on_line(gap, line)
    if exact is not None and exact.outcome != "unknown":
        return exact
    left = max(deadline - time.thread_time(), 0.1)
    # simple touching points first; equations are solved only where these do not suffice
    zeros: tuple[Zero, ...] = ()
    found = SignOnLine("unknown", "")
    for number, places in enumerate((_simple_places(line), _solved_places(gap, line, left / 6))):
        more = tuple(z for z in zeros_among(gap, line.variable, places) if z.place not in {k.place for k in zeros})
        if number and not more:
            break
        zeros += more
        if strict and any(line.contains(z.place) for z in more):
            found = SignOnLine("fails", "an exact zero")
            break
        found = nonnegative_on_line(gap, line, zeros, max((deadline - time.thread_time()) / 2, 0.1))
        if found.outcome != "unknown":
            break
    return replace(found, zeros=tuple(z.place for z in zeros))


def _simple_places(line: Line) -> Iterator[sp.Expr]:
    yield from (e for e in (line.low, line.high) if e.is_finite)
    yield from (v for v in _SIMPLE if line.contains(v))


def _solved_places(gap: sp.Expr, line: Line, seconds: float) -> Iterator[sp.Expr]:
    for equation in (sp.diff(gap, line.variable), gap):
        for root in roots_of(equation, line.variable, seconds / 2):
            if not root.free_symbols and root.is_real and line.contains(root):
                yield root


def _completed(domain: Domain, symbol: sp.Symbol, value: sp.Expr) -> Point | None:
    """Return the simplest point of the domain with this value of one parameter, or None."""
    point: Point = {}
    for other, given in domain.ranges.items():
        point[other] = value if other == symbol else given.value(0, point)
    return point if inside(domain, point) else None
