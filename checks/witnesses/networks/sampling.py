"""Autograd on random networks: per-sample gradients of the loss against printed formulas.

Where the claim fixes a matrix for given weights and data, autograd is exact to rounding and any larger deviation
refutes. Where the claim is a mean over a Gaussian population, per-sample gradients are drawn and compared
statistically: the mean of their projection on the polar factor of the printed matrix F, scaled so that it must be 1,
and on random matrices orthogonal to F, where it must be 0. Covariances are estimated without bias in small groups, so
that no mean is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import singledispatch
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from ....derivations.errors import ClaimError, UndefinedError
from ....derivations.statements.networks import (
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)
from ....numerics.matrices import Floating, Values, stack_columns
from ....numerics.networks.named import end_to_end
from ...evidence import Finding, Kind, Outcome
from ...judgement.coefficients import coefficients, untold_numbers, without_value
from ...judgement.findings import confirmed, undecided
from ...witness import Task, witness
from .matrix_means import DIRECTIONS, Exact, Mean, judge_exactly, judge_mean
from .random_networks import RandomNetwork, printed, random_networks, term_size

#: Gradients in a group whose unbiased covariance is one sample.
GROUP = 16


@witness(
    "autograd networks",
    kind=Kind.MONTE_CARLO,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="per-sample autograd gradients of the loss on random weights and data",
)
def autograd_networks(statement: MatrixStatement, task: Task) -> Finding:
    """Compare printed matrices with autograd on random networks."""
    meaningless = without_value(coefficients(statement), task.claim.domain, "autograd networks")
    checks: list[Exact | Mean] = []
    left = ""
    try:
        for part in getattr(statement, "parts", (statement,)):
            first = len(checks)
            try:
                for check in comparisons(part, task):
                    checks.append(check)
            except ClaimError as error:  # what was compared before may still refute
                if not checks[first:]:
                    raise
                left = left or str(error)
            left = left or untold_numbers(part, [check.scalars for check in checks[first:]])
    except UndefinedError:
        # where there is no value, which is told below
        if meaningless is None:
            raise
    statistical = sum(isinstance(check, Mean) for check in checks)
    results = [
        judge_exactly(check, task.effort.resolution)
        if isinstance(check, Exact)
        else judge_mean(check, task, task.level / (statistical * (1 + DIRECTIONS)))
        for check in checks
    ]
    refutation = next((r for r in results if r.outcome is Outcome.REFUTED), None)
    if refutation is not None:
        return refutation
    if meaningless is not None:
        return meaningless
    if not results:
        return undecided("autograd networks: no shape on the list lies in the domain.")
    open_one = next((r for r in results if r.outcome is Outcome.UNDECIDED), None)
    if open_one is not None:
        return open_one
    places = "; ".join(dict.fromkeys(check.where for check in checks))
    if left:
        return undecided(f"autograd networks: {len(results)} comparisons agree on {places}, but {left}.")
    return confirmed(
        f"autograd networks: {len(results)} comparisons agree on {places}.",
        max(r.resolution or 0.0 for r in results),
        level=task.level if statistical else None,
    )


@singledispatch
def comparisons(statement: MatrixStatement, task: Task) -> Iterator[Exact | Mean]:
    """Yield what has to agree."""
    raise ClaimError(f"no sampling for a statement of type {type(statement).__name__}")


@comparisons.register
def _(statement: MatrixIdentity, task: Task) -> Iterator[Exact | Mean]:
    symbols = sorted(set().union(*(e.atoms(sp.MatrixSymbol) for e in statement.expressions())), key=lambda s: s.name)
    for scalars in list(task.claim.domain.points(40))[::5]:
        draws = task.draws(str(scalars))
        matrices = {s.name: draws.normal(*(int(k.subs(scalars)) for k in s.shape)) for s in symbols}
        values = Values(Floating(task.device), matrices, scalars)
        where = ", ".join(f"{k}={v}" for k, v in scalars.items())
        stated, found = (printed(side, values) for side in (statement.rhs, statement.lhs))
        size = term_size(statement.lhs, values) + term_size(statement.rhs, values)
        yield Exact("the two sides", where, scalars, stated, found, size)


@comparisons.register
def _(statement: NetworkJacobian, task: Task) -> Iterator[Exact | Mean]:
    for made in random_networks(statement.setting, (statement.layer,), task):
        k = made.layers[statement.layer] - 1

        def whole(weight: Tensor, made: RandomNetwork = made, k: int = k) -> Tensor:
            return end_to_end([*made.weights[:k], weight, *made.weights[k + 1 :]]).T.reshape(-1)

        slopes = torch.func.jacrev(whole)(made.weights[k])
        found = slopes.mT.reshape(len(slopes), -1)
        what = f"the Jacobian for layer {statement.layer}"
        size = made.term_size(statement.value) + found.norm()
        yield Exact(what, made.where, made.scalars, made.value(statement.value), found, size)


@comparisons.register
def _(statement: LayerGradient, task: Task) -> Iterator[Exact | Mean]:
    setting, layer, of = statement.setting, statement.layer, statement.of
    what = f"the gradient for layer {layer} of {of}"
    for made in random_networks(setting, (layer,), task):
        shaped: Callable[[Tensor], Tensor] = stack_columns if statement.stacked else _same
        if of is GradientOf.MODE:
            vectors = {"u": made.normal(setting.outputs, 1), "v": made.normal(setting.inputs, 1)}

            def amplitude(weight: Tensor, made: RandomNetwork = made, uv: Mapping[str, Tensor] = vectors) -> Tensor:
                return (uv["u"].T @ made.with_weight(layer, weight) @ uv["v"])[0, 0]

            found = torch.func.grad(amplitude)(made.weights[made.layers[layer] - 1])
            size = made.term_size(statement.value, vectors) + found.norm()
            yield Exact(what, made.where, made.scalars, made.value(statement.value, vectors), shaped(found), size)
        elif of is GradientOf.MEAN and setting.data == "dataset":
            found = made.gradients([layer], made.x, made.y)[0].mean(0)
            size = made.term_size(statement.value) + made.sizes([layer], made.x, made.y).mean()
            yield Exact(what, made.where, made.scalars, made.value(statement.value), shaped(found), size)
        elif of is GradientOf.MEAN:
            stated = made.value(statement.value)

            def project(
                directions: Sequence[Tensor], n: int, stream: str, made: RandomNetwork = made, shaped: Any = shaped
            ) -> list[NDArray[np.float64]]:
                (drawn,) = made.gradients([layer], *made.draw(n, stream))
                drawn = drawn.mT.reshape(n, -1, 1) if statement.stacked else drawn
                return [_numbers(drawn.flatten(1) @ d.flatten()) for d in directions]

            terms = float(made.term_size(statement.value) + made.sizes([layer], *made.draw(64, "sizes")).mean())
            yield Mean(what, made.where, made.scalars, stated, project, float(stated.norm()) or terms, terms)
        else:
            yield from _samplewise(statement, made, what, shaped)


def _samplewise(
    statement: LayerGradient, made: RandomNetwork, what: str, shaped: Callable[[Tensor], Tensor]
) -> Iterator[Exact | Mean]:
    """Per-sample gradients; for noise, differences between samples are exact and the mean must vanish."""
    setting, layer = statement.setting, statement.layer
    noisy = statement.of is GradientOf.NOISE
    x, y = (made.x, made.y) if setting.data == "dataset" else made.draw(8, "samples")
    (gradients,) = made.gradients([layer], x, y)
    data = [made.sample(x[s], y[s]) for s in range(len(x))]
    values = [made.value(statement.value, sample) for sample in data]
    sizes = made.sizes([layer], x, y)[:, 0] + torch.stack([made.term_size(statement.value, s) for s in data])
    for s in range(1 if noisy else 0, len(x)):
        stated = values[s] - values[0] if noisy else values[s]
        found = gradients[s] - gradients[0] if noisy else gradients[s]
        size = sizes[s] + sizes[0] if noisy else sizes[s]
        yield Exact(what, made.where, made.scalars, stated, shaped(found), size)
    if not noisy:
        return
    if setting.data == "dataset":
        total = torch.stack(values).sum(0)
        yield Exact("the mean of the noise", made.where, made.scalars, values[0], values[0] + total, sizes.sum())
        return

    def project(directions: Sequence[Tensor], n: int, stream: str) -> list[NDArray[np.float64]]:
        value = made.value(statement.value, made.sample(*made.draw(n, stream)))
        return [_numbers((value * d).sum((1, 2))) for d in directions]

    scale = float(torch.stack(values).square().sum((1, 2)).mean().sqrt())
    yield Mean("the mean of the noise", made.where, made.scalars, torch.zeros_like(values[0]), project, scale)


@comparisons.register
def _(statement: GradientNoiseCovariance, task: Task) -> Iterator[Exact | Mean]:
    setting = statement.setting
    names = tuple(dict.fromkeys((*statement.rows, *statement.columns)))
    what = f"the covariance of layers {', '.join(statement.rows)} and {', '.join(statement.columns)}"
    for made in random_networks(setting, names, task):

        def stacks(x: Tensor, y: Tensor, made: RandomNetwork = made) -> tuple[Tensor, Tensor]:
            layers = dict(zip(names, made.gradients(names, x, y), strict=True))
            left, right = (
                torch.cat([layers[k].mT.reshape(len(x), -1) for k in stack], dim=1)
                for stack in (statement.rows, statement.columns)
            )
            return left, right

        stated = made.value(statement.value)
        if setting.data == "dataset":
            left, right = stacks(made.x, made.y)
            found = (left - left.mean(0)).T @ (right - right.mean(0)) / len(left)
            size = made.term_size(statement.value) + made.sizes(names, made.x, made.y).square().sum(1).mean()
            yield Exact(what, made.where, made.scalars, stated, found, size)
            continue

        def project(
            directions: Sequence[Tensor], n: int, stream: str, made: RandomNetwork = made, stacks: Any = stacks
        ) -> list[NDArray[np.float64]]:
            groups = n // GROUP
            sides = (side.reshape(groups, GROUP, -1) for side in stacks(*made.draw(groups * GROUP, stream)))
            left, right = (side - side.mean(1, keepdim=True) for side in sides)
            return [_numbers(((left @ d) * right).sum((1, 2)) / (GROUP - 1)) for d in directions]

        scale = float(stated.norm())
        if scale == 0.0:
            x, y = made.draw(64, "scale")
            reference = stacks(x, y + torch.ones_like(y))
            scale = float(reference[0].norm() * reference[1].norm()) / len(x)
        if scale == 0.0:
            # every sample's gradient for one of the layers is exactly zero
            yield Exact(what, made.where, made.scalars, stated, reference[0].T @ reference[1] / len(x))
            continue
        drawn = made.sizes(names, *made.draw(64, "sizes")).square().sum(1).mean()
        terms = float(drawn + made.term_size(statement.value))
        yield Mean(what, made.where, made.scalars, stated, project, scale, terms)


def _numbers(values: Tensor) -> NDArray[np.float64]:
    made: NDArray[np.float64] = values.detach().cpu().numpy()
    return made


def _same(matrix: Tensor) -> Tensor:
    return matrix
