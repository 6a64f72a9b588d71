"""The limit of small steps, and one step of SGD beside one of the SDE (1): document 003, sections 2.2, A.2."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, AtLeast, Positive, Real
from ...statements.euler_steps import EulerStep, RandomUpdate, descent
from ...statements.processes import ExpectationAtAllTimes
from ...statements.small_steps import OnlineTraining, SmallStepLimit
from ...symbols import positive

sigma = sp.Symbol("sigma", nonnegative=True)

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

_CONVERGES = (
    r"\text{the piecewise-constant interpolation of } \theta_k \text{ with constant } \eta \text{ converges (as } "
    r"\eta \to 0 \text{) to the Itô SDE (1)}"
)

claim(
    "003.eq1.limit",
    "As the learning rate 1/n tends to 0, SGD and the SDE (1) approach each other: their mean square errors at a fixed "
    "time differ by -t e0^2 exp(-2t)/n, of the order at which the noise of (1) enters them.",
    source=Source("003", "(1), A.2"),
    statement=SmallStepLimit(online, e**2, t, -t * e0**2 * sp.exp(-2 * t), factor=n, process=diffusion),
    domain=_regression,
    given=REGRESSION,
    reading="SGD and (1), which holds the learning rate, approach each other; with the coefficient of the difference, "
    "as gradient flow without noise would do as well without it. The document does not state the coefficient",
    printed=_CONVERGES,
)
claim(
    "003.eq1.limit.sde",
    "The mean square error of (1) for one weight, which the limit of small steps compares with that of SGD.",
    source=Source("003", "(1), A.2"),
    statement=ExpectationAtAllTimes(diffusion, e**2, t, e0, sp.exp(-(2 - 2 / n) * t) * (e0**2 - sde_rest) + sde_rest),
    domain=Domain(t=AtLeast(0), e0=Real, sigma=AtLeast(0), n=Above(4)),
    given=(*REGRESSION, "the one-sample gradient noise e (x^2 - 1) - x eps has variance 2 e^2 + sigma^2"),
    reading="auxiliary: not in the document",
    stated=False,
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
    repairs="003.eq1.limit.noise",
)
claim(
    "003.eq1.limit.noise",
    "As the learning rate tends to 0, SGD at a fixed time keeps a spread: its limit is a diffusion with noise.",
    source=Source("003", "(1), A.2"),
    statement=SmallStepLimit(online, e, t, spread_of_fluctuations, spread=True),
    domain=_regression,
    given=REGRESSION,
    reading="the limit itself is noisy, without a change of scale; (1) holds the learning rate, so that its noise "
    "vanishes with it",
    stated=False,
)

# One step, for any loss and covariance of two parameters, and for a network of two layers.

eta, batch = positive("eta B")
theta = tuple(sp.Symbol(f"theta_{i}", real=True) for i in (1, 2))
z1, z2 = sp.symbols("z1 z2", real=True)
loss = sp.Function("L", real=True)(*theta)
root = sp.Matrix(2, 2, lambda i, j: sp.Function(f"S_{i + 1}{j + 1}", real=True)(*theta))
descent_field = [-sp.diff(loss, w) for w in theta]
claim(
    "003.a2.euler",
    "In mean and covariance a step of SGD is an Euler-Maruyama step of (1), of the length of the learning rate.",
    source=Source("003", "A.2"),
    statement=EulerStep(
        RandomUpdate(
            theta,
            tuple(
                eta * descent_field[i] + eta / sp.sqrt(batch) * (root[i, 0] * z1 + root[i, 1] * z2) for i in range(2)
            ),
            ((z1, sp.Integer(1)), (z2, sp.Integer(1))),
        ),
        SDE(theta, descent_field, sp.sqrt(eta / batch) * root),
        eta,
    ),
    domain=Domain(theta_1=Real, theta_2=Real, eta=Positive, B=Positive),
    given=(
        "two parameters; one-sample covariance S S^T, divided by B for a batch (003.appa.batchcov)",
        "the noise of a step as S z with uncorrelated z of variance 1",
    ),
    reading="in the first two moments of a step; the noise of SGD is not Gaussian, and its law is not compared",
    printed=r"\text{We want to understand the conditions under which the parameter is the solution of the "
    r"Euler-Maruyama discretization of the following SDE}",
)
w1, w2, m = (sp.Symbol(name, real=True) for name in ("w1", "w2", "m"))
_error = w2 * w1 - m
_slope = sp.Matrix([w2, w1])
claim(
    "003.a2.euler.network",
    "A step of SGD on a linear network of two layers with one weight each is, in mean and covariance, an "
    "Euler-Maruyama step of (1) with the covariance of Proposition 3.2.",
    source=Source("003", "(1), Proposition 3.2, A.2"),
    statement=EulerStep(
        descent((_error * x - eps) ** 2 / 2, (w1, w2), eta, ((x, sp.Integer(1)), (eps, sigma**2))),
        SDE((w1, w2), list(-_error * _slope), sp.sqrt(eta * (2 * _error**2 + sigma**2)) * _slope),
        eta,
    ),
    domain=Domain(w1=Real, w2=Real, m=Real, sigma=AtLeast(0), eta=Positive),
    given=("x ~ N(0, 1), y = m x + eps, eps ~ N(0, sigma^2), batches of one sample",),
)
