"""Linear networks in either arithmetic by the names of a setting: which layers, which numbers, which data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import sympy as sp
import torch

from ...derivations.domain import Domain
from ...derivations.errors import DomainError
from ...derivations.matrices.kronecker import SAMPLES
from ...derivations.matrices.networks import NetworkSetting
from ..matrices import Arithmetic, Rational, Values

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Array = TypeVar("Array")


def end_to_end(weights: Sequence[Array]) -> Array:
    """Return the end-to-end matrix ``W_L ... W_1``, in the arithmetic of the weights.

    Parameters
    ----------
    weights : sequence of array
        ``[W_1, ..., W_L]``, `W_l` of shape (..., d_l, d_{l-1}), first layer first.

    Raises
    ------
    DomainError
        If there is no matrix or neighbouring shapes do not fit.
    """
    if len(weights) == 0:
        raise DomainError("weights is empty; give at least one matrix")
    product: Any = weights[0]
    weight: Any
    for index, weight in enumerate(weights[1:], start=2):
        if weight.ndim < 2 or weight.shape[-1] != product.shape[-2]:
            raise DomainError(f"W_{index} has shape {tuple(weight.shape)}; it must have {product.shape[-2]} columns")
        product = weight @ product
    whole: Array = product
    return whole


def network_values(
    setting: NetworkSetting, weights: Sequence[Any], layers: Mapping[str, int], teacher: Any = None
) -> dict[str, Any]:
    """Return the values of a network's matrix symbols by name.

    Parameters
    ----------
    setting : NetworkSetting
        Names of the symbols.
    weights : sequence of array
        ``[W_1, ..., W_L]``.
    layers : mapping of str to int
        Which layer (1 to L) each layer name stands for; with a fixed depth the names are the numbers.
    teacher : array, optional
        M, for a teacher setting.
    """
    whole = end_to_end(weights)
    named: dict[str, Any] = {setting.end_to_end.name: whole}
    if teacher is not None:
        named[setting.teacher.name] = teacher
        named[setting.gap.name] = whole - teacher
    for name, k in layers.items():
        named[setting.weight(name).name] = weights[k - 1]
        if setting.depth is None:
            named[f"P_{name}"] = end_to_end(weights[k:]) if k < len(weights) else _unit(whole, whole.shape[0])
            named[f"Q_{name}"] = end_to_end(weights[: k - 1]) if k > 1 else _unit(whole, whole.shape[1])
    return named


def network_sizes(setting: NetworkSetting, widths: Sequence[int], layers: Mapping[str, int]) -> dict[sp.Symbol, int]:
    """Return the values of a network's dimension symbols for ``widths = [d_0, ..., d_L]``."""
    sizes = {setting.inputs: widths[0], setting.outputs: widths[-1]}
    for name, k in layers.items():
        rows, columns = setting.layer_shape(name)
        sizes[rows] = widths[k]
        sizes[columns] = widths[k - 1]
    return sizes


@dataclass(frozen=True)
class Place:
    """Where the layers of a setting stand in a network.

    Parameters
    ----------
    layers : mapping of str to int
        Which layer, from 1, each name stands for.
    sizes, parameters : mapping
        Values of the symbols: the widths, and what else the domain holds.
    silenced : int or None
        Index, from 0, of the layer to set to zero so that the setting's silent layer has no Jacobian.
    """

    widths: tuple[int, ...]
    layers: Mapping[str, int]
    sizes: Mapping[sp.Symbol, int]
    parameters: Mapping[sp.Symbol, Any]
    silenced: int | None

    @property
    def scalars(self) -> dict[sp.Symbol, Any]:
        """Values of all symbols."""
        return {**self.sizes, **self.parameters}

    @property
    def samples(self) -> int:
        """Size N of a data set."""
        return int(self.scalars.get(SAMPLES, 3))

    def words(self, setting: NetworkSetting) -> str:
        """Return the widths, and the layers where they are not those of a fixed depth."""
        named = f", layers {', '.join(f'{n}={k}' for n, k in self.layers.items())}" if setting.depth is None else ""
        return f"widths {'-'.join(map(str, self.widths))}{named}"


