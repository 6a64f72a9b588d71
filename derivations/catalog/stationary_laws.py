"""Stationary laws of the modes of a deep linear network: document 003, section 5, appendix F."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Between, Integers, Positive, Real
from ..statements.detailed_balance import DetailedBalance
from ..statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ..statements.long_time_laws import LimitInLaw
from ..statements.stationary import DiracLaw, NormalisableWhen, StationaryLaw
from ..symbols import dimension, positive, real

half_line = sp.Interval.open(0, sp.oo)

s, eta_b, sigma, stilde = positive("s eta_b sigma stilde")
L: Any = dimension("L")


def mode(label_noise: sp.Expr) -> tuple[sp.Expr, sp.Expr, SDE]:
    """Return drift a(s), variance rate D(s) and the SDE of one mode (Proposition 3.5)."""
    spread = 2 * (stilde - s) ** 2 + label_noise**2
    drift = L * s ** (2 - 2 / L) * (stilde - s) + eta_b * L * (L - 1) / 2 * s ** (3 - 4 / L) * spread
    rate = eta_b * L**2 * s ** (4 - 4 / L) * spread
    return drift, rate, SDE(s, drift, sp.sqrt(rate))


mode_given = (
    "ds = a dt + sqrt(D) dW with a = L s^(2-2/L)(stilde-s) + eta_b L(L-1)/2 s^(3-4/L)(2(s-stilde)^2+sigma^2), "
    "D = eta_b L^2 s^(4-4/L)(2(stilde-s)^2+sigma^2)",
    "the formulas of the document are lost: Proposition 3.5 re-derived for aligned and balanced weights, loss "
    "1/2 ||Wx-y||^2, whitened Gaussian inputs, label noise of covariance sigma^2 I, eta_b = eta/B",
)
quiet_drift, quiet_rate, quiet_mode = mode(sp.Integer(0))
noisy_drift, noisy_rate, noisy_mode = mode(sigma)
quiet = Domain(L=Integers(2), stilde=Positive, eta_b=Positive)
noisy = Domain(L=Integers(2), stilde=Positive, sigma=Positive, eta_b=Positive)

x: Any = real("x")
a, D = sp.Function("a", real=True), sp.Function("D", positive=True)
claim(
    "003.eq16",
    "Zero current gives p = exp(2 int a/D)/D for ds = a dt + sqrt(D) dW, whatever a and D > 0 are.",
    source=Source("003", "Proposition 5.2 (16), appendix F"),
    statement=DetailedBalance(
        (x,),
        [-a(x)],
        [[D(x) / 2]],
        density=sp.exp(2 * sp.Integral(a(x) / D(x), x)) / D(x),
        current="ito",
    ),
    domain=Domain(x=Real),
    given=("detailed balance: the Ito probability current a p - (D p)'/2 is zero", "D > 0"),
)

claim(
    "003.prop5.2.i.local",
    "Without label noise a ~ -k (s - stilde) and D ~ c (s - stilde)^2 with k = L stilde^(2-2/L), "
    "c = 2 eta_b L^2 stilde^(4-4/L).",
    source=Source("003", "Proposition 5.2 (i)"),
    statement=LocalBehaviour(
        s,
        stilde,
        (
            (quiet_drift, -L * stilde ** (2 - 2 / L) * (s - stilde)),
            (quiet_rate, 2 * eta_b * L**2 * stilde ** (4 - 4 / L) * (s - stilde) ** 2),
        ),
    ),
    domain=quiet,
    given=mode_given,
)

claim(
    "003.prop5.2.i.norm",
    "Without label noise the zero-current density is not normalisable on either side of the teacher value.",
    source=Source("003", "Proposition 5.2 (i), appendix F"),
    statement=NormalisableWhen(
        quiet_mode,
        sp.Union(sp.Interval.open(0, stilde), sp.Interval.open(stilde, sp.oo), evaluate=False),
        sp.false,
    ),
    domain=quiet,
    given=mode_given,
)

claim(
    "003.prop5.2.i.dirac",
    "Without label noise the only stationary law on s > 0 is the Dirac mass at the teacher value.",
    source=Source("003", "Proposition 5.2 (i)"),
    statement=DiracLaw(quiet_mode, stilde, half_line),
    domain=quiet,
    given=mode_given,
    reading="laws on s > 0",
)

claim(
    "003.prop5.2.i.dirac.origin",
    "Without label noise the only stationary law on s >= 0 is the Dirac mass at the teacher value.",
    source=Source("003", "Proposition 5.2 (i)"),
    statement=DiracLaw(quiet_mode, stilde, sp.Interval(0, sp.oo)),
    domain=quiet,
    given=mode_given,
    reading="laws on s >= 0, the unlearned mode s = 0 included",
    stated=False,
)

two = {L: sp.Integer(2)}
quiet_at_two = SDE(s, quiet_drift.subs(two), sp.sqrt(quiet_rate.subs(two)))
claim(
    "003.prop5.2.i.dirac.long-time",
    "At depth 2, without label noise, the law of a mode tends to the point mass at the teacher value from every start "
    "below it, where eta_b stilde < 1.",
    source=Source("003", "abstract, 1.1 (3), Proposition 5.2 (i), 5.1"),
    statement=LimitInLaw(quiet_at_two, sp.Interval.open(0, stilde), point=stilde),
    domain=Domain(eta_b=Positive, stilde=Between(0, 1 / eta_b), s=Between(0, stilde)),
    given=mode_given,
    reading="the law at the end of training, from a start 0 < s0 < stilde, in the scalar equation at depth 2",
    note="With a larger step the mode falls back to 0 with positive probability: the scale function is finite there. "
    "(1) is introduced as a limit of small steps, and the line with the assumptions of the proposition is lost: this "
    "is no accusation.",
    printed=r"\text{its marginal distribution along specific features coincides with the stationary distribution of "
    r"gradient flow}",
)
near_teacher = 2 * quiet_drift / quiet_rate - sp.diff(quiet_rate, s) / quiet_rate
claim(
    "003.f.exponent",
    "Without label noise the density (16) diverges at the teacher value like |s - stilde|^(-2k/c - 2), with 2k/c = "
    "stilde^(2/L-2)/(eta_b L).",
    source=Source("003", "appendix F, for (i)"),
    statement=LocalBehaviour(s, stilde, ((near_teacher, -(2 + stilde ** (2 / L - 2) / (eta_b * L)) / (s - stilde)),)),
    domain=quiet,
    given=(*mode_given, "the logarithmic derivative of (16), p'/p = 2a/D - D'/D"),
    printed=r"\text{the exponential in (16) diverges, and the prefactor contributes another factor; the resulting "
    r"singularity is non-integrable}",
)

noisy_at_two = SDE(s, noisy_drift.subs(two), sp.sqrt(noisy_rate.subs(two)))
claim(
    "003.prop5.2.ii.depth-2",
    "At depth 2 the stationary density with label noise is normalisable iff eta_b (2 stilde^2 + sigma^2) < 2 stilde.",
    source=Source("003", "Proposition 5.2 (ii)"),
    statement=NormalisableWhen(
        noisy_at_two, half_line, sp.Lt(eta_b * (2 * stilde**2 + sigma**2), 2 * stilde, evaluate=False)
    ),
    domain=Domain(stilde=Positive, sigma=Positive, eta_b=Positive),
    given=mode_given,
    reading="the condition under which the unique stationary density of (ii) exists at depth 2; the line with the "
    "assumptions of the proposition is lost",
    stated=False,
)
claim(
    "003.prop5.2.ii.peak",
    "The stationary density with label noise peaks at stilde - (3/2) eta_b (L-1) stilde^(1-2/L) sigma^2, at first "
    "order.",
    source=Source("003", "Proposition 5.2 (ii)"),
    statement=RootExpansion(
        sp.expand(noisy_drift - sp.diff(noisy_rate, s) / 2),
        s,
        eta_b,
        stilde,
        -3 * (L - 1) * stilde ** (1 - 2 / L) * sigma**2 / 2,
    ),
    domain=noisy,
    given=(*mode_given, "p' = 0 where a = D'/2"),
    note="So the peak is near the zero of the drift, to order eta_b, as printed; it is below the teacher value, the "
    "zero above.",
    printed=r"\text{there is a unique smooth stationary density peaked near the zero of } a",
)

shift = (L - 1) * stilde ** (1 - 2 / L) * sigma**2 / 2
claim(
    "003.eq17",
    "At first order in the step size the stationary mean lies above the teacher value by "
    "eta_b (L-1)/2 stilde^(1-2/L) sigma^2.",
    source=Source("003", "Proposition 5.2 (ii), (17)"),
    statement=StationaryExpansion(noisy_mode, half_line, "mean", eta_b, stilde, stilde, shift),
    domain=noisy,
    given=(
        *mode_given,
        "the printed formula is lost; the text says 'slightly above due to the Ito drift', and appendix F takes the "
        "mean to be the first-order zero of the drift",
    ),
)

claim(
    "003.eq17.repaired",
    "At first order in the step size the stationary mean lies below the teacher value by "
    "eta_b (L-1)/2 stilde^(1-2/L) sigma^2.",
    source=Source("003", "Proposition 5.2 (ii), (17)"),
    statement=StationaryExpansion(noisy_mode, half_line, "mean", eta_b, stilde, stilde, -shift),
    domain=noisy,
    given=mode_given,
    repairs="003.eq17",
    note="The curvature of the drift times the variance shifts the mean by twice the Ito drift, downwards. This is the "
    "law of the scalar equation (11). Networks lie further below: cross-modes and unbalanced layers, which (11) leaves "
    "out, add terms of the same order (4 x 4, L = 2, stilde = 1, sigma = 0.5, eta = 0.005 under SGD: -0.0025 where "
    "this formula has -0.0006).",
)

claim(
    "003.f.zero",
    "The zero of the drift near the teacher value is stilde + eta_b (L-1)/2 stilde^(1-2/L) sigma^2 at first order.",
    source=Source("003", "Appendix F, part (ii)"),
    statement=RootExpansion(noisy_drift, s, eta_b, stilde, shift),
    domain=noisy,
    given=mode_given,
)

claim(
    "003.eq18",
    "At first order in the step size the stationary variance is eta_b (L/2) stilde^(2-2/L) sigma^2.",
    source=Source("003", "Proposition 5.2 (ii), (18), appendix F"),
    statement=StationaryExpansion(
        noisy_mode,
        half_line,
        "variance",
        eta_b,
        stilde,
        sp.Integer(0),
        L * stilde ** (2 - 2 / L) * sigma**2 / 2,
    ),
    domain=noisy,
    given=mode_given,
)

k, D0 = positive("k D0")
claim(
    "003.f.ou",
    "An Ornstein-Uhlenbeck process with drift slope -k and variance rate D0 is Gaussian with variance D0/(2k).",
    source=Source("003", "Appendix F"),
    statement=StationaryLaw(
        SDE(x, -k * x, sp.sqrt(D0)),
        density=sp.exp(-(x**2) / (2 * (D0 / (2 * k)))),
        support=sp.Interval(-sp.oo, sp.oo),
    ),
    domain=Domain(k=Positive, D0=Positive, x=Real),
    given=("linearisation at the stable fixed point: dx = a'(s*) x dt + sqrt(D(s*)) dW with a'(s*) = -k",),
)

temperature = eta_b * L * stilde ** (2 - 2 / L) * sigma**2 / 2
claim(
    "003.boltzmann",
    "With label noise the stationary law of a mode tends to a Boltzmann law of the loss 1/2 (s - stilde)^2, of "
    "temperature eta_b L stilde^(2-2/L) sigma^2 / 2: on its own scale it becomes Gaussian as eta_b tends to 0.",
    source=Source("003", "abstract, 1.1 (3), section 5"),
    statement=SmallNoiseGaussian(noisy_mode, half_line, eta_b, stilde, temperature / eta_b),
    domain=noisy,
    given=mode_given,
    reading="in the limit of small steps, which (17) and (18) expand in",
    note="The temperature depends on the teacher value: modes of different strength have different temperatures.",
    printed=r"\text{in the presence of label noise it approximates a Boltzmann distribution}",
)

claim(
    "003.boltzmann.global",
    "With label noise the stationary law of a mode is the Boltzmann law of the loss 1/2 (s - stilde)^2.",
    source=Source("003", "1.1, section 5"),
    statement=StationaryLaw(noisy_mode, density=sp.exp(-((s - stilde) ** 2) / (2 * temperature)), support=half_line),
    domain=Domain(L=Integers(2), stilde=Positive, sigma=Positive, eta_b=Positive, s=Positive),
    given=mode_given,
    reading="for all amplitudes and step sizes",
    stated=False,
)
