"""Inequalities on unbounded domains by nonlinear real arithmetic (Z3, with cvc5): valid, or an exact counterexample."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ...derivations.errors import DomainError
from ..arguments import checked
from .real_arithmetic import Translation, UntranslatableError
from .relations import Point, assumption, holds, is_formula
from .second_solver import second_opinion

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Values tried for every coordinate of a counterexample, simplest first.
_SIMPLE = tuple(
    sp.Rational(p, q)
    for p, q in ((1, 1), (2, 1), (1, 2), (0, 1), (-1, 1), (3, 1), (1, 3), (4, 1), (-2, 1), (1, 4), (10, 1))
)

#: Seconds after which a single question to Z3 ends in any case.
_LONGEST = 10**6
#: Seconds for the second solver.
_SECOND = 2.0
#: Limits count CPU time; Z3's own counts wall time, and is set to this multiple of ours for a busy machine.
_BUSY = 10
#: Seconds, at the least, between two looks at the CPU time of a question that is being answered.
_LOOK = 0.05


@dataclass(frozen=True)
class Decision:
    """Whether a relation holds wherever the domain's conditions do.

    Parameters
    ----------
    outcome : {"valid", "counterexample", "unknown"}
        What was decided, over the reals.
    point : dict or None
        Exact rational or algebraic values that satisfy the conditions and violate the relation, the simplest that were
        found (re-checked outside Z3).
    core : tuple
        For valid relations: the conditions that the proof needs.
    reason : str
        How it was decided, or why not.
    seconds : float
        Time spent.
    """

    outcome: Literal["valid", "counterexample", "unknown"]
    point: Point | None
    core: tuple[Any, ...]
    reason: str
    seconds: float


@checked(DomainError)
def decide(relation: Any, conditions: Iterable[Any] = (), seconds: float = 5.0) -> Decision:
    """Decide whether `relation` follows from `conditions`, for real values of all symbols.

    Polynomials, fractions, roots, absolute values, extrema and case distinctions are translated; denominators must not
    vanish and radicands must not be negative under the conditions, which is decided first. What Z3 finds valid is put
    to cvc5 in a separate translation, and stays open when that contradicts. Integer symbols are relaxed to reals, and
    a counterexample must give them integers.

    Parameters
    ----------
    relation : sympy relation or And, Or, Not of relations
        The claim.
    conditions : iterable of the same
        What may be assumed; for a domain, ``domain.conditions()``. Assumptions of the symbols are added.
    seconds : float
        Time limit, greater than 0, of CPU time of this thread.

    Raises
    ------
    DomainError
        If `relation` or a condition is no relation, or the limit is not positive.
    NumericsError
        If z3-solver is missing.
    """
    start = time.thread_time()
    try:
        claim, given = sp.sympify(relation), tuple(sp.sympify(c) for c in conditions)
    except (sp.SympifyError, TypeError, ValueError):
        raise DomainError(f"relation={relation!r}, conditions={conditions!r}; give relations of SymPy") from None
    for e in (claim, *given):
        if not is_formula(e):
            raise DomainError(f"{e!r} is no relation; give one such as sp.Gt(a, b, evaluate=False)")
    if not seconds > 0:
        raise DomainError(f"seconds = {seconds!r}; give a positive number")
    query = _Query(claim, given, start + seconds)
    try:
        outcome, point, core, reason = query.run()
    except UntranslatableError as error:
        outcome, point, core, reason = "unknown", None, (), str(error)
    return Decision(outcome, point, core, reason, time.thread_time() - start)


@contextmanager
def _interrupted_after(seconds: float, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call `interrupt` from another thread when this one has used so much CPU time (`_BUSY` times it by the clock).

    Some tactics of Z3 overlook its timeout, but not an interrupt.
    """
    done = threading.Event()
    started, clock = time.monotonic(), _clock_of_this_thread()
    before = clock()

    def watch() -> None:
        left = seconds
        while not done.wait(max(left, _LOOK)):
            left = seconds - (clock() - before)
            if left <= 0 or time.monotonic() - started > _BUSY * seconds:
                interrupt()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _clock_of_this_thread() -> Callable[[], float]:
    """Return the CPU time of this thread, as a function that other threads can call; wall time where there is none."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    number = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(number)


class _Query(Translation):
    """One decision."""

    def __init__(self, claim: Any, given: tuple[Any, ...], deadline: float) -> None:
        self.claim, self.given, self.deadline = claim, given, deadline
        symbols: set[sp.Symbol] = set().union(*(e.free_symbols for e in (claim, *given)))
        self.symbols = sorted(symbols, key=str)
        if any(s.is_real is False or s.is_real is None for s in self.symbols):
            raise DomainError(
                f"symbols {[s for s in self.symbols if not s.is_real]} are not real; create them with real=True"
            )
        super().__init__(self.symbols)
        self.assumed = [*given, *(assumption(s) for s in self.symbols)]

    def run(self) -> tuple[Any, Point | None, tuple[Any, ...], str]:
        """Translate, check that everything is defined, decide, and round a model to a rational point."""
        premises = [(c, self.formula(c)) for c in self.assumed if c != sp.true]
        negation = self.z3.Not(self.formula(self.claim))
        for what, needed in self.requirements(self.claim):
            if self.check([f for _, f in premises], self.z3.Not(needed)) != self.z3.unsat:
                undefined = f"not shown that {what} under the conditions"
                break
        else:
            undefined = ""
        share = 0.6 * max(self.deadline - time.thread_time(), 0.0)
        result = self.check([f for _, f in premises], negation, limit=share)
        left = self.deadline - time.thread_time()
        if not undefined and (result == self.z3.unsat or (result == self.z3.unknown and left > 0)):
            opinion = second_opinion(self.claim, self.given, min(left, _SECOND))
            if opinion == "sat" and result == self.z3.unsat:
                return "unknown", None, (), "Z3 finds the negation unsatisfiable and cvc5 does not: one of them errs"
            if opinion == "unsat" and result == self.z3.unknown:
                return "valid", None, tuple(c for c, _ in premises), "the negation is unsatisfiable (cvc5)"
        if result == self.z3.unsat and not undefined:
            core = tuple(c for c, _ in self.core(premises, negation))
            return "valid", None, core, "the negation is unsatisfiable"
        point = self.simplify([f for _, f in premises], negation) if result == self.z3.sat else None
        if point is not None:
            return "counterexample", point, (), "Z3's model, made simpler and re-checked exactly"
        if undefined:
            return "unknown", None, (), undefined
        if result == self.z3.sat:
            over = ", with integers relaxed to reals" if any(s.is_integer for s in self.symbols) else ""
            return (
                "unknown",
                None,
                (),
                f"Z3 has a model{over}, but no exact point near it was certified",
            )
        return "unknown", None, (), f"Z3 gave up: {self.why}"

    def check(self, *formulas: Any, limit: float = math.inf) -> Any:
        """Return sat, unsat or unknown for the conjunction, keeping the model."""
        left = min(self.deadline - time.thread_time(), limit)
        self.model, self.why = None, "the time limit was reached"
        if left <= 0.005:
            return self.z3.unknown
        solver = self.z3.SolverFor("QF_NRA", ctx=self.context)
        solver.set("timeout", max(int(1000 * min(_BUSY * left, _LONGEST)), 1))
        for f in (*formulas, *self.definitions):
            solver.add(f)
        try:
            with _interrupted_after(min(left, _LONGEST), self.context.interrupt):
                result = solver.check()
        except self.z3.Z3Exception as error:
            self.why = str(error)
            return self.z3.unknown
        if result == self.z3.sat:
            self.model = solver.model()
        elif result == self.z3.unknown:
            self.why = solver.reason_unknown()
        return result

    def core(self, premises: list[tuple[Any, Any]], negation: Any) -> list[tuple[Any, Any]]:
        """Return premises from which none can be dropped (within the time limit)."""
        kept = list(premises)
        for item in premises:
            others = [p for p in kept if p is not item]
            if self.check([f for _, f in others], negation) == self.z3.unsat:
                kept = others
        return kept

    def simplify(self, premises: list[Any], negation: Any) -> Point | None:
        """Return an exact counterexample with simple coordinates, fixed one after the other, or None."""
        share = 0.1 * (self.deadline - time.thread_time())
        fixed: Point = {}
        equations: list[Any] = []
        for s in self.symbols:
            for value in self._candidates(s):
                equation = self.reals[s] == self.number(value)
                before = self.model
                if self.check(premises, negation, equations, equation, limit=share) == self.z3.sat:
                    fixed[s] = value
                    equations.append(equation)
                    break
                self.model = before
            else:
                found = self._algebraic(s)
                if found is None or self.check(premises, negation, equations, found[1]) != self.z3.sat:
                    return None
                fixed[s] = found[0]
                equations.append(found[1])
        return fixed if self.violates(fixed) else None

    def _candidates(self, s: sp.Symbol) -> Iterator[sp.Expr]:
        yield from (v for v in _SIMPLE if v.is_integer or not s.is_integer)
        value = self.model.eval(self.reals[s], model_completion=True) if self.model is not None else None
        if value is None:
            return
        if self.z3.is_algebraic_value(value):
            value = value.approx(20)
        exact = sp.Rational(value.numerator_as_long(), value.denominator_as_long())
        if s.is_integer:
            yield from (sp.floor(exact), sp.ceiling(exact))
            return
        for largest in (2, 5, 20, 100, 10**4, 10**8):
            yield exact.limit_denominator(largest)
        yield exact

    def _algebraic(self, s: sp.Symbol) -> tuple[sp.Expr, Any] | None:
        """Return the irrational value of `s` in the model, and the formula that isolates it; None without one."""
        value = None if self.model is None else self.model.eval(self.reals[s], model_completion=True)
        if value is None or not self.z3.is_algebraic_value(value):
            return None
        coefficients = [int(c.as_long()) for c in value.poly()]
        defining = sp.Poly(coefficients[::-1], sp.Dummy("r"))
        ends = [(sp.Rational(a), sp.Rational(b)) for (a, b), _ in defining.intervals()][value.index() - 1]
        x = self.reals[s]
        zero = self.z3.Sum([c * self.z3.Product([x] * k) if k else x * 0 + c for k, c in enumerate(coefficients)]) == 0
        inside = self.z3.And(zero, x >= self.number(ends[0]), x <= self.number(ends[1]))
        return sorted(set(defining.real_roots()))[value.index() - 1], inside

    def violates(self, point: Point) -> bool:
        """Whether `point` satisfies all conditions and violates the claim, by exact or certified evaluation."""
        if any(s.is_integer and not v.is_integer for s, v in point.items()):
            return False
        return all(holds(c, point) for c in self.assumed) and holds(self.claim, point) is False
