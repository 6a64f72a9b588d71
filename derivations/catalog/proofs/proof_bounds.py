"""Bounds in proofs: document 004, Appendices C.2 (gradients and their covariance) and E (attraction)."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Between, Integers, Positive, Real
from ...statements.extrema import Inequality
from ...statements.function_limits import FunctionLimit, Jet
from ...statements.sets.gradient_classes import GradientBound, GradientQuantity, RootDistance
from ...symbols import dimension, positive, real

lip, r, x, delta, eps, q, c, kappa = positive("L r x delta eps q c kappa")
gradients = Domain(L=Positive, r=Positive)
given = (
    "every per-sample gradient is L-Lipschitz and bounded by L, in any dimension and for any number of samples",
    "r = |theta_1 - theta_2|; D is the covariance of the gradients over the samples, without eta/(2 beta), as in C.2",
)
place = Source("004", "C.2, proof of Proposition 4.1")
Q = GradientQuantity


def _bound(quantity: GradientQuantity, bound: sp.Expr) -> GradientBound:
    return GradientBound(quantity, lip, lip, r, bound)


for name, words, quantity, bound, printed in (
    (
        "004.c2.mean",
        "The gradient of the mean loss is L-Lipschitz.",
        Q.MEAN_CHANGE,
        lip * r,
        r"\|\nabla \mathcal{L}(\theta_1) - \nabla \mathcal{L}(\theta_2)\| \leq L \|\theta_1 - \theta_2\|",
    ),
    (
        "004.c2.lbar",
        "The gradient of a sample's loss minus the mean loss is 2L-Lipschitz.",
        Q.DEVIATION_CHANGE,
        2 * lip * r,
        r"\nabla \bar{\ell}(\cdot, x_i, y_i) \text{ is clearly } 2L\text{-Lipschitz continuous}",
    ),
    (
        "004.c2.lbar.size",
        "The gradient of a sample's loss minus the mean loss is bounded by 2L.",
        Q.DEVIATION_SIZE,
        2 * lip,
        r"\text{and is bounded by } 2L \text{ for any } i \in [n]",
    ),
):
    claim(
        name,
        words,
        source=place,
        statement=_bound(quantity, bound),
        domain=gradients,
        given=given,
        printed=printed,
    )

angle: sp.Symbol = real("theta")
claim(
    "004.c2.mean.loss",
    "The norm of the mean gradient is at most the mean of |loss|; for one sample with loss L sin(theta).",
    source=place,
    statement=Inequality(sp.Le(lip * sp.Abs(sp.cos(angle)), lip * sp.Abs(sp.sin(angle)), evaluate=False)),
    domain=Domain(L=Positive, theta=Real),
    given=("the gradient L cos(theta) is L-Lipschitz and bounded by L",),
    reading="the loss itself, where the display has it; the line before bounds its gradient by L, which is meant",
    stated=False,
    note="The display has the loss where its gradient is meant.",
    printed=r"\|\nabla \mathcal{L}(\theta)\| \leq \frac{1}{n} \sum_i \|\ell(\theta; x_i, y_i)\| \leq L",
)
claim(
    "004.c2.mean.size",
    "The gradient of the mean loss is bounded by L, as the mean of the norms of the gradients is.",
    source=place,
    statement=_bound(Q.MEAN_SIZE, lip),
    domain=gradients,
    given=given,
    repairs="004.c2.mean.loss",
)

for name, words, quantity, printed in (
    (
        "004.c2.entry",
        "An entry of the covariance changes by at most {}.",
        Q.ENTRY_CHANGE,
        r"\|D_{lm}(\theta_1) - D_{lm}(\theta_2)\| \leq 4L^2 \|\theta_1 - \theta_2\|^2",
    ),
    (
        "004.c2.opnorm",
        "The covariance changes by at most {} in operator norm.",
        Q.COVARIANCE_CHANGE,
        r"\|D(\theta_1) - D(\theta_2)\|_\infty \leq 4L^2 \|\theta_1 - \theta_2\|^2",
    ),
):
    claim(
        name,
        words.format("4 L^2 r^2"),
        source=place,
        statement=_bound(quantity, 4 * lip**2 * r**2),
        domain=gradients,
        given=given,
        note="The bound of a product rule is of first order in r; no constant saves the square."
        if "entry" in name
        else "",
        printed=printed,
    )
    claim(
        f"{name}.repaired",
        words.format("2 L^2 r"),
        source=place,
        statement=_bound(quantity, 2 * lip**2 * r),
        domain=gradients,
        given=given,
        repairs=name,
    )

claim(
    "004.c2.sqrtlip",
    "The root of the covariance is Lipschitz in Frobenius norm, with constant sqrt(2) L.",
    source=place,
    statement=_bound(Q.ROOT_CHANGE, sp.sqrt(2) * lip * r),
    domain=gradients,
    given=given,
    note="What the proof has, a root of a change of first order in r (004.c2.entry.repaired), gives Hoelder 1/2 only; "
    "that the root is Lipschitz follows from the Lipschitz gradients directly.",
    printed=r"\text{Thus, } \sqrt{D(\theta)} \text{ is Lipschitz continuous with respect to the Frobenius norm}",
)

d: sp.Symbol = dimension("d")
for name, words, norm, factor in (
    ("004.c2.powers", "sqrt(d) sqrt |A - B|_1", sp.Integer(1), sp.sqrt(d)),
    ("004.c2.powers.operator", "d sqrt |A - B|_oo", sp.oo, d),
):
    claim(
        name,
        f"|sqrt A - sqrt B|_F <= {words} for positive semi-definite A, B.",
        source=place,
        statement=RootDistance(d, sp.Integer(2), norm, factor),
        domain=Domain(d=Integers(1)),
        given=("Schatten norms",),
        printed=r"\|\sqrt{D(\theta_1)} - \sqrt{D(\theta_2)}\|_F \leq \sqrt{d} \sqrt{\|D(\theta_1) - D(\theta_2)\|_1} "
        r"\leq d \sqrt{\|D(\theta_1) - D(\theta_2)\|_\infty}",
    )

# The long display of E.1: the ratio F/G as a function of the distance.

ratio = lip * eps / delta
tail = (1 + lip * eps / (delta - lip * eps)) ** 2
line_before = sp.Abs((1 + ratio) * (1 - delta + ratio) - (1 - delta - ratio) * (1 - ratio), evaluate=False) / eps * tail
lipschitz_domain = Domain(L=Positive, delta=Between(0, 1), eps=Between(0, delta / lip))
lipschitz_given = ("0 < delta < 1 and L eps < delta, as the display needs for its last factor",)
claim(
    "004.e1.lipschitz",
    "The line before it is at most L (3/delta - 1) times the squared factor, for 0 < delta < 1.",
    source=Source("004", "E.1, long display, fourth inequality"),
    statement=Inequality(sp.Le(line_before, lip * (3 / delta - 1) * tail, evaluate=False)),
    domain=lipschitz_domain,
    given=lipschitz_given,
    printed=r"\epsilon^{-1} |(1 + \delta^{-1}L\epsilon)(1 - \delta + \delta^{-1}L\epsilon) - (1 - \delta - "
    r"\delta^{-1}L\epsilon)(1 - \delta^{-1}L\epsilon)| (1 + (\delta - L\epsilon)^{-1}L\epsilon)^2 \leq "
    r"L(3\delta^{-1} - 1) (1 + (\delta - L\epsilon)^{-1}L\epsilon)^2",
)
claim(
    "004.e1.lipschitz.repaired",
    "The line is at most (in fact equal to) L (4/delta - 2) times the squared factor.",
    source=Source("004", "E.1, long display, fourth inequality"),
    statement=Inequality(sp.Le(line_before, lip * (4 / delta - 2) * tail, evaluate=False)),
    domain=lipschitz_domain,
    given=lipschitz_given,
    repairs="004.e1.lipschitz",
    note="The last line becomes 2 L (4/delta - 2); the theorem needs only that some constant exists.",
)


# E.2, third display. A member of the class: L'' = -c, D = q x^2/2; L'' + D''/2 < -delta is c > q/2 + delta.

loss, noise = sp.Function("L")(x), sp.Function("D")(x)
place_x = kappa * eps
claim(
    "004.e2.lower",
    "D^(-1/2) (-L' - D'/2) > (delta eps/2) D^(-1/2) on 0 < x < eps; for L' = -c x, D = q x^2/2, x = kappa eps.",
    source=Source("004", "E.2, third display, first inequality"),
    statement=Inequality(
        sp.Gt(
            sp.sqrt(2 / q) / place_x * (c - q / 2) * place_x,
            delta * eps / 2 * sp.sqrt(2 / q) / place_x,
            evaluate=False,
        )
    ),
    domain=Domain(q=Positive, delta=Positive, c=Above(q / 2 + delta), eps=Positive, kappa=Between(0, 1)),
    given=("L'' + D''/2 < -delta at 0", "the ratio of the sides does not depend on eps, so no smaller eps helps"),
    printed=r"D^{-1/2} \left(-\mathcal{L}'(\theta_{t \wedge \tau}) - \frac{1}{2} D'(\theta_{t \wedge \tau}) \right) > "
    r"\frac{\delta \epsilon}{2} D^{-1/2}",
)
claim(
    "004.e2.lower.repaired",
    "The drift (2 D)^(-1/2) (-L' - D'/2) of Y tends to (c - q/2)/sqrt(q) > 0 at 0, c = -L''(0), q = D''(0).",
    source=Source("004", "E.2, third display, first inequality"),
    statement=FunctionLimit(
        (-sp.diff(loss, x) - sp.diff(noise, x) / 2) / sp.sqrt(2 * noise),
        x,
        (
            Jet(loss, (sp.Integer(0), sp.Integer(0), -c)),
            Jet(noise, (sp.Integer(0), sp.Integer(0), q)),
        ),
        (c - q / 2) / sp.sqrt(q),
    ),
    domain=Domain(q=Positive, delta=Positive, c=Above(q / 2 + delta)),
    given=("L'(0) = D(0) = D'(0) = 0, D''(0) = q > 0, L''(0) + D''(0)/2 < -delta",),
    repairs="004.e2.lower",
    note="So Y_t > r t + Y_0 + W_t up to the exit for any r below the limit, which is what the proof goes on with.",
)
claim(
    "004.e2.delta",
    "(delta eps/2) / sqrt(sup D) > delta on 0 < x < eps, for small eps; for D = q x^2/2.",
    source=Source("004", "E.2, third display, last inequality"),
    statement=Inequality(sp.Gt(delta * eps / 2 / sp.sqrt(q * eps**2 / 2), delta, evaluate=False)),
    domain=Domain(q=Positive, delta=Positive, eps=Positive),
    given=("sup of D over 0 < x < eps is q eps^2/2", "eps cancels, so no smaller eps helps"),
    printed=r"\frac{\delta \epsilon}{2} / \sqrt{\sup_{0 < x < \epsilon} D(x)} > \delta",
)
claim(
    "004.e2.delta.repaired",
    "(delta eps/2) / sqrt(D(eps)) tends to delta / sqrt(2 D''(0)) as eps -> 0.",
    source=Source("004", "E.2, third display, last inequality"),
    statement=FunctionLimit(
        delta * x / 2 / sp.sqrt(noise),
        x,
        (Jet(noise, (sp.Integer(0), sp.Integer(0), q)),),
        delta / sp.sqrt(2 * q),
    ),
    domain=Domain(q=Positive, delta=Positive),
    given=("D(0) = D'(0) = 0, D''(0) = q > 0: D increases on (0, eps) for small eps, and its supremum is D(eps)",),
    repairs="004.e2.delta",
    note="A positive constant below delta / sqrt(2 D''(0)) takes the place of delta in what follows.",
)
