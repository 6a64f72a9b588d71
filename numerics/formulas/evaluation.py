"""One formula evaluated at arrays: each element by float64 where its error bound is small, else by balls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import DomainError, NumericsError
from .bounds import numpy_arithmetic, torch_arithmetic
from .exact_points import values_at_rows
from .programs import program_of
from .rewriting import best_form, forms, held
from .sampling import scattered_points

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Points of the domain on which the forms of a formula are compared.
_POINTS = 48
#: Elements up to which tensors of the CPU are faster as NumPy arrays.
_SMALL = 50_000


class Evaluator:
    """Values of one expression in some arguments, right to twelve digits or from balls.

    Parameters
    ----------
    name : str
        In messages.
    arguments : sequence of Symbol
        In the order in which arrays are given.
    expression : sympy.Expr
        As written; its values are what is returned, in whatever form they are computed.
    domain : Domain
        Where the forms of the expression are compared, and outside of which arguments are refused.
    form : sympy.Expr, optional
        The form of the expression that is computed in float64; the best one that is found by default.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[sp.Symbol],
        expression: sp.Expr,
        domain: Domain,
        form: sp.Expr | None = None,
    ) -> None:
        self.name, self.arguments, self.expression, self.domain = name, tuple(arguments), expression, domain
        self._form = form
        program_of(self.arguments, expression)  # refuse now what has no form

    @cached_property
    def form(self) -> sp.Expr:
        """The form of the expression that is computed in float64: the one whose error bounds are small most often."""
        if self._form is not None:
            return self._form
        if len(forms(self.expression)) == 1:
            return self.expression
        drawn = scattered_points(self.domain, _POINTS, 0)
        if drawn is None:
            return self.expression
        columns = [self.domain.symbols.index(s) for s in self.arguments]
        return best_form(self.arguments, self.expression, list(drawn[:, columns].T))

    def derivative(self, k: int) -> Evaluator:
        """Return the evaluator of the derivative by the k-th argument."""
        return derivative_of(self, k)

    def numpy(self, values: Sequence[Any]) -> Any:
        """Return the values at float64 NumPy arrays that broadcast against each other.

        Raises
        ------
        NumericsError
            Where the expression has no real value, or one beyond float64.
        """
        shape = np.broadcast_shapes(*(np.shape(v) for v in values))
        with np.errstate(all="ignore"):
            value, error = program_of(self.arguments, self.form)(numpy_arithmetic(), values)
            found = np.array(np.broadcast_to(value, shape), dtype=np.float64)
            bad = ~np.broadcast_to(held(value, error), shape)
        if bad.any():
            columns = [np.broadcast_to(v, shape)[bad] for v in values]
            rows = np.stack(columns, axis=-1) if columns else np.empty((1, 0))
            found[bad] = values_at_rows(self.expression, self.arguments, rows, self.name)
        return found

    def torch(self, values: Sequence[Any]) -> Any:
        """Return the values at float64 tensors of one device, as :meth:`numpy` does; no gradients."""
        import torch

        if values[0].device.type == "cpu" and max(v.numel() for v in values) <= _SMALL:
            return torch.as_tensor(self.numpy([v.numpy() for v in values]))
        shape = np.broadcast_shapes(*(tuple(v.shape) for v in values))
        value, error = program_of(self.arguments, self.form)(torch_arithmetic(values[0].device), values)
        found = value.broadcast_to(shape).clone()
        bad = ~held(value, error).broadcast_to(shape)
        if bool(bad.any()):
            rows = torch.stack([v.broadcast_to(shape)[bad] for v in values], dim=-1).cpu().numpy()
            exact = values_at_rows(self.expression, self.arguments, rows, self.name)
            found[bad] = torch.as_tensor(exact, dtype=torch.float64, device=found.device)
        return found

    def check(self, values: Sequence[np.ndarray]) -> None:
        """Raise DomainError unless all elements of float64 NumPy arrays lie in the domain of the arguments."""
        for symbol, value in zip(self.arguments, values, strict=True):
            if not np.all(np.isfinite(value)):
                raise DomainError(f"{self.name}: {symbol} is not finite; give finite values")
            if self.domain.ranges[symbol].integral and not np.all(value == np.round(value)):
                broken = _first(value, value != np.round(value))
                raise DomainError(f"{self.name}: {symbol} = {broken} must be an integer")
        try:
            shape = np.broadcast_shapes(*(np.shape(v) for v in values))
        except ValueError:
            shapes = {s.name: np.shape(v) for s, v in zip(self.arguments, values, strict=True)}
            raise DomainError(f"{self.name}: shapes {shapes} do not broadcast; make them agree") from None
        for symbol, condition, strict, gap in self._conditions:
            try:
                distance = gap.numpy(values)
            except NumericsError as error:
                raise DomainError(f"{self.name}: {symbol} needs {condition}, which is not told: {error}") from None
            good = np.broadcast_to(distance > 0 if strict else distance >= 0, shape)
            if not good.all():
                outside = _first(np.broadcast_to(values[self.arguments.index(symbol)], shape), ~good)
                raise DomainError(f"{self.name}: {symbol} = {outside} is outside the domain; it needs {condition}")

    @cached_property
    def _conditions(self) -> list[tuple[sp.Symbol, str, bool, Evaluator]]:
        """Every inequality of the domain that mentions only the arguments, and what must be positive in it."""
        found = []
        for symbol in self.arguments:
            for condition in self.domain.ranges[symbol].conditions(symbol):
                if condition.free_symbols <= set(self.arguments):
                    strict = isinstance(condition, sp.StrictGreaterThan | sp.StrictLessThan)
                    distance = condition.gts - condition.lts
                    gap = Evaluator(str(condition), self.arguments, distance, self.domain, distance)
                    found.append((symbol, str(condition), strict, gap))
        return found


@lru_cache(maxsize=1024)
def evaluator_of(name: str, arguments: tuple[sp.Symbol, ...], expression: sp.Expr, domain: Domain) -> Evaluator:
    """Return the evaluator of a formula on a domain, made once."""
    return Evaluator(name, arguments, expression, domain)


@lru_cache(maxsize=1024)
def derivative_of(evaluator: Evaluator, k: int) -> Evaluator:
    """Return the evaluator of a derivative by the k-th argument, made once.

    What is computed is the derivative of the form that is computed, so that a removed singular point stays removed.
    """
    symbol = evaluator.arguments[k]
    return Evaluator(
        f"the derivative of {evaluator.name} by {symbol}",
        evaluator.arguments,
        sp.diff(evaluator.expression, symbol),
        evaluator.domain,
        sp.diff(evaluator.form, symbol),
    )


def _first(values: Any, bad: Any) -> float:
    return float(np.asarray(values)[np.asarray(bad)].flat[0])
