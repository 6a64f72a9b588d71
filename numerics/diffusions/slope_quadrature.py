"""Integrals of a density that is given by the slope of its logarithm: moments, and masses next to an end."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...derivations.errors import NumericsError
from ..arguments import checked
from .quadrature import MOST_PANELS, NODES, WEIGHTS, Array, panel_rule


def _integration_matrix() -> Array:
    """Return M with (M f)_i = integral from -1 to node i of the polynomial through f at the nodes."""
    degree = NODES.size
    coefficients = np.linalg.inv(np.polynomial.legendre.legvander(NODES, degree - 1))
    rows = [np.polynomial.legendre.legval(NODES, np.polynomial.legendre.legint(c, lbnd=-1)) for c in coefficients.T]
    return np.array(rows, dtype=np.float64).T


def log_density_from_slope(slope: Callable[[Array], Array], edges: Array) -> tuple[Array, Array, Array]:
    """Integrate (log p)' over Gauss panels.

    Parameters
    ----------
    slope : callable
        (log p)' as a function of x, vectorised and smooth within each panel.
    edges : array of shape (n + 1,)
        Increasing panel edges.

    Returns
    -------
    nodes, weights, log_p : arrays of shape (20 n,)
        Quadrature nodes and weights, and log p with value 0 at ``edges[0]``.
    """
    nodes, weights = panel_rule(edges)
    half = np.diff(edges)[:, None] / 2
    values = np.asarray(slope(nodes), dtype=np.float64) + np.zeros_like(nodes)
    if not np.all(np.isfinite(values)):
        raise NumericsError("the slope of the log-density is not finite on the range of integration")
    values = values.reshape(half.size, -1)
    within = (values @ _integration_matrix().T) * half
    totals = (values * WEIGHTS).sum(axis=1) * half[:, 0]
    start = np.concatenate([[0.0], np.cumsum(totals)[:-1]])[:, None]
    return nodes, weights, np.asarray(within + start, dtype=np.float64).ravel()


@checked(NumericsError)
def moments_from_slope(
    slope: Callable[[Array], Array], centre: float, half_width: float, panels: int = 48
) -> tuple[float, float, float]:
    """Return (mean, variance, error) of the law with (log p)' = `slope`, cut to centre +- half_width.

    The mean is that of the deviation from `centre`, so that small shifts keep their digits. The error is the larger
    change of the two when the panels are doubled.

    Raises
    ------
    NumericsError
        If the density at the cut is not below exp(-40) of its maximum.
    """
    if not (math.isfinite(centre) and 0 < half_width < math.inf and 1 <= panels <= MOST_PANELS):
        raise NumericsError(
            f"centre={centre}, half_width={half_width}, panels={panels}: give finite numbers, half_width > 0, "
            f"and 1 to {MOST_PANELS} panels"
        )
    found = []
    for n in (panels, 2 * panels):
        x, weights, log_p = log_density_from_slope(slope, np.linspace(centre - half_width, centre + half_width, n + 1))
        if max(log_p[0], log_p[-1]) > log_p.max() - 40.0:
            raise NumericsError("the density has not fallen off at the cut; widen the range")
        p = np.exp(log_p - log_p.max()) * weights
        y = x - centre
        mean = float((p * y).sum() / p.sum())
        found.append((mean, float((p * (y - mean) ** 2).sum() / p.sum())))
    return *found[1], max(abs(one - two) for one, two in zip(*found, strict=True))
