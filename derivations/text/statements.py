"""Statements and domains written as text: what each type of statement needs, and what is made of it."""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sympy as sp

from ..domain import Domain
from ..errors import ClaimError, ParsingError
from ..expressions import canonical
from ..processes.sde import SDE
from ..ranges import Range
from ..statement import Statement
from ..statements.extrema import Inequality
from ..statements.processes import SDETransform
from ..statements.scalar import Identity
from ..statements.stationary import StationaryLaw
from .parsing import parse_equation, parse_expression, parse_interval, parse_range, parse_relation
from .quoting import short, shown
from .trial_reading import while_reading

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_Read = TypeVar("_Read")
#: Characters that the name of a parameter may have.
MAX_NAME = 100


class Fields:
    """The fields of one claim that its type defines, and the symbols that they may use.

    Parameters
    ----------
    entry : mapping
        The fields.
    symbols : dict
        Declared symbols by name.
    written : dict, optional
        Gains every expression whose canonical form prints otherwise, as written, by the name of its field.

    Attributes
    ----------
    entry : mapping
        The fields.
    bound : set of Symbol
        Names of states, times, variables and draws that were read: no parameters, where the statement binds them.
    sizes : dict
        Sizes that a description brings along, with their ranges where the domain gives none.
    """

    def __init__(
        self, entry: Mapping[str, Any], symbols: dict[str, sp.Symbol], written: dict[str, sp.Expr] | None = None
    ) -> None:
        self.entry = entry
        self.symbols: dict[str, Any] = dict(symbols)
        self.bound: set[sp.Symbol] = set()
        self.sizes: dict[sp.Symbol, Range] = {}
        self.written: dict[str, sp.Expr] = {} if written is None else written

    def text(self, name: str, default: str | None = None) -> str:
        value = self.entry.get(name, default)
        if not isinstance(value, str):
            raise ParsingError(f"{name} is {short(shown(value))}; write it as text in quotes")
        return value

    def read(
        self, name: str, parse: Callable[[str, Mapping[str, sp.Symbol]], _Read], default: str | None = None
    ) -> _Read:
        """Return what `parse` makes of the field."""
        return self._parsed(name, self.entry.get(name, default), parse)

    def _parsed(self, name: str, value: Any, parse: Callable[[str, Mapping[str, sp.Symbol]], _Read]) -> _Read:
        with while_reading(name):
            try:
                return parse(value, self.symbols)
            except ParsingError as error:
                raise ParsingError(f"{name}: {error}") from None

    def expression(self, name: str) -> sp.Expr:
        """Return the field as an expression in canonical form; the written form is noted where it prints otherwise."""
        return self._expression(name, self.entry.get(name))

    def expressions(self, name: str) -> list[sp.Expr]:
        """Return a field of one expression or of a list of them; none without the field."""
        value = self.entry.get(name, [])
        entries = value if isinstance(value, list) else [value]
        return [self._expression(name, entry, f"[{i}]") for i, entry in enumerate(entries, 1)]

    def _expression(self, name: str, value: Any, place: str = "") -> sp.Expr:
        written = self._parsed(name, value, parse_expression)
        with while_reading(name):
            made: sp.Expr = canonical(written)
            if made.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
                raise ParsingError(f"{name}: {short(value)} has no finite real value anywhere; correct it")
            if sp.latex(written) != sp.latex(made):  # which sets terms in one order
                self.written[name + place] = written
            return made

    def sde(self, state: Sequence[sp.Symbol], drift: str = "drift", diffusion: str = "diffusion") -> SDE:
        calculus = self.text("calculus", "ito") if drift == "drift" else "ito"
        return SDE(state, self._coordinates(drift), self._coordinates(diffusion, rows=True), calculus)

    def _coordinates(self, name: str, *, rows: bool = False) -> sp.Expr | list[sp.Expr] | sp.Matrix:
        """Return a field of one expression, of a list of them, or, with `rows`, of a list of rows of one length."""
        value = self.entry[name]
        if not isinstance(value, list):
            return self.expression(name)
        lengths = {len(row) if isinstance(row, list) else None for row in value}
        if lengths == {None}:
            return self.expressions(name)
        if not rows or len(lengths) != 1 or lengths == {0}:
            also = ", or a list of rows of one length" if rows else ""
            raise ParsingError(f"{name} is {short(shown(value))}; write a text or a list of texts{also}")
        rows_of_entries = [
            [self._expression(name, entry, f"[{i}, {j}]") for j, entry in enumerate(row, 1)]
            for i, row in enumerate(value, 1)
        ]
        return sp.Matrix(rows_of_entries)

    def state(self, name: str = "state") -> list[sp.Symbol]:
        """Return the state variables that a field names: one, or a list of them."""
        names = self.entry[name]
        return [self._named(name, given) for given in (names if isinstance(names, list) else [names])]

    def name(self, name: str) -> sp.Symbol:
        """Return the one declared symbol that a field names: a variable, a time, a size."""
        return self._named(name, self.entry[name])

    def _named(self, field: str, name: Any) -> sp.Symbol:
        if not isinstance(name, str) or not isinstance(self.symbols.get(name), sp.Symbol):
            wrong = short(name if isinstance(name, str) else shown(name))
            raise ParsingError(f"{field}: {wrong} has no range; add it to the domain")
        found: sp.Symbol = self.symbols[name]
        self.bound.add(found)
        return found

    def declare(self, field: str, name: Any, arguments: Sequence[sp.Symbol]) -> Any:
        """Return an undefined function of `arguments`, which stands wherever expressions name it."""
        if not isinstance(name, str):
            raise ParsingError(f"{field} is {short(shown(name))}; write the name of a function in quotes")
        if name in self.symbols:
            raise ParsingError(f"{field}: {name!r} is declared already; name the function differently")
        check_name(name)
        self.symbols[name] = sp.Function(name)(*arguments)
        return self.symbols[name]


