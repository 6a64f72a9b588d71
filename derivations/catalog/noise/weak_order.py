"""How close stochastic gradient flow is to SGD: document 004, footnote 6."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Integers, Positive, Real
from ...statements.classes.weak_orders import WeakApproximation
from ...statements.euler_steps import RandomUpdate
from ...symbols import dimension, positive, real

eta: sp.Symbol = positive("eta")
beta: Any = dimension("beta")
u, v = real("u v")
state = (u, v)
draws = real("z_1 z_2")
loss = sp.Function("L", real=True)(u, v)
slopes = [sp.diff(loss, x) for x in state]
sigma = sp.Matrix(2, 2, lambda i, j: sp.Function(f"Sigma_{i + 1}{j + 1}", real=True)(u, v))
mini_batch = RandomUpdate(
    state,
    tuple(
        -eta * g + eta / sp.sqrt(beta) * sum((sigma[i, j] * draws[j] for j in range(2)), sp.Integer(0))
        for i, g in enumerate(slopes)
    ),
    tuple((z, sp.Integer(1)) for z in draws),
)
place = Source("004", "footnote 6")
domain = Domain(u=Real, v=Real, eta=Positive, beta=Integers(1))
given = (
    "two parameters, any loss and any root Sigma of the covariance of the per-sample gradients, smooth with bounded "
    "derivatives",
    "a batch has the noise Sigma z / sqrt(beta), z of any law with mean 0 and covariance 1 (004.mean-noise, 004.eq15)",
)
claim(
    "004.fn6",
    "Stochastic gradient flow (3) is a weak approximation of order 1 of SGD.",
    source=place,
    statement=WeakApproximation(mini_batch, SDE(state, [-g for g in slopes], sp.sqrt(eta / beta) * sigma), eta),
    domain=domain,
    given=given,
    printed=r"\text{Eq. 3 is an order 1 weak approximation of Eq. 2}",
    note="At a fixed time the noise of (3) is of the order of the error: 004.fn6.flow.",
)
claim(
    "004.fn6.flow",
    "Gradient flow without any noise is a weak approximation of order 1 of SGD, too.",
    source=place,
    statement=WeakApproximation(mini_batch, SDE(state, [-g for g in slopes], [0, 0]), eta),
    domain=domain,
    given=given,
    reading="the order alone, which does not tell (3) from gradient flow; moments of a step do (004.moments.repaired)",
    stated=False,
)
