"""Exits from a logarithmic shell around an invariant point, on both sides of an asserted threshold.

From the geometric middle of the shell (eps e^{-2k}, eps) the process leaves outward with probability P. Where the
equation is linear, exits from shell to shell form a random walk, and a path started j half-shells below eps ever
reaches eps with probability (P/(1-P))^j if P < 1/2, and 1 otherwise: the point attracts iff P < 1/2. That the equation
is so close to linear within eps, at all distances, that no other threshold is possible than one within the margin, is
shown first (:mod:`~crossproof.checks.witnesses.attractivity.near_linear`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy as sp
import torch

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.sde import SDE
from ...evidence import Finding
from ...judgement.findings import confirmed, refuted, undecided
from ...judgement.straddle import Straddle, allows_equality, straddle
from ...statistics.probabilities import proportion_interval
from ...witness import Task
from .directions import mixed_directions
from .near_linear import linear_part

#: Outer radius of the shell, and how far beyond it the equation must be close to linear.
OUTER, BEYOND = 1e-6, sp.Integer(2)
#: Greatest departure from a linear equation, in units of the margin. A drift of the log radius that such a departure
#: could turn round moves P from 1/2 by less than any simulation here resolves.
DEPARTURE = 0.1
#: What is compared with other evidence: the place of the threshold, not the attraction itself.
QUANTITY = "the location of the threshold"
#: Variance of the log radius per step, and half-width of the shell in e-folds, for vector states and training.
FINE_STEP, FINE_HALF = 0.03, 4.0
#: Relative distance from the threshold at which vector states and training are examined.
WIDE = sp.Rational(1, 4)
#: What must be exceeded in the plane, where paths first turn to one direction: the mean of log|cos| is -log 2, and
#: without drift a path that starts as much lower leaves inward with probability 0.59.
TURNED = 0.6
#: Steps between two removals of the paths that have left.
CHUNK = 256

#: ``exits(statement, point, task, paths, stream)`` returns how many paths left (outward, inward, not).
Exits = Callable[[Any, Point, Task, int, str], tuple[int, int, int]]
#: ``advance(state, number)`` moves all paths by `CHUNK` steps, for the time of this number; it returns the states, and
#: the log radii after every step, of shape (CHUNK, paths).
Advance = Callable[[torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]]


def both_sides(
    statement: Any,
    task: Task,
    margin: sp.Rational,
    exits: Exits,
    pairs: int,
    paths: int,
    fixed: tuple[sp.Symbol, ...] = (),
) -> Finding:
    """Compare P(outward) with 1/2 inside the condition and outside; each point has its share of the level."""
    found = list(straddle(statement.condition, task.claim.domain, margin, pairs, fixed))
    both = statement.direction == "iff"
    if not found:
        return undecided("no parameter of the domain crosses the asserted threshold")
    share = task.level / (len(found) * (1 + both))
    notes: list[str] = []
    open_points = 0
    for number, pair in enumerate(found):
        for inside in (True, False) if both else (True,):
            point = pair.inside if inside else pair.outside
            _check_linear(statement, point, float(margin))

            def draw(look: int, at: Point = point, name: str = f"{number}|{inside}") -> tuple[int, int, int]:
                return exits(statement, at, task, paths, f"{name}|{look}")

            side, p = _side(draw, task.effort.looks, share, 0.5 if statement.sde.dimension == 1 else TURNED)
            if not side:
                open_points += 1
                continue
            notes.append(f"P = {p:.3f} {'inside' if inside else 'outside'}")
            if (side < 0) is not inside:
                return _refutation(pair, point, inside, p, float(margin), task.level)
    if open_points:
        return undecided(f"{open_points} points were not separated from P = 1/2.")
    if allows_equality(statement.condition, task.claim.domain):
        return undecided("exits are as stated on both sides; equality, which the condition allows, is not looked at.")
    return confirmed(
        f"outward exits at {float(margin):.0%} from the threshold ({', '.join(notes)}; 1/2 at the threshold).",
        float(margin),
        level=task.level,
        quantity=QUANTITY,
    )


def _side(draw: Callable[[int], tuple[int, int, int]], looks: int, level: float, least: float) -> tuple[int, float]:
    """Return 1 where P(outward) > least, -1 where P(inward) > least, 0 where neither is known; and the share outward.

    Paths that are still under way count as neither. Each of the two probabilities has a confidence sequence at half of
    the level.
    """
    up = down = total = 0
    for look in range(looks):
        more = draw(look)
        up, down, total = up + more[0], down + more[1], total + sum(more)
        for side, count in ((1, up), (-1, down)):
            if proportion_interval(count, total, level / 2)[0] > least:
                return side, up / total
    return 0, up / total


def centre_of(statement: Any) -> tuple[Any, ...]:
    """Return the invariant point that a statement speaks of: the origin where it names none."""
    return tuple(getattr(statement, "point", (sp.Integer(0),) * statement.sde.dimension))


def centred(statement: Any) -> SDE:
    """Return the equation of the distance from the invariant point."""
    sde = statement.sde
    moved = {s: s + c for s, c in zip(sde.state, centre_of(statement), strict=True) if c != 0}
    return SDE(sde.state, sde.drift.subs(moved), sde.diffusion.subs(moved), sde.calculus) if moved else sde


def _check_linear(statement: Any, point: Point, margin: float) -> None:
    """Raise NumericsError unless the equation is close to linear throughout the shell and below it."""
    found = linear_part(statement.sde, centre_of(statement), point, BEYOND * sp.nsimplify(OUTER))
    if not found.departure <= DEPARTURE * margin:
        raise NumericsError(
            f"within {OUTER:g} of the point the equation departs from a linear one by up to {found.departure:.2g}, "
            "which may move the threshold"
        )
    mixed = mixed_directions(statement.sde, centre_of(statement), point, FINE_HALF)
    if mixed:
        raise NumericsError(f"{mixed}, so that exits do not tell whether the radius grows")


def in_the_middle(paths: int, dimension: int, half: float, task: Task, stream: str) -> torch.Tensor:
    """Return states of shape (paths, dimension) in random directions, `half` e-folds below the outer radius."""
    directions = task.draws(stream).normal(paths, dimension)
    norms: torch.Tensor = directions.norm(dim=1, keepdim=True)
    return directions / norms * (OUTER * math.exp(-half))


def count_exits(advance: Advance, state: torch.Tensor, half: float, rounds: int) -> tuple[int, int, int]:
    """Advance paths in chunks until they leave the shell of `half` e-folds; return (outward, inward, unfinished)."""
    up, down, top = 0, 0, math.log(OUTER)
    for number in range(rounds):
        state, logs = advance(state, number)
        side = (logs >= top).to(torch.int8) - (logs <= top - 2 * half).to(torch.int8)
        # outside on one side or the other, or on none; the first time counts
        hit = side.gather(0, side.abs().argmax(dim=0, keepdim=True))[0]
        up, down = up + int((hit == 1).sum()), down + int((hit == -1).sum())
        state = state[hit == 0]
        if not len(state):
            break
    return up, down, len(state)


def _refutation(pair: Straddle, point: Point, inside: bool, p: float, margin: float, level: float) -> Finding:
    return refuted(
        f"exits go against the condition at {margin:.0%} from the asserted threshold {pair.symbol} = {pair.boundary}.",
        point,
        "attractive: P < 1/2" if inside else "not attractive: P > 1/2",
        f"P = {p:.4f}",
        f"{abs(p - 0.5):.3g}",
        effect=margin,
        level=level,
        quantity=QUANTITY,
    )
