"""Simulated exits from a logarithmic shell around an invariant point (see ``shell_exits``)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import sympy as sp
import torch

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.ito import transform
from ....derivations.processes.sde import SDE
from ....derivations.statements.attractivity import Attractive, CollapsesWhen
from ....numerics.codegen import compile_expressions
from ...evidence import Finding, Kind, Outcome
from ...judgement.findings import undecided
from ...judgement.straddle import straddle
from ...meaning.processes import half_line_kept
from ...statistics.probabilities import proportion_interval
from ...witness import Task, witness
from ..simulations import ends, planned, sampled
from .shell_exits import (
    CHUNK,
    FINE_HALF,
    FINE_STEP,
    OUTER,
    WIDE,
    Advance,
    both_sides,
    centred,
    count_exits,
    in_the_middle,
)

#: Variance of the log radius per step, and half-width of the shell in e-folds, in one dimension.
_STEP, _HALF = 1.0, 16.0
#: Logarithms of the states at which long runs start, and of the state below which they must fall.
_STARTS, _FALLEN = (0.0, 6.0), -6.0


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
    """Locate the threshold by exits from a shell near 0; long runs from afar, which prove no limit, support it."""
    moving = half_line_kept(statement.sde, task.claim.domain)
    if moving is not None:
        return moving
    near = both_sides(statement, task, sp.nsimplify(task.effort.resolution), _scalar_exits, 1, 6144)
    if near.outcome is not Outcome.CONFIRMED:
        return near
    notes = []
    for pair in straddle(statement.condition, task.claim.domain, sp.Rational(1, 2), 1):
        for start in _STARTS:
            fallen, total = _long_runs(statement, pair.inside, start, task)
            notes.append(f"{fallen} of {total} paths from e^{start:g}")
            if not proportion_interval(fallen, total, task.level)[0] > 0.5:
                return undecided(f"the threshold near 0 is as stated, but only {notes[-1]} fell below e^{_FALLEN:g}.")
    if not notes:
        return undecided("the threshold near 0 is as stated, but no point was found at which long runs could be made.")
    return replace(near, detail=f"{near.detail} Inside it {' and '.join(notes)} fell below e^{_FALLEN:g}.")


def _scalar_exits(
    statement: Attractive | CollapsesWhen, point: Point, task: Task, paths: int, stream: str
) -> tuple[int, int, int]:
    """Return counts (outward, inward, unfinished) of paths of log|X - centre|."""
    log_sde, z = _logarithm(statement)
    middle = math.log(OUTER) - _HALF
    (spread,) = compile_expressions([z], [sp.sympify(log_sde.covariance[0, 0]).subs(point)], "numpy")(middle)
    advance = _advance(log_sde, point, task, stream, float(spread), _STEP, lambda at: at[..., 0])
    start = torch.full((paths, 1), middle, dtype=torch.float64, device=task.device)
    return count_exits(advance, start, _HALF, rounds=int(8 * _HALF**2 / (_STEP * CHUNK)) + 1)


def _vector_exits(statement: Attractive, point: Point, task: Task, paths: int, stream: str) -> tuple[int, int, int]:
    """Return counts of paths of the vector SDE, by the norm of the state."""
    sde = centred(statement)
    radius = sp.Dummy("r", positive=True)  # a parameter may have any name
    probe = {s: radius / math.sqrt(sde.dimension) for s in sde.state}
    values = {k: sp.N(v, 17) for k, v in point.items()}
    spread = float((sp.trace(sde.covariance).subs(probe).subs(values) / radius**2).subs(radius, OUTER))
    advance = _advance(sde, point, task, stream, spread, FINE_STEP, lambda at: at.norm(dim=-1).log())
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

    def advance(state: torch.Tensor, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        here = replace(plan, paths=len(state), key=task.key(f"{stream}|{number}"))
        shown = sampled(here, task, range(1, CHUNK + 1), state)
        return shown[-1], log_radius(shown)

    return advance


def _long_runs(statement: CollapsesWhen, point: Point, start: float, task: Task) -> tuple[int, int]:
    """Return how many of the paths lie below e^_FALLEN at a late time."""
    log_sde, z = _logarithm(statement)
    spread = float(sp.sympify(log_sde.covariance[0, 0]).subs(z, 0).subs(point))
    plan = planned(log_sde, point, start, task, f"long runs {start:g}", horizon=80 / spread, steps=2000, paths=512)
    return int((ends(plan, task)[0] < _FALLEN).sum()), plan.paths


def _logarithm(statement: Attractive | CollapsesWhen) -> tuple[SDE, sp.Symbol]:
    """Return the equation of z = log x, x the distance from the invariant point on its upper side, and z."""
    z = sp.Dummy("z", real=True)  # a parameter may have any name
    sde = centred(statement)
    return transform(sde, z, sp.log(sde.state[0]), sp.exp(z)), z
