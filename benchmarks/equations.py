"""The equations of the benchmarks: in symbols for crossproof, in numbers for the references, by hand for torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp
import torch
from problem import HORIZON, LINEAR, NOISE, SQUARE, START, STEPS, A, V
from references import linear_chain, scalar_chain
from timing import Reference, Run, timed

import crossproof as cp
from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.random.increments import DType
from crossproof.numerics.simulation.simulate import simulate as simulate_paths

DT = HORIZON / STEPS
Coordinates = list[torch.Tensor]


@dataclass(frozen=True)
class Problem:
    """An equation with numbers, the same for torch by hand, and exact averages of its Euler-Maruyama chain.

    What is averaged are the coordinates, and in one dimension the square too.
    """

    sde: SDE
    parameters: dict[sp.Symbol, float]
    start: tuple[float, ...]
    step: Callable[[Coordinates, Coordinates], Coordinates]
    reference: Reference


def scalar(law: str = "gaussian") -> Problem:
    """Return the equation of :mod:`problem`."""
    s, a, v = sp.symbols("s a v", positive=True)

    def step(x: Coordinates, xi: Coordinates) -> Coordinates:
        return [x[0] * (1 + (LINEAR + SQUARE * x[0]) * DT + NOISE * DT**0.5 * xi[0])]

    reference = scalar_chain(lambda x: x * (LINEAR + SQUARE * x), lambda x: NOISE * x, START, HORIZON, STEPS, law=law)
    return Problem(SDE(s, 2 * s * ((a + v / 2) - s), 2 * sp.sqrt(v) * s), {a: A, v: V}, (START,), step, reference)


def modewise() -> Problem:
    """Return the mode amplitude of document 003 at depth 4 with label noise: (5), (6) for a single mode, and (7)."""
    flow, ito, rate = (cp.formula(name).expression for name in ("003.eq5", "003.eq6.single-mode", "003.eq7"))
    values = {"L": 4, "stilde1": 1.5, "sigma": 0.5, "eta_b": 0.002}
    depth, s, teacher, noise, size = (
        next(x for x in rate.free_symbols if x.name == name) for name in ("L", "s1", "stilde1", "sigma", "eta_b")
    )
    fixed = {depth: sp.Integer(4)}
    sde = SDE(s, (flow + ito).subs(fixed), sp.sqrt(rate).subs(fixed))
    t, sigma2, eta = values["stilde1"], values["sigma"] ** 2, values["eta_b"]

    def step(x: Coordinates, xi: Coordinates) -> Coordinates:
        root = x[0].sqrt()
        gap = t - x[0]
        loss = 2 * gap * gap + sigma2
        drift = 4 * x[0] * root * gap + 6 * eta * x[0] * x[0] * loss
        return [x[0] + drift * DT + (4 * (eta * DT) ** 0.5) * x[0] * root * loss.sqrt() * xi[0]]

    reference = scalar_chain(
        lambda x: 4 * x**1.5 * (t - x) + 6 * eta * x**2 * (2 * (t - x) ** 2 + sigma2),
        lambda x: 4 * eta**0.5 * x**1.5 * np.sqrt(2 * (t - x) ** 2 + sigma2),
        0.2,
        HORIZON,
        STEPS,
        low=1e-3,
        high=8.0,
    )
    numbers = {teacher: t, noise: values["sigma"], size: eta}
    return Problem(sde, numbers, (0.2,), step, reference)


def three_dimensional() -> Problem:
    """Return dX_i = (c_i - sum_j A_ij X_j) dt + q_i X_i dB_i with a full 3 x 3 matrix A: moments are exact."""
    matrix = np.array([[2.0, -0.5, 0.3], [0.4, 1.5, -0.6], [-0.2, 0.7, 1.0]])
    constant, noise = np.array([1.0, 0.5, 0.8]), np.array([0.3, 0.4, 0.5])
    x = sp.symbols("x1:4", real=True)
    a, c, q = sp.symbols("a1:4(1:4)", real=True), sp.symbols("c1:4", real=True), sp.symbols("q1:4", positive=True)
    drift = [c[i] - sum(a[3 * i + j] * x[j] for j in range(3)) for i in range(3)]
    numbers = dict(zip((*a, *c, *q), (float(value) for value in (*matrix.flat, *constant, *noise)), strict=True))
    rows, push, scale = (matrix * DT).tolist(), (constant * DT).tolist(), (noise * DT**0.5).tolist()

    def step(y: Coordinates, xi: Coordinates) -> Coordinates:
        return [
            y[i] * (1 + scale[i] * xi[i]) + (push[i] - rows[i][0] * y[0] - rows[i][1] * y[1] - rows[i][2] * y[2])
            for i in range(3)
        ]

    sde = SDE(x, drift, sp.diag(*(q[i] * x[i] for i in range(3))))
    reference = linear_chain(matrix, constant, noise, np.ones(3), HORIZON, STEPS)
    return Problem(sde, numbers, (1.0, 1.0, 1.0), step, reference)


def eager(problem: Problem, paths: int, seed: int, *, dtype: torch.dtype = torch.float32, device: str = "cpu") -> Run:
    """Simulate with torch operations on all paths at once."""
    generator = torch.Generator(device).manual_seed(seed)

    def simulate() -> list[float]:
        x = [torch.full((paths,), value, dtype=dtype, device=device) for value in problem.start]
        noises = torch.empty(problem.sde.noises, paths, dtype=dtype, device=device)
        for _ in range(STEPS):
            x = problem.step(x, list(noises.normal_(generator=generator)))
        last = [y.double() for y in x]
        averages = [y.mean().item() for y in last]
        return averages if len(x) > 1 else [*averages, (last[0] ** 2).mean().item()]

    return timed(simulate)


def ours(
    problem: Problem,
    paths: int,
    seed: int,
    *,
    dtype: DType = "float32",
    scheme: str = "euler-maruyama",
    device: str = "cpu",
) -> Run:
    """Simulate with the kernel that crossproof generates; the time includes everything after the description."""

    def run() -> list[float]:
        found = simulate_paths(
            problem.sde,
            problem.parameters,
            problem.start,
            horizon=HORIZON,
            steps=STEPS,
            paths=paths,
            scheme=scheme,
            seed=seed,
            claim="benchmark",
            backend="numba" if device == "cpu" else "triton",
            dtype=dtype,
            device=device,
        )
        if found.nonfinite.any():
            raise ArithmeticError(f"{int(found.nonfinite.sum())} paths became non-finite")
        means = [float(m) for m in found.mean[0]]
        return means if len(means) > 1 else [*means, float(found.moment(2)[0, 0])]

    return timed(run)
