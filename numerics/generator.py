"""Deterministic numerics of generators: one-step rates, the backward equation, concrete Fokker-Planck tests."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.sparse import diags_array
from scipy.sparse.linalg import splu
from sympy.core.function import AppliedUndef

from ..derivations.errors import NumericsError
from ..derivations.sde import SDE
from ..derivations.statements.fokker_planck_form import FokkerPlanckForm, substitute_functions
from .codegen import compile_expressions

#: Functions of arrays of states.
Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Estimate:
    """A number with a bound on its error, taken from refinement."""

    value: float
    error: float


def step_rates(
    sde: SDE, function: sp.Expr, point: Mapping[sp.Symbol, Any], digits: int = 50
) -> tuple[Estimate, Estimate]:
    r"""Return drift and variance rate of f(X) at a point, from one Euler step and no derivative of f.

    :math:`\lim_{h\to0}(E f(x + bh + S\sqrt h\,z) - f(x))/h` and the limit of the variance over h, with the five-point
    Gauss-Hermite rule (exact to degree 9 in z) and polynomial extrapolation over h, h/2, h/4, h/8.

    Parameters
    ----------
    sde : SDE
        Equation for X.
    function : sympy.Expr
        f, in the state and the parameters.
    point : mapping
        Exact value of every state variable and parameter.
    digits : int
        Decimal digits of the working precision.

    Raises
    ------
    NumericsError
        If f is not real on the states that one small step reaches.
    """
    with mpmath.workdps(digits):
        x = [mpmath.mpf(sp.Rational(point[s]).p) / sp.Rational(point[s]).q for s in sde.state]
        drift = [_number(e.subs(point), digits) for e in sde.ito_drift]
        diffusion = [[_number(e.subs(point), digits) for e in row] for row in sde.diffusion.tolist()]
        parameters = {s: v for s, v in point.items() if s not in sde.state}
        f = sp.lambdify(list(sde.state), function.subs(parameters), "mpmath")
        size = 1 + max(map(abs, [*drift, *itertools.chain.from_iterable(diffusion)]), default=0)
        room = min([1, *(abs(v) for v in x if v != 0)])
        base = (room / size) ** 2 / 2**16
        start = f(*x)
        means, variances = [], []
        for halving in range(4):
            h = base / 2**halving
            mean, variance = _one_step(f, x, drift, diffusion, h)
            means.append((mean - start) / h)
            variances.append(variance / h)
        return extrapolated(means), extrapolated(variances)


def _one_step(f: Any, x: list[Any], drift: list[Any], diffusion: list[list[Any]], h: Any) -> tuple[Any, Any]:
    root = mpmath.sqrt(10)
    nodes = [mpmath.mpf(0), *(s * mpmath.sqrt(5 + r) for r in (-root, root) for s in (-1, 1))]
    weights = [mpmath.mpf(8) / 15, *((7 + 2 * r) / 60 for r in (root, root, -root, -root))]
    values, probabilities = [], []
    for chosen in itertools.product(range(5), repeat=len(diffusion[0])):
        z = [nodes[c] * mpmath.sqrt(h) for c in chosen]
        state = [xi + b * h + mpmath.fdot(row, z) for xi, b, row in zip(x, drift, diffusion, strict=True)]
        value = f(*state)
        if isinstance(value, mpmath.mpc):
            raise NumericsError(f"the function is not real at {state}, which one step from {x} reaches")
        values.append(value)
        probabilities.append(mpmath.fprod(weights[c] for c in chosen))
    mean = mpmath.fdot(probabilities, values)
    return mean, mpmath.fdot(probabilities, [(v - mean) ** 2 for v in values])


def extrapolated(values: list[Any]) -> Estimate:
    """Return the limit h -> 0 of values at h, h/2, h/4, ... by Richardson's table, with the last correction."""
    table = list(values)
    last = table[-1]
    for order in range(1, len(values)):
        table = [(2**order * b - a) / (2**order - 1) for a, b in itertools.pairwise(table)]
        last, previous = table[-1], last
    return Estimate(float(last), float(abs(last - previous)) + 1e-30)


