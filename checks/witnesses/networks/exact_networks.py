"""Small linear networks with data in rational arithmetic, for witnesses that compare exactly.

A loss is a polynomial of degree two in any single weight, so its central difference with step one is the exact
derivative. Gaussian inputs are replaced by independent coordinates with values 0, +-1, +-2 and probabilities 1/2, 1/6,
1/12: their moments up to order five are Gaussian, so that means of quadratic forms in the data, and of products of two
of them, are exact finite sums. Of the label noise a setting gives only that its entries are independent, with mean 0
and standard deviation sigma: here they are sigma or -sigma.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.domain import Domain
from ....derivations.matrices.networks import NetworkSetting
from ....numerics.matrices import Rational
from ....numerics.networks.named import NamedNetwork, end_to_end, place
from ....numerics.networks.rational import gradient

#: Layer widths and the layers (first, second) that a statement's layer names stand for; simplest first.
Networks = tuple[tuple[tuple[int, ...], tuple[int, int]], ...]
NETWORKS: Networks = (
    ((1, 1, 1), (1, 2)),
    ((2, 1, 1), (2, 1)),
    ((1, 3, 2), (1, 1)),
    ((2, 3, 2), (2, 2)),
    ((2, 1, 3, 1), (1, 3)),
    ((1, 2, 1, 2, 2), (3, 2)),
    ((2, 2, 3, 2, 2), (2, 3)),
)
#: Resolution of exact equality, which leaves no deviation possible, where a positive number has to be named.
EXACT = 2.0**-1000
#: Highest moments of the inputs and of the label noise that the data have as the setting gives them.
ORDER, NOISE_ORDER = 5, 2
_INPUTS = ((0, Fraction(1, 2)), (1, Fraction(1, 6)), (-1, Fraction(1, 6)), (2, Fraction(1, 12)), (-2, Fraction(1, 12)))
_NOISE = ((1, Fraction(1, 2)), (-1, Fraction(1, 2)))


@dataclass(frozen=True)
class ExactNetwork(NamedNetwork):
    """An explicit network with data: samples in rows, with probabilities (n,), all of it in words in `point`."""

    probabilities: Any
    point: Mapping[str, str]

    @property
    def noise(self) -> Any:
        """Label noise (n, d_L) of a teacher setting."""
        return self.y - self.x @ self.teacher.T

    def loss(self, weights: Sequence[Any]) -> Any:
        """Loss of every sample."""
        residual = self.x @ end_to_end(weights).T - self.y
        return (residual * residual).sum(axis=1) * Rational().scalar(self.loss_scale)

    def gradient(self, layer: str, scalar: Callable[[Sequence[Any]], Any]) -> Any:
        """Exact gradient of ``scalar(weights)``, quadratic in each weight, with shape (..., rows, columns)."""
        return gradient(self.weights, self.layers[layer] - 1, scalar)

    def loss_gradient(self, layer: str) -> Any:
        """Exact gradient of the loss of every sample for one layer, (n, rows, columns)."""
        return self.once(("loss gradient", layer), lambda: self.gradient(layer, self.loss))

    def once(self, what: Hashable, find: Callable[[], Any]) -> Any:
        """Return ``find()``, found once under the name `what`: it must depend on no asserted formula."""
        if what not in self._found:
            self._found[what] = find()
        return self._found[what]

    @cached_property
    def _found(self) -> dict[Hashable, Any]:
        return {}

    def mean(self, values: Any) -> Any:
        """Mean over the samples (axis 0)."""
        return np.tensordot(self.probabilities, values, axes=(0, 0))


def exact_networks(
    setting: NetworkSetting, names: Sequence[str], domain: Domain, networks: Networks = NETWORKS
) -> Iterator[ExactNetwork]:
    """Yield explicit networks inside the domain, smallest first.

    They depend on no asserted formula, so that a claim and all its mutants meet the same ones, which are made once.
    """
    for number in range(len(networks)):
        made = _network(setting, tuple(names), domain, networks, number)
        if made is not None:
            yield made


@lru_cache(maxsize=64)
def _network(
    setting: NetworkSetting, names: tuple[str, ...], domain: Domain, networks: Networks, number: int
) -> ExactNetwork | None:
    widths, picked = networks[number]
    at = place(setting, names, widths, picked, domain, 1 + number % 3)
    if at is None:
        return None
    fill = entries(number)
    weights = [filled(rows, columns, fill) for columns, rows in itertools.pairwise(widths)]
    if at.silenced is not None:
        weights[at.silenced] = weights[at.silenced] * 0
    point = {
        "shapes": at.words(setting),
        **{str(s): str(v) for s, v in at.parameters.items()},
        **{f"W_{k}": text(w) for k, w in enumerate(weights, start=1)},
    }
    teacher = end_to_end(weights) if setting.at_teacher else filled(widths[-1], widths[0], fill)
    if setting.data == "dataset":
        x, y = (filled(at.samples, width, fill) for width in (widths[0], widths[-1]))
        probabilities = np.array([Fraction(1, at.samples)] * at.samples, dtype=object)
        point |= {"x": text(x), "y": text(y)}
    else:
        sigma = Rational().scalar(sp.sympify(setting.label_noise).subs(at.scalars))
        x, noise, probabilities = _cubature(widths[0], widths[-1], sigma)
        y = x @ teacher.T + noise
        point["M"] = text(teacher)
    return ExactNetwork(setting, Rational(), at.layers, weights, teacher, x, y, at.scalars, probabilities, point)


def _cubature(inputs: int, outputs: int, sigma: Fraction) -> tuple[Any, Any, Any]:
    """Return x (n, inputs), noise (n, outputs) and probabilities (n,); noiseless labels need no noise nodes."""
    noisy = outputs if sigma else 0
    points, weights = [], []
    for nodes in itertools.product(*[_INPUTS] * inputs, *[_NOISE] * noisy):
        points.append([value for value, _ in nodes] + [0] * (outputs - noisy))
        weight = Fraction(1)
        for _, share in nodes:
            weight *= share
        weights.append(weight)
    table = np.array(points, dtype=object).reshape(len(points), inputs + outputs)
    return table[:, :inputs], table[:, inputs:] * sigma, np.array(weights, dtype=object)


def entries(start: int = 0) -> Iterator[int]:
    """Yield small non-zero integers without obvious pattern."""
    state = 7 + 13 * start
    while True:
        state = (state * 29 + 17) % 1009
        yield (state % 5 + 1) * (1 if state % 2 else -1)


def filled(rows: int, columns: int, fill: Iterator[int]) -> Any:
    """Return a matrix of the next numbers of `fill`."""
    return np.array([[next(fill) for _ in range(columns)] for _ in range(rows)], dtype=object).reshape(rows, columns)


def text(matrix: Any) -> str:
    """Return a matrix in words."""
    return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in matrix.tolist()) + "]"
