"""The central limit theorem for gradient noise, and what it needs: document 001, (18) and section 3.3."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Between, Integers, Positive
from ...statements.function_limits import FunctionLimit, Jet
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import dimension, positive

s: Any = positive("s")
B: Any = dimension("B")
N: Any = dimension("N")
n: Any = dimension("n")

# The central limit theorem (18)

x: Any = positive("x")
cumulants = sp.Function("K", real=True)(x)
CUMULANTS = (
    "K is the logarithm of the moment generating function of one sample's noise along a direction, of mean 0 and "
    "variance s^2; the data set is fixed and finite, so that K is smooth",
    "B independent draws: sqrt(B) times the batch noise has B K(1/sqrt(B)) along that direction, and x = 1/sqrt(B)",
    "where generating functions converge, laws do; N(0, s^2) has s^2/2",
)
central_limit = FunctionLimit(cumulants / x**2, x, (Jet(cumulants, (sp.Integer(0), sp.Integer(0), s**2)),), s**2 / 2)
claim(
    "001.eq18",
    "For large batches the gradient noise times sqrt(B) tends in law to a Gaussian with the one-sample covariance.",
    source=Source("001", "3.1, (18)"),
    statement=central_limit,
    domain=Domain(s=Positive),
    given=CUMULANTS,
    reading="~ for large B, for which the text calls upon the central limit theorem",
    printed=r"\xi(\theta_k) \sim \mathcal{N}(0, \frac{1}{B} \Sigma(\theta_k))",
)
claim(
    "001.eq18.exact",
    "The noise of a batch is Gaussian with covariance Sigma/B at every batch size.",
    source=Source("001", "3.1, (18)"),
    statement=Identity((3 * B**2 - 2 * B) / B**4, 3 * (1 / B) ** 2),
    domain=Domain(B=Integers(1)),
    given=(
        "two samples with gradients 1 and -1, with replacement; the fourth moments of the batch noise and of N(0, 1/B)",
    ),
    reading="~ as an equality of laws at finite B",
    stated=False,
    printed=r"\xi(\theta_k) \sim \mathcal{N}(0, \frac{1}{B} \Sigma(\theta_k))",
)

# What is necessary for a central limit theorem (3.3)

claim(
    "001.3.3.lindeberg",
    "Wherever sums of independent noises of any laws are Gaussian in the limit, Lindeberg's condition holds.",
    source=Source("001", "3.3, first item"),
    statement=LongTimeLimit(2**N / (2 ** (N + 1) - 2), N, sp.Integer(0)),
    domain=Domain(),
    given=(
        "independent Gaussian noises of variance 2^k, k = 1, ..., N: every sum is Gaussian",
        "Lindeberg's condition implies that the largest share of the variance tends to 0; the last share does not",
    ),
    note="'Necessary' in a list of assumptions means that the theorem calls for it. By Feller the condition is "
    "necessary where all shares tend to 0, as they do for the i.i.d. samples of the document.",
    reading="necessary in the strict sense, for independent noises of any laws",
    stated=False,
    printed=r"\text{GN satisfies the Lindeberg condition: necessary for CLT to apply}",
)
claim(
    "001.3.3.lindeberg.repaired",
    "For the i.i.d. samples of a fixed data set the central limit theorem holds, without a condition of Lindeberg's.",
    source=Source("001", "3.3, first item"),
    statement=central_limit,
    domain=Domain(s=Positive),
    given=CUMULANTS,
    repairs="001.3.3.lindeberg",
)
alpha, c = positive("alpha c")
claim(
    "001.3.3.variance",
    "Sums of symmetric stable noise of infinite variance, over sqrt(B), have no limit law.",
    source=Source("001", "3.3, second item"),
    statement=LongTimeLimit(sp.exp(-B * (c / sp.sqrt(B)) ** alpha), B, sp.Integer(0)),
    domain=Domain(alpha=Between(0, 2), c=Positive),
    given=(
        "the scaling of (18); symmetric alpha-stable noise, alpha < 2, has the characteristic function exp(-|c|^alpha)",
        "that of the scaled sum tends to 0 at every c > 0, which is the characteristic function of no law",
    ),
    reading="necessary for (18), where the sum over sqrt(B) has a limit; shown on the stable laws",
    printed=r"\text{Gradient noise has finite variance: necessary for CLT to apply}",
)
hurst: Any = positive("H")
_PRINTED_DECAY = (
    r"\text{If the noise has some auto-correlation but decaying with time, the functional CLT still can be applied "
    r"and we can get to the continuous-time with a Wiener process.}"
)
claim(
    "001.3.3.decaying",
    "Where the auto-correlation of the noise decays with time, the variance of sums of n is in proportion to n.",
    source=Source("001", "3.3, auto-correlation"),
    statement=LongTimeLimit(n ** (2 * hurst) / n, n, sp.Integer(1)),
    domain=Domain(H=Between(sp.Rational(1, 2), 1)),
    given=(
        "fractional Gaussian noise with 1/2 < H < 1: the correlation at lag k decays like k^(2H-2), and the sum of n "
        "has the variance n^(2H)",
        "a limit by a functional central limit theorem, with a Wiener process, asks for a variance linear in n",
    ),
    reading="decaying at any rate, however slow",
    stated=False,
    note="The next sentences set the decaying case against fractional Brownian motion and long-range correlation, so "
    "that a decay fast enough is meant.",
    printed=_PRINTED_DECAY,
)
rho: Any = positive("rho")
claim(
    "001.3.3.decaying.short",
    "Where the correlation at lag k is rho^k, the variance of sums grows in proportion to their number.",
    source=Source("001", "3.3, auto-correlation"),
    statement=LongTimeLimit(
        (n * (1 + rho) / (1 - rho) - 2 * rho * (1 - rho**n) / (1 - rho) ** 2) / n, n, (1 + rho) / (1 - rho)
    ),
    domain=Domain(rho=Between(0, 1)),
    given=("unit variance and correlation rho^k at lag k: the variance of the sum of n, over n",),
    reading="decaying fast enough for the correlations to be summable, where otherwise (next sentence) fractional "
    "Brownian motion comes in; shown for geometric decay, and for the variance only",
    printed=_PRINTED_DECAY,
)
