"""Amplitudes and second moments on random networks: autograd gradients of the loss and of the amplitudes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod, sqrt

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from ....derivations.errors import NumericsError
from ....derivations.statements.amplitudes import BATCH, LEARNING_RATE, AmplitudeQuantity, AmplitudeTerm, SecondMoment
from ....numerics.matrices import Values, traces
from ....numerics.networks.named import end_to_end
from ...witness import Task
from .matrix_means import Exact, Mean
from .random_networks import NETWORKS, Networks, RandomNetwork, check_numbers, random_networks, term_size
from .sampling import GROUP, comparisons

#: Random columns u, v, a, b from which the ones with the largest asserted value are taken.
CANDIDATES = 64
#: How many times more samples a covariance of slopes takes, and one of noises.
SLOPES, NOISES = 8, 2
#: Layer widths and two different layers, for what is asserted of layers i < j; parameters take a value on each.
_ORDERED_NETWORKS: Networks = (*NETWORKS[:2], (NETWORKS[2][0], (2, 4)))
_ORDERED = (AmplitudeQuantity.SECOND_DERIVATIVE, AmplitudeQuantity.ITO_DRIFT)


@comparisons.register
def _(statement: AmplitudeTerm, task: Task) -> Iterator[Exact | Mean]:
    names = statement.layers
    ordered = statement.quantity in _ORDERED
    for order in (names, names[::-1])[: 2 if ordered else 1]:
        for made in random_networks(statement.setting, order, task, _ORDERED_NETWORKS if ordered else NETWORKS):
            if not ordered or made.layers[names[0]] < made.layers[names[1]]:
                yield _on_network(statement, made)


@comparisons.register
def _(statement: SecondMoment, task: Task) -> Iterator[Exact | Mean]:
    for made in random_networks(statement.setting, (), task):
        fixed: dict[str, Tensor] = {}
        for symbol in statement.fixed():
            rows, columns = (int(size.subs(made.scalars)) for size in symbol.shape)
            fixed[symbol.name] = task.draws(f"{made.where}|{symbol.name}").normal(rows, columns)
        stated = made.value(statement.value, fixed)

        def project(
            directions: Sequence[Tensor],
            n: int,
            stream: str,
            made: RandomNetwork = made,
            fixed: dict[str, Tensor] = fixed,
        ) -> list[NDArray[np.float64]]:
            data = {**fixed, **made.sample(*made.draw(n, stream))}
            sides = [_stacked(made.value(e, data)) for e in (statement.left, statement.right)]
            return [_numbers(((sides[0] @ d) * sides[1]).sum(1)) for d in directions]

        scale = float(stated.norm())
        if scale == 0.0:
            data = {**fixed, **made.sample(*made.draw(256, "scale"))}
            sizes = [made.value(e, data).square().sum((1, 2)) for e in (statement.left, statement.right)]
            scale = float((sizes[0].mean() * sizes[1].mean()).sqrt())
        yield Mean("the second moment", made.where, made.scalars, stated, project, scale)


def _on_network(statement: AmplitudeTerm, made: RandomNetwork) -> Exact | Mean:
    setting, quantity, layers = statement.setting, statement.quantity, statement.layers
    places = [made.layers[k] - 1 for k in layers]
    shapes: dict[str, tuple[int, ...]] = {"u": (len(made.weights[-1]), 1), "v": (made.weights[0].shape[1], 1)}
    shapes |= {"a": shapes["u"], "b": shapes["v"]}
    shapes |= {f"X_{k}": tuple(made.weights[place].shape) for k, place in zip(layers, places, strict=True)}
    middle: dict[str, Tensor] = {}
    if quantity in _ORDERED:
        inside = made.weights[places[0] + 1 : places[1]]
        unit = torch.eye(len(made.weights[places[0]]), dtype=torch.float64, device=made.task.device)
        middle[setting.between(layers[1], layers[0]).name] = end_to_end(inside) if inside else unit
    check_numbers(statement.value, made.scalars)
    draws = made.task.draws(f"{made.where}|{quantity}")

    def candidate() -> tuple[dict[str, Tensor], Tensor, Values]:
        drawn = {}
        for name, shape in shapes.items():
            matrix = draws.normal(*shape)
            drawn[name] = matrix / matrix.norm()
        values = made.values_with({**middle, **drawn})
        value = torch.as_tensor(traces(statement.value, values), dtype=torch.float64, device=made.task.device)
        if not bool(torch.isfinite(value).all()):
            raise NumericsError(f"{statement.value} is not finite on a random network")
        return drawn, value.reshape(1, 1), values

    # columns for which the assertion is a large number leave the least relative noise
    more, stated, values = max((candidate() for _ in range(CANDIDATES)), key=lambda drawn: float(drawn[1].abs()))
    terms = trace_size(statement.value, values)

    def amplitude(weight: Tensor, which: int, left: str, right: str) -> Tensor:
        moved = [*made.weights[: places[which]], weight, *made.weights[places[which] + 1 :]]
        return (more[left].T @ end_to_end(moved) @ more[right])[0, 0]

    def second_derivative(one: Tensor, other: Tensor) -> Tensor:
        # the amplitude is linear in every layer: its mixed derivative has the directions in the layers' places
        moved = list(made.weights)
        moved[places[0]], moved[places[1]] = one, other
        return (more["u"].T @ end_to_end(moved) @ more["v"])[..., 0, 0]

    if quantity is AmplitudeQuantity.SECOND_DERIVATIVE:
        found = second_derivative(*(more[f"X_{k}"] for k in layers))
        size = torch.stack([m.norm() for m in (*made.weights, *more.values())]).clamp(min=1.0).prod()
        return Exact(str(quantity), made.where, made.scalars, stated, found.reshape(1, 1), size + terms)
    first, second = (
        torch.func.grad(amplitude)(made.weights[places[k]], k, *names)
        for k, names in ((0, ("u", "v")), (len(places) - 1, ("a", "b")))
    )
    if quantity is AmplitudeQuantity.GRADIENT_PRODUCT:
        found = (first * second).sum().reshape(1, 1)
        return Exact(str(quantity), made.where, made.scalars, stated, found, first.norm() * second.norm() + terms)

    def slopes(which: int, along: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """Derivative of every sample's loss along one direction of one layer, in which the loss is quadratic."""

        def losses(weight: Tensor) -> Tensor:
            moved = [*made.weights[: places[which]], weight, *made.weights[places[which] + 1 :]]
            # a product with ones sums a few columns twenty times faster than `sum`
            return (x @ end_to_end(moved).mT - y).square() @ y.new_full(y.shape[-1:], float(setting.loss_scale))

        weight = made.weights[places[which]]
        return (losses(weight + along) - losses(weight - along)) / 2

    def observe(n: int, stream: str) -> Tensor:
        """Independent unbiased estimates of the quantity."""
        if quantity is AmplitudeQuantity.GRADIENT_DRIFT:
            return -slopes(0, first, *made.draw(n, stream))
        groups = n // GROUP
        if quantity is AmplitudeQuantity.ITO_DRIFT:
            size = NOISES * GROUP
            drawn = made.gradients(layers, *made.draw(groups * size, stream))
            noise = [g.reshape(groups, size, *g.shape[1:]) for g in drawn]
            noise = [g - g.mean(1, keepdim=True) for g in noise]
            return second_derivative(*noise).sum(1) / (size - 1)
        # products of slopes scatter widely and are cheap
        size = SLOPES * GROUP
        stepping = quantity is AmplitudeQuantity.STEP_COVARIANCE
        batch = int(made.scalars[BATCH]) if stepping else 1
        rate = float(made.scalars[LEARNING_RATE]) if stepping else 1.0
        x, y = made.draw(groups * size, stream)
        # one step moves along minus the mean gradient of a batch
        size = size // batch
        sides = [
            -rate * slopes(k, g, x, y)[: groups * size * batch].reshape(groups, size, batch).mean(2)
            for k, g in ((0, first), (len(places) - 1, second))
        ]
        centred = [side - side.mean(1, keepdim=True) for side in sides]
        return (centred[0] * centred[1]).sum(1) / (size - 1)

    def project(directions: Sequence[Tensor], n: int, stream: str) -> list[NDArray[np.float64]]:
        observed = observe(n, stream)
        return [_numbers(observed * d[0, 0]) for d in directions]

    scale = float(stated.abs())
    if scale == 0.0:
        scale = float(observe(64 * GROUP, "scale").abs().mean())
    gradients = made.sizes(layers, *made.draw(64, "sizes")).square().mean(0).sqrt()
    noise = float(gradients.prod() * first.norm() * second.norm())
    return Mean(str(quantity), made.where, made.scalars, stated, project, scale, noise + terms)


def trace_size(value: sp.Expr, values: Values) -> float:
    """Return a bound of an expression in traces from the sizes of its terms and factors, which do not cancel."""
    if isinstance(value, sp.Trace):
        rows = int(value.arg.rows.subs(dict(values.scalars)))
        return float(term_size(value.arg, values)) * sqrt(rows)
    if not value.has(sp.Trace):
        return abs(float(values.number(value)))
    if isinstance(value, sp.Pow):
        return float(trace_size(value.base, values) ** int(value.exp))
    sizes: list[float] = [trace_size(part, values) for part in value.args]
    return sum(sizes) if isinstance(value, sp.Add) else float(prod(sizes))


def _stacked(matrices: Tensor) -> Tensor:
    """Columns of a batch of matrices, stacked: shape (n, rows * columns)."""
    return matrices.mT.flatten(-2)


def _numbers(values: Tensor) -> NDArray[np.float64]:
    made: NDArray[np.float64] = values.detach().cpu().numpy()
    return made
