"""Linearisation of a diffusion at an invariant point, its Lyapunov exponents, and Feller boundary exponents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from .sde import SDE


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
        if any(image[i, i].is_real is False for i in range(size)):
            raise ClaimError("an eigenvalue is not real; no exponents in closed form")
        diagonals.append([image[i, i] for i in range(size)])
    drift, *noises = diagonals
    return tuple(sp.expand(drift[i] - sum(b[i] ** 2 for b in noises) / 2) for i in range(size))


def attraction_margin(sde: SDE, point: Sequence[Any]) -> sp.Expr:
    r"""Return :math:`\min_i(-\lambda_i)`: the point is attractive where it is > 0, and not where it is < 0.

    With all exponents negative the linearisation is exponentially stable in p-th mean for small p > 0, which passes
    to the nonlinear equation (Khasminskii, Stochastic Stability of Differential Equations, sections 5.7 and 7.1). In
    one dimension this is the convergence of the scale integral at the point.
    """
    margins = [sp.expand(-e) for e in exponents(linearise(sde, point))]
    smallest = margins[0]
    for other in margins[1:]:
        mean, gap = sp.expand((smallest + other) / 2), sp.factor(sp.expand((smallest - other) / 2))
        smallest = mean - sp.Abs(gap)
    return smallest


def boundary_exponent(sde: SDE, end: Any) -> sp.Expr:
    r"""Return :math:`\kappa = \lim 2 b(x)(x - end)/\sigma^2(x)` as x falls to `end` (x in place of x - end at oo).

    The scale density behaves like :math:`|x - end|^{-\kappa}` at a finite end and like :math:`x^{-\kappa}` at
    infinity. A finite end attracts iff its scale integral converges, kappa < 1; infinity iff kappa > 1 (the case
    kappa = 1 depends on higher orders). An infinite limit is returned as plus or minus infinity.

    Raises
    ------
    ClaimError
        If the coefficients are not rational functions near the end, or the sign of an infinite limit is open.
    """
    x, b, variance = sde.scalar()
    distance = x if end in (sp.oo, -sp.oo) else x - sp.sympify(end)
    top, bottom = sp.fraction(sp.cancel(sp.together(2 * b * distance / variance)))
    if not (top.is_polynomial(x) and bottom.is_polynomial(x)):
        raise ClaimError(f"2 b x / sigma^2 = {top}/{bottom} is not rational in {x}; no exponent in closed form")
    if end not in (sp.oo, -sp.oo):
        value = sp.cancel(top / bottom).subs(x, sp.sympify(end))
        if value.has(sp.nan, sp.zoo, sp.oo):
            raise ClaimError(f"2 b x / sigma^2 has no finite limit at {end}")
        return sp.simplify(value)
    over, under = sp.Poly(top, x), sp.Poly(bottom, x)
    ratio = sp.factor(over.LC() / under.LC())
    rise = over.degree() - under.degree() if top != 0 else -1
    if rise < 0:
        return sp.Integer(0)
    if rise == 0:
        return ratio
    leading = ratio * sp.sign(end) ** rise
    if leading.is_positive:
        return sp.oo
    if leading.is_negative:
        return -sp.oo
    raise ClaimError(f"the sign of {leading} decides the limit at {end} and is not known")
