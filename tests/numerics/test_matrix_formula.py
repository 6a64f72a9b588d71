"""Matrices that claims assert, as functions: they agree with autograd and cubature, and refuse what does not fit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import crossproof as cp
from crossproof.numerics.networks.linear import per_sample_gradients, random_weights
from crossproof.numerics.networks.named import end_to_end
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

SIGMA = 0.7


def network(widths: tuple[int, ...]) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
    draws = RandomStream(key_words(0))
    weights = random_weights(widths, draws)
    return weights, draws.normal(widths[-1], widths[0]), draws.normal(widths[-1], 1), draws.normal(widths[0], 1)


def around(weights: list[Tensor], layer: int, name: str) -> dict[str, Tensor]:
    """The products of the layers after and before a layer, under the names of the claims."""
    eye = [torch.eye(n, dtype=torch.float64) for n in (weights[-1].shape[0], weights[0].shape[1])]
    after, before = list(weights[layer:]), list(weights[: layer - 1])
    return {
        f"P_{name}": end_to_end(after) if after else eye[0],
        f"Q_{name}": end_to_end(before) if before else eye[1],
    }


def vec(matrix: Tensor) -> Tensor:
    return matrix.mT.reshape(-1)


def test_the_jacobian_is_that_of_autograd_and_gradients_flow() -> None:
    weights, _, _, _ = network((2, 3, 4, 2))
    jacobian = cp.matrix_formula("003.prop3.1.jacobian").torch()
    found = jacobian(**around(weights, 2, "l"))
    slopes = torch.func.jacrev(lambda w: vec(end_to_end([weights[0], w, weights[2]])))(weights[1])
    assert torch.allclose(found, slopes.mT.reshape(len(slopes), -1))
    last = weights[2].clone().requires_grad_()
    jacobian(P_l=last, Q_l=weights[0]).sum().backward()
    assert last.grad is not None
    assert bool(last.grad.abs().sum() > 0)


@pytest.mark.parametrize("widths", [(2, 2), (2, 1, 2)])
def test_noise_covariance_by_cubature(widths: tuple[int, ...]) -> None:
    """Three-point Gauss-Hermite nodes integrate the fourth moments of Gaussian inputs exactly."""
    weights, teacher, _, _ = network(widths)
    nodes = torch.tensor([0.0, 3**0.5, -(3**0.5)], dtype=torch.float64)
    shares = torch.tensor([2 / 3, 1 / 6, 1 / 6], dtype=torch.float64)
    grid = torch.cartesian_prod(*[nodes] * (widths[0] + widths[-1]))
    weight = torch.cartesian_prod(*[shares] * (widths[0] + widths[-1])).prod(1)
    x, noise = grid[:, : widths[0]], SIGMA * grid[:, widths[0] :]
    gradients = [g.mT.reshape(len(x), -1) for g in per_sample_gradients(weights, x, x @ teacher.mT + noise, 0.5)]
    covariance = cp.matrix_formula("003.prop3.2.cov").torch()
    for i, rows in enumerate(gradients, start=1):
        for j, columns in enumerate(gradients, start=1):
            centred = [g - weight @ g for g in (rows, columns)]
            expected = (centred[0] * weight[:, None]).mT @ centred[1]
            given = around(weights, i, "i") | around(weights, j, "j") | {"E": end_to_end(weights) - teacher}
            assert torch.allclose(covariance(**given, sigma=SIGMA), expected)
            assert not torch.allclose(covariance(**given, sigma=2 * SIGMA), expected)


def test_drifts_of_an_amplitude_by_autograd() -> None:
    """Gradient drift from the risk; Ito drift as half the trace of Hessian times covariance: one pair of two layers."""
    weights, teacher, u, v = network((2, 3, 2))
    gap = end_to_end(weights) - teacher
    drift = cp.matrix_formula("003.prop3.4.sde", part=1).torch()
    found = sum(drift(**around(weights, k, "i"), E=gap, u=u, v=v) for k in (1, 2))

    def amplitude(*layers: Tensor) -> Tensor:
        return (u.mT @ end_to_end(layers) @ v).squeeze()

    def risk(*layers: Tensor) -> Tensor:
        return (end_to_end(layers) - teacher).square().sum() / 2

    slopes, forces = (torch.func.grad(f, (0, 1))(*weights) for f in (amplitude, risk))
    expected = -sum((a * b).sum() for a, b in zip(slopes, forces, strict=True))
    assert torch.allclose(found, expected)
    given = around(weights, 1, "i") | around(weights, 2, "j")
    covariance = cp.matrix_formula("003.prop3.2.cov").torch()(**given, E=gap, sigma=SIGMA)
    mixed = torch.func.jacrev(torch.func.grad(amplitude, 0), 1)(*weights)  # (rows 1, columns 1, rows 2, columns 2)
    hessian = mixed.permute(1, 0, 3, 2).reshape(covariance.shape)
    between = torch.eye(3, dtype=torch.float64)
    ito = cp.matrix_formula("003.prop3.4.sde", part=2).torch()(**given, E=gap, u=u, v=v, sigma=SIGMA, R_ji=between)
    assert torch.allclose(ito, (hessian * covariance).sum())
    assert not torch.allclose(ito, 2 * (hessian * covariance).sum())


def test_what_does_not_fit_is_refused() -> None:
    weights, teacher, _, _ = network((2, 3, 2))
    formula = cp.matrix_formula("003.prop3.2.cov")
    assert list(formula.signature.parameters) == ["E", "P_i", "P_j", "Q_i", "Q_j", "sigma"]
    assert "sigma" in formula.latex
    covariance = formula.torch()
    right = around(weights, 1, "i") | around(weights, 2, "j") | {"E": end_to_end(weights) - teacher, "sigma": 0.1}
    for change, message in (
        ({"E": right["E"][:1]}, "make the sizes agree"),
        ({"E": right["E"].float()}, "float64"),
        ({"E": right["E"] * torch.nan}, "not finite"),
        ({"sigma": -1.0}, "outside the domain"),
        ({"sigma": float("inf")}, "finite number"),
        ({"sigma": "much"}, "finite number"),
        ({"rho": 1.0}, r"unknown arguments \['rho'\]"),
    ):
        with pytest.raises(cp.DomainError, match=message):
            covariance(**(right | change))
    with pytest.raises(cp.PrintingError, match="no value in matrices"):
        cp.matrix_formula("003.eq7")
    with pytest.raises(cp.PrintingError, match="parts 1 to 3"):
        cp.matrix_formula("003.prop3.4.sde", part=4)
    with pytest.raises(cp.PrintingError, match="matrix_formula"):
        cp.formula("003.prop3.2.cov")


def test_the_sign_in_a_name_of_a_layer_is_spelt_out() -> None:
    formula = cp.matrix_formula("003.a1.flow")
    assert list(formula.signature.parameters) == ["W_l", "W_l_plus_1"]
    lower, upper = torch.eye(2, 3, dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    value = formula.torch()(W_l=lower, W_l_plus_1=2 * upper)
    assert value.abs().max() == 3
    with pytest.raises(cp.DomainError, match="missing"):
        formula.torch()(W_l=lower)
