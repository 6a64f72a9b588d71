"""Source text of the random numbers of a compiled kernel: Philox blocks and their laws over a block of paths.

The inner loops run over LANES paths in flat arrays, so that LLVM turns them into the widest vectors of the machine.
Two things make Philox cheap here without changing a bit. The path is one counter word and the block another, so that
the first two of the ten rounds split into parts that depend on the path alone (once a run) or on the block alone (once
for all lanes). And words sit in 64-bit lanes, where the widening multiplication is one instruction; the even paths of
a pair of output words come from one lane and the odd ones from another.
"""

from __future__ import annotations

import itertools

from ..schemes.one_step import Law
from .increments import SIXTH, SQRT_3, DType
from .normals import (
    ANGLE_32,
    ANGLE_64,
    COS_32,
    COS_64,
    LOG_32,
    LOG_64,
    MINUS_TWO_LN_2,
    SIN_32,
    SIN_64,
    SQRT_HALF_BITS_32,
    SQRT_HALF_BITS_64,
)
from .philox import M0, M1, ROUNDS

#: Paths of an inner loop; a multiple of every vector width.
LANES = 256
#: Independent chains of Philox rounds in one loop body, enough to hide the latency of the multiplication.
_CHAINS = "abcd"


def philox_prepare() -> str:
    """Return the source of ``prepare``: what depends on the path alone, even paths first, then odd ones."""
    half = LANES // 2
    lines = [
        "def prepare(fixed, base, keys, law):",
        "    wide()",
        "    key, word = keys[1], uint64(law)",
        f"    for i in range({LANES}):",
        f"        product = uint64({M0}) * (uint64(base + 2 * (i % {half}) + i // {half}) & LOW)",
        f"        second = uint64({M1}) * (((product >> HALF) ^ word ^ key) & LOW)",
        f"        fixed[i], fixed[{LANES} + i], fixed[{2 * LANES} + i] = second >> HALF, second & LOW, product & LOW",
    ]
    return "\n".join(lines) + "\n"


def philox_fill() -> str:
    """Return the source of ``fill``: the words of one block, four rows of LANES words of 32 bits in path order."""
    half, part = LANES // 2, LANES // len(_CHAINS)
    lines = [
        "def fill(words, offset, fixed, keys, block, high):",
        "    wide()",
        "    offset &= SEEN",
        f"    m0, m1, zero = uint64({M0}), uint64({M1}), keys[{2 * ROUNDS}]",
        "    first = m1 * (block & LOW)",
        "    second = m0 * (((first >> HALF) ^ high ^ keys[0]) & LOW)",
        "    start0, start2, start3 = (first & LOW) ^ keys[2], (second >> HALF) ^ keys[3], second & LOW",
        *(f"    k{j} = keys[{j}]" for j in range(4, 2 * ROUNDS)),
        f"    for i in range({part}):",
    ]
    inner = " " * 8
    for n, c in enumerate(_CHAINS):
        place = f"{n % 2 * half + n // 2 * part} + i"
        lines += [
            f"{inner}{c}0, {c}1 = fixed[{place}] ^ start0, fixed[{LANES} + {place}]",
            f"{inner}{c}2, {c}3 = fixed[{2 * LANES} + {place}] ^ start2, start3",
        ]
    for r in range(2, ROUNDS):
        for c in _CHAINS:
            lines += [f"{inner}p{c} = m0 * ({c}0 & LOW)", f"{inner}q{c} = m1 * ({c}2 & LOW)"]
        for c in _CHAINS:
            lines += [f"{inner}{c}0 = (q{c} >> HALF) ^ {c}1 ^ k{2 * r}", f"{inner}{c}1 = q{c}"]
            lines += [f"{inner}{c}2 = (p{c} >> HALF) ^ {c}3 ^ k{2 * r + 1}", f"{inner}{c}3 = p{c}"]
    for n in range(0, len(_CHAINS), 2):
        even, odd = _CHAINS[n], _CHAINS[n + 1]
        for w in range(4):
            # the zero, unknown to the compiler, keeps it from turning a shift of a product into a 64-bit product
            value = f"{odd}{w}" if w % 2 == 0 else f"({odd}{w} ^ zero)"
            place = f"offset + {w * half + n // 2 * part} + i"
            lines.append(f"{inner}words[{place}] = ({even}{w} & LOW) | ({value} << HALF)")
    return "\n".join(lines) + "\n"


def transform_source(law: Law, dtype: DType) -> str:
    """Return the source of ``transform``: from the words of one block to rows of draws."""
    if law == "two-point":
        return ""
    if law == "three-point":
        return _THREE_POINT
    return _normals_32() if dtype == "float32" else _normals_64()


