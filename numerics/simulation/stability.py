"""How long a step may be before a scheme overshoots: the bound of the drift linearised at the initial state."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.errors import PrintingError
from ..codegen import compile_expressions
from ..kernels.plan import Plan
from ..schemes.one_step import OneStep


class StabilityWarning(UserWarning):
    """The step size makes the scheme unstable at a grid point; the message states the bound."""


def stability_bound(step: OneStep, plan: Plan) -> tuple[float, int]:
    r"""Return the smallest greatest stable step of the mean map at the initial state, and its grid point.

    The mean map x -> F(x, 0; h) is linearised at the initial state; with J its derivative of the drift part,
    (dF/dx - 1) / h, a step is stable if no contracting direction overshoots: h |J| < 2.
    """
    try:
        function = _jacobian(step)
    except PrintingError:
        return float("inf"), 0
    d = len(step.state)
    with np.errstate(all="ignore"):
        columns = function(*plan.initial.T, *plan.parameters.T, plan.dt)
    matrices = np.stack([np.broadcast_to(c, (plan.grid,)) for c in columns], axis=1).reshape(-1, d, d)
    if not np.all(np.isfinite(matrices)):
        return float("inf"), 0
    eigenvalues = (np.linalg.eigvals(matrices) - 1) / plan.dt
    with np.errstate(all="ignore"):
        bounds = np.where(eigenvalues.real < 0, -2 * eigenvalues.real / np.abs(eigenvalues) ** 2, np.inf)
    point = int(np.argmin(bounds.min(axis=1)))
    return float(bounds[point].min()), point


@lru_cache(maxsize=256)
def _jacobian(step: OneStep) -> Callable[..., tuple[Any, ...]]:
    """Return the function of state, parameters and step size that gives the derivatives of the mean map, row by row."""
    jacobian = sp.Matrix(step.update).subs(dict.fromkeys(step.noises, 0)).jacobian(step.state)
    return compile_expressions([*step.state, *step.parameters, step.dt], list(jacobian), "numpy")


def warn_if_unstable(step: OneStep, plan: Plan) -> None:
    """Warn with StabilityWarning if the step exceeds the bound of :func:`stability_bound`."""
    bound, point = stability_bound(step, plan)
    if plan.dt > bound:
        warnings.warn(
            f"dt={plan.dt:g} exceeds {bound:g}, the stability bound of {step.scheme} for the drift linearised at the "
            f"initial state (grid point {point}); take at least {int(np.ceil(plan.steps * plan.dt / bound))} steps",
            StabilityWarning,
            stacklevel=4,
        )
