"""What of a one-step map does not change along a path: computed once in float64, loaded by the kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..codegen import compile_expressions
from ..schemes.one_step import OneStep

if TYPE_CHECKING:
    from .plan import Plan


@dataclass(frozen=True)
class LoopBody:
    """A one-step map whose parts free of state and noise are replaced by constants.

    Attributes
    ----------
    update, readout : tuple of expressions
        In the state, the noises and `constants`; numbers beside them stay literal.
    constants : tuple of symbols
        Stand for `values`.
    values : tuple of expressions
        In the parameters and the step size.
    """

    one_step: OneStep
    update: tuple[sp.Expr, ...]
    readout: tuple[sp.Expr, ...]
    constants: tuple[sp.Symbol, ...]
    values: tuple[sp.Expr, ...]

    def table(self, plan: Plan) -> NDArray[np.float64]:
        """Return the constants of every grid point, shape (g, constants).

        Raises
        ------
        NumericsError
            If a constant is not finite, in the dtype of the plan, at a grid point.
        """
        step = plan.one_step
        function = compile_expressions([*step.parameters, step.dt], self.values, "numpy")
        with np.errstate(all="ignore"):
            columns = function(*plan.parameters.T, float(plan.dt))
        table = np.empty((plan.grid, len(self.values)))
        for k, column in enumerate(columns):
            table[:, k] = column
            bad = np.flatnonzero(~(np.abs(table[:, k]) <= np.finfo(plan.dtype).max))
            if len(bad):
                row = dict(zip(map(str, step.parameters), plan.parameters[bad[0]].tolist(), strict=True))
                raise NumericsError(
                    f"{self.values[k]} is not finite in {plan.dtype} at grid point {bad[0]}: {row}; leave the point out"
                )
        return table


@lru_cache(maxsize=256)
def loop_body(step: OneStep) -> LoopBody:
    """Return the map with its constants pulled out of the loop."""
    varying = {*step.state, *step.noises}
    found: dict[sp.Expr, sp.Symbol] = {}

    def constant(value: sp.Expr) -> sp.Symbol:
        return found.setdefault(value, sp.Symbol(f"_k{len(found)}", real=True))

    @cache  # the free symbols of each part of a large map, one by one, take the square of its size
    def fixed(e: sp.Basic) -> bool:
        return e not in varying and all(map(fixed, e.args))

    def pull(e: sp.Basic) -> sp.Basic:
        if e.is_Symbol and e in varying:
            return e
        if fixed(e):
            return e if isinstance(e, sp.Integer) else constant(e)
        if e.is_Mul and (spread := _distributed(e, fixed)) is not None:
            return pull(spread)
        if e.is_Add or e.is_Mul:
            still = e.func(*(a for a in e.args if fixed(a)))
            return e.func(still if still.is_Number else constant(still), *(pull(a) for a in e.args if not fixed(a)))
        if e.is_Pow and e.exp.is_Number:
            return sp.Pow(pull(e.base), e.exp)
        if isinstance(e, sp.Piecewise):
            return sp.Piecewise(*((pull(value), condition(test)) for value, test in e.args))
        return e.func(*map(pull, e.args))

    def condition(test: sp.Basic) -> sp.Basic:
        if isinstance(test, sp.core.relational.Relational):
            return test.func(*(side if side.is_Number else pull(side) for side in test.args))
        return test.func(*map(condition, test.args)) if test.args else test

    update = tuple(pull(u) for u in step.update)
    readout = tuple(pull(r) for r in step.readout)
    return LoopBody(step, update, readout, tuple(found.values()), tuple(found))


def _distributed(product: sp.Mul, fixed: Callable[[sp.Basic], bool]) -> sp.Expr | None:
    """Return k (c + u) v as (k c + k u) v, for fixed k and c, or None where there is nothing to gain.

    The fixed part k c is one constant, and each term of k u a product that the hardware adds as it multiplies.
    """
    outer = sp.Mul(*(a for a in product.args if fixed(a)))
    if outer == 1:
        return None
    inner = [a for a in product.args if not fixed(a)]
    for a in inner:
        if a.is_Add and any(map(fixed, a.args)):
            return sp.Mul(sp.Add(*(outer * term for term in a.args)), *(b for b in inner if b is not a))
    return None
