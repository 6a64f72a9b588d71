"""Gradients and gradient-noise covariance of linear networks of any depth: document 003, section 3."""

from __future__ import annotations

import sympy as sp
from sympy import Identity, KroneckerProduct, MatrixSymbol

from ..claim import Source, claim
from ..domain import Domain
from ..matrices.kronecker import CommutationMatrix, Vec
from ..matrices.networks import NetworkSetting
from ..ranges import AtLeast, Integers
from ..statements.invariances import (
    LOWER,
    UPPER,
    CriticalWhen,
    FlowInvariant,
    HiddenBasisChange,
    Invariant,
    basis_change,
)
from ..statements.networks import AllOf, GradientNoiseCovariance, GradientOf, LayerGradient, NetworkJacobian

# Document 003: any depth, loss 1/2 ||W x - y||^2, x ~ N(0, I), y = M x + epsilon. Its formulas are re-derived.

half = sp.Rational(1, 2)
sigma = sp.Symbol("sigma", nonnegative=True)
online = NetworkSetting(loss_scale=half, data="teacher", label_noise=sigma)
noiseless = NetworkSetting(loss_scale=half, data="teacher")
CONVENTION = (
    "per-sample loss 1/2 ||W_L ... W_1 x - y||^2",
    "whitened Gaussian inputs, y = M x + epsilon, independent label noise of covariance sigma^2 I (2.3, B)",
    "P_l = W_L ... W_{l+1}, Q_l = W_{l-1} ... W_1, E = W_L ... W_1 - M, vec stacks columns",
)
FACTORS = "With the loss ||W x - y||^2 gradients are twice and covariances four times as large."
E, M = online.gap, online.teacher


def layers(*names: str, label_noise: bool = True) -> Domain:
    """All widths, and any label noise, for statements about the layers `names`."""
    widths = [online.inputs, online.outputs, *(d for k in names for d in online.layer_shape(k))]
    return Domain(**{d.name: Integers(1) for d in widths}, **({"sigma": AtLeast(0)} if label_noise else {}))


def jacobian(layer: str) -> sp.MatrixExpr:
    """J_l = Q_l^T kron P_l."""
    return KroneckerProduct(online.right(layer).T, online.left(layer))


P, Q = online.left("l"), online.right("l")

claim(
    "003.prop3.1.jacobian",
    "The Jacobian of the end-to-end map with respect to layer l is Q_l^T kron P_l.",
    source=Source("003", "Proposition 3.1"),
    statement=NetworkJacobian(noiseless, "l", jacobian("l")),
    domain=layers("l", label_noise=False),
    given=CONVENTION[2:],
    note="Re-derived: the stored text has lost its formulas.",
)

claim(
    "003.prop3.1.gradient",
    "The population gradient for layer l is the gap between the transposed partial products.",
    source=Source("003", "Proposition 3.1"),
    statement=LayerGradient(online, "l", GradientOf.MEAN, P.T * E * Q.T),
    domain=layers("l"),
    given=CONVENTION,
    note=FACTORS,
)

claim(
    "003.prop3.1.vec",
    "The vectorised population gradient is the transposed Jacobian applied to vec of the gap.",
    source=Source("003", "Proposition 3.1"),
    statement=LayerGradient(online, "l", GradientOf.MEAN, sp.MatMul(jacobian("l").T, Vec(E)), stacked=True),
    domain=layers("l"),
    given=CONVENTION,
    note=FACTORS + " The full gradient stacks these blocks over the layers.",
)

claim(
    "003.prop3.1.critical",
    "The gradient for a layer vanishes if and only if the Jacobian is orthogonal to the gap: J_l^T vec(E) = 0.",
    source=Source("003", "text after Proposition 3.1"),
    statement=CriticalWhen(online, sp.MatMul(jacobian("l").T, Vec(E))),
    domain=layers("l"),
    given=CONVENTION,
    note="For the full gradient, which stacks the layers, the condition holds for all of them. " + FACTORS,
)

change = basis_change(online)
for name, invariant, title in (
    ("loss-gl", Invariant.LOSS, "The loss is invariant under a change of basis of a hidden layer."),
    ("crit-gl", Invariant.CRITICAL_POINTS, "The zero set of the gradient is invariant under the same action."),
):
    claim(
        f"003.prop3.1.{name}",
        title,
        source=Source("003", "text after Proposition 3.1"),
        statement=HiddenBasisChange(
            online,
            change * online.weight(LOWER),
            online.weight(UPPER) * sp.Inverse(change),
            invariant,
        ),
        domain=layers(LOWER, UPPER),
        given=(*CONVENTION, "W_l becomes G W_l and W_{l+1} becomes W_{l+1} G^-1, det G != 0"),
    )

