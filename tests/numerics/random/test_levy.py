"""Stable increments against their characteristic function, which is bounded where moments do not exist.

Every law is compared at 6 frequencies in its real and imaginary part with 100,000 draws. By Hoeffding's bound a mean
of variables in [-1, 1] deviates by more than eps with probability at most 2 exp(-n eps^2 / 2): eps = 0.0185 makes the
level 1e-6 for the 12 comparisons of a law; a law whose characteristic function is off by 2 eps at one frequency is
rejected with the same certainty. The wrong variants are off by more than that.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.numerics.random.levy import levy_increments, open_uniform, stable
from crossproof.numerics.random.philox import key_words

PATHS = torch.arange(50_000)
FREQUENCIES = np.array([0.2, 0.5, 1.0, 1.5, 2.5, 4.0])
EPS = math.sqrt(2 * math.log(2 * 12 / 1e-6) / 100_000)
LAWS = [(2.0, 0.0), (2.0, 0.7), (1.7, 0.0), (1.5, -0.8), (1.0, 0.0), (1.0, 0.6), (1.001, 0.0), (0.8, 1.0), (0.5, -0.4)]


def exponent(t: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    if alpha == 1:
        return -np.abs(t) * (1 + 2j * beta / np.pi * np.sign(t) * np.log(np.abs(t)))
    return -(np.abs(t) ** alpha) * (1 - 1j * beta * np.sign(t) * np.tan(np.pi * alpha / 2))


def deviation(drawn: torch.Tensor, characteristic: np.ndarray) -> float:
    values = drawn.to(torch.float64).numpy().ravel()
    found = np.exp(1j * FREQUENCIES[:, None] * values).mean(axis=1)
    gap = found - characteristic
    return float(np.maximum(np.abs(gap.real), np.abs(gap.imag)).max())


@pytest.mark.parametrize(("alpha", "beta"), LAWS)
def test_characteristic_function(alpha: float, beta: float) -> None:
    drawn = stable(PATHS, 0, 2, alpha=alpha, beta=beta, key=key_words(1, "stable"))
    assert deviation(drawn, np.exp(exponent(FREQUENCIES, alpha, beta))) < EPS


@pytest.mark.parametrize(
    ("alpha", "beta", "wrong"),
    [
        (1.5, -0.8, (1.5, 0.8)),
        (1.5, 0.0, (1.8, 0.0)),
        (0.8, 1.0, (0.8, 0.8)),
        (1.0, 0.6, (1.0, 0.0)),
        (2.0, 0.0, (1.7, 0.0)),
    ],
)
def test_another_index_or_skewness_is_rejected(alpha: float, beta: float, wrong: tuple[float, float]) -> None:
    drawn = stable(PATHS, 0, 2, alpha=alpha, beta=beta, key=key_words(1, "stable"))
    assert deviation(drawn, np.exp(exponent(FREQUENCIES, *wrong))) > 2 * EPS


@pytest.mark.parametrize(("alpha", "beta"), [(1.5, 0.5), (1.0, -0.7), (0.7, 0.0)])
def test_increments_scale_with_the_step(alpha: float, beta: float) -> None:
    dt = 1 / 16
    drawn = levy_increments(PATHS, 0, 2, alpha=alpha, beta=beta, dt=dt, key=key_words(2, "scale")) * 8
    # a process sampled 8 times as large has frequencies 8 t
    characteristic = np.exp(dt * exponent(8 * FREQUENCIES, alpha, beta))
    assert deviation(drawn, characteristic) < EPS
    assert deviation(drawn * dt**0.5 / dt ** (1 / alpha), characteristic) > 2 * EPS  # Brownian scaling


def test_sums_of_increments_are_increments() -> None:
    fine = levy_increments(PATHS, 0, 8, alpha=1.3, beta=0.4, dt=1 / 8, key=key_words(3)).sum(0)
    gap = deviation(fine, np.exp(exponent(FREQUENCIES, 1.3, 0.4)))
    assert gap < EPS * math.sqrt(2)  # half as many draws


def test_totally_skewed_laws_below_one_are_positive() -> None:
    assert bool((stable(PATHS, 0, 2, alpha=0.6, beta=1.0, key=key_words(4)) > 0).all())


def test_draws_depend_on_their_number_alone() -> None:
    whole = stable(torch.arange(100), 0, 6, alpha=1.2, key=key_words(5))
    part = stable(torch.arange(40, 60), 3, 2, alpha=1.2, key=key_words(5))
    assert torch.equal(whole[3:5, 40:60], part)


def test_uniforms_keep_their_precision_at_both_ends() -> None:
    top = torch.tensor([2**32 - 1])
    assert float(open_uniform(top, top)[1]) == 2.0**-54
    assert float(open_uniform(top * 0, top * 0)[0]) == 2.0**-54


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"alpha": 0.0}, DomainError, "alpha=0"),
        ({"alpha": 2.1}, DomainError, "alpha=2.1"),
        ({"alpha": float("nan")}, DomainError, "alpha"),
        ({"alpha": 1.5, "beta": 1.5}, DomainError, "beta=1.5"),
        ({"alpha": 0.1, "dtype": "float32"}, NumericsError, "exceed float32"),
    ],
)
def test_bad_laws(arguments: dict[str, float], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        stable(PATHS, 0, 1, key=key_words(0), **arguments)  # type: ignore[arg-type]


def test_bad_steps() -> None:
    with pytest.raises(NumericsError, match="dt=-1"):
        levy_increments(PATHS, 0, 1, alpha=1.5, dt=-1.0, key=key_words(0))
    with pytest.raises(NumericsError, match="count=0"):
        stable(PATHS, 0, 0, alpha=1.5, key=key_words(0))
