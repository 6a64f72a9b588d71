"""From updates of SGD to a stochastic differential equation: document 001, sections 2.6 and 3.1."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.sampling import Sampling, Scheme
from ...processes.sde import SDE
from ...ranges import AtLeast, Integers, Positive, Real
from ...statements.batches import BatchFactor, BatchQuantity
from ...statements.euler_steps import EulerStep, RandomUpdate
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...statements.small_steps import OnlineTraining, SmallStepLimit
from ...symbols import dimension, positive, real

eta, s, t = positive("eta s t")
theta, g_n, g_b = real("theta g_n g_B")
B: Any = dimension("B")
N: Any = dimension("N")
n: Any = dimension("n")
noise = g_n - g_b
one_step = Domain(eta=Positive, theta=Real, g_n=Real, g_B=Real)
ENTRIES = "for each entry: g_n of the empirical gradient, g_B of the batch gradient, xi = g_n - g_B"

# The update (2.6, (14))

claim(
    "001.2.6.update",
    "The update of SGD is a step against the empirical gradient plus eta times the gradient noise.",
    source=Source("001", "2.6"),
    statement=Identity(theta - eta * g_b, theta - eta * g_n + eta * noise),
    domain=one_step,
    given=(ENTRIES,),
    printed=r"\theta_{k+1} = \theta_k - \eta_k g_n(\theta_k) + \eta_k \xi(\theta_k)",
)
claim(
    "001.eq14",
    "The change of the parameters is minus eta times the batch gradient plus eta times the gradient noise.",
    source=Source("001", "3.1, (12)-(14)"),
    statement=Identity(-eta * g_b, -eta * g_b + eta * noise),
    domain=one_step,
    given=(ENTRIES, "the update is (12)"),
    note="The batch gradient stands where the empirical gradient belongs; the update of 2.6 has it right.",
    printed=r"\Delta\theta_{k+1} := \theta_{k+1} - \theta_k "
    r"= -\eta_k g_{\mathcal{B}_k}(\theta_k) + \eta_k \xi(\theta_k)",
)
claim(
    "001.eq14.repaired",
    "The change of the parameters is minus eta times the empirical gradient plus eta times the gradient noise.",
    source=Source("001", "3.1, (12)-(14)"),
    statement=Identity(-eta * g_b, -eta * g_n + eta * noise),
    domain=one_step,
    given=(ENTRIES, "the update is (12)"),
    repairs="001.eq14",
)

u, v = real("u v")
state = (u, v)
loss = sp.Function("L", real=True)(u, v)
root = sp.Matrix(2, 2, lambda i, j: sp.Function(f"R_{i + 1}{j + 1}", real=True)(u, v))
draws = real("z_1 z_2")
xi = [sum((root[i, j] * draws[j] for j in range(2)), sp.Integer(0)) for i in range(2)]
update = RandomUpdate(
    state,
    tuple(-eta * sp.diff(loss, x) + eta * e for x, e in zip(state, xi, strict=True)),
    tuple((z, sp.Integer(1)) for z in draws),
)
for suffix, sign, title, reading in (
    (
        "",
        1,
        "The mean change of the parameters in one step of SGD is plus eta times the empirical gradient.",
        "the drift of a process with its sign; the list names the terms of the update, which has the minus sign",
    ),
    (
        ".subtracted",
        -1,
        "What the update of SGD subtracts from the parameters on average is eta times the empirical gradient.",
        "the drift is named without the minus sign that stands before it in the update",
    ),
):
    claim(
        f"001.2.6.drift{suffix}",
        title,
        source=Source("001", "2.6"),
        statement=EulerStep(
            update, SDE(state, [sign * eta * sp.diff(loss, x) for x in state], eta * root), sp.Integer(1)
        ),
        domain=Domain(u=Real, v=Real, eta=Positive),
        given=("two parameters, any loss and any covariance R R^T of the noise",),
        reading=reading,
        stated=sign < 0,
        printed=r"\textbf{Drift:} \ \eta_k g_n(\theta_k) \text{ (deterministic gradient)}",
    )

# Accumulated noise (19)-(22)

total = Sampling(Scheme.WITH_REPLACEMENT, N * B, n)
_sizes = Domain(N=Integers(1), B=Integers(1), n=Integers(2))
_frozen = (
    "N independent batches of B draws with replacement at one parameter, xi of covariance Sigma/B as in (18)",
    "the sum of c xi_k is N c times the mean over N B draws, so that its variance is (N c)^2 times that of the mean",
)
_PRINTED_19 = r"\text{Var}\left(\sum_{k=1}^N \eta \xi_k\right) = N\eta^2 \Sigma(\theta_k) = t\eta \Sigma(\theta_k)"
_PRINTED_21 = r"\text{Var}\left(\sum_{k=1}^N \sqrt{(\eta)} \xi_k\right) = N\eta \Sigma(\theta_k) = t\Sigma(\theta_k)"
_SAME_SLIP = "The slip of (19), counted there: the 1/B of (18) is missing."
for name, title, place, scale, printed in (
    (
        "eq19",
        "The variance of the sum of eta xi_k is N eta^2 Sigma.",
        "3.1, (19)",
        "c = eta",
        _PRINTED_19,
    ),
    (
        "eq20",
        "The standard deviation of the sum of eta xi_k is sqrt(t eta) sqrt(Sigma).",
        "3.1, (20)",
        "c = eta; the square of the standard deviation is compared",
        r"\text{std}\left(\sum_{k=1}^N \eta \xi_k\right) = \sqrt{t\eta} \sqrt{\Sigma(\theta_k)}",
    ),
    (
        "eq21",
        "The variance of the sum of sqrt(eta) xi_k is N eta Sigma.",
        "3.1, (21)",
        "c = sqrt(eta)",
        _PRINTED_21,
    ),
    (
        "eq22",
        "The standard deviation of the sum of sqrt(eta) xi_k is sqrt(t) sqrt(Sigma).",
        "3.1, (22)",
        "c = sqrt(eta); the square of the standard deviation is compared",
        r"\text{std}\left(\sum_{k=1}^N \sqrt{(\eta)} \xi_k\right) = \sqrt{t} \sqrt{\Sigma(\theta_k)}",
    ),
):
    for suffix, value, repairs in (("", 1 / N, None), (".repaired", 1 / (N * B), f"001.{name}")):
        claim(
            f"001.{name}{suffix}",
            title.replace("Sigma", "Sigma/B") if repairs else title,
            source=Source("001", place),
            statement=BatchFactor(total, BatchQuantity.COVARIANCE, value),
            domain=_sizes,
            given=(*_frozen, scale),
            repairs=repairs,
            reading=None if repairs else "xi_k is the batch noise of (13), with the covariance Sigma/B of (18)",
            note="" if repairs else "The 1/B of (18) is missing; (23) has it." if name == "eq19" else _SAME_SLIP,
            printed="" if repairs else printed,
        )

one_sample = Sampling(Scheme.WITH_REPLACEMENT, N, n)
for name, title, place, scale, printed in (
    (
        "eq19",
        "The variance of the sum of eta xi_k is N eta^2 Sigma for batches of one sample.",
        "3.1, (19)",
        "c = eta",
        _PRINTED_19,
    ),
    (
        "eq21",
        "The variance of the sum of sqrt(eta) xi_k is N eta Sigma for batches of one sample.",
        "3.1, (21)",
        "c = sqrt(eta)",
        _PRINTED_21,
    ),
):
    claim(
        f"001.{name}.single",
        title,
        source=Source("001", place),
        statement=BatchFactor(one_sample, BatchQuantity.COVARIANCE, 1 / N),
        domain=Domain(N=Integers(1), n=Integers(2)),
        given=("N independent samples at one parameter, xi of covariance Sigma", scale),
        reading="xi_k is the noise of one sample, as under the sum in (17)",
        printed=printed,
    )

_scaling = Domain(t=Positive, s=Positive, B=Integers(1))
claim(
    "001.eq20.limit",
    "At a fixed time t = N eta the accumulated noise goes to 0 with the learning rate.",
    source=Source("001", "3.1, text after (20)"),
    statement=LongTimeLimit(sp.sqrt(N * (t / N) ** 2 * s**2 / B), N, sp.Integer(0)),
    domain=_scaling,
    given=("N independent steps of length eta = t/N, noises of variance s^2/B",),
    printed=r"\text{as } \eta \rightarrow 0, \text{ the typical displacement of the accumulated noise goes to } 0",
)
claim(
    "001.eq22.scaling",
    "With noise of scale sqrt(eta) the displacement at a fixed time has a limit of order sqrt(t), whatever eta is.",
    source=Source("001", "3.1, text after (22)"),
    statement=LongTimeLimit(sp.sqrt(N * (sp.sqrt(t / N)) ** 2 * s**2 / B), N, sp.sqrt(t) * s / sp.sqrt(B)),
    domain=_scaling,
    given=("N independent steps of length eta = t/N, noises of variance s^2/B",),
    printed=r"\text{the typical displacement is in } \sqrt{t} \text{ and does not depend on } \eta",
)

# The limit (23), for one weight: its error e with label noise epsilon

per_unit: Any = positive("n")
e, e0 = real("e e0")
sigma = sp.Symbol("sigma", nonnegative=True)
when = sp.Symbol("t", nonnegative=True)
batch = real("w1 w2")
noises = real("epsilon1 epsilon2")
pair_loss = sum(((e * a - z) ** 2 / 4 for a, z in zip(batch, noises, strict=True)), sp.Integer(0))
variances = (*((a, sp.Integer(1)) for a in batch), *((z, sigma**2) for z in noises))
online = OnlineTraining(pair_loss, e, variances, e0, per_unit)
printed_sde = SDE(e, -e, sp.sqrt((2 * e**2 + sigma**2) / (2 * per_unit)))
spread = (sigma**2 * (1 - sp.exp(-2 * when)) / 2 + 2 * when * e0**2 * sp.exp(-2 * when)) / 2
_REGRESSION = (
    "one weight: inputs N(0, 1), label noise of variance sigma^2, error e from e0; batches of B = 2 fresh samples",
    "learning rate 1/n, time t = k/n after k steps; the one-sample covariance is 2 e^2 + sigma^2",
)
_online_domain = Domain(t=AtLeast(0), e0=Real, sigma=AtLeast(0))
_PRINTED_23 = r"d\theta_t = -\nabla L_n(\theta_t)dt + \sqrt{\frac{\eta}{B}\Sigma(\theta_t)}dW_t"
claim(
    "001.eq23",
    "As the learning rate tends to 0, SGD and (23) have the same mean square error at every time.",
    source=Source("001", "3.1, (23)"),
    statement=SmallStepLimit(online, e**2, when, sp.Integer(0), process=printed_sde),
    domain=_online_domain,
    given=_REGRESSION,
    reading="SGD and (23), whose noise holds the learning rate, approach each other",
    printed=_PRINTED_23,
)
claim(
    "001.eq23.fluctuations",
    "The variance of SGD over the learning rate has in the limit the value that the noise of (23) gives.",
    source=Source("001", "3.1, (23)"),
    statement=SmallStepLimit(online, e, when, spread, spread=True, factor=per_unit),
    domain=_online_domain,
    given=_REGRESSION,
    reading="the scale on which noise survives; without the noise of (23) the limit would be 0",
    printed=_PRINTED_23,
)
claim(
    "001.eq23.noise",
    "As the learning rate tends to 0, SGD at a fixed time keeps a spread.",
    source=Source("001", "3.1, (23)"),
    statement=SmallStepLimit(online, e, when, spread, spread=True),
    domain=_online_domain,
    given=_REGRESSION,
    reading="the limit itself is noisy, without a change of scale; the text after (20) says that it is not",
    stated=False,
    printed=_PRINTED_23,
)
