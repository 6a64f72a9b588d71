"""Random numbers of one Philox key, by position: the same on every device, in one piece or in parts.

Number i of a law is half i mod 2 of block 0 of path i // 2, so that what is asked together may as well be asked one
after another; each law has positions of its own. On the CPU few numbers are made in NumPy, bit for bit those of the
torch reference, and many at once by compiled code, which agrees to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Literal

import torch
from torch import Tensor

from ...derivations.errors import NumericsError
from .increments import DType, draws_per_block, increments, law_tag
from .normals import normals_float32, normals_float64
from .philox import UNIFORM, Words, words
from .philox_arrays import chunks_of_words

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Law = Literal["gaussian", "uniform"]
Maker = Literal["auto", "torch", "numpy", "numba"]

#: Numbers from which compiled code is taken, which makes them in a tenth of NumPy's time; its import takes 0.3 s.
MANY = 2**14
#: Numbers that a stream makes at least and keeps for the next requests: few at first, more once many are asked for.
_HELD = (512, 2**14)


def rows(
    law: Law,
    first: int,
    paths: int,
    draw: int,
    count: int,
    *,
    key: tuple[int, int],
    dtype: DType = "float64",
    device: torch.device | str = "cpu",
    maker: Maker = "auto",
) -> Tensor:
    """Return draws number `draw`, ..., `draw + count - 1` of the paths `first`, ..., `first + paths - 1`.

    Parameters
    ----------
    law : {"gaussian", "uniform"}
        N(0, 1), or uniform in [0, 1) in multiples of 2^-53 (float64 only).
    first, paths, draw, count : int
        First path and draw >= 0, numbers of paths and draws >= 1.
    key : pair of int
        Key words of the stream (:func:`~crossproof.numerics.random.philox.key_words`).
    dtype : {"float32", "float64"}
        Of the normals; the two take different numbers.
    device
        Where the numbers are made.
    maker : {"auto", "torch", "numpy", "numba"}
        By what; ``"auto"`` takes NumPy on the CPU, numba where very many are asked for, and torch on other devices.

    Returns
    -------
    Tensor of shape (count, paths)

    Raises
    ------
    NumericsError
        If an argument is out of range, or uniforms are asked for in float32.
    """
    place = torch.device(device)
    if maker == "auto":
        compiled = paths * count >= MANY and find_spec("numba") is not None
        maker = "torch" if place.type != "cpu" else "numba" if compiled else "numpy"
    if min(first, draw) < 0 or min(paths, count) < 1 or (maker != "torch" and place.type != "cpu"):
        raise NumericsError(
            f"first={first}, paths={paths}, draw={draw}, count={count}, maker={maker!r} on {place}: first and draw "
            "must be >= 0, paths and count >= 1; elsewhere than on the CPU torch makes the numbers"
        )
    if law == "uniform" and dtype != "float64":
        raise NumericsError(f"dtype={dtype!r}: uniforms have 53 bits; ask for float64")
    if maker == "numba":
        from .normal_rows import normal_rows, uniform_rows

        if law == "uniform":
            return torch.from_numpy(uniform_rows(first, paths, draw, count, key=key))
        return torch.from_numpy(normal_rows(first, paths, draw, count, dtype=dtype, key=key))
    if maker == "torch" and law == "gaussian":
        return increments(torch.arange(first, first + paths, device=place), draw, count, law=law, dtype=dtype, key=key)
    size = draws_per_block("gaussian", dtype)
    tag = UNIFORM if law == "uniform" else law_tag(law, dtype)
    blocks = range(draw // size, (draw + count - 1) // size + 1)
    # the first and the last block may reach beyond what is asked for
    found = torch.empty(len(blocks), size, paths, dtype=getattr(torch, dtype), device=place)
    for rows_of, columns, w in _parts(maker, place, first, paths, blocks, tag, key):
        for lane, numbers in enumerate(_of_block(law, dtype, w)):
            found[rows_of, lane, columns] = numbers
    return found.reshape(-1, paths)[draw % size :][:count]


def _parts(
    maker: Maker, place: torch.device, first: int, paths: int, blocks: range, tag: int, key: tuple[int, int]
) -> Iterator[tuple[slice, slice, Words]]:
    if maker == "numpy":
        yield from chunks_of_words(first, paths, blocks, tag, key)
        return
    numbers = torch.arange(first, first + paths, device=place)
    for n, block in enumerate(blocks):
        a, b, c, d = (w[None] for w in words(numbers, block, tag, key))
        yield slice(n, n + 1), slice(0, paths), (a, b, c, d)


def _of_block(law: Law, dtype: DType, w: Words) -> tuple[Tensor, ...]:
    if law == "uniform":
        return tuple(((x << 21) | (y >> 11)).to(torch.float64) * 2.0**-53 for x, y in ((w[0], w[1]), (w[2], w[3])))
    return normals_float32(w) if dtype == "float32" else normals_float64(w)


class RandomStream:
    """Numbers of one key in the order in which they are asked for, float64.

    Parameters
    ----------
    key : pair of int
        Key words, see :func:`~crossproof.numerics.random.philox.key_words`; a key serves one stream, or one simulation.
    device
        Where the numbers are made.
    """

    def __init__(self, key: tuple[int, int], device: torch.device | str = "cpu") -> None:
        self.key, self.device = key, torch.device(device)
        self._next: dict[Law, int] = {"gaussian": 0, "uniform": 0}
        self._held: dict[Law, tuple[int, Tensor]] = {}

    def normal(self, *shape: int) -> Tensor:
        """Return independent N(0, 1) numbers."""
        return self._take("gaussian", shape)

    def uniform(self, *shape: int) -> Tensor:
        """Return independent uniform numbers in [0, 1), multiples of 2^-53."""
        return self._take("uniform", shape)

    def integers(self, stop: int, *shape: int) -> Tensor:
        """Return independent integers in [0, stop), int64; their probabilities are equal to stop / 2^53 relative.

        Raises
        ------
        NumericsError
            If `stop` is not in [1, 2^32].
        """
        if not 1 <= stop <= 2**32:
            raise NumericsError(f"stop={stop}; give an integer in [1, 2^32]")
        return (self.uniform(*shape) * stop).to(torch.int64)

    def permutations(self, size: int, *shape: int) -> Tensor:
        """Return independent permutations of 0, ..., size - 1 along the last dimension, shape (*shape, size)."""
        return self.uniform(*shape, size).argsort(dim=-1)

    def _take(self, law: Law, shape: tuple[int, ...]) -> Tensor:
        count = math.prod(shape)
        if any(n < 0 for n in shape):
            raise NumericsError(f"shape={shape}; all sizes must be >= 0")
        if not count:
            return torch.empty(shape, dtype=torch.float64, device=self.device)
        first = self._next[law]
        self._next[law] = first + count
        return (self._few if count < _held(first) else self._many)(law, first, count).reshape(shape)

    def _many(self, law: Law, first: int, count: int) -> Tensor:
        pairs = rows(law, first // 2, (first + count + 1) // 2 - first // 2, 0, 2, key=self.key, device=self.device)
        found = pairs.new_empty(pairs.shape[1], 2)
        found[:, 0], found[:, 1] = pairs  # several times faster than a transposition
        return found.reshape(-1)[first % 2 :][:count]

    def _few(self, law: Law, first: int, count: int) -> Tensor:
        size = _held(first)
        begin = first // size * size
        if self._held.get(law, (-1,))[0] != begin:
            self._held[law] = begin, self._many(law, begin, size)
        found = self._held[law][1][first - begin :][:count].clone()
        if len(found) == count:
            return found
        return torch.cat([found, self._few(law, begin + size, count - len(found))])


def _held(position: int) -> int:
    return _HELD[position >= _HELD[1]]
