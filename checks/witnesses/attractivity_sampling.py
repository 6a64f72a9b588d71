"""Simulated exits from a logarithmic shell around an invariant point, on both sides of an asserted threshold.

From the geometric middle of the shell (eps e^{-2k}, eps) the process leaves outward with probability P. Where the
equation is close to linear, exits from shell to shell form a random walk, and a path started j half-shells below
eps ever reaches eps with probability (P/(1-P))^j if P < 1/2, and 1 otherwise: the point attracts iff P < 1/2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy as sp
import torch
from scipy import stats

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.ito import transform
from ...derivations.statements.attractivity import (
    Attractive,
    CollapsesWhen,
    LabelNoiseTraining,
    SmallStartLimit,
)
from ...numerics.codegen import compile_expressions
from ...numerics.sde import simulate
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact import as_text
from ..straddle import Straddle, generic_points, straddle
from ..witness import Task, witness

#: Outer radius of the shell: non-linear terms are smaller than the linear ones by this factor.
_OUTER = 1e-4
#: Variance of the log radius per step, and half-width of the shell in e-folds, in one dimension.
_STEP, _HALF = 1.0, 16.0
#: The same for vector states and training, where a coarse step would shift the exponent.
_FINE_STEP, _FINE_HALF = 0.03, 4.0
#: Relative distance from the threshold at which vector states and training are examined.
_WIDE = sp.Rational(1, 4)
#: Steps between two removals of the paths that have left.
_CHUNK = 256

Log = Callable[[torch.Tensor], torch.Tensor]
Advance = Callable[[torch.Tensor, Callable[[torch.Tensor], None]], torch.Tensor]


@witness(
    "simulated exits of the SDE",
    kind=Kind.MONTE_CARLO,
    statement=Attractive,
    starts_from="the SDE, in the logarithm of the distance for one coordinate",
)
def simulated_exits(statement: Attractive, task: Task) -> Finding:
    """Compare the probability to leave the shell outward with 1/2, on both sides of the printed threshold."""
    if statement.sde.dimension == 1:
        return _both_sides(statement, task, sp.nsimplify(task.effort.resolution), _scalar_exits, 2, 2048)
    return _both_sides(statement, task, _WIDE, _vector_exits, 1, 512)


@witness(
    "simulated exits near zero",
    kind=Kind.MONTE_CARLO,
    statement=CollapsesWhen,
    starts_from="the SDE, in the logarithm of the state",
)
def simulated_collapse(statement: CollapsesWhen, task: Task) -> Finding:
    """Exits from a shell near 0 tell whether 0 attracts; long runs from 1 tell whether paths get there."""
    near = _both_sides(statement, task, sp.nsimplify(task.effort.resolution), _scalar_exits, 1, 6144)
    if near.outcome is not Outcome.CONFIRMED:
        return near
    for pair in straddle(statement.condition, task.claim.domain, sp.Rational(1, 2), 1):
        reached, total = _long_runs(statement, pair.inside, task)
        p = stats.binom.sf(reached - 1, total, 0.5)
        if p > task.level:
            return Finding(Outcome.UNDECIDED, f"only {reached} of {total} paths from 1 fell below e^-6.")
        return Finding(
            near.outcome,
            f"{near.detail} {reached} of {total} paths from 1 fell below e^-6.",
            near.resolution,
            level=near.level,
        )
    return near


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
    return _both_sides(statement, task, _WIDE, _training_exits, 1, 512, fixed=(statement.training.rate,))


@witness(
    "coupled paths from small starts",
    kind=Kind.MONTE_CARLO,
    statement=SmallStartLimit,
    starts_from="the SDE itself, Euler-Maruyama on recorded increments with step halving",
)
def coupled_small_starts(statement: SmallStartLimit, task: Task) -> Finding:
    """log(X_t/X_0) - a t - c B_t on the same Brownian path vanishes as X_0 -> 0."""
    paths, start, worst = 4096, 1e-9, 0.0
    points = list(generic_points(task.claim.domain, max(task.effort.points // 2, 2)))
    quantile = float(stats.t.isf(task.level / (4 * len(points)), paths - 1))
    for number, point in enumerate(points):
        values = {k: sp.N(v, 17) for k, v in point.items()}
        rate, volatility = (float(e.subs(values)) for e in (statement.rate, statement.volatility))
        slope, noise = (
            float(e.subs({statement.sde.state[0]: start}).subs(values)) / start
            for e in (statement.sde.ito_drift[0], statement.sde.diffusion[0, 0])
        )
        horizon = 1 / max(noise**2, abs(slope))
        rest, brownian = _rests(statement, values, rate, volatility, start, horizon, paths, task, str(number))
        scale = max(abs(rate) * horizon, abs(volatility) * horizon**0.5)
        for name, weight in (("mean", torch.ones_like(brownian)), ("correlation with B", brownian)):
            coarse, fine = (weight * r for r in rest)
            value = 2 * fine - coarse  # Richardson: the Euler bias of the logarithm is of first order in the step
            centre = float(value.mean())
            half = quantile * float(value.std()) / paths**0.5 + float((fine - coarse).mean().abs())
            if abs(centre) > half:
                return Finding(
                    Outcome.REFUTED,
                    f"the {name} of log(X_t/X_0) - at - cB_t does not vanish for X_0 = {start:g}.",
                    effect=abs(centre) / scale,
                    level=task.level,
                    counterexample=Counterexample(
                        as_text(point),
                        f"{name} 0",
                        f"{name} {centre:.4g} +- {half:.2g}",
                        f"{abs(centre):.3g}",
                    ),
                )
            worst = max(worst, (abs(centre) + half) / scale)
    detail = f"mean and correlation with B of the rest below {worst:.2g} at {len(points)} points, X_0 = {start:g}."
    if worst > 2 * task.effort.resolution:
        return Finding(Outcome.UNDECIDED, detail)
    return Finding(Outcome.CONFIRMED, detail, resolution=worst, level=task.level)


def _rests(
    statement: SmallStartLimit,
    values: Point,
    rate: float,
    volatility: float,
    start: float,
    horizon: float,
    paths: int,
    task: Task,
    stream: str,
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return log(X_t/X_0) - at - cB_t with 128 and 256 Euler steps on the same paths, and B_t / sqrt(t)."""
    options: dict[str, Any] = {"dtype": torch.float64, "device": task.device}
    generator = task.generator(stream)
    fine = torch.randn(256, paths, 1, generator=generator, **options) * math.sqrt(horizon / 256)
    end = fine.sum(dim=0)[:, 0]
    rests = []
    for dw in (fine[0::2] + fine[1::2], fine):
        x = simulate(
            statement.sde,
            values,
            torch.full((paths, 1), start, **options),
            horizon=horizon,
            steps=len(dw),
            generator=generator,
            increments=dw,
        )
        rests.append((x[:, 0] / start).log() - rate * horizon - volatility * end)
    return rests, end / math.sqrt(horizon)


