"""Formulas as a function of torch that autograd, ``torch.func`` and ``torch.compile`` treat as their own.

The values are computed by :class:`.evaluation.Evaluator` on the device of the tensors, in an operator that compilers do
not look into. The gradient is the function of the derivative, which is as exact, and has a gradient again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from .evaluation import Evaluator

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_EVALUATORS: list[Evaluator] = []


def differentiable(evaluator: Evaluator) -> Callable[[Sequence[torch.Tensor]], torch.Tensor]:
    """Return the function of float64 tensors, at least one, that evaluates a formula and checks its domain."""
    key = str(len(_EVALUATORS))
    _EVALUATORS.append(evaluator)
    return lambda values: _apply(key, *values)


class _Formula(torch.autograd.Function):
    """A formula for autograd and the transforms of ``torch.func``.

    Its key is a number, or such as ``"3/0/1"`` for a derivative of a derivative.
    """

    @staticmethod
    def forward(key: str, *values: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = _operator(key, list(values))
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.key, *values = inputs
        ctx.save_for_backward(*values)
        ctx.save_for_forward(*values)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        values = ctx.saved_tensors
        return None, *(
            (gradient * _apply(f"{ctx.key}/{k}", *values)).sum_to_size(v.shape) if wanted else None
            for k, (v, wanted) in enumerate(zip(values, ctx.needs_input_grad[1:], strict=True))
        )

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: Any) -> Any:
        values = ctx.saved_tensors
        return sum(_apply(f"{ctx.key}/{k}", *values) * t for k, t in enumerate(tangents) if t is not None)

    @staticmethod
    def vmap(info: Any, in_dims: Any, key: str, *values: torch.Tensor) -> Any:
        dims = in_dims[1:]
        rank = max(v.ndim - (d is not None) for v, d in zip(values, dims, strict=True))
        moved = []
        for value, d in zip(values, dims, strict=True):
            if d is not None:
                first = value.movedim(d, 0)
                value = first.reshape(first.shape[0], *[1] * (rank - first.ndim + 1), *first.shape[1:])
            moved.append(value)
        return _apply(key, *moved), 0


def _evaluate(key: str, *values: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = _Formula.apply(key, *values)  # type: ignore[no-untyped-call]
    return found


#: Compilers do not look into it, where they would find rules that they do not know.
_apply: Callable[..., torch.Tensor] = torch.compiler.allow_in_graph(_evaluate)  # type: ignore[no-untyped-call]


@torch.library.custom_op("crossproof::formula", mutates_args=())
def _operator(key: str, values: list[torch.Tensor]) -> torch.Tensor:
    """Evaluate a formula, or a derivative; what compilers do not look into."""
    first, *derivatives = key.split("/")
    evaluator = _EVALUATORS[int(first)]
    if not derivatives:
        evaluator.check([v.detach().cpu().numpy() for v in values])
    for k in derivatives:
        evaluator = evaluator.derivative(int(k))
    found: torch.Tensor = evaluator.torch([v.detach() for v in values])
    return found


@_operator.register_fake
def _shape(key: str, values: list[torch.Tensor]) -> torch.Tensor:
    return values[0].new_empty(np.broadcast_shapes(*(tuple(v.shape) for v in values)))
