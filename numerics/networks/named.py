"""Values of the matrix symbols of a linear network, from its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
import torch

from ...derivations.matrices.networks import NetworkSetting
from ..matrices import Rational

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def chain(weights: Sequence[Any]) -> Any:
    """Return ``W_L ... W_1`` for ``[W_1, ..., W_L]``, in the arithmetic of the weights."""
    product = weights[0]
    for weight in weights[1:]:
        product = weight @ product
    return product


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
    whole = chain(weights)
    named: dict[str, Any] = {setting.end_to_end.name: whole}
    if teacher is not None:
        named[setting.teacher.name] = teacher
        named[setting.gap.name] = whole - teacher
    for name, k in layers.items():
        named[setting.weight(name).name] = weights[k - 1]
        if setting.depth is None:
            named[f"P_{name}"] = chain(weights[k:]) if k < len(weights) else _unit(whole, whole.shape[0])
            named[f"Q_{name}"] = chain(weights[: k - 1]) if k > 1 else _unit(whole, whole.shape[1])
    return named


def network_sizes(setting: NetworkSetting, widths: Sequence[int], layers: Mapping[str, int]) -> dict[sp.Symbol, int]:
    """Return the values of a network's dimension symbols for ``widths = [d_0, ..., d_L]``."""
    sizes = {setting.inputs: widths[0], setting.outputs: widths[-1]}
    for name, k in layers.items():
        rows, columns = setting.layer_shape(name)
        sizes[rows] = widths[k]
        sizes[columns] = widths[k - 1]
    return sizes


def silent_layer(setting: NetworkSetting, layers: Mapping[str, int], depth: int) -> int | None:
    """Return the index, from 0, of the layer to set to zero so that the setting's silent layer has no Jacobian.

    None when the setting has no silent layer; an index outside 0 ... depth - 1 when no layer lies on that side.
    """
    if setting.silent is None:
        return None
    name, side = setting.silent
    index = layers[name] if side == "after" else layers[name] - 2
    return index if index < depth else -1


def _unit(like: Any, n: int) -> Any:
    if isinstance(like, torch.Tensor):
        return torch.eye(n, dtype=like.dtype, device=like.device)
    return Rational().identity(n)
