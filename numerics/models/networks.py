r"""Deep linear networks from numbers to numbers in symbols: loss, gradient noise and its root, for any depth and width.

With the inputs :math:`x\sim N(0,1)`, the labels :math:`y=sx+\epsilon,\ \epsilon\sim N(0,\sigma^2)`, the end-to-end
number :math:`p=W_L\cdots W_1` and the loss :math:`c(px-y)^2` of a sample, the gradient of a sample is

.. math:: 2c\,((p-s)x^2-\epsilon x)\,\nabla p,\qquad
          \text{mean}\ 2c(p-s)\nabla p,\qquad \Sigma=4c^2\,(2(p-s)^2+\sigma^2)\,\nabla p\,\nabla p^T,

so that one Brownian motion drives all weights. Where the last two layers vanish and the product of the others does not,
all weights are critical: the Hessian has negative eigenvalues, and zeros along the other layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import sympy as sp
import torch

from ...derivations.errors import DomainError
from ..argument_kinds import is_real, is_whole


@dataclass(frozen=True)
class ScalarNetwork:
    """A deep linear network with one input and one output.

    Parameters
    ----------
    depth, width : int
        Layers L >= 2, and neurons >= 1 of every hidden layer.
    teacher, label_noise : number
        s and sigma >= 0.
    loss_scale : number
        c > 0.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    """

    depth: int
    width: int = 1
    teacher: Any = 1
    label_noise: Any = 0
    loss_scale: Any = 0.5

    def __post_init__(self) -> None:
        for name, least in (("depth", 2), ("width", 1)):
            value = getattr(self, name)
            if not is_whole(value) or value < least:
                raise DomainError(f"{name}={value!r}; give an integer >= {least}")
        for name in ("teacher", "label_noise", "loss_scale"):
            value = getattr(self, name)
            if not is_real(value) or (name != "teacher" and value < 0) or (name == "loss_scale" and value == 0):
                raise DomainError(f"{name}={value!r}; give a number, label_noise >= 0 and loss_scale > 0")

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Widths ``(d_0, ..., d_L)``."""
        return (1, *[self.width] * (self.depth - 1), 1)

    @cached_property
    def layers(self) -> tuple[sp.Matrix, ...]:
        """Matrices of symbols ``W_1, ..., W_L``."""
        shapes = [(rows, columns) for columns, rows in pairwise(self.widths)]
        return tuple(
            sp.Matrix(rows, columns, lambda i, j, k=k: sp.Symbol(f"w{k}_{i}{j}", real=True))
            for k, (rows, columns) in enumerate(shapes, start=1)
        )

    @cached_property
    def state(self) -> tuple[sp.Symbol, ...]:
        """All weights, layer by layer and row by row."""
        return tuple(w for layer in self.layers for w in layer)

    @cached_property
    def product(self) -> sp.Expr:
        """The end-to-end number p."""
        whole = self.layers[0]
        for layer in self.layers[1:]:
            whole = layer * whole
        return sp.expand(whole[0, 0])

    @cached_property
    def slope(self) -> sp.Matrix:
        """The gradient of p, one row a weight."""
        return sp.Matrix([sp.diff(self.product, w) for w in self.state])

    @cached_property
    def loss(self) -> sp.Expr:
        """The mean loss, c ((p - s)^2 + sigma^2)."""
        return sp.sympify(self.loss_scale) * ((self.product - self.teacher) ** 2 + self.label_noise**2)

    @cached_property
    def root(self) -> sp.Matrix:
        """The column S with S S^T the covariance of the gradient of one sample."""
        spread = sp.sqrt(2 * (self.product - self.teacher) ** 2 + sp.sympify(self.label_noise) ** 2)
        return 2 * sp.sympify(self.loss_scale) * spread * self.slope

    @cached_property
    def sharpness(self) -> sp.Expr:
        """The largest eigenvalue 2 c |grad p|^2 of the Gauss-Newton matrix: of the Hessian where p = s."""
        return 2 * sp.sympify(self.loss_scale) * sum(g**2 for g in self.slope)

    def near_saddle(self, size: float) -> list[float]:
        """Return weights beside a saddle: the last two layers of that size, the others pass one number on.

        Entries of the small layers have different moduli and alternating signs, so that no neuron is tied to another
        or idle.

        Raises
        ------
        DomainError
            If the size is not a number > 0.
        """
        if not is_real(size) or not 0 < size < float("inf"):
            raise DomainError(f"size={size!r}; it must be a positive number: at 0 the saddle is never left")
        found: list[float] = []
        for k, layer in enumerate(self.layers, start=1):
            for i in range(layer.rows):
                for j in range(layer.cols):
                    passed = float(i == j) if k <= self.depth - 2 else size * (-1) ** (i + j) / (1 + i + j)
                    found.append(float(passed))
        return found

    def weights(self, flat: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the layers, each of shape (paths, d_l, d_{l-1}), of states of shape (paths, weights)."""
        shapes = [(rows, columns) for columns, rows in pairwise(self.widths)]
        if flat.ndim != 2 or flat.shape[1] != len(self.state):
            raise DomainError(f"states have shape {tuple(flat.shape)}; give (paths, {len(self.state)})")
        parts = torch.split(flat, [r * c for r, c in shapes], dim=1)
        return tuple(part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True))


def flattened(weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return layers of shape (paths, ., .) as states of shape (paths, weights), in the order of the symbols."""
    return torch.cat([w.flatten(start_dim=1) for w in weights], dim=1)
