r"""Exit from an interval with the Brownian bridge between the steps: which end, and when.

Between two steps the path is taken for a Brownian bridge of the step's variance v. From x to y it crosses b with
probability :math:`\exp(-2(b-x)(b-y)/v)` (1 if b lies between them). Given that, its first passage :math:`\tau` over a
step h has :math:`\tau/(h-\tau)` inverse Gaussian of mean :math:`|b-x|/|b-y|` and shape :math:`(b-x)^2/v`. For constant
drift and noise this is exact at any step; else its error is that of the scheme (Gobet, Stoch. Proc. Appl. 87 (2000)
167), not the :math:`O(\sqrt h)` of watching the grid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked, parameter_values
from ..codegen import compile_expressions
from ..devices import checked_device
from ..random.increments import DType, draws_per_block, increments
from ..random.levy import open_uniform
from ..random.normals import normals_float64
from ..random.philox import UNIFORM, words
from ..schemes.one_step import OneStep
from ..schemes.table import chart, one_step
from .bridges import crossing_probability, passage_time

#: A step's variance may be this share of the squared width of the interval: the bridge then meets both ends with a
#: probability below exp(-30), which is neglected.
_LARGEST_SHARE = 1 / 16
_CHUNK = 2**17


@dataclass(frozen=True)
class Exits:
    """How each path left the interval.

    Attributes
    ----------
    side : int8 tensor of shape (paths,)
        -1 through the lower end, 1 through the upper end, 0 still inside at the horizon.
    time : float64 tensor of shape (paths,)
        Time of exit; infinite for a path still inside.
    control : float64 tensor of shape (paths,)
        The control variate, of mean 0; zeros where none was asked for.
    """

    side: torch.Tensor
    time: torch.Tensor
    control: torch.Tensor


@checked(NumericsError)
def exit_times(
    sde: SDE,
    parameters: Mapping[sp.Symbol, Any],
    start: float,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    dt: float,
    steps: int,
    paths: int,
    key: tuple[int, int],
    scheme: str = "euler-maruyama",
    first_path: int = 0,
    bridge: bool = True,
    control: sp.Expr | None = None,
    dtype: DType = "float64",
    device: str | torch.device = "cpu",
) -> Exits:
    """Return when and through which end paths of a one-dimensional equation leave (low, high).

    Parameters
    ----------
    sde : SDE
        One state variable.
    parameters : mapping
        Value of every parameter symbol.
    start, low, high : float
        low < start < high, in the coordinate of the equation; an end may be infinite.
    dt, steps : float, int
        Step and number of steps; the horizon is their product.
    paths, first_path : int
        How many paths, and the number of the first.
    key : pair of int
        Key words (:func:`~crossproof.numerics.random.philox.key_words`).
    scheme : str
        A Gaussian scheme of :func:`~crossproof.numerics.schemes.table.one_step`; a logarithmic one watches the
        logarithm.
    bridge : bool
        Whether to look between the steps; without, exits are late by a time of order sqrt(dt).
    control : sympy.Expr, optional
        g(x), in the coordinate of the equation, of the control variate :math:`\\sum_n g(x_n)\\sqrt{h}\\,\\xi_n`, over
        the steps that start inside. Its mean is exactly 0 at any step, whatever g; the equation must have one noise.
    dtype, device
        Arithmetic of the states, and where.

    Raises
    ------
    DomainError
        If ends and start are out of order.
    NumericsError
        If the equation, a parameter, the step, the number of steps or paths does not fit, `dt` is so large that one
        step may meet both ends, or a path becomes non-finite.
    """
    if not low < start < high:
        raise DomainError(f"low={low}, start={start}, high={high}: give low < start < high")
    if not (0 < dt < math.inf and steps >= 1 and paths >= 1 and first_path >= 0 and first_path + paths <= 2**62):
        raise NumericsError(f"dt={dt}, steps={steps}, paths={paths}, first_path={first_path}: dt, steps, paths > 0")
    if sde.dimension != 1:
        raise NumericsError(f"exit_times needs one state variable; this equation has {sde.dimension}")
    walk = _Walk(one_step(sde, scheme), parameters, dt, key, dtype, control, sde.state[0])
    begin, a, b = (walk.place(v) for v in (start, low, high))
    where = checked_device(device)
    parts = []
    for first in range(0, paths, _CHUNK):
        numbers = torch.arange(first_path + first, first_path + min(paths, first + _CHUNK), device=where)
        parts.append(_watch(walk, numbers, begin, a, b, steps, bridge))
    return Exits(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


class _Walk:
    """A scalar one-step map with the standard deviation of its step."""

    def __init__(
        self,
        step: OneStep,
        parameters: Mapping[sp.Symbol, Any],
        dt: float,
        key: tuple[int, int],
        dtype: DType,
        control: sp.Expr | None,
        coordinate: sp.Symbol,
    ) -> None:
        missing = [str(s) for s in step.parameters if s not in parameters]
        if missing or step.law != "gaussian" or not step.noises:
            raise NumericsError(
                f"scheme={step.scheme!r}, without values: {', '.join(missing) or 'none'}; give a value to every "
                "parameter, and a scheme with Gaussian increments for an equation with noise"
            )
        self.step, self.dt, self.key, self.dtype = step, dt, key, dtype
        given = parameter_values({s: parameters[s] for s in step.parameters}, NumericsError)
        values = given | {step.dt: sp.Float(dt)}
        still = dict.fromkeys(step.noises, sp.S.Zero)
        variance = sum(sp.diff(step.update[0], xi).subs(still) ** 2 for xi in step.noises)
        names = [*step.state, *step.noises]
        self.move = compile_expressions(names, [step.update[0].subs(values)], "torch")
        self.variance = compile_expressions(step.state, [sp.sympify(variance).subs(values)], "torch")
        self.control = None
        if control is not None:
            if len(step.noises) != 1:
                raise NumericsError(f"a control variate needs one noise; the scheme {step.scheme!r} has {step.noises}")
            scaled = control.subs(coordinate, step.readout[0]).subs(values) * math.sqrt(dt)
            self.control = compile_expressions(step.state, [scaled], "torch")

    def place(self, value: float) -> float:
        """Return a point of the equation's coordinate in the coordinate of the scheme."""
        if self.step.readout == self.step.state:
            return float(value)
        if value <= 0:
            return -math.inf
        return float(chart(self.step, [sp.Float(value)])[0]) if value < math.inf else math.inf

    @property
    def together(self) -> int:
        """Steps whose draws use up whole Philox blocks."""
        size = draws_per_block("gaussian", self.dtype)
        return size // math.gcd(size, len(self.step.noises))

    def draws(self, numbers: torch.Tensor, n: int) -> torch.Tensor:
        """Return the draws of the `together` steps from step n on, noise after noise, one column a path."""
        m = len(self.step.noises)
        return increments(numbers, n * m, self.together * m, law="gaussian", dtype=self.dtype, key=self.key)


