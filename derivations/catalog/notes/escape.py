"""Escape times and fractional evolutions: document 001, sections 6 and 9."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Between, Integers, Positive
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import dimension, positive

barrier, slope, temperature, z, c = positive("DeltaL k T z c")

# Kramers' law (40): from the minimum of k |x| to the height DeltaL at the temperature T = DeltaL/z (000.kramers.well)

well_time = barrier / slope**2 * ((sp.exp(z) - 1) / z - 1)
_well = (
    "the loss k |x| in one dimension, noise sqrt(2 T) dB with T = DeltaL/z, from the minimum to the height DeltaL: the "
    "mean time is (DeltaL/k^2) ((exp(z) - 1)/z - 1)",
    "beta/sigma^2 is 1/T, so that the exponent is z",
)
_PRINTED_40 = r"< \tau > \sim \exp\left[-\beta \frac{\Delta L}{\sigma^2}\right]"
_depth = Domain(DeltaL=Positive, k=Positive)
claim(
    "001.eq40",
    "As the noise vanishes, the mean escape time falls like exp(-DeltaL/T), up to powers of T.",
    source=Source("001", "6, (40)"),
    statement=LongTimeLimit(well_time * sp.exp(z / 2), z, sp.Integer(0)),
    domain=_depth,
    given=(*_well, "times a power of z, exp(-z) is below exp(-z/2) in the end"),
    printed=_PRINTED_40,
)
claim(
    "001.eq40.repaired",
    "As the noise vanishes, the mean escape time grows like exp(+DeltaL/T), up to powers of T.",
    source=Source("001", "6, (40)"),
    statement=LongTimeLimit(well_time * z * sp.exp(-z), z, barrier / slope**2),
    domain=_depth,
    given=_well,
    repairs="001.eq40",
)
claim(
    "001.eq40.rate",
    "As the noise vanishes, one over the mean escape time falls like exp(-DeltaL/T), up to powers of T.",
    source=Source("001", "6, (40)"),
    statement=LongTimeLimit(sp.exp(z) / (z * well_time), z, slope**2 / barrier),
    domain=_depth,
    given=_well,
    reading="the display is a rate; it says 'escape time', and (39) defines a time",
    stated=False,
    printed=_PRINTED_40,
)

# The power law (display after (39)): the loss L_0 + h |x|^2/2, noise of covariance 2 L H/B, B/(eta h) = n/2, where the
# mean time from the minimum to the level L_s = z L_0 is (z - 1)/(2 h) (000.mori.time)

h: Any = positive("h")
n: Any = dimension("n")
basin_time = (z - 1) / (2 * h)
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
AFTER_39 = Source("001", "6, display after (39)")
claim(
    "001.6.rate",
    "The escape rate varies like L_s/L_0 to the power +(B/(eta h) + 1 - n/2).",
    source=AFTER_39,
    statement=LongTimeLimit(1 / (basin_time * z**power), z, c),
    domain=Domain(n=Integers(1), h=Positive, c=Positive),
    given=(*_basin, "the rate is one over the mean time; c is any positive constant"),
    reading="'the escape rate obeys a power law given by': a rate, and the prefactor has the unit of one",
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
    reading="tau_r is the escape time of (39); the prefactor is left out, for it has the unit of a rate",
    printed=_PRINTED_RATE,
)

# At a saddle: the loss falls off like L_0 - k |x|, down to the share r of L_0; q = B/(eta h)

top, ratio, q, x, d = positive("L_0 r q x d")


def ridge_time(reached: sp.Expr) -> sp.Expr:
    """Return the mean time from the loss `reached` L_0 to r L_0."""
    return top / slope**2 * (reached - ratio - (reached ** (q + 1) - ratio ** (q + 1)) / (q + 1))


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
        + d * ridge_time(ratio),
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
    statement=LongTimeLimit(ridge_time(sp.Integer(1)) / ratio ** (q + sp.Rational(1, 2)), q, c),
    domain=Domain(L_0=Positive, k=Positive, r=Between(0, 1), c=Positive),
    given=(*_ridge, "c is any positive constant"),
    note="The power law is one of climbing out of a minimum; from a saddle the loss falls from the start.",
    printed=r"\text{the authors derive an expression for the escape time around a non-strict saddle point}, \quad "
    + _PRINTED_RATE,
)
claim(
    "001.6.location.repaired",
    "As the noise vanishes, the mean time to leave a ridge tends to that of the descent, without a power of the loss.",
    source=Source("001", "6, text after (39)"),
    statement=LongTimeLimit(ridge_time(sp.Integer(1)), q, top * (1 - ratio) / slope**2),
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
    reading="the mean escape time as a function of DeltaL at fixed noise",
    note="Power laws come from noise that grows with the loss, isotropic or not.",
    printed=r"\text{If anisotropy is present we should observe a power law as opposed to a linear relationship.}",
)
claim(
    "001.6.powerlaw.repaired",
    "With noise proportional to the loss, the same in all directions, the mean escape time is a power law.",
    source=Source("001", "6, after (40)"),
    statement=LongTimeLimit(basin_time / z, z, 1 / (2 * h)),
    domain=Domain(h=Positive),
    given=_basin,
    repairs="001.6.powerlaw",
)

# Fractional in time and in the parameters (9): d^beta p/dt^beta = -K (-Laplace)^(alpha/2) p

alpha, beta, K, t, wave = positive("alpha beta K t k")
j: Any = dimension("j")
damping = K * wave**alpha


def term(number: sp.Expr) -> sp.Expr:
    """Return term `number` of the Mittag-Leffler function of -K k^alpha t^beta."""
    return (-damping) ** number * t ** (beta * number) / sp.gamma(beta * number + 1)


claim(
    "001.9.fractional",
    "The propagator is E_beta(-K k^alpha t^beta) at wave number k: its terms solve the equation one by one.",
    source=Source("001", "9, last question"),
    statement=Identity(
        term(j) * t ** (-beta) * sp.gamma(beta * j + 1) / sp.gamma(beta * (j - 1) + 1), -damping * term(j - 1)
    ),
    domain=Domain(alpha=Between(0, 2), beta=Between(0, 1), K=Positive, t=Positive, k=Positive, j=Integers(1)),
    given=(
        "d^beta p/dt^beta = -K (-Laplace)^(alpha/2) p with the Caputo derivative, p = delta at t = 0; the series of "
        "Mittag-Leffler, sum over j >= 0 of (-K k^alpha t^beta)^j/Gamma(beta j + 1)",
        "the Caputo derivative of t^a, a > 0, is Gamma(a + 1)/Gamma(a + 1 - beta) t^(a - beta), and that of 1 is 0",
    ),
    note="Derived: both operators at once are consistent; beta < 1 slows the spreading and alpha < 2 makes it faster.",
)
claim(
    "001.9.fractional.width",
    "The propagator at time t is that at time 1 with lengths stretched by t^(beta/alpha).",
    source=Source("001", "9, last question"),
    statement=Identity(
        term(j), sp.Mul(term(j).subs({wave: wave * t ** (beta / alpha), t: 1}, simultaneous=True), 1, evaluate=False)
    ),
    domain=Domain(alpha=Between(0, 2), beta=Between(0, 1), K=Positive, t=Positive, k=Positive, j=Integers(1)),
    given=("term by term in the series of 001.9.fractional: only k t^(beta/alpha) occurs",),
    note="Derived. The width grows like t^(beta/alpha): normal where beta = alpha/2, whatever both are.",
)
