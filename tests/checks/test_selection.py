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
        ("zzz", "crossproof list"),
        ("document:009", "matches no claim"),
        ("outcome:false", "unknown outcome"),
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
