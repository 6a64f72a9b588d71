"""Autocorrelations of linear models of SGD, and what they tell of memory: document 002, list of statistics."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, Between, Integers, Positive
from ...statements.classes.linear_covariances import StationaryCovariance
from ...statements.euler_steps import RandomUpdate
from ...statements.scalar import Identity
from ...symbols import dimension, positive
from .moments import (
    HEAVY,
    PLAIN,
    D,
    T,
    eta,
    gamma,
    h,
    mu,
    rolling,
    rolling_spread,
    sgd,
    spread,
    spring,
    stable,
    t,
    v,
    x,
    z,
)

MEMORY = Source("002", "list of statistics, autocorrelations")
_PRINTED_MEMORY = r"\text{Autocorrelations of the processes to measure non-Markovianity}"
_ASKED = "Derived: the proposal names the statistic."
lag: Any = dimension("k")

claim(
    "002.stat.autocorr.ou",
    "Stationary Ornstein-Uhlenbeck process: the autocovariance at lag t is (D/h) exp(-h t), the autocorrelation "
    "exp(-h t).",
    source=MEMORY,
    statement=StationaryCovariance(SDE(x, -h * x, sp.sqrt(2 * D)), x, x, D / h * sp.exp(-h * t), t),
    domain=Domain(h=Positive, D=Positive, t=Positive),
    given=("dx = -h x dt + sqrt(2 D) dB",),
    note=_ASKED,
    printed=_PRINTED_MEMORY,
)
claim(
    "002.stat.autocorr.sgd",
    "SGD on h x^2/2: the autocovariance at lag k is its variance times (1 - eta h)^k, the autocorrelation.",
    source=MEMORY,
    statement=StationaryCovariance(sgd, x, x, spread * (1 - eta * h) ** lag, lag),
    domain=Domain(**stable, k=Integers(1)),
    given=(PLAIN, "of alternating signs where eta h > 1"),
    note=_ASKED,
    printed=_PRINTED_MEMORY,
)
first_lag = rolling_spread * (1 + mu - eta * h) / (1 + mu)
second_lag = (1 + mu - eta * h) * first_lag - mu * rolling_spread
fast, slow = ((gamma + sign * sp.sqrt(gamma**2 - 4 * h)) / 2 for sign in (1, -1))
claim(
    "002.stat.autocorr.underdamped",
    "Underdamped Langevin dynamics with large friction: the autocovariance of x is a difference of two exponentials.",
    source=MEMORY,
    statement=StationaryCovariance(
        spring, x, x, T / h * (fast * sp.exp(-slow * t) - slow * sp.exp(-fast * t)) / (fast - slow), t
    ),
    domain=Domain(h=Positive, gamma=Above(2 * sp.sqrt(h)), T=Positive, t=Positive),
    given=("gamma^2 > 4 h; the position alone is not a Markov process, and its autocorrelation no exponential",),
    note=_ASKED,
    printed=_PRINTED_MEMORY,
)
r1, r2 = positive("r1 r2")
second_order = RandomUpdate(
    (x, v),
    (r1 * r2 * v - (1 - r1) * (1 - r2) * x + z, (r1 * r2 - 1) * v - (1 - r1) * (1 - r2) * x + z),
    ((z, sp.Integer(1)),),
)
claim(
    "002.stat.autocorr.momentum",
    "Heavy-ball SGD with real roots r_1 > r_2, noise of variance 1 a step: the autocovariance at lag k is a "
    "difference of the powers r_1^k and r_2^k.",
    source=MEMORY,
    statement=StationaryCovariance(
        second_order,
        x,
        x,
        (r1 ** (lag + 1) / (1 - r1**2) - r2 ** (lag + 1) / (1 - r2**2)) / ((r1 - r2) * (1 - r1 * r2)),
        lag,
    ),
    domain=Domain(r1=Between(0, 1), r2=Between(0, r1), k=Integers(1)),
    given=("mu = r_1 r_2, eta h = (1 - r_1)(1 - r_2), eta s = 1: the roots of r^2 - (1 + mu - eta h) r + mu",),
    note=_ASKED,
    printed=_PRINTED_MEMORY,
)
rho, far = (sp.cancel(e / rolling_spread) for e in (first_lag, second_lag))
claim(
    "002.autocorr.markov",
    "Heavy-ball SGD: the autocorrelation at lag 2 differs from the square of that at lag 1 by -mu (1 - rho_1^2), "
    "which vanishes without momentum only.",
    source=MEMORY,
    statement=Identity((far - rho**2) / (1 - rho**2), -mu),
    domain=Domain(**{name: given for name, given in rolling.items() if name != "s"}),
    given=(
        HEAVY,
        "autocorrelations of x at the lags 1 and 2: (1 + mu - eta h)/(1 + mu), and by x'' = (1 + mu - eta h) x' - mu "
        "x + noise; a stationary Gaussian process is Markov exactly where rho_(k+l) = rho_k rho_l (Doob)",
    ),
    reading="the autocorrelation of a Gaussian model tells whether it is a Markov process",
    printed=_PRINTED_MEMORY,
)
