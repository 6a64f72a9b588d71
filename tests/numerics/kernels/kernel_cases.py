"""Plans that every backend must carry out alike; as a script, the Triton backend's answers under its interpreter.

Triton chooses between compiler and interpreter when it is first imported, hence the process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.kernels.summaries import Exit, Request, Summaries
from crossproof.numerics.models.clocks import TimeChanged
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.schemes.one_step import OneStep
from crossproof.numerics.schemes.table import one_step

x, y, z, mu = real("x, y, z, mu")
s, a, v, p = positive("s, a, v, p")
LOGISTIC = SDE(s, 2 * s * ((a + v / 2) - s), 2 * sp.sqrt(v) * s)
GRID = [[1.0, 0.5], [0.7, 0.2]]
PAIR = SDE([x, y], [y - x, -x * y - y], sp.Matrix([[1 + y / 4, x / 4], [x / 3, 1 - y / 5]]))
TRIPLE = SDE(
    [x, y, z],
    [y - x, -x * z - y, x * y - z],
    sp.Matrix([[1, x / 4, 0], [sp.Rational(1, 5), 1, y / 4], [z / 3, 0, 1]]) / 2,
)
BROKEN = SDE(x, sp.Piecewise((-2 * sp.sqrt(x), x > sp.Rational(1, 10)), (mu * x**2, True)), sp.Rational(3, 10))
FUNCTIONS = SDE(
    x,
    sp.tanh(x)
    - sp.sinh(x / 3)
    + sp.cos(3 * x) * sp.erf(x)
    + sp.atan(9 * x) / 5
    - sp.sign(x) / 7
    + sp.Abs(x) ** sp.Rational(7, 4) / 9
    - x,
    sp.log(2 + x**2) / sp.cosh(x / 2) + sp.exp(-(x**2)) * sp.sin(x) + 1 / (1 + x**2) ** sp.Rational(3, 2),
)
TIMED = TimeChanged(SDE([x, y], [-x, x - y], sp.Matrix([[1, 0], [x, 2]])), alpha=1.5, beta=0.8)
POWER = SDE(s, -(s**p) + 1, s ** sp.Rational(1, 2) * s ** (1 / p) / 5)


def plan(step: OneStep, initial: object, parameters: object = ((),), dtype: str = "float32", **changed: object) -> Plan:
    arguments = {"dt": 1 / 16, "steps": 13, "paths": 300, "key": key_words(5, "cases"), "dtype": dtype}
    return Plan(step, np.array(parameters, dtype=float), np.array(initial, dtype=float), **(arguments | changed))  # type: ignore[arg-type]


def cases() -> dict[str, Plan]:
    """Return plans that together use every branch of the kernel generators."""
    watched = Request(cdf=((0.2, 0.6),), exit=Exit((0.03,), (0.5,), (0, 5, 13)))
    pair = Request(cdf=((0.0,), (-0.5, 0.5)), exit=Exit((-1.0, -np.inf), (np.inf, 1.0), (7,)))
    found = {}
    for dtype in ("float32", "float64"):
        found |= {
            f"euler-{dtype}": plan(
                one_step(LOGISTIC, "euler-maruyama"), [0.1], GRID, dtype, first_path=2**32 - 150, request=watched
            ),
            f"log-strong-{dtype}": plan(one_step(LOGISTIC, "log-strong-1.5"), [[-2.0], [-1.0]], GRID, dtype),
            f"functions-{dtype}": plan(one_step(FUNCTIONS, "euler-maruyama"), [0.3], dtype=dtype),
            f"piecewise-{dtype}": plan(one_step(BROKEN, "euler-maruyama"), [0.5], [[2.0]], dtype),
        }
    return found | {
        "three-dimensional": plan(one_step(TRIPLE, "euler-maruyama"), [0.1, -0.2, 0.3]),
        "weak-2": plan(one_step(PAIR, "weak-2"), [[0.1, 0.2]], request=pair),
        "two-point": plan(one_step(LOGISTIC, "weak-1"), [0.1], GRID[:1], steps=130, dt=1 / 128, request=watched),
        "two-point-of-three": plan(one_step(TRIPLE, "weak-1"), [0.1, -0.2, 0.3], steps=130, dt=1 / 128),
        "two-point-of-two": plan(one_step(PAIR, "weak-1"), [0.1, -0.2], steps=70, dt=1 / 128, dtype="float64"),
        "exact": plan(one_step(SDE(x, a - p * x, v), "exact"), [1.0], [[1.0, 0.5, 0.3], [0.0, 2.0, 1.0]]),
        "power": plan(one_step(POWER, "euler-maruyama"), [0.8], [[2.5], [1.7]]),
        "without-noise": plan(one_step(SDE(x, -(x**3), 0), "weak-2"), [1.5]),
        "jumps-and-waits": plan(TIMED.one_step(), [0.5, 0.0, 0.0], dtype="float64"),
        "exploding": plan(one_step(SDE(x, x**5, x), "euler-maruyama"), [1.5], dt=0.5),
    }


def saved() -> dict[str, tuple[Plan, tuple[int, ...], np.ndarray | None]]:
    """Return plans whose states are kept at chosen steps, with joined increments and with starts of each path's own."""
    pair = plan(one_step(PAIR, "euler-maruyama"), [0.1, -0.2], steps=22, dtype="float64")
    triple = plan(one_step(TRIPLE, "euler-maruyama"), [0.1, -0.2, 0.3], steps=36)
    start = np.linspace(-0.5, 0.5, pair.paths * 2).reshape(1, pair.paths, 2)
    found = {f"pair-{k}": (pair.coarser(k), (0, 1, 6, 22 // k), start) for k in (1, 2)}
    return found | {f"triple-{k}": (triple.coarser(k), (3, 36 // k), None) for k in (1, 3, 4)}


def answers(carry_out: Callable[..., tuple[Summaries, Any]]) -> dict[str, np.ndarray]:
    """Return final states, sums and counts of every case as a backend gives them, and the states of `saved`."""
    found = {}
    for name, (case, at, start) in saved().items():
        found[f"{name}/states"] = np.asarray(carry_out(case, at, start)[1])
    for name, case in cases().items():
        got, states = carry_out(case, (case.steps,), None)
        found[f"{name}/states"] = np.asarray(states)[0]
        found[f"{name}/sums"] = np.array([[t / (1 << 1074) for t in row] for row in got.sums])
        found[f"{name}/counts"] = np.concatenate(
            [got.nonfinite[:, None], got.below, got.hits.reshape(case.grid, -1), np.array(got.exit_sums), got.left_by],
            axis=1,
        )
    return found


if __name__ == "__main__":
    from crossproof.numerics.kernels import triton_kernels

    np.savez(sys.argv[1], **answers(lambda *what: triton_kernels.carry_out(*what, "cpu")))
