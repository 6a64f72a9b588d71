r"""Small fully connected networks with a nonlinearity, batched over replicas, and the invariant sets of their SGD.

:math:`f(x)=W_L\,\sigma(\cdots\sigma(W_1x+b_1)\cdots)+b_L` under the loss :math:`c\,\lVert f(x)-y\rVert^2`; gradients
come from autograd, sample by sample. A hidden neuron's sign set is :math:`w_{in}=b=w_{out}=0`; two hidden neurons of a
layer share a permutation set :math:`w_{in,p}=w_{in,q},\ b_p=b_q,\ w_{out,p}=w_{out,q}` (document 004, section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import check_fields, checked
from .data import Data
from .draws import Draws
from .flow import check_rate
from .runs import NetworkRun, Watch, Weights, iterate

#: Nonlinearities by name; all but the sigmoid vanish at 0.
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda h: h,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "sigmoid": torch.sigmoid,
}


@dataclass(frozen=True)
class Network:
    """A fully connected network; its parameters are ``(W_1, ..., W_L)`` or, with biases, ``(..., b_1, ..., b_L)``.

    Parameters
    ----------
    widths : tuple of int
        ``(d_0, ..., d_L)``, input width first.
    activation : str
        Name of the nonlinearity behind each hidden layer, one of ACTIVATIONS.
    biases : bool
        Whether every layer has a bias.

    Raises
    ------
    DomainError
        If a width is not positive or the nonlinearity unknown.
    """

    widths: tuple[int, ...]
    activation: str = "tanh"
    biases: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise DomainError(f"widths is {self.widths!r}; give at least two positive integers, input first")
        if self.activation not in ACTIVATIONS:
            raise DomainError(f"activation={self.activation!r}; it must be one of {', '.join(ACTIVATIONS)}")

    @property
    def depth(self) -> int:
        """Number of layers L."""
        return len(self.widths) - 1

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the parameters of one replica."""
        weights: list[tuple[int, ...]] = [(rows, columns) for columns, rows in pairwise(self.widths)]
        return weights + ([(rows,) for rows in self.widths[1:]] if self.biases else [])

    @checked(DomainError)
    def initial(self, draws: Draws, scale: float = 1.0) -> Weights:
        """Return weights N(0, scale^2 / fan-in) and biases N(0, scale^2), each of shape (replicas, ...)."""
        check_rate("scale", scale)
        sizes = [torch.Size(shape).numel() for shape in self.shapes]
        parts = torch.split(draws.normals("initial", 0, 1, sum(sizes))[0].T, sizes, dim=1)
        deviations = [scale / shape[1] ** 0.5 if len(shape) == 2 else scale for shape in self.shapes]
        return tuple(s * p.reshape(-1, *shape) for s, p, shape in zip(deviations, parts, self.shapes, strict=True))

    def output(self, parameters: Sequence[Tensor], x: Tensor) -> Tensor:
        """Return f(x), of shape (d_L,), for one replica's parameters and one input of shape (d_0,)."""
        sigma = ACTIVATIONS[self.activation]
        hidden = x
        for layer in range(self.depth):
            hidden = parameters[layer] @ (sigma(hidden) if layer else hidden)
            if self.biases:
                hidden = hidden + parameters[self.depth + layer]
        return hidden

    @checked(DomainError)
    def sample_gradients(self, parameters: Sequence[Tensor], x: Tensor, y: Tensor, loss_scale: float) -> Weights:
        """Return the autograd gradients of ``c ||f(x) - y||^2`` for every replica and sample.

        Parameters
        ----------
        parameters : sequence of Tensor
            Of shapes (replicas, ...).
        x, y : Tensor
            Inputs (replicas, batch, d_0) and labels (replicas, batch, d_L).
        loss_scale : float
            c > 0.

        Returns
        -------
        tuple of Tensor
            Of shapes (replicas, batch, ...).
        """

        start = self.check(parameters)
        wanted = [(len(start[0]), width) for width in (self.widths[0], self.widths[-1])]
        if x.ndim != 3 or y.ndim != 3 or [(p.shape[0], p.shape[2]) for p in (x, y)] != wanted or len(x[0]) != len(y[0]):
            raise DomainError(f"x, y have shapes {tuple(x.shape)}, {tuple(y.shape)}; give (replicas, batch, width)")
        check_rate("loss_scale", loss_scale)

        def loss(values: Weights, inputs: Tensor, labels: Tensor) -> Tensor:
            return loss_scale * (self.output(values, inputs) - labels).square().sum()

        of_batch = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
        found: Weights = torch.func.vmap(of_batch)(start, x, y)
        return found

    def check(self, parameters: Sequence[Tensor]) -> Weights:
        """Return the parameters as a tuple, or raise DomainError if their shapes are not the network's."""
        found = [tuple(p.shape[1:]) for p in parameters]
        if found != self.shapes or len({len(p) for p in parameters}) != 1:
            raise DomainError(f"parameters have shapes {found}; one replica of this network has {self.shapes}")
        return tuple(parameters)


