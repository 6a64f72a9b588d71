"""What all generated functions for numba begin with, and the text of the random numbers that they share."""

from __future__ import annotations

from ..schemes.one_step import Law
from .increments import DType
from .numba_random import philox_fill, philox_prepare, transform_source


def random_source(law: Law, dtype: DType) -> str:
    """Return the text of the module of random numbers that all kernels with these increments share."""
    functions = [philox_prepare(), philox_fill()]
    if law != "two-point":
        functions.append(transform_source(law, dtype))
    return header(dtype) + decorated(functions)


def decorated(functions: list[str]) -> str:
    """Return the functions, each marked for compilation."""
    return "\n\n" + "\n\n".join("@compiled\n" + f for f in functions)


def header(dtype: DType) -> str:
    """Return the names that all generated functions use."""
    bits = "32" if dtype == "float32" else "64"
    return f"""import math

import numpy as np
from numba import float32, float64, int32, int64, njit, uint32, uint64

from crossproof.numerics.random.numba_intrinsics import bits_of_double, wide
from crossproof.numerics.random.numba_intrinsics import from_bits_{bits} as from_bits
from crossproof.numerics.random.numba_intrinsics import from_int_bits_{bits} as from_int_bits
from crossproof.numerics.random.numba_intrinsics import int_bits_{bits} as int_bits
from crossproof.numerics.random.numba_intrinsics import to_bits_{bits} as to_bits

real = {dtype}
LOW = uint64(0xFFFFFFFF)
HALF = uint64(32)
SEEN = 0xFFFFFFFF
compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={{"contract"}})

"""