Exits = Callable[[Any, Point, Task, int, str], tuple[int, int, int]]


def _both_sides(
    statement: Any,
    task: Task,
    margin: sp.Rational,
    exits: Exits,
    pairs: int,
    paths: int,
    fixed: tuple[sp.Symbol, ...] = (),
) -> Finding:
    """Test P(outward) < 1/2 inside the condition and > 1/2 outside, each look at its share of the level."""
    found = list(straddle(statement.condition, task.claim.domain, margin, pairs, fixed))
    both = statement.direction == "iff"
    if not found:
        return Finding(Outcome.UNDECIDED, "no parameter of the domain crosses the asserted threshold")
    looks = min(task.effort.looks, 3)
    share = task.level / (len(found) * (1 + both) * looks * 2)
    notes: list[str] = []
    open_points = 0
    for number, pair in enumerate(found):
        for inside in (True, False) if both else (True,):
            point = pair.inside if inside else pair.outside
            up = down = stuck = 0
            verdict = 0
            for look in range(looks):
                more = exits(statement, point, task, paths, f"{number}|{inside}|{look}")
                up, down, stuck = up + more[0], down + more[1], stuck + more[2]
                total = up + down + stuck
                # undecided paths count against whichever side is tested
                outward = stats.binom.sf(up - 1, total, 0.5)
                inward = stats.binom.sf(down - 1, total, 0.5)
                verdict = 1 if outward < share else -1 if inward < share else 0
                if verdict:
                    break
            if not verdict:
                open_points += 1
                continue
            notes.append(f"P = {up / total:.3f} {'inside' if inside else 'outside'}")
            if (verdict < 0) is not inside:
                return _refutation(pair, point, inside, up / total, float(margin), task.level)
    if open_points:
        return Finding(Outcome.UNDECIDED, f"{open_points} points were not separated from P = 1/2.")
    return Finding(
        Outcome.CONFIRMED,
        f"outward exits at {float(margin):.0%} from the threshold ({', '.join(notes)}; 1/2 at the threshold).",
        resolution=float(margin),
        level=task.level,
    )


