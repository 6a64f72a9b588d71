"""How the parts of a statement are read from the fields of a text: formulas, equations, conditions, intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sympy as sp

from ..errors import ParsingError
from ..expressions import canonical
from ..processes.sde import SDE
from ..statement import Statement
from .parsing import parse_interval, parse_relation
from .quoting import shown
from .statements import Fields, Type

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


@dataclass(frozen=True)
class Part:
    """How one part of a statement is read.

    Parameters
    ----------
    read : callable
        Called with the fields of the claim and the name of the part.
    needs : tuple of str
        Fields that it needs; the one of its own name, when empty.
    may : tuple of str
        Fields that it may have besides.
    """

    read: Callable[[Fields, str], Any]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


def form(statement: type[Statement], **parts: Part) -> Type:
    """Return the type of text whose parts are fields of `statement`; those with a default may be left out."""
    assert dataclasses.is_dataclass(statement)
    optional = {f.name for f in dataclasses.fields(statement) if f.default is not dataclasses.MISSING}
    needs = {name: part.needs or (name,) for name, part in parts.items()}

    def make(fields: Fields) -> Statement:
        given = (n for n in parts if n not in optional or any(field in fields.entry for field in needs[n]))
        return statement(**{name: parts[name].read(fields, name) for name in given})

    required = [field for name in parts if name not in optional for field in needs[name]]
    left = [field for name in parts if name in optional for field in needs[name]]
    return Type(tuple(required), (*left, *(field for part in parts.values() for field in part.may)), make)


def condition(fields: Fields, name: str) -> Any:
    """Return an inequality whose sides are in canonical form."""
    return canonical(fields.read(name, parse_relation))


def _condition_or_never(fields: Fields, name: str) -> Any:
    return sp.false if fields.entry[name] == "never" else condition(fields, name)


def _support(fields: Fields, name: str) -> sp.Set:
    value = fields.entry[name]
    pieces = value if isinstance(value, list) else [value]
    return sp.Union(*(Fields({name: piece}, fields.symbols).read(name, parse_interval) for piece in pieces))


def _place(fields: Fields, name: str) -> tuple[sp.Expr, ...]:
    return tuple(fields.expressions(name))


def items(fields: Fields, name: str) -> list[Any]:
    """Return a field that is a list."""
    value = fields.entry[name]
    if not isinstance(value, list):
        raise ParsingError(f"{name} is {shown(value)}; write a list")
    return value


def table(fields: Fields, name: str) -> Mapping[str, Any]:
    """Return a field that is a table."""
    value = fields.entry[name]
    if not isinstance(value, dict):
        raise ParsingError(f"{name} is {shown(value)}; write a table {{name = ...}}")
    return value


def rows(fields: Fields, name: str) -> sp.ImmutableMatrix:
    """Return a field that is a matrix: a list of rows of expressions, all of one length."""
    made = []
    for number, row in enumerate(items(fields, name), 1):
        own = Fields({f"{name}[{number}]": row}, fields.symbols, fields.written)
        made.append(own.expressions(f"{name}[{number}]"))
    if len({len(row) for row in made}) != 1:
        raise ParsingError(f"{name} is {shown(fields.entry[name])}; write a list of rows of one length")
    return sp.ImmutableMatrix(made)


def _pairs(fields: Fields, name: str) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    found = []
    for number, pair in enumerate(items(fields, name), 1):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ParsingError(f"{name}: {shown(pair)} is no pair; write ['expression', 'equivalent']")
        own = Fields({f"{name}[{number}]": pair}, fields.symbols, fields.written)
        found.append(tuple(own.expressions(f"{name}[{number}]")))
    return tuple(found)


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    value = items(fields, name)
    if not all(isinstance(text, str) for text in value):
        raise ParsingError(f"{name} is {shown(value)}; write a list of texts")
    return tuple(value)


def _names(fields: Fields, name: str) -> tuple[sp.Symbol, ...]:
    return tuple(fields.state(name))


def _flag(fields: Fields, name: str) -> bool:
    value = fields.entry[name]
    if not isinstance(value, bool):
        raise ParsingError(f"{name} is {shown(value)}; write true or false")
    return value


def whole(fields: Fields, name: str) -> int:
    """Return a field that is a whole number."""
    value = fields.entry[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParsingError(f"{name} is {shown(value)}; write a whole number")
    return value


def _order(fields: Fields, name: str) -> sp.Expr:
    return sp.oo if fields.entry[name] == "oo" else fields.expression(name)


def equation(prefix: str = "", state: str = "state") -> Part:
    """Return the part that is an equation, with fields for its drift and diffusion, and for a state of its own."""
    drift, diffusion = f"{prefix}drift", f"{prefix}diffusion"

    def read(fields: Fields, name: str) -> SDE:
        return fields.sde(fields.state(state), drift, diffusion)

    own = (state,) if state.startswith(prefix) else ()
    return Part(read, (*own, drift, diffusion), () if prefix else ("calculus",))


def one_of(kind: type[Enum]) -> Part:
    """Return the part that is a member of `kind`, named in small letters with hyphens."""
    known = {member.name.lower().replace("_", "-"): member for member in kind}

    def read(fields: Fields, name: str) -> Enum:
        value = fields.entry[name]
        if not isinstance(value, str) or value not in known:
            raise ParsingError(f"{name} is {shown(value)}; choose one of {', '.join(known)}")
        return known[value]

    return Part(read)


EXPRESSION = Part(lambda fields, name: fields.expression(name))
EXPRESSIONS = Part(_place)
CONDITION, CONDITION_OR_NEVER = Part(condition), Part(_condition_or_never)
INTERVAL = Part(lambda fields, name: fields.read(name, parse_interval))
SUPPORT = Part(_support)
NAME, NAMES = Part(lambda fields, name: fields.name(name)), Part(_names)
TEXT, TEXTS = Part(lambda fields, name: fields.text(name)), Part(_texts)
PAIRS, FLAG, ORDER, WHOLE = Part(_pairs), Part(_flag), Part(_order), Part(whole)
EQUATION = equation()
