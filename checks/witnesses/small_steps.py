"""Limits of stochastic gradient steps: exact moments composed step by step, and simulated steps at two rates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import mpmath
import numpy as np
import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import ClaimError
from ...derivations.moment_maps import diffusion_moments, step_moments
from ...derivations.statements.small_steps import SmallStepLimit
from ...numerics.balls import midpoint
from ..evidence import Finding, Kind, Outcome
from ..judgement.deterministic import Ledger, generic_points
from ..judgement.findings import as_text, undecided
from ..richardson import combine_comparisons
from ..statistics import GROUPS, UNKNOWN, half_width, judge
from ..witness import Task, witness

#: Steps in a unit of time: the exact moments double them from the first to the last power of 2.
_FIRST, _LAST = 5, 12
#: Steps in a unit of time of the slower of two simulations; the other takes twice as many.
_COARSE = 128
#: Points at which steps are simulated, and the longest time there.
_POINTS, _LONGEST = 2, 1


@witness(
    "exact moments of the steps",
    kind=Kind.DETERMINISTIC,
    statement=SmallStepLimit,
    starts_from="the loss and the law of the data: conditional moments of one step (Isserlis), composed step by step",
)
def composed_moments(statement: SmallStepLimit, task: Task) -> Finding:
    """Compare with the moments at doubling numbers of steps, extrapolated; the process has its moment equation."""
    training, w = statement.training, statement.training.weight
    degree = int(sp.degree(statement.observable, w)) * (2 if statement.spread else 1)
    update = w - sp.diff(training.loss, w) / training.steps_per_unit
    try:
        step = step_moments(update, w, dict(training.data), degree)
        flow = None if statement.process is None else diffusion_moments(statement.process, degree)
    except ClaimError as error:
        return undecided(f"exact moments of the steps: {error}.")
    ledger, orders = Ledger(task, "exact moments of the steps"), []
    for point in generic_points(task.claim.domain, task.effort.points):
        values = list(_values(statement, step, flow, point))
        if not values:
            continue
        found = [v.difference for v in values]
        changes = [abs(b - a) for a, b in itertools.pairwise(found)]
        if changes[-1] > 0.75 * changes[-2]:
            return undecided(f"exact moments of the steps: no limit is seen, the last change is {changes[-1]:.3g}.")
        limits = [2 * b - a for a, b in itertools.pairwise(found)]
        stated = midpoint(statement.limit, point)
        scale = max(abs(stated), values[-1].size)
        refuted = ledger.compare("the limit", point, stated, limits[-1], abs(limits[-1] - limits[-2]), scale)
        if refuted:
            return refuted
        if changes[-1] > 0:
            orders.append(math.log2(changes[-2] / changes[-1]))
    finding = ledger.finding()
    if finding.outcome is not Outcome.CONFIRMED or not orders:
        return finding
    return replace(finding, detail=f"{finding.detail} The limit is approached like 1/n to the {min(orders):.3f}.")


@dataclass(frozen=True)
class _Value:
    """What tends to the limit, and the size of the moments that it is made of."""

    difference: float
    size: float


def _values(statement: SmallStepLimit, step: sp.Matrix, flow: sp.Matrix | None, point: Point) -> Iterator[_Value]:
    """Yield the values at doubling numbers of steps in a unit of time; none at time 0."""
    n, w = statement.training.steps_per_unit, statement.training.weight
    time = sp.Rational(statement.time.subs(point))
    if time == 0:
        return
    observable = sp.Poly(statement.observable.subs(point), w)
    start = statement.training.start.subs(point)
    with mpmath.workdps(40):
        step_at = sp.lambdify(n, step.subs(point), "mpmath")
        flow_at = None if flow is None else sp.lambdify(n, (flow * time).subs(point), "mpmath")
        factor = sp.lambdify(n, statement.factor.subs(point), "mpmath")
        begin = mpmath.matrix([mpmath.mpmathify(sp.N(start**j, 40)) for j in range(step.rows)])
        for k in range(_FIRST, _LAST + 1):
            steps = int(time.q) * 2**k
            moments = mpmath.matrix(step_at(mpmath.mpf(steps))) ** int(time * steps) * begin
            value = size = _moment(moments, observable, statement.spread)
            if flow_at is not None:
                other = _moment(mpmath.expm(flow_at(mpmath.mpf(steps))) * begin, observable, statement.spread)
                value, size = value - other, max(abs(value), abs(other))
            scaled = factor(mpmath.mpf(steps))
            yield _Value(float(scaled * value), float(abs(scaled * size)))


def _moment(moments: mpmath.matrix, observable: sp.Poly, spread: bool) -> mpmath.mpf:
    def mean(polynomial: sp.Poly) -> mpmath.mpf:
        terms = (mpmath.mpmathify(sp.N(c, 40)) * moments[j] for (j,), c in polynomial.terms())
        return mpmath.fsum(terms)

    return mean(observable**2) - mean(observable) ** 2 if spread else mean(observable)


@witness(
    "simulated gradient steps",
    kind=Kind.MONTE_CARLO,
    statement=SmallStepLimit,
    starts_from="the loss and the data: steps on fresh samples, gradients by autograd; the backward equation",
)
def simulated_steps(statement: SmallStepLimit, task: Task) -> Finding:
    """Compare with the moments of simulated steps at the rates 1/n and 1/(2n), extrapolated."""
    from ...numerics.gradient_steps import gradient_steps

    training = statement.training
    if not _quadratic_in_data(statement):
        return undecided("simulated gradient steps: the gradient is not a polynomial of degree 2 in the data.")
    points = [p for p in generic_points(task.claim.domain, 20) if 0 < statement.time.subs(p) <= _LONGEST][:_POINTS]
    results = []
    for point in points:
        time = sp.Rational(statement.time.subs(point))
        coarse = int(time.q) * -(-_COARSE // int(time.q))
        level, paths = task.level / len(points), task.effort.samples // 4 // GROUPS * GROUPS
        stated = midpoint(statement.limit, point)
        groups = np.empty((2, 0))
        offsets = [_of_process(statement, point, n) for n in (coarse, 2 * coarse)]
        result, scale, slack = UNKNOWN, abs(stated), 0.0
        for look in range(task.effort.looks):
            found = []
            for n, (moment, error) in zip((coarse, 2 * coarse), offsets, strict=True):
                runs = gradient_steps(
                    training.loss.subs(point),
                    training.weight,
                    [(z, float(v.subs(point))) for z, v in training.data],
                    start=float(training.start.subs(point)),
                    rate=1 / n,
                    steps=int(time * n),
                    paths=paths,
                    key=task.key(f"{look}|{n}|{as_text(point)}"),
                    device=task.device,
                )
                estimate = runs.variance if statement.spread else runs.mean
                factor = float(statement.factor.subs(training.steps_per_unit, n))
                found.append(factor * (estimate(statement.observable.subs(point), GROUPS) - moment))
                scale, slack = max(scale, factor * abs(moment)), max(slack, 3 * factor * error)
            groups = np.hstack((groups, found))
            # an error of order 1/n is extrapolated; the change from one rate to the next bounds what that leaves
            samples = 2 * groups[1] - groups[0]
            value, half = float(samples.mean()), half_width(samples, level)
            bias = abs(float(groups[1].mean() - groups[0].mean())) + slack
            result = judge((value - half, value + half), stated, scale, task.effort.resolution, bias, look + 1)
            if result.outcome is not Outcome.UNDECIDED:
                break
        results.append((point, "the limit", stated, result, scale))
    return combine_comparisons(task, results, "simulated gradient steps")


def _quadratic_in_data(statement: SmallStepLimit) -> bool:
    slope = sp.diff(statement.training.loss, statement.training.weight)
    data = [z for z, _ in statement.training.data]
    return bool(slope.is_polynomial(*data) and sp.Poly(slope, *data).total_degree() <= 2)


def _of_process(statement: SmallStepLimit, point: Point, steps: int) -> tuple[float, float]:
    """Return the moment of the process and the bound of its error."""
    from ...numerics.backward_equation import backward_expectation

    if statement.process is None:
        return 0.0, 0.0
    n = statement.training.steps_per_unit
    given = {s: v for s, v in {**point, n: sp.Integer(steps)}.items() if s in statement.process.free_symbols}
    start, time = float(statement.training.start.subs(point)), float(statement.time.subs(point))
    phi = statement.observable.subs(point)
    first = backward_expectation(statement.process, given, phi, start, time)
    if not statement.spread:
        return first.value, first.error
    second = backward_expectation(statement.process, given, phi**2, start, time)
    return second.value - first.value**2, second.error + 2 * abs(first.value) * first.error + first.error**2
