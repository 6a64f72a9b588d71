"""Random weights, the width and the noise of the student's data, singular vectors: document 004, Sections 5 and I."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Between, Integers, Positive
from ...statements.classes.gram_limits import GramLimit, inner_product
from ...statements.classes.overlaps import SpikedOverlap
from ...statements.networks import AllOf, MatrixIdentity
from ...statements.random_matrices import NoiseSingularValues
from ...symbols import dimension, positive

A, spike, t, x = positive("A s t x")
own, other, both = inner_product(1, 1), inner_product(2, 2), inner_product(1, 2)
claim(
    "004.dist.random",
    "The normalised distance of two random weight vectors concentrates around 2 in high dimensions.",
    source=Source("004", "Section 5, Figure 8"),
    statement=GramLimit(2, 2 * (own - 2 * both + other) / (own + other), sp.Integer(2)),
    domain=Domain(),
    given=("independent vectors of independent N(0, 1) entries; |w_i - w_j|^2 by inner products",),
    printed=r"\text{dist}(w_i, w_j) \equiv \frac{2\|w_i - w_j\|_2^2}{\|w_i\|_2^2 + \|w_j\|_2^2} \ldots "
    r"\text{the distributions rapidly thermalize and concentrate around 2}",
)

m, n = dimension("m n")
target, rows, columns = sp.MatrixSymbol("M", m, n), sp.Identity(m), sp.Identity(n)
claim(
    "004.i1.width",
    "With min(m, n) hidden units the student represents every m x n map M: W_2 = M, W_1 = 1 or W_2 = 1, W_1 = M.",
    source=Source("004", "I.1"),
    statement=AllOf((MatrixIdentity(target, target * columns), MatrixIdentity(target, rows * target))),
    domain=Domain(m=Integers(1), n=Integers(1)),
    given=("n hidden units in the first product, m in the second: the smaller number is among them",),
    printed=r"\text{we let } d = \min\{m, n\} \text{ such that the student has the capacity to represent all linear "
    r"maps from } \mathbb{R}^n \text{ to } \mathbb{R}^m",
)

claim(
    "004.noise-scale",
    "With sigma_eps^2 = 1/n the singular values of the noise lie, in the limit, in an interval that does not grow.",
    source=Source("004", "I.3"),
    statement=NoiseSingularValues(
        x,
        A,
        sp.sqrt(4 * A - (x**2 - (1 + A)) ** 2) / (sp.pi * A * x),
        sp.Abs(1 - sp.sqrt(A)),
        1 + sp.sqrt(A),
        sp.Max(0, 1 - 1 / A),
    ),
    domain=Domain(A=Positive),
    given=(
        "the noise of Sigma_yx is E X^T; under A1 the rows of X are orthonormal, so that its entries are independent "
        "N(0, sigma_eps^2)",
        "n, m -> oo with m/n -> A",
    ),
    printed=r"\sigma_\epsilon^2 = n^{-1} \text{ such that the singular values of the noise are } O(1)",
)

# The overlap (66).

overlaps = Source("004", "I.3 (66)")
given = ("n, m -> oo with m/n -> A; the noise of Sigma_yx has independent N(0, 1/n) entries; a fixed number of spikes",)
PRINTED_66 = (
    r"\mathcal{O}(\bar{s}_i) = \begin{cases} \left(1 - \frac{\mathcal{A}(1 + \bar{s}_i^2)}{\bar{s}_i(\mathcal{A} + "
    r"\bar{s}_i^2)}\right)^{1/2} \left(1 - \frac{(\mathcal{A} + \bar{s}_i^2)}{\bar{s}_i(1 + \bar{s}_i^2)}\right)^{1/2} "
    r"& \text{if } \bar{s}_i > \mathcal{A}^{1/4} \\ 0 & \text{otherwise} \end{cases}"
)
for name, factor, words, repairs in (
    ("004.eq66", spike, "s", None),
    ("004.eq66.repaired", spike**2, "s^2", "004.eq66"),
):
    left, right = 1 - A * (1 + spike**2) / (factor * (A + spike**2)), 1 - (A + spike**2) / (factor * (1 + spike**2))
    claim(
        name,
        f"Above A^(1/4) the overlaps have the product (1 - A (1 + s^2)/({words} (A + s^2)))^(1/2) "
        f"(1 - (A + s^2)/({words} (1 + s^2)))^(1/2).",
        source=overlaps,
        statement=SpikedOverlap(spike, A, sp.sqrt(left) * sp.sqrt(right)),
        domain=Domain(A=Positive, s=Above(A ** sp.Rational(1, 4))),
        given=given,
        repairs=repairs,
        note="" if repairs else "With s for s^2 the first branch does not meet the second, 0, at A^(1/4).",
        printed="" if repairs else PRINTED_66,
    )
claim(
    "004.eq66.below",
    "Below A^(1/4) the overlaps have a product that tends to 0.",
    source=overlaps,
    statement=SpikedOverlap(t * A ** sp.Rational(1, 4), A, sp.Integer(0)),
    domain=Domain(A=Positive, t=Between(0, 1)),
    given=(*given, "s = t A^(1/4), 0 < t < 1"),
    printed=PRINTED_66,
)
claim(
    "004.eq66.equal",
    "At exactly A^(1/4) the overlaps have a product that tends to 0.",
    source=overlaps,
    statement=SpikedOverlap(A ** sp.Rational(1, 4), A, sp.Integer(0)),
    domain=Domain(A=Positive),
    given=given,
    printed=PRINTED_66,
)
