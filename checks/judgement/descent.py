"""Descent: an expression is least where its derivative in one parameter changes sign, whatever the others are.

To show that f is not negative on a domain, one parameter v is taken. Where the derivative has one zero c, which may
depend on the other parameters, falls before it and rises after it, f is nowhere less than at v = c; where it has one
sign, f is nowhere less than at one end. What is left has one parameter fewer. A zero that SymPy proposes needs no
trust: the signs of the derivative on both sides of it are shown, and the derivative itself is compared with power
series at points.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import sympy as sp

from ...derivations.calculus.sign_forms import sign_forms
from ...derivations.domain import Domain
from ...derivations.errors import DomainError, NumericsError
from ...derivations.positivity import sign_on
from ...derivations.ranges import Between, Positive, Range
from ...numerics.exact.exact_zeros import is_zero
from ...numerics.exact.power_series import derivative_agrees
from ...numerics.signs.extended_ranges import extended_range
from .comparison import certified_sign
from .domain_ranges import box_of, by_ranges, ends_of
from .one_variable import Answer, on_the_line
from .rungs import TimeUp, interrupted_after
from .solving import roots_of

#: Parameters that are removed one after the other, at most.
_DEEPEST = 4
#: Operations in an expression that is still looked at: rational functions of several parameters grow fast.
_LARGEST = 80
#: Parameters of a derivative whose sign may be shown by descent in turn.
_FEW = 2
#: Places that are tried without solving for them.
_SIMPLE = (sp.Integer(0), sp.Integer(1), sp.Integer(-1), sp.Rational(1, 2))
#: CPU seconds for the roots of one derivative, at most.
_SOLVING = 1.5


@dataclass(frozen=True)
class Descent:
    """What is to be shown: `gap` > 0 or >= 0 on a domain, until the thread's CPU clock shows `deadline`."""

    gap: sp.Expr
    strict: bool
    domain: Domain
    deadline: float
    depth: int = 0

    @property
    def over(self) -> bool:
        """Whether the time is spent."""
        return time.thread_time() > self.deadline


