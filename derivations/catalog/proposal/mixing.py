"""Spectral gaps and mixing times of reference processes: document 002, list of statistics."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Positive, Real
from ...statements.passage import EscapeTime
from ...statements.processes import ExpectationAtAllTimes, LongTimeLimit, SDETransform
from ...statements.scalar import Identity
from ...symbols import positive, real
from .exits import a, c, hop, well

MIXING = Source("002", "list of statistics, mixing time")
_PRINTED = (
    r"\text{Mixing time to quasi-stationary distributions or to stationary distributions along degenerate directions "
    r"(for example, by examining the spectral gap between the first eigenvalues of the Fokker-Planck operator)}"
)
_ASKED = "Derived: the proposal names the statistic."
x, x0, z, wave = real("x x_0 z w")
h, D, t, q, T = positive("h D t q T")
ou = SDE(x, -h * x, sp.sqrt(2 * D))
weight = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)

# Ornstein-Uhlenbeck process: spectrum 0, h, 2h, ...

claim(
    "002.stat.gap.ou",
    "Ornstein-Uhlenbeck process: the spectral gap is h, the Rayleigh quotient of x.",
    source=MIXING,
    statement=Identity(D / (D / h * sp.Integral(x**2 * weight, (x, -sp.oo, sp.oo))), h),
    domain=Domain(h=Positive, D=Positive),
    given=(
        "dx = -h x dt + sqrt(2 D) dB: the gap is the least value of D E[f'^2]/E[f^2] over f of mean 0",
        "no f is below h: slopes of means decay at the rate h at least (002.stat.gap.ou.bound); x has it, its variance "
        "being D/h times that of a standard Gaussian number",
    ),
    note=_ASKED,
    printed=_PRINTED,
)
test = sp.exp(z * x)


def generator(f: sp.Expr) -> sp.Expr:
    """Return the backward operator on f."""
    return D * sp.diff(f, x, 2) - h * x * sp.diff(f, x)


claim(
    "002.stat.gap.ou.bound",
    "On all exponentials the derivative of the generator is the generator of the derivative, less h times it.",
    source=MIXING,
    statement=Identity(sp.Derivative(generator(test), x), generator(sp.diff(test, x)) - h * sp.diff(test, x)),
    domain=Domain(h=Positive, D=Positive, x=Real, z=Real),
    given=("(L f)' = L f' - h f', so that slopes of E f(X_t) decay like exp(-h t) (Bakry and Emery)",),
    note=_ASKED,
    printed=_PRINTED,
)
hermite = sp.exp(wave * x - D * wave**2 / (2 * h))
claim(
    "002.stat.gap.ou.spectrum",
    "Ornstein-Uhlenbeck process: Hermite polynomials of order n are eigenfunctions of the eigenvalue -n h, for all n.",
    source=MIXING,
    statement=Identity(generator(hermite), -h * wave * sp.diff(hermite, wave)),
    domain=Domain(h=Positive, D=Positive, x=Real, w=Real),
    given=("exp(w x - D w^2/(2h)) generates the Hermite polynomials, that of order n with w^n/n!",),
    note=_ASKED,
    printed=_PRINTED,
)
for suffix, observable, value in (
    (".mean", x, x0 * sp.exp(-h * t)),
    (".second", x**2 - D / h, (x0**2 - D / h) * sp.exp(-2 * h * t)),
):
    claim(
        f"002.stat.gap.ou{suffix}",
        f"Ornstein-Uhlenbeck process: E[{observable}] decays at the rate {'h' if observable == x else '2 h'}.",
        source=MIXING,
        statement=ExpectationAtAllTimes(ou, observable, t, x0, value),
        domain=Domain(h=Positive, D=Positive, x_0=Real, t=Positive),
        given=("dx = -h x dt + sqrt(2 D) dB",),
        note=_ASKED,
        printed=_PRINTED,
    )

# Double well

claim(
    "002.stat.gap.doublewell",
    "As the noise vanishes, each well of (b/4)(x^2 - a^2)^2 is left at the rate (b a^2/(sqrt(2) pi)) exp(-b a^4/(4 "
    "T)), half of the spectral gap.",
    source=MIXING,
    statement=EscapeTime(well, c, -2 * a, -a, sp.Integer(0), a, hop),
    domain=Domain(a=Positive, b=Positive, c=Positive),
    given=(
        "dx = -L' dt + sqrt(2 T) dB with c = T; the mean time to the bottom of the other well",
        "on the scale of that time the process jumps between two wells at equal rates r, and the difference of their "
        "masses decays like exp(-2 r t): the gap is 2/time, (sqrt(2) b a^2/pi) exp(-b a^4/(4T)), to leading order",
    ),
    note=_ASKED,
    printed=_PRINTED,
)

# What the gap measures

s: Any = positive("s")
left = sp.exp(-h * t)
distance = (x0 * left) ** 2 + s**2 * left**4 / (1 + sp.sqrt(1 - left**2)) ** 2
claim(
    "002.gap.mixing",
    "Along a direction of curvature h the 2-Wasserstein distance to the stationary law decays like exp(-h t): its "
    "rate is the spectral gap.",
    source=MIXING,
    statement=LongTimeLimit(distance * sp.exp(2 * h * t), t, x0**2),
    domain=Domain(h=Positive, s=Positive, x_0=Real),
    given=(
        "Ornstein-Uhlenbeck process from x_0, of stationary variance s^2: the law at t is Gaussian of mean x_0 "
        "exp(-h t) and variance s^2 (1 - exp(-2 h t)); the square of its distance is that of 002.stat.div.w2, where "
        "1 - sqrt(1 - u) is written as u/(1 + sqrt(1 - u))",
        "the gap is h (002.stat.gap.ou)",
    ),
    reading="the rate at which the law approaches the stationary one",
    printed=_PRINTED,
)
y: Any = real("y")
claim(
    "002.gap.mixing.quartic",
    "Along a degenerate direction q x^4 all rates, the gap among them, are sqrt(q T) times those of y^4 at T = 1.",
    source=MIXING,
    statement=SDETransform(
        SDE(x, -4 * q * x**3, sp.sqrt(2 * T)),
        (q / T) ** sp.Rational(1, 4) * x,
        SDE(y, -4 * sp.sqrt(q * T) * y**3, sp.sqrt(2 * sp.sqrt(q * T))),
    ),
    domain=Domain(x=Real, q=Positive, T=Positive),
    given=("y = (q/T)^(1/4) x runs through dy = -4 y^3 dt + sqrt(2) dB in the time sqrt(q T) t",),
    reading="along a degenerate direction that confines; along a flat one there is no stationary law to mix to",
    printed=_PRINTED,
)
