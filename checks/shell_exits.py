"""Exits from a logarithmic shell around an invariant point, on both sides of an asserted threshold.

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

from ..derivations.domain import Point
from .evidence import Counterexample, Finding, Outcome
from .judgement.findings import as_text
from .judgement.straddle import Straddle, straddle
from .witness import Task

#: Outer radius of the shell: non-linear terms are smaller than the linear ones by this factor.
OUTER = 1e-4
#: Variance of the log radius per step, and half-width of the shell in e-folds, for vector states and training.
FINE_STEP, FINE_HALF = 0.03, 4.0
#: Relative distance from the threshold at which vector states and training are examined.
WIDE = sp.Rational(1, 4)
#: Steps between two removals of the paths that have left.
CHUNK = 256

#: ``exits(statement, point, task, paths, stream)`` returns how many paths left (outward, inward, not).
Exits = Callable[[Any, Point, Task, int, str], tuple[int, int, int]]
#: Takes the log radii after every step.
See = Callable[[torch.Tensor], None]
#: ``advance(state, see, number)`` moves all paths by `CHUNK` steps, for the time of this number.
Advance = Callable[[torch.Tensor, See, int], torch.Tensor]


def both_sides(
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


def in_the_middle(paths: int, dimension: int, half: float, task: Task, stream: str) -> torch.Tensor:
    """Return states of shape (paths, dimension) in random directions, `half` e-folds below the outer radius."""
    directions = task.draws(stream).normal(paths, dimension)
    norms: torch.Tensor = directions.norm(dim=1, keepdim=True)
    return directions / norms * (OUTER * math.exp(-half))


def count_exits(advance: Advance, state: torch.Tensor, half: float, rounds: int) -> tuple[int, int, int]:
    """Advance paths in chunks until they leave the shell of `half` e-folds; return (outward, inward, unfinished)."""
    up, down, top = 0, 0, math.log(OUTER)
    for number in range(rounds):
        hit = torch.zeros(len(state), dtype=torch.int8, device=state.device)

        def see(logs: torch.Tensor, hit: torch.Tensor = hit) -> None:
            # outside on one side or the other, or on none; the first time counts
            hit += (hit == 0) * ((logs >= top).to(torch.int8) - (logs <= top - 2 * half).to(torch.int8))

        state = advance(state, see, number)
        up, down = up + int((hit == 1).sum()), down + int((hit == -1).sum())
        state = state[hit == 0]
        if not len(state):
            break
    return up, down, len(state)


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
