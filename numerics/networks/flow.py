"""Noise-free training of batched deep linear networks: gradient flow on the mean loss."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..argument_kinds import is_real
from ..arguments import checked
from .data import Data
from .linear import pull_back
from .named import end_to_end
from .runs import NetworkRun, Watch, Weights, check_weights, iterate


def mean_gradient(weights: Weights, second: Tensor, cross: Tensor, loss_scale: float) -> list[Tensor]:
    """Return the gradients of the mean loss ``c E||W x - y||^2``: ``2 c A^T (W E[xx^T] - E[yx^T]) B^T`` for each layer.

    A and B are the products of the layers above and below, `second` and `cross` the moments of the data. Label noise
    has mean 0 and does not enter.
    """
    return pull_back(weights, 2 * loss_scale * (end_to_end(weights) @ second - cross))


@checked(DomainError)
def gradient_flow(
    weights: Sequence[Tensor], data: Data, *, horizon: float, steps: int, loss_scale: float, watch: Watch | None = None
) -> NetworkRun:
    """Integrate ``dW_l/dt = -grad_l`` to time `horizon` by `steps` classical Runge-Kutta steps (error O(h^4)).

    Raises
    ------
    DomainError
        If `horizon` is not positive or `steps` is below 1.
    """
    check_loss_scale(loss_scale)
    check_rate("horizon", horizon)
    start = check_weights(weights, data.inputs, data.outputs)
    if steps < 1:
        raise DomainError(f"steps={steps}; it must be >= 1")
    moments, h = data.moments(start[0]), horizon / steps
    # the interval of stability of the classical Runge-Kutta method on the negative axis is 2.785
    warn_if_unstable("horizon / steps", h, 2.785, len(start), data, loss_scale)

    def slope(now: Weights) -> list[Tensor]:
        return [-g for g in mean_gradient(now, *moments, loss_scale)]

    def advance(now: Weights, first: int, count: int) -> Weights:
        for _ in range(count):
            k1 = slope(now)
            k2 = slope(_moved(now, k1, h / 2))
            k3 = slope(_moved(now, k2, h / 2))
            k4 = slope(_moved(now, k3, h))
            total = [a + 2 * b + 2 * c + d for a, b, c, d in zip(k1, k2, k3, k4, strict=True)]
            now = _moved(now, total, h / 6)
        return now

    return iterate(advance, start, steps, Watch() if watch is None else watch)


def largest_curvature(depth: int, data: Data, loss_scale: float) -> float:
    r"""Return the largest Hessian eigenvalue of the mean loss at its balanced minimum, or a bound above it.

    At a balanced minimum of end-to-end matrix M the top eigenvalue is at most
    :math:`2cL\,\lVert M\rVert^{2-2/L}\,\lVert E[xx^T]\rVert`, with equality for whitened inputs. Steps beyond 2 over it
    cannot settle there.
    """
    second, cross = data.moments(torch.empty(0, dtype=torch.float64))
    solution = cross @ torch.linalg.pinv(second, hermitian=True)
    norm, spread = (float(torch.linalg.matrix_norm(m, ord=2)) for m in (solution, second))
    return float(2 * loss_scale * depth * norm ** (2 - 2 / depth) * spread)


def warn_if_unstable(name: str, step: float, interval: float, depth: int, data: Data, loss_scale: float) -> None:
    """Warn, stating the bound, when `step` times the largest curvature leaves the interval of stability."""
    curvature = largest_curvature(depth, data, loss_scale)
    if step * curvature > interval:
        warnings.warn(
            f"{name}={step:g} is beyond {interval / curvature:g}, where the balanced minimum stops being stable",
            RuntimeWarning,
            stacklevel=4,
        )


def check_loss_scale(loss_scale: float) -> None:
    """Raise DomainError unless ``0 < loss_scale < oo``."""
    check_rate("loss_scale", loss_scale)


def check_rate(name: str, value: float) -> None:
    """Raise DomainError unless ``0 < value < oo``."""
    if not (is_real(value) and 0 < value < float("inf")):
        raise DomainError(f"{name}={value}; it must be > 0 and finite")


def _moved(weights: Weights, directions: Sequence[Tensor], step: float) -> Weights:
    return tuple(torch.add(w, d, alpha=step) for w, d in zip(weights, directions, strict=True))
