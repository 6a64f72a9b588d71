"""Reference simulator of a described SDE in torch: Euler-Maruyama on many independent paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
import torch

from ..derivations.errors import NumericsError
from ..derivations.sde import SDE
from .codegen import compile_expressions

Observe = Callable[[int, torch.Tensor], None]


def compile_coefficients(
    sde: SDE, parameters: Mapping[sp.Symbol, Any]
) -> Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    """Return a function from states (paths, d) to Ito drift (paths, d) and diffusion matrix (paths, d, m)."""
    d, m = sde.dimension, sde.noises
    values = {s: sp.sympify(v) for s, v in parameters.items() if s not in sde.state}
    entries = [sp.sympify(e).subs(values) for e in (*sde.ito_drift, *sde.diffusion)]
    function = compile_expressions(sde.state, entries, "torch")

    def coefficients(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        columns = [c if isinstance(c, torch.Tensor) else x.new_full(x.shape[:1], float(c)) for c in function(*x.T)]
        stacked = torch.stack(columns, dim=1)
        return stacked[:, :d], stacked[:, d:].reshape(-1, d, m)

    return coefficients


def simulate(
    sde: SDE,
    parameters: Mapping[sp.Symbol, Any],
    start: torch.Tensor,
    *,
    horizon: float,
    steps: int,
    generator: torch.Generator,
    increments: torch.Tensor | None = None,
    observe: Observe | None = None,
) -> torch.Tensor:
    """Return the state at time `horizon` of Euler-Maruyama paths.

    Simulate positive processes in the logarithm (see :func:`crossproof.derivations.ito.transform`), where
    multiplicative noise is additive and no path can cross zero.

    Parameters
    ----------
    sde : SDE
        The equation; a Stratonovich one is converted to its Ito drift.
    parameters : mapping
        Value of every parameter symbol.
    start : Tensor of shape (paths, d), float64
        Initial states.
    horizon : float
        Final time, > 0.
    steps : int
        Number of equal steps, >= 1.
    generator : torch.Generator
        Source of the Brownian increments, on the device of `start`.
    increments : Tensor of shape (steps, paths, m), optional
        Brownian increments of variance ``horizon / steps`` to use instead, for coupled simulations.
    observe : callable, optional
        Called as ``observe(step, states)`` after every step.

    Raises
    ------
    NumericsError
        If arguments are outside their range, or a path becomes non-finite (their number is stated).
    """
    if not (horizon > 0 and steps >= 1):
        raise NumericsError(f"horizon={horizon}, steps={steps}: horizon must be > 0 and steps >= 1")
    if start.ndim != 2 or start.shape[1] != sde.dimension:
        raise NumericsError(f"start has shape {tuple(start.shape)}; it must be (paths, {sde.dimension})")
    coefficients = compile_coefficients(sde, parameters)
    dt = horizon / steps
    x = start
    for step in range(steps):
        if increments is None:
            dw = torch.randn(x.shape[0], sde.noises, generator=generator, device=x.device, dtype=x.dtype) * dt**0.5
        else:
            dw = increments[step]
        drift, diffusion = coefficients(x)
        x = x + drift * dt + torch.einsum("pdm,pm->pd", diffusion, dw)
        if observe is not None:
            observe(step, x)
    bad = int((~torch.isfinite(x)).any(dim=1).sum())
    if bad:
        raise NumericsError(f"{bad} of {x.shape[0]} paths became non-finite; use smaller steps or the logarithm")
    return x
