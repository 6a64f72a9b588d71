r"""Balanced aligned networks and the mode amplitudes of weights, in the arithmetic of the arrays that are given.

Exact where the arrays are NumPy arrays of fractions, fast where they are torch tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...derivations.errors import DomainError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: From the weights of a network to a number.
Functional = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class ModeNetwork:
    """A linear network beside its teacher.

    Parameters
    ----------
    weights : tuple of array
        ``W_1, ..., W_L``, `W_l` of shape (d_l, d_{l-1}).
    teacher : array
        M, of shape (d_L, d_0).
    bases : tuple of array
        Orthogonal matrices of the widths, ``bases[l]`` of shape (d_l, d_l). The columns of the first and the last are
        the right and left singular vectors of M.
    """

    weights: tuple[Any, ...]
    teacher: Any
    bases: tuple[Any, ...]


def between_bases(bases: Sequence[Any], entries: Any) -> tuple[Any, ...]:
    r"""Return :math:`W_l=Q_l\,\mathrm{diag}(e)\,Q_{l-1}^T` for matrices of columns `bases`, of shape (..., d_l, n).

    `entries` has shape (n,): with orthonormal columns the layers are balanced and aligned.
    """
    n = len(entries)
    columns = [basis[..., :n] for basis in bases]
    return tuple((above * entries) @ below.swapaxes(-1, -2) for below, above in pairwise(columns))


def amplitude(network: ModeNetwork, alpha: int, beta: int) -> Functional:
    """Return ``c_{alpha beta}(weights) = u_alpha^T W v_beta``, indices from 0, u and v of the teacher."""
    left, right = network.bases[-1][:, alpha], network.bases[0][:, beta]

    def value(weights: Sequence[Any]) -> Any:
        vector = right
        for weight in weights:
            vector = weight @ vector
        return left @ vector

    return value


def imbalance(network: ModeNetwork, layer: int, alpha: int, beta: int) -> Functional:
    """Return entry (alpha, beta), from 0, of ``W_{l+1}^T W_{l+1} - W_l W_l^T`` in the basis of width d_l, l >= 1."""
    if not 1 <= layer < len(network.weights):
        raise DomainError(f"layer = {layer}; it must lie between 1 and {len(network.weights) - 1}")
    one, other = network.bases[layer][:, alpha], network.bases[layer][:, beta]

    def value(weights: Sequence[Any]) -> Any:
        below, above = weights[layer - 1], weights[layer]
        return (above @ one) @ (above @ other) - (below.T @ one) @ (below.T @ other)

    return value
