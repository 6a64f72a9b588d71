"""Simulations of described equations for witnesses: the engine's plans in float64, keyed by the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
import torch

from ...derivations.processes.sde import SDE
from ...numerics.kernels.plan import Plan
from ...numerics.simulation.simulate import plan_of
from ...numerics.simulation.states import states
from ..witness import Task


def planned(
    sde: SDE,
    point: Mapping[sp.Symbol, Any],
    initial: Any,
    task: Task,
    stream: str,
    *,
    horizon: float,
    steps: int,
    paths: int,
    scheme: str = "euler-maruyama",
) -> Plan:
    """Return the plan of `paths` paths of `sde` at a point of the domain, keyed by the task and `stream`.

    Integers of the point (depths, exponents) enter the equation as such, so that powers of negative states stay real.
    """
    values = {s: sp.sympify(v) for s, v in point.items() if s in sde.free_symbols - set(sde.state)}
    whole = {s: v for s, v in values.items() if v.is_Integer}
    fixed = SDE(sde.state, sde.drift.subs(whole), sde.diffusion.subs(whole), sde.calculus)
    return plan_of(
        fixed,
        {s: float(v) for s, v in values.items() if s not in whole and s in fixed.free_symbols},
        initial,
        horizon=horizon,
        steps=steps,
        paths=paths,
        key=task.key(stream),
        scheme=scheme,
        dtype="float64",
    )


def sampled(plan: Plan, task: Task, at: Sequence[int] | None = None, start: torch.Tensor | None = None) -> torch.Tensor:
    """Return the states after the steps `at` (the last by default), shape (len(at), paths, d), on the task's device.

    `start`, of shape (paths, d), is the initial state of every path in the coordinates of the scheme. What made the
    states is noted in the task.

    Raises
    ------
    NumericsError
        If an argument does not fit the plan, or a path becomes non-finite.
    """
    found, engine = states(plan, at, start=None if start is None else start[None], device=task.device)
    task.note(str(engine), plan.paths)
    return found[:, 0]


def ends(plan: Plan, task: Task, levels: int = 1) -> list[torch.Tensor]:
    """Return the states at the end, shape (paths, d), with the step of the plan, twice the step, ... on the same paths.

    Raises
    ------
    NumericsError
        If the number of steps cannot be halved so often, or a path becomes non-finite.
    """
    return [sampled(plan.coarser(2**level), task)[0] for level in range(levels)]
