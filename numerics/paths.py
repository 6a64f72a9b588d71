"""Closed forms and transforms evaluated on sampled Brownian paths, beside the simulated equation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
import torch
from scipy.integrate import solve_ivp

from ..derivations.errors import NumericsError
from ..derivations.matrix_flow import MatrixFlow
from ..derivations.paths import extend
from ..derivations.sde import SDE
from ..derivations.statements.processes import PathSolution
from .codegen import compile_expressions
from .generator import Estimate


def brownian_increments(
    steps: int, paths: int, noises: int, horizon: float, generator: torch.Generator
) -> torch.Tensor:
    """Return independent Brownian increments of shape (steps, paths, noises) over `horizon`."""
    if steps < 1 or paths < 1 or horizon <= 0:
        raise NumericsError(f"steps={steps}, paths={paths}, horizon={horizon}: all must be positive")
    shape = (steps, paths, noises)
    draws = torch.randn(shape, generator=generator, device=generator.device, dtype=torch.float64)
    return draws * (horizon / steps) ** 0.5


def coarsen(increments: torch.Tensor) -> torch.Tensor:
    """Return the increments of the same paths over twice the step; needs an even number of steps."""
    if increments.shape[0] % 2:
        raise NumericsError(f"{increments.shape[0]} steps cannot be halved; give an even number")
    return increments[0::2] + increments[1::2]


def function_of_state(
    sde: SDE, function: sp.Expr, parameters: Mapping[sp.Symbol, Any], states: torch.Tensor
) -> torch.Tensor:
    """Return f at states of shape (paths, d), as shape (paths,)."""
    values = {s: sp.sympify(v) for s, v in parameters.items() if s not in sde.state}
    compiled = compile_expressions(sde.state, [sp.sympify(function).subs(values)], "torch")
    got = compiled(*states.T)[0]
    return got if isinstance(got, torch.Tensor) else states.new_full(states.shape[:1], float(got))


def path_values(
    statement: PathSolution, parameters: Mapping[sp.Symbol, Any], increments: torch.Tensor, horizon: float
) -> torch.Tensor:
    """Return the claimed X(horizon) on each sampled path, integrals by the trapezoidal rule on the grid.

    Parameters
    ----------
    statement : PathSolution
        The functional.
    parameters : mapping
        Value of every parameter except time.
    increments : Tensor of shape (steps, paths, 1)
        Brownian increments.
    horizon : float
        Final time.

    Raises
    ------
    NumericsError
        If a value is not finite.
    """
    path = extend(statement)
    t = statement.time
    steps = increments.shape[0]
    values = {s: sp.sympify(v) for s, v in parameters.items() if s != t}
    brownian = torch.cat([torch.zeros_like(increments[:1, :, 0]), increments[:, :, 0].cumsum(0)])
    times = torch.linspace(0, horizon, steps + 1, dtype=torch.float64, device=increments.device)[:, None]
    integrals = []
    for integrand in path.integrands:
        g = compile_expressions([t, path.brownian], [integrand.subs(values)], "torch")(times, brownian)[0]
        g = g.expand_as(brownian) if isinstance(g, torch.Tensor) else torch.full_like(brownian, float(g))
        integrals.append((g.sum(0) - (g[0] + g[-1]) / 2) * (horizon / steps))
    compiled = compile_expressions([t, path.brownian, *path.integrals], [path.value.subs(values)], "torch")
    result = compiled(times[-1].expand_as(brownian[-1]), brownian[-1], *integrals)[0]
    result = result if isinstance(result, torch.Tensor) else torch.full_like(brownian[-1], float(result))
    if not bool(torch.isfinite(result).all()):
        raise NumericsError("the closed form is not finite on some path; shorten the horizon")
    return result


def solve_ode(sde: SDE, parameters: Mapping[sp.Symbol, Any], start: float, horizon: float) -> Estimate:
    """Return x(horizon) of the noise-free scalar equation, with the change on tightening the tolerance as error.

    Raises
    ------
    NumericsError
        If the equation has noise or the solver fails.
    """
    x, drift, variance = sde.scalar()
    if variance != 0:
        raise NumericsError("the equation has noise; simulate it instead")
    values = {s: sp.sympify(v) for s, v in parameters.items()}
    slope = compile_expressions([x], [drift.subs(values)], "numpy")
    ends = []
    for tolerance in (1e-8, 1e-11):
        solved = solve_ivp(
            lambda _, y: [float(slope(float(y[0]))[0])],
            (0.0, horizon),
            [start],
            method="DOP853",
            rtol=tolerance,
            atol=tolerance * 1e-3,
        )
        if not solved.success:
            raise NumericsError(f"the ODE solver stopped: {solved.message}")
        ends.append(float(solved.y[0, -1]))
    return Estimate(ends[1], abs(ends[1] - ends[0]) + 1e-13 * abs(ends[1]))


class MatrixProblem:
    r"""Concrete data of a :class:`MatrixFlow`: :math:`\Theta` is l x (p+k), X is n x p, Y is n x k.

    Entries are small integers and halves that depend on the shape only, so a problem can be written down.

    Parameters
    ----------
    p, k, n : int
        Shape; l = p + k, the least number of rows for which the determinant need not vanish.
    """

    def __init__(self, p: int, k: int, n: int) -> None:
        if min(p, k, n) < 1:
            raise NumericsError(f"p={p}, k={k}, n={n}: all must be at least 1")
        self.p, self.k, self.n = p, k, n
        rows = np.arange(n)[:, None]
        self.X = torch.from_numpy((1.0 + (rows + 2 * np.arange(p)) % 3) / 2)
        self.Y = torch.from_numpy((1.0 + (2 * rows + np.arange(k)) % 2) / 2)
        size = p + k
        i, j = np.indices((size, size))
        self.Theta = torch.from_numpy(np.eye(size) + ((i + 2 * j) % 3 - 1) / 4)

    @property
    def gram_trace(self) -> sp.Rational:
        """tr(X^T X), exact."""
        return sp.Rational(round(4 * float((self.X**2).sum())), 4)

    def values(self, flow: MatrixFlow) -> dict[sp.Symbol, sp.Expr]:
        """Return the shape symbols of `flow` with their values here."""
        return {
            flow.inputs: sp.Integer(self.p),
            flow.outputs: sp.Integer(self.k),
            flow.samples: sp.Integer(self.n),
            flow.gram_trace: self.gram_trace,
        }

    def step(self, theta: torch.Tensor, variance: float, dt: float, noise: torch.Tensor) -> torch.Tensor:
        """Return Theta + Theta (J dt + sqrt(v) d xi) for increments `noise` of shape (paths, n, k)."""
        p = self.p
        w1, w2 = theta[:, :, :p].transpose(1, 2), theta[:, :, p:]
        x, y = self.X.to(theta.device), self.Y.to(theta.device)
        corner = x.T @ (y - x @ (w1 @ w2)) * dt + variance**0.5 * (x.T @ noise)
        return theta + torch.cat([theta[:, :, p:] @ corner.transpose(1, 2), theta[:, :, :p] @ corner], dim=2)

    def ratios(self, variance: float, dt: float, increments: torch.Tensor) -> torch.Tensor:
        """Return det(Theta^T Theta) at the end over its start, for increments of shape (steps, paths, n k)."""
        paths = increments.shape[1]
        theta = self.Theta.to(increments.device).expand(paths, -1, -1)
        start = torch.linalg.det(theta[0].T @ theta[0])
        for noise in increments:
            theta = self.step(theta, variance, dt, noise.reshape(paths, self.n, self.k))
        return torch.linalg.det(theta.transpose(1, 2) @ theta) / start
