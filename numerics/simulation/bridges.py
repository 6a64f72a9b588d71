"""The Brownian bridge between two steps: whether it crosses a level, and when (formulas in `barriers`)."""

from __future__ import annotations

import math

import torch

from ...derivations.errors import DomainError
from ..arguments import checked


@checked(DomainError)
def crossing_probability(
    x: torch.Tensor, y: torch.Tensor, barrier: float, variance: torch.Tensor | float
) -> torch.Tensor:
    r"""Return the probability that a Brownian bridge from x to y of variance v crosses the barrier.

    .. math:: P = \exp\bigl(-2\,((b-x)(b-y))_+/v\bigr)

    Parameters
    ----------
    x, y : tensors that broadcast
        Ends of the bridge.
    barrier : float
        b; an infinite one is never crossed.
    variance : tensor or float
        sigma^2 h > 0 of the step.

    Raises
    ------
    DomainError
        If a variance is not positive.
    """
    v = torch.as_tensor(variance, dtype=x.dtype, device=x.device)
    if not bool((v > 0).all()):
        raise DomainError("variance holds values that are not positive; a path without noise crosses or does not")
    if math.isinf(barrier):
        return torch.zeros_like(x + y + v)
    return torch.exp(-2 * ((barrier - x) * (barrier - y)).clamp(min=0) / v)


@checked(DomainError)
def passage_time(
    x: torch.Tensor,
    y: torch.Tensor,
    barrier: torch.Tensor | float,
    variance: torch.Tensor | float,
    normal: torch.Tensor,
    uniform: torch.Tensor,
) -> torch.Tensor:
    """Return the share tau / h of the step at which a bridge known to cross first does.

    Parameters
    ----------
    x, y, barrier, variance
        As in :func:`crossing_probability`, barrier finite.
    normal, uniform : tensors
        A standard normal and a uniform for each path (inverse Gaussian by Michael, Schucany and Haas, Amer. Statist.
        30 (1976) 88, written so that y on the barrier is no exception).
    """
    root = torch.as_tensor(variance, dtype=x.dtype, device=x.device).sqrt()
    a, c = (x - barrier).abs() / root, (y - barrier).abs() / root
    half = normal * normal / (2 * a)
    ratio = a / (c + half + torch.sqrt(half * half + 2 * half * c))
    ratio = torch.where(uniform * (a + c * ratio) <= a, ratio, a * a / (c * c * ratio))
    share = 1 / (1 + 1 / ratio)
    return torch.where(a > 0, share, 0.0)
