"""Label-noise SGD near an invariant point: real gradient steps, counted by where the norm of the weights goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
import torch

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.statements.attractivity import Attractive, LabelNoiseTraining
from ....numerics.networks.gradient_steps import sample_gradient
from ....numerics.random.random_stream import RandomStream
from ...evidence import Finding, Kind
from ...judgement.findings import undecided
from ...witness import Task, witness
from .shell_exits import CHUNK, FINE_HALF, FINE_STEP, WIDE, both_sides, count_exits, in_the_middle


@witness(
    "label-noise SGD",
    kind=Kind.MONTE_CARLO,
    statement=Attractive,
    starts_from="the loss and the data: gradient steps with fresh label noise, gradients by autograd",
    applies=lambda statement: statement.training is not None,
)
def label_noise_sgd(statement: Attractive, task: Task) -> Finding:
    """Train at a small learning rate near the point and compare exits of the weight norm with the condition."""
    assert statement.training is not None
    if any(c != 0 for c in statement.point):
        return undecided(f"the training runs start around the origin, not around {statement.point}.")
    return both_sides(statement, task, WIDE, _training_exits, 1, 512, fixed=(statement.training.rate,))


def _training_exits(statement: Attractive, point: Point, task: Task, paths: int, stream: str) -> tuple[int, int, int]:
    """Return counts of training runs, by the norm of the weights."""
    training = statement.training
    assert training is not None
    start = in_the_middle(paths, len(training.weights), FINE_HALF, task, f"{stream}|directions")
    # a step's relative variance is proportional to the rate at fixed strength of the noise
    pilot, draws = sp.Rational(1, 50), task.draws(f"{stream}|labels")
    gradient = _gradient(training, _with_rate(training, statement.condition, point, pilot), draws)
    variance = float(pilot) ** 2 * float((gradient(start) / start.norm(dim=1, keepdim=True)).square().sum(1).mean())
    small = sp.Rational(round(1e6 * float(pilot) * FINE_STEP / variance), 10**6)
    gradient = _gradient(training, _with_rate(training, statement.condition, point, small), draws)

    def advance(state: torch.Tensor, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        logs = []
        for _ in range(CHUNK):
            state = state - float(small) * gradient(state)
            logs.append(state.norm(dim=1).log())
        return state, torch.stack(logs)

    return count_exits(advance, start, FINE_HALF, rounds=40)


def _gradient(
    training: LabelNoiseTraining, point: Point, draws: RandomStream
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the gradient of the loss with fresh label noise at each call, for weights of shape (runs, d)."""
    options: dict[str, Any] = {"dtype": torch.float64, "device": draws.device}
    data = [[float(sp.sympify(e).subs(point)) for e in part] for part in (training.inputs, training.targets)]
    inputs, targets = (torch.tensor(d, **options)[:, None] for d in data)
    noise, count, label = float(training.noise.subs(point)), len(training.inputs), sp.Dummy("label", real=True)
    loss = (training.model.subs(point) - label) ** 2 / (2 * count)
    slope = sample_gradient(loss, training.weights, [training.feature, label])

    def gradient(weights: torch.Tensor) -> torch.Tensor:
        labels = targets + noise * draws.normal(count, len(weights))
        return slope(weights.T[:, None, :], [inputs, labels])[:, 0].T

    return gradient


def _with_rate(training: LabelNoiseTraining, condition: Any, point: Point, rate: sp.Rational) -> Point:
    """Return the point with another learning rate, and the noise changed so that the condition's excess is kept."""
    gap = condition.lhs - condition.rhs
    (amplitude,) = training.noise.free_symbols & gap.free_symbols
    fixed = {s: v for s, v in point.items() if s not in (training.rate, amplitude)}
    equation = gap.subs(fixed).subs(training.rate, rate) - gap.subs(point)
    roots = [r for r in sp.solve(equation, amplitude) if r.is_positive]
    if not roots:
        raise NumericsError(f"no {amplitude} keeps the condition at {training.rate} = {rate}")
    return point | {training.rate: rate, amplitude: roots[0]}
