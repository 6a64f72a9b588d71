"""The public face: laws against closed forms, and one clear error for every kind of bad input."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError, PrintingError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.kernels.summaries import Request, Summaries
from crossproof.numerics.simulation.simulate import simulate
from crossproof.numerics.simulation.stability import StabilityWarning

x = real("x")
s, m, v, k = positive("s, m, v, k")
GBM = SDE(s, m * s, sp.sqrt(v) * s)
OU = SDE(x, -k * x, sp.sqrt(v))
ARGUMENTS = {"horizon": 1.0, "steps": 64, "paths": 200_000, "seed": 2, "claim": "test"}


def gbm(**changed: object) -> Summaries:
    return simulate(GBM, {m: [0.3, 0.1], v: 0.2}, 1.5, **(ARGUMENTS | changed))  # type: ignore[arg-type]


def worst(got: Summaries, drift: float = 0.0) -> float:
    """Return the greatest |z| of the first two moments against those of exact geometric Brownian motion."""
    scores = []
    for g, rate in enumerate((0.3 + drift, 0.1 + drift)):
        for order in (1, 2):
            exact = 1.5**order * math.exp(order * rate + 0.2 * order * (order - 1) / 2)
            spread = got.moment(2 * order)[g, 0] - got.moment(order)[g, 0] ** 2
            scores.append(abs(got.moment(order)[g, 0] - exact) / math.sqrt(spread / 200_000))
    return max(scores)


@pytest.mark.parametrize(
    ("scheme", "dtype", "tolerance"),
    [("exact", "float32", 5.0), ("log-euler-maruyama", "float64", 5.0), ("euler-maruyama", "float32", 8.0)],
)
def test_geometric_brownian_motion(scheme: str, dtype: str, tolerance: float) -> None:
    """Moments at |z| < 5 (level 6e-7 a moment), with the weak error of Euler-Maruyama, 2 s.e., beside it."""
    got = gbm(scheme=scheme, dtype=dtype)
    assert worst(got) < tolerance
    assert worst(got, drift=0.03) > tolerance


def test_quantiles_of_an_ornstein_uhlenbeck_process() -> None:
    points = tuple(np.linspace(-2, 3, 101).tolist())
    got = simulate(
        OU, {"k": 0.7, "v": 0.4}, [1.0], horizon=2.0, steps=4, paths=100_000, scheme="exact",
        summaries=Request(cdf=(points,)),
    )  # fmt: skip
    mean, spread = math.exp(-1.4), math.sqrt(0.4 * (1 - math.exp(-2.8)) / 1.4)
    assert got.quantile(0.5)[0] == pytest.approx(mean, abs=5 * 1.26 * spread / math.sqrt(1e5))
    assert got.quantile(0.975)[0] == pytest.approx(mean + 1.96 * spread, abs=0.02)


def test_backends_and_parts_agree() -> None:
    arguments = {"steps": 8, "paths": 3000, "scheme": "euler-maruyama"}
    fast, plain = gbm(**arguments), gbm(**arguments, backend="torch")
    np.testing.assert_allclose(fast.mean, plain.mean, rtol=1e-6)
    half = gbm(**(arguments | {"paths": 1000})).merge(gbm(**(arguments | {"paths": 2000}), first_path=1000))
    np.testing.assert_allclose(half.mean, fast.mean, rtol=1e-14)
    assert not np.array_equal(gbm(**arguments, stream=1).mean, fast.mean)


def test_what_numba_cannot_print_goes_to_torch_unless_numba_was_asked_for() -> None:
    odd = SDE(x, -(x**65), 1)
    got = simulate(odd, {}, 0.1, horizon=0.1, steps=2, paths=100)
    assert got.paths.tolist() == [100]
    with pytest.raises(PrintingError, match="too high"):
        simulate(odd, {}, 0.1, horizon=0.1, steps=2, paths=100, backend="numba")


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"horizon": -1.0}, "horizon"),
        ({"horizon": math.inf}, "horizon"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"paths": 0}, "paths"),
        ({"dtype": "float16"}, "dtype"),
        ({"backend": "numpy"}, "backend"),
        ({"scheme": "euler"}, "scheme"),
        ({"device": "cuda:99"}, "device"),
        ({"device": "cuba"}, "device"),
        ({"seed": 0.5}, "seed"),
        ({"summaries": Request(cdf=((0.0,), (0.0,)))}, "cdf"),
    ],
)
def test_bad_arguments(changed: dict[str, object], match: str) -> None:
    with pytest.raises(NumericsError, match=match):
        gbm(**changed)


@pytest.mark.parametrize(
    ("parameters", "initial", "match"),
    [
        ({"m": 0.3}, 1.0, r"no value for \['v'\]"),
        ({"m": 0.3, "v": 0.2, "w": 1}, 1.0, r"unknown \['w'\]"),
        ({"m": 0.3, "v": 1j}, 1.0, "complex"),
        ({"m": 0.3, "v": "a"}, 1.0, "dtype"),
        ({"m": [0.3, math.nan], "v": 1.0}, 1.0, "not finite"),
        ({"m": [0.3, 0.2], "v": [1.0, 2.0, 3.0]}, 1.0, "shapes"),
        ({"m": [[0.3]], "v": 1.0}, 1.0, "shapes"),
        ({"m": 0.3, "v": -0.2}, 1.0, "declared positive"),
        ({"m": 0.3, "v": 0.2}, -1.0, "start above 0"),
        ({"m": 0.3, "v": 0.2}, [1.0, 2.0], "initial has shape"),
        ({"m": 0.3, "v": 0.2}, 1j, "complex"),
    ],
)
def test_bad_parameters_and_states(parameters: dict[str, object], initial: object, match: str) -> None:
    with pytest.raises(NumericsError, match=match):
        simulate(GBM, parameters, initial, horizon=1.0, steps=4, paths=10)


def test_complex_coefficients_are_refused() -> None:
    with pytest.raises(NumericsError, match="imaginary"):
        simulate(SDE(x, sp.I * x, 1), {}, 1.0, horizon=1.0, steps=4, paths=10)


def test_an_unstable_step_is_warned_of_with_its_bound() -> None:
    """Euler-Maruyama for dx = -k x dt is stable for dt < 2 / k = 0.02."""
    with pytest.warns(StabilityWarning, match=r"dt=0.1 exceeds 0.02.* at least 50 steps"):
        simulate(OU, {k: [1.0, 100.0], v: 1.0}, 0.5, horizon=1.0, steps=10, paths=300)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        simulate(OU, {k: [1.0, 100.0], v: 1.0}, 0.5, horizon=1.0, steps=51, paths=300)
        simulate(OU, {k: [1.0, 100.0], v: 1.0}, 0.5, horizon=1.0, steps=10, paths=300, scheme="exact")
