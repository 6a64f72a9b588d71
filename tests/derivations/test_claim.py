"""The registry refuses what cannot be examined."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.unit import load_catalog
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
