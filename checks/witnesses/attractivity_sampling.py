"""Simulated exits from a logarithmic shell around an invariant point; see :mod:`~crossproof.checks.shell_exits`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import sympy as sp
import torch
from scipy import stats

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.ito import transform
from ...derivations.sde import SDE
from ...derivations.statements.attractivity import Attractive, CollapsesWhen
from ...numerics.codegen import compile_expressions
from ...numerics.paths import states
from ..evidence import Finding, Kind, Outcome
from ..judgement.straddle import straddle
from ..shell_exits import CHUNK, FINE_HALF, FINE_STEP, OUTER, WIDE, Advance, See, both_sides, count_exits, in_the_middle
from ..simulations import ends, planned
from ..witness import Task, witness

#: Variance of the log radius per step, and half-width of the shell in e-folds, in one dimension.
_STEP, _HALF = 1.0, 16.0


@witness(
    "simulated exits of the SDE",
    kind=Kind.MONTE_CARLO,
    statement=Attractive,
    starts_from="the SDE, in the logarithm of the distance for one coordinate",
)
def simulated_exits(statement: Attractive, task: Task) -> Finding:
    """Compare the probability to leave the shell outward with 1/2, on both sides of the printed threshold."""
    if statement.sde.dimension == 1:
        return both_sides(statement, task, sp.nsimplify(task.effort.resolution), _scalar_exits, 2, 2048)
    return both_sides(statement, task, WIDE, _vector_exits, 1, 512)


@witness(
    "simulated exits near zero",
    kind=Kind.MONTE_CARLO,
    statement=CollapsesWhen,
    starts_from="the SDE, in the logarithm of the state",
)
def simulated_collapse(statement: CollapsesWhen, task: Task) -> Finding:
    """Exits from a shell near 0 tell whether 0 attracts; long runs from 1 tell whether paths get there."""
    near = both_sides(statement, task, sp.nsimplify(task.effort.resolution), _scalar_exits, 1, 6144)
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


def _scalar_exits(
    statement: Attractive | CollapsesWhen, point: Point, task: Task, paths: int, stream: str
) -> tuple[int, int, int]:
    """Return counts (outward, inward, unfinished) of paths of log|X - centre|."""
    log_sde, z = _logarithm(statement)
    middle = math.log(OUTER) - _HALF
    (spread,) = compile_expressions([z], [sp.sympify(log_sde.covariance[0, 0]).subs(point)], "numpy")(middle)
    advance = _advance(log_sde, point, task, stream, float(spread), _STEP, lambda at: at[:, 0])
    start = torch.full((paths, 1), middle, dtype=torch.float64, device=task.device)
    return count_exits(advance, start, _HALF, rounds=int(8 * _HALF**2 / (_STEP * CHUNK)) + 1)


def _vector_exits(statement: Attractive, point: Point, task: Task, paths: int, stream: str) -> tuple[int, int, int]:
    """Return counts of paths of the vector SDE, by the norm of the state."""
    sde = statement.sde
    radius = sp.Symbol("r", positive=True)
    probe = {s: radius / math.sqrt(sde.dimension) for s in sde.state}
    values = {k: sp.N(v, 17) for k, v in point.items()}
    spread = float((sp.trace(sde.covariance).subs(probe).subs(values) / radius**2).subs(radius, OUTER))
    advance = _advance(sde, point, task, stream, spread, FINE_STEP, lambda at: at.norm(dim=1).log())
    start = in_the_middle(paths, sde.dimension, FINE_HALF, task, f"{stream}|directions")
    return count_exits(advance, start, FINE_HALF, rounds=int(8 * FINE_HALF**2 / (FINE_STEP * CHUNK)) + 1)


def _advance(
    sde: SDE,
    point: Point,
    task: Task,
    stream: str,
    spread: float,
    step: float,
    log_radius: Callable[[torch.Tensor], torch.Tensor],
) -> Advance:
    """Return the simulation of `CHUNK` steps, each of variance `step` where the log radius has variance rate `spread`.

    Raises
    ------
    NumericsError
        If `spread` is not positive.
    """
    if not spread > 0:
        raise NumericsError("the noise vanishes at this point")
    somewhere = [OUTER] * sde.dimension
    plan = planned(sde, point, somewhere, task, stream, horizon=CHUNK * step / spread, steps=CHUNK, paths=1)

    def advance(state: torch.Tensor, see: See, number: int) -> torch.Tensor:
        here = replace(plan, paths=len(state), key=task.key(f"{stream}|{number}"))
        at = state
        for (at,) in states(here, range(1, CHUNK + 1), device=task.device, start=state[None]):
            see(log_radius(at))
        return at

    return advance


def _long_runs(statement: CollapsesWhen, point: Point, task: Task) -> tuple[int, int]:
    """Return how many of the paths from 1 lie below e^-6 at a late time."""
    log_sde, z = _logarithm(statement)
    spread = float(sp.sympify(log_sde.covariance[0, 0]).subs(z, 0).subs(point))
    plan = planned(log_sde, point, 0.0, task, "long runs", horizon=80 / spread, steps=2000, paths=512)
    return int((ends(plan, task)[0] < -6.0).sum()), plan.paths


def _logarithm(statement: Attractive | CollapsesWhen) -> tuple[SDE, sp.Symbol]:
    """Return the equation of z = log x, and z."""
    z = sp.Symbol("z", real=True)
    return transform(statement.sde, z, sp.log(statement.sde.state[0]), sp.exp(z)), z
