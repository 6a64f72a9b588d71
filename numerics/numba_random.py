"""Source text of the random numbers of a compiled kernel: Philox blocks and their laws over a block of paths.

The inner loops run over LANES paths in flat arrays, so that LLVM turns them into the widest vectors of the machine.
Two things make Philox cheap here without changing a bit. The path is one counter word and the block another, so that
the first two of the ten rounds split into parts that depend on the path alone (once a run) or on the block alone (once
for all lanes). And words sit in 64-bit lanes, where the widening multiplication is one instruction; the even paths of
a pair of output words come from one lane and the odd ones from another.
"""

from __future__ import annotations

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
from .one_step import Law
from .philox import M0, M1, ROUNDS

#: Paths of an inner loop; a multiple of every vector width.
LANES = 256
#: Independent chains of Philox rounds in one loop body, enough to hide the latency of the multiplication.
_CHAINS = "abcd"


def horner(x: str, coefficients: tuple[float, ...]) -> str:
    """Return the source of a polynomial with ascending coefficients."""
    source = f"real({coefficients[-1]!r})"
    for c in reversed(coefficients[:-1]):
        source = f"({source} * {x} + real({c!r}))"
    return source


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


#: Offsets are never negative; the mask lets the compiler see it, and drop Python's negative indices.
_OFFSETS = ("    zoffset, offset = zoffset & SEEN, offset & SEEN",)


def _loop(*body: str) -> list[str]:
    return [f"    for i in range({LANES}):", *("        " + line for line in body)]


def _normals_32() -> str:
    c = [f"real({v!r})" for v in LOG_32]
    pairs = [f"({c[k + 1]} * f + {c[k]})" for k in range(0, 8, 2)]  # Estrin's scheme: shorter chains than Horner's
    logarithm = f"(({pairs[3]} * f2 + {pairs[2]}) * (f2 * f2) + ({pairs[1]} * f2 + {pairs[0]}))"
    lines = ["def transform(z, zoffset, words, offset):", "    wide()", *_OFFSETS]
    for pair in (0, 2):
        a, b = f"words[offset + {pair * LANES} + i]", f"words[offset + {(pair + 1) * LANES} + i]"
        first, second = f"z[zoffset + {pair * LANES} + i]", f"z[zoffset + {(pair + 1) * LANES} + i]"
        # radicand and direction in two loops: each chain is short enough for several to be under way at once
        lines += _loop(
            f"u = real({a}) * real({2.0**-32!r}) + real({2.0**-33!r})",
            f"bits = int32(int_bits(u) - int32({SQRT_HALF_BITS_32}))",
            "exponent = int32(bits >> int32(23))",
            "f = from_int_bits(int32(int_bits(u) - int32(exponent << int32(23)))) - real(1.0)",
            "f2 = f * f",
            f"{first} = real(exponent) * real({MINUS_TWO_LN_2!r}) + f * {logarithm}",
        )
        lines += _loop(
            f"b = {b}",
            f"t = real(int32(b << uint32(2))) * real({ANGLE_32!r})",
            "t2 = t * t",
            f"r = np.sqrt({first})",
            f"sine = r * (t * {horner('t2', SIN_32)})",
            f"cosine = r * {horner('t2', COS_32)}",
            "cosine = from_bits(uint32(to_bits(cosine) ^ (b & uint32(0x80000000))))",
            "exchange = (b & uint32(0x40000000)) != uint32(0)",
            f"{first} = sine if exchange else cosine",
            f"{second} = cosine if exchange else sine",
        )
    return "\n".join(lines) + "\n"


def _normals_64() -> str:
    def word(w: int) -> str:
        return f"uint64(words[offset + {w * LANES} + i])"

    first, second = "z[zoffset + i]", f"z[zoffset + {LANES} + i]"
    lines = ["def transform(z, zoffset, words, offset):", "    wide()", *_OFFSETS]
    lines += _loop(
        f"k = int64(({word(0)} << uint64(21)) | ({word(1)} >> uint64(11)))",
        f"u = real(k) * real({2.0**-53!r}) + real({2.0**-54!r})",
        f"exponent = (int_bits(u) - int64({SQRT_HALF_BITS_64})) >> int64(52)",
        "f = from_int_bits(int_bits(u) - (exponent << int64(52))) - real(1.0)",
        "s = f / (f + real(2.0))",
        "s2 = s * s",
        f"tail = s * (s2 * {horner('s2', LOG_64)})",
        f"{first} = real(exponent) * real({MINUS_TWO_LN_2!r}) - real(4.0) * (s + tail)",
    )
    lines += _loop(
        f"b = ({word(2)} << HALF) | {word(3)}",
        f"t = real(int64(b << uint64(2))) * real({ANGLE_64!r})",
        "t2 = t * t",
        f"r = np.sqrt({first})",
        f"sine = r * (t + t * (t2 * {horner('t2', SIN_64)}))",
        f"cosine = r * (real(1.0) + t2 * (t2 * {horner('t2', COS_64)} - real(0.5)))",
        f"cosine = from_bits(to_bits(cosine) ^ (b & uint64({1 << 63})))",
        f"exchange = (b & uint64({1 << 62})) != uint64(0)",
        f"{first} = sine if exchange else cosine",
        f"{second} = cosine if exchange else sine",
    )
    return "\n".join(lines) + "\n"


_THREE_POINT = f"""def transform(z, zoffset, words, offset):
    wide()
    zoffset, offset = zoffset & SEEN, offset & SEEN
    for i in range({4 * LANES}):
        w = words[offset + i]
        upper = real({SQRT_3!r}) if w >= uint32({2**32 - SIXTH}) else real(0.0)
        z[zoffset + i] = real({-SQRT_3!r}) if w < uint32({SIXTH}) else upper
"""
