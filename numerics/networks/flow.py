"""Noise-free training of batched deep linear networks: gradient descent on the mean loss, and gradient flow."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..argument_kinds import is_real
from ..arguments import checked
from .data import Data
from .linear import end_to_end, pull_back
from .runs import NetworkRun, Watch, Weights, check_weights, iterate


@checked(DomainError)
def squared_loss_scale(*, half: bool, averaged_over: int = 1) -> float:
    """Return c of the per-sample loss ``c ||y_hat - y||^2``.

    Parameters
    ----------
    half : bool
        Whether the loss carries the factor 1/2.
    averaged_over : int
        Number of outputs over which the squares are averaged; 1 where they are summed.

    Raises
    ------
    DomainError
        If `averaged_over` is below 1.
    """
    if averaged_over < 1:
        raise DomainError(f"averaged_over={averaged_over}; give the number of outputs, or 1 for a sum over outputs")
    return (0.5 if half else 1.0) / averaged_over


@checked(DomainError)
def mean_gradient(weights: Sequence[Tensor], data: Data, loss_scale: float) -> list[Tensor]:
    """Return the gradients of the mean loss ``c E||W x - y||^2``: ``2 c A^T (W E[xx^T] - E[yx^T]) B^T`` for each layer.

    A and B are the products of the layers above and below. Label noise has mean 0 and does not enter.

    Parameters
    ----------
    weights : sequence of Tensor
        Of shape (replicas, d_l, d_{l-1}).
    data : Data
        Teacher or data set.
    loss_scale : float
        c > 0; see :func:`squared_loss_scale`.
    """
    check_loss_scale(loss_scale)
    return _gradient(check_weights(weights, data.inputs, data.outputs), *data.moments(weights[0]), loss_scale)


@checked(DomainError)
def gradient_descent(
    weights: Sequence[Tensor],
    data: Data,
    *,
    learning_rate: float,
    steps: int,
    loss_scale: float,
    watch: Watch | None = None,
) -> NetworkRun:
    """Run full-batch gradient descent on the mean loss; arguments as in :func:`mean_gradient`."""
    start = _checked(weights, data, loss_scale)
    check_rate("learning_rate", learning_rate)
    warn_if_unstable("learning_rate", learning_rate, 2.0, len(start), data, loss_scale)
    moments = data.moments(start[0])

    def advance(now: Weights, first: int, count: int) -> Weights:
        for _ in range(count):
            now = _moved(now, _gradient(now, *moments, loss_scale), -learning_rate)
        return now

    return iterate(advance, start, steps, Watch() if watch is None else watch)


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
    start = _checked(weights, data, loss_scale)
    check_rate("horizon", horizon)
    if steps < 1:
        raise DomainError(f"steps={steps}; it must be >= 1")
    moments, h = data.moments(start[0]), horizon / steps
    # the interval of stability of the classical Runge-Kutta method on the negative axis is 2.785
    warn_if_unstable("horizon / steps", h, 2.785, len(start), data, loss_scale)

    def slope(now: Weights) -> list[Tensor]:
        return [-g for g in _gradient(now, *moments, loss_scale)]

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


def warn_if_unstable(
    name: str, step: float, interval: float, depth: int, data: Data, loss_scale: float, stacklevel: int = 4
) -> None:
    """Warn, stating the bound, when `step` times the largest curvature leaves the interval of stability."""
    curvature = largest_curvature(depth, data, loss_scale)
    if step * curvature > interval:
        warnings.warn(
            f"{name}={step:g} is beyond {interval / curvature:g}, where the balanced minimum stops being stable",
            RuntimeWarning,
            stacklevel=stacklevel,
        )


def check_loss_scale(loss_scale: float) -> None:
    """Raise DomainError unless ``0 < loss_scale < oo``."""
    check_rate("loss_scale", loss_scale)


def check_rate(name: str, value: float) -> None:
    """Raise DomainError unless ``0 < value < oo``."""
    if not (is_real(value) and 0 < value < float("inf")):
        raise DomainError(f"{name}={value}; it must be > 0 and finite")


def _checked(weights: Sequence[Tensor], data: Data, loss_scale: float) -> Weights:
    check_loss_scale(loss_scale)
    return check_weights(weights, data.inputs, data.outputs)


def _gradient(weights: Weights, second: Tensor, cross: Tensor, loss_scale: float) -> list[Tensor]:
    return pull_back(weights, 2 * loss_scale * (end_to_end(weights) @ second - cross))


def _moved(weights: Weights, directions: Sequence[Tensor], step: float) -> Weights:
    return tuple(torch.add(w, d, alpha=step) for w, d in zip(weights, directions, strict=True))
