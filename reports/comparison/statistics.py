"""Statistics of SGD beside those of a model, and which differences are significant.

A difference counts where its interval leaves out 0 at the level of the family divided by the number of all comparisons
of a run (Bonferroni). Nothing is concluded from an interval that holds 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ...derivations.errors import DomainError
from ...numerics.trajectories.correlations import estimate_autocorrelation
from ...numerics.trajectories.displacement import estimate_msd_exponent
from ...numerics.trajectories.distances import estimate_wasserstein
from ...numerics.trajectories.divergences import estimate_mmd
from ...numerics.trajectories.estimate import PathEstimate, difference
from ...numerics.trajectories.exits import estimate_exit_time, first_exits
from ...numerics.trajectories.gradient_noise import estimate_gradient_noise
from ...numerics.trajectories.moments import estimate_moments
from ...numerics.trajectories.tails import estimate_tail_index
from .groups import by_groups, median_distance, squared_mmd, squared_w2
from .runs import EARLY, Paths
from .setting import Array, Setting

#: A path has left the saddle once it has lost this share of the loss there.
LEFT = 0.1
#: Probability that a run marks any difference at all where there is none.
FAMILY = 0.01
#: Level of the intervals of single values.
SHOWN = 0.05
#: Paths of which the discrepancy is shown; whether it differs is found with all of them.
SEEN = 1024


@dataclass(frozen=True)
class Row:
    """One statistic of one model beside SGD.

    Attributes
    ----------
    value, sgd, difference : dict or None
        value, low and high of each; None where it could not be found, as `note` says.
    level : float
        Of the interval of the difference.
    differs : bool
        Whether that leaves out 0; for distances, whether it lies above 0.
    note : str
        Why there is no value, or what speaks against the intervals.
    """

    depth: int
    model: str
    statistic: str
    value: dict[str, float] | None
    sgd: dict[str, float] | None
    difference: dict[str, float] | None
    level: float
    differs: bool
    note: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


Statistic = Callable[[Paths, Setting, float], PathEstimate]


def _single(found: PathEstimate) -> PathEstimate:
    """Return the first entry of an estimate of several numbers."""
    numbers = (found.value, found.standard_error, found.low, found.high)
    value, error, low, high = (float(np.ravel(n)[0]) for n in numbers)
    return replace(found, value=value, standard_error=error, low=low, high=high)


def exit_times(paths: Paths, setting: Setting, share: float = LEFT) -> Array:
    """Return when the loss has fallen by that share of what it is at the saddle, 1/2; infinite where it has not."""
    return np.asarray(
        first_exits(
            paths.product[:, :, None],
            setting.dt,
            lambda p: setting.losses(p[:, :, 0]) < (1 - share) * 0.5,
        )
    )


def _exit_time(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    end = setting.dt * (paths.product.shape[1] - 1)
    return estimate_exit_time(exit_times(paths, setting), horizon=end, level=level)


def _mean(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    return _single(estimate_moments(_middle(paths), level=level)[0])


def _spread(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    return _single(estimate_moments(_middle(paths), level=level)[1])


def _loss(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    return _single(estimate_moments(setting.losses(paths.product[:, -1]), level=level)[0])


def _autocorrelation(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    last = paths.product[:, -(paths.product.shape[1] // 4) :]
    return _single(estimate_autocorrelation(last, setting.dt, [max(1, round(0.5 / setting.dt))], level=level))


def _displacement(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    lags = sorted({1, 2, 4, 8, min(16, EARLY)})
    return estimate_msd_exponent(paths.early, setting.dt, lags, average="start", level=level)


def _noise(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    scaled = paths.jump / np.sqrt(setting.rate * setting.dt)
    return _single(estimate_gradient_noise(scaled, level=level)[1])


def _tail(paths: Paths, setting: Setting, level: float) -> PathEstimate:
    lengths = np.linalg.norm(paths.jump - np.median(paths.jump, axis=0), axis=1)
    return by_groups(
        "tail index of the first changes", lambda part: float(estimate_tail_index(part).value), [lengths], level, 16
    )


#: Statistics of one process, in the words of the table.
SINGLE: Mapping[str, Statistic] = {
    "exit time": _exit_time,
    "mean of p": _mean,
    "variance of p": _spread,
    "loss at the end": _loss,
    "autocorrelation": _autocorrelation,
    "MSD exponent": _displacement,
    "noise, top value": _noise,
    "tail index": _tail,
}
#: Distances between the laws of two processes.
DISTANCES = ("W2 of p", "MMD of weights")


def comparisons(models: int, depths: int) -> int:
    """Return the number of comparisons of a run."""
    return models * depths * (len(SINGLE) + len(DISTANCES))


class Reference:
    """Four independent parts of SGD: one beside the models, a pair for what equal laws show, one as a model.

    Parameters
    ----------
    setting : Setting
        What was trained.
    runs : Paths
        Runs of SGD, four for each path of a model.
    """

    def __init__(self, setting: Setting, runs: Paths) -> None:
        self.setting = setting
        self.sgd, self.third, self.fourth, self.again = (runs.part(k, 4) for k in range(4))
        self._width = median_distance(self.sgd.middle)
        self._found: dict[str, PathEstimate | DomainError] = {}

    def _of_sgd(self, statistic: str) -> PathEstimate:
        """Return the value of SGD itself, found once; of distances that of the pair."""
        if statistic not in self._found:
            try:
                if statistic in SINGLE:
                    self._found[statistic] = SINGLE[statistic](self.sgd, self.setting, SHOWN)
                else:
                    self._found[statistic] = self._distance(statistic, self.third, self.fourth)
            except DomainError as problem:
                self._found[statistic] = problem
        found = self._found[statistic]
        if isinstance(found, DomainError):
            raise found
        return found

    def rows(self, name: str, model: Paths, level: float) -> Iterator[Row]:
        """Yield all statistics of a model beside SGD's, each comparison at that level."""
        for statistic in (*SINGLE, *DISTANCES):
            try:
                yield self._row(name, statistic, model, level)
            except DomainError as problem:
                yield Row(self.setting.depth, name, statistic, None, None, None, level, False, str(problem))

    def _row(self, name: str, statistic: str, model: Paths, level: float) -> Row:
        if statistic in SINGLE:
            theirs, ours = self._of_sgd(statistic), SINGLE[statistic](model, self.setting, SHOWN)
            # half of the level pays for standard errors of groups in a Gaussian interval
            gap = difference(ours, theirs, level=level / 2)
            differs, note = not gap.covers(0.0), "; ".join(gap.caveats)
        else:
            theirs, ours = self._of_sgd(statistic), self._distance(statistic, model, self.sgd)
            gap = by_groups(statistic, self._beyond(statistic), self._laws(statistic, model), level)
            differs, note = float(gap.low) > 0, "the difference is of squares, in groups of paths"
        value, sgd, beyond = map(_numbers, (ours, theirs, gap))
        return Row(self.setting.depth, name, statistic, value, sgd, beyond, level, differs, note)

    def _distance(self, statistic: str, one: Paths, other: Paths) -> PathEstimate:
        if statistic == "W2 of p":
            return estimate_wasserstein(_middle(one), _middle(other), level=SHOWN)
        few = (p.middle[:SEEN] for p in (one, other))
        return estimate_mmd(*few, bandwidth=self._width, level=SHOWN)

    def _laws(self, statistic: str, model: Paths) -> list[Array]:
        parts = (model, self.sgd, self.third, self.fourth)
        return [_middle(p) if statistic == "W2 of p" else p.middle for p in parts]

    def _beyond(self, statistic: str) -> Callable[[Array, Array, Array, Array], float]:
        """Return the squared distance of two samples beyond that of two others: of mean 0 where all laws are equal."""

        def squared(x: Array, y: Array) -> float:
            return squared_w2(x, y) if statistic == "W2 of p" else squared_mmd(x, y, self._width)

        return lambda a, b, c, d: squared(a, b) - squared(c, d)


def _middle(paths: Paths) -> Array:
    return paths.product[:, paths.product.shape[1] // 2]


def _numbers(found: PathEstimate) -> dict[str, float]:
    return {name: float(getattr(found, name)) for name in ("value", "low", "high")}
