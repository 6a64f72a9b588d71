"""Noise of mini-batches and the stochastic gradient flow of which SGD is a step: document 004, Section 4 and D.1."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.sampling import Sampling, Scheme
from ...processes.sde import SDE
from ...ranges import Integers, Positive, Real
from ...statements.attractivity import Attractive
from ...statements.batches import BatchFactor, BatchQuantity
from ...statements.euler_steps import EulerStep, RandomUpdate, descent
from ...statements.fokker_planck_form import FokkerPlanckForm
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

eta, slope, curvature = positive("eta c k")
beta: Any = dimension("beta")
n: Any = dimension("n")
u, v, theta, full, batch_sum = real("u v theta g S")
state = (u, v)

# Mini-batches (D.1)

_replacement = ("the batch is drawn with replacement, footnote 3, from n >= 2 samples; one sample has no noise",)
claim(
    "004.mean-noise",
    "The per-sample gradient noise has mean zero: the mean of a drawn gradient is the full-batch gradient.",
    source=Source("004", "Section 4, D.1"),
    statement=BatchFactor(Sampling(Scheme.WITH_REPLACEMENT, sp.Integer(1), n), BatchQuantity.MEAN, sp.Integer(1)),
    domain=Domain(n=Integers(1)),
    given=("xi_i is the gradient of a uniformly drawn sample minus the full-batch gradient",),
    printed=r"\mathbb{E}[\xi_i(\theta)] = 0 \text{ for all } \theta",
)
claim(
    "004.eq14",
    "The step of SGD is a full-batch gradient step minus sqrt(eta) times the bracket of (14).",
    source=Source("004", "D.1, (14)"),
    statement=Identity(
        theta - eta / beta * batch_sum,
        theta - eta * full - sp.sqrt(eta) * (sp.sqrt(eta) / beta * batch_sum - sp.sqrt(eta) * full),
    ),
    domain=Domain(eta=Positive, beta=Integers(1), theta=Real, S=Real, g=Real),
    given=("one parameter; S is the sum of the gradients in the batch and g the full-batch gradient",),
    printed=r"\theta^{(t+1)} = \theta^{(t)} - \eta \nabla \mathcal{L} - \sqrt{\eta} \left(\frac{\sqrt{\eta}}{\beta} "
    r"\sum_{i \in \mathcal{B}} \nabla \ell_i - \sqrt{\eta} \nabla \mathcal{L} \right)",
)
claim(
    "004.eq15",
    "The diffusion matrix is half the variance of the batch noise, eta/(2 beta) times that of the per-sample noise.",
    source=Source("004", "D.1, (15)"),
    statement=BatchFactor(
        Sampling(Scheme.WITH_REPLACEMENT, beta, n), BatchQuantity.COVARIANCE, 2 * (eta / (2 * beta)) / eta
    ),
    domain=Domain(beta=Integers(1), n=Integers(2)),
    given=(
        *_replacement,
        "2 D = Var xi_B, and xi_B is sqrt(eta) times the batch gradient less its mean",
    ),
    printed=r"D = \frac{1}{2} \text{Var}(\xi_{\mathcal{B}}) = \frac{\eta}{2\beta} \text{Var}(\xi_i)",
)

loss = sp.Function("L", real=True)(u, v)
gradient = tuple(sp.diff(loss, x) for x in state)
root = sp.Matrix(2, 2, lambda i, j: sp.Function(f"R_{i + 1}{j + 1}", real=True)(u, v))
draws = real("W_1 W_2")
flow = SDE(state, [-g for g in gradient], root)
claim(
    "004.eq16",
    "The Gaussian update (15) is an Euler-Maruyama step of length eta of stochastic gradient flow (16).",
    source=Source("004", "D.1, (15)-(16)"),
    statement=EulerStep(
        RandomUpdate(
            state,
            tuple(-eta * g + sum(root[i, j] * draws[j] for j in range(2)) for i, g in enumerate(gradient)),
            tuple((w, eta) for w in draws),
        ),
        flow,
        eta,
    ),
    domain=Domain(u=Real, v=Real, eta=Positive),
    given=("two parameters; any smooth loss and any root R = sqrt(2 D)",),
    printed=r"d\theta_t = -\nabla \mathcal{L}(\theta_t) dt + \sqrt{2D(\theta_t)} dB_t",
)

g1, g2, g3, h1, h2, h3 = real("g1 g2 g3 h1 h2 h3")
means = (g1 + g2 + g3) / 3, (h1 + h2 + h3) / 3
pairs = ((g1, h1), (g2, h2), (g3, h3))
shape = sum((g * h for g, h in pairs), sp.Integer(0)) / 3 - means[0] * means[1]
_three = Domain(eta=Positive, beta=Integers(1), g1=Real, g2=Real, g3=Real, h1=Real, h2=Real, h3=Real)
_given_three = ("three samples; g_i and h_i are two entries, equal or not, of the gradient of sample i",)
claim(
    "004.eq17",
    "Each entry of the diffusion matrix is eta/(2 beta) times the mean product of gradients less the product of means.",
    source=Source("004", "D.1, (17)"),
    statement=Identity(
        eta / (2 * beta) * sum(((g - means[0]) * (h - means[1]) for g, h in pairs), sp.Integer(0)) / 3,
        eta / (2 * beta) * shape,
    ),
    domain=_three,
    given=(*_given_three, "D is eta/(2 beta) times the variance of the per-sample noise (15)"),
    printed=r"D(\theta_t) = \frac{\eta}{2\beta} \left(\frac{1}{N} \sum_{i \in [N]} \nabla \ell_i \nabla \ell_i^T "
    r"- \nabla \mathcal{L} \nabla \mathcal{L}^T \right)",
)
claim(
    "004.eq19",
    "The batch covariance is 2 D_m / eta times a shape that depends on neither eta nor the batch size.",
    source=Source("004", "D.1, (18)-(19)"),
    statement=BatchFactor(
        Sampling(Scheme.WITH_REPLACEMENT, beta, n), BatchQuantity.COVARIANCE, 2 * (eta / (2 * beta)) / eta
    ),
    domain=Domain(beta=Integers(1), n=Integers(2)),
    given=(*_replacement, "D_s is the one-sample covariance with 1/N, as in (17)"),
    printed=r"D_m = \frac{\eta}{2\beta}",
)

density = sp.Function("p", real=True)(u, v)
sigma = sp.Matrix(2, 2, lambda i, j: sp.Function(f"Sigma_{i + 1}{j + 1}", real=True)(u, v))
diffusion_matrix = eta / (2 * beta) * sigma * sigma.T
claim(
    "004.eq3",
    "Stochastic gradient flow (3) has the diffusion matrix eta/(2 beta) Sigma Sigma^T.",
    source=Source("004", "Section 4, (3)"),
    statement=FokkerPlanckForm(
        SDE(state, [-g for g in gradient], sp.sqrt(eta / beta) * sigma),
        density,
        sum((sp.diff(g * density, x) for g, x in zip(gradient, state, strict=True)), sp.Integer(0))
        + sum(
            (sp.diff(diffusion_matrix[i, j] * density, state[i], state[j]) for i in range(2) for j in range(2)),
            sp.Integer(0),
        ),
    ),
    domain=Domain(u=Real, v=Real, eta=Positive, beta=Integers(1)),
    given=("two parameters; the diffusion matrix D is that of dp/dt = div(p grad L) + sum_ij d_i d_j (D_ij p)",),
    printed=r"D(\theta_t) = \frac{\eta}{2\beta} \Sigma(\theta_t)\Sigma(\theta_t)^\top",
)

# Moments of SGD and SGF

steps, whole = dimension("m"), sp.Symbol("t", integer=True, positive=True)
claim(
    "004.moments",
    "The mean of SGF is that of SGD at every number of steps.",
    source=Source("004", "Section 4, after (3)"),
    statement=Identity(theta * (1 - sp.Integer(1) / steps) ** (steps * whole), theta * sp.exp(-whole)),
    domain=Domain(m=Integers(2), t=Integers(1), theta=Real),
    given=(
        "the loss theta^2/2 - y_i theta with labels of mean 0, learning rate 1/m, start theta",
        "SGD multiplies its mean by 1 - 1/m in each of m t steps; the mean of SGF decays like exp(-t)",
    ),
    reading="first moments after equal times, at a fixed learning rate; Appendix D matches those of a single step",
    stated=False,
    printed=r"\text{it matches the first and second moments of the SGD process}",
)
first, second = (sp.Function(f"l_{k}", real=True)(u, v) for k in (1, 2))
coin: Any = real("s")
mean_loss = (first + second) / 2
claim(
    "004.moments.repaired",
    "One step of SGD has the mean and the covariance of one Euler step of SGF.",
    source=Source("004", "Section 4, after (3)"),
    statement=EulerStep(
        descent((first * (1 + coin) + second * (1 - coin)) / 2, state, eta, ((coin, sp.Integer(1)),)),
        SDE(
            state,
            [-sp.diff(mean_loss, x) for x in state],
            [sp.sqrt(eta) * sp.diff(first - second, x) / 2 for x in state],
        ),
        eta,
    ),
    domain=Domain(u=Real, v=Real, eta=Positive),
    given=("two samples of any losses, batches of one: the sign s = 1 or -1 draws one of them",),
    repairs="004.moments",
)
claim(
    "004.steep",
    "An invariant set in a maximum of steepness c is attractive exactly up to c = (eta/beta) k / 4.",
    source=Source("004", "Section 4, after Theorem 4.1"),
    statement=Attractive(
        SDE(theta, slope * theta, sp.sqrt(eta / beta * curvature / 2) * theta),
        (0,),
        sp.Lt(slope, eta / beta * curvature / 4, evaluate=False),
    ),
    domain=Domain(c=Positive, k=Positive, eta=Positive, beta=Integers(1)),
    given=(
        "linearised at the set: L''(0) = -c, D = (eta/(2 beta)) D_s with D_s''(0) = k, so D''(0) = eta k/(2 beta)",
        "attractive in the sense of Definition 4.1",
    ),
    printed=r"\text{the learning rate to batch size ratio determines the maximum attainable steepness}",
)
