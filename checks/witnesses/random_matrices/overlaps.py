"""Overlaps of the leading singular vectors of sampled spiked matrices with the spike, at two sizes, extrapolated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.statements.classes.overlaps import SpikedOverlap
from ....numerics.exact.balls import midpoint
from ....numerics.random.random_stream import RandomStream
from ...evidence import Finding, Kind
from ...judgement.findings import as_text, undecided
from ...statistics.means import GROUPS, Comparison, compare_mean
from ...statistics.richardson import combine_comparisons
from ...witness import Task, witness
from .aspects import SIDES, sides_of_one

#: Columns of the smaller matrices (the larger have twice as many each way), and matrices made at a time.
_COLUMNS, _CHUNK = 32, 64
#: Samples of the effort for each matrix of the one look.
_SHARE = 400


@witness(
    "sampled overlaps",
    kind=Kind.MONTE_CARLO,
    statement=SpikedOverlap,
    starts_from="Gaussian matrices with one spike: their leading singular vectors by singular value decomposition",
)
def sampled_overlaps(statement: SpikedOverlap, task: Task) -> Finding:
    """Compare the stated limit with the mean product of overlaps at two sizes.

    The mean approaches its limit like 1/n at an outlier, and like n^(-1/2) or more slowly where there is none. Between
    half and all of the change from the smaller to the larger size is left: it is added, and bounds what that errs by,
    with one entry of a unit vector, 1/columns, besides. That is too coarse for a confirmation, and one look is enough.
    """
    results = []
    for point in sides_of_one(statement, task.claim.domain):
        try:
            aspect, spike, stated = (midpoint(e, point) for e in (statement.aspect, statement.spike, statement.value))
        except NumericsError:
            continue  # the stated limit has no real value here
        result = _compared(task, point, aspect, spike, stated)
        results.append((point, "the limit", stated, result, 1.0))
    if not results:
        return undecided("sampled overlaps: no point with a limit and matrices that are not too long was found.")
    return combine_comparisons(task, results, "sampled overlaps")


def _compared(task: Task, point: Point, aspect: float, spike: float, stated: float) -> Comparison:
    count = max(task.effort.samples // _SHARE, 2 * GROUPS)
    draws = [task.draws(f"{size}|{as_text(point)}") for size in (1, 2)]

    def sampled() -> list[NDArray[np.float64]]:
        task.note("NumPy on cpu, float64, singular value decompositions", 2 * count, "matrices")
        return [overlaps(draw, spike, aspect, k * _COLUMNS, count) for draw, k in zip(draws, (1, 2), strict=True)]

    def extrapolated(look: int) -> NDArray[np.float64]:
        small, large = sampled()
        return 2 * large - small

    pilot = [float(values.mean()) for values in sampled()]
    bias = abs(pilot[1] - pilot[0]) + 1 / _COLUMNS
    return compare_mean(
        extrapolated,
        stated,
        level=task.level / SIDES,
        scale=1.0,
        resolution=task.effort.resolution,
        looks=1,
        bias=bias,
    )


def overlaps(draw: RandomStream, spike: float, aspect: float, columns: int, count: int) -> NDArray[np.float64]:
    """Return the products of the overlaps of `count` matrices with a spike at the first entry, shape (count,)."""
    rows = round(aspect * columns)
    parts = []
    for first in range(0, count, _CHUNK):
        noisy = draw.normal(min(_CHUNK, count - first), rows, columns).cpu().numpy() / columns**0.5
        noisy[:, 0, 0] += spike
        left, _, right = np.linalg.svd(noisy, full_matrices=False)
        parts.append(np.abs(left[:, 0, 0] * right[:, 0, 0]))
    products: NDArray[np.float64] = np.concatenate(parts)
    return products
