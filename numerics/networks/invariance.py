"""How far SGD on any module leaves an affine set of its parameters: per-sample gradients, and steps of training."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn

from ...derivations.errors import UsageError
from ..argument_kinds import is_real, is_whole

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
        Norm of the component that is normal to the set.
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
        """Whether no departure is beyond rounding; false as well where nothing moved or a number is not finite."""
        moved = [d for d in self.departures if d.moved != 0.0]
        return bool(moved) and all(d.size <= _ROUNDING * self.unit * d.moved < math.inf for d in moved)

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
    r"""Measure whether SGD on a torch module keeps the affine set :math:`\{\theta: E(\theta)=0\}` of its parameters.

    On the set, the component of every sample's gradient that is normal to it must vanish, and so must that of the
    change of the parameters after `steps` steps of ``torch.optim.SGD``. This looks at one point of the set with one
    data set; it proves nothing of others.

    Parameters
    ----------
    module : torch.nn.Module
        With parameters in the set; it is copied, not changed. Use float64 for sharp answers.
    equations : callable
        ``equations(parameters)`` with the named parameters gives a tensor, affine in them, that is 0 on the set.
    losses : callable
        ``losses(module)`` gives the losses of the samples, of shape (samples,).
    steps, rate, batch
        Number of steps >= 1, learning rate > 0, and samples of a batch, from 1 to all.

    Raises
    ------
    UsageError
        If the module has no parameters, they are not in the set at the start, `equations` is not affine or holds no
        parameter, `losses` gives no list of numbers, or a number is outside its range.

    Notes
    -----
    Source: document 004, Definition 3.1.
    """
    module = copy.deepcopy(module)
    parameters = dict(module.named_parameters())
    if not parameters:
        raise UsageError("the module has no parameters; give one that can be trained")
    start = {name: p.detach().clone() for name, p in parameters.items()}
    unit = max(torch.finfo(p.dtype).eps for p in start.values())
    normal = _Normals(equations, start, _ROUNDING * unit)
    every = losses(module)
    if every.ndim != 1 or not every.requires_grad:
        raise UsageError(f"losses gave shape {tuple(every.shape)}; give one loss a sample, differentiable, (samples,)")
    if not (is_whole(steps) and steps >= 1 and is_whole(batch) and 1 <= batch <= len(every)):
        raise UsageError(f"steps={steps}, batch={batch}; give steps >= 1 and a batch of 1 to {len(every)} samples")
    if not (is_real(rate) and 0 < rate < math.inf):
        raise UsageError(f"rate={rate}; it must be > 0 and finite")
    moving = tuple(parameters.values())
    found = []
    for k, loss in enumerate(every):
        gradient = torch.autograd.grad(loss, moving, retain_graph=True, materialize_grads=True)
        found.append(Departure(f"gradient of sample {k + 1}", normal.part(gradient), _norm(gradient)))
    optimizer = torch.optim.SGD(moving, lr=rate)
    for step in range(steps):
        optimizer.zero_grad()
        every = losses(module)
        every[[(step + 3 * j) % len(every) for j in range(batch)]].mean().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    change = [p.detach() - old for p, old in zip(moving, start.values(), strict=True)]
    # rounding of the parameters' own size is no departure
    size = max(normal.part(change) - 16 * unit * _norm(start.values()), 0.0)
    found.append(Departure(f"{steps} steps of SGD", size, _norm(change)))
    return Invariance(tuple(found), unit)


class _Normals:
    """An orthonormal basis of the directions normal to the set, on the entries of the parameters that it needs.

    Raises UsageError where the equations do not hold at `start` or are not affine, up to `rounding` of their terms.
    """

    def __init__(self, equations: Equations, start: Mapping[str, Tensor], rounding: float) -> None:
        leaves = {name: p.clone().requires_grad_() for name, p in start.items()}
        written = equations(leaves).reshape(-1)
        if not written.requires_grad:
            raise UsageError("equations holds no parameter; give sums of multiples of parameters and numbers")

        def rows() -> Iterator[Tensor]:
            for one in written:
                yield _flat(torch.autograd.grad(one, tuple(leaves.values()), retain_graph=True, materialize_grads=True))

        self.used = reduce(torch.logical_or, (row != 0 for row in rows()))
        matrix = torch.stack([row[self.used] for row in rows()])
        scales = matrix.norm(dim=1)
        zero = equations({name: torch.zeros_like(p) for name, p in start.items()}).detach().reshape(-1)
        other = {name: torch.linspace(-1.0, 2.0, p.numel()).to(p).reshape(p.shape) for name, p in start.items()}
        for at in (start, other, {name: -p for name, p in other.items()}):
            terms = rounding * (scales * _norm(at.values()) + zero.abs())
            found = equations(at).detach().reshape(-1)
            if at is start and not bool((found.abs() <= terms).all()):
                off = float(found.abs().max())
                raise UsageError(f"the equations are off by {off:.3g}; start with parameters in the set")
            if not bool(((found - zero - matrix @ _flat(at.values())[self.used]).abs() <= terms).all()):
                raise UsageError("equations is not affine; give sums of multiples of parameters and numbers")
        # the set is that of the equations on any scales
        _, weights, directions = torch.linalg.svd(matrix[scales > 0] / scales[scales > 0, None], full_matrices=False)
        self.basis = directions[weights > max(matrix.shape) * torch.finfo(matrix.dtype).eps]

    def part(self, tensors: Iterable[Tensor]) -> float:
        """Return the norm of the normal component."""
        return float((self.basis @ _flat(tensors)[self.used]).norm())


def _flat(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([t.reshape(-1) for t in tensors])


def _norm(tensors: Iterable[Tensor]) -> float:
    return math.sqrt(sum(float(t.square().sum()) for t in tensors))
