"""The rungs of the ladder: one way each to answer a question exactly, within a time limit."""

from __future__ import annotations

import gc
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any
from weakref import WeakSet

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError, NumericsError
from ...derivations.positivity import sign_on
from ...derivations.ranges import Between, Integers
from ...numerics.signs.boxes import prove_sign
from ...numerics.signs.decide import decide
from .normal_forms import normal_forms
from .straddle import excess

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Shortest time that the timer of CPU time is set to, and when it rings again, in seconds.
_TICK, _AGAIN = 0.01, 0.5
#: Where the callbacks of weak collections are written.
_OF_WEAK_REFERENCES = (weakref.__file__, WeakSet.__init__.__code__.co_filename)
#: Ends of the box in which a counterexample is looked for on a domain that is not compact.
_NEAR, _FAR = sp.Rational(1, 20), sp.Integer(20)


@dataclass(frozen=True)
class Rung:
    """What one rung said: True or False with certainty, or None; `reason` in words."""

    name: str
    answer: bool | None
    seconds: float
    reason: str


def by_parametrisation(relation: Any, domain: Domain) -> tuple[bool | None, str]:
    """Read the sign of an inequality's excess from a parametrisation of the domain; return answer and reason."""
    gap = excess(relation)
    found = sign_on(domain, gap)
    enough = ("positive",) if isinstance(relation, sp.Gt | sp.Lt) else ("positive", "nonnegative", "zero")
    return True if found in enough else None, f"{gap} is {found or 'of no known sign'} on the domain"


def by_z3(relation: Any, domain: Domain, seconds: float) -> tuple[Rung, Point | None]:
    """Ask Z3 for a point of the domain at which `relation` fails; return the rung, and the point if there is one."""
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


def on_box(relation: Any, domain: Domain, seconds: float) -> tuple[bool | None, str, Point | None]:
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


def by_normal_forms(expr: sp.Expr, seconds: float) -> tuple[bool | None, str]:
    """Reduce `expr` by SymPy's normal forms until it is 0, within CPU time `seconds`; return answer and reason."""
    deadline, done = time.thread_time() + seconds, 0
    try:
        with interrupted_after(seconds):
            for form in normal_forms(expr):
                if form == 0:
                    return True, f"zero after {done} normal forms"
                if time.thread_time() > deadline:
                    break
                done += 1
            else:
                return None, f"not reduced by {done - 1} normal forms"
    except TimeUp:
        pass
    return None, f"its time limit was reached during normal form {done}"


class TimeUp(BaseException):
    """Raised inside SymPy; no Exception, so that no handler there takes it for a failure of its own."""


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Raise TimeUp inside the block once it has used so many seconds of CPU time, in a main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    outer, interval = signal.getitimer(signal.ITIMER_PROF)
    start = time.thread_time()
    waiting, deadline = True, start + min(seconds, outer or seconds)

    def ring(number: int, frame: FrameType | None) -> None:
        if not waiting:
            return
        # the timer counts what other threads of the process use, too
        left = deadline - time.thread_time()
        if left <= 0 and not _in_callback(frame):
            # an exception in a callback of a compiled library is lost
            signal.setitimer(signal.ITIMER_PROF, _AGAIN)
            raise TimeUp
        signal.setitimer(signal.ITIMER_PROF, max(left, _TICK))

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, deadline - start)
    try:
        yield
    finally:
        waiting = False
        # a limit around this one goes on
        signal.setitimer(signal.ITIMER_PROF, outer and max(outer - (time.thread_time() - start), _TICK), interval)
        signal.signal(signal.SIGPROF, before)


def _in_callback(frame: FrameType | None) -> bool:
    """Return whether `frame` runs while an object is thrown away, where an exception is lost."""
    callbacks = {getattr(c, "__code__", None) for c in gc.callbacks}
    while frame is not None:
        code = frame.f_code
        if code in callbacks or code.co_name == "__del__" or code.co_filename in _OF_WEAK_REFERENCES:
            return True
        frame = frame.f_back
    return False
