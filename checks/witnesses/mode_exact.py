"""Mode amplitudes in small networks, by brute force from the loss in exact rational arithmetic.

The per-sample loss of a network with numeric weights is a quadratic form in the Gaussian variables (x, eps). It is
differentiated by every single weight, the covariance of any two derivatives is exact, and amplitudes are differentiated
as plain functions of the weights. Central differences with step 1 are exact here, because loss, amplitudes and
imbalances have degree at most two in each weight and each pair of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import DomainError
from ...derivations.statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeTarget,
)
from ...numerics.balls import midpoint
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact import as_text, certified_gap
from ..witness import Task, witness

Matrix = list[list[Fraction]]
Weights = list[Matrix]

_STARTS_FROM = (
    "the one-sample loss of networks with rational weights, differentiated weight by weight; teacher and hidden "
    "layers in rotated bases"
)
#: Depths of the networks, and (t_i), (stilde_i), sigma, etab of the cases, with s_i = t_i^L; simplest first.
_DEPTHS = (2, 3, 4)
_CASES = (
    ("1 1 1", "2 2 2", "0", "1"),
    ("1 1/2 3/2", "1/2 1 2", "1/2", "1"),
    ("2/3 3/2 1/2", "1 2 1/3", "1", "1/2"),
)
#: What exact equality at rational points would certainly have caught.
_RESOLUTION = 1e-12


@dataclass(frozen=True)
class _Network:
    """Balanced aligned weights, the teacher and its singular bases (columns of `left` and `right`)."""

    weights: Weights
    teacher: Matrix
    left: Matrix
    right: Matrix


def _multiply(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum((x * y for x, y in zip(row, c, strict=True)), Fraction(0)) for c in columns] for row in a]


def _transpose(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def _rotation(n: int, which: int) -> Matrix:
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
        made = _multiply(made, plane)
    return made


def _network(entries: list[Fraction], teacher: list[Fraction], depth: int) -> _Network:
    n = len(entries)

    def diagonal(values: list[Fraction]) -> Matrix:
        return [[values[i] if i == j else Fraction(0) for j in range(n)] for i in range(n)]

    bases = [_rotation(n, which) for which in range(depth + 1)]
    weights = [
        _multiply(_multiply(bases[k + 1], diagonal(entries)), _transpose(bases[k])) for k in range(depth)
    ]
    target = _multiply(_multiply(bases[depth], diagonal(teacher)), _transpose(bases[0]))
    return _Network(weights, target, bases[depth], bases[0])


def _loss(weights: Weights, teacher: Matrix) -> Matrix:
    """Return Q with ``1/2 ||Wx - Mx - eps||^2 = z^T Q z``, z = (x, eps)."""
    end = weights[0]
    for layer in weights[1:]:
        end = _multiply(layer, end)
    n = len(end)
    residual = [
        [w - m for w, m in zip(row, target, strict=True)] + [Fraction(-int(i == j)) for j in range(n)]
        for i, (row, target) in enumerate(zip(end, teacher, strict=True))
    ]
    return [[v / 2 for v in row] for row in _multiply(_transpose(residual), residual)]


class _Brute:
    """Gradient noise, and first and second derivatives, of one network."""

    def __init__(self, network: _Network, label_variance: Fraction) -> None:
        self.network = network
        n = len(network.teacher)
        self.variances = [Fraction(1)] * n + [label_variance] * n
        self.places = [(k, i, j) for k in range(len(network.weights)) for i in range(n) for j in range(n)]
        self.gradients = [self._derivative(place) for place in self.places]

    def _moved(self, *moves: tuple[tuple[int, int, int], int]) -> Weights:
        weights = [[list(row) for row in layer] for layer in self.network.weights]
        for (k, i, j), amount in moves:
            weights[k][i][j] += amount
        return weights

    def _derivative(self, place: tuple[int, int, int]) -> Matrix:
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
            [
                sum((c * g[i][j] for c, g in zip(slopes, self.gradients, strict=True)), Fraction(0))
                for j in range(size)
            ]
            for i in range(size)
        ]

    def ito_drift(self, f: Callable[[Weights], Fraction]) -> Fraction:
        """1/2 sum_ab (d2 f / d theta_a d theta_b) Sigma_ab over all pairs of weights."""
        base = f(self.network.weights)
        single = {(p, s): f(self._moved((p, s))) for p in self.places for s in (1, -1)}
        total = Fraction(0)
        for a, p in enumerate(self.places):
            bend = single[p, 1] - 2 * base + single[p, -1]
            if bend:
                total += bend * self.covariance(self.gradients[a], self.gradients[a]) / 2
            for b, q in enumerate(self.places[:a]):
                bend = f(self._moved((p, 1), (q, 1))) - single[p, 1] - single[q, 1] + base
                if bend:
                    total += bend * self.covariance(self.gradients[a], self.gradients[b])
        return total


def _amplitude(network: _Network, pair: tuple[int, int]) -> Callable[[Weights], Fraction]:
    left = [[row[pair[0] - 1] for row in network.left]]
    right = [[row[pair[1] - 1]] for row in network.right]

    def amplitude(weights: Weights) -> Fraction:
        row = left
        for layer in reversed(weights):
            row = _multiply(row, layer)
        return _multiply(row, right)[0][0]

    return amplitude


def _imbalance(network: _Network, pair: tuple[int, int], layer: int) -> Callable[[Weights], Fraction]:
    basis = _rotation(len(network.teacher), layer)
    one, other = ([[row[i - 1]] for row in basis] for i in pair)

    def imbalance(weights: Weights) -> Fraction:
        below, above = weights[layer - 1], weights[layer]
        gap = [
            [a - b for a, b in zip(r, q, strict=True)]
            for r, q in zip(
                _multiply(_transpose(above), above), _multiply(below, _transpose(below)), strict=True
            )
        ]
        return _multiply(_multiply(_transpose(one), gap), other)[0][0]

    return imbalance


def exact_coefficient(
    target: ModeTarget,
    depth: int,
    entries: list[Fraction],
    teacher: list[Fraction],
    label_noise: Fraction,
    step: Fraction,
) -> Fraction:
    """Return the quantity of `target` for one network, exactly.

    Parameters
    ----------
    target : ModeTarget
        What is asked; its setting gives the number of modes only.
    depth : int
        Number of layers.
    entries, teacher : list of Fraction
        Layer entries t_i (the amplitudes are t_i^depth) and singular values of the teacher, one a mode.
    label_noise, step : Fraction
        sigma and learning rate over batch size.
    """
    network = _network(entries, teacher, depth)
    brute = _Brute(network, label_noise**2)
    f = _amplitude(network, target.first)
    match target.quantity:
        case ModeQuantity.GRADIENT_DRIFT:
            return -brute.mean(brute.along(brute.slopes(f)))
        case ModeQuantity.ITO_DRIFT:
            return step * brute.ito_drift(f)
        case ModeQuantity.LABEL_ITO_DRIFT:
            return step * (brute.ito_drift(f) - _Brute(network, Fraction(0)).ito_drift(f))
        case ModeQuantity.DRIFT:
            return step * brute.ito_drift(f) - brute.mean(brute.along(brute.slopes(f)))
        case ModeQuantity.COVARIATION:
            assert target.second is not None
            g = _amplitude(network, target.second)
            return step * brute.covariance(brute.along(brute.slopes(f)), brute.along(brute.slopes(g)))
        case ModeQuantity.IMBALANCE_DRIFT:
            assert target.layer is not None
            return step * brute.ito_drift(_imbalance(network, target.first, target.layer))


@dataclass(frozen=True)
class _Case:
    """A network of the claim's domain with its exact value of the quantity."""

    point: Point
    value: sp.Rational


