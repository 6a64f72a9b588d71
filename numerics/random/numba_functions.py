"""Vectorisable exponential and logarithm in both precisions, as source text of compiled kernels."""

from __future__ import annotations

import math

from .increments import DType
from .normals import LOG_32, LOG_64, SQRT_HALF_BITS_32, SQRT_HALF_BITS_64

#: (e^r - 1 - r) / r^2 on |r| <= ln(2) / 2 in ascending powers: Taylor, of relative error 2e-9 and 4e-18 in e^r.
_EXP_32 = tuple(1 / math.factorial(k) for k in range(2, 8))
_EXP_64 = tuple(1 / math.factorial(k) for k in range(2, 15))


def horner(x: str, coefficients: tuple[float, ...]) -> str:
    """Return the source of a polynomial with ascending coefficients."""
    source = f"real({coefficients[-1]!r})"
    for c in reversed(coefficients[:-1]):
        source = f"({source} * {x} + real({c!r}))"
    return source


def exponential_source(dtype: DType) -> str:
    """Return the source of ``exponential(x)``, faithful for every real x, infinite ones included; NaN stays NaN.

    With n = round(x / ln 2) and r = x - n ln 2 in two parts, e^x = 2^n e^r; the power of two is applied in two factors,
    so that neither overflow nor the gradual underflow below it comes early.
    """
    small = dtype == "float32"
    lowest, highest = (-104.0, 89.0) if small else (-746.0, 710.0)
    high = 0.693359375 if small else 6.93147180369123816490e-01
    low = -2.12194440054690583e-4 if small else 1.90821492927058770002e-10
    kind, bias, shift = ("int32", 127, 23) if small else ("int64", 1023, 52)
    scale = f"from_int_bits({kind}(({kind}({{n}}) + {kind}({bias})) << {kind}({shift})))"
    return f"""def exponential(x):
    y = real({lowest!r}) if x < real({lowest!r}) else x
    y = real({highest!r}) if y > real({highest!r}) else y
    clean = y if y == y else real(0.0)
    n = np.floor(clean * real({1 / math.log(2)!r}) + real(0.5))
    r = (clean - n * real({high!r})) - n * real({low!r})
    value = (real(1.0) + r) + r * r * {horner("r", _EXP_32 if small else _EXP_64)}
    whole = {kind}(n)
    half = {kind}(whole >> {kind}(1))
    value = value * {scale.format(n="half")} * {scale.format(n=f"{kind}(whole - half)")}
    return value if y == y else y
"""


def logarithm_source(dtype: DType) -> str:
    """Return the source of ``logarithm(x)``: -inf at 0, inf at inf, NaN below 0 and at NaN; subnormal x too."""
    small = dtype == "float32"
    kind, shift = ("int32", 23) if small else ("int64", 52)
    bits = SQRT_HALF_BITS_32 if small else SQRT_HALF_BITS_64
    tiny, lift = (2.0**-126, 25) if small else (2.0**-1022, 54)
    largest = 3.4028234663852886e38 if small else 1.7976931348623157e308
    high = 0.693359375 if small else 6.93147180369123816490e-01
    low = -2.12194440054690583e-4 if small else 1.90821492927058770002e-10
    body = (
        f"f * {horner('f', tuple(-c / 2 for c in LOG_32))}"
        if small
        else f"real(2.0) * (s + s * (s * s * {horner('(s * s)', LOG_64)}))"
    )
    return f"""def logarithm(x):
    low = x < real({tiny!r})
    good = (x > real(0.0)) & (x <= real({largest!r}))
    y = x * real({2.0**lift!r}) if low else x
    y = y if good else real(1.0)
    exponent = {kind}({kind}(int_bits(y) - {kind}({bits})) >> {kind}({shift}))
    f = from_int_bits({kind}(int_bits(y) - {kind}(exponent << {kind}({shift})))) - real(1.0)
    s = f / (f + real(2.0))
    n = real(exponent) - (real({lift}.0) if low else real(0.0))
    value = n * real({high!r}) + ({body} + n * real({low!r}))
    special = (real(-np.inf) if x == real(0.0) else (x if x > real(0.0) else real(np.nan)))
    return value if good else special
"""
