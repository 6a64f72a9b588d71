"""Small steps: moments of gradient steps on their scale, the error of one update, and a linear part near a point."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import scipy.linalg
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witnesses.processes.small_steps import moment_maps
from ...checks.witnesses.processes.weak_orders import mean_rate, test_function, with_members
from ...derivations.claim import Claim
from ...derivations.domain import Domain, Point
from ...derivations.processes.ito import generator
from ...derivations.ranges import Between
from ...derivations.statements.attractivity import Linearised
from ...derivations.statements.classes.weak_orders import WeakApproximation
from ...derivations.statements.small_steps import SmallStepLimit
from .derived import member_of
from .limits import approach
from .picture import Array, Axis, Curve, NoPicture, Panel, Picture
from .sides import Sides, finished, of_residuals
from .values import number, visible_range
from .window import at_values, places

#: Steps in a unit of time, as powers of 2, and points that are tried.
_POWERS, _TRIED = range(2, 15), 6
#: Error of an update below which rounding is seen.
_ROUNDING = 1e-11


def small_step_limit(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """What is stated to have a limit, from exact moments of the steps, against their number in a unit of time."""
    s = claim.statement
    assert isinstance(s, SmallStepLimit)
    n = s.training.steps_per_unit
    for place in itertools.islice(places(claim, verdict), _TRIED):
        time = sp.sympify(s.time).subs(place.point)
        if not (time.is_Rational and 0 < time <= 8):
            continue
        counts = [int(time.q) * 2**k for k in _POWERS]
        found = np.array([_scaled(s, place.point, time, count) for count in counts])
        if np.isfinite(found).sum() > 2:
            break
    else:
        raise NoPicture(f"{claim.id} has no picture: the moments are not finite at the points that were tried")
    moment = "variance" if s.spread else "mean"
    compared = "" if s.process is None else ", less that of the process,"
    what = f"the {moment} of {s.observable} after {n} t steps{compared} times {s.factor}"
    return approach(
        claim, verdict, place, n, np.array(counts, dtype=float), found, number(s.limit, place.point),
        f"scaled {moment}", what, True, True,
    )  # fmt: skip


def _scaled(s: SmallStepLimit, point: Point, time: sp.Rational, count: int) -> float:
    u, n = sp.Dummy("u", positive=True), s.training.steps_per_unit
    step, flow = moment_maps(s, point, u)
    start = number(sp.sympify(s.training.start), point)
    powers = start ** np.arange(step.rows)
    moved = np.linalg.matrix_power(_floats(step.subs(u, sp.Rational(1, count))), int(time * count)) @ powers
    total = _moment(s, point, moved)
    if flow is not None:
        rates = _floats(flow.subs(u, sp.Rational(1, count)))
        total -= _moment(s, point, scipy.linalg.expm(rates * float(time)) @ powers)
    return number(s.factor.subs(n, count), point) * total


def _floats(matrix: sp.Matrix) -> Array:
    return np.array([[number(e, {}) for e in row] for row in matrix.tolist()], dtype=np.float64)


def _moment(s: SmallStepLimit, point: Point, moments: Array) -> float:
    """Return mean or variance of the observable from the moments of the weight."""
    phi = sp.Poly(s.observable.subs(point), s.training.weight)

    def mean(f: sp.Poly) -> float:
        return math.fsum(number(c, point) * moments[j] for (j,), c in f.terms())

    return mean(phi**2) - mean(phi) ** 2 if s.spread else mean(phi)


def weak_approximation(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """How far the mean of a test function changes in one update and not in the equation, per step, against the step."""
    s = claim.statement
    assert isinstance(s, WeakApproximation)
    chosen, phi, h = member_of(list(s.members()), verdict), test_function(s.sde.state), s.step
    change = [with_members(e, chosen) for e in s.update.change]
    rate = with_members(generator(s.sde, phi), chosen)
    steps = [sp.Rational(1, 2**k) for k in range(2, 13)]
    for place in itertools.islice(places(claim, verdict), _TRIED):
        at = {k: v for k, v in place.point.items() if k != h}
        error = np.array([abs(mean_rate(phi, s, change, {**at, h: e}) - number(rate, {**at, h: e})) for e in steps])
        if np.isfinite(error).sum() > 2 and error.max() > _ROUNDING:
            break
    else:
        raise NoPicture(f"{claim.id} has no picture: the means are the same at the points that were tried")
    x = np.array([float(e) for e in steps])
    shown = np.where(error > _ROUNDING, error, np.nan)
    seen = int(np.flatnonzero(np.isfinite(shown))[-1])
    slope = Curve(f"a multiple of ${sp.latex(h)}$", x, shown[seen] * x / x[seen], "aid")
    low, high, logarithmic = visible_range([shown, slope.y])
    panel = Panel(
        Axis(f"${sp.latex(h)}$", x[-1] / 1.5, x[0] * 1.5, True),
        Axis("error per unit of time", low, high, logarithmic or low > 0),
        (Curve("update against equation", x, shown, "found", True), slope),
    )  # fmt: skip
    named = "".join(f", with {f} = {e}" for f, e in chosen.items())
    said = f"The rate at which the mean of {phi} moves in one update, less that of the equation{named}"
    return finished(claim, verdict, "error against step", [panel], f"{said}{at_values(at)}.")


def linearised(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """Drift and variance rate of the equation and of the linear one, against a coordinate near the point."""
    s = claim.statement
    assert isinstance(s, Linearised)
    at = dict(zip(s.sde.state, map(sp.sympify, s.point), strict=True))
    first = s.sde.state[0]
    fixed = {k: v for k, v in at.items() if k != first}
    pairs = [("drift", s.linear.ito_drift[0], s.sde.ito_drift[0])]
    pairs += [("variance rate", s.linear.covariance[0, 0], s.sde.covariance[0, 0])]
    sides = [
        Sides(f"{what} of {first}", a.subs(fixed), b.subs(fixed), ("linear equation", "equation"))
        for what, a, b in pairs
    ]
    said = f"The equation and its stated linear part around {first} = {at[first]}"
    around = Between(at[first] - 1, at[first] + 1)
    ranges = {k.name: v for k, v in claim.domain.ranges.items() if k not in at}
    near = Domain(**ranges, **{first.name: around})
    made = of_residuals(claim, verdict, sides, "linear part", said, [first], near)
    return replace(made, panels=tuple(map(_level, made.panels)))


def _level(panel: Panel) -> Panel:
    """Return a panel whose axis is not logarithmic: what vanishes at the point does so on every scale."""
    ends = [v for m in panel.marks for v in (m.y, m.other or m.y)]
    low, high, _ = visible_range([c.y for c in panel.curves], ends, logarithmic=False)
    return replace(panel, y=replace(panel.y, low=low, high=high, logarithmic=False))
