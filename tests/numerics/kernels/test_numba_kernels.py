"""Compiled kernels against the torch reference path by path, whatever the chunk, thread or order; guards; accuracy."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
import torch
from scipy import stats

from crossproof.derivations.errors import NumericsError, PrintingError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.kernels import torch_kernels
from crossproof.numerics.kernels.loop_constants import loop_body
from crossproof.numerics.kernels.numba_kernels import LANES, module, run, states
from crossproof.numerics.kernels.numba_source import kernel_source
from crossproof.numerics.kernels.numba_step import returns_from_infinity
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.kernels.summaries import Exit, Request
from crossproof.numerics.random import kernel_cache
from crossproof.numerics.random.philox import GAUSSIAN_FLOAT32, key_schedule, key_words, words
from crossproof.numerics.schemes.one_step import OneStep
from crossproof.numerics.schemes.table import one_step

x = real("x")
s, a, v = positive("s, a, v")
LOGISTIC = one_step(SDE(s, 2 * s * ((a + v / 2) - s), 2 * sp.sqrt(v) * s), "euler-maruyama")
BROWNIAN = one_step(SDE(x, 0, 1), "euler-maruyama")
KEY = key_words(3, "numba kernels")


def plan(
    step: OneStep = LOGISTIC, initial: object = (0.05,), parameters: object = ((1.0, 0.5),), **changed: object
) -> Plan:
    arguments = {"dt": 1 / 64, "steps": 13, "paths": 1000, "key": KEY}
    return Plan(step, np.array(parameters, dtype=float), np.array(initial, dtype=float), **(arguments | changed))  # type: ignore[arg-type]


def _cases() -> dict[str, Plan]:
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        from kernel_cases import cases
    finally:
        sys.path.pop(0)
    return cases()


CASES = _cases()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
def test_cases_agree_with_the_reference(name: str) -> None:
    """States to rounding; counts up to the few paths that rounding carries across a bound."""
    case = CASES[name]
    found, wanted = states(case)[0], torch_kernels.states(case)[0].numpy()
    got, reference = run(case), torch_kernels.run(case)
    epsilon = np.finfo(case.dtype).eps
    assert got.nonfinite.tolist() == reference.nonfinite.tolist()
    shared = np.isfinite(found) & np.isfinite(wanted)
    if name == "exploding":
        assert got.nonfinite.tolist() == [case.paths]
        return
    assert shared.mean() > 0.3
    scale = np.abs(wanted[shared]) + np.abs(wanted[shared]).mean()
    error = np.abs(found[shared].astype(float) - wanted[shared]) / scale
    # a path whose rounding crosses a bound or a branch departs; all others agree to rounding
    assert np.quantile(error, 0.98) < 200 * epsilon
    close = 2 + case.paths // 50
    for mine, other in ((got.below, reference.below), (got.hits, reference.hits), (got.left_by, reference.left_by)):
        assert np.abs(mine - other).max(initial=0) <= close
    if not reference.nonfinite.any() and case.request.exit is None:
        np.testing.assert_allclose(got.mean, reference.mean, rtol=1e4 * epsilon, atol=1e3 * epsilon)
        np.testing.assert_allclose(got.covariance, reference.covariance, rtol=1e4 * epsilon, atol=1e3 * epsilon)


def test_words_are_those_of_the_reference() -> None:
    """Equal bits, on both sides of path 2^32, in the first and in a late block."""
    step = module(LOGISTIC)
    keys = np.array([w for pair in key_schedule(KEY) for w in pair] + [0], dtype=np.uint64)
    fixed, drawn = np.zeros(3 * LANES, np.uint64), np.zeros(2 * LANES, np.uint64)
    for base in (0, 2**32 - LANES, 2**32, 5 * 2**32 + 7 * LANES):
        for block in (0, 1, 2**32 - 1):
            step.prepare(fixed, base, keys, GAUSSIAN_FLOAT32)
            wanted = words(base + torch.arange(LANES), block, GAUSSIAN_FLOAT32, KEY)
            step.fill(drawn, 0, fixed, keys, np.uint64(block), np.uint64(base >> 32))
            np.testing.assert_array_equal(drawn.view(np.uint32).reshape(4, -1), torch.stack(wanted).numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_chunks_threads_and_order_change_no_state(dtype: str) -> None:
    case = plan(paths=10_000, first_path=77, dtype=dtype)
    whole, got = states(case)[0], run(case, threads=1)
    for threads in (2, 3):
        assert np.array_equal(states(case, threads=threads)[0], whole)
        assert run(case, threads).sums == got.sums
    cuts = [(77 + 9000, 1000), (77, 1), (78, 255), (333, 8744)]
    for first, paths in cuts:
        assert np.array_equal(states(case.part(first, paths))[0], whole[:, first - 77 : first - 77 + paths])
    parts = [run(case.part(*cut)) for cut in cuts]
    merged = parts[0].merge(parts[1]).merge(parts[2].merge(parts[3]))
    np.testing.assert_allclose(merged.mean, got.mean, rtol=2e-15)
    assert merged.paths.tolist() == got.paths.tolist()


def test_grid_points_are_the_single_runs() -> None:
    rows = [[1.0, 0.5 / (k + 1)] for k in range(11)]
    both = states(plan(parameters=rows))[0]
    for g in (0, 7, 8, 10):
        assert np.array_equal(both[g], states(plan(parameters=[rows[g]]))[0, 0])


def test_summaries_are_those_of_the_final_states() -> None:
    case = plan(paths=5000, dtype="float64", request=Request(cdf=((0.04, 0.05, 0.07),)))
    got, ends = run(case), states(case)[0, 0, :, 0]
    for k in range(1, 5):
        assert got.moment(k)[0, 0] == pytest.approx((ends**k).mean(), rel=1e-14)
    assert got.below[0].tolist() == [(ends <= p).sum() for p in (0.04, 0.05, 0.07)]


@pytest.mark.slow
def test_the_guard_counts_every_kind_of_non_finite_path() -> None:
    """x -> x^3 overflows; 1/x brings an infinite state back to zero, which counts as non-finite all the same."""
    cube = OneStep("cube", (x,), (x**3,), (), "gaussian", real("h"), (), (x,), sp.Integer(0), sp.Integer(0))
    got = run(Plan(cube, np.zeros((3, 0)), np.array([[2.0], [0.5], [1e30]]), 1.0, 4, 500, KEY))
    assert got.nonfinite.tolist() == [0, 0, 500]
    got = run(Plan(cube, np.zeros((3, 0)), np.array([[2.0], [0.5], [30.0]]), 1.0, 6, 500, KEY, dtype="float64"))
    assert got.nonfinite.tolist() == [500, 0, 500]  # 2^729 is finite, but its fourth power is not
    with pytest.raises(NumericsError, match="500 of 500 paths"):
        _ = got.mean
    back = OneStep("back", (x,), (1 / x,), (), "gaussian", real("h"), (), (x,), sp.Integer(0), sp.Integer(0))
    assert returns_from_infinity(loop_body(back))
    got = run(Plan(back, np.zeros((2, 0)), np.array([[0.0], [2.0]]), 1.0, 2, 500, KEY))
    assert got.nonfinite.tolist() == [500, 0]


@pytest.mark.slow
def test_exponential_and_logarithm() -> None:
    """Against float64 and extended references: relative error below 3 units of the last place, edges exact."""
    step = OneStep(
        "maps", (x,), (sp.exp(x) + sp.log(x),), (), "gaussian", real("h"), (), (x,), sp.Integer(0), sp.Integer(0)
    )
    for dtype, ends in (("float32", (-103.0, 88.7)), ("float64", (-745.0, 709.7))):
        functions = module(step, dtype)
        points = np.linspace(*ends, 4001).astype(dtype)
        found = np.array([functions.exponential(p) for p in points])
        wide = np.exp(points.astype(np.longdouble))
        tiny = np.finfo(dtype).smallest_normal
        assert np.max(np.abs(found - wide) / np.maximum(wide, tiny)) < 3 * np.finfo(dtype).eps
        logs = np.exp(np.linspace(ends[0] * 0.99, ends[1], 4001)).astype(dtype)
        found, wide = np.array([functions.logarithm(p) for p in logs]), np.log(logs.astype(np.longdouble))
        assert np.max(np.abs(found - wide) / np.maximum(np.abs(wide), 1e-3)) < 3 * np.finfo(dtype).eps
        kind = getattr(np, dtype)
        edges = [(kind(np.inf), np.inf), (kind(-np.inf), 0.0), (kind(1e4), np.inf), (kind(0), 1.0)]
        assert [float(functions.exponential(e)) for e, _ in edges] == [w for _, w in edges]
        assert np.isnan(functions.exponential(kind(np.nan)))
        assert np.isnan(functions.logarithm(kind(np.nan)))
        assert np.isnan(functions.logarithm(kind(-1)))
        assert functions.logarithm(kind(0)) == -np.inf
        assert functions.logarithm(kind(np.inf)) == np.inf


def test_what_has_no_faithful_form_is_refused_by_name() -> None:
    h = real("h")

    def text(update: sp.Expr) -> str:
        step = OneStep("odd", (x,), (update,), (), "gaussian", h, (), (x,), sp.Integer(0), sp.Integer(0))
        return kernel_source(loop_body(step), "float32", False)

    with pytest.raises(PrintingError, match="besselj"):
        text(sp.besselj(0, x))
    with pytest.raises(PrintingError, match="too high"):
        text(x**65)
    with pytest.raises(PrintingError, match="no default"):
        text(sp.Piecewise((x, x > 0)))
    assert "np.sqrt(np.sqrt(" in text(x ** sp.Rational(1, 4))
    assert "exponential(" in text(sp.Abs(x) ** sp.Rational(1, 3))


def test_powers_are_products() -> None:
    eta, sigma, b = positive("eta, sigma, b")
    modes = one_step(
        SDE(s, 4 * s ** sp.Rational(3, 2) * (b - s), 4 * sp.sqrt(eta) * s ** sp.Rational(3, 2) * sigma),
        "euler-maruyama",
    )
    text = kernel_source(loop_body(modes), "float32", False)
    assert "**" not in text.split("def advance")[1]
    assert "exponential" not in text


def test_bad_arguments() -> None:
    with pytest.raises(NumericsError, match="threads=0"):
        run(plan(), threads=0)
    with pytest.raises(NumericsError, match="not finite in float32"):
        run(plan(parameters=[[1e42, 0.5]]))
    with pytest.raises(NumericsError, match="range of float32"):
        plan(initial=[1e300])
    for changed in (
        {"dt": -1.0},
        {"dt": math.nan},
        {"steps": 0},
        {"paths": 1.5},
        {"dtype": "float16"},
        {"first_path": -1},
    ):
        with pytest.raises(NumericsError, match=str(next(iter(changed)))):
            plan(**changed)
    with pytest.raises(NumericsError, match="complex"):
        Plan(LOGISTIC, np.array([[1j, 0.5]]), np.array([0.05]), 0.1, 1, 1, KEY)
    with pytest.raises(NumericsError, match=r"shape \(1, 3\)"):
        plan(parameters=[[1.0, 2.0, 3.0]])


def test_generated_modules_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel_cache.HOME_VARIABLE, str(tmp_path))
    module = kernel_cache.load("value = 3\n")
    written = Path(str(module.__file__))
    stamp = written.stat().st_mtime_ns
    assert module.value == 3
    assert written.parent.parent == tmp_path / "kernels"
    kernel_cache._load.cache_clear()
    assert kernel_cache.load("value = 3\n").value == 3
    assert written.stat().st_mtime_ns == stamp
    assert kernel_cache.load("value = 4\n").value == 4


def within_anytime_bound(scores: np.ndarray, level: float) -> bool:
    """Return whether all batches, and their running sum, stay within bounds that hold for any number of batches.

    Batch b may reach the normal quantile of level / 2 / (b (b + 1)), the sum of n scores the normal-mixture bound
    sqrt((n + 1) log((n + 1) / (level / 2)^2)); both together are left with probability at most `level`.
    """
    b = np.arange(1, len(scores) + 1)
    single = stats.norm.isf(level / 4 / (b * (b + 1)))
    total = np.sqrt((b + 1) * np.log((b + 1) / (level / 2) ** 2))
    return bool(np.all(np.abs(scores) < single) and np.all(np.abs(np.cumsum(scores)) < total))


@pytest.mark.slow
def test_a_thousand_batches_of_a_million_paths() -> None:
    """Means and variances of Brownian motion at time 1 after four steps, level 1e-6 each."""
    means, spreads = [], []
    for batch in range(1000):
        got = run(plan(BROWNIAN, [0.0], [[]], dt=1 / 4, steps=4, paths=10**6, first_path=batch * 10**6))
        assert got.nonfinite.tolist() == [0]
        means.append(got.mean[0, 0] * 1e3)
        spreads.append((got.moment(2)[0, 0] - 1) * 1e3 / math.sqrt(2))
    for scores in (np.array(means), np.array(spreads)):
        assert within_anytime_bound(scores, 1e-6)
        assert not within_anytime_bound(scores + 0.3, 1e-6)
        spoiled = scores.copy()
        spoiled[700] = 100.0
        assert not within_anytime_bound(spoiled, 1e-6)


def test_exits_of_a_coarse_walk() -> None:
    box = Exit((-0.6,), (0.9,), (0, 3, 20))
    case = plan(BROWNIAN, [0.1], [[]], dt=1 / 8, steps=20, dtype="float64", request=Request(exit=box))
    got, reference = run(case), torch_kernels.run(case)
    assert got.hits.tolist() == reference.hits.tolist()
    assert got.exit_sums == reference.exit_sums
    assert got.left_by.tolist() == reference.left_by.tolist()
    outside = run(replace(case, initial=np.array([2.0])))
    assert outside.hits[0].tolist() == [[0, 1000]]
