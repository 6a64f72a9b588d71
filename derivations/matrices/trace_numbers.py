"""Traces and determinants of words: equal symbols for what is seen to be equal.

A trace is one of a cyclic word or of its transpose, with no rotation that the rules shorten; where a size is 1 it is
the product of the numbers between the places of that size. Of determinants ``det(1 + XY) = det(1 + YX)`` is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from .inverses import Letters, Part, transposed_terms
from .rewriting import Terms, plus
from .words import Word, flipped

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Numbers:
    """Canonical symbols for the traces and determinants of words.

    Parameters
    ----------
    letters : Letters
        Where the placeholders were made.
    reduce : callable
        Brings a sum of words to its normal form.
    """

    def __init__(self, letters: Letters, reduce: Callable[[Mapping[Word, sp.Expr]], Terms]) -> None:
        self._letters, self._reduce = letters, reduce
        self.named: dict[Any, sp.Dummy] = {}

    def canonical(self, expr: sp.Expr) -> sp.Expr:
        """Return a number with equal symbols for placeholders that are seen to be equal."""
        values = {symbol: self._value(part, symbol) for symbol, part in self._letters.parts.items()}
        # traces stand in the coefficients of traces, no deeper than placeholders were made
        for _ in range(len(self._letters.parts)):
            if not expr.has(*values):
                break
            expr = expr.xreplace(values)
        signs = set(self._letters.signs)
        expr = sp.expand_log(sp.expand(expr))
        return expr.replace(
            lambda e: e.is_Pow and e.base in signs and e.exp.is_Integer, lambda e: e.base ** (e.exp % 2)
        )

    def _value(self, part: Part, symbol: sp.Dummy) -> sp.Expr:
        terms = self._reduce(part.terms)
        if not part.determinant:
            return sp.Add(*(c * (self._trace(w) if w else part.size) for w, c in terms.items()))
        if not terms:
            return sp.S.One
        if len(terms) == 1:
            ((word, number),) = terms.items()
            if not word:
                return (1 + number) ** part.size
            if self._places(word):
                return 1 + number * self._trace(word)
            key: Any = min(w[k:] + w[:k] for w in (word, flipped(word)) for k in range(len(w)))
            return self._named(("det", key, number), symbol)
        forms = [tuple(sorted(t.items(), key=str)) for t in (terms, transposed_terms(terms))]
        return self._named(("det", min(forms, key=str)), symbol)

    def _trace(self, word: Word) -> sp.Expr:
        """Return the trace of one word, no rotation of which is reduced."""
        for k in range(1, len(word)):
            rotated = word[k:] + word[:k]
            terms = self._reduce({rotated: sp.S.One})
            if terms != {rotated: sp.S.One} and max(map(len, terms), default=0) < len(word):
                size = self._letters.rows(rotated[0])
                return sp.Add(*(c * (self._trace(w) if w else size) for w, c in terms.items()))
        places = self._places(word)
        if not places:
            return self._number(word, turned=True)
        first = places[0]
        turned = word[first:] + word[:first]
        cuts = [p - first for p in places] + [len(word)]
        pieces = (turned[a:b] for a, b in itertools.pairwise(cuts))
        return sp.Mul(*(self._number(p) for p in pieces))

    def _number(self, word: Word, *, turned: bool = False) -> sp.Expr:
        """Return the trace of one word as a symbol, the same for its transpose and, where `turned`, its rotations."""
        forms = [(word, sp.S.One)]
        mirror = self._reduce({flipped(word): sp.S.One})
        if len(mirror) == 1 and () not in mirror:
            forms += mirror.items()
        found: dict[Word, sp.Expr] = {}
        for form, factor in forms:
            for k in range(len(form) if turned else 1):
                known = found.setdefault(form[k:] + form[:k], factor)
                if known != factor and known.is_Rational and factor.is_Rational:
                    return sp.S.Zero  # two multiples of one number are equal
        key = min(found)
        return found[key] * self._named(("trace", key))

    def vanish(self, terms: Mapping[Word, sp.Expr]) -> bool:
        """Whether words are 0 once what stands between two places of size 1 is taken for the number that it is."""
        total: Terms = {}
        for word, coefficient in terms.items():
            places = self._places(word)
            if word and self._letters.rows(word[-1].T) == 1:
                places.append(len(word))
            cuts = list(itertools.pairwise(places))
            number = sp.Mul(coefficient, *(self._number(word[a:b]) for a, b in cuts))
            left = word[: places[0]] + word[places[-1] :] if cuts else word
            total = plus(total, {left: self.canonical(number)})
        return not total

    def _named(self, key: Any, like: sp.Symbol | None = None) -> sp.Dummy:
        if key not in self.named:
            positive = {"positive": True} if like is not None and like.is_positive else {}
            self.named[key] = sp.Dummy(f"number{len(self.named)}", real=True, **positive)
        return self.named[key]

    def _places(self, word: Word) -> list[int]:
        """Return where a size is 1: before which letters of a cyclic word."""
        return [k for k, letter in enumerate(word) if self._letters.rows(letter) == 1]
