r"""Moments after many small steps, expanded in the step size: the limit and its first correction, as balls.

Moments up to a degree are carried by a matrix A(u) for one step of size u, A(0) = 1, or by exp(t F(u)) for a flow. At a
fixed time t, A(u)^(t/u) = exp(t (G0 + u G1 + O(u^2))), where A = 1 + u A1 + u^2 A2 + ..., G0 = A1, G1 = A2 - A1^2/2; so
m(u) = y0 + u y1 + O(u^2), and (y0, y1) is carried by exp(t [[G0, 0], [G1, G0]]) from (m, 0). Nothing is extrapolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError
from .enclosures import precision
from .fraction_field import flint


@dataclass(frozen=True)
class Expansion:
    """Moments y0 + u y1 + O(u^2) of degree 0, 1, ... at a fixed time.

    Parameters
    ----------
    zeroth, first : list of arb
        y0 and y1.
    generator : sympy.Matrix
        G0.
    """

    zeroth: list[Any]
    first: list[Any]
    generator: sp.Matrix

    @property
    def transports(self) -> bool:
        """Whether G0 moves points without spreading them: then y0 are the powers of one number."""
        size = self.generator.rows
        shifted = [[0] * size] + [[j * e for e in self._velocity(j - 1)] for j in range(1, size)]
        return bool(self.generator == sp.Matrix(shifted))

    def _velocity(self, shift: int) -> list[sp.Expr]:
        """Return the coefficients of w^shift times the velocity of a point."""
        size = self.generator.rows
        return ([sp.Integer(0)] * shift + list(self.generator.row(1)))[:size]


def expand_steps(step: sp.Matrix, u: sp.Symbol, time: sp.Rational, start: sp.Rational) -> Expansion:
    """Return the moments after time/u steps from the fixed `start`.

    Parameters
    ----------
    step : Matrix
        A(u), entries polynomial in u with rational coefficients, lower triangular.
    u : Symbol
        The step size.
    time, start : Rational
        t and the first state.

    Raises
    ------
    NumericsError
        If an entry is of another form, or A(0) is not 1.
    """
    identity, first, second = _coefficients(step, u, 3)
    if identity != sp.eye(step.rows):
        raise NumericsError("a step of size 0 does not leave the moments as they are")
    return _carried(first, second - first**2 / 2, time, start)


def expand_flow(flow: sp.Matrix, u: sp.Symbol, time: sp.Rational, start: sp.Rational) -> Expansion:
    """Return the moments of a diffusion, m' = F(u) m, from the fixed `start`; see :func:`expand_steps`."""
    generator, correction = _coefficients(flow, u, 2)
    return _carried(generator, correction, time, start)


def _coefficients(matrix: sp.Matrix, u: sp.Symbol, count: int) -> list[sp.Matrix]:
    found = [sp.zeros(*matrix.shape) for _ in range(count)]
    for i, j in ((i, j) for i in range(matrix.rows) for j in range(matrix.cols)):
        entry = sp.cancel(matrix[i, j])
        if not entry.is_polynomial(u):
            raise NumericsError(f"{entry} is no polynomial in the step size")
        for power, part in enumerate(found):
            part[i, j] = sp.Poly(entry, u).coeff_monomial(u**power)
    return found


def same_limit(step: sp.Matrix, flow: sp.Matrix, u: sp.Symbol) -> bool:
    """Whether steps and a flow carry moments alike as u tends to 0, for all values of the parameters: equal generators.

    Raises
    ------
    NumericsError
        If an entry is no polynomial in u.
    """
    identity, first = _coefficients(step, u, 2)
    (generator,) = _coefficients(flow, u, 1)
    return bool(identity == sp.eye(step.rows) and (first - generator).applyfunc(sp.expand).is_zero_matrix)


def _carried(generator: sp.Matrix, correction: sp.Matrix, time: sp.Rational, start: sp.Rational) -> Expansion:
    size = generator.rows
    whole = time * sp.Matrix(sp.BlockMatrix([[generator, sp.zeros(size)], [correction, generator]]))
    with precision():
        f = flint()
        rows = [[f.arb(_fmpq(e)) for e in whole.row(i)] for i in range(2 * size)]
        begin = f.arb_mat([[f.arb(_fmpq(start**j))] for j in range(size)] + [[f.arb(0)] for _ in range(size)])
        moved = f.arb_mat(rows).exp() * begin
        values = [moved[i, 0] for i in range(2 * size)]
    return Expansion(values[:size], values[size:], generator)


def _fmpq(value: sp.Expr) -> Any:
    if not value.is_Rational:
        raise NumericsError(f"{value} is not rational, so that the moments are not expanded there")
    return flint().fmpq(int(value.p), int(value.q))


def mean(polynomial: sp.Poly, moments: Sequence[Any]) -> Any:
    """Return the ball of sum_j c_j m_j for a polynomial with rational coefficients c_j."""
    f = flint()
    return sum((f.arb(_fmpq(c)) * moments[j] for (j,), c in polynomial.terms()), f.arb(0))
