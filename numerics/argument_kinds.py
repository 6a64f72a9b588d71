"""What an argument may be, by the annotation that it stands under: tests of values, with what to give instead.

Nothing is imported for a test: tensors and equations are known by the names of their types.
"""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

Test = Callable[[Any], bool]


def is_real(value: Any) -> bool:
    """Return whether `value` is a real number, finite or infinite; truth values and NaN are none."""
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, sp.Expr):
        return bool(value.is_number and value.is_extended_real)
    if isinstance(value, numbers.Real | np.floating | np.integer):
        return not (isinstance(value, float | np.floating) and math.isnan(value))
    return isinstance(value, numbers.Rational)


def is_whole(value: Any) -> bool:
    """Return whether `value` is an integer; truth values and floats are none."""
    try:
        return not isinstance(value, bool | np.bool_) and isinstance(operator.index(value), int) and not _array(value)
    except TypeError:
        return False


def is_tensor(value: Any) -> bool:
    """Return whether `value` is a torch tensor of real numbers."""
    return named(value, "Tensor") and not value.is_complex() and "bool" not in str(value.dtype)


def _array(value: Any) -> bool:
    return hasattr(value, "ndim") and not isinstance(value, np.generic)


def _several(test: Test) -> Test:
    """Return the test of a list, a tuple or an array in one dimension."""

    def all_pass(value: Any) -> bool:
        held = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
        return held and all(map(test, value))

    return all_pass


def _numbers(value: Any) -> bool:
    if isinstance(value, bool) or named(value, "Tensor"):
        return False
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except (TypeError, ValueError, RuntimeError):
        return False


def named(value: Any, name: str) -> bool:
    """Return whether the type of `value` or a base of it is called `name`; nothing is imported for it."""
    return any(kind.__name__ == name for kind in type(value).__mro__)


def _words(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(is_whole(w) and 0 <= w < 2**32 for w in value)


def _equipped(*methods: str) -> Test:
    return lambda value: not isinstance(value, type) and all(hasattr(value, m) for m in methods)


def _text(value: Any) -> bool:
    return isinstance(value, str)


KINDS: dict[str, tuple[Test, str]] = {
    "float": (is_real, "a real number"),
    "int": (is_whole, "an integer"),
    "bool": (lambda v: isinstance(v, bool | np.bool_), "True or False"),
    "str": (_text, "a text"),
    "Tensor": (is_tensor, "a torch tensor of real numbers"),
    "Sequence[Tensor]": (_several(is_tensor), "a list of torch tensors of real numbers"),
    "Sequence[float]": (_several(is_real), "a list of real numbers"),
    "Sequence[int]": (_several(is_whole), "a list of integers"),
    "tuple[float, float]": (lambda v: _several(is_real)(v) and len(v) == 2, "two real numbers"),
    "tuple[int, int]": (_words, "two words of 32 bits, see key_words"),
    "Array": (_numbers, "an array of real numbers"),
    "Mapping": (lambda v: isinstance(v, Mapping), "a mapping from symbols to values"),
    "Callable": (callable, "a function"),
    "Data": (_equipped("sampler", "moments"), "TeacherData or FiniteData"),
    "Draws": (_equipped("normals", "replicas"), "PhiloxDraws"),
    "Expr": (lambda v: is_real(v) or (isinstance(v, sp.Expr) and not v.is_number), "a real SymPy expression"),
    "Symbol": (lambda v: isinstance(v, sp.Symbol), "a SymPy symbol"),
    "Iterable": (lambda v: hasattr(v, "__iter__") and not isinstance(v, str), "a list"),
    "Box": (lambda v: isinstance(v, Mapping | tuple | list), "an interval for each variable"),
    "dtype": (lambda v: named(v, "dtype"), "a dtype of torch"),
    "device": (lambda v: named(v, "device"), "a device of torch"),
    "OwnScheme": (lambda v: named(v, "OwnScheme"), "what cp.scheme has made"),
    "OwnBackend": (lambda v: named(v, "OwnBackend"), "what cp.backend has made"),
    "None": (lambda v: v is None, "None"),
}
SAME = {
    "Weights": "Sequence[Tensor]",
    "tuple[int, ...]": "Sequence[int]",
    "Coefficient": "Callable",
    "Observable": "Callable",
    "LogDensity": "Callable",
    "Measure": "Callable",
    "Model": "Callable",
    "DType": "Literal['float32', 'float64']",
    "Law": "Literal['gaussian', 'two-point', 'three-point']",
    "Backend": "str",
    "Order": "str",
}
