"""Invariances on random networks: autograd gradients of the mean loss over random data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sympy as sp
import torch
from torch import Tensor

from ....derivations.errors import ClaimError, NumericsError
from ....derivations.statements.invariances import (
    LOWER,
    UPPER,
    CriticalWhen,
    FlowInvariant,
    HiddenBasisChange,
    Invariant,
)
from ....numerics.matrices import stack_columns
from ....numerics.networks.linear import per_sample_gradients
from ....numerics.networks.named import end_to_end
from ...judgement.definedness import definedness
from ...statistics.means import ROUNDING
from ...witness import Task
from .invariance_exact import inverse_named
from .matrix_means import BEYOND_ROUNDING, Exact, Mean
from .random_networks import Networks, RandomNetwork, printed, random_networks
from .sampling import comparisons

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
            return printed(statement.quantity, replace(made, weights=weights).values)

        places = [made.layers[k] - 1 for k in (LOWER, UPPER)]
        _, rate = torch.autograd.functional.jvp(  # type: ignore[no-untyped-call]
            quantity, tuple(made.weights[p] for p in places), tuple(-gradients[p] for p in places)
        )
        # a vanishing rate has the scale of the terms of the quantity, which may cancel
        size = made.term_size(statement.quantity).reshape(1, 1)
        yield Exact(
            "the size of the quantity's terms, and with its rate", made.where, made.scalars, size, size + rate.norm()
        )


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
            moved[made.layers[name] - 1] = replace(made, weights=weights).value(inverse_named(expr, statement), given)
        x, y = _population(made, made.teacher)
        if statement.invariant is Invariant.LOSS:
            # a network at its teacher has no loss but rounding, which is relative to the size of the labels
            labels = y.square().sum(1).mean()
            before, after = (labels + _mean_loss(made, w, x, y) for w in (weights, moved))
            what = "the size of the labels, and with it the mean loss"
            yield Exact(what, made.where, made.scalars, before.reshape(1, 1), after.reshape(1, 1))
            continue
        flat = [torch.cat([g.reshape(-1) for g in _mean_gradients(made, w, x, y)]) for w in (weights, moved)]
        unit = torch.ones(1, 1, dtype=torch.float64, device=task.device)
        sizes = [unit + gradient.norm() for gradient in flat]
        what = "1 plus the size of the gradient at a critical point and its image"
        yield Exact(what, made.where, made.scalars, sizes[0], sizes[1])


@comparisons.register
def _(statement: CriticalWhen, task: Task) -> Iterator[Exact | Mean]:
    setting = statement.setting
    factor = statement.condition.as_coeff_mmul()[0] if isinstance(statement.condition, sp.MatMul) else sp.Integer(1)
    if definedness((1 / factor,), task.claim.domain).status != "everywhere":
        raise ClaimError(f"the condition has the factor {factor}, which is not shown to be other than 0 on the domain")
    ratios: list[float] = []
    for made in random_networks(setting, (LOWER,), task, NETWORKS):
        place = made.layers[LOWER]
        after = made.weights[place:]
        left = end_to_end(after) if after else torch.eye(len(made.teacher), dtype=torch.float64, device=task.device)
        whole = end_to_end(made.weights)
        generic = whole - made.teacher
        # rounding is relative to what the two are for a generic teacher
        scales = (
            made.term_size(statement.condition),
            _mean_gradients(made, made.weights, *_population(made, made.teacher))[place - 1].norm(),
        )
        # a gap outside the range of the layers after, where there is one
        outside = generic - left @ torch.linalg.lstsq(left, generic).solution
        for gap in (generic, outside, generic * 0):
            teacher = whole - gap
            gradient = stack_columns(_mean_gradients(made, made.weights, *_population(made, teacher))[place - 1])
            condition = replace(made, teacher=teacher).value(statement.condition)
            if gap is generic:
                ratios += _ratio(condition, gradient * float(made.values.number(factor)))
            sizes = [
                torch.tensor([[1.0 + _is_nonzero(m, scale)]])
                for m, scale in zip((condition, gradient), scales, strict=True)
            ]
            yield Exact("1 plus whether the gradient is not zero", made.where, made.scalars, sizes[0], sizes[1])
    apart = max(ratios, default=0.0) - min(ratios, default=0.0)
    if not ratios or not apart <= BEYOND_ROUNDING * max(map(abs, ratios)):
        raise ClaimError("the condition is not seen to be the gradient times one number, so that it may vanish alone")


def _ratio(one: Tensor, other: Tensor) -> list[float]:
    """Return the numbers, one but for rounding, by which the entries of `other` are multiplied to give `one`."""
    known = other.abs() > BEYOND_ROUNDING * other.norm()
    return [float(r) for r in (one[known] / other[known])] + [float("nan")] * (not bool(known.any()))


def _is_nonzero(matrix: Tensor, scale: Tensor) -> bool:
    """Return whether a matrix is not 0, where its rounding errors are relative to `scale`.

    Raises
    ------
    NumericsError
        If it is not finite, or too small to be told from rounding and too large to be that.
    """
    size = float(matrix.norm())
    if size == 0.0 or size <= ROUNDING * float(scale):
        return False
    if not BEYOND_ROUNDING * float(scale) <= size < float("inf"):
        raise NumericsError(f"a matrix of norm {size:.2g} where its terms have {float(scale):.2g} may be rounding")
    return True


def _population(made: RandomNetwork, teacher: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs whose second moment is exactly the identity, and their targets; label noise only adds to the loss."""
    inputs = teacher.shape[1]
    x = torch.eye(inputs, dtype=torch.float64, device=made.task.device) * inputs**0.5
    return x, x @ teacher.mT


def _mean_loss(made: RandomNetwork, weights: Sequence[Tensor], x: Tensor, y: Tensor) -> Tensor:
    residual = x @ end_to_end(weights).mT - y
    return float(made.loss_scale) * residual.square().sum(1).mean()


def _mean_gradients(made: RandomNetwork, weights: Sequence[Tensor], x: Tensor, y: Tensor) -> list[Tensor]:
    return [g.mean(0) for g in per_sample_gradients(weights, x, y, float(made.loss_scale))]
