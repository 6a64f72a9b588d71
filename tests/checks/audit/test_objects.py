"""Object mutants in the audit: which claims they disturb, and the list of those that they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import crossproof as cp
from crossproof.checks.audit import trials as trials_module
from crossproof.checks.audit.audit import audit_claims
from crossproof.checks.audit.fates import Audit, Fate
from crossproof.checks.audit.objects import disturb
from crossproof.checks.audit.trials import Trials
from crossproof.checks.evidence import Evidence, Kind
from crossproof.checks.mutants.mutants import object_mutants
from crossproof.checks.runs.unit import Unit, load_catalog, run_unit
from crossproof.checks.witness import _WITNESSES
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS, claim
from crossproof.derivations.errors import UsageError
from crossproof.reports.audit import Accepted, accept, read_accepted, removable, report_lines, unexpected

load_catalog()
x: sp.Symbol = cp.positive("x")
IDS = ["objects.felt", "objects.unfelt", "objects.undefined", "objects.none"]


@dataclass(frozen=True)
class Sum(cp.Statement):
    """`one` and `other` add up to `value`; where `heedless`, the witness looks at `value` alone."""

    one: sp.Expr
    other: sp.Expr
    value: sp.Expr
    heedless: str = ""

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.value.free_symbols)

    def latex(self) -> str:
        return f"{self.one} + {self.other} = {self.value}"


@dataclass(frozen=True)
class Nothing(cp.Statement):
    """A statement about nothing that can be changed."""

    value: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.value.free_symbols)

    def latex(self) -> str:
        return str(self.value)


def _added(statement: Sum, task: cp.Task) -> cp.Finding:
    if statement.heedless == "undefined" and statement.one != x:
        return cp.undefined("one side has no value.", {x: 1}, "no value", "no value")
    found = 2 * x if statement.heedless else statement.one + statement.other
    if found == statement.value:
        return cp.proved("They add up.")
    return cp.refuted("They do not add up.", {x: 1}, statement.value, found, found - statement.value, certified=True)


def _looked(statement: Nothing, task: cp.Task) -> cp.Finding:
    if statement.value == 2 * x:
        return cp.proved("It is twice x.")
    return cp.refuted("It is not twice x.", {x: 1}, statement.value, 2 * x, statement.value - 2 * x, certified=True)


@pytest.fixture(autouse=True)
def _claims(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Register claims of both types, and run units in this process."""
    cp.witness("adding", kind=Kind.ALGEBRA, statement=Sum, starts_from="both parts")(_added)
    cp.witness("looking", kind=Kind.ALGEBRA, statement=Nothing, starts_from="nothing")(_looked)
    statements = (Sum(x, x, 2 * x), Sum(x, x, 2 * x, "heedless"), Sum(x, x, 2 * x, "undefined"), Nothing(2 * x))
    for id, statement in zip(IDS, statements, strict=True):
        claim(id, "A sum.", source=cp.Source("objects", "here"), statement=statement, domain=cp.Domain(x=cp.Positive))
    monkeypatch.setattr(trials_module, "run_units", _run_units)
    monkeypatch.chdir(tmp_path)
    yield
    for id in IDS:
        del registry._CLAIMS[id]
    for name in ("adding", "looking"):
        del _WITNESSES[name]


def _run_units(units: Any, *, progress: Any, **_: Any) -> dict[Unit, Evidence]:
    found = {u: run_unit(u) for u in units}
    for u, e in found.items():
        progress(u, e)
    return found


def _audit(ids: list[str], **options: Any) -> Audit:
    return audit_claims(ids, effort="quick", device="cpu", **options)