def _refutation(pair: Straddle, point: Point, inside: bool, p: float, margin: float, level: float) -> Finding:
    return Finding(
        Outcome.REFUTED,
        f"exits go against the condition at {margin:.0%} from the asserted threshold {pair.symbol} = {pair.boundary}.",
        effect=margin,
        level=level,
        counterexample=Counterexample(
            as_text(point),
            f"{'attractive: P < 1/2' if inside else 'not attractive: P > 1/2'}",
            f"P = {p:.4f}",
            f"{abs(p - 0.5):.3g}",
        ),
    )


def _scalar_exits(statement: Any, point: Point, task: Task, paths: int, stream: str) -> tuple[int, int, int]:
    """Return counts (outward, inward, unfinished) of paths of log|X - centre|."""
    x = statement.sde.state[0]
    z = sp.Symbol("z", real=True)
    log_sde = transform(statement.sde, z, sp.log(x), sp.exp(z))
    options: dict[str, Any] = {"dtype": torch.float64, "device": task.device}
    top, half = math.log(_OUTER), _HALF
    (spread,) = compile_expressions([z], [sp.sympify(log_sde.covariance[0, 0]).subs(point)], "numpy")(top - half)
    if not float(spread) > 0:
        raise NumericsError("the noise vanishes at this point")
    generator = task.generator(stream)
    horizon = _CHUNK * _STEP / float(spread)

    def advance(state: torch.Tensor, see: Callable[[torch.Tensor], None]) -> torch.Tensor:
        return simulate(
            log_sde,
            point,
            state,
            horizon=horizon,
            steps=_CHUNK,
            generator=generator,
            observe=lambda _, states: see(states[:, 0]),
        )

    start = torch.full((paths, 1), top - half, **options)
    return _count(advance, start, top, half, rounds=int(8 * half**2 / (_STEP * _CHUNK)) + 1)


def _vector_exits(statement: Attractive, point: Point, task: Task, paths: int, stream: str) -> tuple[int, int, int]:
    """Return counts of paths of the vector SDE, by the norm of the state."""
    sde, half, top = statement.sde, _FINE_HALF, math.log(_OUTER)
    generator = task.generator(stream)
    start = _shell(paths, sde.dimension, top - half, generator, task.device)
    radius = sp.Symbol("r", positive=True)
    probe = {s: radius / math.sqrt(sde.dimension) for s in sde.state}
    values = {k: sp.N(v, 17) for k, v in point.items()}
    spread = float((sp.trace(sde.covariance).subs(probe).subs(values) / radius**2).subs(radius, _OUTER))
    if not spread > 0:
        raise NumericsError("the noise vanishes at this point")
    horizon = _CHUNK * _FINE_STEP / spread

    def advance(state: torch.Tensor, see: Callable[[torch.Tensor], None]) -> torch.Tensor:
        return simulate(
            sde,
            values,
            state,
            horizon=horizon,
            steps=_CHUNK,
            generator=generator,
            observe=lambda _, states: see(states.norm(dim=1).log()),
        )

    return _count(advance, start, top, half, rounds=int(8 * half**2 / (_FINE_STEP * _CHUNK)) + 1)


