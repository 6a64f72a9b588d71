"""Bounds over classes of gradients and matrices: the least bound that the class obeys, and members that exceed one.

A search among members never confirms a bound; it may only find one that breaks it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ....derivations.domain import Domain, Point
from ....derivations.statements.sets.gradient_classes import GradientBound, GradientQuantity, RootDistance
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import generic_points
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds
from ...judgement.exact import value_text
from ...judgement.findings import proved, refuted, undecided
from ...judgement.ladder import holds
from ...witness import Task, witness

Array = NDArray[np.float64]
#: A member exceeds a bound where it does so by more than this share of it and of what was subtracted: a root that
#: nearly vanishes errs by the root of the rounding of float64.
_FLOOR = 1e-6
#: Members that are tried at a point of the domain.
_MEMBERS = 60
#: Distance from the mean of one number against 99 of its opposite, in units of it.
_ALONE = sp.Rational(99, 50)


def ceiling_of(s: GradientBound) -> tuple[sp.Expr, str]:
    """Return what the quantity never exceeds in the class, and why."""
    change = s.lipschitz * s.distance
    return {
        GradientQuantity.MEAN_SIZE: (s.size, "a mean is no longer than the longest"),
        GradientQuantity.MEAN_CHANGE: (change, "a mean is no longer than the longest"),
        GradientQuantity.DEVIATION_SIZE: (2 * s.size, "the triangle inequality"),
        GradientQuantity.DEVIATION_CHANGE: (2 * change, "the triangle inequality"),
        GradientQuantity.ENTRY_CHANGE: (
            2 * s.size * change,
            "Cov(f, g) - Cov(f', g') = Cov(f - f', g) + Cov(f', g - g'), and Cauchy-Schwarz",
        ),
        GradientQuantity.COVARIANCE_CHANGE: (
            2 * s.size * change,
            "Var f - Var f' = Cov(f - f', f + f') in every direction, and Cauchy-Schwarz",
        ),
        GradientQuantity.ROOT_CHANGE: (
            sp.sqrt(2) * change,
            "the root is the absolute value of the centred gradients over sqrt(n), and the absolute value of matrices "
            "has Lipschitz constant sqrt(2) in Frobenius norm (Araki and Yamagami 1981)",
        ),
    }[s.quantity]


def of_clipped_lines(s: GradientBound) -> sp.Expr:
    """Return the quantity for l_1' = clip(lipschitz x), l_2' = -l_1' on the line.

    For means it is l_1' alone, for deviations l_1' against 99 of its opposite, which has 99/50 of it off the mean.

    At the two points l_1' is `size` and `size - lipschitz * distance`, where that is not below -`size`.
    """
    low = s.size - s.lipschitz * s.distance
    return {
        GradientQuantity.MEAN_SIZE: s.size,
        GradientQuantity.MEAN_CHANGE: s.size - low,
        GradientQuantity.DEVIATION_SIZE: _ALONE * s.size,
        GradientQuantity.DEVIATION_CHANGE: _ALONE * (s.size - low),
        GradientQuantity.ENTRY_CHANGE: sp.Abs(s.size**2 - low**2),
        GradientQuantity.COVARIANCE_CHANGE: sp.Abs(s.size**2 - low**2),
        GradientQuantity.ROOT_CHANGE: sp.Abs(s.size - sp.Abs(low)),
    }[s.quantity]


@witness(
    "ceiling of the class",
    kind=Kind.ALGEBRA,
    statement=GradientBound,
    starts_from="norms of means, products and roots over all gradients of the class; two clipped lines as a member",
)
def ceiling_of_the_class(statement: GradientBound, task: Task) -> Finding:
    """Refute by an exact member on the line, or show that the bound is nowhere below what the class obeys."""
    value, domain = of_clipped_lines(statement), task.claim.domain
    slope, size = statement.lipschitz, statement.size
    for point in candidates(domain, 4 * task.effort.points):
        inside = certified_sign(2 * size - slope * statement.distance, point) in (0, 1)
        if inside and certified_sign(value - statement.bound, point) == 1:
            reach = size - slope * statement.distance
            return refuted(
                f"on the line, l_1' = {slope} x cut off at -+{size} and its opposite (for means l_1' alone, for "
                f"deviations against 99 opposite ones), where l_1' is {value_text(size, point)} and "
                f"{value_text(reach, point)}.",
                point,
                f"{statement.quantity} <= {value_text(statement.bound, point)}",
                f"{statement.quantity} = {value_text(value, point)}",
                value_text(value - statement.bound, point),
                certified=True,
            )
    ceiling, why = ceiling_of(statement)
    return _at_least(statement.bound, ceiling, why, domain, task)


def _at_least(bound: sp.Expr, ceiling: sp.Expr, why: str, domain: Domain, task: Task) -> Finding:
    climb = holds(sp.Ge(bound, ceiling, evaluate=False), domain, ladder_seconds(task) / 2)
    if climb.answer:
        return proved(f"the class obeys {ceiling} ({why}), and the bound is nowhere below, by {climb.decided_by}.")
    return undecided(f"the class obeys {ceiling} ({why}); that {bound} is nowhere below was not shown")


@witness(
    "sampled gradients",
    kind=Kind.DETERMINISTIC,
    statement=GradientBound,
    starts_from="mixtures of cut-off ridge functions, which are gradients; the quantity by linear algebra",
)
def sampled_gradients(statement: GradientBound, task: Task) -> Finding:
    """Look for gradients of the class that exceed the bound."""
    rng = np.random.default_rng(0)
    for point in generic_points(task.claim.domain, 2 * task.effort.points):
        slope, size, far = (midpoint(s, point) for s in (statement.lipschitz, statement.size, statement.distance))
        bound = midpoint(statement.bound, point)
        values = sampled_members(statement.quantity, rng, slope, size, far)
        if max(values) > bound + _FLOOR * (bound + size + size**2):
            return _exceeded(point, str(statement.quantity), max(values), bound)
    return undecided("sampled gradients: none exceeds the bound; a search confirms none.")


def _exceeded(point: Point, what: str, value: float, bound: float) -> Finding:
    return refuted(
        "a sampled member of the class exceeds the bound.",
        point,
        f"{what} <= {bound:.8g}",
        f"{what} = {value:.8g}",
        f"{value - bound:.6g}",
        effect=(value - bound) / value,
        quantity=what,
    )


def sampled_members(
    quantity: GradientQuantity, rng: np.random.Generator, slope: float, size: float, far: float
) -> list[float]:
    """Return the quantity for random members of the class."""
    return [_sampled(quantity, rng, slope, size, far) for _ in range(_MEMBERS)]


def _sampled(quantity: GradientQuantity, rng: np.random.Generator, slope: float, size: float, far: float) -> float:
    """Return the quantity for a random member: g_i(x) = sum_k p_k w_k clip(slope w_k . x + c_k), sum_k p_k = 1.

    Half of the members are pairs of opposite gradients of one ridge, whose covariance is the largest.
    """
    n, d, ridges = int(rng.integers(1, 5)), int(rng.integers(1, 4)), int(rng.integers(1, 3))
    w = rng.standard_normal((n, ridges, d))
    w /= np.linalg.norm(w, axis=2, keepdims=True)
    p = rng.dirichlet(np.ones(ridges), n)
    c = size * rng.uniform(-1.5, 1.5, (n, ridges))
    step = rng.standard_normal(d)
    step *= far / np.linalg.norm(step)
    if rng.integers(0, 2):
        signs = np.array([[1.0], [-1.0]])
        pair = [np.clip(slope * x + c[0, 0], -size, size) * signs * step / far for x in (0.0, far)]
        return _measured(quantity, *pair)
    at = [np.einsum("nk,nk,nkd->nd", p, np.clip(slope * w @ x + c, -size, size), w) for x in (np.zeros(d), step)]
    return _measured(quantity, *at)


def _measured(quantity: GradientQuantity, first: Array, second: Array) -> float:
    """Return the quantity for the gradients at two points, shapes (n, d)."""
    centred = [g - g.mean(axis=0) for g in (first, second)]
    if quantity is GradientQuantity.MEAN_SIZE:
        return float(np.linalg.norm(first.mean(axis=0)))
    if quantity is GradientQuantity.MEAN_CHANGE:
        return float(np.linalg.norm(first.mean(axis=0) - second.mean(axis=0)))
    if quantity is GradientQuantity.DEVIATION_SIZE:
        return float(np.linalg.norm(centred[0], axis=1).max())
    if quantity is GradientQuantity.DEVIATION_CHANGE:
        return float(np.linalg.norm(centred[0] - centred[1], axis=1).max())
    covariances = [c.T @ c / len(c) for c in centred]
    if quantity is GradientQuantity.ROOT_CHANGE:
        return float(np.linalg.norm(_root(covariances[0]) - _root(covariances[1])))
    change = covariances[0] - covariances[1]
    return float(np.abs(change).max() if quantity is GradientQuantity.ENTRY_CHANGE else np.linalg.norm(change, 2))


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


@witness(
    "sharp constant of roots",
    kind=Kind.ALGEBRA,
    statement=RootDistance,
    starts_from="|| sqrt A - sqrt B ||_2q <= || A - B ||_q^(1/2) (Ando 1988), and norms of the identity",
)
def sharp_constant(statement: RootDistance, task: Task) -> Finding:
    """The least constant is the larger of 1 (A of rank one, B = 0) and d^(1/p - 1/(2q)) (A = 1, B = 0)."""
    domain, of_identity = task.claim.domain, ratio_of_identity(statement)
    for point in candidates(domain, 4 * task.effort.points):
        for value, member in ((sp.Integer(1), "A = diag(1, 0, ..., 0)"), (of_identity, "A = identity")):
            if certified_sign(value - statement.factor, point) == 1:
                return refuted(
                    f"{member}, B = 0.",
                    point,
                    f"|sqrt A - sqrt B| <= {value_text(statement.factor, point)} sqrt |A - B|",
                    f"the ratio is {value_text(value, point)}",
                    value_text(value - statement.factor, point),
                    certified=True,
                )
    for ceiling in (sp.Integer(1), of_identity):
        finding = _at_least(statement.factor, ceiling, "Ando's inequality and Hoelder's for norms", domain, task)
        if finding.outcome is not Outcome.PROVED:
            return finding
    return finding


def ratio_of_identity(s: RootDistance) -> sp.Expr:
    """Return the ratio of both sides, without the constant, for A = identity and B = 0."""
    return s.dimension ** (1 / sp.sympify(s.root_norm) - 1 / (2 * sp.sympify(s.norm)))


@witness(
    "sampled pairs of matrices",
    kind=Kind.DETERMINISTIC,
    statement=RootDistance,
    starts_from="random positive semi-definite matrices of every rank; roots and norms by eigenvalues",
)
def sampled_matrices(statement: RootDistance, task: Task) -> Finding:
    """Look for two matrices that break the bound."""
    rng = np.random.default_rng(0)
    for point in generic_points(task.claim.domain, task.effort.points):
        d, factor = int(statement.dimension.subs(point)), midpoint(statement.factor, point)
        for value, root_of_distance, scale in sampled_pairs(statement, rng, d):
            size = factor * root_of_distance
            if value > size + _FLOOR * (size + scale):
                return _exceeded(point, "the distance of the roots", value, size)
    return undecided("sampled pairs of matrices: none breaks the bound; a search confirms none.")


def sampled_pairs(statement: RootDistance, rng: np.random.Generator, d: int) -> Iterator[tuple[float, float, float]]:
    """Yield both sides, without the constant, for random pairs of matrices of size d, and the size of what rounds."""
    p, q = (float(n) for n in (statement.root_norm, statement.norm))
    for _ in range(_MEMBERS):
        one, other = (_semidefinite(rng, d) for _ in range(2))
        other *= rng.integers(0, 2)
        distance = _schatten(one - other, q) ** 0.5
        yield _schatten(_root(one) - _root(other), p), distance, float(np.trace(one + other)) ** 0.5


def _semidefinite(rng: np.random.Generator, d: int) -> Array:
    factor = rng.standard_normal((d, int(rng.integers(1, d + 1))))
    product: Array = factor @ factor.T
    return product


def _schatten(matrix: Array, index: float) -> float:
    values = np.linalg.svd(matrix, compute_uv=False)
    return float(values.max() if np.isinf(index) else (values**index).sum() ** (1 / index))
