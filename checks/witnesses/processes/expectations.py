"""Exact algebra on expectations: closed moment systems, strict local martingales, derivatives at the start."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import Application

from ....derivations.calculus.observables import observables
from ....derivations.domain import Domain
from ....derivations.errors import UndefinedError
from ....derivations.expressions import canonical
from ....derivations.processes.growth import monomials
from ....derivations.processes.ito import canonical_sde, generator
from ....derivations.processes.local_martingales import strict_discount
from ....derivations.processes.moment_systems import MomentSystem, moment_system
from ....derivations.processes.power_problems import PowerProblem, power_problem
from ....derivations.ranges import AtLeast, Positive, Real
from ....derivations.statements.processes import ExpectationAtAllTimes
from ...evidence import Finding, Kind, Outcome
from ...judgement.calculus.antiderivatives import analytic
from ...judgement.comparison import certified_sign
from ...judgement.exact import Residual, certified_gap, is_zero, judge, value_text
from ...judgement.findings import proved, refuted, undecided
from ...meaning.processes import meaning, start_unsettled
from ...witness import Task, witness

#: Derivatives of an expectation at t = 0 that are compared where no system closes.
_ORDERS = 4
#: Points at which the backward equation is compared before it is shown.
_POINTS = 12


@witness(
    "generator powers",
    kind=Kind.ALGEBRA,
    statement=ExpectationAtAllTimes,
    starts_from="the equation: d/dt E[phi] = E[L phi] from the sure start, where growth makes the moments finite",
)
def generator_powers(statement: ExpectationAtAllTimes, task: Task) -> Finding:
    """Solve a closed moment system exactly, else compare derivatives at t = 0; else look for a strict supermartingale.

    Both need moments that are known to be finite. A discounted observable that is a non-negative local martingale and
    none in truth has a smaller expectation than its equation gives.
    """
    domain = task.claim.domain
    outside = start_unsettled(canonical_sde(statement.sde), canonical(statement.start), domain)
    if outside is not None:
        return outside
    problem = power_problem(statement, domain)
    smooth = _smooth_in_time(statement)
    if problem is None:
        found = _strict_local_martingale(statement, domain, task)
        if found is None and smooth:
            found = _backward(statement, domain, task)
        return found or undecided("no growth condition was found under which the expectation obeys its equation.")
    if not smooth:
        return undecided("the value is not built of functions that are analytic in the time; it may jump.")
    system = moment_system(problem.sde, problem.observable)
    if system is not None and problem.moments.admit(system.exponents):
        finding = judge(_system_residuals(statement, problem, system), task, method="closed moment system")
    else:
        finding = _derivatives(statement, problem, task)
    if finding.outcome is Outcome.REFUTED:
        return finding
    start = statement.observable.subs(statement.sde.state[0], statement.start)
    return meaning([statement.value, start, statement.start], domain) or finding


def _smooth_in_time(statement: ExpectationAtAllTimes) -> bool:
    """Whether the value is built of functions analytic in the time: what jumps may have the right derivatives."""
    value = canonical(statement.value)
    moving = (f for f in value.atoms(Application, sp.Piecewise) if f.has(statement.time))
    return all(analytic(f) for f in moving)


def _system_residuals(statement: ExpectationAtAllTimes, problem: PowerProblem, system: MomentSystem) -> list[Residual]:
    t, value, x = statement.time, canonical(statement.value), problem.sde.state[0]
    residuals = []
    for order, initial in enumerate(system.initial):
        what = f"derivative {order} at t = 0" if order else "the value at t = 0"
        stated = sp.diff(value, t, order).subs(t, 0)
        residuals.append(Residual(what, stated, sp.expand(initial.subs(x, problem.start))))
    return [*residuals, Residual("the moment equation", *system.equation(value, t))]


def _derivatives(statement: ExpectationAtAllTimes, problem: PowerProblem, task: Task) -> Finding:
    t, x = statement.time, problem.sde.state[0]
    image, derivative = problem.observable, canonical(statement.value)
    residuals: list[Residual] = []
    for order in range(_ORDERS):
        powers = monomials(image, x)
        if powers is None or not problem.moments.admit(powers):
            break
        what = f"derivative {order} at t = 0" if order else "the value at t = 0"
        stated = sp.cancel(sp.together(derivative.subs(t, 0)))
        residuals.append(Residual(what, stated, sp.expand(image.subs(x, problem.start))))
        derivative, image = sp.diff(derivative, t), sp.expand(generator(problem.sde, image))
    finding = judge(residuals, task, method="powers of the generator at t = 0")
    if finding.outcome is Outcome.PROVED:
        return undecided(f"powers of the generator: {len(residuals)} derivatives at t = 0 agree, no proof for all t.")
    return finding


def _backward(statement: ExpectationAtAllTimes, domain: Domain, task: Task) -> Finding | None:
    """Judge by the backward equation, where value and observable grow slowly enough; None where they are not seen to.

    The value, as a function of time and start, must solve the equation and begin as the observable. Where it does not,
    its derivatives at t = 0 are compared with those that the generator gives.
    """
    sde, phi, value = (canonical_sde(statement.sde), canonical(statement.observable), canonical(statement.value))
    x, t, start = sde.state[0], statement.time, statement.start
    known = observables(sde, domain)
    if known is None or not known.admit(phi):
        return None
    free = start.is_Symbol and not (sde.free_symbols | phi.free_symbols) & {start}
    u = value.subs(start, x) if free else None
    if u is not None and known.admit(u):
        joint = _with_state(domain, x, start)
        pairs = ((u.subs(t, 0), phi), (sp.diff(u, t), sp.expand(generator(sde, u))))
        if meaning([u], joint) is None and all(_equal(one, other, joint) for one, other in pairs):
            return meaning([statement.value, phi.subs(x, start), start], domain) or proved(
                "the value solves the backward equation, begins as the observable, and grows slowly enough."
            )
    image, derivative, orders = phi, value, []
    for order in range(_ORDERS):
        if not known.admit(image):
            break
        what = f"derivative {order} at t = 0" if order else "the value at t = 0"
        orders.append(Residual(what, derivative.subs(t, 0), image.subs(x, start)))
        derivative, image = sp.diff(derivative, t), sp.expand(generator(sde, image))
    finding = judge(orders, task, method="powers of the generator at t = 0")
    if finding.outcome is Outcome.REFUTED:
        return finding
    return undecided(f"powers of the generator: {len(orders)} derivatives at t = 0 agree, no proof for all t.")


def _equal(one: sp.Expr, other: sp.Expr, domain: Domain) -> bool:
    difference = (one - other).doit()
    return certified_gap(difference, domain, _POINTS) is None and is_zero(difference, domain)


def _with_state(domain: Domain, x: sp.Symbol, start: sp.Expr) -> Domain:
    """Return the domain with the state, in the range that it has or assumes, in place of the start."""
    own = Positive if x.is_positive else AtLeast(0) if x.is_nonnegative else Real
    kept = {s.name: r for s, r in domain.ranges.items() if s not in (x, start)}
    return Domain(**kept, **{x.name: domain.ranges.get(x, own)})


def _strict_local_martingale(statement: ExpectationAtAllTimes, domain: Domain, task: Task) -> Finding | None:
    """Refute a value that reaches the bound exp(beta t) phi(x0) of a strict local martingale."""
    sde, phi = canonical_sde(statement.sde), canonical(statement.observable)
    beta = strict_discount(sde, phi, domain)
    if beta is None:
        return None
    bound = sp.exp(beta * statement.time) * phi.subs(sde.state[0], canonical(statement.start))
    value = canonical(statement.value)
    for point in domain.points(4 * task.effort.points):
        if not point[statement.time] > 0:
            continue
        try:
            sign = certified_sign(value - bound, point)
        except UndefinedError:
            continue
        if sign in (0, 1):
            return refuted(
                f"exp(-({beta}) t) times {phi} is a strict local martingale, so its expectation falls strictly.",
                point,
                f"the expectation = {value_text(value, point)}",
                f"the expectation < {value_text(bound, point)}",
                f"more than {value_text(value - bound, point)}",
                certified=True,
            )
    return None
