"""Measures of balance and alignment of deep linear networks: document 003, section 2.4 and appendix I."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import AtLeast, Positive, Real
from ..statements.scalar import Identity
from ..symbols import positive, real


def frobenius(matrix: sp.Matrix) -> sp.Expr:
    """Return the squared Frobenius norm."""
    return sp.Add(*(entry**2 for entry in matrix))


# A student W in orthonormal bases of two outputs and two inputs; rotations by rational parameters.

p, q = real("p q")
W = sp.Matrix(2, 2, real("w_11 w_12 w_21 w_22"))


def rotation(t: sp.Symbol) -> sp.Matrix:
    """Return the rotation by 2 arctan(t)."""
    return sp.Matrix([[1 - t**2, -2 * t], [2 * t, 1 - t**2]]) / (1 + t**2)


left, right = rotation(p), rotation(q)
u_1, u_2, v_1, v_2 = left[:, 0], left[:, 1], right[:, 0], right[:, 1]


def amplitude(u: sp.Matrix, v: sp.Matrix) -> sp.Expr:
    """Return u^T W v."""
    return (u.T * W * v)[0, 0]


off_diagonal = W - amplitude(u_1, v_1) * u_1 * v_1.T - amplitude(u_2, v_2) * u_2 * v_2.T

claim(
    "003.a2.equiv",
    "With two outputs and two inputs the squared distance of the student from diagonal form in the teacher's bases is "
    "the sum of the squared cross-mode amplitudes; they vanish together.",
    source=Source("003", "2.4 (A2)"),
    statement=Identity((off_diagonal.T * off_diagonal).trace(), amplitude(u_1, v_2) ** 2 + amplitude(u_2, v_1) ** 2),
    domain=Domain(p=Real, q=Real, **{str(w): Real for w in W}),
    given=(
        "cross-modes pair all left with all right singular vectors, those of vanishing singular values included",
        "two outputs, two inputs; U and V rotations by 2 arctan of a parameter, which reaches all but half-turns",
    ),
    note="In any dimension the rank-one matrices u_i v_j^T are orthonormal, and the same holds by Pythagoras.",
)

W1 = sp.Matrix(2, 2, [positive("a_11"), *real("a_12 a_21 a_22")])
W2 = sp.Matrix(2, 2, real("b_11 b_12 b_21 b_22"))
c, first_share = positive("c share_1")
shares = sp.symbols("share_2:6", nonnegative=True)


def imbalance(first: sp.Matrix, second: sp.Matrix) -> sp.Expr:
    """Return the squared distance of W_2^T W_2 from W_1 W_1^T over any weighted sum of squared norms of its degree."""
    one, other = second.T * second, first * first.T
    norms = (frobenius(other), frobenius(one), frobenius(first) ** 2, frobenius(second) ** 2)
    product = frobenius(first) * frobenius(second)
    weighted = (w * norm for w, norm in zip((first_share, *shares), (*norms, product), strict=True))
    return frobenius(one - other) / sp.Add(*weighted)


claim(
    "003.eq33.scale",
    "The balance measure of two layers of width two does not change when all weights are multiplied by one factor, "
    "whatever its denominator weighs.",
    source=Source("003", "I.2 (33)"),
    statement=Identity(imbalance(c * W1, c * W2), imbalance(W1, W2)),
    domain=Domain(
        c=Positive,
        share_1=Positive,
        **{w.name: AtLeast(0) for w in shares},
        **{str(w): Positive if w.is_positive else Real for w in (*W1, *W2)},
    ),
    given=(
        "the printed measure is lost: 'normalized to be invariant to weight scaling', with a numerator that Figure 8 "
        "shows beside the Frobenius norm of each layer. Encoded is the squared distance of the two Gram matrices over "
        "any weighted sum of the squared norms of both, the fourth powers of the norms of both layers and the product "
        "of their squares",
    ),
    note="A numerator alone, or a denominator of another degree, is not invariant.",
    printed=r"\text{small values of (33) correspond to approximately balanced weights (normalized to be invariant to "
    r"weight scaling)}",
)
