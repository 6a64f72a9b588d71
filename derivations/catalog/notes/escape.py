"""Escape times: document 001, section 6."""

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

barrier, slope, temperature, z, c = positive("DeltaL k T z c")

# Kramers' law (40), over the saddle of a cubic slope

_PRINTED_40 = r"< \tau > \sim \exp\left[-\beta \frac{\Delta L}{\sigma^2}\right]"
_saddle = (
    "one dimension, dx = -L' dt + sqrt(2 T) dB with c = T, which stands for sigma^2/beta; L' = H_a x (1 - x)(1 + m x), "
    "curvatures H_a and H_b = -H_a (1 + m), DeltaL = H_a (2 + m)/12 > 0, for log DeltaL is plotted",
    "reflected at -1/2, up to 5/4",
)
position: Any = real("x")
at_min, steepness, heat, amount = positive("H_a m c A")
top_height = at_min * (2 + steepness) / 12
half = sp.Rational(1, 2)


def over_saddle(value: sp.Expr) -> EscapeTime:
    """Return the assertion on the mean time from the minimum 0 over the saddle 1."""
    field = at_min * position * (1 - position) * (1 + steepness * position)
    return EscapeTime(
        SDE(position, -field, sp.sqrt(2 * heat)), heat, -half, sp.Integer(0), sp.Integer(1), 1 + half / 2, value
    )


_shapes = {"H_a": Positive, "m": Between(0, 1), "c": Positive}
claim(
    "001.eq40",
    "As the noise vanishes, the mean escape time over a saddle is A exp(-DeltaL/T), for some A.",
    source=Source("001", "6, (40)"),
    statement=over_saddle(amount * sp.exp(-top_height / heat)),
    domain=Domain(**_shapes, A=Positive),
    given=(*_saddle, "no constant A turns exp(-DeltaL/T) into exp(+DeltaL/T)"),
    note="The sign is that of a rate, and the text says 'escape time'. The document doubts the temperature only.",
    printed=r"\text{the escape time is given by the Kramers law where: } " + _PRINTED_40,
)
claim(
    "001.eq40.repaired",
    "As the noise vanishes, the mean escape time over a saddle is 2 pi/sqrt(H_a |H_b|) exp(+DeltaL/T).",
    source=Source("001", "6, (40)"),
    statement=over_saddle(2 * sp.pi / (at_min * sp.sqrt(1 + steepness)) * sp.exp(top_height / heat)),
    domain=Domain(**_shapes),
    given=_saddle,
    repairs="001.eq40",
)
well_time = barrier / slope**2 * ((sp.exp(z) - 1) / z - 1)
claim(
    "001.eq40.rate",
    "As the noise vanishes, one over the mean escape time falls like exp(-DeltaL/T), up to powers of T.",
    source=Source("001", "6, (40)"),
    statement=LongTimeLimit(sp.exp(z) / (z * well_time), z, slope**2 / barrier),
    domain=Domain(DeltaL=Positive, k=Positive),
    given=(
        "the loss k |x| in one dimension, noise sqrt(2 T) dB with T = DeltaL/z, from the minimum to the height DeltaL",
        "T f'' - k f' = -1 for x > 0 with f'(0) = 0 gives the mean time (DeltaL/k^2) ((exp(z) - 1)/z - 1)",
        "beta/sigma^2 is 1/T, so that the exponent is z",
    ),
    reading="the display is a rate; it says 'escape time', and (39) defines a time",
    stated=False,
    printed=_PRINTED_40,
)

# The power law (display after (39)): the loss L_0 + h |x|^2/2, noise of covariance 2 L H/B, B/(eta h) = n/2, where the
# mean time from the minimum to the level L_s = z L_0 is (z - 1)/(2 h) (000.mori.time)

h: Any = positive("h")
n: Any = dimension("n")
basin_time = (z - 1) / (2 * h)
cubic_time = sum((sp.binomial(3, j) * (z - 1) ** j / j for j in range(1, 4)), sp.Integer(0)) / (2 * h)
power = n / 2 + 1 - n / 2
_basin = (
    "the loss L_0 + h |x|^2/2 in n equal directions, gradient noise of covariance 2 L h/B in all of them; "
    "B/(eta h) = n/2, where the mean time from the minimum to L_s = z L_0 is (z - 1)/(2 h)",
    "the power B/(eta h) + 1 - n/2",
)
_PRINTED_RATE = (
    r"\tau_r \sim \frac{\sqrt{h_e^* |h_e^s|}}{2\pi} \left[ \frac{L(\theta^s)}{L(\theta^*)} "
    r"\right]^{\left(\frac{B}{\eta h_e^*} + 1 - \frac{n}{2}\right)}"
)
_TIME = "tau_r is the escape time of (39); the prefactor is left out, for it has the unit of a rate"
AFTER_39 = Source("001", "6, display after (39)")
claim(
    "001.6.rate",
    "The escape rate varies like L_s/L_0 to the power +(B/(eta h) + 1 - n/2).",
    source=AFTER_39,
    statement=LongTimeLimit(1 / (basin_time * z**power), z, c),
    domain=Domain(n=Integers(1), h=Positive, c=Positive),
    given=(*_basin, "the rate is one over the mean time; c is any positive constant"),
    reading="'the escape rate obeys a power law given by': a rate, and the prefactor has the unit of one",
    stated=False,
    note="Quoted from a paper, with the symbol of an escape time; of the time the power is right: 001.6.rate.time.",
    printed=_PRINTED_RATE,
)
claim(
    "001.6.rate.repaired",
    "The escape rate varies like L_s/L_0 to the power -(B/(eta h) + 1 - n/2).",
    source=AFTER_39,
    statement=LongTimeLimit(z**power / basin_time, z, 2 * h),
    domain=Domain(n=Integers(1), h=Positive),
    given=(*_basin, "the rate is one over the mean time"),
    repairs="001.6.rate",
)
claim(
    "001.6.rate.time",
    "The mean escape time varies like L_s/L_0 to the power +(B/(eta h) + 1 - n/2).",
    source=AFTER_39,
    statement=LongTimeLimit(basin_time / z**power, z, 1 / (2 * h)),
    domain=Domain(n=Integers(1), h=Positive),
    given=_basin,
    reading=_TIME,
    note="Here the power is 1; it is 3 in 001.6.rate.time.cubic.",
    printed=_PRINTED_RATE,
)
claim(
    "001.6.rate.time.cubic",
    "For n = 2 and B/(eta h) = 3 the mean escape time varies like the third power of L_s/L_0.",
    source=AFTER_39,
    statement=LongTimeLimit(cubic_time / z**3, z, 1 / (6 * h)),
    domain=Domain(h=Positive),
    given=(
        "the loss L_0 + h |x|^2/2 in two directions, gradient noise of covariance 2 L h/B in both: 000.mori.time.cubic",
        "the power B/(eta h) + 1 - n/2",
    ),
    reading=_TIME,
    printed=_PRINTED_RATE,
)

