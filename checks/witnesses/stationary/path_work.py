"""Work along paths: the field that grad log p must equal, integrated by rigorous quadrature against the potential."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.processes.fokker_planck import current_field
from ....derivations.ranges import real_rational
from ....derivations.statements.detailed_balance import DetailedBalance
from ....numerics.exact.values import values
from ...evidence import Finding, Kind
from ...judgement.breakpoints import features
from ...judgement.findings import confirmed, refuted, undecided
from ...meaning.balance import no_balance
from ...witness import Task, witness
from .algebra import concrete
from .numerics import parameter_points

QUANTITY = "work along paths"
#: Numbers of the values of a coordinate at the corners of a path.
_CORNERS = (8, 13, 5, 10, 3)
#: Corners of a path, and places of narrow features that it visits besides.
_COUNT, _FEATURES = 3, 6
#: Functions with pieces, of which a path may miss some.
CASES = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise, sp.floor, sp.ceiling)
#: No ball gives a finer agreement.
_FINEST = 2.0**-100


@witness(
    "work along paths",
    kind=Kind.DETERMINISTIC,
    statement=DetailedBalance,
    starts_from="line integrals of the field -A^-1 G that grad log p must equal",
)
def path_work(statement: DetailedBalance, task: Task) -> Finding:
    """Integrate the required grad log p around a triangle (no density named) or along segments (against log p).

    Agreement counts for analytic fields only, and for no family of functions of which one member was taken.
    """
    state, domain = statement.state, task.claim.domain
    tensor = sp.Matrix(statement.tensor)
    field = current_field(state, statement.force, statement.tensor, statement.current)
    required = concrete(-tensor.inv(method="ADJ") * field)
    log_p = None if statement.density is None else sp.expand_log(concrete(sp.log(statement.density)), force=True)
    worst, count = 0.0, 0
    # every so many points: the simplest ones may be symmetric
    for point in parameter_points(task, state, 6 * task.effort.points)[:: 3 if len(state) > 1 else 6]:
        for work in _works(state, domain, point, required, log_p):
            if not work.gap.contains(0):
                return refuted(
                    "The field that grad log p must equal does not integrate to the asserted potential.",
                    {**point, "path": work.path},
                    f"work = {_digits(work.change)}, the change of log p",
                    f"work = {_digits(work.work)}",
                    _digits(work.gap),
                    effect=float(abs(work.gap).mid()) / work.scale,
                    certified=True,
                    quantity=QUANTITY,
                )
            worst, count = max(worst, float(work.gap.abs_upper()) / work.scale), count + 1
    seen = f"Work along {count} paths matches within {worst:.2g}"
    described = (statement.force, statement.tensor, sp.sympify(statement.density or 1))
    if any(e.atoms(AppliedUndef) for e in described):
        return undecided(f"{seen} for simple members of the family of functions")
    if any(sp.sympify(e).has(*CASES) for e in (required, 0 if log_p is None else log_p)):
        return undecided(f"{seen}; the fields have further pieces")
    if worst > task.effort.resolution:
        return undecided(f"{seen}, which is too coarse")
    reason = no_balance(statement, required, task)
    if reason:
        return undecided(f"{seen}, but {reason}")
    return confirmed(f"{seen}.", max(worst, _FINEST), quantity=QUANTITY)


@dataclass(frozen=True)
class Work:
    """Work along a path, the change of the potential and their gap, as balls; the scale, and the path in words."""

    work: Any
    change: Any
    gap: Any
    scale: float
    path: str


def _works(
    state: tuple[sp.Symbol, ...], domain: Domain, point: Point, required: sp.Matrix, log_p: sp.Expr | None
) -> Iterator[Work]:
    """Yield the works along the segments between corners, or the one around them where no density is named."""
    field = required.subs(point)
    parts = [*field, *([] if log_p is None else [log_p.subs(point)])]
    corners = list(_corners(state, domain, point, parts))
    closed = [*corners, corners[0]] if log_p is None else corners
    works = [_ball(_rate(state, field, a, b)) for a, b in itertools.pairwise(closed)]
    if log_p is None:
        total = sum(works[1:], works[0])
        size = float(sum((abs(w) for w in works[1:]), abs(works[0])).mid())
        yield Work(total, total * 0, total, size or 1.0, f"through {', '.join(map(str, corners))} and back")
        return
    heights = [_ball(log_p.subs(point).subs(dict(zip(state, c, strict=True)))) for c in corners]
    for (a, b), (low, high), work in zip(itertools.pairwise(corners), itertools.pairwise(heights), works, strict=True):
        change = high - low
        size = max(float(abs(work).mid()), float(abs(change).mid()))
        yield Work(work, change, work - change, size or 1.0, f"from {a} to {b}")


def _corners(
    state: tuple[sp.Symbol, ...], domain: Domain, point: Point, parts: list[sp.Expr]
) -> Iterator[tuple[sp.Expr, ...]]:
    """Yield corners in the ranges of the coordinates, then places of narrow features of the fields."""
    first: Point = {}
    for k in range(_COUNT):
        chosen = dict(point)
        for j, s in enumerate(state):
            index = _CORNERS[k * (j + 1) % len(_CORNERS)]
            chosen[s] = domain.ranges[s].value(index, chosen) if s in domain.ranges else real_rational(index)
        first = first or chosen
        yield tuple(chosen[s] for s in state)
    for place in itertools.islice(features(parts, domain, [first]), _FEATURES):
        yield tuple(place[s] for s in state)


def _rate(state: tuple[sp.Symbol, ...], field: sp.Matrix, start: Any, end: Any) -> sp.Expr:
    """Return the work along a segment, as an integral over the unit interval."""
    t = sp.Dummy("t", real=True)  # a parameter may have any name
    path = {s: a + t * (b - a) for s, a, b in zip(state, start, end, strict=True)}
    power = sum((f * (b - a) for f, a, b in zip(field, start, end, strict=True)), sp.Integer(0))
    return sp.Integral(power.subs(path), (t, 0, 1))


def _ball(number: sp.Expr) -> Any:
    found = next(values(number, {}))
    if not found.verified:
        raise NumericsError(f"{number} is estimated only")
    return found.ball


def _digits(ball: Any) -> str:
    return str(ball.str(10, radius=False))
