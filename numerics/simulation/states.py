"""States of simulated paths after chosen numbers of steps, on every backend, with a record of what made them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from ...derivations.errors import NumericsError
from ..kernels.plan import Plan
from .backends import Backend, Engine, carry_out
from .own_backend import OwnBackend

#: Steps of all paths together from which a kernel is compiled for the equation; below, torch runs the same plan. On one
#: core a step costs 10 ns in torch and 3 ns in a kernel, which takes 3 s to compile where it is new: from here on it
#: pays within one call. What is already compiled is not asked, so that a run gives the same digits everywhere.
COMPILED = 4 * 10**8


def states(
    plan: Plan,
    at: Sequence[int] | None = None,
    *,
    start: torch.Tensor | None = None,
    backend: Backend | OwnBackend = "auto",
    device: str | None = None,
    threads: int | None = None,
) -> tuple[torch.Tensor, Engine]:
    """Return the readout of all paths after the given numbers of steps, and what made it.

    ``plan.coarser(2)`` has the states of the same Brownian paths with steps twice as long. Backends agree to rounding.

    Parameters
    ----------
    plan : Plan
        What to simulate.
    at : sequence of int, optional
        Ascending numbers of steps, from 0 on; the last one by default.
    start : Tensor of shape (g, paths, d), optional
        Initial state of every path, in the coordinates of the scheme, in place of `plan.initial`.
    backend : {"auto", "numba", "torch", "triton"}
        As for :func:`~crossproof.numerics.simulation.simulate.simulate`; "auto" takes torch below `COMPILED` steps.
    device, threads
        As for :func:`~crossproof.numerics.simulation.simulate.simulate`.

    Returns
    -------
    Tensor of shape (len(at), g, paths, d) in `plan.dtype`, on the device; and the Engine

    Raises
    ------
    NumericsError
        If an argument does not fit the plan, or a path has become non-finite (their number is stated).
    PrintingError
        If the backend that was asked for cannot print the equation faithfully.
    """
    few = plan.grid * plan.paths * plan.steps < COMPILED
    name, place, found = carry_out(
        "torch" if backend == "auto" and few else backend,
        device,
        threads,
        lambda module, options: module.states(plan, at, None if start is None else start.cpu().numpy(), **options),
    )
    values = torch.as_tensor(found, device=place)
    # a sum is cheap, and finite only if no term is infinite or no number
    lost = 0 if math.isfinite(float(values.sum())) else int((~torch.isfinite(values)).any(-1).any(0).sum())
    if lost:
        raise NumericsError(
            f"{lost} of {plan.grid * plan.paths} paths became non-finite; use smaller steps or the logarithm"
        )
    return values, Engine.of(plan, name, place)
