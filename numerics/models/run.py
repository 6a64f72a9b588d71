"""States of the paths of a model at chosen times, on any backend of the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp
import torch

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked
from ..kernels.plan import Plan, whole
from ..kernels.request import Exit, Request
from ..random.philox import key_words
from ..simulation.backends import Backend, Engine
from ..simulation.own_backend import OwnBackend
from ..simulation.simulate import parameter_table
from ..simulation.states import states
from .clocks import TimeChanged

#: A path has not come to the end of time with at most this probability.
_LATE = 1e-12
#: Numbers that the operational times of a chunk of paths hold.
_HELD = 2**24


@checked(NumericsError)
def model_states(
    model: SDE | TimeChanged,
    parameters: Mapping[sp.Symbol | str, Any],
    initial: Sequence[float],
    *,
    horizon: float,
    steps: int,
    paths: int,
    at: Sequence[int] | None = None,
    within: float = math.inf,
    seed: int = 0,
    claim: str = "",
    stream: int | str = 0,
    first_path: int = 0,
    backend: Backend | OwnBackend = "auto",
    device: str | None = None,
) -> tuple[torch.Tensor, Engine]:
    r"""Return the states of independent paths after chosen steps, by Euler steps in float64, and what made them.

    With waits the equation runs in a time of its own by steps of :math:`h=T^\beta/n`, T the horizon and n the number
    of steps, and is read where that time, :math:`E_t` to within h, stands at the time t.

    Parameters
    ----------
    model : SDE or TimeChanged
        What to simulate.
    parameters : mapping
        Value of every parameter, a number each.
    initial : sequence of float
        State at time 0, one number a coordinate.
    horizon : float
        Final time, > 0.
    steps, paths : int
        Equal steps to the horizon, and paths.
    at : sequence of int, optional
        Ascending numbers n of steps: states are kept at the times n * horizon / steps. The last one by default.
    within : float
        A path stops, and stays, where a coordinate has reached this modulus: jumps into steep regions have no Euler
        step that comes back.
    seed, claim, stream, first_path, backend, device
        As for :func:`~crossproof.numerics.simulation.simulate.simulate`.

    Returns
    -------
    Tensor of shape (len(at), paths, d), float64, on the device; and the Engine

    Raises
    ------
    NumericsError
        If an argument does not fit, a path becomes non-finite, or clocks lag behind the horizon.
    DomainError
        If `within` is not above the moduli of the initial state.
    PrintingError
        If the backend that was asked for cannot print the map.
    """
    changed = model if isinstance(model, TimeChanged) else TimeChanged(model)
    kept = (whole("steps", steps, 1),) if at is None else tuple(whole("at", n, 0) for n in at)
    if not kept or kept[-1] > steps or any(a >= b for a, b in pairwise(kept)):
        raise NumericsError(f"at={kept}: give ascending numbers of steps up to {steps}")
    if not 0 < horizon < math.inf:
        raise NumericsError(f"horizon={horizon!r}; it must be a positive finite number")
    if not all(abs(x) < within for x in initial):
        raise DomainError(f"within={within} is not above the initial state {list(initial)}; raise it")
    beta, step = float(changed.beta), changed.one_step()
    table = parameter_table(step, changed.sde, parameters)
    if len(table) > 1:
        raise NumericsError(f"parameters make a grid of {len(table)} points; give one number each")
    d, rest = changed.sde.dimension, [0.0] if changed.waits else []
    box = Exit((*[-within] * d, *(-1.0 for _ in rest)), (*[within] * d, *(math.inf for _ in rest)))
    plan = Plan(
        step, table, np.array([*initial, *rest]), horizon**beta / steps, steps * _share(beta), paths,
        key_words(seed, claim, stream), first_path, "float64", Request(exit=box) if within < math.inf else Request(),
    )  # fmt: skip
    if not changed.waits:
        found, engine = states(plan, kept, backend=backend, device=device)
        return found[:, 0], engine
    times = [n * horizon / steps for n in kept]
    count = max(1, _HELD // ((plan.steps + 1) * (d + 1)))
    parts = []
    for first in range(0, paths, count):
        chunk = replace(plan, first_path=first_path + first, paths=min(count, paths - first))
        found, engine = states(chunk, range(plan.steps + 1), backend=backend, device=device)
        parts.append(_read(found[:, 0], times))
    return torch.cat(parts, dim=1), engine


def _share(beta: float) -> int:
    r"""Return the operational time, in units of :math:`T^\beta`, that E at T exceeds with probability `_LATE` at most.

    Chernoff's bound of :math:`P(D_s\le T)`, D the stable process:
    :math:`\exp(-(1-\beta)\beta^{\beta/(1-\beta)}(sT^{-\beta})^{1/(1-\beta)})`.
    """
    if beta == 1:
        return 1
    rate = (1 - beta) * float(beta ** (beta / (1 - beta)))
    return math.ceil(float((-math.log(_LATE) / rate) ** (1 - beta)))


def _read(run: torch.Tensor, times: Sequence[float]) -> torch.Tensor:
    """Return the states at the times, of states and clocks of shape (operational steps, paths, d + 1).

    A path that has stopped has stopped its clock too: it is read where it stands.
    """
    clock = run[..., -1].T.contiguous()
    wanted = torch.tensor(list(times), dtype=clock.dtype, device=clock.device).expand(len(clock), -1).contiguous()
    place = torch.searchsorted(clock, wanted, right=True) - 1
    stopped = clock[:, -1] == clock[:, -2]
    late = int(((clock[:, -1] <= times[-1]) & ~stopped).sum())
    if late:
        raise NumericsError(f"{late} of {len(clock)} clocks have not reached the time {times[-1]}; take more steps")
    row = torch.arange(len(clock), device=clock.device)[:, None]
    return run[place, row, :-1].transpose(0, 1)
