"""Selectors."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.selection import select
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import SelectionError
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
CLAIMS = {
    i: Claim(i, "t", Source(i.split(".")[0], "here"), Identity(x, x), Domain(x=Positive))
    for i in ("003.eq5", "004.dw.potential", "004.dw.collapse", "004.eq42")
}
OUTCOMES = {"003.eq5": "proved", "004.dw.potential": "refuted", "004.eq42": "undefined"}


@pytest.mark.parametrize(
    ("selectors", "ids"),
    [
        ([], list(CLAIMS)),
        (["004.eq42"], ["004.eq42"]),
        (["004."], ["004.dw.potential", "004.dw.collapse", "004.eq42"]),
        (["004.dw*"], ["004.dw.potential", "004.dw.collapse"]),
        (["004"], ["004.dw.potential", "004.dw.collapse", "004.eq42"]),
        (["004.dw"], ["004.dw.potential", "004.dw.collapse"]),
        (["document:003"], ["003.eq5"]),
        (["outcome:refuted"], ["004.dw.potential"]),
        (["outcome:undefined"], ["004.eq42"]),
        (["004.eq42", "003.eq5"], ["003.eq5", "004.eq42"]),
    ],
)
def test_selectors_choose_in_catalog_order(selectors, ids) -> None:
    assert [c.id for c in select(selectors, CLAIMS, OUTCOMES)] == ids


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("004.dw.potentail", "did you mean 004.dw.potential"),
        ("zzz", "documents are 003, 004"),
        ("zzz.eq1", "ids are 003.eq5"),
        ("04", "did you mean 004"),
        ("004.e", r"did you mean 004\.eq42"),
        ("document:04", "matches no claim; did you mean document:004"),
        ("document:zzz", "matches no claim; documents are 003, 004"),
        ("outcome:false", "unknown outcome; outcomes are proved"),
        ("outcome:refutd", r"did you mean outcome:refuted"),
        ("colour:red", "unknown key"),
        ("005.*", "no claim matches"),
    ],
)
def test_what_selects_nothing_is_an_error_with_a_hint(selector: str, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        select([selector], CLAIMS, OUTCOMES)


def test_outcome_selectors_need_an_earlier_run() -> None:
    with pytest.raises(SelectionError, match="crossproof verify"):
        select(["outcome:refuted"], CLAIMS, None)


def test_a_text_that_is_an_id_is_no_prefix() -> None:
    longer = {**CLAIMS, "004.eq42.repaired": CLAIMS["003.eq5"]}
    assert [c.id for c in select(["004.eq42"], longer)] == ["004.eq42"]
    with pytest.raises(SelectionError, match=r"no claim matches '004\.d'"):
        select(["004.d"], CLAIMS)


def test_where_there_are_many_ids_the_error_names_the_command() -> None:
    many = {f"many.c{k}": CLAIMS["003.eq5"] for k in range(20)}
    with pytest.raises(SelectionError, match="`crossproof list` shows all ids"):
        select(["zzz.zzzzz"], many)
