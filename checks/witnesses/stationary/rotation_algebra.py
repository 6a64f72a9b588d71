"""The rotation of the stationary current of a linear process, from its Lyapunov equation."""

from __future__ import annotations

import sympy as sp

from ....derivations.statements.detailed_balance import StationaryRotation
from ...evidence import Finding, Kind
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...meaning.linear_laws import no_linear_law
from ...witness import Task, witness

#: Seconds for the question whether the drift is stable on the domain.
_SECONDS = 4.0


@witness(
    "Lyapunov equation",
    kind=Kind.ALGEBRA,
    statement=StationaryRotation,
    starts_from="the equation A C + C A^T + S S^T = 0 of the stationary covariance, solved for symbolic entries",
)
def lyapunov_equation(statement: StationaryRotation, task: Task) -> Finding:
    """Compare E[x b_y - y b_x], which is the rotation of the current where the noise is constant, with the value."""
    problem = no_linear_law(statement.sde, task.claim.domain, _SECONDS)
    if problem:
        return undecided(f"Lyapunov equation: {problem}.")
    *_, found = covariance_and_rotation(statement)
    return judge([Residual("the rotation", statement.value, sp.cancel(found))], task, method="Lyapunov equation")


def covariance_and_rotation(statement: StationaryRotation) -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]:
    """Return E x^2, E xy and E y^2 under the stationary law, and the rotation of its current."""
    sde = statement.sde
    drift = sp.Matrix(sde.ito_drift).jacobian(sp.Matrix(sde.state))
    (a, b), (c, d) = drift.tolist()
    noise = sde.covariance
    # the three different entries of the equation, in those of C
    system = sp.Matrix([[2 * a, 2 * b, 0], [c, a + d, b], [0, 2 * c, 2 * d]])
    first, mixed, last = system.LUsolve(-sp.Matrix([noise[0, 0], noise[0, 1], noise[1, 1]]))
    return first, mixed, last, c * first + d * mixed - a * mixed - b * last
