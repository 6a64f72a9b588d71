"""What ``run.py`` measures of stochastic equations on the CPU: one function a workload, each returning rows."""

from __future__ import annotations

import functools
import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import equations
import peers
import torch
from environments import PeerMissingError
from problem import STEPS
from timing import EAGER, OURS, Implementation, Reference, Row, Run, interleave, rate_row

RATE = "million path-steps/s"
WORK = STEPS / 1e6
#: Peers in JAX's environment, with the paths of a measurement at full size.
JAX = {
    "JAX fori_loop": 200_000,
    "diffrax, unsafe Brownian path": 100_000,
    "diffrax, unsafe Brownian path, vmap": 20_000,
    "diffrax, virtual Brownian tree": 2_000,
}


def skip(name: str, reason: object) -> None:
    """Say which implementation is left out, and why."""
    print(f"left out: {name}: {reason}", file=sys.stderr)


def rounds(quick: bool) -> int:
    """Return the number of rounds."""
    return 3 if quick else 7


@contextmanager
def elsewhere(sizes: dict[str, int], reference: Reference) -> Iterator[list[Implementation]]:
    """Yield the peers that live in environments of their own, with the number of paths of each."""
    found = []
    with ExitStack() as stack:
        for script, name, served in (
            ("peer_torchsde.py", "torchsde", ("torchsde",)),
            ("peer_jax.py", "jax", tuple(JAX)),
        ):
            try:
                peer = stack.enter_context(peers.Peer(script, name))
            except PeerMissingError as reason:
                skip(name, reason)
                continue
            print(peer.versions, file=sys.stderr)
            for label in served:
                run = functools.partial(peer.run, label)
                found.append(Implementation(label, "float32", sizes[label], run, WORK, reference))
        yield found


def here(
    name: str, paths: int, run: Callable[[int, int], Run], reference: Reference, dtype: str = "float32"
) -> list[Implementation]:
    """Return the implementation in a list, or an empty list with a message where it cannot run."""
    try:
        run(peers.THREADS * 64, 0)
    except (PeerMissingError, ImportError) as reason:
        skip(name, reason)
        return []
    return [Implementation(name, dtype, paths, run, WORK, reference)]


def own(problem: equations.Problem, paths: int, name: str = OURS, **options: Any) -> list[Implementation]:
    """Return crossproof's kernel of a problem."""
    run = functools.partial(equations.ours, problem, **options)
    return here(name, paths, run, problem.reference, options.get("dtype", "float32"))


def eager(problem: equations.Problem, paths: int, **options: Any) -> list[Implementation]:
    """Return torch eager on the scalar equation; `options` as of `peers.torch_eager`."""
    dtype = str(options["dtype"]).removeprefix("torch.")
    return here(EAGER, paths, functools.partial(peers.torch_eager, **options), problem.reference, dtype)


def numpy(problem: equations.Problem, paths: int, **options: Any) -> list[Implementation]:
    """Return NumPy on the scalar equation; `options` as of `peers.numpy_loop`."""
    return here("NumPy", paths, functools.partial(peers.numpy_loop, **options), problem.reference, options["dtype"])


