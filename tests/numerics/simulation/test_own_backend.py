"""Backends from outside: written from docs/howto/engine.md alone they give the engine's paths, and faults are named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

import crossproof as cp
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.kernels.request import Exit
from crossproof.numerics.simulation import own_backend
from crossproof.numerics.simulation.simulate import plan_of, run
from crossproof.numerics.simulation.states import states

x, y = cp.real("x y")
k, s = cp.positive("k s")
PAIR = cp.SDE([x, y], [y, -k * x], sp.Matrix([[x, 1], [0, y]]))
LAW = {"gaussian": (1, 2), "two-point": (2, 128), "three-point": (3, 4)}


def philox(plan: Plan, block: int, tag: int) -> list[Any]:
    """Return the four words of a block of all paths, in NumPy's 64-bit integers."""
    path = np.arange(plan.first_path, plan.first_path + plan.paths, dtype=np.uint64)
    low, bits = np.uint64(0xFFFFFFFF), np.uint64(32)
    word = [path & low, path >> bits, np.full_like(path, block), np.full_like(path, tag)]
    (k0, k1) = plan.key
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * word[0], np.uint64(0xCD9E8D57) * word[2]
        word = [(b >> bits) ^ word[1] ^ np.uint64(k0), b & low, (a >> bits) ^ word[3] ^ np.uint64(k1), a & low]
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return word


def pair(plan: Plan, radius: Any, angle: Any, b: int, c: int) -> list[Any]:
    """Return the two normals of a word of b bits and one of c bits."""
    r = np.sqrt(-2 * np.log((radius.astype(np.float64) + 0.5) / 2.0**b))
    low = (angle & np.uint64(2 ** (c - 2) - 1)).astype(np.float64)
    t = np.where(low >= 2.0 ** (c - 3), low - 2.0 ** (c - 2), low) * np.pi / 2.0 ** (c - 1)
    turned = np.where(angle >> np.uint64(c - 1) & np.uint64(1), -np.cos(t), np.cos(t))
    swapped = (angle >> np.uint64(c - 2) & np.uint64(1)).astype(bool)
    return [r * np.where(swapped, np.sin(t), turned), r * np.where(swapped, turned, np.sin(t))]


