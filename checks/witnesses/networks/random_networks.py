"""Random linear networks with data for Monte Carlo witnesses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch
from torch import Tensor

from ....derivations.errors import NumericsError
from ....derivations.matrices.networks import NetworkSetting
from ....numerics.exact.values import value_at_precision
from ....numerics.matrices import Floating, Values, evaluate
from ....numerics.networks.linear import per_sample_gradients, random_weights, teacher_samples
from ....numerics.networks.named import NamedNetwork, end_to_end, place
from ...judgement.coefficients import numbers_in
from ...witness import Task

#: Layer widths and the layers that a statement's layer names stand for.
Networks = tuple[tuple[tuple[int, ...], tuple[int, int]], ...]
NETWORKS: Networks = (
    ((3, 2, 2), (1, 2)),
    ((2, 3, 2, 3), (3, 1)),
    ((2, 3, 2, 3, 2), (2, 2)),
)
#: Bits of numbers that are only told from 0 and from an overflow, and least size of a number that float64 holds well.
_BITS, LEAST = 128, 1e-290
#: Which value of its range a further parameter (label noise, sample count) takes on each network.
PARAMETER_VALUES = (2, 1, 4)


@dataclass(frozen=True)
class RandomNetwork(NamedNetwork):
    """A network with random weights and a teacher or a data set."""

    weights: Sequence[Tensor]
    teacher: Tensor
    x: Tensor
    y: Tensor
    label_noise: float
    task: Task
    where: str

    def gradients(self, layers: Sequence[str], x: Tensor, y: Tensor) -> list[Tensor]:
        """Per-sample autograd gradients of the named layers."""
        found = per_sample_gradients(self.weights, x, y, float(self.loss_scale))
        return [found[self.layers[name] - 1] for name in layers]

    def sizes(self, layers: Sequence[str], x: Tensor, y: Tensor) -> Tensor:
        """Norms (samples, layers) of the per-sample gradients before outputs cancel against labels."""
        pairs = zip(self.gradients(layers, x, y * 0), self.gradients(layers, x, y), strict=True)
        return torch.stack([own.norm(dim=(1, 2)) + (both - own).norm(dim=(1, 2)) for own, both in pairs], dim=1)

    def draw(self, n: int, stream: str) -> tuple[Tensor, Tensor]:
        """Fresh samples of the teacher."""
        self.task.note_samples("autograd on random networks", n)
        return teacher_samples(self.teacher, self.label_noise, n, self.task.draws(f"{self.where}|{stream}"))

    def with_weight(self, layer: str, weight: Tensor) -> Tensor:
        """End-to-end matrix with one layer replaced."""
        k = self.layers[layer] - 1
        return end_to_end([*self.weights[:k], weight, *self.weights[k + 1 :]])

    def normal(self, *shape: sp.Symbol) -> Tensor:
        """Standard normal matrix of symbolic shape."""
        sizes = [int(self.scalars.get(k, k)) for k in shape]
        return self.task.draws(f"{self.where}|{shape}").normal(*sizes)

    def value(self, expr: sp.MatrixExpr, more: Mapping[str, Tensor] | None = None) -> Tensor:
        """Value of a printed formula on this network."""
        return printed(expr, self.values_with(more))

    def term_size(self, expr: sp.MatrixExpr, more: Mapping[str, Tensor] | None = None) -> Tensor:
        """Size of the terms of a printed formula on this network, as :func:`term_size`."""
        return term_size(expr, self.values_with(more))


def printed(expr: sp.MatrixExpr, values: Values) -> Tensor:
    """Return the value of a printed formula.

    Raises
    ------
    UndefinedError
        If a number in it has no real value.
    NumericsError
        If a number or an entry leaves the range of float64, where 0 or an infinity would stand for it.
    """
    check_numbers(expr, values.scalars)
    found: Tensor = evaluate(expr, values)
    if not bool(torch.isfinite(found).all()):
        raise NumericsError(f"{expr} has an entry that is not finite on a random network")
    return found


def check_numbers(expr: sp.Expr, scalars: Mapping[sp.Symbol, Any]) -> None:
    """Raise unless every number in front of a matrix or trace has a real value within the range of float64.

    Raises
    ------
    UndefinedError
        If a number has no real value at `scalars`.
    NumericsError
        If it is not told, or not 0 and of a size beyond float64.
    """
    for number in numbers_in(expr):
        ball = value_at_precision(number, scalars, _BITS).ball
        if not (ball.is_zero() or LEAST < abs(ball) < 1 / LEAST):
            raise NumericsError(f"{number} = {ball.str(6, radius=False)} leaves the range of float64")


def term_size(expr: sp.MatrixExpr, values: Values) -> Tensor:
    """Return a bound of the norm of a matrix from the norms of its terms and factors, which do not cancel."""
    if isinstance(expr, sp.MatAdd | sp.BlockMatrix):
        parts = expr.blocks if isinstance(expr, sp.BlockMatrix) else expr.args
        return torch.stack([term_size(part, values) for part in parts]).sum()
    if isinstance(expr, sp.MatMul):
        number, factors = expr.as_coeff_matrices()
        scale = abs(float(values.number(number)))
        return torch.stack([term_size(factor, values) for factor in factors]).prod() * scale
    if isinstance(expr, sp.MatPow):
        return term_size(expr.base, values) ** int(expr.exp)
    # a node around one matrix, a transpose or stacked columns, puts entries into another order
    if isinstance(expr, sp.KroneckerProduct) or (len(expr.args) == 1 and expr.args[0].is_Matrix):
        return torch.stack([term_size(part, values) for part in expr.args]).prod()
    size: Tensor = evaluate(expr, values).norm()
    return size


def random_networks(
    setting: NetworkSetting, names: Sequence[str], task: Task, networks: Networks = NETWORKS
) -> Iterator[RandomNetwork]:
    """Yield random networks whose sizes lie in the claim's domain."""
    for number, (widths, picked) in enumerate(networks):
        if setting.depth is not None:
            # A fixed depth keeps that many of the listed widths.
            widths = tuple((widths * 2)[number : number + setting.depth + 1])
        at = place(setting, names, widths, picked, task.claim.domain, PARAMETER_VALUES[number])
        if at is None:
            continue
        where = ", ".join([at.words(setting), *(f"{s}={v}" for s, v in at.parameters.items())])
        draws = task.draws(at.words(setting))
        weights = [_conditioned(w) for w in random_weights(widths, draws)]
        if at.silenced is not None:
            weights[at.silenced] = weights[at.silenced] * 0
        other = _conditioned(random_weights((widths[0], widths[-1]), draws)[0])
        teacher = end_to_end(weights) if setting.at_teacher else other
        x, y = teacher_samples(teacher, 1.0, at.samples, draws)
        noise = float(sp.sympify(setting.label_noise).subs(at.scalars))
        numbers = Floating(task.device)
        yield RandomNetwork(setting, numbers, at.layers, weights, teacher, x, y, at.scalars, noise, task, where)


def _conditioned(matrix: Tensor) -> Tensor:
    """Move the singular values into (1/2, 3/2): nearly singular weights leave the projections very noisy."""
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    made: Tensor = (left * (0.5 + values / (1 + values))) @ right
    return made
