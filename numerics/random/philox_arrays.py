"""Philox words in NumPy: the bits of the reference at a quarter of its time, without compilation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from .philox import M0, M1, MASK, Words, key_schedule

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Array = NDArray[np.uint64]

#: Blocks of words that are made at a time: a dozen arrays of them stay in the second cache.
_CHUNK = 2**14
_HALF, _LOW = np.uint64(32), np.uint64(MASK)


def chunks_of_words(
    first: int, paths: int, blocks: range, law: int, key: tuple[int, int]
) -> Iterator[tuple[slice, slice, Words]]:
    """Yield the words of some blocks of the paths `first`, ..., `first + paths - 1`, part by part.

    Parameters
    ----------
    first, paths : int
        First path >= 0 and number of paths >= 1.
    blocks : range
        Consecutive blocks, in [0, 2^32).
    law : int
        Fourth counter word.
    key : pair of int
        Key words.

    Yields
    ------
    blocks, paths : slice
        Which of them, counted from the first.
    words : four int64 tensors of shape (blocks, paths)
        What :func:`~crossproof.numerics.random.philox.words` gives.

    Raises
    ------
    NumericsError
        If a block has more than 32 bits.
    """
    if blocks.start < 0 or blocks.stop - 1 > MASK:
        raise NumericsError(f"blocks={blocks}: a stream has 2^32 blocks a path; take another stream")
    wide = min(paths, _CHUNK)
    high = max(1, _CHUNK // wide)
    for top in range(0, len(blocks), high):
        part = blocks[top : top + high]
        for left in range(0, paths, wide):
            count = min(wide, paths - left)
            numbers = np.arange(first + left, first + left + count, dtype=np.uint64)
            made = _philox(np.tile(numbers, len(part)), np.repeat(np.array(part, dtype=np.uint64), count), law, key)
            a, b, c, d = (torch.from_numpy(w.view(np.int64).reshape(len(part), count)) for w in made)
            yield slice(top, top + len(part)), slice(left, left + count), (a, b, c, d)


def _philox(numbers: Array, blocks: Array, law: int, key: tuple[int, int]) -> tuple[Array, Array, Array, Array]:
    c0, c1 = numbers & _LOW, numbers >> _HALF
    c2, c3 = blocks, np.full_like(numbers, law)
    p, q = np.empty_like(numbers), np.empty_like(numbers)
    for k0, k1 in key_schedule(key):
        np.multiply(c0, np.uint64(M0), out=p)
        np.multiply(c2, np.uint64(M1), out=q)
        for product, counter, word, k in ((q, c0, c1, k0), (p, c2, c3, k1)):
            np.right_shift(product, _HALF, out=counter)
            np.bitwise_xor(counter, word, out=counter)
            np.bitwise_xor(counter, np.uint64(k), out=counter)
            np.bitwise_and(product, _LOW, out=word)
    return c0, c1, c2, c3
