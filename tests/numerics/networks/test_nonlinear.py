"""Nonlinear networks: autograd gradients, and sign and permutation sets under SGD."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.data import FiniteData, TeacherData
from crossproof.numerics.networks.draws import PhiloxDraws
from crossproof.numerics.networks.linear import pull_back
from crossproof.numerics.networks.nonlinear import Network, PermutationSet, SignSet, network_sgd
from crossproof.numerics.networks.runs import Watch

REPLICAS = 4


def draws() -> PhiloxDraws:
    return PhiloxDraws(REPLICAS, 6, dtype=torch.float64)


def samples(batch: int, dimension: int, seed: int = 0) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(REPLICAS, batch, dimension, generator=g, dtype=torch.float64)


def noisy_data(inputs: int, outputs: int) -> FiniteData:
    g = torch.Generator().manual_seed(1)
    x, y = (torch.randn(8, d, generator=g, dtype=torch.float64) for d in (inputs, outputs))
    return FiniteData(x, y, label_noise=0.5)


def test_identity_gives_the_gradients_of_a_linear_network() -> None:
    network = Network((3, 4, 2, 2), "identity")
    parameters = network.initial(draws())
    x, y = (samples(5, d) for d in (3, 2))
    found = network.sample_gradients(parameters, x, y, 0.7)
    product = parameters[2] @ parameters[1] @ parameters[0]
    for b in range(5):
        residual = product @ x[:, b, :, None] - y[:, b, :, None]
        exact = pull_back(parameters, 1.4 * residual @ x[:, b, None, :])
        for g, e in zip(found, exact, strict=True):
            torch.testing.assert_close(g[:, b], e, atol=1e-13, rtol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_gradients_agree_with_finite_differences(activation: str) -> None:
    network = Network((2, 3, 2), activation, biases=True)
    parameters = network.initial(draws())
    x, y = samples(1, 2), samples(1, 2, 1)
    gradients = network.sample_gradients(parameters, x, y, 0.5)
    for k, parameter in enumerate(parameters):
        sides = []
        for step in (1e-5, -1e-5):
            moved = [p.clone() for p in parameters]
            moved[k].flatten(1)[:, 1] += step
            values = torch.stack([network.output([p[r] for p in moved], x[r, 0]) for r in range(REPLICAS)])
            sides.append(0.5 * (values - y[:, 0]).square().sum(1))
        assert parameter.shape[0] == REPLICAS
        torch.testing.assert_close(
            gradients[k][:, 0].flatten(1)[:, 1], (sides[0] - sides[1]) / 2e-5, atol=1e-8, rtol=1e-7
        )


NETWORKS = [
    Network((3, 5, 2), "tanh"),
    Network((3, 5, 1), "relu", biases=True),
    Network((2, 4, 3, 2), "gelu", biases=True),
    Network((2, 3, 1), "identity"),
    Network((2, 3, 1), "silu"),
]


def run(network: Network, start: tuple[torch.Tensor, ...], invariant: SignSet | PermutationSet) -> torch.Tensor:
    """Distances from the set along 60 steps of SGD with label noise."""
    data = noisy_data(network.widths[0], network.widths[-1])
    watch = Watch(lambda p: invariant.distance(network, p)[:, None], record_every=20)
    done = network_sgd(
        network, start, data, draws(), learning_rate=0.02, steps=60, loss_scale=0.5, batch=2, watch=watch
    )
    moved = max(float((a - b).abs().max()) for a, b in zip(done.weights, start, strict=True))
    assert moved > 0.01
    assert done.lost == 0
    assert done.trajectory is not None
    return done.trajectory[:, :, 0]


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_sign_sets_are_kept_exactly(network: Network) -> None:
    invariant = SignSet(network.depth - 1, 1)
    start = invariant.project(network, network.initial(draws()))
    assert float(run(network, start, invariant).max()) == 0.0


def test_a_sign_set_is_left_where_the_nonlinearity_does_not_vanish_at_zero() -> None:
    network, invariant = Network((3, 5, 2), "sigmoid"), SignSet(1, 1)
    start = invariant.project(network, network.initial(draws()))
    distances = run(network, start, invariant)
    assert float(distances[0].max()) == 0.0
    assert float(distances[-1].min()) > 1e-3


@pytest.mark.parametrize("network", [*NETWORKS, Network((3, 5, 2), "sigmoid", biases=True)], ids=str)
def test_permutation_sets_are_kept_to_rounding(network: Network) -> None:
    invariant = PermutationSet(network.depth - 1, 0, 2)
    start = invariant.project(network, network.initial(draws()))
    assert float(run(network, start, invariant).max()) < 1e-13


def test_neither_set_is_kept_by_half_of_its_conditions() -> None:
    """With incoming weights zero (or equal) and outgoing weights free, SGD leaves."""
    network = Network((3, 5, 2), "tanh")
    for invariant in (SignSet(1, 0), PermutationSet(1, 0, 2)):
        start = network.initial(draws())
        half = (invariant.project(network, start)[0], start[1])
        distances = run(network, half, invariant)
        assert float((distances[-1] - distances[0]).abs().min()) > 1e-3


@pytest.mark.parametrize("invariant", [SignSet(1, 2), PermutationSet(1, 0, 2)], ids=str)
def test_projections_are_nearest_points(invariant: SignSet | PermutationSet) -> None:
    network = Network((3, 5, 2), biases=True)
    start = network.initial(draws())
    nearest = invariant.project(network, start)
    assert float(invariant.distance(network, nearest).max()) == 0.0
    gaps = torch.cat([(a - b).flatten(1) for a, b in zip(start, nearest, strict=True)], dim=1)
    torch.testing.assert_close(gaps.norm(dim=1), invariant.distance(network, start))
    other = invariant.project(network, [p + 0.1 for p in start])
    elsewhere = torch.cat([(a - b).flatten(1) for a, b in zip(start, other, strict=True)], dim=1)
    assert bool((elsewhere.norm(dim=1) > gaps.norm(dim=1)).all())


def test_bad_arguments_are_named() -> None:
    network = Network((3, 5, 2))
    parameters = network.initial(draws())
    data = noisy_data(3, 2)

    def train(**changed: object) -> None:
        given = {"learning_rate": 0.1, "steps": 1, "loss_scale": 0.5, **changed}
        network_sgd(network, parameters, data, draws(), **given)  # type: ignore[arg-type]

    with pytest.raises(DomainError, match="activation='swish'"):
        Network((1, 1), "swish")
    with pytest.raises(DomainError, match="widths"):
        Network((1,))
    with pytest.raises(DomainError, match="scale=0"):
        network.initial(draws(), 0.0)
    with pytest.raises(DomainError, match="parameters have shapes"):
        network.check(parameters[:1])
    with pytest.raises(DomainError, match="learning_rate=0"):
        train(learning_rate=0.0)
    with pytest.raises(DomainError, match="batch=0"):
        train(batch=0)
    with pytest.raises(DomainError, match="the data map 2 to 2"):
        network_sgd(network, parameters, TeacherData(torch.eye(2)), draws(), learning_rate=0.1, steps=1, loss_scale=0.5)
    with pytest.raises(DomainError, match="draws are for 9 replicas"):
        network_sgd(network, parameters, data, PhiloxDraws(9), learning_rate=0.1, steps=1, loss_scale=0.5)
    with pytest.raises(DomainError, match="layer=2"):
        SignSet(2, 0).distance(network, parameters)
    with pytest.raises(DomainError, match="neuron=5"):
        SignSet(1, 5).project(network, parameters)
    with pytest.raises(DomainError, match="two different neurons"):
        PermutationSet(1, 1, 1).distance(network, parameters)
