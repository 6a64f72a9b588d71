"""Richardson extrapolation over four grids, with an error that trusts an order only where the data show it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ...derivations.errors import NumericsError

#: Accepted ratios of successive changes under halving, for errors of order 2 (ideal 4) and 4 (ideal 16).
_SECOND = (2.5, 6.5)
_FOURTH = (9.0, 28.0)


def _observed(first: float, second: float, ratios: tuple[float, float]) -> bool:
    return second != 0 and ratios[0] < first / second < ratios[1]


def refined(values: Sequence[float], *, pointwise: bool = False) -> tuple[float, float]:
    """Return (value, error) for h -> 0 from values on grids of spacing 8h, 4h, 2h, h.

    The values have an error of order one at least, a h^2 + b h^4 + ... when all goes well; each term is removed only
    when the changes from grid to grid fall by the ratio that it implies. The error is the last change, reduced only
    where the next order has shown itself, and then with a margin of 30 (an error of order h^6 is a sixty-third of the
    change), for changes may cross zero by chance. Values at a point have in addition the error of interpolation, which
    depends on where the point lies in its cell: with `pointwise` only the second order is removed (take the largest
    error over neighbouring points).

    Raises
    ------
    NumericsError
        If there are not four values.
    """
    if len(values) != 4:
        raise NumericsError(f"{len(values)} values; give those of four grids, coarse to fine")
    changes = [b - a for a, b in itertools.pairwise(values)]
    if not _observed(changes[1], changes[2], _SECOND):
        return values[3], 2 * max(abs(changes[0]) / 4, abs(changes[1]), abs(changes[2]))
    once = [values[k + 1] + changes[k] / 3 for k in range(3)]
    first, second = once[1] - once[0], once[2] - once[1]
    if pointwise or not _observed(first, second, _FOURTH):
        return once[2], (1 if pointwise else 2) * max(abs(second), abs(first) / 16)
    before, twice = once[1] + first / 15, once[2] + second / 15
    return twice, max(abs(twice - before) / 2, abs(twice - once[2]) / 10)
