"""Mean squared displacement, stable noise and subordinated time: document 002, list of statistics and of models."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Between, Positive, Real
from ...statements.function_limits import FunctionLimit, Jet
from ...statements.processes import ExpectationAtAllTimes, LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import positive, real

DISPLACEMENT = Source("002", "list of statistics, mean squared displacement")
FRACTIONAL = Source("002", "list of refined models, fractional time")
STABLE = Source("002", "list of refined models, heavy-tailed noise")
_PRINTED = (
    r"\text{Mean squared displacement of parameters to characterize diffusion and identify sub-diffusive or "
    r"super-diffusive regimes}"
)
_ASKED = "Derived: the proposal names the statistic."
x, x0 = real("x x_0")
h, D, t, r, s, K, T, gamma = positive("h D t r s K T gamma")
line = (-sp.oo, sp.oo)

# Ornstein-Uhlenbeck process

moved = (x0 * (1 - sp.exp(-h * t))) ** 2 + D / h * (1 - sp.exp(-2 * h * t))
claim(
    "002.stat.msd.ou.start",
    "Ornstein-Uhlenbeck process from x_0: the mean squared displacement is x_0^2 (1 - e^-ht)^2 + (D/h)(1 - e^-2ht).",
    source=DISPLACEMENT,
    statement=ExpectationAtAllTimes(SDE(x, -h * x, sp.sqrt(2 * D)), (x - x0) ** 2, t, x0, moved),
    domain=Domain(h=Positive, D=Positive, x_0=Real, t=Positive),
    given=("dx = -h x dt + sqrt(2 D) dB",),
    note=_ASKED,
    printed=_PRINTED,
)
claim(
    "002.stat.msd.ou",
    "Stationary Ornstein-Uhlenbeck process: the mean squared displacement is (2 D/h) (1 - exp(-h t)).",
    source=DISPLACEMENT,
    statement=Identity(
        (1 - sp.exp(-h * t)) ** 2 * D / h + sp.Integral(2 * D * sp.exp(-2 * h * r), (r, 0, t)),
        2 * D / h * (1 - sp.exp(-h * t)),
    ),
    domain=Domain(h=Positive, D=Positive, t=Positive),
    given=("what is left of x_0, of variance D/h, and the noise since: 002.stat.msd.ou.start in the mean over x_0",),
    note=_ASKED,
    printed=_PRINTED,
)

# Fractional time

alpha: Any = positive("alpha")
fractional = 2 * K * t**alpha / sp.gamma(1 + alpha)
claim(
    "002.stat.msd.fractional",
    "Time-fractional Fokker-Planck equation without a force: the mean squared displacement is 2 K t^alpha/Gamma(1 + "
    "alpha).",
    source=FRACTIONAL,
    statement=Identity(
        2 * K * s ** (-1 - alpha) * t**alpha / sp.Integral(sp.exp(-s * r) * r**alpha, (r, 0, sp.oo)), fractional
    ),
    domain=Domain(alpha=Between(0, 1), K=Positive, t=Positive, s=Positive),
    given=(
        "d^alpha p/dt^alpha = K p'' with the Caputo derivative: the second moment has the fractional derivative 2 K "
        "and starts at 0, so that its Laplace transform is 2 K s^(-1-alpha), which is that of a multiple of t^alpha",
    ),
    note=_ASKED,
    printed=r"\text{Fractional Time Fokker-Planck Derivative: Describes the subdiffusive behavior of SGD}",
)
claim(
    "002.msd.regime",
    "The slope of the mean squared displacement on a doubly logarithmic scale is alpha at all times: below 1, "
    "sub-diffusion.",
    source=DISPLACEMENT,
    statement=Identity(t * sp.Derivative(fractional, t) / fractional, alpha),
    domain=Domain(alpha=Between(0, 1), K=Positive, t=Positive),
    given=("the displacement of 002.stat.msd.fractional",),
    reading="where second moments exist the exponent of the displacement tells the regime",
    printed=_PRINTED,
)
free = 2 * T / gamma**2 * (gamma * t - 1 + sp.exp(-gamma * t))
claim(
    "002.stat.msd.underdamped",
    "Free underdamped Langevin dynamics at temperature T: the displacement is (2T/gamma^2)(gamma t - 1 + exp(-gamma "
    "t)).",
    source=DISPLACEMENT,
    statement=Identity(sp.Integral(2 * (t - r) * T * sp.exp(-gamma * r), (r, 0, t)), free),
    domain=Domain(T=Positive, gamma=Positive, t=Positive),
    given=("the velocity is a stationary Ornstein-Uhlenbeck process of autocovariance T exp(-gamma r)",),
    note=_ASKED,
    printed=_PRINTED,
)
moved_by = sp.Function("M", real=True)(t)
for suffix, statement, words, domain, given in (
    (
        ".long",
        LongTimeLimit(free / t, t, 2 * T / gamma),
        "ordinary diffusion, 2 T t/gamma, at long times",
        Domain(T=Positive, gamma=Positive),
        "the displacement of 002.stat.msd.underdamped",
    ),
    (
        ".short",
        FunctionLimit(moved_by / t**2, t, (Jet(moved_by, (sp.Integer(0), sp.Integer(0), 2 * T)),), T),
        "T t^2, as of a ball that flies, at short times",
        Domain(T=Positive),
        "any stationary velocity of continuous autocovariance C with C(0) = T: the displacement M has M'' = 2 C and "
        "starts with M = M' = 0",
    ),
):
    claim(
        f"002.msd.regime.underdamped{suffix}",
        f"One process has several regimes: free underdamped Langevin dynamics shows {words}.",
        source=DISPLACEMENT,
        statement=statement,
        domain=domain,
        given=(given,),
        printed=_PRINTED,
    )

# Stable noise

a = Between(0, 2)
lam, sigma, N, limit, wave, power, jump = positive("lam sigma N c k q w")
claim(
    "002.stat.stable-ou",
    "An alpha-stable Ornstein-Uhlenbeck process of rate lam and noise scale sigma is stationary with the scale "
    "sigma/(alpha lam)^(1/alpha).",
    source=STABLE,
    statement=Identity(
        sp.Integral(sigma**alpha * sp.exp(-alpha * lam * r), (r, 0, sp.oo)) ** (1 / alpha),
        sigma * (alpha * lam) ** (-1 / alpha),
    ),
    domain=Domain(alpha=a, lam=Positive, sigma=Positive),
    given=(
        "dx = -lam x dt + sigma dL, E exp(i k L_t) = exp(-t |k|^alpha): the state is the integral of exp(-lam r) "
        "sigma dL over the past r, whose characteristic function is exp(-|k|^alpha times that of (sigma exp(-lam "
        "r))^alpha)",
        "the scale s of a law stands in exp(-s^alpha |k|^alpha)",
    ),
    note=_ASKED,
    printed=r"\text{The Wiener process in the SDE model of SGD could be replaced by some } \alpha"
    r"\text{-stable process.}",
)
claim(
    "002.msd.regime.stable",
    "Driven by alpha-stable noise, the parameters have a mean squared displacement.",
    source=DISPLACEMENT,
    statement=LongTimeLimit(2 * t * sigma**alpha * jump * (N ** (2 - alpha) - 1) / (2 - alpha), N, limit),
    domain=Domain(alpha=a, sigma=Positive, t=Positive, w=Positive, c=Positive),
    given=(
        "the density at time t falls off like t sigma^alpha w/|x|^(1 + alpha), w > 0: the part of its second moment "
        "between 1 and N in modulus is the expression, up to a factor that tends to a positive number; c is any "
        "positive number",
    ),
    reading="for every model of the list, the alpha-stable one included",
    stated=False,
    note="A sample always has one, which grows with its size. The proposal does not say which models it means.",
    printed=_PRINTED,
)
claim(
    "002.msd.regime.stable.repaired",
    "For alpha-stable noise moments of order q < alpha exist and grow like t^(q/alpha): fractional moments tell the "
    "regime.",
    source=DISPLACEMENT,
    statement=Identity(
        sp.Integral(
            t * alpha * sigma**alpha * wave ** (alpha - 1 - power) * sp.exp(-t * sigma**alpha * wave**alpha) / power,
            (wave, 0, sp.oo),
        ),
        (sigma * t ** (1 / alpha)) ** power * sp.gamma(1 - power / alpha) / power,
    ),
    domain=Domain(alpha=a, q=Between(0, alpha), sigma=Positive, t=Positive),
    given=(
        "E|x|^q is a constant times the integral of (1 - exp(-t |sigma k|^alpha)) k^(-1-q) over k > 0, here by parts",
        "the constant depends on q alone: q 2^q Gamma((1+q)/2)/(sqrt(pi) Gamma(1 - q/2))",
    ),
    repairs="002.msd.regime.stable",
)
