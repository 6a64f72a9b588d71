"""The ordinary equation that is left of a scalar SDE without noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from scipy.integrate import solve_ivp

from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ..codegen import compile_expressions
from .generator import Estimate


def solve_ode(sde: SDE, parameters: Mapping[sp.Symbol, Any], start: float, horizon: float) -> Estimate:
    """Return x(horizon) of the noise-free scalar equation, with the change on tightening the tolerance as error.

    Raises
    ------
    NumericsError
        If the equation has noise or the solver fails.
    """
    x, drift, variance = sde.scalar()
    if variance != 0:
        raise NumericsError("the equation has noise; simulate it instead")
    values = {s: sp.sympify(v) for s, v in parameters.items() if s != x}
    slope = compile_expressions([x], [drift.subs(values)], "numpy")
    ends = []
    for tolerance in (1e-8, 1e-11):
        solved = solve_ivp(
            lambda _, y: [float(slope(float(y[0]))[0])],
            (0.0, horizon),
            [start],
            method="DOP853",
            rtol=tolerance,
            atol=tolerance * 1e-3,
        )
        if not solved.success:
            raise NumericsError(f"the ODE solver stopped: {solved.message}")
        ends.append(float(solved.y[0, -1]))
    return Estimate(ends[1], abs(ends[1] - ends[0]) + 1e-13 * abs(ends[1]))
