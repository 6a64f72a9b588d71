"""Fokker-Planck equations of the stochastic model of SGD with two parameters: documents 001 and 003."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.fokker_planck_form import FokkerPlanckForm
from ..symbols import positive, real

eta, B = positive("eta B")
state = theta_1, theta_2 = real("theta_1 theta_2")

L = sp.Function("L", real=True)(*state)
p = sp.Function("p", real=True)(*state)
#: A root S of the covariance, Sigma = S S^T; entries are arbitrary functions of the parameters.
root = sp.Matrix(2, 2, lambda i, j: sp.Function(f"S_{i + 1}{j + 1}", real=True)(*state))
Sigma = root * root.T
gradient = sp.Matrix([sp.diff(L, x) for x in state])
density_gradient = sp.Matrix([sp.diff(p, x) for x in state])

#: Eq. (23), with two parameters: every second derivative, diagonal or mixed, occurs.
sgd = SDE(state, list(-gradient), sp.sqrt(eta / B) * root)


def divergence(field: sp.Matrix) -> sp.Expr:
    """Return the divergence of a vector field of the parameters."""
    return sum((sp.diff(c, x) for c, x in zip(field, state, strict=True)), sp.Integer(0))


_domain = Domain(theta_1=Real, theta_2=Real, eta=Positive, B=Positive)
_given = (
    "the Ito sense: SGD evaluates its noise at the old iterate",
    "two parameters; Sigma(theta) = S S^T with differentiable S",
)

_PRINTED_24 = (
    r"\frac{\partial p(\theta, t)}{\partial t} = \nabla \cdot \left( \nabla L_N(\theta)p(\theta, t) "
    r"+ \frac{1}{2} \frac{\eta}{B} \Sigma(\theta) \nabla p(\theta, t) \right)"
)
claim(
    "001.eq24",
    "With two parameters the density of (23) obeys dp/dt = div(grad L p + (eta / 2B) Sigma(theta) grad p).",
    source=Source("001", "3.2, (24)"),
    statement=FokkerPlanckForm(sgd, p, divergence(gradient * p + eta / (2 * B) * Sigma * density_gradient)),
    domain=_domain,
    given=_given,
    reading="(23) in the Ito sense, as section 3.1 derives it; Sigma depends on theta, as (24) writes it",
    note="The derivative of Sigma is missing; where Sigma is constant, as for (28), nothing is: 001.eq24.constant.",
    printed=_PRINTED_24,
)
claim(
    "001.eq24.stratonovich",
    "With two parameters the density of (23) in the Stratonovich sense obeys (24).",
    source=Source("001", "3.2, (24)"),
    statement=FokkerPlanckForm(
        SDE(state, list(-gradient), sp.sqrt(eta / B) * root, calculus="stratonovich"),
        p,
        divergence(gradient * p + eta / (2 * B) * Sigma * density_gradient),
    ),
    domain=_domain,
    given=_given[1:],
    reading="(23) in the Stratonovich sense, of which the text does not speak",
    stated=False,
    printed=_PRINTED_24,
)
fixed_root = sp.Matrix(2, 2, real("S_11 S_12 S_21 S_22"))
claim(
    "001.eq24.constant",
    "With two parameters and constant Sigma the density of (23) obeys dp/dt = div(grad L p + (eta / 2B) Sigma grad p).",
    source=Source("001", "3.2, (24)"),
    statement=FokkerPlanckForm(
        SDE(state, list(-gradient), sp.sqrt(eta / B) * fixed_root),
        p,
        divergence(gradient * p + eta / (2 * B) * fixed_root * fixed_root.T * density_gradient),
    ),
    domain=Domain(
        theta_1=Real, theta_2=Real, eta=Positive, B=Positive, **dict.fromkeys(("S_11", "S_12", "S_21", "S_22"), Real)
    ),
    given=("two parameters; Sigma = S S^T with any constant S",),
    reading="Sigma is constant, as it is assumed for (28)",
    printed=_PRINTED_24,
)
claim(
    "001.eq24.repaired",
    "With two parameters the density of (23) obeys dp/dt = div(grad L p + (eta / 2B) div(Sigma(theta) p)).",
    source=Source("001", "3.2, (24)"),
    statement=FokkerPlanckForm(
        sgd,
        p,
        divergence(gradient * p + eta / (2 * B) * sp.Matrix([divergence((Sigma[i, :] * p).T) for i in range(2)])),
    ),
    domain=_domain,
    given=_given,
    repairs="001.eq24",
)


claim(
    "003.prop5.1.full",
    "With two parameters the density of (1) obeys dp/dt = div(grad L p) + (eta / 2B) sum_ij d_i d_j (Sigma_ij p).",
    source=Source("003", "Proposition 5.1"),
    statement=FokkerPlanckForm(
        sgd,
        p,
        divergence(gradient * p)
        + eta
        / (2 * B)
        * sum(
            (sp.diff(Sigma[i, j] * p, state[i], state[j]) for i in range(2) for j in range(2)),
            sp.Integer(0),
        ),
    ),
    domain=_domain,
    given=("the Ito SDE (1); two parameters; Sigma(theta) = S S^T with twice differentiable entries",),
    note="Re-derived: the stored text has lost its formulas.",
)

s = real("s")
a, D, q = (sp.Function(name, real=True)(s) for name in ("a", "D", "q"))
claim(
    "003.prop5.1.mode.form",
    "The density of ds = a(s) dt + sqrt(D(s)) dB obeys dq/dt = -(a q)' + (D q)''/2.",
    source=Source("003", "Proposition 5.1, (31)"),
    statement=FokkerPlanckForm(SDE(s, a, sp.sqrt(D)), q, -sp.diff(a * q, s) + sp.diff(D * q, s, 2) / 2),
    domain=Domain(s=Real),
    given=("the mode amplitude satisfies the scalar Ito SDE (4), whose variance rate D is positive",),
    note="Whether an amplitude does satisfy a scalar equation is the claim 003.prop5.1.mode.",
)
