"""Numbers in front of matrices: without a value they are told, and a few shapes do not confirm just any of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from sympy import Identity, KroneckerProduct, MatrixSymbol, ZeroMatrix

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.judgement.coefficients import coefficients, numbers_in, untold, without_value
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.matrices.kronecker import Vec
from crossproof.derivations.ranges import AtLeast, Integers
from crossproof.derivations.statements.networks import MatrixIdentity, MatrixStatement

load_catalog()
m = sp.Symbol("m", integer=True, positive=True)
sigma = sp.Symbol("sigma", nonnegative=True)
A, B = MatrixSymbol("A", m, m), MatrixSymbol("B", m, m)
SIZES, NOISY = Domain(m=Integers(1)), Domain(m=Integers(1), sigma=AtLeast(0))
WORDS, EXACT, SAMPLED = "trace words", "exact small networks", "autograd networks"
AGREES = (Outcome.PROVED, Outcome.CONFIRMED)


def examined(statement: MatrixStatement, domain: Domain, witness: str) -> Finding:
    claim = Claim("test.matrix", "t", Source("test", "here"), statement, domain)
    return witness_named(witness).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, witness))


@pytest.mark.parametrize(
    ("number", "domain", "where"),
    [(1 / (m - 1), SIZES, "1"), (1 / sigma, NOISY, "0"), (sp.sqrt(m - 2), SIZES, "1"), (sp.log(m - 4), SIZES, None)],
)
@pytest.mark.parametrize("witness", [WORDS, EXACT])
def test_a_number_without_a_value_somewhere_leaves_nothing_proved_or_confirmed(
    number: sp.Expr, domain: Domain, where: str | None, witness: str
) -> None:
    found = examined(MatrixIdentity(number * A, number * A), domain, witness)
    assert found.outcome is Outcome.UNDEFINED
    assert found.counterexample is not None
    assert where is None or where in found.counterexample.point.values()


def test_a_wrong_formula_is_refuted_where_it_has_values_even_if_it_lacks_them_elsewhere() -> None:
    found = examined(MatrixIdentity(A / (m - sp.Rational(7, 2)) ** 2, A), SIZES, EXACT)
    assert found.outcome is Outcome.REFUTED
    assert found.certified


@pytest.mark.parametrize("number", [sp.Rational(1, 10**400), sp.Integer(10) ** 400, sp.exp(-1000)])
def test_numbers_beyond_float64_are_told_from_0_and_from_each_other(number: sp.Expr) -> None:
    for lhs, rhs in ((number * A, ZeroMatrix(m, m)), (number * A, 2 * number * A)):
        found = examined(MatrixIdentity(lhs, rhs), SIZES, EXACT)
        assert found.outcome is Outcome.REFUTED
        assert found.certified
        assert found.effect == pytest.approx(1.0 if rhs == ZeroMatrix(m, m) else 0.5)
    assert examined(MatrixIdentity(number * A, number * A), SIZES, EXACT).outcome in AGREES


@pytest.mark.parametrize(
    "hidden",
    [
        1 + sp.Max(m - 50, 0),
        sp.Piecewise((1, m < 1000), (2, True)),
        sp.Mul(*(m - k for k in range(1, 21))) + 1,
        1 + sp.floor(m / 100),
    ],
)
def test_a_number_that_changes_at_shapes_that_were_not_tried_is_not_confirmed(hidden: sp.Expr) -> None:
    assert examined(MatrixIdentity(hidden * A, A), SIZES, EXACT).outcome not in AGREES
    assert examined(MatrixIdentity(hidden * A, A), SIZES, WORDS).outcome not in AGREES


def test_a_factor_that_is_1_at_every_width_of_the_list_is_not_confirmed_by_exact_networks() -> None:
    claim = CLAIMS["003.prop3.2.cov"]
    (width,) = {claim.statement.setting.inputs}
    wrong = replace(claim.statement, value=(1 + (width - 1) * (width - 2) * (width - 3)) * claim.statement.value)
    for witness in (EXACT, WORDS):
        assert examined(wrong, claim.domain, witness).outcome not in AGREES
        assert examined(claim.statement, claim.domain, witness).outcome in AGREES


def test_irrational_entries_that_agree_have_a_measured_resolution() -> None:
    equal = MatrixIdentity((sp.sqrt(2) + sp.sqrt(3)) * A, sp.sqrt(5 + 2 * sp.sqrt(6)) * A)
    found = examined(equal, SIZES, EXACT)
    assert found.outcome is Outcome.CONFIRMED
    assert found.resolution is not None
    assert 0 < found.resolution < 1e-100
    nearly = MatrixIdentity((sp.sqrt(2) + sp.sqrt(3) + sp.Rational(1, 10**90)) * A, sp.sqrt(5 + 2 * sp.sqrt(6)) * A)
    assert examined(nearly, SIZES, EXACT).outcome is Outcome.REFUTED


def test_the_shapes_that_were_tried_are_named() -> None:
    lhs, rhs = Vec(A * B), KroneckerProduct(Identity(m), A) * Vec(B)
    found = examined(MatrixIdentity(lhs, rhs), SIZES, EXACT)
    assert found.outcome is Outcome.CONFIRMED
    assert "m=1" in found.detail
    assert "m=7" in found.detail
    assert examined(MatrixIdentity(lhs, 2 * rhs), SIZES, EXACT).outcome is Outcome.REFUTED


def test_numbers_are_found_wherever_they_stand() -> None:
    trace = sp.Trace(m * A * B)
    assert set(numbers_in(sp.sqrt(m) * (A + sigma * B))) == {sp.sqrt(m), sigma}
    assert set(numbers_in(sigma * trace**2 / (m + 1))) == {sigma, 1 / (m + 1), m}
    assert coefficients(MatrixIdentity(A * 2, B * 2)) == ()
    assert set(coefficients(MatrixIdentity(m * A, B / sigma))) == {m, 1 / sigma}


@pytest.mark.parametrize(
    ("numbers", "values", "told"),
    [
        ([m], [1, 2], True),
        ([m**2], [1, 2], False),
        ([m**2], [1, 2, 3], True),
        ([1 / m**2], [1, 2], False),
        ([2**m], [1, 2, 3, 4, 5], False),
        ([sp.Abs(m - 3)], [1, 2, 3, 4, 5], False),
        ([sp.pi], [], True),
    ],
)
def test_more_values_than_the_degree_tell_a_rational_function(numbers: Any, values: list[int], told: bool) -> None:
    assert (untold(numbers, [{m: v} for v in values]) == "") is told


def test_numbers_with_values_everywhere_raise_nothing() -> None:
    assert without_value([1 / m, sigma**2, sp.sqrt(sigma)], NOISY, "test") is None
    assert without_value([1 / (m - 5)], SIZES, "test") is not None


@pytest.mark.parametrize(
    ("number", "values", "told"),
    [
        (m - sigma, [(1, 1), (2, 2), (3, 3)], False),
        (m - sigma, [(1, 1), (2, 2), (3, 4)], True),
        (m * sigma, [(1, 1), (2, 2), (3, 4)], False),
        (m * sigma, [(1, 1), (2, 2), (3, 4), (1, 3)], True),
        (m / sigma, [(1, 1), (2, 2), (3, 5)], True),
    ],
)
def test_symbols_that_change_together_tell_nothing(number: Any, values: list[tuple[int, int]], told: bool) -> None:
    assert (untold([number], [{m: one, sigma: other} for one, other in values]) == "") is told
