"""Gradient noise of the factored sampler against per-sample autograd gradients; Langevin steps and laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy import stats

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.data import Data, FiniteData, TeacherData
from crossproof.numerics.networks.draws import Draws, PhiloxDraws
from crossproof.numerics.networks.flow import mean_gradient
from crossproof.numerics.networks.gaussian_cubature import degree_five
from crossproof.numerics.networks.langevin import anisotropic_langevin
from crossproof.numerics.networks.linear import per_sample_gradients, pull_back, random_weights
from crossproof.numerics.networks.modes import gaussian_nets
from crossproof.numerics.networks.named import end_to_end
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

#: Depths 1 to 4, rectangular, wider and narrower inside.
NETWORKS = [(3, 2), (3, 4, 2), (2, 3, 2, 3), (3, 2, 4, 2, 2)]
SIGMA, SCALE = 0.6, 0.5


@dataclass(frozen=True)
class UnitDraws:
    """The columns of an identity instead of random numbers: replica r gets the r-th unit vector."""

    replicas: int
    dtype: torch.dtype = torch.float64
    device: torch.device = torch.device("cpu")  # noqa: RUF009

    def normals(self, stream: str, first_step: int, steps: int, count: int) -> torch.Tensor:
        assert (stream, steps) == ("langevin", 1)
        return torch.eye(count, self.replicas, dtype=self.dtype)[None]

    def uniforms(self, stream: str, first_step: int, steps: int, count: int) -> torch.Tensor:
        raise AssertionError("noise needs no uniform numbers")


@dataclass(frozen=True)
class NetDraws(UnitDraws):
    """Normals of one randomised net, whose means have far smaller errors than those of independent numbers."""

    key: int = 0

    def normals(self, stream: str, first_step: int, steps: int, count: int) -> torch.Tensor:
        return gaussian_nets(1, self.replicas, count, RandomStream(key_words(self.key))).T[None]


def a_network(widths: tuple[int, ...]) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return a network and a teacher not far from it, so that the noise of the labels and the residual both matter."""
    draws = RandomStream(key_words(len(widths)))
    weights = random_weights(widths, draws)
    return weights, end_to_end(weights) + random_weights((widths[0], widths[-1]), draws)[0] / 2


