"""Types of statement as text about matrices that the claim declares, with their shapes and kinds."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..errors import ParsingError
from ..matrices.definiteness import Kind
from ..statements.matrix_equations import MatrixEquation, MatrixGradient
from ..statements.networks import MatrixIdentity
from .functions import CALLED, CONSTANTS
from .matrix_reader import MatrixReader
from .quoting import shown
from .stacked_reader import StackedReader, without_numbers
from .statements import Fields, Type, check_name
from .trial_reading import while_reading

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Most matrices of a claim.
MAX_MATRICES = 12


class Matrices:
    """The matrices that a claim declares, and its expressions of them.

    Parameters
    ----------
    fields : Fields
        Those of the claim; `matrices` is a table of shapes and kinds.
    reader : type of MatrixReader
        What reads its expressions.
    """

    def __init__(self, fields: Fields, reader: type[MatrixReader] = MatrixReader) -> None:
        self._fields = fields
        self._reader = reader
        self.kinds: dict[str, str] = {}
        self.symbols: dict[str, Any] = {}
        declared = fields.entry["matrices"]
        if not isinstance(declared, dict) or not 0 < len(declared) <= MAX_MATRICES:
            raise ParsingError(
                f"matrices is {shown(declared)}; write a table of 1 to {MAX_MATRICES}: {{A = ['n', 'n']}}"
            )
        for name, given in declared.items():
            check_name(name)
            if name in {*fields.symbols, *CALLED, *CONSTANTS, *reader.calls}:
                raise ParsingError(f"matrices: {name!r} has a meaning already; name the matrix differently")
            if not isinstance(given, list) or len(given) not in (2, 3) or not all(isinstance(g, str) for g in given):
                raise ParsingError(f"matrices.{name} is {shown(given)}; write ['rows', 'columns'] or add a kind")
            sizes = [
                Fields({f"matrices.{name}": size}, fields.symbols).expression(f"matrices.{name}") for size in given[:2]
            ]
            for size, text in zip(sizes, given, strict=False):
                if not size.is_integer or size.is_nonpositive:
                    raise ParsingError(f"matrices.{name}: {text!r} is no size; use a parameter with integers(1)")
            self.symbols[name] = sp.MatrixSymbol(name, *sizes)
            if len(given) == 3:
                if given[2] not in list(Kind):
                    raise ParsingError(f"matrices.{name}: {given[2]!r} is no kind; choose one of {', '.join(Kind)}")
                self.kinds[name] = given[2]

    def read(self, name: str, text: Any) -> Any:
        """Return one expression."""

        def parse(text: str, symbols: Mapping[str, sp.Symbol]) -> Any:
            reader = self._reader(text, symbols, self.symbols)
            return reader.expression(reader.tree)

        return Fields({name: text}, self._fields.symbols).read(name, parse)

    def sides(self, name: str) -> tuple[Any, Any]:
        """Return both sides of an equation."""

        def parse(text: str, symbols: Mapping[str, sp.Symbol]) -> tuple[Any, Any]:
            reader = self._reader(text, symbols, self.symbols)
            left, _, right = reader.comparison({ast.Eq: sp.Eq}, "an equation 'lhs == rhs'")
            return left, right

        return self._fields.read(name, parse)

    def check_used(self, *expressions: Any) -> None:
        """Raise ParsingError for a matrix that stands in none of the expressions."""
        named = {s.name for e in expressions for s in sp.sympify(e).atoms(sp.MatrixSymbol)}
        unused = sorted(set(self.symbols) - named)
        if unused:
            raise ParsingError(f"matrices: {unused[0]!r} occurs nowhere; leave it out")

    def used(self, *expressions: Any) -> dict[str, Any]:
        """Return kinds and assumptions as the statement takes them."""
        stated = self._fields.entry.get("invertible", [])
        if not isinstance(stated, list):
            raise ParsingError(f"invertible is {shown(stated)}; write a list of expressions")
        invertible = tuple(self.read(f"invertible[{k}]", text) for k, text in enumerate(stated, 1))
        self.check_used(*expressions, *invertible)
        return {"kinds": self.kinds, "invertible": invertible}


def _equation(fields: Fields) -> MatrixEquation:
    matrices = Matrices(fields)
    lhs, rhs = matrices.sides("equation")
    with while_reading("equation"):
        return MatrixEquation(lhs, rhs, **matrices.used(lhs, rhs))


def _gradient(fields: Fields) -> MatrixGradient:
    matrices = Matrices(fields)
    function, value = (matrices.read(name, fields.entry[name]) for name in ("function", "value"))
    if isinstance(function, sp.MatrixExpr) and function.shape == (1, 1):
        function = sp.Trace(function)
    variable = matrices.symbols.get(fields.text("variable"))
    if variable is None:
        raise ParsingError(f"variable is {fields.text('variable')!r}; name one of the matrices")
    with while_reading("value"):
        return MatrixGradient(function, variable, value, **matrices.used(function, variable, value))


def _identity(fields: Fields) -> MatrixIdentity:
    matrices = Matrices(fields, StackedReader)
    if matrices.kinds:
        name, kind = next(iter(matrices.kinds.items()))
        raise ParsingError(f"matrices.{name}: {kind!r}, but this is said of all matrices; use type matrix-equation")
    lhs, rhs = (without_numbers("equation", side) for side in matrices.sides("equation"))
    matrices.check_used(lhs, rhs)
    return MatrixIdentity(lhs, rhs)


MATRICES = {
    "matrix-identity": Type(("matrices", "equation"), (), _identity),
    "matrix-equation": Type(("matrices", "equation"), ("invertible",), _equation),
    "matrix-gradient": Type(("matrices", "function", "variable", "value"), ("invertible",), _gradient),
}
