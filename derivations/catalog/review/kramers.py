"""Saddles and the escape times of Langevin dynamics: document 000, definitions, (15) and (16)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Between, Positive, Real
from ...statements.extrema import Inequality, LocalExtrema
from ...statements.passage import EscapeTime
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import positive, real

# A saddle with a zero and a negative eigenvalue: along the eigenvector of the negative one the loss falls

h, third, fourth = real("h c3 c4")
half = sp.Rational(1, 2)
a, barrier = positive("a DeltaL")
claim(
    "000.def.nonstrict",
    "A critical point with a zero and a negative eigenvalue is a strict saddle: along the negative eigenvector it is "
    "a strict local maximum.",
    source=Source("000", "Escape times, definition"),
    statement=LocalExtrema(-a * h**2 / 2 + third * h**3 + fourth * h**4, h, maxima=(sp.Integer(0),)),
    domain=Domain(a=Positive, c3=Real, c4=Real),
    given=("the loss along the eigenvector of the eigenvalue -a, to fourth order",),
    note="Elsewhere 'non-strict' means that no eigenvalue is negative; the document defines the opposite, as it says.",
    printed=r"\text{(i.e. strict saddle point with a flat direction)}",
)

# Kramers. Constant noise sqrt(2 T) dB with T = c; minimum 0 and saddle 1 of L' = H_a x (1 - x)(1 + m x)

position: Any = real("x")
ratio: Any = positive("c")
steepness: Any = positive("m")
at_min: Any = positive("H_a")
field = at_min * position * (1 - position) * (1 + steepness * position)
height = at_min * (sp.Rational(1, 6) + steepness / 12)
amount: Any = positive("A")
KRAMERS, SADDLE = Source("000", "(16)"), Source("000", "(15)-(16)")
_kramers_printed = r"< \tau > \sim \exp\left[-\beta \frac{\Delta L}{\sigma^2}\right]"


def escape(variance: sp.Expr, value: sp.Expr) -> EscapeTime:
    """Return the assertion on the mean time from the minimum 0 over the saddle 1."""
    return EscapeTime(
        SDE(position, -field, sp.sqrt(variance)),
        ratio,
        -half,
        sp.Integer(0),
        sp.Integer(1),
        1 + half / 2,
        value,
    )


for name, value, title in (
    (
        "000.kramers",
        amount * sp.exp(-height / ratio),
        "As the noise vanishes, the mean escape time over a saddle in one dimension is A exp(-DeltaL/T), for some A.",
    ),
    (
        "000.kramers.repaired",
        2 * sp.pi / (at_min * sp.sqrt(1 + steepness)) * sp.exp(height / ratio),
        "As the noise vanishes, the mean escape time over a saddle in one dimension is 2 pi/sqrt(H_a |H_b|) "
        "exp(+DeltaL/T).",
    ),
):
    first = name == "000.kramers"
    claim(
        name,
        title,
        source=KRAMERS,
        statement=escape(2 * ratio, value),
        domain=Domain(H_a=Positive, m=Between(0, 1), c=Positive, **({"A": Positive} if first else {})),
        given=(
            "one dimension, dx = -L' dt + sqrt(2 T) dB with c = T, which stands for sigma^2/beta; "
            "L' = H_a x (1 - x)(1 + m x), curvatures H_a and H_b = -H_a (1 + m), DeltaL = H_a (2 + m)/12",
            "reflected at -1/2, up to 5/4",
        ),
        repairs=None if first else "000.kramers",
        printed=_kramers_printed if first else "",
        note="The escape rate falls like that; the time grows, whatever beta > 0. DeltaL is positive: the text plots "
        "log DeltaL."
        if first
        else "",
    )

# Elementary derivatives of mean exit times, for two directions of the same curvature: L = +-k (x^2 + y^2)/2, from the
# centre to the circle of radius R; any further directions do not matter.

radius, slope, temperature, z = positive("r k T z")
for name, sign, words, place in (
    ("000.kramers.radial", 1, "k (x^2 + y^2)/2", KRAMERS),
    ("000.kramers.radial.top", -1, "-k (x^2 + y^2)/2", SADDLE),
):
    slope_of_time = sign * (1 - sp.exp(sign * slope * radius**2 / (2 * temperature))) / (slope * radius)
    claim(
        name,
        f"The mean exit time from a disc under the loss {words} has the derivative "
        f"{'(1 - e^u)' if sign > 0 else '-(1 - e^-u)'}/(k r), u = k r^2/2T, in its start r.",
        source=place,
        statement=Identity(
            temperature * (sp.Derivative(slope_of_time, radius) + slope_of_time / radius)
            - sign * slope * radius * slope_of_time,
            sp.Integer(-1),
        ),
        domain=Domain(T=Positive, k=Positive, r=Positive),
        given=(
            "noise sqrt(2 T) dW in both directions; the derivative of the mean time solves the backward equation and "
            "vanishes at the centre",
        ),
        reading="a step of the derivation of the claims on (16)",
        stated=False,
    )
_on_top = (
    "the loss -k (x^2 + y^2)/2, flat in a third parameter: eigenvalues -k, -k and 0; noise sqrt(2 T) dW, from the "
    "critical point until the loss has fallen by epsilon = z T",
    "the derivative in z of the mean time is (1 - e^-z)/(2 k z), by 000.kramers.radial.top",
)
falling = (1 - sp.exp(-z)) / (2 * slope * z)
claim(
    "000.kramers.saddle",
    "As the noise vanishes, the mean time to fall by epsilon from a saddle of two equal falling directions falls, like "
    "exp(-epsilon/T) of (16).",
    source=SADDLE,
    statement=Inequality(sp.Lt(falling, 0, evaluate=False)),
    domain=Domain(k=Positive, z=Positive),
    given=_on_top,
    printed=r"\tau_r = \inf\{t > 0 : L(\theta^*) - L(\theta(t)) > \epsilon\}, \quad " + _kramers_printed,
    reading="(16) gives the time tau_r of (15), from a saddle",
    stated=False,
    note="There is no barrier to climb, and no exponential, of either sign. The document's list of contents has "
    "Kramers for local minima, and a later paragraph calls the escape from non-strict saddles a gap; the sign of (16) "
    "is counted at 000.kramers.",
)
claim(
    "000.kramers.saddle.repaired",
    "As the noise vanishes, the mean time to fall by epsilon from a saddle of two directions of curvature -k grows "
    "like log(1/T)/(2 k).",
    source=SADDLE,
    statement=LongTimeLimit(falling * z, z, 1 / (2 * slope)),
    domain=Domain(k=Positive),
    given=(*_on_top, "z times the derivative in z is the derivative in log(1/T)"),
    repairs="000.kramers.saddle",
)
