"""Exit probabilities from the scale function, on both sides of an asserted threshold of attraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.sde import SDE
from ...derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised
from ...numerics.codegen import compile_expressions
from ...numerics.first_passage import Array, exit_probability
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text
from ..judgement.straddle import Straddle, generic_points, straddle
from ..witness import Task, witness

#: Largest distance from the point at which exits are computed: the local behaviour is what is claimed.
_NEAR = 1e-3
#: An exit probability counts as tending to 0 (to 1) when it is this close after at most `_DEEPEST` e-folds.
_SETTLED = 1e-6
_DEEPEST = 6000.0

Log = Callable[[Array], Array]


def log_coefficients(sde: SDE, point: Point, centre: float, side: int) -> tuple[Log, Log]:
    """Return drift and variance rate of log(side * (X - centre)) as functions of that logarithm.

    Coefficients are evaluated at distances down to exp(-600); the ratio b/x is formed before anything underflows.
    """
    x, b, v = sde.scalar()
    r = sp.Symbol("r", positive=True)
    moved = {x: sp.nsimplify(centre) + side * r}
    values = {k: sp.N(value, 17) for k, value in point.items()}
    speed = sp.cancel(sp.together((side * b / r).subs(moved))).subs(values)
    spread = sp.cancel(sp.together((v / r**2).subs(moved))).subs(values)
    both = compile_expressions([r], [sp.sympify(speed - spread / 2), sp.sympify(spread)], "numpy")

    def at(z: Array, which: int) -> Array:
        return np.broadcast_to(np.asarray(both(np.exp(np.maximum(z, -690.0)))[which], dtype=float), z.shape)

    return lambda z: at(z, 0), lambda z: at(z, 1)


def attracts(sde: SDE, point: Point, centre: float, side: int) -> tuple[bool | None, str]:
    """Return whether paths from deep inside stay near `centre`, with the exit probabilities that tell.

    From the middle (in the logarithm) between ends e^{-2k} apart, the probability to leave outward tends to 0 as k
    grows when the point attracts, to 1 when it does not.
    """
    drift, variance = log_coefficients(sde, point, centre, side)
    top = float(np.log(_NEAR))
    if np.all(variance(np.array([top - 1.0])) == 0):
        return None, "no noise"
    depth, trail = 20.0, []
    while depth <= _DEEPEST:
        p = exit_probability(drift, variance, low=top - 2 * depth, start=top - depth, high=top, tolerance=1e-8).value
        trail.append(f"{p:.3g}")
        if p < _SETTLED or p > 1 - _SETTLED:
            return p < 0.5, f"outward exit probability {', '.join(trail)} as the depth doubles from 20"
        depth *= 2
    return None, f"outward exit probability {', '.join(trail)}: no limit within depth {_DEEPEST:g}"


@witness(
    "scale-function exit probabilities",
    kind=Kind.DETERMINISTIC,
    statement=Attractive,
    starts_from="the drift and diffusion of the SDE",
    applies=lambda statement: statement.sde.dimension == 1,
)
def exits_near_the_point(statement: Attractive, task: Task) -> Finding:
    """Compare attraction and repulsion on both sides of the printed threshold with exit probabilities."""
    x = statement.sde.state[0]
    sides = (1,) if x.is_nonnegative else (1, -1)

    def examine(point: Point) -> tuple[bool | None, str]:
        answers = [attracts(statement.sde, point, float(sp.sympify(statement.point[0])), side) for side in sides]
        if any(a[0] is False for a in answers):
            return False, next(a[1] for a in answers if a[0] is False)
        return (True if all(a[0] for a in answers) else None), answers[0][1]

    return _both_sides(statement, task, examine, "attractive")


@witness(
    "scale-function exit probabilities to 0 and infinity",
    kind=Kind.DETERMINISTIC,
    statement=CollapsesWhen,
    starts_from="the drift and diffusion of the SDE",
)
def exits_of_the_half_line(statement: CollapsesWhen, task: Task) -> Finding:
    """0 attracts, and paths leave (e^{-k}, e^k) downward with probability tending to 1."""

    def examine(point: Point) -> tuple[bool | None, str]:
        drift, variance = log_coefficients(statement.sde, point, 0.0, 1)
        near, how = attracts(statement.sde, point, 0.0, 1)
        escapes = [
            exit_probability(drift, variance, low=0.0, start=k / 2, high=k, tolerance=1e-6).value for k in (2.0, 4.0)
        ]
        returns = escapes[1] < _SETTLED or escapes[1] < escapes[0] ** 2
        return (
            near and returns
        ) if near is not None else None, f"{how}; escape to e^4 with probability {escapes[1]:.2g}"

    return _both_sides(statement, task, examine, "collapsing")


@witness(
    "difference quotients",
    kind=Kind.DETERMINISTIC,
    statement=Linearised,
    starts_from="the drift and diffusion of the SDE",
    applies=lambda statement: statement.sde.dimension == 1,
)
def difference_quotients(statement: Linearised, task: Task) -> Finding:
    """Drift / distance and covariance / distance^2 of both equations agree as the distance goes to 0."""
    x, b, v = statement.sde.scalar()
    _, linear_b, linear_v = statement.linear.scalar()
    worst = 0.0
    for point in generic_points(task.claim.domain, task.effort.points):
        for name, found, stated, power in (("drift", b, linear_b, 1), ("covariance", v, linear_v, 2)):
            far, near = (
                [
                    float(sp.N(e.subs({x: sp.sympify(statement.point[0]) + h}).subs(point) / h**power, 30))
                    for e in (found, stated)
                ]
                for h in (sp.Rational(1, 10**8), sp.Rational(1, 10**10))
            )
            before, gap = abs(far[0] - far[1]), abs(near[0] - near[1])
            # a first-order agreement makes the gap shrink with the distance, a hundredfold here
            if gap > 1e-6 and gap > 0.1 * before:
                return Finding(
                    Outcome.REFUTED,
                    f"the {name} over the distance does not tend to that of the linear equation.",
                    effect=gap / max(map(abs, near)),
                    counterexample=Counterexample(
                        as_text(point),
                        f"{name} quotient {near[1]:.10g}",
                        f"{near[0]:.10g} at distance 1e-10",
                        f"{gap:.3g}",
                    ),
                )
            if any(near):
                worst = max(worst, gap / max(*map(abs, near), 1e-3))
    if worst > task.effort.resolution:
        return Finding(Outcome.UNDECIDED, f"quotients at distance 1e-10 still differ by {worst:.1e}.")
    return Finding(
        Outcome.CONFIRMED,
        f"quotients at distance 1e-10 agree to {worst:.1e} at {task.effort.points} points.",
        resolution=max(worst, 1e-6),
    )


def _both_sides(statement: Any, task: Task, examine: Callable[[Point], tuple[bool | None, str]], word: str) -> Finding:
    """Apply `examine` on both sides of the threshold and compare with what the statement says."""
    margin = sp.nsimplify(task.effort.resolution)
    pairs = list(straddle(statement.condition, task.claim.domain, margin, max(task.effort.points // 2, 2)))
    decided, last = 0, "no parameter of the domain crosses the asserted threshold"
    open_points: list[str] = []
    for pair in pairs:
        for inside in (True, False) if statement.direction == "iff" else (True,):
            point = pair.inside if inside else pair.outside
            try:
                answer, last = examine(point)
            except NumericsError as error:
                answer, last = None, str(error)
            if answer is None:
                open_points.append(last)
            elif answer is not inside:
                return _refutation(pair, point, inside, word, last, float(margin))
            else:
                decided += 1
    if open_points or not decided:
        reason = open_points[0] if open_points else last
        return Finding(Outcome.UNDECIDED, f"{decided} points behave as stated, {len(open_points)} are open: {reason}.")
    return Finding(
        Outcome.CONFIRMED,
        f"{decided} points at {float(margin):.0%} from the threshold behave as stated; last: {last}.",
        resolution=float(margin),
    )


def _refutation(pair: Straddle, point: Point, inside: bool, word: str, how: str, margin: float) -> Finding:
    return Finding(
        Outcome.REFUTED,
        f"behaves against the condition at {margin:.0%} from the asserted threshold {pair.symbol} = {pair.boundary}.",
        effect=margin,
        counterexample=Counterexample(
            as_text(point), f"{'' if inside else 'not '}{word}", how, f"{margin:.0%} in {pair.symbol}"
        ),
    )