def scalar(quick: bool) -> list[Row]:
    """The scalar equation in float32 against every peer; slow peers simulate fewer paths, a rate is what counts."""
    paths = 10**6 if quick else 2 * 10**7
    small = 4 if quick else 1
    sizes = {name: size // small for name, size in {"torchsde": 20_000, **JAX}.items()}
    problem = equations.scalar()
    with elsewhere(sizes, problem.reference) as others:
        contestants = [
            *own(problem, paths),
            *here("C++ AVX-512", paths, peers.native, problem.reference),
            *eager(problem, 200_000 // small, dtype=torch.float32),
            *numpy(problem, 50_000 // small, dtype="float32"),
            *here("numba np.random", 32_000 // small, peers.numba_random, problem.reference),
            *others,
        ]
        return interleave("scalar", contestants, RATE, rounds(quick))


def float64(quick: bool) -> list[Row]:
    """The scalar equation in float64 with 53-bit normals."""
    problem = equations.scalar()
    contestants = [
        *own(problem, 100_000 if quick else 4 * 10**6, dtype="float64"),
        *eager(problem, 20_000 if quick else 200_000, dtype=torch.float64),
        *numpy(problem, 10_000 if quick else 50_000, dtype="float64"),
    ]
    return interleave("float64", contestants, RATE, rounds(quick))


def two_point(quick: bool) -> list[Row]:
    """The scalar equation with two-point increments (weak order 1)."""
    problem = equations.scalar("two-point")
    contestants = [
        *own(problem, 10**6 if quick else 2 * 10**7, scheme="weak-1"),
        *eager(problem, 20_000 if quick else 200_000, dtype=torch.float32, law="two-point"),
        *numpy(problem, 20_000 if quick else 100_000, dtype="float32", law="two-point"),
    ]
    return interleave("two-point", contestants, RATE, rounds(quick))


def paths(quick: bool) -> list[Row]:
    """Cost of a path-step over the number of paths; all sizes in the same rounds."""
    problem = equations.scalar()
    contestants = [
        i
        for n in ((10**5, 10**6) if quick else (10**5, 10**6, 10**7))
        for i in own(problem, n, f"{OURS}, {n:.0e} paths")
    ]
    return [_cost(row) for row in interleave("paths", contestants, RATE, rounds(quick))]


def _cost(row: Row) -> Row:
    return row | {"nanoseconds_per_path_step": 1e3 / row["rate"]}


#: Runs in a process of its own, because peak memory belongs to a process.
_PEAK = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
import equations, numba
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
paths, before, problem = int(sys.argv[2]), peak(), equations.scalar()
run = equations.ours(problem, paths, 0)
print(json.dumps([run.seconds, before, peak(), problem.reference.worst(run.averages, paths, "float32")]))
"""


def memory(quick: bool) -> list[Row]:
    """One run in a fresh process: cost of a path-step at 1e8 paths and peak resident memory of the whole process."""
    count = 10**6 if quick else 10**8
    seconds, before, peak, z = _fresh(_PEAK, str(count))
    name = f"{OURS}, {count:.0e} paths"
    cost = _cost(rate_row("paths", f"{name}, a fresh process", "float32", [count * WORK / seconds], RATE))
    row = rate_row("memory", name, "float32", [peak], "MB resident at the peak, imports included")
    return [cost | {"paths": count, "largest_distance_in_errors": z}, row | {"paths": count, "before_the_run": before}]


def _fresh(program: str, *arguments: str) -> Any:
    command = [sys.executable, "-c", program, str(peers.HERE), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"a measurement in a fresh process failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


_SCALAR = "crossproof, the scalar equation"


def _system(quick: bool, workload: str, problem: equations.Problem) -> list[Row]:
    d = problem.sde.dimension
    count = 200_000 if quick else 5 * 10**6
    by_hand = functools.partial(equations.eager, problem)
    contestants = [
        *own(problem, count),
        *here(EAGER, 20_000 if quick else 100_000, by_hand, problem.reference),
    ]
    variables = [replace(i, work=WORK * d) for i in contestants]
    variables += own(equations.scalar(), count, _SCALAR)
    rows = interleave(workload, variables, "million variable-steps/s", rounds(quick))
    base = {row["implementation"]: row["rate"] for row in rows}.get(_SCALAR)
    return [row | {"ratio_to_scalar_per_variable": row["rate"] / base} for row in rows] if base else rows


def modewise(quick: bool) -> list[Row]:
    """A mode amplitude of document 003, depth 4 with label noise, per state variable against the scalar equation."""
    return _system(quick, "modewise", equations.modewise())


def three_dimensional(quick: bool) -> list[Row]:
    """Three coordinates with a full drift matrix, per state variable against the scalar equation."""
    return _system(quick, "three-dimensional", equations.three_dimensional())


#: The constant makes a kernel that no cache has seen; a second process finds it on disk.
_FIRST = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import sympy as sp
start = time.perf_counter()
import numba
numba_import = time.perf_counter() - start
import dataclasses, equations
from crossproof.derivations.processes.sde import SDE
problem = equations.scalar()
s = problem.sde.state[0]
sde = SDE(s, problem.sde.drift[0] + s / sp.Integer(sys.argv[2]), problem.sde.diffusion[0])
problem = dataclasses.replace(problem, sde=sde)
first, second = (equations.ours(problem, 256, 0).seconds for _ in range(2))
print(json.dumps([first, second, numba_import]))
"""


def first_call(quick: bool) -> list[Row]:
    """Seconds of the first call of a new kernel, and of the first call in a new process that finds it in the cache."""
    times: dict[str, list[float]] = {
        "new kernel": [],
        "kernel from the cache": [],
        "second call": [],
        "import numba": [],
    }
    for _ in range(rounds(quick)):
        constant = str(10**30 + secrets.randbelow(10**29))
        new, second, imported = _fresh(_FIRST, constant)
        cached, _, _ = _fresh(_FIRST, constant)
        for name, seconds in zip(times, (new, cached, second, imported), strict=True):
            times[name].append(seconds)
    return [rate_row("first call", f"{OURS}, {name}", "float32", found, "seconds") for name, found in times.items()]