def test_a_claim_is_disturbed_by_a_change_of_its_object_and_one_that_ignores_it_is_not() -> None:
    audit = _audit(IDS)
    assert audit.disturbed == {"objects.felt"}
    assert audit.undisturbed == ("objects.unfelt", "objects.undefined")
    fates = {id: [r.fate for r in audit.objects if r.mutant.original == id] for id in IDS}
    assert fates["objects.felt"] == [Fate.KILLED]  # no more are looked at
    assert set(fates["objects.unfelt"]) == {Fate.SURVIVED}
    assert fates["objects.undefined"].count(Fate.INVALID) == 1  # without a meaning is not disturbed
    assert fates["objects.none"] == []
    assert len(fates["objects.unfelt"]) == len(object_mutants(CLAIMS["objects.unfelt"]))
    assert not audit.survivors  # what a claim asserts is felt by the same witness


def test_one_kind_of_witness_is_measured_without_them_and_a_sample_takes_its_own_claims() -> None:
    assert _audit(IDS, kinds=(Kind.ALGEBRA,)).objects == ()
    drawn = _audit(IDS, sample=2)
    assert {r.mutant.original for r in drawn.objects} <= {r.mutant.original for r in drawn.results}
    alone = _audit(IDS, sample=0)
    assert alone.results == ()
    assert [r.to_json() | {"seconds": 0} for r in alone.objects] == [
        r.to_json() | {"seconds": 0} for r in _audit(IDS).objects
    ]


def test_the_report_names_undisturbed_claims_with_what_was_changed() -> None:
    lines = "\n".join(report_lines(_audit(IDS), Accepted(undisturbed={"objects.undefined": "it is so"})))
    assert "undisturbed objects.unfelt\n    about one: twice x: survived (adding: proved (They add up.))" in lines
    assert "undisturbed objects.undefined (accepted: it is so)\n" in lines
    assert "changed: 1 disturbed, 2 undisturbed, 1 about nothing that can be changed" in lines


def test_an_undisturbed_claim_must_be_listed_and_leaves_the_list_when_it_is_disturbed() -> None:
    audit = _audit(IDS)
    unlisted = Accepted(frozenset({"objects.unfelt"}), {}, {"objects.undefined": "it is so", "objects.felt": "was"})
    assert unexpected(audit, unlisted) == ["objects.unfelt"]
    assert removable(audit, unlisted) == ["objects.felt"]
    with pytest.raises(UsageError, match=r"say more of its object in 'objects\.unfelt'"):
        accept(audit, unlisted)
    known = accept(audit, replace(unlisted, claims=frozenset()))
    assert known.undisturbed == {"objects.undefined": "it is so", "objects.unfelt": "not studied yet"}
    assert unexpected(audit, known) == removable(audit, known) == []
    part = replace(audit, sample=1, objects=())
    assert removable(part, unlisted) == []  # a sample says nothing of what it did not draw


def test_object_mutants_are_written_with_their_fates() -> None:
    rows = _audit(["objects.felt"]).to_json()["objects"]
    assert [(row["key"], row["fate"], row["note"]) for row in rows] == [
        ("objects.felt#about one: twice x", "killed", "adding")
    ]


TRACKED = read_accepted(Path(cp.__file__).parent / "audit_survivors.json")


def test_the_tracked_list_is_well_formed_and_names_claims_of_the_catalog() -> None:
    assert TRACKED.claims <= set(CLAIMS)
    assert {key.partition("#")[0] for key in TRACKED.survivors} <= TRACKED.claims
    assert set(TRACKED.undisturbed) <= set(CLAIMS)
    assert all(TRACKED.survivors.values())
    assert all(len(reason.split()) > 4 for reason in TRACKED.undisturbed.values())
    assert all(object_mutants(CLAIMS[id]) for id in TRACKED.undisturbed)


@pytest.mark.slow
def test_the_tracked_claims_are_undisturbed_still() -> None:
    run = Trials("quick", 0, "cpu", None, (), lambda done, total, what: None)
    holding = run.verdicts([CLAIMS[id] for id in sorted(TRACKED.undisturbed)], None)
    results = disturb(run, holding, None)
    assert {r.mutant.original for r in results} == set(TRACKED.undisturbed)
    assert [r.mutant.key for r in results if r.fate is Fate.KILLED] == []
