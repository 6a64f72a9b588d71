"""Whole trajectories of an SDE at equal times, for statistics that need more than streamed summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked
from ..kernels.plan import Array
from ..random.increments import DType
from ..random.philox import key_words
from ..schemes.own import OwnScheme
from .backends import Backend
from .own_backend import OwnBackend
from .simulate import plan_of
from .stability import warn_if_unstable
from .states import states


@checked(NumericsError)
def simulate_paths(
    sde: SDE,
    parameters: Mapping[sp.Symbol | str, Any],
    initial: Any,
    *,
    horizon: float,
    steps: int,
    paths: int,
    every: int = 1,
    scheme: str | OwnScheme = "euler-maruyama",
    seed: int = 0,
    claim: str = "",
    stream: int | str = 0,
    first_path: int = 0,
    backend: Backend | OwnBackend = "auto",
    dtype: DType = "float64",
    device: str | None = None,
    threads: int | None = None,
) -> tuple[Array, Array]:
    """Return times, shape (n,), and states, shape (paths, n, d), of independent paths, from time 0 to the horizon.

    Runs over disjoint ranges of paths are independent, so that a generator of them streams more than fits into memory.

    Parameters
    ----------
    sde, parameters, initial, horizon, steps, paths, scheme, seed, claim, stream, first_path
        As for :func:`~crossproof.numerics.simulation.simulate.simulate`; every parameter one number.
    every : int
        Steps between recorded states, a divisor of `steps`.
    backend, dtype, device, threads
        As for :func:`~crossproof.numerics.simulation.simulate.simulate`; "auto" takes torch for small runs.

    Raises
    ------
    NumericsError
        If an argument is outside its range, or a path becomes non-finite.
    PrintingError
        If the backend that was asked for cannot print the equation faithfully.

    Warns
    -----
    StabilityWarning
        If the step is too long for the linearised drift at the initial state; the bound is stated.
    """
    plan = plan_of(
        sde,
        parameters,
        initial,
        horizon=horizon,
        steps=steps,
        paths=paths,
        key=key_words(seed, claim, stream),
        scheme=scheme,
        first_path=first_path,
        dtype=dtype,
    )
    if every < 1 or plan.steps % every:
        raise NumericsError(f"every={every}; give a divisor of steps={plan.steps}")
    if plan.grid != 1:
        raise NumericsError(f"parameters hold a grid of {plan.grid} points; give one number for each, or call again")
    if scheme != "exact":
        warn_if_unstable(plan.one_step, plan)
    at = range(0, plan.steps + 1, every)
    found, _ = states(plan, list(at), backend=backend, device=device, threads=threads)
    values = found[:, 0].transpose(0, 1).cpu().numpy().astype(np.float64)
    return np.array(at, dtype=np.float64) * float(plan.dt), values
