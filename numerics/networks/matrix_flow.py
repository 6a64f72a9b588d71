"""Real matrices for the multiplicative matrix process: one step of it in arrays, and its equation in the entries."""

from __future__ import annotations

import numpy as np
import sympy as sp
import torch

from ...derivations.errors import NumericsError
from ...derivations.matrices.matrix_flow import MatrixFlow
from ...derivations.processes.sde import SDE


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

    def sde(self, variance: sp.Expr) -> SDE:
        """Return the process in the entries of Theta, row by row, driven by the entries of E, row by row."""
        size, p = self.p + self.k, self.p
        theta = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"theta_{i}_{j}", real=True))
        x, y = (sp.Matrix(part.shape[0], part.shape[1], [sp.nsimplify(e) for e in part.flatten().tolist()])
                for part in (self.X, self.Y))  # fmt: skip
        first, last = theta[:, :p], theta[:, p:]

        def moved(corner: sp.Matrix) -> sp.Matrix:
            """Return Theta [[0, C], [C^T, 0]] as one column."""
            return sp.Matrix.hstack(last * corner.T, first * corner).reshape(size * size, 1)

        units = [sp.Matrix(self.n, self.k, lambda i, j, e=e: int(i * self.k + j == e)) for e in range(self.n * self.k)]
        noises = [sp.sqrt(variance) * moved(x.T * unit) for unit in units]
        return SDE(tuple(theta), moved(x.T * (y - x * first.T * last)), sp.Matrix.hstack(*noises))

    def ratio(self, theta: torch.Tensor) -> torch.Tensor:
        """Return det(Theta^T Theta) over its value at the start, for matrices of shape (paths, l, l)."""
        ratio: torch.Tensor = (torch.linalg.det(theta) / float(torch.linalg.det(self.Theta))) ** 2
        return ratio
