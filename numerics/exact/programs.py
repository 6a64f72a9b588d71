"""Expressions as programs: read once, evaluated at many points and precisions.

A program takes the steps of :class:`.values.Evaluation` in the same order, each node once, and gives the same balls. It
knows sums, products and whole powers by itself; for every other node it asks the evaluation, which is told the balls of
the arguments.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from .ball_functions import FUNCTIONS

if TYPE_CHECKING:
    from .values import Evaluation

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Programs that are kept: the sides of a claim and what is asked of them, at all of its points.
_KEPT = 64

#: A register to write, and a function of two registers; or None, and a function of the evaluation and all registers.
_Step = tuple[int, Callable[[Any, Any], Any] | None, Any, int]


class _AcrossZeroError(ArithmeticError):
    """A ball to divide by contains 0; an evaluation asks more closely whether the number is 0."""


@lru_cache(maxsize=_KEPT)
def program_of(expr: sp.Basic) -> Program:
    """Return the program of `expr` as it is written."""
    return Program(expr)


class Program:
    """The steps from the symbols of one expression to its value."""

    def __init__(self, expr: sp.Basic) -> None:
        from flint import acb, ctx, fmpq

        from .values import Evaluation

        self.context = ctx
        """Where python-flint keeps the precision."""
        self.plain = True
        """Whether sums, products and whole powers are all there is; then many bits cost hardly more than few."""
        self._expr = expr
        self._acb, self._fmpq, self._evaluation = acb, fmpq, Evaluation
        self._known: dict[sp.Basic, int] = {}
        self._constants: list[Any] = []
        self._steps: list[_Step] = []
        self._prepared: dict[int, list[Any]] = {}
        self._result = self._register(expr)

    def __call__(self, point: Mapping[sp.Symbol, Any], bits: int) -> tuple[Any, Evaluation]:
        """Return the ball of the expression, and the evaluation that knows what it passed through.

        Parameters
        ----------
        point : mapping
            Exact value of every free symbol.
        bits : int
            The precision, which is set already.
        """
        registers = self._prepared.get(bits)
        if registers is None:
            registers = [self._acb(c) if isinstance(c, self._fmpq) else c for c in self._constants]
            self._prepared[bits] = registers
        registers = registers.copy()
        walk = self._evaluation(point)
        try:
            for target, operation, first, second in self._steps:
                if operation is None:
                    registers[target] = first(walk, registers)
                else:
                    registers[target] = operation(registers[first], registers[second])
        except _AcrossZeroError:
            walk = self._evaluation(point)
            return walk(self._expr), walk
        return registers[self._result], walk

    def _register(self, e: sp.Basic) -> int:
        """Return the register of a node, after the steps that lead to it."""
        if e not in self._known:
            self._known[e] = self._node(e)
        return self._known[e]

    def _node(self, e: sp.Basic) -> int:
        if e.is_Rational:
            return self._constant(self._fmpq(int(e.p), int(e.q)))
        if e.is_Symbol:
            return self._step(None, self._reading(e))
        if e.is_Add or e.is_Mul:
            operation = operator.add if e.is_Add else operator.mul
            found = self._register(e.args[0])
            for other in e.args[1:]:
                found = self._step(operation, found, self._register(other))
            return found
        if e.is_Pow and e.base is not sp.E and e.exp.is_Integer:
            power = whole_power if e.exp >= 0 else _reciprocal
            return self._step(power, self._register(e.base), self._constant(int(e.exp)))
        self.plain = False
        if e.is_Pow and e.base is not sp.E:
            base = self._register(e.base)
            return self._step(None, _asking(self._evaluation.power, e, {e.base: base, e.exp: self._register(e.exp)}))
        if isinstance(e, sp.Function) and len(e.args) == 1 and e.func in FUNCTIONS:
            return self._step(None, _asking(FUNCTIONS[e.func], e, {e.args[0]: self._register(e.args[0])}))
        return self._step(None, lambda walk, registers: walk(e))

    def _constant(self, value: Any) -> int:
        self._constants.append(value)
        return len(self._constants) - 1

    def _step(self, operation: Callable[[Any, Any], Any] | None, first: Any, second: int = 0) -> int:
        target = self._constant(None)
        self._steps.append((target, operation, first, second))
        return target

    def _reading(self, symbol: sp.Basic) -> Callable[[Evaluation, list[Any]], Any]:
        acb, fmpq = self._acb, self._fmpq

        def read(walk: Evaluation, registers: list[Any]) -> Any:
            given = walk.point.get(symbol)
            if isinstance(given, sp.Rational):
                return acb(fmpq(int(given.p), int(given.q)))
            found = _number(given, self.context.prec) if isinstance(given, sp.Expr) else None
            return walk(symbol) if found is None else found

        return read


@lru_cache(maxsize=_KEPT)
def _number(given: sp.Expr, bits: int) -> Any:
    """Return the ball of an irrational coordinate, the same for many formulas; None where an evaluation says more."""
    from .values import Evaluation

    if given.free_symbols:
        return None
    walk = Evaluation({})
    ball = walk(given)
    return None if walk.principal or not walk.verified else ball


def _asking(
    evaluate: Callable[[Evaluation, Any], Any], e: sp.Basic, arguments: Mapping[sp.Basic, int]
) -> Callable[[Evaluation, list[Any]], Any]:
    """Return the step that asks an evaluation for a node whose arguments stand in registers."""

    def ask(walk: Evaluation, registers: list[Any]) -> Any:
        for argument, register in arguments.items():
            walk.take(argument, registers[register])
        return walk.marked(evaluate(walk, e))

    return ask


def whole_power(base: Any, n: int) -> Any:
    """Return the power of a ball with an exponent >= 0."""
    if base.imag.is_zero() and base.contains(0) and not base.is_exact():
        # across zero the power of a ball is far too wide
        from flint import acb

        low, high = base.real.lower() ** n, base.real.upper() ** n
        return acb(low.union(high) if n % 2 or n == 0 else low.union(high).union(0))
    return base**n


def _reciprocal(base: Any, n: int) -> Any:
    """Return the power of a ball with an exponent < 0."""
    if base.contains(0):
        raise _AcrossZeroError
    return base**n
