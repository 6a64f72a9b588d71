"""Error bounds: never below the true error, small where nothing is lost, large where digits are."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch

from crossproof.numerics.formulas.bounds import SLOPES, UNIT, Arithmetic, Bounded, numpy_arithmetic, torch_arithmetic

ARITHMETICS = [numpy_arithmetic(), torch_arithmetic("cpu")]
TRUE = {
    "asinh": mpmath.asinh,
    "atan": mpmath.atan,
    "erfcx": lambda v: mpmath.exp(v * v) * mpmath.erfc(v),
    "loggamma": mpmath.loggamma,
    "gamma": mpmath.gamma,
    "digamma": mpmath.digamma,
}
POSITIVE = ("gamma", "loggamma", "digamma")


def given(at: Arithmetic, values: np.ndarray, errors: np.ndarray) -> Bounded:
    if at.x is np:
        return Bounded(values, errors)
    return Bounded(torch.as_tensor(values), torch.as_tensor(errors))


@pytest.mark.parametrize("at", ARITHMETICS, ids=["numpy", "torch"])
@pytest.mark.parametrize("name", [*SLOPES, "exp", "log", "expm1", "log1p", "root"])
def test_a_bound_holds_the_error_of_the_function_and_of_its_argument(at: Arithmetic, name: str) -> None:
    """Arguments are moved by up to their bound, both ways; the true value stays within the bound of the result."""
    rng = np.random.default_rng(1)
    values = rng.normal(0, 2, 60)
    if name in (*POSITIVE, "log", "root"):
        values = 0.05 + abs(values) * 3
    if name == "log1p":
        values = abs(values) - 0.9
    errors = abs(values) * 10.0 ** rng.uniform(-15, -6, 60)
    argument = given(at, values, errors)
    with np.errstate(all="ignore"):
        found = getattr(at, name)(argument) if hasattr(Arithmetic, name) else at.function(name, argument)
    true = {"root": mpmath.sqrt}.get(name) or TRUE.get(name) or getattr(mpmath, name)
    tight = 0
    for value, error, result, bound in zip(values, errors, *map(np.asarray, found), strict=True):
        with mpmath.workdps(40):
            for side in (-1, 0, 1):
                gap = abs(float(true(mpmath.mpf(value) + side * mpmath.mpf(error)) - mpmath.mpf(float(result))))
                assert gap <= bound * (1 + 1e-9), (name, value, error)
                tight += gap > bound / 30
    assert tight > 5, "the bound is far too wide to tell anything"


@pytest.mark.parametrize("at", ARITHMETICS, ids=["numpy", "torch"])
def test_a_bound_that_ignored_its_argument_would_be_noticed(at: Arithmetic) -> None:
    argument = given(at, np.array([1.0]), np.array([1e-6]))
    own = at.exp(given(at, np.array([1.0]), np.array([0.0])))
    assert float(np.asarray(at.exp(argument).error)[0]) > 1e8 * float(np.asarray(own.error)[0])


def test_sums_and_products_carry_bounds() -> None:
    at = ARITHMETICS[0]
    one, almost = at.constant(1.0, True), Bounded(np.float64(-1 + 1e-10), np.float64(0.0))
    gap = at.add(one, almost)
    assert gap.error <= 2 * UNIT * 1e-10  # both exact: nothing is lost
    third = at.constant(1 / 3, False)
    lost = at.add(at.multiply(third, at.constant(3.0, True)), at.constant(-1.0, True))
    assert lost.error >= UNIT
    tiny = at.constant(1e-200, True)
    with np.errstate(all="ignore"):
        assert at.multiply(tiny, tiny).error > 0  # underflow
        assert not np.isfinite(at.multiply(at.constant(1e300, True), at.constant(1e300, True)).value)


def test_integrals_of_exponentials() -> None:
    at = ARITHMETICS[0]
    values = np.array([-800.0, -30.0, -1.5, -1.0, -0.3, -1e-20, 0.0, 1e-9, 0.9, 1.1, 4.0, 60.0])
    for n in range(4):
        with np.errstate(all="ignore"):
            found = at.exprel(n, Bounded(values, 0 * values))
        for value, result, bound in zip(values, found.value, found.error, strict=True):
            with mpmath.workdps(60):
                true = mpmath.hyp1f1(n + 1, n + 2, mpmath.mpf(value)) / (n + 1)
                assert abs(float(true - mpmath.mpf(result))) <= bound
        assert (found.error <= 1e-12 * found.value)[[2, 3, 4, 5, 6, 7, 8, 10, 11]].all()
