"""Equations and unknowns of the linear network of two layers: document 001, sections 3.2, 4.1 and 4.2."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import MatrixSymbol

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.determinants import leibniz
from ...ranges import Integers, Positive, Real
from ...statements.networks import AllOf, MatrixIdentity
from ...statements.scalar import Identity
from ...symbols import positive
from ..two_layer_noise import W1, W2, C, d0, d1, d2, stacked, two_layers

sizes = Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1))

# Equations and unknowns (4.1, after (35); shapes of 4.2)

weights = sum((sp.Mul(*two_layers.layer_shape(layer)) for layer in ("1", "2")), sp.Integer(0))
_AFTER_35 = (
    r"d_0 d_1 + d_1 d_2 \text{ quadratic equations with } d_0 d_1 + d_1 d_2 + d_0 d_2 \text{ unknowns}",
    "4.1, after (35)",
)
_FACTOR = "the common factor R = W_2 W_1 S_x - S_xy, of d_2 x d_0, counts as unknown besides the weights"
_WEIGHTS = "the unknowns are the weights alone, in which the gradients are taken"
_NOT_ALONE = "The printed number of unknowns has d_0 d_2 more than the weights: the entries of the common factor."
for name, title, count, value, reading in (
    ("equations", "The zero condition has d_0 d_1 + d_1 d_2 equations.", weights, d0 * d1 + d1 * d2, None),
    (
        "unknowns",
        "The weights are d_0 d_1 + d_1 d_2 + d_0 d_2 unknowns.",
        weights,
        d0 * d1 + d1 * d2 + d0 * d2,
        _WEIGHTS,
    ),
    (
        "unknowns.factor",
        "Weights and the common factor of the equations have d_0 d_1 + d_1 d_2 + d_0 d_2 entries.",
        weights + d2 * d0,
        d0 * d1 + d1 * d2 + d0 * d2,
        _FACTOR,
    ),
):
    claim(
        f"001.4.1.{name}",
        title,
        source=Source("001", _AFTER_35[1]),
        statement=Identity(count, value),
        domain=sizes,
        given=("one equation for each entry of both gradients, which have the shapes of W_1 and W_2",),
        printed=_AFTER_35[0],
        reading=reading,
        stated=reading is not _WEIGHTS,
        note=_NOT_ALONE if reading is _WEIGHTS else "A count of entries.",
    )
_SHAPE_C = (
    r"C := \frac{1}{N} \sum_{\mu=1}^N \tilde{z}^\mu \tilde{z}^{\mu\top} \in \mathbb{R}^{(d_2 d_0) \times (d_2 d_0)}"
)
for name, title, count, value, printed in (
    ("shape", "C has d_2 d_0 rows.", C.shape[0], d2 * d0, _SHAPE_C),
    ("shape.stacked", "The stacked covariance has d_0 d_1 + d_1 d_2 rows.", stacked.shape[0], d0 * d1 + d1 * d2, ""),
):
    claim(
        f"001.4.2.{name}",
        title,
        source=Source("001", "4.2"),
        statement=Identity(count, value),
        domain=sizes,
        given=("both are symmetric, so that they have as many columns",),
        printed=printed,
        note="" if printed else "Derived.",
    )

S_x, S_xy = MatrixSymbol("S_x", d0, d0), MatrixSymbol("S_xy", d2, d0)
R = MatrixSymbol("R", d2, d0)
c: Any = positive("c")


def gradients(lower: sp.MatrixExpr, upper: sp.MatrixExpr) -> tuple[sp.MatrixExpr, sp.MatrixExpr]:
    """Return half the gradients (33) and (34), with the means S_x of x x^T and S_xy of y x^T."""
    gap = upper * lower * S_x - S_xy
    return upper.T * gap, gap * lower.T


def products(lower: sp.MatrixExpr, upper: sp.MatrixExpr, factor: sp.MatrixExpr) -> tuple[sp.MatrixExpr, ...]:
    """Return W_2^T R and R W_1^T."""
    return upper.T * factor, factor * lower.T


def difference(order: int, along: list[tuple[sp.MatrixExpr, ...]]) -> AllOf:
    """Return that both differences of an order, of functions at 0, 1, 2, ... times all unknowns, vanish.

    They do for polynomials of a lower degree. `along` holds the two functions at 1, 2, ..., for they are 0 at 0. What
    is subtracted stands on the right.
    """

    def side(parts: tuple[sp.MatrixExpr, ...], odd: int) -> sp.MatrixExpr:
        terms = [sp.binomial(order, k) * f for k, f in enumerate(parts, start=1) if (order - k) % 2 == odd]
        return sp.MatAdd(*terms) if len(terms) > 1 else terms[0]

    return AllOf(tuple(MatrixIdentity(side(parts, 0), side(parts, 1)) for parts in zip(*along, strict=True)))


_MOMENTS = "S_x and S_xy are the means of x x^T and y x^T; the gradients (33) and (34), without the factor 2"
claim(
    "001.4.1.degree",
    "The equations of the zero condition are quadratic in the weights: third differences along a ray vanish.",
    source=Source("001", _AFTER_35[1]),
    statement=difference(3, [gradients(k * W1, k * W2) for k in range(1, 4)]),
    domain=sizes,
    given=(_MOMENTS,),
    reading=_WEIGHTS,
    stated=False,
    note=_NOT_ALONE + " With it as unknown the equations are quadratic: 001.4.1.degree.factor.",
    printed=_AFTER_35[0],
)
claim(
    "001.4.1.degree.repaired",
    "The equations of the zero condition are cubic in the weights: fourth differences along a ray vanish.",
    source=Source("001", _AFTER_35[1]),
    statement=difference(4, [gradients(k * W1, k * W2) for k in range(1, 5)]),
    domain=sizes,
    given=(_MOMENTS, "third differences do not vanish (001.4.1.degree)"),
    repairs="001.4.1.degree",
)
claim(
    "001.4.1.degree.factor",
    "The equations of the zero condition are quadratic in the weights and the common factor.",
    source=Source("001", _AFTER_35[1]),
    statement=difference(3, [products(k * W1, k * W2, k * R) for k in range(1, 4)]),
    domain=sizes,
    given=("the equations W_2^T R = 0 and R W_1^T = 0: third differences along a ray vanish",),
    reading=_FACTOR,
    printed=_AFTER_35[0],
)
claim(
    "001.4.1.infinite",
    "Critical points come in infinite families: with (W_1, W_2) also (c W_1, W_2/c) is one, for every c.",
    source=Source("001", _AFTER_35[1]),
    statement=AllOf(
        tuple(
            MatrixIdentity(found, factor * stated)
            for found, factor, stated in zip(gradients(c * W1, W2 / c), (1 / c, c), gradients(W1, W2), strict=True)
        )
    ),
    domain=Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1), c=Positive),
    given=(
        "the gradients at the second point are 1/c and c times those at the first",
        "there is a critical point with a weight other than 0: a global minimum where S_xy != 0, any (W_1, 0) where "
        "S_xy = 0",
    ),
    printed=r"\text{we should expect the set of critical points to be infinite}",
)

samples = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"g{i + 1}{j + 1}", real=True))
means = [sum(samples[:, j]) / 3 for j in range(3)]
covariance = sp.Matrix(
    3, 3, lambda i, j: sum((samples[k, i] - means[i]) * (samples[k, j] - means[j]) for k in range(3)) / 3
)
claim(
    "001.3.2.singular.samples",
    "Three samples of three parameters have a singular noise covariance.",
    source=Source("001", "3.2, last paragraph"),
    statement=Identity(leibniz(covariance), sp.Integer(0)),
    domain=Domain(**{str(e): Real for e in samples}),
    given=("any per-sample gradients g_i1, g_i2, g_i3; no more samples than parameters: the centred ones have rank 2",),
    printed=r"\text{the noise covariance is singular i.e. not definite positive}",
)
