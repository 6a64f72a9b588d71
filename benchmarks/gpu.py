"""What ``run.py --cuda`` measures: the scalar equation on a CUDA device, with Triton, torch eager and JAX."""

from __future__ import annotations

import functools

import equations
import peers
import torch
from timing import EAGER, Implementation, Row, Run, interleave
from workloads import RATE, WORK, own, rounds, skip


def scalar(quick: bool) -> list[Row]:
    """The scalar equation in float32 on CUDA; JAX only where this interpreter has one that sees the device."""
    if not torch.cuda.is_available():
        skip("cuda", "torch sees no CUDA device here; run this part on a machine that has one")
        return []
    problem = equations.scalar()
    # numbers of torch eager are limited by memory traffic, so that its paths must fill the device
    eager = functools.partial(peers.torch_eager, dtype=torch.float32, device="cuda")
    contestants = [
        *own(problem, 10**7 if quick else 10**9, device="cuda"),
        Implementation(EAGER, "float32", 10**7 if quick else 10**8, eager, WORK, problem.reference),
    ]
    jax = _jax()
    if jax is not None:
        contestants.append(Implementation("JAX fori_loop", "float32", 10**7, jax, WORK, problem.reference))
    return interleave(f"scalar on {torch.cuda.get_device_name()}", contestants, RATE, rounds(quick))


def _jax() -> functools.partial[Run] | None:
    try:
        import jax
        import peer_jax
    except ImportError as reason:
        skip("JAX", f"{reason}; install jax with CUDA into this environment")
        return None
    if jax.default_backend() != "gpu":
        skip("JAX", f"its backend is {jax.default_backend()}; install jax with CUDA into this environment")
        return None
    return functools.partial(_timed_jax, peer_jax.loop)


def _timed_jax(loop: peers.Loop, paths: int, seed: int) -> Run:
    return peers.timed(lambda: loop(paths, seed))
