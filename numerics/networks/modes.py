"""Mode amplitudes of real weight matrices: balanced aligned networks, gradient noise, derivatives along directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..random.random_stream import RandomStream
from .aligned import Functional, ModeNetwork, between_bases
from .initialisation import orthogonal_factor
from .linear import per_sample_gradients
from .named import end_to_end

#: Binary digits of the coordinates of a Sobol' net.
_DIGITS = 30


def aligned_network(
    amplitudes: Sequence[float], teacher: Sequence[float], widths: Sequence[int], draws: RandomStream
) -> ModeNetwork:
    r"""Return a network on the balanced aligned manifold: :math:`W_l=Q_l\,\mathrm{diag}(s_i^{1/L})\,Q_{l-1}^T`.

    Parameters
    ----------
    amplitudes, teacher : sequence of float
        Amplitudes s_i > 0 of the student and singular values >= 0 of the teacher, one a mode.
    widths : sequence of int
        ``[d_0, ..., d_L]``, each at least the number of modes.
    draws : RandomStream
        Draws the orthogonal matrices Q_l.

    Raises
    ------
    DomainError
        If a width is too small, an amplitude is not positive, or the numbers of modes differ.
    """
    n = len(amplitudes)
    if len(teacher) != n or n == 0 or min(amplitudes) <= 0 or min(teacher) < 0:
        raise DomainError(
            f"amplitudes={list(amplitudes)}, teacher={list(teacher)}: give as many of either, "
            "amplitudes > 0 and teacher values >= 0"
        )
    if len(widths) < 2 or min(widths) < n:
        raise DomainError(f"widths is {list(widths)!r}; {n} mode(s) need at least two widths, all >= {n}")
    depth = len(widths) - 1
    # Haar distributed
    bases = tuple(orthogonal_factor(draws.normal(width, width)) for width in widths)
    entries, values = (torch.tensor(list(row), dtype=torch.float64).to(draws.device) for row in (amplitudes, teacher))
    (target,) = between_bases((bases[0], bases[-1]), values)
    return ModeNetwork(between_bases(bases, entries ** (1 / depth)), target, bases)


def population_gradient(network: ModeNetwork) -> tuple[Tensor, ...]:
    """Return the gradient of ``E 1/2 ||Wx - y||^2`` for inputs of unit covariance, by autograd."""

    def loss(weights: tuple[Tensor, ...]) -> Tensor:
        gap: Tensor = end_to_end(weights) - network.teacher
        return (gap**2).sum() / 2

    gradient: tuple[Tensor, ...] = torch.func.grad(loss)(network.weights)
    return gradient


def gradient_noise(network: ModeNetwork, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    """Return per-sample gradients of ``1/2 ||Wx - y||^2`` minus the population gradient.

    Parameters
    ----------
    network : ModeNetwork
        Weights and teacher.
    x, y : Tensor
        Inputs of shape (n, d_0) and labels of shape (n, d_L).

    Returns
    -------
    tuple of Tensor
        Layer l has shape (n, d_l, d_{l-1}).
    """
    mean = population_gradient(network)
    found = per_sample_gradients(network.weights, x, y, loss_scale=0.5)
    return tuple(g - m for g, m in zip(found, mean, strict=True))


def slopes(f: Functional, weights: tuple[Tensor, ...], directions: tuple[Tensor, ...]) -> Tensor:
    """Return ``d/de f(weights + e N_b)`` at e = 0 for each direction b: the autograd gradient of f along N_b.

    Parameters
    ----------
    f : callable
        Scalar function of the weights.
    weights : tuple of Tensor
        Where to differentiate.
    directions : tuple of Tensor
        One entry a layer, of shape (n, d_l, d_{l-1}).

    Returns
    -------
    Tensor
        Shape (n,).
    """
    gradient = torch.func.grad(f)(weights)
    return _flat(directions) @ torch.cat([g.reshape(-1) for g in gradient])


def half_curvatures(f: Functional, weights: tuple[Tensor, ...], directions: tuple[Tensor, ...]) -> Tensor:
    """Return ``1/2 d^2/de^2 f(weights + e N_b)`` at e = 0 for each direction b: half the autograd Hessian along N_b.

    Arguments and result as in :func:`slopes`.
    """
    shapes = [w.shape for w in weights]

    def flat(theta: Tensor) -> Tensor:
        parts = torch.split(theta, [shape.numel() for shape in shapes])
        value: Tensor = f(tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))
        return value

    # reverse over reverse: forward mode would import a deprecated torch module
    here = torch.cat([w.reshape(-1) for w in weights])
    hessian: Tensor = torch.func.jacrev(torch.func.jacrev(flat))(here)
    n = _flat(directions)
    return ((n @ hessian) * n).sum(dim=1) / 2


def _flat(directions: tuple[Tensor, ...]) -> Tensor:
    return torch.cat([d.flatten(start_dim=1) for d in directions], dim=1)


def gaussian_nets(nets: int, size: int, dimension: int, draws: RandomStream) -> Tensor:
    """Return independent randomised point sets of standard Gaussians, shape (nets * size, dimension), net by net.

    Every net is a Sobol' net with its own random scramble (a random lower triangular matrix and a shift of the binary
    digits: Matousek, J. Complexity 14 (1998) 527), so that a mean over it is an unbiased estimate of the expectation
    and estimates of different nets are independent; for smooth functions its variance is far below that of `size`
    independent samples.

    Parameters
    ----------
    nets : int
        Number of independent nets, >= 1.
    size : int
        Points of a net, a power of 2, at most 2^30.
    dimension : int
        Coordinates of a point, >= 1.
    draws : RandomStream
        Draws the scrambles; the result lies on its device.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    """
    if nets < 1 or dimension < 1 or not 1 <= size <= 1 << _DIGITS or size & (size - 1):
        raise DomainError(
            f"nets={nets}, size={size}, dimension={dimension}: size must be a power of 2 up to 2^{_DIGITS}, nets and "
            "dimension >= 1"
        )
    engine: Any = torch.quasirandom.SobolEngine
    net = (engine(dimension).draw(size, dtype=torch.float64) * 2**_DIGITS).to(torch.int64).to(draws.device)
    used = size.bit_length() - 1  # the points of the net have no further digits
    columns = draws.uniform(nets, 1, dimension, _DIGITS)
    points = draws.integers(1 << _DIGITS, nets, 1, dimension).expand(-1, size, -1).clone()
    for digit in range(used):
        top = 1 << (_DIGITS - 1 - digit)  # the digit stays where it is, and enters lower ones at random
        points ^= ((net & top) != 0) * (top + (columns[..., digit] * top).to(torch.int64))
    # the middle of the cell keeps points inside (0, 1)
    made: Tensor = torch.special.ndtri((points.reshape(-1, dimension).to(torch.float64) + 0.5) * 2.0**-_DIGITS)
    return made