def _transform(chains: tuple[int, ...], size: int, *bodies: list[str]) -> str:
    """Return ``transform`` with a loop over `size` lanes for each body, a statement for all chains before the next one.

    One chain alone would fill the processor's queue with operations that wait for each other; two side by side keep it
    busy. In a body, @ stands for the chain, and {a} to {d} for the places of its words and draws in the row where it
    starts and in the three after it.
    """
    lines = [
        "def transform(z, zoffset, words, offset):",
        "    wide()",
        # never negative: the masks let the compiler see it, and drop Python's negative indices
        "    zoffset, offset = zoffset & SEEN, offset & SEEN",
    ]
    for body in bodies:
        lines.append(f"    for i in range({size}):")
        for statement in body:
            for number, start in enumerate(chains):
                places = {name: f"{start + k * LANES} + i" for k, name in enumerate("abcd")}
                lines.append(" " * 8 + statement.replace("@", f"_{number}").format(**places))
    return "\n".join(lines) + "\n"


def _polynomial(name: str, x: str, coefficients: tuple[float, ...]) -> list[str]:
    """Return statements that give `name` the value at `x` of a polynomial with ascending coefficients, by Horner."""
    first = f"{name}@ = real({coefficients[-1]!r})"
    return [first, *(f"{name}@ = {name}@ * {x}@ + real({c!r})" for c in reversed(coefficients[:-1]))]


def _side_by_side(*chains: list[str]) -> list[str]:
    """Return the statements of independent chains in turn."""
    return [s for each in itertools.zip_longest(*chains) for s in each if s is not None]


def _normals_32() -> str:
    # radicand and direction in two loops, for shorter chains
    radicand = [
        f"u@ = real(words[offset + {{a}}]) * real({2.0**-32!r}) + real({2.0**-33!r})",
        f"bits@ = int32(int_bits(u@) - int32({SQRT_HALF_BITS_32}))",
        "exponent@ = int32(bits@ >> int32(23))",
        "f@ = from_int_bits(int32(int_bits(u@) - int32(exponent@ << int32(23)))) - real(1.0)",
        *_polynomial("p", "f", LOG_32),
        f"z[zoffset + {{a}}] = real(exponent@) * real({MINUS_TWO_LN_2!r}) + f@ * p@",
    ]
    direction = [
        "r@ = np.sqrt(z[zoffset + {a}])",
        "b@ = words[offset + {b}]",
        f"t@ = real(int32(b@ << uint32(2))) * real({ANGLE_32!r})",
        "t2@ = t@ * t@",
        *_side_by_side(_polynomial("s", "t2", SIN_32), _polynomial("c", "t2", COS_32)),
        "sine@ = r@ * (t@ * s@)",
        "cosine@ = r@ * c@",
        "cosine@ = from_bits(uint32(to_bits(cosine@) ^ (b@ & uint32(0x80000000))))",
        "exchange@ = (b@ & uint32(0x40000000)) != uint32(0)",
        "z[zoffset + {a}] = sine@ if exchange@ else cosine@",
        "z[zoffset + {b}] = cosine@ if exchange@ else sine@",
    ]
    return _transform((0, 2 * LANES), LANES, radicand, direction)


def _normals_64() -> str:
    word = "uint64(words[offset + {{{}}}])".format
    radicand = [
        f"k@ = int64(({word('a')} << uint64(21)) | ({word('b')} >> uint64(11)))",
        f"u@ = real(k@) * real({2.0**-53!r}) + real({2.0**-54!r})",
        f"exponent@ = (int_bits(u@) - int64({SQRT_HALF_BITS_64})) >> int64(52)",
        "f@ = from_int_bits(int_bits(u@) - (exponent@ << int64(52))) - real(1.0)",
        "s@ = f@ / (f@ + real(2.0))",
        "s2@ = s@ * s@",
        *_polynomial("p", "s2", LOG_64),
        "s@ = s@ + s@ * (s2@ * p@)",
        f"z[zoffset + {{a}}] = real(exponent@) * real({MINUS_TWO_LN_2!r}) - real(4.0) * s@",
    ]
    direction = [
        "r@ = np.sqrt(z[zoffset + {a}])",
        f"b@ = ({word('c')} << HALF) | {word('d')}",
        f"t@ = real(int64(b@ << uint64(2))) * real({ANGLE_64!r})",
        "t2@ = t@ * t@",
        *_side_by_side(_polynomial("s", "t2", SIN_64), _polynomial("c", "t2", COS_64)),
        "sine@ = r@ * (t@ + t@ * (t2@ * s@))",
        "cosine@ = r@ * (real(1.0) + t2@ * (t2@ * c@ - real(0.5)))",
        f"cosine@ = from_bits(to_bits(cosine@) ^ (b@ & uint64({1 << 63})))",
        f"exchange@ = (b@ & uint64({1 << 62})) != uint64(0)",
        "z[zoffset + {a}] = sine@ if exchange@ else cosine@",
        "z[zoffset + {b}] = cosine@ if exchange@ else sine@",
    ]
    return _transform((0, LANES // 2), LANES // 2, radicand, direction)


_THREE_POINT = f"""def transform(z, zoffset, words, offset):
    wide()
    zoffset, offset = zoffset & SEEN, offset & SEEN
    for i in range({4 * LANES}):
        w = words[offset + i]
        upper = real({SQRT_3!r}) if w >= uint32({2**32 - SIXTH}) else real(0.0)
        z[zoffset + i] = real({-SQRT_3!r}) if w < uint32({SIXTH}) else upper
"""
