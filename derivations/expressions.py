"""Formulas as written, in SymPy's canonical form, and with exact decimals in place of floats.

A claim keeps its formula as written: SymPy's automatic evaluation would turn ``x/x`` into 1 and hide where it has no
value. Algebra needs the canonical form, which has the same value wherever the written one has a value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cmp_to_key, lru_cache
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from .processes.sde import SDE

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Largest lower number of a binomial coefficient that is written as a polynomial.
_LARGEST = 12


@lru_cache(maxsize=4096)
def canonical(expr: Any) -> Any:
    """Return `expr` built again from its leaves with SymPy's automatic evaluation.

    Parameters
    ----------
    expr : sympy.Basic
        A number, a relation (its sides are evaluated, the relation is not) or a matrix of numbers; matrix expressions
        are returned as they are. Nothing is carried out that SymPy holds back by itself (integrals, sums, limits).

    Returns
    -------
    sympy.Basic
        Equal to `expr` at every point where `expr` has a value; it may have a value at further points.
    """
    if isinstance(expr, sp.MatrixBase):
        return expr.applyfunc(canonical)
    if not isinstance(expr, sp.Basic) or not expr.args or isinstance(expr, sp.MatrixExpr):
        return expr
    args = [canonical(arg) for arg in expr.args]
    if isinstance(expr, Relational):
        return expr.func(*args, evaluate=False)
    if isinstance(expr, sp.binomial) and args[1].is_odd and 0 < args[1] <= _LARGEST and not args[0].is_nonnegative:
        # to SymPy 1.14 it is negative, whatever the upper number
        return sp.Mul(*(args[0] - j for j in range(int(args[1])))) / sp.factorial(args[1])
    return expr.func(*args)


def replaced(expr: Any, values: Mapping[Any, Any]) -> Any:
    """Return `expr` with parts replaced; what holds them is kept as written, so that no quotient of equals becomes 1.

    Parameters
    ----------
    expr : sympy.Basic
        As written.
    values : mapping
        What takes the place of each part.
    """
    if expr in values:
        return values[expr]
    args = [replaced(arg, values) for arg in expr.args]
    if all(a is b for a, b in zip(args, expr.args, strict=True)):
        return expr
    if isinstance(expr, sp.Add | sp.Mul | sp.Pow | sp.Function | sp.Max | sp.Min | Relational):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def as_printed(expr: Any) -> str:
    """Return `expr` in LaTeX, its terms and factors in SymPy's order if it evaluated them, else as written."""
    return (_printed if isinstance(expr, sp.Basic) else _printed.__wrapped__)(expr)


@lru_cache(maxsize=4096)
def _printed(expr: Any) -> str:
    written = any(_kept(node) for node in sp.preorder_traversal(expr) if isinstance(node, sp.Add | sp.Mul))
    return str(sp.latex(expr, order="none" if written else None))


def _kept(node: Any) -> bool:
    """Return whether a sum or product shows that it was not evaluated: unsorted, or with like terms side by side."""
    args = [arg for arg in node.args if arg.is_commutative]
    if node.is_Add:
        like = [arg.as_coeff_Mul()[1] for arg in args]
    else:
        powers = [arg.as_base_exp() for arg in args]
        like = [base for base, exponent in powers if exponent.is_Rational and not base.is_Rational]
    return len(set(like)) < len(like) or args != sorted(args, key=cmp_to_key(sp.Basic.compare))


def exact(value: Any) -> Any:
    """Return `value` with every SymPy float replaced by the decimal number that it prints as.

    A float of 15 digits that was written as 0.1 is the binary fraction nearest to 0.1; what its author means is 1/10.

    Parameters
    ----------
    value : object
        An expression, matrix, equation, statement (any dataclass), tuple, list or mapping of such; anything else is
        returned as it is, and so is what holds no float.
    """
    if isinstance(value, sp.MatrixBase):
        return value.applyfunc(exact) if value.has(sp.Float) else value
    if isinstance(value, sp.Basic):
        return _decimals(value, evaluate=value == canonical(value)) if value.has(sp.Float) else value
    if isinstance(value, SDE):
        if not (value.drift.has(sp.Float) or value.diffusion.has(sp.Float)):
            return value
        return SDE(value.state, exact(value.drift), exact(value.diffusion), value.calculus)
    if isinstance(value, tuple | list):
        made = [exact(item) for item in value]
        return value if all(a is b for a, b in zip(made, value, strict=True)) else type(value)(made)
    if isinstance(value, Mapping):
        changed = {key: exact(item) for key, item in value.items()}
        return value if all(changed[key] is value[key] for key in value) else changed
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        old = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
        new = {name: exact(part) for name, part in old.items()}
        return value if all(new[n] is old[n] for n in old) else dataclasses.replace(value, **new)
    return value


def _decimals(expr: Any, *, evaluate: bool) -> Any:
    """Return `expr` with exact decimals, evaluated again only where it was evaluated before."""
    if isinstance(expr, sp.Float):
        return sp.Rational(str(expr))
    args = [_decimals(arg, evaluate=evaluate) for arg in expr.args]
    if all(a is b for a, b in zip(args, expr.args, strict=True)):
        return expr
    written = not evaluate or isinstance(expr, Relational)
    if written and isinstance(expr, sp.Add | sp.Mul | sp.Pow | sp.Function | Relational):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def parts_without(e: sp.Basic, x: sp.Symbol) -> Iterator[sp.Expr]:
    """Yield the largest parts of `e` without `x`: where leading terms in `x` are known, the rest has values."""
    if not e.has(x):
        yield e
        return
    for part in e.args:
        yield from parts_without(part, x)
