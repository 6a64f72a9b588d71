"""Batch gradients against one-sample gradients: counting, and enumeration of all batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.calculus.batches import factor
from ....derivations.domain import Domain, Point
from ....derivations.matrices.sampling import Sampling, Scheme
from ....derivations.statements.batches import BatchFactor, BatchQuantity
from ...evidence import Finding, Kind
from ...judgement.definedness import undefined_at
from ...judgement.domain_signs import candidates, certified_sign
from ...judgement.exact import Residual, judge, value_text
from ...judgement.findings import as_text, confirmed, refuted, undecided, undefined
from ...judgement.ladder import holds
from ...witness import Task, witness

#: CPU seconds to show that a batch is no larger than the data set.
_SECONDS = 2.0
#: Points at which more samples are asked for than there are.
_SIZES = 12
#: Greatest number of batches that are enumerated at one point.
_BATCHES = 5000
#: Per-sample gradients of two parameters; any vectors are the gradients of some loss.
_GRADIENTS = ((1, 3), (-2, 1), (4, -1), (0, 5), (3, 2), (-1, -4), (2, 7), (5, 0))
_PROBABILITIES = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
#: Relative precision to which exact agreement is reported: any deviation of rational numbers is caught.
_EXACT = 2.0**-52


@witness(
    "counting batches",
    kind=Kind.ALGEBRA,
    statement=BatchFactor,
    starts_from="the numbers of batches that hold given samples, for symbolic sizes",
)
def counting_batches(statement: BatchFactor, task: Task) -> Finding:
    """Compare the factor with the one that counting gives, identically in the sizes."""
    larger = _larger_than_the_data(statement, task.claim.domain)
    if larger is not None:
        return larger
    found = factor(statement.sampling, statement.quantity)
    finding = judge([Residual(str(statement.quantity), statement.value, found)], task, method="counting batches")
    return finding if _spread(statement, finding) else _refuted_by_several(statement, found, task)


def _spread(statement: BatchFactor, finding: Finding) -> bool:
    """Whether a counterexample speaks of the factor: a single sample has no covariance, of which any is a multiple."""
    population = statement.sampling.population
    if population is None or finding.counterexample is None or statement.quantity is not BatchQuantity.COVARIANCE:
        return True
    point = {s: sp.sympify(finding.counterexample.point[str(s)]) for s in statement.free_symbols()}
    return sp.sympify(population).subs(point) != 1 or undefined_at(statement.value, point) is not None


def _refuted_by_several(statement: BatchFactor, found: sp.Expr, task: Task) -> Finding:
    """Refute at a point with more than one sample, or leave the claim open."""
    for point in candidates(task.claim.domain, 4 * task.effort.points):
        several = sp.sympify(statement.sampling.population).subs(point) > 1
        if several == sp.true and certified_sign(statement.value - found, point) in (-1, 1):
            return refuted(
                "counting batches: the factor differs from the counted one.",
                point,
                f"{statement.quantity} = {value_text(statement.value, point)}",
                f"{statement.quantity} = {value_text(found, point)}",
                value_text(statement.value - found, point),
                certified=True,
            )
    return undecided("counting batches: it differs where a single sample has no covariance, which says nothing.")


def _larger_than_the_data(statement: BatchFactor, domain: Domain) -> Finding | None:
    """Return sizes that no batch has, or at which more samples are asked for than there are; None where none are."""
    batch, population = sp.sympify(statement.sampling.batch), statement.sampling.population
    if not batch.is_integer:
        return undecided(f"it is not shown that a batch of {batch} samples is a whole number of them.")
    needs = [(sp.Integer(1), batch, "A batch holds at least one sample")]
    if population is not None:
        n = sp.sympify(population)
        needs.append((sp.Integer(1), n, "A data set holds at least one sample"))
        if statement.sampling.scheme is Scheme.WITHOUT_REPLACEMENT:
            needs.append((batch, n, f"A batch of {batch} distinct samples needs as many"))
            if statement.quantity is BatchQuantity.NEXT_BATCH:
                needs.append((2 * batch, n, f"Two batches of {batch} samples of one epoch need twice as many"))
            if statement.quantity is BatchQuantity.JOINT_INCLUSION:
                needs.append((sp.Integer(2), n, "Two samples are needed"))
    for least, size, why in needs:
        if holds(sp.Ge(size - least, 0, evaluate=False), domain, _SECONDS).answer:
            continue
        for point in candidates(domain, _SIZES):
            if certified_sign(size - least, point) == -1:
                return undefined(f"{why}.", point, size, f"{least} <= {size}")
        return undecided(f"it is not shown that {least} <= {size} on the domain.")
    return None


@witness(
    "all batches",
    kind=Kind.DETERMINISTIC,
    statement=BatchFactor,
    starts_from="every batch of small data sets, in rational arithmetic",
)
def all_batches(statement: BatchFactor, task: Task) -> Finding:
    """Enumerate the batches of small data sets; the first exact difference refutes."""
    sizes = []
    for point in _small_points(statement.sampling, statement.quantity, task.claim.domain):
        value = sp.simplify(statement.value.subs(point))
        if not value.is_Rational:
            return undecided(f"all batches: the stated factor {value} at {as_text(point)} is no rational number.")
        for what, asserted, found in _cases(statement, point, Fraction(int(value.p), int(value.q))):
            if asserted != found:
                return refuted(
                    f"all batches: {what} differs from the statement in exact arithmetic.",
                    point,
                    f"{what} = {asserted}",
                    f"{what} = {found}",
                    asserted - found,
                    effect=float(abs(asserted - found) / max(abs(found), abs(asserted))),
                    certified=True,
                )
        sizes.append(", ".join(f"{k}={v}" for k, v in point.items()))
    if not sizes:
        return undecided("all batches: no point of the domain has few enough batches.")
    return confirmed(f"all batches: exact agreement at {'; '.join(sizes)}.", _EXACT)


def _small_points(sampling: Sampling, quantity: BatchQuantity, domain: Domain) -> Iterator[Point]:
    for point in domain.points(60):
        size = sp.sympify(sampling.batch).subs(point)
        n = len(_PROBABILITIES) if sampling.population is None else int(sampling.population.subs(point))
        if not size.is_integer or size < 1 or n < (2 if quantity is BatchQuantity.JOINT_INCLUSION else 1):
            continue  # there are no such batches, or no two samples
        b = int(size)
        if sampling.scheme is Scheme.WITHOUT_REPLACEMENT and n < b:
            continue  # there are no such batches
        successive = quantity is BatchQuantity.NEXT_BATCH
        if successive and sampling.scheme is Scheme.WITHOUT_REPLACEMENT and n < 2 * b:
            continue  # an epoch of one batch has no next one
        cases = n**b * (len(_PROBABILITIES) ** n if quantity is BatchQuantity.EXPECTED_COVARIANCE else 1)
        if n <= len(_GRADIENTS) and cases * (n**b if successive else 1) <= _BATCHES:
            yield point


def _batches(sampling: Sampling, b: int, n: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Yield every batch with its probability."""
    if sampling.scheme is Scheme.WITHOUT_REPLACEMENT:
        chosen = list(itertools.combinations(range(n), b))
        yield from ((batch, Fraction(1, len(chosen))) for batch in chosen)
        return
    weights = _weights(sampling, n)
    for batch in itertools.product(range(n), repeat=b):
        share = Fraction(1)
        for i in batch:
            share *= weights[i]
        yield batch, share


