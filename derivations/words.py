"""Normal forms of matrix expressions of symbolic shape: sums of words, their traces and their derivatives.

A word is a product of matrix symbols, each possibly transposed. A sum of words with scalar coefficients is a normal
form of every expression made of sums, products and transposes, for all shapes at once. A trace of a word is unchanged
by rotation and by transposition; its canonical form is the least of all of these. Two expressions whose normal forms
agree are equal for all shapes; normal forms that differ prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from .errors import ClaimError
from .kronecker import CommutationMatrix, SampleCovariance, SampleSum, Vec, products, transposed


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


def words(expr: sp.MatrixExpr) -> Words:
    """Return the normal form of a matrix expression.

    A column made of `Vec` is represented by the matrix that it stacks: ``words(Vec(A)) == words(A)``.
    """
    shape = _shape(expr)
    terms = products(expr)
    if not any(isinstance(f, Vec) for _, factors in terms for f in factors):
        total = Words({}, shape)
        for coefficient, factors in terms:
            product = Words({(): coefficient}, (shape[0], shape[0]))
            for factor in factors:
                product = product @ _atom(factor)
            total = total + product
        return total
    stacked: Words | None = None
    for coefficient, factors in terms:
        if not factors or not isinstance(factors[-1], Vec):
            raise ClaimError(f"{expr} adds a stacked column to something else; give every term a Vec on its right")
        (column,) = act(factors[:-1], [words(factors[-1].matrix)])
        column = column.scaled(coefficient)
        stacked = column if stacked is None else stacked + column
    assert stacked is not None
    return stacked


def act(factors: Sequence[sp.MatrixExpr], blocks: Sequence[Words]) -> list[Words]:
    """Apply a product of operators to the stacked column of `blocks`.

    Parameters
    ----------
    factors : sequence of sympy.MatrixExpr
        Operators on columns, the last one acting first: Kronecker products ``(A kron B) vec X = vec(B X A^T)``,
        commutation matrices ``K vec X = vec X^T``, and block matrices of these.
    blocks : sequence of Words
        Matrices whose columns are stacked, one below the other.

    Raises
    ------
    ClaimError
        If shapes do not fit, or a factor is no operator on columns.
    """
    current = list(blocks)
    for factor in reversed(factors):
        if isinstance(factor, sp.BlockMatrix):
            grid = factor.blocks
            if grid.cols != len(current):
                raise ClaimError(f"{factor} has {grid.cols} block columns; it acts on {len(current)} blocks")
            rows = []
            for r in range(grid.rows):
                parts = [apply(grid[r, c], [current[c]])[0] for c in range(grid.cols)]
                total = parts[0]
                for part in parts[1:]:
                    total = total + part
                rows.append(total)
            current = rows
            continue
        if len(current) != 1:
            raise ClaimError(f"{factor} acts on one matrix, not on {len(current)} blocks")
        (x,) = current
        if isinstance(factor, sp.KroneckerProduct) and len(factor.args) == 2:
            a, b = (words(part) for part in factor.args)
            current = [b @ x @ a.T]
        elif isinstance(factor, CommutationMatrix):
            if x.shape != (factor.args[0], factor.args[1]):
                raise ClaimError(f"{factor} with sizes {factor.args} acts on a matrix of shape {x.shape}")
            current = [x.T]
        else:
            raise ClaimError(f"{factor} ({type(factor).__name__}) is no operator on stacked columns")
    return current


def apply(operator: sp.MatrixExpr, blocks: Sequence[Words]) -> list[Words]:
    """Apply an operator expression (sums and products allowed) to the stacked column of `blocks`."""
    total: list[Words] | None = None
    for coefficient, factors in products(operator):
        moved = [b.scaled(coefficient) for b in act(factors, blocks)]
        total = moved if total is None else [x + y for x, y in zip(total, moved, strict=True)]
    if total is None:
        raise ClaimError("the zero operator has no block shapes; leave the term out")
    return total


def inner(left: Sequence[Words], right: Sequence[Words]) -> TraceSum:
    """Return the inner product of two stacked columns, ``sum_b tr(left_b^T right_b)``."""
    total = TraceSum({})
    for x, y in zip(left, right, strict=True):
        total = total + (x.T @ y).trace()
    return total


def bilinear(
    operator: sp.MatrixExpr,
    left: Sequence[Words],
    right: Sequence[Words],
    covariance: Callable[[sp.MatrixExpr, Words, Words], TraceSum],
) -> TraceSum:
    """Return ``left^T operator right`` for stacked columns.

    Parameters
    ----------
    operator : sympy.MatrixExpr
        Sum of products, each with at most one `SampleCovariance`.
    left, right : sequence of Words
        Blocks of the two columns.
    covariance : callable
        ``covariance(C, X, Y)`` returns ``vec(X)^T C vec(Y)`` for a `SampleCovariance` C.
    """
    total = TraceSum({})
    for coefficient, factors in products(operator):
        inside = [k for k, f in enumerate(factors) if isinstance(f, SampleCovariance)]
        if len(inside) > 1:
            raise ClaimError("a product of two covariances is not supported")
        if not inside:
            total = total + inner(left, act(factors, right)).scaled(coefficient)
            continue
        (k,) = inside
        (x,) = act([transposed(f) for f in reversed(factors[:k])], left)
        (y,) = act(factors[k + 1 :], right)
        total = total + covariance(factors[k], x, y).scaled(coefficient)
    return total


def _atom(factor: sp.MatrixExpr) -> Words:
    if isinstance(factor, sp.Transpose) and isinstance(factor.arg, sp.MatrixSymbol):
        return _atom(factor.arg).T
    if isinstance(factor, sp.MatrixSymbol):
        return Words.symbol(factor.name, _shape(factor))
    if isinstance(factor, SampleSum):
        data = {symbol.name for symbol in factor.data}
        summed = words(factor.term)
        items = []
        for word, coefficient in summed.terms.items():
            if any(letter.averaged for letter in word):
                raise ClaimError("a sum over the data inside another is not supported")
            marked = tuple(replace(k, averaged=True) if k.name in data else k for k in word)
            items.append((marked, coefficient * factor.size))
        return Words.of(items, summed.shape)
    raise ClaimError(f"{factor} ({type(factor).__name__}) has no words; it acts on stacked columns only")


def _shape(expr: sp.MatrixExpr) -> Shape:
    rows, columns = expr.shape
    return sp.sympify(rows), sp.sympify(columns)
