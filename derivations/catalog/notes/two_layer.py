"""The linear network of two layers: Hessian, stochastic equation and counting, document 001, sections 3.2 and 4."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Identity, KroneckerProduct, MatrixSymbol

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.kronecker import CommutationMatrix, Vec
from ...matrices.networks import NetworkSetting
from ...ranges import AtLeast, Integers
from ...statements.hessians import LossHessian
from ...statements.networks import AllOf, GradientNoiseCovariance, GradientOf, LayerGradient, MatrixIdentity
from ..two_layer_noise import W1, W2, C, N, Z, d0, d1, d2, first, over_data, second, shapes, two_layers, x

MEAN_Z = over_data(Z) / N
LOSS = "the loss is the mean of ||y - W_2 W_1 x||^2 over N samples (4.1)"
PLACES = "Z = r x^T with r = W_2 W_1 x - y (4.2); vec stacks columns"

# Expanded loss (4.1)

width: Any = sp.Symbol("d", integer=True, positive=True)
inputs = MatrixSymbol("x", d0, 1)


def expanded(outputs: Any, hidden: Any, transposed: bool) -> MatrixIdentity:
    """Return the squared error of a sample, expanded with W_2^T W_2 or, where W_2 is square, with W_2 W_2."""
    targets = MatrixSymbol("y", outputs, 1)
    lower, upper = MatrixSymbol("W_1", hidden, d0), MatrixSymbol("W_2", outputs, hidden)
    residual = targets - upper * lower * inputs
    inner = (upper.T if transposed else upper) * upper
    return MatrixIdentity(
        residual.T * residual,
        targets.T * targets
        - targets.T * upper * lower * inputs
        - inputs.T * lower.T * upper.T * targets
        + inputs.T * lower.T * inner * lower * inputs,
    )


_SAMPLE = "Einstein summation; one sample; the middle term is written as the sum of a number and its transpose"
claim(
    "001.4.1.expanded",
    "The squared error of a sample, expanded with (W_2)_ki (W_2)_ip, a product of W_2 with itself.",
    source=Source("001", "4.1, expanded form"),
    statement=expanded(width, width, transposed=False),
    domain=Domain(d=Integers(1), d0=Integers(1)),
    given=(_SAMPLE, "the printed indices k, i, p of W_2 need as many outputs as hidden units"),
    note="Two indices are exchanged: (W_2)_ki for (W_2)_ik. The gradients that follow are right.",
    printed=r"L_N = \frac{1}{N} \sum_{\mu=1}^N \left( y_i^\mu y_i^\mu - 2 y_i^\mu W_{ik}^2 W_{kj}^1 x_j^\mu "
    r"+ x_l^\mu W_{kl}^1 W_{ki}^2 W_{ip}^2 W_{pr}^1 x_r^\mu \right)",
)
claim(
    "001.4.1.expanded.repaired",
    "The squared error of a sample, expanded with (W_2)_ik (W_2)_ip, for all widths.",
    source=Source("001", "4.1, expanded form"),
    statement=expanded(d2, d1, transposed=True),
    domain=Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1)),
    given=(_SAMPLE,),
    repairs="001.4.1.expanded",
)

# Centred gradients (4.2)

centred = Z - MEAN_Z
claim(
    "001.4.2.centred",
    "Centred per-sample gradients are 2 W_2^T (Z - mean Z) and 2 (Z - mean Z) W_1^T.",
    source=Source("001", "4.2, centred gradients"),
    statement=AllOf(
        (
            LayerGradient(two_layers, "1", GradientOf.NOISE, 2 * W2.T * centred),
            LayerGradient(two_layers, "2", GradientOf.NOISE, 2 * centred * W1.T),
        )
    ),
    domain=shapes,
    given=(LOSS, PLACES),
    printed=r"\Delta_\mu^1 := g_\mu^1 - g_N^1 = 2 W^{2\top} (Z^\mu - \bar{Z}), \quad "
    r"\Delta_\mu^2 := g_\mu^2 - g_N^2 = 2 (Z^\mu - \bar{Z}) W^{1\top}",
)
claim(
    "001.4.2.vec",
    "Stacked, the centred gradients are 2 (I kron W_2^T) and 2 (W_1 kron I) times vec(Z - mean Z).",
    source=Source("001", "4.2, vectorisation trick"),
    statement=AllOf(
        (
            LayerGradient(two_layers, "1", GradientOf.NOISE, sp.MatMul(2, first, Vec(centred)), stacked=True),
            LayerGradient(two_layers, "2", GradientOf.NOISE, sp.MatMul(2, second, Vec(centred)), stacked=True),
        )
    ),
    domain=shapes,
    given=(LOSS, PLACES),
    printed=r"\text{vec}(\Delta_\mu^1) = 2 (I_{d_0} \otimes W^{2\top}) \tilde{z}^\mu, \quad "
    r"\text{vec}(\Delta_\mu^2) = 2 (W^1 \otimes I_{d_2}) \tilde{z}^\mu",
)
claim(
    "001.3.2.singular",
    "The gradient noise of a two-layer linear network lies in a subspace: W_2^T g_2 = g_1 W_1^T for every sample.",
    source=Source("001", "3.2, last paragraph"),
    statement=AllOf(
        (
            LayerGradient(two_layers, "1", GradientOf.SAMPLE, 2 * W2.T * Z),
            LayerGradient(two_layers, "2", GradientOf.SAMPLE, 2 * Z * W1.T),
            MatrixIdentity(W2.T * (2 * Z * W1.T), (2 * W2.T * Z) * W1.T),
        )
    ),
    domain=shapes,
    given=(
        LOSS,
        "the network of section 4, at all weights and for all data; the covariance then has the null vectors "
        "(vec(A W_1), -vec(W_2 A)) for every d_1 x d_1 matrix A, and vanishes where both layers do",
    ),
    note="These are the directions in which a change of basis of the hidden layer moves the weights.",
    printed=r"\text{the noise covariance is singular i.e. not definite positive}",
)

# Hessian (4.3, left blank)

# the factor 1/N stands in front, for SymPy takes no number out of a factor of a Kronecker product
inputs_sum = over_data(x * x.T)
hessian = {
    ("1", "1"): 2 / N * KroneckerProduct(inputs_sum, W2.T * W2),
    ("2", "2"): 2 / N * KroneckerProduct(W1 * inputs_sum * W1.T, Identity(d2)),
    ("1", "2"): 2 / N * KroneckerProduct(inputs_sum * W1.T, W2.T)
    + 2 / N * KroneckerProduct(over_data(Z.T), Identity(d1)) * CommutationMatrix(d2, d1),
    ("2", "1"): 2 / N * KroneckerProduct(W1 * inputs_sum, W2)
    + 2 / N * CommutationMatrix(d1, d2) * KroneckerProduct(over_data(Z), Identity(d1)),
}
claim(
    "001.4.3.hessian",
    "The Hessian of the loss: 2 S_x kron W_2^T W_2, 2 W_1 S_x W_1^T kron I, and off the diagonal "
    "2 S_x W_1^T kron W_2^T + 2 (mean Z^T kron I) K.",
    source=Source("001", "4.3, left blank"),
    statement=AllOf(tuple(LossHessian(two_layers, *place, value) for place, value in hessian.items())),
    domain=shapes,
    given=(LOSS, PLACES, "S_x is the mean of x x^T, K_{m,n} vec X = vec X^T for every m x n matrix X"),
    note="Derived; the section is empty. Blocks (1, 1), (2, 2), (1, 2) and (2, 1), in this order.",
)

whitened = NetworkSetting(loss_scale=sp.Integer(1), data="teacher", depth=2)
E = whitened.gap
claim(
    "001.4.3.hessian.whitened",
    "With S_x = I the Hessian is 2 I kron W_2^T W_2, 2 W_1 W_1^T kron I and 2 W_1^T kron W_2^T + 2 (E^T kron I) K.",
    source=Source("001", "4.3, left blank"),
    statement=AllOf(
        (
            LossHessian(whitened, "1", "1", 2 * KroneckerProduct(Identity(d0), W2.T * W2)),
            LossHessian(whitened, "2", "2", 2 * KroneckerProduct(W1 * W1.T, Identity(d2))),
            LossHessian(
                whitened,
                "1",
                "2",
                2 * KroneckerProduct(W1.T, W2.T) + 2 * KroneckerProduct(E.T, Identity(d1)) * CommutationMatrix(d2, d1),
            ),
        )
    ),
    domain=Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1)),
    given=("loss ||W_2 W_1 x - y||^2, whitened Gaussian inputs, y = M x, E = W_2 W_1 - M",),
    note="Derived; as a function of the weights: crossproof.matrix_formula, parts 1 to 3.",
)

# Stochastic equation (4.4, left blank)

stacked = sp.BlockMatrix([[first], [second]])
claim(
    "001.4.4.sde",
    "SGD follows dW_1 = -2 W_2^T (mean Z dt - sqrt(eta/B) dM) and dW_2 = -2 (mean Z dt - sqrt(eta/B) dM) W_1^T with "
    "Cov(vec dM) = C dt.",
    source=Source("001", "4.4, left blank"),
    statement=AllOf(
        (
            LayerGradient(two_layers, "1", GradientOf.MEAN, 2 * W2.T * MEAN_Z),
            LayerGradient(two_layers, "2", GradientOf.MEAN, 2 * MEAN_Z * W1.T),
            GradientNoiseCovariance(
                two_layers, ("1", "2"), ("1", "2"), sp.MatMul(4, stacked, C, sp.Transpose(stacked))
            ),
        )
    ),
    domain=shapes,
    given=(
        LOSS,
        PLACES,
        "(23) in the Ito sense: drift minus the gradient, noise of covariance (eta/B) Sigma; vec(2 W_2^T dM) = "
        "2 (I kron W_2^T) vec dM and vec(2 dM W_1^T) = 2 (W_1 kron I) vec dM, one matrix martingale M of d_2 x d_0",
    ),
    note="Derived; the section is empty. Parts: both gradients, and the covariance of the noise at eta/B = 1.",
)

sigma = sp.Symbol("sigma", nonnegative=True)
noisy = NetworkSetting(loss_scale=sp.Integer(1), data="teacher", depth=2, label_noise=sigma)
off = W2 * W1 - noisy.teacher
spread = KroneckerProduct(Identity(d0), off)
exchange = Identity(d0**2) + CommutationMatrix(d0, d0)
claim(
    "001.4.4.sde.whitened",
    "With Gaussian inputs and label noise C = (I kron E)(I + K)(I kron E^T) + sigma^2 I, and mean Z = E.",
    source=Source("001", "4.4, left blank"),
    statement=AllOf(
        (
            LayerGradient(noisy, "1", GradientOf.MEAN, 2 * W2.T * off),
            LayerGradient(noisy, "2", GradientOf.MEAN, 2 * off * W1.T),
            GradientNoiseCovariance(
                noisy,
                ("1", "2"),
                ("1", "2"),
                sp.MatMul(
                    4,
                    stacked,
                    sp.MatAdd(sp.MatMul(spread, exchange, spread.T), sigma**2 * Identity(d0 * d2)),
                    sp.Transpose(stacked),
                ),
            ),
        )
    ),
    domain=Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1), sigma=AtLeast(0)),
    given=(
        "loss ||W_2 W_1 x - y||^2, x ~ N(0, I), y = M x + noise of covariance sigma^2 I, E = W_2 W_1 - M written out",
        "the equation of 001.4.4.sde",
    ),
    note="Derived; as functions of the weights: crossproof.matrix_formula, parts 1 to 3.",
)
