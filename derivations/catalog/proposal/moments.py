"""Second moments of linear models of SGD under their stationary laws: document 002, list of statistics."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, Between, Positive, Real
from ...statements.classes.linear_covariances import StationaryCovariance
from ...statements.euler_steps import RandomUpdate
from ...statements.fokker_planck_form import FokkerPlanckForm
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

MOMENTS = Source("002", "list of statistics, moments")
REFINED = Source("002", "list of refined models, momentum")
_PRINTED_MOMENTS = (
    r"\text{The moments of the quasi-stationary distribution (or stationary distribution on degenerate subspaces) of "
    r"each process}"
)
_PRINTED_MOMENTUM = r"\text{Langevin must be modified into an underdamped dynamics with momentum}"
_ASKED = "Derived: the proposal names the statistic."

x, v, y, z = real("x v y z")
h, D, eta, s, t, T, gamma, B = positive("h D eta s t T gamma B")

# Ornstein-Uhlenbeck in two dimensions, any Hessian and noise

h12, s21 = real("h12 s21")
h11, h22, s11, s22, hi, hj, r = positive("h11 h22 s11 s22 h_i h_j r")
cij: Any = real("S_ij")
root = sp.Matrix([[s11, 0], [s21, s22]])
noise = root * root.T
hessian = sp.Matrix([[h11, h12], [h12, h22]])
plane = {"h12": Real, "h11": Positive, "h22": Above(h12**2 / h11), "s11": Positive, "s22": Positive, "s21": Real}
valley = SDE((x, y), list(-hessian * sp.Matrix([x, y])), sp.sqrt(eta / B) * root)
trace, det = hessian.trace(), hessian.det()
other = hessian - trace * sp.eye(2)
covariance = eta / B * (det * noise + other * noise * other) / (2 * det * trace)
_valley = (
    "d theta = -H theta dt + sqrt(eta/B) S dB with H positive definite and Sigma = S S^T, S lower triangular with a "
    "positive diagonal",
)
for suffix, one, two, entry, words in (
    ("", x, x, covariance[0, 0], "the variance of a parameter"),
    (".mixed", x, y, covariance[0, 1], "the covariance of the two parameters"),
):
    claim(
        f"002.stat.moments.ou{suffix}",
        f"Two-dimensional Ornstein-Uhlenbeck process: {words} is an entry of (eta/B) (det H Sigma + H' Sigma H')/(2 "
        f"det H "
        "tr H), H' = H - tr H.",
        source=MOMENTS,
        statement=StationaryCovariance(valley, one, two, sp.factor(entry)),
        domain=Domain(**plane, eta=Positive, B=Positive),
        given=_valley,
        note=_ASKED,
        printed=_PRINTED_MOMENTS,
    )
claim(
    "002.stat.moments.ou.modes",
    "In the eigenvectors of H, in any dimension, the stationary covariance has the entries (eta/B) Sigma_ij/(h_i + "
    "h_j).",
    source=MOMENTS,
    statement=Identity(
        sp.Integral(sp.exp(-hi * r) * eta / B * cij * sp.exp(-hj * r), (r, 0, sp.oo)), eta / B * cij / (hi + hj)
    ),
    domain=Domain(h_i=Positive, h_j=Positive, S_ij=Real, eta=Positive, B=Positive),
    given=("the covariance is the integral of exp(-H r) (eta/B) Sigma exp(-H r) over the past r",),
    note=_ASKED,
    printed=_PRINTED_MOMENTS,
)

# SGD on a quadratic loss, plain and with heavy ball

sgd = RandomUpdate((x,), (-eta * (h * x + s * z),), ((z, sp.Integer(1)),))
stable = {"h": Positive, "eta": Between(0, 2 / h), "s": Positive}
spread = eta * s**2 / (h * (2 - eta * h))
PLAIN = "x -> x - eta (h x + s z), z independent of mean 0 and variance 1; stable for eta h < 2"
claim(
    "002.stat.moments.sgd",
    "SGD on h x^2/2 with additive noise of variance s^2 has the stationary variance eta s^2/(h (2 - eta h)).",
    source=MOMENTS,
    statement=StationaryCovariance(sgd, x, x, spread),
    domain=Domain(**stable),
    given=(PLAIN,),
    note=_ASKED,
    printed=_PRINTED_MOMENTS,
)
mu: Any = positive("mu")
heavy = RandomUpdate(
    (x, v), (mu * v - eta * (h * x + s * z), (mu - 1) * v - eta * (h * x + s * z)), ((z, sp.Integer(1)),)
)
rolling = {"mu": Between(0, 1), "h": Positive, "eta": Between(0, 2 * (1 + mu) / h), "s": Positive}
rolling_spread = eta * s**2 * (1 + mu) / (h * (1 - mu) * (2 * (1 + mu) - eta * h))
HEAVY = (
    "v' = mu v - eta (h x + s z), x' = x + v', z independent of mean 0 and variance 1; stable for 0 < mu < 1 and eta "
    "h < 2 (1 + mu)"
)
claim(
    "002.stat.moments.momentum",
    "Heavy-ball SGD on h x^2/2 has the stationary variance eta s^2 (1 + mu)/(h (1 - mu) (2 (1 + mu) - eta h)).",
    source=MOMENTS,
    statement=StationaryCovariance(heavy, x, x, rolling_spread),
    domain=Domain(**rolling),
    given=(HEAVY,),
    note=_ASKED,
    printed=_PRINTED_MOMENTS,
)
N: Any = dimension("N")
claim(
    "002.stat.moments.momentum.temperature",
    "As eta vanishes, heavy-ball SGD has the variance T/h of underdamped Langevin dynamics, T = eta s^2/(2 (1 - mu)).",
    source=REFINED,
    statement=LongTimeLimit((rolling_spread / (eta * s**2 / (2 * (1 - mu) * h))).subs(eta, 1 / N), N, sp.Integer(1)),
    domain=Domain(mu=Between(0, 1), h=Positive),
    given=("eta = 1/N; the variance of 002.stat.moments.momentum over T/h", "momentum at fixed mu heats by 1/(1 - mu)"),
    note=_ASKED,
    printed=_PRINTED_MOMENTUM,
)

# Underdamped Langevin dynamics

friction = {"h": Positive, "gamma": Positive, "T": Positive}
spring = SDE((x, v), [v, -gamma * v - h * x], [0, sp.sqrt(2 * gamma * T)])
for suffix, one, two, value, words in (
    ("", x, x, T / h, "the position has the variance T/h"),
    (".velocity", v, v, T, "the velocity has the variance T"),
    (".mixed", x, v, sp.Integer(0), "position and velocity are uncorrelated"),
):
    claim(
        f"002.stat.underdamped{suffix}",
        f"Underdamped Langevin dynamics on h x^2/2: {words}, whatever the friction is.",
        source=REFINED,
        statement=StationaryCovariance(spring, one, two, value),
        domain=Domain(**friction),
        given=(
            "dx = v dt, dv = -gamma v dt - h x dt + sqrt(2 gamma T) dW; a Gaussian law, so that its second moments "
            "say all",
        ),
        note=_ASKED,
        printed=_PRINTED_MOMENTUM,
    )
loss = sp.Function("L", real=True)(x)
density = sp.Function("p", real=True)(x, v)
slope = sp.diff(loss, x)
# what p lacks to be the Gibbs density exp(-(v^2/2 + L)/T): 0 for that one
from_gibbs = [slope * density + T * sp.diff(density, x), v * density + T * sp.diff(density, v)]
claim(
    "002.stat.underdamped.any-loss",
    "For every loss the Fokker-Planck operator of underdamped Langevin dynamics acts on p through (grad E + T grad) "
    "p alone, E = v^2/2 + L, so that exp(-E/T) is stationary.",
    source=REFINED,
    statement=FokkerPlanckForm(
        SDE((x, v), [v, -gamma * v - slope], [0, sp.sqrt(2 * gamma * T)]),
        density,
        sp.diff(-from_gibbs[1], x) + sp.diff(from_gibbs[0] + gamma * from_gibbs[1], v),
    ),
    domain=Domain(x=Real, v=Real, gamma=Positive, T=Positive),
    given=("one parameter; (grad E + T grad) p vanishes for exp(-E/T)",),
    note=_ASKED,
    printed=_PRINTED_MOMENTUM,
)
