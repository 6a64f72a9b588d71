"""The reference simulator against exact laws, and its error messages."""

from __future__ import annotations

import pytest
import sympy as sp
import torch

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.sde import SDE
from crossproof.numerics.paths import brownian_increments
from crossproof.numerics.sde import compile_coefficients, simulate

x, k, D = sp.Symbol("x", real=True), sp.Symbol("k", positive=True), sp.Symbol("D", positive=True)
OU = SDE(x, -k * x, sp.sqrt(2 * D))


def test_ornstein_uhlenbeck_moments_of_the_scheme_itself() -> None:
    generator = torch.Generator().manual_seed(3)
    start = torch.ones(40_000, 1, dtype=torch.float64)
    end = simulate(OU, {k: 1, D: 2}, start, horizon=1.0, steps=32, generator=generator)[:, 0]
    decay = 1 - 1 / 32
    variance = 4 / 32 * (1 - decay**64) / (1 - decay**2)
    assert float(end.mean()) == pytest.approx(decay**32, abs=6 * (variance / 40_000) ** 0.5)
    assert float(end.var()) == pytest.approx(variance, rel=6 * (2 / 40_000) ** 0.5)


def test_given_increments_make_the_path_deterministic() -> None:
    dw = brownian_increments(8, 5, 1, 1.0, torch.Generator().manual_seed(0))
    start = torch.zeros(5, 1, dtype=torch.float64)
    seen: list[int] = []
    end = simulate(
        SDE(x, 1, 2),
        {},
        start,
        horizon=1.0,
        steps=8,
        generator=torch.Generator(),
        increments=dw,
        observe=lambda step, _: seen.append(step),
    )
    assert torch.allclose(end, 1 + 2 * dw.sum(0))
    assert seen == list(range(8))


def test_a_value_for_the_state_is_not_substituted() -> None:
    drift, _ = compile_coefficients(OU, {k: 2, D: 1, x: 7})(torch.ones(1, 1, dtype=torch.float64))
    assert float(drift[0, 0]) == -2.0


def test_stratonovich_is_simulated_with_its_ito_drift() -> None:
    s = sp.Symbol("s", positive=True)
    drift, _ = compile_coefficients(SDE(s, 0, s, "stratonovich"), {})(torch.ones(1, 1, dtype=torch.float64))
    assert float(drift[0, 0]) == 0.5


def test_errors_name_the_argument() -> None:
    generator = torch.Generator()
    start = torch.ones(2, 1, dtype=torch.float64)
    with pytest.raises(NumericsError, match="horizon"):
        simulate(OU, {k: 1, D: 1}, start, horizon=0.0, steps=1, generator=generator)
    with pytest.raises(NumericsError, match="shape"):
        simulate(OU, {k: 1, D: 1}, start[:, 0], horizon=1.0, steps=1, generator=generator)
    with pytest.raises(NumericsError, match="2 of 2 paths"):
        simulate(SDE(x, x**9, 0), {}, 1e9 * start, horizon=1.0, steps=8, generator=generator)
