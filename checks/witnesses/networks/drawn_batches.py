"""Batch gradients against one-sample gradients of a small network, on batches that are drawn."""

from __future__ import annotations

import itertools

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.matrices.sampling import Sampling, Scheme
from ....derivations.statements.batches import BatchFactor, BatchQuantity
from ....numerics.networks.linear import per_sample_gradients, random_weights
from ...evidence import Finding, Kind, Outcome
from ...judgement.findings import as_text, confirmed, refuted, undecided
from ...statistics.means import compare_mean
from ...witness import Task, witness

_WIDTHS = (3, 2, 2)
#: Batches whose unbiased variance is one sample of it.
_GROUP = 16
#: Atoms of the data distribution from which an online batch is drawn.
_ATOMS = 64


@witness(
    "drawn batches",
    kind=Kind.MONTE_CARLO,
    statement=BatchFactor,
    starts_from="per-sample autograd gradients of a small network, averaged over batches that are drawn",
    applies=lambda s: s.quantity in (BatchQuantity.MEAN, BatchQuantity.COVARIANCE),
)
def drawn_batches(statement: BatchFactor, task: Task) -> Finding:
    """Compare the mean or variance of the batch gradient along a direction with that of one sample."""
    # a single sample has no spread, and a size of 1 tells no power of it from another
    sizes = [e for e in (statement.sampling.batch, statement.sampling.population) if e is not None]
    found = (p for p in task.claim.domain.points(60) if min(*p.values(), *(sp.sympify(e).subs(p) for e in sizes)) > 1)
    points = list(itertools.islice(found, 0, 5, 2))
    resolutions = []
    for point in points:
        factor_here = float(statement.value.subs(point))
        drawn = _Gradients(statement.sampling, point, task)
        covariance = statement.quantity is BatchQuantity.COVARIANCE

        def difference(
            look: int, drawn: _Gradients = drawn, covariance: bool = covariance, factor: float = factor_here
        ) -> NDArray[np.float64]:
            count = 8 * task.effort.samples // _GROUP * _GROUP
            batch, single = drawn.batches(count, look), drawn.singles(count, look)
            if not covariance:
                return batch - factor * single
            spreads = [sample.reshape(-1, _GROUP).var(axis=1, ddof=1) for sample in (batch, single)]
            gaps: NDArray[np.float64] = spreads[0] - factor * spreads[1]
            return gaps

        # a covariance factor of 1/B shrinks with the batch; a mean is resolved in units of one sample's deviation
        scale = max(factor_here, 1 / drawn.size) if covariance else 1.0
        result = compare_mean(
            difference,
            0.0,
            scale=scale,
            resolution=task.effort.resolution,
            level=task.level / len(points),
            looks=task.effort.looks,
        )
        if result.outcome is Outcome.REFUTED:
            return refuted(
                f"drawn batches: {statement.quantity} differs from the statement.",
                point,
                f"factor {factor_here:.6g}",
                f"factor {factor_here + result.estimate:.6g} +- {result.half_width:.2g}",
                f"{result.estimate:.3g}",
                effect=abs(result.estimate) / scale,
                level=task.level,
            )
        if result.outcome is Outcome.UNDECIDED:
            return undecided(
                f"drawn batches: agreement at {as_text(point)}, but only deviations above {result.resolution:.2g} "
                "would have been caught."
            )
        resolutions.append(result.resolution)
    if not resolutions:
        return undecided("drawn batches: no point of the domain has batches of more than one sample.")
    return confirmed(
        f"drawn batches: agreement at {'; '.join(str(as_text(p)) for p in points)}.",
        max(resolutions),
        level=task.level,
    )


class _Gradients:
    """Per-sample gradients of a two-layer network along a fixed direction, and batches of them."""

    def __init__(self, sampling: Sampling, point: Point, task: Task) -> None:
        self.sampling, self.task, self.where = sampling, task, str(as_text(point))
        self.size = int(sp.sympify(sampling.batch).subs(point))
        draws = task.draws(f"{self.where}|network")
        self.weights = random_weights(_WIDTHS, draws)
        n = _ATOMS if sampling.population is None else int(sampling.population.subs(point))
        x, y = draws.normal(n, _WIDTHS[0]), draws.normal(n, _WIDTHS[-1])
        gradients = per_sample_gradients(self.weights, x, y, 0.5)
        along = torch.stack([(g * draws.normal(*g.shape[1:])).sum((1, 2)) for g in gradients]).sum(0)
        #: Per-sample gradients along a random direction, in units of their standard deviation.
        self.data = along / along.std(correction=0)

    def batches(self, count: int, look: int) -> NDArray[np.float64]:
        """Gradients of `count` independent batches."""
        self.task.note_samples(f"means of {self.size} autograd gradients", count, "batches")
        draws = self.task.draws(f"{self.where}|batches|{look}")
        if self.sampling.scheme is not Scheme.WITHOUT_REPLACEMENT:
            drawn = self.data[draws.integers(len(self.data), count, self.size)]
        else:
            drawn = self.data[draws.permutations(len(self.data), count)[:, : self.size]]
        made: NDArray[np.float64] = drawn.mean(1).cpu().numpy()
        return made

    def singles(self, count: int, look: int) -> NDArray[np.float64]:
        """Gradients of `count` independent samples."""
        drawn = self.data[self.task.draws(f"{self.where}|singles|{look}").integers(len(self.data), count)]
        made: NDArray[np.float64] = drawn.cpu().numpy()
        return made
