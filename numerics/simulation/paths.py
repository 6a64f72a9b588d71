"""Brownian paths by their key: their increments, and closed forms evaluated on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy as sp
import torch

from ...derivations.calculus.paths import extend
from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ...derivations.statements.processes import PathSolution
from ..codegen import compile_expressions
from ..devices import checked_device
from ..random.random_stream import rows


def brownian_increments(
    steps: int, paths: int, noises: int, horizon: float, key: tuple[int, int], device: str | torch.device = "cpu"
) -> torch.Tensor:
    """Return the increments over `horizon` of the paths number 0, 1, ... of a key, shape (steps, paths, noises).

    They are those of every backend of :func:`~crossproof.numerics.simulation.simulate.simulate` in float64.

    Raises
    ------
    NumericsError
        If a number of steps, paths or noises, or the horizon, is not positive.
    """
    if min(steps, paths, noises) < 1 or not 0 < horizon < math.inf:
        raise NumericsError(f"steps={steps}, paths={paths}, noises={noises}, horizon={horizon}: all must be positive")
    draws = rows("gaussian", 0, paths, 0, steps * noises, key=key, device=checked_device(device))
    return draws.reshape(steps, noises, paths).transpose(1, 2) * math.sqrt(horizon / steps)


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