def _training_exits(statement: Attractive, point: Point, task: Task, paths: int, stream: str) -> tuple[int, int, int]:
    """Return counts of training runs, by the norm of the weights."""
    training = statement.training
    assert training is not None
    generator = task.generator(stream)
    half, top = _FINE_HALF, math.log(_OUTER)
    start = _shell(paths, len(training.weights), top - half, generator, task.device)
    # a step's relative variance is proportional to the rate at fixed strength of the noise
    pilot = sp.Rational(1, 50)
    gradient = _gradient(training, _with_rate(training, statement.condition, point, pilot), generator)
    variance = float(pilot) ** 2 * float((gradient(start) / start.norm(dim=1, keepdim=True)).square().sum(1).mean())
    small = sp.Rational(round(1e6 * float(pilot) * _FINE_STEP / variance), 10**6)
    gradient = _gradient(training, _with_rate(training, statement.condition, point, small), generator)

    def advance(state: torch.Tensor, see: Callable[[torch.Tensor], None]) -> torch.Tensor:
        for _ in range(_CHUNK):
            state = state - float(small) * gradient(state)
            see(state.norm(dim=1).log())
        return state

    return _count(advance, start, top, half, rounds=40)


def _gradient(training: LabelNoiseTraining, point: Point, generator: torch.Generator) -> Log:
    """Return the gradient of the loss with fresh label noise at each call, for weights of shape (runs, d)."""
    options: dict[str, Any] = {"dtype": torch.float64, "device": generator.device}
    data = [[float(sp.sympify(e).subs(point)) for e in part] for part in (training.inputs, training.targets)]
    inputs, targets = (torch.tensor(d, **options)[:, None] for d in data)
    noise, count = float(training.noise.subs(point)), len(training.inputs)
    model = compile_expressions([training.feature, *training.weights], [training.model.subs(point)], "torch")

    def gradient(weights: torch.Tensor) -> torch.Tensor:
        w = weights.detach().requires_grad_()
        labels = targets + noise * torch.randn(count, len(w), generator=generator, **options)
        loss = ((model(inputs, *w.T[:, None, :])[0] - labels) ** 2).sum() / (2 * count)
        (slope,) = torch.autograd.grad(loss, w)
        return torch.as_tensor(slope)

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


def _shell(paths: int, dimension: int, log_radius: float, generator: torch.Generator, device: str) -> torch.Tensor:
    directions = torch.randn(paths, dimension, generator=generator, dtype=torch.float64, device=device)
    norms: torch.Tensor = directions.norm(dim=1, keepdim=True)
    return directions / norms * math.exp(log_radius)


def _count(advance: Advance, state: torch.Tensor, top: float, half: float, rounds: int) -> tuple[int, int, int]:
    """Advance paths in chunks until they leave (top - 2 half, top); return (outward, inward, unfinished)."""
    up = down = 0
    for _ in range(rounds):
        hit = torch.zeros(len(state), dtype=torch.int8, device=state.device)

        def see(logs: torch.Tensor, hit: torch.Tensor = hit) -> None:
            hit[(hit == 0) & (logs >= top)] = 1
            hit[(hit == 0) & (logs <= top - 2 * half)] = -1

        state = advance(state, see)
        up, down = up + int((hit == 1).sum()), down + int((hit == -1).sum())
        state = state[hit == 0]
        if not len(state):
            break
    return up, down, len(state)


def _long_runs(statement: CollapsesWhen, point: Point, task: Task) -> tuple[int, int]:
    """Return how many of the paths from 1 lie below e^-6 at a late time."""
    x = statement.sde.state[0]
    z = sp.Symbol("z", real=True)
    log_sde = transform(statement.sde, z, sp.log(x), sp.exp(z))
    spread = float(sp.sympify(log_sde.covariance[0, 0]).subs(z, 0).subs(point))
    start = torch.zeros(512, 1, dtype=torch.float64, device=task.device)
    end = simulate(log_sde, point, start, horizon=80 / spread, steps=2000, generator=task.generator("long runs"))
    return int((end < -6.0).sum()), 512
