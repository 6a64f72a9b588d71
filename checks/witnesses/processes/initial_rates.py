"""Rates at which expectations start to change: the generator at the start, and one small Euler step in numbers."""

from __future__ import annotations

import sympy as sp

from ....derivations.expressions import canonical
from ....derivations.processes.growth import moments, monomials
from ....derivations.processes.ito import canonical_sde, generator
from ....derivations.statements.processes import InitialRate
from ....numerics.diffusions.generator import step_rates
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...meaning.processes import meaning, start_unsettled
from ...meaning.values import with_values
from ...witness import Task, witness


def _unbounded(statement: InitialRate, task: Task) -> str:
    """Return why the derivative is not known to be that of the generator; empty where moments answer for it.

    With phi and L phi among the powers whose expectations obey their equations, E phi(X_t) - phi(x_0) is the integral
    of E L phi(X_s), which is continuous at 0.
    """
    sde, x = canonical_sde(statement.sde), statement.sde.state[0]
    known = moments(sde, task.claim.domain)
    powers = [monomials(e, x) for e in (statement.observable, generator(sde, canonical(statement.observable)))]
    if known is None or not all(p is not None and known.admit(p) for p in powers):
        return "growth is not seen to keep the moments of the observable and of its generator finite."
    return ""


@witness(
    "generator at the start",
    kind=Kind.ALGEBRA,
    statement=InitialRate,
    starts_from="the equation: L phi at the start, where growth makes the moments finite",
)
def generator_at_the_start(statement: InitialRate, task: Task) -> Finding:
    """Compare the asserted derivative with L phi at the start."""
    reason = _unbounded(statement, task)
    if reason:
        return undecided(f"generator at the start: {reason}")
    outside = start_unsettled(canonical_sde(statement.sde), statement.start, task.claim.domain)
    if outside is not None:
        return outside
    x = statement.sde.state[0]
    rate = sp.expand(generator(canonical_sde(statement.sde), canonical(statement.observable))).subs(x, statement.start)
    finding = judge([Residual("the initial rate", statement.value, rate)], task, method="generator at the start")
    finding = meaning([statement.value, statement.start], task.claim.domain) or finding
    written = [statement.observable, *statement.sde.drift, *statement.sde.diffusion]
    return with_values(finding, written, (x,), task.claim.domain)


@witness(
    "one step from the start",
    kind=Kind.DETERMINISTIC,
    statement=InitialRate,
    starts_from="the mean of phi after one small Euler step from the start, by Gauss-Hermite quadrature",
)
def one_step_from_the_start(statement: InitialRate, task: Task) -> Finding:
    """Compare the asserted derivative with the measured change of the mean at points of the domain."""
    reason = _unbounded(statement, task)
    if reason:
        return undecided(f"one step from the start: {reason}")
    outside = start_unsettled(canonical_sde(statement.sde), statement.start, task.claim.domain)
    if outside is not None:
        return outside
    x = statement.sde.state[0]
    ledger = Ledger(task, "one Euler step in 50 digits, extrapolated to h = 0", [statement.value])
    for point in generic_points(task.claim.domain, task.effort.points):
        start = statement.start.subs(point)
        if not start.is_Rational:
            continue
        stated = midpoint(statement.value, point)
        got, _ = step_rates(statement.sde, statement.observable, {**point, x: start})
        found = ledger.compare(
            "the initial rate", point, stated, got.value, got.error, max(abs(got.value), abs(stated))
        )
        if found is not None:
            return found
    return ledger.finding()
