"""Exit times and quasi-stationary laws of reference processes: document 002, list of statistics."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Between, Positive
from ...statements.classes.exit_times import MeanExitTime
from ...statements.passage import EscapeTime
from ...statements.scalar import Identity
from ...symbols import positive, real

EXIT = Source("002", "list of statistics, exit time")
QUASI = Source("002", "list of statistics, quasi-stationary law")
_PRINTED_EXIT = r"\text{The exit time from the saddle point via negatively curved directions}"
_ASKED = "Derived: the proposal names the statistic."

h, D, R, r, sigma = positive("h D R r sigma")
x: Any = real("x")
y, u = positive("y u")

# Ornstein-Uhlenbeck process, from 0 to one of -R and R

_ou = (
    "dx = -h x dt + sqrt(2 D) dB, of which |x| = r reaches R; by symmetry |x| is reflected at 0",
    "the mean time is the integral over (r, R) of the scale density times the speed measure from 0 to there",
)


def slope(y: sp.Expr, erf: Any, sign: int) -> sp.Expr:
    """Return minus the derivative of the mean time in the start y, for the curvature h or -h."""
    return sp.sqrt(sp.pi / (2 * h * D)) * sp.exp(sign * h * y**2 / (2 * D)) * erf(y * sp.sqrt(h / (2 * D)))


half = {"h": Positive, "D": Positive, "R": Positive, "r": Between(0, R)}
claim(
    "002.stat.exit.ou",
    "Ornstein-Uhlenbeck process: from |x| = r the mean exit time from (-R, R) is the integral over (r, R) of "
    "sqrt(pi/(2 h D)) exp(h y^2/(2 D)) erf(y sqrt(h/(2 D))).",
    source=EXIT,
    statement=MeanExitTime(
        SDE(r, -h * r, sp.sqrt(2 * D)), sp.Integer(0), R, sp.Integral(slope(y, sp.erf, 1), (y, r, R)), reflecting=True
    ),
    domain=Domain(**half),
    given=_ou,
    note=f"{_ASKED} From 0, r = 0; its derivative in R is 002.stat.exit.ou.growth.",
    printed=_PRINTED_EXIT,
)
claim(
    "002.stat.exit.ou.growth",
    "Ornstein-Uhlenbeck process from 0: the derivative in R of its mean exit time from (-R, R) is sqrt(pi/(2 h D)) "
    "exp(h R^2/(2 D)) erf(R sqrt(h/(2 D))).",
    source=EXIT,
    statement=Identity(
        sp.exp(h * R**2 / (2 * D)) / D * sp.Integral(sp.exp(-h * y**2 / (2 * D)), (y, 0, R)), slope(R, sp.erf, 1)
    ),
    domain=Domain(h=Positive, D=Positive, R=Positive),
    given=_ou,
    note=f"{_ASKED} The time itself is the integral of this from 0 to R; it is no elementary function.",
    printed=_PRINTED_EXIT,
)
claim(
    "002.stat.exit.flat",
    "Along a flat direction the mean exit time from (-R, R) is (R^2 - x^2)/(2 D).",
    source=EXIT,
    statement=MeanExitTime(SDE(x, 0 * x, sp.sqrt(2 * D)), -R, R, (R**2 - x**2) / (2 * D)),
    domain=Domain(D=Positive, R=Positive, x=Between(-R, R)),
    given=("dx = sqrt(2 D) dB",),
    note=_ASKED,
    printed=_PRINTED_EXIT,
)

# Inverted quadratic

claim(
    "002.stat.exit.saddle.exact",
    "Along a direction of curvature -h, from |x| = r, the mean exit time from (-R, R) is the integral over (r, R) of "
    "sqrt(pi/(2 h D)) exp(-h y^2/(2 D)) erfi(y sqrt(h/(2 D))).",
    source=EXIT,
    statement=MeanExitTime(
        SDE(r, h * r, sp.sqrt(2 * D)), sp.Integer(0), R, sp.Integral(slope(y, sp.erfi, -1), (y, r, R)), reflecting=True
    ),
    domain=Domain(**half),
    given=("dx = h x dt + sqrt(2 D) dB, of which |x| = r reaches R; by symmetry |x| is reflected at 0",),
    note=f"{_ASKED} Small noise: 002.stat.exit.saddle.",
    printed=_PRINTED_EXIT,
)
q: Any = positive("q")
share = (2 * D / (h * R**2)) ** (q / 2) * sp.gamma((1 + q) / 2) / sp.sqrt(sp.pi)
_amplitude = (
    "dx = h x dt + sqrt(2 D) dB from 0: soon the path is exp(h t) times a Gaussian number Y of variance D/h, and "
    "reaches R in modulus at the time log(R/|Y|)/h, up to terms that vanish with D/(h R^2)",
)
claim(
    "002.stat.exit.saddle.law",
    "For small noise E exp(-q h tau) of the exit time along a direction of curvature -h is (2D/(h R^2))^(q/2) "
    "Gamma((1 + q)/2)/sqrt(pi).",
    source=EXIT,
    statement=Identity(
        sp.Integral((y / R) ** q * sp.sqrt(2 * h / (sp.pi * D)) * sp.exp(-h * y**2 / (2 * D)), (y, 0, sp.oo)), share
    ),
    domain=Domain(h=Positive, D=Positive, R=Positive, q=Positive),
    given=_amplitude,
    reading="to leading order, as D/(h R^2) vanishes",
    note=_ASKED,
    printed=_PRINTED_EXIT,
)
claim(
    "002.stat.exit.saddle",
    "For small noise the mean exit time along a direction of curvature -h is (log(2 h R^2/D) + gamma)/(2 h).",
    source=EXIT,
    statement=Identity(-sp.diff(share, q).subs(q, 0) / h, (sp.log(2 * h * R**2 / D) + sp.EulerGamma) / (2 * h)),
    domain=Domain(h=Positive, D=Positive, R=Positive),
    given=(
        *_amplitude,
        "the left side is minus the derivative at q = 0 of 002.stat.exit.saddle.law, over h; gamma is Euler's constant",
    ),
    reading="to leading orders, the logarithm and the constant, as D/(h R^2) vanishes",
    note=_ASKED,
    printed=_PRINTED_EXIT,
)

# Double well (b/4)(x^2 - a^2)^2

a, b, c = positive("a b c")
well = SDE(x, -b * x * (x**2 - a**2), sp.sqrt(2 * c))
hop = sp.sqrt(2) * sp.pi / (b * a**2) * sp.exp(b * a**4 / (4 * c))
claim(
    "002.stat.exit.doublewell",
    "As the noise vanishes, the mean time from one well of (b/4)(x^2 - a^2)^2 to the other is (sqrt(2) pi/(b a^2)) "
    "exp(b a^4/(4 T)).",
    source=EXIT,
    statement=EscapeTime(well, c, -2 * a, -a, sp.Integer(0), a / 2, hop),
    domain=Domain(a=Positive, b=Positive, c=Positive),
    given=(
        "dx = -L' dt + sqrt(2 T) dB with c = T and L = (b/4)(x^2 - a^2)^2: curvatures 2 b a^2 and -b a^2, height b "
        "a^4/4",
        "reflected at -2a, up to a/2, which lies in the other well; both change the time by factors that tend to 1",
    ),
    note=_ASKED,
    printed=_PRINTED_EXIT,
)

# Symmetric stable process

alpha: Any = positive("alpha")
jumps = sp.gamma(1 + alpha) * sp.sin(sp.pi * alpha / 2) / sp.pi
at_centre = jumps * sp.gamma(alpha / 2) * sp.gamma(1 - alpha / 2)
claim(
    "002.stat.exit.stable",
    "Symmetric alpha-stable process from 0: the mean exit time from (-R, R) is R^alpha/(sigma^alpha Gamma(1 + alpha)).",
    source=EXIT,
    statement=Identity(R**alpha / sigma**alpha / at_centre, R**alpha / (sigma**alpha * sp.gamma(1 + alpha))),
    domain=Domain(alpha=Between(0, 2), R=Positive, sigma=Positive),
    given=(
        "characteristic function exp(-t sigma^alpha |k|^alpha), so that jumps by y have the rate sigma^alpha "
        "c/|y|^(1 + alpha), c = Gamma(1 + alpha) sin(pi alpha/2)/pi",
        "the generator maps f(x) = (1 - x^2)^(alpha/2) on (-1, 1), continued by 0, to a constant there (Getoor): the "
        "mean time is a multiple of it, fixed by the generator at 0, minus the denominator: the integral of 2 c (1 - "
        "f(y))/y^(1 + alpha) over y > 0, by parts c B(1 - alpha/2, alpha/2) with u = y^2",
    ),
    note=f"{_ASKED} From x it is (R^2 - x^2)^(alpha/2)/(sigma^alpha Gamma(1 + alpha)).",
    printed=_PRINTED_EXIT,
)

# Brownian motion killed at -R and R

wave = sp.cos(sp.pi * x / (2 * R))
_killed = "dx = sqrt(2 D) dB, killed at -R and R"
claim(
    "002.stat.qsd",
    "Brownian motion killed at -R and R decays at the rate pi^2 D/(4 R^2) from its quasi-stationary law cos(pi "
    "x/(2R)).",
    source=QUASI,
    statement=Identity(
        D * (sp.diff(wave, x).subs(x, -R) - sp.diff(wave, x).subs(x, R)) / sp.Integral(wave, (x, -R, R)),
        sp.pi**2 * D / (4 * R**2),
    ),
    domain=Domain(D=Positive, R=Positive),
    given=(
        _killed,
        "the rate is the flux through both ends over the mass of the law (002.stat.qsd.law)",
    ),
    note=_ASKED,
    printed=r"\text{The moments of the quasi-stationary distribution}",
)
claim(
    "002.stat.qsd.law",
    "The density cos(pi x/(2R)) of killed Brownian motion decays at one rate everywhere and vanishes at both ends.",
    source=QUASI,
    statement=Identity(
        D * sp.Derivative(wave, x, 2) + u * wave.subs(x, R) + y * wave.subs(x, -R), -(sp.pi**2) * D / (4 * R**2) * wave
    ),
    domain=Domain(D=Positive, R=Positive, x=Between(-R, R), u=Positive, y=Positive),
    given=(_killed, "u and y are arbitrary, so that the density vanishes at R and at -R; inside it is positive"),
    note=_ASKED,
    printed=r"\text{The moments of the quasi-stationary distribution}",
)
claim(
    "002.stat.qsd.variance",
    "The quasi-stationary law of Brownian motion killed at -R and R has the variance R^2 (1 - 8/pi^2).",
    source=QUASI,
    statement=Identity(sp.Integral(x**2 * wave, (x, -R, R)) / sp.Integral(wave, (x, -R, R)), R**2 * (1 - 8 / sp.pi**2)),
    domain=Domain(R=Positive),
    given=(_killed, "the law of 002.stat.qsd"),
    note=_ASKED,
    printed=r"\text{The moments of the quasi-stationary distribution}",
)
