"""Existence of stationary laws, and the speed at which they are approached: document 000, items 3 and 4."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, AtLeast, Between, Positive, Real
from ...statements.extrema import Inequality
from ...statements.processes import LongTimeLimit
from ...statements.stationary import StationaryLaw
from ...symbols import positive, real

x, m1, m2 = real("x m1 m2")
k, epsilon, a, k1, k2, v0, c, t = positive("k epsilon a k1 k2 v0 c t")
bump = sp.Symbol("m", nonnegative=True)
line = sp.Interval(-sp.oo, sp.oo)
EXISTENCE = Source("000", "item 3")
_printed_3 = (
    r"\text{If } Q \text{ is globally bounded and Lipschitz (9) and } L \text{ is coercive and one-sided "
    r"Lipschitz (10)--(11), there exists an invariant probability } \rho_\infty"
)
claim(
    "000.coercive",
    "With bounded Lipschitz noise and a coercive, one-sided Lipschitz gradient there is an invariant probability: one "
    "family in one dimension.",
    source=EXISTENCE,
    statement=StationaryLaw(
        SDE(x, -(k * x + bump * x / (1 + x**2)), sp.sqrt(2) * epsilon / sp.sqrt(1 + x**2)),
        density=(1 + x**2) * sp.exp(-(k * (x**2 / 2 + x**4 / 4) + bump * x**2 / 2) / epsilon**2),
        support=line,
    ),
    domain=Domain(x=Real, k=Positive, m=AtLeast(0), epsilon=Positive),
    given=(
        "one family in one dimension: L' = k x + m x/(1 + x^2), Q = 1/(1 + x^2), which is bounded and Lipschitz and "
        "has no positive lower bound",
    ),
    reading="coercive in the sense of a drift inequality, x.grad L >= k |x|^2 far out, to which the document refers "
    "by the numbers (10)-(11) of its source",
    printed=_printed_3,
)
claim(
    "000.coercive.growth",
    "With constant noise and a smooth loss that grows without bound there is an invariant probability.",
    source=EXISTENCE,
    statement=StationaryLaw(
        SDE(x, -2 * a * x / (1 + x**2), sp.sqrt(2) * epsilon),
        density=(1 + x**2) ** (-a / epsilon**2),
        support=line,
    ),
    domain=Domain(x=Real, a=Positive, epsilon=Positive),
    given=("L = a log(1 + x^2) tends to infinity, and its gradient is bounded and Lipschitz; Q = 1",),
    reading="coercive in the usual sense, L -> infinity",
    stated=False,
)
claim(
    "000.coercive.growth.repaired",
    "With constant noise the loss a log(1 + x^2) has an invariant probability when a > epsilon^2/2.",
    source=EXISTENCE,
    statement=StationaryLaw(
        SDE(x, -2 * a * x / (1 + x**2), sp.sqrt(2) * epsilon),
        density=(1 + x**2) ** (-a / epsilon**2),
        support=line,
    ),
    domain=Domain(x=Real, epsilon=Positive, a=Above(epsilon**2 / 2)),
    given=("Q = 1",),
    repairs="000.coercive.growth",
)

# Item 4 (ii): the Ornstein-Uhlenbeck process dx = -k x dt + noise, in units of its stationary deviation

CONVERGENCE = Source("000", "item 4 (ii)")
z: Any = positive("z")
claim(
    "000.conv.entropy",
    "For constant noise and a quadratic loss the relative entropy decays at least like exp(-2 k t): one dimension, a "
    "Gaussian start.",
    source=CONVERGENCE,
    statement=Inequality(
        sp.Le(
            m1**2 * z + (v0 - 1) * z - sp.log(1 + (v0 - 1) * z),
            z * (m1**2 + v0 - 1 - sp.log(v0)),
            evaluate=False,
        )
    ),
    domain=Domain(m1=Real, v0=Positive, z=Between(0, 1)),
    given=(
        "one dimension, z = exp(-2 k t), gamma = k and c = 1; mean m1 and variance v0 at the start, in units of the "
        "stationary deviation; twice the relative entropy of N(m, V) is m^2 + V - 1 - log V",
        "the law at t is Gaussian of mean m1 sqrt(z) and variance 1 + (v0 - 1) z",
    ),
    printed=r"\mathcal{E}(\rho(t) \mid \rho_\infty) \leq c e^{-2\gamma t} \mathcal{E}(\rho_0 \mid \rho_\infty)",
)
claim(
    "000.conv.w2",
    "With noise in one block only, and none that reaches the other, the law still converges in 2-Wasserstein "
    "distance: two blocks of one parameter.",
    source=Source("000", "item 4 (iii)"),
    statement=LongTimeLimit(
        m1**2 * sp.exp(-2 * k1 * t)
        + c**2 * (sp.sqrt(1 + (v0 - 1) * sp.exp(-2 * k1 * t)) - 1) ** 2
        + m2**2 * sp.exp(-2 * k2 * t),
        t,
        sp.Integer(0),
    ),
    domain=Domain(m1=Real, m2=Real, k1=Positive, k2=Positive, v0=Positive, c=Positive),
    given=(
        "two blocks of one parameter, loss (k1 x1^2 + k2 x2^2)/2, noise in the first only; start N(m1, c^2 v0) in the "
        "first and m2 in the second, stationary law N(0, c^2) and 0; the expression is the squared distance",
    ),
    printed=r"\text{a 2-Wasserstein convergence still holds}",
    note="The relative entropy is infinite at all times unless m2 = 0.",
)
