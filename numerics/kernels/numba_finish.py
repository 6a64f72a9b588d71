"""Source text of the summaries of a compiled kernel: guard, compensated sums, counts and exits of final states."""

from __future__ import annotations

from ..random.numba_random import LANES
from .exact_sums import LARGEST_EXPONENT, ORDER, pair_index, sum_count
from .loop_constants import LoopBody
from .numba_printer import assignments, indented
from .numba_step import returns_from_infinity

#: Lanes of the running sums of summaries.
SLOTS = 16


def finish_source(body: LoopBody, exits: bool) -> str:
    """Return the source of ``finish``: summaries of the final states of one grid point."""
    step = body.one_step
    d = len(step.state)
    names = {x: f"x{j}" for j, x in enumerate(step.state)} | {k: f"c{j}" for j, k in enumerate(body.constants)}
    limit = 1023 + LARGEST_EXPONENT
    lines = [
        "def finish(x, y, good, c, start, stop, nonfinite, sums, points, ends, below,",
        "           left, lower, upper, hits, exit_sums, by_steps, left_by):",
        "    wide()",
        *(f"    c{j} = c[{j}]" for j in range(len(body.constants))),
        "    bad = 0",
        f"    for i in range({LANES}):",
        *indented([f"x{j} = x[{j * LANES} + i]" for j in range(d)], 2),
        *indented(assignments(body.readout, names, [f"y{j}" for j in range(d)], "o"), 2),
        # the guard reads exponents as integers: no floating-point rule can remove it
        *indented([f"e{j} = (bits_of_double(float64(y{j})) >> int64(52)) & int64(0x7FF)" for j in range(d)], 2),
        "        fine = " + " & ".join(f"(e{j} < int64({limit}))" for j in range(d)),
    ]
    if returns_from_infinity(body):
        lines.append(f"        fine = fine & (x[{d * LANES} + i] == real(0.0))")
    lines += [
        "        inside = (i >= start) & (i < stop)",
        "        good[i] = 1 if fine & inside else 0",
        "        bad += 1 if inside & (not fine) else 0",
        *indented([f"v{j} = float64(y{j}) if fine & inside else 0.0" for j in range(d)], 2),
        *indented([f"y[{row * LANES} + i] = {value}" for row, value in _terms(d)], 2),
        "    nonfinite[0] += bad",
        # compensated (two-sum) in every slot, so that the order of paths hardly matters and no digit is lost
        f"    for row in range({sum_count(d)}):",
        f"        for k in range(row * {LANES}, (row + 1) * {LANES}, {SLOTS}):",
        f"            for i in range({SLOTS}):",
        f"                v, s = y[k + i], sums[2 * {SLOTS} * row + i]",
        "                total = s + v",
        "                back = total - s",
        f"                sums[2 * {SLOTS} * row + {SLOTS} + i] += (s - (total - back)) + (v - back)",
        f"                sums[2 * {SLOTS} * row + i] = total",
    ]
    for j in range(d):
        lines += [
            f"    for p in range(ends[{j}], ends[{j + 1}]):",
            "        count, point = 0, points[p]",
            f"        for i in range({LANES}):",
            f"            count += good[i] if y[{ORDER * j * LANES} + i] <= point else 0",
            "        below[p] += count",
        ]
    if exits:
        lines += [
            f"    for i in range({LANES}):",
            "        if good[i] and left[i] >= 0:",
            "            n, found = int64(left[i]), False",
            *indented([f"x{j} = x[{j * LANES} + i]" for j in range(d)], 3),
            *indented(assignments(body.readout, names, [f"y{j}" for j in range(d)], "o"), 3),
        ]
        for j in range(d):
            for side, test in enumerate((f"y{j} <= lower[{j}]", f"y{j} >= upper[{j}]")):
                lines += [
                    f"            if (not found) and {test}:",
                    f"                hits[{j}, {side}] += 1",
                    "                found = True",
                ]
        lines += [
            "            exit_sums[0] += n",
            "            exit_sums[1] += n * n",
            "            for k in range(len(by_steps)):",
            "                left_by[k] += 1 if n <= by_steps[k] else 0",
        ]
    return "\n".join(lines) + "\n"


def save_source(body: LoopBody) -> str:
    """Return the source of ``save``: the readout of a block of paths, not finite where a state has not been."""
    d = len(body.one_step.state)
    names = {x: f"x{j}" for j, x in enumerate(body.one_step.state)} | {k: f"c{j}" for j, k in enumerate(body.constants)}
    lost = f" + x[{d * LANES} + i]" if returns_from_infinity(body) else ""
    lines = [
        "def save(x, c, start, stop, kept, column):",
        "    wide()",
        *(f"    c{j} = c[{j}]" for j in range(len(body.constants))),
        "    for i in range(start, stop):",
        *indented([f"x{j} = x[{j * LANES} + i]" for j in range(d)], 2),
        *indented(assignments(body.readout, names, [f"y{j}" for j in range(d)], "o"), 2),
        *indented([f"kept[column + i, {j}] = y{j}{lost}" for j in range(d)], 2),
    ]
    return "\n".join(lines) + "\n"


def _terms(d: int) -> list[tuple[int, str]]:
    """Return (row, source) of every summed term: powers of each coordinate, then products of pairs."""
    terms = []
    for j in range(d):
        powers = [f"v{j}", f"v{j} * v{j}", f"v{j} * (v{j} * v{j})", f"(v{j} * v{j}) * (v{j} * v{j})"]
        terms += list(enumerate(powers, ORDER * j))
    return terms + [(pair_index(d, a, b), f"v{a} * v{b}") for a in range(d) for b in range(a + 1, d)]