def by_descent(gap: sp.Expr, strict: bool, domain: Domain, seconds: float) -> Answer:
    """Show by descent that `gap` is positive (not negative) on the whole domain; the answer is never False.

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
    try:
        with interrupted_after(seconds):
            reason = _shown(Descent(gap, strict, domain, time.thread_time() + 0.9 * seconds))
    except TimeUp:
        return None, "its time limit was reached", None
    return (True, reason, None) if reason is not None else (None, "no parameter in which it is least was found", None)


def _shown(task: Descent) -> str | None:
    reason = _at_once(task)
    if reason is not None or task.depth >= _DEEPEST or task.over:
        return reason
    for symbol in sorted(task.gap.free_symbols & set(task.domain.symbols), key=lambda s: _weight(task.gap, s)):
        others = without(task.domain, symbol)
        if others is None or symbol.is_integer:
            continue
        for form in sign_forms(task.gap):
            if task.over:
                return None
            if any(not _strictly_positive(n, task) for n in form.needs) or not _same_signs(form.expr, task):
                continue
            if len(form.expr.free_symbols) < len(task.gap.free_symbols):
                reason = _at_once(replace(task, gap=form.expr))
                if reason is not None:
                    return reason
            reason = _along(form.expr, symbol, others, task)
            if reason is not None:
                return reason
    return None


def _weight(gap: sp.Expr, symbol: sp.Symbol) -> tuple[int, int, str]:
    return (
        sum(isinstance(f, sp.Function) for f in sp.diff(gap, symbol).atoms(sp.Function)),
        gap.count(symbol),
        str(symbol),
    )


def _at_once(task: Descent) -> str | None:
    """Show the sign by a parametrisation, by ranges, or on a line where one parameter is left."""
    gap, domain = task.gap, task.domain
    if gap.count_ops() > _LARGEST:
        return None
    if not gap.free_symbols:
        try:
            sign = certified_sign(gap, {})
        except NumericsError:
            return None
        if sign is None and is_zero(gap):
            sign = 0
        return f"{gap} at the end" if sign == 1 or (sign == 0 and not task.strict) else None
    enough = ("positive",) if task.strict else ("positive", "nonnegative", "zero")
    if sign_on(domain, gap) in enough:
        return f"{gap} is {sign_on(domain, gap)}"
    if by_ranges(gap, task.strict, domain)[0]:
        return f"{gap} by its range"
    if len(gap.free_symbols) == 1:
        answer, reason, _ = on_the_line(gap, task.strict, domain, max((task.deadline - time.thread_time()) / 2, 0.1))
        return f"{gap}: {reason}" if answer else None
    return None


def _strictly_positive(expr: sp.Expr, task: Descent) -> bool:
    return _at_once(Descent(expr, True, task.domain, task.deadline)) is not None


def _same_signs(form: sp.Expr, task: Descent) -> bool:
    """Whether a rewriting has the sign of the expression at points."""
    if form == task.gap:
        return True
    for point in task.domain.generic_points(4):
        try:
            signs = {certified_sign(e, point) for e in (form, task.gap)}
        except NumericsError:
            return False
        if len(signs) > 1 or None in signs:
            return False
    return True


def without(domain: Domain, symbol: sp.Symbol) -> Domain | None:
    """Return the domain of the other parameters, or None where their ranges depend on this one."""
    others = {s.name: r for s, r in domain.ranges.items() if s != symbol}
    if any(symbol in r.symbols() for r in others.values()):
        return None
    return Domain(**others)


def _along(form: sp.Expr, symbol: sp.Symbol, others: Domain, task: Descent) -> str | None:
    """Show that `form` is not negative, from the signs of its derivative in one parameter."""
    slope = sp.powsimp(sp.diff(form, symbol))
    if (
        slope == 0
        or not _defined(form, task.domain)
        or not derivative_agrees(form, slope, symbol, task.domain.generic_points(6), 3)
    ):
        return None
    low, high, closed = ends_of(symbol, task.domain.ranges[symbol])
    seconds = min(_SOLVING, max((task.deadline - time.thread_time()) / 6, 0.05))
    simple = [v for v in _SIMPLE if sp.powsimp(sp.expand(slope.subs(symbol, v))) == 0]
    for place in dict.fromkeys([*simple, *roots_of(slope, symbol, seconds)]):
        if place.free_symbols - set(others.symbols):
            continue
        reason = _least_at(place, form, slope, symbol, (low, high), others, task)
        if reason is not None:
            return reason
    for end, other, direction in ((low, high, 1), (high, low, -1)):
        if not end.is_finite and not end.free_symbols:
            continue
        away = moved(end, direction, other, others)
        if away is None or not _keeps(direction * slope, symbol, away, task, task.strict):
            continue
        rest = _tidy(form.subs(symbol, end))
        if not _continuous_at(form, symbol, end, others):
            continue
        # beyond an end that does not belong to the range, a strict slope leaves the value at the end behind
        strict = task.strict and closed
        reason = _shown(Descent(rest, strict, others, task.deadline, task.depth + 1))
        if reason is not None:
            return f"least at the end {symbol} = {end}; {reason}"
    return None


def _least_at(
    place: sp.Expr,
    form: sp.Expr,
    slope: sp.Expr,
    symbol: sp.Symbol,
    ends: tuple[sp.Expr, sp.Expr],
    others: Domain,
    task: Descent,
) -> str | None:
    """Show that `form` is least at `place`, inside the range, and not negative there."""
    for end, direction in ((ends[0], 1), (ends[1], -1)):
        if (end.is_finite or end.free_symbols) and sign_on(others, direction * (place - end)) != "positive":
            return None
    sides = [(1, moved(place, 1, ends[1], others)), (-1, moved(place, -1, ends[0], others))]
    if not all(side is not None and _keeps(direction * slope, symbol, side, task, False) for direction, side in sides):
        return None
    rest = _tidy(form.subs(symbol, place))
    if not _continuous_at(form, symbol, place, others):
        return None
    reason = _shown(Descent(rest, task.strict, others, task.deadline, task.depth + 1))
    return None if reason is None else f"least at {symbol} = {place}; {reason}"


@dataclass(frozen=True)
class Side:
    """The part of a range on one side of a place, in terms of the distance from it."""

    value: sp.Expr
    domain: Domain


def moved(place: sp.Expr, direction: int, end: sp.Expr, others: Domain) -> Side | None:
    """Return the open part of a range from `place` to the `end` in one direction."""
    taken = {s.name for s in others.symbols}
    name = next(n for n in (f"distance_{k}" for k in range(len(taken) + 1)) if n not in taken)
    infinite = not end.is_finite and not end.free_symbols
    try:
        distance: Range = Positive if infinite else Between(0, sp.expand(direction * (end - place)))
        domain = Domain(**{s.name: r for s, r in others.ranges.items()}, **{name: distance})
    except DomainError:
        return None
    return Side(place + direction * domain.symbol(name), domain)


def _keeps(slope: sp.Expr, symbol: sp.Symbol, side: Side, task: Descent, strict: bool) -> bool:
    """Whether a slope is defined and not negative (strictly: positive) on one side."""
    here = slope.subs(symbol, side.value)
    if not _defined(here, side.domain):
        return False
    numerator, denominator = sp.fraction(sp.together(here))
    inner = Descent(here, strict, side.domain, task.deadline, _DEEPEST - 1)
    if _at_once(inner) is not None:
        return True
    if sign_on(side.domain, denominator) != "positive":
        return False
    for expr in (sp.expand(numerator), sp.factor(numerator)):
        if _at_once(Descent(expr, strict, side.domain, task.deadline, _DEEPEST)) is not None:
            return True
    if task.depth + 1 >= _DEEPEST or task.over or len(numerator.free_symbols) > _FEW:
        return False
    now = time.thread_time()
    limit = now + (task.deadline - now) / 8
    for form in sign_forms(numerator):
        if any(not _strictly_positive(n, Descent(n, True, side.domain, limit)) for n in form.needs):
            continue
        deeper = Descent(form.expr, strict, side.domain, limit, task.depth + 2)
        if _same_signs(form.expr, Descent(numerator, strict, side.domain, limit)) and _shown(deeper) is not None:
            return True
    return False


def _defined(expr: sp.Expr, domain: Domain) -> bool:
    """Whether every part of an expression is shown to be defined, and continuous, on the whole domain."""
    from .definedness import requirements

    if expr.has(sp.nan, sp.zoo, sp.oo) or expr.atoms(sp.Piecewise, sp.floor, sp.ceiling, sp.sign, sp.Heaviside):
        return False
    return all(_meets(r.expr, r.word, domain) for r in requirements(expr))


def _continuous_at(form: sp.Expr, symbol: sp.Symbol, place: sp.Expr, others: Domain) -> bool:
    """Whether every part of an expression stays defined at `symbol` = `place`, for all values of the others."""
    from .definedness import requirements

    return all(_meets(sp.factor(r.expr.subs(symbol, place)), r.word, others) for r in requirements(form))


def _meets(expr: sp.Expr, word: str, domain: Domain) -> bool:
    enough = {
        "positive": ("positive",),
        "nonnegative": ("positive", "nonnegative", "zero"),
        "nonzero": ("positive", "negative"),
    }.get(word, ())
    if not expr.free_symbols:
        return _number_sign(expr) in enough
    if sign_on(domain, expr) in enough:
        return True
    try:
        return extended_range(sp.factor(expr), box_of(domain)).sign in enough
    except NumericsError:
        return False


def _number_sign(expr: sp.Expr) -> str | None:
    try:
        sign = certified_sign(expr, {})
    except NumericsError:
        return None
    return None if sign is None else ("zero", "positive", "negative")[sign]


def _tidy(expr: sp.Expr) -> sp.Expr:
    """Return an expression after an exact simplification of quotients inside it, where that is cheap."""
    return sp.sympify(expr.replace(lambda e: isinstance(e, sp.log), lambda e: sp.log(sp.cancel(e.args[0]))))
