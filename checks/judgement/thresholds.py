"""A printed threshold against the exact one: counterexamples near it, a positive ratio, then the ladder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...derivations.positivity import edge_points, sign_on
from ...numerics.exact.balls import midpoint
from ..evidence import Finding
from ..witness import Task
from .definedness import definedness
from .domain_signs import certified_sign
from .exact import value_text, without_meaning
from .findings import as_text, proved, refuted, undecided
from .ladder import Climb, holds
from .points import inside
from .straddle import allows_equality, excess, straddle

#: Bisections towards a threshold: they end within about 1 % of it.
_HALVINGS = 10
#: Share of the time of an algebra witness for each question to the ladder, of which there are three.
_SHARE = 0.2


def compare_threshold(
    condition: Any, direction: str, margin: sp.Expr, task: Task, what: str, word: str, at_zero: bool | None = None
) -> Finding:
    """Judge whether `margin` > 0 is implied by (direction "if"), or equivalent to ("iff"), the condition.

    Parameters
    ----------
    condition : sympy relational
        The printed inequality in the parameters. A weak one is asserted at equality too.
    direction : {"if", "iff"}
        Whether the condition is also said to be necessary.
    margin : sympy.Expr
        Positive where the property holds, negative where it fails.
    task : Task
        The unit of work, for the domain and the effort.
    what, word : str
        Names of the margin and of the property, for the finding.
    at_zero : bool or None
        Whether the property holds where the margin vanishes, if that is known.

    Returns
    -------
    Finding
        Refuted by an exact point at which condition and margin are of opposite, certified sign; proved when they are
        of one sign on the whole domain; else undecided.
    """
    gap = excess(condition)
    domain = task.claim.domain
    no = f"not {word}"

    def opposed(point: Point) -> Finding:
        holding = _sign_inside(gap, point, domain) == 1
        return refuted(
            f"{what} has the sign opposite to the condition at an exact point.",
            point,
            f"{condition} {'holds' if holding else 'fails'}, so the point is {word if holding else no}",
            f"{what} = {value_text(margin, point)}: {no if holding else word}",
            value_text(gap, point),
            effect=_effect(condition, point),
            certified=True,
        )

    for point in _candidates(condition, domain, task.effort.points):
        if _opposed(gap, margin, direction, point, domain):
            return opposed(point)
    missing = definedness((condition.lhs, condition.rhs, margin), domain)
    if missing.status == "undefined":
        return without_meaning(missing, what)
    if missing.status == "open":
        return undecided(f"{what} = {margin}: {missing.reason}.")
    equal = None if at_zero else _at_equality(condition, margin, domain, what, word, at_zero)
    if equal is not None:
        return equal
    if all(_case_proved(case, direction, domain) for case in _cases(gap, margin)):
        return proved(
            f"{what} is {margin}, a positive multiple of the excess {gap} of the condition wherever that can be "
            "positive.",
        )
    tried = []
    for climb in _climbs(gap, margin, direction, domain, _SHARE * task.effort.algebra_seconds):
        if climb.answer:
            return proved(
                f"{what} is {margin}, of the sign of the excess {gap} of the condition wherever that "
                f"{'is positive' if direction == 'if' else 'is not 0'} ({climb.decided_by}: {climb.rungs[-1].reason}).",
            )
        if climb.point is not None and _opposed(gap, margin, direction, climb.point, domain):
            return opposed(climb.point)
        tried += [f"{r.name}: {r.reason}" for r in climb.rungs[:-1]]
        last = climb.rungs[-1]
        touching = f"only equality at {as_text(climb.point)}" if climb.point is not None else last.reason
        tried.append(f"{last.name}: {touching}")
    return undecided(f"{what} = {margin} was not reduced to a positive multiple of {gap} ({'; '.join(tried)}).")


def _at_equality(
    condition: Any, margin: sp.Expr, domain: Domain, what: str, word: str, at_zero: bool | None
) -> Finding | None:
    """Return what a weak condition comes to where it is an equality and the margin vanishes; None for a strict one."""
    gap = excess(condition)
    if not allows_equality(condition, domain):
        return None
    for pair in straddle(condition, domain, sp.Rational(1, 100), 4) if at_zero is False else ():
        point = pair.inside | {pair.symbol: pair.boundary}
        if inside(domain, point) and all(certified_sign(e, point) == 0 for e in (gap, margin)):
            return refuted(
                f"{what} vanishes at an exact point of equality.",
                point,
                f"{condition} holds, so the point is {word}",
                f"{what} = 0: not {word}",
                "0",
                certified=True,
            )
    return undecided(f"{condition} allows equality, where {what} may vanish; that case is not decided.")


def _climbs(gap: sp.Expr, margin: sp.Expr, direction: str, domain: Domain, seconds: float) -> Iterator[Climb]:
    """Yield the ladder's answers: the implications themselves, then the positive ratio, which also balls can settle."""
    yield holds(_implications(gap, margin, direction, sp.Gt), domain, seconds)
    # a margin of 0 stops a proof without contradicting the claim: ask for a point beyond it
    beyond = holds(_implications(gap, margin, direction, sp.Ge), domain, seconds)
    if beyond.point is not None:
        yield beyond
    ratio = sp.cancel(sp.together(margin / gap))
    if not ratio.has(sp.nan, sp.zoo, sp.oo):
        yield holds(sp.Gt(ratio, 0, evaluate=False), domain, seconds)


