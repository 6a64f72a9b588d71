"""The public face of simulation: from the description of an SDE and numbers to streamed summaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked
from ..codegen import compile_expressions
from ..kernels.plan import Array, Plan, real_array, whole
from ..kernels.summaries import Request, Summaries
from ..random.increments import DType
from ..random.philox import key_words
from ..schemes.one_step import OneStep
from ..schemes.own import OwnScheme
from ..schemes.table import chart, one_step
from .backends import Backend, Engine, carry_out
from .own_backend import OwnBackend
from .stability import warn_if_unstable

#: Schemes whose step has no bound on dt.
_EXACT = ("exact",)


@checked(NumericsError)
def simulate(
    sde: SDE,
    parameters: Mapping[sp.Symbol | str, Any],
    initial: Any,
    *,
    horizon: float,
    steps: int,
    paths: int,
    scheme: str | OwnScheme = "euler-maruyama",
    summaries: Request | None = None,
    seed: int = 0,
    claim: str = "",
    stream: int | str = 0,
    first_path: int = 0,
    backend: Backend | OwnBackend = "auto",
    dtype: DType = "float32",
    device: str | None = None,
    threads: int | None = None,
) -> Summaries:
    """Return summaries of independent paths of an SDE at time `horizon`; no trajectory is kept.

    Parameters
    ----------
    sde : SDE
        The equation; a Stratonovich one is converted to its Ito drift.
    parameters : mapping
        Value of every parameter, a number or an array of shape (g,): arrays make a grid, which is simulated at once
        with the same random numbers for every point.
    initial : number or array
        State at time 0 in the coordinates of the equation: a number for one coordinate, else shape (d,) or (g, d).
    horizon : float
        Final time, > 0, in the equation's own unit of time.
    steps, paths : int
        Equal steps, and paths for every grid point; both >= 1.
    scheme : str or scheme of your own
        One of :data:`crossproof.numerics.schemes.table.SCHEMES`, or what `cp.scheme` has made.
    summaries : Request, optional
        What is wanted beside moments and covariances.
    seed, claim, stream
        Key of the random numbers (see :func:`~crossproof.numerics.random.philox.key_words`).
    first_path : int
        Number of the first path: runs over disjoint ranges of paths are independent, and merge.
    backend : {"auto", "numba", "torch", "triton"} or backend of your own
        "auto" takes numba on the CPU and Triton on a CUDA device, and torch for what they cannot print. What
        `cp.backend` has made is checked against torch on some of its paths.
    dtype : {"float32", "float64"}
        Arithmetic of the states. In float64 the normals come from 53-bit uniforms.
    device : str, optional
        "cpu" (the default) or a torch device name such as "cuda".
    threads : int, optional
        CPU threads of the numba backend; all available cores by default.

    Raises
    ------
    NumericsError
        For an argument outside its range, a parameter without value, complex values, or a device that is not there.
    PrintingError
        If the backend that was asked for cannot print the equation faithfully.

    Warns
    -----
    StabilityWarning
        If the step is too long for the linearised drift at the initial state; the bound is stated.
    """
    plan = plan_of(
        sde,
        parameters,
        initial,
        horizon=horizon,
        steps=steps,
        paths=paths,
        scheme=scheme,
        summaries=summaries,
        key=key_words(seed, claim, stream),
        first_path=first_path,
        dtype=dtype,
    )
    if scheme not in _EXACT:
        warn_if_unstable(plan.one_step, plan)
    return run(plan, backend=backend, device=device, threads=threads)


@checked(NumericsError)
def plan_of(
    sde: SDE,
    parameters: Mapping[sp.Symbol | str, Any],
    initial: Any,
    *,
    horizon: float,
    steps: int,
    paths: int,
    key: tuple[int, int],
    scheme: str | OwnScheme = "euler-maruyama",
    summaries: Request | None = None,
    first_path: int = 0,
    dtype: DType = "float32",
) -> Plan:
    """Return what :func:`simulate` would run, with the key words of the random numbers given.

    Parameters and errors as in :func:`simulate`; no warning is given for a long step.
    """
    if not 0 < horizon < float("inf"):
        raise NumericsError(f"horizon={horizon!r}; it must be a positive finite number")
    steps = whole("steps", steps, 1)
    step = one_step(sde, scheme)
    table = parameter_table(step, sde, parameters)
    start = _in_chart(step, sde, initial, table)
    dt = float(horizon) / steps
    return Plan(step, table, start, dt, steps, paths, key, first_path, dtype, summaries or Request())


@checked(NumericsError)
def run(
    plan: Plan, *, backend: Backend | OwnBackend = "auto", device: str | None = None, threads: int | None = None
) -> Summaries:
    """Return the summaries of a plan on a backend; arguments and errors as in :func:`simulate`."""
    name, place, found = carry_out(backend, device, threads, lambda module, options: module.run(plan, **options))
    summaries: Summaries = replace(found, engines=(str(Engine.of(plan, name, place)),))
    return summaries


def parameter_table(step: OneStep, sde: SDE, parameters: Mapping[sp.Symbol | str, Any]) -> Array:
    """Return the parameter grid, one row a point, in the order of `step.parameters`.

    Raises
    ------
    NumericsError
        If a parameter has no value, a name is unknown, or arrays disagree in length.
    """
    given = {str(k): v for k, v in parameters.items()}
    known = {str(s) for s in sde.free_symbols - set(sde.state)}
    missing, unknown = sorted({str(s) for s in step.parameters} - given.keys()), sorted(given.keys() - known)
    if missing or unknown:
        raise NumericsError(f"no value for {missing}, unknown {unknown}; the parameters are {sorted(known)}")
    columns = {name: real_array(f"parameter {name}", value) for name, value in given.items()}
    sizes = {c.shape for c in columns.values() if c.ndim}
    if len(sizes) > 1 or any(len(shape) != 1 or not shape[0] for shape in sizes):
        raise NumericsError(f"parameter arrays have shapes {sorted(sizes)}; give numbers and arrays of one shape (g,)")
    grid = next(iter(sizes))[0] if sizes else 1
    for s in (s for s in step.parameters if s.is_positive and np.any(columns[str(s)] <= 0)):
        raise NumericsError(f"parameter {s} is declared positive and has the value {columns[str(s)].min()}")
    table = np.empty((grid, len(step.parameters)))
    for k, s in enumerate(step.parameters):
        table[:, k] = columns[str(s)]
    return table


def _in_chart(step: OneStep, sde: SDE, initial: Any, table: Array) -> Array:
    """Return the initial state in the coordinates of the scheme, shape (g, d)."""
    start = real_array("initial", initial)
    d = sde.dimension
    start = start.reshape(1) if start.ndim == 0 and d == 1 else start
    if start.shape not in ((d,), (len(table), d)):
        raise NumericsError(f"initial has shape {start.shape}; it must be ({d},) or ({len(table)}, {d})")
    start = np.broadcast_to(start, (len(table), d))
    for j, x in enumerate(sde.state):
        if x.is_positive and np.any(start[:, j] <= 0):
            raise NumericsError(f"initial state of {x}, declared positive, is {start[:, j].min()}; start above 0")
    symbols = [sp.Symbol(f"_x{j}", positive=x.is_positive, real=True) for j, x in enumerate(sde.state)]
    columns = compile_expressions(symbols, chart(step, symbols), "numpy")(*start.T)
    return np.stack([np.broadcast_to(c, (len(table),)) for c in columns], axis=1)


__all__: Sequence[str] = ("Backend", "Request", "Summaries", "plan_of", "run", "simulate")
