"""Gradient descent in the review: edge of stability, central flow, alignment of layers: document 000, overview."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Between, Positive, Real
from ...statements.extrema import EquivalentConditions
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import positive, real

eta, lam, excess, x0, t = positive("eta lam e x0 t")
EDGE = Source("000", "overview, edge of stability")
_quadratic = ("the loss lam x^2/2 with lam > 0; each step of gradient descent multiplies x by 1 - eta lam",)

claim(
    "000.edge.threshold",
    "On a quadratic of curvature lam, gradient descent contracts exactly when lam < 2/eta.",
    source=EDGE,
    statement=EquivalentConditions(
        sp.Lt(sp.Abs(1 - eta * lam), 1, evaluate=False), sp.Lt(lam, 2 / eta, evaluate=False)
    ),
    domain=Domain(eta=Positive, lam=Positive),
    given=_quadratic,
    printed=r"\text{escaping sharp minima with curvature above } \frac{2}{\eta}",
)
claim(
    "000.edge.escape",
    "Above the curvature 2/eta gradient descent leaves the minimum of a quadratic: the distance grows without bound.",
    source=EDGE,
    statement=LongTimeLimit(sp.exp(-t * sp.log(1 + excess)) / x0, t, sp.Integer(0)),
    domain=Domain(x0=Positive, e=Positive),
    given=(
        *_quadratic,
        "e = eta lam - 2 > 0; the reciprocal of the distance x0 |1 - eta lam|^t = x0 (1 + e)^t after t steps, x0 > 0",
    ),
    printed=r"\text{escaping sharp minima with curvature above } \frac{2}{\eta}",
)

# The central flow: a polynomial of degree 4 in two parameters, oscillations +-(a, b) about (u, v)

u, v, a, b, c1, c2 = real("u v a b c1 c2")
_powers = [(i, j) for i in range(5) for j in range(5 - i) if i + j > 0]
_coefficients = real(" ".join(f"k_{i}{j}" for i, j in _powers))
loss = sum((k * u**i * v**j for k, (i, j) in zip(_coefficients, _powers, strict=True)), sp.Integer(0))
swing = {u: a, v: b}
shifted = {sign: loss.subs({u: u + sign * a, v: v + sign * b}, simultaneous=True) for sign in (1, -1)}
along_sigma = sum((sp.diff(loss, x, y) * swing[x] * swing[y] for x in (u, v) for y in (u, v)), sp.Integer(0))
claim(
    "000.central-flow",
    "The gradient averaged over an oscillation is grad L + (1/2) grad <H, Sigma>, at fixed Sigma: two parameters, "
    "losses of degree 4.",
    source=Source("000", "overview, central flow"),
    statement=Identity(
        sum((c * sp.diff(f, x) / 2 for f in shifted.values() for c, x in ((c1, u), (c2, v))), sp.Integer(0)),
        sum((c * (sp.diff(loss, x) + sp.diff(along_sigma, x) / 2) for c, x in ((c1, u), (c2, v))), sp.Integer(0)),
    ),
    domain=Domain(**dict.fromkeys(map(str, (u, v, a, b, c1, c2, *_coefficients)), Real)),
    given=(
        "a polynomial loss of degree 4 in two parameters, so that no higher order of the oscillation is dropped",
        "theta_t - theta(t) = +-(a, b) in turn, so Sigma = (a, b)(a, b)^T; compared along any direction (c1, c2)",
    ),
    printed=r"\frac{d\theta}{dt} = -\eta \left(\nabla L(\theta) + \frac{1}{2} \nabla_{\theta} \langle H(\theta), "
    r"\Sigma(t) \rangle \right)",
)

# Alignment of two layers under gradient flow. With one input and one output the layers are columns a, b;
# with p = (a + b)/sqrt 2, q = (a - b)/sqrt 2 the flow of f(a.b) gives p = e^S p_0, q = e^-S q_0, S = -int f'(a.b) dt.

P, Q, high, low = positive("P Q y_1 y_0")
#: Solution y = e^(2S) of dy/dt = 2 m y - (P y^2 - Q) = P (y_1 - y)(y + y_0) with y(0) = 1.
decay = sp.exp(-P * (high + low) * t)
growth = (high * (1 + low) - low * (high - 1) * decay) / (1 + low + (high - 1) * decay)
ALIGN = Source("000", "overview, Ji and Telgarsky")
_two_layers = (
    "two layers, one input, one output: W_1 = a, W_2 = b^T with columns a, b of any length",
    "P = |a + b|^2/2 and Q = |a - b|^2/2 at the start, |a| = |b|; the inner product of the layers' unit singular "
    "vectors is (P y^2 - Q)/(P y^2 + Q), where y = e^(2S) is the squared growth of a + b",
)
_reach = {"P": Positive, "y_1": Above(1), "y_0": Between(0, 1)}
_target = (
    "squared error (a.b - m)^2/2 with a target m > 0 above the start, in terms of the end value y_1 > 1 of y and of "
    "y_0 < 1: m = P (y_1 - y_0)/2, Q = P y_1 y_0"
)
_align_printed = r"\text{the scalar product between left and right singular vectors tend to 1 in the long time limit}"
claim(
    "000.align.solution",
    "Two layers under gradient flow on (a.b - m)^2/2: the explicit growth solves its equation.",
    source=ALIGN,
    statement=Identity(P * (high - growth) * (growth + low), sp.diff(growth, t)),
    domain=Domain(**_reach, t=Positive),
    given=(
        *_two_layers,
        _target,
        "a' = -(a.b - m) b, b' = -(a.b - m) a, so that y' = 2 m y - P y^2 + Q = P (y_1 - y)(y + y_0)",
    ),
    reading="a step of the derivation of 000.align",
    stated=False,
)
claim(
    "000.align",
    "During gradient flow on the squared error the inner product of adjacent layers' singular vectors tends to 1: two "
    "layers, one input, one output.",
    source=ALIGN,
    statement=LongTimeLimit((growth**2 - high * low) / (growth**2 + high * low), t, sp.Integer(1)),
    domain=Domain(**_reach),
    given=(*_two_layers, _target, "the flow is solved in 000.align.solution"),
    reading="for every loss; the sentence names none",
    stated=False,
    note="With a minimum at finite weights the flow stops before the layers are aligned, unless the start is balanced. "
    "The sentence cites a result on losses without such a minimum, for which it holds: 000.align.repaired.",
    printed=_align_printed,
)
claim(
    "000.align.repaired",
    "Where the loss keeps falling as the output grows, so that the weights grow without bound, the inner product of "
    "adjacent layers' singular vectors tends to 1: two layers, one input, one output.",
    source=ALIGN,
    statement=LongTimeLimit(
        (P * sp.exp(2 * t) - Q * sp.exp(-2 * t)) / (P * sp.exp(2 * t) + Q * sp.exp(-2 * t)), t, sp.Integer(1)
    ),
    domain=Domain(P=Positive, Q=Positive),
    given=(
        *_two_layers,
        "any loss f(a.b) with f' < 0, such as the logistic one: the clock t = S = -int f'(a.b) runs to infinity",
    ),
    reading="losses that no finite weights minimise, as those of the paper that is cited",
    repairs="000.align",
    printed=_align_printed,
)
