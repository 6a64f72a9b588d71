"""An expression as steps in arithmetic with error bounds, each node once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from ...derivations.errors import PrintingError
from ..exact.ball_functions import CONSTANTS, FUNCTIONS
from .bounds import SLOPES, Arithmetic, Bounded
from .nodes import Erfcx, Exprel

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Largest modulus of a whole exponent that is no approximation of a real one.
_WHOLE = 2**20

_NAMES = {**{getattr(sp, n): n for n in SLOPES if hasattr(sp, n)}, Erfcx: "erfcx"}
_OWN: Mapping[Any, str] = {
    sp.exp: "exp",
    sp.log: "log",
    expm1: "expm1",
    log1p: "log1p",
    sp.Abs: "absolute",
    sp.sign: "sign",
}
_RELATIONS = (sp.Gt, sp.Ge, sp.Lt, sp.Le, sp.Eq, sp.Ne)

_Registers = list[Bounded]
_Step = Callable[[Arithmetic, _Registers], Bounded]


class Program:
    """The steps from arguments to the value of one expression and its error bound.

    Parameters
    ----------
    arguments : sequence of Symbol
        In the order of the values that are given.
    expression : sympy.Expr
        Functions that no library has, but ball arithmetic, make values without a bound.

    Raises
    ------
    PrintingError
        If a symbol is no argument, or a node has no meaning here.
    """

    def __init__(self, arguments: Sequence[sp.Symbol], expression: sp.Expr) -> None:
        extra = expression.free_symbols - set(arguments)
        if extra:
            raise PrintingError(f"symbols {sorted(map(str, extra))} are no arguments; add them or substitute values")
        self._known: dict[sp.Basic, int] = {symbol: k for k, symbol in enumerate(arguments)}
        self._first = len(arguments)
        self._steps: list[_Step] = []
        self._result = self._register(expression)

    def __call__(self, at: Arithmetic, values: Sequence[Any]) -> Bounded:
        """Return the value at float64 arrays, which count as exact."""
        registers = [Bounded(v, 0.0 * v) for v in values]
        for step in self._steps:
            registers.append(step(at, registers))
        return registers[self._result]

    def _register(self, e: sp.Basic) -> int:
        if e not in self._known:
            step = self._node(e)
            self._steps.append(step)
            self._known[e] = self._first + len(self._steps) - 1
        return self._known[e]

    def _node(self, e: sp.Basic) -> _Step:
        if (e.is_Rational or e.is_Float or e in CONSTANTS) and e.is_real:
            return _constant(e)
        if e.is_Add or e.is_Mul:
            return _folded("add" if e.is_Add else "multiply", [self._register(a) for a in e.args])
        if e.is_Pow and e.base is not sp.E:
            return self._power(e)
        if isinstance(e, sp.Max | sp.Min):
            registers = [self._register(a) for a in e.args]
            name = "maximum" if isinstance(e, sp.Max) else "minimum"
            return _extreme(name, registers)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        if isinstance(e, Exprel):
            n, u = int(e.args[0]), self._register(e.args[1])
            return lambda at, r: at.exprel(n, r[u])
        if isinstance(e, sp.polygamma) and e.args[0].is_Integer:
            order, a = int(e.args[0]), self._register(e.args[1])
            return (
                (lambda at, r: at.function("digamma", r[a])) if order == 0 else lambda at, r: at.polygamma(order, r[a])
            )
        if e.is_Pow or e.func in _OWN:  # what is left of the powers are those of E
            name, a = ("exp" if e.is_Pow else _OWN[e.func]), self._register(e.exp if e.is_Pow else e.args[0])
            operation = getattr(Arithmetic, name)
            return lambda at, r: operation(at, r[a])
        if e.func in _NAMES and len(e.args) == 1:
            called, a = _NAMES[e.func], self._register(e.args[0])
            return lambda at, r: at.function(called, r[a])
        if e.func in FUNCTIONS and not e.has(sp.Integral, sp.Sum):
            parts = [self._register(a) for a in e.args]
            return lambda at, r: at.unknown(_sum(at, [r[k] for k in parts]))
        raise PrintingError(f"{e.func.__name__} has no faithful form in arrays here; in {e}")

    def _power(self, e: sp.Pow) -> _Step:
        base = self._register(e.base)
        if e.exp.is_Integer and abs(e.exp) < _WHOLE:
            n = int(e.exp)
            return lambda at, r: at.whole_power(r[base], n)
        if abs(e.exp) == sp.Rational(1, 2):
            root = self._register(sp.sqrt(e.base)) if e.exp < 0 else base
            return (lambda at, r: at.whole_power(r[root], -1)) if e.exp < 0 else lambda at, r: at.root(r[base])
        exponent = self._register(e.exp)
        return lambda at, r: at.power(r[base], r[exponent])

    def _piecewise(self, e: sp.Piecewise) -> _Step:
        *branches, last = e.args
        if last.cond != sp.true:
            raise PrintingError(f"{e} has no default branch; add one, (value, True)")
        default = self._register(last.expr)
        made = [(self._condition(b.cond), self._register(b.expr)) for b in branches]

        def step(at: Arithmetic, r: _Registers) -> Bounded:
            found = r[default]
            for condition, branch in reversed(made):
                holds, sure = condition(r)
                found = at.choose(holds, sure, r[branch], found)
            return found

        return step

    def _condition(self, c: Any) -> Callable[[_Registers], tuple[Any, Any]]:
        """Return what tells where a condition holds, and where that is sure."""
        if c.func in _RELATIONS:
            gap = self._register(c.args[0] - c.args[1])
            return lambda r: _holds(c.func, r[gap])
        if isinstance(c, sp.And | sp.Or):
            parts = [self._condition(a) for a in c.args]
            every = isinstance(c, sp.And)

            def joined(r: _Registers) -> tuple[Any, Any]:
                (holds, sure), *others = (part(r) for part in parts)
                for other, also in others:
                    holds, sure = (holds & other) if every else (holds | other), sure & also
                return holds, sure

            return joined
        if isinstance(c, sp.Not):
            inner = self._condition(c.args[0])
            return lambda r: (~inner(r)[0], inner(r)[1])
        raise PrintingError(f"the condition {c} has no faithful form in arrays here")


@lru_cache(maxsize=256)
def program_of(arguments: tuple[sp.Symbol, ...], expression: sp.Expr) -> Program:
    """Return the program of an expression, made once."""
    return Program(arguments, expression)


def _constant(e: sp.Expr) -> _Step:
    value = float(e)
    exact = bool(e.is_Rational and sp.Rational(value) == e)
    return lambda at, r: at.constant(value, exact)


def _folded(name: str, registers: list[int]) -> _Step:
    first, *others = registers
    operation = getattr(Arithmetic, name)

    def step(at: Arithmetic, r: _Registers) -> Bounded:
        found = r[first]
        for other in others:
            found = operation(at, found, r[other])
        return found

    return step


def _extreme(name: str, registers: list[int]) -> _Step:
    first, *others = registers

    def step(at: Arithmetic, r: _Registers) -> Bounded:
        found = r[first]
        for other in others:
            found = at.extreme(name, found, r[other])
        return found

    return step


def _sum(at: Arithmetic, parts: list[Bounded]) -> Bounded:
    found = parts[0]
    for part in parts[1:]:
        found = at.add(found, part)
    return found


def _holds(relation: Any, gap: Bounded) -> tuple[Any, Any]:
    value = gap.value
    sure = (abs(value) > gap.error) | (gap.error == 0)
    holds = {
        sp.Gt: value > 0,
        sp.Ge: value >= 0,
        sp.Lt: value < 0,
        sp.Le: value <= 0,
        sp.Eq: value == 0,
        sp.Ne: value != 0,
    }
    return holds[relation], sure
