"""Pictures of a comparison: losses, escapes from the saddle, displacements and laws of SGD and of its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..reproduce import Array, Curve, Panel, Picture
from .groups import GROUPS
from .runs import Paths
from .setting import Setting
from .statistics import SHOWN, exit_times

#: Shares of the loss at the saddle whose loss is timed.
SHARES = np.geomspace(0.02, 0.9, 12)
#: A median time is known where this share of the paths has lost so much.
_REACHED = 0.6


@dataclass(frozen=True)
class Escape:
    """Median times at which paths have lost given shares of the loss, and lines through their logarithms.

    Attributes
    ----------
    shares, times : arrays of shape (n,)
        Where the median is known.
    power, exponential : tuple of float
        Slope, low, high and residual of the lines of log time over log Delta L, and over Delta log L.
    """

    shares: Array
    times: Array
    power: tuple[float, float, float, float]
    exponential: tuple[float, float, float, float]


def escape(paths: Paths, setting: Setting) -> Escape | None:
    """Return how long it takes to lose ever more of the loss; None where fewer than three times are known.

    Document 000 asks whether the logarithm of the escape time is linear in the logarithm of the loss that is lost (a
    power law) or in the change of the logarithm of the loss.
    """
    every = np.stack([exit_times(paths, setting, share) for share in SHARES])
    known = (np.isfinite(every).mean(axis=1) > _REACHED) & (np.median(every, axis=1) > 0)
    # a time between records is not resolved: equal medians of neighbours carry no slope
    if known.sum() < 3:
        return None
    times, shares = np.median(every[known], axis=1), SHARES[known]
    lines = []
    for x in (np.log(shares / 2), -np.log1p(-shares)):
        slope, residual = _line(x, np.log(times))
        groups = []
        for g in range(GROUPS):
            medians = np.median(every[known][:, g::GROUPS], axis=1)
            if np.all(np.isfinite(medians) & (medians > 0)):
                groups.append(_line(x, np.log(medians))[0])
        half = np.inf
        if len(groups) == GROUPS:
            half = float(stats.t.isf(SHOWN / 2, GROUPS - 1)) * float(np.std(groups, ddof=1)) / np.sqrt(GROUPS)
        lines.append((slope, slope - half, slope + half, residual))
    return Escape(shares, times, lines[0], lines[1])


def _line(x: Array, y: Array) -> tuple[float, float]:
    """Return the slope of the least-squares line, and the root of the mean squared residual."""
    slope, level = np.polyfit(x, y, 1)
    return float(slope), float(np.sqrt(np.mean((y - slope * x - level) ** 2)))


def told(name: str, found: Escape | None) -> str:
    """Return the two slopes in words."""
    if found is None:
        return f"{name}: too few paths leave for the times of three losses"
    parts = [
        f"{what} {slope:.3g} [{low:.3g}, {high:.3g}], residual {residual:.2g}"
        for what, (slope, low, high, residual) in (("log DL", found.power), ("D log L", found.exponential))
    ]
    straighter = "log DL" if found.power[3] < found.exponential[3] else "D log L"
    return f"{name}: slope of log time over {'; over '.join(parts)}; straighter over {straighter}"


def picture(setting: Setting, every: Mapping[str, Paths], escapes: Mapping[str, Escape | None]) -> Picture:
    """Return the panels of one depth, SGD first."""
    times: Array = np.asarray(setting.dt * np.arange(next(iter(every.values())).product.shape[1]), dtype=np.float64)
    losses, powers, exponentials, moved, laws = [], [], [], [], []
    for name, paths in every.items():
        losses.append(Curve(name, times[1:], np.asarray(setting.losses(paths.product).mean(axis=0)[1:])))
        found = escapes[name]
        if found is not None:
            powers.append(Curve(name, found.shares / 2, found.times, "line"))
            exponentials.append(Curve(name, -np.log1p(-found.shares), found.times, "line"))
        square = (paths.early**2).sum(axis=2).mean(axis=0)
        moved.append(Curve(name, times[1 : len(square)], square[1:]))
        middle = np.sort(paths.product[:, len(times) // 2])
        laws.append(Curve(name, middle, np.arange(1, len(middle) + 1) / len(middle)))
    both = (True, True)
    return Picture(
        (
            Panel("mean loss above the noise", "time", "loss", tuple(losses), logarithmic=both),
            Panel("median time to lose ΔL", "ΔL", "time", tuple(powers), logarithmic=both),
            Panel("the same over Δ log L", "Δ log L", "time", tuple(exponentials), logarithmic=(False, True)),
            Panel("displacement from the start", "time", "mean square", tuple(moved), logarithmic=both),
            Panel(f"law at time {times[len(times) // 2]:.3g}", "end-to-end number", "share below", tuple(laws)),
        ),
        tuple(told(name, found) for name, found in escapes.items()),
        "",
    )
