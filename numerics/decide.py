"""Inequalities on unbounded domains by nonlinear real arithmetic (Z3): valid, or an exact counterexample."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ..derivations.errors import DomainError, NumericsError
from .relations import Point, assumption, holds, is_formula

#: Values tried for every coordinate of a counterexample, simplest first.
_SIMPLE = tuple(
    sp.Rational(p, q)
    for p, q in ((1, 1), (2, 1), (1, 2), (0, 1), (-1, 1), (3, 1), (1, 3), (4, 1), (-2, 1), (1, 4), (10, 1))
)


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


class _Untranslatable(Exception):
    """The relation leaves nonlinear real arithmetic."""


def decide(relation: Any, conditions: Iterable[Any] = (), seconds: float = 5.0) -> Decision:
    """Decide whether `relation` follows from `conditions`, for real values of all symbols.

    Polynomials, fractions, roots and absolute values are translated; denominators must not vanish and radicands must
    not be negative under the conditions, which is decided first. Integer symbols are relaxed to reals, and a
    counterexample must give them integers.

    Parameters
    ----------
    relation : sympy relation or And, Or, Not of relations
        The claim.
    conditions : iterable of the same
        What may be assumed; for a domain, ``domain.conditions()``. Assumptions of the symbols are added.
    seconds : float
        Time limit, greater than 0.

    Raises
    ------
    DomainError
        If `relation` or a condition is no relation, or the limit is not positive.
    NumericsError
        If z3-solver is missing.
    """
    start = time.monotonic()
    claim, given = sp.sympify(relation), tuple(sp.sympify(c) for c in conditions)
    for e in (claim, *given):
        if not is_formula(e):
            raise DomainError(f"{e!r} is no relation; give one such as sp.Gt(a, b, evaluate=False)")
    if not seconds > 0:
        raise DomainError(f"seconds = {seconds!r}; give a positive number")
    query = _Query(claim, given, start + seconds)
    try:
        outcome, point, core, reason = query.run()
    except _Untranslatable as error:
        outcome, point, core, reason = "unknown", None, (), str(error)
    return Decision(outcome, point, core, reason, time.monotonic() - start)


class _Query:
    """One decision in a Z3 context of its own, so that queries do not influence each other."""

    def __init__(self, claim: Any, given: tuple[Any, ...], deadline: float) -> None:
        try:
            import z3
        except ImportError:
            raise NumericsError("z3-solver is not installed; run `pip install z3-solver`") from None
        self.z3, self.context = z3, z3.Context()
        self.claim, self.given, self.deadline = claim, given, deadline
        symbols: set[sp.Symbol] = set().union(*(e.free_symbols for e in (claim, *given)))
        self.symbols = sorted(symbols, key=str)
        if any(s.is_real is False or s.is_real is None for s in self.symbols):
            raise DomainError(
                f"symbols {[s for s in self.symbols if not s.is_real]} are not real; create them with real=True"
            )
        self.reals = {s: z3.Real(f"x{i}", self.context) for i, s in enumerate(self.symbols)}
        self.assumed = [*given, *(assumption(s) for s in self.symbols)]
        self.roots: dict[sp.Expr, Any] = {}
        #: Definitions of the auxiliary variables.
        self.definitions: list[Any] = []

    def run(self) -> tuple[Any, Point | None, tuple[Any, ...], str]:
        """Translate, check that everything is defined, decide, and round a model to a rational point."""
        premises = [(c, self.formula(c)) for c in self.assumed if c != sp.true]
        negation = self.z3.Not(self.formula(self.claim))
        for what, needed in self._requirements():
            if self.check([f for _, f in premises], self.z3.Not(needed)) != self.z3.unsat:
                undefined = f"not shown that {what} under the conditions"
                break
        else:
            undefined = ""
        result = self.check([f for _, f in premises], negation)
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
        left = min(self.deadline - time.monotonic(), limit)
        self.model, self.why = None, "the time limit was reached"
        if left <= 0.005:
            return self.z3.unknown
        solver = self.z3.SolverFor("QF_NRA", ctx=self.context)
        solver.set("timeout", max(int(1000 * left), 1))
        for f in (*formulas, *self.definitions):
            solver.add(f)
        # some tactics overlook the timeout, but not an interrupt
        alarm = threading.Timer(left + 0.05, self.context.interrupt)
        alarm.start()
        try:
            result = solver.check()
        except self.z3.Z3Exception as error:
            self.why = str(error)
            return self.z3.unknown
        finally:
            alarm.cancel()
            alarm.join()
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
        share = 0.1 * (self.deadline - time.monotonic())
        fixed: Point = {}
        equations: list[Any] = []
        for s in self.symbols:
            for value in self._candidates(s):
                equation = self.reals[s] == self._number(value)
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
        inside = self.z3.And(zero, x >= self._number(ends[0]), x <= self._number(ends[1]))
        return sorted(set(defining.real_roots()))[value.index() - 1], inside

    def violates(self, point: Point) -> bool:
        """Whether `point` satisfies all conditions and violates the claim, by exact or certified evaluation."""
        if any(s.is_integer and not v.is_integer for s, v in point.items()):
            return False
        return all(holds(c, point) for c in self.assumed) and holds(self.claim, point) is False

    def formula(self, e: Any) -> Any:
        """Return the Z3 formula of a relation or a Boolean combination."""
        z3 = self.z3
        if e in (sp.true, sp.false):
            return z3.BoolVal(bool(e), self.context)
        if isinstance(e, sp.And | sp.Or):
            return (z3.And if isinstance(e, sp.And) else z3.Or)([self.formula(a) for a in e.args])
        if isinstance(e, sp.Not):
            return z3.Not(self.formula(e.args[0]))
        num, den = sp.fraction(sp.together(e.lhs - e.rhs))
        top, bottom = self.term(num), self.term(den)
        signed = isinstance(e, sp.Gt | sp.Ge | sp.Lt | sp.Le) and not den.is_positive
        value, zero = top * bottom if signed else top, z3.RealVal(0, self.context)
        return {
            sp.Gt: value > zero,
            sp.Ge: value >= zero,
            sp.Lt: value < zero,
            sp.Le: value <= zero,
            sp.Eq: value == zero,
            sp.Ne: value != zero,
        }[e.func]

    def _requirements(self) -> Iterator[tuple[str, Any]]:
        """Yield what must hold for the claim to be defined; where a condition is undefined it excludes the point."""
        for e in sorted(self.claim.atoms(sp.Pow), key=str):
            if e.base.is_positive or e.base.is_Rational or not e.exp.is_Rational:
                continue
            if e.exp < 0:
                yield f"{e.base} is not 0", self.term(e.base) != 0
            if e.exp.q > 1:
                yield f"{e.base} is not negative", self.term(e.base) >= 0

    def term(self, e: Any) -> Any:
        """Return the Z3 term of an expression; roots and quotients become auxiliary variables."""
        if e.is_Rational:
            return self._number(e)
        if e.is_Symbol:
            return self.reals[e]
        if e.is_Add:
            return self.z3.Sum([self.term(a) for a in e.args])
        if e.is_Mul:
            return self.z3.Product([self.term(a) for a in e.args])
        if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 60:
            return self.z3.Product([self.term(e.base)] * int(e.exp))
        if e not in self.roots:
            self.roots[e] = self._auxiliary(e)
        return self.roots[e]

    def _auxiliary(self, e: Any) -> Any:
        made = self.z3.Real(f"a{len(self.roots)}_{len(self.definitions)}", self.context)
        if e.is_Pow and e.exp.is_Rational and abs(e.exp.p) <= 60 and e.exp.q <= 60:
            base, p, q = self.term(e.base), int(e.exp.p), int(e.exp.q)
            if p < 0:
                other = self.term(e.base ** (-e.exp))
                self.definitions.append(self.z3.Implies(base != 0, made * other == 1))
            elif p > 1:
                return self.z3.Product([self.term(e.base ** sp.Rational(1, q))] * p)
            else:
                self.definitions += [
                    made >= 0,
                    self.z3.Implies(base >= 0, self.z3.Product([made] * q) == base),
                ]
        elif isinstance(e, sp.Abs):
            base = self.term(e.args[0])
            self.definitions.append(made == self.z3.If(base >= 0, base, -base))
        else:
            raise _Untranslatable(f"{e} is not in nonlinear real arithmetic")
        return made

    def _number(self, e: Any) -> Any:
        return self.z3.RatVal(int(e.p), int(e.q), self.context)
