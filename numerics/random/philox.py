"""Counter-based random words: Philox 4x32-10, keyed by (seed, claim, stream), counted by (path, block, law).

The words of a path depend on its number and on nothing else, so that chunks, threads, order and device change no
increment. The functions here, on torch tensors, are the reference; the numba and Triton backends print the same bits.
Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

from ...derivations.errors import NumericsError
from ..arguments import checked

if TYPE_CHECKING:
    import torch

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Words: TypeAlias = "tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]"

#: Multipliers of the two halves of the counter, and the Weyl increments of the two halves of the key.
M0, M1 = 0xD2511F53, 0xCD9E8D57
W0, W1 = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
MASK = 0xFFFFFFFF

#: Fourth counter word: which law the words of a block are turned into, so that laws never share words.
GAUSSIAN_FLOAT32, GAUSSIAN_FLOAT64, TWO_POINT, THREE_POINT, UNIFORM = range(5)


def key_words(seed: int, claim: str = "", stream: int | str = 0) -> tuple[int, int]:
    """Return the key of a stream of random numbers: two words of 32 bits of blake2b over (seed, claim, stream).

    Parameters
    ----------
    seed : int
        Any integer.
    claim : str
        Whatever the numbers are drawn for.
    stream : int or str
        Number or name of the stream; streams of one seed and claim are independent.

    Raises
    ------
    NumericsError
        If an argument is of another type.
    """
    for name, value, kinds in (("seed", seed, (int,)), ("stream", stream, (int, str)), ("claim", claim, (str,))):
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise NumericsError(f"{name}={value!r} is no {' or '.join(k.__name__ for k in kinds)}; give one")
    digest = hashlib.blake2b(f"{seed}\n{stream!r}\n{claim}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def key_schedule(key: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the pair of key words of each of the ten rounds."""
    return [((key[0] + r * W0) & MASK, (key[1] + r * W1) & MASK) for r in range(ROUNDS)]


def multiply(x: torch.Tensor, factor: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the (high, low) words of the 64-bit product of 32-bit words `x` (held in int64) and `factor`."""
    low = factor * (x & 0xFFFF)  # both partial products stay below 2^49, so that int64 never overflows
    high = factor * (x >> 16) + (low >> 16)
    return high >> 16, ((high & 0xFFFF) << 16) | (low & 0xFFFF)


def philox4x32(counter: Words, key: tuple[int, int]) -> Words:
    """Return the four output words of Philox 4x32-10.

    Parameters
    ----------
    counter : four int64 tensors
        Counter words in [0, 2^32), of shapes that broadcast.
    key : pair of int
        Key words in [0, 2^32).

    Returns
    -------
    four int64 tensors
        Words in [0, 2^32), of the broadcast shape.
    """
    c0, c1, c2, c3 = counter
    for k0, k1 in key_schedule(key):
        high0, low0 = multiply(c0, M0)
        high1, low1 = multiply(c2, M1)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
    return c0, c1, c2, c3


@checked(NumericsError)
def words(paths: torch.Tensor, block: int, law: int, key: tuple[int, int]) -> Words:
    """Return the four words of block number `block` of every path, int64 tensors of the shape of `paths`.

    Parameters
    ----------
    paths : int64 tensor
        Numbers of the paths, in [0, 2^63).
    block : int
        Number of the block, in [0, 2^32).
    law : int
        One of GAUSSIAN_FLOAT32, GAUSSIAN_FLOAT64, TWO_POINT, THREE_POINT, UNIFORM.
    key : pair of int
        Key words.

    Raises
    ------
    NumericsError
        If `block` has more than 32 bits.
    """
    import torch

    if paths.dtype != torch.int64:
        raise NumericsError(f"paths have dtype {paths.dtype}; give the numbers of the paths in int64")
    if law not in range(5):
        raise NumericsError(f"law={law}; it must be one of the five counter words of philox")
    if not 0 <= block <= MASK:
        raise NumericsError(f"block={block}: a stream has 2^32 blocks a path; take another stream")
    return philox4x32((paths & MASK, paths >> 32, torch.full_like(paths, block), torch.full_like(paths, law)), key)
