"""The torch reference backend: laws against closed forms, bookkeeping against a plain loop, refusals.

Statistical checks are z-tests at |z| < 5 (level 6e-7) with a wrong value rejected at |z| > 10 by the same statistic.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.errors import NumericsError, PrintingError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.kernels import torch_kernels
from crossproof.numerics.kernels.loop_constants import loop_body
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.kernels.summaries import Exit, Request
from crossproof.numerics.kernels.torch_kernels import run, states
from crossproof.numerics.random.increments import increments
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.schemes.one_step import OneStep
from crossproof.numerics.schemes.table import one_step

x, y = real("x, y")
s, k, v = positive("s, k, v")
OU = SDE(x, -k * x, sp.sqrt(2 * v))
KEY = key_words(3, "torch kernels")


def plan(step: OneStep, initial: object, parameters: object = ((),), **changed: object) -> Plan:
    arguments = {"dt": 1 / 8, "steps": 8, "paths": 1000, "key": KEY, "dtype": "float64"}
    return Plan(step, np.array(parameters, dtype=float), np.array(initial, dtype=float), **(arguments | changed))  # type: ignore[arg-type]


def z(found: np.ndarray, wanted: float, error: np.ndarray) -> float:
    return float(np.abs((found - wanted) / error).max())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exact_ornstein_uhlenbeck_law(dtype: str) -> None:
    got = run(plan(one_step(OU, "exact"), [2.0], [[0.5, 0.3]], paths=50_000, dtype=dtype))
    variance = 0.6 * (1 - math.exp(-1.0)) / 1.0  # 2 v (1 - e^{-2 k T}) / (2 k), T = 1
    assert z(got.mean, 2 * math.exp(-0.5), got.standard_error) < 5
    assert z(got.mean, 2 * math.exp(-0.45), got.standard_error) > 10
    assert z(got.variance, variance, got.variance * math.sqrt(2 / 50_000)) < 5
    assert z(got.variance, variance * 1.1, got.variance * math.sqrt(2 / 50_000)) > 10


@pytest.mark.parametrize(("scheme", "law"), [("weak-1", "two-point"), ("weak-2", "three-point")])
def test_discrete_increments_are_those_of_the_reference(scheme: str, law: str) -> None:
    case = plan(one_step(SDE(x, 0, 1), scheme), [0.0], steps=40, first_path=7)
    draws = increments(torch.arange(7, 1007), 0, 40, law=law, dtype="float64", key=KEY)  # type: ignore[arg-type]
    np.testing.assert_allclose(states(case)[0, 0, :, 0], math.sqrt(1 / 8) * draws.sum(0).numpy(), atol=1e-12)


def test_states_follow_the_map_step_by_step() -> None:
    step = one_step(SDE([x, y], [y, -x], sp.Matrix([[x, 1], [0, y]])), "euler-maruyama")
    case = plan(step, [1.0, -1.0], steps=5, paths=10)
    draws = increments(torch.arange(10), 0, 10, law="gaussian", dtype="float64", key=KEY).numpy()
    a, b, h = np.full(10, 1.0), np.full(10, -1.0), 1 / 8
    for n in range(5):
        first, second = math.sqrt(h) * draws[2 * n], math.sqrt(h) * draws[2 * n + 1]
        a, b = a + b * h + a * first + second, b - a * h + b * second
    np.testing.assert_allclose(states(case)[0, 0], np.stack([a, b], axis=1), rtol=1e-12)


def test_summaries_are_those_of_the_final_states() -> None:
    step = one_step(SDE([x, s], [-x, s * (1 - s)], sp.Matrix([[1, 0], [s / 2, s]])), "log-euler-maruyama")
    points = ((-0.5, 0.0, 0.5), (1.0,))
    case = plan(step, [0.2, 0.1], paths=500, request=Request(cdf=points))
    got, ends = run(case), states(case)[0, 0]
    np.testing.assert_allclose(got.mean[0], ends.mean(0), rtol=1e-13)
    np.testing.assert_allclose(got.covariance[0], np.cov(ends.T), rtol=1e-12)
    np.testing.assert_allclose(got.moment(4)[0], (ends**4).mean(0), rtol=1e-12)
    wanted = [(ends[:, i] <= point).sum() for i, row in enumerate(points) for point in row]
    np.testing.assert_array_equal(got.below[0], wanted)
    assert bool((ends[:, 1] > 0).all())


def test_exits_are_those_of_a_plain_loop() -> None:
    box = Exit((-0.6,), (0.9,), (0, 3, 20))
    case = plan(one_step(SDE(x, 0, 1), "euler-maruyama"), [0.1], steps=20, request=Request(exit=box))
    draws = increments(torch.arange(1000), 0, 20, law="gaussian", dtype="float64", key=KEY).numpy()
    walks = 0.1 + np.sqrt(1 / 8) * np.cumsum(draws, axis=0)
    outside = (walks <= -0.6) | (walks >= 0.9)
    left = np.where(outside.any(0), outside.argmax(0) + 1, 0)
    at = walks[np.maximum(left, 1) - 1, np.arange(1000)]
    got = run(case)
    gone = left > 0
    assert got.hits[0, 0].tolist() == [(gone & (at <= -0.6)).sum(), (gone & (at >= 0.9)).sum()]
    assert got.exit_sums[0] == (left.sum(), (left**2).sum())
    assert got.left_by[0].tolist() == [0, (gone & (left <= 3)).sum(), gone.sum()]
    stopped = np.where(gone, at, walks[-1])
    np.testing.assert_allclose(states(case)[0, 0, :, 0], stopped, rtol=1e-12)


def test_paths_that_start_outside_leave_at_once() -> None:
    case = plan(one_step(OU, "milstein"), [2.0], [[1.0, 1.0]], request=Request(exit=Exit((-1.0,), (2.0,), (0,))))
    got = run(case)
    assert got.left_by[0, 0] == 1000
    assert got.exit_sums[0] == (0, 0)


def test_chunks_change_no_path_and_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    case = plan(one_step(OU, "strong-1.5"), [1.0], [[1.0, 0.2], [2.0, 0.1]], request=Request(cdf=((0.1, 0.4),)))
    whole, ends = run(case), states(case)
    monkeypatch.setattr(torch_kernels, "_CHUNK", 2 * 77)
    again = run(case)
    np.testing.assert_array_equal(states(case), ends)
    np.testing.assert_array_equal(again.below, whole.below)
    np.testing.assert_allclose(again.mean, whole.mean, rtol=1e-14)


def test_parts_merge_to_the_whole() -> None:
    case = plan(one_step(OU, "euler-maruyama"), [1.0], [[1.0, 0.2]])
    merged = run(case.part(600, 400)).merge(run(case.part(0, 600)))
    np.testing.assert_allclose(merged.mean, run(case).mean, rtol=1e-14)
    assert merged.paths.tolist() == [1000]


def test_grid_points_are_the_single_runs() -> None:
    step, rows = one_step(OU, "euler-maruyama"), [[1.0, 0.2], [0.3, 2.0]]
    both = states(plan(step, [[1.0], [-1.0]], rows))[0]
    for g, row in enumerate(rows):
        np.testing.assert_array_equal(both[g], states(plan(step, [1.0 - 2 * g], [row]))[0, 0])


def test_paths_that_explode_are_counted_and_never_averaged() -> None:
    got = run(plan(one_step(SDE(x, x**3, x), "euler-maruyama"), [1.5], steps=20))
    assert 0 < got.nonfinite[0] < 1000
    with pytest.raises(NumericsError, match="of 1000 paths became non-finite"):
        _ = got.mean
    assert np.isfinite(got.finite_part().mean).all()


def test_a_path_that_returns_from_infinity_is_counted_too() -> None:
    (xi,) = real("xi,")
    dt = positive("dt")
    one, half = sp.S.One, sp.Rational(1, 2)
    step = OneStep("inversion", (x,), (1 / x,), (xi,), "gaussian", dt, (), (x,), half, one)
    got = run(plan(step, [0.0], steps=2))  # 0, infinity, 0
    assert got.nonfinite.tolist() == [1000]


def test_single_precision_follows_double() -> None:
    step = one_step(SDE(s, s * (1 - s), s / 3), "logistic")
    small = run(plan(step, [0.5], dtype="float32", paths=20_000))
    large = run(plan(step, [0.5], paths=20_000))
    assert z(small.mean, float(large.mean[0, 0]), small.standard_error) < 5


def test_equations_without_noise() -> None:
    ends = states(plan(one_step(SDE(x, -x, 0), "weak-2"), [1.0], paths=3))[0].numpy()
    np.testing.assert_allclose(ends[0, :, 0], (1 - 1 / 8 + 1 / 128) ** 8, rtol=1e-14)


def test_constants_leave_the_loop() -> None:
    body = loop_body(one_step(OU, "exact"))
    assert not set().union(*(u.free_symbols for u in body.update)) & {k, v}
    assert body.update[0].count_ops() == 3  # c0 x + c1 xi
    assert loop_body(one_step(SDE(x, -sp.gamma(k) * x, 1), "euler-maruyama")).update[0].has(sp.gamma) is False


def test_exact_steps_are_accurate_at_small_steps_in_single_precision() -> None:
    # (e^{2 l h} - 1) / (2 l) with l h = 1e-6 has no digit left when it is formed in float32
    case = plan(one_step(OU, "exact"), [0.0], [[1e-6, 0.5]], dtype="float32", dt=1.0, steps=1)
    draws = increments(torch.arange(1000), 0, 1, law="gaussian", dtype="float32", key=KEY)[0].numpy()
    np.testing.assert_allclose(states(case)[0, 0, :, 0], draws * (1 - 1e-6), rtol=1e-6)


def test_what_cannot_be_run_is_refused() -> None:
    step = one_step(OU, "euler-maruyama")
    with pytest.raises(NumericsError, match="device='cuda:77'"):
        run(plan(step, [1.0], [[1.0, 1.0]]), "cuda:77")
    with pytest.raises(NumericsError, match="device='tpu'"):
        run(plan(step, [1.0], [[1.0, 1.0]]), "tpu")
    with pytest.raises(PrintingError, match="besselj"):
        run(plan(one_step(SDE(x, sp.besselj(0, x), 1), "euler-maruyama"), [1.0]))
    with pytest.raises(NumericsError, match="not finite in float64 at grid point 1"):
        run(plan(one_step(SDE(x, sp.log(k) * x, 1), "euler-maruyama"), [1.0], [[1.0], [0.0]]))
    with pytest.raises(NumericsError, match="not finite in float32"):
        run(replace(plan(one_step(SDE(x, k * x, 1), "euler-maruyama"), [1.0], [[1e300]]), dtype="float32"))
