"""Exact expectations of polynomials in independent centred Gaussian variables."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from ..errors import DomainError


def gaussian_moment(order: int, variance: sp.Expr) -> sp.Expr:
    r"""Return :math:`E[z^k] = (k-1)!!\,\mathrm{var}^{k/2}` for even k and 0 for odd k, z ~ N(0, var).

    Parameters
    ----------
    order : int
        k >= 0.
    variance : sympy.Expr
        Variance of z.

    Raises
    ------
    DomainError
        If `order` is negative.
    """
    if order < 0:
        raise DomainError(f"order = {order}; a moment needs an order >= 0")
    if order % 2:
        return sp.Integer(0)
    return sp.factorial2(order - 1) * variance ** (order // 2)


def expectation(expr: sp.Expr, variances: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    r"""Return :math:`E[f(z_1,\dots,z_m)]` for a polynomial f of independent :math:`z_i\sim N(0,\mathrm{var}_i)`.

    Parameters
    ----------
    expr : sympy.Expr
        Polynomial in the keys of `variances`; coefficients may hold any other symbols.
    variances : mapping of Symbol to Expr
        Variance of each Gaussian variable.

    Returns
    -------
    sympy.Expr
        The expectation, free of the Gaussian variables.

    Raises
    ------
    DomainError
        If `expr` is not a polynomial in the Gaussian variables.
    """
    variables = list(variances)
    if not variables:
        return sp.sympify(expr)
    try:
        polynomial = sp.Poly(expr, *variables)
    except sp.PolynomialError:
        raise DomainError(f"{expr} is not a polynomial in {variables}; expand it or use a quadrature") from None
    return sp.Add(
        *(
            coefficient * sp.Mul(*(gaussian_moment(k, variances[z]) for z, k in zip(variables, powers, strict=True)))
            for powers, coefficient in polynomial.terms()
        )
    )
