"""A claim at one point of its domain, with the generated function in place of the formula that it asserts.

Whoever evaluates the stand-in gets what the function returns there; there is no formula in it to look at. A witness
that examines such a claim thereby judges the function, on samples that know neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...derivations.ranges import Chosen, Range
from ...numerics.formula import Function, argument_name
from ...numerics.matrices import Values, evaluate, traces
from ...numerics.matrix_formula import MatrixFormula


@dataclass(frozen=True)
class Exactly(Range):
    """One value, of a parameter with the assumptions of `kind`."""

    only: sp.Expr
    kind: Range

    @property
    def assumptions(self) -> Mapping[str, bool]:  # type: ignore[override]
        return self.kind.assumptions

    @property
    def size(self) -> int:
        return 1

    @property
    def integral(self) -> bool:
        return self.kind.integral

    def value(self, index: int, chosen: Chosen) -> sp.Expr:
        return self.only

    def conditions(self, symbol: sp.Symbol) -> tuple[Any, ...]:
        return sp.Ge(symbol, self.only, evaluate=False), sp.Le(symbol, self.only, evaluate=False)


def pinned(domain: Domain, point: Point) -> Domain:
    """Return `domain` with the parameters of `point` held at their values."""
    return Domain(**{s.name: Exactly(point[s], r) if s in point else r for s, r in domain.ranges.items()})


def called(function: Function, arguments: Sequence[sp.Symbol]) -> Any:
    """Return a class of SymPy functions of `arguments` whose values at numbers are those of `function`, exactly."""
    names = [argument_name(s) for s in arguments]

    class Called(sp.Function):  # type: ignore[misc]
        @classmethod
        def eval(cls, *given: Any) -> sp.Rational | None:
            if not all(value.is_number for value in given):
                return None
            value = float(function(**{name: float(v) for name, v in zip(names, given, strict=True)}))
            if not math.isfinite(value):
                raise NumericsError(f"the function returns {value} at {dict(zip(names, given, strict=True))}")
            return sp.Rational(value)

    return Called


def called_matrix(formula: MatrixFormula, change: Callable[[Function], Function]) -> Any:
    """Return a matrix (or, for a formula in traces, a trace) whose value is that of ``change(formula.torch())``.

    Its only part is the formula, from which witnesses read shapes, symbols and the size of the terms. Where a witness
    gives a batch of matrices at once, which the function does not take, the formula is evaluated as the function does.
    """
    function = formula.torch()
    matrix = isinstance(formula.expression, sp.MatrixExpr)

    class CalledMatrix(sp.MatrixExpr):  # type: ignore[misc]
        @property
        def shape(self) -> tuple[Any, ...]:
            return tuple(self.args[0].shape) if matrix else (sp.S.One, sp.S.One)

        def own_value(self, values: Values) -> torch.Tensor:
            given = {name: values.matrices[m.name] for name, m in formula.names.items()}
            numbers = {s.name: float(values.scalars[s]) for s in formula.numbers}
            if any(value.ndim > 2 for value in given.values()):

                def batched(**arguments: Any) -> Any:
                    named = {m.name: arguments[name] for name, m in formula.names.items()}
                    together = values.with_matrices(named)
                    return (evaluate if matrix else traces)(formula.expression, together)

                return torch.as_tensor(change(batched)(**given, **numbers))
            found = torch.as_tensor(change(function)(**given, **numbers), dtype=torch.float64)
            return found if matrix else found.reshape(1, 1)

    stand_in = CalledMatrix(formula.expression)
    return stand_in if matrix else sp.Trace(stand_in)
