"""The readable reference backend: one torch operation after another, on any device, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..random.increments import increments
from .exact_sums import LARGEST_EXPONENT, ORDER, Part, pair_index
from .plan import Plan
from .summaries import Exit, Summaries, summarise
from .torch_loop import Loop, States

#: Numbers a state coordinate of one chunk holds: bounds the memory, whatever the number of paths and steps.
_CHUNK = 2**19


def run(plan: Plan, device: str | torch.device = "cpu") -> Summaries:
    """Return the summaries of a plan.

    Parameters
    ----------
    plan : Plan
        What to simulate.
    device : str or torch.device
        Where; any device that torch has and that computes in `plan.dtype`.

    Raises
    ------
    NumericsError
        If the device is not there, or a constant of the map is not finite at a grid point.
    PrintingError
        If the map cannot be printed in torch.
    """
    return summarise(plan, [_part(plan, chunk) for chunk in _chunks(plan, device)])


def final_states(plan: Plan, device: str | torch.device = "cpu") -> NDArray[Any]:
    """Return the readout of every path at the end, shape (g, paths, d), in `plan.dtype`; for small runs.

    Parameters and errors as in :func:`run`; paths that became non-finite are NaN.
    """
    ends = []
    for chunk in _chunks(plan, device):
        shown = torch.stack(chunk.readout, dim=-1)
        ends.append(torch.where(chunk.bad[..., None], math.nan, shown).cpu().numpy())
    return np.concatenate(ends, axis=1)


class _Chunk:
    """Final states of some paths at every grid point, tensors of shape (g, paths), and where each left the box."""

    def __init__(self, readout: States, bad: torch.Tensor, watch: _Watch | None) -> None:
        self.readout, self.bad, self.watch = readout, bad, watch


class _Watch:
    """Monitors the first exit of each path from a box."""

    def __init__(self, box: Exit, shape: tuple[int, int], device: torch.device) -> None:
        self.box = box
        self.step = torch.full(shape, -1, dtype=torch.int64, device=device)
        self.side = torch.full(shape, -1, dtype=torch.int64, device=device)

    def look(self, n: int, readout: States) -> torch.Tensor:
        """Note the paths that are outside for the first time at step n; return which are still inside."""
        for i, x in enumerate(readout):
            for side, out in enumerate((x <= self.box.lower[i], x >= self.box.upper[i])):
                first = out & (self.step < 0)
                self.side = torch.where(first, 2 * i + side, self.side)
                # the sides of later coordinates find the step already noted
                self.step = torch.where(first, n, self.step)
        return self.step < 0


def _chunks(plan: Plan, device: str | torch.device) -> Iterator[_Chunk]:
    loop = Loop(plan, checked_device(device))
    size = max(1, _CHUNK // plan.grid)
    for first in range(0, plan.paths, size):
        count = min(size, plan.paths - first)
        numbers = torch.arange(count, device=loop.device) + (plan.first_path + first)
        state = loop.start(count)
        shape = (plan.grid, count)
        bad = torch.zeros(shape, dtype=torch.bool, device=loop.device)
        watch = None if plan.request.exit is None else _Watch(plan.request.exit, shape, loop.device)
        inside = None if watch is None else watch.look(0, loop.show(state))
        for n, noises in enumerate(_noises(plan, numbers)):
            moved = loop.move(state, noises)
            if inside is not None:
                moved = [torch.where(inside, new, old) for new, old in zip(moved, state, strict=True)]
            state = moved
            for x in state:
                bad |= ~torch.isfinite(x)
            if watch is not None:
                inside = watch.look(n + 1, loop.show(state))
        shown = loop.show(state)
        for x in shown:
            bad |= ~(x.abs().to(torch.float64) < 2.0**LARGEST_EXPONENT)
        yield _Chunk(shown, bad, watch)


def _noises(plan: Plan, numbers: torch.Tensor) -> Iterator[States]:
    """Yield the standardised increments of each step, drawn a whole number of blocks at a time."""
    m = len(plan.one_step.noises)
    if m == 0:
        yield from ([] for _ in range(plan.steps))
        return
    together = plan.draws_per_block // math.gcd(plan.draws_per_block, m)
    for first in range(0, plan.steps, together):
        steps = min(together, plan.steps - first)
        draws = increments(
            numbers, first * m, steps * m, law=plan.one_step.law, dtype=plan.dtype, key=plan.key
        ).reshape(steps, m, -1)
        yield from (list(row) for row in draws)


def _part(plan: Plan, chunk: _Chunk) -> Part:
    d = len(chunk.readout)
    part = Part.empty(plan.grid, d, plan.request)
    good = ~chunk.bad
    part.nonfinite[:] = chunk.bad.sum(1).cpu().numpy()
    values = [torch.where(good, x.to(torch.float64), 0.0) for x in chunk.readout]

    def add(place: int, terms: torch.Tensor) -> None:
        part.sums[:, place] = terms.sum(1).cpu().numpy()

    for i, x in enumerate(values):
        for order in range(ORDER):
            add(ORDER * i + order, x ** (order + 1))
        for j in range(i + 1, d):
            add(pair_index(d, i, j), x * values[j])
    points = iter(range(part.below.shape[1]))
    for x, row in zip(values, plan.request.cdf, strict=False):
        for point in row:
            part.below[:, next(points)] = ((x <= point) & good).sum(1).cpu().numpy()
    if chunk.watch is not None:
        _add_exits(part, chunk.watch, good)
    return part


def _add_exits(part: Part, watch: _Watch, good: torch.Tensor) -> None:
    left = (watch.step >= 0) & good
    for i in range(part.hits.shape[1]):
        for side in range(2):
            part.hits[:, i, side] = (left & (watch.side == 2 * i + side)).sum(1).cpu().numpy()
    steps = torch.where(left, watch.step, 0)
    part.exit_sums[:, 0] = steps.sum(1).cpu().numpy()
    part.exit_sums[:, 1] = (steps * steps).sum(1).cpu().numpy()
    for k, n in enumerate(watch.box.by_steps):
        part.left_by[:, k] = (left & (watch.step <= n)).sum(1).cpu().numpy()


def checked_device(device: str | torch.device) -> torch.device:
    """Return the device; NumericsError if its name is unknown or it is not there."""
    try:
        where = torch.device(device)
        torch.empty(0, device=where)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise NumericsError(f"device={device!r} cannot be used ({reason}); 'cpu' always can") from None
    return where
