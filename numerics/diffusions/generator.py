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
from sympy.core.function import AppliedUndef

from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ...derivations.statements.fokker_planck_form import FokkerPlanckForm, substitute_functions
from ..arguments import checked
from ..codegen import compile_expressions

#: Functions of arrays of states.
Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Estimate:
    """A number with a bound on its error, taken from refinement."""

    value: float
    error: float


@checked(NumericsError)
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
    missing = sorted(map(str, (set(sde.state) | sde.free_symbols | function.free_symbols) - set(point)))
    if missing:
        raise NumericsError(f"point lacks values for {', '.join(missing)}; give one for each")
    if not 15 <= digits <= 10_000:
        raise NumericsError(f"digits={digits}; give 15 to 10,000")
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
