r"""Langevin models of a loss: isotropic and anisotropic noise, underdamped dynamics, gradient descent with momentum.

Each is an :class:`~crossproof.derivations.processes.sde.SDE` in the Ito sense, so that every scheme, solver and backend
takes it. S is any matrix with :math:`SS^T=\Sigma`, the covariance of the gradient noise; it may depend on the state.
Source: document 001, section 3; document 002, motivation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

import sympy as sp

from ...derivations.errors import DomainError
from ...derivations.processes.sde import SDE
from ..schemes.taylor import fresh

#: One weight, or several.
State = Union[sp.Symbol, Sequence[sp.Symbol]]  # noqa: UP007 - SymPy has no types, so that | would make a variable


def coordinates(state: State) -> tuple[sp.Symbol, ...]:
    """Return the coordinates of a state that is one symbol or several.

    Raises
    ------
    DomainError
        If there is none, one appears twice, or one is no symbol.
    """
    found = (state,) if isinstance(state, sp.Symbol) else tuple(state)
    if not found or len(set(found)) != len(found) or not all(isinstance(x, sp.Symbol) for x in found):
        raise DomainError(f"state={state!r}; give one symbol or several different ones")
    return found


def gradient(loss: sp.Expr, state: Sequence[sp.Symbol]) -> list[sp.Expr]:
    """Return the partial derivatives of the loss; DomainError where it does not hold the state at all."""
    expression = sp.sympify(loss)
    if not expression.free_symbols & set(state):
        raise DomainError(f"loss={loss} holds none of {', '.join(map(str, state))}; give the loss of these weights")
    return [sp.diff(expression, x) for x in state]


def noise_root(root: Any, size: int) -> sp.Matrix:
    """Return S as a matrix of `size` rows: a number or expression for one coordinate, or for S times the identity.

    Raises
    ------
    DomainError
        If it has another number of rows.
    """
    if not isinstance(root, sp.MatrixBase):
        root = sp.sympify(root) * sp.eye(size) if not isinstance(root, Sequence) else sp.Matrix(root)
    if root.shape[0] != size:
        raise DomainError(f"root has shape {root.shape}; {size} weights need {size} rows")
    return sp.Matrix(root)


def isotropic_langevin(state: State, loss: sp.Expr, temperature: Any) -> SDE:
    r"""Return :math:`dX=-\nabla L\,dt+\sqrt{2T}\,dB`, whose stationary law is the Gibbs law :math:`e^{-L/T}/Z`.

    Parameters
    ----------
    state : symbol or sequence of symbols
        The weights.
    loss : sympy.Expr
        L, smooth in the state.
    temperature : number or expression free of the state
        T >= 0.

    Raises
    ------
    DomainError
        If the loss does not hold the state, or the temperature does.
    """
    where = coordinates(state)
    heat = sp.sympify(temperature)
    if heat.free_symbols & set(where):
        raise DomainError(f"temperature={heat} depends on the state; use anisotropic_langevin with its root")
    return SDE(where, [-g for g in gradient(loss, where)], sp.sqrt(2 * heat) * sp.eye(len(where)))


def anisotropic_langevin(state: State, loss: sp.Expr, root: Any, *, rate: Any, batch: Any = 1) -> SDE:
    r"""Return :math:`dX=-\nabla L\,dt+\sqrt{\eta/B}\,S(X)\,dB`: a time :math:`\eta` has the two moments of an SGD step.

    Parameters
    ----------
    state, loss
        As for :func:`isotropic_langevin`.
    root : matrix, number or expression
        S, of one row a weight, for the gradient noise of one sample.
    rate, batch : number or expression
        Learning rate and batch size; they act through their ratio.

    Raises
    ------
    DomainError
        If the loss does not hold the state, or the root has a wrong number of rows.
    """
    where = coordinates(state)
    scale = sp.sqrt(sp.sympify(rate) / sp.sympify(batch))
    return SDE(where, [-g for g in gradient(loss, where)], scale * noise_root(root, len(where)))


def underdamped_langevin(state: State, loss: sp.Expr, temperature: Any, friction: Any) -> SDE:
    r"""Return :math:`dX=V\,dt,\ dV=-\gamma V\,dt-\nabla L\,dt+\sqrt{2\gamma T}\,dB`, state (x, v).

    The stationary law is :math:`e^{-(L+|v|^2/2)/T}/Z` at any friction :math:`\gamma>0`. The velocity of `x` is the
    symbol ``v_x``. Arguments and errors as for :func:`isotropic_langevin`.
    """
    where = coordinates(state)
    gamma, heat = sp.sympify(friction), sp.sympify(temperature)
    return _with_velocities(where, loss, gamma, sp.sqrt(2 * gamma * heat) * sp.eye(len(where)))


def heavy_ball_langevin(state: State, loss: sp.Expr, root: Any, *, rate: Any, momentum: Any, batch: Any = 1) -> SDE:
    r"""Return the limit of SGD with momentum, :math:`v'=\mu v-\eta g,\ x'=x+v'`, at small learning rates.

    .. math:: dX=V\,dt,\quad dV=-\gamma V\,dt-\nabla L\,dt+\eta^{1/4}B^{-1/2}S\,dB,\qquad
              \gamma=\frac{1-\mu}{\sqrt\eta}

    One step takes the time :math:`\sqrt\eta`, and V is :math:`v/\sqrt\eta`. With :math:`\mu` fixed the motion at times
    of order 1 is that of SGD with the learning rate :math:`\eta/(1-\mu)`. Arguments as for
    :func:`anisotropic_langevin`; `momentum` is :math:`\mu` in [0, 1).
    """
    where, eta = coordinates(state), sp.sympify(rate)
    noise = sp.root(eta, 4) / sp.sqrt(sp.sympify(batch)) * noise_root(root, len(where))
    return _with_velocities(where, loss, (1 - sp.sympify(momentum)) / sp.sqrt(eta), noise)


def _with_velocities(where: tuple[sp.Symbol, ...], loss: sp.Expr, friction: sp.Expr, noise: sp.Matrix) -> SDE:
    slopes = gradient(loss, where)
    taken = set(where) | sp.sympify(loss).free_symbols | friction.free_symbols | noise.free_symbols
    speeds = tuple(fresh(f"v_{x.name}", taken, real=True) for x in where)
    drift = [*speeds, *(-friction * v - g for v, g in zip(speeds, slopes, strict=True))]
    return SDE((*where, *speeds), drift, sp.zeros(len(where), noise.shape[1]).col_join(noise))
