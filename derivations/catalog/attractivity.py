"""Stochastic attraction to invariant points: documents 000 and 004 (sections 4 and 6)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ..statements.classes.near_points import AttractiveNear, LocalDiffusion
from ..statements.extrema import LocalExtrema
from ..statements.function_limits import FunctionLimit, Jet
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

# Any loss and any diffusion with these derivatives at 0: L' and D are twice continuously differentiable.

loss, noise = sp.Function("L")(theta), sp.Function("D")(theta)
l0: sp.Symbol = real("l0")
of_noise = Jet(noise, (sp.Integer(0), sp.Integer(0), d2))
invariant_given = "L'(0) = D(0) = D'(0) = 0, as {0} is invariant (004.zeros); D''(0) > 0"
any_domain = Domain(l0=Real, l2=Real, d2=Positive)


def around_zero(curvature: sp.Expr) -> LocalDiffusion:
    """Return the flow (3) on the line near an invariant 0, for any L with that curvature and any D."""
    return LocalDiffusion(
        theta, -sp.diff(loss, theta), 2 * noise, (Jet(loss, (l0, sp.Integer(0), curvature)), of_noise)
    )


x: sp.Symbol = positive("x")
loss_x, noise_x = sp.Function("L")(x), sp.Function("D")(x)
drifts, noises = real("c1 c2")
claim(
    "004.eq5",
    "Near an invariant {0}, on either side, drift and squared noise of the flow are -L''(0) theta and D''(0) theta^2 "
    "up to smaller terms, for any loss and diffusion.",
    source=Source("004", "(5)"),
    statement=FunctionLimit(
        drifts * -sp.diff(loss_x, x) / x + noises * 2 * noise_x / x**2,
        x,
        (
            Jet(loss_x, (l0, sp.Integer(0), l2)),
            Jet(noise_x, (sp.Integer(0), sp.Integer(0), d2)),
        ),
        drifts * -l2 + noises * d2,
    ),
    domain=Domain(l0=Real, l2=Real, d2=Positive, c1=Real, c2=Real),
    given=(
        invariant_given,
        "dtheta = -L' dt + sqrt(2 D) dB; both limits at once, with any weights c1 and c2; x is the distance from 0, "
        "and L(-x), D(-x) have the same derivatives of order 0 and 2 as L(x), D(x)",
    ),
    printed=r"d\theta_t \approx -\mathcal{L}''(0)\theta_t dt + \sqrt{D''(0)}\theta_t dB_t",
)
claim(
    "004.eq5.taylor",
    "For polynomial L' and sqrt(D) the flow is, to first order, the geometric Brownian motion (5).",
    source=Source("004", "(5)"),
    statement=Linearised(flow, (0,), SDE(theta, -l2 * theta, sp.sqrt(d2) * theta)),
    domain=taylor_domain,
    given=(taylor, invariant_given),
    printed=r"d\theta_t \approx -\mathcal{L}''(0)\theta_t dt + \sqrt{D''(0)}\theta_t dB_t",
)
claim(
    "004.thm4.1",
    "With alpha = L''(0) + D''(0)/2, the origin is attractive if alpha > 0 and not attractive if alpha < 0, for any L' "
    "and D that are twice continuously differentiable.",
    source=Source("004", "Theorem 4.1"),
    statement=AttractiveNear(around_zero(l2), sp.Gt(l2 + d2 / 2, 0, evaluate=False)),
    domain=any_domain,
    given=(invariant_given, "attractive in the sense of Definition 4.1"),
    printed=r"\alpha = \mathcal{L}''(0) + \frac{1}{2}D''(0)",
)
claim(
    "004.thm4.1.taylor",
    "The same for polynomial L' and sqrt(D), of two orders beyond the leading one, whose paths can be simulated.",
    source=Source("004", "Theorem 4.1"),
    statement=Attractive(flow, (0,), sp.Gt(l2 + d2 / 2, 0, evaluate=False)),
    domain=taylor_domain,
    given=(taylor, "D''(0) > 0", "attractive in the sense of Definition 4.1"),
    printed=r"\alpha = \mathcal{L}''(0) + \frac{1}{2}D''(0)",
)
claim(
    "004.negcurv",
    "A maximum of the loss, L''(0) = -c < 0, is attractive provided -c > -D''(0)/2, for any L' and D.",
    source=Source("004", "Section 4, after Theorem 4.1"),
    statement=AttractiveNear(around_zero(-c), sp.Gt(-c, -d2 / 2, evaluate=False), "if"),
    domain=Domain(l0=Real, c=Positive, d2=Positive),
    given=(invariant_given, "L''(0) = -c"),
    printed=r"\text{the collapsing condition can still be satisfied with negative curvature provided that } "
    r"\mathcal{L}''(0) > -\frac{1}{2}D''(0)",
)
claim(
    "000.sc2",
    "For the linearised flow, the origin attracts iff L''(0) + D''(0)/2 > 0.",
    source=Source("000", "(SC 2)"),
    statement=Attractive(SDE(theta, -l2 * theta, sp.sqrt(d2) * theta), (0,), sp.Gt(l2 + d2 / 2, 0, evaluate=False)),
    domain=Domain(l2=Real, d2=Positive),
    given=("l2 = L''(0), d2 = D''(0) > 0", "attractive in the sense of document 004, Definition 4.1"),
    note="Equality, where the origin does not attract either, is the claim 000.sc2.equality.",
    printed=r"L''(0) + \frac{1}{2}D''(0) > 0",
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
        printed=r"\text{Modes with } \tilde{s}_i < \eta\zeta^2/2 \text{ shrink to zero}" if name[:3] == "000" else "",
    )
claim(
    "004.cor6.1",
    "As s^(0) -> 0, s^(t)/s^(0) tends to exp((2 s~ - eta zeta^2) t + 2 sqrt(eta zeta^2) B_t) at fixed t.",
    source=Source("004", "Corollary 6.1"),
    statement=SmallStartLimit(mode, 2 * stilde - eta * zeta**2, 2 * sp.sqrt(eta * zeta**2)),
    domain=mode_domain,
    given=("the mode amplitude obeys (7)",),
)
