"""JAX and diffrax; started by ``run.py`` in their environment, or imported by it on a CUDA machine that has JAX."""

from __future__ import annotations

import functools
import importlib.metadata

import jax
import jax.numpy as jnp
from peer_protocol import serve
from problem import HORIZON, LINEAR, NOISE, SQUARE, START, STEPS

DT = HORIZON / STEPS


@functools.partial(jax.jit, static_argnums=0)
def _loop(paths: int, key: jax.Array) -> tuple[jax.Array, jax.Array]:
    def step(n: jax.Array, s: jax.Array) -> jax.Array:
        xi = jax.random.normal(jax.random.fold_in(key, n), (paths,), jnp.float32)
        return s * (1 + (LINEAR + SQUARE * s) * DT + NOISE * DT**0.5 * xi)

    s = jax.lax.fori_loop(0, STEPS, step, jnp.full((paths,), START, jnp.float32))
    return jnp.mean(s), jnp.mean(s * s)


def loop(paths: int, seed: int) -> tuple[float, float]:
    """Return moments from one compiled fori_loop with JAX's threefry generator."""
    mean, square = _loop(paths, jax.random.key(seed))
    return float(mean), float(square)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _solve(brownian: str, paths: int, key: jax.Array) -> tuple[jax.Array, jax.Array]:
    import diffrax

    if brownian == "tree":
        path = diffrax.VirtualBrownianTree(0.0, HORIZON, tol=DT / 2, shape=(paths,), key=key)
        adjoint = diffrax.RecursiveCheckpointAdjoint()
    else:
        path = diffrax.UnsafeBrownianPath(shape=(paths,), key=key)
        adjoint = diffrax.ForwardMode()
    terms = diffrax.MultiTerm(
        diffrax.ODETerm(lambda t, s, args: s * (LINEAR + SQUARE * s)),
        diffrax.ControlTerm(lambda t, s, args: lineax_diagonal(NOISE * s), path),
    )
    found = diffrax.diffeqsolve(
        terms,
        diffrax.Euler(),
        0.0,
        HORIZON,
        DT,
        jnp.full((paths,), START, jnp.float32),
        saveat=diffrax.SaveAt(t1=True),
        adjoint=adjoint,
        max_steps=STEPS + 8,
    )
    s = found.ys[-1]
    return jnp.mean(s), jnp.mean(s * s)


def lineax_diagonal(diagonal: jax.Array) -> object:
    """Return the diagonal operator that diffrax multiplies with a Brownian increment."""
    import lineax

    return lineax.DiagonalLinearOperator(diagonal)


def solve(brownian: str, paths: int, seed: int) -> tuple[float, float]:
    """Return moments from diffrax's Euler solver over the named Brownian path, all paths in one state."""
    mean, square = _solve(brownian, paths, jax.random.key(seed))
    return float(mean), float(square)


if __name__ == "__main__":
    names = ("jax", "diffrax")
    serve(
        {
            "JAX fori_loop": loop,
            "diffrax, unsafe Brownian path": functools.partial(solve, "unsafe"),
            "diffrax, virtual Brownian tree": functools.partial(solve, "tree"),
        },
        ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names),
    )
