"""SGD on any module: sets that it keeps, sets that it leaves, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TypeVar

import pytest
import torch
from torch import Tensor, nn

from crossproof import UsageError, invariance

GENERATOR = torch.Generator().manual_seed(3)
X = torch.randn(6, 2, generator=GENERATOR, dtype=torch.float64)
Y = torch.randn(6, 1, generator=GENERATOR, dtype=torch.float64)


Layers = TypeVar("Layers", bound=nn.Module)


def _drawn(module: Layers) -> Layers:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=GENERATOR, dtype=torch.float64))
    return module


def _linear(inputs: int, outputs: int) -> nn.Linear:
    return nn.utils.skip_init(nn.Linear, inputs, outputs, dtype=torch.float64)


def _module(activation: nn.Module, outputs: int = 1) -> nn.Sequential:
    return _drawn(nn.Sequential(_linear(2, 3), activation, _linear(3, outputs)))


def _losses(module: Callable[[Tensor], Tensor]) -> Tensor:
    return (module(X) - Y).square().sum(1)


def _silent(p: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([p["0.weight"][0], p["0.bias"][:1], p["2.weight"][:, 0]])


def _tied(p: Mapping[str, Tensor]) -> Tensor:
    gaps = p["0.weight"][0] - p["0.weight"][1], (p["0.bias"][0] - p["0.bias"][1])[None]
    return torch.cat([*gaps, p["2.weight"][:, 0] - p["2.weight"][:, 1]])


ORIGIN_PASSING = [
    nn.Tanh(), nn.ReLU(), nn.LeakyReLU(), nn.ELU(), nn.SELU(), nn.CELU(), nn.SiLU(), nn.GELU(), nn.Mish(),
    nn.Softsign(),
]  # fmt: skip
OTHERS = [nn.Sigmoid(), nn.Softplus()]


def _silenced(activation: nn.Module) -> nn.Sequential:
    module = _module(activation)
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0], module[2].weight[:, 0] = 0.0, 0.0, 0.0
    return module


def _twins(activation: nn.Module) -> nn.Sequential:
    module = _module(activation)
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0] = module[0].weight[1], module[0].bias[1]
        module[2].weight[:, 0] = module[2].weight[:, 1]
    return module


@pytest.mark.parametrize("activation", ORIGIN_PASSING, ids=str)
def test_a_silent_neuron_stays_silent_under_activations_that_vanish_at_0(activation: nn.Module) -> None:
    found = invariance(_silenced(activation), _silent, _losses)
    assert found.kept
    assert all(departure.size == 0.0 < departure.moved for departure in found.departures)
    half = invariance(_silenced(activation), lambda p: torch.cat([p["0.weight"][0], p["0.bias"][:1]]), _losses)
    assert half.kept  # its neuron has no weights out where it starts


@pytest.mark.parametrize("activation", OTHERS, ids=str)
def test_it_does_not_under_others_whatever_the_scale_of_the_equations(activation: nn.Module) -> None:
    for scale in (1.0, 1e-15):
        found = invariance(_silenced(activation), lambda p, scale=scale: scale * _silent(p), _losses)  # type: ignore[misc]
        assert not found.kept
        assert str(found).startswith("the set is left")
    assert found.departures[0].size > 1e-3 * found.departures[0].moved


def test_nor_with_a_weight_out() -> None:
    module = _module(nn.Tanh())
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0] = 0.0, 0.0
    assert not invariance(module, lambda p: torch.cat([p["0.weight"][0], p["0.bias"][:1]]), _losses).kept


@pytest.mark.parametrize("activation", [*ORIGIN_PASSING, *OTHERS], ids=str)
def test_twins_stay_twins_and_opposites_do_not_unless_all_is_odd(activation: nn.Module) -> None:
    assert invariance(_twins(activation), _tied, _losses).kept
    module = _twins(activation)
    with torch.no_grad():
        for parameter in (module[0].weight, module[0].bias):
            parameter[0] *= -1
        module[2].weight[:, 0] *= -1

    def opposite(p: Mapping[str, Tensor]) -> Tensor:
        gaps = p["0.weight"][0] + p["0.weight"][1], (p["0.bias"][0] + p["0.bias"][1])[None]
        return torch.cat([*gaps, p["2.weight"][:, 0] + p["2.weight"][:, 1]])

    assert invariance(module, opposite, _losses).kept is isinstance(activation, nn.Tanh | nn.Softsign)


def test_either_precision_serves_and_the_module_is_not_changed() -> None:
    for dtype in (torch.float64, torch.float32):
        module = _twins(nn.Sigmoid()).to(dtype)
        before = [p.clone() for p in module.parameters()]
        found = invariance(module, _tied, lambda m: (m(X.to(m[0].weight.dtype)) - Y).square().sum(1))
        assert found.kept
        assert all(torch.equal(p, old) for p, old in zip(module.parameters(), before, strict=True))


class Residual(nn.Module):
    """Two hidden layers, the first added to the second."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = _drawn(nn.Sequential(_linear(2, 3), _linear(3, 3), _linear(3, 1)))
        with torch.no_grad():
            for layer, following in pairwise(self.layers):
                layer.weight[0], layer.bias[0], following.weight[:, 0] = 0.0, 0.0, 0.0

    def forward(self, x: Tensor) -> Tensor:
        first = torch.tanh(self.layers[0](x))
        made: Tensor = self.layers[2](first + torch.tanh(self.layers[1](first)))
        return made