claim(
    "003.a1.flow",
    "Gradient flow preserves the balance W_{l+1}^T W_{l+1} - W_l W_l^T of neighbouring layers.",
    source=Source("003", "2.4 (A1)"),
    statement=FlowInvariant(
        online,
        online.weight(UPPER).T * online.weight(UPPER) - online.weight(LOWER) * online.weight(LOWER).T,
    ),
    domain=layers(LOWER, UPPER),
    given=CONVENTION,
    note="Any loss of the end-to-end matrix has this invariant; balanced weights are its zero.",
)

claim(
    "003.b.noise",
    "The one-sample gradient noise of layer l is P_l^T (E (x x^T - I) - epsilon x^T) Q_l^T.",
    source=Source("003", "B, per-sample gradient noise"),
    statement=LayerGradient(
        online,
        "l",
        GradientOf.NOISE,
        P.T * (E * (online.x * online.x.T - Identity(online.inputs)) - online.noise * online.x.T) * Q.T,
    ),
    domain=layers("l"),
    given=CONVENTION,
    note=FACTORS,
)

gap_left = KroneckerProduct(Identity(online.inputs), E)
bracket = Identity(online.inputs**2) + CommutationMatrix(online.inputs, online.inputs)
mismatch = sp.MatMul(gap_left, bracket, gap_left.T)
labels = sigma**2 * Identity(online.inputs * online.outputs)

claim(
    "003.prop3.2.cov",
    "Each block of the gradient-noise covariance: Jacobians around gap terms, commutation matrix and label noise.",
    source=Source("003", "Proposition 3.2, B"),
    statement=GradientNoiseCovariance(
        online, ("i",), ("j",), sp.MatMul(jacobian("i").T, sp.MatAdd(mismatch, labels), jacobian("j"))
    ),
    domain=layers("i", "j"),
    given=CONVENTION,
    note=FACTORS,
)

claim(
    "003.prop3.2.split",
    "The gradient-noise covariance is a data-mismatch term in the gap plus a label-noise term free of it.",
    source=Source("003", "1.1, Proposition 3.2"),
    statement=GradientNoiseCovariance(
        online,
        ("i",),
        ("j",),
        sp.MatMul(jacobian("i").T, mismatch, jacobian("j"))
        + sigma**2 * KroneckerProduct(online.right("i") * online.right("j").T, online.left("i").T * online.left("j")),
    ),
    domain=layers("i", "j"),
    given=CONVENTION,
    note=FACTORS,
)

noiseless_minimum = NetworkSetting(loss_scale=half, data="teacher", at_teacher=True)
claim(
    "003.prop3.2.zero-min",
    "Without label noise the gradient-noise covariance vanishes at global minima.",
    source=Source("003", "text after Proposition 3.2"),
    statement=GradientNoiseCovariance(
        noiseless_minimum,
        ("i",),
        ("j",),
        sp.ZeroMatrix(sp.Mul(*online.layer_shape("i")), sp.Mul(*online.layer_shape("j"))),
    ),
    domain=layers("i", "j", label_noise=False),
    given=(*CONVENTION, "sigma = 0 and W_L ... W_1 = M"),
)

claim(
    "003.prop3.2.zero-jac",
    "Without label noise the gradient-noise covariance vanishes where the Jacobian does.",
    source=Source("003", "text after Proposition 3.2"),
    statement=AllOf(
        tuple(
            GradientNoiseCovariance(
                NetworkSetting(loss_scale=half, data="teacher", silent=("i", side)),
                ("i",),
                ("j",),
                sp.ZeroMatrix(sp.Mul(*online.layer_shape("i")), sp.Mul(*online.layer_shape("j"))),
            )
            for side in ("after", "before")
        )
    ),
    domain=layers("i", "j", label_noise=False),
    given=(*CONVENTION, "sigma = 0", "Q_i^T kron P_i = 0: one of the partial products around layer i is zero"),
    note="It vanishes there with label noise too.",
)

u = MatrixSymbol("u", online.outputs, 1)
v = MatrixSymbol("v", online.inputs, 1)
claim(
    "003.prop3.3.grad",
    "The gradient of the mode amplitude u^T W v with respect to layer l is P_l^T u v^T Q_l^T.",
    source=Source("003", "Proposition 3.3"),
    statement=LayerGradient(noiseless, "l", GradientOf.MODE, P.T * u * v.T * Q.T),
    domain=layers("l", label_noise=False),
    given=(*CONVENTION[2:], "u and v are fixed"),
    note="Re-derived: the stored text has lost its formulas.",
)
