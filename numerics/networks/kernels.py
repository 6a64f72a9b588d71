"""SGD steps of deep linear networks on the CPU in numba, with replicas as the lanes of vectors.

The weights of a group of replicas lie side by side, entry by entry, and stay in the fastest cache over many steps. The
two loops that carry the cost, products of a matrix with a vector and sums of outer products, are written as vector
instructions for four rows at a time: the compiler's own vectoriser spends most of the time on checks for overlap.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...derivations.errors import DomainError, NumericsError
from .runs import Weights

#: Replicas in a group: one cache line of float32.
LANES = 16


class Lanes:
    """Weights of many replicas in groups of lanes.

    Parameters
    ----------
    weights : sequence of Tensor
        `W_l` of shape (replicas, d_l, d_{l-1}), on the CPU.

    Raises
    ------
    DomainError
        If the weights are not on the CPU.
    NumericsError
        If numba is not installed.
    """

    def __init__(self, weights: Sequence[Tensor]) -> None:
        first = weights[0]
        if first.device.type != "cpu":
            raise DomainError(f"the weights are on {first.device}; the numba backend runs on the CPU, use 'torch'")
        self._kernel = _kernel()
        self._shapes = [tuple(w.shape[1:]) for w in weights]
        self._replicas = len(first)
        self._groups = -(-self._replicas // LANES)
        self._widths = np.array([first.shape[2], *(w.shape[1] for w in weights)])
        flat = self._padded(torch.cat([w.flatten(start_dim=1) for w in weights], dim=1))
        self._weights = flat.reshape(self._groups, LANES, -1).transpose(1, 2).contiguous()
        self._threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def advance(self, x: Tensor, y: Tensor, rate: float) -> None:
        """Take one step for each batch: ``W_l -= rate * sum over the batch of delta_l h_{l-1}^T``.

        Parameters
        ----------
        x, y : Tensor
            Inputs (steps, batch, d_0, replicas) and labels (steps, batch, d_L, replicas).
        rate : float
            Factor of the sum of outer products: ``2 c eta / B``.
        """
        ends = np.linspace(0, self._groups, min(self._threads, self._groups) + 1).astype(int)
        state, inputs, labels = (part.contiguous().numpy() for part in (self._weights, x, y))
        factor = state.dtype.type(rate)
        with ThreadPoolExecutor(len(ends) - 1) as pool:
            jobs = [
                pool.submit(self._kernel, state, self._widths, inputs, labels, factor, int(low), int(high))
                for low, high in pairwise(ends)
            ]
            for job in jobs:
                job.result()

    def weights(self) -> Weights:
        """Return a copy of the weights as `W_l` of shape (replicas, d_l, d_{l-1})."""
        flat = self._weights.transpose(1, 2).reshape(self._groups * LANES, -1)[: self._replicas]
        parts = torch.split(flat, [rows * columns for rows, columns in self._shapes], dim=1)
        return tuple(p.reshape(-1, *shape).clone() for p, shape in zip(parts, self._shapes, strict=True))

    def _padded(self, flat: Tensor) -> Tensor:
        """Fill the last group with copies of zero weights."""
        return torch.nn.functional.pad(flat, (0, 0, 0, self._groups * LANES - self._replicas))


@cache
def _kernel() -> Any:
    """Compile, or load from the cache on disk, the loop over steps."""
    try:
        from .lanes import advance
    except ImportError as error:
        raise NumericsError("the numba backend needs numba; install it or use backend='torch'") from error
    return advance
