"""Blocks of the Hessian of the loss on random networks: automatic differentiation of the mean loss over data."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ....derivations.statements.hessians import LossHessian
from ....numerics.networks.named import end_to_end
from ...witness import Task
from .matrix_means import Exact, Mean
from .random_networks import RandomNetwork, random_networks
from .sampling import comparisons


@comparisons.register
def _(statement: LossHessian, task: Task) -> Iterator[Exact | Mean]:
    places = [int(k) - 1 for k in (statement.row, statement.column)]
    for made in random_networks(statement.setting, (statement.row, statement.column), task):
        block = _block(made, *places)
        what = f"the Hessian of layers {statement.row} and {statement.column}"
        size = made.term_size(statement.value) + block.norm()
        yield Exact(what, made.where, made.scalars, made.value(statement.value), block, size)


def _block(made: RandomNetwork, row: int, column: int) -> Tensor:
    """Return the block for the layers at two places, columns stacked, by automatic differentiation."""
    x, y = made.x, made.y
    if made.setting.data == "teacher":
        # inputs whose second moment is exactly the identity; label noise adds a constant to the mean loss
        x = (
            torch.eye(made.teacher.shape[1], dtype=torch.float64, device=made.task.device)
            * made.teacher.shape[1] ** 0.5
        )
        y = x @ made.teacher.mT
    shapes = [made.weights[k].mT.shape for k in (row, column)]

    def loss(one: Tensor, other: Tensor) -> Tensor:
        weights = list(made.weights)
        weights[row] = weights[row] + one.reshape(shapes[0]).mT
        weights[column] = weights[column] + other.reshape(shapes[1]).mT
        residual = x @ end_to_end(weights).mT - y
        return float(made.loss_scale) * residual.square().sum(1).mean()

    zeros = [torch.zeros(s.numel(), dtype=torch.float64, device=made.task.device) for s in shapes]
    found: Tensor = torch.func.jacrev(torch.func.grad(loss, 0), 1)(*zeros)
    return found
