"""Autograd on random networks: per-sample gradients of the loss against printed formulas.

Where the claim fixes a matrix for given weights and data, autograd is exact to rounding and any larger deviation
refutes. Where the claim is a mean over a Gaussian population, per-sample gradients are drawn and compared
statistically: the mean of their projection on the printed matrix F, which must be ``<F, F>``, and on random matrices
orthogonal to F, which must be 0. Covariances are estimated without bias in small groups, so that no mean is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...derivations.domain import Domain
from ...derivations.errors import ClaimError, DomainError
from ...derivations.networks import NetworkSetting
from ...derivations.statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)
from ...numerics.linear_networks import end_to_end, per_sample_gradients, random_weights, teacher_samples
from ...numerics.matrices import Floating, Values, evaluate, network_sizes, network_values, stack_columns
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..statistics import Comparison, compare_mean
from ..witness import Task, witness

#: Layer widths and the layers that a statement's layer names stand for.
NETWORKS: tuple[tuple[tuple[int, ...], tuple[int, int]], ...] = (
    ((3, 2, 2), (1, 2)),
    ((2, 3, 2, 3), (3, 1)),
    ((2, 3, 2, 3, 2), (2, 2)),
)
#: Which value of its range a further parameter (label noise, sample count) takes on each network.
PARAMETER_VALUES = (2, 1, 4)
#: Directions, besides F itself, on which deviations are looked for.
DIRECTIONS = 2
#: Gradients per value of `Effort.samples`, and gradients in a group whose covariance is one sample.
MULTIPLE, GROUP = 3, 16
#: Relative deviation below which float64 evaluation counts as equal, and above which it cannot be rounding.
ROUNDING, BEYOND_ROUNDING = 1e-10, 1e-7


@dataclass(frozen=True)
class Exact:
    """Two values that must agree to rounding."""

    what: str
    where: str
    stated: Tensor
    found: Tensor


@dataclass(frozen=True)
class Mean:
    """A matrix asserted to be the mean of samples that `project` draws along given directions.

    Parameters
    ----------
    what, where : str
        What is compared, and on which network.
    stated : Tensor
        Asserted matrix F.
    project : callable
        ``project(directions, n, stream)`` returns, for each direction, n independent samples whose mean is its inner
        product with the true matrix.
    scale : float
        Norm in which deviations are measured; positive.
    """

    what: str
    where: str
    stated: Tensor
    project: Callable[[Sequence[Tensor], int, str], list[NDArray[np.float64]]]
    scale: float


@witness(
    "autograd networks",
    kind=Kind.MONTE_CARLO,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="per-sample autograd gradients of the loss on random weights and data",
)
def autograd_networks(statement: MatrixStatement, task: Task) -> Finding:
    """Compare printed matrices with autograd on random networks."""
    checks = list(comparisons(statement, task))
    statistical = sum(isinstance(check, Mean) for check in checks)
    results = [
        _exactly(check)
        if isinstance(check, Exact)
        else _statistically(check, task, task.level / (statistical * (1 + DIRECTIONS)))
        for check in checks
    ]
    for outcome in (Outcome.REFUTED, Outcome.UNDECIDED):
        for result in results:
            if result.outcome is outcome:
                return result
    if not results:
        return Finding(Outcome.UNDECIDED, "autograd networks: no shape on the list lies in the domain.")
    places = "; ".join(dict.fromkeys(check.where for check in checks))
    return Finding(
        Outcome.CONFIRMED,
        f"autograd networks: {len(results)} comparisons agree on {places}.",
        resolution=max(r.resolution or 0.0 for r in results),
        level=task.level if statistical else None,
    )


@singledispatch
def comparisons(statement: MatrixStatement, task: Task) -> Iterator[Exact | Mean]:
    """Yield what has to agree."""
    raise ClaimError(f"no sampling for a statement of type {type(statement).__name__}")


@comparisons.register
def _(statement: AllOf, task: Task) -> Iterator[Exact | Mean]:
    for part in statement.parts:
        yield from comparisons(part, task)


@comparisons.register
def _(statement: MatrixIdentity, task: Task) -> Iterator[Exact | Mean]:
    symbols = sorted(set().union(*(e.atoms(sp.MatrixSymbol) for e in statement.expressions())), key=lambda s: s.name)
    for scalars in list(task.claim.domain.points(40))[::5]:
        generator = task.generator(str(scalars))
        matrices = {
            s.name: torch.randn(
                *(int(k.subs(scalars)) for k in s.shape), dtype=torch.float64, device=task.device, generator=generator
            )
            for s in symbols
        }
        values = Values(Floating(task.device), matrices, scalars)
        where = ", ".join(f"{k}={v}" for k, v in scalars.items())
        yield Exact("the two sides", where, evaluate(statement.rhs, values), evaluate(statement.lhs, values))


@comparisons.register
def _(statement: NetworkJacobian, task: Task) -> Iterator[Exact | Mean]:
    for made in _networks(statement.setting, (statement.layer,), task):
        k = made.layers[statement.layer] - 1

        def whole(weight: Tensor, made: _Network = made, k: int = k) -> Tensor:
            return end_to_end([*made.weights[:k], weight, *made.weights[k + 1 :]]).T.reshape(-1)

        slopes = torch.func.jacrev(whole)(made.weights[k])
        found = slopes.mT.reshape(len(slopes), -1)
        yield Exact(f"the Jacobian for layer {statement.layer}", made.where, made.value(statement.value), found)


@comparisons.register
def _(statement: LayerGradient, task: Task) -> Iterator[Exact | Mean]:
    setting, layer, of = statement.setting, statement.layer, statement.of
    what = f"the gradient for layer {layer} of {of}"
    for made in _networks(setting, (layer,), task):
        shaped: Callable[[Tensor], Tensor] = stack_columns if statement.stacked else _same
        if of is GradientOf.MODE:
            vectors = {"u": made.normal(setting.outputs, 1), "v": made.normal(setting.inputs, 1)}

            def amplitude(weight: Tensor, made: _Network = made, uv: Mapping[str, Tensor] = vectors) -> Tensor:
                return (uv["u"].T @ made.with_weight(layer, weight) @ uv["v"])[0, 0]

            found = torch.func.grad(amplitude)(made.weights[made.layers[layer] - 1])
            yield Exact(what, made.where, made.value(statement.value, vectors), shaped(found))
        elif of is GradientOf.MEAN and setting.data == "dataset":
            found = made.gradients([layer], made.x, made.y)[0].mean(0)
            yield Exact(what, made.where, made.value(statement.value), shaped(found))
        elif of is GradientOf.MEAN:
            stated = made.value(statement.value)

            def project(
                directions: Sequence[Tensor], n: int, stream: str, made: _Network = made, shaped: Any = shaped
            ) -> list[NDArray[np.float64]]:
                (drawn,) = made.gradients([layer], *made.draw(n, stream))
                drawn = drawn.mT.reshape(n, -1, 1) if statement.stacked else drawn
                return [_numbers((drawn * d).sum((1, 2))) for d in directions]

            yield Mean(what, made.where, stated, project, float(stated.norm()))
        else:
            yield from _samplewise(statement, made, what, shaped)


def _samplewise(
    statement: LayerGradient, made: _Network, what: str, shaped: Callable[[Tensor], Tensor]
) -> Iterator[Exact | Mean]:
    """Per-sample gradients; for noise, differences between samples are exact and the mean must vanish."""
    setting, layer = statement.setting, statement.layer
    noisy = statement.of is GradientOf.NOISE
    x, y = (made.x, made.y) if setting.data == "dataset" else made.draw(8, "samples")
    (gradients,) = made.gradients([layer], x, y)
    printed = [made.value(statement.value, made.sample(x[s], y[s])) for s in range(len(x))]
    for s in range(1 if noisy else 0, len(x)):
        stated = printed[s] - printed[0] if noisy else printed[s]
        found = gradients[s] - gradients[0] if noisy else gradients[s]
        yield Exact(what, made.where, stated, shaped(found))
    if not noisy:
        return
    if setting.data == "dataset":
        total = torch.stack(printed).sum(0)
        yield Exact("the mean of the noise", made.where, printed[0], printed[0] + total)
        return

    def project(directions: Sequence[Tensor], n: int, stream: str) -> list[NDArray[np.float64]]:
        data = made.sample(*made.draw(n, stream))
        value = made.value(statement.value, data)
        return [_numbers((value * d).sum((1, 2))) for d in directions]

    size = torch.stack(printed).square().sum((1, 2)).mean().sqrt()
    yield Mean("the mean of the noise", made.where, torch.zeros_like(printed[0]), project, float(size))


@comparisons.register
def _(statement: GradientNoiseCovariance, task: Task) -> Iterator[Exact | Mean]:
    setting = statement.setting
    names = tuple(dict.fromkeys((*statement.rows, *statement.columns)))
    what = f"the covariance of layers {', '.join(statement.rows)} and {', '.join(statement.columns)}"
    for made in _networks(setting, names, task):

        def stacks(x: Tensor, y: Tensor, made: _Network = made) -> tuple[Tensor, Tensor]:
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
            yield Exact(what, made.where, stated, found)
            continue

        def project(
            directions: Sequence[Tensor], n: int, stream: str, made: _Network = made, stacks: Any = stacks
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
        yield Mean(what, made.where, stated, project, scale)


@dataclass(frozen=True)
class _Network:
    """A network with random weights and a teacher or a data set."""

    setting: NetworkSetting
    layers: Mapping[str, int]
    weights: list[Tensor]
    teacher: Tensor
    label_noise: float
    x: Tensor
    y: Tensor
    scalars: Mapping[sp.Symbol, Any]
    task: Task
    where: str

    def gradients(self, layers: Sequence[str], x: Tensor, y: Tensor) -> list[Tensor]:
        """Per-sample autograd gradients of the named layers."""
        found = per_sample_gradients(self.weights, x, y, float(self.setting.loss_scale))
        return [found[self.layers[name] - 1] for name in layers]

    def draw(self, n: int, stream: str) -> tuple[Tensor, Tensor]:
        """Fresh samples of the teacher."""
        return teacher_samples(self.teacher, self.label_noise, n, self.task.generator(f"{self.where}|{stream}"))

    def with_weight(self, layer: str, weight: Tensor) -> Tensor:
        """End-to-end matrix with one layer replaced."""
        k = self.layers[layer] - 1
        return end_to_end([*self.weights[:k], weight, *self.weights[k + 1 :]])

    def normal(self, *shape: sp.Symbol) -> Tensor:
        """Standard normal matrix of symbolic shape."""
        sizes = [int(self.scalars.get(k, k)) for k in shape]
        generator = self.task.generator(f"{self.where}|{shape}")
        return torch.randn(*sizes, dtype=torch.float64, device=self.task.device, generator=generator)

    def sample(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Data of one sample (or a batch of samples) by name, as columns."""
        second = y if self.setting.data == "dataset" else y - x @ self.teacher.T
        names = [symbol.name for symbol in self.setting.sample]
        return {names[0]: x.unsqueeze(-1), names[1]: second.unsqueeze(-1)}

    def value(self, expr: sp.MatrixExpr, more: Mapping[str, Tensor] | None = None) -> Tensor:
        """Value of a printed formula on this network."""
        dataset = self.setting.data == "dataset"
        matrices = network_values(self.setting, self.weights, self.layers, None if dataset else self.teacher)
        samples = [self.sample(a, b) for a, b in zip(self.x, self.y, strict=True)] if dataset else ()
        values = Values(Floating(self.task.device), {**matrices, **(more or {})}, self.scalars, samples)
        found: Tensor = evaluate(expr, values)
        return found


