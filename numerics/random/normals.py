r"""Standard normals from random words by the Box-Muller transform in polynomials and basic operations.

With a uniform :math:`u` and an angle :math:`\varphi`, :math:`z = \sqrt{-2\ln u}\,(\cos\varphi, \sin\varphi)`.

- The uniform is (w + 1/2) / 2^32 of a 32-bit word in float32 and (w + 1/2) / 2^53 of a 53-bit word in float64: its
  smallest value 2^-33 or 2^-54 reaches out to 6.76 or 8.65 standard deviations; rounding may make it 1, where the
  radius is exactly 0, and never 0 or more than 1.
- The logarithm splits off the exponent so that the mantissa m lies in [sqrt(1/2), sqrt(2)): the radicand
  -2 ln 2 e - 2 ln m is never negative and has no cancellation near u = 1.
- The highest bit of the second word is the sign of the cosine, the next one exchanges sine and cosine, and the others
  are an angle in [-pi/4, pi/4): no range reduction. The four wedges together are the circle, uniformly.

The coefficients (minimax; relative error in comment) are shared by all backends. The torch functions are the
reference; backends may contract a product and a sum into one operation, hence agree with it to rounding.
Source: Box and Muller, Ann. Math. Statist. 29 (1958) 610.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from .philox import Words

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: -2 ln(1 + f) / f on [sqrt(1/2) - 1, sqrt(2) - 1], ascending powers of f; 1.7e-7.
LOG_32 = (
    -1.9999998906634925638,
    1.0000073020270336178,
    -0.66670116887965057034,
    0.49939819893343163377,
    -0.39800361330956916843,
    0.34501671140349676381,
    -0.32444946951153070676,
    0.20213499149133444485,
)
#: sin(t) / t and cos(t) on [-pi/4, pi/4], ascending powers of t^2; 3e-9 and 3e-8.
SIN_32 = (0.99999999676188439365, -0.16666650224443043042, 0.008332016459819827703, -0.00019501822577916670959)
COS_32 = (0.999999967387177944, -0.49999842436282794376, 0.041654419632128609269, -0.0013579404687603860897)

#: (atanh(s) / s - 1) / s^2 for |s| <= (sqrt(2) - 1)^2, ascending powers of s^2; 2e-18. ln m = 2 atanh((m-1) / (m+1)).
LOG_64 = (
    0.33333333333333493383,
    0.19999999999807205216,
    0.14285714351579210451,
    0.11111101112484213858,
    0.090916945651460841527,
    0.076591196727933953232,
    0.073782124475676148104,
)
#: (sin(t) / t - 1) / t^2 and (cos(t) - 1 + t^2 / 2) / t^4, ascending powers of t^2; 4e-18 and 1e-19.
SIN_64 = (
    -0.16666666666666639217,
    0.008333333333323784214,
    -0.00019841269830713417639,
    2.7557313962513410996e-6,
    -2.505079562774357225e-8,
    1.5898758416136196352e-10,
)
COS_64 = (
    0.041666666666666656871,
    -0.0013888888888883368332,
    0.000024801587294873051765,
    -2.7557315814143992406e-7,
    2.0875910734828591187e-9,
    -1.1368847132269751929e-11,
)

#: Bits of sqrt(1/2): subtracting them makes the exponent field the one of the mantissa range [sqrt(1/2), sqrt(2)).
SQRT_HALF_BITS_32 = 0x3F3504F3
SQRT_HALF_BITS_64 = 0x3FE6A09E667F3BCD
MINUS_TWO_LN_2 = -2 * math.log(2)
#: Angle of one unit of the signed 32-bit (or 64-bit) integer whose two lowest bits are zero.
ANGLE_32 = math.pi / 4 * 2.0**-31
ANGLE_64 = math.pi / 4 * 2.0**-63


def horner(x: torch.Tensor, coefficients: tuple[float, ...]) -> torch.Tensor:
    """Return the polynomial with the given ascending coefficients, in the dtype of `x`."""
    import torch

    result = torch.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        result = result * x + c
    return result


def radius_float32(word: torch.Tensor) -> torch.Tensor:
    """Return sqrt(-2 ln u), float32, of the uniform u = (word + 1/2) / 2^32; `word` is int64."""
    import torch

    u = word.to(torch.float32) * 2.0**-32 + 2.0**-33
    bits = u.view(torch.int32)
    exponent = (bits - SQRT_HALF_BITS_32) >> 23
    f = (bits - (exponent << 23)).view(torch.float32) - 1.0
    radicand = exponent.to(torch.float32) * MINUS_TWO_LN_2 + f * horner(f, LOG_32)
    return torch.sqrt(radicand)


def direction_float32(word: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the cosine and sine, float32, of the angle that the 32 bits of `word` (int64) encode."""
    import torch

    low = (word & 0x3FFFFFFF) << 2
    signed = torch.where(low >= 2**31, low - 2**32, low)
    t = signed.to(torch.float32) * ANGLE_32
    square = t * t
    sine = t * horner(square, SIN_32)
    cosine = horner(square, COS_32)
    cosine = torch.where(word >= 2**31, -cosine, cosine)
    exchange = (word & 0x40000000) != 0
    return torch.where(exchange, sine, cosine), torch.where(exchange, cosine, sine)


def radius_float64(high: torch.Tensor, low: torch.Tensor) -> torch.Tensor:
    """Return sqrt(-2 ln u), float64, of u = (k + 1/2) / 2^53 with k the upper 53 bits of two words (int64)."""
    import torch

    u = ((high << 21) | (low >> 11)).to(torch.float64) * 2.0**-53 + 2.0**-54
    bits = u.view(torch.int64)
    exponent = (bits - SQRT_HALF_BITS_64) >> 52
    f = (bits - (exponent << 52)).view(torch.float64) - 1.0
    s = f / (f + 2.0)
    square = s * s
    radicand = exponent.to(torch.float64) * MINUS_TWO_LN_2 - 4.0 * (s + s * (square * horner(square, LOG_64)))
    return torch.sqrt(radicand)


def direction_float64(high: torch.Tensor, low: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the cosine and sine, float64, of the angle that the 64 bits of two words (int64) encode."""
    import torch

    signed = ((high & 0x3FFFFFFF) << 34) | (low << 2)  # bit 61 of the pair of words is the sign of the angle
    t = signed.to(torch.float64) * ANGLE_64
    square = t * t
    sine = t + t * (square * horner(square, SIN_64))
    cosine = 1.0 + square * (-0.5 + square * horner(square, COS_64))
    cosine = torch.where(high >= 2**31, -cosine, cosine)
    exchange = (high & 0x40000000) != 0
    return torch.where(exchange, sine, cosine), torch.where(exchange, cosine, sine)


def normals_float32(words: Words) -> Words:
    """Return the four float32 normals of one block: lanes 0, 1 from words 0, 1 and lanes 2, 3 from words 2, 3."""
    pairs = []
    for a, b in ((words[0], words[1]), (words[2], words[3])):
        r = radius_float32(a)
        cosine, sine = direction_float32(b)
        pairs.append((r * cosine, r * sine))
    (z0, z1), (z2, z3) = pairs
    return z0, z1, z2, z3


def normals_float64(words: Words) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the two float64 normals of one block: the radius from words 0, 1 and the angle from words 2, 3."""
    r = radius_float64(words[0], words[1])
    cosine, sine = direction_float64(words[2], words[3])
    return r * cosine, r * sine
