"""Networks on the balanced aligned manifold, derivatives along directions, and nets of Gaussians."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.aligned import ModeNetwork, amplitude, imbalance
from crossproof.numerics.networks.initialisation import orthogonal_factor
from crossproof.numerics.networks.linear import random_weights, teacher_samples
from crossproof.numerics.networks.modes import (
    aligned_network,
    gaussian_nets,
    gradient_noise,
    half_curvatures,
    population_gradient,
    slopes,
)
from crossproof.numerics.networks.named import end_to_end
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

AMPLITUDES, TEACHER = [0.7, 0.4], [1.5, 1.1]


def _stream(seed: int = 0) -> RandomStream:
    return RandomStream(key_words(seed))


@pytest.mark.parametrize("widths", [[3, 4, 2], [2, 2, 2, 2], [4, 3, 5, 3, 2]])
def test_the_network_is_balanced_and_aligned(widths: list[int]) -> None:
    network = aligned_network(AMPLITUDES, TEACHER, widths, _stream())
    for below, above in zip(network.weights[:-1], network.weights[1:], strict=True):
        torch.testing.assert_close(above.T @ above, below @ below.T, atol=1e-12, rtol=0)
    student = network.bases[-1].T @ end_to_end(network.weights) @ network.bases[0]
    teacher = network.bases[-1].T @ network.teacher @ network.bases[0]
    for matrix, values in ((student, AMPLITUDES), (teacher, TEACHER)):
        expected = torch.zeros_like(matrix)
        expected[:2, :2] = torch.diag(torch.tensor(values, dtype=torch.float64))
        torch.testing.assert_close(matrix, expected, atol=1e-12, rtol=0)
    assert amplitude(network, 0, 0)(network.weights) == pytest.approx(0.7)
    assert amplitude(network, 0, 1)(network.weights) == pytest.approx(0.0, abs=1e-12)
    assert imbalance(network, 1, 0, 0)(network.weights) == pytest.approx(0.0, abs=1e-12)


def test_derivatives_along_directions_match_finite_differences() -> None:
    weights = tuple(random_weights([3, 4, 3, 2], _stream(1)))
    draws = _stream(2)
    bases = tuple(orthogonal_factor(draws.normal(w, w)) for w in (3, 4, 3, 2))
    network = ModeNetwork(weights, torch.zeros(2, 3, dtype=torch.float64), bases)
    directions = tuple(draws.normal(5, *w.shape) for w in weights)
    h = 1e-4
    for f in (amplitude(network, 0, 1), imbalance(network, 2, 0, 1)):
        first, second = slopes(f, weights, directions), half_curvatures(f, weights, directions)
        for b in range(5):
            up, here, down = (
                f(tuple(w + sign * h * n[b] for w, n in zip(weights, directions, strict=True))) for sign in (1, 0, -1)
            )
            assert first[b].item() == pytest.approx(((up - down) / (2 * h)).item(), rel=1e-6, abs=1e-7)
            assert second[b].item() == pytest.approx(((up - 2 * here + down) / (2 * h**2)).item(), rel=1e-4, abs=1e-5)


def test_the_gradient_noise_has_mean_zero() -> None:
    network = aligned_network(AMPLITUDES, TEACHER, [3, 4, 2], _stream())
    x, y = teacher_samples(network.teacher, 0.5, 40_000, _stream(3))
    for noise, mean in zip(gradient_noise(network, x, y), population_gradient(network), strict=True):
        error = noise.std(dim=0) / noise.shape[0] ** 0.5
        assert torch.all(noise.mean(dim=0).abs() < 5 * error + 1e-12)
        assert mean.shape == noise.shape[1:]


def test_nets_are_reproducible_gaussian_and_independent() -> None:
    z = gaussian_nets(64, 256, 3, _stream(5))
    assert torch.equal(z, gaussian_nets(64, 256, 3, _stream(5)))
    assert not torch.equal(z, gaussian_nets(64, 256, 3, _stream(500)))
    assert z.shape == (64 * 256, 3)
    torch.testing.assert_close(z.T @ z / len(z), torch.eye(3, dtype=torch.float64), atol=0.01, rtol=0)
    assert (z**4).mean().item() == pytest.approx(3, rel=0.03)
    means = (z[:, 0] ** 2 * z[:, 1] ** 2).reshape(64, -1).mean(dim=1)
    assert means.unique().numel() == 64
    # the estimate is unbiased: within five standard errors of the independent nets
    assert abs(means.mean().item() - 1) < 5 * means.std().item() / 8


@pytest.mark.parametrize(
    "call",
    [
        lambda: aligned_network([1.0], [1.0, 2.0], [2, 2], _stream()),
        lambda: aligned_network([-1.0], [1.0], [2, 2], _stream()),
        lambda: aligned_network([1.0, 2.0], [1.0, 2.0], [2, 1, 2], _stream()),
        lambda: gaussian_nets(1, 3, 1, _stream()),
        lambda: gaussian_nets(0, 4, 1, _stream()),
        lambda: imbalance(aligned_network([1.0], [1.0], [1, 1, 1], _stream()), 2, 0, 0),
    ],
)
def test_arguments_outside_their_range_are_refused(call) -> None:
    with pytest.raises(DomainError):
        call()
