"""Functions of the weights agree with autograd and with brute force on small rectangular networks."""

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks import calculus
from crossproof.numerics.networks.linear import end_to_end, per_sample_gradients, random_weights
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

WIDTHS = [(3, 2), (2, 3, 2), (3, 2, 4, 2), (2, 3, 2, 3, 2)]


def network(widths, seed=0):
    draws = RandomStream(key_words(seed))
    weights = random_weights(widths, draws)
    return weights, draws.normal(widths[-1], widths[0]), draws.normal(widths[-1]), draws.normal(widths[0])


def vec(matrix):
    return matrix.mT.reshape(-1)


@pytest.mark.parametrize("widths", WIDTHS)
def test_jacobians_and_kernel(widths):
    weights, _, left, right = network(widths)
    total = 0
    for layer in range(1, len(widths)):
        found = calculus.jacobian(weights, layer)
        slopes = torch.func.jacrev(lambda w, k=layer: vec(end_to_end([*weights[: k - 1], w, *weights[k:]])))(
            weights[layer - 1]
        )
        assert torch.allclose(found, slopes.mT.reshape(len(slopes), -1))
        gradient = calculus.mode_gradient(weights, layer, left, right)
        assert torch.allclose(vec(gradient), found.mT @ vec(torch.outer(left, right)))
        total = total + found @ found.mT
    assert torch.allclose(calculus.tangent_kernel(weights), total)


def test_commutation_matrix():
    x = torch.arange(6, dtype=torch.float64).reshape(2, 3)
    assert torch.equal(calculus.commutation_matrix(2, 3) @ vec(x), vec(x.mT))


@pytest.mark.parametrize("widths", [(2, 2), (2, 1, 2)])
def test_noise_covariance_by_cubature(widths):
    """Three-point Gauss-Hermite nodes integrate the fourth moments of Gaussian inputs exactly."""
    weights, teacher, _, _ = network(widths)
    sigma = 0.7
    nodes = torch.tensor([0.0, 3**0.5, -(3**0.5)], dtype=torch.float64)
    shares = torch.tensor([2 / 3, 1 / 6, 1 / 6], dtype=torch.float64)
    d = widths[0] + widths[-1]
    grid = torch.cartesian_prod(*[nodes] * d)
    weight = torch.cartesian_prod(*[shares] * d).prod(1)
    x, y = grid[:, : widths[0]], grid[:, : widths[0]] @ teacher.mT + sigma * grid[:, widths[0] :]
    gradients = [g.mT.reshape(len(x), -1) for g in per_sample_gradients(weights, x, y, 0.5)]
    for i, left in enumerate(gradients, start=1):
        for j, right in enumerate(gradients, start=1):
            centred = [g - weight @ g for g in (left, right)]
            expected = (centred[0] * weight[:, None]).mT @ centred[1]
            found = calculus.noise_covariance(weights, teacher, i, j, label_noise=sigma)
            assert torch.allclose(found, expected)
            doubled = calculus.noise_covariance(weights, teacher, i, j, label_noise=sigma, loss_scale=1.0)
            assert torch.allclose(doubled, 4 * found)


@pytest.mark.parametrize("widths", [(2, 2, 2), (2, 1, 2, 2)])
def test_drifts_of_an_amplitude(widths):
    """Gradient drift by autograd of the risk; Ito drift as half the trace of Hessian times covariance."""
    weights, teacher, left, right = network(widths)
    sigma, eta_b = 0.4, 0.3
    sizes = [w.numel() for w in weights]

    def unflatten(flat):
        return [part.reshape(w.shape[1], w.shape[0]).mT for part, w in zip(flat.split(sizes), weights, strict=True)]

    flat = torch.cat([vec(w) for w in weights])
    amplitude = lambda f: left @ end_to_end(unflatten(f)) @ right  # noqa: E731
    risk = lambda f: (end_to_end(unflatten(f)) - teacher).square().sum() / 2  # noqa: E731
    slope = torch.func.grad(amplitude)(flat)
    expected = -(slope @ torch.func.grad(risk)(flat))
    assert torch.allclose(calculus.gradient_drift(weights, teacher, left, right), expected)
    rows = [
        torch.cat(
            [calculus.noise_covariance(weights, teacher, i, j, label_noise=sigma) for j in range(1, len(widths))], 1
        )
        for i in range(1, len(widths))
    ]
    covariance = torch.cat(rows)
    hessian = torch.func.jacrev(torch.func.jacrev(amplitude))(flat)
    expected = eta_b / 2 * torch.trace(hessian @ covariance)
    found = calculus.ito_drift(weights, teacher, left, right, eta_b=eta_b, label_noise=sigma)
    assert torch.allclose(found, expected)


def test_bad_arguments_are_named():
    weights, teacher, left, right = network((2, 3, 2))
    with pytest.raises(DomainError, match="layer=3"):
        calculus.jacobian(weights, 3)
    with pytest.raises(DomainError, match="teacher"):
        calculus.noise_covariance(weights, teacher[:1], 1, 1)
    with pytest.raises(DomainError, match="label_noise"):
        calculus.noise_covariance(weights, teacher, 1, 1, label_noise=-1.0)
    with pytest.raises(DomainError, match="eta_b"):
        calculus.ito_drift(weights, teacher, left, right, eta_b=0.0)
    with pytest.raises(DomainError, match="left, right"):
        calculus.mode_gradient(weights, 1, left, left[:1])
    with pytest.raises(DomainError, match="integers"):
        calculus.commutation_matrix(0, 2)
