"""How fast two neurons become identical under label noise: document 004, Appendix G."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Between, Positive
from ...statements.extrema import Inequality
from ...symbols import positive

eta, less, more = positive("eta nu1 nu2")
place = Source("004", "Appendix G, Figure 7")
given = (
    "two linear neurons, nearly identical, at an interpolating point, labels off by nu or -nu with equal probability: "
    "a step multiplies the difference of their parameters, along w^(1) = w^(2), by 1 - eta nu or 1 + eta nu (inputs 1)",
    "compared: the square of the geometric mean of the size of that factor, which is how fast the difference shrinks",
)
READING = (
    "linear neurons and noise of two values, for which the rate has a closed form; the print reports an experiment "
    "with a nonlinear network whose rates, noises, data and start it does not give"
)


def squared_factor(noise: sp.Expr) -> sp.Expr:
    """Return the product of the absolute values of the two factors."""
    return sp.Abs(1 - eta * noise) * sp.Abs(1 + eta * noise)


claim(
    "004.g.monotone",
    "Up to eta nu = 1 the difference of two neurons shrinks the faster the larger the noise nu, or the learning rate.",
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
    "Beyond eta nu = sqrt(2) the difference of two neurons grows: the collapse ceases.",
    source=place,
    statement=Inequality(sp.Gt(squared_factor(more), 1, evaluate=False)),
    domain=Domain(eta=Positive, nu2=Above(sp.sqrt(2) / eta)),
    given=given,
    reading=READING,
    stated=False,
    printed="until reaching a critical threshold, beyond which the collapsing ceases",
)
