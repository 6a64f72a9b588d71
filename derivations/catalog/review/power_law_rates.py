"""The power-law escape rate of SGD: document 000, power-law paper, first display and (15)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Between, Integers, Positive
from ...statements.passage import EscapeTime
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

h, end, r, low, top, c = positive("h R r L_0 L_s c")

# Escape from the basin L = L_0 + h |x|^2/2 in n equal directions, q = B/(eta h), noise sqrt(2 L/q) dW in each: from the
# minimum to the level L_s = L_0 + h R^2/2. For q = n/2 the mean time is elementary, for n = 2 and integer q it is a
# polynomial in L_s/L_0.

n: Any = dimension("n")
basin = low + h * r**2 / 2
half_n = sp.Integer(1) * n / 2
time_half = (end**2 - r**2) / (4 * low)
rise = h * r**2 / (2 * low)
time_cubic = sum(
    (sp.binomial(3, j) * ((h * end**2 / (2 * low)) ** j - rise**j) / j for j in range(1, 4)), sp.Integer(0)
) / (2 * h)
RATE = Source("000", "power-law paper, escape rate")
_basin = (
    "the loss L_0 + h |x|^2/2 in n equal directions, noise (6), so that the generator is "
    "(L/q)(f'' + (n-1) f'/r) - h r f' with q = B/(eta h)"
)
for name, value, q, dim, words in (
    ("000.mori.time", time_half, half_n, n, "B/(eta h) = n/2, for every n,"),
    ("000.mori.time.cubic", time_cubic, sp.Integer(3), sp.Integer(2), "n = 2, B/(eta h) = 3"),
):
    claim(
        name,
        f"With {words} the mean time from radius r to radius R satisfies the backward equation and vanishes at R.",
        source=RATE,
        statement=Identity(
            basin / q * (sp.diff(value, r, 2) + (dim - 1) * sp.diff(value, r) / r)
            - h * r * sp.diff(value, r)
            + c * value.subs(r, end),
            sp.Integer(-1),
        ),
        domain=Domain(
            **({"n": Integers(1)} if dim is n else {}), L_0=Positive, h=Positive, R=Positive, r=Positive, c=Positive
        ),
        given=(_basin, "c is arbitrary, so that the time vanishes at R, too; it is smooth at r = 0"),
        reading="a step of the derivation of the claims on escape rates",
        stated=False,
    )

z: Any = positive("z")
#: Mean times from the minimum, in z = L_s/L_0.
from_half = (z - 1) / (2 * h)
from_cubic = sum((sp.binomial(3, j) * (z - 1) ** j / j for j in range(1, 4)), sp.Integer(0)) / (2 * h)
FIRST, FIFTEEN = Source("000", "power-law paper, first display"), Source("000", "power-law paper, (15)")
_first_printed = (
    r"\tau_r \sim \frac{\sqrt{h_e^* |h_e^s|}}{2\pi} \left[ \frac{L(\theta^s)}{L(\theta^*)} "
    r"\right]^{\left(\frac{B}{\eta h_e^*} + 1 - \frac{n}{2}\right)}"
)
half_given = (_basin, "B/(eta h) = n/2, where the mean time is (z - 1)/(2 h) with z = L_s/L_0 (000.mori.time)")


def magnitude(q: sp.Expr, directions: sp.Expr) -> sp.Expr:
    """Return the power of the first display."""
    return q + 1 - directions / 2


claim(
    "000.mori.first.power",
    "As L_s/L_0 grows, the mean escape time grows like its power B/(eta h) + 1 - n/2.",
    source=FIRST,
    statement=LongTimeLimit(from_half / z ** magnitude(n / 2, n), z, 1 / (2 * h)),
    domain=Domain(n=Integers(1), h=Positive),
    given=half_given,
    printed=_first_printed,
)
claim(
    "000.mori.first.power.cubic",
    "As L_s/L_0 grows, the mean escape time grows like its power B/(eta h) + 1 - n/2: n = 2, B/(eta h) = 3.",
    source=FIRST,
    statement=LongTimeLimit(from_cubic / z ** magnitude(sp.Integer(3), sp.Integer(2)), z, 1 / (6 * h)),
    domain=Domain(h=Positive),
    given=(_basin, "n = 2 and B/(eta h) = 3 (000.mori.time.cubic)"),
    printed=_first_printed,
)
for name, sign, repairs in (
    ("000.mori.first.rate", 1, None),
    ("000.mori.first.rate.repaired", -1, "000.mori.first.rate"),
):
    claim(
        name,
        f"The escape rate varies like (L_s/L_0) to the power {'+' if sign > 0 else '-'}(B/(eta h) + 1 - n/2).",
        source=FIRST,
        statement=LongTimeLimit(1 / (from_half * z ** (sign * magnitude(n / 2, n))), z, c if sign > 0 else 2 * h),
        domain=Domain(n=Integers(1), h=Positive, **({"c": Positive} if sign > 0 else {})),
        given=(*half_given, "the rate is one over the mean time" + ("; c > 0 is any constant" if sign > 0 else "")),
        reading="'the escape rate obeys a power law given by': the display is a rate" if sign > 0 else None,
        repairs=repairs,
        note="Read as a time, after its symbol tau_r, the display has the right power and the prefactor of a rate: "
        "000.mori.first.time."
        if sign > 0
        else "",
        printed=_first_printed if sign > 0 else "",
    )  # fmt: skip

# (15), with x = 1/L_0 growing at fixed L_s

_fifteen_printed = (
    r"\kappa \sim \sqrt{\frac{h_e^* |h_e^s|}{2\pi L(\theta_s)}} \left(\frac{L(\theta_s)}{L(\theta_\star)}\right)"
    r"^{-\left(\frac{B}{\eta h_e^*} + \frac{1-n}{2}\right)}"
)
rate = 1 / from_half.subs(z, top * z)
for name, power, repairs, title in (
    ("000.mori.eq15.power", n / 2 + (1 - n) / 2, None, "B/(eta h) + (1 - n)/2"),
    ("000.mori.eq15.power.repaired", magnitude(n / 2, n), "000.mori.eq15.power", "B/(eta h) + 1 - n/2"),
):
    claim(
        name,
        f"As the loss L_0 at the minimum vanishes, the escape rate varies like (L_s/L_0) to the power -({title}).",
        source=FIFTEEN,
        statement=LongTimeLimit(rate * (top * z) ** power, z, 2 * h if repairs else c),
        domain=Domain(n=Integers(1), h=Positive, L_s=Positive, **({} if repairs else {"c": Positive})),
        given=(
            *half_given,
            "L_0 = 1/z at fixed L_s" + ("" if repairs else "; c is any positive constant, of h and L_s"),
        ),
        repairs=repairs,
        printed="" if repairs else _fifteen_printed,
        note="" if repairs else "(15) has the right rate times sqrt(2 pi/L_0): one slip, of power and prefactor.",
    )

# The prefactor, in one dimension: minimum 0 and saddle 1 of L = L_0 + int h x (1 - x)(1 + m x), noise 2 h L eta/B

x: Any = real("x")
ratio: Any = positive("c")
steep: Any = positive("m")
slope_15 = h * x * (1 - x) * (1 + steep * x)
loss_15 = low + h * (x**2 / 2 - x**3 / 3 + steep * (x**3 / 3 - x**4 / 4))
saddle = low + h * (sp.Rational(1, 6) + steep / 12)
curvatures = h**2 * (1 + steep)
exponent = 1 / (ratio * h)
half = sp.Rational(1, 2)
for name, prefactor, power, words, place in (
    (
        "000.mori.eq15.prefactor",
        sp.sqrt(curvatures / (2 * sp.pi * saddle)),
        exponent,
        "sqrt(h |h_s|/(2 pi L_s)) and the power of (15)",
        FIFTEEN,
    ),
    (
        "000.mori.eq15.prefactor.repaired",
        sp.sqrt(curvatures) / (2 * sp.pi),
        exponent + half,
        "sqrt(h |h_s|)/(2 pi) and the power B/(eta h) + 1 - n/2",
        FIRST,
    ),
):
    repairs = name.removesuffix(".repaired") if name.endswith(".repaired") else None
    claim(
        name,
        f"The rate of escape over a smooth saddle has the prefactor {words}.",
        source=place,
        statement=EscapeTime(
            SDE(x, -slope_15, sp.sqrt(2 * ratio * h * loss_15)),
            ratio,
            -half,
            sp.Integer(0),
            sp.Integer(1),
            1 + half / 2,
            (saddle / low) ** power / prefactor,
        ),
        domain=Domain(L_0=Positive, h=Positive, m=Between(0, 1), c=Positive),
        given=(
            "n = 1, c = eta/B; L = L_0 + h (x^2/2 - x^3/3 + m (x^3/3 - x^4/4)) with minimum 0, curvature h, and saddle "
            "1, |h_s| = h (1 + m); noise (6); the rate is one over the mean time",
            "reflected at -1/2, up to 5/4",
        ),
        repairs=repairs,
        printed=_fifteen_printed if repairs is None else "",
        note="The same slip as 000.mori.eq15.power; the printed prefactor has not the dimension of a rate "
        "(000.mori.scaling)."
        if repairs is None
        else "",
    )
claim(
    "000.mori.first.time",
    "The mean time of escape over a smooth saddle is sqrt(h |h_s|)/(2 pi) (L_s/L_0)^(B/(eta h) + 1 - n/2).",
    source=FIRST,
    statement=EscapeTime(
        SDE(x, -slope_15, sp.sqrt(2 * ratio * h * loss_15)),
        ratio,
        -half,
        sp.Integer(0),
        sp.Integer(1),
        1 + half / 2,
        sp.sqrt(curvatures) / (2 * sp.pi) * (saddle / low) ** (exponent + half),
    ),
    domain=Domain(L_0=Positive, h=Positive, m=Between(0, 1), c=Positive),
    given=("as for 000.mori.eq15.prefactor",),
    reading="tau_r is a time, as in (15) of the definitions; the text before the display calls it a rate",
    stated=False,
    printed=_first_printed,
    note="A time has the prefactor 2 pi/sqrt(h |h_s|): 000.mori.eq15.prefactor.repaired.",
)
