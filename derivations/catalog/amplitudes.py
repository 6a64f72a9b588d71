"""Diffusion and drift of amplitudes u^T W v at any weights: document 003, Propositions 3.3 and 3.4, appendices B-D."""

from __future__ import annotations

import sympy as sp
from sympy import Identity, KroneckerProduct, Trace

from ..claim import Source, claim
from ..domain import Domain
from ..matrices.kronecker import CommutationMatrix, Vec
from ..ranges import Integers, Positive, Real
from ..statements.amplitudes import (
    BATCH,
    LEARNING_RATE,
    AmplitudeQuantity,
    AmplitudeTerm,
    SecondMoment,
    column,
    direction,
)
from ..statements.mode_curvature import HessianBlocks, VanishingCurvature
from ..statements.networks import AllOf
from ..statements.scalar import Identity as ScalarIdentity
from ..symbols import real
from .gradient_noise import CONVENTION, FACTORS, E, jacobian, labels, layers, mismatch, noiseless, online, sigma

u, v, a, b = (column(online, name) for name in "uvab")
AMPLITUDES = ("c = u^T W v and c' = a^T W b with fixed columns u, v, a, b; any weights, depth and widths",)
P_i, Q_i, P_j, Q_j = online.left("i"), online.right("i"), online.left("j"), online.right("j")
R = online.between("j", "i")
K_i, K_j = P_i * P_i.T, P_j * P_j.T
N_i, N_j = Q_i.T * Q_i, Q_j.T * Q_j
REDERIVED = "Re-derived: the stored text has lost its formulas. "

# Appendix B: second moments of the data.

x, eps = online.x, online.noise
inputs = Domain(**{online.inputs.name: layers("i").ranges[online.inputs]})

claim(
    "003.b.cross",
    "The cross terms between data mismatch and label noise in the gradient-noise covariance vanish.",
    source=Source("003", "B, cross terms"),
    statement=SecondMoment(
        online,
        E * (x * x.T - Identity(online.inputs)),
        eps * x.T,
        sp.ZeroMatrix(online.inputs * online.outputs, online.inputs * online.outputs),
    ),
    domain=layers(),
    given=CONVENTION,
)

claim(
    "003.b.fourth",
    "E[vec(x x^T) vec(x x^T)^T] is vec(I) vec(I)^T plus the identity plus the commutation matrix.",
    source=Source("003", "B, Wick/Isserlis"),
    statement=SecondMoment(
        noiseless,
        x * x.T,
        x * x.T,
        Vec(Identity(online.inputs)) * Vec(Identity(online.inputs)).T
        + Identity(online.inputs**2)
        + CommutationMatrix(online.inputs, online.inputs),
    ),
    domain=inputs,
    given=("x ~ N(0, I)",),
    note=REDERIVED,
)

# Proposition 3.3: diffusion of modes and cross-modes, block by block.

grad_i = P_i.T * u * v.T * Q_i.T
grad_j = P_j.T * a * b.T * Q_j.T
block = sp.MatMul(jacobian("i").T, sp.MatAdd(mismatch, labels), jacobian("j"))

claim(
    "003.prop3.3.diffusion",
    "The diffusion of two amplitudes is the quadratic form of their gradients in the gradient-noise covariance.",
    source=Source("003", "Proposition 3.3, C"),
    statement=AmplitudeTerm(
        online,
        AmplitudeQuantity.COVARIANCE,
        ("i", "j"),
        Trace(sp.MatMul(Vec(grad_i).T, block, Vec(grad_j))),
    ),
    domain=layers("i", "j"),
    given=(*CONVENTION, *AMPLITUDES),
    note=REDERIVED + "The diffusion is the sum of these blocks over all pairs of layers. " + FACTORS,
)

claim(
    "003.prop3.3.covariation",
    "One step of SGD gives two amplitudes, to first order in it, the covariance eta^2/B times their diffusion; "
    "per unit of time, eta times steps, that is eta/B.",
    source=Source("003", "Proposition 3.3"),
    statement=AmplitudeTerm(
        online,
        AmplitudeQuantity.STEP_COVARIANCE,
        ("i", "j"),
        LEARNING_RATE**2 / BATCH * Trace(sp.MatMul(Vec(grad_i).T, block, Vec(grad_j))),
    ),
    domain=Domain(
        **{s.name: r for s, r in layers("i", "j").ranges.items()},
        eta=Positive,
        B=Integers(1),
    ),
    given=(*CONVENTION, *AMPLITUDES),
    note=REDERIVED + FACTORS,
)

