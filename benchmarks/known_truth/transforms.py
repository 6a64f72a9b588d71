"""Ito transforms: the image written out from a table of functions with their inverses, and images that are wrong.

Truth: for Z = f(X) with inverse g, the drift of Z is f'(g) b(g) + f''(g) s(g)^2/2 and its noise f'(g) s(g); f' and f''
are in the table as functions of z. No process of the table reaches an end of its range: on the line they are linearly
bounded or confined, on the half line they are geometric, confined, or obey Feller's condition. A drift that differs at
one point of the image, or a noise whose square does, is wrong, because drift and squared noise of an Ito process on an
open range that it visits everywhere are unique where they are continuous.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from .case import Case, Truth
from .places import Variable, deviation, positive, real, size, symmetric, written
from .values import relative, value


@dataclass(frozen=True)
class Function:
    """f with its inverse g, first and second derivative, all three in z, and the range of the image."""

    text: str
    inverse: str
    first: str
    second: str
    image: Variable


_ANGLE = Variable("z", "between(-pi/2, pi/2)", Fraction(-3, 2), Fraction(3, 2), "R")
_Z, _ZP, _ZU = real("z"), positive("z"), symmetric("z")
_ZABOVE = Variable("z", "above(0)", Fraction(0), None, "P")

#: Functions of a real state, and of a positive one.
FUNCTIONS = {
    "real": (
        Function("exp(x)", "log(z)", "z", "z", _ZP),
        Function("exp(-x)", "(-log(z))", "(-z)", "z", _ZP),
        Function("3*x-2", "((z+2)/3)", "3", "0", _Z),
        Function("-x/2+1", "(2-2*z)", "(-1/2)", "0", _Z),
        Function("sinh(x)", "log(z+sqrt(1+z**2))", "sqrt(1+z**2)", "z", _Z),
        Function("log(x+sqrt(1+x**2))", "sinh(z)", "(1/cosh(z))", "(-sinh(z)/cosh(z)**3)", _Z),
        Function("atan(x)", "tan(z)", "(cos(z)**2)", "(-2*sin(z)*cos(z)**3)", _ANGLE),
        Function("tanh(x)", "(log((1+z)/(1-z))/2)", "(1-z**2)", "(-2*z*(1-z**2))", _ZU),
        Function("log(1+exp(x))", "log(exp(z)-1)", "(1-exp(-z))", "(exp(-z)*(1-exp(-z)))", _ZABOVE),
    ),
    "positive": (
        Function("log(x)", "exp(z)", "exp(-z)", "(-exp(-2*z))", _Z),
        Function("x**2", "sqrt(z)", "(2*sqrt(z))", "2", _ZP),
        Function("sqrt(x)", "(z**2)", "(1/(2*z))", "(-1/(4*z**3))", _ZP),
        Function("1/x", "(1/z)", "(-z**2)", "(2*z**3)", _ZP),
        Function("x**3", "(z**(1/3))", "(3*z**(2/3))", "(6*z**(1/3))", _ZP),
        Function("log(1+x)", "(exp(z)-1)", "exp(-z)", "(-exp(-2*z))", _ZABOVE),
        Function("2*x", "(z/2)", "2", "0", _ZP),
        Function("x**(1/4)", "(z**4)", "(1/(4*z**3))", "(-3/(16*z**7))", _ZP),
    ),
}
#: Drift and noise, written with X for the state, and the parameters that they may have.
PROCESSES = {
    "real": (
        ("-k*(X-m)", "s", {"k": "positive", "m": "real", "s": "positive"}),
        ("0", "1", {}),
        ("m", "s", {"m": "real", "s": "positive"}),
        ("X-X**3", "s", {"s": "positive"}),
        ("-k*sin(X)", "sqrt(2)", {"k": "positive"}),
        ("-k*X", "s*sqrt(1+X**2)", {"k": "positive", "s": "positive"}),
        ("1/2", "1/sqrt(1+X**2)", {}),
        ("-tanh(X)", "s", {"s": "positive"}),
        ("-X", "sqrt(1+exp(-X**2))", {}),
    ),
    "positive": (
        ("k*X", "s*X", {"k": "real", "s": "positive"}),
        ("X*(k-X)", "s*X", {"k": "real", "s": "positive"}),
        ("s**2/2+k-X", "s*sqrt(X)", {"k": "positive", "s": "positive"}),
        ("k-m*X", "s*X", {"k": "positive", "m": "real", "s": "positive"}),
        ("X*(1-log(X))", "X", {}),
        ("2/X-X", "1", {}),
    ),
}  # fmt: skip


def true(rng: random.Random) -> Case:
    """Return a true transform."""
    made = _Transform(rng)
    return made.case(Truth.TRUE, made.drift, made.noise, "the image by Ito's formula, from a table of inverses")


def false(rng: random.Random) -> Case:
    """Return a false transform."""
    return rng.choice((_scaled_noise, _moved_drift, _moved_drift, _without_correction, _kink))(rng)


class _Transform:
    def __init__(self, rng: random.Random) -> None:
        self.state = rng.choice(("real", "positive"))
        self.function = rng.choice(FUNCTIONS[self.state])
        drift, noise, self.parameters = rng.choice(PROCESSES[self.state])
        self.source = drift.replace("X", "x"), noise.replace("X", "x")
        g, first, second = self.function.inverse, self.function.first, self.function.second
        b, s = drift.replace("X", g), noise.replace("X", g)
        self.first_order = f"{first}*({b})"
        self.correction = f"{second}*({s})**2/2"
        self.drift = f"{self.first_order}+{self.correction}"
        self.noise = f"{first}*({s})"

    def point(self, z: Fraction) -> dict[str, Fraction]:
        """Return a point with simple parameters."""
        return {"z": z, **dict.fromkeys(self.parameters, Fraction(3, 7))}

    def relative(self, amount: Fraction, z: Fraction, scale: str = "") -> float | None:
        """Return the size of a change of the drift at z, with simple parameters, relative to the drift or `scale`."""
        return relative(amount, scale or self.drift, self.point(z))

    def case(
        self, truth: Truth, drift: str, noise: str, why: str, deviates: float | None = None, z: Fraction | None = None
    ) -> Case:
        fields = {
            "state": "x",
            "drift": self.source[0],
            "diffusion": self.source[1],
            "function": self.function.text,
            "image": "z",
            "image_range": self.function.image.range,
            "image_drift": drift,
            "image_diffusion": noise,
        }
        point = None if z is None else {"z": z}
        return Case("sde-transform", truth, fields, {"x": self.state, **self.parameters}, why, deviates, point)


def _scaled_noise(rng: random.Random) -> Case:
    made, amount = _Transform(rng), size(rng)
    noise = f"{made.noise}*(1+{written(amount)})"
    why = f"the noise times 1 + {amount}, which is not -1 and not 1"
    return made.case(Truth.FALSE, made.drift, noise, why, float(abs(amount)))


def _moved_drift(rng: random.Random) -> Case:
    """Add a deviation that is 1, times an amount, at one exact point of the image."""
    made, amount = _Transform(rng), size(rng)
    if rng.random() < 0.4:
        why = f"the drift of the image moved by {amount} everywhere"
        deviates = made.relative(amount, Fraction(3, 7))
        return made.case(Truth.FALSE, f"{made.drift}+{written(amount)}", made.noise, why, deviates)
    local = deviation(rng, (made.function.image,))
    drift = f"{made.drift}+{written(amount)}*{local.text}"
    why = f"the drift of the image moved by {amount} {local.place}"
    return made.case(Truth.FALSE, drift, made.noise, why, made.relative(amount, local.at), local.at)


def _without_correction(rng: random.Random) -> Case:
    """Leave out the second-order term, where the function is not linear; the noise of every process is positive."""
    made = _Transform(rng)
    while made.function.second == "0":
        made = _Transform(rng)
    share = abs(size(rng))
    drift = f"{made.first_order}+{made.correction}*(1-{written(share)})"
    z = Fraction(5, 7)
    term = value(made.correction, made.point(z))
    assert term is not None  # not 0 at this point of the image
    why = f"a share {share} of the second-order term is left out"
    deviates = made.relative(share, z, f"({made.drift})/({made.correction})")
    return made.case(Truth.FALSE, drift, made.noise, why, deviates, z)


def _kink(rng: random.Random) -> Case:
    """Return |X - c| without its local time, or the root of a squared Bessel process of dimension 1 without it."""
    if rng.random() < 0.3:
        fields = {"drift": "1", "diffusion": "2*sqrt(x)", "function": "sqrt(x)", "image_drift": "0"}
        domain, why = {"x": "nonnegative"}, "the modulus of a Brownian motion has a local time at 0"
    else:
        c = written(Fraction(rng.randint(-(10**6), 10**6), rng.choice((1, 7, 10007))))
        fields = {"drift": "0", "diffusion": "1", "function": f"abs(x-{c})", "image_drift": "0"}
        domain, why = {"x": "real"}, f"Tanaka's formula: |X - {c}| has a local time at 0"
    rest = {"state": "x", "image": "z", "image_range": "nonnegative", "image_diffusion": "1"}
    return Case("sde-transform", Truth.FALSE, {**fields, **rest}, domain, why, partial=True)
