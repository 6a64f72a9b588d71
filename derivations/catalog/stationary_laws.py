"""Stationary laws of the modes of a deep linear network: document 003, section 5, appendix F."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Integers, Positive, Real
from ..statements.detailed_balance import DetailedBalance
from ..statements.expansions import LocalBehaviour, RootExpansion, StationaryExpansion
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
    "ds = a ds + sqrt(D) dW with a = L s^(2-2/L)(stilde-s) + eta_b L(L-1)/2 s^(3-4/L)(2(s-stilde)^2+sigma^2), "
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
    "Zero current gives p = exp(2 int a/D)/D for ds = a ds + sqrt(D) dW, whatever a and D > 0 are.",
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
    note="The curvature of the drift times the variance shifts the mean by twice the Ito drift, downwards.",
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
    "With label noise the stationary law of a mode is approximately Boltzmann: its potential is that of the loss "
    "1/2 (s - stilde)^2 at temperature eta_b L stilde^(2-2/L) sigma^2 / 2.",
    source=Source("003", "1.1, section 5"),
    statement=LocalBehaviour(
        s,
        stilde,
        ((-2 * L * s ** (2 - 2 / L) * (stilde - s) / noisy_rate, (s - stilde) / temperature),),
    ),
    domain=noisy,
    given=mode_given,
    reading="near the teacher value and at leading order in the step size, where the slope of -log p is -2a/D with "
    "the gradient drift a",
    note="The temperature depends on the teacher value: modes of different strength have different temperatures.",
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
