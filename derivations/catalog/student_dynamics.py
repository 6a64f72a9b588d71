"""Singular-mode dynamics of the two-layer student of document 004, section 6 and appendix I."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Positive
from ..statements.scalar import Identity
from ..symbols import positive

stilde, eta, zeta = positive("stilde eta zeta")

claim(
    "004.eq51",
    "The simplifications below eq. (51) turn theta + sigma^2/2 into 2 s~ - eta zeta^2.",
    source=Source("004", "I.2, (45)-(51)"),
    statement=Identity(
        2 * stilde - 3 * eta * zeta**2 + (2 * sp.sqrt(eta * zeta**2)) ** 2 / 2, 2 * stilde - eta * zeta**2
    ),
    domain=Domain(stilde=Positive, eta=Positive, zeta=Positive),
)
