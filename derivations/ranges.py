"""Ranges of one parameter: each enumerates its exact values, simplest first, without rejection.

A range maps an index 0, 1, 2, ... to an exact number; index 0 is the simplest value. Bounds may be expressions
in parameters that were chosen before, so that a dependent domain such as ``s > c/2`` is met by construction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .errors import DomainError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Irrational bounds beyond this size are refused: writing one down exactly could take any number of digits.
_LARGEST = 10**300

Chosen = Mapping[sp.Symbol, sp.Expr]


def positive_rational(index: int) -> sp.Rational:
    """Return term `index` of the Calkin-Wilf sequence 1, 1/2, 2, 1/3, 3/2, ...: every positive rational once."""
    numerator, denominator = 1, 1
    for _ in range(index):
        numerator, denominator = denominator, numerator + denominator - 2 * (numerator % denominator)
    return sp.Rational(numerator, denominator)


def real_rational(index: int) -> sp.Rational:
    """Return term `index` of 0, 1, -1, 1/2, -1/2, 2, -2, ...: every rational once."""
    if index == 0:
        return sp.Integer(0)
    magnitude = positive_rational((index - 1) // 2)
    return magnitude if index % 2 else -magnitude


class Range(ABC):
    """The values that one parameter may take."""

    #: SymPy assumptions that hold for every value of the range.
    assumptions: Mapping[str, bool]

    @abstractmethod
    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        """Return the exact value number `index`, given the parameters `chosen` before."""

    @abstractmethod
    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        """Return the inequalities (SymPy relations) that say what it means to be inside."""

    @property
    def size(self) -> int | None:
        """Number of values, or None when there are infinitely many."""
        return None

    @property
    def integral(self) -> bool:
        """Whether only integers are inside."""
        return False

    def symbols(self) -> set[sp.Symbol]:
        """Return the other parameters that the bounds mention."""
        return set()


@dataclass(frozen=True)
class _Positive(Range):
    assumptions = {"positive": True}

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        return positive_rational(index)

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        return (sp.Gt(symbol, 0, evaluate=False),)


@dataclass(frozen=True)
class _Real(Range):
    assumptions = {"real": True}

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        return real_rational(index)

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        return ()


#: All positive numbers.
Positive = _Positive()
#: All real numbers.
Real = _Real()


@dataclass(frozen=True)
class Integers(Range):
    """Integers from `low` to `high` (no upper end when `high` is None).

    `low` may be an integer-valued expression in parameters that were chosen before, when there is no upper end.
    """

    low: Any
    high: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.low, int):
            object.__setattr__(self, "low", _bound(self.low))
            if self.high is not None or not self.low.is_integer:
                raise DomainError(
                    f"Integers(low={self.low}, high={self.high}): a low that is an expression must be "
                    "known to be an integer and goes without high"
                )
        elif self.high is not None and self.high < self.low:
            raise DomainError(f"Integers(low={self.low}, high={self.high}) is empty; give high >= low")

    @property
    def assumptions(self) -> Mapping[str, bool]:  # type: ignore[override]
        return {"integer": True, "positive": True} if (self.low > 0) == True else {"integer": True}  # noqa: E712

    @property
    def size(self) -> int | None:
        return None if self.high is None else self.high - self.low + 1

    @property
    def integral(self) -> bool:
        return True

    def symbols(self) -> set[sp.Symbol]:
        return set(sp.sympify(self.low).free_symbols)

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        low = _evaluate(self.low, chosen, inward=1)
        return low + (index if self.size is None else index % self.size)

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        upper = () if self.high is None else (sp.Le(symbol, self.high, evaluate=False),)
        return (*_each(sp.Ge, symbol, self.low, sp.Max), *upper)


def _evaluate(bound: sp.Expr, chosen: Chosen, inward: int) -> sp.Expr:
    """Return the value of `bound`; an irrational one is moved `inward` (1 or -1) to a rational within 1e-6."""
    value = sp.sympify(bound).subs(dict(chosen))
    if value.free_symbols:
        raise DomainError(
            f"bound {bound} mentions {sorted(map(str, value.free_symbols))}, which are declared later; "
            "declare them before the parameter that they bound"
        )
    if value.is_Rational or inward == 0:
        return value
    if not value.is_real:
        at = ", ".join(f"{s} = {v}" for s, v in chosen.items() if s in bound.free_symbols)
        raise DomainError(f"bound {bound} has no real value at parameters before it ({at}); restrict these parameters")
    if not abs(value.evalf(15, maxn=60)) < _LARGEST:
        raise DomainError(f"bound {bound} is {value}, which is too large; give a bound below 10**300")
    scale = 10**6
    rounded = sp.floor(value * scale) if inward < 0 else sp.ceiling(value * scale)
    if not rounded.is_Integer:  # SymPy rounds to some hundred digits only
        raise DomainError(f"bound {bound} is {value}, which is too large to be rounded; give a smaller bound")
    return sp.Rational(int(rounded), scale)


def _bound(given: Any) -> sp.Expr:
    """Return a bound as an expression; DomainError unless it can be a finite real number."""
    bound = sp.sympify(given)
    if not isinstance(bound, sp.Expr) or bound.is_finite is False or bound.is_extended_real is False or bound is sp.nan:
        raise DomainError(f"bound {given!r} is no finite real number; use Real, Positive or Above for open ends")
    return bound


def _each(relation: Any, symbol: sp.Symbol, bound: Any, joined: Any) -> tuple[Any, ...]:
    """Return the relation to `bound`, one for each of the bounds of which it is the largest (or the smallest)."""
    parts = bound.args if isinstance(bound, joined) else (bound,)
    return tuple(relation(symbol, part, evaluate=False) for part in sorted(parts, key=str))


@dataclass(frozen=True)
class _Bounded(Range):
    """A range with an end `bound` that may depend on other parameters."""

    bound: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "bound", _bound(self.bound))

    def symbols(self) -> set[sp.Symbol]:
        return set(self.bound.free_symbols)


class Above(_Bounded):
    """Numbers greater than `bound`."""

    @property
    def assumptions(self) -> Mapping[str, bool]:  # type: ignore[override]
        return {"positive": True} if self.bound.is_nonnegative else {"real": True}

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        return _evaluate(self.bound, chosen, inward=1) + positive_rational(index)

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        return _each(sp.Gt, symbol, self.bound, sp.Max)


class AtLeast(_Bounded):
    """Numbers greater than or equal to `bound`, the bound itself first (exactly, even when it is irrational)."""

    @property
    def assumptions(self) -> Mapping[str, bool]:  # type: ignore[override]
        if self.bound.is_positive:
            return {"positive": True}
        return {"nonnegative": True} if self.bound.is_nonnegative else {"real": True}

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        if index == 0:
            return _evaluate(self.bound, chosen, inward=0)
        return _evaluate(self.bound, chosen, inward=1) + positive_rational(index - 1)

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        return _each(sp.Ge, symbol, self.bound, sp.Max)


@dataclass(frozen=True)
class Between(Range):
    """Numbers strictly between `low` and `high`; 1/2, 1/3, 2/3, ... of the way."""

    low: Any
    high: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", _bound(self.low))
        object.__setattr__(self, "high", _bound(self.high))
        if (self.high - self.low).is_nonpositive:
            raise DomainError(f"Between({self.low}, {self.high}) is empty; give low < high")

    @property
    def assumptions(self) -> Mapping[str, bool]:  # type: ignore[override]
        return {"positive": True} if self.low.is_nonnegative else {"real": True}

    def symbols(self) -> set[sp.Symbol]:
        return set(self.low.free_symbols | self.high.free_symbols)

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        ratio = positive_rational(index)
        low, high = _evaluate(self.low, chosen, inward=1), _evaluate(self.high, chosen, inward=-1)
        if not low < high:
            at = ", ".join(f"{s} = {v}" for s, v in chosen.items() if s in self.symbols())
            raise DomainError(
                f"Between({self.low}, {self.high}) is empty at {at}; bound these parameters so that "
                f"{self.low} < {self.high} for all of them"
            )
        return low + (high - low) * ratio / (1 + ratio)

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        return *_each(sp.Gt, symbol, self.low, sp.Max), *_each(sp.Lt, symbol, self.high, sp.Min)
