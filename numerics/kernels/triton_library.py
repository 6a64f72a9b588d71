"""Device functions of the Triton kernels as source: arithmetic, Philox 4x32-10, and the polynomial normals."""

from __future__ import annotations

from collections.abc import Sequence

from ..random import normals, philox
from ..random.increments import SIXTH, SQRT_3, DType


def _horner(variable: str, coefficients: Sequence[float]) -> str:
    text = repr(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        text = f"({text} * {variable} + {c!r})" if "(" in text else f"({variable} * {text} + {c!r})"
    return text


#: Coefficients of atan(t) / t in t^2; two halvings of the angle leave t^2 < 0.04, where the next term is below 1e-17.
_ATAN = [(-1) ** k / (2 * k + 1) for k in range(12)]

_HEAD = """\
import triton
import triton.language as tl

@triton.jit
def square(x):
    return x * x

@triton.jit
def real_power(x, p):
    return tl.exp(p * tl.log(x))

@triton.jit
def where(c, a, b):
    return tl.where(c, a, b)

@triton.jit
def both(a, b):
    return a & b

@triton.jit
def either(a, b):
    return a | b

@triton.jit
def negate(a):
    return a == 0

@triton.jit
def sqrt(x):
    return tl.sqrt(x)

@triton.jit
def exp(x):
    return tl.exp(x)

@triton.jit
def log(x):
    return tl.log(x)

@triton.jit
def sin(x):
    return tl.sin(x)

@triton.jit
def cos(x):
    return tl.cos(x)

@triton.jit
def tan(x):
    return tl.sin(x) / tl.cos(x)

@triton.jit
def sinh(x):
    t = tl.where(tl.abs(x) < 0.5, x, 0.0)
    q = t * t
    near = t * (1 + q / 6 * (1 + q / 20 * (1 + q / 42 * (1 + q / 72 * (1 + q / 110 * (1 + q / 156))))))
    far = (tl.exp(x) - tl.exp(-x)) / 2
    return tl.where(tl.abs(x) < 0.5, near, far)

@triton.jit
def cosh(x):
    return (tl.exp(x) + tl.exp(-x)) / 2

@triton.jit
def tanh(x):
    near = sinh(x) / cosh(tl.where(tl.abs(x) < 0.5, x, 0.0))
    far = 1 - 2 / (tl.exp(2 * tl.abs(x)) + 1)
    return tl.where(tl.abs(x) < 0.5, near, tl.where(x < 0, -far, far))

@triton.jit
def atan(x):
    turned = tl.abs(x) > 1
    t = tl.where(turned, 1 / tl.where(turned, x, 1.0), x)
    t = t / (1 + tl.sqrt(1 + t * t))
    t = t / (1 + tl.sqrt(1 + t * t))
    q = t * t
    near = 4 * t * ATAN
    right = t * 0 + 1.5707963267948966  # of the type of x: two bare numbers would meet as float32
    return tl.where(turned, tl.where(x < 0, -right, right) - near, near)

@triton.jit
def erf(x):
    return tl.erf(x)

@triton.jit
def Abs(x):
    return tl.abs(x)

@triton.jit
def sign(x):
    return tl.where(x > 0, 1, 0) - tl.where(x < 0, 1, 0) + x * 0

@triton.jit
def signs(word, bit, like):
    return (2 * ((word >> bit) & 1).to(tl.int32) - 1).to(like.dtype)

@triton.jit
def multiply(x, factor: tl.constexpr):
    product = x.to(tl.uint64) * factor
    return (product >> 32).to(tl.uint32), product.to(tl.uint32)
"""


def library(dtype: DType) -> list[str]:
    """Return the lines of the device functions: arithmetic, Philox and the normals."""
    kind = f"tl.{dtype}"
    text = [
        _HEAD.replace("ATAN", _horner("q", _ATAN)),
        "@triton.jit",
        "def philox(c0, c1, block, law: tl.constexpr, k0, k1):",
    ]
    text += ["    c2 = tl.zeros_like(c0) + block", "    c3 = tl.full(c0.shape, law, tl.uint32)"]
    for r in range(philox.ROUNDS):
        text += [
            f"    h0, l0 = multiply(c0, {philox.M0})",
            f"    h1, l1 = multiply(c2, {philox.M1})",
            f"    c0, c1, c2, c3 = h1 ^ c1 ^ (k0 + {r * philox.W0 & philox.MASK}), l1, "
            f"h0 ^ c3 ^ (k1 + {r * philox.W1 & philox.MASK}), l0",
        ]
    text += ["    return c0, c1, c2, c3", "", "@triton.jit", "def three_point(word):"]
    text += [
        f"    side = (word >= {2**32 - SIXTH}).to(tl.int32) - (word < {SIXTH}).to(tl.int32)",
        f"    return side.to({kind}) * {SQRT_3!r}",
        "",
        "@triton.jit",
        "def three_points(w0, w1, w2, w3):",
        "    return three_point(w0), three_point(w1), three_point(w2), three_point(w3)",
        "",
    ]
    return text + (_normals_32() if dtype == "float32" else _normals_64())


def _turn(word: str) -> list[str]:
    """Return lines that turn sine and cosine by the two highest bits of a word."""
    return [
        f"    cosine = tl.where({word} >= 2147483648, -cosine, cosine)",
        f"    exchange = ({word} & 1073741824) != 0",
        "    return r * tl.where(exchange, sine, cosine), r * tl.where(exchange, cosine, sine)",
        "",
    ]


def _normals_32() -> list[str]:
    return [
        "@triton.jit",
        "def pair(a, b):",
        f"    u = a.to(tl.float32) * {2.0**-32!r} + {2.0**-33!r}",
        "    bits = u.to(tl.int32, bitcast=True)",
        f"    exponent = (bits - {normals.SQRT_HALF_BITS_32}) >> 23",
        "    f = (bits - (exponent << 23)).to(tl.float32, bitcast=True) - 1.0",
        f"    r = tl.sqrt(exponent.to(tl.float32) * {normals.MINUS_TWO_LN_2!r} + f * {_horner('f', normals.LOG_32)})",
        f"    t = (b << 2).to(tl.int32, bitcast=True).to(tl.float32) * {normals.ANGLE_32!r}",
        "    q = t * t",
        f"    sine = t * {_horner('q', normals.SIN_32)}",
        f"    cosine = {_horner('q', normals.COS_32)}",
        *_turn("b"),
        "@triton.jit",
        "def normals(w0, w1, w2, w3):",
        "    z0, z1 = pair(w0, w1)",
        "    z2, z3 = pair(w2, w3)",
        "    return z0, z1, z2, z3",
        "",
    ]


def _normals_64() -> list[str]:
    return [
        "@triton.jit",
        "def normals(w0, w1, w2, w3):",
        "    whole = (w0.to(tl.int64) << 21) | (w1 >> 11).to(tl.int64)",
        f"    u = whole.to(tl.float64) * {2.0**-53!r} + {2.0**-54!r}",
        "    bits = u.to(tl.int64, bitcast=True)",
        f"    exponent = (bits - {normals.SQRT_HALF_BITS_64}) >> 52",
        "    f = (bits - (exponent << 52)).to(tl.float64, bitcast=True) - 1.0",
        "    s = f / (f + 2.0)",
        "    q = s * s",
        f"    logarithm = s + s * (q * {_horner('q', normals.LOG_64)})",
        f"    r = tl.sqrt(exponent.to(tl.float64) * {normals.MINUS_TWO_LN_2!r} - 4.0 * logarithm)",
        "    turned = ((w2.to(tl.int64) & 1073741823) << 34) | (w3.to(tl.int64) << 2)",
        f"    t = turned.to(tl.float64) * {normals.ANGLE_64!r}",
        "    q = t * t",
        f"    sine = t + t * (q * {_horner('q', normals.SIN_64)})",
        f"    cosine = 1.0 + q * (-0.5 + q * {_horner('q', normals.COS_64)})",
        *_turn("w2"),
    ]