ntk_i, ntk_j = KroneckerProduct(N_i, K_i), KroneckerProduct(N_j, K_j)
claim(
    "003.prop3.3.lazy",
    "Without label noise the state enters the diffusion of an amplitude through the NTK blocks N_l kron K_l and the "
    "gap only: with the NTK frozen it varies with the gap alone.",
    source=Source("003", "Proposition 3.3 and the text after it"),
    statement=AmplitudeTerm(
        noiseless,
        AmplitudeQuantity.COVARIANCE,
        ("i", "j"),
        Trace(sp.MatMul(Vec(u * v.T).T, ntk_i, mismatch, ntk_j, Vec(a * b.T))),
    ),
    domain=layers("i", "j", label_noise=False),
    given=(*CONVENTION, *AMPLITUDES, "K_l = P_l P_l^T and N_l = Q_l^T Q_l make the NTK block N_l kron K_l of layer l"),
    note=REDERIVED + FACTORS,
)

# Proposition 3.4: the general modewise SDE.

claim(
    "003.d.eq25",
    "The mixed second derivative of an amplitude puts the two directions in the places of their layers.",
    source=Source("003", "D (25)"),
    statement=AmplitudeTerm(
        noiseless,
        AmplitudeQuantity.SECOND_DERIVATIVE,
        ("i", "j"),
        Trace(u.T * P_j * direction(online, "j") * R * direction(online, "i") * Q_i * v),
    ),
    domain=layers("i", "j", label_noise=False),
    given=(*AMPLITUDES, "i < j; R = W_{j-1} ... W_{i+1}"),
    note=REDERIVED,
)

gradient_drift = -Trace(u.T * K_i * E * N_i * v)
ito_drift = (
    Trace(u.T * K_j * E * E.T * P_i * R.T * Q_j * N_i * v)
    + Trace(Q_j.T * R * P_i.T * E) * Trace(u.T * K_j * E * N_i * v)
    + sigma**2 * Trace(u.T * K_j * P_i * R.T * Q_j * N_i * v)
)
variance = (
    Trace(u.T * K_i * E * E.T * K_j * a) * Trace(v.T * N_i * N_j * b)
    + Trace(u.T * K_i * E * N_j * b) * Trace(a.T * K_j * E * N_i * v)
    + sigma**2 * Trace(u.T * K_i * K_j * a) * Trace(v.T * N_i * N_j * b)
)
claim(
    "003.prop3.4.sde",
    "The general SDE of an amplitude: gradient drift through NTK and gap, Ito drift through Hessian and noise "
    "covariance, and diffusion, each as its part by layers.",
    source=Source("003", "Proposition 3.4, D"),
    statement=AllOf(
        (
            AmplitudeTerm(online, AmplitudeQuantity.GRADIENT_DRIFT, ("i",), gradient_drift),
            AmplitudeTerm(online, AmplitudeQuantity.ITO_DRIFT, ("i", "j"), ito_drift),
            AmplitudeTerm(online, AmplitudeQuantity.COVARIANCE, ("i", "j"), variance),
        )
    ),
    domain=layers("i", "j"),
    given=(
        *CONVENTION,
        *AMPLITUDES,
        "the drift is the sum over layers of the first plus eta_b times the sum over pairs i < j of the second; the "
        "covariation rate is eta_b times the sum over all pairs of the third",
        "i < j in the second; R = W_{j-1} ... W_{i+1}; K_l = P_l P_l^T, N_l = Q_l^T Q_l",
    ),
    note=REDERIVED + FACTORS,
)

# The remark of section 3: Langevin dynamics with isotropic homogeneous noise.

