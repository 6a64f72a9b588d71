"""The tempered posterior of document 001, section 3.2: equations (27)-(29)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.detailed_balance import DetailedBalance
from ..statements.stationary import StationaryLaw
from ..symbols import positive, real

eta, B = positive("eta B")
theta, x, y = real("theta x y")
line = sp.Interval(-sp.oo, sp.oo)
PRINTED = "zero current in the sense of (25): j = grad L p + (eta/2B) Sigma grad p"


def gradient(loss: sp.Expr, state: tuple[sp.Symbol, ...]) -> list[sp.Expr]:
    """Return the partial derivatives of `loss`."""
    return [sp.diff(loss, v) for v in state]


# --- (28): constant Sigma ------------------------------------------------------------------------------------

c1, c2, k1, k2 = positive("c1 c2 k1 k2")
separable = k1 * x**2 / 2 + k2 * y**2 / 2
balanced = Domain(x=Real, y=Real, c1=Positive, c2=Positive, k1=Positive, k2=Positive, eta=Positive, B=Positive)

claim(
    "001.eq28",
    "For constant positive definite Sigma the solution of (27) is exp(-beta Sigma^-1 L) with a scalar beta.",
    source=Source("001", "3.2, (28)"),
    statement=DetailedBalance(
        (x, y),
        gradient(separable, (x, y)),
        eta / (2 * B) * sp.diag(c1, c2),
        density=sp.exp(-2 * B / (eta * c1) * separable),
    ),
    domain=balanced,
    given=(
        "detailed balance, as assumed above (27): members of the family for which (27) has a solution, "
        "d = 2, Sigma = diag(c1, c2), L = k1 x^2/2 + k2 y^2/2",
        "a density needs a scalar exponent, so beta Sigma^-1 acts as some scalar; the first component of (27) forces "
        "that scalar to be 2B/(eta c1)",
        PRINTED,
    ),
    printed=r"p_\infty(\theta) = \frac{1}{Z} \exp(-\beta \Sigma^{-1} L_N(\theta))",
    note="For d > 1 the printed exponent -beta Sigma^-1 L is a matrix. Whatever scalar is put in its place, (27) asks "
    "for -c2 d(log p)/dy = (2B/eta) dL/dy as well, which fails for c1 != c2. With Sigma = c I, or one parameter, the "
    "form is right: 001.intro.const.isotropic, 001.eq28.beta.repaired.",
)

p, r, u, w = positive("p r u w")
q, v = real("q v")
constant = sp.Matrix([[p, 0], [q, r]])
hessian = sp.Matrix([[u, 0], [v, w]])
quadratic = (sp.Matrix([[x, y]]) * hessian * hessian.T * sp.Matrix([x, y]))[0] / 2

claim(
    "001.eq28.solvable",
    "For every constant positive definite Sigma the zero-current equation (27) is solved by some density.",
    source=Source("001", "1; 3.2, (28); 3.4, second item"),
    statement=DetailedBalance((x, y), gradient(quadratic, (x, y)), eta / (2 * B) * constant * constant.T, density=None),
    domain=Domain(q=Real, v=Real, p=Positive, w=Positive, r=Positive, u=Positive, eta=Positive, B=Positive),
    given=(
        "Sigma constant, positive and definite; nothing else is asked of Sigma or of the loss",
        "members of the family: d = 2, Sigma = C C^T with C = [[p, 0], [q, r]], L = x^T H x / 2 with "
        "H = K K^T, K = [[u, 0], [v, w]]",
        PRINTED,
    ),
    reading="detailed balance follows from a constant Sigma; (28) assumes it, and 3.3 says that anisotropy breaks it",
    stated=False,
    note="The item of 3.4 names an assumption to be ranked; it does not say that one assumption implies the other.",
    printed=r"\text{Detailed balance condition from constant noise covariance}",
)

potential = sp.Function("Phi", real=True)(x, y)
constant_noise = eta / (2 * B) * constant * constant.T
preconditioned = list(constant * constant.T * sp.Matrix(gradient(potential, (x, y))))
general_domain = Domain(x=Real, y=Real, q=Real, p=Positive, r=Positive, eta=Positive, B=Positive)
general_given = (
    "Sigma = C C^T constant and positive definite with C = [[p, 0], [q, r]], d = 2",
    "any loss for which Sigma^-1 Hess L is symmetric: then Sigma^-1 grad L = grad Phi for some Phi on the plane",
    PRINTED,
)
claim(
    "001.eq28.solvable.repaired",
    "For constant Sigma the zero-current equation is solved wherever Sigma^-1 Hess L is symmetric.",
    source=Source("001", "1; 3.2, (28); 3.4, second item"),
    statement=DetailedBalance((x, y), preconditioned, constant_noise, density=None),
    domain=general_domain,
    given=general_given,
    repairs="001.eq28.solvable",
    note="Only there: mixed partials of log p exist only where Sigma^-1 Hess L is symmetric.",
)
claim(
    "001.eq28.repaired",
    "For constant Sigma and Sigma^-1 grad L = grad Phi the density exp(-(2B/eta) Phi) has no current.",
    source=Source("001", "3.2, (28)"),
    statement=DetailedBalance((x, y), preconditioned, constant_noise, density=sp.exp(-2 * B / eta * potential)),
    domain=general_domain,
    given=general_given,
    repairs="001.eq28",
    note="For Sigma = c I this is exp(-2 B L/(eta c)), for every loss.",
)

Sigma, k, g = positive("Sigma k g")
quartic = k * theta**2 / 2 + g * theta**4 / 4
sgd = SDE(theta, -sp.diff(quartic, theta), sp.sqrt(eta / B * Sigma))
scalar_domain = Domain(eta=Positive, B=Positive, Sigma=Positive, k=Positive, g=Positive, theta=Real)
scalar_given = ("d = 1", "constant Sigma > 0", "member of the family: L = k theta^2/2 + g theta^4/4")

claim(
    "001.eq28.beta",
    "In one dimension the stationary law is exp(-beta L/Sigma) with beta = B/(2 eta).",
    source=Source("001", "3.2, text after (28)"),
    statement=StationaryLaw(sgd, density=sp.exp(-B / (2 * eta) * quartic / Sigma), support=line),
    domain=scalar_domain,
    given=(*scalar_given, "process (23); with constant Sigma the Ito and the printed current agree"),
    printed=r"\beta = \frac{B}{2\eta} \text{ is the inverse temperature}",
)

loss1 = sp.Function("L", real=True)(theta)
claim(
    "001.eq28.beta.repaired",
    "In one dimension the density without current is exp(-beta L/Sigma) with beta = 2B/eta, for every loss.",
    source=Source("001", "3.2, text after (28)"),
    statement=DetailedBalance(
        (theta,),
        [sp.diff(loss1, theta)],
        [[eta / (2 * B) * Sigma]],
        density=sp.exp(-2 * B / eta * loss1 / Sigma),
        current="ito",
    ),
    domain=Domain(theta=Real, eta=Positive, B=Positive, Sigma=Positive),
    given=("d = 1", "constant Sigma > 0", "process (23); the stationary law wherever the density is integrable"),
    repairs="001.eq28.beta",
)
claim(
    "001.eq28.beta.quartic",
    "For a quartic loss of one parameter the stationary law is exp(-beta L/Sigma) with beta = 2B/eta.",
    source=Source("001", "3.2, text after (28)"),
    statement=StationaryLaw(sgd, density=sp.exp(-2 * B / eta * quartic / Sigma), support=line),
    domain=scalar_domain,
    given=(*scalar_given, "process (23)"),
    reading="the corrected temperature, as the law of the process",
    stated=False,
)

# --- (29): state-dependent Sigma ------------------------------------------------------------------------------

a, b = positive("a b")
varying = a + b * theta**2
well = k * theta**2 / 2
tempered = varying ** sp.Rational(-1, 2) * sp.exp(-2 * B / eta * well)
varying_domain = Domain(theta=Real, eta=Positive, B=Positive, k=Positive, a=Positive, b=Positive)
varying_given = (
    "Sigma(theta) not constant and positive definite",
    "member of the family: d = 1, Sigma = a + b theta^2, L = k theta^2/2",
)
_SENSES = (
    ("001.eq29", "printed", None),
    ("001.eq29.ito", "ito", "the Ito Fokker-Planck equation of (23) instead of the printed (24)"),
    ("001.eq29.stratonovich", "stratonovich", "(23) in the Stratonovich sense instead of the printed (24)"),
)
for _id, _sense, _reading in _SENSES:
    claim(
        _id,
        "For non-constant Sigma the density |Sigma|^(-1/2) exp(-2 B L/eta) has zero current.",
        source=Source("001", "3.2, (29)"),
        statement=DetailedBalance(
            (theta,), gradient(well, (theta,)), [[eta / (2 * B) * varying]], density=tempered, current=_sense
        ),
        domain=varying_domain,
        given=(*varying_given, PRINTED if _reading is None else _reading),
        reading=_reading,
        stated=_reading is None,
        note="Section 7 lists the proof of this equation as one to be checked." if _reading is None else "",
        printed=r"p_\infty(\theta) = \frac{1}{Z} |\Sigma(\theta)|^{-1/2} \exp\left(-\frac{2B}{\eta} L_N(\theta)\right)",
    )

# the law of (23): with a quartic loss besides, so that the exponent is no power of Sigma alone
mixed = SDE(theta, -sp.diff(quartic, theta), sp.sqrt(eta / B * varying))
claim(
    "001.eq29.repaired",
    "For Sigma = a + b theta^2 the stationary law of (23) is exp(-(2B/eta) int L'/Sigma)/Sigma.",
    source=Source("001", "3.2, (29)"),
    statement=StationaryLaw(
        mixed,
        density=varying ** (-1 - B / (eta * b) * (k - g * a / b)) * sp.exp(-B * g * theta**2 / (eta * b)),
        support=line,
    ),
    domain=Domain(theta=Real, eta=Positive, B=Positive, k=Positive, g=Positive, a=Positive, b=Positive),
    given=(
        "process (23) in the Ito sense",
        "members: d = 1, Sigma = a + b theta^2, L = k theta^2/2 + g theta^4/4, so that 2 int L'/Sigma = g theta^2/b "
        "+ (k - g a/b) log(Sigma)/b",
    ),
    repairs="001.eq29",
    note="Any loss and any Sigma: 001.eq27.repaired, and with two parameters 001.3.3.statedep.repaired.",
)

# --- (27): the law of (23) against the solution of the printed equation -------------------------------------------

noise1 = sp.Function("Sigma", positive=True)(theta)
boltzmann = sp.exp(-2 * B / eta * sp.Integral(sp.diff(loss1, theta) / noise1, theta))
_EQ27 = r"\nabla L_N(\theta)p(\theta) + \frac{1}{2} \frac{\eta}{B} \Sigma(\theta) \nabla p(\theta) = 0"
for name, title, density, current, reading in (
    (
        "001.eq27",
        "The density that solves (27) has no current in the process (23).",
        boltzmann,
        "ito",
        "p is the stationary law of the SGD process (23), in the Ito sense",
    ),
    (
        "001.eq27.repaired",
        "The density without current in (23) is exp(-(2B/eta) int L'/Sigma)/Sigma, for every loss and Sigma.",
        boltzmann / noise1,
        "ito",
        None,
    ),
    (
        "001.eq27.printed",
        "The printed current (25) vanishes for exp(-(2B/eta) int L'/Sigma), for every loss and Sigma.",
        boltzmann,
        "printed",
        "p has no current in the sense of (25), whatever process that belongs to",
    ),
):
    claim(
        name,
        title,
        source=Source("001", "3.2, (27)"),
        statement=DetailedBalance(
            (theta,), [sp.diff(loss1, theta)], [[eta / (2 * B) * noise1]], density=density, current=current
        ),
        domain=Domain(theta=Real, eta=Positive, B=Positive),
        given=("d = 1: any differentiable loss and Sigma > 0", "detailed balance, as assumed above (27)"),
        repairs="001.eq27" if reading is None else None,
        reading=reading,
        stated=name != "001.eq27",
        note="The slip of (24), counted there; that (27) follows from j = 0 is 001.eq27.printed."
        if name == "001.eq27"
        else "",
        printed="" if reading is None else _EQ27,
    )
