r"""Functions of the weights of a deep linear network: Jacobians, NTK, gradient-noise covariance, drifts of amplitudes.

The loss of one sample is :math:`c\lVert W_L\cdots W_1x-y\rVert^2` with whitened Gaussian inputs,
:math:`y=Mx+\epsilon` and label noise of covariance :math:`\sigma^2I`; c = 1/2 unless said otherwise. Columns are
stacked. Each formula is a claim of the catalog, named in the function's source.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked
from ..matrices import Floating
from .linear import end_to_end

Weights = Sequence[Tensor]

_NUMBERS = Floating()


@checked(DomainError)
def partial_products(weights: Weights, layer: int) -> tuple[Tensor, Tensor]:
    r"""Return :math:`P_l=W_L\cdots W_{l+1}` and :math:`Q_l=W_{l-1}\cdots W_1`; an empty product is the identity.

    Parameters
    ----------
    weights : sequence of Tensor
        ``[W_1, ..., W_L]``, `W_l` of shape (d_l, d_{l-1}).
    layer : int
        l, from 1 to L.

    Returns
    -------
    tuple of Tensor
        Shapes (d_L, d_l) and (d_{l-1}, d_0).

    Raises
    ------
    DomainError
        If there are no weights, shapes do not fit, or the layer does not exist.

    Notes
    -----
    Source: document 003, Proposition 3.1.
    """
    _check(weights, layer)
    after, before = list(weights[layer:]), list(weights[: layer - 1])
    left = end_to_end(after) if after else _identity(weights[-1].shape[0], weights)
    right = end_to_end(before) if before else _identity(weights[0].shape[1], weights)
    return left, right


@checked(DomainError)
def jacobian(weights: Weights, layer: int) -> Tensor:
    r"""Return :math:`J_l=Q_l^\top\otimes P_l=\partial\,\mathrm{vec}W/\partial\,\mathrm{vec}W_l`.

    Shape (d_L d_0, d_l d_{l-1}). Arguments and errors as in :func:`partial_products`. Source: 003.prop3.1.jacobian.
    """
    left, right = partial_products(weights, layer)
    product: Tensor = _NUMBERS.kron(right.mT, left)
    return product


@checked(DomainError)
def commutation_matrix(m: int, n: int, *, dtype: torch.dtype = torch.float64) -> Tensor:
    """Return ``K`` of shape (m n, m n) with ``K vec(X) = vec(X^T)`` for every X of shape (m, n).

    Raises
    ------
    DomainError
        If m or n is not a positive integer.
    """
    if not (isinstance(m, int) and isinstance(n, int) and m >= 1 and n >= 1):
        raise DomainError(f"m={m!r}, n={n!r}: give two integers >= 1")
    order = torch.arange(m * n).reshape(n, m).T.reshape(-1)
    return torch.eye(m * n, dtype=dtype)[order]


@checked(DomainError)
def noise_covariance(
    weights: Weights, teacher: Tensor, rows: int, columns: int, *, label_noise: float = 0.0, loss_scale: float = 0.5
) -> Tensor:
    r"""Return the block of the one-sample gradient-noise covariance for two layers.

    .. math:: 4c^2\,J_i^\top\bigl[(I\otimes E)(I+K)(I\otimes E)^\top+\sigma^2I\bigr]J_j,\qquad E=W_L\cdots W_1-M.

    Parameters
    ----------
    weights : sequence of Tensor
        ``[W_1, ..., W_L]``.
    teacher : Tensor
        M, of shape (d_L, d_0).
    rows, columns : int
        The layers i and j.
    label_noise : float
        sigma >= 0.
    loss_scale : float
        c > 0; 1/2 in document 003, 1 for a loss without the factor, 1/(2 d_L) for one averaged over the outputs.

    Returns
    -------
    Tensor
        Shape (d_i d_{i-1}, d_j d_{j-1}).

    Raises
    ------
    DomainError
        If shapes do not fit or a number is out of range.

    Notes
    -----
    Source: 003.prop3.2.cov. For exact Gaussian samples of this covariance without forming it see
    :func:`crossproof.numerics.networks.langevin.one_sample_noise`.
    """
    gap = _gap(weights, teacher, label_noise, loss_scale)
    inputs = gap.shape[1]
    spread = _NUMBERS.kron(_identity(inputs, weights), gap)
    bracket = _identity(inputs**2, weights) + commutation_matrix(inputs, inputs, dtype=gap.dtype).to(gap.device)
    inside = spread @ bracket @ spread.mT + label_noise**2 * _identity(gap.numel(), weights)
    block: Tensor = 4 * loss_scale**2 * jacobian(weights, rows).mT @ inside @ jacobian(weights, columns)
    return block


@checked(DomainError)
def mode_gradient(weights: Weights, layer: int, left: Tensor, right: Tensor) -> Tensor:
    r"""Return :math:`\nabla_{W_l}u^\top Wv=P_l^\top u\,v^\top Q_l^\top`, of the shape of `W_l`.

    `left` u has shape (d_L,), `right` v shape (d_0,). Source: 003.prop3.3.grad.
    """
    above, below = partial_products(weights, layer)
    _check_pair(weights, left, right)
    return torch.outer(above.mT @ left, below @ right)


@checked(DomainError)
def tangent_kernel(weights: Weights, layer: int | None = None) -> Tensor:
    r"""Return the NTK operator :math:`J_lJ_l^\top=(Q_l^\top Q_l)\otimes(P_lP_l^\top)` of one layer, or of all summed.

    Shape (d_L d_0, d_L d_0). Source: document 003, Proposition 3.3.
    """
    layers = range(1, len(weights) + 1) if layer is None else (layer,)
    blocks = [jacobian(weights, k) for k in layers]
    total: Tensor = sum((j @ j.mT for j in blocks[1:]), blocks[0] @ blocks[0].mT)
    return total


@checked(DomainError)
def gradient_drift(
    weights: Weights, teacher: Tensor, left: Tensor, right: Tensor, *, loss_scale: float = 0.5
) -> Tensor:
    r"""Return the drift of :math:`u^\top Wv` under gradient flow, :math:`-2c\sum_lu^\top P_lP_l^\top EQ_l^\top Q_lv`.

    A number (shape ()). Source: 003.prop3.4.sde.
    """
    gap = _gap(weights, teacher, 0.0, loss_scale)
    total = gap.new_zeros(())
    for layer in range(1, len(weights) + 1):
        above, below = partial_products(weights, layer)
        total = (
            total - 2 * loss_scale * (mode_gradient(weights, layer, left, right) * (above.mT @ gap @ below.mT)).sum()
        )
    return total


@checked(DomainError)
def ito_drift(
    weights: Weights,
    teacher: Tensor,
    left: Tensor,
    right: Tensor,
    *,
    eta_b: float,
    label_noise: float = 0.0,
    loss_scale: float = 0.5,
) -> Tensor:
    r"""Return the Ito drift of :math:`u^\top Wv` at any weights.

    .. math:: 4c^2\eta_b\sum_{i<j}u^\top K_j\bigl[E(B E)^\top+\mathrm{tr}(BE)E+\sigma^2B^\top\bigr]N_iv,
              \qquad B=Q_j^\top R\,P_i^\top,

    with :math:`K_l=P_lP_l^\top`, :math:`N_l=Q_l^\top Q_l` and R the layers between i and j.

    Parameters
    ----------
    weights, teacher, label_noise, loss_scale
        As in :func:`noise_covariance`.
    left, right : Tensor
        u of shape (d_L,) and v of shape (d_0,).
    eta_b : float
        Learning rate over batch size, > 0; the drift is per unit of time, learning rate times steps.

    Returns
    -------
    Tensor
        A number, shape ().

    Raises
    ------
    DomainError
        If shapes do not fit or a number is out of range.

    Notes
    -----
    Source: 003.prop3.4.sde.
    """
    if not 0 < eta_b < float("inf"):
        raise DomainError(f"eta_b={eta_b}; learning rate over batch size is finite and > 0")
    gap = _gap(weights, teacher, label_noise, loss_scale)
    _check_pair(weights, left, right)
    total = gap.new_zeros(())
    for later in range(2, len(weights) + 1):
        above, below = partial_products(weights, later)
        row = above @ (above.mT @ left)
        for earlier in range(1, later):
            over, under = partial_products(weights, earlier)
            inside = list(weights[earlier : later - 1])
            between = end_to_end(inside) if inside else _identity(weights[earlier - 1].shape[0], weights)
            middle = below.mT @ between @ over.mT
            column = under.mT @ (under @ right)
            turned = gap @ (middle @ gap).mT + torch.trace(middle @ gap) * gap + label_noise**2 * middle.mT
            total = total + row @ turned @ column
    return 4 * loss_scale**2 * eta_b * total


def _identity(size: int, weights: Weights) -> Tensor:
    return torch.eye(size, dtype=weights[0].dtype, device=weights[0].device)


def _check(weights: Weights, layer: int) -> None:
    if not weights or any(w.ndim != 2 for w in weights):
        raise DomainError("weights must be a sequence of matrices, one a layer, first layer first")
    if not (isinstance(layer, int) and 1 <= layer <= len(weights)):
        raise DomainError(f"layer={layer!r}; it must be an integer from 1 to {len(weights)}")


def _gap(weights: Weights, teacher: Tensor, label_noise: float, loss_scale: float) -> Tensor:
    _check(weights, 1)
    product = end_to_end(weights)
    if teacher.shape != product.shape or not bool(torch.isfinite(teacher).all()):
        raise DomainError(f"teacher has shape {tuple(teacher.shape)}; give a finite matrix {tuple(product.shape)}")
    if not 0 <= label_noise < float("inf") or not 0 < loss_scale < float("inf"):
        raise DomainError(f"label_noise={label_noise}, loss_scale={loss_scale}: give label_noise >= 0, loss_scale > 0")
    return product - teacher


def _check_pair(weights: Weights, left: Tensor, right: Tensor) -> None:
    wanted = (weights[-1].shape[0],), (weights[0].shape[1],)
    if (tuple(left.shape), tuple(right.shape)) != wanted:
        raise DomainError(f"left, right have shapes {tuple(left.shape)}, {tuple(right.shape)}; give {wanted}")
