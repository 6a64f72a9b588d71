"""Label noise and the equations of which its updates are steps: document 004, appendices D.2, F and I.2."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Positive, Range, Real
from ...statements.euler_steps import EulerStep, RandomUpdate, descent
from ...statements.scalar import Identity
from ...symbols import positive, real
from ..neuron_sign_set import activation, inputs, n, neuron, neuron_given, targets, w1, w2
from ..student_dynamics import PARAMETERS, stilde, weights

eta, zeta = positive("eta zeta")
u, v = real("u v")
state = (u, v)

# Label noise (D.2): two samples, two parameters, any model

outputs = [sp.Function(f"f_{k}", real=True)(u, v) for k in (1, 2)]
labels, noises = real("y1 y2"), real("xi_1 xi_2")
jacobian = sp.Matrix(2, 2, lambda i, j: sp.diff(outputs[j], state[i]))
laws = tuple((z, zeta**2) for z in noises)
label_domain = Domain(u=Real, v=Real, y1=Real, y2=Real, eta=Positive, zeta=Positive)
label_given = ("N = 2 samples, two parameters, any smooth model f",)


def squares(scale: sp.Expr, noise: bool = True) -> sp.Expr:
    """Return `scale` times the mean square error, with or without label noise."""
    gaps = [f - y - (z if noise else 0) for f, y, z in zip(outputs, labels, noises, strict=True)]
    return scale * sum((gap**2 for gap in gaps), sp.Integer(0)) / 2


def label_flow(scale: sp.Expr, speed: sp.Expr, magnitude: sp.Expr) -> SDE:
    """Return d theta = -speed grad L dt + sqrt(2 D) dB with D = magnitude times the mean of grad f grad f^T."""
    return SDE(
        state,
        [-speed * sp.diff(squares(scale, noise=False), x) for x in state],
        sp.sqrt(magnitude) * jacobian,
    )


half = sp.Rational(1, 2)
in_20 = eta * zeta**2 / 4
for name, scale, repairs in (("004.eq20", sp.Integer(1), None), ("004.eq20.repaired", half, "004.eq20")):
    claim(
        name,
        f"With label noise, a gradient step on {'half ' if repairs else ''}the mean square error has the noise term "
        "(eta/N) sum grad f(x_i) xi_i.",
        source=Source("004", "D.2, (20)"),
        statement=EulerStep(descent(squares(scale), state, eta, laws), label_flow(scale, sp.Integer(1), in_20), eta),
        domain=label_domain,
        given=(*label_given, "compared in mean and covariance, as an Euler step of length eta"),
        repairs=repairs,
        reading=None
        if repairs
        else "the loss (f - y)^2 of a sample, as in Section 5 and appendix F; D.2 prints no loss",
        stated=bool(repairs),
        printed=r"\theta^{(t+1)} = \theta^{(t)} - \eta \nabla \mathcal{L} - \sqrt{\eta} \frac{\sqrt{\eta}}{N} "
        r"\sum_{i \in [N]} \nabla f_{\theta^{(t)}}(x_i) \xi_i",
    )

step_20 = RandomUpdate(
    state,
    tuple(
        -eta * sp.diff(squares(half, noise=False), x) - eta / 2 * sum(jacobian[i, j] * noises[j] for j in range(2))
        for i, x in enumerate(state)
    ),
    laws,
)
printed_d = eta * zeta**2 / 2
_PRINTED_21 = r"d\theta_t = -\eta \nabla \mathcal{L}(\theta_t) + \sqrt{2D_{LN}(\theta_t)} dB_t"
for suffix, length, reading in (
    (
        "",
        sp.Integer(1),
        "with dt after the drift; an update (20) stands for the time 1, so that the drifts agree, unlike in (15)-(16)",
    ),
    (".eta", eta, "with dt after the drift; an update (20) stands for the time eta, as in (15)-(16)"),
):
    claim(
        f"004.eq21{suffix}",
        "The label-noise update (20) is a step of label-noise gradient flow (21) with the diffusion matrix (22).",
        source=Source("004", "D.2, (20)-(22)"),
        statement=EulerStep(step_20, label_flow(half, eta, printed_d), length),
        domain=label_domain,
        given=label_given,
        reading=reading,
        stated=bool(suffix),
        printed=_PRINTED_21,
    )
for suffix, repaired in (("", "004.eq21"), (".eta", "004.eq21.eta")):
    claim(
        f"004.eq21{suffix}.repaired",
        "The update (20) is a step of length eta of d theta = -grad L dt + sqrt(2 D / N) dB, with D of (22).",
        source=Source("004", "D.2, (20)-(22)"),
        statement=EulerStep(step_20, label_flow(half, sp.Integer(1), printed_d / 2), eta),
        domain=label_domain,
        given=label_given,
        repairs=repaired,
    )
claim(
    "004.eq24",
    "The noise of the label-noise update (20) has the magnitude D_m = eta zeta^2 / 2 before the shape (24).",
    source=Source("004", "D.2, (22)-(24)"),
    statement=EulerStep(step_20, label_flow(half, sp.Integer(1), printed_d), eta),
    domain=label_domain,
    given=(*label_given, "drift -grad L and step eta, with which the mean of (20) is that of an Euler step"),
    note="(31) has this magnitude, too, and Appendix F declares the rescaling there; D.2 does not, where (20) has 1/N.",
    printed=r"D_m = \frac{\eta \zeta^2}{2}, \quad D_s = \frac{1}{N} \sum_{i \in [N]} \nabla f(x_i) \nabla f(x_i)^T",
)
claim(
    "004.eq24.repaired",
    "The noise of the label-noise update (20) has the magnitude eta zeta^2 / (2 N) before the shape (24).",
    source=Source("004", "D.2, (22)-(24)"),
    statement=EulerStep(step_20, label_flow(half, sp.Integer(1), printed_d / 2), eta),
    domain=label_domain,
    given=label_given,
    repairs="004.eq24",
)

# The single neuron (F)

_noises = real("zeta_1 zeta_2")
neuron_domain = Domain(
    **dict.fromkeys(("w1", "w2", "x2", "y1", "y2", "g", "c2", "c3"), Real), x1=Positive, eta=Positive, zeta=Positive
)
for name, scale, repairs in (("004.eq31", sp.Integer(1), None), ("004.eq31.repaired", half, "004.eq31")):
    neuron_loss = (
        scale
        / n
        * sum(
            ((w2 * activation(w1 * x) - y - z) ** 2 for x, y, z in zip(inputs, targets, _noises, strict=True)),
            sp.Integer(0),
        )
    )
    claim(
        name,
        f"Gradient steps of a neuron on {'half ' if repairs else ''}the label-noise loss are Euler steps of (31).",
        source=Source("004", "F, (31)"),
        statement=EulerStep(descent(neuron_loss, (w1, w2), eta, tuple((z, n * zeta**2) for z in _noises)), neuron, eta),
        domain=neuron_domain,
        given=(*neuron_given, "label noise of variance n zeta^2: with the declared factor 1/sqrt(n) in place of 1/n"),
        repairs=repairs,
        printed=r"\mathcal{L}(w_1, w_2, t) = \frac{1}{n} \sum_{i \in [n]} (f(x_i; w_1, w_2) - y_i - \zeta_{i,t})^2",
        note="" if repairs else "The factor 2 of the derivative is missing in (31), in the drift and in the noise.",
    )

# The student (I.2)

a, b = weights.state
z = real("z")
claim(
    "004.eq40",
    "The decoupled updates (38)-(39) of one mode are steps of length eta of (40), with one shared Brownian motion.",
    source=Source("004", "I.2, (38)-(40)"),
    statement=EulerStep(
        RandomUpdate(
            (a, b),
            (-eta * b * (b * a - stilde + z), -eta * (b * a - stilde + z) * a),
            ((z, zeta**2),),
        ),
        weights,
        eta,
    ),
    domain=Domain(a=Real, b=Real, **PARAMETERS),
    printed=r"d (a_i, b_i) = -(b_i, a_i) (a_i b_i - \tilde{s}_i) dt + \sqrt{\eta \zeta^2} (b_i, a_i) dB_t",
)


def matrix(name: str) -> sp.Matrix:
    """Return a 2 x 2 matrix of real symbols."""
    return sp.Matrix(2, 2, real(f"{name}1:3(1:3)"))


def entries(*names: str) -> dict[str, Range]:
    """Return the ranges of the entries of `matrix`."""
    return {f"{name}{i}{j}": Real for name in names for i in (1, 2) for j in (1, 2)}


y11: sp.Symbol = positive("y11")
first, second, X, Y, C = (matrix(name) for name in "pqxyc")
Y[0, 0] = y11
residual = second * first * X - Y
squared = sum((e**2 for e in residual), sp.Integer(0))
updates = {
    "36": (first, second.T * (second * first * X * X.T - Y * X.T)),
    "37": (second, (second * first * X * X.T - Y * X.T) * first.T),
}
for number, (layer, printed) in updates.items():
    suffix = "" if number == "36" else ".w2"
    for error, halved in ((squared / sum((e**2 for e in Y), sp.Integer(0)), False), (squared / 2, True)):
        claim(
            f"004.eq34.gd{suffix}{'.repaired' if halved else ''}",
            f"Without label noise ({number}) is gradient descent with learning rate eta on "
            f"{'half the squared error ||W X - Y||^2.' if halved else 'E_train of (34).'}",
            source=Source("004", f"I.2, (34), ({number})"),
            statement=Identity(
                sum((c * eta * sp.diff(error, w) for c, w in zip(C, layer, strict=True)), sp.Integer(0)),
                eta * (C.T * printed).trace(),
            ),
            domain=Domain(y11=Positive, **{k: r for k, r in entries(*"pqxyc").items() if k != "y11"}, eta=Positive),
            given=("2 x 2 matrices p = W_1, q = W_2, x = X, y = Y != 0; compared along any direction c",),
            repairs=f"004.eq34.gd{suffix}" if halved else None,
            reading=None if halved else "eta multiplies the gradient of E_train itself, no constant absorbed in it",
            stated=halved,
            printed=r"\mathcal{E}_{\text{train}} = \frac{\|\hat{W}X - Y\|_F^2}{\|Y\|_F^2}",
        )


def rotation(h: sp.Symbol) -> sp.Matrix:
    """Return the rotation by the angle of half-tangent h."""
    return sp.Matrix([[1 - h**2, -2 * h], [2 * h, 1 - h**2]]) / (1 + h**2)


turns = real("o p q")
Q, U, V = (rotation(h) for h in turns)
A, B, S, Z = (sp.diag(*real(f"{name}1:3")) for name in "absz")
error = (U * B * Q.T) * (Q * A * V.T) - U * S * V.T + U * Z * V.T
decoupled = B * A - S + Z
for number, suffix, moved, stated in (
    ("38", "", Q.T * (Q * A * V.T - eta * (U * B * Q.T).T * error) * V, A - eta * B.T * decoupled),
    ("39", ".b", U.T * (U * B * Q.T - eta * error * (Q * A * V.T).T) * Q, B - eta * decoupled * A.T),
):
    claim(
        f"004.eq38{suffix}",
        f"Under A1-A3 the update transforms to ({number}), whose off-diagonal entries vanish.",
        source=Source("004", f"I.2, ({number})"),
        statement=Identity((C.T * moved).trace(), (C.T * stated).trace()),
        domain=Domain(
            **{str(e): Real for e in (*turns, *(d for m in (A, B, S, Z) for d in m.diagonal()))},
            **entries("c"),
            eta=Positive,
        ),
        given=(
            "2 x 2 matrices; O, U and V are the rotations by the angles of half-tangents o, p, q",
            "A1: X X^T = I; A2: Z X^T = U diag(z) V^T; A3: W_1 = O A V^T, W_2 = U B O^T; Sigma_yx = U S V^T",
            "compared along any direction c, so in all entries",
        ),
        printed=r"A^{(t+1)} = A^{(t)} - \eta (B^{(t)})^\top (B^{(t)} A^{(t)} - \tilde{S} + \text{diag}(z^{(t)}))",
    )
