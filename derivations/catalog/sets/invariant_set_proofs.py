"""Why sets are invariant: document 004, Theorem 3.1 and appendices B.1 and B.2."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import AtLeast, Between, Integers, Positive, Real
from ...statements.extrema import Inequality
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...statements.sets.neuron_gradients import (
    NeuronGradient,
    NeuronPart,
    b_next,
    b_next_i,
    delta,
    h,
    sigma,
    sigma_slope,
    u,
    w_out,
    z,
)
from ...statements.sets.symmetry_sets import FixedSetInvariant, MatrixKind
from ...symbols import dimension, positive, real

anything = Domain()

# Appendix B.1: gradients for the parameters of one neuron.

layers = (
    "layer l+1 has the activation, too, as the proof writes it; where it is the last layer of (1), sigma' is 1 there",
    "sigma is differentiable; h_i^(l) = sigma(w_in,i^T h^(l-1) + b_i^(l))",
)
inside = sigma_slope(u)
for name, part, place, argument, factors, printed in (
    (
        "004.eq9",
        NeuronPart.OUTGOING,
        "(9)",
        w_out * sigma(u) + b_next_i,
        sigma(u),
        r"\frac{\partial \ell}{\partial h^{(l+1)}} \odot \sigma' \left(w_{\text{out},i}^{(l+1)} h_i^{(l)} + "
        r"b_i^{(l+1)} \right) \sigma \left(w_{\text{in},i}^{(l)T} h^{(l-1)} + b_i^{(l)} \right)",
    ),
    (
        "004.eq10",
        NeuronPart.INCOMING,
        "(10), second line",
        w_out * sigma(u) + b_next,
        w_out * inside * h,
        r"\left\langle \frac{\partial \ell}{\partial h^{(l+1)}}, \left(\sigma' \left(w_{\text{out},i}^{(l+1)} "
        r"h_i^{(l)} + b^{(l+1)} \right) \odot w_{\text{out},i}^{(l+1)} \right) \right\rangle \sigma' \left("
        r"w_{\text{in},i}^{(l)T} h^{(l-1)} + b_i^{(l)} \right) \odot h^{(l-1)}",
    ),
    (
        "004.eq11",
        NeuronPart.BIAS,
        "(11)",
        w_out * sigma(u) + b_next,
        w_out * inside,
        r"\left\langle \frac{\partial \ell}{\partial h^{(l+1)}}, \left(\sigma' \left(w_{\text{out},i}^{(l+1)} "
        r"h_i^{(l)} + b^{(l+1)} \right) \odot w_{\text{out},i}^{(l+1)} \right) \right\rangle \sigma' \left("
        r"w_{\text{in},i}^{(l)T} h^{(l-1)} + b_i^{(l)} \right)",
    ),
):
    for suffix, inner in (("", argument), (".repaired", z)):
        what = "the whole pre-activation z_j" if suffix else "neuron i's own contribution and a bias"
        claim(
            f"{name}{suffix}",
            f"Gradient for {part.partition(',')[0]}, with sigma' of layer l+1 taken at {what}.",
            source=Source("004", f"B.1, {place}"),
            statement=NeuronGradient(part, delta * sigma_slope(inner) * factors),
            domain=anything,
            given=layers,
            repairs=name if suffix else None,
            printed="" if suffix else printed,
        )

# Theorem 3.1 and its proof.

epsilon, distance = positive("epsilon"), sp.Symbol("d", nonnegative=True)
for suffix, relation in (("", sp.Lt), (".repaired", sp.Le)):
    sign = "at most" if suffix else "less than"
    claim(
        f"004.thm3.1.hypothesis{suffix}",
        f"Q-symmetric losses are approximately Q-symmetric: |l(Q theta) - l(theta)| = 0 is {sign} epsilon d(theta, A).",
        source=Source("004", "Theorem 3.1"),
        statement=Inequality(relation(0, epsilon * distance, evaluate=False)),
        domain=Domain(epsilon=Positive, d=AtLeast(0)),
        given=("d = d(theta, A) takes all values from 0, its value on A, for 'any theta in R^d' with d < delta",),
        repairs="004.thm3.1.hypothesis" if suffix else None,
        reading=None if suffix else "d < delta taken literally at points of A, where both sides are 0; off A is meant",
        stated=bool(suffix),
        printed=""
        if suffix
        else r"|\ell(Q\theta; x_i, y_i) - \ell(\theta; x_i, y_i)| < \epsilon d(\theta, A) \text{ for any } \theta \in "
        r"\mathbb{R}^d \text{ satisfying } d(\theta, A) < \delta",
    )
near = (
    "the hypothesis is used as l(Q theta) - l(theta) = o(d(theta, A)) near each point of A, which the printed one with "
    "'at most' implies; with 'less than' no loss meets it, for theta in A gives 0 < 0",
    "losses of samples are differentiable on A",
)
claim(
    "004.thm3.1",
    "For Q symmetric or orthogonal, {Q theta = theta} is invariant where the losses are approximately Q-symmetric.",
    source=Source("004", "Theorem 3.1"),
    statement=FixedSetInvariant(MatrixKind.SYMMETRIC_OR_ORTHOGONAL),
    domain=anything,
    given=near,
    printed=r"A = \{\theta \in \mathbb{R}^d \mid Q\theta = \theta\}",
)
claim(
    "004.b2.grad",
    "On A the approximate symmetry gives Q grad l = grad l, for Q symmetric or orthogonal.",
    source=Source("004", "B.2"),
    statement=FixedSetInvariant(MatrixKind.SYMMETRIC_OR_ORTHOGONAL),
    domain=anything,
    given=near,
    printed=r"Q \nabla \ell(\theta; x, y) = \nabla \ell(\theta; x, y)",
)

a, b, c, d_, e, f = real("a b c d_ e f")
for suffix, words, matrix, vector, other, apart in (
    (".sign", "the sign flip", sp.Matrix([[-1, 0], [0, 1]]), (a, c), (d_, f), 4 * a**2),
    (
        "",
        "the exchange of two blocks",
        sp.Matrix([[0, 1, 0], [1, 0, 0], [0, 0, 1]]),
        (a, b, c),
        (d_, e, f),
        2 * (a - b) ** 2,
    ),
):
    theta, phi = sp.Matrix(vector), sp.Matrix(other)
    image = matrix * theta
    ranges = Domain(**{str(s): Real for s in vector})
    claim(
        f"004.b2.q{suffix}",
        f"For {words}, theta is fixed exactly where it lies in the set: |Q theta - theta|^2 is 0 there only.",
        source=Source("004", "B.2, last paragraph"),
        statement=Identity(sum((x - y) ** 2 for x, y in zip(image, theta, strict=True)), apart),
        domain=ranges,
        given=("a, b: one entry of each block, all others alike; c: an entry outside the blocks",),
        printed="Q is the identity matrix with negative diagonals restricted to the index of the parameters associated "
        "with the invariant set"
        if suffix
        else "Q is the identity matrix with the diagonal blocks for the parameters associated with the two "
        "permutatable neurons swapped to being off diagonal",
    )
    claim(
        f"004.b2.q{suffix}.reflection",
        f"For {words}, Q is orthogonal and symmetric: |Q theta|^2 + phi.Q theta - Q phi.theta = |theta|^2.",
        source=Source("004", "B.2, last paragraph"),
        statement=Identity(image.dot(image) + phi.dot(image) - (matrix * phi).dot(theta), theta.dot(theta)),
        domain=Domain(**{str(s): Real for s in (*vector, *other)}),
        given=("entries as in the claim on the fixed set", "for theta and phi = 0, and for all, both parts follow"),
    )

fixed, turned = sp.Symbol("f", integer=True, positive=True), sp.Symbol("r", integer=True)
claim(
    "004.refl.dim",
    "The fixed set of a symmetric and orthogonal d x d matrix has at most d - 1 dimensions.",
    source=Source("004", "Section 3, invariant sets generated by symmetry"),
    statement=Inequality(sp.Le(fixed, fixed + turned - 1, evaluate=False)),
    domain=Domain(f=Integers(1), r=Integers(0)),
    given=(
        "eigenvalues are 1 on the f dimensions of the fixed set (nothing is to be shown for f = 0), -1 on r others",
        "d = f + r",
    ),
    reading="all that are symmetric and orthogonal, the identity with them, which is no reflection",
    stated=False,
    printed=r"the symmetry is defined by a symmetric and orthogonal matrix. This class of matrices describes the "
    r"generalized notion of a reflection in d-dimensional space and the invariant sets are the axes of reflection, "
    r"which can be at most (d - 1)-dimensional",
)
moved = dimension("r")
claim(
    "004.refl.dim.repaired",
    "The fixed set of a symmetric and orthogonal matrix other than the identity has at most d - 1 dimensions.",
    source=Source("004", "Section 3, invariant sets generated by symmetry"),
    statement=Inequality(sp.Le(fixed, fixed + moved - 1, evaluate=False)),
    domain=Domain(f=Integers(1), r=Integers(1)),
    given=("as in the claim, with an eigenvalue -1 at least",),
    repairs="004.refl.dim",
)

# The sign flip under an activation that is not odd: one hidden neuron and the output's bias, x = 1.

t, kappa, in_weight = positive("t kappa w")
y, bias, out_weight = real("y b a")


def leaky(v: sp.Expr) -> sp.Expr:
    """Return Leaky ReLU of slope kappa, of an argument of known sign."""
    return v if v.is_positive else kappa * v


def flipped_gap(w: sp.Expr, out: sp.Expr, output_bias: sp.Expr) -> sp.Expr:
    """Return l(theta) - l(Q theta) for l = (b + a sigma(w) - y)^2/2."""
    before, after = (output_bias + s * out * leaky(s * w) for s in (1, -1))
    return sp.expand(((before - y) ** 2 - (after - y) ** 2) / 2)


flip = Source("004", "Section 3, invariant sets generated by symmetry")
flip_printed = (
    "even for origin-passing activation functions that are not exactly odd, the loss function is approximately "
    "Q-symmetric around A, since the activation function is approximately odd around its origin"
)
setting = (
    "f(x) = b + a sigma(w x) at x = 1 with Leaky ReLU of slope kappa and the squared loss; Q changes the signs of w, a",
)
claim(
    "004.sym.sign",
    "Along points theta at the distance sqrt(2)/t from A, (l(theta) - l(Q theta))/d(theta, A) tends to 0.",
    source=flip,
    statement=LongTimeLimit(flipped_gap(1 / t, 1 / t, y + t) * t / sp.sqrt(2), t, sp.Integer(0)),
    domain=Domain(kappa=Between(0, 1), y=Real),
    given=(
        *setting,
        "w = a = 1/t and b = y + t: Theorem 3.1 asks for one delta for all theta in R^d with d(theta, A) < delta",
    ),
    reading="approximately Q-symmetric as Theorem 3.1 defines it, uniformly along A",
    printed=flip_printed,
)
square = in_weight**2 + out_weight**2
claim(
    "004.sym.sign.repaired",
    "|l(Q theta) - l(theta)| <= d^2 (2 |b - y| + d^2)/4 with d = d(theta, A): o(d) near each point of A.",
    source=flip,
    statement=Inequality(
        sp.Le(
            sp.Abs(flipped_gap(in_weight, out_weight, bias)),
            square * (2 * sp.Abs(bias - y) + square) / 4,
            evaluate=False,
        )
    ),
    domain=Domain(kappa=Between(0, 1), y=Real, b=Real, w=Positive, a=Real),
    given=(*setting, "w > 0 is no loss of generality: Q exchanges the two signs", near[0]),
    repairs="004.sym.sign",
)
claim(
    "004.sym.sign.odd",
    "Origin-passing activations are odd up to o(v) at 0: (sigma(v) + sigma(-v))/v tends to 0.",
    source=flip,
    statement=LongTimeLimit((leaky(1 / t) + leaky(-1 / t)) * t, t, sp.Integer(0)),
    domain=Domain(kappa=Between(0, 1)),
    given=("v = 1/t; Leaky ReLU of slope kappa, one of the activations of the list",),
    reading="odd up to o(v), which is not printed; up to o(1), which continuity gives, does for a sigma(w) = o(d)",
    stated=False,
    printed=flip_printed,
)
bound, v = positive("C v")
slope, first, second = real("g r_1 r_2")
within = Between(-bound * v**2 / 2, bound * v**2 / 2)
claim(
    "004.sym.sign.odd.repaired",
    "Activations with a second derivative of at most C near 0 and sigma(0) = 0 have |sigma(v) + sigma(-v)| <= C v^2.",
    source=flip,
    statement=Inequality(sp.Le(sp.Abs(slope * v + first + slope * (-v) + second), bound * v**2, evaluate=False)),
    domain=Domain(C=Positive, v=Positive, g=Real, r_1=within, r_2=within),
    given=("sigma(v) = g v + r_1 and sigma(-v) = -g v + r_2 with |r| <= C v^2/2, by Taylor's formula",),
    repairs="004.sym.sign.odd",
)
