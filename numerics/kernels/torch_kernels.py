"""The readable reference backend: one torch operation after another, on any device, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import torch

from ..devices import checked_device
from ..random.increments import increments
from ..random.random_stream import MANY, Maker, rows
from .exact_sums import LARGEST_EXPONENT, ORDER, Part, pair_index
from .plan import Plan, starts_of
from .summaries import Exit, Summaries, summarise
from .torch_loop import Loop, States

#: Numbers a state coordinate of one chunk holds, and draws that are held at a time: they bound the memory, whatever the
#: number of paths and steps.
_CHUNK, _DRAWS = 2**19, 2**18


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
    return summarise(plan, [part_of(plan, c.readout, c.bad, c.watch) for c in _chunks(plan, (), None, device)])


def states(
    plan: Plan, at: Sequence[int] | None = None, start: Any = None, device: str | torch.device = "cpu"
) -> torch.Tensor:
    """Return the readout of every path after chosen numbers of steps.

    Parameters
    ----------
    plan : Plan
        What to simulate; its summaries are not made.
    at : sequence of int, optional
        Ascending numbers of steps, from 0 on; the last one by default.
    start : array or Tensor of shape (g, paths, d), optional
        Initial state of every path, in the coordinates of the scheme, in place of `plan.initial`.
    device
        Where.

    Returns
    -------
    Tensor of shape (len(at), g, paths, d), in `plan.dtype`
        Not finite where the state of the path has not been after any step so far.

    Raises
    ------
    NumericsError, PrintingError
        As :func:`run`, and for steps or starts that do not fit the plan.
    """
    return torch.cat([torch.stack(chunk.kept) for chunk in _chunks(plan, plan.saved_steps(at), start, device)], dim=2)


class _Chunk:
    """Some paths at every grid point: final readouts of shape (g, paths), and those kept after chosen steps."""

    def __init__(self, watch: _Watch | None) -> None:
        self.watch = watch
        self.readout: States = []
        self.bad = torch.empty(0)
        self.kept: list[torch.Tensor] = []


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


def _chunks(plan: Plan, at: tuple[int, ...], start: Any, device: str | torch.device) -> Iterator[_Chunk]:
    loop, starts = Loop(plan, checked_device(device)), plan.starts(start)
    size = max(1, _CHUNK // plan.grid)
    for first in range(0, plan.paths, size):
        count = min(size, plan.paths - first)
        state = loop.start(starts_of(starts, first, count), count)
        shape = (plan.grid, count)
        bad = torch.zeros(shape, dtype=torch.bool, device=loop.device)
        watch = None if plan.request.exit is None else _Watch(plan.request.exit, shape, loop.device)
        inside = None if watch is None else watch.look(0, loop.show(state))
        chunk = _Chunk(watch)
        wanted = set(at)
        if 0 in wanted:
            chunk.kept.append(torch.stack(loop.show(state), dim=-1))
        for n, noises in enumerate(_noises(plan, first, count, loop.device), 1):
            moved = loop.move(state, noises)
            if inside is not None:
                moved = [torch.where(inside, new, old) for new, old in zip(moved, state, strict=True)]
            state = moved
            if loop.forgets or n == plan.steps:
                for x in state:
                    bad = bad | ~torch.isfinite(x)
            if watch is not None:
                inside = watch.look(n, loop.show(state))
            if n in wanted:
                kept = torch.stack(loop.show(state), dim=-1)
                chunk.kept.append(torch.where(bad[..., None], math.nan, kept) if loop.forgets else kept)
        chunk.readout, chunk.bad = loop.show(state), bad
        yield chunk


def _noises(plan: Plan, first: int, count: int, device: torch.device) -> Iterator[States]:
    """Yield the standardised increments of each step of `count` paths, drawn a whole number of blocks at a time."""
    m, joined = len(plan.one_step.noises), plan.joined
    if m == 0:
        yield from ([] for _ in range(plan.steps))
        return
    paths, law = plan.first_path + first, plan.one_step.law
    numbers = torch.arange(paths, paths + count, device=device)
    whole = plan.draws_per_block // math.gcd(plan.draws_per_block, m * joined)
    together = max(1, _DRAWS // (m * joined * count * whole)) * whole
    # it is the number of all draws that makes compiled code worth while, not that of a part
    many = device.type == "cpu" and m * joined * plan.steps * plan.paths >= MANY and find_spec("numba") is not None
    for begin in range(0, plan.steps, together):
        steps = min(together, plan.steps - begin)
        draw, draws = begin * joined * m, steps * joined * m
        if law == "gaussian":
            maker: Maker = "numba" if many else "auto"
            found = rows(law, paths, count, draw, draws, key=plan.key, dtype=plan.dtype, device=device, maker=maker)
        else:
            found = increments(numbers, draw, draws, law=law, dtype=plan.dtype, key=plan.key)
        parts = found.reshape(steps, joined, m, count)
        summed = parts[:, 0] if joined == 1 else parts.sum(1) / math.sqrt(joined)
        yield from (list(row) for row in zip(*(summed[:, j].unbind() for j in range(m)), strict=True))


def part_of(plan: Plan, readout: States, bad: torch.Tensor, watch: _Watch | None = None) -> Part:
    """Return the sums over some paths of a plan, readouts of shape (g, paths), without those that are `bad` or huge."""
    d = len(readout)
    part = Part.empty(plan.grid, d, plan.request)
    for x in readout:
        bad = bad | ~(x.abs().to(torch.float64) < 2.0**LARGEST_EXPONENT)
    good = ~bad
    part.nonfinite[:] = bad.sum(1).cpu().numpy()
    values = [torch.where(good, x.to(torch.float64), 0.0) for x in readout]

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
    if watch is not None:
        _add_exits(part, watch, good)
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
