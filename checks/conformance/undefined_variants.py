"""Claims whose asserted formula has no real value anywhere: what no witness may support."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ...derivations.claim import Claim
from ...derivations.processes.sde import SDE
from ...derivations.statement import Statement


def undefined_variants(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """Yield `claim` with NaN, an infinite and an imaginary number in each asserted field, with words for the change.

    What cannot be stated, because a class refuses it, is left out.
    """
    statement: Any = claim.statement  # a dataclass, as every statement is
    for name in statement.asserted():
        for words, spoil in _SPOILED:
            try:
                value = _spoiled(getattr(statement, name), spoil)
                yield f"{words} in {name}", replace(claim, statement=replace(statement, **{name: value}))
            except Exception:  # SymPy has several exceptions for what it cannot hold
                continue


def _imaginary(expr: sp.Expr) -> sp.Expr:
    symbols = sorted((s for s in expr.free_symbols if s.is_extended_real), key=str)
    return expr + sp.sqrt(-1 - (symbols[0] ** 2 if symbols else 1))


_SPOILED: tuple[tuple[str, Callable[[sp.Expr], sp.Expr]], ...] = (
    ("NaN", lambda expr: sp.nan),
    ("an infinite number", lambda expr: sp.zoo),
    ("an imaginary number", _imaginary),
)


def _spoiled(value: Any, spoil: Callable[[sp.Expr], sp.Expr]) -> Any:
    """Return a value of an asserted field with one formula spoiled; TypeError where it holds none."""
    if isinstance(value, Statement):
        inner: Any = value
        name = inner.asserted()[0]
        return replace(inner, **{name: _spoiled(getattr(inner, name), spoil)})
    if isinstance(value, SDE):
        drift = sp.Matrix(list(value.drift))
        drift[0] = spoil(drift[0])
        return SDE(value.state, drift, value.diffusion, value.calculus)
    if isinstance(value, tuple) and value:
        return (_spoiled(value[0], spoil), *value[1:])
    if isinstance(value, sp.MatrixBase):
        entries = value.as_mutable()
        entries[0, 0] = spoil(entries[0, 0])
        return sp.ImmutableMatrix(entries)
    if isinstance(value, sp.MatrixExpr):
        return spoil(sp.Integer(1)) * value
    if isinstance(value, Relational):
        return value.func(value.lhs, _spoiled(value.rhs, spoil), evaluate=False)
    if isinstance(value, sp.Expr):
        return spoil(value)
    raise TypeError(f"{value!r} holds no formula")
