"""The double well with multiplicative noise and its laws at long times: document 004, section 4."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Above, AtLeast, Positive, Real
from ..statements.attractivity import CollapsesWhen
from ..statements.extrema import LocalExtrema
from ..statements.long_time_laws import LimitInLaw
from ..statements.stationary import NormalisableWhen, StationaryLaw
from ..symbols import positive, real

half_line = sp.Interval.open(0, sp.oo)

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
    "004.fig1.bumps",
    "For zeta^2 < mu the law of the double well has its bump on theta > 0 at sqrt(mu - zeta^2), near sqrt(mu) for "
    "small zeta and nearer to 0 with increasing zeta.",
    source=Source("004", "Figure 1, caption"),
    statement=LocalExtrema(
        (kappa * (mu - zeta**2)) * sp.log(theta) - kappa * theta**2 / 2, theta, maxima=(sp.sqrt(mu - zeta**2),)
    ),
    domain=Domain(zeta=Positive, mu=Above(zeta**2)),
    given=(
        "the logarithm of the stationary density (004.dw.potential.repaired); that on theta < 0 is its mirror image",
    ),
    printed="for small zeta the steady-state distribution is two bumps around the minima. [...] with increasing zeta "
    "the distribution spreads out and is biased towards theta = 0",
)

# The partition function of the double well, and where it diverges

modified = theta**2 / 2 - (2 * mu / zeta**2 - 2) * sp.log(theta)
#: Its density without current is exp(-kappa Psi), so that its mass is the printed partition function.
printed_gibbs = SDE(theta, -kappa * sp.diff(modified, theta) / 2, sp.Integer(1))
any_well = Domain(zeta=Positive, mu=Positive)
EXAMPLE = Source("004", "Section 4, illustrative example")

signed: sp.Symbol = real("theta")
claim(
    "004.dw.partition",
    "The Gibbs law of the printed potential has the partition function Z, an integral over the whole line.",
    source=EXAMPLE,
    statement=StationaryLaw(
        SDE(signed, -(signed**3 - mu * signed), zeta * signed),
        density=sp.exp(-kappa * modified.subs(theta, signed)),
        support=sp.Interval(-sp.oo, sp.oo),
    ),
    domain=Domain(zeta=Positive, mu=Above(zeta**2 / 2), theta=Real),
    reading="log(theta) as it stands also below 0; log|theta|, or theta > 0 as for the start, is meant",
    stated=False,
    printed=r"Z = \int_{-\infty}^{\infty} e^{-\kappa\Psi(\theta)} d\theta",
    note="The potential holds log(theta), so that the integrand has no real value below 0.",
)
claim(
    "004.dw.partition.repaired",
    "On theta > 0 the zero-current density has a finite partition function, an integral from 0, when mu > zeta^2/2.",
    source=EXAMPLE,
    statement=NormalisableWhen(double_well, half_line, sp.Gt(mu, zeta**2 / 2), "if"),
    domain=any_well,
    repairs="004.dw.partition",
)
claim(
    "004.dw.collapse",
    "The printed partition function diverges when mu <= zeta^2/2.",
    source=EXAMPLE,
    statement=NormalisableWhen(printed_gibbs, half_line, sp.Gt(mu, zeta**2 / 2), "only if"),
    domain=any_well,
    given=("Z is the integral of exp(-kappa Psi) over theta > 0, the density without current of the stated equation",),
    printed=r"\text{When } \mu \leq \zeta^2/2 \text{, the partition function diverges}",
    note="With the printed Psi it diverges exactly when mu <= zeta^2 - zeta^4/4.",
)
claim(
    "004.dw.collapse.repaired",
    "The zero-current density of the double well is normalisable exactly when mu > zeta^2/2.",
    source=EXAMPLE,
    statement=NormalisableWhen(double_well, half_line, sp.Gt(mu, zeta**2 / 2)),
    domain=any_well,
    repairs="004.dw.collapse",
)
claim(
    "004.dw.collapse.delta",
    "When mu <= zeta^2/2 the law of the double well collapses to a Dirac mass at 0, from every start theta_0 > 0.",
    source=EXAMPLE,
    statement=LimitInLaw(double_well, half_line, point=0),
    domain=Domain(mu=Positive, zeta=AtLeast(sp.sqrt(2 * mu)), theta=Positive),
    printed=r"p_{ss}(\theta) \text{ collapses to a Dirac delta distribution at } \theta = 0",
)
claim(
    "004.dw.anyinit",
    "The law of the double well tends to one steady state from every start.",
    source=EXAMPLE,
    statement=LimitInLaw(
        SDE(signed, -(signed**3 - mu * signed), zeta * signed),
        sp.Interval(-sp.oo, sp.oo),
        density=sp.exp(-kappa * signed**2 / 2) * sp.Abs(signed) ** (kappa * (mu - zeta**2)),
    ),
    domain=Domain(zeta=Positive, mu=Above(zeta**2 / 2), theta=Real),
    given=("the potential of 004.dw.potential.repaired, so that only the start is at issue",),
    reading="one law on the whole line for all starts, with log|theta|; the text takes theta_0 > 0 without loss of "
    "generality, so that a law for each side is meant",
    stated=False,
    printed=r"\text{the dynamics have an analytical steady-state distribution } p_{ss}(\theta) "
    r"\text{, given any initialization}",
)
claim(
    "004.dw.anyinit.repaired",
    "From every start theta_0 > 0 the law of the double well tends to the Gibbs law on theta > 0; from theta_0 < 0 to "
    "its mirror image.",
    source=EXAMPLE,
    statement=LimitInLaw(
        double_well,
        half_line,
        density=sp.exp(-kappa * theta**2 / 2) * theta ** (kappa * (mu - zeta**2)),
    ),
    domain=well_domain,
    repairs="004.dw.anyinit",
    note="theta and -theta obey the same equation; at theta_0 = 0 the process stays.",
)
diverges = sp.Le(mu, zeta**2 - zeta**4 / 4, evaluate=False)
claim(
    "004.fn11.partition",
    "The printed partition function of the double well is finite exactly when mu > zeta^2 - zeta^4/4.",
    source=Source("004", "footnote 11"),
    statement=NormalisableWhen(printed_gibbs, half_line, sp.Gt(mu, zeta**2 - zeta**4 / 4)),
    domain=any_well,
    reading="where the integral of exp(-kappa Psi) over theta > 0 converges, which the document does not print",
    stated=False,
)
claim(
    "004.fn11",
    "The double well collapses exactly where the partition function of the printed modified potential diverges.",
    source=Source("004", "footnote 11"),
    statement=CollapsesWhen(double_well, diverges, "iff"),
    domain=any_well,
    given=("the printed partition function diverges exactly when mu <= zeta^2 - zeta^4/4 (004.fn11.partition)",),
    printed=r"\text{Stochastic collapse is when the partition function for this modified loss diverges.}",
)
claim(
    "004.fn11.repaired",
    "The double well collapses when the partition function of its own zero-current density diverges, mu < zeta^2/2.",
    source=Source("004", "footnote 11"),
    statement=CollapsesWhen(double_well, sp.Lt(mu, zeta**2 / 2, evaluate=False), "iff"),
    domain=any_well,
    given=("that density is normalisable exactly when mu > zeta^2/2 (004.dw.collapse.repaired)",),
    repairs="004.fn11",
    note="At equality the process tends to 0 in law, not along its paths (004.dw.collapse.delta).",
)
