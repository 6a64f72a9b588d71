"""The rotation of the stationary current, by finite volumes for the Fokker-Planck equation in two dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy import linalg

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.statements.detailed_balance import StationaryRotation
from ....numerics.diffusions.finite_volumes_2d import Box
from ....numerics.diffusions.fokker_planck_2d import solve_stationary_2d
from ...evidence import Finding, Kind
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.findings import undecided
from ...meaning.linear_laws import no_linear_law
from ...witness import Task, witness

#: Half the side of the box, in standard deviations; points that are looked at, and compared; cells along a side.
_REACH, _LOOKED, _COMPARED, _CELLS = 7.0, 12, 3, 128
#: Seconds for the question whether the drift is stable on the domain.
_SECONDS = 4.0


@witness(
    "current by finite volumes",
    kind=Kind.DETERMINISTIC,
    statement=StationaryRotation,
    starts_from="the stationary Fokker-Planck equation on four grids, and the currents on their edges",
)
def current_by_finite_volumes(statement: StationaryRotation, task: Task) -> Finding:
    """Integrate x J_y - y J_x over the solved current at a few points, passing over laws too narrow for the grids."""
    problem = no_linear_law(statement.sde, task.claim.domain, _SECONDS)
    if problem:
        return undecided(f"finite volumes: {problem}.")
    ledger = Ledger(task, "finite volumes", (statement.value,))
    for point in generic_points(task.claim.domain, _LOOKED):
        if ledger.count == _COMPARED:
            break
        try:
            box, scale = _box(statement, point)
            solved = solve_stationary_2d(statement.sde, point, box, cells=_CELLS)
        except NumericsError:
            continue  # a narrow law, which these grids do not resolve
        rotation = solved.current_moment(lambda x, y: -y + 0 * x, lambda x, y: x + 0 * y)
        stated = float(sp.sympify(statement.value).subs(point))
        found = ledger.compare("the rotation", point, stated, rotation.value, rotation.error, max(abs(stated), scale))
        if found:
            return found
    return ledger.finding()


def _box(statement: StationaryRotation, point: Point) -> tuple[Box, float]:
    """Return a box that holds the law, and a rate to which a rotation of 0 is compared."""
    sde = statement.sde
    slopes: Any = np.array(sde.ito_drift.jacobian(sp.Matrix(sde.state)).subs(point).tolist(), dtype=float)
    noise = np.array(sde.covariance.subs(point).tolist(), dtype=float)
    covariance = linalg.solve_continuous_lyapunov(slopes, -noise)
    one, two = _REACH * np.sqrt(np.diag(covariance))
    return ((-float(one), float(one)), (-float(two), float(two))), float(np.sqrt(noise[0, 0] * noise[1, 1]))
