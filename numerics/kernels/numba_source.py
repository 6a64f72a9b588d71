"""Source text of a compiled kernel: random numbers, the one-step map, and summaries of a block of paths."""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy as sp

from ..random.increments import DType, draws_per_block
from ..random.numba_functions import exponential_source, logarithm_source
from ..random.numba_random import LANES, philox_fill, philox_prepare, transform_source
from ..schemes.one_step import Law
from .loop_constants import LoopBody
from .numba_finish import finish_source
from .numba_printer import indented
from .numba_step import advance_source, bounds, outside, returns_from_infinity

#: Operations in one pass of the step loop up to which several steps share it, with the state in registers.
_BODY = 64


@dataclass(frozen=True)
class Layout:
    """How draws are laid out: what one pass of the time loop fills and uses.

    Attributes
    ----------
    blocks : int
        Philox blocks filled together.
    steps : int
        Steps they serve.
    rows : int
        Rows of draws kept as numbers; 0 where the step reads bits.
    """

    blocks: int
    steps: int
    rows: int


def layout(noises: int, law: Law, dtype: DType) -> Layout:
    """Return the smallest whole number of blocks that serves a whole number of steps."""
    size = draws_per_block(law, dtype)
    if noises == 0:
        return Layout(0, size, 0)
    draws = math.lcm(size, noises)
    return Layout(draws // size, draws // noises, 0 if law == "two-point" else draws)


def kernel_source(body: LoopBody, dtype: DType, exits: bool, random_import: str = "") -> str:
    """Return the text of a module with the function ``run``.

    Parameters
    ----------
    body : LoopBody
        The map with its constants pulled out.
    dtype : {"float32", "float64"}
        Arithmetic of the state.
    exits : bool
        Whether the first exit from a box is monitored.
    random_import : str
        Line that imports the random numbers.

    Raises
    ------
    PrintingError
        If the map holds a function or power without a faithful form; it is named.
    """
    step = body.one_step
    plan = layout(len(step.noises), step.law, dtype)
    operations = 3 * len(step.noises) + sum(int(sp.count_ops(u)) + 1 for u in body.update)
    # a pass of four Gaussian steps would be one chain too long to overlap with the next; bits are cheap to spread
    several = (1, 2, 4) if step.law == "two-point" else (1, 2)
    together = max(f for f in several if plan.steps % f == 0 and (f == 1 or f * operations <= _BODY))
    functions = [advance_source(body, dtype, exits, together), finish_source(body, exits), _run(body, plan, exits)]
    used = "\n".join(functions)
    if "exponential(" in used:
        functions.insert(0, exponential_source(dtype))
    if "logarithm(" in used:
        functions.insert(0, logarithm_source(dtype))
    return header(dtype) + (random_import if step.noises else "") + decorated(functions)


def random_source(law: Law, dtype: DType) -> str:
    """Return the text of the module of random numbers that all kernels with these increments share."""
    functions = [philox_prepare(), philox_fill()]
    if law != "two-point":
        functions.append(transform_source(law, dtype))
    return header(dtype) + decorated(functions)


def decorated(functions: list[str]) -> str:
    """Return the functions, each marked for compilation."""
    return "\n\n" + "\n\n".join("@compiled\n" + f for f in functions)


def header(dtype: DType) -> str:
    """Return the names that all generated functions use."""
    bits = "32" if dtype == "float32" else "64"
    return f"""import math

import numpy as np
from numba import float32, float64, int32, int64, njit, uint32, uint64

from crossproof.numerics.random.numba_intrinsics import bits_of_double, wide
from crossproof.numerics.random.numba_intrinsics import from_bits_{bits} as from_bits
from crossproof.numerics.random.numba_intrinsics import from_int_bits_{bits} as from_int_bits
from crossproof.numerics.random.numba_intrinsics import int_bits_{bits} as int_bits
from crossproof.numerics.random.numba_intrinsics import to_bits_{bits} as to_bits

real = {dtype}
LOW = uint64(0xFFFFFFFF)
HALF = uint64(32)
SEEN = 0xFFFFFFFF
compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={{"contract"}})

"""


def _run(body: LoopBody, plan: Layout, exits: bool) -> str:
    """Return the source of ``run``: all steps of some paths, for all grid points, block after block."""
    step = body.one_step
    d, m = len(step.state), len(step.noises)
    height = d + returns_from_infinity(body)
    state, gone = f"x[g * {height * LANES}:(g + 1) * {height * LANES}]", f"left[g * {LANES}:(g + 1) * {LANES}]"
    lines = [
        "def run(first, paths, steps, keys, law, coefficients, initial, tiles, fixed, words, words32, z, x, left, y,",
        "        good, store, final, origin, nonfinite, sums, points, ends, below, lower, upper, hits, exit_sums,",
        "        by_steps, left_by):",
        "    wide()",
        "    grid = len(coefficients)",
        f"    for base in range(first // {LANES} * {LANES}, first + paths, {LANES}):",
        f"        start, stop = max(first - base, 0), min(first + paths - base, {LANES})",
        "        high = uint64(base) >> HALF",
    ]
    if m:
        lines.append("        prepare(fixed, base, keys, law)")
    lines += [
        "        for tile in range(0, grid, tiles):",
        "            size = min(tiles, grid - tile)",
        "            for g in range(size):",
        f"                for i in range({LANES}):",
        *(f"                    x[g * {height * LANES} + {j * LANES} + i] = initial[tile + g, {j}]" for j in range(d)),
        *([f"                    x[g * {height * LANES} + {d * LANES} + i] = real(0.0)"] if height > d else []),
        f"                    left[g * {LANES} + i] = -1",
    ]
    if exits:
        names = {x: f"x{j}" for j, x in enumerate(step.state)} | {k: f"c{j}" for j, k in enumerate(body.constants)}
        lines += [
            *(f"                c{j} = coefficients[tile + g, {j}]" for j in range(len(body.constants))),
            *(f"                x{j} = initial[tile + g, {j}]" for j in range(d)),
            *indented([*bounds(d), *outside(body, names)], 4),
            "                if outside:",
            f"                    left[g * {LANES}:(g + 1) * {LANES}] = 0",
        ]
    lines += [f"            for now in range(0, steps, {plan.steps}):"]
    for b in range(plan.blocks):
        block = f"uint64(now // {plan.steps} * {plan.blocks} + {b})"
        lines.append(f"                fill(words, {b * 2 * LANES}, fixed, keys, {block}, high)")
        if plan.rows:
            per = plan.rows // plan.blocks
            lines.append(f"                transform(z, {b * per * LANES}, words32, {b * 4 * LANES})")
    lines += [
        f"                todo = min({plan.steps}, steps - now)",
        "                for g in range(size):",
        f"                    advance(x, g * {height * LANES}, z, words32, todo, coefficients, tile + g, left,",
        f"                            g * {LANES}, now, lower, upper)",
        "            for g in range(size):",
        "                k = tile + g",
        f"                finish({state}, y, good, coefficients[k], start, stop, store, final[k], base - origin,",
        "                       nonfinite[k:k + 1], sums[k], points, ends, below[k],",
        f"                       {gone}, lower, upper, hits[k], exit_sums[k], by_steps, left_by[k])",
    ]
    return "\n".join(lines) + "\n"
