"""The ladder of exact rungs: the cheapest argument first, each with its name, answer and time."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import sympy as sp

from ..derivations.domain import Domain, Point
from ..derivations.errors import DomainError, NumericsError
from ..derivations.positivity import sign_on
from ..derivations.ranges import Between, Integers
from ..numerics.boxes import prove_sign
from ..numerics.decide import decide
from ..numerics.rational import vanishes_identically
from .exact import normal_forms
from .straddle import excess

#: Ends of the box in which a counterexample is looked for on a domain that is not compact.
_NEAR, _FAR = sp.Rational(1, 20), sp.Integer(20)


@dataclass(frozen=True)
class Rung:
    """What one rung said: True or False with certainty, or None; `reason` in words."""

    name: str
    answer: bool | None
    seconds: float
    reason: str


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
        :func:`crossproof.checks.exact.certified_gap`). None: open.
    """
    _check_seconds(seconds)
    rungs = [_timed("flint", lambda: (vanishes_identically(expr), "polynomials over the rationals"))]
    if rungs[0].answer is None:
        rungs.append(_timed("sympy", lambda: _by_normal_forms(expr, seconds)))
    return Climb(rungs[-1].answer, tuple(rungs))


def holds(relation: Any, domain: Domain, seconds: float = 10.0) -> Climb:
    """Does an inequality hold on the whole domain?

    The rungs: signs of a parametrisation of the domain, nonlinear real arithmetic (Z3), ball arithmetic on boxes.

    Parameters
    ----------
    relation : sympy relation
        One inequality; equations and Boolean combinations are decided by Z3 or stay open.
    domain : Domain
        Where it is asserted.
    seconds : float
        Time limit, greater than 0, of the last two rungs; each gets half.

    Returns
    -------
    Climb
        True: proved on the whole domain. False: `point` is an exact counterexample inside the domain. None: open.
    """
    _check_seconds(seconds)
    rungs: list[Rung] = []
    point: Point | None = None
    inequality = isinstance(relation, sp.Gt | sp.Ge | sp.Lt | sp.Le)
    if inequality:
        rungs.append(_timed("parametrisation", lambda: _by_parametrisation(relation, domain)))
    if not rungs or rungs[-1].answer is None:
        start = time.monotonic()
        rung, point = _by_z3(relation, domain, seconds / 2)
        rungs.append(rung)
        if rung.answer is None and inequality:
            left = max(seconds - (time.monotonic() - start), 0.1)

            def on_box() -> tuple[bool | None, str]:
                nonlocal point
                outcome, text, point = _on_box(relation, domain, left)
                return outcome, text

            rungs.append(_timed("boxes", on_box))
    return Climb(rungs[-1].answer, tuple(rungs), point)


def same_sign(first: sp.Expr, second: sp.Expr, domain: Domain, seconds: float, *, above: bool = False) -> Climb:
    """Have two expressions the same sign (-1, 0 or 1) on the whole domain? Nonlinear real arithmetic (Z3).

    Parameters
    ----------
    first, second : sympy.Expr
        The expressions, such as the excesses of two inequalities.
    domain : Domain
        Where.
    seconds : float
        Time limit, greater than 0.
    above : bool
        Ask only where `first` is not negative.

    Returns
    -------
    Climb
        As for :func:`holds`.
    """
    _check_seconds(seconds)

    def both(relation: Any) -> Any:
        return sp.And(*(relation(e, 0, evaluate=False) for e in (first, second)), evaluate=False)

    cases = [both(sp.Gt), both(sp.Eq), sp.Lt(first, 0, evaluate=False) if above else both(sp.Lt)]
    rung, point = _by_z3(sp.Or(*cases, evaluate=False), domain, seconds)
    return Climb(rung.answer, (rung,), point)


def _by_parametrisation(relation: Any, domain: Domain) -> tuple[bool | None, str]:
    gap = excess(relation)
    found = sign_on(domain, gap)
    enough = ("positive",) if isinstance(relation, sp.Gt | sp.Lt) else ("positive", "nonnegative", "zero")
    return True if found in enough else None, f"{gap} is {found or 'of no known sign'} on the domain"


