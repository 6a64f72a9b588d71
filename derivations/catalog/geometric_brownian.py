"""Geometric Brownian motion near an invariant set: document 004, section 4."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.processes import SDETransform
from ..symbols import positive, real

theta = positive("theta")
mu, zeta, z = real("mu zeta z")

geometric = SDE(theta, mu * theta, zeta * theta)

claim(
    "004.gbm.log",
    "The logarithm of geometric Brownian motion has drift mu - zeta^2/2 and constant noise zeta.",
    source=Source("004", "Section 4, geometric Brownian motion"),
    statement=SDETransform(geometric, sp.log(theta), SDE(z, mu - zeta**2 / 2, zeta)),
    domain=Domain(theta=Positive, mu=Real, zeta=Real),
)
