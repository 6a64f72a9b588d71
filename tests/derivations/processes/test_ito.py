"""Ito's formula, extended path states and the trace algebra against independent calculations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from crossproof.checks.strategies import points
from crossproof.derivations.calculus.paths import extend
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.matrix_flow import MatrixFlow, log_determinant_rates, multiply
from crossproof.derivations.processes.ito import generator, noise, transform
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.fokker_planck_form import FokkerPlanckForm
from crossproof.derivations.statements.processes import PathSolution, SDETransform

x, y = sp.symbols("x y", real=True)
s = sp.Symbol("s", positive=True)
mu, sigma = sp.symbols("mu sigma", real=True)
t = sp.Symbol("t", nonnegative=True)
B = sp.Function("B", real=True)


def test_square_of_brownian_motion() -> None:
    brownian = SDE(x, 0, 1)
    assert generator(brownian, x**2) == 1
    assert noise(brownian, x**2) == sp.ImmutableMatrix([[2 * x]])


def test_mixed_second_derivatives_count_twice() -> None:
    shared = SDE((x, y), [0, 0], [1, 2])
    assert generator(shared, x * y) == 2


@settings(max_examples=10)
@given(points(Domain(mu=Real, sigma=Real, s=Positive)))
def test_log_then_exp_returns_geometric_brownian_motion(point: dict[sp.Symbol, sp.Expr]) -> None:
    source = SDE(s, mu * s, sigma * s)
    log = transform(source, x, sp.log(s), sp.exp(x))
    back = transform(log, s, sp.exp(x), sp.log(s))
    assert sp.simplify((back.drift[0] - source.drift[0]).subs(point)) == 0
    assert sp.simplify((back.diffusion[0, 0] - source.diffusion[0, 0]).subs(point)) == 0


def test_transform_refuses_what_it_cannot_do() -> None:
    with pytest.raises(ClaimError, match="does not invert"):
        transform(SDE(s, s, s), x, sp.log(s), 2 * sp.exp(x))
    with pytest.raises(ClaimError, match="one-dimensional"):
        transform(SDE((x, y), [0, 0], [1, 1]), s, x, s)


def test_extended_path_of_an_integral_functional() -> None:
    tau = sp.Symbol("tau")
    solution = sp.exp(B(t)) * sp.Integral(sp.exp(-B(tau)), (tau, 0, t))
    path = extend(PathSolution(SDE(x, 1 + x / 2, x), solution, t, B, sp.Integer(0)))
    (a,) = path.integrals
    assert path.value == sp.exp(path.brownian) * a
    assert a.is_positive
    assert sp.expand(generator(path.sde, path.value) - (1 + path.value / 2)) == 0


def test_path_solution_refuses_other_integrals() -> None:
    tau = sp.Symbol("tau")
    with pytest.raises(ClaimError, match="must run from 0"):
        PathSolution(SDE(x, 0, 1), sp.Integral(B(tau), (tau, 0, 1)), t, B, sp.Integer(0))
    with pytest.raises(ClaimError, match="other than"):
        extend(PathSolution(SDE(x, 0, 1), B(2 * t), t, B, sp.Integer(0)))


def test_statements_refuse_what_they_cannot_hold() -> None:
    with pytest.raises(ClaimError, match="image"):
        SDETransform(SDE(x, 0, 1), x**2, SDE(x, 1, 1))
    with pytest.raises(ClaimError, match="coordinates"):
        SDETransform(SDE(x, 0, 1), x**2, SDE((y, s), [0, 0], [1, 1]))
    with pytest.raises(ClaimError, match="density"):
        FokkerPlanckForm(SDE(x, 0, 1), x, x)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 2), (1, 2, 2), (2, 2, 1)])
def test_trace_words_agree_with_explicit_matrices(shape: tuple[int, int, int]) -> None:
    p, k, n = shape
    names = sp.symbols("p k n", integer=True, positive=True)
    gram = sp.Symbol("gram", positive=True)
    flow = MatrixFlow(*names, sp.Integer(1), gram)
    drift, word = log_determinant_rates(flow)
    assert word == {}
    X = np.arange(1.0, 1 + n * p).reshape(n, p)
    total = 0.0
    for i, a in itertools.product(range(n), range(k)):  # E tr(xi^2) is the sum over unit noise entries
        e = np.zeros((n, k))
        e[i, a] = 1
        xi = np.block([[np.zeros((p, p)), X.T @ e], [e.T @ X, np.zeros((k, k))]])
        total += np.trace(xi @ xi)
    values = dict(zip((*names, gram), (p, k, n, sp.Integer(int((X**2).sum()))), strict=True))
    assert float(drift.subs(values)) == pytest.approx(-total)


def test_contraction_of_untransposed_pair() -> None:
    names = sp.symbols("p k n", integer=True, positive=True)
    flow = MatrixFlow(*names, sp.Integer(1), sp.Symbol("gram", positive=True))
    one = sp.Integer(1)
    word = {(("M", False), ("E", False), ("N", False), ("E", False)): one}
    assert flow.mean_trace([[word, {}], [{}, {}]]) == sp.Symbol("tr_MNT")
    assert flow.trace(multiply(flow.noise_blocks(), flow.drift_blocks())) != {}
    assert flow.mean_trace(multiply(flow.noise_blocks(), flow.drift_blocks())) == 0
