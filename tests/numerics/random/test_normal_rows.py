"""Compiled standard normals against the torch reference."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.random.increments import DType, increments
from crossproof.numerics.random.philox import key_words

normal_rows = pytest.importorskip("crossproof.numerics.random.normal_rows").normal_rows


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_are_the_reference_to_rounding(dtype: DType) -> None:
    pytest.importorskip("numba")
    key = key_words(3, "rows", 1)
    for first, paths, draw, count in ((0, 1, 0, 1), (5, 700, 3, 29), (2**32 - 3, 600, 2**20 + 1, 6)):
        found = torch.from_numpy(normal_rows(first, paths, draw, count, dtype=dtype, key=key))
        exact = increments(torch.arange(first, first + paths), draw, count, law="gaussian", dtype=dtype, key=key)
        torch.testing.assert_close(found, exact, atol=8 * torch.finfo(exact.dtype).eps, rtol=0)
        other = increments(torch.arange(first, first + paths), draw + 1, count, law="gaussian", dtype=dtype, key=key)
        assert float((found - other).abs().max()) > 0.1


def test_bad_arguments_are_named() -> None:
    for change in ({"first": -1}, {"paths": 0}, {"draw": -1}, {"count": 0}, {"draw": 2**34}):
        given = {"first": 0, "paths": 1, "draw": 0, "count": 1, **change}
        with pytest.raises(NumericsError, match="outside the stream"):
            normal_rows(**given, dtype="float32", key=(1, 2))
