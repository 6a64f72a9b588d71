"""The level of a unit depends on the claim, the witness and the built-in catalog, and on nothing that is loaded."""

from __future__ import annotations

import types

import pytest
import sympy as sp

from crossproof.checks import witness as register
from crossproof.checks.evidence import Kind
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import FALSE_REFUTATION_LEVEL, USER_LEVEL, Witness, unit_level, witnesses_for
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.scalar import Identity

load_catalog()
CATALOG = [c for c in CLAIMS.values() if c.module.startswith("crossproof.derivations.catalog.")]
x = sp.Symbol("x", positive=True)


def test_the_units_of_the_catalog_share_the_level_of_a_run() -> None:
    sampled = [(c, w) for c in CATALOG for w in witnesses_for(c) if w.kind is Kind.MONTE_CARLO]
    assert sum(unit_level(c, w) for c, w in sampled) == pytest.approx(FALSE_REFUTATION_LEVEL)


def test_a_users_claims_and_witnesses_change_no_level_of_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = CATALOG[0]
    found = next(iter(witnesses_for(claim)))
    before = unit_level(claim, found)
    mine = Witness("mine", Kind.MONTE_CARLO, Statement, "nothing", lambda statement, task: None, lambda s: True)
    own = [Claim(f"user.c{k}", "t", Source("u", ""), Identity(x, x), Domain(x=Positive)) for k in range(50)]
    monkeypatch.setitem(register._WITNESSES, "mine", mine)
    monkeypatch.setattr(register, "CLAIMS", types.MappingProxyType(dict(CLAIMS) | {c.id: c for c in own}))
    register._catalog_level.cache_clear()
    assert unit_level(claim, found) == before
    assert unit_level(claim, mine) == USER_LEVEL
    assert {unit_level(own[0], w) for w in witnesses_for(own[0])} == {USER_LEVEL}
