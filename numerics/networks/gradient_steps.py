r"""Stochastic gradient descent on a loss that is given in symbols, many runs at once; gradients by autograd.

Of one weight on fresh Gaussian samples there is a linear companion:

.. math:: w_{k+1} = w_k - \eta\,\partial_w\ell(w_k; z_k), \qquad
          \bar w_{k+1} = \bar w_k - \eta\,\bar g_k, \qquad
          S_{k+1} = (1 - \eta\bar h_k) S_k - \eta\,(\partial_w\ell(\bar w_k; z_k) - \bar g_k),

with :math:`\bar g_k, \bar h_k, v_k` the mean of the gradient and of its slope and the variance of the gradient at
:math:`\bar w_k`. The companion S takes the same samples; its mean is 0 and its variance :math:`V_{k+1} =
(1 - \eta\bar h_k)^2 V_k + \eta^2 v_k` exactly, which makes it a control variate for moments of w.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from ...derivations.errors import NumericsError
from ..codegen import compile_expressions
from ..random.random_stream import RandomStream
from .gaussian_cubature import degree_five
from .runs import Watch, Weights, iterate

#: From weights and samples to the gradients of all runs, see :func:`sample_gradient`.
Gradient = Callable[[torch.Tensor, Iterable[torch.Tensor]], torch.Tensor]
#: Steps whose samples are drawn at once.
_TOGETHER = 16


@dataclass(frozen=True)
class GradientRuns:
    """Weights after the last step, and their companions.

    Attributes
    ----------
    weight : Symbol
        The symbol w.
    weights, companions : float64 arrays of shape (paths,)
        w and S.
    centre, variance_of_companion : float
        w-bar, and V.
    """

    weight: sp.Symbol
    weights: NDArray[np.float64]
    companions: NDArray[np.float64]
    centre: float
    variance_of_companion: float

    def mean(self, observable: sp.Expr, groups: int) -> NDArray[np.float64]:
        """Return unbiased estimates of E phi(w), one from each of `groups` groups of consecutive runs."""
        phi = self._values(observable)
        slope, bend = (self._at_centre(sp.diff(observable, self.weight, k)) for k in (1, 2))
        control = slope * self.companions + bend / 2 * (self.companions**2 - self.variance_of_companion)
        return np.asarray((phi - control).reshape(groups, -1).mean(axis=1))

    def variance(self, observable: sp.Expr, groups: int) -> NDArray[np.float64]:
        """Return unbiased estimates of Var phi(w), one from each of `groups` groups of consecutive runs."""
        slope = self._at_centre(sp.diff(observable, self.weight))
        parts = [v.reshape(groups, -1).var(axis=1, ddof=1) for v in (self._values(observable), slope * self.companions)]
        return np.asarray(parts[0] - parts[1] + slope**2 * self.variance_of_companion)

    def _values(self, observable: sp.Expr) -> NDArray[np.float64]:
        (found,) = compile_expressions([self.weight], [observable], "numpy")(self.weights)
        return np.broadcast_to(np.asarray(found, dtype=np.float64), self.weights.shape)

    def _at_centre(self, e: sp.Expr) -> float:
        return float(e.subs(self.weight, self.centre))


def sample_gradient(loss: sp.Expr, weights: Sequence[sp.Symbol], data: Sequence[sp.Symbol]) -> Gradient:
    """Return ``gradient(w, z)``: the autograd gradient of the loss in each run, summed over the samples of a run.

    w has shape (weights, runs...); the entries of z, one a symbol of `data`, and w[k] broadcast to (..., runs...).
    """
    evaluate = compile_expressions([*weights, *data], [loss], "torch")

    def gradient(w: torch.Tensor, z: Iterable[torch.Tensor]) -> torch.Tensor:
        w = w.detach().requires_grad_()
        (found,) = torch.autograd.grad(evaluate(*w, *z)[0].sum(), w)
        return torch.as_tensor(found)

    return gradient


def gradient_steps(
    loss: sp.Expr,
    weight: sp.Symbol,
    data: Sequence[tuple[sp.Symbol, float]],
    *,
    start: float,
    rate: float,
    steps: int,
    paths: int,
    key: tuple[int, int],
    device: str | torch.device = "cpu",
) -> GradientRuns:
    """Return the weights of independent runs, the gradient of every sample by autograd.

    Parameters
    ----------
    loss : sympy.Expr
        Loss of one sample in the weight and the data; its slope a polynomial of degree at most 2 in the data, for
        which the moments of the companion are exact.
    weight : Symbol
        w.
    data : sequence of (Symbol, float)
        The entries of a sample with their variances >= 0: independent, Gaussian, mean 0.
    start, rate : float
        First weight; learning rate > 0.
    steps, paths : int
        Steps of a run and number of runs, both >= 1.
    key : pair of int
        Key words of the samples.
    device
        Where the runs are made.

    Raises
    ------
    NumericsError
        If an argument is outside its range, the loss holds another symbol or is of too high a degree, or a weight
        becomes non-finite.
    """
    symbols = [z for z, _ in data]
    slope = sp.diff(loss, weight)
    stray = loss.free_symbols - {weight, *symbols}
    if stray or not slope.is_polynomial(*symbols) or sp.Poly(slope, *symbols).total_degree() > 2:
        raise NumericsError(
            f"loss={loss}: without a value are {sorted(map(str, stray)) or 'none'}; its slope in {weight} must be a "
            "polynomial of degree at most 2 in the data"
        )
    if not (0 < rate < math.inf and math.isfinite(start) and min(steps, paths) >= 1 and all(v >= 0 for _, v in data)):
        raise NumericsError(
            f"start={start}, rate={rate}, steps={steps}, paths={paths}, variances={[v for _, v in data]}: rate must be "
            "positive, steps and paths >= 1, variances >= 0"
        )
    options: dict[str, Any] = {"dtype": torch.float64, "device": torch.device(device)}
    scales = torch.tensor([math.sqrt(v) for _, v in data], **options)[:, None]
    gradient = sample_gradient(loss, [weight], symbols)
    companion = _Companion(gradient, scales, start, rate, steps)
    stream = RandomStream(key, options["device"])

    def advance(now: Weights, first: int, count: int) -> Weights:
        (w,), (s,) = (part.T for part in now)
        for number in range(first, first + count):
            if (number - first) % _TOGETHER == 0:
                drawn = stream.normal(min(_TOGETHER, first + count - number), len(symbols), paths)
            # the runs, and at their side the centre with the same samples
            pair = torch.stack((w, torch.full_like(w, companion.centres[number])))
            (found,) = gradient(pair[None], (drawn[(number - first) % _TOGETHER] * scales)[:, None, :])
            w = w - rate * found[0]
            s = companion.shrinks[number] * s - rate * (found[1] - companion.means[number])
        return w[:, None], s[:, None]

    begin = torch.full((paths, 1), start, **options)
    run = iterate(advance, (begin, torch.zeros_like(begin)), steps, Watch())
    if run.lost:
        raise NumericsError(f"{run.lost} of {paths} weights became non-finite at the rate {rate}; take a smaller one")
    weights, companions = (part[:, 0].cpu().numpy() for part in run.weights)
    return GradientRuns(weight, weights, companions, companion.centres[-1], companion.variance)


class _Companion:
    """The centres w-bar, before each step and after the last, and the numbers of each step; V after the last."""

    def __init__(self, gradient: Gradient, scales: torch.Tensor, start: float, rate: float, steps: int) -> None:
        nodes, weights = degree_five(len(scales))
        nodes, weights = (nodes.T.to(scales) * scales)[:, None, :], weights.to(scales)
        small = 1e-3 * max(abs(start), 1.0)
        self.centres, self.means, self.shrinks, self.variance = [start], list[float](), list[float](), 0.0
        for _ in range(steps):
            centre = self.centres[-1]
            # centre, and two points beside it for the slope of the gradient (any number will do for it)
            near = scales.new_tensor([centre, centre - small, centre + small])[:, None].expand(3, nodes.shape[2])
            (around,) = gradient(near[None], nodes)
            mean, below, above = (around @ weights).tolist()
            spread = float((around[0] - mean).square() @ weights)
            shrink = 1 - rate * (above - below) / (2 * small)
            self.means.append(mean)
            self.shrinks.append(shrink)
            self.variance = shrink * shrink * self.variance + rate * rate * spread
            self.centres.append(centre - rate * mean)
