"""Invariances on random networks: autograd gradients of the mean loss over random data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp
import torch
from torch import Tensor

from ...derivations.statements.invariances import (
    LOWER,
    UPPER,
    CriticalWhen,
    FlowInvariant,
    HiddenBasisChange,
    Invariant,
)
from ...numerics.linear_networks import end_to_end, per_sample_gradients
from ...numerics.matrices import Floating, Values, evaluate, stack_columns
from ...numerics.network_matrices import network_values
from ..matrix_means import Exact, Mean
from ..random_networks import Networks, RandomNetwork, random_networks
from ..witness import Task
from .invariance_exact import inverse_named
from .network_sampling import comparisons

#: Layer widths and the places of layers l and l+1.
NETWORKS: Networks = (
    ((3, 2, 2), (1, 2)),
    ((2, 3, 2, 3), (2, 3)),
    ((2, 3, 2, 3, 2), (2, 3)),
)


@comparisons.register
def _(statement: FlowInvariant, task: Task) -> Iterator[Exact | Mean]:
    for made in random_networks(statement.setting, (LOWER, UPPER), task, NETWORKS):
        x, y = _population(made, made.teacher)
        gradients = _mean_gradients(made, made.weights, x, y)

        def quantity(*moving: Tensor, made: RandomNetwork = made) -> Tensor:
            weights = list(made.weights)
            for name, weight in zip((LOWER, UPPER), moving, strict=True):
                weights[made.layers[name] - 1] = weight
            return _value(statement.quantity, made, weights)

        places = [made.layers[k] - 1 for k in (LOWER, UPPER)]
        value, rate = torch.autograd.functional.jvp(  # type: ignore[no-untyped-call]
            quantity, tuple(made.weights[p] for p in places), tuple(-gradients[p] for p in places)
        )
        # compared as value + rate with value, so that a vanishing rate has a scale
        yield Exact("the quantity moved by its rate", made.where, value, value + rate)


@comparisons.register
def _(statement: HiddenBasisChange, task: Task) -> Iterator[Exact | Mean]:
    for made in random_networks(statement.setting, (LOWER, UPPER), task, NETWORKS):
        size = len(made.weights[made.layers[LOWER] - 1])
        change = task.draws(f"{made.where}|basis").normal(size, size)
        change = change + 2 * torch.eye(size, dtype=torch.float64, device=task.device)
        given = {statement.change.name: change, "G_inv": torch.linalg.inv(change)}
        weights = list(made.weights)
        if statement.invariant is Invariant.CRITICAL_POINTS:
            # with both layers zero every gradient vanishes
            for name in (LOWER, UPPER):
                weights[made.layers[name] - 1] = weights[made.layers[name] - 1] * 0
        moved = list(weights)
        for name, expr in ((LOWER, statement.lower), (UPPER, statement.upper)):
            moved[made.layers[name] - 1] = _value(inverse_named(expr, statement), made, weights, given)
        x, y = _population(made, made.teacher)
        if statement.invariant is Invariant.LOSS:
            before, after = (_mean_loss(made, w, x, y) for w in (weights, moved))
            yield Exact("the mean loss", made.where, before.reshape(1, 1), after.reshape(1, 1))
            continue
        flat = [torch.cat([g.reshape(-1) for g in _mean_gradients(made, w, x, y)]) for w in (weights, moved)]
        unit = torch.ones(1, 1, dtype=torch.float64, device=task.device)
        sizes = [unit + gradient.norm() for gradient in flat]
        yield Exact("1 plus the size of the gradient at a critical point and its image", made.where, *sizes)


@comparisons.register
def _(statement: CriticalWhen, task: Task) -> Iterator[Exact | Mean]:
    setting = statement.setting
    for made in random_networks(setting, (LOWER,), task, NETWORKS):
        place = made.layers[LOWER]
        after = made.weights[place:]
        left = end_to_end(after) if after else torch.eye(len(made.teacher), dtype=torch.float64, device=task.device)
        whole = end_to_end(made.weights)
        generic = whole - made.teacher
        # a gap outside the range of the layers after, where there is one
        outside = generic - left @ torch.linalg.lstsq(left, generic).solution
        for gap in (generic, outside, generic * 0):
            teacher = whole - gap
            gradient = stack_columns(_mean_gradients(made, made.weights, *_population(made, teacher))[place - 1])
            named = network_values(setting, made.weights, made.layers, teacher)
            condition = evaluate(statement.condition, Values(Floating(task.device), named, made.scalars))
            sizes = [torch.tensor([[float(m.norm() > 1e-9)]]) + 1 for m in (condition, gradient)]
            yield Exact("1 plus whether the gradient is not zero", made.where, *sizes)


def _value(
    expr: sp.MatrixExpr, made: RandomNetwork, weights: Sequence[Tensor], more: dict[str, Tensor] | None = None
) -> Tensor:
    named = network_values(made.setting, weights, made.layers)
    found: Tensor = evaluate(expr, Values(Floating(made.task.device), {**named, **(more or {})}, made.scalars))
    return found


def _population(made: RandomNetwork, teacher: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs whose second moment is exactly the identity, and their targets; label noise only adds to the loss."""
    inputs = teacher.shape[1]
    x = torch.eye(inputs, dtype=torch.float64, device=made.task.device) * inputs**0.5
    return x, x @ teacher.mT


def _mean_loss(made: RandomNetwork, weights: Sequence[Tensor], x: Tensor, y: Tensor) -> Tensor:
    residual = x @ end_to_end(weights).mT - y
    return float(made.setting.loss_scale) * residual.square().sum(1).mean()


def _mean_gradients(made: RandomNetwork, weights: Sequence[Tensor], x: Tensor, y: Tensor) -> list[Tensor]:
    return [g.mean(0) for g in per_sample_gradients(weights, x, y, float(made.setting.loss_scale))]
