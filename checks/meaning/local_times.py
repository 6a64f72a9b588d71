r"""Where an image f(X) and its asserted equation part: local times at kinks, and ends of the range that are crossed.

At a kink of f that the noise crosses, :math:`E f(X_h) - f(x) \sim J \sqrt{2h/\pi}` with J the slopes of f along each
crossed surface times the noise across it, while an asserted equation with bounded coefficients moves the mean by O(h).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy as sp

from ...derivations.calculus.smoothness import sign_with_exponentials
from ...derivations.domain import Point
from ...derivations.errors import NumericsError, UndefinedError
from ...derivations.processes.ito import noise
from ...derivations.ranges import AtLeast
from ...numerics.exact.values import value_at_precision
from ..evidence import Finding
from ..judgement.breakpoints import breakpoints
from ..judgement.comparison import certified_sign
from ..judgement.exact import value_text
from ..judgement.findings import refuted, undefined
from .processes import ImageProcess

#: Points from which kinks are looked for, and points of kinks that are tried.
_BASES, _KINKS = 6, 200


def local_time(z: ImageProcess) -> Finding | None:
    """Return a refutation at a kink of f that the noise crosses, or None."""
    if not z.smooth.kinks:
        return None
    crossing = [noise(z.source, u) for u in z.smooth.kinks]
    widths = [sp.sqrt(sum(s**2 for s in row)) for row in crossing]
    slopes = []
    for u in z.smooth.kinks:
        w = sp.Dummy("w", nonnegative=True)
        slopes.append(sp.diff(z.function.xreplace({sp.Abs(u): w}), w).subs(w, 0))
    for point in _kink_points(z):
        here = [k for k, u in enumerate(z.smooth.kinks) if _sign(u, point) == 0]
        jump = sp.Add(*(slopes[k] * widths[k] for k in here))
        if not here or _sign(jump, point) in (None, 0) or not _bounded(z, point):
            continue
        size = value_text(jump * sp.sqrt(2 / sp.pi), point)
        return refuted(
            f"{z.function} has a kink that the noise crosses; its local time is missing in the asserted equation.",
            point,
            "E f(X_h) - f(x) = O(h)",
            f"E f(X_h) - f(x) = {size} sqrt(h) + o(sqrt(h))",
            f"{size} sqrt(h)",
            effect=1.0,
            certified=True,
        )
    return None


def _kink_points(z: ImageProcess) -> Iterator[Point]:
    bases = list(z.domain.points(_BASES))
    walls = [sp.Abs(u) for u in z.smooth.kinks]
    every = itertools.chain(bases, breakpoints(walls, z.domain, bases))
    yield from (p for p in itertools.islice(every, _KINKS) if _interior(z, p))


def _interior(z: ImageProcess, point: Point) -> bool:
    """Whether no coordinate of the process is at an end of its range, where it might leave."""
    for x in z.source.state:
        given = z.domain.ranges.get(x)
        if isinstance(given, AtLeast) and _sign(x - given.bound, point) != 1:
            return False
    return True


def _bounded(z: ImageProcess, point: Point) -> bool:
    """Whether the coefficients of both equations have values at a point of the source, and so are bounded around it."""
    coefficients = [*z.source.ito_drift, *z.source.covariance, z.at_image(z.drift), z.at_image(z.variance)]
    try:
        for e in coefficients:
            value_at_precision(e, point, 128)
    except NumericsError:
        return False
    return True


def range_fault(z: ImageProcess) -> Finding | None:
    """Return a refutation at an attained end of the image's range which the asserted equation crosses, or None.

    A continuous semimartingale that starts at the least value of its range has no noise there, and no drift outwards.
    """
    if not z.image.is_nonnegative:
        return None
    word = "positive" if z.image.is_positive else "nonnegative"
    sign = sign_with_exponentials(z.function, z.domain)
    if sign == "positive":
        return None
    suspects = itertools.chain(
        z.domain.points(4 * _BASES), breakpoints([sp.Abs(z.function)], z.domain, list(z.domain.points(_BASES)))
    )
    for point in itertools.islice(suspects, _KINKS):
        value = _sign(z.function, point)
        if value == -1 or (value == 0 and z.image.is_positive):
            return undefined(
                f"{z.image} is declared {word}, which {z.function} is not everywhere.",
                point,
                f"{z.image} as a {word} number",
            )
        if sign != "nonnegative" or value != 0 or not _held(z, point) or not _bounded(z, point):
            continue
        drift, variance = z.at_image(z.drift), z.at_image(z.variance)
        if _sign(variance, point) == 1:
            return _crossed(z, point, f"the variance rate {value_text(variance, point)}")
        if _sign(variance, point) == 0 and _sign(drift, point) == -1:
            return _crossed(z, point, f"no noise and the drift {value_text(drift, point)}")
    return None


def _held(z: ImageProcess, point: Point) -> bool:
    """Whether the process cannot leave its range from a point on its ends: no noise there, and no drift outwards."""
    for k, x in enumerate(z.source.state):
        given = z.domain.ranges.get(x)
        at_end = isinstance(given, AtLeast) and _sign(x - given.bound, point) == 0
        quiet = _sign(z.source.covariance[k, k], point) == 0
        if at_end and not (quiet and _sign(z.source.ito_drift[k], point) in (0, 1)):
            return False
    return True


def _crossed(z: ImageProcess, point: Point, how: str) -> Finding:
    return refuted(
        f"the asserted equation leaves {z.image} >= 0 where {z.function} attains 0.",
        point,
        f"{z.image} >= 0 for ever",
        f"at {z.image} = 0 the asserted equation has {how}",
        f"P({z.image} < 0) > 0",
        effect=1.0,
        certified=True,
    )


def smooth_at(z: ImageProcess, point: Point) -> dict[sp.Expr, sp.Expr] | None:
    """Return the absolute values of f without kinks around a point, or None at a kink."""
    sides: dict[sp.Expr, sp.Expr] = {}
    for u in z.smooth.kinks:
        sign = _sign(u, point)
        if sign in (None, 0):
            return None
        sides[sp.Abs(u)] = sign * u
    return sides


def _sign(e: sp.Expr, point: Point) -> int | None:
    try:
        return certified_sign(e, point)
    except UndefinedError:
        return None
