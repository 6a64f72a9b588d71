r"""A function of a process that does not tend to 0, shown on a ray that the process never leaves.

On a ray :math:`x = w\,e` with :math:`w > 0` that drift and noise keep, the process is a scalar diffusion
:math:`dw = \beta\,dt + \sigma\,dB` with :math:`\beta, \sigma = O(w)` at 0. Where :math:`\sigma` has no zero on
:math:`w > 0`, no path converges to an interior point: in its scale it is a local martingale of unbounded quadratic
variation. Where :math:`\lambda = \lim_{w \to 0} (\beta / w - \sigma^2 / 2 w^2) > 0`, none converges to 0 either: by
Ito's formula :math:`\log w` would grow like :math:`\lambda t`. A function that is a polynomial in w with isolated
zeros, on the ray, therefore does not tend to 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import DomainError
from ....derivations.processes.sde import SDE
from ....derivations.statements.processes import AlmostSureDecay
from ...evidence import Finding
from ...judgement.findings import refuted
from ...witness import Task

#: Along the ray.
_W = sp.Dummy("w", positive=True)


def does_not_decay(statement: AlmostSureDecay, task: Task) -> Finding | None:
    """Return a refutation by a ray on which the process never settles and the function has isolated zeros only.

    None says nothing.
    """
    sde, domain = statement.sde, task.claim.domain
    for direction in itertools.product((1, -1), repeat=sde.dimension):
        start = dict(zip(sde.state, map(sp.Integer, direction), strict=True))
        for point in domain.points(4 * task.effort.points):
            whole = point | start
            try:
                domain.check(whole)
            except DomainError:
                continue
            rate = escape_rate(sde, direction, whole)
            values = _polynomial(statement.function, sde, direction, whole)
            if rate is None or rate <= 0 or values is None or values.is_zero:
                continue
            on_ray = ", ".join(f"{x} = {'-' * (e < 0)}w" for x, e in zip(sde.state, direction, strict=True))
            return refuted(
                f"The process keeps the ray {on_ray}, on which no path converges, and the function is not 0 there.",
                whole,
                f"{statement.function} tends to 0",
                f"{values.as_expr()} on the ray {on_ray}, where log w grows at the mean rate {rate} near w = 0",
                "does not tend to 0",
                effect=1.0,
                certified=True,
            )
    return None


def escape_rate(sde: SDE, direction: tuple[int, ...], point: Point) -> sp.Rational | None:
    r"""Return :math:`\lambda` of the scalar diffusion on a ray, or None when the ray is not kept or may hold a path.

    Parameters
    ----------
    sde : SDE
        Equation with polynomial coefficients in the state.
    direction : tuple of int
        1 or -1 for each coordinate.
    point : mapping
        Exact values of the parameters.
    """
    drifts = {sp.expand(e * b) for e, b in zip(direction, _on_ray(sde.ito_drift, sde, direction, point), strict=True)}
    rows = {
        tuple(sp.expand(e * s) for s in _on_ray(sde.diffusion[i, :], sde, direction, point))
        for i, e in enumerate(direction)
    }
    if len(drifts) != 1 or len(rows) != 1:
        return None
    drift, variance = _poly(drifts.pop()), _poly(sum(s**2 for s in rows.pop()))
    if drift is None or variance is None or variance.is_zero:
        return None
    # lowest powers 1 and 2: the process cannot reach 0, and the limit exists
    if drift.eval(0) != 0 or any(variance.coeff_monomial(_W**k) != 0 for k in (0, 1)):
        return None
    if variance.quo(sp.Poly(_W**2, _W)).count_roots(0, sp.oo) != 0:
        return None
    rate = drift.coeff_monomial(_W) - variance.coeff_monomial(_W**2) / 2
    return sp.Rational(rate)


def _polynomial(f: sp.Expr, sde: SDE, direction: tuple[int, ...], point: Point) -> sp.Poly | None:
    return _poly(next(_on_ray([f], sde, direction, point)))


def _on_ray(expressions: object, sde: SDE, direction: tuple[int, ...], point: Point) -> Iterator[sp.Expr]:
    """Yield expressions at `point` with the state at w times the direction."""
    state = {x: e * _W for x, e in zip(sde.state, direction, strict=True)}
    parameters = {s: v for s, v in point.items() if s not in state}
    for e in sp.Matrix(expressions):
        yield sp.expand(e.subs(parameters).subs(state, simultaneous=True))


def _poly(e: sp.Expr) -> sp.Poly | None:
    """Return `e` as a polynomial in w with rational coefficients, or None."""
    try:
        found = sp.Poly(sp.expand(e), _W)
    except sp.PolynomialError:
        return None
    return found if all(c.is_Rational for c in found.coeffs()) else None
