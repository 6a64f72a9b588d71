"""Matrix expressions with inverses as words whose letters obey equations.

The inverse of a sum is a letter of its own, bound by ``M Z = Z M = 1``. A number 1/s, for a 1 x 1 matrix s, stands as
the inverse of s between factors of that size, if there are any. Traces and determinants in a number are placeholders,
which :mod:`~crossproof.derivations.matrices.trace_numbers` reads; a determinant is a product over invertible factors,
with ``det(P + R) = det(P) det(1 + P^-1 R)`` for an invertible term P.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from .definiteness import SYMMETRIC, Facts, Kind, square
from .rewriting import Terms, plus
from .words import UNUSED, Letter, Word, flipped

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_ONE: Terms = {(): sp.S.One}


@dataclass(frozen=True)
class Part:
    """What a placeholder stands for: the trace of `terms`, or the determinant of 1 + `terms`."""

    terms: Terms
    size: sp.Expr
    determinant: bool


class Letters:
    """Words of expressions, the equations of their letters, and placeholders for traces and determinants.

    Parameters
    ----------
    facts : Facts
        Kinds of the symbols.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.equations: list[Terms] = []
        self.shapes: dict[str, tuple[sp.Expr, sp.Expr]] = {}
        self.inverses: list[tuple[Terms, Letter]] = []
        self.parts: dict[sp.Dummy, Part] = {}
        self.signs: list[sp.Dummy] = []
        self.determinants: dict[str, sp.Dummy] = {}

    def terms(self, expr: Any) -> Terms:
        """Return a matrix expression as words; ClaimError where it has none."""
        if isinstance(expr, sp.MatrixSymbol):
            return {(self._symbol(expr),): sp.S.One}
        if isinstance(expr, sp.Identity):
            return dict(_ONE)
        if isinstance(expr, sp.ZeroMatrix):
            return {}
        if isinstance(expr, sp.MatAdd):
            total: Terms = {}
            for part in expr.args:
                total = plus(total, self.terms(part))
            return total
        if isinstance(expr, sp.MatMul):
            number, factors = _numbers_placed(*expr.as_coeff_matrices())
            product = dict(_ONE)
            for factor in factors:
                product = _times(product, self.terms(factor))
            return plus({}, product, self.scalar(number))
        if isinstance(expr, sp.Inverse):
            return self._inverse(expr.arg)
        if isinstance(expr, sp.MatPow) and expr.exp.is_Integer:
            if expr.exp.is_negative:
                return self.terms(sp.Inverse(sp.MatMul(*[expr.base] * -int(expr.exp))))
            return self.terms(sp.MatMul(*[expr.base] * int(expr.exp), sp.Identity(expr.rows)))
        if isinstance(expr, sp.Transpose):
            return transposed_terms(self.terms(expr.arg))
        raise ClaimError(f"{expr} ({type(expr).__name__}) has no words")

    def _symbol(self, symbol: Any) -> Letter:
        letter = Letter(symbol.name)
        if symbol.name in self.shapes:
            return letter
        self.shapes[symbol.name] = symbol.shape
        kind = self.facts.kind(symbol)
        turned: Terms = {(letter.T,): sp.S.One}
        if kind in SYMMETRIC or kind is Kind.SKEW:
            self.equations.append(plus(turned, {(letter,): sp.S.One}, sp.Integer(-1 if kind in SYMMETRIC else 1)))
        if kind is Kind.ORTHOGONAL:
            for pair in ((letter, letter.T), (letter.T, letter)):
                self.equations.append(plus({pair: sp.S.One}, _ONE, sp.S.NegativeOne))
        if kind is Kind.PROJECTION:
            self.equations.append(plus({(letter, letter): sp.S.One}, {(letter,): sp.S.One}, sp.S.NegativeOne))
        return letter

    def _inverse(self, expr: Any) -> Terms:
        """Return the inverse of a matrix; that it exists is asked elsewhere."""
        if isinstance(expr, sp.Identity):
            return dict(_ONE)
        if isinstance(expr, sp.Inverse):
            return self.terms(expr.arg)
        if isinstance(expr, sp.Transpose):
            return transposed_terms(self._inverse(expr.arg))
        if isinstance(expr, sp.MatPow) and expr.exp.is_Integer and expr.exp.is_positive:
            expr = sp.MatMul(*[expr.base] * int(expr.exp))
        if isinstance(expr, sp.MatMul):
            number, factors = expr.as_coeff_matrices()
            if all(map(square, factors)) and (len(factors) > 1 or number != 1):
                product = dict(_ONE)
                for factor in reversed(factors):
                    product = _times(product, self._inverse(factor))
                return plus({}, product, 1 / self.scalar(number))
        of = self.terms(expr)
        for known, letter in self.inverses:
            for terms, found in ((known, letter), (transposed_terms(known), letter.T)):
                if not plus(terms, of, sp.S.NegativeOne):
                    return {(found,): sp.S.One}
        letter = Letter(f"inverse {len(self.inverses)}{UNUSED}")
        self.shapes[letter.name] = expr.shape
        self.inverses.append((of, letter))
        z: Terms = {(letter,): sp.S.One}
        for left, right in ((of, z), (z, of)):
            equation = plus(_times(left, right), _ONE, sp.S.NegativeOne)
            self.equations += [equation, transposed_terms(equation)]
        return z

    def rows(self, letter: Letter) -> sp.Expr:
        """Return the number of rows of a letter."""
        rows, columns = self.shapes[letter.name]
        return columns if letter.transposed else rows

    def scalar(self, expr: Any) -> sp.Expr:
        """Return a number with placeholders for its traces and determinants."""
        if isinstance(expr, sp.Trace):
            terms = self.terms(expr.arg)
            return self._placed(Part(terms, expr.arg.rows, determinant=False)) if terms else sp.S.Zero
        if isinstance(expr, sp.Determinant):
            return self._determinant(expr.arg)
        if not expr.has(sp.Trace, sp.Determinant):
            return expr
        return expr.func(*map(self.scalar, expr.args))

    def _placed(self, part: Part, **assumptions: bool) -> sp.Dummy:
        symbol = sp.Dummy(f"part{len(self.parts)}", real=True, **assumptions)
        self.parts[symbol] = part
        return symbol

    def _determinant(self, expr: Any) -> sp.Expr:
        if isinstance(expr, sp.Identity):
            return sp.S.One
        if isinstance(expr, sp.Transpose):
            return self._determinant(expr.arg)
        if isinstance(expr, sp.Inverse):
            return 1 / self._determinant(expr.arg)
        if isinstance(expr, sp.MatPow) and expr.exp.is_Integer:
            return self._determinant(expr.base) ** expr.exp
        if isinstance(expr, sp.MatrixSymbol):
            return self._of_symbol(expr)
        if isinstance(expr, sp.MatMul):
            number, factors = expr.as_coeff_matrices()
            if all(map(square, factors)):
                return self.scalar(number) ** expr.rows * sp.Mul(*map(self._determinant, factors))
        return self._of_sum(expr)

    def _of_symbol(self, symbol: Any) -> sp.Expr:
        if symbol.name not in self.determinants:
            kind = self.facts.kind(symbol)
            sign = {"positive": True} if kind is Kind.DEFINITE else {}
            nonzero = {"nonzero": True} if kind in (Kind.INVERTIBLE, Kind.ORTHOGONAL) else {}
            made = sp.Dummy(f"det {symbol.name}", real=True, **sign, **nonzero)
            self.determinants[symbol.name] = made
            if kind is Kind.ORTHOGONAL:
                self.signs.append(made)
        return self.determinants[symbol.name]

    def _of_sum(self, expr: Any) -> sp.Expr:
        """Take an invertible term out of a sum."""
        parts = list(expr.args) if isinstance(expr, sp.MatAdd) else [expr]
        invertible = [p for p in parts if self.facts.shown_invertible(p)]
        if len(parts) == 1 or not invertible:
            rest = plus(self.terms(expr), _ONE, sp.S.NegativeOne)
            return self._placed(Part(rest, expr.rows, determinant=True))
        rests: list[tuple[Any, Any, Terms]] = []
        for pivot in invertible:
            others = sp.MatAdd(*(p for p in parts if p is not pivot))
            rest = _times(self._inverse(pivot), self.terms(others))
            # A + B and A^-1 + B^-1 have the same rest, A^-1 B up to a rotation, for one of the two pivots of each
            least = sorted(
                min(w[k:] + w[:k] for w in (word, flipped(word)) for k in range(len(w) or 1)) for word in rest
            )
            rests.append((least, pivot, rest))
        _, pivot, rest = min(rests, key=lambda found: found[0])
        positive = self.facts.shown_definite(expr) and self.facts.shown_definite(pivot)
        sign = {"positive": True} if positive else {}
        return self._determinant(pivot) * self._placed(Part(rest, expr.rows, determinant=True), **sign)


