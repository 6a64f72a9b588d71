"""Blocks of the Hessian of the loss by words: the mean loss differentiated twice, for all shapes."""

from __future__ import annotations

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.matrices.gaussian import data_mean
from ....derivations.matrices.stacked_words import bilinear
from ....derivations.matrices.words import TraceSum, Words
from ....derivations.statements.hessians import LossHessian
from ....derivations.statements.networks import GradientOf
from .algebra import OTHER_TEST, TEST, Sides, derivative_along, free_direction, gap_written_out, sides


@sides.register
def _(statement: LossHessian) -> list[Sides]:
    setting, row, column = statement.setting, statement.row, statement.column
    # sums over the data commute with derivatives
    slope = derivative_along(setting, row, GradientOf.SAMPLE, TEST)
    found = data_mean(slope.derivative(setting.weight(column).name, OTHER_TEST), setting)
    value = gap_written_out(statement.value, setting).xreplace({setting.end_to_end: setting.network(row)})
    left, right = [free_direction(setting, TEST, row)], [free_direction(setting, OTHER_TEST, column)]
    return [Sides(f"the Hessian of layers {row} and {column}", found, bilinear(value, left, right, _no_covariance))]


def _no_covariance(covariance: sp.MatrixExpr, x: Words, y: Words) -> TraceSum:
    raise ClaimError(f"{covariance} is a covariance over the data, which no Hessian holds")
