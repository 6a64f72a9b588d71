"""Claims without meaning somewhere on their domain: a side has a pole there, or a logarithm of 0.

They hold on the rest of the domain, so that a witness that skips points would support them, and none may refute them.
"""

from __future__ import annotations

import random
from fractions import Fraction

from .case import Case, Truth
from .pairs import Pairs
from .places import Variable, positive, real, written

#: Equations in which a side is undefined at x = {c}.
EQUATIONS = (
    "(x**2-{c}**2)/(x-{c}) == x+{c}",
    "(x-{c})*(1/(x-{c})) == 1",
    "(x-{c})**3/(x-{c}) == (x-{c})**2",
    "1/(1+1/(x-{c})**2) == (x-{c})**2/(1+(x-{c})**2)",
    "log((x-{c})**2) == 2*log(abs(x-{c}))",
    "exp(log((x-{c})**2)) == (x-{c})**2",
    "sin(x-{c})/(x-{c})*(x-{c}) == sin(x-{c})",
    "abs(x-{c})/(x-{c})*abs(x-{c}) == x-{c}",
    "1/(x-{c})-1/(x-{c}+1) == 1/((x-{c})*(x-{c}+1))",
    "gamma(abs(x-{c})+1) == abs(x-{c})*gamma(abs(x-{c}))",
    "exp(loggamma(abs(x-{c}))) == gamma(abs(x-{c}))",
    "(x-{c})**2*exp(-1/(x-{c})**2) == (x-{c})**2/exp(1/(x-{c})**2)",
)
#: The same for inequalities.
RELATIONS = (
    "1/(x-{c})**2 > 0",
    "log(abs(x-{c})) <= abs(x-{c})",
    "1/(1+1/(x-{c})**2) >= 0",
    "exp(-1/(x-{c})**2) <= 1",
    "abs(sin(x-{c})/(x-{c})) <= 1",
    "gamma(abs(x-{c})) > 0",
)


def identity(rng: random.Random) -> Case:
    """Return an identity that holds wherever it is defined."""
    return _case(rng, "identity", "equation", rng.choice(EQUATIONS))


def inequality(rng: random.Random) -> Case:
    """Return an inequality that holds wherever it is defined."""
    return _case(rng, "inequality", "relation", rng.choice(RELATIONS))


def _case(rng: random.Random, kind: str, field: str, text: str) -> Case:
    state: Variable = rng.choice((real("x"), positive("x")))
    c = Fraction(rng.randint(1, 10**4), rng.choice((1, 1, 7, 997, 10007)))
    if state.kind == "R" and rng.random() < 0.3:
        c = Fraction(0)
    shown = text.replace("{c}", written(c))
    domain = {"x": state.range}
    if rng.random() < 0.3:  # a true part beside it changes nothing
        domain["b"] = "real"
        one, other = Pairs(rng, (state, real("b"))).rule("R", 1)
        sign = next(s for s in (" == ", " >= ", " <= ", " > ", " < ") if s in shown)
        left, right = shown.split(sign)
        shown = f"{left}+({one}){sign}{right}+({other})"
    why = f"a side has no value at x = {c}"
    return Case(kind, Truth.UNDEFINED, {field: shown}, domain, why, point={"x": c})