def _watch(
    walk: _Walk, numbers: torch.Tensor, begin: float, low: float, high: float, steps: int, bridge: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    kind = getattr(torch, walk.dtype)
    side = torch.zeros(numbers.shape, dtype=torch.int8, device=numbers.device)
    time = torch.full(numbers.shape, math.inf, dtype=torch.float64, device=numbers.device)
    control = torch.zeros_like(time)
    inside = torch.arange(len(numbers), device=numbers.device)
    x = torch.full(numbers.shape, begin, dtype=kind, device=numbers.device)
    m = len(walk.step.noises)
    for n in range(steps):
        who, turn = numbers[inside], n % walk.together
        if turn == 0:
            draws = walk.draws(who, n)
        y = walk.move(x, *draws[turn * m : (turn + 1) * m])[0]
        if walk.control is not None:
            control[inside] += (walk.control(x)[0] * draws[turn]).double()
        if not bool(torch.isfinite(y).all()):
            bad = int((~torch.isfinite(y)).sum())
            raise NumericsError(f"{bad} paths became non-finite at step {n + 1}; use smaller steps or another scheme")
        up, down, share = y >= high, y <= low, torch.ones_like(y, dtype=torch.float64)
        if bridge:
            v = torch.as_tensor(walk.variance(x)[0], dtype=torch.float64, device=y.device).expand(y.shape)
            if float(v.max()) > _LARGEST_SHARE * (high - low) ** 2:
                raise NumericsError(
                    f"dt={walk.dt}: a step of variance {float(v.max()):.3g} may meet both ends of ({low}, {high}); "
                    f"take dt <= {walk.dt * _LARGEST_SHARE * (high - low) ** 2 / float(v.max()):.3g}"
                )
            up, down, share = _between(walk, who, n, x.double(), y.double(), v, low, high)
        gone = up | down
        if bool(gone.any()):
            side[inside[gone]] = torch.where(up[gone], 1, -1).to(torch.int8)
            time[inside[gone]] = (n + share[gone]) * walk.dt
            inside, x, draws = inside[~gone], y[~gone], draws[:, ~gone]
        else:
            x = y
        if not len(inside):
            break
    return side, time, control


def _between(
    walk: _Walk, who: torch.Tensor, n: int, x: torch.Tensor, y: torch.Tensor, v: torch.Tensor, low: float, high: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return which paths left upwards, which downwards, and at which share of the step."""
    over = crossing_probability(x, y, high, v)
    under = crossing_probability(x, y, low, v)
    up, down, share = torch.zeros_like(y, dtype=torch.bool), torch.zeros_like(y, dtype=torch.bool), torch.ones_like(y)
    near = (over + under >= 2.0**-54).nonzero()[:, 0]  # no uniform is smaller
    if not len(near):
        return up, down, share
    x, y, v, over, under, who = x[near], y[near], v[near], over[near], under[near], who[near]
    w = words(who, 2 * n, UNIFORM, walk.key)
    u, rest = open_uniform(w[0], w[1])
    # a path that ends beyond an end left through it; elsewhere one uniform decides between the two
    up[near] = rises = (y >= high) | ((y > low) & (u < over))
    down[near] = ~rises & ((y <= low) | (rest < under))
    normal, _ = normals_float64(words(who, 2 * n + 1, UNIFORM, walk.key))
    end = torch.where(rises, high, low)
    end = torch.where(torch.isfinite(end), end, y + 1)  # paths that stay have no passage: any number will do
    share[near] = passage_time(x, y, end, v, normal, open_uniform(w[2], w[3])[0])
    return up, down, torch.where(up | down, share, 1.0)
