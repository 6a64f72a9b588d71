"""Paths as arguments: arrays or streams of arrays, one long path cut into batches, and samples of one time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ...derivations.errors import DomainError
from .estimate import Array

#: Batches that a single path is cut into.
BATCHES = 32


@dataclass(frozen=True)
class Chunks:
    """Arrays of shape (n, times, d) of further independent paths; batches of one path where `batched`."""

    arrays: Iterator[Array]
    batched: bool = False


def numbers(name: str, values: Any) -> Array:
    """Return a float64 array of a list, an array or a tensor on any device.

    Raises
    ------
    DomainError
        If it holds no real numbers, or some that are not finite.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        found = np.asarray(values)
    except (TypeError, ValueError):
        found = np.empty(0, dtype=object)
    if found.dtype.kind not in "iuf" or found.size == 0:
        raise DomainError(f"{name} is {type(values).__name__} of {found.size} numbers; give an array of real numbers")
    found = found.astype(np.float64)
    if not np.all(np.isfinite(found)):
        lost = int(np.count_nonzero(~np.isfinite(found)))
        raise DomainError(f"{name} has {lost} values that are not finite; leave those paths out, or use smaller steps")
    return found


def samples(name: str, values: Any, least: int = 2, columns: int | None = None) -> Array:
    """Return independent samples as shape (n, d); one number a sample may come as (n,).

    Raises
    ------
    DomainError
        If there are fewer than `least`, or `columns` is asked for and there are not so many.
    """
    found = numbers(name, values)
    found = found[:, None] if found.ndim == 1 else found
    if found.ndim != 2 or len(found) < least or (columns is not None and found.shape[1] != columns):
        what = "(n, d)" if columns is None else "(n,)" if columns == 1 else f"(n, {columns})"
        raise DomainError(f"{name} has shape {found.shape}; give independent samples as {what}, n >= {least}")
    return found


def sample_chunks(name: str, values: Any) -> Iterator[Array]:
    """Yield arrays of shape (n, d) of independent samples, from an array or a stream of arrays."""
    if hasattr(values, "__next__"):
        yield from _alike(name, (samples(name, chunk, least=1) for chunk in values))
    else:
        yield samples(name, values)


def chunks(name: str, values: Any, *, times: int = 2, tail: int = 2) -> Chunks:
    """Return paths as arrays of shape (n, times, d); a single path as BATCHES batches of it.

    Parameters
    ----------
    times : int
        Times that a path, or a batch, must have at least.
    tail : int
        Axes after the paths that the arrays have: 2 for states, 3 for matrices.

    Raises
    ------
    DomainError
        If a shape does not fit, paths are too short, or a value is not finite.
    """
    if hasattr(values, "__next__"):
        return Chunks(_alike(name, (_fitting(name, numbers(name, chunk), times, tail) for chunk in values)))
    whole = _fitting(name, numbers(name, values), times, tail)
    if len(whole) > 1:
        return Chunks(iter([whole]))
    length = whole.shape[1] // BATCHES
    if length < times:
        need = f"{BATCHES} batches of {times} times"
        raise DomainError(f"{name} is a single path of {whole.shape[1]} times; give more paths, or {need} = more times")
    cut = whole[0, whole.shape[1] - BATCHES * length :].reshape(BATCHES, length, *whole.shape[2:])
    return Chunks(iter([cut]), batched=True)


def _fitting(name: str, found: Array, times: int, tail: int) -> Array:
    found = found[..., None] if tail == 2 and found.ndim == 2 else found
    if found.ndim != tail + 1 or found.shape[1] < times or (tail == 3 and found.shape[2] != found.shape[3]):
        what = "(paths, times) or (paths, times, d)" if tail == 2 else "(paths, steps, d, d)"
        raise DomainError(f"{name} has shape {found.shape}; give {what} with {times} times at least")
    return found


def _alike(name: str, arrays: Iterator[Array]) -> Iterator[Array]:
    """Yield arrays that agree in all but the number of paths, one at least."""
    first: tuple[int, ...] | None = None
    for found in arrays:
        first = found.shape[1:] if first is None else first
        if found.shape[1:] != first:
            raise DomainError(f"{name}: a chunk has paths of shape {found.shape[1:]} after {first}; give equal ones")
        yield found
    if first is None:
        raise DomainError(f"{name} is an empty stream; give chunks of paths")


def check_step(dt: float) -> None:
    """Raise DomainError unless the time between states is positive and finite."""
    if not 0 < dt < np.inf:
        raise DomainError(f"dt={dt}; give the time between recorded states, > 0")


def check_lags(lags: Sequence[int], least: int = 1) -> None:
    """Raise DomainError unless there are `least` ascending lags, the first >= 0."""
    if len(lags) < least or lags[0] < 0 or any(b <= a for a, b in pairwise(lags)):
        raise DomainError(f"lags={list(lags)}; give ascending numbers of times >= 0, {least} at least")
