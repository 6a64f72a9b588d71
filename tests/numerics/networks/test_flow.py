"""Gradient flow: autograd, the logistic law of depth 2, conservation of balance."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.alignment import imbalances, mode_amplitudes, relative_imbalance
from crossproof.numerics.networks.data import FiniteData, TeacherData
from crossproof.numerics.networks.draws import PhiloxDraws
from crossproof.numerics.networks.flow import gradient_flow, largest_curvature, mean_gradient
from crossproof.numerics.networks.initialisation import aligned_initialisation, make_teacher, random_initialisation
from crossproof.numerics.networks.named import end_to_end
from crossproof.numerics.networks.runs import Watch

WIDTHS = (4, 6, 5, 3)


def draws(replicas: int = 3) -> PhiloxDraws:
    return PhiloxDraws(replicas, 5, dtype=torch.float64)


def data_set() -> FiniteData:
    g = torch.Generator().manual_seed(0)
    return FiniteData(*(torch.randn(20, d, generator=g, dtype=torch.float64) for d in (WIDTHS[0], WIDTHS[-1])))


def test_mean_gradients_are_autograd_on_the_mean_loss() -> None:
    weights = [w.requires_grad_() for w in random_initialisation(WIDTHS, draws(), 0.5)]
    data = data_set()
    empirical = 0.7 * (data.x @ end_to_end(weights).mT - data.y).square().sum(-1).mean(-1).sum()
    teacher = TeacherData(make_teacher([2.0, 1.0], 4, 3, draws()).matrix, 0.3)
    population = 0.7 * (end_to_end(weights) - teacher.teacher).square().sum()
    plain = tuple(w.detach() for w in weights)
    for given, loss in ((data, empirical), (teacher, population)):
        gradients = mean_gradient(plain, *given.moments(plain[0]), 0.7)
        for found, exact in zip(gradients, torch.autograd.grad(loss, weights), strict=True):
            torch.testing.assert_close(found, exact, atol=1e-13, rtol=1e-12)


@pytest.mark.parametrize("loss_scale", [0.5, 1.0])
def test_modes_of_depth_two_are_learned_on_the_logistic(loss_scale: float) -> None:
    """ds/dt = 4c s (s~ - s): with c = 1/2 the logistic of rate 2 s~."""
    teacher = make_teacher([2.0, 1.0, 0.5], 4, 3, draws())
    start = [0.01, 0.02, 0.03]
    weights = aligned_initialisation((4, 5, 3), draws(), start, teacher)
    watch = Watch(lambda w: mode_amplitudes(w, teacher.left, teacher.right), record_every=100)
    horizon, steps = 6.0 / loss_scale, 1200
    run = gradient_flow(
        weights, TeacherData(teacher.matrix), horizon=horizon, steps=steps, loss_scale=loss_scale, watch=watch
    )
    assert run.trajectory is not None
    times = run.recorded[:, None] * horizon / steps
    target, initial = teacher.singular_values, torch.tensor(start, dtype=torch.float64)

    def logistic(rate: float) -> torch.Tensor:
        return target / (1 + (target / initial - 1) * torch.exp(-rate * target * times))

    exact = logistic(4 * loss_scale)[:, None].expand_as(run.trajectory)
    torch.testing.assert_close(run.trajectory, exact, atol=1e-8, rtol=0)
    assert float((run.trajectory[:, 0] - logistic(3.96 * loss_scale)).abs().max()) > 1e-3
    # every mode is learned, the largest first
    halfway = (run.trajectory[:, 0] > target / 2).double().argmax(0)
    assert halfway.tolist() == sorted(halfway.tolist())


def test_flow_is_of_fourth_order() -> None:
    teacher = make_teacher([2.0], 2, 2, draws())
    weights = aligned_initialisation((2, 2, 2), draws(1), [0.1], teacher)
    exact = 2 / (1 + 19 * torch.exp(torch.tensor(-4.0, dtype=torch.float64)))
    errors = []
    for steps in (20, 40, 80):
        run = gradient_flow(weights, TeacherData(teacher.matrix), horizon=1.0, steps=steps, loss_scale=0.5)
        errors.append(float((mode_amplitudes(run.weights, teacher.left, teacher.right) - exact).abs().max()))
    assert 12 < errors[0] / errors[1] < 20
    assert 12 < errors[1] / errors[2] < 20


def test_flow_conserves_the_imbalance_and_large_steps_do_not() -> None:
    weights = random_initialisation(WIDTHS, draws(), 0.4)
    before = imbalances(weights)
    for data in (TeacherData(make_teacher([1.5, 1.0], 4, 3, draws()).matrix), data_set()):
        flow = gradient_flow(weights, data, horizon=3.0, steps=600, loss_scale=0.5)
        descent = weights
        for _ in range(30):
            slopes = mean_gradient(descent, *data.moments(descent[0]), 0.5)
            descent = tuple(w - 0.1 * g for w, g in zip(descent, slopes, strict=True))
        moved = max(float((a - b).abs().max()) for a, b in zip(flow.weights, weights, strict=True))
        drift = [
            max(float((a - b).abs().max()) for a, b in zip(imbalances(w), before, strict=True))
            for w in (flow.weights, descent)
        ]
        assert moved > 0.1
        assert drift[0] < 1e-8
        assert drift[1] > 1e-3


def test_balanced_weights_stay_balanced_under_flow() -> None:
    teacher = make_teacher([2.0, 1.0], 4, 3, draws())
    weights = aligned_initialisation(WIDTHS, draws(), [0.3, 0.2], teacher)
    run = gradient_flow(weights, TeacherData(teacher.matrix), horizon=2.0, steps=400, loss_scale=0.5)
    assert float(relative_imbalance(run.weights).max()) < 1e-8


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_curvature_bound_is_the_hessian_at_the_balanced_minimum(depth: int) -> None:
    teacher = make_teacher([2.0, 1.0], 3, 2, draws())
    weights = aligned_initialisation((3, *[4] * (depth - 1), 2), draws(1), [2.0, 1.0], teacher)
    flat = torch.cat([w.flatten() for w in weights])

    def loss(theta: torch.Tensor) -> torch.Tensor:
        parts = torch.split(theta, [w.numel() for w in weights])
        product = end_to_end([p.reshape(w.shape[1:]) for p, w in zip(parts, weights, strict=True)])
        return 0.7 * (product - teacher.matrix).square().sum()

    hessian = torch.func.jacrev(torch.func.jacrev(loss))(flat)
    top = float(torch.linalg.eigvalsh(hessian)[-1])
    assert largest_curvature(depth, TeacherData(teacher.matrix), 0.7) == pytest.approx(top, rel=1e-9)


def test_bad_arguments_are_named() -> None:
    weights, data = random_initialisation(WIDTHS, draws(), 0.4), data_set()
    with pytest.raises(DomainError, match="horizon=0"):
        gradient_flow(weights, data, horizon=0.0, steps=1, loss_scale=0.5)
    with pytest.raises(DomainError, match="steps=0"):
        gradient_flow(weights, data, horizon=1.0, steps=0, loss_scale=0.5)
    with pytest.raises(DomainError, match="loss_scale=-1"):
        gradient_flow(weights, data, horizon=1.0, steps=1, loss_scale=-1.0)
    with pytest.warns(RuntimeWarning, match="horizon / steps=100 is beyond"):
        gradient_flow(weights, data, horizon=100.0, steps=1, loss_scale=0.5)
