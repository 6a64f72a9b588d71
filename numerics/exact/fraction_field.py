"""Fractions of multivariate polynomials over Q, and residues modulo a prime: two algebras with one interface.

Denominators are kept as products of irreducible factors, so that a sum needs no gcd with its numerator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import sympy as sp

from ...derivations.errors import NumericsError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Products of more term pairs than this, and more than ten times this in all, are refused: they would take minutes.
LARGEST_PRODUCT = 20_000_000
#: A denominator with more terms, or of a larger degree, is kept whole instead of being factored.
LARGEST_FACTORED, LARGEST_DEGREE = 400, 2000
#: The largest prime below 2**62; it is 3 modulo 4, so that square roots are powers.
PRIME = 2**62 - 57

Value = TypeVar("Value")


class Unanswerable(Exception):
    """The expression leaves what the algebra can represent or afford."""


class Algebra(Protocol[Value]):
    """What a walk over an expression needs from its values."""

    def number(self, p: int, q: int = 1) -> Value:
        """Return p/q."""

    def generator(self, index: int, power: int = 1) -> Value:
        """Return an integer power of generator number `index`."""

    def add(self, terms: Sequence[Value]) -> Value:
        """Return the sum."""

    def mul(self, factors: Iterable[Value]) -> Value:
        """Return the product."""

    def power(self, base: Value, exponent: int) -> Value:
        """Return an integer power; Unanswerable when it divides by zero."""


def flint() -> Any:
    """Return the module python-flint; NumericsError names the remedy when it is missing."""
    try:
        import flint as module
    except ImportError:
        raise NumericsError("python-flint is not installed; run `pip install python-flint`") from None
    return module


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator polynomial over a product of factors, by key of the factor in its field."""

    num: Any
    den: dict[str, int]


class FractionField:
    """Q(g_0, ..., g_{n-1}) with generators named `names`."""

    def __init__(self, names: Sequence[str]) -> None:
        self._flint = flint()
        self.context = self._flint.fmpq_mpoly_ctx.get(list(names), self._flint.Ordering.lex)
        self.generators = self.context.gens()
        self.factors: dict[str, Any] = {}
        self._spent = 0

    def number(self, p: int, q: int = 1) -> Fraction:
        """Return p/q."""
        return Fraction(self.context.constant(self._flint.fmpq(p, q)), {})

    def generator(self, index: int, power: int = 1) -> Fraction:
        """Return an integer power of generator number `index`."""
        g = self.generators[index]
        if power >= 0:
            return Fraction(self._raised(g, power), {})
        key = str(g)
        self.factors[key] = g
        return Fraction(self.context.constant(1), {key: -power})

    def add(self, terms: Sequence[Fraction]) -> Fraction:
        """Return the sum over the least common multiple of the denominators."""
        den: dict[str, int] = {}
        for term in terms:
            for key, power in term.den.items():
                if den.get(key, 0) < power:
                    den[key] = power
        parts = [self._times(t.num, self._missing(den, t.den)) if den else t.num for t in terms]
        while len(parts) > 1:  # pairwise, so that many short terms are not added to one long sum each
            parts = [a + b for a, b in zip(parts[::2], parts[1::2], strict=False)] + parts[len(parts) & ~1 :]
        return Fraction(parts[0], den)

    def mul(self, factors: Iterable[Fraction]) -> Fraction:
        """Return the product, without cancelling."""
        num, den = self.context.constant(1), dict[str, int]()
        for factor in factors:
            num = self._times(num, factor.num)
            for key, power in factor.den.items():
                den[key] = den.get(key, 0) + power
        return Fraction(num, den)

    def power(self, base: Fraction, exponent: int) -> Fraction:
        """Return an integer power; Unanswerable when it divides by zero."""
        if exponent < 0:
            base, exponent = self._inverse(base), -exponent
        return Fraction(self._raised(base.num, exponent), {k: p * exponent for k, p in base.den.items()})

    def denominator(self, value: Fraction) -> Any:
        """Return the denominator of `value` multiplied out."""
        return self._missing(value.den, {})

    def _inverse(self, value: Fraction) -> Fraction:
        if value.num.is_zero():
            raise Unanswerable("division by zero")
        if len(value.num) <= LARGEST_FACTORED and value.num.total_degree() <= LARGEST_DEGREE:
            unit, found = value.num.factor()
        else:
            unit = value.num.leading_coefficient()
            found = [(value.num / unit, 1)]
        den = {}
        for factor, power in found:
            key = str(factor)
            self.factors[key] = factor
            den[key] = int(power)
        return Fraction(self.denominator(value) * (1 / unit), den)

    def _missing(self, wanted: dict[str, int], present: dict[str, int]) -> Any:
        product = self.context.constant(1)
        for key, power in wanted.items():
            lacking = power - present.get(key, 0)
            if lacking:
                product = self._times(product, self._raised(self.factors[key], lacking))
        return product

    def _times(self, a: Any, b: Any) -> Any:
        pairs = len(a) * len(b)
        self._spent += pairs
        if pairs > LARGEST_PRODUCT or self._spent > 10 * LARGEST_PRODUCT:
            raise Unanswerable(f"a product of {len(a)} by {len(b)} terms")
        return a * b

    def _raised(self, base: Any, exponent: int) -> Any:
        if exponent > 10**6 or (len(base) > 1 and len(base) * exponent > 20_000):
            raise Unanswerable(f"power {exponent} of {len(base)} terms")
        return base**exponent


class Residues:
    """Integers modulo `PRIME`, with a value for every generator."""

    def __init__(self, values: Sequence[int]) -> None:
        self.values = list(values)

    def number(self, p: int, q: int = 1) -> int:
        """Return p/q modulo the prime."""
        return p % PRIME if q == 1 else p * self.power(q, -1) % PRIME

    def generator(self, index: int, power: int = 1) -> int:
        """Return an integer power of the value of generator number `index`."""
        return self.power(self.values[index], power)

    def add(self, terms: Sequence[int]) -> int:
        """Return the sum."""
        return sum(terms) % PRIME

    def mul(self, factors: Iterable[int]) -> int:
        """Return the product."""
        product = 1
        for factor in factors:
            product = product * factor % PRIME
        return product

    def power(self, base: int, exponent: int) -> int:
        """Return an integer power; Unanswerable when it divides by zero."""
        if exponent < 0 and base % PRIME == 0:
            raise Unanswerable("division by zero modulo the prime")
        return pow(base, exponent, PRIME)

    def root(self, square: int) -> int | None:
        """Return a square root, or None when there is none."""
        candidate = pow(square, (PRIME + 1) // 4, PRIME)
        return candidate if candidate * candidate % PRIME == square % PRIME else None


def walk(e: sp.Basic, algebra: Any, leaf: Callable[[Any], Any], products: Any) -> Any:
    """Evaluate `e` in `algebra`; ``leaf(node)`` gives the value of symbols, powers and functions in `products`."""
    known: dict[sp.Basic, Any] = {}

    def visit(node: Any) -> Any:
        found = known.get(node)
        if found is not None:
            return found
        if node.is_Rational:
            value = algebra.number(int(node.p), int(node.q))
        elif node in products:
            value = leaf(node)
        elif node.is_Add:
            value = algebra.add([visit(a) for a in node.args])
        elif node.is_Mul:
            value = algebra.mul([visit(a) for a in node.args])
        else:
            value = algebra.power(visit(node.base), int(node.exp))
        known[node] = value
        return value

    return visit(e)
