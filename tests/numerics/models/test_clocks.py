"""Jumps and waits against transforms that are known: each is a z-test at |z| < 5, level 6e-7, of a bounded mean.

Where a wrong index, clock or geometry is tried, the same test rejects it at |z| > 8.
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
import torch
from scipy import special, stats

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import real
from crossproof.numerics.codegen import compile_expressions
from crossproof.numerics.models.clocks import TimeChanged, log_positive_stable
from crossproof.numerics.models.run import model_states
from crossproof.numerics.random.levy import stable
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

x, y, u, w = real("x, y, u, w")
FREE = SDE(x, 0, sp.sqrt(2))


def drawn(index: float, n: int = 200_000) -> np.ndarray:
    first, second = RandomStream(key_words(1, f"clock {index}"), "cpu").normal(2, n).numpy()
    function = compile_expressions([u, w], [log_positive_stable(sp.Float(index), u, w)], "numpy")
    return np.exp(function(first, second)[0])


def z_of(values: np.ndarray, wanted: float) -> float:
    return float((values.mean() - wanted) / (values.std() / math.sqrt(len(values))))


def mittag_leffler(order: float, value: float) -> float:
    return float(mpmath.nsum(lambda k: mpmath.mpf(value) ** k / mpmath.gamma(1 + order * k), [0, mpmath.inf]))


@pytest.mark.parametrize("index", [0.3, 0.75, 0.95])
def test_the_clock_has_its_laplace_transform(index: float) -> None:
    times = drawn(index)
    for rate in (0.2, 1.0, 5.0):
        assert abs(z_of(np.exp(-rate * times), math.exp(-(rate**index)))) < 5
    assert abs(z_of(np.exp(-0.2 * times), math.exp(-(0.2 ** (index - 0.05))))) > 8


def test_the_clock_of_index_one_half_is_levys() -> None:
    """P(A <= t) = erfc(1 / (2 sqrt t)), by Kolmogorov and Smirnov at the level 1e-6; 2 A is rejected."""
    times = drawn(0.5)
    assert stats.kstest(times, lambda t: special.erfc(0.5 / np.sqrt(t))).pvalue > 1e-6
    assert stats.kstest(2 * times, lambda t: special.erfc(0.5 / np.sqrt(t))).pvalue < 1e-12


def test_jumps_have_the_law_of_chambers_mallows_and_stuck() -> None:
    """Another construction from other numbers: two samples of 40 000, level 1e-6; the index 1.3 is rejected."""
    found, _ = model_states(TimeChanged(FREE, alpha=1.5), {}, [0.0], horizon=1.0, steps=1, paths=40_000, seed=1)
    ours, key = found[0, :, 0].numpy(), key_words(5, "reference")
    theirs, other = (stable(torch.arange(40_000), 0, 1, alpha=a, key=key)[0].numpy() for a in (1.5, 1.3))
    assert stats.ks_2samp(ours, theirs).pvalue > 1e-6
    assert stats.ks_2samp(ours, other).pvalue < 1e-6


def test_stable_ornstein_uhlenbeck_has_its_scale() -> None:
    """E cos(k X_n) = exp(-(k^2/2)^(a/2) d sum |1 - l d|^(a j)) for the Euler chain, which tends to 1/(a l)."""
    alpha, pull, d, n = 1.5, 1.0, 0.25, 40
    model = TimeChanged(SDE(x, -x, 1), alpha=alpha)
    found, _ = model_states(model, {}, [0.0], horizon=n * d, steps=n, paths=40_000, seed=2)
    values, scale = found[0, :, 0].numpy(), d * sum((1 - pull * d) ** (alpha * j) for j in range(n))
    assert scale == pytest.approx(1 / (alpha * pull), rel=0.2)
    for k in (0.5, 1.5):
        assert abs(z_of(np.cos(k * values), math.exp(-((k * k / 2) ** (alpha / 2)) * scale))) < 5
        assert abs(z_of(np.cos(k * values), math.exp(-(k * k / 2) / 2))) > 8  # the Gaussian one


def test_noise_of_several_coordinates_jumps_at_once() -> None:
    """The characteristic function depends on |S^T k| alone; coordinates that jump apart are rejected."""
    root = sp.Matrix([[1, 0], [1, 2]])
    found, _ = model_states(
        TimeChanged(SDE([x, y], [0, 0], root), alpha=1.2), {}, [0.0, 0.0], horizon=1.0, steps=2, paths=100_000, seed=3
    )
    values = found[0].numpy()
    for k in ((1.0, 0.0), (0.5, 0.5), (-0.3, 1.0)):
        turned = np.array(root.T.tolist(), dtype=float) @ k
        wave = np.cos(values @ np.array(k))
        assert abs(z_of(wave, math.exp(-((turned @ turned / 2) ** 0.6)))) < 5
        if np.count_nonzero(np.abs(turned) > 1e-12) == 2:
            assert abs(z_of(wave, math.exp(-float((turned**2 / 2) ** 0.6 @ np.ones(2))))) > 8


@pytest.mark.parametrize("order", [0.5, 0.8])
def test_subordinated_brownian_motion(order: float) -> None:
    """MSD 2 K t^b / Gamma(1 + b), at each of three times short by at most 2 K times the step of its own time."""
    steps, times, end, paths = 40, (10, 20, 40), 0.5, 4000
    found, _ = model_states(
        TimeChanged(FREE, beta=order), {}, [0.0], horizon=end, steps=steps, paths=paths, at=times, seed=4
    )
    own = end**order / steps
    for values, n in zip(found[:, :, 0].numpy(), times, strict=True):
        wanted = 2 * (end * n / steps) ** order / math.gamma(1 + order)
        error = 5 * (values**2).std() / math.sqrt(paths)
        assert -error - 2 * own < (values**2).mean() - wanted < error
        if n == 10:  # the ordinary diffusion of the first time
            assert abs((values**2).mean() - 2 * end / 4) > error + 2 * own
    wave = np.cos(found[-1, :, 0].numpy())
    wanted = mittag_leffler(order, -(end**order))
    assert abs(wave.mean() - wanted) < 5 * wave.std() / math.sqrt(paths) + own


def test_means_relax_by_mittag_leffler() -> None:
    """E X_t = x_0 E_b(-l t^b) in a quadratic loss: slower than the exponential, which is rejected."""
    model = TimeChanged(SDE(x, -x, sp.Rational(1, 2)), beta=0.7)
    found, _ = model_states(model, {}, [1.0], horizon=3.0, steps=60, paths=4000, seed=5)
    values, own = found[0, :, 0].numpy(), 3.0**0.7 / 60
    error = 5 * values.std() / math.sqrt(4000) + own
    assert abs(values.mean() - mittag_leffler(0.7, -(3.0**0.7))) < error
    assert abs(values.mean() - math.exp(-3.0)) > error


def test_jumps_and_waits_together_solve_the_fractional_equation_of_both() -> None:
    """E cos(k X_t) = E_b(-(k^2/2)^(a/2) t^b); without jumps, or waits, it is another."""
    model = TimeChanged(SDE(x, 0, 1), alpha=1.4, beta=0.7)
    found, _ = model_states(model, {}, [0.0], horizon=2.0, steps=40, paths=6000, seed=6)
    wave, own = np.cos(0.6 * found[0, :, 0].numpy()), 2.0**0.7 / 40
    size, error = 0.18**0.7, 5 * wave.std() / math.sqrt(6000)
    assert abs(wave.mean() - mittag_leffler(0.7, -size * 2.0**0.7)) < error + size * own
    for wrong in (mittag_leffler(0.7, -0.18 * 2.0**0.7), math.exp(-size * 2.0)):
        assert abs(wave.mean() - wrong) > error + size * own


@pytest.mark.parametrize("order", [0.3, 0.95])
def test_all_clocks_come_to_the_end_of_time(order: float) -> None:
    found, _ = model_states(TimeChanged(FREE, beta=order), {}, [0.0], horizon=5.0, steps=20, paths=4000, seed=7)
    assert bool(torch.isfinite(found).all())


def test_without_jumps_and_waits_it_is_the_equation() -> None:
    sde = SDE(x, -x, 1)
    one, other = (
        model_states(m, {}, [0.5], horizon=1.0, steps=8, paths=50, at=[0, 4, 8], seed=8)[0]
        for m in (sde, TimeChanged(sde))
    )
    assert bool((one == other).all())
    assert bool((one[0] == 0.5).all())


def test_paths_do_not_depend_on_how_they_are_dealt_out() -> None:
    model = TimeChanged(SDE(x, -x, 1), alpha=1.5, beta=0.8)
    options = {"horizon": 1.0, "steps": 10, "seed": 9}
    whole, _ = model_states(model, {}, [0.0], paths=8, **options)
    part, _ = model_states(model, {}, [0.0], paths=3, first_path=4, **options)
    assert whole[0, 4:7].numpy() == pytest.approx(part[0].numpy(), rel=1e-12)


def test_paths_stop_where_they_are_told_to() -> None:
    model = TimeChanged(SDE(x, x**3, 1), alpha=1.2, beta=0.9)
    found, _ = model_states(model, {}, [0.5], horizon=4.0, steps=40, paths=500, at=[20, 40], within=5.0, seed=10)
    gone = found[0, :, 0].abs() >= 5
    assert bool(gone.any())
    assert bool((found[0, gone] == found[1, gone]).all())


@pytest.mark.slow
def test_compiled_kernels_follow_the_same_paths() -> None:
    model = TimeChanged(SDE([x, y], [-x, x - y], sp.Matrix([[1, 0], [x, 2]])), alpha=1.5, beta=0.8)
    options = {"horizon": 1.0, "steps": 12, "paths": 40, "at": [0, 5, 12], "seed": 11}
    one, other = (model_states(model, {}, [0.5, 0.0], backend=b, **options)[0].numpy() for b in ("torch", "numba"))
    assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


@pytest.mark.slow
def test_the_map_compiles_for_a_gpu() -> None:
    """What the interpreter answers with is compared in the cases of the kernels."""
    pytest.importorskip("triton")
    from crossproof.numerics.kernels.plan import Plan
    from crossproof.numerics.kernels.triton_kernels import assembly

    step = TimeChanged(SDE([x, y], [-x, x - y], sp.Matrix([[1, 0], [x, 2]])), alpha=1.5, beta=0.8).one_step()
    plan = Plan(step, np.zeros((1, 0)), np.zeros(3), 0.1, 4, 64, key_words(1), dtype="float64")
    assert "fma.rn.f64" in assembly(plan)["ptx"]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"alpha": 2.5}, DomainError, r"alpha=2.5; the index must lie in \(0, 2\]"),
        ({"beta": 0}, DomainError, r"beta=0; the index must lie in \(0, 1\]"),
        ({"alpha": "x"}, DomainError, "alpha=x"),
        ({"steps": 0}, NumericsError, "steps=0"),
        ({"at": [3, 2]}, NumericsError, "ascending"),
        ({"horizon": 0.0}, NumericsError, "horizon"),
        ({"within": 0.1}, DomainError, "not above the initial state"),
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, object], error: type[Exception], message: str) -> None:
    indices = {k: v for k, v in wrong.items() if k in ("alpha", "beta")}
    options = {"horizon": 1.0, "steps": 4, "paths": 2} | {k: v for k, v in wrong.items() if k not in indices}
    with pytest.raises(error, match=message):
        model_states(TimeChanged(FREE, **indices), {}, [0.5], **options)  # type: ignore[arg-type]
