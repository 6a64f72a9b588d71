"""Sets that a property of the loss makes invariant, in real training: autograd of losses drawn among those with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor, nn

from ....derivations.errors import ClaimError
from ....derivations.statements.sets.symmetry_sets import (
    FixedSetInvariant,
    InterpolatingPoint,
    MatrixKind,
    PropertySet,
    SampleLoss,
    TranslationInvariant,
    Translations,
)
from ....numerics.networks.invariance import invariance
from ....numerics.random.random_stream import RandomStream
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, refuted, undecided
from ...witness import Task, witness

_METHOD = "autograd losses"
#: Parameters, dimension of the set of fixed points, samples, networks or matrices a kind, steps of SGD and their rate.
SIZE, FIXED, SAMPLES, TRIALS, STEPS, RATE = 7, 3, 4, 6, 4, 0.01
#: A relative departure above this cannot be rounding; one below the second counts as none.
DEPARTURE, ROUNDING = 1e-7, 1e-11

Loss = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Trial:
    """Losses of the samples with the property, a point of the set, and the equations ``normals @ theta == const``."""

    where: str
    losses: list[Loss]
    point: Tensor
    normals: Tensor


@witness(
    _METHOD,
    kind=Kind.DETERMINISTIC,
    statement=PropertySet,  # type: ignore[type-abstract]
    starts_from="autograd gradients and SGD steps of smooth losses that are built to have the property",
)
def autograd_losses(statement: PropertySet, task: Task) -> Finding:
    """Measure how far gradients point out of the set, and how far steps of SGD leave it."""
    worst, seen = 0.0, 0
    for trial in trials(statement, task.draws("losses")):
        for what, departure, scale in _departures(trial):
            seen += 1
            worst = max(worst, departure / scale)
            if departure > DEPARTURE * scale:
                return refuted(
                    f"{_METHOD}: {what} leaves the set far beyond rounding.",
                    {"loss": trial.where},
                    f"the equations of the set hold for {what}",
                    f"one is violated by {departure:.6g} on a scale of {scale:.6g}",
                    f"{departure:.6g}",
                    effect=min(departure / scale, 1.0),
                )
    if worst > ROUNDING:
        return undecided(f"{_METHOD}: departures up to {worst:.1e}, which may be rounding.")
    return confirmed(f"{_METHOD}: {seen} gradients and trainings stay in the set.", DEPARTURE)


def _departures(trial: Trial) -> Iterator[tuple[str, float, float]]:
    # the size of gradients nearby, for at an interpolating point they vanish
    near = (trial.point + 1.0).requires_grad_()
    scale = max(float(torch.autograd.grad(loss(near), near)[0].norm()) for loss in trial.losses)
    *gradients, training = invariance(
        nn.ParameterDict({"theta": trial.point.clone()}),
        lambda parameters: trial.normals @ (parameters["theta"] - trial.point),
        lambda module: torch.stack([loss(module["theta"]) for loss in trial.losses]),
        steps=STEPS,
        rate=RATE / max(scale, 1.0),
        batch=1,
    ).departures
    yield from ((found.what, found.size, scale) for found in gradients)
    yield training.what, training.size, float(trial.point.norm()) + 1.0


@singledispatch
def trials(statement: PropertySet, draws: RandomStream) -> Iterator[Trial]:
    """Yield losses with the property."""
    raise ClaimError(f"no losses for a statement of type {type(statement).__name__}")


def _smooth(draws: RandomStream, size: int) -> Loss:
    """Return a smooth random function of `size` numbers, of either sign and without symmetries."""
    first, second, third = draws.normal(5, size), draws.normal(5, 1)[:, 0], draws.normal(5, 1)[:, 0]
    return lambda v: (third * torch.tanh(first @ v + second)).sum() + (third[0] * (first[0] @ v)) ** 2


@trials.register
def _(statement: FixedSetInvariant, draws: RandomStream) -> Iterator[Trial]:
    kind = statement.kind
    both = kind is MatrixKind.SYMMETRIC_OR_ORTHOGONAL
    for made in (MatrixKind.SYMMETRIC, MatrixKind.ORTHOGONAL) if both else (kind,):
        for _ in range(TRIALS):
            basis = torch.linalg.qr(draws.normal(SIZE, SIZE))[0]
            rest = SIZE - FIXED
            if made is MatrixKind.ORTHOGONAL:
                block = -torch.linalg.matrix_exp((skew := draws.normal(rest, rest)) - skew.mT)
            else:
                block = torch.diag(draws.normal(rest, 1)[:, 0] - 2.0)
            middle = torch.eye(SIZE, dtype=block.dtype, device=block.device)
            middle[FIXED:, FIXED:] = block
            if made is MatrixKind.ANY:
                basis = draws.normal(SIZE, SIZE) + 3 * torch.eye(SIZE, dtype=block.dtype, device=block.device)
            matrix = basis @ middle @ torch.linalg.inv(basis)
            # left eigenvectors of 1, along which nothing changes, and what vanishes on the set to second order
            kept = torch.linalg.inv(basis)[:FIXED]
            normals = matrix - torch.eye(SIZE, dtype=matrix.dtype, device=matrix.device)
            losses = [
                _near_symmetric(_smooth(draws, FIXED), _smooth(draws, SIZE), kept, normals) for _ in range(SAMPLES)
            ]
            point = basis[:, :FIXED] @ draws.normal(FIXED, 1)[:, 0]
            where = f"f(B theta) + |(Q - 1) theta|^2 g(theta), Q {made} of size {SIZE} with B Q = B"
            yield Trial(where, losses, point, normals)


@trials.register
def _(statement: TranslationInvariant, draws: RandomStream) -> Iterator[Trial]:
    for _ in range(TRIALS):
        v = draws.normal(SIZE, 1)[:, 0]
        v = v / v.norm()
        across = torch.eye(SIZE, dtype=v.dtype, device=v.device) - torch.outer(v, v)
        one = statement.by is Translations.ONE
        losses = [
            _moved_along(_smooth(draws, SIZE), _smooth(draws, SIZE) if one else None, across, v) for _ in range(SAMPLES)
        ]
        yield Trial(f"loss unchanged by {statement.by}", losses, draws.normal(SIZE, 1)[:, 0], v[None])


@trials.register
def _(statement: InterpolatingPoint, draws: RandomStream) -> Iterator[Trial]:
    for _ in range(TRIALS):
        point = draws.normal(SIZE, 1)[:, 0]
        gaps = [_smooth(draws, SIZE) for _ in range(SAMPLES)]
        losses = [_gap(f, point, 0.0) for f in gaps]
        where = "squared differences of smooth functions from their values at the point"
        if statement.loss is SampleLoss.ANY:
            losses = [_gap(f, point, sign) for f in gaps for sign in (1.0, -1.0)]
            where = "differences of smooth functions from their values at the point, with both signs"
        yield Trial(where, losses, point, torch.eye(SIZE, dtype=point.dtype, device=point.device))


def _near_symmetric(inner: Loss, outer: Loss, kept: Tensor, normals: Tensor) -> Loss:
    """Return a loss that Q changes by a term of second order in the distance from its fixed set."""
    return lambda w: inner(kept @ w) + (normals @ w).square().sum() * outer(w)


def _moved_along(inner: Loss, outer: Loss | None, across: Tensor, v: Tensor) -> Loss:
    """Return a loss that no multiple of v changes or, with `outer`, one that v itself does not change."""
    if outer is None:
        return lambda w: inner(across @ w)
    return lambda w: inner(across @ w) + outer(across @ w) * torch.sin(2 * torch.pi * (v @ w))


def _gap(function: Loss, point: Tensor, sign: float) -> Loss:
    """Return the square of a function less its value at the point or, with a sign, the signed difference."""
    if sign == 0.0:
        return lambda w: (function(w) - function(point)).square()
    return lambda w: sign * (function(w) - function(point))
