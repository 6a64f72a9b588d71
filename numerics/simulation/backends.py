"""The table of backends: which one carries out a plan on a device, and by what rule where none is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from ...derivations.errors import NumericsError, PrintingError

Backend = Literal["auto", "numba", "torch", "triton"]
T = TypeVar("T")


def _numba() -> Any:
    from ..kernels import numba_kernels

    return numba_kernels


def _torch() -> Any:
    from ..kernels import torch_kernels

    return torch_kernels


def _triton() -> Any:
    from ..kernels import triton_kernels

    return triton_kernels


#: Modules with ``run(plan, ...)`` and ``states(plan, at, start, ...)``, imported when they are used.
_MODULES: dict[str, Callable[[], Any]] = {"numba": _numba, "triton": _triton, "torch": _torch}
#: What "auto" tries by the kind of device, the next one where the one before cannot print the map; else torch.
_AUTO = {"cpu": ("numba", "torch"), "cuda": ("triton", "torch")}


def carry_out(
    backend: Backend, device: str | None, threads: int | None, job: Callable[[Any, dict[str, Any]], T]
) -> tuple[str, str, T]:
    """Return backend, device and what `job` returned for the module and the options of the first that can print it.

    Raises
    ------
    NumericsError
        If the backend is unknown, the device is not there or one that the backend cannot use.
    PrintingError
        If no backend that may be taken can print the map.
    """
    if backend not in ("auto", *_MODULES):
        raise NumericsError(f"backend={backend!r}; choose one of {', '.join(('auto', *_MODULES))}")
    place = _device(device, backend)
    if backend == "numba" and place != "cpu":
        raise NumericsError(f"device={device!r}: numba runs on the CPU; take backend='triton' or 'torch'")
    names = _AUTO.get(place.partition(":")[0], ("torch",)) if backend == "auto" else (backend,)
    *first, last = names
    for name in first:
        try:
            return name, place, job(_MODULES[name](), _options(name, place, threads))
        except PrintingError:
            pass
    return last, place, job(_MODULES[last](), _options(last, place, threads))


def _options(name: str, place: str, threads: int | None) -> dict[str, Any]:
    return {"threads": threads} if name == "numba" else {"device": place}


def _device(device: str | None, backend: Backend) -> str:
    """Return the name of a device that is there."""
    if device is None and backend != "triton":
        return "cpu"
    from ..devices import checked_device

    place = "cuda" if device is None else str(device)
    try:
        checked_device(place)
    except NumericsError:
        if device is None:
            return "cpu"  # Triton's interpreter, where it is switched on
        raise
    return place