def _implications(gap: sp.Expr, margin: sp.Expr, direction: str, greater: Any) -> Any:
    """Return: where the condition holds strictly the margin is positive, and for "iff" the same of their negatives."""
    parts = [
        sp.Or(sp.Le(sign * gap, 0, evaluate=False), greater(sign * margin, 0, evaluate=False), evaluate=False)
        for sign in ((1,) if direction == "if" else (1, -1))
    ]
    return parts[0] if len(parts) == 1 else sp.And(*parts, evaluate=False)


def _opposed(gap: sp.Expr, margin: sp.Expr, direction: str, point: Point, domain: Domain) -> bool:
    """Whether an exact point contradicts the claim: certified signs, neither of them 0."""
    stated = _sign_inside(gap, point, domain)
    if not stated or (direction == "if" and stated < 0):
        return False
    return _sign_inside(margin, point, domain) == -stated


def _candidates(condition: Any, domain: Domain, count: int) -> Iterator[Point]:
    yield from domain.points(4 * count)
    # the simplest points leave most parameters at their first value, real ones at 0
    yield from _near(excess(condition), domain, 3 * count)
    yield from itertools.islice(edge_points(domain), 40)
    for pair in straddle(condition, domain, sp.Rational(1, 100), 2):
        yield from (pair.inside, pair.outside)


def _near(gap: sp.Expr, domain: Domain, count: int) -> Iterator[Point]:
    """Yield generic points of the domain, then points between them and ``gap = 0``, by bisection in one parameter."""
    movable = [s for s in domain.symbols if s in gap.free_symbols and not s.is_integer]
    yield from domain.generic_points(count)
    for number, start in enumerate(domain.generic_points(count)):
        for shift in range(len(movable)):
            symbol = movable[(number + shift) % len(movable)]
            ends = [start | {symbol: start[symbol] * scale} for scale in (sp.Rational(1, 16), sp.Integer(16))]
            signs = [_sign_inside(gap, p, domain) for p in ends]
            if None in signs or signs[0] == signs[1]:
                continue
            yield from ends
            for _ in range(_HALVINGS):
                middle = start | {symbol: (ends[0][symbol] + ends[1][symbol]) / 2}
                here = _sign_inside(gap, middle, domain)
                if here is None:
                    break
                yield middle
                ends[signs.index(here)] = middle
            break


def _sign_inside(gap: sp.Expr, point: Point, domain: Domain) -> int | None:
    return certified_sign(gap, point) if inside(domain, point) else None


def _effect(condition: Any, point: Point) -> float:
    try:
        sides = [abs(midpoint(s, point)) for s in (condition.lhs, condition.rhs)]
        return abs(midpoint(excess(condition), point)) / max(*sides, 1e-300)
    except NumericsError:
        return float("inf")


Case = tuple[sp.Expr, sp.Expr]


def _cases(gap: sp.Expr, margin: sp.Expr) -> Iterator[Case]:
    """Split on the signs of parameters inside absolute values, so that the rest is rational; cover all cases."""
    inside = {a for e in (gap, margin) for b in sp.factor(e).atoms(sp.Abs) for a in [b.args[0]] if a.is_Symbol}
    inside |= {x for e in (gap, margin) for b in e.atoms(sp.Abs) for x in sp.factor(b.args[0]).args if x.is_Symbol}
    parameters = sorted((a for a in inside if not a.is_positive), key=str)
    for signs in itertools.product((1, -1, 0), repeat=len(parameters)):
        values = {
            p: s * sp.Symbol(f"u({p})", positive=True) if s else sp.Integer(0)
            for p, s in zip(parameters, signs, strict=True)
        }
        yield _plain(gap.subs(values), margin.subs(values))


def _plain(gap: sp.Expr, margin: sp.Expr) -> Case:
    """Return both with remaining absolute values as non-negative symbols and positive symbols as squares."""
    both = sp.Tuple(sp.factor(gap), sp.factor(margin))
    both = both.xreplace({a: sp.Symbol(f"abs({a.args[0]})", nonnegative=True) for a in both.atoms(sp.Abs)})
    if any(p.exp.is_Rational and not p.exp.is_Integer for p in both.atoms(sp.Pow)):
        both = both.subs({s: sp.Symbol(f"root({s})", positive=True) ** 2 for s in both.free_symbols if s.is_positive})
    return both[0], both[1]


def _case_proved(case: Case, direction: str, domain: Domain) -> bool:
    gap, margin = case
    if gap.is_nonpositive or sp.expand(gap).is_nonpositive:
        # the condition cannot hold strictly in this case, which settles "if"; "iff" also needs the margin
        return direction == "if" or gap == 0 or bool(sp.expand(margin).is_negative)
    ratio = sp.factor(sp.cancel(sp.together(margin / gap)))
    if ratio.is_positive is None and ratio.has(sp.sqrt(2)):
        ratio = sp.cancel(sp.together(margin / gap), extension=True)
    return bool(ratio.is_positive) or sign_on(domain, ratio) == "positive"
