"""The central flow holds the sharpness at 2/eta, with the mean square of gradient descent's own oscillation."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import real
from crossproof.numerics.models.central_flow import sharpness_of, with_central_flow
from crossproof.numerics.models.run import model_states

x, y, z = real("x, y, z")
RATE = sp.Rational(1, 4)
#: Progressive sharpening: the curvature 1 + y along x grows to 2/RATE at y = EDGE, and on to y = 8 where it may.
LOSS = (1 + y) * x**2 / 2 - 2 * y / 5 + y**2 / 40
FLOW = SDE([x, y], [-sp.diff(LOSS, x), -sp.diff(LOSS, y)], sp.zeros(2, 1))
EDGE = 7.0


def at(sde: SDE, start: list[float], horizon: float, steps: int = 2000) -> np.ndarray:
    states, _ = model_states(sde, {}, start, horizon=horizon, steps=steps, paths=1)
    return states[0, 0].numpy()


def test_sharpness_is_the_largest_eigenvalue() -> None:
    loss = x**4 - x * y + sp.cos(x + 2 * y)
    point = {x: sp.Rational(1, 3), y: sp.Rational(-2, 5)}
    wanted = np.linalg.eigvalsh(np.array(sp.hessian(loss, (x, y)).subs(point).evalf().tolist(), dtype=float))
    assert float(sharpness_of([x, y], loss).subs(point)) == pytest.approx(wanted[-1], rel=1e-12)
    assert sharpness_of(x, x**4) == 12 * x**2
    with pytest.raises(DomainError, match="give sharpness="):
        sharpness_of([x, y, z], x * y * z)


def test_the_sharpness_rests_at_the_edge() -> None:
    """The overshoot is that of a step; without the term, y runs on."""
    central = with_central_flow(FLOW, rate=RATE, sharpness=1 + y)
    assert at(central, [0.0, 6.0], 40.0)[1] == pytest.approx(EDGE, abs=0.1 * 40 / 2000)
    assert at(FLOW, [0.0, 6.0], 40.0)[1] == pytest.approx(8 - 2 * np.exp(-2), rel=1e-3)
    closed = with_central_flow(FLOW, rate=RATE, sharpness=sharpness_of([x, y], LOSS))
    assert at(closed, [0.0, 6.0], 40.0)[1] == pytest.approx(EDGE, abs=0.1 * 40 / 2000)


def test_below_the_edge_nothing_is_added() -> None:
    central = with_central_flow(FLOW, rate=RATE, sharpness=1 + y)
    assert at(central, [0.4, 1.0], 5.0) == pytest.approx(at(FLOW, [0.4, 1.0], 5.0), rel=1e-13)


def test_the_push_is_that_of_the_oscillation_of_gradient_descent() -> None:
    """sigma^2 = 2 (b . grad S)_+ / |grad S|^2 = 2 (2/5 - 7/20) = 1/10: x^2 in the cycle that descent ends in."""
    central = with_central_flow(FLOW, rate=RATE, sharpness=1 + y)
    edge = {x: 0, y: EDGE}
    push = [float((b - f).subs(edge)) for b, f in zip(central.drift, FLOW.drift, strict=True)]
    # at the edge itself the sign is 0 and the push half of what it is above
    assert push == pytest.approx([0.0, -0.1 / 4], rel=1e-12)
    weights = np.array([0.1, 6.5])
    for _ in range(10_000):
        weights = weights - 0.25 * np.array([
            (1 + weights[1]) * weights[0], weights[0] ** 2 / 2 - 0.4 + weights[1] / 20
        ])  # fmt: skip
    assert weights[0] ** 2 == pytest.approx(0.1, rel=1e-6)
    assert weights[1] == pytest.approx(EDGE, rel=1e-6)


def test_what_has_no_central_flow_is_refused() -> None:
    with pytest.raises(DomainError, match="leave the term out"):
        with_central_flow(FLOW, rate=RATE, sharpness=sp.Integer(3))
    with pytest.raises(DomainError, match="ito_drift"):
        with_central_flow(SDE(x, -x, x, "stratonovich"), rate=RATE, sharpness=x**2)
