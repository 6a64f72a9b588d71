"""The Langevin model of SGD, its long-run law and its conditions: document 002, Motivation."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, Integers, Positive, Real
from ...statements.detailed_balance import DetailedBalance
from ...statements.euler_steps import EulerStep, RandomUpdate
from ...statements.long_time_laws import LimitInLaw
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...statements.stationary import NormalisableWhen
from ...symbols import dimension, positive, real
from ..notes.central_limits import CUMULANTS, central_limit

MOTIVATION = Source("002", "Motivation, second paragraph")
_PRINTED_LAW = (
    r"\text{Under these conditions, we can solve the Fokker-Planck equation of the Langevin dynamics to show that "
    r"the long-run distribution of SGD converges to the tempered posterior (Gibbs distribution).}"
)
_PRINTED_BAYES = r"\text{The corresponding Bayesian posterior is the special case where temperature } T = 1\text{.}"
_PRINTED_CONDITIONS = (
    r"\text{This regime requires several conditions: the data must be i.i.d., the batch size must be large enough to "
    r"invoke the central limit theorem, the learning rate must be small, and the noise covariance must be isotropic, "
    r"finite, and non degenerate.}"
)
line = sp.Interval(-sp.oo, sp.oo)

# The long-run law

x: Any = real("x")
T, k, q, c, eta, s, h = positive("T k q c eta s h")
batch: Any = dimension("B")
claim(
    "002.langevin.posterior",
    "From every start the law of Langevin dynamics tends to the Gibbs law exp(-L/T): one parameter, L = k x^2/2 + q "
    "x^4/4.",
    source=MOTIVATION,
    statement=LimitInLaw(
        SDE(x, -k * x - q * x**3, sp.sqrt(2 * T)), line, density=sp.exp(-(k * x**2 / 2 + q * x**4 / 4) / T)
    ),
    domain=Domain(x=Real, k=Positive, q=Positive, T=Positive),
    given=("dx = -L' dt + sqrt(2 T) dB; a loss that grows at both ends, so that exp(-L/T) has a finite mass",),
    printed=_PRINTED_LAW,
)
u, v = real("u v")
state = (u, v)
loss = sp.Function("L", real=True)(u, v)
slopes = [sp.diff(loss, w) for w in state]
claim(
    "002.langevin.posterior.any-loss",
    "For every differentiable loss of two parameters the density exp(-L/T) solves the Fokker-Planck equation of "
    "Langevin dynamics, without a current.",
    source=MOTIVATION,
    statement=DetailedBalance(state, slopes, T * sp.eye(2), density=sp.exp(-loss / T), current="ito"),
    domain=Domain(u=Real, v=Real, T=Positive),
    given=("two parameters; the stationary law wherever exp(-L/T) has a finite mass",),
    printed=_PRINTED_LAW,
)
likelihood, prior = (sp.Function(name, positive=True)(u, v) for name in ("p", "pi"))
energy = -sp.log(likelihood) - sp.log(prior)
claim(
    "002.langevin.posterior.bayes",
    "At T = 1 the Gibbs law of the loss -log p(data | theta) - log prior is the Bayesian posterior.",
    source=MOTIVATION,
    statement=DetailedBalance(
        state, [sp.diff(energy, w) for w in state], sp.eye(2), density=likelihood * prior, current="ito"
    ),
    domain=Domain(u=Real, v=Real),
    given=(
        "two parameters; any differentiable positive likelihood p of the data and prior pi; the posterior is p pi, "
        "up to a constant",
        "the temperature is that of the summed loss: the sum over the data, not their mean",
    ),
    printed=_PRINTED_BAYES,
)

# The conditions

claim(
    "002.langevin.clt",
    "For large batches of independent draws the gradient noise times sqrt(B) is Gaussian in the limit.",
    source=MOTIVATION,
    statement=central_limit,
    domain=Domain(s=Positive),
    given=CUMULANTS,
    printed=r"\text{the batch size must be large enough to invoke the central limit theorem}",
)
gradient = [sp.diff(loss, w) for w in state]
draws = real("z1 z2")
heat = eta * c / (2 * batch)
claim(
    "002.langevin.conditions",
    "With isotropic noise of covariance c I per sample, a step of SGD has the mean and the covariance of a step of "
    "length eta of Langevin dynamics at T = eta c/(2 B).",
    source=MOTIVATION,
    statement=EulerStep(
        RandomUpdate(
            state,
            tuple(-eta * (g + sp.sqrt(c / batch) * z) for g, z in zip(gradient, draws, strict=True)),
            tuple((z, sp.Integer(1)) for z in draws),
        ),
        SDE(state, [-g for g in gradient], sp.sqrt(2 * heat) * sp.eye(2)),
        eta,
    ),
    domain=Domain(u=Real, v=Real, eta=Positive, c=Positive, B=Integers(1)),
    given=(
        "two parameters; any loss; independent samples, so that a batch has 1/B of the covariance of one",
        "for large batches the noise is Gaussian (002.langevin.clt), for small eta steps and equation agree weakly "
        "(001.eq23), and the law of the equation tends to exp(-L/T) (002.langevin.posterior)",
    ),
    reading="constant noise, as Langevin dynamics at a temperature has it",
    printed=_PRINTED_CONDITIONS,
)
N: Any = dimension("N")
claim(
    "002.langevin.conditions.small-step",
    "As the learning rate vanishes, the stationary variance of SGD on a quadratic loss, over T/h, tends to 1.",
    source=MOTIVATION,
    statement=LongTimeLimit(
        (1 / N) * c / (batch * h * (2 - h / N)) / ((1 / N) * c / (2 * batch * h)), N, sp.Integer(1)
    ),
    domain=Domain(h=Positive, c=Positive, B=Integers(1)),
    given=(
        "eta = 1/N; L = h x^2/2 and additive noise of variance c/B: the stationary variance of SGD is that of "
        "002.stat.moments.sgd, and that of exp(-L/T) is T/h with T = eta c/(2 B)",
    ),
    printed=r"\text{the learning rate must be small}",
)

# Two readings that are too wide

varying = c + q * x**2
claim(
    "002.langevin.conditions.varying",
    "With any isotropic, finite, non-degenerate covariance the stationary law is a Gibbs law exp(-L/T) at some T.",
    source=MOTIVATION,
    statement=DetailedBalance(
        (x,), [k * x], [[eta / (2 * batch) * varying]], density=sp.exp(-k * x**2 / (2 * T)), current="ito"
    ),
    domain=Domain(x=Real, k=Positive, c=Positive, q=Positive, eta=Positive, T=Positive, B=Integers(1)),
    given=(
        "members: L = k x^2/2 in one of the directions, covariance (c + q x^2) I, which is finite and invertible at "
        "every x; that direction alone, in which a stationary law has no current",
    ),
    reading="isotropic at every parameter, with a strength that may vary; Langevin dynamics has one temperature",
    stated=False,
    note="The law is a power of c + q x^2, with heavy tails. 'Constant' is not among the printed conditions.",
    printed=_PRINTED_CONDITIONS,
)
claim(
    "002.langevin.conditions.varying.repaired",
    "With a constant isotropic covariance c I the density exp(-L/T) at T = eta c/(2 B) has no current, for every loss.",
    source=MOTIVATION,
    statement=DetailedBalance(state, gradient, heat * sp.eye(2), density=sp.exp(-loss / heat), current="ito"),
    domain=Domain(u=Real, v=Real, eta=Positive, c=Positive, B=Integers(1)),
    given=("two parameters; the stationary law wherever exp(-L/T) has a finite mass",),
    repairs="002.langevin.conditions.varying",
)
slow = SDE(x, -k * x / (1 + x**2), sp.sqrt(2 * T))
claim(
    "002.langevin.conditions.flat",
    "Under the listed conditions alone there is a stationary law, whatever the loss is.",
    source=MOTIVATION,
    statement=NormalisableWhen(slow, line, sp.Gt(T, 0, evaluate=False), direction="if"),
    domain=Domain(k=Positive, T=Positive),
    given=("member: L = (k/2) log(1 + x^2), which has its one minimum at 0 and grows without bound, slowly",),
    reading="any loss; the sentence lists no condition on it, and 'posterior' supposes that there is one",
    stated=False,
    note="Along a flat valley, as deep linear networks have them, there is no stationary law at any temperature: "
    "001.4.5.stationary.",
    printed=_PRINTED_CONDITIONS,
)
claim(
    "002.langevin.conditions.flat.repaired",
    "Where exp(-L/T) has a finite mass the law tends to it: L = (k/2) log(1 + x^2) at any temperature below k.",
    source=MOTIVATION,
    statement=LimitInLaw(slow, line, density=(1 + x**2) ** (-k / (2 * T))),
    domain=Domain(x=Real, T=Positive, k=Above(T)),
    given=("(1 + x^2)^(-k/(2T)) has a finite mass for k > T",),
    repairs="002.langevin.conditions.flat",
)

# What the proposal wants from the analogy

beta, l1, l2 = real("beta l1 l2")
levels = (sp.Integer(0), l1, l2)
partition = sum((sp.exp(-beta * e) for e in levels), sp.Integer(0))
mean, second, third = (sum((e**n * sp.exp(-beta * e) for e in levels), sp.Integer(0)) / partition for n in (1, 2, 3))
claim(
    "002.free-energy",
    "The third derivative of log Z in beta is minus the third central moment of the loss: a law on three points.",
    source=Source("002", "Motivation, first paragraph"),
    statement=Identity(sp.diff(sp.log(partition), beta, 3), -(third - 3 * mean * second + 2 * mean**3)),
    domain=Domain(beta=Real, l1=Real, l2=Real),
    given=("three parameter points of losses 0, l1, l2; Z = sum of exp(-beta l)",),
    reading="moments of the loss under the Gibbs law, which derivatives of its free energy give",
    printed=r"\text{we can derive higher-order statistical moments of the distribution using the model's free energy}",
)
order: Any = dimension("n")
weight = sp.exp(-(x ** (2 * order)) / T)
y: Any = positive("y")
claim(
    "002.llc",
    "At temperature T the mean loss x^(2n) is T/(2n): the share of T is the local learning coefficient 1/(2n).",
    source=Source("002", "Motivation, first paragraph"),
    statement=Identity(
        sp.Integral(y ** (2 * order) * sp.exp(-(y ** (2 * order)) / T), (y, 0, sp.oo))
        / sp.Integral(sp.exp(-(y ** (2 * order)) / T), (y, 0, sp.oo)),
        T / (2 * order),
    ),
    domain=Domain(n=Integers(1), T=Positive),
    given=("the loss x^(2n) in one parameter, flat prior; both sides of 0 alike", "its learning coefficient is 1/(2n)"),
    reading="complexity as the mean loss above the minimum, in units of the temperature; one degenerate direction",
    printed=r"\text{measuring the model's effective complexity}",
)
