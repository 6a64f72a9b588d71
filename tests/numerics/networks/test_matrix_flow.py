"""The equation of the multiplicative matrix process against its step in arrays."""

from __future__ import annotations

import pytest
import sympy as sp
import torch

from crossproof.numerics.networks.matrix_flow import MatrixProblem
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.simulation.paths import brownian_increments
from crossproof.numerics.simulation.simulate import plan_of
from crossproof.numerics.simulation.states import states

V, T, KEY = sp.Rational(2, 3), 0.05, key_words(5, "matrices")


@pytest.mark.parametrize("shape", [(1, 1, 2), (2, 1, 2), (1, 2, 3)], ids=str)
def test_two_euler_steps_of_the_equation_are_two_steps_of_the_matrices(shape: tuple[int, int, int]) -> None:
    problem = MatrixProblem(*shape)
    paths = 9

    def simulated(variance: sp.Expr) -> torch.Tensor:
        begin = problem.Theta.flatten().tolist()
        plan = plan_of(problem.sde(variance), {}, begin, horizon=T, steps=2, paths=paths, key=KEY, dtype="float64")
        return states(plan)[0][0, 0].reshape(paths, *problem.Theta.shape)

    theta = problem.Theta.expand(paths, -1, -1)
    for noise in brownian_increments(2, paths, problem.n * problem.k, T, KEY):
        theta = problem.step(theta, float(V), T / 2, noise.reshape(paths, problem.n, problem.k))
    torch.testing.assert_close(simulated(V), theta, atol=1e-13, rtol=1e-13)
    assert float((simulated(2 * V) - theta).abs().max()) > 1e-3
    gram = torch.linalg.det(theta.mT @ theta) / torch.linalg.det(problem.Theta.T @ problem.Theta)
    torch.testing.assert_close(problem.ratio(theta), gram)
