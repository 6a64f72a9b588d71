"""Numbers in front of matrices: where they have values, and whether a few shapes tell one number from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from ...derivations.domain import Domain
from ...derivations.statements.networks import MatrixStatement
from ..evidence import Finding
from .definedness import definedness
from .degrees import degrees, total, untold_degree, zeros
from .exact import without_meaning
from .findings import undecided

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def coefficients(statement: MatrixStatement) -> tuple[sp.Expr, ...]:
    """Return the numbers that multiply matrices and traces in a statement, and those of its settings, as printed."""
    found = [number for setting in statement.settings() for number in (setting.loss_scale, setting.label_noise)]
    for part in getattr(statement, "parts", (statement,)):
        asserted = [getattr(part, name) for name in part.asserted()]
        for expr in (*part.expressions(), *(e for e in asserted if isinstance(e, sp.Expr))):
            found += numbers_in(expr)
    return tuple(dict.fromkeys(n for n in map(sp.sympify, found) if not n.is_Rational))


def numbers_in(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the numbers of a matrix expression, or of an expression in traces."""
    if isinstance(expr, sp.MatrixExpr | sp.Trace):
        for node in sp.preorder_traversal(expr):
            if isinstance(node, sp.MatMul):
                yield from (a for a in node.args if not a.is_Matrix)
    elif expr.has(sp.Trace):
        for part in expr.args[:1] if expr.is_Pow else expr.args:
            yield from numbers_in(part)
    else:
        yield expr


def without_value(numbers: Sequence[sp.Expr], domain: Domain, method: str) -> Finding | None:
    """Return the finding that a number has no value somewhere on the domain, or that this is open; None if it has.

    Parameters
    ----------
    numbers : sequence of Expr
        As printed.
    domain : Domain
        Where.
    method : str
        What was done, for the evidence.
    """
    meaning = definedness(numbers, domain)
    if meaning.status == "undefined":
        return without_meaning(meaning, method)
    return undecided(f"{method}: {meaning.reason}.") if meaning.status == "open" else None


def untold(numbers: Iterable[sp.Expr], points: Sequence[Mapping[sp.Symbol, Any]]) -> str:
    """Return why agreement at `points` leaves other numbers possible, in words; empty where it does not.

    A rational function is told from others like it when no polynomial with the degrees of its numerator or of its
    denominator, in each symbol and in all together, vanishes at every point; what changes its formula or its sign far
    away is not.
    """
    for number in numbers:
        symbols = sorted(number.free_symbols, key=str)
        for symbol in symbols:
            if not number.is_rational_function(symbol):
                return f"{number} is no rational function of {symbol}"
        told = [point for point in points if all(symbol in point for symbol in symbols)]
        values = list(dict.fromkeys(tuple(sp.sympify(point[symbol]) for symbol in symbols) for point in told))
        for part in sp.fraction(sp.together(number)) if symbols else ():
            terms = _terms(sp.Poly(part, *symbols))
            powers = [[sp.prod(map(sp.Pow, value, term)) for term in terms] for value in values]
            if DomainMatrix.from_list_sympy(len(values), len(terms), powers).to_field().rank() < len(terms):
                return (
                    f"{number} may have {len(terms)} terms, which {len(values)} values of its symbols do not tell apart"
                )
    return ""


def untold_numbers(statement: MatrixStatement, points: Sequence[Mapping[sp.Symbol, Any]]) -> str:
    """Return why agreement at `points` leaves other numbers in a statement possible, their products among them."""
    numbers = coefficients(statement)
    reason = untold(numbers, points)
    if reason or not points:
        return reason
    asserted = [getattr(statement, name) for name in statement.asserted()]
    expressions = dict.fromkeys((*statement.expressions(), *(e for e in asserted if isinstance(e, sp.Expr))))
    found = total((degrees(e, plain=True, leaf=zeros) for e in expressions), rough=False)
    if found is None:
        return ""
    # one number alone has been told; several that may vanish one after another have not
    alone = [zeros(number) for number in numbers]
    if found.top <= max((d.top for d in alone if d is not None), default=0):
        return ""
    symbols = set().union(*(number.free_symbols for number in numbers))
    return untold_degree(found.top, symbols & set(points[0]), points)


def _terms(polynomial: sp.Poly) -> list[tuple[int, ...]]:
    """Return the exponents of the terms that a polynomial of these degrees may have."""
    boxes = product(*(range(polynomial.degree(symbol) + 1) for symbol in polynomial.gens))
    return [term for term in boxes if sum(term) <= polynomial.total_degree()]
