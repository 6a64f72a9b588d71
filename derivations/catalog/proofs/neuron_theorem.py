"""Theorem 5.1 for any number of samples and any smooth activation: document 004, Section 5 and Appendix F."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Integers, Positive, Real
from ...statements.attractivity import Attractive
from ...statements.function_limits import FunctionLimit, Jet
from ...symbols import dimension, positive, real

r, power, eta, zeta = positive("r P eta zeta")
a, b, x, y, g, signal, w1, w2 = real("a b x y g S w1 w2")
weights = real("c_1 c_2 c_3 c_4")
n = dimension("n")
place = Source("004", "Theorem 5.1 (formal), F.1")
PRINTED = r"\frac{\eta \zeta^2 |\sigma'(0)|}{2} > \frac{|\sum_{i \in [n]} x_i y_i|}{\sum_{i \in [n]} x_i^2}"

# One sample of (31) along the ray (w_1, w_2) = r (a, b), with sigma(w_1 x) = s(r) and sigma'(w_1 x) = k(r).

sigma, slope = sp.Function("s")(r), sp.Function("k")(r)
gap = r * b * sigma - y
terms = (-gap * r * b * x * slope, -gap * sigma, r * b * x * slope, sigma)
linear = (g * x * y * b, g * x * y * a, g * x * b, g * x * a)
claim(
    "004.thm5.1.linear",
    "Each sample has in drift and noise of (31) the linear parts sigma'(0) x y (w_2, w_1) and sigma'(0) x (w_2, w_1) "
    "at the origin, for any smooth activation with sigma(0) = 0.",
    source=place,
    statement=FunctionLimit(
        sum((c * term for c, term in zip(weights, terms, strict=True)), sp.Integer(0)) / r,
        r,
        (Jet(sigma, (sp.Integer(0), g * a * x)), Jet(slope, (g,))),
        sum((c * part for c, part in zip(weights, linear, strict=True)), sp.Integer(0)),
    ),
    domain=Domain(**dict.fromkeys(("a", "b", "x", "y", "g", "c_1", "c_2", "c_3", "c_4"), Real)),
    given=("all four entries at once, with any weights c; the noise without sqrt(eta) zeta; g = sigma'(0)",),
    reading="the linear part of (31), on which 004.thm5.1.any rests; the proof has that of p and s instead",
    stated=False,
)
noise = sp.sqrt(eta * power / n) * zeta * g
claim(
    "004.thm5.1.any",
    "For any number of samples and any smooth activation with sigma(0) = 0, the sign invariant set of a single neuron "
    "is attractive if eta zeta^2 |sigma'(0)|/2 > |sum x y| / sum x^2.",
    source=place,
    statement=Attractive(
        SDE((w1, w2), (g * signal / n * w2, g * signal / n * w1), (noise * w2, noise * w1)),
        (0, 0),
        sp.Gt(eta * zeta**2 * sp.Abs(g) / 2, sp.Abs(signal) / power, evaluate=False),
        "if",
    ),
    domain=Domain(S=Real, P=Positive, n=Integers(1), g=Real, eta=Positive, zeta=Positive),
    given=(
        "S = sum x y, P = sum x^2 > 0 over n samples: the linear part of (31) at the origin (004.thm5.1.linear), whose "
        "n noises, x_i times one vector, are in law one noise of power P",
        "an equation whose linear part has negative Lyapunov exponents attracts, whatever its other terms are",
        "the noise of (31) carries the declared factor 1/sqrt(n) in place of 1/n",
    ),
    printed=PRINTED,
)
