r"""Teachers and initial weights of batched deep linear networks: random, or balanced and aligned to a teacher.

Balanced: :math:`W_{l+1}^TW_{l+1}=W_lW_l^T` for all neighbouring layers. Aligned: the end-to-end matrix is diagonal in
the singular bases of the teacher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked
from .aligned import between_bases
from .draws import Draws
from .runs import Weights


@dataclass(frozen=True)
class Teacher:
    """A teacher matrix and its singular value decomposition, ``M = U diag(s) V^T``.

    Attributes
    ----------
    matrix : Tensor
        M, of shape (d_L, d_0).
    left, right : Tensor
        Columns u_i and v_i, of shapes (d_L, k) and (d_0, k).
    singular_values : Tensor
        s_i >= 0, in the order in which they were given, shape (k,).
    """

    matrix: Tensor
    left: Tensor
    right: Tensor
    singular_values: Tensor


@checked(DomainError)
def make_teacher(singular_values: Sequence[float], inputs: int, outputs: int, draws: Draws | None = None) -> Teacher:
    """Return a teacher with given singular values.

    Parameters
    ----------
    singular_values : sequence of float
        At most ``min(inputs, outputs)`` values >= 0; the others are 0.
    inputs, outputs : int
        d_0 and d_L.
    draws : Draws, optional
        Draws Haar-distributed singular bases from its first replica's numbers; without it M is diagonal (float64).

    Raises
    ------
    DomainError
        If there is no value, there are too many, or one is negative.
    """
    k = len(singular_values)
    if not 1 <= k <= min(inputs, outputs) or not all(0 <= s < float("inf") for s in singular_values):
        raise DomainError(
            f"singular_values={list(singular_values)}: give 1 to {min(inputs, outputs)} finite values >= 0"
        )
    if draws is None:
        left, right = (torch.eye(size, k, dtype=torch.float64) for size in (outputs, inputs))
    else:
        numbers = draws.normals("teacher", 0, 1, outputs**2 + inputs**2)[0, :, 0]
        first, second = numbers[: outputs**2], numbers[outputs**2 :]
        left = orthogonal_factor(first.reshape(outputs, outputs))[:, :k]
        right = orthogonal_factor(second.reshape(inputs, inputs))[:, :k]
    values = torch.tensor(list(singular_values), dtype=left.dtype, device=left.device)
    return Teacher((left * values) @ right.T, left, right, values)


@checked(DomainError)
def orthogonal_factor(matrix: Tensor) -> Tensor:
    """Return Q of the QR decomposition with positive diagonal of R; of standard Gaussian entries it is Haar.

    Parameters
    ----------
    matrix : Tensor
        Of shape (..., n, n).
    """
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or not matrix.is_floating_point():
        raise DomainError(f"matrix has shape {tuple(matrix.shape)} and {matrix.dtype}; give square matrices of floats")
    q, r = torch.linalg.qr(matrix)
    # without the signs the law of Q would depend on the algorithm's convention
    rotation: Tensor = q * torch.sign(torch.diagonal(r, dim1=-2, dim2=-1))[..., None, :]
    return rotation


@checked(DomainError)
def random_initialisation(widths: Sequence[int], draws: Draws, standard_deviation: float | Sequence[float]) -> Weights:
    """Return independent entries N(0, s_l^2).

    Parameters
    ----------
    widths : sequence of int
        ``[d_0, ..., d_L]``, input width first.
    draws : Draws
        Random numbers; every replica has its own.
    standard_deviation : float or sequence of float
        s_l > 0, one for all layers or one a layer. Small values give the rich, saddle-to-saddle regime.

    Returns
    -------
    tuple of Tensor
        `W_l` of shape (replicas, d_l, d_{l-1}).

    Raises
    ------
    DomainError
        If widths or standard deviations are not positive or their numbers do not fit.
    """
    _check_widths(widths)
    shapes = [(rows, columns) for columns, rows in pairwise(widths)]
    several = isinstance(standard_deviation, Sequence)
    scales = list(standard_deviation) if isinstance(standard_deviation, Sequence) else [standard_deviation]
    if (several and len(scales) != len(shapes)) or not all(0 < s < float("inf") for s in scales):
        raise DomainError(f"standard_deviation={standard_deviation}: give one value > 0, or one for each layer")
    scales = scales if several else scales * len(shapes)
    numbers = draws.normals("initial", 0, 1, sum(r * c for r, c in shapes))[0].T
    parts = torch.split(numbers, [r * c for r, c in shapes], dim=1)
    return tuple(s * p.reshape(-1, *shape) for s, p, shape in zip(scales, parts, shapes, strict=True))


@checked(DomainError)
def aligned_initialisation(
    widths: Sequence[int], draws: Draws, amplitudes: Sequence[float], teacher: Teacher
) -> Weights:
    r"""Return balanced weights whose end-to-end matrix is ``sum_i s_i u_i v_i^T`` in the bases of the teacher.

    :math:`W_l=Q_l\,\mathrm{diag}(s^{1/L})\,Q_{l-1}^T` with Haar-distributed hidden bases.

    Parameters
    ----------
    widths : sequence of int
        ``[d_0, ..., d_L]``, each at least the number of amplitudes, the outer ones the teacher's.
    draws : Draws
        Random numbers; every replica has its own hidden bases Q_l.
    amplitudes : sequence of float
        Singular values s_i >= 0 of the end-to-end matrix, at most as many as the teacher has singular vectors.
    teacher : Teacher
        Its singular vectors are the outer bases.

    Raises
    ------
    DomainError
        If an amplitude is negative or a width does not fit.
    """
    _check_widths(widths)
    outputs, inputs = teacher.matrix.shape
    k, depth = len(amplitudes), len(widths) - 1
    if (widths[0], widths[-1]) != (inputs, outputs) or k > teacher.left.shape[1]:
        raise DomainError(
            f"widths={list(widths)}, {k} amplitudes: the teacher maps {inputs} to {outputs} numbers "
            f"and has {teacher.left.shape[1]} modes"
        )
    if not 1 <= k <= min(widths) or not all(0 <= s < float("inf") for s in amplitudes):
        raise DomainError(f"amplitudes={list(amplitudes)}: give 1 to {min(widths)} finite values >= 0")
    numbers = draws.normals("initial", 0, 1, sum(w * w for w in widths))[0].T
    bases = [
        orthogonal_factor(part.reshape(-1, width, width))
        for part, width in zip(torch.split(numbers, [w * w for w in widths], dim=1), widths, strict=True)
    ]
    bases[0], bases[-1] = (side.to(numbers).expand(len(numbers), -1, -1) for side in (teacher.right, teacher.left))
    roots = torch.tensor([s ** (1 / depth) for s in amplitudes], dtype=draws.dtype, device=draws.device)
    return between_bases(bases, roots)


def _check_widths(widths: Sequence[int]) -> None:
    if len(widths) < 2 or min(widths) < 1:
        raise DomainError(f"widths is {list(widths)!r}; give at least two positive integers, input first")
