"""Current, Gibbs laws and detailed balance of the model (23): document 001, sections 1, 3.2 and 3.3."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, Positive, Range, Real
from ...statements.detailed_balance import DetailedBalance, StationaryRotation
from ...statements.extrema import Inequality
from ...statements.fokker_planck_form import FokkerPlanckForm
from ...statements.stationary import StationaryLaw
from ...symbols import positive, real
from ..fokker_planck_form import B, L, Sigma, density_gradient, divergence, eta, gradient, p, sgd, state

plane = Domain(theta_1=Real, theta_2=Real, eta=Positive, B=Positive)
rate = eta / (2 * B)
current = gradient * p + rate * Sigma * density_gradient
spreading = sp.Matrix([divergence(Sigma[i, :].T) for i in range(2)])
TWO = "two parameters; Sigma(theta) = S S^T with differentiable S"

# Currents (25), (26)

claim(
    "001.eq25",
    "With two parameters the probability current of (23) is grad L p + (eta/2B) Sigma grad p.",
    source=Source("001", "3.2, (25)"),
    statement=FokkerPlanckForm(sgd, p, divergence(current)),
    domain=plane,
    given=(TWO, "the current is fixed by its divergence, with the sign of (24)"),
    reading="the current of the Ito process (23), where the text ('Let ... be') names a part of (24)",
    stated=False,
    note="The slip of (24), counted there: the derivative of Sigma is missing. As a name it holds: 001.eq26.",
    printed=r"j(\theta, t) = \nabla L_N(\theta)p(\theta, t) "
    r"+ \frac{1}{2} \frac{\eta}{B} \Sigma(\theta) \nabla p(\theta, t)",
)
claim(
    "001.eq25.repaired",
    "With two parameters the probability current of (23) is grad L p + (eta/2B) (Sigma grad p + p div Sigma).",
    source=Source("001", "3.2, (25)"),
    statement=FokkerPlanckForm(sgd, p, divergence(current + rate * spreading * p)),
    domain=plane,
    given=(TWO, "the current is fixed by its divergence, with the sign of (24)"),
    repairs="001.eq25",
)
claim(
    "001.eq26",
    "Where the density obeys (24) its rate is the divergence of the current (25), so that stationarity is div j = 0.",
    source=Source("001", "3.2, (26)"),
    statement=FokkerPlanckForm(SDE(state, list(-gradient + rate * spreading), sgd.diffusion), p, divergence(current)),
    domain=plane,
    given=(TWO, "(24) as printed; in the Ito sense it belongs to the drift -grad L + (eta/2B) div Sigma"),
    printed=r"\nabla \cdot j(\theta, t) = 0",
)

# Gibbs laws (1, 3.2)

_PRINTED_1 = (
    r"\text{Under further assuming that the noise covariance of the noise is constant, we can show that the stationary "
    r"distribution of SGD obtained from Fokker-Planck is the same as the tempered Bayesian posterior distribution i.e. "
    r"a Gibbs distribution with a temperature parameter.}"
)
y: Any = real("y")
c, c1, c2, k, k2, n = positive("c c1 c2 k k2 n")
line = sp.Interval(-sp.oo, sp.oo)
claim(
    "001.intro.const",
    "With any constant noise covariance the stationary law is the Gibbs law exp(-L/T) of one temperature.",
    source=Source("001", "1"),
    statement=StationaryLaw(
        SDE(y, -k2 * y, sp.sqrt(eta / B * c2)), density=sp.exp(-2 * B / (eta * c1) * k2 * y**2 / 2), support=line
    ),
    domain=Domain(y=Real, c1=Positive, c2=Positive, k2=Positive, eta=Positive, B=Positive),
    given=(
        "members: d = 2, Sigma = diag(c1, c2), L = k1 x^2/2 + k2 y^2/2, whose coordinates are independent",
        "the law of x is exp(-L/T) with T = eta c1/(2B) only; the claim is then made of y, with that T",
    ),
    reading="'constant' as in (28), any matrix; section 1 glosses 'not constant' as 'anisotropy'",
    stated=False,
    note="The slip of (28), counted there: an anisotropic covariance leaves no single temperature.",
    printed=_PRINTED_1,
)
gibbs = DetailedBalance(
    state, list(gradient), rate * c * sp.eye(2), density=sp.exp(-2 * B / (eta * c) * L), current="ito"
)
_isotropic = Domain(theta_1=Real, theta_2=Real, eta=Positive, B=Positive, c=Positive)
claim(
    "001.intro.const.isotropic",
    "With constant isotropic noise covariance c I the Gibbs law of temperature eta c/(2B) has no current.",
    source=Source("001", "1"),
    statement=gibbs,
    domain=_isotropic,
    given=("Sigma = c I; any differentiable loss of two parameters", "the stationary law wherever it is integrable"),
    reading="constant, not anisotropic, as section 1 sets the two against each other",
    printed=_PRINTED_1,
)

theta: Any = real("theta")
a, b = positive("a b")
varying = a + b * theta**2
quadratic = SDE(theta, -k * theta, sp.sqrt(eta / B * varying))
_varying = Domain(theta=Real, eta=Positive, B=Positive, k=Positive, a=Positive, b=Positive)
_PRINTED_BAYES = (
    r"\text{In that case, the stationary distribution is given by the tempered posterior i.e. up to the temperature "
    r"parameter SGD is similar to Bayesian inference.}"
)
_member = "member: d = 1, Sigma = a + b theta^2, L = k theta^2/2"
claim(
    "001.3.2.bayes",
    "For non-constant Sigma the stationary law of (23) is the tempered posterior |Sigma|^(-1/2) exp(-(2B/eta) L).",
    source=Source("001", "3.2, text after (29)"),
    statement=StationaryLaw(
        quadratic, density=varying ** sp.Rational(-1, 2) * sp.exp(-B / eta * k * theta**2), support=line
    ),
    domain=_varying,
    given=(_member, "a tempered posterior is a prior, here |Sigma|^(-1/2), times a power of exp(-n L)"),
    reading="'in that case' is that of (29), which the sentence follows",
    stated=False,
    note="The slip of (29), counted there.",
    printed=_PRINTED_BAYES,
)
claim(
    "001.3.2.bayes.isotropic",
    "For Sigma = c I the density without current is the posterior exp(-n L/T) of a flat prior with T = eta c n/(2B).",
    source=Source("001", "3.2, text after (29)"),
    statement=DetailedBalance(
        state,
        list(gradient),
        rate * c * sp.eye(2),
        density=sp.exp(-n * L / (eta * c * n / (2 * B))),
        current="ito",
    ),
    domain=Domain(theta_1=Real, theta_2=Real, eta=Positive, B=Positive, c=Positive, n=Positive),
    given=("constant isotropic noise; any differentiable loss of two parameters", "n L is the sum of the losses"),
    reading="'in that case' is that of a constant Sigma which has a temperature, c I",
    printed=_PRINTED_BAYES,
)

# Detailed balance (3.3, last item)

x1, x2 = real("x y")
h11, h22 = positive("h11 h22")
_PRINTED_CURL = (
    r"\text{If the noise is anisotropic then we have } \nabla \times j(\theta, t) \neq 0 \text{ In other words, the "
    r"current is not curl-free. The detailed balanced condition does not hold in that condition.}"
)
_turning = (
    "members: d = 2, L = theta^T H theta/2 with H positive definite, Sigma = diag(c1, c2), c1 < c2; the mean rotation "
    "of the stationary current is that of 001.3.3.curl.rate",
    "the current is the density times a linear function of theta, so that its curl at the minimum vanishes with the "
    "mean rotation, and the whole current with both",
)


def rotation(h12: sp.Symbol) -> sp.Expr:
    """Return the mean rotation of the stationary current."""
    return 2 * rate * h12 * (c2 - c1) / (h11 + h22)


def anisotropic(h12: Range) -> Domain:
    """Return positive definite Hessians and noises of different strengths."""
    off = sp.Symbol("h12", **h12.assumptions)
    return Domain(h12=h12, h11=Positive, h22=Above(off**2 / h11), c1=Positive, c2=Above(c1), eta=Positive, B=Positive)


either: Any = real("h12")
claim(
    "001.3.3.curl.rate",
    "On a quadratic loss the stationary current turns with the mean rate (eta/B) h12 (c2 - c1)/(h11 + h22).",
    source=Source("001", "3.3, last item"),
    statement=StationaryRotation(
        SDE(
            (x1, x2),
            [-h11 * x1 - either * x2, -either * x1 - h22 * x2],
            sp.sqrt(eta / B) * sp.diag(sp.sqrt(c1), sp.sqrt(c2)),
        ),
        rotation(either),
    ),
    domain=anisotropic(Real),
    given=("(23) with L = (h11 x^2 + 2 h12 x y + h22 y^2)/2 and Sigma = diag(c1, c2)",),
    reading="a step of the derivation of the claims on the curl",
    stated=False,
)
for suffix, h12_range, repairs in (("", Real, None), (".repaired", Positive, "001.3.3.curl")):
    claim(
        f"001.3.3.curl{suffix}",
        "On a quadratic loss the current has a curl where anisotropic noise does not commute with the Hessian."
        if repairs
        else "Where the noise is anisotropic the stationary current has a curl, constant Sigma included.",
        source=Source("001", "3.3, last item"),
        statement=Inequality(sp.Gt(rotation(sp.Symbol("h12", **h12_range.assumptions)) ** 2, 0, evaluate=False)),
        domain=anisotropic(h12_range),
        given=(*_turning, *(("h12 > 0; a reflection of one axis gives h12 < 0",) if repairs else ())),
        repairs=repairs,
        note="" if repairs else "Without a current at h12 = 0: 001.eq28.repaired, for every loss with such a balance.",
        printed="" if repairs else _PRINTED_CURL,
    )

away = positive("theta_1 theta_2")
alone = [(a + b * v**2) ** (-1 - B * k / (eta * b)) for v in away]
flows = [(k * v * law + rate * sp.diff((a + b * v**2) * law, v)) / law for v, law in zip(away, alone, strict=True)]
claim(
    "001.3.3.statedep",
    "Where Sigma depends on theta the stationary state of (23) has a current other than 0.",
    source=Source("001", "3.3, last item"),
    statement=Inequality(sp.Gt(flows[0] ** 2 + flows[1] ** 2, 0, evaluate=False)),
    domain=Domain(theta_1=Positive, theta_2=Positive, eta=Positive, B=Positive, k=Positive, a=Positive, b=Positive),
    given=(
        "members: d = 2, Sigma = diag(a + b theta_1^2, a + b theta_2^2), L = k |theta|^2/2, whose coordinates are "
        "independent; (a + b theta_i^2)^(-1 - B k/(eta b)) is the stationary law of (23) for one of them",
        "the current over the law, for theta_1, theta_2 > 0",
    ),
    note="With one parameter a stationary current is constant, so that there is none, for any Sigma.",
    printed=r"\text{When the diffusion matrix } \Sigma(\theta) \text{ depends on } \theta, \text{ the stationary "
    r"dynamics of SGD is an \emph{out-of-equilibrium} steady state with a non-zero \emph{solenoidal probability "
    r"current}}",
)
s11, s22 = (sp.Function(f"S_{i}{i}", positive=True)(*state) for i in (1, 2))
s21 = sp.Function("S_21", real=True)(*state)
lower = sp.Matrix([[s11, 0], [s21, s22]])
noise = lower * lower.T
potential = sp.Function("Phi", real=True)(*state)
slope = sp.Matrix([sp.diff(potential, x) for x in state])
claim(
    "001.3.3.statedep.repaired",
    "(23) has no current where Sigma^-1 (grad L + (eta/2B) div Sigma) = grad Phi, and then the law exp(-(2B/eta) Phi).",
    source=Source("001", "3.3, last item"),
    statement=DetailedBalance(
        state,
        list(noise * slope - rate * sp.Matrix([divergence(noise[i, :].T) for i in range(2)])),
        rate * noise,
        density=sp.exp(-2 * B / eta * potential),
        current="ito",
    ),
    domain=plane,
    given=(
        "two parameters; Sigma = S S^T with any lower triangular S(theta) of positive diagonal",
        "any loss whose gradient is Sigma grad Phi - (eta/2B) div Sigma; elsewhere a current is left",
    ),
    repairs="001.3.3.statedep",
)
