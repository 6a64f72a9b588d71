r"""A one-dimensional SDE with numbers for its parameters, in the coordinate z in which it is solved.

With x = x(z) the process Z obeys :math:`dZ=\beta\,dt+\sqrt\nu\,dB` with :math:`\nu=v/x'^2` and
:math:`\beta=b/x'-\tfrac12\nu\,x''/x'` (Ito). Ratios such as b/x are formed symbolically, before anything underflows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked, parameter_values
from ..codegen import compile_expressions
from .quadrature import Coordinate

Array = NDArray[np.float64]

#: Beyond this |z| the exponential of a logarithmic coordinate leaves the floats.
_FARTHEST = 690.0


def _exact(value: Any) -> sp.Expr:
    """Return a parameter as an exact number, so that symbolic division stays exact."""
    number = sp.sympify(value)
    return sp.Rational(number) if number.is_Float else number


class ScalarDiffusion:
    """Drift and variance rate of a scalar SDE on an interval, as functions of a coordinate z.

    Parameters
    ----------
    sde : SDE
        One-dimensional equation, Ito or Stratonovich.
    parameters : mapping, optional
        Value of every parameter.
    support : (float, float), optional
        Open interval on which the process lives; default (0, oo) for a positive state, else the real line.
    coordinate : {"linear", "log", "logit"}, optional
        z = x, the logarithm of the distance to the finite end of a half line, or the logit on a finite interval.
        Default by the support: linear on the line, log on a half line, logit on a finite interval.

    Raises
    ------
    DomainError
        If a parameter has no value, the support is empty, or the coordinate does not fit it.
    """

    @checked(DomainError)
    def __init__(
        self,
        sde: SDE,
        parameters: Mapping[sp.Symbol, Any] | None = None,
        *,
        support: tuple[float, float] | None = None,
        coordinate: str | None = None,
    ) -> None:
        x, drift, variance = sde.scalar()
        values = {s: v for s, v in parameter_values(parameters).items() if s != x}
        drift, variance = (sp.sympify(e).subs(values) for e in (drift, variance))
        missing = sorted(map(str, (drift.free_symbols | variance.free_symbols) - {x}))
        if missing:
            raise DomainError(f"parameters lacks values for {', '.join(missing)}; give one for each")
        if variance == 0:
            raise DomainError(f"the noise of {sde!r} vanishes; solve the ordinary differential equation instead")
        natural = (0.0, math.inf) if x.is_positive else (-math.inf, math.inf)
        self.support = natural if support is None else (float(support[0]), float(support[1]))
        low, high = self.support
        if not low < high:
            raise DomainError(f"support = ({low}, {high}) is empty; give low < high")
        infinite = math.isinf(low) + math.isinf(high)
        self.coordinate = ("logit", "log", "linear")[infinite] if coordinate is None else coordinate
        needs = {"linear": (0, 1, 2), "log": (1,), "logit": (0,)}
        if self.coordinate not in needs:
            raise DomainError(f"coordinate = {coordinate!r}; choose 'linear', 'log' or 'logit'")
        if infinite not in needs[self.coordinate]:
            raise DomainError(
                f"coordinate = {coordinate!r} on ({low}, {high}): 'log' needs a half line and 'logit' a finite interval"
            )
        self._map = Coordinate(-math.inf, math.inf) if self.coordinate == "linear" else Coordinate(low, high)
        self._compile(x, drift, variance)

    def _compile(self, x: sp.Symbol, drift: sp.Expr, variance: sp.Expr) -> None:
        """Compile (beta, nu) as functions of e = exp(z), or exp(-z) below a finite upper end, or of x itself."""
        low, high = self.support
        e = sp.Symbol("e", positive=True)
        self._sign = 1.0
        if self.coordinate == "linear":
            self._argument, pair = x, (drift, variance)
        else:
            if math.isinf(high):
                place, slope, bend = _exact(low) + e, e, sp.Integer(1)
            elif math.isinf(low):
                place, slope, bend, self._sign = _exact(high) - e, e, sp.Integer(-1), -1.0
            else:
                width = _exact(high) - _exact(low)
                place, slope = _exact(low) + width * e / (1 + e), width * e / (1 + e) ** 2
                bend = (1 - e) / (1 + e)
            b, v = drift.subs(x, place), variance.subs(x, place)
            rate = _cancelled(v / slope**2)
            self._argument, pair = e, (_cancelled(b / slope - rate * bend / 2), rate)
        self._function = compile_expressions([self._argument], list(pair), "numpy")

    @checked(DomainError)
    def z(self, x: float) -> float:
        """Return the coordinate of the state x.

        Raises
        ------
        DomainError
            If x lies outside the open support.
        """
        if not (self.support[0] < x < self.support[1] and math.isfinite(x)):
            raise DomainError(f"x = {x} lies outside the support ({self.support[0]}, {self.support[1]})")
        return self._map.z(x)

    def x(self, z: Array) -> Array:
        """Return the states at the coordinates z."""
        return self._map.x(np.asarray(z, dtype=np.float64))

    def slope(self, z: Array) -> Array:
        """Return dx/dz."""
        return np.asarray(np.exp(self._map.log_jacobian(np.asarray(z, dtype=np.float64))), dtype=np.float64)

    def raw(self, z: Array) -> tuple[Array, Array]:
        """Return drift and variance rate of Z, NaN or infinite where the expressions are; shapes as z."""
        z = np.asarray(z, dtype=np.float64)
        argument = z
        if self.coordinate != "linear":
            argument = np.exp(np.clip(self._sign * z, -_FARTHEST, _FARTHEST))
        with np.errstate(all="ignore"):
            drift, variance = self._function(argument)
        return np.broadcast_to(np.asarray(drift, dtype=np.float64), z.shape), np.broadcast_to(
            np.asarray(variance, dtype=np.float64), z.shape
        )

    def __call__(self, z: Array) -> tuple[Array, Array]:
        """Return drift and variance rate of Z at z.

        Raises
        ------
        NumericsError
            If one is not finite, or the variance rate is not positive, somewhere on z.
        """
        drift, variance = self.raw(z)
        good = np.isfinite(drift) & np.isfinite(variance) & (variance > 0)
        if not good.all():
            where = float(self.x(np.asarray(z)[~good][:1])[0])
            raise NumericsError(
                f"drift or variance rate is not finite and positive at x = {where:.6g}; "
                "narrow the range, or use a coordinate that sends this end to infinity"
            )
        return drift, variance


def _cancelled(e: sp.Expr) -> sp.Expr:
    """Cancel common factors of a ratio; leave what is not rational to `expand`."""
    try:
        return sp.cancel(sp.together(e))
    except sp.PolynomialError:
        return sp.powsimp(sp.expand(e))
