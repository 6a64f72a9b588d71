"""Stochastic attraction to invariant points: documents 000 and 004 (sections 4, 5, 6 and appendix F)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Positive, Real
from ..sde import SDE
from ..statements.attractivity import (
    Attractive,
    CollapsesWhen,
    LabelNoiseTraining,
    Linearised,
    SmallStartLimit,
)
from ..statements.extrema import LocalExtrema
from ..statements.scalar import Identity
from ..symbols import positive, real

theta, l2, l3, l4, d3, d4 = real("theta l2 l3 l4 d3 d4")
d2, c, eta, zeta, stilde, shat = positive("d2 c eta zeta stilde shat")
mu: sp.Symbol = real("mu")

# -- geometric Brownian motion and Theorem 4.1 ------------------------------------------------------------------

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

# -- the double well --------------------------------------------------------------------------------------------

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

# -- modes of the teacher-student model -------------------------------------------------------------------------

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

# -- the sign set of a single neuron ----------------------------------------------------------------------------

p, s, w1, w2, u, x2, y1, y2, g, c2, c3 = real("p s w1 w2 u x2 y1 y2 g c2 c3")
x1: sp.Symbol = positive("x1")
n = 2
inputs, targets = (x1, x2), (y1, y2)


def activation(v: sp.Expr) -> sp.Expr:
    """Return the activation with sigma(0) = 0 and sigma'(0) = g, to third order."""
    return g * v + c2 * v**2 / 2 + c3 * v**3 / 6


def activation_slope(v: sp.Expr) -> sp.Expr:
    """Return the derivative of `activation`."""
    return g + c2 * v + c3 * v**2 / 2


def _noise(i: int) -> tuple[sp.Expr, sp.Expr]:
    """Return the coefficients of dB_i in (31), without 1/sqrt(n)."""
    x = inputs[i]
    return (
        sp.sqrt(eta) * zeta * w2 * x * activation_slope(w1 * x),
        sp.sqrt(eta) * zeta * activation(w1 * x),
    )


def _drift() -> tuple[sp.Expr, sp.Expr]:
    """Return the drift of (31)."""
    gaps = [w2 * activation(w1 * x) - y for x, y in zip(inputs, targets, strict=True)]
    first = sum(r * w2 * x * activation_slope(w1 * x) for r, x in zip(gaps, inputs, strict=True))
    second = sum(r * activation(w1 * x) for r, x in zip(gaps, inputs, strict=True))
    return -first / n, -second / n


neuron = SDE((w1, w2), _drift(), sp.Matrix([[_noise(i)[k] / sp.sqrt(n) for i in range(n)] for k in range(2)]))
signal, power = x1 * y1 + x2 * y2, x1**2 + x2**2
training = LabelNoiseTraining(
    model=w2 * activation(w1 * u),
    weights=(w1, w2),
    feature=u,
    inputs=inputs,
    targets=targets,
    rate=eta,
    noise=sp.sqrt(n) * zeta,
)
neuron_domain = Domain(x1=Positive, x2=Real, y1=Real, y2=Real, g=Real, eta=Positive, zeta=Positive, c2=Real, c3=Real)
neuron_given = (
    "written out for n = 2 samples; x_1 > 0 is no loss of generality (relabel the samples, reflect x and w_1)",
    "sigma(v) = g v + c2 v^2/2 + c3 v^3/6: higher orders do not enter the linearisation",
    "the noise of (31) carries the declared factor 1/sqrt(n) in place of 1/n",
)

claim(
    "004.thm5.1",
    "The sign invariant set of a single neuron is attractive if eta zeta^2 |sigma'(0)|/2 > |sum x y| / sum x^2.",
    source=Source("004", "Theorem 5.1 (formal), F.1"),
    statement=Attractive(
        neuron,
        (0, 0),
        sp.Gt(eta * zeta**2 * sp.Abs(g) / 2, sp.Abs(signal) / power, evaluate=False),
        "if",
        training,
    ),
    domain=neuron_domain,
    given=neuron_given,
)
claim(
    "000.sc3",
    "The sign invariant set of a single neuron is attractive if sigma'(0) eta zeta^2/2 > |sum x y| / sum x^2.",
    source=Source("000", "(SC 3)"),
    statement=Attractive(
        neuron, (0, 0), sp.Gt(g * eta * zeta**2 / 2, sp.Abs(signal) / power, evaluate=False), "if", training
    ),
    domain=neuron_domain,
    given=(
        *neuron_given,
        "label-noise SGD in the form of document 004, eq. (31), which the passage summarises",
    ),
)

# -- the two displays of the proof of Theorem 5.1 ---------------------------------------------------------------

rotated = {w1: (p + s) / 2, w2: (p - s) / 2}
first, second = (e.subs(rotated) for e in _drift())
drift_p, drift_s = first + second, first - second
power_p = sum((sum(_noise(i)).subs(rotated)) ** 2 for i in range(n))
power_s = sum(((_noise(i)[0] - _noise(i)[1]).subs(rotated)) ** 2 for i in range(n))
origin = {p: 0, s: 0}
display_domain = Domain(x1=Positive, x2=Real, y1=Real, y2=Real, g=Real, eta=Positive, zeta=Positive)
noise_part = eta * zeta**2 * g**2 * power / (2 * n)


def _left(drift: sp.Expr, squares: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    return sp.expand((sp.diff(drift, variable) - sp.diff(squares, variable, 2) / (4 * n)).subs(origin))


def _curvature(squares: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    return sp.expand((sp.diff(squares, variable, 2) / n).subs(origin))


for suffix, variable, drift, squares, printed in (
    ("", p, drift_p, power_p, -g * signal / n),
    (".s", s, drift_s, power_s, g * signal / n),
):
    name = str(variable)
    line = f"004.thm5.1.drift-condition{suffix}"
    for identifier, value, repairs in ((line, printed, None), (line + ".repaired", -printed, line)):
        claim(
            identifier,
            f"Derivative of the drift of {name} at the origin, less a quarter of the curvature of its noise power.",
            source=Source("004", f"F.1, proof of Theorem 5.1, display for {name}, first line"),
            statement=Identity(_left(drift, squares, variable), value - noise_part),
            domain=display_domain,
            given=("mu and sigma as defined above the display, n = 2 samples", *neuron_given[:1]),
            repairs=repairs,
        )
    line = f"004.thm5.1.second-derivative{suffix}"
    for identifier, factor, repairs in ((line, 1, None), (line + ".repaired", 4, line)):
        claim(
            identifier,
            f"Curvature at the origin of the mean noise power of {name}.",
            source=Source("004", f"F.1, proof of Theorem 5.1, display for {name}, second line"),
            statement=Identity(_curvature(squares, variable), factor * noise_part),
            domain=display_domain,
            given=("sigma_i as defined above the display, n = 2 samples", *neuron_given[:1]),
            repairs=repairs,
        )