@checked(DomainError)
def network_sgd(
    network: Network,
    parameters: Sequence[Tensor],
    data: Data,
    draws: Draws,
    *,
    learning_rate: float,
    steps: int,
    loss_scale: float,
    batch: int = 1,
    watch: Watch | None = None,
) -> NetworkRun:
    """Run SGD on every replica with autograd gradients; see :func:`crossproof.numerics.networks.sgd.sgd`."""
    start = network.check(parameters)
    check_rate("learning_rate", learning_rate)
    check_rate("loss_scale", loss_scale)
    if (data.inputs, data.outputs) != (network.widths[0], network.widths[-1]):
        raise DomainError(f"the data map {data.inputs} to {data.outputs} numbers; the widths are {network.widths}")
    if (draws.replicas, draws.dtype, draws.device) != (len(start[0]), start[0].dtype, start[0].device):
        raise DomainError(f"draws are for {draws.replicas} replicas of {draws.dtype}; give those of the parameters")
    sample = data.sampler(draws, batch)

    def advance(now: Weights, first: int, count: int) -> Weights:
        for step in range(first, first + count):
            x, y = (part[0].permute(2, 0, 1) for part in sample(step, 1))
            gradients = network.sample_gradients(now, x, y, loss_scale)
            now = tuple(p - learning_rate * g.mean(dim=1) for p, g in zip(now, gradients, strict=True))
        return now

    return iterate(advance, start, steps, Watch() if watch is None else watch)


@dataclass(frozen=True)
class SignSet:
    """Parameters for which hidden neuron `neuron` of layer `layer` has no incoming weights, bias or outgoing weights.

    Layers count from 1, neurons from 0.
    """

    layer: int
    neuron: int

    def __post_init__(self) -> None:
        check_fields(self)

    @checked(DomainError)
    def distance(self, network: Network, parameters: Sequence[Tensor]) -> Tensor:
        """Return the Euclidean distance from the set, shape (replicas,)."""
        return _length(_spokes(network, parameters, self.layer, self.neuron))

    @checked(DomainError)
    def project(self, network: Network, parameters: Sequence[Tensor]) -> Weights:
        """Return the nearest parameters in the set."""
        moved = tuple(p.clone() for p in network.check(parameters))
        for spoke in _spokes(network, moved, self.layer, self.neuron):
            spoke.zero_()
        return moved


@dataclass(frozen=True)
class PermutationSet:
    """Parameters for which two hidden neurons of layer `layer` have equal weights and biases.

    Layers count from 1, neurons from 0.
    """

    layer: int
    first: int
    second: int

    def __post_init__(self) -> None:
        check_fields(self)

    @checked(DomainError)
    def distance(self, network: Network, parameters: Sequence[Tensor]) -> Tensor:
        """Return the Euclidean distance from the set, shape (replicas,)."""
        gaps = [a - b for a, b in self._pairs(network, parameters)]
        return _length(gaps) / 2**0.5

    @checked(DomainError)
    def project(self, network: Network, parameters: Sequence[Tensor]) -> Weights:
        """Return the nearest parameters in the set: both neurons get their mean."""
        moved = tuple(p.clone() for p in network.check(parameters))
        for a, b in self._pairs(network, moved):
            mean = (a + b) / 2
            a.copy_(mean)
            b.copy_(mean)
        return moved

    def _pairs(self, network: Network, parameters: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
        if self.first == self.second:
            raise DomainError(f"first and second are both {self.first}; give two different neurons")
        sides = (_spokes(network, parameters, self.layer, neuron) for neuron in (self.first, self.second))
        return list(zip(*sides, strict=True))


def _length(parts: Sequence[Tensor]) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(torch.cat(list(parts), dim=1), dim=1)
    return length


def _spokes(network: Network, parameters: Sequence[Tensor], layer: int, neuron: int) -> list[Tensor]:
    """Return views of what enters and leaves a hidden neuron, each of shape (replicas, .)."""
    network.check(parameters)
    if not 1 <= layer < network.depth:
        raise DomainError(f"layer={layer}; hidden layers are 1 to {network.depth - 1}")
    if not 0 <= neuron < network.widths[layer]:
        raise DomainError(f"neuron={neuron}; layer {layer} has neurons 0 to {network.widths[layer] - 1}")
    views = [parameters[layer - 1][:, neuron, :], parameters[layer][:, :, neuron]]
    return [*views, parameters[network.depth + layer - 1][:, neuron : neuron + 1]] if network.biases else views
