"""Judgement of matrices: equal to rounding, or equal to the mean of random matrices along chosen directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...evidence import Finding, Outcome
from ...judgement.findings import confirmed, refuted, undecided
from ...statistics.means import GROUPS, ROUNDING, Comparison, compare_mean
from ...witness import Task

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Directions, besides F itself, on which deviations are looked for.
DIRECTIONS = 2
#: Draws per value of `Effort.samples`, looks into which they are divided, and draws at a time, which stay in the cache.
MULTIPLE, PARTS, CHUNK = 4, 4, 1 << 14
#: Relative deviation above which a difference cannot be rounding; below ROUNDING two float64 values count as equal.
BEYOND_ROUNDING = 1e-7


@dataclass(frozen=True)
class Exact:
    """Two values that must agree to rounding.

    Parameters
    ----------
    what, where : str
        What is compared, and on which network.
    scalars : mapping
        Sizes and parameters of the network.
    stated, found : Tensor
        The asserted value and the one computed.
    size : float or Tensor
        Size of the terms of which either is made, before anything cancels: their rounding errors are relative to it.
    """

    what: str
    where: str
    scalars: Mapping[sp.Symbol, Any]
    stated: Tensor
    found: Tensor
    size: float | Tensor = 0.0


@dataclass(frozen=True)
class Mean:
    """A matrix asserted to be the mean of samples that `project` draws along given directions.

    Parameters
    ----------
    what, where : str
        What is compared, and on which network.
    scalars : mapping
        Sizes and parameters of the network.
    stated : Tensor
        Asserted matrix F.
    project : callable
        ``project(directions, n, stream)`` returns, for each direction, n independent samples whose mean is its inner
        product with the true matrix.
    scale : float
        Norm in which deviations are measured; positive.
    size : float
        Size of the terms of which the statement and the samples are made, before anything cancels.
    """

    what: str
    where: str
    scalars: Mapping[sp.Symbol, Any]
    stated: Tensor
    project: Callable[[Sequence[Tensor], int, str], list[NDArray[np.float64]]]
    scale: float
    size: float = 0.0


def judge_exactly(check: Exact, resolution: float) -> Finding:
    """Confirm values that agree to rounding, refute those that differ by far more than float64 can err.

    Parameters
    ----------
    check : Exact
        What is compared.
    resolution : float
        Deviation, relative to the values, that a confirmation must have been able to catch: values that lose more to
        cancellation are left open.
    """
    value = max(float(check.found.abs().max()), float(check.stated.abs().max()))
    size = max(value, float(check.size))
    difference = (check.stated - check.found).abs()
    deviation = float(difference.max())
    if deviation <= ROUNDING * size:
        caught = (deviation + ROUNDING * size) / value if value else ROUNDING if size == 0.0 else float("inf")
        if caught <= resolution:
            return confirmed(check.what, caught)
        return undecided(
            f"autograd networks: {check.what} on {check.where} agrees, but its terms of size {size:.2g} cancel to "
            f"{value:.2g}, which may be their rounding."
        )
    if not BEYOND_ROUNDING * size <= deviation < float("inf"):
        return undecided(
            f"autograd networks: {check.what} on {check.where} deviates by {deviation:.1e} where its terms have "
            f"size {size:.2g}, which may be their rounding."
        )
    entry = np.unravel_index(int(difference.argmax()), tuple(difference.shape))
    index = tuple(int(k) for k in entry)
    where = ", ".join(str(k + 1) for k in index)
    return refuted(
        f"autograd networks: {check.what} deviates far beyond rounding.",
        {"network": check.where},
        f"entry ({where}) of {check.what} = {float(check.stated[index]):.12g}",
        f"entry ({where}) of {check.what} = {float(check.found[index]):.12g}",
        f"{float((check.stated - check.found)[index]):.6g}",
        effect=deviation / value,
    )


def judge_mean(check: Mean, task: Task, level: float) -> Finding:
    """Compare the mean of random matrices with the asserted one along its polar factor and random directions.

    Parameters
    ----------
    check : Mean
        Asserted matrix, and how to draw projections.
    task : Task
        Sizes and random streams.
    level : float
        Probability of a false refutation along one direction, over all looks; a check has 1 + DIRECTIONS of them.
    """
    directions, asserted = _directions(check, task)
    drawn: dict[int, list[NDArray[np.float64]]] = {}

    def samples(look: int, which: int) -> NDArray[np.float64]:
        if look not in drawn:
            count = MULTIPLE * task.effort.samples // PARTS
            parts = [
                check.project(directions, min(CHUNK, count - start), f"{look}, {start}")
                for start in range(0, count, CHUNK)
            ]
            drawn[look] = [np.concatenate(of_direction) for of_direction in zip(*parts, strict=True)]
        return drawn[look][which]

    compared: list[Comparison] = []
    for k, value in enumerate(asserted):
        result = compare_mean(
            lambda look, k=k: samples(look, k),  # type: ignore[misc]
            value,
            scale=1.0,
            resolution=task.effort.resolution,
            level=level,
            looks=PARTS * task.effort.looks,
            groups=GROUPS // PARTS,
            size=check.size / check.scale,
        )
        compared.append(result)
        if result.outcome is Outcome.REFUTED:
            name = "the printed matrix" if value else f"random direction {k}"
            return refuted(
                f"autograd networks: {check.what}, projected on {name}, differs from the statement.",
                {"network": check.where},
                f"projection on {name} = {value:.6g}",
                f"projection on {name} = {result.estimate:.6g} +- {result.half_width:.2g}",
                f"{result.estimate - value:.3g} of the matrix's norm",
                effect=abs(result.estimate - value),
                level=task.level,
            )
    worst = max(compared, key=lambda c: c.resolution)
    if worst.outcome is Outcome.UNDECIDED:
        return undecided(
            f"autograd networks: {check.what} on {check.where} agrees, but only deviations above "
            f"{worst.resolution:.2g} would have been caught."
        )
    return confirmed(check.what, worst.resolution, level=task.level)


def _directions(check: Mean, task: Task) -> tuple[list[Tensor], list[float]]:
    """Directions scaled so that a deviation of norm `scale` along one of them shows as 1."""
    draws = task.draws(f"directions|{check.where}|{check.what}")
    norm = float(check.stated.norm())
    directions, asserted = [], []
    if norm > 0:
        # The polar factor of F weighs all its singular directions alike, so that its projection scatters least.
        left, values, right = torch.linalg.svd(check.stated, full_matrices=False)
        polar = (left * (values > ROUNDING * values.max())) @ right
        directions.append(polar / (polar * check.stated).sum())
        asserted.append(1.0)
    for _ in range(DIRECTIONS):
        random = draws.normal(*check.stated.shape)
        drawn = float(random.norm())
        if norm > 0:
            random = random - (random * check.stated).sum() / norm**2 * check.stated
        size = float(random.norm())
        # a matrix with one entry has no direction besides its own: what is left of a random one is rounding
        if size > 1e-6 * drawn:
            directions.append(random / size / check.scale)
            asserted.append(0.0)
    return directions, asserted
