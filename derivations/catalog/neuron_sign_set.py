"""The sign set of a single neuron under label noise: documents 000 and 004, Theorem 5.1 and its proof."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive, Real
from ..statements.attractivity import Attractive, LabelNoiseTraining
from ..statements.scalar import Identity
from ..symbols import positive, real

p, s, w1, w2, u, x2, y1, y2, g, c2, c3 = real("p s w1 w2 u x2 y1 y2 g c2 c3")
x1, eta, zeta = positive("x1 eta zeta")
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
    "The sign invariant set of a single neuron is attractive if eta zeta^2 |sigma'(0)|/2 > |sum x y| / sum x^2; for "
    "two samples and a cubic activation, whose training can be simulated.",
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
    note="Any number of samples and any smooth activation: 004.thm5.1.any.",
)
claim(
    "000.sc3.repaired",
    "With sigma(0) = 0, the sign set of a single neuron is attractive if |sigma'(0)| eta zeta^2/2 > |sum x y|/sum x^2.",
    source=Source("000", "(SC 3)"),
    statement=Attractive(
        neuron, (0, 0), sp.Gt(eta * zeta**2 * sp.Abs(g) / 2, sp.Abs(signal) / power, evaluate=False), "if", training
    ),
    domain=neuron_domain,
    given=(
        *neuron_given,
        "label-noise SGD in the form of document 004, eq. (31), which the passage summarises",
    ),
    repairs="000.sc3",
)

# The two displays of the proof of Theorem 5.1.

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
    left = _left(drift, squares, variable)
    for identifier, value, repairs in ((line, printed, None), (line + ".repaired", -printed, line)):
        claim(
            identifier,
            f"Derivative of the drift of {name} at the origin, less a quarter of the curvature of its noise power; for "
            "two samples.",
            source=Source("004", f"F.1, proof of Theorem 5.1, display for {name}, first line"),
            statement=Identity(left, value - noise_part),
            domain=display_domain,
            given=("mu and sigma as defined above the display, n = 2 samples", *neuron_given[:1]),
            repairs=repairs,
        )
    line = f"004.thm5.1.second-derivative{suffix}"
    for identifier, factor, repairs in ((line, 1, None), (line + ".repaired", 4, line)):
        claim(
            identifier,
            f"Curvature at the origin of the mean noise power of {name}; for two samples.",
            source=Source("004", f"F.1, proof of Theorem 5.1, display for {name}, second line"),
            statement=Identity(_curvature(squares, variable), factor * noise_part),
            domain=display_domain,
            given=("sigma_i as defined above the display, n = 2 samples", *neuron_given[:1]),
            repairs=repairs,
        )
