"""What ``run.py`` measures of the deterministic solvers and of the network simulator."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence

import equations
import torch
from problem import HORIZON, LINEAR, NOISE, SQUARE, START, STEPS
from references import scalar_chain
from timing import EAGER, LIMIT, OURS, Implementation, Row, Run, WrongResultError, interleave, rate_row
from workloads import rounds


def exact_mean() -> float:
    """Return E[s(1)] of the equation itself: Richardson's extrapolation of exact Euler-Maruyama means, to 1e-9."""
    means = [
        scalar_chain(lambda x: x * (LINEAR + SQUARE * x), lambda x: NOISE * x, START, HORIZON, n * STEPS).values[0]
        for n in (1, 2, 4, 8)
    ]
    for order in range(1, len(means)):
        means = [fine + (fine - coarse) / (2**order - 1) for coarse, fine in itertools.pairwise(means)]
    return means[0]


def fokker_planck(quick: bool) -> list[Row]:
    """Milliseconds of a Fokker-Planck solution, over the grid, with the error of the mean and the error it states."""
    from crossproof.numerics.diffusions.fokker_planck import solve_fokker_planck
    from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion

    problem, exact, rows = equations.scalar(), exact_mean(), []
    process = ScalarDiffusion(problem.sde, problem.parameters)
    for cells in (64, 128) if quick else (64, 96, 128, 192, 256, 512):
        seconds = []
        for _ in range(3 * rounds(quick)):
            start = time.perf_counter()
            found = solve_fokker_planck(process, START, HORIZON, cells=cells).expectation(lambda x: x)
            seconds.append(1e3 * (time.perf_counter() - start))
        row = rate_row("Fokker-Planck", f"{OURS}, {cells} cells", "float64", seconds, "milliseconds")
        error = {"relative_error": abs(found.value / exact - 1), "stated_relative_error": found.error / exact}
        rows.append(row | error)
    return rows


def network(quick: bool) -> list[Row]:
    """Online SGD, batch 1, label noise, on 12 x 12 networks of depth 2 and 4; both must reach the same mean loss.

    Raises
    ------
    WrongResultError
        If the mean losses of the two implementations differ by more than 5.3 standard errors.
    """
    rows = []
    for depth in (2, 4):
        losses: dict[str, list[torch.Tensor]] = {OURS: [], EAGER: []}
        contestants = [
            Implementation(name, "float32", 64 if quick else 512, make(depth, losses[name]), 1e-6 * STEPS)
            for name, make in ((OURS, _ours), (EAGER, _eager))
        ]
        rows += interleave(f"network, depth {depth}", contestants, "million steps x replicas/s", rounds(quick))
        ours, theirs = (torch.cat(found).double() for found in losses.values())
        error = (ours.var() / len(ours) + theirs.var() / len(theirs)).sqrt()
        if not abs(ours.mean() - theirs.mean()) <= LIMIT * error:
            raise WrongResultError(f"depth {depth}: mean losses {ours.mean():g} and {theirs.mean():g} +- {error:g}")
    return rows


_WIDTH, _RATE, _LABEL_NOISE, _TEACHER = 12, 0.005, 0.1, (3.0, 2.0, 1.0)


def _ours(depth: int, losses: list[torch.Tensor]) -> Callable[[int, int], Run]:
    from crossproof.numerics.networks.data import TeacherData
    from crossproof.numerics.networks.draws import PhiloxDraws
    from crossproof.numerics.networks.initialisation import make_teacher, random_initialisation
    from crossproof.numerics.networks.sgd import sgd

    def run(replicas: int, seed: int) -> Run:
        draws = PhiloxDraws(replicas, seed=seed)
        data = TeacherData(make_teacher(_TEACHER, _WIDTH, _WIDTH).matrix.float(), _LABEL_NOISE)
        weights = random_initialisation([_WIDTH] * (depth + 1), draws, 0.2)
        start = time.perf_counter()
        final = sgd(weights, data, draws, learning_rate=_RATE, steps=STEPS, loss_scale=0.5)
        seconds = time.perf_counter() - start
        losses.append(_loss(final.weights))
        return Run(seconds)

    return run


def _eager(depth: int, losses: list[torch.Tensor]) -> Callable[[int, int], Run]:
    teacher = torch.diag(torch.tensor([*_TEACHER, *[0.0] * (_WIDTH - len(_TEACHER))]))

    def run(replicas: int, seed: int) -> Run:
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=generator)

        weights = [0.2 * normal(replicas, _WIDTH, _WIDTH) for _ in range(depth)]
        start = time.perf_counter()
        for _ in range(STEPS):
            x = normal(replicas, _WIDTH, 1)
            hidden = [x]
            for w in weights:
                hidden.append(w @ hidden[-1])
            delta = hidden.pop() - teacher @ x - _LABEL_NOISE * normal(replicas, _WIDTH, 1)
            for k in reversed(range(depth)):
                back = weights[k].mT @ delta if k else delta
                weights[k].addcmul_(delta, hidden[k].mT, value=-_RATE)
                delta = back
        seconds = time.perf_counter() - start
        losses.append(_loss(weights))
        return Run(seconds)

    return run


def _loss(weights: Sequence[torch.Tensor]) -> torch.Tensor:
    product = weights[0]
    for w in weights[1:]:
        product = w @ product
    teacher = torch.diag(torch.tensor([*_TEACHER, *[0.0] * (_WIDTH - len(_TEACHER))]))
    return ((product - teacher) ** 2).sum(dim=(1, 2)) / 2
