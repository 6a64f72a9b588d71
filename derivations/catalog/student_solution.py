"""How document 004 solves the student's mode equation: section 6 and appendix I.2, (41)-(51) and (55)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.ito import generator, noise
from ..processes.sde import SDE
from ..ranges import Above, AtLeast, Between, Positive, Real
from ..statements.extrema import EquivalentConditions
from ..statements.fokker_planck_form import FokkerPlanckForm
from ..statements.processes import PathSolution, SDETransform
from ..statements.scalar import Identity
from ..symbols import positive, real
from .student_dynamics import (
    PARAMETERS,
    B,
    amplitude,
    eta,
    mode,
    s0,
    shat,
    slice_weight,
    stilde,
    t,
    tau,
    variance,
    w,
    weights,
    zeta,
)

F, one = positive("F a")
u, u0, theta, mu, sigma, G, alpha, beta = real("u u0 theta mu sigma G alpha beta")

# The balanced slice, and the losses of which it is said to be a slice.

a, b = weights.state
for suffix, coordinate in (("", 0), (".b", 1)):
    claim(
        f"004.eq41{suffix}",
        f"On the slice a = b = w the weight {weights.state[coordinate]} of (40) obeys (41).",
        source=Source("004", "I.2, (41)"),
        statement=SDETransform(
            SDE(one, *(e[coordinate].subs({a: one, b: one}) for e in (weights.drift, weights.diffusion))),
            one,
            slice_weight,
        ),
        domain=Domain(a=Positive, **PARAMETERS),
        given=("A4: a = b at the start, which (40) keeps, as a^2 - b^2 obeys a linear equation without noise",),
        printed=r"dw_i = -w_i (w_i^2 - \tilde{s}_i) dt + \sqrt{\eta \zeta^2} w_i dB_t",
    )


def on_loss(loss: sp.Expr) -> SDETransform:
    """Return the assertion that sqrt(s^) descends `loss` under the multiplicative noise of (41)."""
    return SDETransform(mode, sp.sqrt(shat), SDE(w, -sp.diff(loss, w), amplitude * w))


claim(
    "004.sec6.quartic",
    "The weight w = sqrt(s^) descends the quartic loss (w^2 - s~)^2 / 4 with the noise of the example in Section 4.",
    source=Source("004", "Section 6, after Theorem 6.1"),
    statement=on_loss((w**2 - stilde) ** 2 / 4),
    domain=Domain(shat=Positive, **PARAMETERS),
    given=("the example: d theta = -(theta^3 - mu theta) dt + zeta theta dB, with mu = s~ and zeta^2 = eta zeta^2",),
    printed=r"\ell_i(w_i) = \frac{1}{4}(w_i^2 - \tilde{s}_i)^2",
)
claim(
    "004.i2.quartic",
    "Within the slice of the loss (w^2 - s~)^2 the weight descends that loss with multiplicative noise, as (41) does.",
    source=Source("004", "I.2, before (41)"),
    statement=on_loss((w**2 - stilde) ** 2),
    domain=Domain(shat=Positive, **PARAMETERS),
    reading="the drift of (41) is minus the derivative of the slice loss, as in Sections 4 and 6; I.2 does not say so, "
    "and a slice of E_train is the printed one up to a constant",
    stated=False,
    printed=r"\ell_i(w_i) = (w_i^2 - \tilde{s}_i)^2",
    note="Section 6 prints the same loss with the factor 1/4, which (41) needs.",
)
claim(
    "004.i2.quartic.repaired",
    "Within the slice of the loss (w^2 - s~)^2 / 4 the weight descends that loss with multiplicative noise.",
    source=Source("004", "I.2, before (41)"),
    statement=on_loss((w**2 - stilde) ** 2 / 4),
    domain=Domain(shat=Positive, **PARAMETERS),
    repairs="004.i2.quartic",
)
claim(
    "004.eq7",
    "The singular value of a balanced student obeys (7).",
    source=Source("004", "Section 6, (7)"),
    statement=SDETransform(
        SDE(w, -w * (w**2 - stilde), amplitude * w),
        w**2,
        SDE(shat, 2 * shat * ((stilde + eta * zeta**2 / 2) - shat), 2 * amplitude * shat),
    ),
    domain=Domain(w=Positive, **PARAMETERS),
    given=("A1-A4 of document 004, which reduce the student to (41)",),
    printed=r"d\hat{s}_i = 2\hat{s}_i \left((\tilde{s}_i + \eta\zeta^2/2) - \hat{s}_i \right) dt "
    r"+ 2\sqrt{\eta\zeta^2}\hat{s}_i dB_t",
)
claim(
    "004.sec6.ode",
    "Without noise (7) is the equation of the student's mode under gradient flow of half the squared error.",
    source=Source("004", "Section 6, after (7)"),
    statement=SDETransform(
        SDE(w, -sp.diff((one * b - stilde) ** 2 / 2, one).subs({one: w, b: w}), 0),
        w**2,
        SDE(shat, *(e[0].subs(zeta, 0) for e in (mode.drift, mode.diffusion))),
    ),
    domain=Domain(w=Positive, stilde=Positive),
    given=(
        "balanced weights a = b = w under gradient flow of (ab - s~)^2 / 2",
        "the coefficients of (7) are continuous in zeta, so that their limits are their values at zeta = 0",
    ),
    printed=r"\text{In the small noise limit of } \zeta \rightarrow 0 \text{, this SDE aligns with the nonlinear ODE}",
)

# The reciprocal as a geometric Ornstein-Uhlenbeck process.

printed_theta = 2 * stilde - 3 * variance
printed_mu = 1 / (stilde - sp.Rational(3, 2) * variance)
printed_sigma = -2 * amplitude
reciprocal = SDE(u, printed_theta * (printed_mu - u), printed_sigma * u)
_PRINTED_45 = (
    r"\theta = 2\tilde{s}_i - 3\eta\zeta^2,\ \mu = (\tilde{s}_i - \frac{3}{2}\eta\zeta^2)^{-1},\ "
    r"\sigma = -2\sqrt{\eta\zeta^2}"
)
claim(
    "004.eq45",
    "With the printed theta, mu and sigma the reciprocal 1/s^ obeys du = theta (mu - u) dt + sigma u dB.",
    source=Source("004", "I.2, (45)"),
    statement=SDETransform(mode, 1 / shat, reciprocal),
    domain=Domain(shat=Positive, **PARAMETERS),
    printed=_PRINTED_45,
)
for name, given in (("above", Above(3 * variance / 2)), ("below", Between(0, 3 * variance / 2))):
    claim(
        f"004.eq45.{name}",
        f"With s~ {name} 3 eta zeta^2 / 2, where theta does not vanish, the reciprocal obeys (45).",
        source=Source("004", "I.2, (45)"),
        statement=SDETransform(mode, 1 / shat, reciprocal),
        domain=Domain(eta=Positive, zeta=Positive, stilde=given, shat=Positive),
        repairs="004.eq45",
        note="At theta = 0 there is no mu; (44) itself, with the constant 2 for theta mu, holds there too.",
    )

product = SDE((F, G), [-theta * F, alpha], [sigma * F, beta])
claim(
    "004.eq47.product",
    "By Ito's product rule F G has the drift -theta F G + alpha F + beta sigma F.",
    source=Source("004", "I.2, display before (47)"),
    statement=Identity(generator(product, F * G), -theta * F * G + alpha * F + beta * sigma * F),
    domain=Domain(F=Positive, G=Real, theta=Real, sigma=Real, alpha=Real, beta=Real),
    printed=r"du_i = (-\theta FG + \alpha(t)F + \beta(t)\sigma F)dt + (\sigma FG + \beta(t)F)dB_t",
)
claim(
    "004.eq47.only",
    "F G solves (45) for no other coefficients than alpha = theta mu / F and beta = 0.",
    source=Source("004", "I.2, (46)-(47)"),
    statement=EquivalentConditions(
        sp.Le(
            sp.expand(generator(product, F * G) - theta * (mu - F * G)) ** 2
            + sp.expand(noise(product, F * G)[0, 0] - sigma * F * G) ** 2,
            0,
            evaluate=False,
        ),
        sp.Le((alpha * F - theta * mu) ** 2 + beta**2, 0, evaluate=False),
    ),
    domain=Domain(F=Positive, theta=Real, sigma=Real, mu=Real, alpha=Real, beta=Real, G=Real),
    printed=r"\alpha(t) = \theta\mu F^{-1}, \quad \beta(t) = 0",
)
claim(
    "004.eq50",
    "(50) solves the geometric Ornstein-Uhlenbeck equation (45), for all theta, mu and sigma.",
    source=Source("004", "I.2, (49)-(50)"),
    statement=PathSolution(
        SDE(u, theta * (mu - u), sigma * u),
        sp.exp(-(theta + sigma**2 / 2) * t + sigma * B(t))
        * (u0 + theta * mu * sp.Integral(sp.exp((theta + sigma**2 / 2) * tau - sigma * B(tau)), (tau, 0, t))),
        t,
        B,
        u0,
    ),
    domain=Domain(theta=Real, mu=Real, sigma=Real, u0=Real, t=AtLeast(0)),
    note="The factors of the integrand that do not depend on tau are written before the integral.",
    printed=r"u_i(t) = u_i(0)e^{-(\theta + \frac{1}{2}\sigma^2)t + \sigma B_t} + \theta\mu \int_0^t "
    r"e^{-(\theta + \frac{1}{2}\sigma^2)(t-\tau) + \sigma(B_t - B_\tau)} d\tau",
)


def growth(time: sp.Symbol) -> sp.Expr:
    """Return the exponential of (51) at `time`, with the printed theta and sigma."""
    return sp.exp((printed_theta + printed_sigma**2 / 2) * time - printed_sigma * B(time))


claim(
    "004.eq51",
    "With theta mu = 2 and the printed theta and sigma the formula (51) solves the mode equation.",
    source=Source("004", "I.2, (51)"),
    statement=PathSolution(mode, growth(t) / (2 * sp.Integral(growth(tau), (tau, 0, t)) + 1 / s0), t, B, s0),
    domain=Domain(s0=Positive, **PARAMETERS, t=AtLeast(0)),
    given=("the simplification theta mu = 2 below (51), which is 004.eq51.product.above and .below",),
    printed=r"\hat{s}_i(t) = \frac{e^{(\theta + \frac{1}{2}\sigma^2)t - \sigma B_t}}{\theta\mu \int_0^t "
    r"e^{(\theta + \frac{1}{2}\sigma^2)\tau - \sigma B_\tau} d\tau + \hat{s}_i(0)^{-1}}",
)
_simplifications = Source("004", "I.2, below (51)")
for name, given in (("above", Above(3 * variance / 2)), ("below", Between(0, 3 * variance / 2))):
    claim(
        f"004.eq51.product.{name}",
        f"With s~ {name} 3 eta zeta^2 / 2 the printed theta and mu have the product 2.",
        source=_simplifications,
        statement=Identity(printed_theta * printed_mu, sp.Integer(2)),
        domain=Domain(eta=Positive, zeta=Positive, stilde=given),
        given=("s~ != 3 eta zeta^2 / 2, where the printed mu exists: 004.eq45",),
        printed=r"\theta\mu = 2",
    )
claim(
    "004.eq51.rate",
    "The printed theta and sigma have theta + sigma^2/2 = 2 s~ - eta zeta^2.",
    source=_simplifications,
    statement=Identity(printed_theta + printed_sigma**2 / 2, 2 * stilde - variance),
    domain=Domain(**PARAMETERS),
    printed=r"\theta + \frac{1}{2}\sigma^2 = 2\tilde{s}_i - \eta\zeta^2",
)

p = sp.Function("p", real=True)(shat)
claim(
    "004.eq55",
    "The density of the mode obeys dp/dt = (2 s (s - (s~ + eta zeta^2/2)) p + 2 eta zeta^2 (s^2 p)')'.",
    source=Source("004", "I.2, (55)"),
    statement=FokkerPlanckForm(
        mode,
        p,
        sp.diff(2 * shat * (shat - (stilde + variance / 2)) * p + 2 * variance * sp.diff(shat**2 * p, shat), shat),
    ),
    domain=Domain(shat=Positive, **PARAMETERS),
    printed=r"\partial_t p = \nabla \cdot \left(2\hat{s}_i \left(\hat{s}_i - \left(\tilde{s}_i + \frac{\eta\zeta^2}{2} "
    r"\right) \right) p + 2\eta\zeta^2 \nabla \cdot (\hat{s}_i^2 p) \right)",
)
