"""Brownian paths, path functionals, one-step rates, backward equation, matrix steps."""

from __future__ import annotations

import math

import pytest
import sympy as sp
import torch
from hypothesis import given, settings

from crossproof.checks.strategies import points
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.ito import generator as ito_generator
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.processes import PathSolution
from crossproof.numerics.diffusions.backward_equation import backward_expectation
from crossproof.numerics.diffusions.generator import gauss_hermite, step_rates
from crossproof.numerics.networks.matrix_flow import MatrixProblem
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream
from crossproof.numerics.simulation.paths import brownian_increments, coarsen, path_values

x, s = sp.Symbol("x", real=True), sp.Symbol("s", positive=True)
k = sp.Symbol("k", positive=True)
t, tau = sp.Symbol("t", nonnegative=True), sp.Symbol("tau", nonnegative=True)
B = sp.Function("B", real=True)
KEY = key_words(3, "paths")
OU = SDE(x, -k * x, sp.sqrt(2))


def test_path_integral_is_the_trapezoidal_sum() -> None:
    dw = brownian_increments(4, 3, 1, 2.0, KEY)
    statement = PathSolution(SDE(x, 0, 1), sp.Integral(B(tau) ** 2, (tau, 0, t)) + t, t, B, sp.Integer(0))
    path = torch.cat([torch.zeros(1, 3, dtype=torch.float64), dw[:, :, 0].cumsum(0)])
    assert torch.allclose(path_values(statement, {}, dw, 2.0), torch.trapezoid(path**2, dx=0.5, dim=0) + 2)


def test_coarsened_increments_are_those_of_the_same_path() -> None:
    dw = brownian_increments(8, 3, 2, 1.0, KEY)
    assert torch.allclose(coarsen(dw).sum(0), dw.sum(0))
    with pytest.raises(NumericsError, match="halved"):
        coarsen(dw[:3])
    with pytest.raises(NumericsError, match="positive"):
        brownian_increments(0, 1, 1, 1.0, KEY)


@settings(max_examples=15)
@given(points(Domain(x=Real, k=Positive), largest=20))
def test_step_rates_agree_with_ito_formula(point: dict[sp.Symbol, sp.Expr]) -> None:
    sde = SDE(x, -k * x, 1 + x**2)
    f = sp.exp(x / 3) + x**2
    drift, variance = step_rates(sde, f, point)
    assert drift.value == pytest.approx(float(ito_generator(sde, f).subs(point)), rel=1e-6, abs=1e-9)
    row = float((sp.diff(f, x) * (1 + x**2)).subs(point))
    assert variance.value == pytest.approx(row**2, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("horizon", [0.25, 1.0, 3.0])
def test_backward_equation_solves_ornstein_uhlenbeck(horizon: float) -> None:
    sde = SDE(x, -k * x, sp.Integer(1))
    got = backward_expectation(sde, {k: 2}, x**2, 1.5, horizon)
    exact = 1.5**2 * math.exp(-4 * horizon) + (1 - math.exp(-4 * horizon)) / 4
    assert got.value == pytest.approx(exact, rel=1e-4)
    assert abs(got.value - exact) <= 3 * got.error


def test_backward_equation_of_geometric_brownian_motion_in_the_logarithm() -> None:
    got = backward_expectation(SDE(s, k * s, s / 2), {k: 1}, s, 2.0, 1.0)
    assert got.value == pytest.approx(2 * math.e, rel=1e-4)


def test_backward_equation_refuses_bad_arguments() -> None:
    with pytest.raises(NumericsError, match="horizon"):
        backward_expectation(SDE(x, -x, 1), {}, x, 0.0, 0.0)
    with pytest.raises(NumericsError, match="positive"):
        backward_expectation(SDE(s, s, s), {}, s, -1.0, 1.0)
    with pytest.raises(NumericsError, match="noise vanishes"):
        backward_expectation(SDE(x, 0, x), {}, x, 0.0, 1.0)


def test_gauss_hermite_is_a_product_rule() -> None:
    z, w = gauss_hermite(6, 3)
    assert float(w.sum()) == pytest.approx(1)
    assert float((w * z[0] ** 2 * z[2] ** 4).sum()) == pytest.approx(3)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 3), (2, 2, 2)])
def test_matrix_step_multiplies_by_the_printed_blocks(shape: tuple[int, int, int]) -> None:
    p, k_, n = shape
    problem = MatrixProblem(*shape)
    noise = RandomStream(KEY).normal(1, n, k_)
    theta = problem.Theta
    w1, w2 = theta[:, :p].T, theta[:, p:]
    corner = 0.1 * problem.X.T @ (problem.Y - problem.X @ w1 @ w2) + 0.5 * problem.X.T @ noise[0]
    zeros = [torch.zeros(m, m, dtype=torch.float64) for m in (p, k_)]
    increment = torch.cat([torch.cat([zeros[0], corner], 1), torch.cat([corner.T, zeros[1]], 1)])
    got = problem.step(theta[None], 0.25, 0.1, noise)
    assert torch.allclose(got[0], theta + theta @ increment)
    assert float(torch.linalg.det(theta)) != 0


def test_matrix_problem_refuses_empty_shapes() -> None:
    with pytest.raises(NumericsError, match="at least 1"):
        MatrixProblem(0, 1, 1)


def test_backward_equation_knows_when_its_interval_is_too_short():
    """de = -e dt + sqrt((2 e^2 + s^2)/n) dB: for n = 3/2 the second moment lives in far tails."""

    def second_moment(n):
        sde = SDE(x, -x, sp.sqrt((2 * x**2 + 4) / n))
        decay = 2 - 2 / n
        exact = float(sp.exp(-decay) * (1 - 4 / n / decay) + 4 / n / decay)
        return backward_expectation(sde, {}, x**2, -1.0, 1.0), exact

    got, exact = second_moment(sp.Integer(5))
    assert abs(got.value - exact) <= 10 * got.error
    with pytest.raises(NumericsError, match="tails"):
        second_moment(sp.Rational(3, 2))
