"""Source of a Triton kernel that runs the whole time loop of a one-step map with the state in registers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import sympy as sp

from ..random.increments import DType, draws_per_block, law_tag
from ..random.philox import TWO_POINT
from ..schemes.one_step import Law
from .exact_sums import LARGEST_EXPONENT, ORDER, pair_index, sum_count
from .loop_constants import LoopBody
from .triton_library import library
from .triton_printer import assignments

#: From the names of the noises of a step to its lines.
StepLines = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True)
class KernelSource:
    """Text of a kernel and the shape of what it takes and returns.

    Attributes
    ----------
    text : str
        Python source with the function `kernel`.
    steps_together : int
        Steps of one pass through the main loop; `rest` steps follow it.
    tallies : int
        Integer counts of a grid point: non-finite, below, hits, exit sums, left by.
    """

    text: str
    steps_together: int
    tallies: int


def kernel_source(
    body: LoopBody, dtype: DType, rest: int, points: Sequence[int], by_steps: int, exits: bool, joined: int = 1
) -> KernelSource:
    """Return the kernel of a one-step map.

    Parameters
    ----------
    body : LoopBody
        The map with its constants pulled out.
    dtype : {"float32", "float64"}
        Arithmetic of the state.
    rest : int
        Steps after the last whole pass of the main loop (see `steps_together`); ignored for two-point increments.
    points : sequence of int
        Number of points of the distribution function, one a coordinate (empty for none).
    by_steps : int
        Number of steps by which exits are counted.
    exits : bool
        Whether the first exit from a box is monitored.
    joined : int
        Gaussian increments that a step takes; beyond 1 the last constant is the factor of their sum.

    Raises
    ------
    PrintingError
        If the map holds a function or power that has no faithful form here; it is named.
    """
    step = body.one_step
    m, d = len(step.noises), len(step.state)
    together, width = steps_together(m * joined, step.law, dtype), len(body.constants) + (joined > 1)
    names = {x: f"x{i}" for i, x in enumerate(step.state)}
    names |= {k: f"c{i}" for i, k in enumerate(body.constants)}
    tallies = 1 + sum(points) + 2 * d + 2 + by_steps
    lines = [
        *library(dtype),
        *_PROLOGUE.splitlines(),
        *(f"    c{i} = tl.load(constants + g * {width} + {i})" for i in range(width)),
        # one start for all paths, or one for each
        "    own = (g * starts + tl.minimum(lane, starts - 1)) * " + str(d),
        *(f"    x{i} = tl.load(initial + own + {i})" for i in range(d)),
        f"    poison = tl.zeros([BLOCK], {_kind(dtype)})",
        "    now = 0",
        "    if STORE:",
        "        slot = tl.load(slots)",
        *_indent(_save(body, names, d)),
    ]
    readout = [
        *assignments(body.readout, names, "r"),
        *(f"    r{i} = tl.zeros([BLOCK], {_kind(dtype)}) + r{i}" for i in range(d)),
    ]
    look = _look(d, readout) if exits else []
    if exits:
        lines += ["    left = tl.full([BLOCK], -1, tl.int32)", "    side = tl.full([BLOCK], -1, tl.int32)"]
        lines += [
            f"    {end}{i} = tl.load(bounds + {2 * i + s})" for i in range(d) for s, end in enumerate(("low", "high"))
        ]
        lines += look

    def one_step_lines(noises: Sequence[str]) -> list[str]:
        here = names | dict(zip(step.noises, noises, strict=True))
        moved = assignments(body.update, here, "y")
        if exits:
            moved += [f"    y{i} = tl.where(left < 0, y{i}, x{i})" for i in range(d)]
        moved += [f"    x{i} = y{i}" for i in range(d)]
        # a state that is infinite or NaN at any step turns the poison into NaN for good
        moved += [f"    poison = poison + x{i} * 0.0" for i in range(d)]
        moved += ["    now += 1", *look] if exits else []
        counted = [] if exits else ["        now += 1"]
        return [
            *moved,
            "    if STORE:",
            *counted,
            "        slot = tl.load(slots + now)",
            *_indent(_save(body, names, d)),
        ]

    if m == 0:
        lines += ["    for step in range(passes):", *_indent(one_step_lines([]))]
    elif step.law == "two-point":
        lines += _two_point_loop(m, one_step_lines)
    else:

        def unrolled(steps: int) -> Iterator[str]:
            return _pass(m, joined, width, step.law, dtype, steps, one_step_lines)

        lines += ["    for index in range(passes):", *_indent(unrolled(together))]
        if rest:
            lines += ["    index = passes", *unrolled(rest)]
    lines += [*readout, *_epilogue(d, points, by_steps, exits, tallies)]
    return KernelSource("\n".join(lines) + "\n", together, tallies)


def steps_together(m: int, law: Law, dtype: DType) -> int:
    """Return how many steps one pass of the main loop makes: the fewest that use up whole Philox blocks."""
    if m == 0 or law == "two-point":
        return 1
    size = draws_per_block(law, dtype)
    return size // math.gcd(size, m)


def _save(body: LoopBody, names: dict[sp.Symbol, str], d: int) -> list[str]:
    """Return the lines that store the readout where `slot` has a place for it."""
    lines = ["    if slot >= 0:", *_indent(assignments(body.readout, names, "kept", "shared"))]
    place = f"((slot * grid + g) * paths + lane) * {d}"
    lines += [
        f"        tl.store(states + {place} + {i}, tl.where(poison == 0, kept{i}, float('nan')), mask=lane < paths)"
        for i in range(d)
    ]
    return lines


def _pass(
    m: int, joined: int, width: int, law: Law, dtype: DType, steps: int, one_step_lines: StepLines
) -> Iterator[str]:
    """Yield the lines of `steps` unrolled steps that begin at a whole block."""
    size, fine, tag = draws_per_block(law, dtype), m * joined, law_tag(law, dtype)
    blocks = -(-steps_together(fine, law, dtype) * fine // size)
    held = 0
    for n in range(steps):
        while held < (n + 1) * fine:
            b = held // size
            yield f"    w0, w1, w2, w3 = philox(low_path, high_path, index * {blocks} + {b}, {tag}, k0, k1)"
            lanes = ", ".join(f"z{held + i}" for i in range(size))
            yield f"    {lanes} = {'normals' if law == 'gaussian' else 'three_points'}(w0, w1, w2, w3)"
            held += size
        parts = [[f"z{n * fine + k * m + j}" for k in range(joined)] for j in range(m)]
        if joined > 1:
            yield from (f"    {row[0]} = ({' + '.join(row)}) * c{width - 1}" for row in parts)
        yield from one_step_lines([row[0] for row in parts])


def _two_point_loop(m: int, one_step_lines: StepLines) -> list[str]:
    """Return a loop over words: a word holds the signs of 32 draws, taken bit by bit."""
    tag = TWO_POINT
    if 32 % m == 0:
        per_word = 32 // m
        lines = [f"    for index in range((passes + {4 * per_word - 1}) // {4 * per_word}):"]
        lines += [f"        w0, w1, w2, w3 = philox(low_path, high_path, index, {tag}, k0, k1)"]
        for q in range(4):
            lines += [f"        for bit in range(tl.minimum({per_word}, passes - (4 * index + {q}) * {per_word})):"]
            lines += [f"            z{j} = signs(w{q}, bit * {m} + {j}, poison)" for j in range(m)]
            lines += _indent(one_step_lines([f"z{j}" for j in range(m)]), 2)
        return lines
    blocks, steps = m // math.gcd(128, m), 128 // math.gcd(128, m)
    lines = [f"    for index in range((passes + {steps - 1}) // {steps}):"]
    for b in range(blocks):
        held = ", ".join(f"w{4 * b + i}" for i in range(4))
        lines.append(f"        {held} = philox(low_path, high_path, index * {blocks} + {b}, {tag}, k0, k1)")
    lines.append(f"        for turn in range(tl.minimum({steps}, passes - index * {steps})):")
    for j in range(m):
        lines += [f"            draw = turn * {m} + {j}", "            word = w0"]
        lines += [f"            word = tl.where(draw >= {32 * q}, w{q}, word)" for q in range(1, 4 * blocks)]
        lines.append(f"            z{j} = signs(word, draw & 31, poison)")
    return lines + _indent(one_step_lines([f"z{j}" for j in range(m)]), 2)


def _indent(lines: Iterable[str], levels: int = 1) -> list[str]:
    return ["    " * levels + line for line in lines]


def _kind(dtype: DType) -> str:
    return f"tl.{dtype}"


def _look(d: int, readout: list[str]) -> list[str]:
    lines = list(readout)
    for i in range(d):
        for s, test in enumerate((f"r{i} <= low{i}", f"r{i} >= high{i}")):
            lines += [f"    first = ({test}) & (left < 0)"]
            lines += [f"    side = tl.where(first, {2 * i + s}, side)", "    left = tl.where(first, now, left)"]
    return lines


_PROLOGUE = """
@triton.jit(do_not_specialize=["key0", "key1", "first_path", "paths", "starts", "blocks", "passes", "grid"])
def kernel(
    states, slots, sums, tallies, constants, initial, points, bounds, by_steps,
    key0, key1, first_path, paths, starts, blocks, passes, grid, STORE: tl.constexpr, BLOCK: tl.constexpr
):
    program = tl.program_id(0)
    g = (program // blocks).to(tl.int64)
    lane = (program % blocks).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    number = lane + first_path
    low_path = number.to(tl.uint32)
    high_path = (number >> 32).to(tl.uint32)
    k0 = key0.to(tl.uint32)
    k1 = key1.to(tl.uint32)"""


def _epilogue(d: int, points: Sequence[int], by_steps: int, exits: bool, tallies: int) -> list[str]:
    """Return the lines that sum over the paths of a block; integer tallies are atomic, hence exact in any order."""
    lines = ["    live = lane < paths", "    good = poison == 0"]
    lines += [f"    good = good & (tl.abs(r{i}.to(tl.float64)) < {2.0**LARGEST_EXPONENT!r})" for i in range(d)]
    lines += [f"    base = tallies + g * {tallies}"]
    lines += ["    tl.atomic_add(base, tl.sum((live & (good == 0)).to(tl.int64)))"]
    lines += ["    good = good & live"]
    width = sum_count(d)
    for i in range(d):
        lines += [f"    v{i} = tl.where(good, r{i}.to(tl.float64), 0.0)", f"    power = v{i}"]
        for order in range(ORDER):
            lines += [f"    power = power * v{i}"] if order else []
            lines += [f"    tl.store(sums + program.to(tl.int64) * {width} + {ORDER * i + order}, tl.sum(power))"]
    for i in range(d):
        for j in range(i + 1, d):
            lines += [
                f"    tl.store(sums + program.to(tl.int64) * {width} + {pair_index(d, i, j)}, tl.sum(v{i} * v{j}))"
            ]
    place = 1
    for i, count in enumerate(points):
        if count:
            lines += [
                f"    for q in range({place - 1}, {place - 1 + count}):",
                f"        below = good & (v{i} <= tl.load(points + q))",
                "        tl.atomic_add(base + 1 + q, tl.sum(below.to(tl.int64)))",
            ]
        place += count
    if not exits:
        return lines
    lines += ["    gone = good & (left >= 0)"]
    for k in range(2 * d):
        lines += [f"    tl.atomic_add(base + {place + k}, tl.sum((gone & (side == {k})).to(tl.int64)))"]
    place += 2 * d
    lines += ["    when = tl.where(gone, left, 0).to(tl.int64)"]
    lines += [f"    tl.atomic_add(base + {place}, tl.sum(when))"]
    lines += [f"    tl.atomic_add(base + {place + 1}, tl.sum(when * when))"]
    if by_steps:
        lines += [
            f"    for q in range({by_steps}):",
            "        tl.atomic_add(base + "
            f"{place + 2} + q, tl.sum((gone & (left <= tl.load(by_steps + q))).to(tl.int64)))",
        ]
    return lines
