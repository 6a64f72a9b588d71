"""Matrices of symbolic shape as sums of words, their traces and their derivatives.

A word is a product of matrix symbols, each possibly transposed. A sum of words with scalar coefficients is a normal
form of every expression made of sums, products and transposes, for all shapes at once. A trace of a word is unchanged
by rotation and by transposition; its canonical form is the least of all of these. Two expressions whose normal forms
agree are equal for all shapes; normal forms that differ prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from ..errors import ClaimError

#: What ends the name of a matrix that a proof brings in, so that no matrix of a statement is called so.
UNUSED = "\0"


@dataclass(frozen=True, order=True)
class Letter:
    """A matrix symbol in a word.

    Parameters
    ----------
    name : str
        Name of the symbol.
    transposed : bool
        Whether it stands transposed.
    averaged : bool
        Whether it is data under an average over the data set.
    """

    name: str
    transposed: bool = False
    averaged: bool = False

    @property
    def T(self) -> Letter:
        """The transposed letter."""
        return replace(self, transposed=not self.transposed)


Word = tuple[Letter, ...]
Shape = tuple[sp.Expr, sp.Expr]


def flipped(word: Word) -> Word:
    """Return the transpose of a word."""
    return tuple(letter.T for letter in reversed(word))


def cyclic(word: Word) -> Word:
    """Return the canonical form of the trace of `word`: the least rotation of it or of its transpose."""
    rotations = (w[k:] + w[:k] for w in (word, flipped(word)) for k in range(len(w)))
    return min(rotations, default=())


def _collect(items: Iterable[tuple[tuple[Word, ...] | Word, sp.Expr]]) -> dict[object, sp.Expr]:
    gathered: dict[object, sp.Expr] = {}
    for key, coefficient in items:
        gathered[key] = gathered.get(key, sp.Integer(0)) + coefficient
    expanded = {key: sp.expand(c) for key, c in gathered.items()}
    return {key: c for key, c in expanded.items() if c != 0}


@dataclass(frozen=True)
class Words:
    """A matrix as a sum of words with scalar coefficients.

    Parameters
    ----------
    terms : mapping of Word to sympy.Expr
        Coefficients; the empty word is the identity.
    shape : pair of sympy.Expr
        Rows and columns.
    """

    terms: Mapping[Word, sp.Expr]
    shape: Shape

    @classmethod
    def of(cls, items: Iterable[tuple[Word, sp.Expr]], shape: Shape) -> Words:
        """Collect equal words and drop vanishing coefficients."""
        return cls(_collect(items), shape)  # type: ignore[arg-type]

    @classmethod
    def symbol(cls, name: str, shape: Shape) -> Words:
        """Return a single matrix symbol."""
        return cls({(Letter(name),): sp.Integer(1)}, shape)

    @property
    def T(self) -> Words:
        """The transpose."""
        return Words({flipped(w): c for w, c in self.terms.items()}, (self.shape[1], self.shape[0]))

    def __add__(self, other: Words) -> Words:
        if self.shape != other.shape:
            raise ClaimError(f"a matrix of shape {self.shape} is added to one of shape {other.shape}")
        return Words.of([*self.terms.items(), *other.terms.items()], self.shape)

    def __sub__(self, other: Words) -> Words:
        return self + other.scaled(sp.Integer(-1))

    def __matmul__(self, other: Words) -> Words:
        if self.shape[1] != other.shape[0]:
            raise ClaimError(f"a matrix of shape {self.shape} is multiplied by one of shape {other.shape}")
        items = []
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                if any(k.averaged for k in left) and any(k.averaged for k in right):
                    raise ClaimError("a product of two averages over the data is not supported")
                items.append((left + right, a * b))
        return Words.of(items, (self.shape[0], other.shape[1]))

    def scaled(self, factor: sp.Expr) -> Words:
        """Return the matrix times a scalar."""
        return Words.of(((w, factor * c) for w, c in self.terms.items()), self.shape)

    def trace(self) -> TraceSum:
        """Return the trace as a canonical form."""
        return TraceSum.of(((cyclic(w),), c if w else c * self.shape[0]) for w, c in self.terms.items())


@dataclass(frozen=True)
class TraceSum:
    """A scalar: a sum of coefficients times traces of words, or times covariances of two such traces.

    Parameters
    ----------
    terms : mapping of tuple to sympy.Expr
        A key of one canonical word is its trace; a sorted key of two words is the covariance of their traces.
    """

    terms: Mapping[tuple[Word, ...], sp.Expr]

    @classmethod
    def of(cls, items: Iterable[tuple[tuple[Word, ...], sp.Expr]]) -> TraceSum:
        """Collect equal keys and drop vanishing coefficients."""
        return cls(_collect(items))  # type: ignore[arg-type]

    def __add__(self, other: TraceSum) -> TraceSum:
        return TraceSum.of([*self.terms.items(), *other.terms.items()])

    def __sub__(self, other: TraceSum) -> TraceSum:
        return self + other.scaled(sp.Integer(-1))

    @property
    def is_zero(self) -> bool:
        """Whether nothing is left; True is a proof that the scalar vanishes for all shapes."""
        return not self.terms

    def scaled(self, factor: sp.Expr) -> TraceSum:
        """Return the scalar times a factor."""
        return TraceSum.of((k, factor * c) for k, c in self.terms.items())

    def map_words(self, change: Callable[[Word], Word]) -> TraceSum:
        """Apply `change` to every word and make it canonical again."""
        return TraceSum.of((tuple(sorted(cyclic(change(w)) for w in key)), c) for key, c in self.terms.items())

    def without(self, names: set[str]) -> TraceSum:
        """Return what is left when the symbols in `names` are zero."""
        return TraceSum({k: c for k, c in self.terms.items() if not any(x.name in names for w in k for x in w)})

    def derivative(self, name: str, direction: str) -> TraceSum:
        """Return the directional derivative with respect to the symbol `name` along the symbol `direction`."""
        items = []
        for (word,), coefficient in self._single():
            for k, letter in enumerate(word):
                if letter.name == name:
                    moved = (*word[:k], replace(letter, name=direction), *word[k + 1 :])
                    items.append(((cyclic(moved),), coefficient))
        return TraceSum.of(items)

    def covariance(self, other: TraceSum, pair: Callable[[Word, Word], TraceSum]) -> TraceSum:
        """Return the covariance with `other`, bilinear in the words; `pair` gives that of two traces."""
        total = TraceSum({})
        for (left,), a in self._single():
            for (right,), b in other._single():
                total = total + pair(left, right).scaled(a * b)
        return total

    def _single(self) -> Iterable[tuple[tuple[Word, ...], sp.Expr]]:
        for key, coefficient in self.terms.items():
            if len(key) != 1:
                raise ClaimError("a covariance of traces cannot be differentiated or averaged again")
            yield key, coefficient
