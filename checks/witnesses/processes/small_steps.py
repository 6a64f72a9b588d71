"""Limits of stochastic gradient steps: moments expanded in the step size, and simulated steps at two rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.calculus.moment_maps import diffusion_moments, step_moments
from ....derivations.domain import Point
from ....derivations.errors import ClaimError, CrossproofError, NumericsError
from ....derivations.statements.small_steps import SmallStepLimit
from ....numerics.exact.balls import enclose, midpoint
from ....numerics.exact.enclosures import precision
from ....numerics.exact.step_limits import Expansion, expand_flow, expand_steps, mean, same_limit
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import generic_points
from ...judgement.findings import as_text, confirmed, proved, refuted, undecided
from ...meaning.values import with_values
from ...statistics.means import GROUPS, KURTOSIS, UNKNOWN, half_width, judge
from ...statistics.richardson import combine_comparisons
from ...witness import Task, witness

#: Relative precision of the balls, where the two sides agree exactly.
_BALLS = 1e-25
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
    """Compare with the limit of the composed moments, expanded in the step size, at points of the domain."""
    power, method = _power(statement), "exact moments of the steps"
    if power is None or power > 1:
        return undecided(f"{method}: no limit is known on the scale {statement.factor}.")
    if power <= 0 and statement.limit == 0 and _same_generator(statement):
        finding = proved(f"{method}: the step has the generator of the process, to first order in its size.")
        return with_values(finding, *_written(statement), task.claim.domain)
    resolutions, count = [_BALLS], 0
    for point in generic_points(task.claim.domain, task.effort.points):
        if statement.time.subs(point) == 0:
            continue
        try:
            limit = _limit(statement, point, power)
        except CrossproofError as error:
            return undecided(f"{method}: {error}.")
        stated = enclose(statement.limit, point)
        if limit.ball is None:
            return refuted(
                f"{method}: on this scale they grow without bound.", point, f"the limit = {float(stated.mid()):.10g}",
                "no limit", "oo", certified=True,
            )  # fmt: skip
        gap = limit.ball - stated
        scale = max(float(abs(b).upper()) for b in (limit.size, limit.ball, stated)) or 1.0
        if not gap.contains(0):
            return refuted(
                f"{method}: the limit differs from the statement by a certified amount.",
                point,
                f"the limit = {float(stated.mid()):.10g}",
                f"the limit = {float(limit.ball.mid()):.10g}",
                f"{float(-gap.mid()):.6g}",
                effect=abs(float(gap.mid())) / scale,
                certified=True,
            )
        resolutions.append(float(gap.abs_upper()) / scale)
        count += 1
    if not count:
        return undecided(f"{method}: no point of the domain has a positive time.")
    if not max(resolutions) <= task.effort.resolution:
        return undecided(f"{method}: the enclosures of the limit reach {max(resolutions):.2g}.")
    return confirmed(
        f"{method}: their expansion in the step size has the stated limit at {count} points.", max(resolutions)
    )


def _written(statement: SmallStepLimit) -> tuple[list[sp.Expr], list[sp.Symbol]]:
    """Return what the statement is made of, and the symbols that move in it."""
    training, process = statement.training, statement.process
    coefficients = [] if process is None else [*process.drift, *process.diffusion]
    parts = [training.loss, training.start, *(v for _, v in training.data), statement.observable, statement.factor]
    return [*parts, statement.time, *coefficients], [training.weight, *(z for z, _ in training.data)]


@dataclass(frozen=True)
class _Limit:
    """A limit (None: there is none), and the size of the moments that it is made of."""

    ball: Any
    size: Any


def _power(statement: SmallStepLimit) -> sp.Rational | None:
    """Return p where the factor is c n^p, else None."""
    n = statement.training.steps_per_unit
    power = sp.cancel(n * sp.diff(statement.factor, n) / statement.factor)
    return power if power.is_Rational else None


def _limit(statement: SmallStepLimit, point: Point, power: sp.Rational) -> _Limit:
    """Return the limit at a point, for a factor c n^power, power <= 1."""
    w, u = statement.training.weight, sp.Dummy("u", positive=True)
    time, start = (sp.sympify(e).subs(point) for e in (statement.time, statement.training.start))
    step, flow = moment_maps(statement, point, u)
    parts = [expand_steps(step, u, time, start)]
    if flow is not None:
        parts.append(expand_flow(flow, u, time, start))
    observable = sp.Poly(statement.observable.subs(point), w)
    with precision():
        pairs = [_spread(p, observable) if statement.spread else _mean(p, observable) for p in parts]
        zeroth, first = (pairs[0][k] - (pairs[1][k] if len(pairs) > 1 else 0) for k in (0, 1))
        factor = enclose(statement.factor.subs(point).subs(statement.training.steps_per_unit, 1), {})
        size = sum(abs(mean(observable**2 if statement.spread else observable, p.zeroth)) for p in parts)
        vanishes = all(p.transports for p in parts) if statement.spread else _cancel(parts)
        if power < 0 or (power < 1 and vanishes and power > 0):
            return _Limit(0 * zeroth, size)
        if power == 0:
            return _Limit(0 * zeroth if vanishes else factor * zeroth, factor * size)
        if vanishes:
            return _Limit(factor * first, factor * first)
        if zeroth.contains(0):
            raise NumericsError("it is not known whether the moments agree in the limit of small steps")
        return _Limit(None, size)


def moment_maps(statement: SmallStepLimit, point: Point, u: sp.Symbol) -> tuple[sp.Matrix, sp.Matrix | None]:
    """Return the moment maps of a step of size u and of the process, with the values of `point`."""
    training, w = statement.training, statement.training.weight
    degree = int(sp.degree(statement.observable, w)) * (2 if statement.spread else 1)
    laws = {z: v.subs(point) for z, v in training.data}
    step = step_moments(w - u * sp.diff(training.loss, w).subs(point), w, laws, degree)
    if statement.process is None:
        return step, None
    return step, diffusion_moments(statement.process, degree).subs({training.steps_per_unit: 1 / u, **point})


def _same_generator(statement: SmallStepLimit) -> bool:
    u = sp.Dummy("u", positive=True)
    try:
        step, flow = moment_maps(statement, {}, u)
        return flow is not None and same_limit(step, flow, u)
    except CrossproofError:
        return False


def _cancel(parts: list[Expansion]) -> bool:
    """Return whether steps and process have the same limit because they have the same generator."""
    return len(parts) == 2 and parts[0].generator == parts[1].generator


def _mean(part: Expansion, observable: sp.Poly) -> tuple[Any, Any]:
    return mean(observable, part.zeroth), mean(observable, part.first)


def _spread(part: Expansion, observable: sp.Poly) -> tuple[Any, Any]:
    """Return the variance and its first correction."""
    (mean0, mean1), (square0, square1) = (_mean(part, p) for p in (observable, observable**2))
    return square0 - mean0**2, square1 - 2 * mean0 * mean1


@witness(
    "simulated gradient steps",
    kind=Kind.MONTE_CARLO,
    statement=SmallStepLimit,
    starts_from="the loss and the data: steps on fresh samples, gradients by autograd; the backward equation",
)
def simulated_steps(statement: SmallStepLimit, task: Task) -> Finding:
    """Compare with the moments of simulated steps at the rates 1/n and 1/(2n), extrapolated."""
    from ....numerics.networks.gradient_steps import gradient_steps

    training, power = statement.training, _power(statement)
    if not _quadratic_in_data(statement):
        return undecided("simulated gradient steps: the gradient is not a polynomial of degree 2 in the data.")
    if power not in (0, 1):
        return undecided(
            f"simulated gradient steps: no expansion in the rate is known on the scale {statement.factor}."
        )
    points = [p for p in generic_points(task.claim.domain, 20) if 0 < statement.time.subs(p) <= _LONGEST][:_POINTS]
    results = []
    for point in points:
        time = sp.Rational(statement.time.subs(point))
        coarse = int(time.q) * -(-_COARSE // int(time.q))
        level, paths = task.level / len(points), task.effort.samples // 4 // GROUPS * GROUPS
        stated = midpoint(statement.limit, point)
        try:
            kurtosis = _kurtosis(statement, point, 2 * coarse) * GROUPS / paths
        except ClaimError as why:
            return undecided(f"simulated gradient steps: the fourth moment is not known, {why}.")
        if not kurtosis <= KURTOSIS:
            return undecided(f"simulated gradient steps: group means have kurtosis {kurtosis:.2g} at {as_text(point)}.")
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
                task.note_samples(f"SGD, {int(time * n)} steps", paths, "runs")
                estimate = runs.variance if statement.spread else runs.mean
                factor = float(statement.factor.subs(training.steps_per_unit, n))
                found.append(factor * (estimate(statement.observable.subs(point), GROUPS) - moment))
                scale, slack = max(scale, factor * abs(moment)), max(slack, 3 * factor * error)
            groups = np.hstack((groups, found))
            # moments are analytic in 1/n: the first order is extrapolated, and the change bounds what that leaves
            samples = 2 * groups[1] - groups[0]
            value, half = float(samples.mean()), half_width(samples, level)
            bias = abs(float(groups[1].mean() - groups[0].mean())) + slack
            result = judge((value - half, value + half), stated, scale, task.effort.resolution, bias, look + 1)
            if result.outcome is not Outcome.UNDECIDED:
                break
        results.append((point, "the limit", stated, result, scale))
    return combine_comparisons(task, results, "simulated gradient steps")


def _kurtosis(statement: SmallStepLimit, point: Point, n: int) -> float:
    """Return the kurtosis of what is averaged after steps at the rate 1/n, from exact moments.

    Raises
    ------
    ClaimError
        If the moments do not close.
    """
    training, w = statement.training, statement.training.weight
    phi = sp.Poly(statement.observable.subs(point), w)
    update = w - sp.diff(training.loss, w).subs(point) / n
    laws = {z: v.subs(point) for z, v in training.data}
    step = np.array(step_moments(update, w, laws, (8 if statement.spread else 4) * phi.degree()), dtype=float)
    powers = float(training.start.subs(point)) ** np.arange(len(step))
    moments = np.linalg.matrix_power(step, int(statement.time.subs(point) * n)) @ powers

    def expected(f: sp.Poly) -> float:
        return float(sum(float(c) * moments[j] for (j,), c in f.terms()))

    sample = (phi - sp.nsimplify(expected(phi))) ** (2 if statement.spread else 1)
    centred = sample - sp.nsimplify(expected(sample))
    variance = expected(centred**2)
    return expected(centred**4) / variance**2 if variance > 0 else float("inf")


def _quadratic_in_data(statement: SmallStepLimit) -> bool:
    slope = sp.diff(statement.training.loss, statement.training.weight)
    data = [z for z, _ in statement.training.data]
    return bool(slope.is_polynomial(*data) and sp.Poly(slope, *data).total_degree() <= 2)


def _of_process(statement: SmallStepLimit, point: Point, steps: int) -> tuple[float, float]:
    """Return the moment of the process and the bound of its error."""
    from ....numerics.diffusions.backward_equation import backward_expectation

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
