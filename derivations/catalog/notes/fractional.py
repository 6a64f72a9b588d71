"""Evolutions that are fractional in time and in the parameters: document 001, section 9."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Between, Integers, Positive
from ...statements.scalar import Identity
from ...symbols import dimension, positive

# d^beta p/dt^beta = -K (-Laplace)^(alpha/2) p

alpha, beta, K, t, wave = positive("alpha beta K t k")
j: Any = dimension("j")
damping = K * wave**alpha


def term(number: sp.Expr) -> sp.Expr:
    """Return term `number` of the Mittag-Leffler function of -K k^alpha t^beta."""
    return (-damping) ** number * t ** (beta * number) / sp.gamma(beta * number + 1)


claim(
    "001.9.fractional",
    "The propagator is E_beta(-K k^alpha t^beta) at wave number k: its terms solve the equation one by one.",
    source=Source("001", "9, last question"),
    statement=Identity(
        term(j) * t ** (-beta) * sp.gamma(beta * j + 1) / sp.gamma(beta * (j - 1) + 1), -damping * term(j - 1)
    ),
    domain=Domain(alpha=Between(0, 2), beta=Between(0, 1), K=Positive, t=Positive, k=Positive, j=Integers(1)),
    given=(
        "d^beta p/dt^beta = -K (-Laplace)^(alpha/2) p with the Caputo derivative, p = delta at t = 0; the series of "
        "Mittag-Leffler, sum over j >= 0 of (-K k^alpha t^beta)^j/Gamma(beta j + 1)",
        "the Caputo derivative of t^a, a > 0, is Gamma(a + 1)/Gamma(a + 1 - beta) t^(a - beta), and that of 1 is 0",
    ),
    note="Derived: both operators at once are consistent; beta < 1 slows the spreading and alpha < 2 makes it faster.",
)
claim(
    "001.9.fractional.width",
    "The propagator at time t is that at time 1 with lengths stretched by t^(beta/alpha).",
    source=Source("001", "9, last question"),
    statement=Identity(
        term(j), sp.Mul(term(j).subs({wave: wave * t ** (beta / alpha), t: 1}, simultaneous=True), 1, evaluate=False)
    ),
    domain=Domain(alpha=Between(0, 2), beta=Between(0, 1), K=Positive, t=Positive, k=Positive, j=Integers(1)),
    given=("term by term in the series of 001.9.fractional: only k t^(beta/alpha) occurs",),
    note="Derived. The width grows like t^(beta/alpha): normal where beta = alpha/2, whatever both are.",
)
