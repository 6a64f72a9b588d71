"""Exact judgement of residuals: zero on the whole domain, certified to differ at an exact point, or undefined there."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...derivations.expressions import canonical
from ...numerics.exact.balls import enclose
from ...numerics.exact.point_forms import at_values
from ...numerics.exact.rational import vanishes_identically
from ...numerics.exact.values import values
from ..evidence import Finding, Outcome
from ..witness import Task
from .breakpoints import breakpoints, features
from .comparison import AGREEMENT_BITS, MANY_BITS, SECONDS, Comparison, certified_nonzero, compare
from .definedness import CALCULUS, Definedness, definedness, undefined_at, works
from .findings import as_text, proved, refuted, undecided, undefined
from .normal_forms import vanishes
from .pieces import switches, vanishes_piecewise
from .points import Chart, distinct, simple

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: What binds symbols, so that a plain replacement would reach too far.
_BINDING = (sp.Derivative, sp.Integral, sp.Sum, sp.Product, sp.Limit, sp.Subs, sp.Lambda)
#: Bits of agreement that end the search at a simple point, and points at which many bits are asked for.
_FEW_BITS, _THOROUGH = 100, 2
#: Points far out at which integrals, sums and limits are evaluated.
_COSTLY_POINTS = 24
#: Largest power of a sum that is multiplied out.
_MULTIPLIED_OUT = 30


@dataclass(frozen=True)
class Residual:
    """Two expressions that a claim asserts, or implies, to be equal.

    Parameters
    ----------
    what : str
        What is compared, in words.
    stated : sympy.Expr
        The side that follows from the claim as printed.
    found : sympy.Expr
        The side that the witness derived on its own.
    """

    what: str
    stated: sp.Expr
    found: sp.Expr

    @cached_property
    def difference(self) -> sp.Expr:
        """stated - found."""
        return canonical(self.stated) - canonical(self.found)

    @property
    def multiplied_out(self) -> sp.Expr:
        """The difference without brackets, unless a power would have too many terms."""
        return _multiplied_out(self.difference)


@lru_cache(maxsize=64)
def _multiplied_out(e: sp.Expr) -> sp.Expr:
    if any(p.exp.is_Integer and p.base.is_Add and abs(p.exp) > _MULTIPLIED_OUT for p in e.atoms(sp.Pow)):
        return e
    return sp.expand(e)


@dataclass(frozen=True)
class Examination:
    """What exact points say of one residual.

    Parameters
    ----------
    finding : Finding or None
        A refutation, or a point without meaning; None where no point objects.
    points : int
        Points at which both sides agree.
    bits : float
        Bits to which both sides agree at all of these points, at least.
    open : str
        A point at which nothing was told, in words; empty where there is none.
    """

    finding: Finding | None
    points: int
    bits: float
    open: str

    @property
    def resolution(self) -> float:
        """The largest relative deviation that the balls at these points leave possible, not below 2**-1000."""
        return float(2.0 ** -min(self.bits, 1000))


def certified_gap(expr: sp.Expr, domain: Domain, points: int) -> tuple[Point, sp.Expr, float] | None:
    """Return the simplest point at which `expr` is certified to differ from 0, with its value, or None.

    The value is exact where SymPy finds it rational, else a ball that excludes zero.
    """
    bases = [p for p in domain.points(2) if _rational(p)]
    hidden = itertools.islice(
        itertools.chain(breakpoints((expr,), domain, bases), features((expr,), domain, bases)), 8 * points
    )
    for point in distinct(itertools.chain(simple(domain, points), hidden)):
        value = value_at(expr, point)
        if value.is_Rational:
            if value != 0:
                return point, value, float(value)
            continue
        try:
            ball = next(values(expr, point)).ball
        except (NumericsError, StopIteration):
            continue
        if ball.contains(0):
            ball = _sharper(expr, point)
        if ball is not None and not ball.contains(0):
            return point, sp.Float(str(ball.mid().str(15, radius=False)), 15), float(ball.mid())
    return None


def _sharper(expr: sp.Expr, point: Point) -> object:
    ball = None
    try:
        for found in itertools.islice(values(expr, point), 4):
            ball = found.ball
            if not ball.contains(0):
                break
    except NumericsError:
        return None
    return ball


def value_at(expr: sp.Expr, point: Point) -> sp.Expr:
    """Return the value of `expr` at `point`: exact values in place of its symbols."""
    expr = sp.sympify(expr)
    if expr.has(*_BINDING):
        return expr.subs(point)
    return at_values(expr, point)


def value_text(expr: sp.Expr, point: Point) -> str:
    """Return the value of `expr` at `point`: exact when short, else 15 digits."""
    exact = value_at(expr, point)
    if exact.is_Rational and int(exact.p).bit_length() + int(exact.q).bit_length() <= 80:
        return str(exact)
    try:
        for found in values(expr, point):
            if found.ball.rel_accuracy_bits() >= 50 or found.ball.is_zero():
                return str(found.ball.str(15, radius=False))
        return str(enclose(expr, point).str(15, radius=False))
    except NumericsError:
        return as_text({"": exact})[""]


def judge(residuals: Sequence[Residual], task: Task, *, method: str) -> Finding:
    """Judge residuals: refuted by the first certified gap, undefined, proved when all vanish, else undecided.

    Parameters
    ----------
    residuals : sequence of Residual
        Equalities that together are equivalent to the claim.
    task : Task
        Supplies the domain and the number of points to try.
    method : str
        What was done, for the evidence.
    """
    domain, left_over = task.claim.domain, []
    first: Finding | None = None
    for residual in residuals:
        near = examine(residual, domain, simple(domain, 4 * task.effort.points), method, bits=_FEW_BITS)
        if near.finding is not None and near.finding.outcome is Outcome.REFUTED:
            return near.finding
        first = first or near.finding
        if vanishes_identically(residual.difference) is True:
            continue
        far = examine(residual, domain, far_points(residual, domain), method)
        if far.finding is not None and far.finding.outcome is Outcome.REFUTED:
            return far.finding
        first = first or far.finding
        if first is None and not is_zero(residual.difference, domain):
            left_over.append(residual.what)
    if first is not None:
        return first
    if left_over:
        return undecided(f"{method}: no normal form reduced {', '.join(left_over)} to zero.")
    meaning = definedness([side for r in residuals for side in (r.stated, r.found)], domain)
    if meaning.status == "undefined":
        return without_meaning(meaning, method)
    if meaning.status == "open":
        return undecided(f"{method}: reduced to zero where both sides have values, but {meaning.reason}.")
    what = ", ".join(r.what for r in residuals)
    return proved(f"{method}: {what} reduced to an identity on the whole domain.")


def is_zero(difference: sp.Expr, domain: Domain) -> bool:
    """Return True when a difference is reduced to 0 on the whole domain, piece by piece where it has pieces."""
    if switches(difference) and vanishes_piecewise(difference, domain):
        return True
    return vanishes(difference)


def far_points(residual: Residual, domain: Domain) -> Iterator[Point]:
    """Yield what lies beyond the simplest points: breakpoints and features of both sides, generic points, scales."""
    chart = Chart(domain)
    sides = (residual.stated, residual.found)
    bases = [p for p in itertools.chain(domain.points(2), domain.generic_points(2)) if _rational(p)]
    points: Iterator[Point] = itertools.chain(
        breakpoints(sides, domain, bases), features(sides, domain, bases), chart.generic(6), chart.scaled()
    )
    if any(e.has(*CALCULUS) for e in sides):
        # each costs a quadrature; expansions at a limit need coefficients that are told from 0
        points = itertools.islice((p for p in points if _rational(p)), _COSTLY_POINTS)
    return distinct(points)


def _rational(point: Point) -> bool:
    return all(v.is_Rational for v in point.values())


def examine(
    residual: Residual,
    domain: Domain,
    points: Iterable[Point],
    method: str,
    bits: int | None = None,
    seconds: float = 4.0,
) -> Examination:
    """Compare both sides at exact points, as they are written; where they seem equal, their difference too.

    Parameters
    ----------
    residual : Residual
        The sides.
    domain : Domain
        Where the sides are asserted to be equal.
    points : iterable of Point
        Where.
    method : str
        What was done, for the evidence.
    bits : int, optional
        Bits of agreement that suffice; by default many at the first points, then fewer.
    seconds : float
        CPU seconds after which no further point is visited.
    """
    start = time.thread_time()
    problem: Finding | None = None
    agreed, least, left = 0, math.inf, ""
    difference = residual.multiplied_out
    for number, point in enumerate(points):
        remaining = seconds - (time.thread_time() - start)
        if remaining < 0:
            left = left or f"beyond the {number} points that the time allowed"
            break
        enough = bits if bits is not None else MANY_BITS if number < _THOROUGH else AGREEMENT_BITS
        found = compare(residual.stated, residual.found, point, min(SECONDS, remaining / 4), enough)
        if found.outcome in ("agree", "zero", "open") and difference != 0:
            closer = certified_nonzero(difference, point)
            # what SymPy made of the difference must be a number that the sides as written allow
            if closer is not None and (found.gap is None or found.gap.overlaps(closer.gap)):
                found = closer
        if found.outcome == "differ" and not found.principal:
            return Examination(_refutation(residual, point, found, method), agreed, least, left)
        if problem is None and found.outcome in ("differ", "undefined"):
            problem = _meaningless(residual, domain, point, found, method)
        elif found.outcome == "agree":
            agreed, least = agreed + 1, min(least, found.bits)
        elif not left and found.outcome == "open":
            left = f"at {', '.join(f'{s} = {v}' for s, v in point.items())}: {found.reason}"
    return Examination(problem, agreed, least, left)


def _refutation(residual: Residual, point: Point, found: Comparison, method: str) -> Finding:
    return refuted(
        f"{method}: {residual.what} differs from the statement by a certified non-zero amount.",
        point,
        f"{residual.what} = {value_text(residual.stated, point)}",
        f"{residual.what} = {value_text(residual.found, point)}",
        found.gap.mid().str(15, radius=False),
        effect=found.effect,
        certified=True,
    )


def without_meaning(meaning: Definedness, method: str) -> Finding:
    """Return the finding that an expression has no real value at the point that was found."""
    assert meaning.point is not None
    return undefined(f"{method}: {meaning.reason}.", meaning.point, meaning.expr, meaning.works)


def _meaningless(residual: Residual, domain: Domain, point: Point, found: Comparison, method: str) -> Finding:
    sides = (residual.stated, residual.found)
    if found.outcome == "undefined":
        part = next((s for s in sides if undefined_at(s, point)), sides[0])
        return undefined(f"{method}: {found.reason}.", point, part, works(sides, domain))
    part = next(n for n in map(_unreal, sides, itertools.repeat(point)) if n is not None)
    reason = f"{part} is not real there, and with its principal value the sides differ"
    return undefined(f"{method}: {reason}.", point, part, works(sides, domain))


def _unreal(side: sp.Expr, point: Point) -> sp.Expr | None:
    """Return the innermost part of `side` that has no real value at `point`, or None."""
    return next((n for n in sp.postorder_traversal(side) if undefined_at(n, point)), None)
