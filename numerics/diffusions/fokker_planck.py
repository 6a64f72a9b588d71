r"""The Fokker-Planck equation :math:`\partial_tp=-(bp)'+\tfrac12(vp)''` of a scalar SDE from a known start, in time.

Scharfetter-Gummel finite volumes in the coordinate of the process, on four grids, each exact in time (a rational
exponential instead of time steps). Every number comes with an error: the extrapolation in h, the exponential in one
against two steps, and what the cut of a natural end can change (reflecting against absorbing there).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from ..exact.rational_exponential import propagate
from .boundaries import NATURAL, Boundary, coordinate_limits
from .generator import Estimate
from .scalar_diffusion import ScalarDiffusion
from .scharfetter_gummel import Chain, chain
from .transition import Observable, Transition

Array = NDArray[np.float64]

#: Probability of ever reaching the cut of a natural end that the automatic range allows, and the margin beyond it.
LEAKAGE = 1e-11
MARGIN = 1.25
#: Largest mean of 2 |drift| h / variance rate over the law (eight times that on the coarsest grid).
_RESOLVED = 0.5
#: Total change on doubling the steps of the exponential at which they suffice, their largest number, and a total
#: change that is too large to go on.
_IN_TIME = 1e-10
_MOST_STEPS = 32
#: Cells up to which a mean is refined.
_MOST_CELLS = 1 << 15
_BLOWN = 1e-4


@checked(DomainError)
def solve_fokker_planck(
    process: ScalarDiffusion,
    start: float,
    horizon: float,
    *,
    low: Boundary = NATURAL,
    high: Boundary = NATURAL,
    cells: int = 512,
    margin: float = MARGIN,
) -> Transition:
    """Return the law of X_T for X_0 = `start`, with errors.

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE with its parameters and coordinate.
    start : float
        The state at time 0, strictly between the ends.
    horizon : float
        T > 0.
    low, high : Boundary
        Natural ends are cut where the process arrives with probability below 1e-11, times `margin` in the coordinate.
    cells : int
        Cells of the finest of four grids; a multiple of 8, at least 64.
    margin : float
        At least 1.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    NumericsError
        If the coefficients are not finite and positive on the range, a natural end is reached in fact, or the noise is
        too weak for the cells, or against the drift (a start tens of standard deviations off the stationary law).
    """
    law = _solve(process, start, horizon, low, high, cells, margin)
    if law.cell_drift > _RESOLVED:
        raise NumericsError(
            f"the drift over a cell is {law.cell_drift:.2g} times the noise where the law lies, which cells = {cells} "
            f"do not resolve; give at least {8 * math.ceil(cells * law.cell_drift / _RESOLVED / 8)}"
        )
    return law


def _solve(
    process: ScalarDiffusion, start: float, horizon: float, low: Boundary, high: Boundary, cells: int, margin: float
) -> Transition:
    if cells < 64 or cells % 8:
        raise DomainError(f"cells = {cells}; give a multiple of 8, at least 64")
    if not (math.isfinite(horizon) and horizon > 0):
        raise DomainError(f"horizon = {horizon}; give a positive finite time")
    if not (math.isfinite(margin) and margin >= 1):
        raise DomainError(f"margin = {margin}; give a number of at least 1")
    z = process.z(start)
    limits = coordinate_limits(process, low, high)
    if not limits[0] < z < limits[1]:
        raise DomainError(f"start = {start} with ends {low.place} and {high.place}: give low < start < high")
    first, last = _range(process, z, horizon, limits, (low, high), margin)
    cut = (low.kind == "natural" or first > limits[0], high.kind == "natural" or last < limits[1])
    stops = (low.kind == "absorbing" and not cut[0], high.kind == "absorbing" and not cut[1])
    grids = [chain(process, first, last, n, stops) for n in (cells // 8, cells // 4, cells // 2, cells)]
    steps, fine, two_steps = _in_time(grids[-1], z, horizon)
    coarse = grids[0]
    shut = Chain(coarse.nodes, coarse.exponents, coarse.diffusivity, (stops[0] or cut[0], stops[1] or cut[1]))
    levels = (*((grid, _evolved(grid, z, horizon, steps)) for grid in grids[:-1]), (grids[-1], fine))
    return Transition(process, levels, horizon, two_steps, _evolved(shut, z, horizon, steps), cut)


def _evolved(grid: Chain, z: float, horizon: float, steps: int) -> Array:
    mass, generator = grid.point_mass(z), grid.generator()
    for _ in range(steps):
        mass = propagate(*generator, mass, horizon / steps)
    return mass


def _in_time(grid: Chain, z: float, horizon: float) -> tuple[int, Array, Array]:
    """Return a number of steps that suffices, and the masses with that many and with twice as many.

    One is enough unless the start is many standard deviations away from the stationary law: there the generator is far
    from normal, and the error of the rational exponential is multiplied by what relates the two.
    """
    steps, once, twice = 1, _evolved(grid, z, horizon, 1), _evolved(grid, z, horizon, 2)
    rates = np.abs(grid.generator()[1])
    while steps < _MOST_STEPS:
        rounding = 8 * float(np.finfo(float).eps) * horizon * float(np.abs(twice) @ rates)
        if float(np.abs(twice - once).sum()) <= max(_IN_TIME, rounding):
            break
        steps, once, twice = 2 * steps, twice, _evolved(grid, z, horizon, 4 * steps)
    if not float(np.abs(twice - once).sum()) < _BLOWN:
        raise NumericsError(
            f"the exponential of the generator does not settle in {_MOST_STEPS} steps: the noise is too weak against "
            "the drift from this start; expand in small noise, or simulate"
        )
    return steps, once, twice


def _range(
    process: ScalarDiffusion,
    z: float,
    horizon: float,
    limits: tuple[float, float],
    ends: tuple[Boundary, Boundary],
    margin: float,
) -> tuple[float, float]:
    """Grow a range around z until absorbing cuts would hold back no more than LEAKAGE, then add the margin."""
    _, rate = process(np.array([z]))
    reach = np.full(2, 0.2 * math.sqrt(float(rate[0]) * horizon))
    shrinking = True
    for _ in range(100):
        low, high = max(z - reach[0], limits[0]), min(z + reach[1], limits[1])
        fixed = (low == limits[0] and ends[0].kind != "natural", high == limits[1] and ends[1].kind != "natural")
        if all(fixed):
            return low, high
        stops = (not fixed[0] or ends[0].kind == "absorbing", not fixed[1] or ends[1].kind == "absorbing")
        grid = chain(process, low, high, 64, stops)
        mass = propagate(*grid.generator(), grid.point_mass(z), horizon)
        arrived = np.abs(mass[[0, -1]]) * ~np.array(fixed)
        if shrinking and arrived.max() < LEAKAGE:
            # the process relaxes within a small part of the horizon
            reach /= 4
            continue
        shrinking = False
        if arrived.max() < LEAKAGE:
            reach *= margin
            return max(z - reach[0], limits[0]), min(z + reach[1], limits[1])
        # tails fall at least like those of a Gaussian for most processes: log P is about proportional to reach^2
        aim = 1.02 * np.sqrt(math.log(LEAKAGE) / np.log(np.clip(arrived, LEAKAGE, 0.9)))
        reach *= np.where(arrived < LEAKAGE, 1.0, np.where(arrived > 0.2, 2.0, np.clip(aim, 1.05, 1.4)))
    raise NumericsError(
        f"a natural end is reached within the horizon {horizon}: the process leaves every range tried, up to "
        f"({process.x(np.array([low]))[0]:.3g}, {process.x(np.array([high]))[0]:.3g}); declare the end absorbing"
    )


@checked(DomainError)
def solve_mean(
    process: ScalarDiffusion,
    start: float,
    horizon: float,
    observable: Observable | None = None,
    *,
    low: Boundary = NATURAL,
    high: Boundary = NATURAL,
    tolerance: float = 1e-5,
    cells: int = 256,
) -> Estimate:
    """Return E[f(X_T); not absorbed], f(x) = x by default, to a relative tolerance.

    The cells are doubled from `cells` until the estimated error is within `tolerance`; a wider margin is used where
    the cut of a natural end limits it. Parameters and errors as in :func:`solve_fokker_planck`.

    Raises
    ------
    NumericsError
        If the tolerance is not reached with 2**15 cells.
    """
    if not 0 < tolerance < 1:
        raise DomainError(f"tolerance = {tolerance}; give a relative tolerance in (0, 1)")
    if cells > _MOST_CELLS:
        raise DomainError(f"cells = {cells}; give at most {_MOST_CELLS}")
    f = (lambda x: x) if observable is None else observable
    margin = MARGIN
    while cells <= _MOST_CELLS:
        law = _solve(process, start, horizon, low, high, cells, margin)
        found = law.expectation(f)
        if found.error <= tolerance * abs(found.value) and law.cell_drift <= _RESOLVED:
            return found
        margin, cells = margin * 1.1, 2 * cells
    raise NumericsError(
        f"the mean {found.value:.6g} has an error of {found.error:.1e} with {cells // 2} cells; "
        "ask for a larger tolerance"
    )
