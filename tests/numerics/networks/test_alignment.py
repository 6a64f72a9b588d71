"""Measures of linear networks against definitions, autograd and cubature."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.alignment import (
    amplitudes,
    cross_mode_share,
    imbalances,
    mode_amplitudes,
    mode_diffusion,
    relative_imbalance,
)
from crossproof.numerics.networks.data import TeacherData
from crossproof.numerics.networks.draws import PhiloxDraws
from crossproof.numerics.networks.gaussian_cubature import degree_five
from crossproof.numerics.networks.initialisation import (
    Teacher,
    aligned_initialisation,
    make_teacher,
    random_initialisation,
)
from crossproof.numerics.networks.linear import per_sample_gradients, push_forward
from crossproof.numerics.networks.named import end_to_end
from crossproof.numerics.networks.runs import Watch
from crossproof.numerics.networks.sgd import sgd


def draws(replicas: int = 4) -> PhiloxDraws:
    return PhiloxDraws(replicas, 8, dtype=torch.float64)


def a_teacher() -> Teacher:
    return make_teacher([2.0, 1.0, 0.5], 4, 3, draws())


def test_amplitudes_are_matrix_elements() -> None:
    teacher, weights = a_teacher(), random_initialisation((4, 5, 3), draws(), 0.5)
    found = amplitudes(weights, teacher.left, teacher.right)
    for replica in range(4):
        product = weights[1][replica] @ weights[0][replica]
        for a in range(3):
            for b in range(3):
                assert float(found[replica, a, b]) == pytest.approx(
                    float(teacher.left[:, a] @ product @ teacher.right[:, b])
                )
    torch.testing.assert_close(mode_amplitudes(weights, teacher.left, teacher.right)[:, 1], found[:, 1, 1])
    share = cross_mode_share(weights, teacher.left, teacher.right)
    diagonal = found[:, [0, 1, 2], [0, 1, 2]].square().sum(1)
    torch.testing.assert_close(share, 1 - diagonal / found.square().sum((1, 2)))
    aligned = aligned_initialisation((4, 5, 3), draws(), [0.3, 0.2], teacher)
    assert float(cross_mode_share(aligned, teacher.left, teacher.right).max()) < 1e-12
    assert cross_mode_share([torch.zeros(2, 3, 4)], teacher.left, teacher.right).tolist() == [0.0, 0.0]


def test_relative_imbalance_is_scale_free_and_between_zero_and_one() -> None:
    weights = random_initialisation((4, 5, 3, 2), draws(), 0.5)
    found = relative_imbalance(weights)
    assert found.shape == (4, 2)
    assert 0.05 < float(found.min()) < float(found.max()) < 1
    torch.testing.assert_close(relative_imbalance([7 * w for w in weights]), found)
    gaps = imbalances(weights)
    torch.testing.assert_close(gaps[0], weights[1].mT @ weights[1] - weights[0] @ weights[0].mT)
    assert float((relative_imbalance([weights[0], 2 * weights[1], weights[2]]) - found).abs().max()) > 0.01
    lopsided = [torch.zeros_like(weights[0]), *weights[1:]]
    torch.testing.assert_close(relative_imbalance(lopsided)[:, 0], torch.ones(4, dtype=torch.float64))
    balanced = aligned_initialisation((4, 5, 3, 2), draws(), [1.0, 0.5], make_teacher([1.0, 0.5], 4, 2))
    assert float(relative_imbalance(balanced).max()) < 1e-12


@pytest.mark.parametrize("widths", [(4, 3), (4, 5, 3), (4, 2, 5, 3)], ids=str)
def test_mode_diffusion_is_the_variance_over_per_sample_gradients(widths: tuple[int, ...]) -> None:
    """Autograd gradients at the points of a cubature: exact to rounding for modes and cross-modes."""
    teacher, sigma, scale = a_teacher(), 0.7, 0.5
    weights = [w[0] for w in random_initialisation(widths, draws(), 0.6)]
    points, masses = degree_five(7)
    x = points[:, :4]
    gradients = per_sample_gradients(weights, x, x @ teacher.matrix.T + sigma * points[:, 4:], scale)
    change = push_forward(weights, gradients)
    permuted = teacher.right[:, [1, 2, 0]]
    batched = [w[None] for w in weights]
    for right in (teacher.right, permuted):
        values = torch.stack([(change @ right[:, i]) @ teacher.left[:, i] for i in range(3)], dim=1)
        exact = masses @ (values - masses @ values).square()
        found = mode_diffusion(batched, TeacherData(teacher.matrix, sigma), teacher.left, right, loss_scale=scale)
        torch.testing.assert_close(found[0], exact, atol=1e-12, rtol=1e-11)
        wrong = mode_diffusion(batched, TeacherData(teacher.matrix, 0.0), teacher.left, right, loss_scale=scale)
        assert float((wrong[0] / exact - 1).abs().min()) > 0.01


def test_the_covariation_of_sgd_is_the_mode_diffusion() -> None:
    """One step of batch B: eta / B times the one-sample variance, plus the drift's square.

    Six standard errors with 40,000 replicas resolve 8 %; the rate without label noise is rejected.
    """
    teacher, sigma, rate, batch = a_teacher(), 0.7, 1e-4, 4
    replicas = 40_000
    start = [w[:1].expand(replicas, -1, -1) for w in random_initialisation((4, 5, 3), draws(), 0.6)]
    watch = Watch(lambda w: mode_amplitudes(w, teacher.left, teacher.right), record_every=1)
    run = sgd(
        start,
        TeacherData(teacher.matrix, sigma),
        draws(replicas),
        learning_rate=rate,
        steps=1,
        loss_scale=0.5,
        batch=batch,
        watch=watch,
    )
    assert run.trajectory is not None
    centred = run.trajectory - run.trajectory.mean(dim=1, keepdim=True)
    one = [w[:1] for w in start]
    exact, wrong = (
        rate
        / batch
        * mode_diffusion(one, TeacherData(teacher.matrix, s), teacher.left, teacher.right, loss_scale=0.5)[0]
        for s in (sigma, 0.0)
    )
    steps = centred[1] - centred[0]
    found = steps.square().mean(dim=0) / rate
    errors = steps.square().std(dim=0) / rate / replicas**0.5
    assert bool(((found - exact).abs() < 6 * errors).all())
    assert bool((6 * errors < 0.08 * exact).all())
    assert bool(((found - wrong).abs() > 6 * errors).any())


def test_bad_arguments_are_named() -> None:
    teacher, weights = a_teacher(), random_initialisation((4, 5, 3), draws(), 0.5)
    with pytest.raises(DomainError, match="left has shape"):
        amplitudes(weights, teacher.right, teacher.left)
    with pytest.raises(DomainError, match="as many of either"):
        mode_amplitudes(weights, teacher.left, teacher.right[:, :2])
    with pytest.raises(DomainError, match="at least two"):
        relative_imbalance(weights[:1])
    with pytest.raises(DomainError, match="as many of either"):
        push_forward(weights, weights[:1])
    assert end_to_end(weights).shape == (4, 3, 4)