def draw(plan: Plan, number: int) -> Any:
    """Return a draw of all paths, as the page describes it."""
    law, one = plan.one_step.law, np.uint64(1)
    tag, size = (0, 4) if law == "gaussian" and plan.dtype == "float32" else LAW[law]
    w = philox(plan, number // size, tag)
    place = number % size
    if law == "two-point":
        return 2.0 * (w[place // 32] >> np.uint64(place % 32) & one).astype(np.float64) - 1
    if law == "three-point":
        side = (w[place] >= 2**32 - 2**32 // 6).astype(np.float64) - (w[place] < 2**32 // 6)
        return side * np.sqrt(3)
    if plan.dtype == "float32":
        return [*pair(plan, w[0], w[1], 32, 32), *pair(plan, w[2], w[3], 32, 32)][place]
    upper = (w[0] << np.uint64(21)) | (w[1] >> np.uint64(11))
    return pair(plan, upper, (w[2] << np.uint64(32)) | w[3], 53, 64)[place]


def noises(plan: Plan, n: int) -> list[Any]:
    m, joined = len(plan.one_step.noises), plan.joined
    return [
        sum(draw(plan, (n * joined + i) * m + j) for i in range(joined)) / np.sqrt(joined) for j in range(m)
    ]  # fmt: skip


def moved(plan: Plan, at: tuple[int, ...], starts: Any, words: Any) -> Any:
    step = plan.one_step
    symbols = [*step.state, *step.noises, step.dt, *step.parameters]
    move, show = (sp.lambdify(symbols, list(e), "numpy") for e in (step.update, step.readout))
    fixed = [plan.dt, *plan.parameters.T[:, :, None]]
    state, kept = [starts[..., i] for i in range(starts.shape[-1])], []
    for n in range(plan.steps + 1):
        if n in at:
            kept.append(np.stack(np.broadcast_arrays(*show(*state, *step.noises, *fixed)), axis=-1))
        if n < plan.steps:
            state = move(*state, *words(plan, n), *fixed)
    return np.array(kept)


@cp.backend
def loop(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return moved(plan, at, starts, noises)


def planned(sde: cp.SDE = PAIR, scheme: Any = "euler-maruyama", **changed: Any) -> Plan:
    start = [0.5] * sde.dimension
    given = {"horizon": 1.0, "steps": 12, "paths": 40, "key": (3, 4), "dtype": "float64", "first_path": 2**32 - 9}
    return plan_of(sde, {k: [1.0, 2.0]} if k in sde.free_symbols else {}, start, scheme=scheme, **(given | changed))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scheme", ["euler-maruyama", "weak-1", "weak-2", "strong-1.5", "log-milstein"])
def test_the_page_is_enough_for_the_same_words_and_states(scheme: str, dtype: str, monkeypatch: Any) -> None:
    """Every law in both dtypes, across the 32nd bit of the path, with steps joined and paths in several parts."""
    sde = cp.SDE(s, s * (k - s), s / 2) if scheme in ("strong-1.5", "log-milstein") else PAIR
    plan = planned(sde, scheme, dtype=dtype)
    tight = {"rtol": 1e-12, "atol": 1e-13} if dtype == "float64" else {"rtol": 2e-5, "atol": 2e-6}
    np.testing.assert_allclose(plan.noises(7), noises(plan, 7), **tight)
    assert not np.allclose(plan.noises(7), noises(replace(plan, key=(3, 5)), 7), rtol=0.1)
    monkeypatch.setattr(own_backend, "_HELD", 2 * 13)
    for case in (plan, plan.coarser(3)) if plan.one_step.law == "gaussian" else (plan,):
        at = (case.steps,) if scheme == "weak-1" else (0, 2, case.steps)
        (mine, engine), (other, _) = (states(case, at, backend=b) for b in (loop, "torch"))  # type: ignore[arg-type]
        np.testing.assert_allclose(mine, other, **tight)
        assert engine.backend == f"{__name__}.loop"
    one, two = run(plan, backend=loop), run(plan, backend="torch")
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-11 if dtype == "float64" else 1e-4)
    assert one.engines == (f"{__name__}.loop on cpu, {dtype}, {scheme}, 12 steps",)
    assert one.merge(two).engines == (*one.engines, *two.engines)


def test_starts_of_each_path_and_equations_without_noise() -> None:
    plan = planned(cp.SDE(x, -x, 0))
    begin = np.linspace(-1, 1, plan.paths)[None, :, None]
    (mine, _), (other, _) = (
        states(plan, (3,), start=torch.from_numpy(begin), backend=b) for b in (cp.backend(given_words), "torch")  # type: ignore[arg-type]
    )  # fmt: skip
    np.testing.assert_allclose(mine, other, rtol=1e-14)
    assert float(mine.std()) > 0.1


def given_words(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return moved(plan, at, starts, Plan.noises)


def other_words(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return moved(plan, at, starts, lambda p, n: noises(replace(p, key=(9, 9)), n))


def late_words(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return moved(plan, at, starts, lambda p, n: noises(p, n + 1))


def one_path_for_all(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return np.repeat(given_words(plan, at, starts)[:, :, :1], plan.paths, axis=2)


def flat(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return given_words(plan, at, starts)[..., 0]


def lost(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    found = given_words(plan, at, starts)
    found[-1, 0, 5, 0] = np.nan
    return found


def imaginary(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return given_words(plan, at, starts) + 0j


def ragged(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return [[1.0], [1.0, 2.0]]


def still(plan: Plan, at: tuple[int, ...], starts: Any) -> Any:
    return np.stack([starts] * len(at))


def nothing(plan: Plan, at: tuple[int, ...], starts: Any) -> None:
    return None


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        (other_words, "by the torch backend; mend its random numbers"),
        (late_words, "by the torch backend"),
        (one_path_for_all, "of path 4294967307 at grid point 0 is"),
        (flat, r"returned shape \(1, 2, 40\) of float64; give real numbers of shape \(1, 2, 40, 2\): steps kept, grid"),
        (lost, "coordinate 0 of path 4294967292 at grid point 0 is nan after 12 steps, and"),
        (imaginary, "of complex128; give real numbers"),
        (ragged, r"returned shape \(\) of object"),
        (nothing, r"returned shape \(\) of object"),
    ],
)
def test_a_faulty_backend_is_refused_by_name(faulty: Any, said: str) -> None:
    assert run(planned(), backend=cp.backend(given_words)).engines[0].startswith(f"{__name__}.given_words on cpu")
    for job in (run, states):
        with pytest.raises(cp.NumericsError, match=said) as caught:
            job(planned(), backend=cp.backend(faulty))
        assert str(caught.value).startswith(f"backend {__name__}.{faulty.__name__}")
        assert "\n" not in str(caught.value)


def test_paths_that_explode_are_lost_in_both() -> None:
    plan = planned(cp.SDE(x, x**5, x), steps=6, horizon=6.0)
    with np.errstate(all="ignore"):
        mine = run(plan, backend=loop)
    other = run(plan, backend="torch")
    assert 0 < mine.nonfinite[0] < plan.paths
    np.testing.assert_array_equal(mine.nonfinite, other.nonfinite)


def test_what_a_backend_from_outside_cannot_do() -> None:
    box = cp.Request(exit=Exit((-1.0,), (1.0,)))
    with pytest.raises(cp.NumericsError, match=r"given_words gives states and monitors no exits; take 'numba'"):
        run(planned(cp.SDE(x, -x, 1), summaries=box), backend=cp.backend(given_words))
    with pytest.raises(cp.NumericsError, match=r"device='cuda': backend .*given_words gives its states on the CPU"):
        run(planned(), backend=cp.backend(given_words), device="cuda")
    with pytest.raises(cp.PrintingError, match="besselj"):
        run(planned(cp.SDE(x, sp.besselj(0, x), 1)), backend=cp.backend(still))
    with pytest.raises(cp.NumericsError, match=r"backend=<function .*; give a text or what cp\.backend has made"):
        cp.simulate(PAIR, {k: 1}, [0.5, 0.5], horizon=1.0, steps=2, paths=2, backend=given_words)  # type: ignore[arg-type]
    for wrong in (lambda plan, at: None, 3, "numba"):
        with pytest.raises(cp.UsageError, match=r"define it as a function \(plan, at, starts\)"):
            cp.backend(wrong)  # type: ignore[arg-type]