def _numbers_placed(number: sp.Expr, factors: list[Any]) -> tuple[sp.Expr, list[Any]]:
    """Write 1/s, for a number s that is made of 1 x 1 matrices, as their inverse between factors of that size."""
    place = next((k for k, f in enumerate(factors) if f.rows == 1), len(factors) if factors[-1].cols == 1 else None)
    left = []
    for factor in sp.Mul.make_args(number):
        base, exponent = factor.as_base_exp()
        whole = _one_by_one(base) if place is not None and exponent.is_Integer and exponent.is_negative else None
        if whole is None or place is None:
            left.append(factor)
        else:
            factors = factors[:place] + [sp.Inverse(whole)] * -int(exponent) + factors[place:]
    return sp.Mul(*left), factors


def _one_by_one(number: sp.Expr) -> Any:
    """Return a number with traces of 1 x 1 matrices as such a matrix, or None where it is not linear in them."""
    parts = []
    for term in sp.Add.make_args(number):
        traces = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.Trace)]
        rest = sp.Mul(*(f for f in sp.Mul.make_args(term) if not isinstance(f, sp.Trace)))
        if len(traces) > 1 or rest.has(sp.Trace) or any(t.arg.shape != (1, 1) for t in traces):
            return None
        parts.append(sp.MatMul(rest, traces[0].arg if traces else sp.Identity(1)))
    if not number.has(sp.Trace):
        return None
    return sp.MatAdd(*parts) if len(parts) > 1 else parts[0]


def _times(one: Mapping[Word, sp.Expr], other: Mapping[Word, sp.Expr]) -> Terms:
    total: Terms = {}
    for left, a in one.items():
        total = plus(total, {left + right: b for right, b in other.items()}, a)
    return total


def transposed_terms(terms: Mapping[Word, sp.Expr]) -> Terms:
    return {flipped(word): c for word, c in terms.items()}
