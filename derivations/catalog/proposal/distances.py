"""Divergences of laws, Lyapunov exponents and tail indices of known cases: document 002, list of statistics."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Between, Integers, Positive, Real
from ...statements.attractivity import CollapsesWhen
from ...statements.extrema import Inequality
from ...statements.processes import ExpectationAtAllTimes
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

DISTANCE = Source("002", "list of statistics, distances")
LYAPUNOV = Source("002", "list of statistics, Lyapunov exponents")
TAILS = Source("002", "list of statistics, tail index")
_PRINTED_DISTANCE = (
    r"\text{Distributional divergences using distance metrics (e.g., Wasserstein distance or KL divergence) between "
    r"the process distributions, when estimable}"
)
_ASKED = "Derived: the proposal names the statistic."

# Two Gaussian laws

m1, m2, z, m = real("m1 m2 z m")
s1, s2, s, r = positive("s1 s2 s r")
weight = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
_pair = "N(m1, s1^2) and N(m2, s2^2)"
both = {"m1": Real, "m2": Real, "s1": Positive, "s2": Positive}
line = (-sp.oo, sp.oo)


def divergence(mean: sp.Expr, one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """Return the divergence of a Gaussian law from another, given the difference of the means."""
    return sp.log(other / one) + (one**2 + mean**2) / (2 * other**2) - sp.Rational(1, 2)


claim(
    "002.stat.div.kl",
    "KL(N(m1, s1^2) | N(m2, s2^2)) = log(s2/s1) + (s1^2 + (m1 - m2)^2)/(2 s2^2) - 1/2.",
    source=DISTANCE,
    statement=Identity(
        sp.log(s2 / s1)
        + (m1 - m2) ** 2 / (2 * s2**2)
        + (s1**2 / s2**2 - 1) / 2 * sp.Integral(weight * z**2, (z, *line)),
        divergence(m1 - m2, s1, s2),
    ),
    domain=Domain(**both),
    given=(
        f"{_pair}: the mean over the first, at m1 + s1 z, of the logarithm of the ratio of their densities; what is "
        "odd in z has the mean 0",
    ),
    note=_ASKED,
    printed=_PRINTED_DISTANCE,
)
claim(
    "002.div.kl.metric",
    "The divergence of two laws is the same in both directions.",
    source=DISTANCE,
    statement=Identity(divergence(m, s1, s2), divergence(m, s2, s1)),
    domain=Domain(m=Real, s1=Positive, s2=Positive),
    given=(f"{_pair}, m = m1 - m2, by 002.stat.div.kl",),
    reading="'distance metrics' in the sense of mathematics; the sentence says 'divergences' as well",
    stated=False,
    printed=_PRINTED_DISTANCE,
)
claim(
    "002.div.kl.metric.repaired",
    "The divergence is never negative: r^2 - 1 - log r^2 >= 0 for Gaussian laws with r = s1/s2, and more by the means.",
    source=DISTANCE,
    statement=Inequality(sp.Ge((r**2 + m**2 - 1) / 2 - sp.log(r), 0, evaluate=False)),
    domain=Domain(r=Positive, m=Real),
    given=(f"{_pair}, by 002.stat.div.kl; m = (m1 - m2)/s2",),
    repairs="002.div.kl.metric",
)
claim(
    "002.stat.div.w2",
    "The squared 2-Wasserstein distance of N(m1, s1^2) and N(m2, s2^2) is (m1 - m2)^2 + (s1 - s2)^2.",
    source=DISTANCE,
    statement=Identity((m1 - m2) ** 2 + s1**2 + s2**2 - 2 * s1 * s2, (m1 - m2) ** 2 + (s1 - s2) ** 2),
    domain=Domain(**both),
    given=(
        f"{_pair}: the mean squared difference of their quantiles m1 + s1 z and m2 + s2 z, where z has the mean 0 and "
        "the variance 1; no coupling has a smaller one (002.stat.div.w2.coupling)",
    ),
    note=_ASKED,
    printed=_PRINTED_DISTANCE,
)
correlation: Any = real("c")
claim(
    "002.stat.div.w2.coupling",
    "No coupling of N(m1, s1^2) and N(m2, s2^2) has a smaller mean squared difference than (m1 - m2)^2 + (s1 - s2)^2.",
    source=DISTANCE,
    statement=Inequality(
        sp.Ge(
            (m1 - m2) ** 2 + s1**2 + s2**2 - 2 * correlation * s1 * s2, (m1 - m2) ** 2 + (s1 - s2) ** 2, evaluate=False
        )
    ),
    domain=Domain(c=Between(-1, 1), **both),
    given=("a coupling of correlation c, of modulus at most 1; at c = 1 both sides are equal",),
    note=_ASKED,
    printed=_PRINTED_DISTANCE,
)

# Geometric Brownian motion

y, start, t = positive("y y_0 t")
mu: Any = real("mu")
growing = SDE(y, mu * y, s * y)
_PRINTED_LYAPUNOV = r"\text{Stochastic Lyapunov exponents to measure edge-of-stability effects}"
claim(
    "002.stat.lyap.gbm",
    "Geometric Brownian motion: E log x_t = log x_0 + (mu - s^2/2) t, so that the Lyapunov exponent is mu - s^2/2.",
    source=LYAPUNOV,
    statement=ExpectationAtAllTimes(growing, sp.log(y), t, start, sp.log(start) + (mu - s**2 / 2) * t),
    domain=Domain(mu=Real, s=Positive, y_0=Positive, y=Positive, t=Positive),
    given=(
        "dx = mu x dt + s x dB; log x_t is a Brownian motion of that drift (004.gbm.log), and log x_t/t tends to it "
        "almost surely",
    ),
    note=_ASKED,
    printed=_PRINTED_LYAPUNOV,
)
claim(
    "002.stat.lyap.gbm.sign",
    "Geometric Brownian motion tends to 0 where the Lyapunov exponent is negative, mu < s^2/2, and not where it is "
    "positive.",
    source=LYAPUNOV,
    statement=CollapsesWhen(growing, sp.Lt(mu, s**2 / 2, evaluate=False)),
    domain=Domain(mu=Real, s=Positive),
    given=("dx = mu x dt + s x dB; its mean grows where mu > 0, below s^2/2, too",),
    note=_ASKED,
    printed=_PRINTED_LYAPUNOV,
)

# Hill's estimator on an exact Pareto sample

alpha, v = positive("alpha v")
k: Any = dimension("k")
spacing = alpha**k * v ** (k - 1) * sp.exp(-alpha * v) / sp.gamma(k)
_hill = (
    "independent draws with P(X > x) = x^-alpha, x > 1; the inverse estimate is the mean of log(X_(i)/X_(k+1)) over "
    "the k largest",
    "i log(X_(i)/X_(i+1)) are independent and exponential of rate alpha (Renyi), so that k times the estimate has "
    "the gamma density of v",
)
_PRINTED_TAILS = r"\text{Heavy-tailedness indicators, such as the Hill estimator}"
for suffix, words, left, right, least in (
    (
        "",
        "the inverse of Hill's estimate has the mean 1/alpha",
        sp.Integral(v / k * spacing, (v, 0, sp.oo)),
        1 / alpha,
        1,
    ),
    (
        ".variance",
        "the inverse of Hill's estimate has the variance 1/(k alpha^2)",
        sp.Integral((v / k - 1 / alpha) ** 2 * spacing, (v, 0, sp.oo)),
        1 / (k * alpha**2),
        1,
    ),
    (
        ".bias",
        "Hill's estimate itself has the mean alpha k/(k - 1)",
        sp.Integral(k / v * spacing, (v, 0, sp.oo)),
        alpha * k / (k - 1),
        2,
    ),
):
    claim(
        f"002.stat.hill{suffix}",
        f"Exact Pareto sample, k order statistics: {words}.",
        source=TAILS,
        statement=Identity(left, right),
        domain=Domain(alpha=Positive, k=Integers(least)),
        given=_hill,
        note=_ASKED,
        printed=_PRINTED_TAILS,
    )
