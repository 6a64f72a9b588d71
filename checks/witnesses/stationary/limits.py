"""Deterministic numerics on limits: small-parameter expansions of moments and roots, ratios near a point.

Values at finitely many places never confirm a limit. They refute one where they have settled elsewhere: the distances
to the limit are bounded by a geometric series fitted to the last changes, and the places reach over all scales that
the arithmetic has.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.fokker_planck import laplace_parts, stationary_slope
from ....derivations.statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ....numerics.codegen import compile_expressions
from ....numerics.diffusions.slope_quadrature import moments_from_slope
from ...evidence import Finding, Kind, Outcome
from ...judgement.findings import refuted, undecided
from ...witness import Task, witness
from .numerics import CAUTION, parameter_points

#: Binary places of the distance from the limit point, each twice as far as the one before: powers settle in a few
#: steps, and logarithms, which change by a fixed share from one to the next, are seen to be slow.
PLACES = tuple(12 * 2**j for j in range(9))
#: Bits that keep a difference at the last place.
BITS = 3 * PLACES[-1]
#: Changes that shrink less than this from one place to the next are not summed up.
SLOWEST = 0.75


@dataclass(frozen=True)
class Settled:
    """A value at the place closest to the limit, and how far the limit may still be from it."""

    value: Any
    left: float


def settled(values: Sequence[Any], errors: Sequence[float] | None = None) -> Settled:
    """Return what values ever closer to the limit point say of the limit.

    Parameters
    ----------
    values : sequence
        At least four, the closest last.
    errors : sequence of float, optional
        Errors of the values.

    Raises
    ------
    NumericsError
        If a value is not a real number, or the changes do not shrink like a geometric series.
    """
    if not all(mpmath.isfinite(v) and mpmath.im(v) == 0 for v in values):
        raise NumericsError("a value near the limit is no real number")
    noise = max(errors[-3:]) if errors else 0.0
    changes = [float(abs(two - one)) for one, two in itertools.pairwise(values)][-3:]
    if max(changes[1:]) <= noise:
        return Settled(values[-1], 2 * noise)
    shrinking = max(two / one if one > 0 else 1.0 for one, two in itertools.pairwise(changes) if two > noise)
    if shrinking > SLOWEST:
        raise NumericsError(f"the values still change by {changes[-1]:.2g}, as slowly as {changes[-2]:.2g} before")
    return Settled(values[-1], changes[-1] * shrinking / (1 - shrinking) + noise)


def _judge_limits(
    points: Sequence[Point], stated: Callable[[Point], Any], measured: Callable[[Point], Settled], what: str
) -> Finding:
    """Refute an asserted limit from which the values have settled away; never confirm one."""
    closest = 0.0
    for point in points:
        asserted, found = stated(point), measured(point)
        gap = float(abs(found.value - asserted))
        if gap > CAUTION * found.left and gap > 0:
            scale = max(float(abs(asserted)), float(abs(found.value)))
            # differences below the rounding of the statement itself are none
            if gap > 1e-12 * scale:
                return refuted(
                    f"The {what} has settled within {found.left:.1e} of its limit, which is not the claimed one.",
                    point,
                    f"{what} = {float(asserted):.8g}",
                    f"{what} = {float(found.value):.8g}",
                    f"{float(found.value - asserted):.3g}",
                    effect=gap / scale,
                    quantity=what,
                )
        closest = max(closest, gap)
    return undecided(
        f"at {len(points)} parameter points the {what} comes within {closest:.2g} of the claimed limit, which values "
        "near it cannot confirm"
    )


@witness(
    "moments at a decreasing parameter",
    kind=Kind.DETERMINISTIC,
    statement=StationaryExpansion,
    starts_from="quadrature of the zero-current density of the SDE for small values of the parameter",
    applies=lambda statement: statement.centre != 0,  # the law is looked at within half of its distance from 0
)
def small_parameter_moments(statement: StationaryExpansion, task: Task) -> Finding:
    """Follow the moment, then (moment - zeroth)/parameter, towards zero."""
    laplace_parts(statement.sde, statement.parameter)  # the parameter enters in no other way, at no other scale
    slope = stationary_slope(statement.sde)
    points = parameter_points(task, [statement.parameter, *statement.sde.state], task.effort.points)
    known = {str(point): distances(statement, slope, point) for point in points}

    def zeroth(point: Point) -> float:
        return float(statement.zeroth.subs(point))

    def moment(point: Point) -> Settled:
        found = settled([d.value for d in known[str(point)]], [d.error for d in known[str(point)]])
        return Settled(zeroth(point) + found.value, found.left)

    def slope_of_moment(point: Point) -> Settled:
        found = known[str(point)]
        return settled([d.value / d.small for d in found], [d.error / d.small for d in found])

    finding = _judge_limits(points, zeroth, moment, f"limit of the {statement.observable}")
    if finding.outcome is Outcome.REFUTED:
        return finding
    what = f"first-order coefficient of the {statement.observable}"
    return _judge_limits(points, lambda point: float(statement.first.subs(point)), slope_of_moment, what)


@witness(
    "spread at a decreasing parameter",
    kind=Kind.DETERMINISTIC,
    statement=SmallNoiseGaussian,
    starts_from="quadrature of the zero-current density of the SDE near its peak for small values of the parameter",
    applies=lambda statement: statement.centre != 0,
)
def small_parameter_spread(statement: SmallNoiseGaussian, task: Task) -> Finding:
    """Follow variance/parameter of the law within 14 standard deviations of the peak: a bounded functional of it."""
    return small_parameter_moments(statement.as_variance(), task)


@dataclass(frozen=True)
class Distance:
    """Distance of a moment from its asserted zeroth order at a small value of the parameter, and its error."""

    small: float
    value: float
    error: float


def distances(statement: StationaryExpansion, slope: sp.Expr, point: Point) -> list[Distance]:
    """Return the distances for ever smaller values of the parameter, from the first that concentrates the law."""
    x, small, mean = statement.sde.state[0], statement.parameter, statement.observable == "mean"
    function: Any = compile_expressions((x, small), [slope.subs(point), sp.diff(slope, x).subs(point)], "numpy")
    centre = float(statement.centre.subs(point))
    zeroth = float((statement.zeroth - (statement.centre if mean else 0)).subs(point))

    def one(eps: float) -> Distance:
        width = 14 * math.sqrt(-1 / function(centre, eps)[1])
        shift, variance, error = moments_from_slope(lambda at: np.asarray(function(at, eps)[0]), centre, width)
        # rounding of the moments, sums of thousands of terms of the size of the width, or its square
        size = width if mean else width**2
        rounding = 64 * np.finfo(float).eps * (size + abs(zeroth))
        return Distance(eps, (shift if mean else variance) - zeroth, error + rounding)

    first = 1.0
    for _ in range(60):
        first /= 2
        curvature = function(centre, first)[1]
        if not (curvature < 0 and 14 / math.sqrt(-curvature) < abs(centre) / 2):
            continue
        try:
            return [one(first / 4**k) for k in range(7)]
        except NumericsError:
            continue
    raise NumericsError("no small parameter value concentrates the law")


def _in_mpmath(expr: sp.Expr, variables: Sequence[sp.Symbol], point: Point) -> Callable[..., Any]:
    made: Callable[..., Any] = sp.lambdify(variables, sp.sympify(expr).subs(point), "mpmath")
    return made


def _number(expr: sp.Expr, point: Point) -> Any:
    if sp.sympify(expr).subs(point).has(sp.zoo, sp.nan, sp.oo, -sp.oo):
        raise NumericsError(f"{expr} has no value there")
    return _in_mpmath(expr, (), point)() * mpmath.mpf(1)


@witness(
    "roots at a decreasing parameter",
    kind=Kind.DETERMINISTIC,
    statement=RootExpansion,
    starts_from="the zeros of the function, found to many digits for ever smaller values of the parameter",
)
def small_parameter_roots(statement: RootExpansion, task: Task) -> Finding:
    """Follow (root - zeroth)/parameter towards zero."""
    x, small = statement.variable, statement.parameter

    def measured(point: Point) -> Settled:
        function = _in_mpmath(statement.function, (x, small), point)
        zeroth = _number(statement.zeroth, point)
        values = []
        for place in PLACES[:6]:
            eps = mpmath.mpf(2) ** -place
            try:
                root = mpmath.findroot(lambda at, eps=eps: function(at, eps), (zeroth, zeroth + eps))
            except (ValueError, ZeroDivisionError) as error:
                raise NumericsError(f"no root is found for {small} = 2^-{place}: {error}") from None
            values.append((root - zeroth) / eps)
        return settled(values)

    with mpmath.workprec(3 * PLACES[5]):
        return _judge_limits(
            parameter_points(task, [small, x], task.effort.points),
            lambda point: _number(statement.first, point),
            measured,
            "first-order shift of the root",
        )


@witness(
    "ratios near the point",
    kind=Kind.DETERMINISTIC,
    statement=LocalBehaviour,
    starts_from="the expressions, evaluated to many digits ever closer to the point",
)
def ratios(statement: LocalBehaviour, task: Task) -> Finding:
    """Follow the ratio of expression and equivalent towards the point, on the sides that the variable may be on."""
    if not statement.sides():
        return undecided(f"whether {statement.variable} may be below {statement.point} is not known")

    def measured(point: Point) -> Settled:
        centre = _number(statement.point, point)
        found = []
        for pair in statement.pairs:
            top, bottom = (_in_mpmath(e, (statement.variable,), point) for e in pair)
            for side in statement.sides():
                at = [centre + side * mpmath.mpf(2) ** -place for place in PLACES]
                try:
                    found.append(settled([top(v) / bottom(v) for v in at]))
                except ZeroDivisionError:
                    raise NumericsError("the equivalent vanishes near the point") from None
        return max(found, key=lambda f: abs(f.value - 1))

    with mpmath.workprec(BITS):
        return _judge_limits(
            parameter_points(task, [statement.variable], task.effort.points),
            lambda point: mpmath.mpf(1),
            measured,
            "ratio at the point",
        )
