"""Stationary laws: the Pearson family, wells and their relatives, and laws that are none.

Truth: a regular diffusion with drift b and squared noise s^2 whose zero-current density p is integrable, and whose ends
are not reached, are left at once by the process itself, or reflect where that is stated, has the law p and no other. So
a density that is p times a function that is not constant is wrong, and so is p with another drift; a law on part of the
range, or without a reflection, is wrong because the process leaves it; where every zero-current density has infinite
mass, or both ends attract, there is no law.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .case import Case, Truth
from .places import Variable, deviation, positive, real, size, unit, written


@dataclass(frozen=True)
class Law:
    """A process with its density, the interval on which it lives, and the ends that reflect it."""

    drift: str
    noise: str
    density: str
    state: Variable
    support: str = "(-oo, oo)"
    parameters: dict[str, str] = field(default_factory=dict)
    reflecting: tuple[str, ...] = ()


_X, _P, _I = real("x"), positive("x"), unit("x")
_KD = {"k": "positive", "D": "positive"}

LAWS = (
    Law("-k*(x-m)", "sqrt(2*D)", "exp(-k*(x-m)**2/(2*D))", _X, parameters={**_KD, "m": "real"}),
    Law("-x", "sqrt(2)", "exp(-x**2/2)", _X),
    Law("-k*x*(x**2-m**2)", "sqrt(2*D)", "exp(-k*(x**2-m**2)**2/(4*D))", _X, parameters={**_KD, "m": "real"}),
    Law("h-x**3", "sqrt(2)", "exp(h*x-x**4/4)", _X, parameters={"h": "real"}),
    Law("-k*tanh(x)", "sqrt(2*D)", "cosh(x)**(-k/D)", _X, parameters=_KD),
    Law("-k*x/sqrt(1+x**2)", "sqrt(2*D)", "exp(-k*sqrt(1+x**2)/D)", _X, parameters=_KD),
    Law("-a*x", "sqrt(2*(1+x**2))", "(1+x**2)**(-(2+a)/2)", _X, parameters={"a": "positive"}),
    Law("0", "1+x**2", "(1+x**2)**(-2)", _X),
    Law("2*x-k*x*(1+x**2)", "sqrt(2*(1+x**2))", "exp(-k*x**2/2)", _X, parameters={"k": "positive"}),
    Law("-sinh(x)", "sqrt(2)", "exp(-cosh(x))", _X),
    Law("k*(m-x)", "s*sqrt(x)", "x**(2*k*m/s**2-1)*exp(-2*k*x/s**2)", _P, "(0, oo)",
        {"k": "positive", "m": "positive", "s": "positive"}),
    Law("a-x", "sqrt(2*x)", "x**(a-1)*exp(-x)", _P, "(0, oo)", {"a": "between(0, 1/5)"}),
    Law("a-b*x", "s*x", "x**(-2-2*b/s**2)*exp(-2*a/(s**2*x))", _P, "(0, oo)",
        {"a": "positive", "b": "positive", "s": "positive"}),
    Law("x*(s**2/2+e-b*x)", "s*x", "x**(2*e/s**2-1)*exp(-2*b*x/s**2)", _P, "(0, oo)",
        {"s": "positive", "e": "positive", "b": "positive"}),
    Law("x*(1-k*(log(x)-m))", "sqrt(2)*x", "exp(-k*(log(x)-m)**2/2)/x", _P, "(0, oo)", {"k": "positive", "m": "real"}),
    Law("c*D/x-k*x", "sqrt(2*D)", "x**c*exp(-k*x**2/(2*D))", _P, "(0, oo)", {**_KD, "c": "at_least(1)"}),
    Law("a*(1-x)-b*x", "sqrt(2*x*(1-x))", "x**(a-1)*(1-x)**(b-1)", _I, "(0, 1)", {"a": "positive", "b": "positive"}),
    Law("1/2-x", "sqrt(x*(1-x))", "1", _I, "(0, 1)"),
    Law("-1", "sqrt(2)", "exp(-x)", _P, "(0, oo)", reflecting=("0",)),
    Law("-k*x", "sqrt(2*D)", "exp(-k*x**2/(2*D))", _P, "(0, oo)", _KD, ("0",)),
    Law("h-x", "sqrt(2)", "exp(h*x-x**2/2)", _P, "(0, oo)", {"h": "real"}, ("0",)),
    Law("0", "1", "1", _I, "(0, 1)", reflecting=("0", "1")),
    Law("k", "sqrt(2)", "exp(k*x)", _I, "(0, 1)", {"k": "real"}, ("0", "1")),
    Law("0", "sqrt(2)*exp(x)", "exp(-2*x)", _I, "(0, 1)", reflecting=("0", "1")),
)  # fmt: skip
#: Processes without a stationary law on the interval, with the density that makes the current vanish, and why.
NONE = (
    (Law("0", "1", "1", _X), "a Brownian motion has no stationary law"),
    (Law("k*x", "sqrt(2)", "exp(k*x**2/2)", _X, parameters={"k": "positive"}), "infinite mass"),
    (Law("x**3", "1", "exp(x**4/2)", _X), "it explodes"),
    (Law("k*x", "s*x", "x**(2*k/s**2-2)", _P, "(0, oo)", {"k": "real", "s": "positive"}), "infinite mass at an end"),
    (
        Law("x*(s**2/2-e-x)", "s*x", "x**(-2*e/s**2-1)*exp(-2*x/s**2)", _P, "(0, oo)",
            {"s": "positive", "e": "nonnegative"}),
        "infinite mass at 0",
    ),
    (Law("-2/x-x", "sqrt(2)", "exp(-x**2/2)/x**2", _X), "infinite mass at an interior point"),
    (Law("1/x-x", "sqrt(2)", "x*exp(-x**2/2)", _X), "the density is negative on half of the support"),
    (Law("2*x*(1+x**2)**2", "(1+x**2)**(3/2)", "1/(1+x**2)", _X), "both ends are reached in a finite time"),
    (Law("4*x*(1+x**2)**3", "sqrt(2)*(1+x**2)**2", "(1+x**2)**(-2)", _X), "both ends are reached in a finite time"),
    (Law("0", "1", "1", _I, "(0, 1)"), "a Brownian motion leaves (0, 1), and no reflection is stated"),
    (Law("-1", "sqrt(2)", "exp(-x)", _P, "(0, oo)"), "it leaves (0, oo), and no reflection is stated"),
)  # fmt: skip


def true(rng: random.Random) -> Case:
    """Return a true law."""
    law = rng.choice(LAWS)
    factor = rng.choice(("", "7*", "(1/10**40)*", "pi*"))
    return _case(Truth.TRUE, law, f"{factor}{law.density}", "a law of a known family")


def false(rng: random.Random) -> Case:
    """Return a false law."""
    return rng.choice((_weighted, _weighted, _driven, _driven, _none, _part, _negative, _let_out))(rng)


def _weighted(rng: random.Random) -> Case:
    law, amount = rng.choice(LAWS), abs(size(rng))
    way, eps = rng.randrange(3), written(amount)
    if way == 0:
        density = f"{law.density}*exp(-{eps}*x**2)"
        why = f"the law times exp(-{eps} x^2), which is not constant"
        return _case(Truth.FALSE, law, density, why, deviates=_mass(amount))
    if way == 1:
        density = f"{law.density}*(1+x**2)**(-{eps})"
        why = f"the law times (1+x^2)^(-{eps}), which is not constant"
        return _case(Truth.FALSE, law, density, why, deviates=_mass(amount))
    local = deviation(rng, (law.state,))
    density = f"{law.density}*(1+{eps}*{local.text})"
    why = f"the law times a function that is constant but {local.place}"
    return _case(Truth.FALSE, law, density, why, deviates=_mass(amount, local.width), point={"x": local.at})


def _driven(rng: random.Random) -> Case:
    """Give the process of a law another drift, at one place or everywhere; the law is then that of another process."""
    law, amount, width = rng.choice(LAWS), size(rng), 1.0
    if rng.random() < 0.5:
        drift, why, point = f"{law.drift}+{written(amount)}", f"the drift moved by {amount}, the law kept", None
    else:
        local = deviation(rng, (law.state,))
        drift = f"{law.drift}+{written(amount)}*{local.text}"
        why, point = f"the drift moved by {amount} {local.place}, the law kept", {"x": local.at}
        width = local.width
    return _case(Truth.FALSE, law, law.density, why, drift=drift, deviates=_mass(amount, width), point=point)


def _mass(amount: Fraction, width: float = 1.0) -> float:
    """Return the order of the probability that a change moves, which a sampled confirmation must have resolved."""
    return float(abs(amount)) * min(1.0, width)


def _none(rng: random.Random) -> Case:
    law, why = rng.choice(NONE)
    return _case(Truth.FALSE, law, law.density, why)


def _part(rng: random.Random) -> Case:
    """Cut the support of a law at a point that the process passes."""
    law = rng.choice(LAWS)
    if law.state.kind == "R":
        supports = ("(0, oo)", "(-1, 2)", "(-oo, 1000)", "(-oo, 5/2)", "[0, oo)")
    elif law.state.kind == "P":
        supports = ("(1, oo)", "(0, 3)", "(1/2, 10)", "(0, 10**6)", "[1/1000, oo)")
    else:
        supports = ("(0, 1/2)", "(1/10**6, 1)", "(1/4, 3/4)")
    support = rng.choice(supports)
    return _case(Truth.FALSE, law, law.density, f"the process leaves {support}", support=support)


def _let_out(rng: random.Random) -> Case:
    """State the law of a reflected process without one of its reflections."""
    law = rng.choice([law for law in LAWS if law.reflecting])
    kept = tuple(end for end in law.reflecting if len(law.reflecting) > 1 and rng.random() < 0.5)[:1]
    lost = ", ".join(end for end in law.reflecting if end not in kept)
    return _case(Truth.FALSE, replace(law, reflecting=kept), law.density, f"the process leaves at {lost}")


def _negative(rng: random.Random) -> Case:
    law = rng.choice(LAWS)
    factor = rng.choice(("-", "-7*", "-(1/10**30)*"))
    return _case(Truth.FALSE, law, f"{factor}{law.density}", "a negative density")


def _case(
    truth: Truth,
    law: Law,
    density: str,
    why: str,
    *,
    drift: str | None = None,
    support: str | None = None,
    deviates: float | None = None,
    point: dict[str, Fraction] | None = None,
) -> Case:
    fields: dict[str, str | tuple[str, ...]] = {
        "state": "x",
        "drift": law.drift if drift is None else drift,
        "diffusion": law.noise,
        "density": density,
        "support": law.support if support is None else support,
    }
    if law.reflecting and support is None:
        fields["reflecting"] = law.reflecting
    return Case("stationary-law", truth, fields, {"x": law.state.range, **law.parameters}, why, deviates, point)
