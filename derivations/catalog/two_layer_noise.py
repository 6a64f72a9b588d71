"""Gradients and gradient-noise covariance of a network of two layers on a data set: document 001, section 4."""

from __future__ import annotations

import sympy as sp
from sympy import Identity, KroneckerProduct, MatrixSymbol

from ..claim import Source, claim
from ..domain import Domain
from ..matrices.kronecker import SampleCovariance, SampleSum, Vec
from ..matrices.networks import NetworkSetting
from ..ranges import Integers
from ..statements.networks import AllOf, GradientNoiseCovariance, GradientOf, LayerGradient, MatrixIdentity

# Document 001: two layers, loss ||y - W_2 W_1 x||^2 averaged over N samples.

two_layers = NetworkSetting(loss_scale=sp.Integer(1), data="dataset", depth=2)
N = sp.Symbol("N", integer=True, positive=True)
d0, d1, d2 = (two_layers.width(k) for k in "012")
W1, W2 = two_layers.weight("1"), two_layers.weight("2")
x, y = two_layers.sample
Z = (W2 * W1 * x - y) * x.T
C = SampleCovariance(Z, (x, y))
shapes = Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1), N=Integers(1))


def over_data(term: sp.MatrixExpr) -> SampleSum:
    """Sum over the data set of document 001."""
    return SampleSum(term, N, (x, y))


for name, place, layer, value, printed in (
    (
        "4.1.g1",
        "4.1, first layer, index form",
        "1",
        2 / N * over_data(W2.T * (W2 * W1 * x - y) * x.T),
        r"g_{mn}^1 = \frac{\partial L_N}{\partial W_{mn}^1} = \frac{2}{N} \sum_{\mu=1}^N "
        r"x_n^\mu W_{im}^2 (W_{ik}^2 W_{kj}^1 x_j^\mu - y_i^\mu)",
    ),
    (
        "4.1.g2",
        "4.1, second layer, index form",
        "2",
        2 / N * over_data((W2 * W1 * x - y) * (W1 * x).T),
        r"g_{mn}^2 = \frac{\partial L_N}{\partial W_{mn}^2} = \frac{2}{N} \sum_{\mu=1}^N "
        r"(W_{mk}^2 W_{kj}^1 x_j^\mu - y_m^\mu) (W_{nj}^1 x_j^\mu)",
    ),
    (
        "eq33",
        "(33)",
        "1",
        2 / N * W2.T * over_data(W2 * W1 * (x * x.T) - y * x.T),
        r"g^1 = \frac{2}{N} W^{2T} \sum_{\mu=1}^N (W^2 W^1 \Sigma_x^\mu - \Sigma_{xy}^\mu)",
    ),
    (
        "eq34",
        "(34)",
        "2",
        2 / N * over_data(W2 * W1 * (x * x.T) - y * x.T) * W1.T,
        r"g^2 = \frac{2}{N} \sum_{\mu=1}^N (W^2 W^1 \Sigma_x^\mu - \Sigma_{xy}^\mu) W^{1T}",
    ),
):
    claim(
        f"001.{name}",
        f"Gradient of the mean squared error with respect to layer {layer} of the two-layer network.",
        source=Source("001", place),
        statement=LayerGradient(two_layers, layer, GradientOf.MEAN, value),
        domain=shapes,
        given=("the loss is the mean of ||y - W_2 W_1 x||^2 over N samples (4.1)",),
        printed=printed,
    )

claim(
    "001.4.2.persample",
    "Per-sample gradients are 2 W_2^T Z and 2 Z W_1^T, and their means have Z averaged.",
    source=Source("001", "4.2, per-sample and mean gradients"),
    statement=AllOf(
        (
            LayerGradient(two_layers, "1", GradientOf.SAMPLE, 2 * W2.T * Z),
            LayerGradient(two_layers, "2", GradientOf.SAMPLE, 2 * Z * W1.T),
            LayerGradient(two_layers, "1", GradientOf.MEAN, 2 * W2.T * (over_data(Z) / N)),
            LayerGradient(two_layers, "2", GradientOf.MEAN, 2 * (over_data(Z) / N) * W1.T),
        )
    ),
    domain=shapes,
    given=("Z = r x^T with r = W_2 W_1 x - y (4.2)",),
    printed=r"g_\mu^1 = 2 W^{2\top} Z^\mu, \quad "
    r"g_N^1 = \frac{2}{N} W^{2\top} \sum_{\nu} Z^\nu = 2 W^{2\top} \bar{Z}, \quad "
    r"g_\mu^2 = 2 r^\mu h^{\mu\top} = 2 Z^\mu W^{1\top}, \quad "
    r"g_N^2 = \frac{2}{N} \sum_{\nu} Z^\nu W^{1\top} = 2 \bar{Z} W^{1\top}",
)