def _by_z3(relation: Any, domain: Domain, seconds: float) -> tuple[Rung, Point | None]:
    start = time.perf_counter()
    try:
        found = decide(relation, domain.conditions(), seconds)
    except (NumericsError, DomainError) as error:  # not installed, or nothing that Z3 can be asked
        return Rung("z3", None, time.perf_counter() - start, f"skipped: {error}"), None
    if found.outcome == "valid":
        needs = ", ".join(map(str, found.core))
        reason = f"{found.reason}; it needs {needs}" if needs else f"{found.reason}, for all real values"
        return Rung("z3", True, found.seconds, reason), None
    if found.point is None:
        return Rung("z3", None, found.seconds, found.reason), None
    point = _inside(domain, found.point)
    if point is None:
        return Rung("z3", None, found.seconds, "Z3 found a point that the domain does not contain"), None
    return Rung("z3", False, found.seconds, found.reason), point


def _on_box(relation: Any, domain: Domain, seconds: float) -> tuple[bool | None, str, Point | None]:
    """Examine the smallest box around the domain, or a part of it when the domain has none."""
    box, whole = {}, True
    for symbol, given in domain.ranges.items():
        if isinstance(given, Between) and given.low.is_Rational and given.high.is_Rational:
            box[symbol] = (given.low, given.high)
        elif isinstance(given, Integers) and isinstance(given.low, int):
            whole &= given.high is not None
            box[symbol] = (
                sp.Integer(given.low),
                sp.Integer(given.low + 20 if given.high is None else given.high),
            )
        else:
            whole = False
            box[symbol] = (_NEAR if symbol.is_positive else -_FAR, _FAR)
    # a failure on the boundary need not be one of an open domain: the second box keeps off it
    inner = {s: (a + (b - a) / 64, b - (b - a) / 64) for s, (a, b) in box.items()}
    reason = ""
    for place, complete in ((box, whole), (inner, False)):
        try:
            found = prove_sign(excess(relation), place, seconds=seconds / 2)
        except (NumericsError, DomainError) as error:
            return None, str(error), None
        if found.outcome == "holds":
            return (True, found.reason, None) if complete else (None, "it holds on a part of the domain", None)
        if found.point is None:
            return None, found.reason, None
        point = _inside(domain, found.point)
        if point is not None and not (found.value == "0" and isinstance(relation, sp.Ge | sp.Le)):
            return False, f"the excess is {found.value} at {found.reason}", point
        reason = f"not positive at {found.point}, which is no counterexample"
    return None, reason, None


def _inside(domain: Domain, point: Point) -> Point | None:
    """Return `point`, completed by simple values of the other parameters, if it lies in the domain."""
    complete: Point = {}
    try:
        for symbol, given in domain.ranges.items():
            complete[symbol] = point[symbol] if symbol in point else given.value(0, complete)
        domain.check(complete)
    except DomainError:
        return None
    return complete


def _by_normal_forms(expr: sp.Expr, seconds: float) -> tuple[bool | None, str]:
    deadline, done = time.monotonic() + seconds, 0
    try:
        with _interrupted_after(seconds):
            for form in normal_forms(expr):
                if form == 0:
                    return True, f"zero after {done} normal forms"
                if time.monotonic() > deadline:
                    break
                done += 1
            else:
                return None, f"not reduced by {done - 1} normal forms"
    except _TimeUp:
        pass
    return None, f"time limit of {seconds:g} s during normal form {done}"


class _TimeUp(BaseException):
    """Raised inside SymPy; no Exception, so that no handler there takes it for a failure of its own."""


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    waiting = True

    def ring(number: int, frame: FrameType | None) -> None:
        if waiting:
            raise _TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    outer, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        waiting = False
        signal.setitimer(signal.ITIMER_REAL, outer, interval)
        signal.signal(signal.SIGALRM, before)


def _timed(name: str, examine: Callable[[], tuple[bool | None, str]]) -> Rung:
    start = time.perf_counter()
    answer, reason = examine()
    return Rung(name, answer, time.perf_counter() - start, reason)


def _check_seconds(seconds: float) -> None:
    if not seconds > 0:
        raise DomainError(f"seconds = {seconds!r}; give a positive number")
