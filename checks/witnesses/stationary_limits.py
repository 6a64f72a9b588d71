"""Deterministic numerics on limits: small-parameter expansions of moments and roots, ratios near a point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.fokker_planck import stationary_slope
from ...derivations.statements.expansions import LocalBehaviour, RootExpansion, StationaryExpansion
from ...numerics.codegen import compile_expressions
from ...numerics.slope_quadrature import moments_from_slope
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text, undecided
from ..witness import Task, witness
from .stationary_numerics import parameter_points

#: Coefficients below this size in both the claim and the measurement count as zero.
VANISHING = 1e-9


def extrapolate(values: Sequence[Any]) -> tuple[Any, Any]:
    """Return (limit, error) of values at h, h/2, h/4, ... with an expansion in integer powers of h (Neville)."""
    row = list(values)
    previous = row[-1]
    for k in range(1, len(values)):
        previous = row[-1]
        row = [(2**k * two - one) / (2**k - 1) for one, two in itertools.pairwise(row)]
    return row[-1], abs(row[-1] - previous)


def _judge_limits(
    task: Task,
    points: Sequence[Point],
    stated: Callable[[Point], Any],
    measured: Callable[[Point], tuple[Any, Any]],
    what: str,
) -> Finding:
    """Compare extrapolated limits with asserted values, relative to the larger of the two."""
    worst, compared = 0.0, 0
    for point in points:
        asserted = stated(point)
        found, error = measured(point)
        scale = max(abs(asserted), abs(found))
        gap = abs(found - asserted)
        if scale < VANISHING:
            compared += 1
            continue
        if gap > 20 * error + 1e-6 * scale:
            return Finding(
                Outcome.REFUTED,
                f"The extrapolated {what} differs from the claimed one by far more than its error {float(error):.1e}.",
                effect=float(gap / scale),
                counterexample=Counterexample(
                    as_text(point),
                    f"{what} = {float(asserted):.8g}",
                    f"{what} = {float(found):.8g}",
                    f"{float(found - asserted):.3g}",
                ),
            )
        worst = max(worst, float((gap + error) / scale))
        compared += 1
    if not compared or worst > task.effort.resolution:
        return undecided(f"the extrapolation leaves relative deviations up to {worst:.2g} open")
    return Finding(
        Outcome.CONFIRMED, f"The {what} agrees at {compared} parameter points.", resolution=max(worst, 1e-15)
    )


@witness(
    "moments at a decreasing parameter",
    kind=Kind.DETERMINISTIC,
    statement=StationaryExpansion,
    starts_from="quadrature of the zero-current density of the SDE for small values of the parameter",
)
def small_parameter_moments(statement: StationaryExpansion, task: Task) -> Finding:
    """Extrapolate (moment - zeroth)/parameter to zero."""
    x, small = statement.sde.state[0], statement.parameter
    slope = stationary_slope(statement.sde)

    def measured(point: Point) -> tuple[float, float]:
        function = compile_expressions((x, small), [slope.subs(point), sp.diff(slope, x).subs(point)], "numpy")
        centre = float(statement.centre.subs(point))
        zeroth = float((statement.zeroth - (statement.centre if statement.observable == "mean" else 0)).subs(point))
        first = 1.0
        for _ in range(60):
            first /= 2
            width = 14 * math.sqrt(max(-1 / function(centre, first)[1], 0))
            if not 0 < width < abs(centre) / 2:
                continue
            try:
                return extrapolate([one(function, centre, zeroth, first / 2**k) for k in range(5)])
            except NumericsError:
                continue
        raise NumericsError("no small parameter value concentrates the law")

    def one(function: Any, centre: float, zeroth: float, eps: float) -> float:
        width = 14 * math.sqrt(-1 / function(centre, eps)[1])
        mean, variance, _ = moments_from_slope(lambda at: np.asarray(function(at, eps)[0]), centre, width)
        return ((mean if statement.observable == "mean" else variance) - zeroth) / eps

    return _judge_limits(
        task,
        parameter_points(task, [small], task.effort.points),
        lambda point: float(statement.first.subs(point)),
        measured,
        f"first-order coefficient of the {statement.observable}",
    )


def _in_mpmath(expr: sp.Expr, variables: Sequence[sp.Symbol], point: Point) -> Callable[..., Any]:
    made: Callable[..., Any] = sp.lambdify(variables, sp.sympify(expr).subs(point), "mpmath")
    return made


@witness(
    "roots at a decreasing parameter",
    kind=Kind.DETERMINISTIC,
    statement=RootExpansion,
    starts_from="the zeros of the function, found to 50 digits for small values of the parameter",
)
def small_parameter_roots(statement: RootExpansion, task: Task) -> Finding:
    """Extrapolate (root - zeroth)/parameter to zero."""
    x, small = statement.variable, statement.parameter

    def measured(point: Point) -> tuple[Any, Any]:
        function = _in_mpmath(statement.function, (x, small), point)
        zeroth = mpmath.mpf(sp.N(statement.zeroth.subs(point), 50))
        values = []
        for k in range(12, 18):
            eps = mpmath.mpf(2) ** -k
            root = mpmath.findroot(lambda at, eps=eps: function(at, eps), zeroth)
            values.append((root - zeroth) / eps)
        return extrapolate(values)

    with mpmath.workdps(50):
        return _judge_limits(
            task,
            parameter_points(task, [small], task.effort.points),
            lambda point: mpmath.mpf(sp.N(statement.first.subs(point), 50)),
            measured,
            "first-order shift of the root",
        )


@witness(
    "ratios near the point",
    kind=Kind.DETERMINISTIC,
    statement=LocalBehaviour,
    starts_from="the expressions, evaluated to 50 digits ever closer to the point",
)
def ratios(statement: LocalBehaviour, task: Task) -> Finding:
    """Extrapolate the ratio of expression and equivalent to the point, from both sides."""

    def measured(point: Point) -> tuple[Any, Any]:
        centre = mpmath.mpf(sp.N(statement.point.subs(point), 50))
        found = []
        for pair in statement.pairs:
            top, bottom = (_in_mpmath(e, (statement.variable,), point) for e in pair)
            for side in (1, -1):
                at = [centre * (1 + side * mpmath.mpf(2) ** -k) for k in range(12, 17)]
                found.append(extrapolate([top(v) / bottom(v) for v in at]))
        return max(found, key=lambda f: abs(f[0] - 1))

    with mpmath.workdps(50):
        return _judge_limits(
            task,
            parameter_points(task, [], task.effort.points),
            lambda point: mpmath.mpf(1),
            measured,
            "ratio at the point",
        )
