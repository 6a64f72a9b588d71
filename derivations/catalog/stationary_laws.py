"""Stationary laws of one-dimensional modes: documents 003 (section 5, appendix F) and 004 (section 4, appendix I)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Above, Integers, Positive, Real
from ..sde import SDE
from ..statements.stationary import (
    DetailedBalance,
    DiracLaw,
    LocalBehaviour,
    NormalisableWhen,
    RootExpansion,
    StationaryExpansion,
    StationaryLaw,
)
from ..symbols import dimension, positive, real

half_line = sp.Interval.open(0, sp.oo)

# --- 004: double well ---------------------------------------------------------------------------------------

theta, mu, zeta = positive("theta mu zeta")
double_well = SDE(theta, drift=-(theta**3 - mu * theta), diffusion=zeta * theta)
kappa = 2 / zeta**2
well_domain = Domain(zeta=Positive, mu=Above(zeta**2 / 2), theta=Positive)
well_given = (
    "theta_0 > 0 without loss of generality, as the document says; the process stays positive",
    "mu > zeta^2/2, outside of which the document asserts a Dirac mass instead of this density",
)

claim(
    "004.dw.potential",
    "The double well with multiplicative noise has the Gibbs law of the printed modified potential.",
    source=Source("004", "Section 4, illustrative example"),
    statement=StationaryLaw(
        double_well,
        density=sp.exp(-kappa * theta**2 / 2) * theta ** (kappa * (2 * mu / zeta**2 - 2)),
        support=half_line,
    ),
    domain=well_domain,
    given=well_given,
    note="Psi = theta^2/2 - (2 mu/zeta^2 - 2) log theta with kappa = 2/zeta^2, as printed.",
)

claim(
    "004.dw.potential.repaired",
    "The modified potential of the double well is theta^2/2 - (mu - zeta^2) log theta.",
    source=Source("004", "Section 4, illustrative example"),
    statement=StationaryLaw(
        double_well,
        density=sp.exp(-kappa * theta**2 / 2) * theta ** (kappa * (mu - zeta**2)),
        support=half_line,
    ),
    domain=well_domain,
    given=well_given,
    repairs="004.dw.potential",
)

claim(
    "004.dw.collapse",
    "The double well has no normalisable stationary density exactly when mu <= zeta^2/2.",
    source=Source("004", "Section 4, illustrative example"),
    statement=NormalisableWhen(double_well, half_line, sp.Gt(mu, zeta**2 / 2)),
    domain=Domain(zeta=Positive, mu=Positive),
    given=("the partition function is that of the process's own zero-current density on theta > 0",),
)

# --- 004: teacher-student mode --------------------------------------------------------------------------------

eta, stilde, shat = positive("eta stilde shat")
student_mode = SDE(
    shat,
    drift=2 * shat * ((stilde + eta * zeta**2 / 2) - shat),
    diffusion=2 * sp.sqrt(eta * zeta**2) * shat,
)
alive = Domain(eta=Positive, zeta=Positive, stilde=Above(eta * zeta**2 / 2), shat=Positive)
alive_given = (
    "s_i(0) > 0 and dynamics (42)",
    "stilde > eta zeta^2/2: the range in which eq. (60) asserts a density rather than a Dirac mass",
)

claim(
    "004.eq54",
    "As t tends to infinity the student mode has density s^-(3/2 - stilde/(eta zeta^2)) exp(-s/(eta zeta^2)).",
    source=Source("004", "Corollary I.1, (54)"),
    statement=StationaryLaw(
        student_mode,
        density=sp.exp(-shat / (eta * zeta**2)) * shat ** (-(sp.Rational(3, 2) - stilde / (eta * zeta**2))),
        support=half_line,
    ),
    domain=alive,
    given=alive_given,
    note="The power of s stands inside the exponent in the printed line; it is read as a factor, as (57) uses it.",
)

potential = shat + (3 * eta * zeta**2 / 2 - stilde) * sp.log(shat)
claim(
    "004.eq59",
    "The stationary law of the student mode is the Gibbs law of s + (3 eta zeta^2/2 - stilde) log s.",
    source=Source("004", "I.2, (59)"),
    statement=StationaryLaw(student_mode, density=sp.exp(-sp.expand(potential / (eta * zeta**2))), support=half_line),
    domain=alive,
    given=alive_given,
)

claim(
    "004.eq60",
    "The student mode has a stationary density iff stilde > eta zeta^2/2.",
    source=Source("004", "I.2, (60)"),
    statement=NormalisableWhen(student_mode, half_line, sp.Gt(stilde, eta * zeta**2 / 2)),
    domain=Domain(eta=Positive, zeta=Positive, stilde=Positive),
    given=("dynamics (42) on s > 0",),
)

# --- 003: modewise SDE at depth L ------------------------------------------------------------------------------

s, eta_b, sigma = positive("s eta_b sigma")
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
