"""Source text of the steps of a compiled kernel: the one-step map over a block of paths, states in registers."""

from __future__ import annotations

import sympy as sp

from ..random.increments import DType
from ..random.numba_random import LANES
from .loop_constants import LoopBody
from .numba_printer import assignments, indented


def _draws(body: LoopBody, dtype: DType, together: int) -> tuple[list[str], list[list[str]]]:
    """Return lines before the lane loop, and for each step the lines in it that bind the noises."""
    step = body.one_step
    m = len(step.noises)
    if step.law != "two-point":
        return [], [[f"w{j} = z[(first + {f * m + j}) * {LANES} + i]" for j in range(m)] for f in range(together)]
    sign, one = ("uint32(0x80000000)", "uint32(0xBF800000)")
    if dtype == "float64":
        sign, one = (f"uint64({1 << 63})", f"uint64({0xBFF0 << 48})")
    kind, top = ("uint32", 31) if dtype == "float32" else ("uint64", 63)
    before, inside = [], []
    for f in range(together):
        lines = []
        for j in range(m):
            k = f * m + j
            if 32 % (together * m) == 0:  # all draws of a pass stand in one word
                if k == 0:
                    # a product with a power of two, as variable shifts of 32 bits are done in 64 bits: the draws of
                    # this pass go to the highest bits
                    before.append(
                        f"row, power = (first >> 5) * {LANES}, uint32(1 << ({32 - together * m} - (first & 31)))"
                    )
                    lines.append("bits = uint32(words[row + i] * power)")
                source, place = "bits", 32 - together * m + k
            else:
                before += [f"row{k} = ((first + {k}) >> 5) * {LANES}", f"shift{k} = uint32((first + {k}) & 31)"]
                source, place = f"uint32(words[row{k} + i] >> shift{k})", 0
            turned = f"{kind}({kind}({source}) << {kind}({top - place}))"
            lines.append(f"w{j} = from_bits({kind}(({turned} & {sign}) ^ {one}))")
        inside.append(lines)
    return before, inside


def returns_from_infinity(body: LoopBody) -> bool:
    """Return whether an infinite state might become finite again, so that it must be noted when it occurs.

    A polynomial with square roots cannot: it takes an infinite argument to an infinite one or to NaN.
    """
    varying = set(body.one_step.state)

    def harmless(e: sp.Basic) -> bool:
        if not e.free_symbols & varying or e.is_Symbol:
            return True
        if e.is_Pow:
            return bool(e.exp.is_Rational and e.exp > 0) and harmless(e.base)
        return bool(e.is_Add or e.is_Mul) and all(map(harmless, e.args))

    return not all(map(harmless, body.update))


def bounds(d: int) -> list[str]:
    return [f"{end}{j} = {end}[{j}]" for j in range(d) for end in ("lower", "upper")]


def with_common_factors(body: LoopBody) -> tuple[sp.Expr, ...]:
    """Return the update as x + factor * (...), with common factors of the increment taken out: fewer operations.

    Nothing is expanded, and the increment stays apart from x: a rounded coefficient of x itself would drift.
    """
    moved = []
    for u, x in zip(body.update, body.one_step.state, strict=True):
        moved.append(x + sp.factor_terms(u - x) if u.is_Add and x in u.args else u)
    return tuple(moved)


def outside(body: LoopBody, names: dict[sp.Symbol, str]) -> list[str]:
    d = len(body.readout)
    tests = " | ".join(f"(y{j} <= lower{j}) | (y{j} >= upper{j})" for j in range(d))
    return [*assignments(body.readout, names, [f"y{j}" for j in range(d)], "o"), f"outside = {tests}"]


def advance_source(body: LoopBody, dtype: DType, exits: bool, together: int) -> str:
    """Return the source of ``advance``: `todo` steps of all lanes, several in one pass while they last."""
    constants = range(len(body.constants))
    lines = [
        "def advance(x, at, z, words, todo, coefficients, k, left, gone_at, now, begin, lower, upper):",
        "    wide()",
        # never negative: the masks let the compiler see it, and drop Python's negative indices
        "    at, gone_at = at & SEEN, gone_at & SEEN",
        *(f"    c{j} = coefficients[k, {j}]" for j in constants),
        *(indented(bounds(len(body.one_step.state)), 1) if exits else []),
        f"    whole = todo // {together} * {together}",
        *_pass(body, dtype, exits, together, "0, whole"),
        *(_pass(body, dtype, exits, 1, "whole, todo") if together > 1 else []),
    ]
    return "\n".join(lines) + "\n"


def _pass(body: LoopBody, dtype: DType, exits: bool, together: int, steps: str) -> list[str]:
    """Return the loop over the given range of steps, `together` of them with the state in registers."""
    step = body.one_step
    d = len(step.state)
    before, noises = _draws(body, dtype, together)
    names = {x: f"x{j}" for j, x in enumerate(step.state)}
    names |= {w: f"w{j}" for j, w in enumerate(step.noises)}
    names |= {k: f"c{j}" for j, k in enumerate(body.constants)}
    move = assignments(with_common_factors(body), names, [f"n{j}" for j in range(d)], "t")
    poisoned = returns_from_infinity(body)
    inner = [f"x{j} = x[at + {j * LANES} + i]" for j in range(d)]
    if poisoned:
        inner.append(f"poison = x[at + {d * LANES} + i]")
    if exits:
        inner.append("gone = left[gone_at + i]")
    for f in range(together):
        inner += [*noises[f], *move]
        if exits:
            inner += [f"x{j} = n{j} if gone < 0 else x{j}" for j in range(d)]
            inner += [*outside(body, names), f"gone = int32(now + step + {f + 1}) if (gone < 0) & outside else gone"]
        else:
            inner += [f"x{j} = n{j}" for j in range(d)]
        if poisoned:
            inner += [f"poison = poison + x{j} * real(0.0)" for j in range(d)]
    inner += [f"x[at + {j * LANES} + i] = x{j}" for j in range(d)]
    if poisoned:
        inner.append(f"x[at + {d * LANES} + i] = poison")
    if exits:
        inner.append("left[gone_at + i] = gone")
    return [
        f"    for step in range({steps}, {together}):",
        f"        first = (step + begin) * {len(step.noises)} & SEEN",
        *indented(before, 2),
        f"        for i in range({LANES}):",
        *indented(inner, 3),
    ]
