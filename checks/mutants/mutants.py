"""Mutants of claims: the same description with a slightly wrong assertion, numbered in a fixed order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache, partial
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ...derivations.claim import CLAIMS, Claim
from ...derivations.errors import ClaimError, CrossproofError
from ...derivations.processes.sde import SDE
from ...derivations.statement import Statement
from ...derivations.statements.passage import Passage
from .mutations import changes

#: Between the id of a claim and the number of its mutant.
MARK = "#"


@dataclass(frozen=True)
class Mutant:
    """One slightly wrong form of a claim.

    Parameters
    ----------
    original : str
        Id of the claim.
    number : int
        Number among the mutants of the claim, from 0; the same in every process.
    change : str
        What was changed, in words; lasting key of the mutant within its claim.
    claim : Claim or None
        The claim with the changed assertion, under the id of the original; None when it cannot be stated.
    refusal : str
        Why it cannot be stated.
    """

    original: str
    number: int
    change: str
    claim: Claim | None
    refusal: str = ""

    @property
    def id(self) -> str:
        """``<claim>#<number>``, by which workers build the mutant again."""
        return f"{self.original}{MARK}{self.number}"

    @property
    def key(self) -> str:
        """``<claim>#<change>``, by which the list of survivors names the mutant."""
        return f"{self.original}{MARK}{self.change}"


@lru_cache(maxsize=1024)
def mutants(claim: Claim) -> tuple[Mutant, ...]:
    """Return the mutants of `claim`: every change of every field that its statement asserts."""
    found = []
    for number, (words, build) in enumerate(_changed(claim.statement, lambda s: s, "")):
        try:
            made, refusal = replace(claim, statement=build()), ""
        except (CrossproofError, ArithmeticError, TypeError, ValueError) as error:
            made, refusal = None, f"{type(error).__name__}: {error}"
        found.append(Mutant(claim.id, number, words, made, refusal))
    return tuple(found)


def claim_named(id: str) -> Claim:
    """Return the registered claim called `id`, or the mutant ``<claim>#<number>`` of one.

    Raises
    ------
    ClaimError
        If there is no such claim or mutant, or the mutant cannot be stated.
    """
    name, mark, _ = id.partition(MARK)
    if mark:
        from ..audit import equivalence  # noqa: F401  (registers the one unit that only mutants have)
    if name not in CLAIMS:
        raise ClaimError(f"claim {name!r} is not registered; import the module that registers it")
    if not mark:
        return CLAIMS[name]
    found = _mutant(id)
    if found.claim is None:
        raise ClaimError(f"mutant {id!r} cannot be stated: {found.refusal}")
    return found.claim


def change_named(id: str) -> str:
    """Return what was changed in the mutant ``<claim>#<number>``, in words; ClaimError if there is none."""
    return _mutant(id).change


def _mutant(id: str) -> Mutant:
    name, _, number = id.partition(MARK)
    found = mutants(CLAIMS[name])
    if not number.isdecimal() or int(number) >= len(found):
        raise ClaimError(f"mutant {id!r}: {name} has mutants 0 to {len(found) - 1}")
    return found[int(number)]


Build = Callable[[], Any]
Rebuild = Callable[[Any], Any]


def _changed(value: Any, rebuild: Rebuild, label: str) -> Iterator[tuple[str, Build]]:
    """Yield words and a builder for every change of `value`; `rebuild` puts a changed value into the statement."""
    if isinstance(value, Statement):
        for name in value.asserted():
            into = _then(rebuild, partial(_field, value, name))
            yield from _changed(getattr(value, name), into, f"{label}.{name}".lstrip("."))
        for one, two in itertools.combinations(value.asserted(), 2):
            first, second = getattr(value, one), getattr(value, two)
            if isinstance(first, Passage) and isinstance(second, Passage):
                words = f"{label}: {one} and {two} exchanged".removeprefix(": ")
                yield words, partial(_then(rebuild, partial(_field, _field(value, one, second), two)), first)
    elif isinstance(value, SDE):
        for name, part in (("drift", value.drift), ("diffusion", value.diffusion)):
            yield from _changed(part, _then(rebuild, partial(_part, value, name)), f"{label}.{name}")
    elif isinstance(value, sp.MatrixBase):
        for i, j in itertools.product(range(value.rows), range(value.cols)):
            where = label if len(value) == 1 else f"{label}[{i}, {j}]"
            yield from _changed(value[i, j], _then(rebuild, partial(_entry, value, i, j)), where)
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            where = label if len(value) == 1 else f"{label}[{i}]"
            yield from _changed(item, _then(rebuild, partial(_item, value, i)), where)
    elif isinstance(value, Relational):
        opposite = value.reversed.func(value.lhs, value.rhs, evaluate=False)
        yield f"{label}: the other direction of {value}", partial(rebuild, opposite)
        for name in ("lhs", "rhs"):
            yield from _changed(getattr(value, name), _then(rebuild, partial(_side, value, name)), f"{label}.{name}")
    elif value == sp.false:
        yield f"{label}: always in place of never", partial(rebuild, sp.Gt(1, 0, evaluate=False))
    elif isinstance(value, Enum):
        for other in type(value):
            if other is not value:
                yield f"{label}: {other} in place of {value}", partial(rebuild, other)
    elif isinstance(value, sp.Expr | sp.MatrixExpr):
        for words, new in changes(value):
            yield f"{label}: {words}", partial(_then(rebuild, _sound), new)


def _then(rebuild: Rebuild, put: Rebuild) -> Rebuild:
    return lambda new: rebuild(put(new))


def _field(statement: Any, name: str, new: Any) -> Any:
    return replace(statement, **{name: new})


def _item(items: tuple[Any, ...], i: int, new: Any) -> tuple[Any, ...]:
    return (*items[:i], new, *items[i + 1 :])


def _sound(new: Any) -> Any:
    if isinstance(new, Exception):
        raise ClaimError(f"{type(new).__name__}: {new}")
    if new.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise ClaimError(f"{new} is not a finite real expression")
    return new


def _part(sde: SDE, name: str, new: Any) -> SDE:
    parts = {"drift": sde.drift, "diffusion": sde.diffusion, name: new}
    return SDE(sde.state, parts["drift"], parts["diffusion"], sde.calculus)


def _entry(matrix: sp.MatrixBase, i: int, j: int, new: Any) -> sp.ImmutableMatrix:
    entries = matrix.as_mutable()
    entries[i, j] = new
    return sp.ImmutableMatrix(entries)


def _side(relation: Relational, name: str, new: Any) -> Relational:
    sides = {"lhs": relation.lhs, "rhs": relation.rhs, name: new}
    return relation.func(sides["lhs"], sides["rhs"], evaluate=False)
