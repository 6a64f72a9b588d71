"""Stochastic gradient descent on many networks at once: deep linear ones of any depth and widths, and any others.

Per-sample loss ``c ||f(x; W) - y||^2``. In a linear network a batch goes forward and backward through the layers as
vectors, so that the end-to-end matrix is never formed; each layer then changes by a sum of outer products. The gradient
of any other model comes from autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Literal, get_args

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked
from .data import Data, Sampler
from .draws import Draws
from .flow import check_loss_scale, check_rate, warn_if_unstable
from .runs import NetworkRun, Watch, Weights, check_weights, iterate

Backend = Literal["auto", "torch", "numba"]
#: From weights, each of shape (replicas, ...), and inputs (replicas, batch, d_0) to outputs (replicas, batch, d_L).
Model = Callable[[Weights, Tensor], Tensor]
#: Numbers of inputs and labels drawn at a time.
_CHUNK = 1 << 23


@checked(DomainError)
def sgd(
    weights: Sequence[Tensor],
    data: Data,
    draws: Draws,
    *,
    learning_rate: float,
    steps: int,
    loss_scale: float,
    batch: int = 1,
    watch: Watch | None = None,
    backend: Backend = "auto",
    model: Model | None = None,
) -> NetworkRun:
    """Run `steps` steps of SGD on every replica, each with samples of its own.

    Parameters
    ----------
    weights : sequence of Tensor
        Initial `W_l` of shape (replicas, d_l, d_{l-1}), or with a model any (replicas, ...).
    data : TeacherData or FiniteData
        Fresh samples of a teacher, or a data set with or without replacement.
    draws : Draws
        Random numbers, of the dtype, device and number of replicas of the weights.
    learning_rate : float
        > 0.
    steps, batch : int
        Number of steps >= 0, and samples of one step >= 1.
    loss_scale : float
        c > 0 of the per-sample loss ``c ||y_hat - y||^2``.
    watch : Watch, optional
        What to keep besides the final weights.
    backend : {"auto", "torch", "numba"}
        ``"numba"`` runs on the CPU only, with replicas as vector lanes; both agree to rounding. ``"auto"`` takes it
        on the CPU where numba is installed and there are enough replicas to fill the lanes.
    model : callable, optional
        A network that is not linear, in torch: from the weights, each of shape (replicas, ...), and inputs of shape
        (replicas, batch, d_0) to outputs of shape (replicas, batch, d_L).

    Raises
    ------
    DomainError
        If shapes, dtypes, devices or values do not fit, or numba is asked for a model.
    """
    start = check_weights(weights, data.inputs, data.outputs) if model is None else tuple(weights)
    check_draws(start, draws)
    check_rate("learning_rate", learning_rate)
    check_loss_scale(loss_scale)
    if backend not in get_args(Backend):
        raise DomainError(f"backend={backend!r}; it must be one of {', '.join(get_args(Backend))}")
    if backend == "numba" and model is not None:
        raise DomainError("backend='numba' knows linear networks only; take backend='torch' for a model")
    sample = data.sampler(draws, batch)
    if model is None:
        warn_if_unstable("learning_rate", learning_rate, 2.0, len(start), data, loss_scale)
    rate = 2.0 * loss_scale * learning_rate / batch
    numbers = batch * (data.inputs + data.outputs) * draws.replicas
    chunk = max(1, _CHUNK // numbers)
    if backend == "numba" or (backend == "auto" and model is None and _numba_fits(start)):
        from .kernels import Lanes

        lanes = Lanes(start)

        def advance(now: Weights, first: int, count: int) -> Weights:
            for begin in range(first, first + count, chunk):
                lanes.advance(*sample(begin, min(chunk, first + count - begin)), rate)
            return lanes.weights()

    else:

        def advance(now: Weights, first: int, count: int) -> Weights:
            for begin in range(first, first + count, chunk):
                for x, y in _batches(sample, begin, min(chunk, first + count - begin)):
                    if model is None:
                        now = _moved(now, x, y, learning_rate, loss_scale)
                    else:
                        now = _by_autograd(model, now, x, y, learning_rate, loss_scale)
            return now

    return iterate(advance, start, steps, Watch() if watch is None else watch)


def check_draws(weights: Weights, draws: Draws) -> None:
    """Raise DomainError unless `draws` has the replicas, dtype and device of the weights."""
    first = weights[0]
    if (draws.replicas, draws.dtype, draws.device) != (len(first), first.dtype, first.device):
        raise DomainError(
            f"draws are for {draws.replicas} replicas of {draws.dtype} on {draws.device}; "
            f"the weights have {len(first)} of {first.dtype} on {first.device}"
        )


def _moved(weights: Weights, x: Tensor, y: Tensor, learning_rate: float, loss_scale: float) -> Weights:
    hidden = [x]
    for weight in weights:
        hidden.append(hidden[-1] @ weight.mT)
    delta = hidden.pop() - y
    factor = -2.0 * loss_scale * learning_rate / x.shape[1]
    moved: list[Tensor] = []
    for index in range(len(weights) - 1, -1, -1):
        moved.append(_plus_outer(weights[index], delta, hidden[index], factor))
        if index:
            delta = delta @ weights[index]
    return tuple(reversed(moved))


def _by_autograd(
    model: Model, weights: Weights, x: Tensor, y: Tensor, learning_rate: float, loss_scale: float
) -> Weights:
    leaves = tuple(w.detach().requires_grad_() for w in weights)
    outputs = model(leaves, x)
    if outputs.shape != y.shape:
        raise DomainError(f"the model gives shape {tuple(outputs.shape)}; it must be {tuple(y.shape)}")
    loss = loss_scale * (outputs - y).square().sum() / x.shape[1]
    slopes = torch.autograd.grad(loss, leaves)
    return tuple(w.detach() - learning_rate * g for w, g in zip(leaves, slopes, strict=True))


def _plus_outer(weight: Tensor, delta: Tensor, hidden: Tensor, factor: float) -> Tensor:
    if delta.shape[1] == 1:
        # several times faster than a product of matrices with one column and one row
        return torch.addcmul(weight, delta.mT, hidden, value=factor)
    return torch.baddbmm(weight, delta.mT, hidden, alpha=factor)


def _batches(sample: Sampler, first: int, steps: int) -> list[tuple[Tensor, Tensor]]:
    x, y = (part.permute(0, 3, 1, 2).contiguous() for part in sample(first, steps))
    return list(zip(x, y, strict=True))


def _numba_fits(weights: Weights) -> bool:
    first = weights[0]
    return first.device.type == "cpu" and len(first) >= 16 and find_spec("numba") is not None
