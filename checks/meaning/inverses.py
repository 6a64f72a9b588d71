"""Matrices of statements with inverses: exact ones, and whether every inverse exists for all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import ClaimError, UndefinedError
from ...derivations.matrices.definiteness import Facts, Kind
from ...derivations.matrices.inverses import Letters
from ...derivations.matrices.trace_numbers import Numbers
from ...numerics.exact_matrices import exact_value, matrix_of
from ..evidence import Finding
from ..judgement.findings import undecided, undefined

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Most entries of a matrix, and points of the domain whose sizes are looked at.
_ENTRIES, _POINTS = 36, 60
#: How often the same sizes are met.
_PASSES = 4
#: Symbols that are tried at special values together.
_SPECIAL = 5
#: Functions, and those with a value and a slope everywhere.
_FUNCTIONS = (sp.Function, sp.Max, sp.Min)
_SMOOTH = (sp.exp, sp.sin, sp.cos, sp.tanh)


@dataclass(frozen=True)
class MatrixPoint:
    """Explicit matrices with sizes and parameters."""

    numbers: Mapping[sp.Symbol, Any]
    matrices: Mapping[str, Any]

    def value(self, expr: Any) -> Any:
        """Return the value of an expression; UndefinedError where a matrix that is inverted is singular."""
        return exact_value(expr, self.matrices, self.numbers)

    def text(self) -> dict[str, str]:
        """Return the point in words."""
        shown = {str(s): str(v) for s, v in self.numbers.items()}
        return shown | {name: str(m.tolist()) for name, m in self.matrices.items()}


def symbols(statement: Any) -> list[Any]:
    """Return the matrix symbols of a statement, by name."""
    found = {s for e in statement.expressions() for s in sp.sympify(e).atoms(sp.MatrixSymbol)}
    return sorted(found, key=lambda s: str(s.name))


def numbers_of(statement: Any) -> tuple[sp.Expr, ...]:
    """Return the numbers of a statement that hold no matrices, the largest ones."""
    found: list[sp.Expr] = []

    def visit(expr: Any) -> None:
        if isinstance(expr, sp.MatrixSymbol | sp.Identity | sp.ZeroMatrix):
            return
        if isinstance(expr, sp.MatrixExpr) or expr.has(sp.MatrixExpr):
            for part in expr.args:
                visit(part)
        elif not expr.is_Rational:
            found.append(expr)

    for expr in statement.expressions():
        visit(sp.sympify(expr))
    return tuple(dict.fromkeys(found))


def matrix_points(statement: Any, domain: Domain) -> Iterator[MatrixPoint]:
    """Yield exact matrices of the stated kinds, for which what is stated to be invertible is.

    The same sizes come again with other matrices, so that of a kind that falls into parts each size meets several.
    """
    facts, sized = statement.facts(domain), list(_sized(statement, domain))
    for again, (count, numbers) in itertools.product(range(_PASSES), enumerate(sized)):
        fill = _numbers(count + again * len(sized))
        drawn = {
            s.name: matrix_of(facts.kind(s), *_size(s, numbers), fill, count + again * (j + 1))
            for j, s in enumerate(symbols(statement))
        }
        if all(m is not None for m in drawn.values()):
            point = MatrixPoint(numbers, drawn)
            if _allowed(facts, point):
                yield point


def _sized(statement: Any, domain: Domain) -> Iterator[Mapping[sp.Symbol, Any]]:
    for numbers in domain.points(_POINTS):
        sizes = [_size(s, numbers) for s in symbols(statement)]
        if all(rows * columns <= _ENTRIES for rows, columns in sizes):
            yield numbers


def _size(symbol: Any, numbers: Mapping[sp.Symbol, Any]) -> tuple[int, int]:
    rows, columns = (int(sp.sympify(k).subs(numbers)) for k in symbol.shape)
    return rows, columns


def _numbers(start: int) -> Iterator[int]:
    state = 5 + 11 * start
    while True:
        state = (state * 29 + 17) % 1009
        yield (state % 4 + 1) * (1 if state % 2 else -1)


def _allowed(facts: Facts, point: MatrixPoint) -> bool:
    try:
        return all(point.value(e).det() != 0 for e in facts.invertible)
    except UndefinedError:
        return False


def without_inverses(statement: Any, domain: Domain, method: str) -> Finding | None:
    """Return the finding that something has no value for some matrices, or that this is open; None if all has."""
    facts = statement.facts(domain)
    try:
        missing = _missing(statement, facts)
    except ClaimError as error:
        return undecided(f"{method}: {error}.")
    if missing is None:
        return None
    for point in _special_points(statement, domain, facts):
        try:
            values = [point.value(e) for e in statement.expressions()]
        except UndefinedError as error:
            return undefined(f"{method}: {error}.", point.text(), missing)
        strange = [v for v in values if isinstance(v, sp.Expr) and (v.is_finite is False or v.is_real is False)]
        if strange:
            return undefined(f"{method}: a side has no real value.", point.text(), missing)
    return undecided(f"{method}: it is not shown that {missing} has a value for all matrices.")


def _missing(statement: Any, facts: Facts) -> sp.Basic | None:
    """Return what is not shown to have a value; None where all has."""
    letters = Letters(facts)
    numbers = Numbers(letters, dict)

    def canonical(number: sp.Expr) -> sp.Expr:
        return numbers.canonical(letters.scalar(number))

    known: list[sp.Expr] = []
    for stated in facts.invertible:
        known += _bases(canonical(sp.Determinant(stated)))

    def nonzero(number: sp.Expr) -> bool:
        return all(
            facts.sign(base) in ("positive", "negative")
            or any(ratio.is_Rational and ratio != 0 for ratio in (sp.cancel(base / k) for k in known))
            for base in _bases(number)
        )

    def positive(number: sp.Expr) -> bool:
        return "positive" in (facts.sign(canonical(number)), facts.sign(_with_signs(number, facts)))

    for node in dict.fromkeys(n for e in statement.expressions() for n in sp.preorder_traversal(e)):
        if isinstance(node, sp.Inverse) or (isinstance(node, sp.MatPow) and not node.exp.is_nonnegative):
            inverted = node.args[0]
            if not facts.shown_invertible(inverted) and not nonzero(canonical(sp.Determinant(inverted))):
                return node
        elif isinstance(node, sp.Pow) and node.has(sp.MatrixExpr):
            whole = node.exp.is_Integer and (node.exp.is_nonnegative or nonzero(canonical(node.base)))
            if not whole and not positive(node.base):
                return node
        elif isinstance(node, sp.log) and node.has(sp.MatrixExpr):
            if not positive(node.args[0]):
                return node
        elif isinstance(node, _FUNCTIONS) and node.has(sp.MatrixExpr) and not isinstance(node, _SMOOTH):
            return node
    return None


def _with_signs(number: sp.Expr, facts: Facts) -> sp.Expr:
    """Return a number with symbols of known sign for traces and determinants of definite and semi-definite matrices."""
    signs: dict[sp.Basic, sp.Expr] = {}
    for node in number.atoms(sp.Trace, sp.Determinant):
        if facts.shown_definite(node.args[0]):
            signs[node] = sp.Dummy(positive=True)
        elif facts.shown_semidefinite(node.args[0]):
            signs[node] = sp.Dummy(nonnegative=True)
    return number.xreplace(signs)


def _bases(number: sp.Expr) -> list[sp.Expr]:
    """Return the factors of the numerator of a number, without numbers that are not 0."""
    top = sp.factor(sp.fraction(sp.together(number))[0])
    bases = [factor.as_base_exp()[0] for factor in sp.Mul.make_args(top)]
    return [b for b in bases if not (b.is_Rational and b != 0) and not (b.is_Symbol and b.is_nonzero)]


def _special_points(statement: Any, domain: Domain, facts: Facts) -> Iterator[MatrixPoint]:
    """Yield matrices with zeros, identities and their negatives among them."""
    named = symbols(statement)
    for point in itertools.islice(matrix_points(statement, domain), 6):
        for chosen in itertools.product(range(4), repeat=min(len(named), _SPECIAL)):
            matrices = dict(point.matrices)
            for symbol, choice in zip(named, chosen, strict=False):
                rows, columns = matrices[symbol.name].shape
                one = sp.eye(max(rows, columns))[:rows, :columns]
                if choice:
                    matrices[symbol.name] = (sp.zeros(rows, columns), one, -one)[choice - 1]
            if all(_is_of(facts.kind(s), matrices[s.name]) for s in named):
                made = MatrixPoint(point.numbers, matrices)
                if _allowed(facts, made):
                    yield made


def _is_of(kind: Kind, matrix: Any) -> bool:
    """Whether a multiple of the identity by -1, 0 or 1, or a matrix that was drawn, is of a kind."""
    rows, columns = matrix.shape
    if kind is Kind.GENERAL:
        return True
    if kind in (Kind.COLUMN_RANK, Kind.ROW_RANK):
        return bool(matrix.rank() == (columns if kind is Kind.COLUMN_RANK else rows))
    if kind is Kind.INVERTIBLE:
        return bool(matrix.det() != 0)
    if kind is Kind.SKEW:
        return bool(matrix == -matrix.T)
    if kind is Kind.ORTHOGONAL:
        return bool(matrix * matrix.T == sp.eye(rows))
    if matrix != matrix.T:
        return False
    if kind is Kind.PROJECTION:
        return bool(matrix * matrix == matrix)
    minors = [matrix[:k, :k].det() for k in range(1, rows + 1)]
    if kind is Kind.DEFINITE:
        return all(m > 0 for m in minors)
    return kind is Kind.SYMMETRIC or bool(matrix.is_positive_semidefinite)
