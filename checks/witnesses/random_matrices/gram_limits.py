"""Functions of inner products of random vectors: the law of large numbers, and sampled vectors at two dimensions."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ....derivations.statements.classes.gram_limits import GramLimit
from ....numerics.exact.balls import midpoint
from ....numerics.random.random_stream import RandomStream
from ...evidence import Finding, Kind
from ...judgement.deterministic import generic_points
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...statistics.means import compare_mean
from ...statistics.richardson import combine_comparisons
from ...witness import Task, witness

#: Entries of the vectors at the lower dimension (four times as many at the higher), and samples of a look.
_ENTRIES, _SAMPLES = 256, 512


@witness(
    "law of large numbers",
    kind=Kind.ALGEBRA,
    statement=GramLimit,
    starts_from="inner products over d, which tend to 1 and 0, in a rational function that is continuous there",
)
def large_numbers(statement: GramLimit, task: Task) -> Finding:
    """Put the limits of the inner products into the expression, which scaling must leave alone."""
    products = statement.products()
    scale = sp.Dummy("t", positive=True)
    scaled = statement.expression.xreplace({g: scale * g for g in products})
    top, bottom = sp.fraction(sp.cancel(sp.together(statement.expression)))
    if not (top.is_polynomial(*products) and bottom.is_polynomial(*products)):
        return undecided("law of large numbers: the expression is no rational function of the inner products.")
    if sp.cancel(sp.together(scaled - statement.expression)) != 0:
        return undecided("law of large numbers: the expression changes when all vectors are scaled.")
    at = {g: sp.Integer(int(i == j)) for g, (i, j) in products.items()}
    if bottom.subs(at) == 0:
        return undecided("law of large numbers: the expression is not continuous at orthogonal vectors.")
    return judge([Residual("the limit", statement.value, (top / bottom).subs(at))], task, method="law of large numbers")


@witness(
    "sampled vectors",
    kind=Kind.MONTE_CARLO,
    statement=GramLimit,
    starts_from="Gaussian vectors, multiplied entry by entry",
)
def sampled_vectors(statement: GramLimit, task: Task) -> Finding:
    """Compare with the mean at two dimensions: with four times the dimension a quarter of its distance is left."""
    (point,) = generic_points(task.claim.domain, 1)
    products = statement.products()
    function = sp.lambdify(list(products), statement.expression, "numpy")
    draws = [task.draws(str(k)) for k in (1, 4)]

    def sampled(draw: RandomStream, entries: int) -> NDArray[np.float64]:
        task.note("NumPy on cpu, float64, Gaussian vectors", _SAMPLES, "samples")
        w = draw.normal(_SAMPLES, statement.vectors, entries).cpu().numpy()
        gram = np.einsum("kid,kjd->kij", w, w)
        values = function(*(gram[:, i - 1, j - 1] for i, j in products.values()))
        return np.broadcast_to(np.asarray(values, dtype=float), (_SAMPLES,))

    def extrapolated(look: int) -> NDArray[np.float64]:
        small, large = (sampled(draw, k * _ENTRIES) for draw, k in zip(draws, (1, 4), strict=True))
        mixed: NDArray[np.float64] = (4 * large - small) / 3
        return mixed

    stated = midpoint(statement.value, point)
    scale = abs(stated) or 1.0
    bias = abs(float(sampled(draws[1], 4 * _ENTRIES).mean() - sampled(draws[0], _ENTRIES).mean())) / 3
    terms = {"scale": scale, "resolution": task.effort.resolution, "looks": task.effort.looks, "bias": bias}
    result = compare_mean(extrapolated, stated, level=task.level, **terms)  # type: ignore[arg-type]
    return combine_comparisons(task, [(point, "the limit", stated, result, scale)], "sampled vectors")
