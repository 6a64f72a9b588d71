"""Degenerate critical points, their Hessian and the covariance of gradient noise there: document 002."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.determinants import leibniz
from ...ranges import Between, Positive, Real
from ...statements.extrema import EquivalentConditions, Inequality
from ...statements.networks import AllOf, GradientOf, LayerGradient, MatrixIdentity
from ...statements.scalar import Identity
from ...symbols import positive, real
from ..two_layer_noise import W1, W2, Z, shapes, two_layers

BULLET = Source("002", "Motivation, degenerate loss landscape")
OUTCOME = Source("002", "Outcome, second paragraph")
_PRINTED_COVARIANCE = (
    r"\text{Loss landscape is degenerate and the gradient noise covariance is non invertible at a degenerate "
    r"critical point.}"
)
_PRINTED_HESSIAN = (
    r"\text{it has been shown that the gradient noise covariance is proportional to the Hessian of the loss function "
    r"at critical points, which we know to be singular (containing zero eigenvalues)}"
)

# The covariance is singular

claim(
    "002.cov.noninvertible",
    "The gradient noise of a linear network of two layers lies in a subspace: W_2^T g_2 = g_1 W_1^T for every sample.",
    source=BULLET,
    statement=AllOf(
        (
            LayerGradient(two_layers, "1", GradientOf.SAMPLE, 2 * W2.T * Z),
            LayerGradient(two_layers, "2", GradientOf.SAMPLE, 2 * Z * W1.T),
            MatrixIdentity(W2.T * (2 * Z * W1.T), (2 * W2.T * Z) * W1.T),
        )
    ),
    domain=shapes,
    given=(
        "squared loss, any widths and data; Z = r x^T with the residual r of a sample",
        "the covariance has the null vectors (vec(A W_1), -vec(W_2 A)) for every square A, and vanishes where both "
        "layers do: it is singular at all weights, at the degenerate critical points, too",
    ),
    reading="for the deep linear networks of the proposal; two layers, or two neighbouring ones of any number",
    printed=_PRINTED_COVARIANCE,
)
a, c = positive("a c")
w1, w2 = real("w_1 w_2")
slopes = real("r1 r2 r3")
claim(
    "002.cov.noninvertible.any-loss",
    "At a degenerate critical point the variance of the gradient noise is 0: one parameter, the loss b x^4 at 0.",
    source=BULLET,
    statement=Identity((a**2 + (-a) ** 2) / 2, sp.Integer(0)),
    domain=Domain(a=Positive),
    given=("two samples of the losses b x^4 + a x and b x^4 - a x, whose mean has the derivative 0 three times at 0",),
    reading="any loss, whatever makes its critical point degenerate; the text speaks of deep neural networks",
    stated=False,
    note="The Hessian of the mean loss says nothing of how samples differ.",
    printed=_PRINTED_COVARIANCE,
)
gradients = [(r * w2, -r * w1) for r in slopes]
centre = [sum(g[i] for g in gradients) / 3 for i in range(2)]
second = sp.Matrix(2, 2, lambda i, j: sum((g[i] - centre[i]) * (g[j] - centre[j]) for g in gradients) / 3)
claim(
    "002.cov.noninvertible.any-loss.repaired",
    "Where moving along (w_1, w_2) changes no sample's loss, the covariance is singular: three samples, two "
    "parameters.",
    source=BULLET,
    statement=Identity(leibniz(second), sp.Integer(0)),
    domain=Domain(w_1=Real, w_2=Real, r1=Real, r2=Real, r3=Real),
    given=("every sample's gradient is orthogonal to (w_1, w_2): r (w_2, -w_1) with any number r",),
    repairs="002.cov.noninvertible.any-loss",
)

# Proportional to the Hessian

m1, m2, s = positive("m1 m2 s")
mode, later = real("p q")
signs = (1, -1)
samples = [
    ((sp.sqrt(m1) * mode * i - m1 * i - s * e) ** 2 + (later**2 * k - m2 * k - s * f) ** 2) / 2
    for i, k in ((sp.sqrt(2), 0), (0, sp.sqrt(2)))
    for e in signs
    for f in signs
]
saddle = {mode: sp.sqrt(m1), later: sp.Integer(0)}
mean_loss = sum(samples) / len(samples)
curvature = sp.hessian(mean_loss, (mode, later)).subs(saddle)
steps = [[sp.diff(e, w).subs(saddle) for w in (mode, later)] for e in samples]
variances = [sum(g[i] ** 2 for g in steps) / len(steps) for i in range(2)]
claim(
    "002.cov.hessian",
    "At a saddle of a linear network of two layers the covariance of the gradient noise is proportional to the "
    "Hessian.",
    source=OUTCOME,
    statement=Identity(sp.expand(variances[0] * curvature[1, 1]), sp.expand(variances[1] * curvature[0, 0])),
    domain=Domain(m1=Positive, m2=Positive, s=Positive),
    given=(
        "widths 2, 2, 2, white inputs, labels diag(m1, m2) x with independent noise of variance s^2; the saddle at "
        "which the first mode is learned and the second is 0",
        "diagonal entries along two directions: the first mode's weight of layer 1, and both weights of the second "
        "mode together; proportional matrices have proportional entries, and the products across are equal",
    ),
    note="The Hessian is < 0 along the second mode, where gradients of samples vanish. No covariance is a multiple "
    "of a matrix with eigenvalues of both signs, unless it is 0.",
    printed=_PRINTED_HESSIAN,
)
u, v = real("u v")
places = range(2)
outputs = [sp.Function(f"f{k}", real=True)(u, v) for k in places]
labels = real("y1 y2")
along = real("e1 e2")
noisy = [(f - y - i * s) ** 2 / 2 for f, y in zip(outputs, labels, strict=True) for i in signs]
known = {sp.diff(f, w): real(f"f{k}_{w}") for k, f in zip(places, outputs, strict=True) for w in (u, v)}
bends = {
    sp.diff(f, w, o): real(f"f{k}_{w}{o}") for k, f in zip(places, outputs, strict=True) for w in (u, v) for o in (u, v)
}
exact = {**bends, **known, **dict(zip(outputs, labels, strict=True))}
direction = sp.Matrix(along)
hessian = sp.hessian(sum(noisy) / len(noisy), (u, v)).xreplace(exact)
moved = [sum(e * sp.diff(loss, w).xreplace(exact) for e, w in zip(along, (u, v), strict=True)) for loss in noisy]
claim(
    "002.cov.hessian.repaired",
    "Where the model meets the labels' means and their noise has the variance s^2 everywhere, the covariance is s^2 "
    "H: two inputs, two parameters.",
    source=OUTCOME,
    statement=Identity(
        sp.expand(sum(g**2 for g in moved) / len(moved)), sp.expand(s**2 * (direction.T * hessian * direction)[0, 0])
    ),
    domain=Domain(
        s=Positive,
        **{str(e): Real for e in (*along, *known.values())},
    ),
    given=(
        "the loss (f(x) - y)^2/2 of any model f; outputs at two inputs have the stated derivatives in u and v; "
        "labels have the mean f(x) and the variance s^2: such a point is a minimum",
        "quadratic forms of both matrices in any direction (e1, e2)",
    ),
    repairs="002.cov.hessian",
)

# The Hessian is singular

sxx, first, middle = positive("S_xx w1 w2")
cross: Any = real("S_xy")
weights = real("u1:4")
product = sp.prod(weights)
chain = sxx * product**2 / 2 - cross * product
at_minimum = dict(zip(weights, (first, middle, cross / (sxx * first * middle)), strict=True))
claim(
    "002.hessian.singular",
    "The Hessian of a linear network of three layers is singular at every minimum: one unit a layer.",
    source=OUTCOME,
    statement=Identity(sp.hessian(chain, weights).subs(at_minimum).det(method="berkowitz"), sp.Integer(0)),
    domain=Domain(w1=Positive, w2=Positive, S_xx=Positive, S_xy=Real),
    given=(
        "the loss S_xx p^2/2 - S_xy p, p = u1 u2 u3, up to a constant; minima p = S_xy/S_xx with u1, u2 > 0; "
        "flipping two signs gives the others",
        "rescaling two layers against each other moves along a curve of minima",
    ),
    reading="at minima of deep linear networks, and at all critical points that such rescalings move",
    printed=_PRINTED_HESSIAN,
)
pair = weights[:2]
flat = sxx * (pair[0] * pair[1]) ** 2 / 2 - cross * pair[0] * pair[1]
claim(
    "002.hessian.singular.origin",
    "The Hessian of a linear network of two layers is singular at the critical point 0: one unit a layer.",
    source=OUTCOME,
    statement=Identity(sp.hessian(flat, pair).subs(dict.fromkeys(pair, 0)).det().subs(cross, c), sp.Integer(0)),
    domain=Domain(c=Positive),
    given=("the loss S_xx p^2/2 - c p, p = u1 u2, with a correlation c > 0 of inputs and labels",),
    reading="at every critical point, the saddle of two layers at 0 included; what is 'known' is of trained networks",
    stated=False,
    note="Eigenvalues c and -c: a strict saddle without a flat direction. With three layers the Hessian at 0 is 0.",
    printed=_PRINTED_HESSIAN,
)
f1, f2 = real("F1 F2")
bend = sp.Matrix([[w2**2 * f2, f1 + w1 * w2 * f2], [f1 + w1 * w2 * f2, w1**2 * f2]])
claim(
    "002.hessian.singular.origin.repaired",
    "Two layers of one unit: the Hessian has the determinant -F' (F' + 2 p F''), 0 at critical points other than 0.",
    source=OUTCOME,
    statement=Identity(bend.det(), -f1 * (f1 + 2 * w1 * w2 * f2)),
    domain=Domain(w_1=Real, w_2=Real, F1=Real, F2=Real),
    given=(
        "any loss F(p) of p = w_1 w_2, with F1 = F'(p), F2 = F''(p); the gradient is F' (w_2, w_1), so that F' = 0 "
        "at a critical point other than 0, where the determinant is -F'(0)^2",
    ),
    repairs="002.hessian.singular.origin",
)
claim(
    "002.def.nonstrict",
    "A saddle with a flat direction may be left along a direction of negative curvature: the Hessian -v v^T, v = (a, "
    "b).",
    source=Source("002", "Outline, definition of a non-strict saddle point"),
    statement=Inequality(sp.Lt(-((a**2 + w1**2) ** 2), 0, evaluate=False)),
    domain=Domain(a=Positive, w_1=Real),
    given=("v = (a, w_1): curvature -|v|^4 along v, and 0 along (-w_1, a)",),
    note="A definition. Elsewhere 'non-strict' means that no eigenvalue is negative.",
    printed=r"\text{non-strict saddle points (saddle points with at least one flat direction)}",
)

# Edge of stability

h, eta, e = positive("h eta e")
EDGE = Source("002", "list of statistics, Lyapunov exponents")
_PRINTED_EDGE = r"\text{Stochastic Lyapunov exponents to measure edge-of-stability effects}"
claim(
    "002.lyap.edge",
    "Gradient descent on h x^2/2 shrinks exactly where eta h < 2: its Lyapunov exponent log|1 - eta h| is then "
    "negative.",
    source=EDGE,
    statement=EquivalentConditions(sp.Lt((1 - eta * h) ** 2, 1, evaluate=False), sp.Lt(eta * h, 2, evaluate=False)),
    domain=Domain(eta=Positive, h=Positive),
    given=("x -> (1 - eta h) x, of alternating sign where eta h > 1",),
    printed=_PRINTED_EDGE,
)
claim(
    "002.lyap.edge.noise",
    "At the edge eta h = 2 noise of the curvature makes the Lyapunov exponent negative: log(1 - eta^2 s^2)/2.",
    source=EDGE,
    statement=Inequality(sp.Lt(sp.log(1 - e**2) / 2, 0, evaluate=False)),
    domain=Domain(e=Between(0, 1)),
    given=(
        "curvatures h + s and h - s, each with probability 1/2, e = eta s < 1: factors -1 - e and -1 + e",
        "the second moment grows by 1 + e^2 a step at the same time",
    ),
    note="Derived: the proposal names the statistic.",
    printed=_PRINTED_EDGE,
)
