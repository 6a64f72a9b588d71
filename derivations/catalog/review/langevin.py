"""Stochastic equations of SGD in the review: document 000, (2), (SC 1), (11) and (12)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.determinants import leibniz
from ...processes.sde import SDE
from ...ranges import Integers, Positive, Real
from ...statements.euler_steps import EulerStep, RandomUpdate, descent
from ...statements.extrema import Inequality
from ...statements.fokker_planck_form import FokkerPlanckForm
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

eta, delta = positive("eta delta")
batch: Any = dimension("b")
u, v = real("u v")
state = (u, v)
L = sp.Function("L", real=True)(u, v)
gradient = sp.Matrix([sp.diff(L, x) for x in state])
root = sp.Matrix(2, 2, lambda i, j: sp.Function(f"R_{i + 1}{j + 1}", real=True)(u, v))
plane = {"u": Real, "v": Real, "eta": Positive}

# (2): one step of SGD whose gradient has the covariance Sigma = R R^T

noises = real("z1 z2")
moved = tuple(-eta * (g + sum(root[i, j] * noises[j] for j in range(2))) for i, g in enumerate(gradient))
update = RandomUpdate(state, moved, tuple((z, sp.Integer(1)) for z in noises))
_printed_2 = r"\dot{\theta}(t) = -\nabla L_N(\theta(t)) + \sqrt{2\eta\Sigma(\theta(t))}dW(t)"
for name, factor, title, more in (
    (
        "000.eq2",
        sp.Integer(2),
        "A step of SGD is a step of length eta of (2), Sigma being the covariance of its gradient noise.",
        {
            "printed": _printed_2,
            "reading": "Sigma is the covariance of the gradient noise, as in (6) of the power-law passage",
            "stated": False,
            "note": "(2) does not define Sigma; with half the covariance it holds: 000.eq2.half.",
        },
    ),
    (
        "000.eq2.half",
        sp.Integer(1),
        "A step of SGD is a step of length eta of (2), Sigma being half the covariance of its gradient noise.",
        {
            "printed": _printed_2,
            "reading": "Sigma, which (2) does not define, is half the covariance of the gradient noise, so that eta "
            "Sigma is the diffusion matrix",
        },
    ),
    (
        "000.eq2.repaired",
        sp.Integer(1),
        "A step of SGD is a step of length eta of d theta = -grad L dt + sqrt(eta Sigma) dW, Sigma the covariance.",
        {"repairs": "000.eq2"},
    ),
):
    claim(
        name,
        title,
        source=Source("000", "(2)"),
        statement=EulerStep(update, SDE(state, list(-gradient), sp.sqrt(factor * eta) * root), eta),
        domain=Domain(**plane),
        given=("two parameters; any loss and any covariance R R^T of the gradient noise; time eta a step",),
        **dict[str, Any](more),
    )

# (SC 1) and (11): a mini-batch of two kinds of samples; the mean of b independent signs has the variance 1/b

first, second = (sp.Function(f"l_{k}", real=True)(u, v) for k in (1, 2))
coin: Any = real("s")
mean_loss = (first + second) / 2
mini_batch = descent((first * (1 + coin) + second * (1 - coin)) / 2, state, eta, ((coin, 1 / batch),))
spread = [sp.diff(first - second, x) / 2 for x in state]
_halves = (
    "any two losses, each of half the samples, two parameters; b independent draws, with replacement, whose mean sign "
    "s has the variance 1/b",
)
for name, place, title, printed in (
    (
        "000.sc1",
        "(SC 1)",
        "With the square root Sigma of the covariance of per-sample gradients, a step of SGD has the mean and the "
        "covariance of a step of stochastic gradient flow (SC 1): two kinds of samples, two parameters.",
        r"d\theta_t = -\nabla L(\theta_t) dt + \sqrt{\frac{\eta}{\beta}} \Sigma(\theta_t) dB_t",
    ),
    (
        "000.eq11",
        "(11)",
        "A step of mini-batch SGD has the mean and the covariance of an Euler-Maruyama step of (11): two kinds of "
        "samples, two parameters.",
        r"dX_t = -\nabla L(X_t) dt + \sqrt{\frac{\eta}{b}} Q(X_t)^{1/2} dW_t, \quad \varepsilon^2 := \frac{\eta}{2b}",
    ),
):
    claim(
        name,
        title,
        source=Source("000", place),
        statement=EulerStep(
            mini_batch,
            SDE(state, [-sp.diff(mean_loss, x) for x in state], [sp.sqrt(eta / batch) * e for e in spread]),
            eta,
        ),
        domain=Domain(**plane, b=Integers(1)),
        given=(*_halves, "the covariance of the gradient of one sample has the root (grad l_1 - grad l_2)/2"),
        printed=printed,
    )
claim(
    "000.eq11.law",
    "A step of mini-batch SGD has the law of an Euler-Maruyama step of (11).",
    source=Source("000", "(11)"),
    statement=Identity((3 - 2 / batch) / batch**2, 3 / batch**2),
    domain=Domain(b=Integers(1)),
    given=(*_halves, "fourth moments of the mean sign and of a Gaussian number of variance 1/b"),
    reading="'is the Euler-Maruyama scheme' in law, not in mean and covariance",
    stated=False,
)
n = 3
entries = [real(f"g{i}_1:{n + 1}") for i in range(1, n + 1)]
means = [sum(g[k] for g in entries) / n for k in range(n)]
covariance = sp.Matrix(n, n, lambda i, j: sum((g[i] - means[i]) * (g[j] - means[j]) for g in entries) / n)
claim(
    "000.eq11.rank",
    "With N samples the covariance Q has rank at most N - 1: with N = 3 samples and 3 parameters it is singular.",
    source=Source("000", "after (11)"),
    statement=Identity(leibniz(covariance), sp.Integer(0)),
    domain=Domain(**{str(g): Real for row in entries for g in row}),
    given=("N = 3 samples with any gradients in three parameters; Q is their covariance",),
    printed=r"\text{rank} \leq N - 1 < d",
)

# (12) and item 4 (i)

density = sp.Function("rho", real=True)(u, v)
Q = root * root.T
epsilon_squared = eta / (2 * batch)


def divergence(field: sp.Matrix) -> sp.Expr:
    """Return the divergence of a vector field of the parameters."""
    return sum((sp.diff(c, x) for c, x in zip(field, state, strict=True)), sp.Integer(0))


claim(
    "000.eq12",
    "The density of (11) obeys d rho/dt = div(epsilon^2 div(Q rho) + rho grad L), for two parameters.",
    source=Source("000", "(12)"),
    statement=FokkerPlanckForm(
        SDE(state, list(-gradient), sp.sqrt(eta / batch) * root),
        density,
        divergence(
            epsilon_squared * sp.Matrix([divergence((Q[i, :] * density).T) for i in range(2)]) + density * gradient
        ),
    ),
    domain=Domain(**plane, b=Integers(1)),
    given=("the Ito sense; two parameters; Q = R R^T with twice differentiable entries",),
    printed=r"\partial_t \rho = \nabla \cdot (\varepsilon^2 \nabla \cdot (Q\rho) + \rho \nabla L)",
)
r11, r12, r21, r22, v1, v2 = real("r11 r12 r21 r22 v1 v2")
claim(
    "000.conv.elliptic",
    "With delta I added, Q is uniformly elliptic: v.(Q + delta I) v >= delta |v|^2, for two parameters.",
    source=Source("000", "item 4 (i)"),
    statement=Inequality(
        sp.Ge(
            (r11 * v1 + r21 * v2) ** 2 + (r12 * v1 + r22 * v2) ** 2 + delta * (v1**2 + v2**2),
            delta * (v1**2 + v2**2),
            evaluate=False,
        )
    ),
    domain=Domain(**dict.fromkeys(map(str, (r11, r12, r21, r22, v1, v2)), Real), delta=Positive),
    given=("two parameters; Q = R R^T, singular or not",),
    printed=r"\text{adding an isotropic } \delta I \text{ to } Q \text{ yields a uniformly elliptic SDE}",
)
