"""A formula knows its verdict, the side that it equals, and its repairs; a refuted one is warned of once."""

from __future__ import annotations

import warnings

import pytest
import sympy as sp

import crossproof as cp
from crossproof.checks.functions import described
from crossproof.checks.functions.described import known_verdict, left_side, repairs_of

cp.load_catalog()
x, k = cp.real("x"), cp.positive("k")


@pytest.fixture(autouse=True)
def _nobody_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(described, "_TOLD", set())


def test_a_refuted_formula_is_warned_of_once_and_names_its_repair() -> None:
    with pytest.warns(cp.RefutedFormulaWarning, match=r"004\.eq63 is refuted; use 004\.eq63\.repaired instead") as said:
        formula = cp.formula("004.eq63")
    assert said[0].filename == __file__
    assert (formula.verdict, formula.repairs) == ("refuted", ("004.eq63.repaired",))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cp.formula("004.eq63") == formula
        assert cp.formula("004.eq63.repaired").verdict in ("proved", "confirmed")
        assert cp.formula("003.eq7").repairs == ()


def test_a_verdict_belongs_to_the_claim_itself() -> None:
    own = cp.CLAIMS["004.eq63"]
    assert known_verdict(own) == "refuted"
    changed = cp.Claim(own.id, own.title, own.source, cp.Identity(x, x), cp.Domain(x=cp.Real))
    assert known_verdict(changed) is None
    assert repairs_of(own) == ("004.eq63.repaired",)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cp.formula(changed)(2.0) == 2


def test_a_saved_verdict_of_an_own_claim_is_known(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossproof.checks.evidence import Outcome, Verdict
    from crossproof.checks.store.saved import load

    monkeypatch.setenv("CROSSPROOF_HOME", str(tmp_path))
    own = cp.Claim("mine.wrong", "It is so.", cp.Source("mine", "(1)"), cp.Identity(x, x + 1), cp.Domain(x=cp.Real))
    load().save([Verdict(own, Outcome.REFUTED, (), None, {})])
    with pytest.warns(cp.RefutedFormulaWarning, match="crossproof show mine.wrong"):
        assert cp.formula(own).verdict == "refuted"


@pytest.mark.parametrize(
    ("id", "left", "sign"),
    [
        ("004.conj-i.1", r"\mathbb{E}\left[\hat{s}\right]", "="),
        ("004.dw.potential", r"p_\infty(\theta)", r"\propto"),
        ("003.eq3", "s(t)", "="),
        ("001.eq40", r"\mathbb{E}\left[\tau_{0 \to \frac{5}{4}}\right]", r"\sim"),
        ("003.appa.batchcov", r"\text{value}", "="),
    ],
)
def test_the_left_side_is_named(id: str, left: str, sign: str) -> None:
    assert left_side(cp.CLAIMS[id].statement) == (left, sign)


def test_the_left_side_of_an_identity_is_its_own() -> None:
    statement = cp.Identity(sp.sin(2 * x), 2 * sp.sin(x) * sp.cos(x))
    assert left_side(statement) == (r"\sin{\left(2 x \right)}", "=")
    law = cp.StationaryLaw(cp.SDE(x, -k * x, 1), density=sp.exp(-k * x**2), support=sp.Interval(-sp.oo, sp.oo))
    assert left_side(law) == (r"p_\infty(x)", r"\propto")


def test_formulas_in_matrices_know_their_verdicts_too() -> None:
    refuted = []
    for claim in cp.CLAIMS.values():
        if known_verdict(claim) == "refuted":
            try:
                described.matrix_formula_of(claim)
            except cp.PrintingError:
                continue
            refuted.append(claim.id)
    assert refuted, "the catalog has refuted formulas in matrices"
    with pytest.warns(cp.RefutedFormulaWarning, match=f"{refuted[0]} is refuted"):
        assert cp.matrix_formula(refuted[0]).verdict == "refuted"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cp.matrix_formula(refuted[0])
        jacobian = cp.matrix_formula("003.prop3.1.jacobian")
    import torch

    one, other = torch.eye(2, dtype=torch.float64), torch.ones(3, 2, dtype=torch.float64)
    assert torch.equal(jacobian(one, other), jacobian(P_l=one, Q_l=other))
    assert jacobian._repr_latex_().startswith("$")
