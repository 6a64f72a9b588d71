"""What a simulation is asked to do, in numbers: the same plan for every backend."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..arguments import check_fields
from ..random.increments import DType, draws_per_block, increments, law_tag
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
    joined : int
        Gaussian increments of the stream that one step takes, as their sum over sqrt(joined): n steps with 1 and n / 2
        steps with 2 follow the same Brownian paths.

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
    joined: int = 1

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
        for name, lowest in (("steps", 1), ("paths", 1), ("first_path", 0), ("joined", 1)):
            object.__setattr__(self, name, whole(name, getattr(self, name), lowest))
        if self.first_path + self.paths > 2**62:
            raise NumericsError(f"first_path={self.first_path}, paths={self.paths}: path numbers must stay below 2^62")
        if self.joined > 1 and step.law != "gaussian":
            raise NumericsError(f"joined={self.joined}: only Gaussian increments add up; the law is {step.law!r}")
        if self.steps * self.joined * len(step.noises) > draws_per_block(step.law, self.dtype) * MASK:
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

    def noises(self, step: int) -> Array:
        """Return the standardised increments of step number `step`, from 0 on, of shape (noises, paths)."""
        import torch

        m = len(self.one_step.noises)
        if not m:
            return np.zeros((0, self.paths), dtype=self.dtype)
        paths, first = torch.arange(self.first_path, self.first_path + self.paths), step * self.joined * m
        law, dtype = self.one_step.law, self.dtype
        draws = increments(paths, first, self.joined * m, law=law, dtype=dtype, key=self.key)
        found: Array = draws.reshape(self.joined, m, -1).sum(0).numpy() / np.asarray(self.joined**0.5, dtype=dtype)
        return found

    def part(self, first: int, paths: int) -> Plan:
        """Return the plan of `paths` paths from number `first` on; merged parts give the summaries of the whole."""
        return replace(self, first_path=first, paths=paths)

    def coarser(self, factor: int) -> Plan:
        """Return the plan of the same Brownian paths with steps `factor` times as long.

        Raises
        ------
        NumericsError
            If the number of steps is no multiple of `factor`, or increments are not Gaussian.
        """
        if factor < 1 or self.steps % factor:
            raise NumericsError(f"{self.steps} steps cannot be joined by {factor}; give a divisor")
        return replace(self, dt=self.dt * factor, steps=self.steps // factor, joined=self.joined * factor)

    def saved_steps(self, at: Sequence[int] | None) -> tuple[int, ...]:
        """Return the numbers of steps after which states are kept: those of `at`, or the last one.

        Raises
        ------
        NumericsError
            If they do not ascend from 0 to at most `steps`, or increments are bits and it is not the last alone.
        """
        if at is None:
            return (self.steps,)
        found = tuple(whole("at", n, 0) for n in at)
        if not found or found[-1] > self.steps or any(a >= b for a, b in pairwise(found)):
            raise NumericsError(f"at={found}: give ascending numbers of steps up to {self.steps}")
        if self.one_step.law == "two-point" and found != (self.steps,):
            raise NumericsError(f"at={found}: with two-point increments only the state after all steps is kept")
        return found

    def starts(self, start: Any) -> Array:
        """Return initial states of shape (g, n, d): n = 1, or the number of paths where `start` has one for each.

        Raises
        ------
        NumericsError
            If `start` is not of shape (g, paths, d) or not finite.
        """
        if start is None:
            return self.initial[:, None]
        found, shape = real_array("start", start), (self.grid, self.paths, len(self.one_step.state))
        if found.shape != shape:
            raise NumericsError(f"start has shape {found.shape}; give one state a path, shape {shape}")
        return found


def starts_of(starts: Array, first: int, paths: int) -> Array:
    """Return the initial states of some of the paths, from what :meth:`Plan.starts` gave."""
    return starts if starts.shape[1] == 1 else starts[:, first : first + paths]


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
