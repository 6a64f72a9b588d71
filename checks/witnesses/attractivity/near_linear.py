"""How close an equation is to a linear one around an invariant point, bounded on a whole neighbourhood.

Where drift and diffusion vanish at c, the mean value theorem puts b(x) - A (x - c) within the width of the Jacobian's
enclosure on the neighbourhood, times |x - c|; A is the Jacobian at c, and the same holds for the diffusion. No limit is
looked for at small distances: the bound holds at all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.sde import SDE
from ....numerics.exact.enclosures import BoxFunction, precision


@dataclass(frozen=True)
class LinearPart:
    """The linear equation at an invariant point, and how far the given one departs from it.

    Parameters
    ----------
    drift, noise : float
        Norms (Frobenius) of the Jacobians of drift and diffusion at the point.
    departure : float
        Bound on the change that the non-linear terms make to the rate at which the logarithm of the distance drifts,
        in units of noise^2, and to its volatility, in units of the noise.
    """

    drift: float
    noise: float
    departure: float


def linear_part(sde: SDE, centre: Sequence[Any], point: Point, radius: sp.Rational) -> LinearPart:
    """Return the linear part of `sde` at `centre` and a bound that holds within `radius` of it.

    Parameters
    ----------
    sde : SDE
        The equation; its Ito drift is taken.
    centre : sequence of Expr
        The invariant point; a coordinate without negative values stays on its side.
    point : dict
        Values of the parameters.
    radius : Rational
        Half side of the neighbourhood.

    Raises
    ------
    NumericsError
        If the point is not shown to be invariant, the noise vanishes there to first order, or a derivative is not
        enclosed on the neighbourhood.
    """
    point = {s: v for s, v in point.items() if s not in sde.state}  # a state with a range is not held fixed
    at = {s: sp.sympify(c).subs(point) for s, c in zip(sde.state, centre, strict=True)}
    box = {s: (sp.Max(c - radius, 0) if s.is_nonnegative else c - radius, c + radius) for s, c in at.items()}
    norms, widths = [], []
    for coefficients in (sde.ito_drift, sde.diffusion):
        entries = [sp.sympify(e).subs(point) for e in coefficients]
        if any(e.subs(at) != 0 for e in entries):
            raise NumericsError(f"it is not shown that drift and noise vanish at {at}")
        middle, reach = _jacobian(entries, box, at)
        norms.append(float(np.linalg.norm(middle)))
        widths.append(float(np.linalg.norm(reach)))
    (drift, noise), (bent, wider) = norms, widths
    if not noise > 0:
        raise NumericsError("the noise vanishes to first order at this point")
    return LinearPart(drift, noise, (bent + noise * wider + wider**2 / 2) / noise**2)


def _jacobian(
    entries: Sequence[sp.Expr], box: dict[sp.Symbol, tuple[sp.Expr, sp.Expr]], at: Point
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Jacobian at the point, and how far it moves from there within the box."""
    middle, reach = [], []
    for entry in entries:
        for s in box:
            slope = sp.diff(entry, s)
            function = BoxFunction(slope, box)
            with precision():
                whole = function.range(function.start)[0]
                here = BoxFunction(slope, {v: (c, c) for v, c in at.items()})
                value = here.range(here.start)[0]
                if whole is None or value is None:
                    raise NumericsError(f"a derivative by {s} is not enclosed around the invariant point")
                middle.append(float(value.mid()))
                reach.append(float((whole - value).abs_upper()))
    return np.array(middle), np.array(reach)
