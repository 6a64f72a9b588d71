"""Expectations of functions of a scalar diffusion by the backward Kolmogorov equation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.sparse import diags_array
from scipy.sparse.linalg import splu

from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked, parameter_values
from ..codegen import compile_expressions
from .generator import Estimate

#: Doublings of the interval of the backward equation.
_DOUBLINGS = 4
#: Noise of the logarithm at the lower end, in units of that at the start, beyond which 0 may be within reach.
_STRONGER = 100.0
_MOST_CELLS = 10**6


@checked(NumericsError)
def backward_expectation(
    sde: SDE,
    parameters: Mapping[sp.Symbol, Any],
    observable: sp.Expr,
    start: float,
    horizon: float,
    cells: int = 1600,
) -> Estimate:
    r"""Return E[phi(X_T)] from the backward equation :math:`u_t = Lu`, :math:`u(0, x) = \phi(x)`.

    Exponentially fitted finite differences (coordinate ln x for a positive state), TR-BDF2 in time; the error is the
    change on halving both meshes, and the value is extrapolated from the two. The interval has reflecting ends; it is
    doubled until the value changes by less than the error of the mesh, and what the last doubling changed, four times,
    is added to the error (a tail that falls like a power leaves more outside than the last doubling brought in).

    Parameters
    ----------
    sde : SDE
        A scalar equation.
    parameters : mapping
        Value of every parameter.
    observable : sympy.Expr
        phi, in the state.
    start : float
        X_0; positive when the state is.
    horizon : float
        T > 0.
    cells : int
        Mesh cells of the finer solve, >= 100.

    Raises
    ------
    NumericsError
        If an argument is outside its range, a positive state may reach 0, or the solution is not finite.
    """
    x, drift, variance = sde.scalar()
    if not (0 < horizon < float("inf") and abs(start) < float("inf")) or not 100 <= cells <= _MOST_CELLS:
        raise NumericsError(
            f"start={start}, horizon={horizon}, cells={cells}: give finite ones, horizon > 0, 100 to 10^6 cells"
        )
    if x.is_positive and start <= 0:
        raise NumericsError(f"start = {start}; the state {x} is positive, start above 0")
    values = {s: v for s, v in parameter_values(parameters, NumericsError).items() if s != x}
    held = set().union(*(sp.sympify(e).free_symbols for e in (drift, variance, observable)))
    missing = sorted(map(str, held - {x, *values}))
    if missing:
        raise NumericsError(f"observable or equation hold {', '.join(missing)}; give each a value in parameters")
    if x.is_positive:  # y = ln x, by the chain rule for the generator
        drift, variance = drift / x - variance / (2 * x**2), variance / x**2
    compiled = compile_expressions([x], [sp.sympify(e).subs(values) for e in (drift, variance, observable)], "numpy")

    def fields(y: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        state = np.exp(y) if x.is_positive else y
        return [np.broadcast_to(np.asarray(v, dtype=np.float64), y.shape) for v in compiled(state)]

    centre = float(np.log(start)) if x.is_positive else float(start)
    b, v, _ = (float(f[0]) for f in fields(np.array([centre])))
    reach = 8 * np.sqrt(v * horizon) + min(abs(b) * horizon, 4.0)
    if not reach > 0:
        raise NumericsError("the noise vanishes at the start; use an ODE solver")
    if x.is_positive and fields(np.array([centre - reach]))[1][0] > _STRONGER * v:
        raise NumericsError(f"the noise of log {x} grows towards {x} = 0, which may be reached; no mesh resolves that")
    before = np.nan
    for doubling in range(_DOUBLINGS):
        # the mesh in space keeps its width as the interval grows, that in time its step
        coarse, fine = (
            _backward(fields, centre, reach * 2**doubling, horizon, n << doubling, n // 4) for n in (cells // 2, cells)
        )
        if not np.isfinite(fine):
            raise NumericsError("the backward equation gave a value that is not finite; shorten the horizon")
        value, error = fine + (fine - coarse) / 3, abs(fine - coarse) / 2
        moved = abs(value - before)
        if moved <= error or moved <= 1e-12 * abs(value):
            return Estimate(value, error + 4 * moved)
        before = value
    raise NumericsError(f"the expectation still moves by {moved:.1g} as the interval grows; its tails are too heavy")


def _backward(fields: Any, centre: float, reach: float, horizon: float, cells: int, steps: int) -> float:
    half = cells // 2
    y = centre + reach * np.arange(-half, half + 1) / half
    h = reach / half
    b, v, u = fields(y)
    peclet = np.clip(b * h / np.maximum(v, 1e-300), -300, 300)
    # Il'in's fitted diffusion keeps the matrix monotone where drift dominates and stays second order elsewhere
    fitted = v / 2 * np.where(np.abs(peclet) > 1e-6, peclet / np.tanh(np.where(peclet == 0, 1, peclet)), 1.0)
    up, down = fitted / h**2 + b / (2 * h), fitted / h**2 - b / (2 * h)
    up[-1] = down[0] = 0.0
    matrix = diags_array([down[1:], -(up + down), up[:-1]], offsets=[-1, 0, 1], format="csc")
    dt, gamma = horizon / steps, 2 - np.sqrt(2.0)
    identity = diags_array(np.ones_like(y), format="csc")
    solver = splu((identity - gamma * dt / 2 * matrix).tocsc())
    for _ in range(steps):
        middle = solver.solve(u + gamma * dt / 2 * (matrix @ u))
        u = solver.solve((middle - (1 - gamma) ** 2 * u) / (gamma * (2 - gamma)))
    return float(u[half])