def _networks(setting: NetworkSetting, names: Sequence[str], task: Task) -> Iterator[_Network]:
    """Yield random networks whose sizes lie in the claim's domain."""
    domain: Domain = task.claim.domain
    for number, (widths, picked) in enumerate(NETWORKS):
        if setting.depth is None:
            layers = dict(zip(names, picked, strict=False))
        else:
            # A fixed depth keeps that many of the listed widths, or none when there are too few.
            widths = tuple((widths * 2)[number : number + setting.depth + 1])
            layers = {str(k): k for k in range(1, setting.depth + 1)}
        sizes = network_sizes(setting, widths, layers)
        scalars: dict[sp.Symbol, Any] = dict(sizes)
        for symbol, given in domain.ranges.items():
            if symbol not in scalars:
                scalars[symbol] = given.value(PARAMETER_VALUES[number], scalars)
        try:
            domain.check({s: scalars[s] for s in domain.symbols})
        except DomainError:
            continue
        where = f"widths {'-'.join(map(str, widths))}"
        where += f", layers {', '.join(f'{n}={k}' for n, k in layers.items())}" if setting.depth is None else ""
        generator = task.generator(where)
        weights = random_weights(widths, generator)
        teacher = end_to_end(weights) if setting.at_teacher else random_weights((widths[0], widths[-1]), generator)[0]
        count = int(scalars.get(sp.Symbol("N", integer=True, positive=True), 3))
        x, y = teacher_samples(teacher, 1.0, count, generator)
        noise = float(sp.sympify(setting.label_noise).subs(scalars))
        extra = ", ".join(f"{s}={scalars[s]}" for s in domain.symbols if s not in sizes)
        where += f", {extra}" if extra else ""
        yield _Network(setting, layers, weights, teacher, noise, x, y, scalars, task, where)


