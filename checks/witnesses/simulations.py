"""Simulations of described equations for witnesses: the engine's plans in float64, keyed by the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
import torch

from ...derivations.processes.sde import SDE
from ...numerics.kernels.plan import Plan
from ...numerics.simulation.paths import states
from ...numerics.simulation.simulate import plan_of
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


def ends(plan: Plan, task: Task, levels: int = 1) -> list[torch.Tensor]:
    """Return the states at the end, shape (paths, d), with the step of the plan, twice the step, ... on the same paths.

    Raises
    ------
    NumericsError
        If the number of steps cannot be halved so often, or a path becomes non-finite.
    """
    found = []
    for level in range(levels):
        coarse = plan.coarser(2**level)
        found += [end[0] for end in states(coarse, [coarse.steps], device=task.device, merge=2**level)]
    return found
