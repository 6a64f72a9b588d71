"""The loop of :mod:`crossproof.numerics.networks.kernels`; importing this module needs numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

#: Replicas side by side, as in `network_kernels`.
LANES = 16
#: Rows that share one load of a vector's entry.
ROWS = 4
_WORD = ir.IntType(64)
#: A product and a sum may be contracted into one operation.
_FUSED = ("contract",)


class _Vectors:
    """Loads and stores of rows of LANES numbers in arrays of shape (n, LANES)."""

    def __init__(self, context: Any, builder: Any, array_types: Any, arrays: Any) -> None:
        self.builder = builder
        element = context.get_data_type(array_types[0].dtype)
        self.type = ir.VectorType(element, LANES)
        self.bytes = context.get_abi_sizeof(element)
        self._pointers = [
            builder.bitcast(context.make_array(kind)(context, builder, array).data, self.type.as_pointer())
            for kind, array in zip(array_types, arrays, strict=True)
        ]

    def load(self, array: int, row: Any) -> Any:
        value = self.builder.load(self.builder.gep(self._pointers[array], [row]))
        value.align = self.bytes
        return value

    def store(self, value: Any, array: int, row: Any) -> None:
        self.builder.store(value, self.builder.gep(self._pointers[array], [row])).align = self.bytes

    def variable(self) -> Any:
        """Return a place for a vector, set to 0 here."""
        reserve: Any = cgutils.alloca_once
        place = reserve(self.builder, self.type)
        self.builder.store(ir.Constant(self.type, [0.0] * LANES), place)
        return place

    def spread(self, scalar: Any) -> Any:
        index = ir.IntType(32)
        empty = ir.Constant(self.type, ir.Undefined)
        one = self.builder.insert_element(empty, scalar, ir.Constant(index, 0))
        return self.builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(index, LANES), [0] * LANES))


def _products(rows: int) -> Callable[..., None]:
    """Return the intrinsic ``out[o + r] = sum_j a[at + r * outer + j * inner] * b[bt + j]`` for r < rows, j < n."""

    @intrinsic
    def products(
        context: Any, a: Any, at: Any, outer: Any, inner: Any, n: Any, b: Any, bt: Any, out: Any, o: Any
    ) -> Any:
        index = types.intp
        signature = types.void(a, index, index, index, index, b, index, out, index)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            a, at, outer, inner, n, b, bt, out, o = arguments
            memory = _Vectors(context, builder, [signature.args[k] for k in (0, 5, 7)], [a, b, out])
            sums = [memory.variable() for _ in range(rows)]
            with cgutils.for_range(builder, n) as loop:
                factor = memory.load(1, builder.add(bt, loop.index))
                first = builder.add(at, builder.mul(loop.index, inner))
                for r, total in enumerate(sums):
                    entry = memory.load(0, builder.add(first, builder.mul(ir.Constant(_WORD, r), outer)))
                    product = builder.fmul(entry, factor, flags=_FUSED)
                    builder.store(builder.fadd(builder.load(total), product, flags=_FUSED), total)
            for r, total in enumerate(sums):
                memory.store(builder.load(total), 2, builder.add(o, ir.Constant(_WORD, r)))
            return context.get_dummy_value()

        return signature, generate

    made: Callable[..., None] = products
    return made


def _outer(rows: int) -> Callable[..., None]:
    """Return the intrinsic ``a[at + r * n + j] -= rate * d[dt + r] * h[ht + j]`` for r < rows, j < n."""

    @intrinsic
    def outer(context: Any, a: Any, at: Any, n: Any, d: Any, dt: Any, h: Any, ht: Any, rate: Any) -> Any:
        index = types.intp
        signature = types.void(a, index, index, d, index, h, index, a.dtype)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            a, at, n, d, dt, h, ht, rate = arguments
            memory = _Vectors(context, builder, [signature.args[k] for k in (0, 3, 5)], [a, d, h])
            factor = memory.spread(rate)
            numbers = [ir.Constant(_WORD, r) for r in range(rows)]
            scaled = [builder.fmul(factor, memory.load(1, builder.add(dt, r))) for r in numbers]
            with cgutils.for_range(builder, n) as loop:
                column = memory.load(2, builder.add(ht, loop.index))
                for r, row in zip(numbers, scaled, strict=True):
                    place = builder.add(at, builder.add(loop.index, builder.mul(r, n)))
                    product = builder.fmul(row, column, flags=_FUSED)
                    memory.store(builder.fsub(memory.load(0, place), product, flags=_FUSED), 0, place)
            return context.get_dummy_value()

        return signature, generate

    made: Callable[..., None] = outer
    return made


_products_of_rows, _products_of_one = _products(ROWS), _products(1)
_outer_of_rows, _outer_of_one = _outer(ROWS), _outer(1)


@njit(nogil=True, error_model="numpy")
def _multiply(a: Any, at: int, outer: int, inner: int, m: int, n: int, b: Any, bt: int, out: Any, o: int) -> None:
    """Set ``out[o + i]`` to the sum over j < n of ``a[at + i * outer + j * inner] * b[bt + j]``, i < m."""
    blocks = m - m % ROWS
    for i in range(0, blocks, ROWS):
        _products_of_rows(a, at + i * outer, outer, inner, n, b, bt, out, o + i)
    for i in range(blocks, m):
        _products_of_one(a, at + i * outer, outer, inner, n, b, bt, out, o + i)


@njit(nogil=True, error_model="numpy")
def _update(a: Any, at: int, m: int, n: int, d: Any, dt: int, h: Any, ht: int, rate: Any) -> None:
    """Subtract ``rate * d[dt + i] * h[ht + j]`` from ``a[at + i * n + j]``, i < m, j < n."""
    blocks = m - m % ROWS
    for i in range(0, blocks, ROWS):
        _outer_of_rows(a, at + i * n, n, d, dt + i, h, ht, rate)
    for i in range(blocks, m):
        _outer_of_one(a, at + i * n, n, d, dt + i, h, ht, rate)


@njit(nogil=True, error_model="numpy", cache=True)
def advance(weights: Any, widths: Any, x: Any, y: Any, rate: Any, first: int, last: int) -> None:
    """Take a step for every batch on the groups first, ..., last - 1.

    Parameters
    ----------
    weights : array of shape (groups, parameters, LANES)
        Changed in place.
    widths : integer array
        d_0, ..., d_L.
    x, y : arrays of shapes (steps, batch, d_0, replicas) and (steps, batch, d_L, replicas)
        Inputs and labels.
    rate : number of the dtype of the weights
        Factor of the sum over the batch.
    first, last : int
        Range of groups.
    """
    depth, total = len(widths) - 1, int(widths.sum())
    steps, batch, inputs, replicas = x.shape
    outputs = widths[depth]
    # activations and backward signals of the samples of a batch, layer after layer
    h = np.zeros((batch * total, LANES), weights.dtype)
    d = np.zeros((batch * total, LANES), weights.dtype)
    for group in range(first, last):
        a = weights[group]
        start = group * LANES
        lanes = min(LANES, replicas - start)
        # lanes without a replica must not carry numbers of the group before
        h[:] = 0
        d[:] = 0
        for step in range(steps):
            for b in range(batch):
                row, at = b * total, 0
                for j in range(inputs):
                    for lane in range(lanes):
                        h[row + j, lane] = x[step, b, j, start + lane]
                for k in range(depth):
                    n, m = widths[k], widths[k + 1]
                    _multiply(a, at, n, 1, m, n, h, row, h, row + n)
                    row, at = row + n, at + n * m
                for i in range(outputs):
                    for lane in range(lanes):
                        d[row + i, lane] = h[row + i, lane] - y[step, b, i, start + lane]
                for k in range(depth - 1, 0, -1):
                    n, m = widths[k], widths[k + 1]
                    at -= n * m
                    _multiply(a, at, 1, n, n, m, d, row, d, row - n)
                    row -= n
            at, row = 0, 0
            for k in range(depth):
                n, m = widths[k], widths[k + 1]
                for b in range(batch):
                    _update(a, at, m, n, d, b * total + row + n, h, b * total + row, rate)
                row, at = row + n, at + n * m
