"""Small linear networks in exact rational arithmetic: derivatives by every single weight, covariances of gradients.

The one-sample loss of a network with numeric weights is a quadratic form in the Gaussian variables (x, eps). Central
differences with step 1 are exact here, because the loss has degree two in each weight, and amplitudes and imbalances
hold any two weights v, w in no other terms than v, w, v w, v^2 and w^2. All widths are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from ...derivations.errors import DomainError

Matrix = list[list[Fraction]]
Weights = list[Matrix]
Place = tuple[int, int, int]


@dataclass(frozen=True)
class RationalNetwork:
    """Weights W_1, ..., W_L, the teacher, and its singular bases (columns of `left` and `right`); all n x n."""

    weights: Weights
    teacher: Matrix
    left: Matrix
    right: Matrix


def multiply(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix product a b."""
    columns = list(zip(*b, strict=True))
    return [[sum((x * y for x, y in zip(row, c, strict=True)), Fraction(0)) for c in columns] for row in a]


def transpose(a: Matrix) -> Matrix:
    """Return the transpose of `a`."""
    return [list(column) for column in zip(*a, strict=True)]


def rotation(n: int, which: int) -> Matrix:
    """Return a rational orthogonal matrix: products of plane rotations with Pythagorean angles, or a sign."""
    triples = ((3, 4, 5), (5, 12, 13), (8, 15, 17))
    made = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    if n == 1:
        return [[Fraction(-1 if which % 2 else 1)]]
    for i in range(n - 1):
        p, q, r = triples[(which + i) % 3]
        plane = [[Fraction(int(a == b)) for b in range(n)] for a in range(n)]
        plane[i][i], plane[i][i + 1] = Fraction(p, r), Fraction(-q, r)
        plane[i + 1][i], plane[i + 1][i + 1] = Fraction(q, r), Fraction(p, r)
        made = multiply(made, plane)
    return made


