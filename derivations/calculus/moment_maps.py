r"""Closed linear maps of the moments of one variable: of a random step, and of a diffusion.

Where a step w -> U(w, z) is affine in w, the mean of U^j is a polynomial of degree j in w, so that the moments up to
degree d are carried to one another by a matrix: :math:`m' = A m`, with :math:`m_j = E w^j`. Where an equation has a
linear drift and a quadratic variance rate, :math:`\dot m = G m`.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from ..errors import ClaimError
from ..matrices.gaussian_moments import expectation
from ..processes.ito import generator
from ..processes.sde import SDE


def step_moments(
    update: sp.Expr, variable: sp.Symbol, variances: Mapping[sp.Symbol, sp.Expr], degree: int
) -> sp.ImmutableMatrix:
    """Return A of shape (degree + 1, degree + 1) for one random step.

    Parameters
    ----------
    update : sympy.Expr
        U, a polynomial in the variable and the data.
    variable : Symbol
        w.
    variances : mapping
        Variance of each entry of the data, independent, Gaussian and centred.
    degree : int
        d >= 1.

    Raises
    ------
    ClaimError
        If a moment of degree j needs one above j.
    """
    return _matrix([expectation(update**j, variances) for j in range(degree + 1)], variable)


def diffusion_moments(sde: SDE, degree: int) -> sp.ImmutableMatrix:
    """Return G of shape (degree + 1, degree + 1) for a scalar equation; ClaimError as in :func:`step_moments`."""
    x = sde.scalar()[0]
    return _matrix([generator(sde, x**j) for j in range(degree + 1)], x)


def _matrix(images: list[sp.Expr], variable: sp.Symbol) -> sp.ImmutableMatrix:
    size = len(images)
    if size < 2:
        raise ClaimError("degree must be at least 1")
    rows = []
    for j, image in enumerate(images):
        polynomial = sp.Poly(sp.expand(image), variable)
        if polynomial.degree() > j:
            raise ClaimError(f"moment {j} needs moment {polynomial.degree()}: the moments do not close")
        rows.append([polynomial.coeff_monomial(variable**i) for i in range(size)])
    return sp.ImmutableMatrix(rows)