def _cases(
    target: ModeTarget, task: Task, cases: tuple[tuple[str, str, str, str], ...] = _CASES
) -> Iterator[_Case]:
    """Yield the cases that lie in the claim's domain."""
    setting = target.setting
    fixed = setting.depth.is_Integer
    for case, depth in product(cases, (int(setting.depth),) if fixed else _DEPTHS):
        entries, teacher = ([sp.Rational(v) for v in part.split()[: setting.modes]] for part in case[:2])
        sigma = sp.Rational(case[2]) if setting.label_noise == LABEL_NOISE else setting.label_noise
        step = sp.Rational(case[3]) if setting.step == STEP else setting.step
        everything: Point = {
            DEPTH: sp.Integer(depth),
            LABEL_NOISE: sigma,
            STEP: step,
            **{s: t**depth for s, t in zip(setting.amplitudes, entries, strict=True)},
            **dict(zip(setting.teacher, teacher, strict=True)),
        }
        point = {s: everything[s] for s in task.claim.domain.symbols if s in everything}
        try:
            task.claim.domain.check(point)
        except DomainError:
            continue
        if target.layer is not None and target.layer >= depth:
            continue
        found = exact_coefficient(
            target,
            depth,
            *([Fraction(int(v.p), int(v.q)) for v in part] for part in (entries, teacher)),
            Fraction(int(sigma.p), int(sigma.q)),
            Fraction(int(step.p), int(step.q)),
        )
        yield _Case(point, sp.Rational(found.numerator, found.denominator))


