r"""Increments of alpha-stable Levy processes from counter-based uniforms, by Chambers, Mallows and Stuck.

A standard stable variable (Nolan's S1) has the characteristic function

.. math:: E e^{itX} = \exp\bigl(-|t|^\alpha(1 - i\beta\,\mathrm{sgn}\,t\tan\tfrac{\pi\alpha}2)\bigr),\qquad
          \exp\bigl(-|t|(1 + \tfrac{2i\beta}\pi\,\mathrm{sgn}\,t\ln|t|)\bigr)\ \text{at}\ \alpha=1,

so that alpha = 2 is Gaussian with variance 2. Source: Chambers, Mallows and Stuck, J. Amer. Statist. Assoc. 71 (1976)
340; with the correction of Weron, Statist. Probab. Lett. 28 (1996) 165.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from .increments import DType
from .philox import UNIFORM, words

if TYPE_CHECKING:
    from .philox import Words


def open_uniform(high: torch.Tensor, low: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return u = (k + 1/2) / 2^53 and 1 - u, both float64 to full relative precision, of two 32-bit words."""
    k = (high << 21) | (low >> 11)
    scale = 2.0**-53
    return k.to(torch.float64) * scale + scale / 2, (2**53 - 1 - k).to(torch.float64) * scale + scale / 2


@checked(DomainError)
def stable(
    paths: torch.Tensor,
    first: int,
    count: int,
    *,
    alpha: float,
    beta: float = 0.0,
    key: tuple[int, int],
    dtype: DType = "float64",
) -> torch.Tensor:
    """Return standard stable variables number `first`, ..., `first + count - 1` of every path.

    Parameters
    ----------
    paths : int64 tensor of shape (paths,)
        Numbers of the paths.
    first, count : int
        First draw, >= 0, and how many, >= 1; each takes one Philox block, in float64 whatever `dtype` is, because
        the tails need the resolution.
    alpha : float
        Index in (0, 2].
    beta : float
        Skewness in [-1, 1]; 0 is symmetric. It has no effect at alpha = 2.
    key : pair of int
        Key words (:func:`~crossproof.numerics.random.philox.key_words`).
    dtype : {"float32", "float64"}
        Of the result.

    Returns
    -------
    Tensor of shape (count, paths)

    Raises
    ------
    DomainError
        If `alpha` or `beta` is outside its range.
    NumericsError
        If `first` or `count` is, or variables exceed the range of `dtype` (small alpha).
    """
    _validate(alpha, beta)
    if first < 0 or count < 1 or first + count > 2**32:
        raise NumericsError(f"first={first}, count={count}: first must be >= 0, count >= 1, their sum at most 2^32")
    drawn = torch.stack([_transform(words(paths, first + i, UNIFORM, key), alpha, beta) for i in range(count)])
    cast = drawn.to(getattr(torch, dtype))
    lost = int((~torch.isfinite(cast)).sum())
    if lost:
        raise NumericsError(
            f"{lost} of {cast.numel()} variables with alpha={alpha} exceed {dtype}; raise alpha"
            + (" or take float64" if dtype == "float32" else "")
        )
    return cast


@checked(DomainError)
def levy_increments(
    paths: torch.Tensor,
    first: int,
    count: int,
    *,
    alpha: float,
    dt: float,
    beta: float = 0.0,
    key: tuple[int, int],
    dtype: DType = "float64",
) -> torch.Tensor:
    r"""Return increments over `dt` of the stable process whose value at time 1 is standard.

    .. math:: dt^{1/\alpha} X,\qquad dt\,X + \tfrac2\pi\beta\,dt\ln dt\ \text{at}\ \alpha = 1.

    Parameters and errors as in :func:`stable`; NumericsError if `dt` is not positive and finite.
    """
    if not 0 < dt < math.inf:
        raise NumericsError(f"dt={dt}; the step must be a positive finite number")
    drawn = stable(paths, first, count, alpha=alpha, beta=beta, key=key, dtype=dtype)
    shift = 2 / math.pi * beta * dt * math.log(dt) if alpha == 1 else 0.0
    increments: torch.Tensor = drawn * dt ** (1 / alpha) + shift
    return increments


def _validate(alpha: float, beta: float) -> None:
    if not 0 < alpha <= 2:
        raise DomainError(f"alpha={alpha}; the index of a stable law lies in (0, 2]")
    if not -1 <= beta <= 1:
        raise DomainError(f"beta={beta}; the skewness of a stable law lies in [-1, 1]")


def _transform(block: Words, alpha: float, beta: float) -> torch.Tensor:
    """Return the stable variable of an angle V in (-pi/2, pi/2) and an exponential W."""
    u, rest = open_uniform(block[0], block[1])
    exponential = -torch.log(open_uniform(block[2], block[3])[0])
    edge = math.pi * torch.minimum(u, rest)  # distance of V from the nearer end: cos V without cancellation
    cosine = torch.sin(edge)
    angle = torch.where(u < rest, edge - math.pi / 2, math.pi / 2 - edge)
    if alpha == 1:
        tangent = torch.sign(angle) * torch.cos(edge) / cosine
        width = math.pi / 2 + beta * angle
        return (width * tangent - beta * torch.log(math.pi / 2 * exponential * cosine / width)) * (2 / math.pi)
    if alpha == 2:
        return 2 * torch.sin(angle) * torch.sqrt(exponential)
    skew = beta * math.tan(math.pi * alpha / 2)
    turned = alpha * angle + math.atan(skew)
    scale = (1 + skew * skew) ** (1 / (2 * alpha))
    ratio = torch.cos(angle - turned).clamp(min=0.0) / exponential  # rounding may take a zero below it
    drawn: torch.Tensor = scale * torch.sin(turned) / cosine ** (1 / alpha) * ratio ** ((1 - alpha) / alpha)
    return drawn
