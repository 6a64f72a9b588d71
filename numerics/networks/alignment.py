"""Measures of batched linear networks: mode amplitudes, diffusion along modes, balance, alignment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked
from .data import TeacherData
from .linear import pull_back, push_forward
from .named import end_to_end
from .runs import check_weights


@checked(DomainError)
def amplitudes(weights: Sequence[Tensor], left: Tensor, right: Tensor) -> Tensor:
    """Return all mode and cross-mode amplitudes ``c_ab = u_a^T W v_b``.

    Parameters
    ----------
    weights : sequence of Tensor
        `W_l` of shape (replicas, d_l, d_{l-1}).
    left, right : Tensor
        Columns u_a and v_b, of shapes (d_L, k) and (d_0, m).

    Returns
    -------
    Tensor
        Shape (replicas, k, m): modes on the diagonal, cross-modes beside it.
    """
    product = end_to_end(weights)
    _check_columns(left, right, product)
    return left.to(product).T @ product @ right.to(product)


@checked(DomainError)
def mode_amplitudes(weights: Sequence[Tensor], left: Tensor, right: Tensor) -> Tensor:
    """Return ``c_aa``, shape (replicas, k); arguments as in :func:`amplitudes`, with as many columns on both sides."""
    if left.shape[-1:] != right.shape[-1:]:
        raise DomainError(
            f"left has shape {tuple(left.shape)}, right {tuple(right.shape)}; modes need as many of either"
        )
    return torch.diagonal(amplitudes(weights, left, right), dim1=-2, dim2=-1)


@checked(DomainError)
def cross_mode_share(weights: Sequence[Tensor], left: Tensor, right: Tensor) -> Tensor:
    """Return the share of the cross-modes in the squares of all amplitudes, in [0, 1], shape (replicas,).

    0 where the network is diagonal in the given bases (or vanishes). Arguments as in :func:`amplitudes`.
    """
    squares = amplitudes(weights, left, right).square()
    whole = squares.sum(dim=(-2, -1))
    cross = whole - torch.diagonal(squares, dim1=-2, dim2=-1).sum(dim=-1)
    return torch.where(whole > 0, cross.clamp_min(0) / whole, torch.zeros_like(whole))


@checked(DomainError)
def imbalances(weights: Sequence[Tensor]) -> list[Tensor]:
    """Return ``W_{l+1}^T W_{l+1} - W_l W_l^T`` for l = 1, ..., L - 1, each of shape (replicas, d_l, d_l)."""
    return [above.mT @ above - below @ below.mT for below, above in pairwise(weights)]


@checked(DomainError)
def relative_imbalance(weights: Sequence[Tensor]) -> Tensor:
    r"""Return :math:`\lVert W_{l+1}^TW_{l+1}-W_lW_l^T\rVert / (\lVert W_{l+1}^TW_{l+1}\rVert+\lVert W_lW_l^T\rVert)`.

    Frobenius norms; in [0, 1], 0 for balanced layers, unchanged when all weights are multiplied by one number.

    Returns
    -------
    Tensor
        Shape (replicas, L - 1).

    Raises
    ------
    DomainError
        If there are fewer than two layers.
    """
    _check_pairs(weights)
    shares = []
    for below, above in pairwise(weights):
        first, second = above.mT @ above, below @ below.mT
        top, bottom = _norm(first - second), _norm(first) + _norm(second)
        shares.append(torch.where(bottom > 0, top / bottom, torch.zeros_like(top)))
    return torch.stack(shares, dim=1)


@checked(DomainError)
def mode_diffusion(
    weights: Sequence[Tensor], data: TeacherData, left: Tensor, right: Tensor, *, loss_scale: float
) -> Tensor:
    r"""Return the variance of ``u_i^T dW v_i`` under one-sample gradient noise at the given weights, exactly.

    The noise moves the end-to-end matrix by the neural tangent kernel applied to Z, the noise of the matrix
    :math:`2c(Wx-y)x^T`; with K the kernel applied to :math:`u_iv_i^T` and D = W - M,
    :math:`4c^2\,(\lVert D^TK\rVert^2+\mathrm{tr}(D^TK\,D^TK)+\sigma^2\lVert K\rVert^2)`. Times :math:`\eta/B` it is the
    rate of quadratic variation of the amplitude.

    Parameters
    ----------
    weights : sequence of Tensor
        `W_l` of shape (replicas, d_l, d_{l-1}).
    data : TeacherData
        Teacher M and label noise sigma.
    left, right : Tensor
        Columns u_i and v_i, of shapes (d_L, k) and (d_0, k); permute the columns of one for cross-modes.
    loss_scale : float
        c of the per-sample loss ``c ||W x - y||^2``.

    Returns
    -------
    Tensor
        Shape (replicas, k).
    """
    if not 0 < loss_scale < float("inf"):
        raise DomainError(f"loss_scale={loss_scale}; it must be > 0 and finite")
    product = end_to_end(weights)
    _check_columns(left, right, product)
    gap = product - data.teacher.to(product)
    rates = []
    for u, v in zip(left.to(product).T, right.to(product).T, strict=True):
        kernel = push_forward(weights, pull_back(weights, torch.outer(u, v).expand_as(product)))
        turned = gap.mT @ kernel
        symmetric = turned.square().sum(dim=(-2, -1)) + (turned * turned.mT).sum(dim=(-2, -1))
        rates.append(symmetric + data.label_noise**2 * kernel.square().sum(dim=(-2, -1)))
    return 4 * loss_scale**2 * torch.stack(rates, dim=1)


def _norm(matrix: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.matrix_norm(matrix)
    return norm


def _check_pairs(weights: Sequence[Tensor]) -> None:
    if len(weights) < 2:
        raise DomainError(f"{len(weights)} layer(s); a relation between neighbours needs at least two")
    check_weights(weights, weights[0].shape[-1], weights[-1].shape[-2] if weights[-1].ndim > 1 else 0)


def _check_columns(left: Tensor, right: Tensor, product: Tensor) -> None:
    rows, columns = product.shape[-2:]
    if left.ndim != 2 or right.ndim != 2 or (left.shape[0], right.shape[0]) != (rows, columns):
        raise DomainError(
            f"left has shape {tuple(left.shape)}, right {tuple(right.shape)}; "
            f"a network of shape ({rows}, {columns}) needs ({rows}, k) and ({columns}, m)"
        )
