"""The CUDA backend: one launch runs every path of every grid point through the whole time loop, in registers.

The increments have the bits of the reference, their normals the same polynomials: hardware approximations of the
logarithm, sine and cosine are not used, so that paths agree with the other backends to rounding.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import linecache
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..devices import checked_device
from ..random.increments import DType
from ..schemes.one_step import OneStep
from .exact_sums import Part, sum_count
from .loop_constants import loop_body
from .plan import Plan, starts_of, whole
from .summaries import Summaries, summarise
from .triton_source import KernelSource, kernel_source, steps_together

#: Paths of one program on a GPU, and its warps: four paths a thread hide the latency of one another.
BLOCK, WARPS = 512, 4
#: Paths of one program under Triton's interpreter, where every operation is one NumPy call.
_INTERPRETED_BLOCK = 8192
#: Programs of one launch: bounds the memory of the partial sums.
_PROGRAMS = 2**20


def available() -> bool:
    """Tell whether Triton is installed and can run: on a CUDA device, or through its interpreter."""
    try:
        triton = _triton()
    except NumericsError:
        return False
    return _interpreted(triton) or torch.cuda.is_available()


def run(plan: Plan, device: str | torch.device = "cuda") -> Summaries:
    """Return the summaries of a plan.

    Parameters
    ----------
    plan : Plan
        What to simulate.
    device : str or torch.device
        A CUDA device; the CPU under Triton's interpreter (``TRITON_INTERPRET=1`` before its first import).

    Raises
    ------
    NumericsError
        If Triton is not installed, or the device is not there.
    PrintingError
        If the map holds a function that has no faithful form in Triton; it is named.
    """
    return carry_out(plan, (), None, device)[0]


def states(
    plan: Plan, at: Sequence[int] | None = None, start: Any = None, device: str | torch.device = "cuda"
) -> torch.Tensor:
    """Return the readout of every path after chosen numbers of steps.

    Parameters
    ----------
    plan : Plan
        What to simulate.
    at : sequence of int, optional
        Ascending numbers of steps, from 0 on; the last one by default.
    start : array of shape (g, paths, d), optional
        Initial state of every path, in the coordinates of the scheme, in place of `plan.initial`.
    device : str or torch.device
        As for :func:`run`.

    Returns
    -------
    Tensor of shape (len(at), g, paths, d), in `plan.dtype`
        NaN where a path has been non-finite after any step so far.

    Raises
    ------
    NumericsError, PrintingError
        As :func:`run`, and for steps or starts that do not fit the plan.
    """
    return carry_out(plan, plan.saved_steps(at), start, device)[1]


def carry_out(
    plan: Plan, at: tuple[int, ...], start: Any, device: str | torch.device = "cuda"
) -> tuple[Summaries, torch.Tensor]:
    """Return what :func:`run` and :func:`states` do, of one launch."""
    launch = _Launch(plan, at, start, device)
    parts, kept = [], []
    for first, count in launch.slices():
        shape = (len(at), plan.grid, count, len(plan.one_step.readout))
        kept.append(torch.empty(shape, dtype=getattr(torch, plan.dtype), device=launch.device))
        parts.append(launch(first, count, kept[-1]))
    return summarise(plan, parts), torch.cat(kept, dim=2)


def assembly(plan: Plan, capability: int = 90, *, store: bool = False) -> dict[str, Any]:
    """Return what Triton makes of a plan's kernel for an NVIDIA GPU, which need not be there.

    Parameters
    ----------
    plan : Plan
        What would be simulated.
    capability : int
        Ten times the compute capability, >= 80: 90 for H100 and H200.
    store : bool
        The kernel of :func:`states` instead of the one of :func:`run`.

    Returns
    -------
    dict
        The stages of compilation; among them ``"ptx"``, text, and ``"cubin"``, the machine code in bytes.

    Raises
    ------
    NumericsError
        If Triton is not installed or set to interpret, or the capability is too small.
    PrintingError
        If the map holds a function that has no faithful form in Triton; it is named.
    """
    triton = _triton()
    if _interpreted(triton):
        raise NumericsError("Triton interprets kernels in this process; unset TRITON_INTERPRET to compile them")
    capability = whole("capability", capability, 80)
    compiler, backends = (importlib.import_module(f"triton.{m}") for m in ("compiler", "backends.compiler"))
    _, kernel, _ = _kernel_of(plan)
    real = "fp32" if plan.dtype == "float32" else "fp64"
    kinds = [f"*{real}", "*i32", "*fp64", "*i64", f"*{real}", f"*{real}", "*fp64", f"*{real}", "*i64"]
    kinds += ["i32", "i32", "i64", "i32", "i32", "i32", "i32", "i32", "constexpr", "constexpr"]
    source = compiler.ASTSource(
        fn=kernel,
        signature=dict(zip(kernel.arg_names, kinds, strict=True)),
        constexprs={"STORE": store, "BLOCK": BLOCK},
    )
    options = {"num_warps": WARPS, "enable_fp_fusion": True}
    return dict(compiler.compile(source, target=backends.GPUTarget("cuda", capability, 32), options=options).asm)


class _Launch:
    """A plan with its kernel and its constants on the device."""

    def __init__(self, plan: Plan, at: tuple[int, ...], start: Any, device: str | torch.device) -> None:
        triton = _triton()
        self.interpreted = _interpreted(triton)
        self.device = checked_device(device)
        if self.device.type != "cuda" and not self.interpreted:
            raise NumericsError(
                f"device={str(device)!r}: the Triton backend runs on 'cuda'; take the 'torch' or 'numba' backend here"
            )
        self.plan, self.triton = plan, triton
        step, box = plan.one_step, plan.request.exit
        if plan.steps * plan.joined * max(1, len(step.noises)) >= 2**30:
            raise NumericsError(f"steps={plan.steps}: a launch counts to 2^30 draws a path; split the run into streams")
        self.source, self.kernel, self.passes = _kernel_of(plan)
        kind = getattr(torch, plan.dtype)
        body = loop_body(step)
        factor = np.full((plan.grid, int(plan.joined > 1)), plan.joined**-0.5)
        self.constants = self._put(np.hstack([body.table(plan), factor]), kind)
        self.starts, self.kind = plan.starts(start), kind
        slots = np.full(plan.steps + 1, -1)
        slots[list(at)] = range(len(at))
        self.slots, self.store = self._put(slots, torch.int32), bool(at)
        self.points = self._put(plan.request.points, torch.float64)
        ends = [] if box is None else [e for pair in zip(box.lower, box.upper, strict=True) for e in pair]
        self.bounds = self._put(np.array(ends), kind)
        self.by_steps = self._put(np.array(box.by_steps if box else ()), torch.int64)
        self.block = _INTERPRETED_BLOCK if self.interpreted else BLOCK

    def _put(self, values: NDArray[Any], kind: torch.dtype) -> torch.Tensor:
        held = values if values.size else np.zeros(1)
        return torch.tensor(held, dtype=kind, device=self.device).contiguous()

    def slices(self) -> list[tuple[int, int]]:
        """Return (offset, paths) of the launches."""
        most = max(1, _PROGRAMS // self.plan.grid) * self.block
        return [(k, min(most, self.plan.paths - k)) for k in range(0, self.plan.paths, most)]

    def __call__(self, offset: int, paths: int, kept: torch.Tensor) -> Part:
        plan, grid, d = self.plan, self.plan.grid, len(self.plan.one_step.readout)
        block = min(self.block, self.triton.next_power_of_2(paths))
        blocks = -(-paths // block)
        starts = starts_of(self.starts, offset, paths)
        sums = torch.zeros((grid, blocks, sum_count(d)), dtype=torch.float64, device=self.device)
        tallies = torch.zeros((grid, self.source.tallies), dtype=torch.int64, device=self.device)
        # words as signed integers of 32 bits: the type of an argument must not depend on its value
        keys = [k - 2**32 if k >= 2**31 else k for k in plan.key]
        on_device = torch.cuda.device(self.device) if self.device.type == "cuda" else contextlib.nullcontext()
        with on_device:
            self.kernel[(grid * blocks,)](
                kept if self.store else sums,
                self.slots,
                sums,
                tallies,
                self.constants,
                self._put(starts, self.kind),
                self.points,
                self.bounds,
                self.by_steps,
                *keys,
                plan.first_path + offset,
                paths,
                starts.shape[1],
                blocks,
                self.passes,
                grid,
                STORE=self.store,
                BLOCK=block,
                num_warps=WARPS,
                enable_fp_fusion=True,
            )
        part = Part.empty(grid, d, plan.request)
        part.sums[:] = sums.sum(1).cpu().numpy()
        counts = tallies.cpu().numpy()
        widths = [1, part.below.shape[1], 2 * d, 2, part.left_by.shape[1]]
        nonfinite, below, hits, exit_sums, left_by = np.split(counts, np.cumsum(widths)[:-1], axis=1)
        part.nonfinite[:] = nonfinite[:, 0]
        part.below[:], part.exit_sums[:], part.left_by[:] = below, exit_sums, left_by
        part.hits[:] = hits.reshape(grid, d, 2)
        return part


def _kernel_of(plan: Plan) -> tuple[KernelSource, Any, int]:
    """Return (source, kernel, passes): the kernel of a plan, and how often its time loop runs."""
    step, box = plan.one_step, plan.request.exit
    passes, rest = divmod(plan.steps, steps_together(len(step.noises) * plan.joined, step.law, plan.dtype))
    points = tuple(map(len, plan.request.cdf))
    by_steps = len(box.by_steps) if box else 0
    return *_kernel(step, plan.dtype, rest, points, by_steps, box is not None, plan.joined), passes


@lru_cache(maxsize=64)
def _kernel(
    step: OneStep, dtype: DType, rest: int, points: tuple[int, ...], by_steps: int, exits: bool, joined: int
) -> tuple[KernelSource, Any]:
    source = kernel_source(loop_body(step), dtype, rest, points, by_steps, exits, joined)
    name = f"crossproof_kernel_{hashlib.blake2b(source.text.encode(), digest_size=8).hexdigest()}"
    file = f"<{name}>"
    # Triton reads the source of a function back; there is no file, so the line cache holds it
    linecache.cache[file] = (len(source.text), None, source.text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(source.text, file, "exec"), namespace)  # printed from whitelisted nodes only
    return source, namespace["kernel"]


def _triton() -> Any:
    try:
        return importlib.import_module("triton")
    except ImportError:
        raise NumericsError(
            "the Triton backend needs the package triton (Linux): pip install 'crossproof[gpu]'"
        ) from None


def _interpreted(triton: Any) -> bool:
    return bool(triton.knobs.runtime.interpret) if hasattr(triton, "knobs") else _from_environment()


def _from_environment() -> bool:
    import os

    return os.environ.get("TRITON_INTERPRET", "0") == "1"