def _summary(target: ModeTarget, cases: list[_Case]) -> str:
    depths = sorted({int(c.point.get(DEPTH, target.setting.depth)) for c in cases})
    return f"{len(cases)} networks of {target.setting.modes} mode(s) at depth {', '.join(map(str, depths))}"


@witness(
    "exact modes of small networks",
    kind=Kind.DETERMINISTIC,
    statement=ModeCoefficient,
    starts_from=_STARTS_FROM,
)
def exact_networks(statement: ModeCoefficient, task: Task) -> Finding:
    """Compare the asserted coefficient with the exact value in small networks."""
    target = statement.target
    seen = []
    for case in _cases(target, task):
        seen.append(case)
        stated = statement.value.subs(case.point).doit()
        gap = stated - case.value
        certified = gap != 0 if gap.is_Rational else certified_gap(gap, task.claim.domain, 1) is not None
        if certified:
            size, scale = abs(midpoint(gap, {})), max(abs(midpoint(stated, {})), abs(float(case.value)))
            return Finding(
                Outcome.REFUTED,
                f"In a network with rational weights {target.describe()} differs from the formula.",
                effect=size / scale,
                counterexample=Counterexample(
                    as_text(case.point),
                    f"{target.describe()} = {stated}",
                    f"{target.describe()} = {case.value}",
                    str(sp.nsimplify(gap) if gap.is_Rational else sp.N(gap, 15)),
                ),
            )
        if not gap.is_Rational:
            return Finding(
                Outcome.UNDECIDED, f"{stated} was neither separated from {case.value} nor shown equal."
            )
    if not seen:
        return Finding(Outcome.UNDECIDED, "None of the listed networks lies in the domain.")
    return Finding(
        Outcome.CONFIRMED,
        f"Exactly equal in {_summary(target, seen)}.",
        resolution=_RESOLUTION,
    )


@witness(
    "exact modes of small networks, dependence",
    kind=Kind.DETERMINISTIC,
    statement=ModeDependence,
    starts_from=_STARTS_FROM,
)
def exact_networks_dependence(statement: ModeDependence, task: Task) -> Finding:
    """Look for two networks that share the named variables and differ in the exact value of the quantity."""
    target = statement.target
    named = set(statement.variables)
    seen: list[_Case] = []
    for case in _CASES:
        for base, moved in zip(
            _cases(target, task, (case,)), _cases(target, task, (_moved_case(statement, case),)), strict=False
        ):
            if any(base.point[s] != moved.point[s] for s in named & set(base.point)):
                continue
            seen += [base, moved]
            if base.value != moved.value:
                changes = ", ".join(f"{s} = {moved.point[s]}" for s in statement.others if s in moved.point)
                return Finding(
                    Outcome.REFUTED,
                    f"Two networks with equal {', '.join(map(str, statement.variables))} differ in "
                    f"{target.describe()}.",
                    effect=float(abs(moved.value - base.value) / max(abs(base.value), abs(moved.value))),
                    counterexample=Counterexample(
                        as_text(base.point),
                        f"{target.describe()} unchanged when {changes}",
                        f"{base.value} at the point, {moved.value} when {changes}",
                        str(moved.value - base.value),
                    ),
                )
    if not seen:
        return Finding(Outcome.UNDECIDED, "None of the listed networks lies in the domain.")
    return Finding(
        Outcome.CONFIRMED,
        f"Exactly unchanged under changes of {', '.join(map(str, statement.others))} in {_summary(target, seen)}.",
        resolution=_RESOLUTION,
    )


def _moved_case(statement: ModeDependence, case: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
    """Return `case` with the values of the variables that are not named replaced by others."""
    setting = statement.target.setting
    fresh = iter(("2", "3", "1/3", "4", "3/4", "5", "1/4", "5/3"))
    parts = []
    for names, text in zip((setting.amplitudes, setting.teacher), case[:2], strict=True):
        values = text.split()
        parts.append(
            " ".join(next(fresh) if s in statement.others else v for s, v in zip(names, values, strict=False))
        )
    sigma, step = (
        next(fresh) if s in statement.others else v
        for s, v in zip((LABEL_NOISE, STEP), case[2:], strict=True)
    )
    return parts[0], parts[1], sigma, step
