"""Streamed summaries of simulated paths: what is asked, and exact sums that merge in any order to the same result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ...derivations.errors import NumericsError
from ..arguments import checked
from .exact_sums import ORDER, SCALE, Counts, Floats, Part, exact, pair_index
from .request import Exit as Exit
from .request import Request as Request


@dataclass(frozen=True, eq=False)
class Summaries:
    """Summaries of the paths of a plan, by grid point.

    Attributes
    ----------
    dimension : int
        Number d of coordinates of the readout.
    dt : float
        Step size, which turns exit steps into times.
    request : Request
        What was asked.
    paths, nonfinite : int arrays of shape (g,)
        Paths run, and those among them that became non-finite; these enter nothing below.
    sums : tuple of g tuples of int
        Exact sums, times 2^1074: for each coordinate x, x^2, x^3, x^4, then the products of pairs i < j.
    below : int array of shape (g, points)
        Paths with X <= point, points as in `Request.points`.
    hits : int array of shape (g, d, 2)
        Paths that left first through the lower or upper bound of a coordinate.
    exit_sums : tuple of g tuples of int
        Sums of n and n^2 over the exit steps n of the paths that left.
    left_by : int array of shape (g, len(by_steps))
        Paths that have left by a step.
    conditional : bool
        Whether statistics are to be read as conditional on staying finite (see :meth:`finite_part`).
    engines : tuple of str
        What ran the paths: backend, device, dtype, scheme and steps, as evidence names it.
    """

    dimension: int
    dt: float
    request: Request
    paths: Counts
    nonfinite: Counts
    sums: tuple[tuple[int, ...], ...]
    below: Counts
    hits: Counts
    exit_sums: tuple[tuple[int, int], ...]
    left_by: Counts
    conditional: bool = False
    engines: tuple[str, ...] = ()

    @checked(NumericsError)
    def merge(self, other: Summaries) -> Summaries:
        """Return the summaries of the paths of both; the order of merging changes no bit of the result.

        Raises
        ------
        NumericsError
            If the two answer different requests.
        """
        same = (self.dimension, self.dt, self.request, self.paths.shape)
        if same != (other.dimension, other.dt, other.request, other.paths.shape):
            raise NumericsError("summaries of different requests, steps or grids cannot be merged")
        return replace(
            self,
            paths=self.paths + other.paths,
            nonfinite=self.nonfinite + other.nonfinite,
            sums=_add(self.sums, other.sums),
            below=self.below + other.below,
            hits=self.hits + other.hits,
            exit_sums=_add(self.exit_sums, other.exit_sums),
            left_by=self.left_by + other.left_by,
            conditional=self.conditional or other.conditional,
            engines=tuple(sorted({*self.engines, *other.engines})),
        )

    def __repr__(self) -> str:
        """Return counts, and means where there are finite paths; the exact sums are too long to read."""
        lost = int(self.nonfinite.sum())
        means = "" if lost else f", mean={self.mean.tolist()}"
        return f"Summaries(paths={self.paths.tolist()}, nonfinite={lost}{means})"

    def finite_part(self) -> Summaries:
        """Return the same summaries, whose statistics answer conditionally on a path having stayed finite."""
        return replace(self, conditional=True)

    @property
    def finite(self) -> Counts:
        """Number of finite paths, shape (g,)."""
        return self.paths - self.nonfinite

    @checked(NumericsError)
    def moment(self, order: int) -> Floats:
        """Return the raw moments E X^order, order 1 to 4, shape (g, d)."""
        if not 1 <= order <= ORDER:
            raise NumericsError(f"order={order}; moments of order 1 to {ORDER} are summed")
        counts = self._counts()
        scaled = [
            [_ratio(row[ORDER * i + order - 1], n) for i in range(self.dimension)]
            for row, n in zip(self.sums, counts, strict=True)
        ]
        return np.array(scaled, dtype=np.float64)

    @property
    def mean(self) -> Floats:
        """Means, shape (g, d)."""
        return self.moment(1)

    @property
    def variance(self) -> Floats:
        """Unbiased variances, shape (g, d)."""
        return np.diagonal(self.covariance, axis1=1, axis2=2).copy()

    @property
    def standard_error(self) -> Floats:
        """Standard errors of the means, shape (g, d)."""
        return np.sqrt(self.variance / np.array(self._counts(2), dtype=np.float64)[:, None])

    @property
    def covariance(self) -> Floats:
        """Unbiased covariance matrices, shape (g, d, d)."""
        result = np.empty((len(self.sums), self.dimension, self.dimension))
        for g, n in enumerate(self._counts(2)):
            for i in range(self.dimension):
                for j in range(i, self.dimension):
                    cross = n * (self._product(g, i, j) << SCALE) - self._first(g, i) * self._first(g, j)
                    result[g, i, j] = result[g, j, i] = cross / (n * (n - 1) << 2 * SCALE)
        return result

    @checked(NumericsError)
    def central_moment(self, order: int) -> Floats:
        """Return E (X - E X)^order of the empirical law, order 2 to 4, shape (g, d)."""
        if not 2 <= order <= ORDER:
            raise NumericsError(f"order={order}; central moments of order 2 to {ORDER} can be formed")
        result = np.empty((len(self.sums), self.dimension))
        for g, n in enumerate(self._counts()):
            for i in range(self.dimension):
                row = self.sums[g][ORDER * i : ORDER * (i + 1)]
                raw = [Fraction(1), *(Fraction(s, n << SCALE) for s in row)]
                terms = (math.comb(order, k) * raw[k] * (-raw[1]) ** (order - k) for k in range(order + 1))
                result[g, i] = float(sum(terms, Fraction(0)))
        return result

    @checked(NumericsError)
    def cdf(self, coordinate: int = 0) -> Floats:
        """Return the empirical distribution function at the requested points of a coordinate, shape (g, points)."""
        return self.below[:, self._points(coordinate)] / np.array(self._counts(), dtype=np.float64)[:, None]

    @checked(NumericsError)
    def quantile(self, probability: float, coordinate: int = 0) -> Floats:
        """Return quantiles by linear interpolation between the requested points, shape (g,).

        Raises
        ------
        NumericsError
            If a quantile lies outside the points, or no points were asked for.
        """
        values, points = self.cdf(coordinate), np.array(self.request.cdf[coordinate])
        if not 0 < probability < 1:
            raise NumericsError(f"probability={probability}; it must lie in (0, 1)")
        result = np.empty(len(values))
        for g, row in enumerate(values):
            k = int(np.searchsorted(row, probability))
            if k == len(row) or (k == 0 and row[0] > probability):
                raise NumericsError(f"the {probability} quantile lies outside the points of cdf; widen them")
            if k == 0 or row[k] == probability:
                result[g] = points[k]
            else:
                share = (probability - row[k - 1]) / (row[k] - row[k - 1])
                result[g] = points[k - 1] + share * (points[k] - points[k - 1])
        return result

    @property
    def hit_probability(self) -> Floats:
        """Shares of paths that left first through the lower and upper bounds, shape (g, d, 2)."""
        self._exit()
        return self.hits / np.array(self._counts(), dtype=np.float64)[:, None, None]

    @property
    def exit_probability(self) -> Floats:
        """Shares of paths that have left by the steps asked for, shape (g, len(by_steps))."""
        self._exit()
        return self.left_by / np.array(self._counts(), dtype=np.float64)[:, None]

    @property
    def exit_time(self) -> tuple[Floats, Floats]:
        """Mean and unbiased variance of the exit time of the paths that left, each of shape (g,)."""
        self._exit()
        left = self.hits.sum(axis=(1, 2)).tolist()
        if min(left) < 2:
            raise NumericsError("fewer than two paths left the box; run longer or take more paths")
        mean = [self.dt * (s / n) for (s, _), n in zip(self.exit_sums, left, strict=True)]
        spread = [
            self.dt**2 * ((n * q - s * s) / (n * (n - 1))) for (s, q), n in zip(self.exit_sums, left, strict=True)
        ]
        return np.array(mean), np.array(spread)

    def _counts(self, lowest: int = 1) -> list[int]:
        """Return the numbers of finite paths; NumericsError where non-finite ones would be dropped silently."""
        if not self.conditional and np.any(self.nonfinite):
            bad = ", ".join(f"{b} of {n}" for b, n in zip(self.nonfinite, self.paths, strict=True) if b)
            raise NumericsError(f"{bad} paths became non-finite; use smaller steps, another chart, or finite_part()")
        counts: list[int] = self.finite.tolist()
        if min(counts) < lowest:
            raise NumericsError(f"only {min(counts)} finite paths; {lowest} are needed")
        return counts

    def _first(self, g: int, i: int) -> int:
        return self.sums[g][ORDER * i]

    def _product(self, g: int, i: int, j: int) -> int:
        return self.sums[g][ORDER * i + 1 if i == j else pair_index(self.dimension, i, j)]

    def _points(self, coordinate: int) -> slice:
        if not 0 <= coordinate < len(self.request.cdf):
            raise NumericsError(f"no distribution function of coordinate {coordinate} was asked for; add points to cdf")
        start = sum(map(len, self.request.cdf[:coordinate]))
        return slice(start, start + len(self.request.cdf[coordinate]))

    def _exit(self) -> None:
        if self.request.exit is None:
            raise NumericsError("no exit was asked for; add exit=Exit(...) to the request")


def summarise(plan: Any, parts: Sequence[Part]) -> Summaries:
    """Return the summaries of the parts that a backend computed.

    Raises
    ------
    NumericsError
        If a part holds a sum that is not finite, which the guard on the exponent must prevent.
    """
    if not all(np.all(np.isfinite(p.sums)) for p in parts):
        raise NumericsError("a backend returned a sum that is not finite; report this as a defect")
    g = plan.grid
    columns = [np.stack([p.sums[k] for p in parts]).T.tolist() for k in range(g)]
    exits = [np.stack([p.exit_sums[k] for p in parts]).T.tolist() for k in range(g)]
    return Summaries(
        dimension=len(plan.one_step.readout),
        dt=float(plan.dt),
        request=plan.request,
        paths=np.full(g, plan.paths, dtype=np.int64),
        nonfinite=sum((p.nonfinite for p in parts), np.zeros(g, np.int64)),
        sums=tuple(tuple(sum(map(exact, column)) for column in point) for point in columns),
        below=sum((p.below for p in parts), np.zeros_like(parts[0].below)),
        hits=sum((p.hits for p in parts), np.zeros_like(parts[0].hits)),
        exit_sums=tuple((sum(point[0]), sum(point[1])) for point in exits),
        left_by=sum((p.left_by for p in parts), np.zeros_like(parts[0].left_by)),
    )


def _ratio(total: int, count: int) -> float:
    return total / (count << SCALE)


def _add(a: Any, b: Any) -> Any:
    return tuple(tuple(x + y for x, y in zip(p, q, strict=True)) for p, q in zip(a, b, strict=True))
