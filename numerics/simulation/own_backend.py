"""Backends from outside the package: a function gives states in parts, some of which are run again in torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..arguments import name_of_function
from ..kernels.plan import Array, Plan, starts_of
from ..kernels.summaries import Summaries, summarise

#: Numbers a state coordinate of one part holds: they bound the memory, whatever the number of paths.
_HELD = 2**19


@dataclass(frozen=True)
class OwnBackend:
    """A backend of a user, for the argument `backend` of simulations; made by :func:`backend`.

    Attributes
    ----------
    answer : callable
        ``answer(plan, at, starts)`` returns the readout after the steps `at`, shape (len(at), g, paths, d).

    Raises
    ------
    UsageError
        If `answer` does not take these arguments.
    """

    answer: Callable[[Plan, tuple[int, ...], Array], Any]

    def __post_init__(self) -> None:
        name_of_function("backend", self.answer, "plan", "at", "starts")

    def __repr__(self) -> str:
        return name_of_function("backend", self.answer)

    def run(self, plan: Plan) -> Summaries:
        """Return the summaries of a plan; NumericsError for what is wrong, and for exits."""
        import torch

        from ..kernels.torch_kernels import part_of

        parts = []
        for part, values in self._answers(plan, (plan.steps,), None):
            readout = torch.from_numpy(values[0])
            parts.append(part_of(part, list(readout.unbind(-1)), ~readout.isfinite().all(-1)))
        return summarise(plan, parts)

    def states(self, plan: Plan, at: Sequence[int] | None = None, start: Any = None) -> NDArray[Any]:
        """Return the readout after chosen steps, shape (len(at), g, paths, d); errors as for :meth:`run`."""
        return np.concatenate([v for _, v in self._answers(plan, plan.saved_steps(at), start)], axis=2)

    def _answers(self, plan: Plan, at: tuple[int, ...], start: Any) -> Iterator[tuple[Plan, NDArray[Any]]]:
        """Yield the plans of some paths after others, and their checked states."""
        if plan.request.exit is not None:
            raise NumericsError(f"backend {self} gives states and monitors no exits; take 'numba', 'torch' or 'triton'")
        starts, size = plan.starts(start), max(1, _HELD // (plan.grid * len(at)))
        for first in range(0, plan.paths, size):
            part = plan.part(plan.first_path + first, min(size, plan.paths - first))
            shape = (plan.grid, part.paths, starts.shape[-1])
            begin = np.broadcast_to(starts_of(starts, first, part.paths), shape)
            values = self._shaped(part, at, self.answer(part, at, begin.copy()))
            self._compare(part, at, begin, values)
            yield part, values

    def _shaped(self, plan: Plan, at: tuple[int, ...], found: Any) -> NDArray[Any]:
        shape = (len(at), plan.grid, plan.paths, len(plan.one_step.readout))
        try:
            values = np.asarray(found)
        except (TypeError, ValueError):
            values = np.array(None)
        if values.shape != shape or values.dtype.kind not in "iuf":
            raise NumericsError(
                f"backend {self} returned shape {values.shape} of {values.dtype}; give real numbers of shape {shape}: "
                "steps kept, grid points, paths, coordinates"
            )
        with np.errstate(over="ignore"):
            return values.astype(plan.dtype)

    def _compare(self, plan: Plan, at: tuple[int, ...], starts: Array, values: NDArray[Any]) -> None:
        """Raise NumericsError unless the first, middle and last path, and one that is lost, are those of torch."""
        from ..kernels.torch_kernels import states

        lost = np.flatnonzero(~np.isfinite(values).all(axis=(0, 1, 3)))
        numbers = sorted({0, plan.paths // 2, plan.paths - 1, *lost[:1].tolist()})
        again = [states(plan.part(plan.first_path + i, 1), at, starts[:, i : i + 1]).numpy() for i in numbers]
        wanted, got = np.concatenate(again, axis=2), values[:, :, numbers]
        wanted, got = (np.where(np.isfinite(v), v, np.nan).astype(np.float64) for v in (wanted, got))
        # rounding may grow along a path, to half of the digits
        least = np.sqrt(np.finfo(plan.dtype).eps)
        size = np.nan_to_num(np.abs(wanted)).max(axis=(0, 1, 2))
        wrong = ~np.isclose(got, wanted, rtol=least, atol=least * size, equal_nan=True)
        if wrong.any():
            n, g, i, j = np.argwhere(wrong)[0]
            raise NumericsError(
                f"backend {self}: coordinate {j} of path {plan.first_path + numbers[i]} at grid point {g} is "
                f"{got[n, g, i, j]:.9g} after {at[n]} steps, and {wanted[n, g, i, j]:.9g} by the torch backend; mend "
                "its random numbers, its step or its readout"
            )


def backend(answer: Callable[[Plan, tuple[int, ...], Array], Any]) -> OwnBackend:
    """Make the decorated function a backend for simulations: ``backend=`` takes what comes out.

    ``answer(plan, at, starts)`` returns the readout of the paths of a plan after the numbers of steps `at`, an array of
    shape (len(at), g, paths, d), from states `starts` of shape (g, paths, d); ``plan.noises(n)`` are the increments of
    step n. A state after one that was not finite is NaN. Paths come in parts; the first, the middle and the last path
    of each, and one that is not finite, are run again in torch and must agree to half of the digits of the dtype.
    In summaries and evidence the backend has the name of the function and its module.

    Raises
    ------
    UsageError
        If the function does not take three arguments.
    """
    return OwnBackend(answer)
