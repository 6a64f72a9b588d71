"""What a simulation is asked to do, in numbers: the same plan for every backend."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..arguments import check_fields
from ..random.increments import DType, draws_per_block, law_tag
from ..random.philox import MASK
from ..schemes.one_step import OneStep
from .summaries import Request

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plan:
    """Independent paths of a one-step map over a grid of parameters.

    Increments depend on (key, path, step, noise) alone: grid points share them (common random numbers), and the paths
    `first_path`, ..., `first_path + paths - 1` of one plan are those of any other plan with the same key.

    Attributes
    ----------
    one_step : OneStep
        The map.
    parameters : array of shape (g, p)
        One row a grid point, in the order of `one_step.parameters`; g >= 1, also without parameters.
    initial : array of shape (g, d) or (d,)
        Initial state in the scheme's own coordinates.
    dt : float
        Step size, > 0.
    steps, paths : int
        Steps, and paths for every grid point.
    key : pair of int
        Key words of the random numbers (see :func:`~crossproof.numerics.random.philox.key_words`).
    first_path : int
        Number of the first path.
    dtype : {"float32", "float64"}
        Arithmetic of the states. Sums are float64 and better always.
    request : Request
        Summaries that are wanted.

    Raises
    ------
    NumericsError
        For a value outside its range, an array of another shape or type, or a non-finite entry.
    """

    one_step: OneStep
    parameters: Array
    initial: Array
    dt: float
    steps: int
    paths: int
    key: tuple[int, int]
    first_path: int = 0
    dtype: DType = "float32"
    request: Request = field(default_factory=Request)

    def __post_init__(self) -> None:
        check_fields(self, NumericsError)
        step = self.one_step
        if self.dtype not in get_args(DType):
            raise NumericsError(f"dtype={self.dtype!r}; it must be 'float32' or 'float64'")
        parameters = real_array("parameters", self.parameters)
        if parameters.ndim != 2 or parameters.shape[1] != len(step.parameters) or not parameters.shape[0]:
            names = ", ".join(map(str, step.parameters)) or "none"
            raise NumericsError(f"parameters has shape {parameters.shape}; it must be (grid, p), columns: {names}")
        initial = real_array("initial", self.initial)
        grid = parameters.shape[0]
        if initial.shape not in ((len(step.state),), (grid, len(step.state))):
            raise NumericsError(
                f"initial has shape {initial.shape}; it must be ({len(step.state)},) or one row a point"
            )
        initial = np.ascontiguousarray(np.broadcast_to(initial, (grid, len(step.state))))
        if np.any(np.abs(initial) > np.finfo(self.dtype).max):
            raise NumericsError(f"initial has entries beyond the range of {self.dtype}; take float64 or other units")
        object.__setattr__(self, "parameters", np.ascontiguousarray(parameters))
        object.__setattr__(self, "initial", initial)
        if not 0 < self.dt < float("inf"):
            raise NumericsError(f"dt={self.dt!r}; the step must be a positive finite number")
        for name, lowest in (("steps", 1), ("paths", 1), ("first_path", 0)):
            object.__setattr__(self, name, whole(name, getattr(self, name), lowest))
        if self.first_path + self.paths > 2**62:
            raise NumericsError(f"first_path={self.first_path}, paths={self.paths}: path numbers must stay below 2^62")
        if self.steps * len(step.noises) > draws_per_block(step.law, self.dtype) * MASK:
            raise NumericsError(f"steps={self.steps}: a stream has 2^32 blocks a path; split the run into streams")
        self.request.check(len(step.readout))
        if self.request.exit is not None and self.steps > 2**22:
            raise NumericsError(f"steps={self.steps}: exits are summed up to 2^22 steps; take longer steps")

    @property
    def grid(self) -> int:
        """Number g of parameter points."""
        return int(self.parameters.shape[0])

    @property
    def law_tag(self) -> int:
        """Fourth counter word of the increments."""
        return law_tag(self.one_step.law, self.dtype)

    @property
    def draws_per_block(self) -> int:
        """Draws that one Philox block yields."""
        return draws_per_block(self.one_step.law, self.dtype)

    def part(self, first: int, paths: int) -> Plan:
        """Return the plan of `paths` paths from number `first` on; merged parts give the summaries of the whole."""
        return replace(self, first_path=first, paths=paths)

    def coarser(self, factor: int) -> Plan:
        """Return the plan with steps `factor` times as long; NumericsError if their number is no multiple of it."""
        if factor < 1 or self.steps % factor:
            raise NumericsError(f"{self.steps} steps cannot be joined by {factor}; give a divisor")
        return replace(self, dt=self.dt * factor, steps=self.steps // factor)


def real_array(name: str, value: Any) -> Array:
    """Return `value` as a float64 array; NumericsError if it is complex, not numeric or not finite."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise NumericsError(f"{name} is ragged; give rows of equal length") from None
    if array.dtype.kind == "c":
        raise NumericsError(f"{name} is complex; state and parameters must be real")
    if array.dtype.kind not in "iuf":
        raise NumericsError(f"{name} has dtype {array.dtype}; give real numbers")
    if not np.all(np.isfinite(array)):
        raise NumericsError(f"{name} has entries that are not finite; remove them")
    return array.astype(np.float64)


def whole(name: str, value: Any, lowest: int) -> int:
    """Return `value` as an int >= `lowest`; NumericsError if it is none."""
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = lowest - 1
    if number < lowest:
        raise NumericsError(f"{name}={value!r}; it must be an integer >= {lowest}")
    return number
