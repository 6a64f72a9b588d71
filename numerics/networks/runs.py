"""The loop around every network simulation: steps, summaries over replicas, trajectories on request, lost replicas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import check_fields

Weights = tuple[Tensor, ...]
#: From the weights to numbers of shape (replicas, m).
Measure = Callable[[Weights], Tensor]
#: From weights, first step and number of steps to the weights after those steps.
Advance = Callable[[Weights, int, int], Weights]


@dataclass(frozen=True)
class Watch:
    """What is kept of a run besides its final weights.

    Parameters
    ----------
    measure : callable, optional
        From the weights, each of shape (replicas, ...), to numbers of shape (replicas, m).
    observe_every : int, optional
        Steps between two summaries of the measure over the replicas; step 0 is observed too.
    record_every : int, optional
        Steps between two records of the measure of every replica; nothing of the kind is stored without it.

    Raises
    ------
    DomainError
        If an interval is below 1, or an interval is given without a measure or a measure without any interval.
    """

    measure: Measure | None = None
    observe_every: int | None = None
    record_every: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("observe_every", "record_every"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise DomainError(f"{name}={value}; it must be >= 1")
        asked = self.observe_every is not None or self.record_every is not None
        if asked is not (self.measure is not None):
            raise DomainError("measure and observe_every or record_every belong together: give both or none")


@dataclass(frozen=True)
class NetworkRun:
    """Result of a run.

    Attributes
    ----------
    weights : tuple of Tensor
        Final weights, the first axis counts replicas.
    lost : int
        Replicas whose final weights are not all finite; no mean contains them.
    observed : Tensor
        Steps at which the measure was summarised, shape (o,).
    counts : Tensor
        Replicas with a finite measure at each of them, shape (o,).
    means, covariances : Tensor
        Mean and covariance of the measure over those replicas, float64, shapes (o, m) and (o, m, m).
    recorded : Tensor
        Steps of the trajectory, shape (r,).
    trajectory : Tensor or None
        The measure at those steps, shape (r, replicas, m).
    """

    weights: Weights
    lost: int
    observed: Tensor
    counts: Tensor
    means: Tensor
    covariances: Tensor
    recorded: Tensor
    trajectory: Tensor | None


def check_weights(weights: Sequence[Tensor], inputs: int, outputs: int) -> Weights:
    """Return the weights of batched linear networks as a tuple, or raise DomainError naming what does not fit.

    Parameters
    ----------
    weights : sequence of Tensor
        ``[W_1, ..., W_L]``, `W_l` of shape (replicas, d_l, d_{l-1}), all of one dtype and device.
    inputs, outputs : int
        d_0 and d_L of the data.
    """
    if len(weights) == 0:
        raise DomainError("weights is empty; give at least one layer")
    first = weights[0]
    for index, weight in enumerate(weights, start=1):
        if weight.ndim != 3 or len(weight) != len(first) or 0 in weight.shape:
            raise DomainError(f"W_{index} has shape {tuple(weight.shape)}; give (replicas, d_{index}, d_{index - 1})")
        if weight.dtype not in (torch.float32, torch.float64):
            raise DomainError(f"W_{index} has dtype {weight.dtype}; give float32 or float64")
        if weight.dtype != first.dtype or weight.device != first.device:
            raise DomainError(f"W_{index} and W_1 differ in dtype or device; give all layers the same")
    for index, (below, above) in enumerate(pairwise(weights), start=2):
        if above.shape[2] != below.shape[1]:
            raise DomainError(f"W_{index} has {above.shape[2]} columns; W_{index - 1} has {below.shape[1]} rows")
    if (first.shape[2], weights[-1].shape[1]) != (inputs, outputs):
        found = (weights[-1].shape[1], first.shape[2])
        raise DomainError(f"the network maps {found[1]} to {found[0]} numbers; the data have {inputs} and {outputs}")
    return tuple(weights)


def finite_replicas(tensors: Sequence[Tensor]) -> Tensor:
    """Return which replicas (first axis) have finite entries only, a bool tensor of shape (replicas,)."""
    flags = [torch.isfinite(t).flatten(start_dim=1).all(dim=1) for t in tensors]
    return torch.stack(flags).all(dim=0)


def iterate(advance: Advance, weights: Weights, steps: int, watch: Watch, first_step: int = 0) -> NetworkRun:
    """Run `steps` steps from number `first_step` and keep what `watch` asks for.

    Raises
    ------
    DomainError
        If `steps` or `first_step` is negative, or the measure has a wrong shape.
    """
    if steps < 0 or first_step < 0:
        raise DomainError(f"steps={steps}, first_step={first_step}: give both >= 0")
    intervals = [i for i in (watch.observe_every, watch.record_every) if i is not None]
    stops = sorted({steps, *(s for i in intervals for s in range(0, steps + 1, i))})
    observed: list[int] = []
    recorded: list[int] = []
    summaries: list[tuple[int, Tensor, Tensor]] = []
    records: list[Tensor] = []
    now = 0
    for stop in stops:
        if stop > now:
            weights, now = advance(weights, first_step + now, stop - now), stop
        observing, recording = (i is not None and stop % i == 0 for i in (watch.observe_every, watch.record_every))
        if watch.measure is None or not (observing or recording):
            continue
        values = watch.measure(weights)
        if values.ndim != 2 or len(values) != len(weights[0]):
            raise DomainError(f"the measure has shape {tuple(values.shape)}; it must be ({len(weights[0])}, m)")
        if observing:
            observed.append(first_step + stop)
            summaries.append(_summary(values))
        if recording:
            recorded.append(first_step + stop)
            records.append(values.clone())
    lost = len(weights[0]) - int(finite_replicas(weights).sum())
    empty = torch.empty(0, dtype=torch.float64)
    return NetworkRun(
        weights,
        lost,
        torch.tensor(observed),
        torch.tensor([count for count, _, _ in summaries]),
        torch.stack([mean for _, mean, _ in summaries]) if summaries else empty,
        torch.stack([covariance for _, _, covariance in summaries]) if summaries else empty,
        torch.tensor(recorded),
        torch.stack(records) if records else None,
    )


def _summary(values: Tensor) -> tuple[int, Tensor, Tensor]:
    """Return count, mean and covariance of the finite rows, float64; NaN where there are too few of them."""
    rows = values.double()[finite_replicas([values])]
    count, nothing = len(rows), values.new_full((values.shape[1],), float("nan"), dtype=torch.float64)
    mean = rows.mean(dim=0) if count else nothing
    centred = rows - mean
    covariance = centred.T @ centred / (count - 1) if count > 1 else nothing.expand(len(nothing), -1)
    return count, mean.cpu(), covariance.cpu()
