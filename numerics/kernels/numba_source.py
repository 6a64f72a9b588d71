"""Source text of a compiled kernel: random numbers, the one-step map, and summaries of a block of paths."""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy as sp

from ..random.increments import DType, draws_per_block
from ..random.numba_functions import exponential_source, logarithm_source
from ..random.numba_random import LANES
from ..random.numba_text import decorated, header
from ..schemes.one_step import Law
from .loop_constants import LoopBody
from .numba_finish import finish_source, save_source
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
    functions = [
        advance_source(body, dtype, exits, together),
        finish_source(body, exits),
        save_source(body),
        *([_join(plan.steps, len(step.noises))] if plan.rows else []),
        _run(body, plan, exits),
    ]
    used = "\n".join(functions)
    if "exponential(" in used:
        functions.insert(0, exponential_source(dtype))
    if "logarithm(" in used:
        functions.insert(0, logarithm_source(dtype))
    return header(dtype) + (random_import if step.noises else "") + decorated(functions)


def _join(steps: int, noises: int) -> str:
    """Return the source of ``join``: the draws of each of `steps` long steps become its increments, in their place."""
    lines = [
        "def join(z, joined):",
        "    wide()",
        "    scale = real(1.0) / np.sqrt(real(joined))",
        f"    for step in range({steps}):",
        f"        for j in range({noises}):",
        f"            to, at = (step * {noises} + j) * {LANES}, (step * joined * {noises} + j) * {LANES}",
        f"            for i in range({LANES}):",
        "                total = z[at + i]",
        "                for k in range(1, joined):",
        f"                    total += z[at + k * {noises * LANES} + i]",
        "                z[to + i] = total * scale",
    ]
    return "\n".join(lines) + "\n"


def _run(body: LoopBody, plan: Layout, exits: bool) -> str:
    """Return the source of ``run``: all steps of some paths, for all grid points, block after block."""
    step = body.one_step
    d, m = len(step.state), len(step.noises)
    height = d + returns_from_infinity(body)
    state, gone = f"x[g * {height * LANES}:(g + 1) * {height * LANES}]", f"left[g * {LANES}:(g + 1) * {LANES}]"
    lines = [
        "def run(first, paths, steps, joined, keys, law, coefficients, initial, tiles, fixed, words, words32, z, x,",
        "        left, y, good, saves, kept, origin, nonfinite, sums, points, ends, below, lower, upper, hits,",
        "        exit_sums, by_steps, left_by):",
        "    wide()",
        "    grid, last = len(coefficients), initial.shape[1] - 1",
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
        # one start for all paths, or one for each; lanes beyond the paths take that of the nearest
        "                    own = max(min(base - origin + i, last), 0)",
        *(
            f"                    x[g * {height * LANES} + {j * LANES} + i] = initial[tile + g, own, {j}]"
            for j in range(d)
        ),
        *([f"                    x[g * {height * LANES} + {d * LANES} + i] = real(0.0)"] if height > d else []),
        f"                    left[g * {LANES} + i] = -1",
    ]
    if exits:
        names = {x: f"x{j}" for j, x in enumerate(step.state)} | {k: f"c{j}" for j, k in enumerate(body.constants)}
        lines += [
            *(f"                c{j} = coefficients[tile + g, {j}]" for j in range(len(body.constants))),
            *indented(bounds(d), 4),
            f"                for i in range({LANES}):",
            *(f"                    x{j} = x[g * {height * LANES} + {j * LANES} + i]" for j in range(d)),
            *indented(outside(body, names), 5),
            f"                    left[g * {LANES} + i] = 0 if outside else -1",
        ]
    keep = [
        "for g in range(size):",
        f"    save({state}, coefficients[tile + g], start, stop, kept[coming, tile + g], base - origin)",
        "coming += 1",
    ]
    lines += [
        "            coming = 0",
        "            if len(saves) > 0 and saves[0] == 0:",
        *indented(keep, 4),
        f"            for now in range(0, steps, {plan.steps}):",
    ]
    if m:
        lines.append("                for part in range(joined):")
    for b in range(plan.blocks):
        block = f"uint64((now // {plan.steps} * joined + part) * {plan.blocks} + {b})"
        lines.append(f"                    fill(words, {b * 2 * LANES}, fixed, keys, {block}, high)")
        if plan.rows:
            per = plan.rows // plan.blocks
            place = f"part * {plan.rows * LANES} + {b * per * LANES}"
            lines.append(f"                    transform(z, {place}, words32, {b * 4 * LANES})")
    if plan.rows:
        lines += ["                if joined > 1:", "                    join(z, joined)"]
    lines += [
        f"                todo, begin = min({plan.steps}, steps - now), 0",
        "                while begin < todo:",
        "                    upto = todo",
        "                    if coming < len(saves):",
        "                        upto = min(todo, saves[coming] - now)",
        "                    for g in range(size):",
        f"                        advance(x, g * {height * LANES}, z, words32, upto - begin, coefficients, tile + g,",
        f"                                left, g * {LANES}, now + begin, begin, lower, upper)",
        "                    begin = upto",
        "                    if coming < len(saves) and saves[coming] == now + begin:",
        *indented(keep, 6),
        "            for g in range(size):",
        "                k = tile + g",
        f"                finish({state}, y, good, coefficients[k], start, stop,",
        "                       nonfinite[k:k + 1], sums[k], points, ends, below[k],",
        f"                       {gone}, lower, upper, hits[k], exit_sums[k], by_steps, left_by[k])",
    ]
    return "\n".join(lines) + "\n"
