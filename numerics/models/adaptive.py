r"""Diffusion limits of preconditioned optimisers: RMSprop, and Adam with its momentum.

One step takes the time :math:`\eta`, the learning rate; :math:`g=\nabla L+B^{-1/2}S\xi` is the gradient of a batch, and
:math:`E[g_i^2]=(\partial_iL)^2+\Sigma_{ii}/B`. The corrections of the first steps for the bias of the averages are left
out: averages start where the caller lets them start. Source: document 002, motivation; the scaling of Malladi et al.,
arXiv 2205.10287.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...derivations.processes.sde import SDE
from ..schemes.taylor import fresh
from .langevin import State, coordinates, gradient, noise_root


def rmsprop_langevin(
    state: State, loss: sp.Expr, root: Any, *, rate: Any, decay: Any, epsilon: Any = 0, batch: Any = 1
) -> SDE:
    r"""Return RMSprop in continuous time, state (x, s) with s the averages of the squared gradients.

    .. math:: dX_i=\frac{-\partial_iL\,dt+\sqrt{\eta/B}\,(S\,dB)_i}{\sqrt{s_i}+\epsilon},\qquad
              ds_i=\frac{1-\beta}{\eta}\bigl((\partial_iL)^2+\Sigma_{ii}/B-s_i\bigr)\,dt

    Parameters
    ----------
    state, loss, root, rate, batch
        As for :func:`~crossproof.numerics.models.langevin.anisotropic_langevin`.
    decay : number or expression
        beta in [0, 1) of the averages.
    epsilon : number or expression
        Added to the root of the averages, >= 0.

    Raises
    ------
    DomainError
        If the loss does not hold the state, or the root has a wrong number of rows.
    """
    parts = _Parts(state, loss, root, rate, decay, epsilon, batch)
    drift = [-g / d for g, d in zip(parts.slopes, parts.divisors, strict=True)]
    noise = sp.Matrix(sp.diag(*(1 / d for d in parts.divisors))) * parts.noise
    rest = sp.zeros(len(parts.where), noise.shape[1])
    return SDE((*parts.where, *parts.squares), [*drift, *parts.square_drift], noise.col_join(rest))


def adam_langevin(
    state: State,
    loss: sp.Expr,
    root: Any,
    *,
    rate: Any,
    momentum: Any,
    decay: Any,
    epsilon: Any = 0,
    batch: Any = 1,
) -> SDE:
    r"""Return Adam in continuous time, state (x, m, s) with m and s the averages of gradients and their squares.

    .. math:: dX_i=\frac{-m_i}{\sqrt{s_i}+\epsilon}\,dt,\qquad
              dm=\frac{1-\beta_1}{\eta}\bigl((\nabla L-m)\,dt+\sqrt{\eta/B}\,S\,dB\bigr)

    with ds as for :func:`rmsprop_langevin`, whose arguments and errors these are; `momentum` is :math:`\beta_1`.
    """
    parts = _Parts(state, loss, root, rate, decay, epsilon, batch)
    speed = (1 - sp.sympify(momentum)) / sp.sympify(rate)
    means = tuple(fresh(f"m_{x.name}", parts.taken, real=True) for x in parts.where)
    drift = [-m / d for m, d in zip(means, parts.divisors, strict=True)]
    pulled = [speed * (g - m) for g, m in zip(parts.slopes, means, strict=True)]
    rest = sp.zeros(len(means), parts.noise.shape[1])
    noise = rest.col_join(speed * parts.noise).col_join(rest)
    return SDE((*parts.where, *means, *parts.squares), [*drift, *pulled, *parts.square_drift], noise)


class _Parts:
    """What the two models share: gradient, noise, and the averages of squares with their drift."""

    def __init__(self, state: State, loss: sp.Expr, root: Any, rate: Any, decay: Any, epsilon: Any, batch: Any) -> None:
        eta, size = sp.sympify(rate), sp.sympify(batch)
        self.where = coordinates(state)
        self.slopes = gradient(loss, self.where)
        matrix = noise_root(root, len(self.where))
        self.noise = sp.sqrt(eta / size) * matrix
        given = (loss, rate, decay, epsilon, batch)
        self.taken = set(self.where) | matrix.free_symbols | set().union(*(sp.sympify(g).free_symbols for g in given))
        self.squares = tuple(fresh(f"s_{x.name}", self.taken, positive=True) for x in self.where)
        self.divisors = [sp.sqrt(s) + sp.sympify(epsilon) for s in self.squares]
        variances = (matrix * matrix.T).diagonal()
        self.square_drift = [
            (1 - sp.sympify(decay)) / eta * (g**2 + v / size - s)
            for g, v, s in zip(self.slopes, variances, self.squares, strict=True)
        ]
