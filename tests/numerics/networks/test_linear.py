"""Linear networks, autograd gradients, and values of matrix expressions in both arithmetics."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch
from sympy import Identity, KroneckerProduct, MatrixSymbol

from crossproof.derivations.errors import DomainError
from crossproof.derivations.matrices.kronecker import CommutationMatrix, SampleCovariance, SampleSum, Vec
from crossproof.numerics.matrices import Floating, Rational, Values, evaluate
from crossproof.numerics.networks.linear import per_sample_gradients, random_weights, teacher_samples
from crossproof.numerics.networks.named import end_to_end
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream


def stream(seed: int = 0) -> RandomStream:
    return RandomStream(key_words(seed))


def test_gradients_agree_with_finite_differences() -> None:
    weights = random_weights((3, 2, 4, 2), stream())
    x, y = teacher_samples(random_weights((3, 2), stream(1))[0], 0.3, 5, stream(2))
    gradients = per_sample_gradients(weights, x, y, 0.5)
    assert [tuple(g.shape) for g in gradients] == [(5, 2, 3), (5, 4, 2), (5, 2, 4)]

    def loss(layers: list[torch.Tensor]) -> torch.Tensor:
        return 0.5 * ((x @ end_to_end(layers).T - y) ** 2).sum(1)

    for layer, weight in enumerate(weights):
        for entry in np.ndindex(*weight.shape):
            sides = []
            for step in (0.5, -0.5):
                moved = [w.clone() for w in weights]
                moved[layer][entry] += step
                sides.append(loss(moved))
            torch.testing.assert_close(gradients[layer][(slice(None), *entry)], sides[0] - sides[1])


def test_samples_are_whitened_and_labelled_by_the_teacher() -> None:
    teacher = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0]], dtype=torch.float64)
    x, y = teacher_samples(teacher, 0.5, 200_000, stream())
    noise = y - x @ teacher.T
    identity = torch.eye(5, dtype=torch.float64)
    identity[2:, 2:] *= 0.25
    covariance = torch.cov(torch.cat([x, noise], 1).T)
    torch.testing.assert_close(covariance, identity, atol=0.015, rtol=0)


def test_bad_shapes_are_named() -> None:
    with pytest.raises(DomainError, match="empty"):
        end_to_end([])
    with pytest.raises(DomainError, match="W_2 has shape"):
        end_to_end([torch.zeros(2, 3), torch.zeros(4, 3)])
    with pytest.raises(DomainError, match="widths"):
        random_weights((3,), stream())
    with pytest.raises(DomainError, match="label_noise"):
        teacher_samples(torch.zeros(1, 1), -1.0, 3, stream())
    with pytest.raises(DomainError, match="x has shape"):
        per_sample_gradients(random_weights((1, 1), stream()), torch.zeros(3, 1), torch.zeros(2, 1))


m, n = sp.symbols("m n", integer=True, positive=True)
A, B = MatrixSymbol("A", 2, 3), MatrixSymbol("B", 3, 2)
EXPRESSIONS = [
    2 * A * B - Identity(2),
    KroneckerProduct(B.T, A) * CommutationMatrix(3, 3) * Vec(B * A),
    sp.BlockMatrix([[A], [B.T]]) * B,
    A.T * sp.Rational(1, 3),
    sp.ZeroMatrix(2, 2) + A * B,
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_both_arithmetics_agree_with_sympy(expr: sp.MatrixExpr) -> None:
    entries = {"A": [[1, -2, 3], [0, 5, 7]], "B": [[2, 1], [4, -3], [1, 6]]}
    exact = evaluate(expr, Values(Rational(), {k: np.array(v, dtype=object) for k, v in entries.items()}))
    tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in entries.items()}
    floating = evaluate(expr, Values(Floating(), tensors))
    assert np.allclose(exact.astype(float), floating.numpy())


def test_commutation_matrix_transposes() -> None:
    value = Values(Rational(), {"A": np.array([[1, 2, 3], [4, 5, 6]], dtype=object)})
    left = evaluate(CommutationMatrix(2, 3) * Vec(A), value)
    assert (left == evaluate(Vec(A.T), value)).all()


def test_sums_and_covariances_over_data_are_exact() -> None:
    x = MatrixSymbol("x", 1, 1)
    samples = [{"x": np.array([[v]], dtype=object)} for v in (1, 2, 4)]
    values = Values(Rational(), {}, {}, samples)
    assert evaluate(SampleSum(x * x, 3, (x,)), values)[0, 0] == 21
    assert evaluate(SampleCovariance(x, (x,)), values)[0, 0] == Fraction(14, 9)
    with pytest.raises(DomainError, match="give `samples`"):
        evaluate(SampleSum(x, 3, (x,)), Values(Rational(), {}))


def test_missing_values_are_named() -> None:
    with pytest.raises(DomainError, match="matrix A"):
        evaluate(A, Values(Rational(), {}))
    with pytest.raises(DomainError, match="dimension m"):
        evaluate(Identity(m), Values(Rational(), {}))
    values = Values(Rational(), {"A": np.array([[1]], dtype=object)})
    assert evaluate(sp.sqrt(2) * A, values)[0, 0] == sp.sqrt(2)
    with pytest.raises(DomainError, match="no real number"):
        evaluate(sp.I * A, values)
