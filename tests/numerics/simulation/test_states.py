"""States after chosen steps: the same on every backend, along the same Brownian paths at every step size."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import sympy as sp
import torch

from crossproof.derivations.errors import NumericsError, PrintingError
from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.simulation import states as module
from crossproof.numerics.simulation.paths import brownian_increments
from crossproof.numerics.simulation.simulate import plan_of
from crossproof.numerics.simulation.states import states

x, y, s = sp.Symbol("x", real=True), sp.Symbol("y", real=True), sp.Symbol("s", positive=True)
k = sp.Symbol("k", positive=True)
KEY = key_words(3, "paths")
OU = SDE(x, -k * x, sp.sqrt(2))
PAIR = SDE([x, y], [y - x**3, -y], [[1, x / 3], [0, 1]])
LOGISTIC = SDE(s, s * (k - s), s)
BACKENDS = ("numba", "torch")


def planned(sde: SDE = OU, initial: object = 1.5, steps: int = 32, paths: int = 700, **changed: object) -> Plan:
    values = {k: 0.7} if k in sde.free_symbols else {}
    arguments = {"horizon": 2.0, "key": KEY, "dtype": "float64"} | changed
    return plan_of(sde, values, initial, steps=steps, paths=paths, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", BACKENDS)
def test_states_are_those_of_the_scheme_on_the_increments_of_the_key(backend: str) -> None:
    shown, engine = states(planned(), (0, 5, 32), backend=backend)  # type: ignore[arg-type]
    dw, at = brownian_increments(32, 700, 1, 2.0, KEY)[:, :, 0], torch.full((700,), 1.5, dtype=torch.float64)
    for n in range(33):
        if n in (0, 5, 32):
            torch.testing.assert_close(shown[(0, 5, 32).index(n), 0, :, 0], at, atol=1e-13, rtol=0)
        at = at - 0.7 * at * (2.0 / 32) + math.sqrt(2) * dw[min(n, 31)]
    assert str(engine) == f"{backend} on cpu, float64, euler-maruyama, 32 steps"


@pytest.mark.parametrize(
    "plan",
    [
        planned(PAIR, [0.1, -0.2], first_path=2**32 - 300),
        planned(LOGISTIC, 0.3, scheme="log-euler-maruyama", steps=28),
        planned(SDE(x, -(x**3), 0), 1.0, steps=4),
    ],
    ids=["two noises", "logarithm", "no noise"],
)
def test_backends_agree_at_every_step_size(plan: Plan) -> None:
    """To rounding with steps of one, two and four increments, saved where they fall, from starts of each path's own."""
    d = len(plan.one_step.state)
    start = torch.linspace(-0.5, 0.5, plan.paths * d, dtype=torch.float64).reshape(1, plan.paths, d)
    for factor in (1, 2, 4):
        coarse = plan.coarser(factor)
        at = sorted({0, 1, 3, coarse.steps} & set(range(coarse.steps + 1)))
        for begin in (None, start):
            found, wanted = (states(coarse, at, start=begin, backend=b)[0] for b in BACKENDS)  # type: ignore[arg-type]
            assert found.shape == (len(at), 1, plan.paths, d)
            torch.testing.assert_close(found, wanted, atol=1e-12, rtol=1e-12)
    if plan.one_step.noises:
        other = states(replace(plan, key=key_words(4, "paths")), backend="numba")[0]
        assert float((other - states(plan, backend="torch")[0]).abs().mean()) > 0.05


@pytest.mark.parametrize("backend", BACKENDS)
def test_joined_increments_are_those_of_the_same_brownian_path(backend: str) -> None:
    """Constant noise ends exactly where it does with half the step; other increments end elsewhere."""
    plan = planned(SDE(x, k, 1), 0.0, steps=64, paths=300)
    fine, coarse, other = (
        states(p, backend=backend)[0]  # type: ignore[arg-type]
        for p in (plan, plan.coarser(4), replace(plan.coarser(4), joined=1))
    )
    torch.testing.assert_close(fine, coarse, atol=1e-13, rtol=0)
    assert float((fine - other).abs().mean()) > 0.5


@pytest.mark.parametrize("backend", BACKENDS)
def test_half_the_step_halves_the_error_on_the_same_path(backend: str) -> None:
    """Euler-Maruyama with additive noise has strong order 1: its error falls by 2 on every halving, within 25 %."""
    plan = planned(OU, 1.0, steps=256, paths=2000)
    ends = [states(plan.coarser(m), backend=backend)[0] for m in (1, 2, 4, 8)]  # type: ignore[arg-type]
    gaps = [float((a - b).square().mean().sqrt()) for a, b in itertools.pairwise(ends)]
    for finer, wider in itertools.pairwise(gaps):
        assert 1.5 < wider / finer < 2.5


@pytest.mark.parametrize("backend", BACKENDS)
def test_paths_may_start_anywhere(backend: str) -> None:
    plan = planned(OU, 0.0, steps=8, paths=3)
    begin = torch.tensor([[[0.0], [1.0], [-2.0]]], dtype=torch.float64)
    still, moved = (states(plan, start=b, backend=backend)[0] for b in (None, begin))  # type: ignore[arg-type]
    torch.testing.assert_close(moved - still, begin[None] * (1 - 0.7 / 4) ** 8)


def test_a_kernel_is_compiled_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of steps of all paths; what numba cannot print goes to torch, unless numba was asked for."""
    plan = planned()
    assert states(plan)[1].backend == "torch"
    monkeypatch.setattr(module, "COMPILED", plan.paths * plan.steps)
    assert states(plan)[1].backend == "numba"
    unprintable = planned(SDE(x, -x, 1 / (1 + x**66)), 0.0)
    assert states(unprintable)[1].backend == "torch"
    with pytest.raises(PrintingError, match="too high"):
        states(unprintable, backend="numba")


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_does_not_fit_is_refused(backend: str) -> None:
    plan = planned(steps=8, paths=3)
    for at in ((4, 2), (9,), (), (2, 2), (-1,)):
        with pytest.raises(NumericsError, match="at="):
            states(plan, at, backend=backend)  # type: ignore[arg-type]
    with pytest.raises(NumericsError, match="shape"):
        states(plan, start=torch.zeros(3, 1), backend=backend)  # type: ignore[arg-type]
    with pytest.raises(NumericsError, match="joined by 3"):
        plan.coarser(3)
    signs = planned(scheme="weak-1", steps=8)
    with pytest.raises(NumericsError, match="Gaussian"):
        signs.coarser(2)
    with pytest.raises(NumericsError, match="two-point"):
        states(signs, (4,), backend=backend)  # type: ignore[arg-type]
    wild = planned(SDE(x, x**9, 0), 1e9, steps=8, paths=2)
    with pytest.raises(NumericsError, match="2 of 2 paths"):
        states(wild, backend=backend)  # type: ignore[arg-type]
    with pytest.raises(NumericsError, match="choose one of"):
        states(plan, backend="jax")  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_path_that_was_infinite_stays_lost(backend: str) -> None:
    """1/x returns from infinity: the state after it is finite, and yet no state of the scheme."""
    returns = SDE(x, 1 / x - x, 0)
    start = torch.tensor([[[0.0], [1.0]]], dtype=torch.float64)
    plan = planned(returns, 1.0, steps=4, paths=2)
    with pytest.raises(NumericsError, match="1 of 2 paths"):
        states(plan, start=start, backend=backend)  # type: ignore[arg-type]
