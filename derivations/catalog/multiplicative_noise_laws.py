"""Stationary laws under multiplicative noise, a double well and a student mode: document 004, section 4, appendix I."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Above, Positive
from ..statements.stationary import NormalisableWhen, StationaryLaw
from ..symbols import positive

half_line = sp.Interval.open(0, sp.oo)

# Double well

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

# Mode of a student network

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
