"""The table of backends: which one carries out a plan on a device, and by what rule where none is named."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from ...derivations.errors import NumericsError, PrintingError
from ..kernels.plan import Plan
from .own_backend import OwnBackend

Backend = Literal["auto", "numba", "torch", "triton"]
T = TypeVar("T")


@dataclass(frozen=True)
class Engine:
    """What made states."""

    backend: str
    device: str
    dtype: str
    scheme: str
    steps: int

    @classmethod
    def of(cls, plan: Plan, backend: str, device: str) -> Engine:
        """Return what has carried out a plan."""
        return cls(backend, device, plan.dtype, plan.one_step.scheme, plan.steps)

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.backend} on {self.device}, {self.dtype}, {self.scheme}, {self.steps} steps"


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
#: What "auto" tries by the kind of device, the next one where the one before is missing or cannot print the map; else
#: torch.
_AUTO = {"cpu": ("numba", "torch"), "cuda": ("triton", "torch")}


def carry_out(
    backend: Backend | OwnBackend, device: str | None, threads: int | None, job: Callable[[Any, dict[str, Any]], T]
) -> tuple[str, str, T]:
    """Return backend, device and what `job` returned for the module and the options of the first that can print it.

    Raises
    ------
    NumericsError
        If the backend is unknown or not installed, the device is not there or one that the backend cannot use.
    PrintingError
        If no backend that may be taken can print the map.
    """
    if isinstance(backend, OwnBackend):
        if device not in (None, "cpu"):
            raise NumericsError(f"device={device!r}: backend {backend} gives its states on the CPU; leave device out")
        return str(backend), "cpu", job(backend, {})
    if backend not in ("auto", *_MODULES):
        known = ", ".join(("auto", *_MODULES))
        raise NumericsError(f"backend={backend!r}; choose one of {known}, or make one by cp.backend")
    place = _device(device, backend)
    if backend == "numba" and place != "cpu":
        raise NumericsError(f"device={device!r}: numba runs on the CPU; take backend='triton' or 'torch'")
    names = _AUTO.get(place.partition(":")[0], ("torch",)) if backend == "auto" else (backend,)
    *first, last = names
    for name in first:
        with contextlib.suppress(PrintingError, ImportError):
            return name, place, job(_MODULES[name](), _options(name, place, threads))
    try:
        return last, place, job(_MODULES[last](), _options(last, place, threads))
    except ImportError as missing:
        raise NumericsError(
            f"backend={last!r} needs the package {missing.name}: pip install {missing.name}, or take backend='torch'"
        ) from None


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