def _exactly(check: Exact) -> Finding:
    scale = max(float(check.found.abs().max()), float(check.stated.abs().max()), 1e-300)
    difference = (check.stated - check.found).abs()
    deviation = float(difference.max()) / scale
    if deviation <= ROUNDING:
        return Finding(Outcome.CONFIRMED, check.what, resolution=BEYOND_ROUNDING)
    if deviation < BEYOND_ROUNDING:
        return Finding(Outcome.UNDECIDED, f"autograd networks: {check.what} deviates by {deviation:.1e}.")
    entry = np.unravel_index(int(difference.argmax()), tuple(difference.shape))
    index = tuple(int(k) for k in entry)
    where = ", ".join(str(k + 1) for k in index)
    return Finding(
        Outcome.REFUTED,
        f"autograd networks: {check.what} deviates far beyond rounding.",
        effect=deviation,
        counterexample=Counterexample(
            {"network": check.where},
            f"entry ({where}) of {check.what} = {float(check.stated[index]):.12g}",
            f"entry ({where}) of {check.what} = {float(check.found[index]):.12g}",
            f"{float((check.stated - check.found)[index]):.6g}",
        ),
    )


def _statistically(check: Mean, task: Task, level: float) -> Finding:
    directions, asserted = _directions(check, task)
    drawn: dict[int, list[NDArray[np.float64]]] = {}

    def samples(look: int, which: int) -> NDArray[np.float64]:
        if look not in drawn:
            drawn[look] = check.project(directions, MULTIPLE * task.effort.samples, f"look {look}")
        return drawn[look][which]

    compared: list[Comparison] = []
    for k, value in enumerate(asserted):
        result = compare_mean(
            lambda look, k=k: samples(look, k),  # type: ignore[misc]
            value,
            scale=1.0,
            resolution=task.effort.resolution,
            level=level,
            looks=task.effort.looks,
            bias=ROUNDING,
        )
        compared.append(result)
        if result.outcome is Outcome.REFUTED:
            name = "the printed matrix" if value else f"random direction {k}"
            return Finding(
                Outcome.REFUTED,
                f"autograd networks: {check.what}, projected on {name}, differs from the statement.",
                effect=abs(result.estimate - value),
                level=task.level,
                counterexample=Counterexample(
                    {"network": check.where},
                    f"projection on {name} = {value:.6g}",
                    f"projection on {name} = {result.estimate:.6g} +- {result.half_width:.2g}",
                    f"{result.estimate - value:.3g} of the matrix's norm",
                ),
            )
    worst = max(compared, key=lambda c: c.resolution)
    if worst.outcome is Outcome.UNDECIDED:
        return Finding(
            Outcome.UNDECIDED,
            f"autograd networks: {check.what} on {check.where} agrees, but only deviations above "
            f"{worst.resolution:.2g} would have been caught.",
        )
    return Finding(Outcome.CONFIRMED, check.what, resolution=worst.resolution)


def _directions(check: Mean, task: Task) -> tuple[list[Tensor], list[float]]:
    """Directions scaled so that a deviation of norm `scale` along one of them shows as 1."""
    generator = task.generator(f"directions|{check.where}|{check.what}")
    norm = float(check.stated.norm())
    directions, asserted = [], []
    if norm > 0:
        directions.append(check.stated / norm / check.scale)
        asserted.append(norm / check.scale)
    for _ in range(DIRECTIONS):
        random = torch.randn(check.stated.shape, dtype=torch.float64, device=check.stated.device, generator=generator)
        if norm > 0:
            random = random - (random * check.stated).sum() / norm**2 * check.stated
        size = float(random.norm())
        if size > 0:
            directions.append(random / size / check.scale)
            asserted.append(0.0)
    return directions, asserted


def _numbers(values: Tensor) -> NDArray[np.float64]:
    made: NDArray[np.float64] = values.detach().cpu().numpy()
    return made


def _same(matrix: Tensor) -> Tensor:
    return matrix
