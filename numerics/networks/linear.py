"""Linear networks on real data: Jacobians of the product of weight matrices, samples, per-sample gradients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..random.random_stream import RandomStream


def pull_back(weights: Sequence[Tensor], matrix: Tensor) -> list[Tensor]:
    """Return the transposed Jacobian of the end-to-end map applied to a matrix Z of its shape.

    Layer l is ``(W_L ... W_{l+1})^T Z (W_{l-1} ... W_1)^T``. With Z the gap of a quadratic risk these are its
    gradients, with Z one sample's ``(W x - y) x^T`` those of the sample.

    Parameters
    ----------
    weights : sequence of Tensor
        ``[W_1, ..., W_L]``, `W_l` of shape (..., d_l, d_{l-1}).
    matrix : Tensor
        Z, of shape (..., d_L, d_0).

    Raises
    ------
    DomainError
        If the shapes do not fit.
    """
    if not weights or matrix.ndim < 2 or matrix.shape[-2:] != (weights[-1].shape[-2], weights[0].shape[-1]):
        raise DomainError(f"matrix has shape {tuple(matrix.shape)}; it must have the shape of the end-to-end matrix")
    below = [weights[0]]
    for weight in weights[1:-1]:
        below.append(weight @ below[-1])
    layers = []
    for index in range(len(weights) - 1, 0, -1):
        layers.append(matrix @ below[index - 1].mT)
        matrix = weights[index].mT @ matrix
    return [matrix, *reversed(layers)]


def push_forward(weights: Sequence[Tensor], directions: Sequence[Tensor]) -> Tensor:
    """Return the Jacobian of the end-to-end map applied to one direction a layer: sum of ``W_L ... V_l ... W_1``.

    Parameters
    ----------
    weights, directions : sequence of Tensor
        `W_l` and `V_l` of shape (..., d_l, d_{l-1}).

    Raises
    ------
    DomainError
        If the numbers of layers differ.
    """
    if len(weights) != len(directions) or not weights:
        raise DomainError(f"{len(weights)} weights, {len(directions)} directions: give as many of either, at least one")
    product, change = weights[0], directions[0]
    for weight, direction in zip(weights[1:], directions[1:], strict=True):
        change = weight @ change + direction @ product
        product = weight @ product
    return change


def random_weights(widths: Sequence[int], draws: RandomStream) -> list[Tensor]:
    """Return ``[W_1, ..., W_L]`` with independent entries N(0, 1/fan_in), float64, on the device of `draws`.

    Parameters
    ----------
    widths : sequence of int
        ``[d_0, ..., d_L]``, input width first; all positive.
    draws : RandomStream
        Source of randomness.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise DomainError(f"widths is {list(widths)!r}; give at least two positive integers, input first")
    return [draws.normal(rows, columns) / columns**0.5 for columns, rows in pairwise(widths)]


def per_sample_gradients(weights: Sequence[Tensor], x: Tensor, y: Tensor, loss_scale: float = 1.0) -> list[Tensor]:
    """Return the gradients of ``loss_scale * ||W_L ... W_1 x - y||^2`` for every sample, by autograd.

    Parameters
    ----------
    weights : sequence of Tensor
        ``[W_1, ..., W_L]``.
    x, y : Tensor
        Inputs of shape (n, d_0) and targets of shape (n, d_L).
    loss_scale : float
        Factor in front of the squared error, 1 or 1/2 in the documents.

    Returns
    -------
    list of Tensor
        Layer l has shape (n, d_l, d_{l-1}).
    """
    if x.ndim != 2 or y.ndim != 2 or x.shape[0] != y.shape[0]:
        raise DomainError(f"x has shape {tuple(x.shape)}, y {tuple(y.shape)}; give (n, d_0) and (n, d_L)")

    def loss(layers: tuple[Tensor, ...], inputs: Tensor, targets: Tensor) -> Tensor:
        hidden = inputs
        for layer in layers:
            hidden = layer @ hidden
        return loss_scale * ((hidden - targets) ** 2).sum()

    gradient = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    return list(gradient(tuple(weights), x, y))


def teacher_samples(teacher: Tensor, label_noise: float, n: int, draws: RandomStream) -> tuple[Tensor, Tensor]:
    """Return `n` samples ``x ~ N(0, I)``, ``y = M x + eps``, ``eps ~ N(0, sigma^2 I)``.

    Parameters
    ----------
    teacher : Tensor
        M, of shape (d_L, d_0).
    label_noise : float
        Standard deviation sigma >= 0 of each label entry.
    n : int
        Number of samples.
    draws : RandomStream
        Source of randomness, on the teacher's device.

    Returns
    -------
    tuple of Tensor
        x of shape (n, d_0) and y of shape (n, d_L).
    """
    if label_noise < 0 or n < 1:
        raise DomainError(f"label_noise={label_noise}, n={n}: give label_noise >= 0 and n >= 1")
    rows, columns = teacher.shape
    x = draws.normal(n, columns).to(teacher.dtype)
    return x, x @ teacher.T + label_noise * draws.normal(n, rows).to(teacher.dtype)
