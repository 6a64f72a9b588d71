"""The ladder of exact rungs: the cheapest argument first, each with its name, answer and time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.calculus.elementary import elementary
from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError
from ...numerics.exact.rational import vanishes_identically
from .calculus.induction import steps_of
from .descent import by_descent
from .domain_ranges import by_ranges
from .one_variable import Answer, by_forms, on_the_line
from .pieces import separate
from .rungs import Rung, by_normal_forms, by_parametrisation, by_z3, on_box
from .straddle import excess

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


@dataclass(frozen=True)
class Climb:
    """The rungs that were tried, the answer of the last one, and a counterexample where it found one."""

    answer: bool | None
    rungs: tuple[Rung, ...]
    point: Point | None = None

    @property
    def decided_by(self) -> str | None:
        """Name of the rung that decided, or None."""
        return self.rungs[-1].name if self.rungs and self.answer is not None else None

    def __str__(self) -> str:
        return "\n".join(f"{r.name}: {r.answer} after {r.seconds:.3g} s, {r.reason}" for r in self.rungs)


def vanishes(expr: sp.Expr, seconds: float = 10.0) -> Climb:
    """Is `expr` identically zero? Polynomials over Q (python-flint), then SymPy's normal forms.

    Parameters
    ----------
    expr : sympy.Expr
        A scalar expression.
    seconds : float
        Time limit of the SymPy rung, greater than 0. It interrupts SymPy in the main thread; elsewhere it is looked
        at between two normal forms.

    Returns
    -------
    Climb
        True: proved. False: certainly not identically zero (no counterexample inside a domain: see
        :func:`crossproof.checks.judgement.exact.certified_gap`). None: open.
    """
    _check_seconds(seconds)
    rungs = [_timed("flint", lambda: (vanishes_identically(expr), "polynomials over the rationals"))]
    if rungs[0].answer is None:
        rungs.append(_timed("sympy", lambda: by_normal_forms(expr, seconds)))
    return Climb(rungs[-1].answer, tuple(rungs))


def holds(relation: Any, domain: Domain, seconds: float = 10.0) -> Climb:
    """Does an inequality hold on the whole domain?

    The rungs: signs of a parametrisation of the domain, ranges from monotonicity and envelopes, nonlinear real
    arithmetic (Z3 and cvc5), pieces of the line where one parameter occurs, descent where more do, ball arithmetic on
    boxes.

    Parameters
    ----------
    relation : sympy relation
        One inequality; equations and Boolean combinations are decided by the solvers or stay open.
    domain : Domain
        Where it is asserted.
    seconds : float
        Limit of CPU time, greater than 0, of the rungs after the first two together.

    Returns
    -------
    Climb
        True: proved on the whole domain. False: `point` is an exact counterexample inside the domain. None: open.
    """
    _check_seconds(seconds)
    rungs: list[Rung] = []
    points: list[Point] = []
    deadline = time.thread_time() + seconds
    if isinstance(relation, sp.Gt | sp.Ge | sp.Lt | sp.Le):
        steps = _steps(relation, domain, deadline)
    else:
        steps = iter([("z3", lambda: _solvers(relation, domain, seconds))])
    for name, examine in steps:
        start = time.perf_counter()
        answer, reason, point = examine()
        rungs.append(Rung(name, answer, time.perf_counter() - start, reason))
        if answer is not None:
            points = [] if point is None else [point]
            break
    return Climb(rungs[-1].answer, tuple(rungs), points[0] if points else None)


def _steps(relation: Any, domain: Domain, deadline: float) -> Iterator[tuple[str, Callable[[], Answer]]]:
    """Yield the rungs for one inequality that apply, cheapest first."""
    relation = relation.func(*(elementary(side) for side in relation.args), evaluate=False)
    gap, strict = excess(relation), isinstance(relation, sp.Gt | sp.Lt)

    def share(part: float) -> float:
        return max(part * (deadline - time.thread_time()), 0.1)

    induction = steps_of(gap, domain) if gap.has(sp.Sum) else None
    if induction is not None:
        yield "induction", lambda: _by_steps(induction, strict, domain, share(1.0))
    yield "parametrisation", lambda: (*by_parametrisation(relation, domain), None)
    yield "ranges", lambda: (*by_ranges(gap, strict, domain), None)
    yield "z3", lambda: _solvers(relation, domain, share(0.4))
    parts = separate(gap, domain)
    if parts is not None:
        yield "pieces", lambda: _in_parts(parts, strict, share(1.0))
        return
    if len(gap.free_symbols) == 1:
        yield "line", lambda: on_the_line(gap, strict, domain, share(0.5))
        yield "another form", lambda: by_forms(gap, strict, domain, share(0.7))
    else:
        yield "descent", lambda: by_descent(gap, strict, domain, share(0.5))
    yield "boxes", lambda: on_box(relation, domain, share(1.0))


def _by_steps(induction: tuple[sp.Expr, sp.Expr, sp.Symbol], strict: bool, domain: Domain, seconds: float) -> Answer:
    """Ask for the first value and for every step of an induction."""
    first, change, last = induction
    parts = [(sp.Gt if strict else sp.Ge)(first, 0, evaluate=False), sp.Ge(change, 0, evaluate=False)]
    climbs = [holds(part, domain, seconds / 2) for part in parts]
    if all(climb.answer for climb in climbs):
        return True, f"over {last}: the change {change} is not negative, by {climbs[1].decided_by}", None
    return None, f"the change {change} with {last} is not shown to be non-negative", None


def _in_parts(parts: list[tuple[sp.Expr, Domain]], strict: bool, seconds: float) -> Answer:
    """Ask for each piece in turn; a piece that fails may do so where it is not asked for."""
    relation, reasons = sp.Gt if strict else sp.Ge, []
    for gap, domain in parts:
        climb = holds(relation(gap, 0, evaluate=False), domain, seconds / len(parts))
        if not climb.answer:
            return None, f"{gap} is not shown to be {'positive' if strict else 'non-negative'}", None
        reasons.append(f"{gap} by {climb.decided_by}")
    return True, "; ".join(reasons), None


def _solvers(relation: Any, domain: Domain, seconds: float) -> Answer:
    rung, point = by_z3(relation, domain, seconds)
    return rung.answer, rung.reason, point


def equivalent(first: Any, second: Any, domain: Domain, seconds: float) -> Climb:
    """Do two inequalities hold at the same points of the domain? Nonlinear real arithmetic (Z3).

    Parameters
    ----------
    first, second : sympy relation
        The inequalities.
    domain : Domain
        Where.
    seconds : float
        Time limit, greater than 0.

    Returns
    -------
    Climb
        As for :func:`holds`.
    """
    _check_seconds(seconds)
    both = sp.And(first, second, evaluate=False)
    neither = sp.And(*(sp.Not(e, evaluate=False) for e in (first, second)), evaluate=False)
    rung, point = by_z3(sp.Or(both, neither, evaluate=False), domain, seconds)
    return Climb(rung.answer, (rung,), point)


def _timed(name: str, examine: Callable[[], tuple[bool | None, str]]) -> Rung:
    start = time.perf_counter()
    answer, reason = examine()
    return Rung(name, answer, time.perf_counter() - start, reason)


def _check_seconds(seconds: float) -> None:
    if not seconds > 0:
        raise DomainError(f"seconds = {seconds!r}; give a positive number")
