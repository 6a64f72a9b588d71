"""Exact small networks: balance, gradients against autograd, covariances against Gaussian moments."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.errors import DomainError
from crossproof.derivations.matrices.gaussian_moments import expectation
from crossproof.numerics.matrices import Rational
from crossproof.numerics.networks.aligned import amplitude, imbalance
from crossproof.numerics.networks.linear import per_sample_gradients
from crossproof.numerics.networks.rational import BruteForce, gradient, rational_network, rotation

NETWORK = rational_network([Fraction(2, 3), Fraction(1, 2)], [Fraction(1), Fraction(2)], depth=3)
BRUTE = BruteForce(NETWORK, Fraction(1, 4))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_rotations_are_exactly_orthogonal(n: int, which: int) -> None:
    q = rotation(n, which)
    assert (q.T @ q == Rational().identity(n)).all()
    assert n > 1 or q[0, 0] == (-1) ** which


def test_the_network_is_exactly_balanced_and_aligned() -> None:
    for layer in (1, 2):
        assert {imbalance(NETWORK, layer, i, j)(NETWORK.weights) for i in (0, 1) for j in (0, 1)} == {0}
    values = [[amplitude(NETWORK, i, j)(NETWORK.weights) for j in (0, 1)] for i in (0, 1)]
    assert values == [[Fraction(8, 27), 0], [0, Fraction(1, 8)]]
    lopsided = [NETWORK.weights[0], 2 * NETWORK.weights[1], NETWORK.weights[2]]
    assert imbalance(NETWORK, 1, 0, 0)(lopsided) == 3 * Fraction(4, 9)
    assert imbalance(NETWORK, 2, 1, 1)(lopsided) == -3 * Fraction(1, 4)


def test_central_differences_are_exact_where_the_degree_is_two_and_only_there() -> None:
    weights = [Rational().identity(2) * Fraction(1, 3), np.array([[1, 2], [3, 4]], dtype=object)]
    assert (gradient(weights, 1, lambda w: (w[1] * w[1]).sum()) == 2 * weights[1]).all()
    assert (gradient(weights, 0, lambda w: w[0]) == np.eye(4, dtype=int).reshape(2, 2, 2, 2)).all()
    assert (gradient(weights, 1, lambda w: (w[1] ** 3).sum()) == 3 * weights[1] ** 2 + 1).all()


def test_gradients_agree_with_autograd() -> None:
    x, eps = [0.3, -1.2], [0.5, 0.7]
    weights = [torch.from_numpy(w.astype(float)) for w in NETWORK.weights]
    teacher = torch.from_numpy(NETWORK.teacher.astype(float))
    inputs = torch.tensor([x], dtype=torch.float64)
    targets = inputs @ teacher.T + torch.tensor([eps], dtype=torch.float64)
    autograd = per_sample_gradients(weights, inputs, targets, loss_scale=0.5)
    z = torch.tensor(x + eps, dtype=torch.float64)
    for (k, i, j), form in zip(BRUTE.places, BRUTE.gradients, strict=True):
        exact = z @ torch.from_numpy(form.astype(float)) @ z
        assert exact.item() == pytest.approx(autograd[k][0, i, j].item(), rel=1e-12, abs=1e-12)


def test_covariances_agree_with_gaussian_moments() -> None:
    z = sp.symbols("z0:4", real=True)
    variances = dict(zip(z, map(sp.Rational, ("1", "1", "1/4", "1/4")), strict=True))

    def polynomial(form) -> sp.Expr:
        return sp.expand(sum(sp.Rational(str(form[i, j])) * z[i] * z[j] for i in range(4) for j in range(4)))

    one, other = (polynomial(BRUTE.gradients[k]) for k in (0, 7))
    mean = expectation(one, variances)
    assert mean == sp.Rational(str(BRUTE.mean(BRUTE.gradients[0])))
    centred = sp.expand((one - mean) * (other - expectation(other, variances)))
    covariance = BRUTE.covariance(BRUTE.gradients[0], BRUTE.gradients[7])
    assert expectation(centred, variances) == sp.Rational(str(covariance))


def test_malformed_networks_are_refused() -> None:
    with pytest.raises(DomainError, match="entries"):
        rational_network([Fraction(1)], [Fraction(1), Fraction(2)], depth=2)
