r"""A function of a process that does not tend to 0: rest points elsewhere, and noise wherever the function vanishes.

A process that starts where drift and noise vanish stays there. A scalar process that never explodes, with a polynomial
f of it tending to 0, would converge to a real zero of f; where the noise does not vanish at that zero no path converges
to it, since in its scale the process is a local martingale of unbounded quadratic variation.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import UndefinedError
from ....derivations.processes.growth import lives_for_ever
from ....derivations.processes.sde import SDE
from ...evidence import Finding
from ...judgement.breakpoints import roots
from ...judgement.comparison import certified_sign
from ...judgement.exact import value_text
from ...judgement.findings import refuted
from ...judgement.points import inside
from ...witness import Task


def settles_elsewhere(sde: SDE, f: sp.Expr, task: Task) -> Finding | None:
    """Return a refutation of "f tends to 0 from every start" for a scalar process, or None."""
    if sde.dimension != 1:
        return None
    domain = task.claim.domain
    for point in domain.points(4 * task.effort.points):
        for rest in rest_points(sde, point):
            if inside(domain, rest) and _sign(f, rest) in (-1, 1):
                value = value_text(f, rest)
                return refuted(
                    "Drift and noise vanish at the start, where the process stays.",
                    rest,
                    f"{f} tends to 0",
                    f"{f} = {value} for ever",
                    value,
                    effect=1.0,
                    certified=True,
                )
        if _noise_at_every_zero(sde, f, point) and lives_for_ever(sde, domain):
            return refuted(
                f"The process is noisy wherever {f} vanishes, so that it converges to none of these points.",
                point,
                f"{f} tends to 0",
                f"variance rate {value_text(sde.scalar()[2], point)} at the start, positive at every zero of {f}",
                "does not tend to 0",
                effect=1.0,
                certified=True,
            )
    return None


def rest_points(sde: SDE, point: Point) -> Iterator[Point]:
    """Yield `point` with the states at which drift and noise vanish, exact ones."""
    x, drift, variance = sde.scalar()
    at = {s: v for s, v in point.items() if s != x}
    moving, noisy = drift.xreplace(at), variance.xreplace(at)
    starts = roots(moving, x) if moving.has(x) else []
    for start in starts:
        rest = {**point, x: start}
        if all(_sign(e, rest) == 0 for e in (moving, noisy)):
            yield rest


def _noise_at_every_zero(sde: SDE, f: sp.Expr, point: Point) -> bool:
    """Whether f is a polynomial whose real zeros (at the parameters of `point`) all see noise."""
    x, _, variance = sde.scalar()
    parameters = {s: v for s, v in point.items() if s != x}
    g, v = (sp.sympify(e).xreplace(parameters) for e in (f, variance))
    if not g.is_polynomial(x) or not v.is_polynomial(x) or not g.has(x):
        return False
    polynomials = [sp.Poly(e, x) for e in (g, v)]
    if any(not c.is_Rational for p in polynomials for c in p.coeffs()):
        return False
    common = sp.gcd(*polynomials)
    return not polynomials[1].is_zero and common.count_roots() == 0


def _sign(e: sp.Expr, point: Point) -> int | None:
    try:
        return certified_sign(e, point)
    except UndefinedError:
        return None
