"""Changes of what a claim is about: equations, settings, samplings, networks and assumptions; what it asserts stays.

Every description is a dataclass of numbers, formulas, choices and further descriptions, so one rule for each of these
serves types of statement that are not written yet. Names of variables, and texts, are no objects.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from enum import Enum
from functools import partial
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ...derivations.domain import Domain
from ...derivations.processes.sde import SDE
from ...derivations.ranges import AtLeast, Integers, Positive, Range, Real
from ...derivations.statement import Statement
from .mutations import changes
from .rebuilding import Build, Rebuild, sound, then, with_entry, with_field, with_item, with_part, with_side

#: Changes of one formula; more would only cost time where none of these disturbs a claim.
_MOST = 8
#: How the words begin, or end, for changes after which a count is a count still, and a variance no less than 0.
_SENSIBLE, _EXCHANGE = ("twice ", "without ", "1 in place of 0", "the identity in place of 0"), " swapped"

Changed = Iterator[tuple[str, Build]]


def object_changes(statement: Statement) -> Changed:
    """Yield words, and a builder of the changed statement, for every change of what `statement` is about."""
    yield from _about(statement, lambda new: new, "")


def wider_domains(domain: Domain) -> Iterator[tuple[str, Build]]:
    """Yield words, and a builder of the domain, with the bounds of one parameter dropped; its sign is kept."""
    for symbol, given in domain.ranges.items():
        wide = _widest(given)
        if wide is not None:
            words = f"domain: any {' '.join(sorted(given.assumptions, reverse=True))} {symbol}"
            ranges = {s.name: wide if s == symbol else r for s, r in domain.ranges.items()}
            yield words, partial(Domain, **ranges)


def _widest(given: Range) -> Range | None:
    """Return the widest range of numbers with the same assumptions; None where `given` is it."""
    known = dict(given.assumptions)
    integers: Range | None = Integers(1) if known.get("positive") else None
    named: dict[str, Range] = {"positive": Positive, "nonnegative": AtLeast(0), "real": Real}
    wide = integers if "integer" in known else named[next(iter(known))]
    return None if wide == given else wide


def _about(whole: Any, rebuild: Rebuild, label: str) -> Changed:
    """Yield the changes of a statement or a description (any dataclass), field by field."""
    asserted = whole.asserted() if isinstance(whole, Statement) else ()
    for field in dataclasses.fields(whole):
        value = getattr(whole, field.name)
        into = then(rebuild, partial(with_field, whole, field.name))
        where = f"{label}.{field.name}".lstrip(".")
        if not field.init:
            continue
        if field.name in asserted:
            yield from _inside(value, into, where)
            continue
        if value is not None and field.default is None:
            yield f"{where}: none", partial(into, None)
        if isinstance(value, tuple) and field.default == ():
            for i, item in enumerate(value):
                yield f"{where}: without {item}", partial(into, (*value[:i], *value[i + 1 :]))
        names = "Symbol" in str(field.type)
        rate = isinstance(value, sp.Expr) and value != 0 and not value.is_integer  # a count of 0 describes nothing
        if rate and not (names or isinstance(whole, Statement)):
            yield f"{where}: 0 in place of {value}", partial(into, sp.Integer(0))
        yield from _changed(value, into, where, names=names)


def _inside(value: Any, rebuild: Rebuild, label: str) -> Changed:
    """Yield the changes of descriptions that stand inside of what is asserted."""
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _inside(item, then(rebuild, partial(with_item, value, i)), f"{label}[{i}]")
    elif dataclasses.is_dataclass(value):
        yield from _about(value, rebuild, label)


def _changed(value: Any, rebuild: Rebuild, label: str, *, names: bool) -> Changed:
    """Yield the changes of one part; with `names`, a symbol that stands alone only names something."""
    if isinstance(value, SDE):
        for words, changed in _equations(value):
            yield f"{label}: {words}", partial(rebuild, changed)
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            into = then(rebuild, partial(with_item, value, i))
            yield from _changed(item, into, f"{label}[{i}]", names=names)
    elif isinstance(value, bool):
        yield f"{label}: {not value}", partial(rebuild, not value)
    elif isinstance(value, int):
        yield f"{label}: {value + 1} in place of {value}", partial(rebuild, value + 1)
    elif isinstance(value, Enum):
        for other in type(value):
            if other is not value:
                yield f"{label}: {other} in place of {value}", partial(rebuild, other)
    elif isinstance(value, sp.MatrixBase):
        for i, j in itertools.product(range(value.rows), range(value.cols)):
            entry = then(rebuild, partial(with_entry, value, i, j))
            yield from _changed(value[i, j], entry, f"{label}[{i}, {j}]", names=False)
    elif isinstance(value, Relational):
        for name in ("lhs", "rhs"):
            side = then(rebuild, partial(with_side, value, name))
            yield from _changed(getattr(value, name), side, f"{label}.{name}", names=False)
    elif isinstance(value, sp.Expr | sp.MatrixExpr):
        if not (names and isinstance(value, sp.Symbol)):
            sensible = ((w, new) for w, new in changes(value) if w.startswith(_SENSIBLE) or w.endswith(_EXCHANGE))
            for words, new in itertools.islice(sensible, _MOST):
                yield f"{label}: {words}", partial(then(rebuild, sound), new)
    elif dataclasses.is_dataclass(value):
        yield from _about(value, rebuild, label)


def _equations(sde: SDE) -> Iterator[tuple[str, SDE]]:
    """Yield other equations: noise deleted or doubled, drift halved, a term of it dropped, the other calculus."""
    if sde.diffusion.is_zero_matrix:
        yield "noise of size 1 in place of none", with_part(sde, "diffusion", sp.ones(*sde.diffusion.shape))
    else:
        yield "without noise", with_part(sde, "diffusion", sp.zeros(*sde.diffusion.shape))
        yield "twice the noise", with_part(sde, "diffusion", 2 * sde.diffusion)
    if sde.drift.is_zero_matrix:
        yield "drift 1 in place of none", with_part(sde, "drift", sp.ones(*sde.drift.shape))
    else:
        yield "half the drift", with_part(sde, "drift", sde.drift / 2)
    if sde.diffusion.has(*sde.state):
        other = "ito" if sde.calculus == "stratonovich" else "stratonovich"
        yield f"read in the sense of {other.capitalize()}", with_part(sde, "calculus", other)
    for i, entry in enumerate(sde.drift):
        for term in entry.args if entry.is_Add else ():
            yield f"the drift without {term}", with_part(sde, "drift", with_entry(sde.drift, i, 0, entry - term))
