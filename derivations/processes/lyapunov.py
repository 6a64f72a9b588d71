"""Linearisation of a diffusion at an invariant point, its Lyapunov exponents, and Feller boundary exponents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..domain import Domain
from ..errors import ClaimError
from .fokker_planck import dominant_power, exponent_signs, possible_signs, toward
from .sde import SDE

#: No parameters with ranges.
NOWHERE = Domain()


@dataclass(frozen=True)
class Linearisation:
    """The linear SDE dY = A Y dt + sum_k B_k Y dB_k at an invariant point.

    Parameters
    ----------
    drift : sympy matrix of shape (d, d)
        A.
    noises : tuple of sympy matrices of shape (d, d)
        B_k.
    """

    drift: sp.ImmutableMatrix
    noises: tuple[sp.ImmutableMatrix, ...]


def linearise(sde: SDE, point: Sequence[Any]) -> Linearisation:
    """Return the linearisation of `sde` at `point`, A = Db(point) and B_k = DS_k(point), Ito sense.

    Raises
    ------
    ClaimError
        If drift or diffusion does not vanish at the point, or has no derivative there.
    """
    at = dict(zip(sde.state, map(sp.sympify, point), strict=True))
    state = sp.Matrix(sde.state)
    columns = [sde.ito_drift, *(sde.diffusion[:, k] for k in range(sde.noises))]
    jacobians = []
    for column in columns:
        value = sp.Matrix(column).subs(at).applyfunc(sp.simplify)
        if any(v != 0 for v in value):
            raise ClaimError(f"{list(column)} does not vanish at {tuple(point)}; the point is not invariant")
        jacobian = sp.Matrix(column).jacobian(state).subs(at).applyfunc(sp.sympify)
        # SymPy gives the sign of 0 as 0: a kink has a derivative there
        kinks = [e.args[0].subs(at) for e in sp.Matrix(column).atoms(sp.Abs, sp.sign) if e.has(*sde.state)]
        jumps = [e for e in sp.Matrix(column).atoms(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside) if e.has(*sde.state)]
        smooth = not jumps and all(sp.simplify(e) != 0 for e in kinks)
        if not smooth or jacobian.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
            raise ClaimError(f"{list(column)} has no derivative at {tuple(point)}; linearise needs smooth coefficients")
        jacobians.append(sp.ImmutableMatrix(jacobian))
    return Linearisation(jacobians[0], tuple(jacobians[1:]))


def exponents(linear: Linearisation) -> tuple[sp.Expr, ...]:
    r"""Return the Lyapunov exponents :math:`\lambda_i = a_i - \tfrac12\sum_k b_{ik}^2` of commuting linear noise.

    A and all B_k must have a common basis of eigenvectors with real eigenvalues a_i, b_ik; then coordinate i is the
    geometric Brownian motion exp(lambda_i t + sum_k b_ik B_k(t)).

    Raises
    ------
    ClaimError
        If no common real eigenbasis is found.
    """
    matrices = (linear.drift, *linear.noises)
    size = linear.drift.shape[0]
    basis = sp.eye(size)
    if not all(m.is_diagonal() for m in matrices):
        mixed = next(m for m in matrices if not m.is_diagonal())
        vectors = [v for _, _, space in sp.Matrix(mixed).eigenvects() for v in space]
        if len(vectors) != size:
            raise ClaimError(f"{mixed.tolist()} is not diagonalisable; no exponents in closed form")
        basis = sp.Matrix.hstack(*vectors)
    inverse = basis.inv()
    diagonals = []
    for m in matrices:
        image = (inverse * m * basis).applyfunc(lambda e: sp.factor(sp.simplify(e)))
        if not image.is_diagonal():
            raise ClaimError("drift and noise matrices have no common eigenbasis; no exponents in closed form")
        if not all(_real(image[i, i]) for i in range(size)):
            raise ClaimError("an eigenvalue is not seen to be real; no exponents in closed form")
        diagonals.append([image[i, i] for i in range(size)])
    drift, *noises = diagonals
    return tuple(sp.expand(drift[i] - sum(b[i] ** 2 for b in noises) / 2) for i in range(size))


def _real(e: sp.Expr) -> bool:
    """Whether an eigenvalue is real wherever it has a value: a root of what may be negative is for some parameters."""
    roots = (p for p in e.atoms(sp.Pow) if not p.exp.is_integer)
    return e.is_real is not False and not e.has(sp.I) and all(p.is_real for p in roots)


def attraction_margin(sde: SDE, point: Sequence[Any]) -> sp.Expr:
    r"""Return :math:`\min_i(-\lambda_i)`: the point is attractive where it is > 0, and not where it is < 0.

    With all exponents negative the linearisation is exponentially stable in p-th mean for small p > 0, which passes
    to the nonlinear equation (Khasminskii, Stochastic Stability of Differential Equations, sections 5.7 and 7.1). In
    one dimension this is the convergence of the scale integral at the point.
    """
    linear = linearise(sde, point)
    try:
        margins = [sp.expand(-e) for e in exponents(linear)]
    except ClaimError:
        margins = _in_the_plane(linear)
        if not margins:
            raise
    smallest = margins[0]
    for other in margins[1:]:
        mean, gap = sp.expand((smallest + other) / 2), sp.factor(sp.expand((smallest - other) / 2))
        smallest = mean - sp.Abs(gap)
    return smallest


def _in_the_plane(linear: Linearisation) -> list[sp.Expr]:
    r"""Return numbers that are all positive where a point of the plane is attractive, one negative where it is not.

    Where all matrices are complex numbers :math:`a, b_k`, :math:`\log|Y|` drifts at the rate
    :math:`\Re a - \tfrac12\sum_k \Re b_k^2`. Where the noises are numbers :math:`b_k`, the exponents are the real
    parts of the eigenvalues of :math:`A - \tfrac12\sum_k b_k^2`, all negative iff minus the trace and the determinant
    are positive. No numbers for other matrices.
    """
    matrices = (linear.drift, *linear.noises)
    if linear.drift.shape != (2, 2):
        return []
    if all(sp.expand(m[0, 0] - m[1, 1]) == 0 and sp.expand(m[0, 1] + m[1, 0]) == 0 for m in matrices):
        return [
            sp.expand(sum((b[0, 0] ** 2 - b[0, 1] ** 2 for b in linear.noises), sp.Integer(0)) / 2 - linear.drift[0, 0])
        ]
    if all(b == b[0, 0] * sp.eye(2) for b in linear.noises):
        moved = linear.drift - sum((b[0, 0] ** 2 for b in linear.noises), sp.Integer(0)) / 2 * sp.eye(2)
        return [sp.expand(-moved.trace()), sp.expand(moved.det())]
    return []


def boundary_exponent(sde: SDE, end: Any, domain: Domain = NOWHERE) -> sp.Expr:
    r"""Return :math:`\kappa = \lim 2 b(x)(x - end)/\sigma^2(x)` as x falls to `end` (x in place of x - end at oo).

    The scale density behaves like :math:`|x - end|^{-\kappa}` at a finite end and like :math:`x^{-\kappa}` at
    infinity. A finite end attracts iff its scale integral converges, kappa < 1; infinity iff kappa > 1 (the case
    kappa = 1 depends on higher orders). An infinite limit is returned as plus or minus infinity.

    Parameters
    ----------
    sde : SDE
        One-dimensional equation.
    end : Expr
        A finite end from above, or infinity.
    domain : Domain
        Ranges of the parameters, which may decide what leads.

    Raises
    ------
    ClaimError
        If the leading powers of the coefficients, or the sign of an infinite limit, are not known.
    """
    x, b, variance = sde.scalar()
    place = sp.sympify(end)
    if variance == 0:
        raise ClaimError("there is no noise, and 2 b x / sigma^2 has no limit")
    ratio = sp.cancel(sp.together(2 * b * (x if place.is_infinite else x - place) / variance))
    top, bottom = sp.fraction(ratio)
    if top.is_polynomial(x) and bottom.is_polynomial(x):
        found = _rational_limit(top, bottom, x, place)
        if found is not None:
            return found
    t = sp.Dummy("t", positive=True)
    lead = dominant_power(ratio.subs(x, toward(place, -1 if place.is_infinite else 1, t)), t, domain)
    if lead is None:
        raise ClaimError(f"2 b x / sigma^2 = {ratio} has no leading power at {end}; no exponent in closed form")
    coefficient, (order, *others) = lead[0], tuple(exponent_signs(lead[1], domain))
    if not others and order >= 0:
        return sp.simplify(coefficient) if order == 0 else sp.Integer(0)
    sides = possible_signs(coefficient, domain)
    if others or sides not in ({1}, {-1}):
        raise ClaimError(f"the sign of {coefficient} decides the limit at {end} and is not known")
    return sp.oo if 1 in sides else -sp.oo


def _rational_limit(top: sp.Expr, bottom: sp.Expr, x: sp.Symbol, place: sp.Expr) -> sp.Expr | None:
    """Return a finite limit of a quotient of polynomials, or an infinite one of known sign; None for others."""
    if not place.is_infinite:
        value = sp.cancel(top / bottom).subs(x, place)
        return None if value.has(sp.nan, sp.zoo, sp.oo) else sp.simplify(value)
    over, under = sp.Poly(top, x), sp.Poly(bottom, x)
    ratio = sp.factor(over.LC() / under.LC())
    rise = over.degree() - under.degree() if top != 0 else -1
    if rise <= 0:
        return ratio if rise == 0 else sp.Integer(0)
    return sp.oo if ratio.is_positive else -sp.oo if ratio.is_negative else None