# At a saddle: the loss falls off like L_0 - k |x|, down to the share r of L_0; q = B/(eta h)

top, share, q, x, d = positive("L_0 r q x d")


def ridge_time(reached: sp.Expr) -> sp.Expr:
    """Return the mean time from the loss `reached` L_0 to r L_0."""
    return top / slope**2 * (reached - share - (reached ** (q + 1) - share ** (q + 1)) / (q + 1))


level = 1 - slope * x / top
ridge_from = ridge_time(level)
claim(
    "001.6.ridge",
    "The mean time from a ridge satisfies the backward equation, is even in x, and vanishes at the loss r L_0.",
    source=Source("001", "6, (39)"),
    statement=Identity(
        top * level / q * sp.diff(ridge_from, x, 2)
        + slope * sp.diff(ridge_from, x)
        + c * sp.diff(ridge_from, x).subs(x, 0)
        + d * ridge_time(share),
        sp.Integer(-1),
    ),
    domain=Domain(
        L_0=Positive, k=Positive, q=Positive, r=Between(0, 1), x=Between(0, top / slope), c=Positive, d=Positive
    ),
    given=(
        "the loss L_0 - k |x|, gradient noise of covariance 2 L h/B, q = B/(eta h): generator (L/q) f'' + k f', x > 0",
        "c and d are arbitrary, so that f'(0) = 0, and f = 0 at the loss r L_0, too",
    ),
    reading="a step of the derivation of 001.6.location",
    stated=False,
)
_ridge = (
    "the loss L_0 - k |x|, gradient noise of covariance 2 L h/B, from the top to the loss L_s = r L_0; n = 1, "
    "q = B/(eta h): the mean time of 001.6.ridge",
    "further directions, flat or not, do not change the time",
)
claim(
    "001.6.location",
    "The mean time to leave a saddle, as defined in (39), varies like L_s/L_0 to the power B/(eta h) + 1 - n/2.",
    source=Source("001", "6, text after (39)"),
    statement=LongTimeLimit(ridge_time(sp.Integer(1)) / share ** (q + sp.Rational(1, 2)), q, c),
    domain=Domain(L_0=Positive, k=Positive, r=Between(0, 1), c=Positive),
    given=(*_ridge, "c is any positive constant"),
    reading="at a saddle itself, without the assumptions that the text lists, which are of escape from a minimum",
    stated=False,
    note="A report of a paper. The power law is one of climbing out of a minimum; from a saddle the loss falls from "
    "the start. The ridge has no Hessian.",
    printed=r"\text{the authors derive an expression for the escape time around a non-strict saddle point}, \quad "
    + _PRINTED_RATE,
)
claim(
    "001.6.location.repaired",
    "As the noise vanishes, the mean time to leave a ridge tends to that of the descent, without a power of the loss.",
    source=Source("001", "6, text after (39)"),
    statement=LongTimeLimit(ridge_time(sp.Integer(1)), q, top * (1 - share) / slope**2),
    domain=Domain(L_0=Positive, k=Positive, r=Between(0, 1)),
    given=_ridge,
    repairs="001.6.location",
    note="At a smooth saddle of curvature -k the time grows with the logarithm of B/eta instead.",
)

# Anisotropy and power laws (after (40))

any_power = positive("p")
claim(
    "001.6.powerlaw",
    "With anisotropic noise the mean escape time is a power law in the height of the barrier.",
    source=Source("001", "6, after (40)"),
    statement=LongTimeLimit(temperature / slope**2 * (sp.exp(z) - 1 - z) / z**any_power, z, c),
    domain=Domain(T=Positive, k=Positive, p=Positive, c=Positive),
    given=(
        "two parameters, constant noise of temperature T in the first and any other in the second; the loss k |x| in "
        "the first, from 0 to the height DeltaL = z T",
        "a power law z^p with a constant c: any p, any c",
    ),
    reading="the mean escape time as a function of DeltaL at fixed noise, anisotropic in any way",
    stated=False,
    note="What is expected of an experiment, with the noise of the paper that is followed, which grows with the loss: "
    "there the power law holds (001.6.rate.time), isotropic or not.",
    printed=r"\text{If anisotropy is present we should observe a power law as opposed to a linear relationship.}",
)
