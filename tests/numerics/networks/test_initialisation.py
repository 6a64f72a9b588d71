"""Teachers and initial weights: singular values, balance, alignment, laws."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.alignment import amplitudes, imbalances
from crossproof.numerics.networks.draws import PhiloxDraws
from crossproof.numerics.networks.initialisation import (
    aligned_initialisation,
    make_teacher,
    orthogonal_factor,
    random_initialisation,
)
from crossproof.numerics.networks.named import end_to_end

WIDTHS = (4, 6, 3, 5)


def draws(replicas: int = 7) -> PhiloxDraws:
    return PhiloxDraws(replicas, 3, dtype=torch.float64)


def test_teachers_have_their_singular_values() -> None:
    for teacher in (make_teacher([1.0, 3.0, 2.0], 4, 5), make_teacher([1.0, 3.0, 2.0], 4, 5, draws())):
        found = torch.linalg.svdvals(teacher.matrix)
        torch.testing.assert_close(found, torch.tensor([3.0, 2.0, 1.0, 0.0], dtype=torch.float64), atol=1e-12, rtol=0)
        rebuilt = teacher.left @ torch.diag(teacher.singular_values) @ teacher.right.T
        torch.testing.assert_close(teacher.matrix, rebuilt)
        for basis in (teacher.left, teacher.right):
            torch.testing.assert_close(basis.T @ basis, torch.eye(3, dtype=torch.float64))


def test_aligned_weights_are_balanced_and_diagonal_in_the_teachers_bases() -> None:
    teacher = make_teacher([3.0, 2.0, 1.0], 4, 5, draws())
    weights = aligned_initialisation(WIDTHS, draws(), [0.1, 0.2], teacher)
    assert [tuple(w.shape) for w in weights] == [(7, 6, 4), (7, 3, 6), (7, 5, 3)]
    assert float((weights[0][0] - weights[0][1]).abs().max()) > 0.01  # each replica has its own hidden bases
    assert max(float(gap.abs().max()) for gap in imbalances(weights)) < 1e-12
    values = torch.linalg.svdvals(end_to_end(weights))[:, :3]
    assert torch.allclose(values, torch.tensor([0.2, 0.1, 0.0], dtype=torch.float64), atol=1e-7)
    expected = torch.diag(torch.tensor([0.1, 0.2, 0.0], dtype=torch.float64)).expand(7, 3, 3)
    torch.testing.assert_close(amplitudes(weights, teacher.left, teacher.right), expected, atol=1e-12, rtol=0)
    plain = random_initialisation(WIDTHS, draws(), 0.5)
    assert float(imbalances(plain)[0].abs().max()) > 0.1


def test_random_weights_have_their_standard_deviations() -> None:
    """Six standard errors (level 2e-9); 10 % more lies 17 of them away at 14,000 entries and more."""
    weights = random_initialisation((4, 5, 3), draws(1000), [0.01, 0.5])
    for weight, scale in zip(weights, (0.01, 0.5), strict=True):
        error = (2 / weight.numel()) ** 0.5
        ratio = float(weight.square().mean()) / scale**2
        assert abs(ratio - 1) < 6 * error < 0.08
        assert abs(1.21 * ratio - 1) > 6 * error
    both = random_initialisation((4, 5, 3), draws(1000), 0.01)
    assert torch.equal(both[0], weights[0])


def test_orthogonal_factors_are_haar() -> None:
    """E Q_11 = 0 needs the signs: LAPACK's own convention makes the diagonal of Q lean to one side."""
    gaussian = draws(20_000).normals("initial", 0, 1, 9)[0].T.reshape(-1, 3, 3)
    q = orthogonal_factor(gaussian)
    torch.testing.assert_close(q @ q.mT, torch.eye(3, dtype=torch.float64).expand_as(q))
    error = 6 * (1 / 3 / 20_000) ** 0.5
    assert float(q.mean(0).abs().max()) < error
    assert float((q.square().mean(0) - 1 / 3).abs().max()) < error
    assert float(torch.linalg.qr(gaussian).Q.mean(0).abs().max()) > 4 * error


def test_bad_arguments_are_named() -> None:
    teacher = make_teacher([1.0], 4, 5)
    with pytest.raises(DomainError, match="singular_values"):
        make_teacher([-1.0], 2, 2)
    with pytest.raises(DomainError, match="1 to 2 finite values"):
        make_teacher([1.0, 1.0, 1.0], 2, 3)
    with pytest.raises(DomainError, match="amplitudes"):
        aligned_initialisation((4, 3, 5), draws(), [-1.0], teacher)
    with pytest.raises(DomainError, match="1 to 1 finite"):
        aligned_initialisation((2, 1, 2), draws(), [1.0, 1.0], make_teacher([1.0, 1.0], 2, 2))
    with pytest.raises(DomainError, match="widths is"):
        aligned_initialisation((4,), draws(), [1.0], teacher)
    with pytest.raises(DomainError, match="has 1 modes"):
        aligned_initialisation(WIDTHS, draws(), [1.0, 1.0], teacher)
    with pytest.raises(DomainError, match="maps 4 to 5"):
        aligned_initialisation((5, 3, 4), draws(), [1.0], teacher)
    with pytest.raises(DomainError, match="standard_deviation=0"):
        random_initialisation(WIDTHS, draws(), 0.0)
    with pytest.raises(DomainError, match="one for each layer"):
        random_initialisation(WIDTHS, draws(), [0.1, 0.2])
