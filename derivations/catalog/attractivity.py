"""Stochastic attraction to invariant points: documents 000 and 004 (sections 4 and 6)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ..statements.extrema import LocalExtrema
from ..symbols import positive, real

theta, l2, l3, l4, d3, d4 = real("theta l2 l3 l4 d3 d4")
d2, c, eta, zeta, stilde, shat = positive("d2 c eta zeta stilde shat")
mu: sp.Symbol = real("mu")

# Geometric Brownian motion and Theorem 4.1.

volatility: sp.Symbol = real("zeta")
claim(
    "004.gbm.attract",
    "The origin is attractive for geometric Brownian motion when mu < zeta^2/2.",
    source=Source("004", "Section 4, geometric Brownian motion"),
    statement=Attractive(
        SDE(theta, mu * theta, volatility * theta), (0,), sp.Lt(mu, volatility**2 / 2, evaluate=False)
    ),
    domain=Domain(mu=Real, zeta=Real),
    given=("attractive in the sense of Definition 4.1",),
)

taylor = (
    "smooth case, written out to two orders beyond the leading one: L' = l2 x + l3 x^2 + l4 x^3, "
    "D = d2 x^2 (1 + d3 x + d4 x^2)^2 / 2"
)
loss_slope = l2 * theta + l3 * theta**2 + l4 * theta**3
root_two_d = sp.sqrt(d2) * theta * (1 + d3 * theta + d4 * theta**2)
flow = SDE(theta, -loss_slope, root_two_d)
taylor_domain = Domain(l2=Real, d2=Positive, l3=Real, l4=Real, d3=Real, d4=Real)

claim(
    "004.eq5",
    "Near an invariant {0} the flow is a geometric Brownian motion, drift -L''(0) theta, noise sqrt(D''(0)) theta.",
    source=Source("004", "(5)"),
    statement=Linearised(flow, (0,), SDE(theta, -l2 * theta, sp.sqrt(d2) * theta)),
    domain=taylor_domain,
    given=(taylor, "L'(0) = D(0) = D'(0) = 0, D''(0) > 0"),
)
claim(
    "004.thm4.1",
    "With alpha = L''(0) + D''(0)/2, the origin is attractive if alpha > 0 and not attractive if alpha < 0.",
    source=Source("004", "Theorem 4.1"),
    statement=Attractive(flow, (0,), sp.Gt(l2 + d2 / 2, 0, evaluate=False)),
    domain=taylor_domain,
    given=(taylor, "D''(0) > 0", "attractive in the sense of Definition 4.1"),
)
claim(
    "004.negcurv",
    "A maximum of the loss, L''(0) = -c < 0, is attractive provided -c > -D''(0)/2.",
    source=Source("004", "Section 4, after Theorem 4.1"),
    statement=Attractive(
        SDE(theta, -loss_slope.subs(l2, -c), root_two_d), (0,), sp.Gt(-c, -d2 / 2, evaluate=False), "if"
    ),
    domain=Domain(c=Positive, d2=Positive, l3=Real, l4=Real, d3=Real, d4=Real),
    given=(taylor, "L''(0) = -c"),
)
claim(
    "000.sc2",
    "For the linearised flow, the origin attracts iff L''(0) + D''(0)/2 > 0.",
    source=Source("000", "(SC 2)"),
    statement=Attractive(SDE(theta, -l2 * theta, sp.sqrt(d2) * theta), (0,), sp.Gt(l2 + d2 / 2, 0, evaluate=False)),
    domain=Domain(l2=Real, d2=Positive),
    given=("l2 = L''(0), d2 = D''(0) > 0", "attractive in the sense of document 004, Definition 4.1"),
)

# The double well.

depth: sp.Symbol = positive("mu")
claim(
    "004.dw.extrema",
    "The double well (theta^2 - mu)^2/4 has minima at +-sqrt(mu) and a local maximum at 0.",
    source=Source("004", "Section 4, illustrative example"),
    statement=LocalExtrema(
        (theta**2 - depth) ** 2 / 4, theta, minima=(sp.sqrt(depth), -sp.sqrt(depth)), maxima=(sp.Integer(0),)
    ),
    domain=Domain(mu=Positive),
)
claim(
    "004.dw.agrees",
    "For the double well with noise zeta theta the origin becomes attractive at zeta = sqrt(2 mu).",
    source=Source("004", "Section 4, Figure 1"),
    statement=Attractive(
        SDE(theta, -(theta**3 - depth * theta), zeta * theta),
        (0,),
        sp.Gt(zeta, sp.sqrt(2 * depth), evaluate=False),
    ),
    domain=Domain(mu=Positive, zeta=Positive),
    given=("attractive in the sense of Definition 4.1",),
)

# Modes of the teacher-student model.

mode = SDE(shat, 2 * shat * (stilde + eta * zeta**2 / 2 - shat), 2 * sp.sqrt(eta * zeta**2) * shat)
mode_domain = Domain(stilde=Positive, eta=Positive, zeta=Positive)
small_mode = sp.Lt(stilde, eta * zeta**2 / 2, evaluate=False)

for name, place in (
    ("004.sec6.threshold", "Section 6, after Corollary 6.1"),
    ("000.sc4.threshold", "text after (SC 4)"),
):
    claim(
        name,
        "A mode with s~ < eta zeta^2/2 collapses to zero.",
        source=Source(name[:3], place),
        statement=CollapsesWhen(mode, small_mode, "if"),
        domain=mode_domain,
        given=("the mode amplitude obeys (7) with s^(0) > 0", "collapse: s^(t) -> 0 almost surely"),
    )
claim(
    "004.cor6.1",
    "As s^(0) -> 0, s^(t)/s^(0) tends to exp((2 s~ - eta zeta^2) t + 2 sqrt(eta zeta^2) B_t) at fixed t.",
    source=Source("004", "Corollary 6.1"),
    statement=SmallStartLimit(mode, 2 * stilde - eta * zeta**2, 2 * sp.sqrt(eta * zeta**2)),
    domain=mode_domain,
    given=("the mode amplitude obeys (7)",),
)
