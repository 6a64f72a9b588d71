"""What users give for the arguments of a formula: numbers, arrays and tensors, made float64, and the dtype of results.

Values are computed in float64, whatever is given, and rounded once to the dtype that the library promotes to.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...derivations.errors import DomainError, NumericsError
from ..argument_kinds import is_real, named

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def bound(name: str, names: Sequence[str], positional: Sequence[Any], keywords: dict[str, Any]) -> list[Any]:
    """Return the values of the arguments `names` in their order; DomainError unless each is given once."""
    if len(positional) > len(names):
        raise DomainError(f"{name}: {len(positional)} values are given; it takes {len(names)}: {list(names)}")
    given = dict(zip(names, positional, strict=False))
    twice = sorted(set(given) & set(keywords))
    if twice:
        raise DomainError(f"{name}: {twice} are given twice, by place and by name; give each once")
    given |= keywords
    unknown, missing = sorted(set(given) - set(names)), [n for n in names if n not in given]
    if unknown or missing:
        raise DomainError(f"{name}: unknown arguments {unknown}, missing {missing}; it takes {list(names)}")
    return [given[n] for n in names]


def numpy_values(names: Sequence[str], given: Sequence[Any]) -> tuple[list[Any], np.dtype[Any]]:
    """Return float64 arrays, and the dtype of the result.

    Arrays promote as NumPy does, integers counting as float64; a Python number adapts to the arrays beside it.

    Raises
    ------
    DomainError
        For truth values, masked arrays, complex numbers and what is no number.
    """
    values: list[Any] = []
    kinds: list[np.dtype[Any]] = []
    for name, value in zip(names, given, strict=True):
        if is_real(value) and not isinstance(value, np.generic):
            values.append(np.float64(value))
            continue
        array = _array(name, value)
        kinds.append(array.dtype if array.dtype.kind == "f" else np.dtype(np.float64))
        values.append(array.astype(np.float64))
    kind = np.result_type(*kinds) if kinds else np.dtype(np.float64)
    return values, min(kind, np.dtype(np.float64), key=lambda k: k.itemsize)


def _array(name: str, value: Any) -> np.ndarray:
    if isinstance(value, np.ma.MaskedArray):
        raise DomainError(f"{name} is a masked array; give the elements that are to be evaluated, or fill the others")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        raise _not_numeric(name, value) from None
    if array.dtype.kind == "b":
        raise _truth_values(name)
    if array.dtype.kind not in "iuf":
        raise _not_numeric(name, value)
    return array


def rounded(name: str, found: np.ndarray, kind: np.dtype[Any]) -> Any:
    """Return float64 values rounded to `kind`, a number where they have no axes."""
    with np.errstate(over="ignore"):
        result = found.astype(kind, copy=False)
    if not np.isfinite(result).all():
        largest = found.flat[np.argmax(abs(found))]
        raise NumericsError(f"{name} is {largest:.6g}, beyond {kind}; give values nearer to 1, or of float64")
    return result[()]


def torch_values(name: str, names: Sequence[str], given: Sequence[Any]) -> tuple[list[Any], Any]:
    """Return float64 tensors on one device, and the dtype of the result.

    Floating tensors promote as in torch: those without axes and Python numbers adapt to those with axes. Without any
    the result is float64.

    Raises
    ------
    DomainError
        For truth values, complex numbers, what is no number, and tensors on several devices.
    """
    import torch

    tensors = [v for v in given if isinstance(v, torch.Tensor)]
    devices = {str(t.device) for t in tensors if t.ndim} or {str(t.device) for t in tensors}
    if len(devices) > 1:
        raise DomainError(f"{name}: the tensors are on {sorted(devices)}; put them on one device")
    device = torch.device(devices.pop()) if devices else None
    floating = [t for t in tensors if t.is_floating_point()]
    kind = None
    for one in [t for t in floating if t.ndim] or floating:
        kind = one.dtype if kind is None else torch.promote_types(kind, one.dtype)
    values = []
    for argument, value in zip(names, given, strict=True):
        if isinstance(value, torch.Tensor):
            if value.dtype == torch.bool:
                raise _truth_values(argument)
            if value.is_complex():
                raise _not_numeric(argument, value)
            values.append(value.to(device=device, dtype=torch.float64))
        elif isinstance(value, float | int) and not isinstance(value, bool):
            values.append(torch.full((), value, dtype=torch.float64, device=device))
        else:
            number = float(value) if is_real(value) else _array(argument, value).astype(np.float64)
            values.append(torch.as_tensor(number, dtype=torch.float64, device=device))
    return values, kind or torch.float64


def _truth_values(name: str) -> DomainError:
    return DomainError(f"{name} holds truth values, not numeric ones; give numbers, or convert them to a float")


def _not_numeric(name: str, value: Any) -> DomainError:
    shown = f"a complex {type(value).__name__}" if named(value, "Tensor") else reprlib.repr(value).replace("\n", " ")
    return DomainError(f"{name} = {shown} is not numeric; give a number, an array or a tensor")
