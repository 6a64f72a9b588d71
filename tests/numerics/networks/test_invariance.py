"""SGD on any module: sets that it keeps, sets that it leaves, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn

from crossproof.derivations.errors import UsageError
from crossproof.numerics.networks.invariance import invariance

GENERATOR = torch.Generator().manual_seed(3)
X = torch.randn(6, 2, generator=GENERATOR, dtype=torch.float64)
Y = torch.randn(6, 1, generator=GENERATOR, dtype=torch.float64)


def _module(activation: nn.Module) -> nn.Sequential:
    layers = (nn.utils.skip_init(nn.Linear, *sizes, dtype=torch.float64) for sizes in ((2, 3), (3, 1)))
    made = nn.Sequential(next(layers), activation, next(layers))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=GENERATOR, dtype=torch.float64))
    return made


def _losses(module: Callable[[Tensor], Tensor]) -> Tensor:
    return (module(X) - Y).square().sum(1)


def _silent(p: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([p["0.weight"][0], p["0.bias"][:1], p["2.weight"][:, 0]])


def _tied(p: Mapping[str, Tensor]) -> Tensor:
    gaps = p["0.weight"][0] - p["0.weight"][1], (p["0.bias"][0] - p["0.bias"][1])[None]
    return torch.cat([*gaps, p["2.weight"][:, 0] - p["2.weight"][:, 1]])


@pytest.mark.parametrize("activation", [nn.Tanh(), nn.ReLU(), nn.GELU(), nn.SiLU(), nn.ELU()], ids=str)
def test_a_silent_neuron_stays_silent_under_activations_that_vanish_at_0(activation: nn.Module) -> None:
    module = _module(activation)
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0], module[2].weight[:, 0] = 0.0, 0.0, 0.0
    found = invariance(module, _silent, _losses)
    assert found.kept
    assert all(departure.size == 0.0 < departure.moved for departure in found.departures)


def test_it_does_not_under_one_that_does_not_vanish_nor_with_a_weight_out() -> None:
    module = _module(nn.Sigmoid())
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0], module[2].weight[:, 0] = 0.0, 0.0, 0.0
    assert not invariance(module, _silent, _losses).kept
    module = _module(nn.Tanh())
    with torch.no_grad():
        module[0].weight[0], module[0].bias[0] = 0.0, 0.0
    found = invariance(module, lambda p: torch.cat([p["0.weight"][0], p["0.bias"][:1]]), _losses)
    assert not found.kept
    assert str(found).startswith("the set is left")


def test_twins_stay_twins_in_either_precision_and_the_module_is_not_changed() -> None:
    for dtype in (torch.float64, torch.float32):
        module = _module(nn.Sigmoid()).to(dtype)
        with torch.no_grad():
            module[0].weight[0], module[0].bias[0] = module[0].weight[1], module[0].bias[1]
            module[2].weight[:, 0] = module[2].weight[:, 1]
        before = [p.clone() for p in module.parameters()]
        found = invariance(module, _tied, lambda m: (m(X.to(m[0].weight.dtype)) - Y).square().sum(1))
        assert found.kept
        assert all(torch.equal(p, old) for p, old in zip(module.parameters(), before, strict=True))


def test_starts_outside_the_set_and_curved_sets_are_refused() -> None:
    module = _module(nn.Tanh())
    with pytest.raises(UsageError, match="start with parameters in the set"):
        invariance(module, _silent, _losses)
    at = module[0].bias.detach()[0] ** 2
    with pytest.raises(UsageError, match="not affine"):
        invariance(module, lambda p: p["0.bias"][:1] ** 2 - at, _losses)
