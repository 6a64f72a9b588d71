"""One step after another in torch: the map of a plan, compiled for states of all grid points and paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..codegen import compile_expressions
from .loop_constants import loop_body
from .numba_step import returns_from_infinity
from .plan import Plan

States = list[torch.Tensor]


class Loop:
    """The compiled map of a plan, for states of shape (g, paths) on a device."""

    def __init__(self, plan: Plan, device: torch.device) -> None:
        self.plan, self.device, self.kind = plan, device, getattr(torch, plan.dtype)
        body, step = loop_body(plan.one_step), plan.one_step
        names = [*step.state, *step.noises, *body.constants]
        self._update = compile_expressions(names, body.update, "torch")
        self._readout = compile_expressions([*step.state, *body.constants], body.readout, "torch")
        self._constants = self._columns(body.table(plan))
        #: Whether a state may be finite after one that was not.
        self.forgets = returns_from_infinity(body)

    def start(self, starts: NDArray[np.float64], paths: int) -> States:
        """Return states of shape (g, paths) from initial ones of shape (g, 1 or paths, d)."""
        found = torch.tensor(starts, dtype=self.kind, device=self.device).unbind(-1)
        return [x.expand(self.plan.grid, paths).clone() for x in found]

    def move(self, state: States, noises: States) -> States:
        """Return the state one step later."""
        return [self._full(u, state[0].shape) for u in self._update(*state, *noises, *self._constants)]

    def show(self, state: States) -> States:
        """Return the readout."""
        return [self._full(r, state[0].shape) for r in self._readout(*state, *self._constants)]

    def _columns(self, table: NDArray[np.float64]) -> States:
        return [torch.tensor(c, dtype=self.kind, device=self.device)[:, None] for c in table.T]

    def _full(self, value: Any, shape: torch.Size) -> torch.Tensor:
        if isinstance(value, torch.Tensor):
            return value if value.shape == shape else value.expand(shape)
        return torch.full(shape, float(value), dtype=self.kind, device=self.device)
