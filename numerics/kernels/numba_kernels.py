"""The CPU backend: compiled kernels, vectors over paths, all cores, state in registers and cache."""

from __future__ import annotations

import hashlib
import math
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..random import kernel_cache
from ..random.increments import DType
from ..random.numba_random import LANES
from ..random.numba_text import random_source
from ..random.philox import key_schedule
from ..schemes.one_step import OneStep
from . import machine_code
from .exact_sums import Part, sum_count
from .loop_constants import LoopBody, loop_body
from .numba_finish import SLOTS
from .numba_source import kernel_source, layout
from .numba_step import returns_from_infinity
from .plan import Plan, whole
from .summaries import Exit, Summaries, summarise

#: Grid points that share one generation of random numbers; their states stay in the first cache.
TILE = 8
#: Paths of a unit of work are a multiple of this.
_UNIT = 4096
_CACHE_LINE = 64


def run(plan: Plan, threads: int | None = None) -> Summaries:
    """Return the summaries of a plan.

    Paths are shared out to threads in units that depend on the plan alone, and partial sums merge exactly: the number
    of threads changes no bit of the result.

    Parameters
    ----------
    plan : Plan
        What to simulate.
    threads : int, optional
        Threads, >= 1; all available cores by default.

    Raises
    ------
    NumericsError
        If a constant of the map is not finite at a grid point, or `threads` is not positive.
    PrintingError
        If the map holds something without a faithful compiled form.
    """
    parts, _ = _run(plan, (), None, threads)
    return summarise(plan, parts)


def states(plan: Plan, at: Sequence[int] | None = None, start: Any = None, threads: int | None = None) -> NDArray[Any]:
    """Return the readout of every path after chosen numbers of steps.

    Parameters
    ----------
    plan : Plan
        What to simulate; its summaries are not made.
    at : sequence of int, optional
        Ascending numbers of steps, from 0 on; the last one by default.
    start : array of shape (g, paths, d), optional
        Initial state of every path, in the coordinates of the scheme, in place of `plan.initial`.
    threads : int, optional
        Threads, >= 1; all available cores by default.

    Returns
    -------
    array of shape (len(at), g, paths, d), in `plan.dtype`
        Not finite where a path has been non-finite after any step so far.

    Raises
    ------
    NumericsError, PrintingError
        As :func:`run`, and for steps or starts that do not fit the plan.
    """
    return _run(plan, plan.saved_steps(at), start, threads)[1]


def source(step: OneStep, dtype: DType = "float32", *, exits: bool = False) -> str:
    """Return the source text of the kernel of a one-step map."""
    return kernel_source(loop_body(step), dtype, exits)


def module(step: OneStep, dtype: DType = "float32", *, exits: bool = False) -> ModuleType:
    """Return the generated module of a one-step map, with ``run``, ``fill`` and ``prepare`` to compile."""
    return kernel_cache.load(_texts(loop_body(step), dtype, exits, load=True))


def _texts(body: LoopBody, dtype: DType, exits: bool, *, load: bool) -> str:
    """Return the text of a kernel's module; with `load`, the module of random numbers that it imports is there."""
    # numba's cache does not see changes of the intrinsics that the kernel calls, so that their text enters the hash
    stamp = Path(kernel_cache.__file__).with_name("numba_intrinsics.py").read_text(encoding="utf-8")
    mark, random_import, step = f"# {hashlib.sha256(stamp.encode()).hexdigest()[:16]}\n", "", body.one_step
    if step.noises:
        text = mark + random_source(step.law, dtype)
        random = kernel_cache.load(text).__name__ if load else kernel_cache.name(text)
        names = "fill, prepare" if step.law == "two-point" else "fill, prepare, transform"
        random_import = f"\nfrom {random} import {names}\n"
    return mark + kernel_source(body, dtype, exits, random_import)


@lru_cache(maxsize=256)
def _kernel(step: OneStep, dtype: DType, exits: bool) -> tuple[LoopBody, machine_code.Kernel]:
    body = loop_body(step)
    name = kernel_cache.name(_texts(body, dtype, exits, load=False))
    kept = machine_code.load(name)
    return body, kept or machine_code.keeper(name, module(step, dtype, exits=exits).run)