def rational_network(entries: list[Fraction], teacher: list[Fraction], depth: int) -> RationalNetwork:
    """Return a balanced aligned network: every layer diagonal with `entries` between rotated bases.

    Parameters
    ----------
    entries, teacher : list of Fraction
        Diagonal entry of every layer, and singular value of the teacher, one a mode.
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

    def diagonal(values: list[Fraction]) -> Matrix:
        return [[values[i] if i == j else Fraction(0) for j in range(n)] for i in range(n)]

    bases = [rotation(n, which) for which in range(depth + 1)]
    weights = [multiply(multiply(bases[k + 1], diagonal(entries)), transpose(bases[k])) for k in range(depth)]
    target = multiply(multiply(bases[depth], diagonal(teacher)), transpose(bases[0]))
    return RationalNetwork(weights, target, bases[depth], bases[0])


def _loss(weights: Weights, teacher: Matrix) -> Matrix:
    """Return Q with ``1/2 ||Wx - Mx - eps||^2 = z^T Q z``, z = (x, eps)."""
    end = weights[0]
    for layer in weights[1:]:
        end = multiply(layer, end)
    n = len(end)
    residual = [
        [w - m for w, m in zip(row, target, strict=True)] + [Fraction(-int(i == j)) for j in range(n)]
        for i, (row, target) in enumerate(zip(end, teacher, strict=True))
    ]
    return [[v / 2 for v in row] for row in multiply(transpose(residual), residual)]


class BruteForce:
    """Gradient noise, and first and second derivatives, of one network."""

    def __init__(self, network: RationalNetwork, label_variance: Fraction) -> None:
        self.network = network
        n = len(network.teacher)
        self.variances = [Fraction(1)] * n + [label_variance] * n
        self.places = [(k, i, j) for k in range(len(network.weights)) for i in range(n) for j in range(n)]
        self.gradients = [self._derivative(place) for place in self.places]

    def _moved(self, *moves: tuple[Place, int]) -> Weights:
        weights = [[list(row) for row in layer] for layer in self.network.weights]
        for (k, i, j), amount in moves:
            weights[k][i][j] += amount
        return weights

    def _derivative(self, place: Place) -> Matrix:
        up, down = (_loss(self._moved((place, step)), self.network.teacher) for step in (1, -1))
        return [[(a - b) / 2 for a, b in zip(r, q, strict=True)] for r, q in zip(up, down, strict=True)]

    def mean(self, form: Matrix) -> Fraction:
        """E[z^T A z]."""
        return sum((form[i][i] * v for i, v in enumerate(self.variances)), Fraction(0))

    def covariance(self, one: Matrix, other: Matrix) -> Fraction:
        """Cov(z^T A z, z^T B z) = 2 tr(A D B D) for z ~ N(0, D) and symmetric A, B."""
        v = self.variances
        return 2 * sum(
            (
                a * b * v[i] * v[j]
                for i, (r, q) in enumerate(zip(one, other, strict=True))
                for j, (a, b) in enumerate(zip(r, q, strict=True))
                if a and b
            ),
            Fraction(0),
        )

    def slopes(self, f: Callable[[Weights], Fraction]) -> list[Fraction]:
        """Gradient of f, one entry a weight."""
        return [(f(self._moved((p, 1))) - f(self._moved((p, -1)))) / 2 for p in self.places]

    def along(self, slopes: list[Fraction]) -> Matrix:
        """Derivative of the loss along `slopes`, as a quadratic form in z."""
        size = len(self.variances)
        return [
            [sum((c * g[i][j] for c, g in zip(slopes, self.gradients, strict=True)), Fraction(0)) for j in range(size)]
            for i in range(size)
        ]

    def bends(self, f: Callable[[Weights], Fraction]) -> Iterator[tuple[int, int, Fraction]]:
        """Yield (a, b, d2 f / d theta_a d theta_b) for b <= a where it is not zero; numbers of `places`."""
        base = f(self.network.weights)
        single = {(p, s): f(self._moved((p, s))) for p in self.places for s in (1, -1)}
        for a, p in enumerate(self.places):
            bend = single[p, 1] - 2 * base + single[p, -1]
            if bend:
                yield a, a, bend
            for b, q in enumerate(self.places[:a]):
                bend = f(self._moved((p, 1), (q, 1))) - single[p, 1] - single[q, 1] + base
                if bend:
                    yield a, b, bend

    def ito_drift(self, f: Callable[[Weights], Fraction]) -> Fraction:
        """1/2 sum_ab (d2 f / d theta_a d theta_b) Sigma_ab over all pairs of weights."""
        return sum(
            (
                bend * self.covariance(self.gradients[a], self.gradients[b]) / (2 if a == b else 1)
                for a, b, bend in self.bends(f)
            ),
            Fraction(0),
        )


def rational_amplitude(network: RationalNetwork, pair: tuple[int, int]) -> Callable[[Weights], Fraction]:
    """Return ``u_alpha^T W v_beta`` as a function of the weights; `pair` counts from 1."""
    left = [[row[pair[0] - 1] for row in network.left]]
    right = [[row[pair[1] - 1]] for row in network.right]

    def amplitude(weights: Weights) -> Fraction:
        row = left
        for layer in reversed(weights):
            row = multiply(row, layer)
        return multiply(row, right)[0][0]

    return amplitude


def rational_imbalance(network: RationalNetwork, pair: tuple[int, int], layer: int) -> Callable[[Weights], Fraction]:
    """Return entry `pair` of ``W_{l+1}^T W_{l+1} - W_l W_l^T`` in the basis of :func:`rational_network`."""
    basis = rotation(len(network.teacher), layer)
    one, other = ([[row[i - 1]] for row in basis] for i in pair)

    def imbalance(weights: Weights) -> Fraction:
        below, above = weights[layer - 1], weights[layer]
        gap = [
            [a - b for a, b in zip(r, q, strict=True)]
            for r, q in zip(multiply(transpose(above), above), multiply(below, transpose(below)), strict=True)
        ]
        return multiply(multiply(transpose(one), gap), other)[0][0]

    return imbalance
