"""Standard normals and uniforms of many paths on the CPU in numba: the reference numbers, at kernel speed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from .increments import DType, draws_per_block, law_tag
from .kernel_cache import load
from .numba_random import LANES
from .numba_text import decorated, random_source
from .philox import UNIFORM, key_schedule

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Numbers from which threads share the work.
_SHARED = 2**20
_ROWS = """def {law}(out, column, first, paths, draw, keys, law, fixed, words, words32, z):
    wide()
    count = len(out)
    for base in range(first // {lanes} * {lanes}, first + paths, {lanes}):
        start, stop = max(first - base, 0), min(first + paths - base, {lanes})
        prepare(fixed, base, keys, law)
        high = uint64(base) >> HALF
        for block in range(draw // {size}, (draw + count - 1) // {size} + 1):
            fill(words, 0, fixed, keys, uint64(block), high)
            {transform}(z, 0, words32, 0)
            for r in range({size}):
                n = block * {size} + r - draw
                if 0 <= n < count:
                    # indices without sign cannot count from the end: no check for it inside the loop
                    row, place = out[n], uint64(column + base - first + start)
                    source = uint64(r * {lanes} + start)
                    for i in range(uint64(stop - start)):
                        row[place + i] = z[source + i]
"""


_UNIFORMS = """def uniforms(z, zoffset, words, offset):
    wide()
    for i in range({lanes}):
        z[i] = ((uint64(words[i]) << uint64(21)) | uint64(words[{lanes} + i] >> uint32(11))) * real({unit!r})
        z[{lanes} + i] = (
            (uint64(words[{two} + i]) << uint64(21)) | uint64(words[{three} + i] >> uint32(11))
        ) * real({unit!r})
"""


def normal_rows(first: int, paths: int, draw: int, count: int, *, dtype: DType, key: tuple[int, int]) -> NDArray[Any]:
    """Return Gaussian draws number `draw`, ..., `draw + count - 1` of the paths `first`, ..., `first + paths - 1`.

    Parameters
    ----------
    first, paths : int
        First path >= 0 and number of paths >= 1.
    draw, count : int
        First draw >= 0 and number of draws >= 1.
    dtype : {"float32", "float64"}
        Law and dtype of the numbers.
    key : pair of int
        Key words of the stream.

    Returns
    -------
    array of shape (count, paths)
        What :func:`crossproof.numerics.random.increments.increments` gives, to rounding.

    Raises
    ------
    NumericsError
        If an argument is out of range or numba is not installed.
    """
    return _rows("gaussian", first, paths, draw, count, dtype, key)


def uniform_rows(first: int, paths: int, draw: int, count: int, *, key: tuple[int, int]) -> NDArray[Any]:
    """Return uniform draws in [0, 1), multiples of 2^-53, shape (count, paths): draw i is half of block i // 2.

    Parameters and errors as in :func:`normal_rows`.
    """
    return _rows("uniform", first, paths, draw, count, "float64", key)


def _rows(
    law: Literal["gaussian", "uniform"],
    first: int,
    paths: int,
    draw: int,
    count: int,
    dtype: DType,
    key: tuple[int, int],
) -> NDArray[Any]:
    size = draws_per_block("gaussian", dtype)
    if min(first, draw) < 0 or min(paths, count) < 1 or (draw + count - 1) // size >= 2**32:
        raise NumericsError(f"first={first}, paths={paths}, draw={draw}, count={count}: outside the stream")
    kernel = _kernel(law, dtype)
    out = np.empty((count, paths), dtype)
    keys = np.array([w for pair in key_schedule(key) for w in pair] + [0], dtype=np.uint64)
    tag = UNIFORM if law == "uniform" else law_tag("gaussian", dtype)

    def work(unit: tuple[int, int]) -> None:
        begin, end = unit
        words = _aligned(2 * LANES, np.uint64)
        fixed, z = _aligned(3 * LANES, np.uint64), _aligned(size * LANES, dtype)
        kernel(out, begin - first, begin, end - begin, draw, keys, tag, fixed, words, words.view(np.uint32), z)

    threads = 1
    if count * paths >= _SHARED:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    groups = -(-paths // (threads * LANES)) * LANES
    units = [(begin, min(begin + groups, first + paths)) for begin in range(first, first + paths, groups)]
    if len(units) == 1:
        work(units[0])
    else:
        with ThreadPoolExecutor(len(units)) as pool:
            list(pool.map(work, units))
    return out


@cache
def _kernel(law: Literal["gaussian", "uniform"], dtype: DType) -> Any:
    """Compile, or load from the cache on disk."""
    size = draws_per_block("gaussian", dtype)
    loops = [_ROWS.format(law="gaussian", transform="transform", lanes=LANES, size=size)]
    if dtype == "float64":
        loops.append(_UNIFORMS.format(lanes=LANES, two=2 * LANES, three=3 * LANES, unit=2.0**-53))
        loops.append(_ROWS.format(law="uniform", transform="uniforms", lanes=LANES, size=size))
    text = random_source("gaussian", dtype) + decorated(loops)
    try:
        return getattr(load(text), law)
    except ImportError as error:
        raise NumericsError("compiled random numbers need numba; install it or use the torch ones") from error


def _aligned(size: int, kind: Any) -> NDArray[Any]:
    """Return `size` zeros that begin on a cache line of 64 bytes."""
    item = np.dtype(kind).itemsize
    raw = np.zeros(size * item + 64, dtype=np.uint8)
    offset = -raw.ctypes.data % 64
    return raw[offset : offset + size * item].view(kind)
