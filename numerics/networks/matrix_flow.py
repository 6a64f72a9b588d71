"""Real matrices for the multiplicative matrix process, and its Euler steps."""

from __future__ import annotations

import numpy as np
import sympy as sp
import torch

from ...derivations.errors import NumericsError
from ...derivations.matrices.matrix_flow import MatrixFlow


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
        ratio: torch.Tensor = torch.linalg.det(theta.transpose(1, 2) @ theta) / start
        return ratio
