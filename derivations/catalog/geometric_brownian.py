"""Geometric Brownian motion near an invariant set: document 004, section 4."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.processes import SDETransform
from ..symbols import positive, real

theta: sp.Symbol = positive("theta")
mu, zeta, z = real("mu zeta z")

geometric = SDE(theta, mu * theta, zeta * theta)

claim(
    "004.gbm.log",
    "The logarithm of geometric Brownian motion has drift mu - zeta^2/2 and constant noise zeta.",
    source=Source("004", "Section 4, geometric Brownian motion"),
    statement=SDETransform(geometric, sp.log(theta), SDE(z, mu - zeta**2 / 2, zeta)),
    domain=Domain(theta=Positive, mu=Real, zeta=Real),
)
claim(
    "004.dw.log",
    "In the coordinate z = log theta the double well has constant noise, and the drift mu - zeta^2/2 - exp(2 z).",
    source=Source("004", "Section 4, illustrative example"),
    statement=SDETransform(
        SDE(theta, -(theta**3 - mu * theta), zeta * theta),
        sp.log(theta),
        SDE(z, mu - zeta**2 / 2 - sp.exp(2 * z), zeta),
    ),
    domain=Domain(theta=Positive, mu=Real, zeta=Real),
    given=("the document names the constant noise; the drift is worked out",),
    printed=r"\text{In this new coordinate, the noise term is constant}",
)
