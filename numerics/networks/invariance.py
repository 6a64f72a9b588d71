"""How far SGD on any module leaves an affine set of its parameters: per-sample gradients, and steps of training."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...derivations.errors import UsageError

#: Multiples of the unit of rounding that equations may be off at the start, and that count as no departure.
_ROUNDING = 2**16
#: Steps of SGD, its learning rate and samples of a batch.
STEPS, RATE, BATCH = 4, 0.05, 2

Equations = Callable[[Mapping[str, Tensor]], Tensor]


@dataclass(frozen=True)
class Departure:
    """How far a gradient or a training leads out of the set.

    Parameters
    ----------
    what : str
        Which gradient or training.
    size : float
        Largest violation of an equation of the set.
    moved : float
        Norm of the gradient, or of the change of all parameters.
    """

    what: str
    size: float
    moved: float


@dataclass(frozen=True)
class Invariance:
    """Departures of all gradients and of a training; `unit` is the rounding unit of the parameters."""

    departures: tuple[Departure, ...]
    unit: float

    @property
    def kept(self) -> bool:
        """Whether no departure is beyond rounding; false as well where nothing moved."""
        moved = [d for d in self.departures if d.moved > 0.0]
        return bool(moved) and all(d.size <= _ROUNDING * self.unit * d.moved for d in moved)

    def __str__(self) -> str:
        lines = (f"{d.what}: out of the set by {d.size:.3g}, of a movement of {d.moved:.3g}" for d in self.departures)
        return "\n".join((f"the set is {'kept' if self.kept else 'left'}", *lines))


def invariance(
    module: nn.Module,
    equations: Equations,
    losses: Callable[[Any], Tensor],
    *,
    steps: int = STEPS,
    rate: float = RATE,
    batch: int = BATCH,
) -> Invariance:
    r"""Measure whether SGD on `module` keeps the affine set :math:`\{\theta: E(\theta)=0\}`.

    Every gradient g of a sample's loss must satisfy :math:`E(g)-E(0)=0`, and the parameters after `steps` steps of SGD
    must satisfy E = 0. This looks at one point of the set with one data set; it proves nothing of others.

    Parameters
    ----------
    module : torch.nn.Module
        With parameters in the set; it is copied, not changed. Use float64 for sharp answers.
    equations : callable
        ``equations(parameters)`` with the named parameters gives a tensor, affine in them, that is 0 on the set.
    losses : callable
        ``losses(module)`` gives the losses of the samples, of shape (samples,).
    steps, rate, batch
        Number of steps, learning rate, and samples of a batch.

    Raises
    ------
    UsageError
        If the parameters are not in the set at the start, or `equations` is not affine.

    Notes
    -----
    Source: document 004, Definition 3.1.
    """
    module = copy.deepcopy(module)
    names, parameters = zip(*module.named_parameters(), strict=True)
    unit = torch.finfo(parameters[0].dtype).eps

    def value(tensors: Iterable[Tensor]) -> Tensor:
        found: Tensor = equations(dict(zip(names, tensors, strict=True))).detach()
        return found

    start = [p.detach().clone() for p in parameters]
    zero = value(torch.zeros_like(p) for p in parameters)
    _check_start(value(start), value(2 * p for p in start), zero, _ROUNDING * unit * (1.0 + _norm(start)))
    found = []
    for k, loss in enumerate(losses(module)):
        slopes = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        gradient = [torch.zeros_like(p) if g is None else g for g, p in zip(slopes, parameters, strict=True)]
        found.append(Departure(f"gradient of sample {k + 1}", _largest(value(gradient) - zero), _norm(gradient)))
    optimizer = torch.optim.SGD(parameters, lr=rate)
    for step in range(steps):
        optimizer.zero_grad()
        every = losses(module)
        every[[(step + 3 * j) % len(every) for j in range(batch)]].mean().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    moved = _norm(p.detach() - old for p, old in zip(parameters, start, strict=True))
    # rounding of the parameters' own size is no departure
    size = max(_largest(value(p.detach() for p in parameters)) - 16 * unit * _norm(start), 0.0)
    found.append(Departure(f"{steps} steps of SGD", size, moved))
    return Invariance(tuple(found), unit)


def _check_start(start: Tensor, doubled: Tensor, zero: Tensor, rounding: float) -> None:
    if not _largest(start) <= rounding:
        raise UsageError(f"the module's equations are off by {_largest(start):.3g}; start with parameters in the set")
    if not _largest(doubled - 2 * start + zero) <= rounding:
        raise UsageError("equations is not affine in the parameters; give sums of multiples of parameters and numbers")


def _largest(values: Tensor) -> float:
    return float(values.abs().max()) if values.numel() else 0.0


def _norm(tensors: Iterable[Tensor]) -> float:
    return math.sqrt(sum(float(t.square().sum()) for t in tensors))