def _number(expr: sp.Expr, digits: int) -> Any:
    value = sp.N(expr, digits + 5)
    if not value.is_real:
        raise NumericsError(f"the coefficient {expr} is not a real number")
    return mpmath.mpf(str(value))


#: Doublings of the interval of the backward equation.
_DOUBLINGS = 4


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
        If an argument is outside its range or the solution is not finite.
    """
    x, drift, variance = sde.scalar()
    if horizon <= 0 or cells < 100:
        raise NumericsError(f"horizon={horizon}, cells={cells}: give horizon > 0 and cells >= 100")
    if x.is_positive and start <= 0:
        raise NumericsError(f"start = {start}; the state {x} is positive, start above 0")
    values = {s: sp.sympify(v) for s, v in parameters.items() if s != x}
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


def weak_gap(
    statement: FokkerPlanckForm,
    chosen: Mapping[AppliedUndef, sp.Expr],
    test: sp.Expr,
    point: Mapping[sp.Symbol, Any],
    nodes: int = 24,
) -> tuple[float, float]:
    r"""Return (:math:`\int\phi\,R[p]\,dx`, d/dt E[phi]) for concrete functions, by quadrature.

    The second number is measured from the process: phi is averaged over p and over one Euler step of size h, with
    Gauss-Hermite nodes for both, and the increment over h is extrapolated to h -> 0. No adjoint is formed.

    Parameters
    ----------
    statement : FokkerPlanckForm
        Supplies the process and the right side R.
    chosen : mapping
        A choice of :meth:`FokkerPlanckForm.members`, whose density is exp(-|x|^2 / 2).
    test : sympy.Expr
        Polynomial test function phi of the state.
    point : mapping
        Values of the parameters.
    nodes : int
        Gauss-Hermite nodes a dimension for the integrals over p.
    """
    sde, state = statement.sde, statement.sde.state
    parameters = {s: sp.sympify(v) for s, v in point.items() if s not in state}
    right = substitute_functions(statement.right_side, chosen).subs(parameters)
    coefficients = [substitute_functions(e, chosen).subs(parameters) for e in (*sde.ito_drift, *sde.diffusion)]
    evaluate = compile_expressions(state, [right, test, *coefficients], "numpy")
    phi = compile_expressions(state, [test], "numpy")
    x, weights = gauss_hermite(nodes, len(state))
    got = [np.broadcast_to(np.asarray(v, dtype=np.float64), weights.shape) for v in evaluate(*x)]
    over_density = np.exp((x**2).sum(axis=0) / 2)
    stated = float(np.sum(weights * got[0] * over_density * got[1]))
    d, m = sde.dimension, sde.noises
    drift = np.stack(got[2 : 2 + d])
    diffusion = np.stack(got[2 + d :]).reshape(d, m, -1)
    z, z_weights = gauss_hermite(6, m)
    rates = []
    for h in (2e-2, 1e-2, 5e-3, 2.5e-3):
        moved = x[:, :, None] + drift[:, :, None] * h + np.sqrt(h) * np.einsum("dmq,mz->dqz", diffusion, z)
        after = np.broadcast_to(phi(*moved)[0], moved.shape[1:])
        rates.append(float(weights @ ((after - got[1][:, None]) @ z_weights)) / h)
    return stated, extrapolated(rates).value


def gauss_hermite(nodes: int, dimension: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes (dimension, count) and weights of the standard normal law."""
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    grids = np.meshgrid(*[z] * dimension, indexing="ij")
    products = np.meshgrid(*[w / w.sum()] * dimension, indexing="ij")
    return np.stack([g.ravel() for g in grids]), np.prod([q.ravel() for q in products], axis=0)
