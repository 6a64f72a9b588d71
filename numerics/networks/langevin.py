r"""Langevin models of SGD on batched deep linear networks, by Euler-Maruyama steps.

Anisotropic: :math:`dW=-\nabla\ell\,dt+\sqrt{\eta/B}\,\Sigma^{1/2}(W)\,dB` with the full covariance :math:`\Sigma`
of the one-sample gradient noise, all layers together (document 001 (23), document 003 (1)). No root of :math:`\Sigma`
is ever taken: :math:`\Sigma^{1/2}\xi` has the law of the transposed Jacobian of the end-to-end map applied to a
Gaussian matrix of the size of that map. Isotropic: :math:`dW=-\nabla\ell\,dt+\sqrt{2T}\,dB`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked
from .data import Data
from .draws import Draws
from .flow import check_loss_scale, check_rate, mean_gradient, warn_if_unstable
from .linear import end_to_end, pull_back
from .runs import NetworkRun, Watch, Weights, check_weights, iterate
from .sgd import check_draws


@checked(DomainError)
def one_sample_noise(
    weights: Sequence[Tensor], data: Data, draws: Draws, *, loss_scale: float, step: int = 0
) -> list[Tensor]:
    """Return Gaussian noise with mean 0 and exactly the covariance of the per-sample gradients, all layers together.

    Parameters
    ----------
    weights : sequence of Tensor
        `W_l` of shape (replicas, d_l, d_{l-1}).
    data : TeacherData or FiniteData
        Where the samples come from; of a data set they are drawn uniformly, one at a time.
    draws : Draws
        Random numbers, one noise a replica.
    loss_scale : float
        c of the per-sample loss ``c ||W x - y||^2``.
    step : int
        Number of the step, which the random numbers depend on.

    Returns
    -------
    list of Tensor
        Layer l has the shape of `W_l`.
    """
    layers = check_weights(weights, data.inputs, data.outputs)
    check_draws(layers, draws)
    check_loss_scale(loss_scale)
    return pull_back(layers, 2 * loss_scale * data.noise(end_to_end(layers), draws, step))


@checked(DomainError)
def anisotropic_langevin(
    weights: Sequence[Tensor],
    data: Data,
    draws: Draws,
    *,
    learning_rate: float,
    batch: int = 1,
    dt: float,
    steps: int,
    loss_scale: float,
    watch: Watch | None = None,
) -> NetworkRun:
    """Simulate ``dW = -grad dt + sqrt(eta/B) Sigma^{1/2} dB``; with dt = eta a step has the two moments of an SGD step.

    Parameters
    ----------
    learning_rate, batch : float, int
        eta > 0 and B >= 1; both act through their ratio only.
    dt : float
        Step of time, > 0; one SGD step takes time eta.
    steps : int
        Number of steps.

    Other arguments, results and errors as in :func:`crossproof.numerics.networks.sgd.sgd`.
    """
    check_rate("learning_rate", learning_rate)
    if batch < 1:
        raise DomainError(f"batch={batch}; it must be >= 1")
    start = _checked(weights, data, draws, dt, loss_scale)
    second, cross = data.moments(start[0])
    amplitude = (learning_rate * dt / batch) ** 0.5

    def change(now: Weights, step: int) -> list[Tensor]:
        product = end_to_end(now)
        gap = product @ second - cross
        # drift and noise pass through the same Jacobian
        return pull_back(now, 2 * loss_scale * (amplitude * data.noise(product, draws, step) - dt * gap))

    return _run(start, change, steps, watch)


@checked(DomainError)
def isotropic_langevin(
    weights: Sequence[Tensor],
    data: Data,
    draws: Draws,
    *,
    temperature: float,
    dt: float,
    steps: int,
    loss_scale: float,
    watch: Watch | None = None,
) -> NetworkRun:
    """Simulate ``dW = -grad dt + sqrt(2T) dB`` with independent Brownian motions on all weights.

    Parameters
    ----------
    temperature : float
        T > 0. For data that determine a normalisable law it is the Gibbs law of the mean loss at this temperature.

    Other arguments, results and errors as in :func:`anisotropic_langevin`.
    """
    check_rate("temperature", temperature)
    start = _checked(weights, data, draws, dt, loss_scale)
    amplitude = (2 * temperature * dt) ** 0.5
    sizes = [w[0].numel() for w in start]

    def change(now: Weights, step: int) -> list[Tensor]:
        parts = torch.split(draws.normals("langevin", step, 1, sum(sizes))[0].T, sizes, dim=1)
        gradient = mean_gradient(now, data, loss_scale)
        return [amplitude * part.reshape(g.shape) - dt * g for part, g in zip(parts, gradient, strict=True)]

    return _run(start, change, steps, watch)


def _checked(weights: Sequence[Tensor], data: Data, draws: Draws, dt: float, loss_scale: float) -> Weights:
    start = check_weights(weights, data.inputs, data.outputs)
    check_draws(start, draws)
    check_loss_scale(loss_scale)
    check_rate("dt", dt)
    warn_if_unstable("dt", dt, 2.0, len(start), data, loss_scale, stacklevel=5)
    return start


def _run(start: Weights, change: Callable[[Weights, int], list[Tensor]], steps: int, watch: Watch | None) -> NetworkRun:
    def advance(now: Weights, first: int, count: int) -> Weights:
        for step in range(first, first + count):
            now = tuple(w + c for w, c in zip(now, change(now, step), strict=True))
        return now

    return iterate(advance, start, steps, Watch() if watch is None else watch)
