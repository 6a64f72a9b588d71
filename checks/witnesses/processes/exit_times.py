"""Mean exit times from an interval: the backward equation with its ends, and quadrature of scale and speed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ....derivations.domain import Domain
from ....derivations.expressions import canonical
from ....derivations.positivity import sign_on
from ....derivations.ranges import Between
from ....derivations.statements.classes.exit_times import MeanExitTime
from ....numerics.codegen import compile_expressions
from ....numerics.diffusions.first_passage import mean_exit_time
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind
from ...judgement.calculus.antiderivatives import smooth
from ...judgement.definedness import definedness
from ...judgement.deterministic import Ledger, generic_points, number_at
from ...judgement.domain_signs import strict_sign
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...witness import Task, witness

Array = NDArray[np.float64]

#: Seconds for one question to the ladder.
_SECONDS = 4.0


@witness(
    "backward equation of an exit",
    kind=Kind.ALGEBRA,
    statement=MeanExitTime,
    starts_from="Dynkin's formula: the generator of the mean time is -1 inside, and it vanishes where the path ends",
)
def backward_equation(statement: MeanExitTime, task: Task) -> Finding:
    """Apply the generator to the value, and look at the value (where the process is reflected, its slope) at the ends.

    With smooth coefficients and noise on the closed interval the solution is unique, and it is the mean time.
    """
    domain, (x, drift, rate) = task.claim.domain, statement.sde.scalar()
    value = canonical(statement.value)
    slope = sp.diff(value, x)  # an integral from or to the start has its derivative there
    problem = _not_smooth(statement, slope, domain)
    if problem:
        return undecided(f"backward equation: {problem}.")
    found = rate / 2 * sp.diff(slope, x) + drift * slope
    low = slope if statement.reflecting else value
    return judge(
        [
            Residual("the generator of the mean time", found, sp.Integer(-1)),
            Residual("the slope at the lower end" if statement.reflecting else "the mean time at the lower end",
                     _at(low, x, statement.low), sp.Integer(0)),
            Residual("the mean time at the upper end", _at(value, x, statement.high), sp.Integer(0)),
        ],
        task,
        method="backward equation",
    )  # fmt: skip


def _at(expr: sp.Expr, x: sp.Symbol, end: sp.Expr) -> sp.Expr:
    """Return the value at an end, where an integral over nothing is 0."""
    found = expr.subs(x, end)
    empty = {i: sp.Integer(0) for i in found.atoms(sp.Integral) if sp.cancel(i.limits[0][1] - i.limits[0][2]) == 0}
    return found.xreplace(empty)


def _not_smooth(statement: MeanExitTime, slope: sp.Expr, domain: Domain) -> str:
    """Return what is not seen of coefficients, noise and slope on the closed interval; empty where all is well."""
    x, drift, rate = statement.sde.scalar()
    low, high = statement.low, statement.high
    given = domain.ranges[x]
    if not (isinstance(given, Between) and given.low == low and given.high == high):
        return f"the starts are not said to run from {low} to {high}"
    parameters = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    rest = _without_integrals(statement, canonical(statement.value))
    if rest is None:
        return "integrals in the value do not all run between an end and the start, times constants"
    described = (("the drift", drift), ("the variance rate", rate), ("the value", rest), ("its slope", slope))
    for what, expr in described:
        parts = [(expr, domain), *((expr.subs(x, end), parameters) for end in (low, high))]
        if expr.has(sp.Integral) or not all(smooth(sp.sympify(e), where) for e, where in parts):
            return f"{what} is not seen to be smooth from {low} to {high}"
    for expr, where in ((rate, domain), (rate.subs(x, low), parameters), (rate.subs(x, high), parameters)):
        if strict_sign(sp.sympify(expr), where, _SECONDS) != "positive":
            return f"there may be no noise somewhere from {low} to {high}"
    return ""


def _without_integrals(statement: MeanExitTime, value: sp.Expr) -> sp.Expr | None:
    """Return what is left of the value without integrals between an end and the start; None where others are in it."""
    x, ends = statement.sde.state[0], (statement.low, statement.high)
    names = {integral: sp.Dummy() for integral in value.atoms(sp.Integral)}
    for integral in names:
        bounds = set(integral.limits[0][1:]) if len(integral.limits) == 1 else set()
        if integral.function.has(x) or bounds not in ({x, ends[0]}, {x, ends[1]}):
            return None
    left = sp.expand(value.xreplace(names))
    for name in names.values():
        if sp.diff(left, name).has(x, *names.values()):
            return None
    return left.subs(dict.fromkeys(names.values(), 0))


@witness(
    "mean exit times by quadrature",
    kind=Kind.DETERMINISTIC,
    statement=MeanExitTime,
    starts_from="scale function and speed measure of the equation, by quadrature that refines itself",
)
def exit_by_quadrature(statement: MeanExitTime, task: Task) -> Finding:
    """Compare the value with the mean time from generic starts."""
    x, drift, rate = statement.sde.scalar()
    problem = _no_noise(statement, task.claim.domain)
    if problem:
        return undecided(f"mean exit times: {problem}.")
    ledger = Ledger(task, "mean exit times", (statement.value,))
    for point in generic_points(task.claim.domain, task.effort.points):
        fixed = {s: v for s, v in point.items() if s != x}
        b, v = (_function(x, sp.sympify(e).subs(fixed)) for e in (drift, rate))
        low, start, high = (midpoint(e, point) for e in (statement.low, x, statement.high))
        if not low < start < high:
            continue
        time = mean_exit_time(b, v, low=low, start=start, high=high, reflecting=statement.reflecting)
        stated = number_at(statement.value, point)
        error = abs(time.value) * (time.error + 1e-12)
        found = ledger.compare("the mean exit time", point, stated, time.value, error, max(abs(stated), time.value))
        if found is not None:
            return found
    return ledger.finding()


def _no_noise(statement: MeanExitTime, domain: Domain) -> str:
    """Return what is not seen of coefficients and noise from end to end, beyond the starts; empty where all is well.

    Quadrature may pass over a place that no path passes.
    """
    x, drift, rate = statement.sde.scalar()
    if any(sign_on(domain, gap) not in ("positive", "nonnegative") for gap in (x - statement.low, statement.high - x)):
        return f"the starts are not seen to lie between {statement.low} and {statement.high}"
    parameters = {s.name: r for s, r in domain.ranges.items() if s != x}
    inside = Domain(**parameters, **{x.name: Between(statement.low, statement.high)})
    ends = Domain(**parameters)
    places = [(inside.symbol(x.name), inside), (statement.low, ends), (statement.high, ends)]
    for place, where in places:
        b, v = (sp.sympify(e).subs(x, place) for e in (drift, rate))
        if definedness((b, v), where).status != "everywhere":
            return f"drift and noise are not seen to be defined from {statement.low} to {statement.high}"
        if strict_sign(v, where, _SECONDS) != "positive":
            return f"there may be no noise somewhere from {statement.low} to {statement.high}"
    return ""


def _function(x: sp.Symbol, expr: sp.Expr) -> Callable[[Array], Array]:
    compiled = compile_expressions((x,), [expr], "numpy")
    return lambda at: np.broadcast_to(np.asarray(compiled(at)[0], dtype=np.float64), np.shape(at))