def flat(layers: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat([layer.flatten(1) for layer in layers], dim=1)


def one_sample_noise(weights: list[torch.Tensor], data: Data, draws: Draws, step: int = 0) -> list[torch.Tensor]:
    """Gaussian noise of all layers together, which passes through the Jacobian of the end-to-end map."""
    return pull_back(weights, 2 * SCALE * data.noise(end_to_end(weights), draws, step))


def sampler_covariance(weights: list[torch.Tensor], data: Data, numbers: int) -> torch.Tensor:
    """The sampler is linear in its normals: its covariance is J J^T, exactly, with J its values at unit vectors."""
    batched = [w.expand(numbers, -1, -1) for w in weights]
    columns = flat(one_sample_noise(batched, data, UnitDraws(numbers)))
    return columns.T @ columns


def autograd_covariance(weights: list[torch.Tensor], teacher: torch.Tensor) -> torch.Tensor:
    """Covariance of per-sample autograd gradients, quadratic in (x, eps), by cubature: exact to rounding."""
    inputs = teacher.shape[1]
    points, masses = degree_five(sum(teacher.shape))
    x, noise = points[:, :inputs], SIGMA * points[:, inputs:]
    gradients = flat(per_sample_gradients(weights, x, x @ teacher.T + noise, SCALE))
    centred = gradients - masses @ gradients
    return centred.T @ (masses[:, None] * centred)


@pytest.mark.parametrize("widths", NETWORKS, ids=str)
def test_covariance_is_that_of_per_sample_gradients(widths: tuple[int, ...]) -> None:
    weights, teacher = a_network(widths)
    inputs, outputs = widths[0], widths[-1]
    exact = autograd_covariance(weights, teacher)
    found = sampler_covariance(weights, TeacherData(teacher, SIGMA), inputs * (inputs + outputs))
    assert float((found - exact).norm() / exact.norm()) < 1e-12
    # blocks between different layers come out as well
    first = weights[0].numel()
    if len(weights) > 1:
        assert float(exact[:first, first:].norm()) > 0.1 * float(exact.norm())


def kronecker_only(weights: list[torch.Tensor], teacher: torch.Tensor) -> torch.Tensor:
    """Covariance without the commutation term: D X + sigma E with X of independent entries."""
    gap, (rows, columns) = end_to_end(weights) - teacher, teacher.shape
    units = torch.eye(columns * columns, dtype=torch.float64).reshape(-1, columns, columns)
    labels = SIGMA * torch.eye(rows * columns, dtype=torch.float64).reshape(-1, rows, columns)
    z = 2 * SCALE * torch.cat([gap @ units, labels])
    values = flat(pull_back([w.expand(len(z), -1, -1) for w in weights], z))
    return values.T @ values


@pytest.mark.parametrize("widths", NETWORKS, ids=str)
def test_wrong_covariances_are_told_apart(widths: tuple[int, ...]) -> None:
    weights, teacher = a_network(widths)
    count = widths[0] * (widths[0] + widths[-1])
    exact = autograd_covariance(weights, teacher)
    for wrong in (
        kronecker_only(weights, teacher),
        sampler_covariance(weights, TeacherData(teacher, 0.0), count),
        sampler_covariance(weights, TeacherData(teacher, 1.01 * SIGMA), count),
        sampler_covariance(weights, TeacherData(-teacher, SIGMA), count),
    ):
        assert float((wrong - exact).norm() / exact.norm()) > 1e-3


@pytest.mark.parametrize("widths", [(3, 2), (3, 4, 2), (5, 3, 2, 3)], ids=str)
def test_covariance_over_a_data_set(widths: tuple[int, ...]) -> None:
    """Fewer samples than inputs in the last case, where no Cholesky factor of the input moments exists."""
    weights, _ = a_network(widths)
    generator, n = torch.Generator().manual_seed(3), 4
    x, y = (torch.randn(n, d, generator=generator, dtype=torch.float64) for d in (widths[0], widths[-1]))
    nodes, masses = degree_five(widths[-1])
    labels = (y[:, None] + SIGMA * nodes).reshape(-1, widths[-1])
    gradients = flat(per_sample_gradients(weights, x.repeat_interleave(len(nodes), 0), labels, SCALE))
    shares = masses.repeat(n) / n
    centred = gradients - shares @ gradients
    exact = centred.T @ (shares[:, None] * centred)
    count = n + widths[-1] * min(n, widths[0])
    found = sampler_covariance(weights, FiniteData(x, y, SIGMA), count)
    assert float((found - exact).norm() / exact.norm()) < 1e-12
    clean = sampler_covariance(weights, FiniteData(x, y), count)
    assert float((clean - exact).norm() / exact.norm()) > 1e-2


def resolved(samples: Callable[[int], torch.Tensor], stated: torch.Tensor) -> tuple[float, float]:
    """Return estimate and 1 - 1e-6 half-width of <covariance of the samples, F> / |F|^2 over independent nets."""
    estimates = []
    for net in range(32):
        values = samples(net)
        values = values - values.mean(0)
        estimates.append(float(((values @ stated) * values).sum() / (len(values) - 1) / stated.square().sum()))
    spread = np.std(estimates, ddof=1) / len(estimates) ** 0.5
    return float(np.mean(estimates)), float(stats.t.ppf(1 - 0.5e-6, len(estimates) - 1) * spread)


@pytest.mark.slow
@pytest.mark.parametrize("widths", NETWORKS[1:], ids=str)
def test_sampled_gradients_and_sampled_noise_agree_to_one_percent(widths: tuple[int, ...]) -> None:
    """Both against the sampler's covariance F, level 1e-6 a comparison, half-widths below 1 %.

    The covariance without the commutation term, put in place of F, gives a ratio off 1 by far more.
    """
    weights, teacher = a_network(widths)
    inputs, outputs = widths[0], widths[-1]
    size, numbers = 8192, inputs * (inputs + outputs)
    stated = sampler_covariance(weights, TeacherData(teacher, SIGMA), numbers)

    def gradients(net: int) -> torch.Tensor:
        points = gaussian_nets(1, size, inputs + outputs, RandomStream(key_words(100 + net)))
        x, noise = points[:, :inputs], SIGMA * points[:, inputs:]
        return flat(per_sample_gradients(weights, x, x @ teacher.T + noise, SCALE))

    batched = [w.expand(size // 8, -1, -1) for w in weights]

    def noise(net: int) -> torch.Tensor:
        return flat(one_sample_noise(batched, TeacherData(teacher, SIGMA), NetDraws(size // 8, key=net)))

    for samples in (gradients, noise):
        ratio, half_width = resolved(samples, stated)
        assert half_width < 0.01
        assert abs(ratio - 1) < half_width
    wrong, half_width = resolved(gradients, kronecker_only(weights, teacher))
    assert abs(wrong - 1) > 2 * half_width


def test_a_step_is_drift_and_noise() -> None:
    weights, teacher = a_network((3, 4, 2))
    data, draws = TeacherData(teacher, SIGMA), PhiloxDraws(4, 9, dtype=torch.float64)
    batched = [w.expand(4, -1, -1) for w in weights]
    run = anisotropic_langevin(batched, data, draws, learning_rate=0.1, batch=4, dt=0.01, steps=1, loss_scale=SCALE)
    noise = one_sample_noise(batched, data, draws)
    gradient = mean_gradient(tuple(batched), *data.moments(batched[0]), SCALE)
    for w, g, n, found in zip(batched, gradient, noise, run.weights, strict=True):
        torch.testing.assert_close(found, w - 0.01 * g + (0.1 / 4 * 0.01) ** 0.5 * n)
    again = one_sample_noise(batched, data, draws, step=1)
    assert not torch.isclose(noise[0], again[0]).any()


def test_bad_arguments_are_named() -> None:
    weights, teacher = a_network((3, 2))
    data, draws = TeacherData(teacher), PhiloxDraws(2, dtype=torch.float64)
    batched = [w.expand(2, -1, -1) for w in weights]
    good = {"learning_rate": 0.1, "dt": 0.01, "steps": 1, "loss_scale": SCALE}

    def fails(match: str, **changed: float) -> None:
        with pytest.raises(DomainError, match=match):
            anisotropic_langevin(batched, data, draws, **{**good, **changed})  # type: ignore[arg-type]

    fails("dt=-0.01", dt=-0.01)
    fails("learning_rate=0", learning_rate=0.0)
    fails("batch=0", batch=0)
    fails("loss_scale=0", loss_scale=0.0)
    fails("steps=-1", steps=-1)
    draws = PhiloxDraws(3, dtype=torch.float64)
    fails("draws are for 3 replicas")
    draws = PhiloxDraws(2, dtype=torch.float64)
    with pytest.warns(RuntimeWarning, match="dt=3 is beyond 2"):
        anisotropic_langevin(batched, data, draws, learning_rate=0.1, dt=3.0, steps=0, loss_scale=SCALE)