def place(
    setting: NetworkSetting,
    names: Sequence[str],
    widths: Sequence[int],
    picked: Sequence[int],
    domain: Domain,
    number: int,
) -> Place | None:
    """Return the places of the named layers, or None where sizes or parameters are not in the domain.

    Parameters
    ----------
    setting, domain : NetworkSetting, Domain
        What is asserted and where.
    names : sequence of str
        Names of layers; with any depth the layers `picked`, from 1, stand for them.
    widths : sequence of int
        ``[d_0, ..., d_L]``.
    number : int
        Which value of its range a parameter that is no width takes.
    """
    depth = len(widths) - 1
    if setting.depth not in (None, depth):
        return None
    every = {str(k): k for k in range(1, depth + 1)}
    layers = dict(zip(names, picked, strict=False)) if setting.depth is None else every
    silenced = None
    if setting.silent is not None:
        name, side = setting.silent
        silenced = layers[name] if side == "after" else layers[name] - 2
        if not 0 <= silenced < depth:
            return None
    sizes = network_sizes(setting, widths, layers)
    scalars: dict[sp.Symbol, Any] = dict(sizes)
    for symbol, given in domain.ranges.items():
        if symbol not in scalars:
            scalars[symbol] = given.value(number, scalars)
    try:
        domain.check({s: scalars[s] for s in domain.symbols})
    except (DomainError, KeyError):
        return None
    parameters = {s: scalars[s] for s in domain.symbols if s not in sizes}
    return Place(tuple(widths), layers, sizes, parameters, silenced)


@dataclass(frozen=True)
class NamedNetwork:
    """A linear network with data, in one arithmetic, and the names that a setting has for them.

    Parameters
    ----------
    setting : NetworkSetting
        What it is an example of.
    arithmetic : Arithmetic
        That of the arrays.
    layers : mapping of str to int
        Which layer, from 1, each layer name stands for.
    weights : sequence of array
        ``[W_1, ..., W_L]``.
    teacher : array
        M.
    x, y : array
        Inputs (n, d_0) and labels (n, d_L).
    scalars : mapping
        Values of sizes and parameters.
    """

    setting: NetworkSetting
    arithmetic: Arithmetic
    layers: Mapping[str, int]
    weights: Sequence[Any]
    teacher: Any
    x: Any
    y: Any
    scalars: Mapping[sp.Symbol, Any]

    @property
    def loss_scale(self) -> sp.Expr:
        """Number in front of the squared residual."""
        return sp.sympify(self.setting.loss_scale).subs(dict(self.scalars))

    @cached_property
    def values(self) -> Values:
        """Numbers for the symbols of the setting."""
        dataset = self.setting.data == "dataset"
        named = network_values(self.setting, self.weights, self.layers, None if dataset else self.teacher)
        return Values(self.arithmetic, named, self.scalars, self.table() if dataset else ())

    def values_with(self, more: Mapping[str, Any] | None) -> Values:
        """Numbers for these symbols and further matrices."""
        return self.values.with_matrices(more)

    def sample(self, x: Any, y: Any) -> dict[str, Any]:
        """Data of one sample (or a batch of samples) by name, as columns."""
        second = y if self.setting.data == "dataset" else y - x @ self.teacher.T
        names = [symbol.name for symbol in self.setting.sample]
        return {names[0]: x[..., None], names[1]: second[..., None]}

    def table(self) -> list[dict[str, Any]]:
        """Data of each sample by name."""
        return [self.sample(a, b) for a, b in zip(self.x, self.y, strict=True)]


def _unit(like: Any, n: int) -> Any:
    if isinstance(like, torch.Tensor):
        return torch.eye(n, dtype=like.dtype, device=like.device)
    return Rational().identity(n)
