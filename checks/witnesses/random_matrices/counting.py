"""Moments of the singular values of noise by Wick's rule: pairings of 2k factors, counted on the sphere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.statements.random_matrices import NoiseSingularValues
from ...evidence import Finding, Kind
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.findings import undecided
from ...witness import Task, witness

#: Moments of the eigenvalues that are compared; 2k factors have (2k - 1)!! pairings.
_ORDERS = (0, 1, 2, 3)
#: Nodes of the quadrature, whose error is the change when they are halved.
_NODES = 400


def limit_moment(order: int, aspect: float) -> float:
    """Return the limit of E Tr (E E^T)^order / m for E with independent N(0, 1/n) entries, m/n -> aspect.

    Every pairing of the 2k Gaussian factors in the trace leaves one free row index for each cycle on the m side and
    one free column index for each on the n side; as n grows those with k + 1 cycles remain.
    """
    total = 0.0
    for pairs in _pairings(tuple(range(2 * order))):
        rows, columns = _cycles(pairs, order)
        if rows + columns == order + 1:
            total += aspect ** (rows - 1)
    return total


def _pairings(items: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], ...]]:
    if not items:
        yield ()
        return
    for k in range(1, len(items)):
        for rest in _pairings(items[1:k] + items[k + 1 :]):
            yield ((items[0], items[k]), *rest)


def _cycles(pairs: tuple[tuple[int, int], ...], order: int) -> tuple[int, int]:
    """Return the numbers of free row and column indices: factor 2j is E[i_j, a_j], factor 2j+1 is E[i_(j+1), a_j]."""
    if order == 0:
        return 1, 0
    rows, columns = list(range(order)), list(range(order))

    def index(f: int) -> tuple[int, int]:
        return ((f + 1) // 2) % order, f // 2

    for one, other in pairs:
        for labels, a, b in ((rows, index(one)[0], index(other)[0]), (columns, index(one)[1], index(other)[1])):
            old, new = labels[b], labels[a]
            labels[:] = [new if label == old else label for label in labels]
    return len(set(rows)), len(set(columns))


@witness(
    "counted pairings",
    kind=Kind.DETERMINISTIC,
    statement=NoiseSingularValues,
    starts_from="Gaussian moments of traces: pairings counted one by one",
)
def counted_pairings(statement: NoiseSingularValues, task: Task) -> Finding:
    """Compare mass and moments of the stated law, by quadrature, with the counted ones."""
    ledger = Ledger(task, "counted pairings")
    for point in generic_points(task.claim.domain, task.effort.points):
        aspect = float(statement.aspect.subs(point))
        for order in _ORDERS:
            wanted = limit_moment(order, aspect)
            try:
                fine, coarse = (_moment(statement, point, order, n) for n in (_NODES, _NODES // 2))
            except NumericsError as error:
                return undecided(f"counted pairings: {error}.")
            what = "the total mass" if order == 0 else f"the mean of s^{2 * order}"
            found = ledger.compare(what, point, fine, wanted, 4 * abs(fine - coarse), wanted)
            if found:
                return found
    return ledger.finding()


def _moment(statement: NoiseSingularValues, point: Point, order: int, nodes: int) -> float:
    """Return the integral of s^(2 order) over the stated law; s = middle + half sin(t) smooths square-root ends."""
    low, high, atom = (float(sp.sympify(e).subs(point)) for e in (statement.low, statement.high, statement.atom))
    t, weights = np.polynomial.legendre.leggauss(nodes)
    angles = t * np.pi / 2
    s = (low + high) / 2 + (high - low) / 2 * np.sin(angles)
    density = sp.lambdify(statement.variable, statement.density.subs(point), "numpy")
    with np.errstate(all="ignore"):
        values = np.broadcast_to(density(s), s.shape) * s ** (2 * order) * np.cos(angles)
    if not np.all(np.isfinite(values)) or np.iscomplexobj(values):
        raise NumericsError("the density has no real value at some places between the stated ends")
    total = float(weights @ values) * np.pi / 2 * (high - low) / 2
    return total + (atom if order == 0 else 0.0)