def _silent_in(layers: tuple[int, ...]) -> Callable[[Mapping[str, Tensor]], Tensor]:
    return lambda p: torch.cat(
        [
            part
            for k in layers
            for part in (
                p[f"layers.{k}.weight"][0], p[f"layers.{k}.bias"][:1], p[f"layers.{k + 1}.weight"][:, 0],
            )
        ]
    )  # fmt: skip


def test_residual_connections_join_the_layers_of_a_silent_neuron() -> None:
    assert invariance(Residual(), _silent_in((0, 1)), _losses).kept
    module = Residual()
    with torch.no_grad():
        module.layers[0].weight[0] = 0.7
    assert not invariance(module, _silent_in((1,)), _losses).kept


def _labelled(module: Callable[[Tensor], Tensor]) -> Tensor:
    return nn.functional.cross_entropy(module(X), torch.tensor([0, 1, 0, 1, 1, 0]), reduction="none")


def test_a_softmax_keeps_the_sums_over_outputs_and_a_squared_loss_does_not() -> None:
    module = _module(nn.GELU(), outputs=2)
    sums = module[2].weight.detach().sum(0)

    def over_outputs(p: Mapping[str, Tensor]) -> Tensor:
        return p["2.weight"].sum(0) - sums

    assert invariance(module, over_outputs, _labelled).kept
    assert not invariance(module, over_outputs, _losses).kept
    inputs = module[2].weight.detach().sum(1)
    assert not invariance(module, lambda p: p["2.weight"].sum(1) - inputs, _labelled).kept


def test_what_the_data_do_not_see_does_not_move() -> None:
    flat = torch.stack([X[:, 0], 2 * X[:, 0]], dim=1)  # all inputs along (1, 2)
    for direction, kept in ((torch.tensor([2.0, -1.0]), True), (torch.tensor([1.0, 2.0]), False)):
        module, along = _module(nn.Softplus()), direction.to(torch.float64)
        start = module[0].weight.detach() @ along

        def product(p: Mapping[str, Tensor], along: Tensor = along, start: Tensor = start) -> Tensor:
            return p["0.weight"] @ along - start

        assert invariance(module, product, lambda m: (m(flat) - Y).square().sum(1)).kept is kept


def test_equal_channels_of_a_convolution_stay_equal() -> None:
    layers = [nn.utils.skip_init(nn.Conv1d, *size, dtype=torch.float64) for size in ((1, 2, 3), (2, 1, 1))]
    module = _drawn(nn.Sequential(layers[0], nn.ReLU(), layers[1]))
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0], module[2].weight[:, 0] = (
            module[0].weight[1], module[0].bias[1], module[2].weight[:, 1],
        )  # fmt: skip

    def equal(p: Mapping[str, Tensor]) -> Tensor:
        gaps = [p[f"{k}.{name}"].transpose(0, d) for k, name, d in ((0, "weight", 0), (0, "bias", 0), (2, "weight", 1))]
        return torch.cat([(g[0] - g[1]).reshape(-1) for g in gaps])

    signals = torch.randn(5, 1, 8, generator=GENERATOR, dtype=torch.float64)
    assert invariance(module, equal, lambda m: m(signals).square().sum((1, 2))).kept
    shifted = torch.linspace(0, 1, 5, dtype=torch.float64)
    assert not invariance(
        module, equal, lambda m: (m(signals).sum((1, 2)) + shifted * m[0].weight[0].sum()).square()
    ).kept


def test_equations_may_repeat_themselves_on_any_scales() -> None:
    assert invariance(_twins(nn.Tanh()), lambda p: torch.cat([_tied(p), 1e-18 * _tied(p)]), _losses).kept
    # a loose one of them is not lost beside the others
    bias = _twins(nn.Tanh())[0].bias.detach()

    def held(p: Mapping[str, Tensor]) -> Tensor:
        return torch.cat([_tied(p), 1e-18 * (p["0.bias"][2:] - module[0].bias.detach()[2:])])

    module = _twins(nn.Tanh())
    assert not invariance(module, held, _losses).kept
    with pytest.raises(UsageError, match="start with parameters in the set"):
        invariance(module, lambda p: 1e-18 * (p["0.bias"] - bias - 1.0), _losses)


def test_a_training_that_ends_in_no_number_keeps_nothing() -> None:
    found = invariance(_twins(nn.Tanh()), _tied, lambda m: _losses(m) * 1e300, rate=1e300)
    assert not found.kept


def test_bad_arguments_are_refused() -> None:
    module, twins = _module(nn.Tanh()), _twins(nn.Tanh())
    with pytest.raises(UsageError, match="start with parameters in the set"):
        invariance(module, _silent, _losses)
    at = module[0].bias.detach()[0]
    for curved in (lambda p: p["0.bias"][:1] ** 2 - at**2, lambda p: p["0.bias"][:1].abs() - at.abs()):
        with pytest.raises(UsageError, match="not affine"):
            invariance(module, curved, _losses)
    with pytest.raises(UsageError, match="holds no parameter"):
        invariance(module, lambda p: torch.zeros(2), _losses)
    with pytest.raises(UsageError, match="no parameters"):
        invariance(nn.Tanh(), _silent, _losses)
    with pytest.raises(UsageError, match=r"losses gave shape \(\)"):
        invariance(twins, _tied, lambda m: _losses(m).mean())
    with pytest.raises(UsageError, match="rate=nan"):
        invariance(twins, _tied, _losses, rate=float("nan"))
    for given in ({"steps": 0}, {"batch": 7}, {"batch": True}, {"steps": 2.0}):
        with pytest.raises(UsageError, match="give steps >= 1 and a batch of 1 to 6"):
            invariance(twins, _tied, _losses, **given)  # type: ignore[arg-type]
