"""A claim's closed form as a function for other code."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from ..derivations.domain import Domain
from ..derivations.errors import DomainError, NumericsError, PrintingError
from .argument_kinds import is_real, is_tensor
from .codegen import compile_expressions

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Function = Callable[..., Any]


@dataclass(frozen=True)
class Formula:
    """The closed form that a claim asserts, with its domain.

    Parameters
    ----------
    id : str
        Id of the claim.
    expression : sympy.Expr
        The closed form.
    domain : Domain
        Ranges of its arguments.
    """

    id: str
    expression: sp.Expr
    domain: Domain

    @property
    def latex(self) -> str:
        """The closed form in LaTeX."""
        return str(sp.latex(self.expression))

    @property
    def arguments(self) -> tuple[sp.Symbol, ...]:
        """Symbols of the closed form, in the order of the domain."""
        return tuple(s for s in self.domain.symbols if s in self.expression.free_symbols)

    @property
    def signature(self) -> inspect.Signature:
        """Keyword arguments of the functions that :meth:`numpy` and :meth:`torch` return; ``lambda_`` for lambda."""
        names = map(argument_name, self.arguments)
        return inspect.Signature([inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names])

    def numpy(self) -> Function:
        """Return the formula as a function of NumPy arrays or numbers (keyword arguments, broadcasting).

        Integers and Python numbers count as float64; float32 and float64 arrays keep their dtype.

        Raises
        ------
        DomainError
            From the returned function: for a missing, unknown, non-finite or out-of-domain argument.
        PrintingError
            If the expression has no faithful NumPy form.
        """
        compiled = compile_expressions(self.arguments, [self.expression], "numpy")

        def prepare(value: Any, name: str) -> Any:
            try:
                if is_real(value) and not isinstance(value, np.generic):
                    return float(value)  # a Python number adapts to the dtype of the arrays beside it
                array = np.asarray(value)
                if array.dtype.kind not in "iuf":
                    raise TypeError
                return array if array.dtype.kind == "f" else array.astype(np.float64)
            except (TypeError, ValueError):
                raise DomainError(f"{name} = {value!r} is not numeric; give a number or an array") from None

        return self._checked(compiled, prepare, np.asarray, _finish_numpy)

    def torch(self) -> Function:
        """Return the formula as a function of tensors or numbers (keyword arguments, broadcasting).

        The result has the dtype and device of the tensors given, and gradients flow through it; numbers alone give a
        float64 tensor on the CPU.

        Raises
        ------
        DomainError
            From the returned function: for a missing, unknown, non-finite or out-of-domain argument.
        PrintingError
            If the expression has no faithful torch form.
        """
        import torch

        compiled = compile_expressions(self.arguments, [self.expression], "torch")

        def prepare(value: Any, name: str) -> Any:
            if is_tensor(value):
                return value if value.is_floating_point() else value.to(torch.float64)
            try:
                if not is_real(value) and np.asarray(value).dtype.kind not in "iuf":
                    raise TypeError
                return torch.as_tensor(float(value) if is_real(value) else value, dtype=torch.float64)
            except (TypeError, ValueError, RuntimeError):
                raise DomainError(f"{name} = {value!r} is not numeric; give a number or a tensor") from None

        def finish(result: Any, values: list[Any]) -> Any:
            given = [v for v in values if v.ndim] or values
            kind = given[0].dtype if given else torch.float64
            device = given[0].device if given else None
            shape = np.broadcast_shapes(*(tuple(v.shape) for v in values)) if values else ()
            return torch.as_tensor(result, dtype=kind, device=device).broadcast_to(shape)

        def inspectable(tensor: Any) -> Any:
            return tensor.detach().cpu().numpy()

        return self._checked(compiled, prepare, inspectable, finish)

    def _checked(
        self,
        compiled: Callable[..., tuple[Any, ...]],
        prepare: Callable[[Any, str], Any],
        inspectable: Callable[[Any], Any],
        finish: Callable[[Any, list[Any]], Any],
    ) -> Function:
        names = [argument_name(s) for s in self.arguments]
        symbols = [s.name for s in self.arguments]
        check = _domain_checker(self)

        def function(**arguments: Any) -> Any:
            unknown, missing = sorted(set(arguments) - set(names)), [n for n in names if n not in arguments]
            if unknown or missing:
                raise DomainError(f"{self.id}: unknown arguments {unknown}, missing {missing}; it takes {names}")
            values = [prepare(arguments[n], n) for n in names]
            check(dict(zip(symbols, map(inspectable, values), strict=True)))
            try:
                with np.errstate(over="raise"):
                    result = compiled(*values)[0]
            except (OverflowError, FloatingPointError) as error:
                raise NumericsError(
                    f"{self.id}: a step of the formula leaves the range of float64; take values nearer to 1"
                ) from error
            return finish(result, values)

        function.__name__ = "formula"
        function.__doc__ = f"{self.id}: {sp.sstr(self.expression)}; domain {self.domain!r}."
        function.__signature__ = self.signature  # type: ignore[attr-defined]
        return function


def argument_name(symbol: sp.Symbol) -> str:
    """Return the name of a symbol as an argument: that of a word of Python gets an underscore."""
    return f"{symbol.name}_" if keyword.iskeyword(symbol.name) else str(symbol.name)


def _finish_numpy(result: Any, values: list[Any]) -> Any:
    shape = np.broadcast_shapes(*(np.shape(v) for v in values)) if values else ()
    return np.broadcast_to(np.asarray(result), shape)[()]


def _domain_checker(formula: Formula) -> Callable[[dict[str, Any]], None]:
    """Return a check of every inequality of the domain that mentions only arguments of the formula."""
    arguments = formula.arguments
    checks: list[tuple[sp.Symbol, str, Callable[..., Any]]] = []
    for symbol in arguments:
        for condition in formula.domain.ranges[symbol].conditions(symbol):
            if condition.free_symbols <= set(arguments):
                gap = condition.gts - condition.lts
                strict = isinstance(condition, sp.StrictGreaterThan | sp.StrictLessThan)
                compiled = compile_expressions(arguments, [gap], "numpy")
                checks.append((symbol, str(condition), _sign_test(compiled, strict)))

    def check(values: dict[str, Any]) -> None:
        for symbol in arguments:
            value = values[symbol.name]
            if not np.all(np.isfinite(value)):
                raise DomainError(f"{formula.id}: {symbol} is not finite; give finite values")
            if formula.domain.ranges[symbol].integral and not np.all(value == np.round(value)):
                raise DomainError(
                    f"{formula.id}: {symbol} = {_first(value, value != np.round(value))} must be an integer"
                )
        ordered = [np.asarray(values[s.name], dtype=np.float64) for s in arguments]
        try:
            np.broadcast_shapes(*(v.shape for v in ordered))
        except ValueError:
            shapes = {s.name: v.shape for s, v in zip(arguments, ordered, strict=True)}
            raise DomainError(f"{formula.id}: shapes {shapes} do not broadcast; make them agree") from None
        for symbol, text, inside in checks:
            good = np.broadcast_to(inside(*ordered), np.broadcast_shapes(*(v.shape for v in ordered)))
            if not np.all(good):
                value = _first(np.broadcast_to(values[symbol.name], good.shape), ~good)
                raise DomainError(f"{formula.id}: {symbol} = {value} is outside the domain; it needs {text}")

    return check


def _sign_test(compiled: Callable[..., tuple[Any, ...]], strict: bool) -> Callable[..., Any]:
    def inside(*values: Any) -> Any:
        gap = np.asarray(compiled(*values)[0])
        return gap > 0 if strict else gap >= 0

    return inside


def _first(values: Any, bad: Any) -> float:
    return float(np.asarray(values)[np.asarray(bad)].flat[0])


def formula_of(claim_id: str, expression: sp.Expr | None, domain: Domain) -> Formula:
    """Return the Formula of a claim.

    Raises
    ------
    PrintingError
        If the statement has no scalar closed form.
    """
    if expression is None or not isinstance(expression, sp.Expr) or getattr(expression, "is_Matrix", False):
        raise PrintingError(
            f"{claim_id} asserts no scalar closed form; `crossproof show {claim_id}` shows what it asserts, and "
            "`crossproof.matrix_formula` gives a value in matrices"
        )
    return Formula(claim_id, expression, domain)
