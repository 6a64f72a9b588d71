"""Mutants of network claims: changed inside traces, killed by exact small networks, or proved to say the same."""

from __future__ import annotations

from collections import Counter

import pytest
import sympy as sp

from crossproof.checks.audit.equivalence import SAME, holds
from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement.trace_forms import trace_products
from crossproof.checks.mutants.mutants import mutants
from crossproof.checks.mutants.mutations import changes
from crossproof.checks.runs.unit import Unit, load_catalog, run_unit
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.kronecker import CommutationMatrix, Vec
from crossproof.derivations.symbols import dimension, positive

load_catalog()
n, m = dimension("n m")
c, d = positive("c d")
A, B, M = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n), sp.MatrixSymbol("M", m, n)
u, v = sp.MatrixSymbol("u", n, 1), sp.MatrixSymbol("v", n, 1)


def test_matrices_are_changed_inside_traces_and_sizes_are_not() -> None:
    formula = c * sp.Trace(A * B + M.T * M) + d
    found = dict(changes(formula))
    made = [trace_products(e) for e in found.values() if not isinstance(e, Exception) and not e.has(c**2, 1 / c)]
    for wanted in (A.T * B + M.T * M, A * B - M.T * M, A * B, sp.MatMul(sp.Rational(21, 20), A, B) + M.T * M):
        assert trace_products(c * sp.Trace(wanted) + d) in made
    assert any("do not fit" in str(e) for e in found.values() if isinstance(e, ClaimError))
    assert not [words for words in found if "n" in words.split()[:1] or words.startswith(("m ", "n "))]
    assert "c and d swapped" in found


def test_a_matrix_without_a_trace_is_refused() -> None:
    found = dict(changes(sp.Trace(M.T * M)))
    assert all(isinstance(e, ClaimError) for words, e in found.items() if words.startswith("M.T transposed"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (sp.Trace(A * B), sp.Trace(B * A), True),
        (sp.Trace(A * B), sp.Trace(A.T * B.T), True),
        (sp.Trace(A * B), sp.Trace(A.T * B), False),
        (sp.Trace(u.T * A * v), sp.Trace(v.T * A.T * u), True),
        (sp.Trace(u.T * A * v), sp.Trace(v.T * A * u), False),
        (2 * sp.Trace(A) * sp.Trace(B), sp.Trace(B) * sp.Trace(A) * 2, True),
        (sp.Trace(A) ** 2, sp.Trace(A * A), False),
        (c * sp.Trace(A + B), c * sp.Trace(A) + c * sp.Trace(B), True),
        (
            sp.Trace(sp.MatMul(Vec(A).T, CommutationMatrix(n, n), Vec(B))),
            sp.Trace(A * B),
            True,
        ),
    ],
)
def test_numbers_made_of_traces_are_compared_in_normal_form(one: sp.Expr, other: sp.Expr, expected: bool) -> None:
    assert holds((one, other), Domain()) is expected


def test_traces_in_other_functions_have_no_normal_form() -> None:
    with pytest.raises(ClaimError, match="no sum of products of traces"):
        trace_products(sp.exp(sp.Trace(A)))
    assert not holds((sp.exp(sp.Trace(A * B)), sp.exp(sp.Trace(B * A))), Domain())


@pytest.mark.parametrize(
    ("name", "equivalent"),
    [
        ("003.a1.flow", 4),  # a factor of a conserved quantity
        ("003.prop3.3.covariation", 1),  # a symmetric matrix transposed
        ("003.prop3.4.sde", 0),
        ("003.remark.frozen-state", 2),  # the two amplitudes exchanged
    ],
)
def test_every_mutant_meets_its_fate_without_sampling(name: str, equivalent: int) -> None:
    fates: Counter[str] = Counter()
    for mutant in mutants(CLAIMS[name]):
        if mutant.claim is None:
            continue
        for witness in ("exact small networks", SAME):
            outcome = run_unit(Unit(mutant.id, witness, "quick", 0, "cpu", 1e-8)).finding.outcome
            fate = {(False, Outcome.REFUTED): "killed", (True, Outcome.PROVED): "same"}.get((witness == SAME, outcome))
            if fate is not None:
                break
        fates[fate or mutant.key] += 1
    assert set(fates) <= {"killed", "same"}
    assert fates["same"] == equivalent
    assert fates["killed"] > 3
