"""The largest singular value of sampled spiked matrices at two sizes, extrapolated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eig_banded
from scipy.special import gammaincinv
from torch import Tensor

from ....derivations.statements.random_matrices import SpikedSingularValue
from ....numerics.exact.balls import midpoint
from ....numerics.random.random_stream import RandomStream
from ...evidence import Finding, Kind
from ...judgement.findings import as_text
from ...statistics.means import compare_mean
from ...statistics.richardson import combine_comparisons
from ...witness import Task, witness
from .aspects import SIDES, sides_of_one

#: Columns of the smaller matrices (the larger have four times as many each way), and matrices made at a time.
_COLUMNS, _CHUNK = 48, 64
#: Matrices in a look, for each hundred samples of the effort.
_SHARE = 100


@witness(
    "sampled spiked matrices",
    kind=Kind.MONTE_CARLO,
    statement=SpikedSingularValue,
    starts_from="Gaussian matrices with one spike, reduced to three diagonals: the largest eigenvalue of M M^T",
)
def sampled_spikes(statement: SpikedSingularValue, task: Task) -> Finding:
    """Compare the stated limit with the mean at two sizes.

    The mean approaches its limit like n^-1 (an outlier) to n^-(2/3) (an edge), so that with four times the size
    between 1/3 and 2/3 of the change is left: half of it is added, and a third of it bounds what that may err by.
    """
    results = []
    for point in sides_of_one(statement, task.claim.domain):
        aspect, spike = midpoint(statement.aspect, point), midpoint(statement.spike, point)
        count = max(task.effort.samples // _SHARE, 128)
        draws = [task.draws(f"{size}|{as_text(point)}") for size in (1, 4)]
        pilot = [
            largest(draw, spike, aspect, k * _COLUMNS, count).mean() for draw, k in zip(draws, (1, 4), strict=True)
        ]
        bias = abs(float(pilot[1] - pilot[0])) / 3

        def extrapolated(look: int, draws: list[RandomStream] = draws, spike: float = spike, aspect: float = aspect,
                         count: int = count) -> NDArray[np.float64]:  # fmt: skip
            task.note("NumPy on cpu, float64, spiked matrices", 2 * count, "matrices")
            small, large = (
                largest(draw, spike, aspect, k * _COLUMNS, count) for draw, k in zip(draws, (1, 4), strict=True)
            )
            return 1.5 * large - 0.5 * small

        stated = midpoint(statement.value, point)
        terms = {"scale": abs(stated), "resolution": task.effort.resolution, "looks": task.effort.looks, "bias": bias}
        result = compare_mean(extrapolated, stated, level=task.level / SIDES, **terms)  # type: ignore[arg-type]
        results.append((point, "the limit", stated, result, abs(stated)))
    return combine_comparisons(task, results, "sampled spiked matrices")


def largest(draw: RandomStream, spike: float, aspect: float, columns: int, count: int) -> NDArray[np.float64]:
    """Return the largest singular values of `count` matrices, shape (count,).

    Reflections of all columns but the first and of all rows but the first, and so on, leave the spike at the corner and
    make the matrix tridiagonal, with independent entries: Gaussian ones on the diagonal, to the right of place k the
    length of a Gaussian vector of columns - 1 - k entries, below it of rows - 1 - k.
    """
    long, short = sorted((round(aspect * columns), columns), reverse=True)
    parts = []
    for first in range(0, count, _CHUNK):
        number = min(_CHUNK, count - first)
        diagonal = draw.normal(number, short).cpu().numpy()
        diagonal[:, 0] += spike * columns**0.5
        right, below = (_lengths(draw.uniform(number, short), entries) for entries in (long, short))
        # of M M^T, for M with the short side as rows: its diagonal and the two below it
        square = diagonal**2 + right**2
        square[:, 1:] += below[:, :-1] ** 2
        once, twice = np.zeros_like(square), np.zeros_like(square)
        once[:, :-1] = diagonal[:, :-1] * below[:, :-1] + right[:, :-1] * diagonal[:, 1:]
        twice[:, :-2] = right[:, :-2] * below[:, 1:-1]
        for band in np.stack((square, once, twice), axis=1):
            parts.append(eig_banded(band, lower=True, eigvals_only=True, select="i", select_range=(short - 1,) * 2)[0])
    found: NDArray[np.float64] = np.sqrt(np.array(parts) / columns)
    return found


def _lengths(uniform: Tensor, entries: int) -> NDArray[np.float64]:
    """Return lengths of independent Gaussian vectors of entries - 1 - k numbers at place k, shape (number, places).

    Their squares follow the chi-square law, whose distribution function is inverted.
    """
    numbers = entries - 1 - np.arange(uniform.shape[1])
    halves = gammaincinv(np.maximum(numbers, 1) / 2, uniform.cpu().numpy())
    lengths: NDArray[np.float64] = np.sqrt(2 * halves * (numbers > 0))
    return lengths
