"""Exit probabilities from the scale function, on both sides of an asserted threshold of attraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.sde import SDE
from ....derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised
from ....numerics.codegen import compile_expressions
from ....numerics.diffusions.first_passage import Array, exit_probability
from ...evidence import Finding, Kind
from ...judgement.exact import Residual, examine
from ...judgement.findings import confirmed, refuted, undecided
from ...judgement.points import simple
from ...judgement.straddle import Straddle, allows_equality, straddle
from ...meaning.processes import half_line_kept
from ...witness import Task, witness

#: Largest distance from the point at which exits are computed: the local behaviour is what is claimed.
_NEAR = 1e-3
#: An exit probability counts as tending to 0 (to 1) when it is this close after at most `_DEEPEST` e-folds.
_SETTLED = 1e-6
_DEEPEST = 6000.0
#: Bits of agreement of derivatives at a point.
_BITS = 60

Log = Callable[[Array], Array]


def log_coefficients(sde: SDE, point: Point, centre: float, side: int) -> tuple[Log, Log]:
    """Return drift and variance rate of log(side * (X - centre)) as functions of that logarithm.

    Coefficients are evaluated at distances from exp(-690) to exp(690) and stand still beyond; the ratio b/x is formed
    before anything underflows.
    """
    x, b, v = sde.scalar()
    r = sp.Dummy("r", positive=True)  # a parameter may have any name
    moved = {x: sp.nsimplify(centre) + side * r}
    values = {k: sp.N(value, 17) for k, value in point.items()}
    speed = sp.cancel(sp.together((side * b / r).subs(moved))).subs(values)
    spread = sp.cancel(sp.together((v / r**2).subs(moved))).subs(values)
    both = compile_expressions([r], [sp.sympify(speed - spread / 2), sp.sympify(spread)], "numpy")

    def at(z: Array, which: int) -> Array:
        return np.broadcast_to(np.asarray(both(np.exp(np.clip(z, -690.0, 690.0)))[which], dtype=float), z.shape)

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
    p, trail = _followed(drift, variance, 20.0, lambda depth: (top - 2 * depth, top - depth, top))
    if p is None:
        return None, f"outward exit probability {trail}: no limit within depth {_DEEPEST:g}"
    return p < 0.5, f"outward exit probability {trail} as the depth doubles from 20"


def returns(drift: Log, variance: Log) -> tuple[bool | None, str]:
    """Return whether paths come down from afar, with the exit probabilities that tell.

    From the middle (in the logarithm) between 1 and e^{2k}, the probability to leave upward tends to 0 as k grows when
    infinity does not attract, to 1 when it does and paths from 1 may stay away.
    """
    p, trail = _followed(drift, variance, 1.0, lambda depth: (0.0, depth, 2 * depth))
    if p is None:
        return None, f"escape probability {trail}: no limit within depth {_DEEPEST:g}"
    return p < 0.5, f"escape probability {trail} as the height doubles from 1"


def _followed(
    drift: Log, variance: Log, first: float, ends: Callable[[float], tuple[float, float, float]]
) -> tuple[float | None, str]:
    """Return the exit probability once it has settled at 0 or 1 while the interval grows, and all of them as text."""
    depth, trail = first, []
    while depth <= _DEEPEST:
        low, start, high = ends(depth)
        p = exit_probability(drift, variance, low=low, start=start, high=high, tolerance=1e-8).value
        trail.append(f"{p:.3g}")
        if p < _SETTLED or p > 1 - _SETTLED:
            return p, ", ".join(trail)
        depth *= 2
    return None, ", ".join(trail)


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

    return across_threshold(statement, task, examine, "attractive")


@witness(
    "scale-function exit probabilities to 0 and infinity",
    kind=Kind.DETERMINISTIC,
    statement=CollapsesWhen,
    starts_from="the drift and diffusion of the SDE",
)
def exits_of_the_half_line(statement: CollapsesWhen, task: Task) -> Finding:
    """0 attracts, and paths leave (e^{-k}, e^k) downward with probability tending to 1."""
    moving = half_line_kept(statement.sde, task.claim.domain)
    if moving is not None:
        return moving

    def examine(point: Point) -> tuple[bool | None, str]:
        drift, variance = log_coefficients(statement.sde, point, 0.0, 1)
        near, how = attracts(statement.sde, point, 0.0, 1)
        if near is not True:
            return near, how
        back, afar = returns(drift, variance)
        return back, f"{how}; {afar}"

    return across_threshold(statement, task, examine, "collapsing")


@witness(
    "slopes by Cauchy's formula",
    kind=Kind.DETERMINISTIC,
    statement=Linearised,
    starts_from="values of drift and covariance on complex circles around the point",
    applies=lambda statement: statement.sde.dimension == 1,
)
def slopes_at_the_point(statement: Linearised, task: Task) -> Finding:
    """Enclose values, slopes and the covariance's second derivative of both equations at the point, as balls.

    A gap refutes. Agreement at some values of the parameters confirms nothing for the others.
    """
    (x, b, v), (_, linear_b, linear_v) = statement.sde.scalar(), statement.linear.scalar()
    centre = sp.sympify(statement.point[0])

    def derivative(e: sp.Expr, order: int) -> sp.Expr:
        return sp.Subs(sp.Derivative(e, (x, order)) if order else e, x, centre)

    residuals = [Residual("the drift at the point", sp.Integer(0), derivative(b, 0))]
    residuals += [Residual("the slope of the drift", derivative(linear_b, 1), derivative(b, 1))]
    for order, what in enumerate(("the covariance at the point", "its slope", "its second derivative")):
        residuals.append(Residual(what, derivative(linear_v, order), derivative(v, order)))
    domain, agreed = task.claim.domain, 0
    for residual in residuals:
        at = simple(domain, 2 * task.effort.points)
        found = examine(residual, domain, at, "Cauchy's formula", bits=_BITS, seconds=task.effort.algebra_seconds / 8)
        if found.finding is not None:
            return found.finding
        if found.open:
            return undecided(f"Cauchy's formula does not tell {residual.what} {found.open}.")
        agreed += found.points
    return undecided(f"slopes and values agree in {agreed} comparisons at the simplest values of the parameters.")


def across_threshold(
    statement: Any, task: Task, examine: Callable[[Point], tuple[bool | None, str]], word: str
) -> Finding:
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
        return undecided(f"{decided} points behave as stated, {len(open_points)} are open: {reason}.")
    if allows_equality(statement.condition, task.claim.domain):
        return undecided(f"{decided} points behave as stated; equality, which the condition allows, is not looked at.")
    return confirmed(
        f"{decided} points at {float(margin):.0%} from the threshold behave as stated; last: {last}.",
        float(margin),
        quantity="place of the threshold",
    )


def _refutation(pair: Straddle, point: Point, inside: bool, word: str, how: str, margin: float) -> Finding:
    return refuted(
        f"behaves against the condition at {margin:.0%} from the asserted threshold {pair.symbol} = {pair.boundary}.",
        point,
        f"{'' if inside else 'not '}{word}",
        how,
        f"{margin:.0%} in {pair.symbol}",
        effect=margin,
        quantity="place of the threshold",
    )
