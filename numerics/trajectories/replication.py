r"""Independent paths as the unit of replication: functions of means over paths, with intervals by the jackknife.

Each path gives a row of numbers; what is estimated is a smooth function f of the means of the rows. Paths are dealt out
into g <= GROUPS groups, of which only the sums are kept, so that paths may be streamed. With h_j = n/n_j, the estimate
without group j, :math:`\theta_j`, and the one of all paths, :math:`\theta`,

.. math::
    \hat\theta = g\theta - \sum_j(1-1/h_j)\theta_j,\qquad
    s^2 = \frac1g\sum_j\frac{(h_j\theta-(h_j-1)\theta_j-\hat\theta)^2}{h_j-1}

has no bias of order 1/n, and Student's interval of g - 1 degrees of freedom (Busing, Meijer and van der Leeden, Stat.
Comput. 9 (1999) 3). For f(m) = m it is the mean with its standard error. The batches of a single path take the place of
paths; whether they are correlated is looked at, as is whether the paths change between their halves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...derivations.errors import DomainError
from .estimate import Array, PathEstimate, around
from .paths import Chunks

#: Groups that paths are dealt out into: Student's interval of 63 degrees of freedom is 2 % wider than the Gaussian one.
GROUPS = 64
#: Below so many replicates the interval is called short of them.
FEW = 8
#: Groups of which the largest hardly ever makes half of a Gaussian variance.
MANY = 32
#: Probability that paths which change in nothing are said to change, or batches without correlation to have one.
FALSE_ALARM = 1e-3
#: Share of the variance from one group above which a few paths are said to rule; a Gaussian's largest of 32 has 0.2.
RULED = 0.5


@dataclass(frozen=True)
class Replicates:
    """Sums of rows over groups of paths: of the statistic, and of changes between the halves of the paths."""

    sums: Array
    changes: Array
    counts: Array
    paths: int
    batched: bool

    @property
    def means(self) -> Array:
        """Mean row over all paths."""
        return np.asarray(self.sums.sum(axis=0) / self.counts.sum())

    def estimate(
        self,
        name: str,
        function: Callable[[Array], Array],
        *,
        level: float,
        caveats: tuple[str, ...] = (),
        corrected: bool = True,
    ) -> PathEstimate:
        """Return the function of the mean row, `corrected` for its bias of order 1/n or not, with its interval."""
        value, error, ruled = jackknife(self.sums, self.counts, function)
        value = value if corrected else np.asarray(function(self.means))
        found = [*caveats, *self.doubts()]
        if ruled and len(self.counts) >= MANY:
            found.append("one group of paths makes more than half of the variance: the interval may be far too short")
        kind = f"batch means of {len(self.counts)} batches" if self.batched else f"jackknife over {len(self.counts)}"
        return around(
            name,
            value,
            error,
            level=level,
            paths=self.paths,
            method=kind if self.batched else f"{kind} groups of paths",
            freedom=len(self.counts) - 1,
            caveats=found,
        )

    def doubts(self) -> Iterator[str]:
        """Yield what the paths themselves say against the interval, or against a stationary law."""
        if len(self.counts) < FEW:
            yield f"only {len(self.counts)} replicates: the interval trusts them to be close to Gaussian"
        if self.batched:
            yield from self._of_batches()
        elif self.changes.shape[1] and len(self.counts) > 1:
            mean, error, _ = jackknife(self.changes, self.counts, lambda m: m)
            size = np.divide(np.abs(mean), error, out=np.zeros_like(mean), where=error > 0)
            yield from _changed(size, len(self.counts) - 1)

    def _of_batches(self) -> Iterator[str]:
        rows = self.sums - self.sums.mean(axis=0)
        power = (rows**2).sum(axis=0)
        lagged = (rows[1:] * rows[:-1]).sum(axis=0)
        correlation = float(np.max(np.divide(lagged, power, out=np.zeros_like(power), where=power > 0)))
        if correlation * math.sqrt(len(rows)) > float(stats.norm.isf(FALSE_ALARM / rows.shape[1])):
            yield f"batches are correlated ({correlation:.2g}): the interval is too short, take a longer path"
        if self.changes.shape[1]:
            first, last = np.array_split(self.changes, 2)
            error = np.sqrt(first.var(axis=0, ddof=1) / len(first) + last.var(axis=0, ddof=1) / len(last))
            size = np.abs(first.mean(axis=0) - last.mean(axis=0))
            yield from _changed(np.divide(size, error, out=np.zeros_like(size), where=error > 0), len(rows) - 2)


def _changed(size: Array, freedom: int) -> Iterator[str]:
    if size.size and float(size.max()) > float(stats.t.isf(FALSE_ALARM / 2 / size.size, freedom)):
        yield (
            f"the paths change: their second half differs from the first by {float(size.max()):.3g} standard errors, "
            "so the law is not stationary; leave out the beginning"
        )


def replicates(
    found: Chunks, rows: Callable[[Array], Array], *, stationary: bool = True, centred: bool = True
) -> Replicates:
    """Return the sums over groups of ``rows(states)``, shape (n, k), for states of shape (n, times, d).

    Parameters
    ----------
    stationary : bool
        Whether to look for changes between the halves of the paths.
    centred : bool
        Whether `rows` gets the states minus the mean of the first chunk, so that squares lose no digits.

    Raises
    ------
    DomainError
        If there are fewer than two paths in all.
    """
    sums, changes, counts = (np.zeros(0) for _ in range(3))
    shift: Array | None = None
    seen = 0
    for array in found.arrays:
        if shift is None:
            shift = array.mean(axis=(0, 1)) if centred else np.zeros(array.shape[2:])
        states = array - shift if centred else array
        new, moved = rows(states), _halves(states, found.batched) if stationary else np.zeros((len(states), 0))
        if seen == 0:
            sums, changes = np.zeros((GROUPS, new.shape[1])), np.zeros((GROUPS, moved.shape[1]))
            counts = np.zeros(GROUPS)
        places = (seen + np.arange(len(states))) % GROUPS
        for total, part in ((sums, new), (changes, moved)):
            np.add.at(total, places, part)
        np.add.at(counts, places, 1.0)
        seen += len(states)
    if seen < 2:
        raise DomainError("a stream gave a single path; give it as an array, whose batches are used, or more paths")
    kept = counts > 0
    return Replicates(sums[kept], changes[kept], counts[kept], 1 if found.batched else seen, found.batched)


def _halves(states: Array, batched: bool) -> Array:
    """Return, for each path, the change of the means of x and x^2 from the first to the second half (a batch: them)."""
    both = np.concatenate([states, states**2], axis=2)
    if batched:
        return np.asarray(both.mean(axis=1))
    middle = states.shape[1] // 2
    return np.asarray(both[:, -middle:].mean(axis=1) - both[:, :middle].mean(axis=1))


def jackknife(sums: Array, counts: Array, function: Callable[[Array], Array]) -> tuple[Array, Array, bool]:
    """Return the estimate, its standard error, and whether one group makes more than `RULED` of the variance."""
    total, n, g = sums.sum(axis=0), counts.sum(), len(counts)
    whole = np.asarray(function(total / n), dtype=np.float64)
    without = np.stack([function((total - s) / (n - c)) for s, c in zip(sums, counts, strict=True)])
    share = (n / counts).reshape(-1, *[1] * whole.ndim)
    # g theta - sum of (1 - 1/h_j) theta_j, written so that a constant stays what it is
    corrected = whole + ((1 - 1 / share) * (whole - without)).sum(axis=0)
    squares = (share * whole - (share - 1) * without - corrected) ** 2 / (share - 1)
    variance = squares.mean(axis=0)
    shares = np.divide(squares, squares.sum(axis=0), out=np.zeros_like(squares), where=squares > 0)
    return corrected, np.sqrt(variance), bool(shares.reshape(g, -1).mean(axis=1).max() > RULED)
