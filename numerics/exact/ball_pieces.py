"""Functions in pieces in ball arithmetic: modulus and sign, rounding, extremes, real and imaginary parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp

from ...derivations.errors import NumericsError

if TYPE_CHECKING:
    from .values import Evaluation

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Function = Callable[["Evaluation", Any], Any]


def _absolute(at: Evaluation, e: Any) -> Any:
    from flint import acb

    z = at(e.args[0])
    if z.imag.is_zero() or at.analytic:
        return z.real_abs(analytic=at.analytic)
    if not at.at_point:
        raise NumericsError(f"{e} is the modulus of a complex function, which is not analytic")
    return acb(abs(z))


def _sign(at: Evaluation, e: Any) -> Any:
    from flint import acb

    if at.analytic:
        return at(e.args[0]).real_sgn(analytic=True)
    if at.is_zero(e.args[0]):
        return acb(0)
    return acb(1 if at.real(e.args[0]) > 0 else -1)


def _step(at: Evaluation, e: Any) -> Any:
    from flint import acb

    if at.analytic:
        return at(e.args[0]).real_heaviside(analytic=True)
    if at.is_zero(e.args[0]):
        return at(e.args[1]) if len(e.args) > 1 else acb(1) / 2
    return acb(1 if at.real(e.args[0]) > 0 else 0)


def _rounded(name: str) -> Function:
    def value(at: Evaluation, e: Any) -> Any:
        from flint import acb

        z = at(e.args[0])
        if at.analytic:
            return getattr(z, f"real_{name}")(analytic=True)
        ball = at.real(e.args[0])
        near = ball.unique_fmpz() if ball.contains_integer() and not ball.is_exact() else None
        if near is not None and at.is_zero(e.args[0] - int(near)):
            return acb(int(near))
        return acb(getattr(ball, {"floor": "floor", "ceil": "ceil"}[name])())

    return value


def _extreme(name: str) -> Function:
    def value(at: Evaluation, e: Any) -> Any:
        from flint import acb

        if at.analytic:
            found = at(e.args[0])
            for other in e.args[1:]:
                found = getattr(found, f"real_{name}")(at(other), analytic=True)
            return found
        best = at.real(e.args[0])
        for other in e.args[1:]:
            best = getattr(best, name)(at.real(other))
        return acb(best)

    return value


def _part(name: str) -> Function:
    def value(at: Evaluation, e: Any) -> Any:
        from flint import acb

        if at.analytic:
            raise NumericsError(f"{e.func} is not analytic")
        return acb(getattr(at(e.args[0]), name))

    return value


#: How each function is evaluated at a node.
PIECES: dict[Any, Function] = {
    sp.Abs: _absolute,
    sp.sign: _sign,
    sp.Heaviside: _step,
    sp.floor: _rounded("floor"),
    sp.ceiling: _rounded("ceil"),
    sp.Max: _extreme("max"),
    sp.Min: _extreme("min"),
    sp.re: _part("real"),
    sp.im: _part("imag"),
    sp.conjugate: lambda at, e: at(e.args[0]).conjugate(),
}
