r"""Cubature that integrates polynomials up to degree 5 against a standard Gaussian exactly."""

from __future__ import annotations

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked


@checked(DomainError)
def degree_five(dimension: int) -> tuple[Tensor, Tensor]:
    r"""Return points and weights with :math:`\sum_k w_k f(z_k) = E f(\xi)`, xi ~ N(0, I), for polynomials of degree 5.

    The points are 0, :math:`\pm\sqrt3 e_i` and :math:`\pm\sqrt3 e_i\pm\sqrt3 e_j`. Odd moments vanish by symmetry;
    :math:`w=1/36` on pairs gives :math:`E\xi_i^2\xi_j^2=1`, then :math:`(4-n)/18` on the axes gives
    :math:`E\xi_i^2=1` and :math:`E\xi_i^4=3`, and the centre makes the sum 1. Some weights are negative for n > 4.
    So covariances of quadratic functions, such as per-sample gradients of a squared loss, come out to rounding.

    Parameters
    ----------
    dimension : int
        n >= 1.

    Returns
    -------
    tuple of Tensor
        Points of shape (1 + 2 n^2, n) and weights of shape (1 + 2 n^2,), float64.

    Raises
    ------
    DomainError
        If `dimension` is below 1.

    References
    ----------
    McNamee and Stenger, "Construction of fully symmetric numerical integration formulas", Numer. Math. 10 (1967) 327.
    """
    n = dimension
    if not 1 <= n <= 4096:
        raise DomainError(f"dimension={n}; it must be from 1 to 4096")
    axes = 3**0.5 * torch.eye(n, dtype=torch.float64)
    above = torch.combinations(torch.arange(n), 2)
    pairs = [s * axes[above[:, 0]] + t * axes[above[:, 1]] for s in (1, -1) for t in (1, -1)]
    points = torch.cat([torch.zeros(1, n, dtype=torch.float64), axes, -axes, *pairs])
    axis, pair = (4 - n) / 18, 1 / 36
    weights = torch.full((len(points),), pair, dtype=torch.float64)
    weights[1 : 2 * n + 1] = axis
    weights[0] = 1 - 2 * n * axis - 2 * n * (n - 1) * pair
    return points, weights