def _weights(sampling: Sampling, n: int) -> Sequence[Fraction]:
    """Return the probability of each sample in one draw."""
    return _PROBABILITIES if sampling.scheme is Scheme.ONLINE else [Fraction(1, n)] * n


def _cases(statement: BatchFactor, point: Point, stated: Fraction) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Yield (what, asserted, found)."""
    sampling = statement.sampling
    b = int(sp.sympify(sampling.batch).subs(point))
    n = len(_PROBABILITIES) if sampling.population is None else int(sampling.population.subs(point))
    batches = list(_batches(sampling, b, n))
    if statement.quantity in (BatchQuantity.INCLUSION, BatchQuantity.JOINT_INCLUSION):
        wanted = {0} if statement.quantity is BatchQuantity.INCLUSION else {0, n - 1}
        yield str(statement.quantity), stated, sum((p for batch, p in batches if wanted <= set(batch)), Fraction(0))
        return
    gradients = np.array(_GRADIENTS[:n], dtype=object)
    weights = np.array(_weights(sampling, n), dtype=object)
    mean, covariance = _moments(gradients, weights)
    if statement.quantity is BatchQuantity.EXPECTED_COVARIANCE:
        one, other = _over_data_sets(batches, b, n)
    elif statement.quantity is BatchQuantity.NEXT_BATCH:
        one, other = covariance, _successive(sampling, batches, gradients, mean)
    else:
        found_mean, found_covariance = _moments(*_averages(batches, gradients, b))
        one, other = (mean, found_mean) if statement.quantity is BatchQuantity.MEAN else (covariance, found_covariance)
    for index in np.ndindex(*one.shape):
        yield f"entry {tuple(k + 1 for k in index)} of the batch's moment", stated * one[index], other[index]


def _averages(batches: Sequence[tuple[tuple[int, ...], Fraction]], gradients: Any, b: int) -> tuple[Any, Any]:
    """Return the gradient of every batch, and its probability."""
    averages = [gradients[list(batch)].sum(axis=0) * Fraction(1, b) for batch, _ in batches]
    return np.array(averages, dtype=object), np.array([p for _, p in batches], dtype=object)


def _over_data_sets(batches: Sequence[tuple[tuple[int, ...], Fraction]], b: int, n: int) -> tuple[Any, Any]:
    """Return the covariance of the distribution, and the mean over all data sets of that of the batch gradient."""
    atoms = np.array(_GRADIENTS[: len(_PROBABILITIES)], dtype=object)
    _, population = _moments(atoms, np.array(_PROBABILITIES, dtype=object))
    total = population * 0
    for chosen in itertools.product(range(len(atoms)), repeat=n):
        share = Fraction(1)
        for i in chosen:
            share *= _PROBABILITIES[i]
        total = total + share * _moments(*_averages(batches, atoms[list(chosen)], b))[1]
    return population, total


def _successive(
    sampling: Sampling, batches: Sequence[tuple[tuple[int, ...], Fraction]], gradients: Any, mean: Any
) -> Any:
    """Return the covariance of the gradients of two batches: disjoint ones in an epoch, independent ones else."""
    distinct = sampling.scheme is Scheme.WITHOUT_REPLACEMENT
    total, mass = np.outer(mean, mean) * 0, Fraction(0)
    for (one, p), (two, q) in itertools.product(batches, repeat=2):
        if distinct and set(one) & set(two):
            continue
        sides = [gradients[list(batch)].sum(axis=0) * Fraction(1, len(batch)) - mean for batch in (one, two)]
        total, mass = total + p * q * np.outer(*sides), mass + p * q
    return total / mass


def _moments(vectors: Any, weights: Any) -> tuple[Any, Any]:
    mean = np.tensordot(weights, vectors, axes=(0, 0))
    centred = vectors - mean
    return mean, np.einsum("i,ij,ik->jk", weights, centred, centred)
