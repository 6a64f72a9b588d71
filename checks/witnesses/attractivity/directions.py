r"""Directions of a linear equation around a point: when does the log radius grow as along a single one of them.

Along a common eigenvector i the logarithm of the state is a Brownian motion with drift :math:`\lambda_i` and variance
rate :math:`\sigma_i^2`, and the radius follows the largest. Several directions of rates near 0 carry more paths out of
a shell than any one of them does, and matrices without orthogonal eigenvectors do so for a while; then exits tell
nothing of the sign of the largest rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.processes.sde import SDE

Array = NDArray[np.float64]

#: Relative size of what counts as 0 in a product of matrices.
_ROUNDING = 1e-9
#: Greatest condition of a basis of eigenvectors: a factor e moves a path by one e-fold.
_CONDITION = float(np.e)
#: A path leaves a shell of half width L along another direction with probability exp(-2 |lambda| L / sigma^2) at most.
_RARE = 3.0


def mixed_directions(sde: SDE, centre: Sequence[Any], point: Point, half: float) -> str:
    """Return why exits from a shell of `half` e-folds do not tell the largest rate; empty where they do."""
    if sde.dimension == 1:
        return ""
    matrices = _matrices(sde, centre, point)
    if sde.dimension > 2:
        return "with more than two coordinates the first steps turn towards the leading direction"
    if all(np.allclose(m, [[m[0, 0], -m[1, 0]], [m[1, 0], m[0, 0]]], atol=_ROUNDING) for m in matrices):
        return ""  # the radius of a complex number
    _, basis = np.linalg.eig(sum((np.sqrt(2.0 + k) * m for k, m in enumerate(matrices)), np.zeros((2, 2))))
    if np.iscomplexobj(basis) or not np.linalg.cond(basis) <= _CONDITION:
        return "the equation near the point has no real eigenvectors that are close to orthogonal"
    images = [np.linalg.solve(basis, m @ basis) for m in matrices]
    if any(np.abs(i - np.diag(np.diag(i))).max() > _ROUNDING * (1 + np.abs(i).max()) for i in images):
        return "drift and noise near the point have no common eigenvectors"
    spread = sum((np.diag(i) ** 2 for i in images[1:]), np.zeros(2))
    rates = np.diag(images[0]) - spread / 2
    other = int(np.argmin(rates))
    if not (rates[other] < 0 and -2 * rates[other] * half >= _RARE * spread[other]):
        return "two directions near the point have rates close to 0, or above it"
    return ""


def _matrices(sde: SDE, centre: Sequence[Any], point: Point) -> list[Array]:
    """Return the derivatives of drift and of the columns of noise at the point."""
    fixed = {s: v for s, v in point.items() if s not in sde.state}
    at = dict(zip(sde.state, (sp.sympify(c).subs(fixed) for c in centre), strict=True))
    columns = [sde.ito_drift, *(sde.diffusion[:, k] for k in range(sde.noises))]
    slopes = [sp.Matrix(c).subs(fixed).jacobian(sp.Matrix(sde.state)).subs(at) for c in columns]
    return [np.array(m.evalf(30).tolist(), dtype=float) for m in slopes]
