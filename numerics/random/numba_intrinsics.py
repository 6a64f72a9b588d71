"""What compiled kernels need beyond numba's language: reinterpretation of bits, and the full vector width."""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import intrinsic


def _reinterpreted(name: str, source: Any, target: Any) -> Any:
    """Return a function that reads the bits of a number of type `source` as one of type `target`."""

    def typed(typing_context: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], context.get_value_type(target))

        return target(source), generate

    typed.__name__ = name
    return intrinsic(typed)


int_bits_32 = _reinterpreted("int_bits_32", types.float32, types.int32)
int_bits_64 = _reinterpreted("int_bits_64", types.float64, types.int64)
to_bits_32 = _reinterpreted("to_bits_32", types.float32, types.uint32)
to_bits_64 = _reinterpreted("to_bits_64", types.float64, types.uint64)
from_int_bits_32 = _reinterpreted("from_int_bits_32", types.int32, types.float32)
from_int_bits_64 = _reinterpreted("from_int_bits_64", types.int64, types.float64)
from_bits_32 = _reinterpreted("from_bits_32", types.uint32, types.float32)
from_bits_64 = _reinterpreted("from_bits_64", types.uint64, types.float64)
bits_of_double = _reinterpreted("bits_of_double", types.float64, types.int64)


@intrinsic
def wide(typing_context: Any) -> Any:
    """Let the function in which this stands use 512-bit vectors, where LLVM would prefer 256 bits by default.

    It also keeps the function from being inlined: what is vectorised by itself stays so, and compiles once.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # llvmlite refuses attributes with a value; its set prints each entry as it is
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.none(), generate
