"""Small linear networks in exact rational arithmetic: derivatives by every single weight, covariances of gradients.

Arrays are NumPy arrays of fractions. The one-sample loss of a network with numeric weights is a quadratic form in the
Gaussian variables (x, eps). Central differences with step 1 are exact here, because the loss has degree two in each
weight, and amplitudes and imbalances hold any two weights v, w in no other terms than v, w, v w, v^2 and w^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ...derivations.errors import DomainError
from ..matrices import Rational
from .aligned import Functional, ModeNetwork, between_bases
from .named import end_to_end

Place = tuple[int, int, int]


def rotation(n: int, which: int) -> Any:
    """Return a rational orthogonal matrix: products of plane rotations with Pythagorean angles, or a sign."""
    triples = ((3, 4, 5), (5, 12, 13), (8, 15, 17))
    made = Rational().identity(n) * Fraction(-1 if n == 1 and which % 2 else 1)
    for i in range(n - 1):
        p, q, r = triples[(which + i) % 3]
        plane = Rational().identity(n)
        plane[i : i + 2, i : i + 2] = [[Fraction(p, r), Fraction(-q, r)], [Fraction(q, r), Fraction(p, r)]]
        made = made @ plane
    return made


def rational_network(entries: list[Fraction], teacher: list[Fraction], depth: int) -> ModeNetwork:
    """Return a balanced aligned network: every layer diagonal with `entries` between rotated bases.

    Parameters
    ----------
    entries, teacher : list of Fraction
        Diagonal entry of every layer, and singular value of the teacher, one a mode; all widths are their number.
    depth : int
        Number of layers.

    Raises
    ------
    DomainError
        If the numbers of modes differ or there is no layer.
    """
    n = len(entries)
    if n == 0 or len(teacher) != n or depth < 1:
        raise DomainError(
            f"{n} entries, {len(teacher)} teacher values, depth {depth}: give as many of either, and depth >= 1"
        )
    bases = tuple(rotation(n, which) for which in range(depth + 1))
    (target,) = between_bases((bases[0], bases[-1]), np.array(teacher, dtype=object))
    return ModeNetwork(between_bases(bases, np.array(entries, dtype=object)), target, bases)


def gradient(weights: Sequence[Any], layer: int, function: Callable[[Sequence[Any]], Any]) -> Any:
    """Return the exact gradient by layer number `layer`, from 0, of a function that is quadratic in each weight.

    The function may return an array; the result has the shape of its value, and then that of the layer.
    """
    weight = weights[layer]
    parts = []
    for index in np.ndindex(*weight.shape):
        sides = []
        for step in (1, -1):
            moved = weight.copy()
            moved[index] += step
            sides.append(function([*weights[:layer], moved, *weights[layer + 1 :]]))
        parts.append(np.asarray((sides[0] - sides[1]) * Fraction(1, 2), dtype=object))
    stacked = np.stack(parts, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], *weight.shape)


class BruteForce:
    """Gradient noise, and first and second derivatives, of one network whose widths are all equal."""

    def __init__(self, network: ModeNetwork, label_variance: Fraction) -> None:
        self.network = network
        n = len(network.teacher)
        self.variances = np.array([Fraction(1)] * n + [label_variance] * n, dtype=object)
        self.places = [(k, i, j) for k in range(len(network.weights)) for i in range(n) for j in range(n)]
        #: A quadratic form in (x, eps) for the derivative of the loss by each weight.
        self.gradients = np.moveaxis(self.slopes(self._loss), -1, 0)

    def _loss(self, weights: Sequence[Any]) -> Any:
        """Return Q with ``1/2 ||Wx - Mx - eps||^2 = z^T Q z``, z = (x, eps)."""
        gap = end_to_end(weights) - self.network.teacher
        residual = np.concatenate([gap, -Rational().identity(len(gap))], axis=1)
        return residual.T @ residual * Fraction(1, 2)

    def mean(self, form: Any) -> Fraction:
        """E[z^T A z]."""
        return Fraction((form.diagonal() * self.variances).sum())

    def covariance(self, one: Any, other: Any) -> Fraction:
        """Cov(z^T A z, z^T B z) = 2 tr(A D B D) for z ~ N(0, D) and symmetric A, B."""
        return Fraction(2 * (one * other * np.outer(self.variances, self.variances)).sum())

    def slopes(self, f: Functional) -> Any:
        """Gradient of f, one entry a weight along the last axis."""
        layers = [gradient(self.network.weights, k, f) for k in range(len(self.network.weights))]
        return np.concatenate([layer.reshape(*layer.shape[:-2], -1) for layer in layers], axis=-1)

    def along(self, slopes: Any) -> Any:
        """Derivative of the loss along `slopes`, as a quadratic form in z."""
        return np.tensordot(slopes, self.gradients, axes=1)

    def bends(self, f: Functional) -> Iterator[tuple[int, int, Fraction]]:
        """Yield (a, b, d2 f / d theta_a d theta_b) for b <= a where it is not zero; numbers of `places`."""

        def moved(*moves: tuple[Place, int]) -> Any:
            weights = [layer.copy() for layer in self.network.weights]
            for (k, i, j), amount in moves:
                weights[k][i, j] += amount
            return f(weights)

        base = moved()
        single = {(p, s): moved((p, s)) for p in self.places for s in (1, -1)}
        for a, p in enumerate(self.places):
            bend = single[p, 1] - 2 * base + single[p, -1]
            if bend:
                yield a, a, bend
            for b, q in enumerate(self.places[:a]):
                bend = moved((p, 1), (q, 1)) - single[p, 1] - single[q, 1] + base
                if bend:
                    yield a, b, bend

    def ito_drift(self, f: Functional) -> Fraction:
        """1/2 sum_ab (d2 f / d theta_a d theta_b) Sigma_ab over all pairs of weights."""
        return sum(
            (
                bend * self.covariance(self.gradients[a], self.gradients[b]) / (2 if a == b else 1)
                for a, b, bend in self.bends(f)
            ),
            Fraction(0),
        )
