"""SGD on a loss plateau and its diagonal network: document 000, (9) and (10)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Integers, Positive, Real
from ...statements.attractivity import CollapsesWhen
from ...statements.euler_steps import EulerStep, RandomUpdate
from ...statements.expansions import StationaryExpansion
from ...statements.extrema import Inequality
from ...statements.processes import AlmostSureDecay, InitialRate, SDETransform
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

eta, delta, power, size, small, scale = positive("eta delta P r c kappa")
n: Any = dimension("n")
PLATEAU, DIAGONAL = Source("000", "(9)"), Source("000", "(10)")

# The amplitude: n samples with residuals +-r whose gradients balance; G is the sum of the squared slopes along any
# direction. One step has the covariance eta^2 (1/n) sum r_i^2 g_i^2 and the mean -(eta/n) sum r_i grad h_i. With
# L = kappa sum r_i^2/2 it stands for the time eta/(n kappa) of (9).

slopes: Any = positive("G")
step_covariance = eta**2 * size**2 * slopes / n
_balanced = (
    "n samples with residuals +-r and a mean gradient of zero; L = kappa n r^2/2, where kappa = 1 gives half the sum "
    "of the squared residuals, as the list after (9), kappa = 1/n half their mean",
    "G is the sum over the samples of the squared slopes along any direction; a step has the mean -(eta/(n kappa)) "
    "grad L, so that it stands for the time eta/(n kappa) of (9)",
)
for name, level, words, more in (
    (
        "000.eq9.amplitude",
        scale * n * size**2 / 2,
        "delta = L",
        {
            "printed": r"d\theta_t = -\nabla_{\theta} L(\theta_t) dt + \sqrt{\eta \delta} \Phi_{\theta}(X)^{\top} "
            r"dB_t, \quad \delta \simeq L(\theta_t)",
            "note": "The two agree for n = 2 samples only, whatever constant stands before the sum in L; no other "
            "clock helps, for it would change the drift.",
        },
    ),
    (
        "000.eq9.amplitude.repaired",
        scale * size**2,
        "delta = 2 L/n",
        {"repairs": "000.eq9.amplitude"},
    ),
):
    claim(
        name,
        f"On a plateau the noise of (9) with {words} has the covariance of a step of SGD with batch size 1.",
        source=PLATEAU,
        statement=Identity(step_covariance, eta / (n * scale) * eta * level * slopes),
        domain=Domain(n=Integers(2), eta=Positive, r=Positive, G=Positive, kappa=Positive),
        given=_balanced,
        **dict[str, Any](more),
    )

g, h = real("g1:4"), real("h1:4")
r1, r2 = real("r1 r2")
one, two = sp.Matrix(g), sp.Matrix(h)
claim(
    "000.eq9.span",
    "The noise of a step of SGD lies in the span of the per-sample gradients of the model: two samples.",
    source=Source("000", "text after (9)"),
    statement=Identity((eta * (r1 * one - (r1 * one + r2 * two) / 2)).dot(one.cross(two)), sp.Integer(0)),
    domain=Domain(**dict.fromkeys(map(str, (*g, *h, r1, r2)), Real), eta=Positive),
    given=("two samples and three parameters; the vector product of the two gradients is orthogonal to their span",),
    printed=r"\text{the noise lies in the \emph{same span} as the gradients}",
)

x2, y1, y2, theta, theta0 = real("x2 y1 y2 theta theta0")
x1: Any = positive("x1")
linear_loss = ((theta * x1 - y1) ** 2 + (theta * x2 - y2) ** 2) / 2
slope = sp.diff(linear_loss, theta)
features = x1**2 + x2**2
PUSH = Source("000", "text after (9)")
_linear = ("the linear model h = theta x on two samples, where both senses of (9) agree",)
_data = {"x1": Positive, "x2": Real, "y1": Real, "y2": Real}
claim(
    "000.eq9.push",
    "The noise of (9) does not raise the loss on average: its part of the mean rate of the loss is not positive, for "
    "linear models.",
    source=PUSH,
    statement=Inequality(
        sp.Le(-(slope**2) + eta * delta * features * sp.diff(linear_loss, theta, 2) / 2, -(slope**2), evaluate=False)
    ),
    domain=Domain(theta=Real, **_data, eta=Positive, delta=Positive),
    given=(*_linear, "by Ito's formula the mean rate of the loss is -|grad L|^2 + (eta delta/2) tr(Phi H Phi^T)"),
    reading="'systematically pushes toward directions that also reduce the loss': on average, from every state",
    stated=False,
    note="'Directions' may be those of the span alone, along which the loss can be reduced, and that stands: "
    "000.eq9.span. A push on average does not follow from the span.",
    printed=r"\text{it systematically pushes the parameters toward directions that also reduce the loss}",
)
claim(
    "000.eq9.push.repaired",
    "For a linear model the noise of (9) raises the mean loss, at the rate (eta delta/2) |Phi Phi^T|^2: one weight, "
    "two samples.",
    source=PUSH,
    statement=InitialRate(
        SDE(theta, -slope, sp.sqrt(eta * delta * features)),
        linear_loss,
        theta0,
        -(slope.subs(theta, theta0) ** 2) + eta * delta * features**2 / 2,
    ),
    domain=Domain(theta0=Real, **_data, eta=Positive, delta=Positive),
    given=_linear,
    repairs="000.eq9.push",
)

# The diagonal network

u, v = real("u1 u2"), real("v1 v2")
state = (*u, *v)
X = sp.Matrix(2, 2, real("x11 x12 x21 x22"))
Y = sp.Matrix(2, 1, real("y1 y2"))
outputs = sp.Matrix(2, 1, lambda i, _: sum(u[j] * v[j] * X[i, j] for j in range(2)))
loss = sum(((f - y) ** 2 for f, y in zip(outputs, Y, strict=True)), sp.Integer(0)) / 2
jacobian = sp.Matrix(2, 4, lambda i, j: sp.diff(outputs[i], state[j]))
draws = real("z1 z2")
length: Any = positive("h")
gradient = [sp.diff(loss, w) for w in state]
mixed = [X.T * sp.Matrix([1 - j, j]) for j in range(2)]
printed_noise = sp.Matrix.hstack(
    *(
        sp.sqrt(eta * delta) * sp.Matrix([*(v[j] * column[j] for j in range(2)), *(u[j] * column[j] for j in range(2))])
        for column in mixed
    )
)
claim(
    "000.eq10",
    "For the diagonal network of two features, a step of (9) is one of (10), with one Brownian motion for both layers.",
    source=DIAGONAL,
    statement=EulerStep(
        RandomUpdate(
            state,
            tuple(
                -length * slope_ + sp.sqrt(eta * delta) * sum(jacobian[i, j] * draws[i] for i in range(2))
                for j, slope_ in enumerate(gradient)
            ),
            tuple((z, length) for z in draws),
        ),
        SDE(state, [-e for e in gradient], printed_noise),
        length,
    ),
    domain=Domain(**dict.fromkeys(map(str, (*state, *X, *Y)), Real), eta=Positive, delta=Positive, h=Positive),
    given=("two features and two samples; Phi is the derivative of the outputs <u.v, x_i>", "both in the same sense"),
    printed=r"du_t = -\nabla_u L(u_t, v_t) dt + \sqrt{\eta \delta} v_t \odot X^{\top} dB_t, \quad "
    r"dv_t = -\nabla_v L(u_t, v_t) dt + \sqrt{\eta \delta} u_t \odot X^{\top} dB_t",
)

# One feature: P = sum x_i^2, so that X^T dB has the variance P; c is the target, 0 off the support

a, b, z = real("a b z")
target: Any = positive("beta")
rate = sp.sqrt(eta * delta * power)


def feature(goal: sp.Expr, calculus: str) -> SDE:
    """Return (10) for one feature with weights a and b."""
    pull = power * (a * b - goal)
    return SDE((a, b), [-pull * b, -pull * a], [rate * b, rate * a], calculus=calculus)


OFF = Source("000", "list after (10), item 1")
_off = {"a": Real, "b": Real, "eta": Positive, "delta": Positive, "P": Positive}
_one = "one feature with weights a, b and P = sum x_i^2, independent of the others; delta is constant on the plateau"
claim(
    "000.off-support",
    "In the Stratonovich sense of (9), off the support both weights shrink to zero, and with them a^2 - b^2.",
    source=OFF,
    statement=AlmostSureDecay(feature(sp.Integer(0), "stratonovich"), a**2 - b**2),
    domain=Domain(**_off),
    given=(_one, "target 0", "if both weights tend to 0, then so does a^2 - b^2"),
    reading="(10) in the sense in which (9) is stated, Stratonovich",
    note="In that sense a^2 - b^2 does not move at all; the word is the slip, for the 'intrinsic negative drift' of "
    "the text after the list is that of the Ito sense, in which the item stands: 000.off-support.repaired.",
    printed=r"|u_{t,j}|, |v_{t,j}| \text{ shrink exponentially fast}",
)
claim(
    "000.off-support.repaired",
    "With (10) in the Ito sense, off the support a^2 - b^2 decays exponentially at the rate eta delta P.",
    source=OFF,
    statement=SDETransform(feature(sp.Integer(0), "ito"), a**2 - b**2, SDE(z, -eta * delta * power * z, sp.Integer(0))),
    domain=Domain(**_off),
    given=(_one, "target 0", "the Ito sense, in which SGD evaluates its noise at the old iterate"),
    repairs="000.off-support",
)
w: Any = positive("w")
claim(
    "000.off-support.balanced",
    "With (10) in the Ito sense and equal weights, the weight of a feature off the support tends to zero.",
    source=OFF,
    statement=CollapsesWhen(SDE(w, -power * w**3, rate * w), sp.Gt(eta * delta * power, 0, evaluate=False), "if"),
    domain=Domain(eta=Positive, delta=Positive, P=Positive),
    given=(_one, "target 0, a = b = w", "the Ito sense"),
    reading="the Ito sense, to which the 'intrinsic negative drift' of the text after the list belongs",
    printed=r"\text{whose intrinsic negative drift drives unnecessary features toward zero}",
)

ON = Source("000", "list after (10), item 2")
balanced = SDE(w, -power * w * (w**2 - target), rate * w)
_on = {"beta": Positive, "eta": Positive, "delta": Positive, "P": Positive}
claim(
    "000.on-support",
    "On the support the weights converge to those of the interpolator: one feature, equal weights.",
    source=ON,
    statement=AlmostSureDecay(balanced, w**2 - target),
    domain=Domain(w=Positive, **_on),
    given=(_one, "target beta > 0, a = b = w"),
    printed=r"\text{converge (in } O(\delta^{-1}) \text{ time) to the \emph{sparsest} interpolator}",
    reading="converge to a point, at a constant plateau level delta",
    stated=False,
    note="With a constant delta the noise does not vanish at the interpolator. The same sentence has the weights in a "
    "band of width O(sqrt(eta delta)), and that stands: 000.on-support.repaired.",
)
goal: Any = positive("w_0")
claim(
    "000.on-support.repaired",
    "On the support the weight settles into a law about the interpolator, of variance eta delta/4 to first order: one "
    "feature, equal weights.",
    source=ON,
    statement=StationaryExpansion(
        SDE(w, -power * w * (w**2 - goal**2), sp.sqrt(small * power) * w),
        sp.Interval.open(0, sp.oo),
        "variance",
        small,
        goal,
        sp.Integer(0),
        sp.Rational(1, 4),
    ),
    domain=Domain(w_0=Positive, P=Positive, c=Positive),
    given=(_one, "target w_0^2, a = b = w", "c = eta delta; the band is of the order sqrt(eta delta)"),
    reading="'converge' within the band that the sentence names",
    repairs="000.on-support",
    printed=r"(u_{t,j}, v_{t,j}) \text{ stay inside an } O(\sqrt{\eta \delta}) \text{ band}",
)
