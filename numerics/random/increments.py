"""Standardised increments by their number: draw i of a path, in plain torch, as every backend must give it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from ...derivations.errors import NumericsError
from ..arguments import checked
from .normals import normals_float32, normals_float64
from .philox import GAUSSIAN_FLOAT32, GAUSSIAN_FLOAT64, MASK, THREE_POINT, TWO_POINT, words

if TYPE_CHECKING:
    import torch

    from ..schemes.one_step import Law

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

DType = Literal["float32", "float64"]

#: Words below this count are -sqrt(3), as many at the upper end +sqrt(3): probability 1/6 less 1.6e-10 each.
SIXTH = 2**32 // 6
SQRT_3 = math.sqrt(3)


def law_tag(law: Law, dtype: DType) -> int:
    """Return the fourth counter word of an increment law."""
    if law == "gaussian":
        return GAUSSIAN_FLOAT32 if dtype == "float32" else GAUSSIAN_FLOAT64
    return TWO_POINT if law == "two-point" else THREE_POINT


def draws_per_block(law: Law, dtype: DType) -> int:
    """Return how many consecutive draws one Philox block yields."""
    if law == "gaussian":
        return 4 if dtype == "float32" else 2
    return 128 if law == "two-point" else 4


@checked(NumericsError)
def increments(
    paths: torch.Tensor, first: int, count: int, *, law: Law, dtype: DType, key: tuple[int, int]
) -> torch.Tensor:
    """Return draws number `first`, ..., `first + count - 1` of every path.

    Noise j of step n is draw number n m + j, with m noises a step.

    Parameters
    ----------
    paths : int64 tensor of shape (paths,)
        Numbers of the paths.
    first, count : int
        First draw, >= 0, and how many, >= 1.
    law, dtype, key
        Law of the increments, dtype of the result, key words.

    Returns
    -------
    Tensor of shape (count, paths)
        Independent entries of mean 0 and variance 1.

    Raises
    ------
    NumericsError
        If `first` or `count` is out of range.
    """
    import torch

    if first < 0 or count < 1:
        raise NumericsError(f"first={first}, count={count}: first must be >= 0 and count >= 1")
    if (first + count - 1) // draws_per_block(law, dtype) > MASK:
        raise NumericsError(f"first={first}, count={count}: a stream has 2^32 blocks a path; take another stream")
    size, tag, kind = draws_per_block(law, dtype), law_tag(law, dtype), getattr(torch, dtype)
    rows: list[torch.Tensor] = []
    for block in range(first // size, (first + count - 1) // size + 1):
        w = words(paths, block, tag, key)
        if law == "gaussian":
            rows += normals_float32(w) if dtype == "float32" else normals_float64(w)
        elif law == "two-point":
            rows += [(2 * ((word >> bit) & 1) - 1).to(kind) for word in w for bit in range(32)]
        else:
            sides = [(word >= 2**32 - SIXTH).to(kind) - (word < SIXTH).to(kind) for word in w]
            rows += [side * SQRT_3 for side in sides]
    offset = first % size
    return torch.stack(rows[offset : offset + count])
