"""Brownian paths by their key: their increments, states that are simulated on them, closed forms evaluated on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import sympy as sp
import torch

from ...derivations.calculus.paths import extend
from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ...derivations.statements.processes import PathSolution
from ..codegen import compile_expressions
from ..kernels.plan import Plan
from ..kernels.torch_kernels import checked_device
from ..kernels.torch_loop import Loop, States
from ..random.random_stream import MANY, rows

#: Increments that are held at a time, which bounds the memory.
_NUMBERS = 2**20


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


def states(
    plan: Plan,
    at: Iterable[int],
    *,
    device: str | torch.device = "cpu",
    merge: int = 1,
    start: torch.Tensor | None = None,
) -> Iterator[torch.Tensor]:
    """Yield the readout of all paths together after the given numbers of steps; for small runs.

    A step may take the sum of several increments: plans of n steps with ``merge=1`` and of n / 2 steps with ``merge=2``
    follow the same Brownian paths, those of :func:`brownian_increments`.

    Parameters
    ----------
    plan : Plan
        What to simulate, with Gaussian increments.
    at : iterable of int
        Ascending numbers of steps; the simulation goes on when the next one is asked for.
    device
        Where.
    merge : int
        How many increments a step takes, >= 1.
    start : Tensor of shape (g, paths, d), optional
        Initial state of every path, in the coordinates of the scheme, in place of `plan.initial`.

    Yields
    ------
    Tensor of shape (g, paths, d), in `plan.dtype`

    Raises
    ------
    NumericsError
        If an argument does not fit the plan, or a path has become non-finite (their number is stated).
    """
    shape = (plan.grid, plan.paths, len(plan.one_step.state))
    if plan.one_step.law != "gaussian" or merge < 1 or (start is not None and start.shape != shape):
        given = None if start is None else tuple(start.shape)
        raise NumericsError(
            f"law={plan.one_step.law!r}, merge={merge}, start of shape {given}: give a plan with Gaussian increments, "
            f"merge >= 1 and a start of shape {shape}"
        )
    loop = Loop(plan, checked_device(device))
    state = loop.start(plan.paths) if start is None else list(start.to(loop.device, loop.kind).unbind(-1))
    noises, done = _merged(plan, loop.device, merge), 0
    for n in at:
        if not done <= n <= plan.steps:
            raise NumericsError(f"a state is asked for after {n} steps; give ascending numbers up to {plan.steps}")
        for _ in range(done, n):
            state = loop.move(state, next(noises))
        done = n
        shown = torch.stack(loop.show(state), dim=-1)
        # a sum is cheap, and finite only if no term is infinite or no number
        lost = 0 if math.isfinite(float(shown.sum())) else int((~torch.isfinite(shown)).any(dim=-1).sum())
        if lost:
            raise NumericsError(
                f"{lost} of {plan.grid * plan.paths} paths became non-finite; use smaller steps or the logarithm"
            )
        yield shown


def _merged(plan: Plan, device: torch.device, merge: int) -> Iterator[States]:
    """Yield the increments of each step of all paths, sums of `merge` of them in units of their deviation."""
    m = len(plan.one_step.noises)
    if m == 0:
        yield from ([] for _ in range(plan.steps))
        return
    # it is the number of all draws that makes compiled code worth while, not that of a part
    many = device.type == "cpu" and m * merge * plan.steps * plan.paths >= MANY and find_spec("numba") is not None
    # an even number of steps uses up whole blocks of draws
    together = max(1, _NUMBERS // (2 * m * merge * plan.paths)) * 2
    for first in range(0, plan.steps, together):
        steps = min(together, plan.steps - first)
        draws = rows(
            "gaussian",
            plan.first_path,
            plan.paths,
            first * merge * m,
            steps * merge * m,
            key=plan.key,
            dtype=plan.dtype,
            device=device,
            maker="numba" if many else "auto",
        ).reshape(steps, merge, m, -1)
        summed = draws[:, 0] if merge == 1 else draws.sum(1) / math.sqrt(merge)
        yield from (list(row) for row in zip(*(summed[:, j].unbind() for j in range(m)), strict=True))


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
