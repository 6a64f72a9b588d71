"""Label-noise SGD near an invariant point: real gradient steps, counted by where the norm of the weights goes."""

from __future__ import annotations

from typing import Any

import sympy as sp
import torch

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.statements.attractivity import Attractive, LabelNoiseTraining
from ....numerics.codegen import compile_expressions
from ....numerics.networks.data import FiniteData
from ....numerics.networks.draws import PhiloxDraws
from ....numerics.networks.runs import Watch, Weights
from ....numerics.networks.sgd import sgd
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
    pilot = sp.Rational(1, 50)
    at = _with_rate(training, statement.condition, point, pilot)
    moved = (_trained(training, at, start, task, f"{stream}|pilot", 1)[0] - start).norm(dim=1) / start.norm(dim=1)
    small = sp.Rational(round(1e6 * float(pilot) * FINE_STEP / float(moved.square().mean())), 10**6)
    at = _with_rate(training, statement.condition, point, small)

    def advance(state: torch.Tensor, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        shown = _trained(training, at, state, task, f"{stream}|{number}", CHUNK)
        return shown[-1], shown.norm(dim=2).log()

    return count_exits(advance, start, FINE_HALF, rounds=40)


def _trained(
    training: LabelNoiseTraining, point: Point, start: torch.Tensor, task: Task, stream: str, steps: int
) -> torch.Tensor:
    """Return the weights after each of some steps with fresh label noise, shape (steps, runs, weights)."""
    inputs, targets = (
        torch.tensor([[float(sp.sympify(e).subs(point))] for e in part], dtype=torch.float64, device=task.device)
        for part in (training.inputs, training.targets)
    )
    evaluate = compile_expressions([*training.weights, training.feature], [training.model.subs(point)], "torch")

    def model(weights: Weights, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(evaluate(*weights[0].T[:, :, None, None], x)[0])

    run = sgd(
        [start],
        FiniteData(inputs, targets, float(training.noise.subs(point)), "without-replacement"),
        PhiloxDraws(len(start), task.seed, f"{task.claim.id}|{task.witness}|{stream}", start.dtype, start.device),
        learning_rate=float(point[training.rate]),
        steps=steps,
        loss_scale=0.5,
        batch=len(inputs),
        watch=Watch(lambda weights: weights[0], record_every=1),
        model=model,
    )
    assert run.trajectory is not None
    task.note_samples(f"SGD, {steps} steps", len(start), "runs")
    return run.trajectory[1:]


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
