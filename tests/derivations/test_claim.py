"""The registry refuses what cannot be examined."""

from __future__ import annotations

import importlib
import sys

import pytest
import sympy as sp

from crossproof.checks.runs.unit import load_catalog
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS, Claim, Source, check_repairs, claim
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
HERE = Source("test", "here")


def _claim(**changes):
    fields = {"id": "test.a", "title": "t", "source": HERE, "statement": Identity(x, x), "domain": Domain(x=Positive)}
    return Claim(**(fields | changes))


def test_a_free_symbol_needs_a_range() -> None:
    with pytest.raises(ClaimError, match=r"symbol x is free .* add x="):
        _claim(domain=Domain())


def test_the_same_name_with_other_assumptions_is_refused() -> None:
    with pytest.raises(ClaimError, match="assumptions"):
        _claim(domain=Domain(x=Real))


@pytest.mark.parametrize("bad", ["", "noid", "a b.c", "004."])
def test_malformed_ids_are_refused(bad: str) -> None:
    with pytest.raises(ClaimError, match="malformed"):
        _claim(id=bad)


def test_an_unstated_reading_must_be_named() -> None:
    with pytest.raises(ClaimError, match="reading"):
        _claim(stated=False)


def test_a_duplicate_id_is_an_error_at_registration() -> None:
    load_catalog()
    taken = next(iter(CLAIMS))
    before = dict(CLAIMS)
    with pytest.raises(ClaimError, match="twice"):
        claim(taken, "t", source=HERE, statement=Identity(x, x), domain=Domain(x=Positive))
    assert dict(CLAIMS) == before


def test_a_repair_names_an_existing_claim() -> None:
    with pytest.raises(ClaimError, match="not registered"):
        check_repairs({"test.a": _claim(repairs="test.nowhere")})


def test_the_registry_is_read_only() -> None:
    with pytest.raises(TypeError):
        CLAIMS["test.a"] = _claim()


def test_the_registry_records_the_module_that_states_a_claim(tmp_path, monkeypatch) -> None:
    (tmp_path / "helper_of_mine.py").write_text(
        "import sympy as sp\n"
        "from crossproof import Domain, Positive, Source, claim\n"
        "from crossproof.derivations.statements.scalar import Identity\n"
        "x = sp.Symbol('x', positive=True)\n"
        "def state(name):\n"
        "    claim(name, 't', source=Source('d', 'p'), statement=Identity(x, x), domain=Domain(x=Positive))\n"
    )
    (tmp_path / "stated_by_me.py").write_text(
        "from helper_of_mine import state\nfor name in ('test.m1', 'test.m2'):\n    state(name)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        importlib.import_module("stated_by_me")
        claim("test.m3", "t", source=HERE, statement=Identity(x, x), domain=Domain(x=Positive))
        found = {name: CLAIMS[name].module for name in ("test.m1", "test.m2", "test.m3")}
    finally:
        for name in ("test.m1", "test.m2", "test.m3"):
            registry._CLAIMS.pop(name, None)
        for name in ("stated_by_me", "helper_of_mine"):
            sys.modules.pop(name, None)
    assert found == {"test.m1": "stated_by_me", "test.m2": "stated_by_me", "test.m3": __name__}


def test_the_module_of_a_catalog_claim_is_the_one_that_states_it() -> None:
    load_catalog()
    assert CLAIMS["004.thm6.1"].module == "crossproof.derivations.catalog.student_dynamics"
    assert CLAIMS["004.gbm.log"].module == "crossproof.derivations.catalog.geometric_brownian"


def test_the_module_is_no_part_of_what_is_claimed() -> None:
    domain = Domain(x=Positive)
    assert _claim(domain=domain, module="a") == _claim(domain=domain, module="b")


@pytest.mark.parametrize(
    ("lhs", "rhs", "message"),
    [
        (sp.eye(2), x, r"lhs has shape \(2, 2\) and the other side none, a number"),
        (x, sp.ones(1, 2), r"rhs has shape \(1, 2\)"),
        (sp.eye(2), sp.eye(3), r"lhs has shape \(2, 2\) and the other side \(3, 3\)"),
        (sp.MatrixSymbol("A", 2, 2), x, r".*state one claim an entry"),
        (2, x, "lhs is 2 of type int; give a SymPy expression"),
        (x, "x", "rhs is 'x' of type str"),
        (x, sp.Gt(x, 0, evaluate=False), "rhs is x > 0 of type StrictGreaterThan"),
        (x, sp.nan, "rhs is nan, which is not a number"),
    ],
)
def test_sides_that_cannot_be_compared_are_refused_by_name(lhs: object, rhs: object, message: str) -> None:
    with pytest.raises(ClaimError, match=r"claim test\.bad: " + message):
        Claim("test.bad", "t", HERE, Identity(lhs, rhs), Domain(x=Positive))  # type: ignore[arg-type]


def test_parts_of_the_wrong_type_are_refused_by_name() -> None:
    good = {"source": HERE, "statement": Identity(x, x), "domain": Domain(x=Positive)}
    for name, wrong in (("source", "p. 3"), ("statement", sp.Eq(x, 1)), ("domain", {"x": Positive})):
        with pytest.raises(ClaimError, match=rf"claim test\.bad: {name} is .* give a {name.capitalize()}"):
            Claim("test.bad", "t", **(good | {name: wrong}))
