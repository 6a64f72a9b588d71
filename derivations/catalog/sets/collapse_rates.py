"""Whether, and how fast, two neurons become identical under label noise: document 004, Appendix G."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Between, Positive, Real
from ...statements.extrema import Inequality
from ...statements.scalar import Identity
from ...symbols import positive, real

eta, less, more = positive("eta nu1 nu2")
place = Source("004", "Appendix G, Figure 7")
given = (
    "two linear neurons, nearly identical, at an interpolating point, labels off by nu or -nu with equal probability: "
    "a step multiplies the difference of their parameters, along w^(1) = w^(2), by 1 - eta nu or 1 + eta nu (inputs 1)",
    "compared: the square of the geometric mean of the size of that factor in a single step from such a point; along a "
    "run the point moves, and the mean of linear neurons with it (004.g.linear)",
)
READING = (
    "one step of linear neurons with noise of two values, for which the rate has a closed form; the print reports an "
    "experiment with a nonlinear network whose rates, noises, data and start it does not give"
)


def squared_factor(noise: sp.Expr) -> sp.Expr:
    """Return the product of the absolute values of the two factors."""
    return sp.Abs(1 - eta * noise) * sp.Abs(1 + eta * noise)


claim(
    "004.g.monotone",
    "Up to eta nu = 1 a step shrinks the difference of two neurons the more the larger the noise nu, or the learning "
    "rate.",
    source=place,
    statement=Inequality(sp.Lt(squared_factor(more), squared_factor(less), evaluate=False)),
    domain=Domain(eta=Positive, nu1=Between(0, 1 / eta), nu2=Between(less, 1 / eta)),
    given=given,
    reading=READING,
    stated=False,
    printed="the attractivity strengthens with increased learning rate and noise scale up to a certain threshold",
    note="Learning rate and noise enter by their product alone.",
)
claim(
    "004.g.monotone.beyond",
    "Beyond eta nu = sqrt(2) a step lets the difference of two neurons grow in the mean: the collapse ceases.",
    source=place,
    statement=Inequality(sp.Gt(squared_factor(more), 1, evaluate=False)),
    domain=Domain(eta=Positive, nu2=Above(sp.sqrt(2) / eta)),
    given=given,
    reading=READING,
    stated=False,
    printed="until reaching a critical threshold, beyond which the collapsing ceases",
)

w1, w2, v1, v2, x1, x2, y1, y2 = real("w1 w2 v1 v2 x1 x2 y1 y2")
parameters = (w1, w2, v1, v2)
half_loss = sum((v1 * w1 * x + v2 * w2 * x - y) ** 2 for x, y in ((x1, y1), (x2, y2))) / 4
after = [z - eta * sp.diff(half_loss, z) for z in parameters]


def _difference(a: sp.Expr, b: sp.Expr, c: sp.Expr, d: sp.Expr) -> sp.Expr:
    return a - b + c - d


def _total(a: sp.Expr, b: sp.Expr, c: sp.Expr, d: sp.Expr) -> sp.Expr:
    return a + b + c + d


claim(
    "004.g.linear",
    "A step on two linear neurons keeps the ratio of their difference along w^(1) = w^(2) to their sum along it: no "
    "noise makes linear neurons equal in this direction.",
    source=place,
    statement=Identity(_difference(*after) * _total(*parameters), _difference(*parameters) * _total(*after)),
    domain=Domain(eta=Positive, **{str(z): Real for z in (*parameters, x1, x2, y1, y2)}),
    given=(
        "f = v_1 w_1 x + v_2 w_2 x, half the mean square error over two samples, whatever their labels are in the step",
        "difference w_1 - w_2 + v_1 - v_2 and sum w_1 + w_2 + v_1 + v_2, where the ratio is written without a quotient",
    ),
    reading="linear neurons; the print has a nonlinear network",
    stated=False,
)
