"""The global state that a witness must leave as it found it: random generators, precisions, settings, registers."""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import flint
import mpmath
import numpy as np
import sympy as sp
import torch
from sympy.core.parameters import global_parameters

from ...derivations.claim import CLAIMS

#: Environment variables by which torch remembers, from its first compilation on, where it keeps what it compiles.
_CACHES = ("TORCHINDUCTOR_", "TRITON_")


def global_state() -> dict[str, Any]:
    """Return the state by name, each entry comparable with ``==``."""
    return {
        "Python's random generator": random.getstate(),
        "NumPy's random generator": _comparable(np.random.get_state()),  # noqa: NPY002 (the global one is meant)
        "torch's random generator": torch.get_rng_state().numpy().tobytes(),
        "torch's default dtype": torch.get_default_dtype(),
        "torch's number of threads": torch.get_num_threads(),
        "torch's gradient mode": torch.is_grad_enabled(),
        "torch's deterministic mode": torch.are_deterministic_algorithms_enabled(),
        "NumPy's floating-point errors": np.geterr(),
        "mpmath's precision": (mpmath.mp.prec, mpmath.iv.prec),
        "flint's precision": flint.ctx.prec,
        "flint's number of threads": flint.ctx.threads,
        "SymPy's assumptions": frozenset(sp.assumptions.global_assumptions),
        "SymPy's evaluation": (global_parameters.evaluate, global_parameters.distribute),
        "warnings": tuple(map(str, warnings.filters)),
        "working directory": os.getcwd(),  # noqa: PTH109 (compared as text)
        "environment": {name: value for name, value in os.environ.items() if not name.startswith(_CACHES)},
        "limit of recursion": sys.getrecursionlimit(),
        "limit of digits": sys.get_int_max_str_digits(),
        "registered claims": tuple(CLAIMS),
    }


def changes_of_state(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of what is no longer as it was; of a mapping, with its keys."""
    found = []
    for name, value in before.items():
        if value != after[name]:
            keys = (
                [k for k in {**value, **after[name]} if value.get(k) != after[name].get(k)]
                if isinstance(value, dict)
                else []
            )
            found.append(f"{name} ({', '.join(sorted(keys))})" if keys else name)
    return found


@contextmanager
def other_generators(seed: int) -> Iterator[None]:
    """Put the global random generators into another state, and back at the end."""
    kept = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002
        torch.set_rng_state(kept[2])


def _comparable(state: Any) -> tuple[Any, ...]:
    return tuple(part.tobytes() if isinstance(part, np.ndarray) else part for part in state)
