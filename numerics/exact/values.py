"""Values of expressions at exact points: a ball around a real number, no value, or an open question.

Every node is evaluated as it is written, in complex ball arithmetic (Arb) with principal values. A real formula may
pass through complex numbers (``sqrt(x - 1)*sqrt(x + 1)`` below -1), which is recorded; where a node has no value (a
pole, the logarithm of 0) or the whole is not real, the expression is undefined there. What a ball cannot tell at one
precision it may tell at the next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from ...derivations.errors import NumericsError, UndefinedError
from .ball_functions import CONSTANTS, FUNCTIONS
from .point_forms import exactly_zero
from .programs import program_of, whole_power

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Precisions in bits that are tried in turn.
PRECISIONS = (64, 640, 2048, 8192, 32768, 131072)
#: Functions whose cost grows so fast with the precision that only so many bits are tried.
_COSTLY, _COSTLY_BITS = (
    (sp.gamma, sp.loggamma, sp.digamma, sp.polygamma, sp.zeta, sp.beta, sp.binomial, sp.factorial),
    8192,
)
#: A precision is not tried when the one before took so much of the CPU seconds that are left: it costs up to 16 times.
_GROWTH = 12


class Value(NamedTuple):
    """A real value at a point.

    Parameters
    ----------
    ball : flint.arb
        Contains the value.
    principal : bool
        Whether the evaluation passed through numbers that are not real, by principal values.
    verified : bool
        Whether the ball is rigorous; False where a part of the expression has no ball arithmetic and was estimated.
    """

    ball: Any
    principal: bool = False
    verified: bool = True


class OpenError(NumericsError):
    """Whether there is a value, or which, is not told at this precision."""


def value_at_precision(expr: sp.Expr, point: Mapping[sp.Symbol, Any], bits: int) -> Value:
    """Return the value of `expr` at `point` from balls of `bits` bits.

    Parameters
    ----------
    expr : sympy.Expr
        As written; nothing is simplified.
    point : mapping
        Exact value (rational, algebraic, or an expression without symbols) of every free symbol.
    bits : int
        Working precision.

    Raises
    ------
    UndefinedError
        If the expression certainly has no real value there.
    OpenError
        If that is open at this precision.
    NumericsError
        If the expression contains something that cannot be evaluated, or a symbol has no value.
    """
    program = program_of(expr if isinstance(expr, sp.Basic) else sp.sympify(expr))
    ctx = program.context
    before = ctx.prec
    ctx.prec = bits
    try:
        z, walk = program(point, bits)
        if not z.is_finite():
            raise OpenError(f"{expr} is not enclosed")
        if not z.imag.is_zero():
            if not z.imag.contains(0):
                raise UndefinedError(f"{expr} is not real", expr)
            raise OpenError(f"{expr} is not shown to be real")
        return Value(z.real, walk.principal, walk.verified)
    finally:
        ctx.prec = before


def values(
    expr: sp.Expr, point: Mapping[sp.Symbol, Any], seconds: float = 1.0, precisions: Sequence[int] = PRECISIONS
) -> Iterator[Value]:
    """Yield the value of `expr` at `point` with rising precision, while CPU time lasts; OpenError where there is none.

    Raises
    ------
    UndefinedError, OpenError, NumericsError
        As for :func:`value_at_precision`; OpenError only when no precision gave a value.
    """
    start = began = time.thread_time()
    got, failure = False, None
    for bits in precisions:
        if bits > precisions[0]:
            now = time.thread_time()
            if _GROWTH * (now - began) > seconds - (now - start):
                break
            began = now
        if bits > _COSTLY_BITS and sp.sympify(expr).has(*_COSTLY):
            break
        try:
            found = value_at_precision(expr, point, bits)
        except OpenError as error:
            failure = error
        else:
            got = True
            yield found
    if failure is not None and not got:
        raise failure


class Evaluation:
    """Values of nodes at one point and precision, each computed once.

    Parameters
    ----------
    point : mapping
        Exact values, or complex balls (inside an integral), by symbol.
    analytic : bool
        Whether the nodes must be analytic on the balls given (a branch cut gives a ball that is not finite).
    """

    def __init__(self, point: Mapping[sp.Symbol, Any], analytic: bool = False) -> None:
        self.point = point
        self.analytic = analytic
        self.principal = False
        self.verified = True
        self._known: dict[sp.Basic, Any] = {}
        self._acb, self._fmpq = _number_types()

    def __call__(self, e: sp.Basic) -> Any:
        """Return a complex ball (``flint.acb``) that contains the value of `e`."""
        if e not in self._known:
            self._known[e] = self.marked(self._node(e))
        return self._known[e]

    def marked(self, found: Any) -> Any:
        """Return the ball of a node, and note where it is certainly not real."""
        if not found.imag.is_zero() and not found.imag.contains(0):
            self.principal = True
        return found

    def take(self, e: sp.Basic, ball: Any) -> None:
        """Take `ball` for the value of `e`."""
        self._known[e] = ball

    def real(self, e: sp.Basic) -> Any:
        """Return a real ball for `e`; UndefinedError where it is not real."""
        z = self(e)
        if z.imag.is_zero():
            return z.real
        if not z.imag.contains(0):
            raise UndefinedError(f"{e} is not real", e)
        raise OpenError(f"{e} is not shown to be real")

    def is_zero(self, e: sp.Basic) -> bool:
        """Return whether `e` is exactly 0 here; OpenError where that is not told."""
        z = self(e)
        if z.is_zero():
            return True
        if not z.contains(0):
            return False
        if self.at_point and (found := exactly_zero(e, self.point)) is not None:
            return found
        raise OpenError(f"whether {e} is 0 is not told")

    @property
    def at_point(self) -> bool:
        """Whether the values given are exact, not balls."""
        return not any(type(v).__module__.startswith("flint") for v in self.point.values())

    def holds(self, condition: Any) -> bool:
        """Return whether a relation or a Boolean combination holds here; OpenError where that is not told."""
        if condition in (sp.true, sp.false):
            return bool(condition)
        if isinstance(condition, sp.Not):
            return not self.holds(condition.args[0])
        if isinstance(condition, sp.And | sp.Or):
            decisive = isinstance(condition, sp.Or)
            opened: OpenError | None = None
            for part in condition.args:
                try:
                    if self.holds(part) is decisive:
                        return decisive
                except OpenError as error:
                    opened = error
            if opened is not None:
                raise opened
            return not decisive
        if not isinstance(condition, sp.core.relational.Relational):
            raise NumericsError(f"{condition} is no relation")
        gap = condition.lhs - condition.rhs
        if isinstance(condition, sp.Eq | sp.Ne):
            return self.is_zero(gap) is isinstance(condition, sp.Eq)
        ball = self.real(gap)
        if self.is_zero(gap):
            return isinstance(condition, sp.Ge | sp.Le)
        return bool(ball > 0) is isinstance(condition, sp.Gt | sp.Ge)

    def _node(self, e: sp.Basic) -> Any:
        if e.is_Rational:
            return self._acb(self._fmpq(int(e.p), int(e.q)))
        if e.is_Float:
            return self(sp.Rational(str(e)))
        if e.is_Symbol:
            if e not in self.point:
                raise NumericsError(f"no value for {e}; give every free symbol a value")
            given = self.point[e]
            return given if type(given) is self._acb else self(sp.sympify(given))
        if e in CONSTANTS:
            return CONSTANTS[e]()
        if e in (sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise UndefinedError(f"{e} is no number", e)
        if e.is_Add:
            return sum((self(a) for a in e.args[1:]), self(e.args[0]))
        if e.is_Mul:
            product = self(e.args[0])
            for factor in e.args[1:]:
                product = product * self(factor)
            return product
        if e.is_Pow or isinstance(e, sp.exp):
            return self.power(e)
        if isinstance(e, sp.Piecewise):
            for branch, condition in e.args:
                if self.holds(condition):
                    return self(branch)
            raise UndefinedError(f"no branch of {e} applies", e)
        function = FUNCTIONS.get(e.func) or _calculus(e)
        if function is None:
            raise NumericsError(f"{e.func} has no ball arithmetic here; expression {e}")
        return function(self, e)

    def power(self, e: sp.Basic) -> Any:
        """Return the ball of a power or an exponential."""
        if isinstance(e, sp.exp):  # to SymPy, a power of E that was not evaluated is one, too
            return self(e.exp).exp()
        base, exponent = self(e.base), self(e.exp)
        whole = e.exp.is_Integer or (exponent.imag.is_zero() and exponent.real.is_integer())
        if whole and (n := int(exponent.real.unique_fmpz())) >= 0:
            return whole_power(base, n)
        if not base.contains(0):
            if whole:
                return base**n
            if e.exp == sp.Rational(1, 2):
                return base.sqrt(analytic=self.analytic)
            return base.pow(exponent, analytic=self.analytic) if self.analytic else base**exponent
        if self.is_zero(e.base):
            power = self.real(e.exp)
            if power > 0:
                return base * 0
            if power < 0:
                raise UndefinedError(f"{e} divides by 0", e)
            raise OpenError(f"the sign of {e.exp} is not told")
        raise OpenError(f"{e.base} is not told from 0")


@cache
def _number_types() -> tuple[Any, Any]:
    from flint import acb, fmpq

    return acb, fmpq


def _calculus(e: sp.Basic) -> Any:
    from .calculus_values import CALCULUS

    return CALCULUS.get(e.func)