claim(
    "003.remark.diffusion",
    "With isotropic homogeneous noise the diffusion of amplitudes is a quadratic form in the NTK blocks.",
    source=Source("003", "Remark, section 3"),
    statement=AmplitudeTerm(
        noiseless,
        AmplitudeQuantity.GRADIENT_PRODUCT,
        ("i",),
        Trace(sp.MatMul(Vec(u * v.T).T, ntk_i, Vec(a * b.T))),
    ),
    domain=layers("i", label_noise=False),
    given=(*AMPLITUDES, "noise of covariance tau I: the diffusion is tau times the sum over layers of this term"),
    note=REDERIVED,
)

claim(
    "003.remark.ito",
    "With isotropic noise the Ito drift of an amplitude is proportional to the trace of its Hessian, which is zero.",
    source=Source("003", "Remark, section 3"),
    statement=VanishingCurvature(HessianBlocks.SAME_LAYER, contracted=True),
    domain=Domain(L=Integers(1)),
    given=("noise of covariance tau I, which has no blocks between different layers", *AMPLITUDES),
    note="A special case of 003.d.eq27: the noise is block diagonal. Both sides of the proportionality vanish, as the "
    "trace runs over the diagonal blocks (003.prop3.4.hessdiag).",
    printed=r"\text{the Itô-induced drift is simply proportional to the trace of the Hessian of the mode amplitude}",
)

claim(
    "003.remark.frozen-state",
    "With isotropic noise the state enters the diffusion of an amplitude through the NTK only: with the NTK frozen it "
    "does not depend on the state.",
    source=Source("003", "Remark, section 3"),
    statement=AmplitudeTerm(
        noiseless, AmplitudeQuantity.GRADIENT_PRODUCT, ("i",), Trace(u.T * K_i * a) * Trace(v.T * N_i * b)
    ),
    domain=layers("i", label_noise=False),
    given=(*AMPLITUDES, "noise of covariance tau I: the diffusion is tau times the sum over layers of this term"),
    note="K_i and N_i are the factors of the NTK block of layer i. " + REDERIVED,
)

claim(
    "003.remark.frozen-isotropic",
    "With isotropic noise and a frozen NTK the diffusion of amplitudes is isotropic: the same along all modes, and "
    "none between orthogonal ones.",
    source=Source("003", "Remark, section 3"),
    statement=AmplitudeTerm(
        noiseless,
        AmplitudeQuantity.GRADIENT_PRODUCT,
        ("i",),
        Trace(K_i) * Trace(N_i) * Trace(u.T * a) * Trace(v.T * b) / (online.outputs * online.inputs),
    ),
    domain=layers("i", label_noise=False),
    given=(*AMPLITUDES, "noise of covariance tau I; isotropic: a multiple of (u.a)(v.b), which fixes the multiple"),
    reading="for any NTK at which it is frozen. 'At initialization' may mean wide random layers, whose NTK is nearly a "
    "multiple of the identity; then it is",
    stated=False,
    printed=r"\text{If the NTK is frozen at initialization, then the modewise diffusion of Langevin will be isotropic "
    r"and state-independent}",
)

w_1, w_2, k = real("w_1 w_2 k")
flat = w_2 * w_1
slope = sp.Matrix([sp.diff(flat, w) for w in (w_1, w_2)])
claim(
    "003.prop3.4.flat",
    "The Ito drift is zero where the noise is orthogonal to the directions in which the amplitude does not change; for "
    "two layers of one weight and noise k^2 along the gradient of the amplitude.",
    source=Source("003", "text after Proposition 3.4"),
    statement=ScalarIdentity((sp.hessian(flat, (w_1, w_2)) * k**2 * slope * slope.T).trace() / 2, sp.Integer(0)),
    domain=Domain(w_1=Real, w_2=Real, k=Real),
    given=("the amplitude w_2 w_1; the Ito drift is half the trace of its Hessian times the covariance of the noise",),
    reading="flat directions are those in which the amplitude has no slope, or no curvature, of which there are none "
    "here; orthogonal in the scalar product of the sentence before, that of Hessian and covariance, is true by itself",
    stated=False,
    note="It vanishes for a covariance without blocks between layers (003.d.eq27).",
    printed=r"\text{In particular, this drift induced by noise will be zero when the noise is orthogonal to the flat "
    r"directions of the mode amplitude}",
)
