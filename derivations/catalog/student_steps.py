"""Steps of the proof of Theorem 6.1, and settings of the experiments: document 004, Appendices I.2 and J."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Integers, Positive, Real
from ..statements.networks import MatrixIdentity
from ..statements.scalar import Identity
from ..symbols import dimension, positive, real

tau, theta, mu, sigma, path = real("tau theta mu sigma b")
s0, growth, integral, size, share = positive("s0 E I w rho")
exponent = (theta + sigma**2 / 2) * tau
claim(
    "004.eq49",
    "alpha = theta mu / F with F of (48) is the integrand theta mu exp((theta + sigma^2/2) tau - sigma B) of (49).",
    source=Source("004", "I.2 (49)"),
    statement=Identity(theta * mu / sp.exp(-exponent + sigma * path), theta * mu * sp.exp(exponent - sigma * path)),
    domain=Domain(tau=Real, theta=Real, mu=Real, sigma=Real, b=Real),
    given=("dG = alpha dt by (46), (47); b is the value of the Brownian motion at tau",),
    printed=r"G(t) = u_0 + \theta\mu \int_0^t e^{(\theta + \frac{1}{2}\sigma^2)\tau - \sigma B_\tau} d\tau",
)
claim(
    "004.eq53",
    "(43) over the initial value is the exponential E over 2 s^(0) I + 1, I the integral of E.",
    source=Source("004", "I.2 (53), equality"),
    statement=Identity(growth / (2 * integral + 1 / s0) / s0, growth / (2 * s0 * integral + 1)),
    domain=Domain(E=Positive, I=Positive, s0=Positive),
    printed=r"\hat{s}_i(t)/\hat{s}_i(0) = \frac{e^{(2\tilde{s}_i - \eta\zeta^2)t + 2\sqrt{\eta\zeta^2}B_t}}{2"
    r"\hat{s}_i(0) \int_0^t e^{(2\tilde{s}_i - \eta\zeta^2)\tau + 2\sqrt{\eta\zeta^2}B_\tau} d\tau + 1}",
)

# Settings of Appendix J.

whitening = Source("004", "J, setting of Figure 5")
claim(
    "004.j.whitened",
    "X^T X = 1 for 64 inputs and 1024 samples: its trace, 1024, is that of X X^T = 1 (A1), 64.",
    source=whitening,
    statement=Identity(sp.Integer(1024), sp.Integer(64)),
    domain=Domain(),
    given=("X^T X and X X^T have the same trace",),
    reading="samples are columns of X, as in I.1; J may have them as rows",
    stated=False,
    printed=r"\text{we set both the input and output dimensions to be 64, and the dataset size was set at 1024} \ldots "
    r"X^T X = I",
)
n, p = dimension("n p")
X, direction = sp.MatrixSymbol("X", n, p), sp.MatrixSymbol("c", n, 1)
claim(
    "004.j.whitened.repaired",
    "With samples as columns, X X^T has the size of Sigma_xx: its form along any c in R^n is a number.",
    source=whitening,
    statement=MatrixIdentity(direction.T * (X * (X.T * direction)), (direction.T * X) * (X.T * direction)),
    domain=Domain(n=Integers(1), p=Integers(1)),
    repairs="004.j.whitened",
)
for suffix, value, words in (("", share, "rho"), (".repaired", share**2, "rho^2")):
    claim(
        f"004.j.identical{suffix}",
        "Two weight vectors of one length whose difference has the share rho of it have the normalised distance "
        f"{words}.",
        source=Source("004", "J, settings of Figures 3 and 4"),
        statement=Identity(2 * (share * size) ** 2 / (size**2 + size**2), value),
        domain=Domain(rho=Positive, w=Positive),
        given=("dist = 2 |w_i - w_j|^2 / (|w_i|^2 + |w_j|^2), Section 5",),
        reading=None
        if suffix
        else "a normalised distance of 0.1 (Figure 3) and 10 % of the norms (Figure 4) are one criterion",
        stated=bool(suffix),
        repairs="004.j.identical" if suffix else None,
        printed=""
        if suffix
        else r"\text{Neurons within 0.1 normalized distance from each other were grouped together} \ldots \text{their "
        r"distance in weight space was less than 10\% of their norms}",
    )
