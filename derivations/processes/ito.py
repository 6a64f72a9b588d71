"""Ito's formula: generators, and the SDE of a function of a diffusion."""

from __future__ import annotations

import sympy as sp

from ..errors import ClaimError
from ..expressions import canonical
from .sde import SDE


def canonical_sde(sde: SDE) -> SDE:
    """Return an equation with its coefficients in SymPy's canonical form."""
    return SDE(sde.state, canonical(sde.drift), canonical(sde.diffusion), sde.calculus)


def generator(sde: SDE, f: sp.Expr) -> sp.Expr:
    r"""Return :math:`Lf = b\cdot\nabla f + \tfrac12\sum_{ij}(SS^T)_{ij}\,\partial_i\partial_j f`, the drift of f(X)."""
    covariance = sde.covariance
    drift = sum(b * sp.diff(f, x) for b, x in zip(sde.ito_drift, sde.state, strict=True))
    second = sum(covariance[i, j] * sp.diff(f, x, y) for i, x in enumerate(sde.state) for j, y in enumerate(sde.state))
    return drift + second / 2


def noise(sde: SDE, f: sp.Expr) -> sp.ImmutableMatrix:
    r"""Return the row :math:`\nabla f^T S` of shape (1, m): the coefficients of dB in df(X)."""
    gradient = sp.Matrix([[sp.diff(f, x) for x in sde.state]])
    return sp.ImmutableMatrix(gradient * sde.diffusion)


def transform(sde: SDE, image: sp.Symbol, f: sp.Expr, inverse: sp.Expr) -> SDE:
    """Return the Ito SDE of Z = f(X) in one dimension.

    Parameters
    ----------
    sde : SDE
        A one-dimensional equation for X.
    image : Symbol
        Name of Z.
    f : Expr
        Strictly monotone function of the state.
    inverse : Expr
        X in terms of `image`; ``f(inverse) == image`` is checked.

    Raises
    ------
    ClaimError
        If the equation is not one-dimensional or `inverse` does not invert `f`.
    """
    if sde.dimension != 1:
        raise ClaimError(f"transform needs a one-dimensional SDE; this one has {sde.dimension} coordinates")
    x = sde.state[0]
    if sp.simplify(f.subs(x, inverse) - image) != 0:
        raise ClaimError(f"{inverse} does not invert {f}: f(inverse) must simplify to {image}")
    drift = sp.simplify(generator(sde, f).subs(x, inverse))
    row = [sp.simplify(c.subs(x, inverse)) for c in noise(sde, f)]
    return SDE(image, drift, sp.ImmutableMatrix([row]))
