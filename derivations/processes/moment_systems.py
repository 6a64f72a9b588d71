r"""Closed moment systems: the linear equation that the expectation of a sum of powers obeys.

When :math:`L x^e` stays in the span of finitely many powers :math:`x^{e_1}, \dots, x^{e_n}`, the vector of their
expectations solves :math:`y' = Ay`, and by Cayley and Hamilton's theorem each linear combination solves
:math:`\chi(d/dt)\,y = 0` with the characteristic polynomial of A, from the initial values :math:`(L^k\phi)(x_0)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from .growth import Monomials, monomials
from .ito import generator
from .sde import SDE

#: Powers that a closed system may have.
_LARGEST = 8


@dataclass(frozen=True)
class MomentSystem:
    """A closed system.

    Parameters
    ----------
    exponents : tuple of Expr
        Of the powers that span it.
    characteristic : tuple of Expr
        Coefficients of the characteristic polynomial, the leading 1 first.
    initial : tuple of Expr
        L^k phi for k = 0, ..., n - 1, in the state.
    """

    exponents: tuple[sp.Expr, ...]
    characteristic: tuple[sp.Expr, ...]
    initial: tuple[sp.Expr, ...]

    def equation(self, value: sp.Expr, t: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
        """Return the highest derivative of `value` and what the equation gives for it."""
        order = len(self.exponents)
        lower = (-c * sp.diff(value, t, order - k) for k, c in enumerate(self.characteristic) if k > 0)
        return sp.diff(value, t, order), sp.Add(*lower)


def moment_system(sde: SDE, observable: sp.Expr) -> MomentSystem | None:
    """Return the closed system of a sum of powers of the state, or None when there is no small one."""
    x = sde.state[0]
    start = monomials(observable, x)
    if start is None:
        return None
    images: dict[sp.Expr, Monomials] = {}
    waiting = list(start)
    while waiting:
        e = waiting.pop()
        if e in images:
            continue
        image = monomials(generator(sde, x**e), x)
        if image is None or len(images) == _LARGEST:
            return None
        images[e] = image
        waiting += image
    exponents = tuple(images) or (sp.Integer(0),)
    matrix = sp.Matrix(
        len(exponents), len(exponents), lambda i, j: images.get(exponents[i], {}).get(exponents[j], sp.Integer(0))
    )
    vector = sp.Matrix([[start.get(e, sp.Integer(0)) for e in exponents]])
    powers = sp.Matrix([x**e for e in exponents])
    initial = []
    for _ in exponents:
        initial.append((vector * powers)[0, 0])
        vector = (vector * matrix).applyfunc(sp.expand)
    characteristic = tuple(sp.expand(c) for c in matrix.charpoly().all_coeffs())
    return MomentSystem(exponents, characteristic, tuple(initial))
