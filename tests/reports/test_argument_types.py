"""Arguments of every type of statement: the right claim ends in agreement, and a wrong variant of it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from sympy import Determinant, Identity, Inverse, Trace

from crossproof import load_catalog
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.domain import Domain
from crossproof.derivations.matrices.words import Letter
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Integers, Positive
from crossproof.derivations.statements.matrix_equations import MatrixEquation, MatrixGradient
from crossproof.derivations.statements.networks import AllOf
from crossproof.derivations.statements.processes import AlmostSureDecay
from crossproof.reports.content.argument.choose import ARGUMENTS
from crossproof.reports.content.argument.products import product, total, trace
from crossproof.reports.content.model import Step

n, k = sp.symbols("n k", integer=True, positive=True)
A, S = (sp.MatrixSymbol(name, n, n) for name in "AS")
U, V = sp.MatrixSymbol("U", n, k), sp.MatrixSymbol("V", k, n)
u = sp.MatrixSymbol("u", n, 1)
SIZES = Domain(n=Integers(1), k=Integers(1))


def steps(statement: Any, domain: Domain) -> list[Step]:
    return list(ARGUMENTS[type(statement)](statement, domain))


def agreements(found: list[Step]) -> int:
    """Return how many steps end in agreement."""
    same = ("is the same", "the same terms", "are the same", "the polynomial 0")
    return sum(any(w in s.words for w in same) or s.latex.endswith("= 0") for s in found)


WOODBURY = Inverse(A) * U * Inverse(Identity(k) + V * Inverse(A) * U) * V * Inverse(A)
INVERTIBLE = {"kinds": {"A": "invertible"}, "invertible": (Identity(k) + V * Inverse(A) * U, A + U * V)}


@pytest.mark.parametrize(
    ("right", "wrong", "seen"),
    [
        (MatrixEquation(Inverse(A + U * V), Inverse(A) - WOODBURY, **INVERTIBLE),
         MatrixEquation(Inverse(A + U * V), Inverse(A) + WOODBURY, **INVERTIBLE), r"Z_{1} = \left(U V + A\right)^{-1}"),
        (MatrixEquation(Determinant(A + u * u.T), Determinant(A) * (1 + Trace(u.T * Inverse(A) * u)),
                        kinds={"A": "positive-definite"}),
         MatrixEquation(Determinant(A + u * u.T), Determinant(A) * (1 - Trace(u.T * Inverse(A) * u)),
                        kinds={"A": "positive-definite"}), r"Z_{1}^{\top} \to Z_{1}"),
        (MatrixEquation(Trace(A * S), Trace(A.T * S), kinds={"S": "symmetric"}),
         MatrixEquation(Trace(A * S), Trace(A.T * S)), r"\mathrm{tr}\left(A S\right)"),
        (MatrixGradient(sp.log(Determinant(A)), A, Inverse(A).T, kinds={"A": "invertible"}),
         MatrixGradient(sp.log(Determinant(A)), A, Inverse(A), kinds={"A": "invertible"}), r"Z_{1}^{\top}"),
        (MatrixGradient(Trace(A * S * A), A, (A * S).T + (S * A).T), MatrixGradient(Trace(A * S * A), A, 2 * (A * S).T),
         r"A^{\top} S^{\top} + S^{\top} A^{\top}"),
    ],
    ids=["Woodbury", "determinant", "trace", "log det", "quadratic"],
)  # fmt: skip
def test_matrices_are_followed_to_one_normal_form(right: Any, wrong: Any, seen: str) -> None:
    followed, other = steps(right, SIZES), steps(wrong, SIZES)
    assert agreements(followed) == 1
    assert any(seen in s.latex for s in followed)
    assert agreements(other) == 0
    assert other[-1].words == "the normal forms differ"


def test_an_inverse_goes_by_a_letter_that_no_matrix_has() -> None:
    z = sp.MatrixSymbol("Z", n, n)
    told = steps(MatrixEquation(Inverse(z * z), Inverse(z) ** 2, kinds={"Z": "invertible"}), SIZES)
    assert told[0].latex == "Y_{1} = Z^{-1}"


#: A claim of each type, the field that is made wrong, and how.
CHANGED = {
    "003.g.limit": ("limit", 2), "004.conj-i.1.limits.collapse": ("limit", None),
    "003.prop5.2.i.local": ("pairs", None),
    "003.prop5.2.ii.peak": ("first", 2), "003.eq18": ("first", 2), "003.boltzmann": ("variance", 2),
    "001.3.3.curl.rate": ("value", 2),
    "003.prop3.2.cov": ("value", 2), "003.prop3.3.diffusion": ("value", 2), "003.b.fourth": ("value", 2),
    "003.prop3.1.jacobian": ("value", 2), "004.eq64.above": ("value", 2), "004.eq66.repaired": ("value", 2),
    "004.eq9.repaired": ("term", 2), "004.eq5.taylor": ("linear", None), "004.fn6": ("sde", None),
}  # fmt: skip


def changed(statement: Any, field: str, factor: int | None) -> Any:
    value = getattr(statement, field)
    if factor is not None:
        return replace(statement, **{field: factor * value})
    if field == "limit":
        return replace(statement, limit=value + 1)
    if field == "pairs":
        return replace(statement, pairs=tuple((e, 2 * f) for e, f in value))
    return replace(statement, **{field: moved(value, 2)})


def moved(sde: SDE, factor: int) -> SDE:
    return SDE(sde.state, factor * sde.drift, sde.diffusion, sde.calculus)


@pytest.mark.parametrize("name", CHANGED)
def test_a_wrong_variant_of_a_claim_ends_in_no_agreement_more(name: str) -> None:
    load_catalog()
    claim = CLAIMS[name]
    right = steps(claim.statement, claim.domain)
    wrong = steps(changed(claim.statement, *CHANGED[name]), claim.domain)
    if name == "003.prop5.2.i.local":
        assert {s.latex for s in right if "ratio" in s.words} == {"1"}
        assert {s.latex for s in wrong if "ratio" in s.words} == {r"\frac{1}{2}"}
    else:
        assert agreements(right) > agreements(wrong)


@pytest.mark.parametrize(
    ("name", "field", "factor", "words"),
    [
        ("004.c2.mean", "bound", sp.Rational(1, 2), "the bound less what the class obeys"),
        ("004.c2.powers", "factor", sp.Rational(1, 2), "the stated constant over the ratio"),
        ("004.e1.doob", "bound", sp.Rational(1, 2), "their difference, to be nowhere negative"),
    ],
)
def test_a_smaller_bound_is_told_by_how_much_it_is_less(name: str, field: str, factor: Any, words: str) -> None:
    load_catalog()
    claim = CLAIMS[name]
    smaller = replace(claim.statement, **{field: factor * getattr(claim.statement, field)})  # type: ignore[type-var]
    right, wrong = (
        next(s.latex for s in steps(e, claim.domain) if words in s.words) for e in (claim.statement, smaller)
    )
    assert right != wrong
    assert right == {"004.c2.powers": r"\sqrt{d}"}.get(name, "0")


def test_a_set_that_is_not_invariant_leaves_something() -> None:
    load_catalog()
    right, wrong = (steps(CLAIMS[name].statement, CLAIMS[name].domain) for name in ("004.prop3.1", "000.sc.sign-set"))
    assert {s.latex for s in right} == {"0"}
    assert any(s.latex != "0" and s.words.endswith(" leaves") for s in wrong)


@pytest.mark.parametrize("factor", [1, 3])
def test_the_rates_near_a_point_are_a_multiple_of_the_stated_excess_or_are_not(factor: int) -> None:
    load_catalog()
    claim = CLAIMS["004.thm4.1"]
    l2, d2 = sorted(claim.statement.condition.free_symbols, key=str, reverse=True)  # type: ignore[attr-defined]
    other = replace(claim.statement, condition=sp.Gt(factor * d2 / 2 + l2, 0, evaluate=False))  # type: ignore[type-var]
    found = steps(other, claim.domain)
    assert any(s.latex == r"\frac{d_{2}}{2} + l_{2}" for s in found)
    assert any("the first over the second" in s.words for s in found) == (factor == 1)


def test_passages_in_the_other_order_have_the_other_difference() -> None:
    load_catalog()
    claim = CLAIMS["004.sec6.order"]
    given: Any = claim.statement
    turned = replace(given, quicker=given.slower, slower=given.quicker)
    right, wrong = (next(s.latex for s in steps(e, claim.domain) if "difference" in s.words) for e in (given, turned))
    assert right != wrong
    # two ways to different levels: nothing follows from their drifts
    assert steps(CLAIMS["004.sec6.order.share"].statement, claim.domain) == []


def test_decay_tells_the_rate_and_its_sign_turns_with_the_drift() -> None:
    x, r, c = sp.symbols("x r c", positive=True)
    rates = [
        steps(AlmostSureDecay(SDE(x, b, c * x), x), Domain(x=Positive, r=Positive, c=Positive))[-1].latex
        for b in (-r * x, r * x)
    ]
    assert rates == [r"- \frac{c^{2}}{2} - r", r"- \frac{c^{2}}{2} + r"]


def test_parts_of_a_joint_statement_that_have_words_are_written_out() -> None:
    load_catalog()
    part = CLAIMS["003.prop3.2.cov"].statement
    assert steps(AllOf((part,)), CLAIMS["003.prop3.2.cov"].domain) == steps(part, CLAIMS["003.prop3.2.cov"].domain)


def test_products_are_written_as_a_reader_writes_them() -> None:
    assert product((Letter("test U0"), Letter("inverse of G", transposed=True))) == r"\mathsf{U_{0}} G^{-\top}"
    assert trace((Letter("v"), Letter("u", transposed=True), Letter("W"))) == r"u^{\top} W v"
    assert trace((Letter("x", averaged=True),)) == r"\left\langle \mathrm{tr}\left(x\right)\right\rangle"
    assert total([("A", -2), ("", sp.Integer(1)), ("B", k - 1)]) == r"-2 A + 1 + \left(k - 1 \right) B"
    assert product(()) == "I"
