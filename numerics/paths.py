"""Closed forms and transforms evaluated on sampled Brownian paths, beside the simulated equation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
import torch
from scipy.integrate import solve_ivp

from ..derivations.errors import NumericsError
from ..derivations.paths import extend
from ..derivations.sde import SDE
from ..derivations.statements.processes import PathSolution
from .codegen import compile_expressions
from .generator import Estimate


def brownian_increments(
    steps: int, paths: int, noises: int, horizon: float, generator: torch.Generator
) -> torch.Tensor:
    """Return independent Brownian increments of shape (steps, paths, noises) over `horizon`."""
    if steps < 1 or paths < 1 or horizon <= 0:
        raise NumericsError(f"steps={steps}, paths={paths}, horizon={horizon}: all must be positive")
    shape = (steps, paths, noises)
    draws = torch.randn(shape, generator=generator, device=generator.device, dtype=torch.float64)
    increments: torch.Tensor = draws * (horizon / steps) ** 0.5
    return increments


def coarsen(increments: torch.Tensor) -> torch.Tensor:
    """Return the increments of the same paths over twice the step; needs an even number of steps."""
    if increments.shape[0] % 2:
        raise NumericsError(f"{increments.shape[0]} steps cannot be halved; give an even number")
    return increments[0::2] + increments[1::2]


def function_of_state(
    sde: SDE, function: sp.Expr, parameters: Mapping[sp.Symbol, Any], states: torch.Tensor
) -> torch.Tensor:
    """Return f at states of shape (paths, d), as shape (paths,)."""
    values = {s: sp.sympify(v) for s, v in parameters.items() if s not in sde.state}
    compiled = compile_expressions(sde.state, [sp.sympify(function).subs(values)], "torch")
    got = compiled(*states.T)[0]
    return got if isinstance(got, torch.Tensor) else states.new_full(states.shape[:1], float(got))


def path_values(
    statement: PathSolution, parameters: Mapping[sp.Symbol, Any], increments: torch.Tensor, horizon: float
) -> torch.Tensor:
    """Return the claimed X(horizon) on each sampled path, integrals by the trapezoidal rule on the grid.

    Parameters
    ----------
    statement : PathSolution
        The functional.
    parameters : mapping
        Value of every parameter except time.
    increments : Tensor of shape (steps, paths, 1)
        Brownian increments.
    horizon : float
        Final time.

    Raises
    ------
    NumericsError
        If a value is not finite.
    """
    path = extend(statement)
    t = statement.time
    steps = increments.shape[0]
    values = {s: sp.sympify(v) for s, v in parameters.items() if s != t}
    brownian = torch.cat([torch.zeros_like(increments[:1, :, 0]), increments[:, :, 0].cumsum(0)])
    times = torch.linspace(0, horizon, steps + 1, dtype=torch.float64, device=increments.device)[:, None]
    integrals = []
    for integrand in path.integrands:
        g = compile_expressions([t, path.brownian], [integrand.subs(values)], "torch")(times, brownian)[0]
        g = g.expand_as(brownian) if isinstance(g, torch.Tensor) else torch.full_like(brownian, float(g))
        integrals.append((g.sum(0) - (g[0] + g[-1]) / 2) * (horizon / steps))
    compiled = compile_expressions([t, path.brownian, *path.integrals], [path.value.subs(values)], "torch")
    result = compiled(times[-1].expand_as(brownian[-1]), brownian[-1], *integrals)[0]
    result = result if isinstance(result, torch.Tensor) else torch.full_like(brownian[-1], float(result))
    if not bool(torch.isfinite(result).all()):
        raise NumericsError("the closed form is not finite on some path; shorten the horizon")
    return result


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
