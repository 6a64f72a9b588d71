"""SGD with noise in proportion to the loss: document 000, power-law paper, (6) and (14)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Positive, Real
from ...statements.euler_steps import EulerStep, RandomUpdate
from ...statements.expansions import LocalBehaviour
from ...statements.scalar import Identity
from ...symbols import positive, real

eta, count, length, h, end, r, low, top, c = positive("eta B k h R r L_0 L_s c")
u, v, w, m = real("u v w m")
state = (u, v)

# (6): regression with one weight, y = m x + noise of deviation sigma, x standard Gaussian

deviation: Any = positive("sigma")
loss_6 = ((w - m) ** 2 + deviation**2) / 2
variance_6 = 2 * (w - m) ** 2 + deviation**2
SIX = Source("000", "power-law paper, (6)")
_regression = (
    "one weight w, y = m x + noise of deviation sigma, x standard Gaussian: L = ((w - m)^2 + sigma^2)/2, H = 1, and "
    "the variance of the gradient of one sample, (w - m)^2 E x^4 + sigma^2 - (w - m)^2, is the left side; B = 1"
)
_six = r"\Sigma(\theta) \approx \frac{2L(\theta)}{B} H(\theta_\star)"
claim(
    "000.mori.eq6",
    "Near a minimum with label noise the covariance of the gradient noise is 2 L H/B to leading order: regression "
    "with one weight.",
    source=SIX,
    statement=LocalBehaviour(w, m, ((variance_6, 2 * loss_6),)),
    domain=Domain(m=Real, sigma=Positive),
    given=(_regression,),
    printed=_six,
)
claim(
    "000.mori.eq6.everywhere",
    "The covariance of the gradient noise is 2 L H/B at all weights.",
    source=SIX,
    statement=Identity(variance_6, 2 * loss_6),
    domain=Domain(w=Real, m=Real, sigma=Positive),
    given=(_regression,),
    reading="(6) as an equality at all weights",
    stated=False,
)

# (14): the clock d tau = L dt, for two parameters and any positive loss

L = sp.Function("L", positive=True)(u, v)
root = sp.Matrix(2, 2, real("H11 H12 H21 H22"))
draws = real("z1 z2")
FOURTEEN = Source("000", "power-law paper, (14)")
potential = SDE(state, [-sp.diff(L, x) / L for x in state], sp.sqrt(2 * eta / count) * root)
_two = "two parameters, any positive loss; H(theta_*) = R R^T with constant R, and the noise has the covariance (6)"
_printed_14 = (
    r"d\theta_\tau = -\nabla_\theta U(\theta_\tau) d\tau + \sqrt{\frac{2\eta}{B}} H(\theta_\star)^{1/2} dW_\tau"
)


def moved(span: sp.Expr, deviation_: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return the change over the time `span` in t, with Gaussian numbers of that deviation."""
    return tuple(
        -span * sp.diff(L, x) + sp.sqrt(2 * eta / count) * deviation_ * sum(root[i, j] * draws[j] for j in range(2))
        for i, x in enumerate(state)
    )


plane: dict[str, Any] = {
    **dict.fromkeys(map(str, (u, v, *root)), Real),
    "eta": Positive,
    "B": Positive,
}
unit = tuple((z, sp.Integer(1)) for z in draws)
claim(
    "000.mori.eq14",
    "With the clock d tau = L dt, d theta = -grad L dt + sqrt(eta Sigma) dW with (6) becomes (14), with U = log L.",
    source=FOURTEEN,
    statement=EulerStep(
        RandomUpdate(state, moved(length / L, sp.sqrt(length)), unit), potential, length
    ),
    domain=Domain(**plane, k=Positive),
    given=(_two, "a step of length k in tau is one of length k/L in t, whose noise sqrt(2 eta L H/B) dW has deviation "
           "sqrt(k) sqrt(2 eta H/B)"),
    printed=_printed_14,
)  # fmt: skip
for name, step, title, more in (
    (
        "000.mori.em",
        eta,
        "A step of mini-batch SGD with noise (6) is an Euler-Maruyama step of length eta of (14).",
        {
            "printed": r"\text{mini-batch SGD is the Euler--Maruyama scheme of the additive-noise SDE}, \quad "
            + _printed_14,
            "reading": "(14) 'with learning rate eta': steps of length eta in tau",
            "stated": False,
            "note": "The learning rate may be the step in t, which is one of length eta L in tau, by the change of "
            "time that the line begins with; then it stands: 000.mori.em.repaired.",
        },
    ),
    (
        "000.mori.em.repaired",
        eta * L,
        "A step of mini-batch SGD with noise (6) is an Euler-Maruyama step of length eta L(theta) of (14).",
        {
            "repairs": "000.mori.em",
            "reading": "steps of length eta in t, which are eta L in tau",
            "printed": r"\text{mini-batch SGD is the Euler--Maruyama scheme of the additive-noise SDE}, \quad "
            + _printed_14,
        },
    ),
):  # fmt: skip
    claim(
        name,
        title,
        source=FOURTEEN,
        statement=EulerStep(RandomUpdate(state, moved(eta, sp.sqrt(eta * L)), unit), potential, step),
        domain=Domain(**plane),
        given=(_two, "a step is -eta times a gradient of mean grad L and covariance (6)"),
        **dict[str, Any](more),
    )

# Units: rates scale with the loss

speed: Any = positive("a")
claim(
    "000.mori.scaling",
    "With a L for L and eta/a for eta, SGD with noise (6) is the same process a times as fast.",
    source=Source("000", "power-law paper, (15)"),
    statement=EulerStep(
        RandomUpdate(
            state,
            tuple(
                -speed * length * sp.diff(L, x)
                + sp.sqrt(speed * length * 2 * eta * L / count) * sum(root[i, j] * draws[j] for j in range(2))
                for i, x in enumerate(state)
            ),
            unit,
        ),
        SDE(
            state,
            [-sp.diff(speed * L, x) for x in state],
            sp.sqrt(2 * (eta / speed) * (speed * L) / count) * sp.sqrt(speed) * root,
        ),
        length,
    ),
    domain=Domain(**plane, k=Positive, a=Positive),
    given=(_two, "the update is a step of length a k of the process with L and eta; a H for H"),
    reading="a remark on 000.mori.eq15.prefactor: rates become a times as large, the printed prefactor sqrt(a) times",
    stated=False,
)
