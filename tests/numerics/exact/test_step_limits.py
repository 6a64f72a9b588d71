"""Moments of many small steps, expanded in the step size."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.exact.step_limits import expand_flow, expand_steps, mean, same_limit

u, w = sp.symbols("u w", positive=True)
T, START = sp.Rational(3, 4), sp.Integer(2)


def close(ball, value) -> bool:
    return abs(float(ball.mid()) - float(value)) < 1e-14 * max(1.0, abs(float(value)))


def test_euler_steps_of_decay() -> None:
    """w <- (1 - u) w: (1 - u)^(t/u) = exp(-t) (1 - u t / 2 + ...)."""
    found = expand_steps(sp.Matrix([[1, 0], [0, 1 - u]]), u, T, START)
    assert close(found.zeroth[1], 2 * sp.exp(-T))
    assert close(found.first[1], -T * sp.exp(-T))
    assert found.transports


def test_the_first_correction_is_that_of_the_composed_steps() -> None:
    step = sp.Matrix([[1, 0, 0], [u / 3, 1 - 2 * u, 0], [u**2, u / 5, 1 - 3 * u + 7 * u**2]])
    found = expand_steps(step, u, sp.Integer(1), START)
    begin, n = sp.Matrix([1, 2, 4]), 4096
    at = step.subs(u, sp.Rational(1, n)).evalf(30) ** n * begin
    for k in range(3):
        change = n * (at[k] - sp.Float(str(found.zeroth[k].mid().str(25, radius=False)), 25))
        assert float(change) == pytest.approx(float(found.first[k].mid()), rel=0.01, abs=1e-3)


def test_a_flow_with_noise_does_not_only_transport() -> None:
    """dw = -w dt + dB: E w^2 = w0^2 e^(-2t) + (1 - e^(-2t))/2."""
    found = expand_flow(sp.Matrix([[0, 0, 0], [0, -1, 0], [1, 0, -2]]), u, T, START)
    assert close(mean(sp.Poly(w**2, w), found.zeroth), 4 * sp.exp(-2 * T) + (1 - sp.exp(-2 * T)) / 2)
    assert not found.transports
    assert expand_flow(sp.Matrix([[0, 0, 0], [3, -1, 0], [u, 6, -2]]), u, T, START).transports


def test_equal_generators_are_equal_limits() -> None:
    a = sp.Symbol("a", real=True)
    step, flow = sp.Matrix([[1, 0], [0, (1 - a * u) ** 2]]), sp.Matrix([[0, 0], [0, -2 * a + u]])
    assert same_limit(step, flow, u)
    assert not same_limit(step, flow - sp.Matrix([[0, 0], [0, a]]), u)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (sp.Matrix([[1, 0], [0, 2 - u]]), "step of size 0"),
        (sp.Matrix([[1, 0], [0, 1 - sp.sqrt(u)]]), "no polynomial"),
        (sp.Matrix([[1, 0], [0, 1 - sp.pi * u]]), "not rational"),
    ],
)
def test_what_has_no_such_expansion_is_refused(step: sp.Matrix, message: str) -> None:
    with pytest.raises(NumericsError, match=message):
        expand_steps(step, u, T, START)
