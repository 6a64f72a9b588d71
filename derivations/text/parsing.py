"""Expressions, equations, inequalities, ranges and intervals given as text; :mod:`.expression_reader` reads them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from ..errors import ParsingError
from ..ranges import Above, AtLeast, Between, Integers, Positive, Range, Real
from .expression_reader import Reader
from .quoting import short

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_RELATIONS: Mapping[type, Any] = {ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge}
_NAMED_RANGES: Mapping[str, Range] = {"positive": Positive, "real": Real, "nonnegative": AtLeast(0)}
_RANGES: Mapping[str, tuple[Callable[..., Range], tuple[int, ...]]] = {
    "integers": (Integers, (1, 2)),
    "above": (Above, (1,)),
    "at_least": (AtLeast, (1,)),
    "between": (Between, (2,)),
}


def parse_expression(text: str, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
    """Return the expression that `text` spells, as written: SymPy evaluates nothing (see :mod:`.expressions`).

    Parameters
    ----------
    text : str
        Numbers (decimals are exact: ``0.5`` is 1/2), declared names, ``+ - * / **``, brackets, and the functions and
        constants of :mod:`.expression_reader`. A declared name hides a constant of that name.
    symbols : mapping
        Declared symbols by name.

    Raises
    ------
    ParsingError
        If the text contains anything else, or is too large; the message names the piece and its position.
    """
    reader = Reader(text, symbols)
    return reader.expression(reader.tree)


def parse_equation(text: str, symbols: Mapping[str, sp.Symbol]) -> tuple[sp.Expr, sp.Expr]:
    """Return both sides of ``lhs == rhs``, as written; ParsingError as in :func:`parse_expression`."""
    reader = Reader(text, symbols)
    left, _, right = reader.comparison({ast.Eq: sp.Eq}, "an equation 'lhs == rhs'")
    return left, right


def parse_relation(text: str, symbols: Mapping[str, sp.Symbol]) -> Any:
    """Return the inequality ``lhs < rhs`` (or <=, >, >=), as written; ParsingError as in :func:`parse_expression`."""
    reader = Reader(text, symbols)
    left, relation, right = reader.comparison(_RELATIONS, "an inequality such as 'a <= b'")
    return relation(left, right, evaluate=False)


def parse_range(text: str, symbols: Mapping[str, sp.Symbol]) -> Range:
    """Return the range that `text` names.

    Parameters
    ----------
    text : str
        ``positive``, ``real``, ``nonnegative``, ``integers(1)``, ``integers(1, 5)``, ``integers(n)``, ``above(c/2)``,
        ``at_least(0)`` or ``between(0, c)``.
    symbols : mapping
        Parameters declared before, which bounds may mention.

    Raises
    ------
    ParsingError
        If the text is none of these.
    DomainError
        If the range is empty.
    """
    reader = Reader(text, symbols)
    node = reader.tree
    if isinstance(node, ast.Name) and node.id in _NAMED_RANGES:
        return _NAMED_RANGES[node.id]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RANGES:
        make, counts = _RANGES[node.func.id]
        if node.keywords or len(node.args) not in counts:
            reader.fail(node, f"{node.func.id} takes {' or '.join(map(str, counts))} bounds")
        bounds = [reader.canonical(argument) for argument in node.args]
        if make is Integers:
            for argument, bound in zip(node.args, bounds, strict=True):
                if not (bound.is_Integer or (len(bounds) == 1 and bound.is_integer)):
                    reader.fail(argument, "an end of integers(...) must be an integer, or be known to be one")
            return Integers(*(int(bound) if bound.is_Integer else bound for bound in bounds))
        return make(*bounds)
    calls = ", ".join(f"{name}(...)" for name in _RANGES)
    return reader.fail(node, f"not a range; use {', '.join(_NAMED_RANGES)}, {calls}")


def parse_interval(text: str, symbols: Mapping[str, sp.Symbol]) -> sp.Interval:
    """Return the interval ``(a, b)``, ``[a, b)``, ``(a, b]`` or ``[a, b]``; an end may be ``oo`` or ``-oo``."""
    brackets = text.strip() if isinstance(text, str) else repr(text)
    if len(brackets) < 2 or brackets[0] not in "([" or brackets[-1] not in ")]":
        raise ParsingError(f"{short(brackets)} is not an interval; write one such as '(0, oo)' or '[0, c]'")
    reader = Reader(brackets[1:-1], symbols)
    pair = reader.tree
    if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
        reader.fail(pair, "an interval has two ends, separated by a comma")

    def infinite(node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == "oo"

    def end(node: ast.expr) -> sp.Expr:
        if infinite(node):
            return sp.oo
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and infinite(node.operand):
            return -sp.oo
        return reader.canonical(node)

    interval = sp.Interval(end(pair.elts[0]), end(pair.elts[1]), brackets[0] == "(", brackets[-1] == ")")
    if not isinstance(interval, sp.Interval):
        reader.fail(pair, "the interval is empty")
    return interval
