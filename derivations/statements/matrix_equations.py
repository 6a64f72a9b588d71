"""Statements about matrices of any sizes: equations with inverses, traces and determinants, and gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..domain import Domain
from ..errors import ClaimError
from ..matrices.definiteness import SQUARE, Facts, Kind, square
from ..statement import Statement
from .networks import symbols_of


@dataclass(frozen=True, kw_only=True)
class MatrixAssertion(Statement):
    """An assertion about matrices of all sizes and stated kinds.

    Parameters
    ----------
    kinds : mapping of str to str
        Kind of a matrix symbol by its name: "symmetric", "skew-symmetric", "positive-definite",
        "positive-semidefinite", "invertible", "orthogonal", "projection" (orthogonal), "full-column-rank" or
        "full-row-rank"; others are general.
    invertible : tuple of MatrixExpr
        Expressions that are assumed to be invertible.
    """

    kinds: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    invertible: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        kinds = dict(self.kinds)
        known = {s.name: s for e in self.expressions() for s in sp.sympify(e).atoms(sp.MatrixSymbol)}
        for name, kind in kinds.items():
            if kind not in list(Kind):
                raise ClaimError(f"kinds[{name!r}] is {kind!r}; choose one of {', '.join(Kind)}")
            if name not in known:
                raise ClaimError(f"kinds names {name!r}, which is no matrix of the statement: {sorted(known)}")
            if Kind(kind) in SQUARE and not square(known[name]):
                raise ClaimError(
                    f"{name} is {kind} and has the shape {known[name].shape}; give it as many rows as columns"
                )
        object.__setattr__(self, "kinds", tuple(sorted(kinds.items())))
        for expr in self.expressions():
            for node in sp.preorder_traversal(sp.sympify(expr)):
                held = isinstance(node, sp.MatrixExpr | sp.Trace | sp.Determinant)
                if not held and any(isinstance(part, sp.MatrixExpr) for part in node.args):
                    raise ClaimError(f"{node}: a number is made of a matrix by its trace or determinant alone")
                if isinstance(node, sp.Inverse | sp.Trace | sp.Determinant) and not square(node.args[0]):
                    raise ClaimError(f"{node}: {node.args[0]} has the shape {node.args[0].shape}; it must be square")

    def expressions(self) -> tuple[Any, ...]:
        """Return the expressions of the statement, assumptions among them."""
        raise NotImplementedError

    def facts(self, domain: Domain) -> Facts:
        """Return what is known of the matrices."""
        return Facts({name: Kind(kind) for name, kind in dict(self.kinds).items()}, domain, tuple(self.invertible))

    def free_symbols(self) -> set[sp.Symbol]:
        return symbols_of(self.expressions())

    def _where(self) -> str:
        named = [rf"{name}\ \text{{{kind}}}" for name, kind in dict(self.kinds).items()]
        named += [rf"{sp.latex(e)}\ \text{{invertible}}" for e in self.invertible]
        return rf" \quad ({', '.join(named)})" if named else ""


@dataclass(frozen=True)
class MatrixEquation(MatrixAssertion):
    """``lhs == rhs`` for all real matrices of the symbolic shapes and kinds for which the stated inverses exist.

    Parameters
    ----------
    lhs, rhs : MatrixExpr or Expr
        Two matrices of one shape, or two numbers made of traces and determinants.
    """

    lhs: Any
    rhs: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        shapes = [e.shape if isinstance(e, sp.MatrixExpr) else None for e in (self.lhs, self.rhs)]
        if (shapes[0] is None) != (shapes[1] is None):
            raise ClaimError("one side is a matrix and the other a number; write the number times an identity")
        if shapes[0] and any(sp.expand(a - b) != 0 for a, b in zip(*shapes, strict=True)):
            raise ClaimError(f"the sides have the shapes {shapes[0]} and {shapes[1]}; they must be the same")

    def asserted(self) -> tuple[str, ...]:
        return ("rhs",)

    def expressions(self) -> tuple[Any, ...]:
        return self.lhs, self.rhs, *self.invertible

    def latex(self) -> str:
        return f"{sp.latex(self.lhs)} = {sp.latex(self.rhs)}{self._where()}"


@dataclass(frozen=True)
class MatrixGradient(MatrixAssertion):
    r"""The gradient :math:`(\partial f/\partial X_{ij})_{ij}` of a number f of a matrix X is `value`.

    The entries of X are moved one at a time, also where X is of a kind: the kind says at which X.

    Parameters
    ----------
    function : Expr
        f, made of traces and determinants.
    variable : MatrixSymbol
        X.
    value : MatrixExpr
        A matrix of the shape of X.
    """

    function: Any
    variable: Any
    value: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.variable, sp.MatrixSymbol):
            raise ClaimError(f"variable is {self.variable}; give a MatrixSymbol")
        if isinstance(self.function, sp.MatrixExpr):
            raise ClaimError(f"function is the matrix {self.function}; give a number, such as its trace")
        if not isinstance(self.value, sp.MatrixExpr) or any(
            sp.expand(a - b) != 0 for a, b in zip(self.value.shape, self.variable.shape, strict=True)
        ):
            raise ClaimError(
                f"value is {self.value}; give a matrix of the shape {self.variable.shape} of {self.variable}"
            )

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def expressions(self) -> tuple[Any, ...]:
        return self.function, self.variable, self.value, *self.invertible

    def latex(self) -> str:
        x = sp.latex(self.variable)
        return rf"\frac{{\partial}}{{\partial {x}}} {sp.latex(self.function)} = {sp.latex(self.value)}{self._where()}"
