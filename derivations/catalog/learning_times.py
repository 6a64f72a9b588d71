"""Times at which modes are learned, and the limit of small steps: document 003, sections 2.2, 3, 4.1, A and K."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Above, AtLeast, Between, Integers, Positive, Real
from ..statements.passage import MeanTimeOrder, Observation, Passage
from ..statements.processes import ExpectationAtAllTimes
from ..statements.scalar import Identity
from ..statements.small_steps import OnlineTraining, SmallStepLimit
from ..symbols import dimension, positive

s, eta_b, stilde, stilde1, stilde2, r = positive("s eta_b stilde stilde1 stilde2 r")
sigma = sp.Symbol("sigma", nonnegative=True)
L: Any = dimension("L")

GIVEN = (
    "one mode in the reduced equation of Proposition 3.5, re-derived: drift L s^(2-2/L)(stilde - s) + eta_b L(L-1)/2 "
    "s^(3-4/L)(2(s-stilde)^2+sigma^2), variance rate eta_b L^2 s^(4-4/L)(2(stilde-s)^2+sigma^2)",
    "small initialisation: the mode starts below a tenth of its teacher value; it counts as learned at half of it",
)


def mode(teacher: sp.Expr) -> SDE:
    """Return the SDE of one mode."""
    spread = 2 * (teacher - s) ** 2 + sigma**2
    drift = L * s ** (2 - 2 / L) * (teacher - s) + eta_b * L * (L - 1) / 2 * s ** (3 - 4 / L) * spread
    return SDE(s, drift, sp.sqrt(eta_b * spread) * L * s ** (2 - 2 / L))


def flow(teacher: sp.Expr) -> SDE:
    """Return gradient flow of one mode."""
    return SDE(s, L * s ** (2 - 2 / L) * (teacher - s), sp.Integer(0))


def small_step(teacher: sp.Expr) -> Between:
    """Step sizes at which the noise is a correction to the gradient drift from the start on."""
    return Between(0, teacher ** (2 / L) / (2 * L * (2 * teacher**2 + sigma**2)))


_start = stilde * r / 10
claim(
    "003.slower",
    "The time-scale of learning under noise is slower than under gradient descent: a mode takes longer on average to "
    "be half learned.",
    source=Source("003", "text after Proposition 3.4"),
    statement=MeanTimeOrder(
        quicker=Passage(flow(stilde), _start, stilde / 2), slower=Passage(mode(stilde), _start, stilde / 2)
    ),
    domain=Domain(L=Integers(2), stilde=Positive, sigma=AtLeast(0), eta_b=small_step(stilde), r=Between(0, 1)),
    given=GIVEN,
    reading="mean time to half the teacher value, noise small against the gradient drift",
    note="The text says 'typically'. In the coordinate in which gradient flow is uniform, the noise of a small mode "
    "slows it by eta_b (L-1)/2 s^(1-2/L) (2 (s-stilde)^2 + sigma^2), although the Ito drift in s is positive.",
)

_common = stilde2 * r / 10
claim(
    "003.order",
    "At small step size modes are still learned in decreasing order: the stronger mode is half learned first.",
    source=Source("003", "sections 3 and 6"),
    statement=MeanTimeOrder(
        quicker=Passage(mode(stilde1), _common, stilde1 / 2), slower=Passage(mode(stilde2), _common, stilde2 / 2)
    ),
    domain=Domain(
        L=Integers(2),
        stilde2=Positive,
        stilde1=Above(stilde2),
        sigma=AtLeast(0),
        eta_b=small_step(stilde1),
        r=Between(0, 1),
    ),
    given=(*GIVEN, "both modes start at the same amplitude, each in its own reduced equation"),
    reading="mean times to half the teacher values",
)

# Limit of small steps, for one weight, in its error e = w - m.

n: Any = positive("n")
t = sp.Symbol("t", nonnegative=True)
e0, e, x, eps = (sp.Symbol(name, real=True) for name in ("e0", "e", "x", "epsilon"))
online = OnlineTraining((e * x - eps) ** 2 / 2, e, ((x, sp.Integer(1)), (eps, sigma**2)), e0, n)
diffusion = SDE(e, -e, sp.sqrt((2 * e**2 + sigma**2) / n))
sde_rest = sigma**2 / (2 * n - 2)
spread_of_fluctuations = sigma**2 * (1 - sp.exp(-2 * t)) / 2 + 2 * t * e0**2 * sp.exp(-2 * t)
REGRESSION = (
    "one layer with one weight, the simplest network: x ~ N(0, 1), y = m x + eps, batches of one sample",
    "error e = w - m, started at e0; learning rate 1/n, time t = k/n after k steps",
)
_regression = Domain(t=AtLeast(0), e0=Real, sigma=AtLeast(0))

claim(
    "003.eq1.limit",
    "As the learning rate tends to 0, SGD and the SDE (1) have the same mean square error at every time.",
    source=Source("003", "(1), A.2"),
    statement=SmallStepLimit(online, e**2, t, sp.Integer(0), process=diffusion),
    domain=_regression,
    given=REGRESSION,
    reading="SGD and (1), whose noise holds the learning rate, approach each other",
    note="Both tend to gradient flow: at fixed time the noise of (1) vanishes with the learning rate.",
)
claim(
    "003.eq1.limit.sde",
    "The mean square error of (1) for one weight, which the limit of small steps compares with that of SGD.",
    source=Source("003", "(1), A.2"),
    statement=ExpectationAtAllTimes(diffusion, e**2, t, e0, sp.exp(-(2 - 2 / n) * t) * (e0**2 - sde_rest) + sde_rest),
    domain=Domain(t=AtLeast(0), e0=Real, sigma=AtLeast(0), n=Above(4)),
    given=(*REGRESSION, "the one-sample gradient noise e (x^2 - 1) - x eps has variance 2 e^2 + sigma^2"),
)
claim(
    "003.eq1.limit.fluctuations",
    "The fluctuations of SGD around its mean, over the square root of the learning rate, have in the limit the "
    "variance of the linearised SDE (1).",
    source=Source("003", "(1), A.2, functional central limit theorem"),
    statement=SmallStepLimit(online, e, t, spread_of_fluctuations, spread=True, factor=n),
    domain=_regression,
    given=REGRESSION,
    reading="the central limit theorem, on the scale on which noise survives",
)
claim(
    "003.eq1.limit.noise",
    "As the learning rate tends to 0, SGD at a fixed time keeps a spread: its limit is a diffusion with noise.",
    source=Source("003", "(1), A.2"),
    statement=SmallStepLimit(online, e, t, spread_of_fluctuations, spread=True),
    domain=_regression,
    given=REGRESSION,
    reading="the limit itself is noisy, without a change of scale",
    stated=False,
)

# Reports of experiments.

claim(
    "003.fig3.timescale",
    "Discrete online SGD learns more slowly than simulated anisotropic Langevin dynamics: 200 units of time against "
    "30.",
    source=Source("003", "4.1, Figure 3"),
    statement=Observation(
        "online SGD takes 200 units of time to learn all modes, anisotropic Langevin dynamics 30",
        (
            "the learning rate, the step of the Euler-Maruyama scheme and the initialisation scale of Figure 3",
            "whether SGD was run on a loss averaged over the 12 outputs while the Langevin simulation used 1/2 ||.||^2",
        ),
    ),
    domain=Domain(),
    note="On one clock and one loss both have the same mean drift (003.prop3.3.covariation, 003.eq1.limit), so that "
    "their times agree at small steps. A mean over 12 outputs divides the gradient of 1/2 ||.||^2 by 12/2 = 6, and "
    "200/30 = 6.7.",
)

c, h, k = positive("c h k")
claim(
    "003.k.trend",
    "A smaller Euler-Maruyama step gives a smaller end-of-training variance of a mode amplitude.",
    source=Source("003", "K, Figure 12"),
    statement=Observation(
        "the variance of the largest mode at the end of training falls with the step of the scheme",
        ("the learning rate, the steps, the horizon and the initialisation scale of Figure 12",),
    ),
    domain=Domain(),
    note="In a linearised mode the trend depends on the strength of the noise: see 003.k.trend.linear.",
)
claim(
    "003.k.trend.linear",
    "Near the teacher value without label noise, a small Euler-Maruyama step h lowers the growth rate of the mean "
    "square of de = -k e dt + sqrt(c) e dB, log((1-kh)^2 + ch)/h, by h (k^2 - 2kc + c^2/2) at first order.",
    source=Source("003", "K"),
    statement=Identity(sp.diff(sp.log((1 - k * h) ** 2 + c * h), h, 2).subs(h, 0) / 2, -(k**2) + 2 * k * c - c**2 / 2),
    domain=Domain(c=Positive, k=Positive),
    given=(
        "the linearised mode has k = L stilde^(2-2/L) and c = 2 eta_b L^2 stilde^(4-4/L)",
        "the second Taylor coefficient of log((1-kh)^2 + ch) in h",
    ),
    note="For c < (2 - sqrt(2)) k a smaller step gives a larger, not a smaller, variance at a fixed time; the printed "
    "trend needs eta_b L stilde^(2-2/L) > 0.29, or the noise of many modes.",
)
claim(
    "003.k.cause",
    "The gap between the simulated end-of-training spread and the Dirac prediction is due to discretisation.",
    source=Source("003", "5.1, K"),
    statement=Observation(
        "the spread of the simulated anisotropic Langevin dynamics exceeds that of SGD because of its step",
        (
            "the learning rate, the step and the horizon of Figures 4 and 12",
            "the spread of (1) itself at that horizon, from a scheme whose error is bounded",
        ),
    ),
    domain=Domain(),
    note="At any finite time (1) has a spread of its own, exp((c - 2k)t) in the linearised mode of 003.k.trend.linear.",
)
