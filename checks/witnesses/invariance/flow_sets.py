"""Affine sets under stochastic gradient flow: the drift of the squared distance, and flows from ever nearer starts."""

from __future__ import annotations

import math

import sympy as sp
import torch

from ....derivations.processes.sde import SDE
from ....derivations.statements.sets.flow_sets import FlowKeepsSet, GradientClass
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, proved, refuted, undecided
from ...witness import Task, witness
from ..simulations import planned, sampled

_ALGEBRA, _EXACT, _FLOWS = "drift of the squared distance", "a solution that leaves", "flows from near the set"
#: Steps, their size, paths and samples of a simulated flow, and eta/beta.
STEPS, STEP, PATHS, SAMPLES, NOISE = 200, 0.005, 64, 3, 0.5
#: Distances of the start from the set.
STARTS = (1e-4, 1e-8)
#: The distance grows like the start to a power, 1 where the set is kept; a power below the second leaves the set.
KEPT, LEFT = 0.01, 0.5


@witness(
    _ALGEBRA,
    kind=Kind.ALGEBRA,
    statement=FlowKeepsSet,
    starts_from="Ito's formula for the squared distance, with gradients along the set on the set",
)
def squared_distance(statement: FlowKeepsSet, task: Task) -> Finding:
    """Bound the drift of the squared distance r^2 by a multiple of r^2; Gronwall's lemma then keeps it 0."""
    r, lip, noise = sp.symbols("r L noise", positive=True)
    # SGD keeps the set for single samples and all rates: there, each gradient has no part normal to it
    normal = lip * r if statement.gradients is GradientClass.LIPSCHITZ else sp.Function("modulus")(r)
    # -2 (distance vector).(mean gradient) + noise * mean |normal part|^2, the mean being over the samples
    rate = sp.expand((2 * r * normal + noise * normal**2) / r**2)
    if rate.has(r):
        return undecided(f"{_ALGEBRA}: its drift is at most r^2 times {rate}, which is not bounded near 0.")
    return proved(
        f"{_ALGEBRA}: its drift is at most ({rate}) r^2 for any number of samples and dimensions, noise = eta/beta, so "
        "by Gronwall its mean stays 0, for every solution."
    )


@witness(
    _EXACT,
    kind=Kind.DETERMINISTIC,
    statement=FlowKeepsSet,
    starts_from="one sample with gradient -sqrt(theta) near 0, and the path t^2/4",
    applies=lambda statement: statement.gradients is GradientClass.CONTINUOUS,
)
def leaving_solution(statement: FlowKeepsSet, task: Task) -> Finding:
    """Put an explicit path into the flow of one sample, which has no noise."""
    t = sp.Symbol("t", positive=True)
    path = t**2 / 4
    if sp.simplify(sp.diff(path, t) - sp.sqrt(path)) != 0:
        return undecided(f"{_EXACT}: the path does not solve the equation.")
    return refuted(
        f"{_EXACT}: SGD stays at 0 and a solution of the flow leaves it.",
        {"gradient": "-sqrt(|theta|) for |theta| <= 1, one sample", "set": "{0}", "theta_0": "0", "t": "1"},
        "theta_t = 0",
        f"theta_t = t^2/4 solves the flow, too: {path.subs(t, 1)}",
        path.subs(t, 1),
        effect=1.0,
        certified=True,
    )


@witness(
    _FLOWS,
    kind=Kind.DETERMINISTIC,
    statement=FlowKeepsSet,
    starts_from="gradients of losses whose set SGD keeps, and Euler steps of the flow along the same noise",
)
def flows_from_near(statement: FlowKeepsSet, task: Task) -> Finding:
    """Measure how the distance at the end depends on that at the start."""
    ends = [_distance(statement, start, task) for start in STARTS]
    power = math.log(ends[0] / ends[1]) / math.log(STARTS[0] / STARTS[1])
    words = (
        f"distances {ends[0]:.3g} and {ends[1]:.3g} from starts {STARTS[0]:.0e} and {STARTS[1]:.0e}: power {power:.4f}"
    )
    if abs(power - 1) < KEPT:
        return confirmed(f"{_FLOWS}: {words}.", KEPT)
    if power < LEFT:
        return refuted(
            f"{_FLOWS}: {words}.",
            {"start": f"{STARTS[1]:.0e}"},
            "the distance at the end vanishes with that at the start",
            f"it is {ends[1]:.3g}",
            f"{ends[1]:.3g}",
            effect=1.0,
        )
    return undecided(f"{_FLOWS}: {words}.")


def _distance(statement: FlowKeepsSet, start: float, task: Task) -> float:
    """Return the mean distance from {b = 0} of paths (a, b) that start at the distance `start`."""
    draws = task.draws("losses")
    shift, size, slope = (draws.normal(SAMPLES).tolist() for _ in range(3))
    # losses of the samples: bounded gradients, normal parts that vanish at b = 0
    well = _wells[statement.gradients]
    losses = [w * sp.sin(_A + s) + well * (1 + sp.tanh(c * _A)) for s, w, c in zip(shift, size, slope, strict=True)]
    gradients = [sp.Matrix([loss.diff(_A), loss.diff(_B)]) for loss in losses]
    mean = sum(gradients, sp.zeros(2, 1)) / SAMPLES
    # Sigma dB as the mean over samples of centred gradients with independent noises has covariance Sigma^2
    noises = [math.sqrt(NOISE / SAMPLES) * (g - mean) for g in gradients]
    sde = SDE((_A, _B), -mean, sp.Matrix.hstack(*noises))
    plan = planned(sde, {}, [0.0, start], task, "flow", horizon=STEPS * STEP, steps=STEPS, paths=PATHS)
    places = task.draws("places").normal(PATHS, 1)
    (end,) = sampled(plan, task, start=torch.cat([places, torch.full_like(places, start)], dim=1))
    return float(end[:, 1].abs().mean())


_A, _B = sp.symbols("a b", real=True)
_wells: dict[GradientClass, sp.Expr] = {
    GradientClass.LIPSCHITZ: sp.cos(_B),
    GradientClass.CONTINUOUS: -(sp.Abs(_B) ** sp.Rational(3, 2)),
}
