"""How one part of a statement is put back in place of another; nothing is changed or judged here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ...derivations.errors import ClaimError
from ...derivations.processes.sde import SDE

#: Makes a changed part, and puts a changed part into the whole.
Build = Callable[[], Any]
Rebuild = Callable[[Any], Any]


def then(rebuild: Rebuild, put: Rebuild) -> Rebuild:
    """Return what puts a part into a piece by `put`, and that piece into the whole."""
    return lambda new: rebuild(put(new))


def with_field(whole: Any, name: str, new: Any) -> Any:
    """Return a dataclass with another value of one field."""
    return replace(whole, **{name: new})


def with_item(items: tuple[Any, ...], i: int, new: Any) -> tuple[Any, ...]:
    """Return a tuple with another item at place `i`."""
    return (*items[:i], new, *items[i + 1 :])


def with_part(sde: SDE, name: str, new: Any) -> SDE:
    """Return an equation with another drift, diffusion or calculus."""
    parts = {"drift": sde.drift, "diffusion": sde.diffusion, "calculus": sde.calculus, name: new}
    return SDE(sde.state, **parts)


def with_entry(matrix: sp.MatrixBase, i: int, j: int, new: Any) -> sp.ImmutableMatrix:
    """Return a matrix with another entry in row `i` and column `j`."""
    entries = matrix.as_mutable()
    entries[i, j] = new
    return sp.ImmutableMatrix(entries)


def with_side(relation: Relational, name: str, new: Any) -> Relational:
    """Return a relation with another side, ``"lhs"`` or ``"rhs"``; nothing is evaluated."""
    sides = {"lhs": relation.lhs, "rhs": relation.rhs, name: new}
    return relation.func(sides["lhs"], sides["rhs"], evaluate=False)


def sound(new: Any) -> Any:
    """Return a changed formula; ClaimError for what is none, or has no finite real value."""
    if isinstance(new, Exception):
        raise ClaimError(f"{type(new).__name__}: {new}")
    if not _finite(new):
        raise ClaimError(f"{new} is not a finite real expression")
    return new


def _finite(new: sp.Basic) -> bool:
    """Return whether a formula holds nothing infinite or imaginary, but in the limits of an integral, sum or limit."""
    if new in (sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I):
        return False
    if isinstance(new, sp.Integral | sp.Sum | sp.Product | sp.Limit):
        ends = [e for limit in new.args[1:] for e in (limit.args if isinstance(limit, sp.Tuple) else (limit,))]
        return _finite(new.args[0]) and all(e in (sp.oo, -sp.oo) or _finite(e) for e in ends)
    return all(map(_finite, new.args))
