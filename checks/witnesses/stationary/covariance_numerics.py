"""Covariances under the stationary law of a linear process, in numbers: solved with bounds, or summed over steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.errors import DomainError
from ....derivations.statements.classes.linear_covariances import StationaryCovariance
from ....numerics.diffusions.lyapunov import MatrixEstimate, time_correlation
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.findings import undecided
from ...meaning.linear_laws import no_stationary_law
from ...witness import Task, witness

Array = NDArray[np.float64]

#: Seconds for one condition of stability.
_SECONDS = 4.0
#: Doublings of the number of summed steps, at most, and the size of a power of A that ends them.
_DOUBLINGS, _SMALL = 24, 1e-20


@witness(
    "covariance in numbers",
    kind=Kind.DETERMINISTIC,
    statement=StationaryCovariance,
    starts_from="drift and noise at points: the Lyapunov equation with an error bound, or the sum over past steps",
)
def covariance_in_numbers(statement: StationaryCovariance, task: Task) -> Finding:
    """Compare the value with the covariance of the process at generic points, relative to the spread of both."""
    domain = task.claim.domain
    slopes, noise = statement.linear()
    problem = no_stationary_law(slopes, noise, statement.discrete, domain, _SECONDS)
    if problem:
        return undecided(f"covariance in numbers: {problem}.")
    one, two = (statement.process.state.index(x) for x in (statement.first, statement.second))
    ledger = Ledger(task, "covariance in numbers", (statement.value,))
    for point in generic_points(domain, task.effort.points):
        a, s = (_numbers(matrix, point) for matrix in (slopes, noise))
        lag = midpoint(statement.lag, point)
        try:
            now, later = (_moved(statement.discrete, a, s, t) for t in (0.0, lag))
        except DomainError:
            continue  # too close to instability for floats
        stated, value = midpoint(statement.value, point), float(later.value[two, one])
        scale = max(float(np.sqrt(now.value[one, one] * now.value[two, two])), abs(stated)) or 1.0
        found = ledger.compare("the covariance", point, stated, value, later.error, scale)
        if found is not None:
            return found
    return ledger.finding()


def _numbers(matrix: Any, point: Point) -> Array:
    return np.array([[midpoint(e, point) for e in row] for row in matrix.tolist()], dtype=np.float64)


def _moved(discrete: bool, a: Array, s: Array, lag: float) -> MatrixEstimate:
    """Return the covariance of the state a lag later with the state now."""
    if not discrete:
        return time_correlation(a, s, lag)
    total = _summed(a, s)
    moved = np.linalg.matrix_power(a, round(lag))
    size = float(np.abs(moved).sum(axis=1).max())
    return MatrixEstimate(moved @ total.value, size * total.error + 1e-15 * float(np.abs(moved @ total.value).max()))


def _summed(a: Array, s: Array) -> MatrixEstimate:
    """Return the sum over k of A^k S S^T (A^T)^k: positive terms, of which each round takes twice as many."""
    total, power = s @ s.T, a
    for count in range(_DOUBLINGS):
        if float(np.abs(power).max()) ** 2 < _SMALL:
            return MatrixEstimate(total, 1e-15 * (count + 1) * 4 * len(a) * float(np.abs(total).max()))
        total, power = total + power @ total @ power.T, power @ power
    raise DomainError(f"the steps {a.tolist()} forget their past too slowly for floats; choose other parameters")
