"""Times at which modes are learned, and reports of experiments: document 003, sections 2.3, 3, 4.1 and K."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Above, AtLeast, Between, Integers, Positive
from ..statements.passage import MeanTimeOrder, Observation, Passage
from ..statements.scalar import Identity
from ..symbols import dimension, positive

s, eta_b, stilde, stilde1, stilde2, r = positive("s eta_b stilde stilde1 stilde2 r")
sigma = sp.Symbol("sigma", nonnegative=True)
L: Any = dimension("L")

start, level = positive("start level")


def _two_layers(teacher: sp.Expr) -> SDE:
    """Return gradient flow of one mode at depth 2, (2)."""
    return SDE(s, 2 * s * (teacher - s), sp.Integer(0))


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

# Gradient flow of (2)-(3).

claim(
    "003.eq3.earlier",
    "Under gradient flow at depth 2 the larger of two modes reaches a common level earlier.",
    source=Source("003", "text after (3)"),
    statement=MeanTimeOrder(
        quicker=Passage(_two_layers(stilde1), start, level), slower=Passage(_two_layers(stilde2), start, level)
    ),
    domain=Domain(stilde2=Positive, stilde1=Above(stilde2), level=Between(0, stilde2), start=Between(0, level)),
    given=("both modes start at the same amplitude",),
    reading="rises earlier and faster: takes less time from any start to any level below both teacher values",
    printed=r"\text{larger modes rise earlier and faster}",
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
    reading="auxiliary: not in the document",
    stated=False,
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