def _run(plan: Plan, at: tuple[int, ...], start: Any, threads: int | None) -> tuple[list[Part], NDArray[Any]]:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = count if threads is None else whole("threads", threads, 1)
    body, kernel = _kernel(plan.one_step, plan.dtype, plan.request.exit is not None)
    shared, saves = _Shared(plan, body, start), np.array(at, dtype=np.int64)
    kept = np.empty((len(at), plan.grid, plan.paths, shared.dimension), dtype=plan.dtype)
    local = threading.local()

    def work(unit: tuple[int, int]) -> Part:
        if not hasattr(local, "space"):
            local.space = _Space(plan, body)
        part = Part.empty(plan.grid, shared.dimension, plan.request)
        space = local.space
        space.sums[:] = 0.0
        kernel(
            *unit, plan.steps, plan.joined, shared.keys, plan.law_tag, shared.coefficients, shared.initial,
            shared.tiles, space.fixed, space.words, space.words.view(np.uint32), space.z, space.x, space.left,
            space.y, space.good, saves, kept, plan.first_path, part.nonfinite, space.sums, shared.points, shared.ends,
            part.below, shared.lower, shared.upper, part.hits, part.exit_sums, shared.by_steps, part.left_by,
        )  # fmt: skip
        rows = space.sums.reshape(plan.grid, -1, 2 * SLOTS)
        part.sums[:] = [[math.fsum(row) for row in point] for point in rows]
        return part

    units = list(_units(plan))
    if count == 1 or len(units) == 1:
        return [work(unit) for unit in units], kept
    with ThreadPoolExecutor(min(count, len(units))) as pool:
        return list(pool.map(work, units)), kept


def _units(plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield (first path, paths) of the units of work: small enough to share out, large enough to be worth a call."""
    size = _UNIT * max(1, min(64, plan.paths // (32 * _UNIT)))
    stop = plan.first_path + plan.paths
    for first in range(plan.first_path // size * size, stop, size):
        begin = max(first, plan.first_path)
        yield begin, min(first + size, stop) - begin


class _Shared:
    """What all units of a plan read."""

    def __init__(self, plan: Plan, body: LoopBody, start: Any) -> None:
        self.dimension = d = len(plan.one_step.readout)
        box = plan.request.exit or Exit((-math.inf,) * d, (math.inf,) * d)
        self.coefficients = body.table(plan).astype(plan.dtype)
        self.initial = np.array(plan.starts(start), dtype=plan.dtype, order="C")
        self.keys = np.array([w for pair in key_schedule(plan.key) for w in pair] + [0], dtype=np.uint64)
        self.points = plan.request.points
        self.ends = np.cumsum([0] + [len(plan.request.cdf[j]) if plan.request.cdf else 0 for j in range(d)])
        self.lower, self.upper = np.array(box.lower, dtype=plan.dtype), np.array(box.upper, dtype=plan.dtype)
        self.by_steps = np.array(box.by_steps, dtype=np.int64)
        self.tiles = min(TILE, plan.grid)


class _Space:
    """Working memory of a thread, aligned to cache lines: vectors across two lines cost twice."""

    def __init__(self, plan: Plan, body: LoopBody) -> None:
        d, kind = len(plan.one_step.readout), np.dtype(plan.dtype)
        held = layout(len(plan.one_step.noises), plan.one_step.law, plan.dtype)
        tiles = min(TILE, plan.grid)
        self.fixed = aligned(3 * LANES, np.dtype(np.uint64))
        self.words = aligned(2 * LANES * max(1, held.blocks), np.dtype(np.uint64))
        self.z = aligned(LANES * max(1, held.rows * plan.joined), kind)
        self.x = aligned(tiles * (d + returns_from_infinity(body)) * LANES, kind)
        self.left = aligned(tiles * LANES, np.dtype(np.int32))
        self.y = aligned(sum_count(d) * LANES, np.dtype(np.float64))
        self.good = aligned(LANES, np.dtype(np.int64))
        self.sums = aligned(plan.grid * sum_count(d) * 2 * SLOTS, np.dtype(np.float64)).reshape(plan.grid, -1)


def aligned(size: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return `size` zeros that begin on a cache line."""
    raw = np.zeros(size * kind.itemsize + _CACHE_LINE, dtype=np.uint8)
    offset = -raw.ctypes.data % _CACHE_LINE
    return raw[offset : offset + size * kind.itemsize].view(kind)
