"""Measures of balance and alignment of deep linear networks: document 003, section 2.4 and appendix I."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Positive, Real
from ..statements.scalar import Identity
from ..symbols import positive, real


def frobenius(matrix: sp.Matrix) -> sp.Expr:
    """Return the squared Frobenius norm."""
    return sp.expand((matrix.T * matrix).trace())


# A student W of shape 3 x 2 in orthonormal bases: rotations by rational parameters reach all but a null set of them.

p, q, r, t = real("p q r t")
W = sp.Matrix(3, 2, lambda i, j: real(f"w_{i + 1}{j + 1}"))
cross = sp.Matrix([[0, -r, q], [r, 0, -p], [-q, p, 0]])
left = ((sp.eye(3) + cross) * (sp.eye(3) - cross).inv()).applyfunc(sp.cancel)
right = sp.Matrix([[1 - t**2, -2 * t], [2 * t, 1 - t**2]]) / (1 + t**2)
amplitudes = left.T * W * right
diagonal = sp.Matrix(3, 2, lambda i, j: amplitudes[i, j] if i == j else 0)

claim(
    "003.a2.equiv",
    "The squared distance of the student from diagonal form in the teacher's bases is the sum of the squared "
    "cross-mode amplitudes; they vanish together.",
    source=Source("003", "2.4 (A2)"),
    statement=Identity(
        ((W - left * diagonal * right.T).T * (W - left * diagonal * right.T)).trace(),
        sp.Add(*(amplitudes[i, j] ** 2 for i in range(3) for j in range(2) if i != j)),
    ),
    domain=Domain(p=Real, q=Real, r=Real, t=Real, **{str(w): Real for w in W}),
    given=(
        "cross-modes pair all left with all right singular vectors, those of vanishing singular values included",
        "three outputs, two inputs; U and V in Cayley's rational form, which reaches all rotations but half-turns",
    ),
)

W1 = sp.Matrix(2, 2, [positive("a_11"), *real("a_12 a_21 a_22")])
W2 = sp.Matrix(2, 2, real("b_11 b_12 b_21 b_22"))
c = positive("c")


def imbalance(first: sp.Matrix, second: sp.Matrix) -> sp.Expr:
    """Return the squared distance of W_2^T W_2 from W_1 W_1^T over the sum of their squared norms."""
    one, other = second.T * second, first * first.T
    return frobenius(one - other) / (frobenius(one) + frobenius(other))


claim(
    "003.eq33.scale",
    "The balance measure does not change when all weights are multiplied by one factor.",
    source=Source("003", "I.2 (33)"),
    statement=Identity(imbalance(c * W1, c * W2), imbalance(W1, W2)),
    domain=Domain(c=Positive, **{str(w): Positive if w.is_positive else Real for w in (*W1, *W2)}),
    given=(
        "the printed measure is lost; encoded is the squared distance of the two Gram matrices over the sum of their "
        "squared norms, for layers of width two; 'normalized to be invariant to weight scaling'",
    ),
    note="Any ratio whose numerator and denominator have the same degree in the weights is invariant.",
)
