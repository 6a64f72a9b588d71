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


def _last(brownian: str, start: jax.Array, key: jax.Array) -> jax.Array:
    import diffrax
    import lineax

    if brownian == "tree":
        path = diffrax.VirtualBrownianTree(0.0, HORIZON, tol=DT / 2, shape=start.shape, key=key)
        adjoint = diffrax.RecursiveCheckpointAdjoint()
    else:
        path = diffrax.UnsafeBrownianPath(shape=start.shape, key=key)
        adjoint = diffrax.ForwardMode()

    def noise(t: jax.Array, s: jax.Array, args: None) -> object:
        return lineax.DiagonalLinearOperator(NOISE * s) if s.ndim else NOISE * s

    terms = diffrax.MultiTerm(
        diffrax.ODETerm(lambda t, s, args: s * (LINEAR + SQUARE * s)), diffrax.ControlTerm(noise, path)
    )
    found = diffrax.diffeqsolve(
        terms,
        diffrax.Euler(),
        0.0,
        HORIZON,
        DT,
        start,
        saveat=diffrax.SaveAt(t1=True),
        adjoint=adjoint,
        max_steps=STEPS + 8,
    )
    return found.ys[-1]


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _solve(brownian: str, vectorise: bool, paths: int, key: jax.Array) -> tuple[jax.Array, jax.Array]:
    if vectorise:
        s = jax.vmap(lambda k: _last(brownian, jnp.float32(START), k))(jax.random.split(key, paths))
    else:
        s = _last(brownian, jnp.full((paths,), START, jnp.float32), key)
    return jnp.mean(s), jnp.mean(s * s)


def solve(brownian: str, vectorise: bool, paths: int, seed: int) -> tuple[float, float]:
    """Return moments from diffrax's Euler solver over the named Brownian path.

    Either all paths are one state, or ``jax.vmap`` makes many of a solver of one path, a key for each.
    """
    mean, square = _solve(brownian, vectorise, paths, jax.random.key(seed))
    return float(mean), float(square)


if __name__ == "__main__":
    names = ("jax", "diffrax")
    serve(
        {
            "JAX fori_loop": loop,
            "diffrax, unsafe Brownian path": functools.partial(solve, "unsafe", False),
            "diffrax, unsafe Brownian path, vmap": functools.partial(solve, "unsafe", True),
            "diffrax, virtual Brownian tree": functools.partial(solve, "tree", False),
        },
        ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names),
    )
