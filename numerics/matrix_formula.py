"""A matrix that a claim asserts, or a number in traces of matrices, as a function for other code."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..derivations.claim import Claim
from ..derivations.domain import Domain
from ..derivations.errors import DomainError, PrintingError
from ..derivations.matrices.kronecker import SampleCovariance, SampleSum
from ..derivations.statements.networks import AllOf, MatrixStatement
from .argument_kinds import is_real, is_tensor
from .formulas.given_values import bound
from .matrices import Floating, Values, evaluate, traces


@dataclass(frozen=True)
class MatrixFormula:
    """What a claim on matrices asserts, with its domain.

    Parameters
    ----------
    id : str
        Id of the claim.
    expression : sympy.MatrixExpr or sympy.Expr
        A matrix, or sums of products of traces.
    domain : Domain
        Ranges of its sizes and numbers.
    verdict : str or None
        The outcome of the claim, or None where none is known.
    repairs : tuple of str
        Ids of the claims that repair this one.
    """

    id: str
    expression: sp.Basic
    domain: Domain
    verdict: str | None = None
    repairs: tuple[str, ...] = ()

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return str(sp.latex(self.expression))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def __call__(self, *values: Any, **keywords: Any) -> Any:
        """Return the value at float64 matrices and numbers, by place in the order of :attr:`signature` or by name."""
        return self.torch()(*values, **keywords)

    @property
    def matrices(self) -> tuple[sp.MatrixSymbol, ...]:
        """Matrix symbols of the formula, by name."""
        return tuple(sorted(self.expression.atoms(sp.MatrixSymbol), key=lambda m: m.name))

    @property
    def names(self) -> Mapping[str, sp.MatrixSymbol]:
        """Matrix symbols by the names of their arguments, in which the sign of a name like W_l+1 is spelt out."""
        return {m.name.replace("+", "_plus_").replace("-", "_minus_"): m for m in self.matrices}

    @property
    def numbers(self) -> tuple[sp.Symbol, ...]:
        """Symbols of the formula that are no sizes, in the order of the domain."""
        sizes = {s for m in self.matrices for side in m.shape for s in side.free_symbols}
        mentioned = self.expression.atoms(sp.Symbol)
        return tuple(s for s in self.domain.symbols if s in mentioned and s not in sizes)

    @property
    def signature(self) -> inspect.Signature:
        """Arguments of the function that :meth:`torch` returns, by place or by name."""
        names = [*self.names, *(s.name for s in self.numbers)]
        return inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names])

    def torch(self) -> Callable[..., Any]:
        """Return the formula as a function of float64 matrices on one device, and of numbers.

        Gradients flow through the matrices.

        Raises
        ------
        DomainError
            From the returned function: for a missing, unknown or non-finite argument, shapes that do not fit, or a
            number outside its range.
        PrintingError
            If the formula runs over the samples of a data set.
        """
        if self.expression.has(SampleSum, SampleCovariance):
            raise PrintingError(f"{self.id} runs over the samples of a data set; it is no function of a few matrices")

        def function(*values: Any, **keywords: Any) -> Any:
            names = list(self.signature.parameters)
            arguments = dict(zip(names, bound(self.id, names, values, keywords), strict=True))
            given = {m.name: self._matrix(name, arguments[name]) for name, m in self.names.items()}
            devices = {str(value.device) for value in given.values()}
            if len(devices) != 1:
                raise DomainError(f"{self.id}: the matrices are on {sorted(devices)}; put them on one device")
            scalars = self._sizes(given) | {s: self._number(s, arguments[s.name]) for s in self.numbers}
            at = Values(Floating(devices.pop()), given, scalars)
            return (evaluate if isinstance(self.expression, sp.MatrixExpr) else traces)(self.expression, at)

        function.__name__ = "formula"
        function.__doc__ = f"{self.id}: {sp.sstr(self.expression)}; domain {self.domain!r}."
        function.__signature__ = self.signature  # type: ignore[attr-defined]
        return function

    def _matrix(self, name: str, value: Any) -> Any:
        import torch

        if not is_tensor(value) or value.ndim != 2 or value.dtype != torch.float64:
            raise DomainError(f"{self.id}: {name} must be a float64 tensor with two axes")
        if not bool(torch.isfinite(value).all()):
            raise DomainError(f"{self.id}: {name} is not finite; give finite values")
        return value

    def _sizes(self, given: Mapping[str, Any]) -> dict[sp.Symbol, int]:
        """Return the sizes that the shapes of the matrices name, if all shapes agree on them."""
        found: dict[sp.Symbol, int] = {}
        pairs = [(m.name, *pair) for m in self.matrices for pair in zip(m.shape, given[m.name].shape, strict=True)]
        for _, side, size in pairs:
            if isinstance(side, sp.Symbol):
                found.setdefault(side, int(size))
        for name, side, size in pairs:
            wanted = side.subs(found)
            if wanted != size:
                raise DomainError(f"{self.id}: {name} has {size} where {side} = {wanted}; make the sizes agree")
        return found

    def _number(self, symbol: sp.Symbol, value: Any) -> int | float:
        if not is_real(value) or not math.isfinite(float(value)):
            raise DomainError(f"{self.id}: {symbol} = {value!r} is not a finite number; give one")
        within = self.domain.ranges[symbol]
        if within.integral and value != round(value):
            raise DomainError(f"{self.id}: {symbol} = {value} must be an integer")
        for condition in within.conditions(symbol):
            if condition.subs(symbol, value) == sp.false:
                raise DomainError(f"{self.id}: {symbol} = {value} is outside the domain; it needs {condition}")
        # a size that no shape names, as that of an identity, stays an integer
        return int(value) if within.integral else float(value)


def matrix_formula_of(claim: Claim, part: int = 1) -> MatrixFormula:
    """Return the MatrixFormula of a claim, or of one part of a statement that joins several.

    Raises
    ------
    PrintingError
        If the statement (or that part) asserts no single value in matrices.
    """
    parts = claim.statement.parts if isinstance(claim.statement, AllOf) else (claim.statement,)
    if not 1 <= part <= len(parts):
        raise PrintingError(f"{claim.id} has parts 1 to {len(parts)}, not {part}")
    chosen = parts[part - 1]
    names = chosen.asserted()
    value = getattr(chosen, names[0]) if isinstance(chosen, MatrixStatement) and len(names) == 1 else None
    if not isinstance(value, sp.MatrixExpr | sp.Expr) or not value.has(sp.MatrixSymbol):
        raise PrintingError(
            f"{claim.id} asserts no value in matrices; `crossproof show {claim.id}` shows what it asserts"
        )
    return MatrixFormula(claim.id, value, claim.domain)
