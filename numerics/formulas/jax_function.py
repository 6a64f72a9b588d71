"""Formulas as functions of JAX arrays: the values come from the host, where they are as exact as anywhere.

``jax.jit``, ``jax.grad`` and ``jax.vmap`` apply; each derivative is a function of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...derivations.errors import UsageError
from .evaluation import Evaluator
from .given_values import numpy_values, rounded

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def differentiable(evaluator: Evaluator, names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """Return the function of arrays or numbers that evaluates a formula and checks its domain.

    Raises
    ------
    UsageError
        If JAX is not installed.
    """
    try:
        import jax
    except ImportError:
        raise UsageError("jax is not installed; run `pip install jax`, or use numpy() or torch()") from None
    import jax.numpy as jnp

    def function(given: Sequence[Any]) -> Any:
        traced = [isinstance(v, jax.Array) for v in given]
        fixed, _ = numpy_values(names, [0.0 if t else v for t, v in zip(traced, given, strict=True)])
        arrays = [v for t, v in zip(traced, given, strict=True) if t]
        kind = jnp.result_type(*arrays) if arrays else jnp.result_type(float)
        kind = kind if jnp.issubdtype(kind, jnp.floating) else jnp.result_type(float)

        def host(at: Evaluator, *moving: Any) -> Any:
            rest = iter(moving)
            values = [np.asarray(next(rest), np.float64) if t else v for t, v in zip(traced, fixed, strict=True)]
            if at is evaluator:
                at.check(values)
            return rounded(at.name, at.numpy(values), np.dtype(kind))

        def at_arrays(at: Evaluator) -> Any:
            def value(*moving: Any) -> Any:
                shape = jnp.broadcast_shapes(*(m.shape for m in moving), *(np.shape(f) for f in fixed))
                moving = tuple(jnp.broadcast_to(m, shape) for m in moving)
                wanted = jax.ShapeDtypeStruct(shape, kind)
                return jax.pure_callback(lambda *m: host(at, *m), wanted, *moving, vmap_method="broadcast_all")

            def slopes(primals: Any, tangents: Any) -> Any:
                places = [k for k, t in enumerate(traced) if t]
                parts = [at_arrays(at.derivative(k))(*primals) * t for k, t in zip(places, tangents, strict=True)]
                return evaluate(*primals), sum(parts[1:], parts[0])

            evaluate = jax.custom_jvp(value)
            evaluate.defjvp(slopes)
            return evaluate

        if not any(isinstance(a, jax.core.Tracer) for a in arrays):
            return jnp.asarray(host(evaluator, *arrays), kind)
        return at_arrays(evaluator)(*arrays)

    return function
