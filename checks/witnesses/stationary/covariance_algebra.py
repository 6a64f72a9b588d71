"""Covariances under the stationary law of a linear process, from its Lyapunov equation in symbols."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.domain import Domain
from ....derivations.expressions import canonical
from ....derivations.ranges import Integers
from ....derivations.statements.classes.linear_covariances import StationaryCovariance
from ...evidence import Finding, Kind
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...meaning.linear_laws import no_stationary_law
from ...witness import Task, witness

#: Seconds for one condition of stability.
_SECONDS = 4.0
#: Functions that are analytic everywhere, so that a linear equation and its start fix what is made of them.
_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh)


@witness(
    "Lyapunov equation of a linear law",
    kind=Kind.ALGEBRA,
    statement=StationaryCovariance,
    starts_from="the equation of the stationary covariance, solved in symbols, and the linear flow over the lag",
)
def lyapunov_covariance(statement: StationaryCovariance, task: Task) -> Finding:
    """Compare the value with the solution; over a lag, its start and the linear equation that its lag obeys.

    With C the covariance, the one over a lag is an entry of C exp(A^T t), or of C (A^T)^k; the characteristic
    polynomial of A in d/dt, or in the shift k -> k + 1, makes it 0, and d derivatives at 0, or values from k = 1 on,
    fix it. What is analytic in t is known everywhere from any interval.
    """
    slopes, noise = statement.linear()
    problem = no_stationary_law(slopes, noise, statement.discrete, task.claim.domain, _SECONDS)
    if problem:
        return undecided(f"Lyapunov equation: {problem}.")
    problem = _lag_not_told(statement, task.claim.domain)
    if problem:
        return undecided(f"Lyapunov equation: {problem}.")
    return judge(list(_residuals(statement, slopes, noise)), task, method="Lyapunov equation")


def _lag_not_told(statement: StationaryCovariance, domain: Domain) -> str:
    """Return why start and equation do not fix the value over the lags of the domain; empty where they do."""
    if statement.lag == 0:
        return ""
    if statement.discrete:
        return "" if domain.ranges[statement.lag] == Integers(1) else "the lags are not all whole numbers from 1 on"
    if statement.lag.is_integer:
        return "the lags are whole numbers, while time passes continuously"
    entire = _entire(canonical(statement.value), statement.lag)
    return "" if entire else "the value is not seen to be an analytic function of the lag"


def _residuals(statement: StationaryCovariance, slopes: sp.Matrix, noise: sp.Matrix) -> Iterator[Residual]:
    covariance = _covariance(slopes, noise * noise.T, statement.discrete)
    one, two = (statement.process.state.index(x) for x in (statement.first, statement.second))
    if statement.lag == 0:
        yield Residual("the covariance", statement.value, covariance[one, two])
        return
    lag, value, size = statement.lag, canonical(statement.value), slopes.rows
    moved = covariance * slopes.T if statement.discrete else covariance
    for order in range(size):
        if statement.discrete:
            yield Residual(
                f"the covariance over {order + 1} steps", value.subs(lag, order + 1), _short(moved[one, two])
            )
        else:
            what = f"derivative {order} of the covariance at the lag 0" if order else "the covariance at the lag 0"
            yield Residual(what, sp.diff(value, lag, order).subs(lag, 0), _short(moved[one, two]))
        moved = moved * slopes.T
    later = [value.subs(lag, lag + k) if statement.discrete else sp.diff(value, lag, k) for k in range(size + 1)]
    rest = slopes.charpoly().all_coeffs()[1:]
    found = -sum((c * e for c, e in zip(rest, reversed(later[:-1]), strict=True)), sp.Integer(0))
    yield Residual("the equation over the lag", later[-1], found)


def _short(e: sp.Expr) -> sp.Expr:
    return sp.cancel(sp.together(e))


def _covariance(slopes: sp.Matrix, rate: sp.Matrix, discrete: bool) -> sp.Matrix:
    """Return C with A C + C A^T + Q = 0, or C = A C A^T + Q."""
    size = slopes.rows
    places = [(i, j) for i in range(size) for j in range(i + 1)]
    unknown = {(i, j): sp.Dummy(f"c{i}{j}") for i, j in places}
    c = sp.Matrix(size, size, lambda i, j: unknown[max(i, j), min(i, j)])
    gap = slopes * c * slopes.T + rate - c if discrete else slopes * c + c * slopes.T + rate
    matrix, right = sp.linear_eq_to_matrix([sp.expand(gap[i, j]) for i, j in places], list(unknown.values()))
    solved = dict(zip(unknown.values(), matrix.LUsolve(right), strict=True))
    return c.applyfunc(lambda e: _short(solved[e]))


def _entire(value: sp.Expr, lag: sp.Symbol) -> bool:
    if value.atoms(AppliedUndef) or value.has(sp.Piecewise):
        return False
    if any(f.has(lag) and not isinstance(f, _ENTIRE) for f in value.atoms(sp.Function)):
        return False
    powers = (p for p in value.atoms(sp.Pow) if p.has(lag))
    return all(not p.base.has(lag) or (p.exp.is_Integer and p.exp > 0) for p in powers)
