"""Random numbers of batched network simulations by Philox counters.

Everything random in a run is asked for by the name of its stream and the number of the step. The numbers of a replica
depend on (seed, claim, stream, replica, step) alone: neither the number of replicas or of steps in a call nor the
device changes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, Protocol

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..devices import checked_device
from ..random.philox import key_words
from ..random.random_stream import Law, rows

#: Streams of one run, by name.
STREAMS = ("inputs", "label noise", "samples", "langevin", "initial", "teacher")
#: Number of the first of them; simulators of SDEs number theirs from 0.
_FIRST_STREAM = 1000


class Draws(Protocol):
    """Source of the random numbers of `replicas` networks, of one dtype, on one device."""

    @property
    def replicas(self) -> int:
        """Number of networks."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """Type of the numbers."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the numbers lie."""
        ...

    def normals(self, stream: str, first_step: int, steps: int, count: int) -> Tensor:
        """Return independent N(0, 1) numbers of shape (steps, count, replicas)."""
        ...

    def uniforms(self, stream: str, first_step: int, steps: int, count: int) -> Tensor:
        """Return independent uniform numbers in [0, 1), float64, of shape (steps, count, replicas)."""
        ...


@dataclass(frozen=True)
class PhiloxDraws:
    """Philox 4x32-10 numbers: draw j of step n is number ``n * count + j`` of its replica and stream.

    Parameters
    ----------
    replicas : int
        Number of networks, >= 1.
    seed : int
        Any integer.
    claim : str
        Whatever the run is for.
    dtype : torch.dtype
        float32 or float64; the two take different numbers.
    device : str
        Where the numbers are made.
    first_replica : int
        Number of the first replica, so that parts of a large run agree with the whole.
    backend : {"auto", "torch", "numba"}
        How normals are made; both give the same numbers to rounding. ``"auto"`` takes numba on the CPU where it is
        installed.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    NumericsError
        If the device is not there.
    """

    replicas: int
    seed: int = 0
    claim: str = ""
    dtype: torch.dtype = torch.float32
    device: torch.device = torch.device("cpu")  # noqa: RUF009 - an immutable value
    first_replica: int = 0
    backend: Literal["auto", "torch", "numba"] = "auto"

    def __post_init__(self) -> None:
        _check(self.replicas, self.dtype)
        if self.first_replica < 0:
            raise DomainError(f"first_replica={self.first_replica}; it must be >= 0")
        object.__setattr__(self, "device", checked_device(self.device))
        if self.backend not in ("auto", "torch", "numba") or (self.backend == "numba" and self.device.type != "cpu"):
            raise DomainError(f"backend={self.backend!r} on {self.device}; give auto, torch, or on the CPU numba")
        if self.backend == "auto":
            compiled = self.device.type == "cpu" and find_spec("numba") is not None
            object.__setattr__(self, "backend", "numba" if compiled else "torch")

    def normals(self, stream: str, first_step: int, steps: int, count: int) -> Tensor:
        """Return N(0, 1) numbers of shape (steps, count, replicas)."""
        return self._rows("gaussian", stream, first_step, steps, count)

    def uniforms(self, stream: str, first_step: int, steps: int, count: int) -> Tensor:
        """Return uniform numbers in [0, 1), multiples of 2^-53, of shape (steps, count, replicas)."""
        return self._rows("uniform", stream, first_step, steps, count)

    def _rows(self, law: Law, stream: str, first_step: int, steps: int, count: int) -> Tensor:
        found = rows(
            law,
            self.first_replica,
            self.replicas,
            first_step * count,
            steps * count,
            key=key_words(self.seed, self.claim, _number(stream)),
            dtype="float32" if law == "gaussian" and self.dtype == torch.float32 else "float64",
            device=self.device,
            maker=self.backend,
        )
        return found.reshape(steps, count, self.replicas)


def _check(replicas: int, dtype: torch.dtype) -> None:
    if replicas < 1 or dtype not in (torch.float32, torch.float64):
        raise DomainError(f"replicas={replicas}, dtype={dtype}: give replicas >= 1 and float32 or float64")


def _number(stream: str) -> int:
    if stream not in STREAMS:
        raise DomainError(f"stream={stream!r}; it must be one of {', '.join(STREAMS)}")
    return _FIRST_STREAM + STREAMS.index(stream)