def _identity(fields: Fields) -> Statement:
    return Identity(*fields.read("equation", parse_equation))


def _inequality(fields: Fields) -> Statement:
    return Inequality(fields.read("relation", parse_relation))


def _sde_transform(fields: Fields) -> Statement:
    source = fields.sde(fields.state())
    function = fields.expression("function")
    name = fields.text("image")
    if name in fields.symbols:
        raise ParsingError(f"image: {name!r} is a parameter of the domain; name the image differently")
    check_name(name)
    image = sp.Symbol(name, **fields.read("image_range", parse_range, "real").assumptions)
    inside = Fields(fields.entry, {**fields.symbols, name: image}, fields.written)
    return SDETransform(source, function, inside.sde([image], "image_drift", "image_diffusion"))


def _stationary_law(fields: Fields) -> Statement:
    sde = fields.sde(fields.state())
    density, support = fields.expression("density"), fields.read("support", parse_interval)
    return StationaryLaw(sde, density, support, tuple(fields.expressions("reflecting")))


@dataclass(frozen=True)
class Type:
    """A type of statement: the fields that it needs, those that it may have, and what is made of them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    make: Callable[[Fields], Statement]


def check_fields(entry: Mapping[str, Any], required: Sequence[str], optional: Sequence[str], whose: str) -> None:
    """Raise ClaimError where a field is missing, or one stands that means nothing."""
    missing = [n for n in required if n not in entry]
    if missing:
        raise ClaimError(f"there is no {missing[0]!r}; {whose} needs {', '.join(required)}")
    for name in entry:
        if name not in (*required, *optional):
            near = difflib.get_close_matches(name, (*required, *optional), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join((*required, *optional))}"
            raise ClaimError(f"unknown field {shown(name)}{hint}")


BASIC = {
    "identity": Type(("equation",), (), _identity),
    "inequality": Type(("relation",), (), _inequality),
    "sde-transform": Type(
        ("state", "drift", "diffusion", "function", "image", "image_drift", "image_diffusion"),
        ("calculus", "image_range"),
        _sde_transform,
    ),
    "stationary-law": Type(
        ("state", "drift", "diffusion", "density", "support"), ("calculus", "reflecting"), _stationary_law
    ),
}


def parse_domain(entries: Mapping[str, str]) -> Domain:
    """Return the domain with these ranges, given as text by name; a bound may mention what stands before it.

    Raises
    ------
    ParsingError
        If a name or a range cannot be read.
    DomainError
        If a range is empty.
    """
    ranges: dict[str, Range] = {}
    symbols: dict[str, sp.Symbol] = {}
    for name, text in entries.items():
        check_name(name)
        with while_reading(f"range of {name}"):
            try:
                ranges[name] = parse_range(text, symbols)
            except ParsingError as error:
                raise ParsingError(f"range of {name}: {error}") from None
        symbols[name] = sp.Symbol(name, **ranges[name].assumptions)
    return Domain(**ranges)


def check_name(name: str) -> None:
    if len(name) > MAX_NAME:
        raise ParsingError(f"{short(name)} has {len(name)} characters; a name has at most {MAX_NAME}")
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise ParsingError(f"{name!a} cannot name a parameter; use ASCII letters, digits and _ (and lam for lambda)")
