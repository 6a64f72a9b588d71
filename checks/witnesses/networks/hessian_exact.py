"""Blocks of the Hessian of the loss on small networks in rational arithmetic: differences of exact gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ....derivations.domain import Domain
from ....derivations.statements.hessians import LossHessian
from ....numerics.matrices import evaluate
from .exact import Case, cases
from .exact_networks import ExactNetwork, Networks, exact_networks

#: Widths of networks of two and of three layers; layer names are their numbers.
NETWORKS: Networks = (
    ((1, 1, 1), (1, 2)),
    ((2, 1, 1), (1, 2)),
    ((1, 2, 2), (1, 2)),
    ((2, 2, 1), (1, 2)),
    ((2, 3, 2), (1, 2)),
    ((1, 2, 1, 2), (1, 2)),
)


@cases.register
def _(statement: LossHessian, domain: Domain) -> Iterator[Case]:
    row, column = statement.row, statement.column
    for made in exact_networks(statement.setting, (row, column), domain, NETWORKS):
        found = made.once(("Hessian", row, column), partial(_block, made, row, column))
        what = f"the Hessian of layers {row} and {column}"
        yield Case(what, made.point, evaluate(statement.value, made.values), found, made.scalars)


def _block(made: ExactNetwork, row: str, column: str) -> Any:
    """Return the block (weights of `row`, weights of `column`), columns stacked.

    An entry of the gradient is of degree at most two in any single weight, so that its central difference is exact.
    """

    def slopes(weights: Sequence[Any]) -> Any:
        moved = replace(made, weights=list(weights))
        return made.mean(moved.gradient(row, moved.loss))

    bends = made.gradient(column, slopes)
    i, j, k, m = bends.shape
    return bends.transpose(1, 0, 3, 2).reshape(i * j, k * m)