m, n, p = sp.symbols("m n p", integer=True, positive=True)
A, B = MatrixSymbol("A", m, n), MatrixSymbol("B", n, p)
any_shape = Domain(m=Integers(1), n=Integers(1), p=Integers(1))

claim(
    "001.4.2.vec-left",
    "vec(AB) = (I kron A) vec B when vec stacks columns.",
    source=Source("001", "4.2, vectorisation trick"),
    statement=MatrixIdentity(Vec(A * B), KroneckerProduct(Identity(p), A) * Vec(B)),
    domain=any_shape,
    printed=r"\text{vec}(A B) = (I \otimes A) \text{vec } B",
)

D = MatrixSymbol("B", m, n)
F = MatrixSymbol("A", n, p)
claim(
    "001.4.2.vec-right",
    "vec(BA) = (A^T kron I) vec B when vec stacks columns.",
    source=Source("001", "4.2, vectorisation trick"),
    statement=MatrixIdentity(Vec(D * F), KroneckerProduct(F.T, Identity(m)) * Vec(D)),
    domain=any_shape,
    printed=r"\text{vec}(B A) = (A^\top \otimes I) \text{vec } B",
)

first = KroneckerProduct(Identity(d0), W2.T)
second = KroneckerProduct(W1, Identity(d2))
stacked = sp.BlockMatrix([[first], [second]])
block12 = 4 * first * C * second.T
_FIRST, _SECOND = r"I_{d_0} \otimes W^{2\top}", r"W^1 \otimes I_{d_2}"
_STACKED = rf"\begin{{bmatrix}} {_FIRST} \\ {_SECOND} \end{{bmatrix}}"
for name, rows, columns, value, printed in (
    (
        "block11",
        ("1",),
        ("1",),
        4 * first * C * first.T,
        rf"\Sigma^{{11}} = 4 ({_FIRST}) C ({_FIRST})^\top",
    ),
    (
        "block22",
        ("2",),
        ("2",),
        4 * second * C * second.T,
        rf"\Sigma^{{22}} = 4 ({_SECOND}) C ({_SECOND})^\top",
    ),
    (
        "sigma",
        ("1", "2"),
        ("1", "2"),
        sp.MatMul(4, stacked, C, sp.Transpose(stacked)),
        rf"\Sigma = 4 {_STACKED} C {_STACKED}^\top",
    ),
):
    claim(
        f"001.4.2.{name}",
        "One-sample gradient-noise covariance of the two-layer network through the covariance C of vec Z.",
        source=Source("001", "4.2, gradient-noise covariance"),
        statement=GradientNoiseCovariance(two_layers, rows, columns, value),
        domain=shapes,
        given=(
            "covariance over the data set with 1/N, columns stacked (36), (37)",
            "C is the covariance of vec Z",
        ),
        printed=printed,
    )

claim(
    "001.4.2.block12",
    "Off-diagonal block of the one-sample gradient-noise covariance, and its transpose below the diagonal.",
    source=Source("001", "4.2, the four blocks"),
    statement=AllOf(
        (
            GradientNoiseCovariance(two_layers, ("1",), ("2",), block12),
            GradientNoiseCovariance(two_layers, ("2",), ("1",), sp.Transpose(block12)),
        )
    ),
    domain=shapes,
    given=(
        "covariance over the data set with 1/N, columns stacked (36), (37)",
        "C is the covariance of vec Z",
    ),
    printed=rf"\Sigma^{{12}} = 4 ({_FIRST}) C ({_SECOND})^\top, \quad \Sigma^{{21}} = \Sigma^{{12\top}}",
)
