"""Numbers in front of matrices: where they have values, and whether a few shapes tell one number from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.statements.networks import MatrixStatement
from ..evidence import Finding
from .definedness import definedness
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

    A rational function whose numerator and denominator have a degree below the number of values of each of its symbols
    is told from others like it; what changes its formula or its sign far away is not.
    """
    for number in numbers:
        for symbol in sorted(number.free_symbols, key=str):
            if not number.is_rational_function(symbol):
                return f"{number} is no rational function of {symbol}"
            seen = len({point[symbol] for point in points if symbol in point})
            degree = max(sp.degree(part, symbol) for part in sp.fraction(sp.together(number)))
            if degree >= seen:
                return f"{number} has degree {degree} in {symbol}, which takes {seen} values"
    return ""
