"""Mutants of claims: the same description with a slightly wrong assertion, numbered in a fixed order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache, partial
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ...derivations.claim import CLAIMS, Claim
from ...derivations.domain import Domain
from ...derivations.errors import ClaimError, CrossproofError
from ...derivations.processes.sde import SDE
from ...derivations.ranges import Positive, Real
from ...derivations.statement import Statement
from ...derivations.statements.passage import Passage
from .mutations import changes
from .object_changes import object_changes, wider_domains
from .rebuilding import Build, Rebuild, sound, then, with_entry, with_field, with_item, with_part, with_side

#: Between the id of a claim and the number of its mutant.
MARK = "#"
#: Before the number of a mutant of what the claim is about, and before the words for its change.
_ABOUT = "about"


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
    about : bool
        Whether what the claim is about was changed, instead of what it asserts.
    """

    original: str
    number: int
    change: str
    claim: Claim | None
    refusal: str = ""
    about: bool = False

    @property
    def id(self) -> str:
        """``<claim>#<number>``, by which workers build the mutant again; ``<claim>#about<number>`` of an object."""
        return f"{self.original}{MARK}{_ABOUT if self.about else ''}{self.number}"

    @property
    def key(self) -> str:
        """``<claim>#<change>``, by which the list of survivors names the mutant."""
        return f"{self.original}{MARK}{self.change}"


@lru_cache(maxsize=1024)
def mutants(claim: Claim) -> tuple[Mutant, ...]:
    """Return the mutants of `claim`: every change of every field that its statement asserts."""
    changed = ((words, partial(_restated, claim, build)) for words, build in _changed(claim.statement, lambda s: s, ""))
    return tuple(_made(claim, number, words, make) for number, (words, make) in enumerate(changed))


@lru_cache(maxsize=1024)
def object_mutants(claim: Claim) -> tuple[Mutant, ...]:
    """Return the object mutants of `claim`: it asserts the same of something else, or under fewer assumptions."""
    changed = [(words, partial(_covered, claim, build)) for words, build in object_changes(claim.statement)]
    changed += [(words, partial(_bounded, claim, build)) for words, build in wider_domains(claim.domain)]
    return tuple(
        _made(claim, number, f"{_ABOUT} {words}", make, about=True) for number, (words, make) in enumerate(changed)
    )


def _restated(claim: Claim, build: Build) -> Claim:
    return replace(claim, statement=build())


def _covered(claim: Claim, build: Build) -> Claim:
    """Return the claim with another statement, and with ranges for the symbols that a mode more brings in."""
    statement = build()
    ranges = {s.name: given for s, given in claim.domain.ranges.items()}
    for symbol in sorted(statement.free_symbols(), key=str):
        ranges.setdefault(symbol.name, Positive if symbol.is_positive else Real)
    return replace(claim, statement=statement, domain=Domain(**ranges))


def _bounded(claim: Claim, build: Build) -> Claim:
    return replace(claim, domain=build())


def _made(claim: Claim, number: int, words: str, make: Build, *, about: bool = False) -> Mutant:
    try:
        made, refusal = make(), ""
    except (CrossproofError, ArithmeticError, AttributeError, TypeError, ValueError) as error:
        made, refusal = None, f"{type(error).__name__}: {error}"
    return Mutant(claim.id, number, words, made, refusal, about)


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
    name, _, place = id.partition(MARK)
    number = place.removeprefix(_ABOUT)
    found = mutants(CLAIMS[name]) if number == place else object_mutants(CLAIMS[name])
    if not number.isdecimal() or int(number) >= len(found):
        raise ClaimError(f"mutant {id!r}: {name} has mutants 0 to {len(found) - 1}")
    return found[int(number)]


def _changed(value: Any, rebuild: Rebuild, label: str) -> Iterator[tuple[str, Build]]:
    """Yield words and a builder for every change of `value`; `rebuild` puts a changed value into the statement."""
    if isinstance(value, Statement):
        for name in value.asserted():
            into = then(rebuild, partial(with_field, value, name))
            yield from _changed(getattr(value, name), into, f"{label}.{name}".lstrip("."))
        for one, two in itertools.combinations(value.asserted(), 2):
            first, second = getattr(value, one), getattr(value, two)
            if isinstance(first, Passage) and isinstance(second, Passage):
                words = f"{label}: {one} and {two} exchanged".removeprefix(": ")
                yield words, partial(then(rebuild, partial(with_field, with_field(value, one, second), two)), first)
    elif isinstance(value, SDE):
        for name, part in (("drift", value.drift), ("diffusion", value.diffusion)):
            yield from _changed(part, then(rebuild, partial(with_part, value, name)), f"{label}.{name}")
    elif isinstance(value, sp.MatrixBase):
        for i, j in itertools.product(range(value.rows), range(value.cols)):
            where = label if len(value) == 1 else f"{label}[{i}, {j}]"
            yield from _changed(value[i, j], then(rebuild, partial(with_entry, value, i, j)), where)
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            where = label if len(value) == 1 else f"{label}[{i}]"
            yield from _changed(item, then(rebuild, partial(with_item, value, i)), where)
    elif isinstance(value, Relational):
        opposite = value.reversed.func(value.lhs, value.rhs, evaluate=False)
        yield f"{label}: the other direction of {value}", partial(rebuild, opposite)
        for name in ("lhs", "rhs"):
            yield from _changed(getattr(value, name), then(rebuild, partial(with_side, value, name)), f"{label}.{name}")
    elif value == sp.false:
        yield f"{label}: always in place of never", partial(rebuild, sp.Gt(1, 0, evaluate=False))
    elif isinstance(value, Enum):
        for other in type(value):
            if other is not value:
                yield f"{label}: {other} in place of {value}", partial(rebuild, other)
    elif isinstance(value, sp.Expr | sp.MatrixExpr):
        for words, new in changes(value):
            yield f"{label}: {words}", partial(then(rebuild, sound), new)
