"""Findings are made in one place, and verdicts combine only what speaks of the same."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest
import sympy as sp

import crossproof
from crossproof.checks.evidence import Evidence, Finding, Kind, Outcome, combine, contradict
from crossproof.checks.judgement.findings import as_text, confirmed, proved, refuted, undecided, undefined
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
CLAIM = Claim("test.a", "t", Source("test", "here"), Identity(x, x), Domain(x=Positive))
PACKAGE = Path(crossproof.__file__).parent
#: What makes findings: the judgement room, and the reader of evidence that was saved.
MAKERS = {"checks/judgement/findings.py", "checks/store/saved.py"}
#: The floors of the package; folders of benchmarks and tests beside them are none.
FLOORS = ("derivations", "numerics", "checks", "reports")


def makers_in(source: str) -> list[str]:
    """Return the names that a module calls to build a finding or a counterexample, however it imports them."""
    tree = ast.parse(source)
    names = {"Finding": "Finding", "Counterexample": "Counterexample"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("evidence"):
            names |= {a.asname: a.name for a in node.names if a.asname and a.name in names}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if name in names:
                found.append(names[name])
    return found


def test_findings_and_counterexamples_are_made_in_the_judgement_room_only() -> None:
    files = [*PACKAGE.glob("*.py"), *(p for floor in FLOORS for p in (PACKAGE / floor).rglob("*.py"))]
    assert len(files) > 200
    elsewhere = {
        str(path.relative_to(PACKAGE)): made
        for path in files
        if (made := makers_in(path.read_text(encoding="utf-8"))) and str(path.relative_to(PACKAGE)) not in MAKERS
    }
    assert elsewhere == {}


@pytest.mark.parametrize(
    "source",
    [
        "Finding(Outcome.PROVED, 'x')",
        "evidence.Counterexample({}, '1', '2', '1')",
        "from ..evidence import Finding as F\n\ndef f(): return F(1, 'x')",
    ],
)
def test_the_search_sees_every_way_of_making_one(source: str) -> None:
    assert makers_in(source)


def test_the_search_lets_mentions_pass() -> None:
    assert makers_in("from .evidence import Finding\n\ndef f(found: Finding) -> Finding: return found") == []


def test_an_exact_point_is_written_down_with_what_is_stated_and_found() -> None:
    found = refuted(
        "differs.", {x: sp.Rational(1, 3)}, sp.Integer(1), 2, "-1", effect=0.5, certified=True, quantity="q"
    )
    assert found.outcome is Outcome.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.point == {"x": "1/3"}
    assert (found.counterexample.stated, found.counterexample.found, found.counterexample.gap) == ("1", "2", "-1")
    assert (found.effect, found.certified, found.quantity, found.level) == (0.5, True, "q", None)
    assert not refuted("differs.", {}, 1, 2, 1, level=1e-8).certified


def test_a_point_without_meaning_names_the_expression_and_the_range_that_works() -> None:
    found = undefined("1/x divides by 0.", {x: 0}, 1 / x, "x != 0")
    assert found.outcome is Outcome.UNDEFINED
    assert found.counterexample is not None
    assert found.counterexample.point == {"x": "0"}
    assert "1/x" in found.counterexample.stated
    assert "x != 0" in found.detail
    nowhere = undefined("no value.", {x: 0}, 1 / x)
    assert nowhere.counterexample is not None
    assert nowhere.counterexample.gap == "not defined"


def test_the_other_makers_carry_what_their_outcome_needs() -> None:
    assert proved("by algebra.") == Finding(Outcome.PROVED, "by algebra.")
    assert undecided("too coarse.").outcome is Outcome.UNDECIDED
    agreed = confirmed("agrees.", 0.01, level=1e-9, quantity="mean")
    assert (agreed.outcome, agreed.resolution, agreed.level) == (Outcome.CONFIRMED, 0.01, 1e-9)
    assert as_text({x: sp.sqrt(2), "k": 3}) == {"x": "sqrt(2)", "k": "3"}


def _evidence(finding: Finding, kind: Kind = Kind.DETERMINISTIC) -> Evidence:
    return Evidence(f"{finding.outcome}-{finding.quantity}-{finding.certified}", kind, "s", finding, 0, {}, 0.1)


def _verdict(*findings: Finding) -> tuple[Outcome, bool]:
    """Return the outcome, and whether there is a contradiction, in whatever order the evidence arrives."""
    verdicts = {
        (v.outcome, bool(v.contradiction))
        for order in itertools.permutations(_evidence(f) for f in findings)
        for v in [combine(CLAIM, order)]
    }
    assert len(verdicts) == 1
    return verdicts.pop()


CERTIFIED = refuted("differs.", {x: 1}, 1, 2, 1, effect=0.5, certified=True)
SAMPLED = refuted("differs.", {x: 1}, 1, 2, 1, effect=0.5, level=1e-9)
AGREES = confirmed("agrees.", 0.01)
MEANINGLESS = undefined("divides by 0.", {x: 1}, 1 / (x - 1))


@pytest.mark.parametrize(
    ("findings", "outcome", "contradiction"),
    [
        # an exact point outranks sampled agreement, whatever its resolution
        ((CERTIFIED, AGREES), Outcome.REFUTED, False),
        ((CERTIFIED, confirmed("agrees.", 1e-300)), Outcome.REFUTED, False),
        ((CERTIFIED, AGREES, undecided("open.")), Outcome.REFUTED, False),
        # and cannot be right together with a proof
        ((CERTIFIED, proved("p")), Outcome.UNDECIDED, True),
        ((SAMPLED, proved("p")), Outcome.UNDECIDED, True),
        # a statement without meaning somewhere is not proved, and what is sampled elsewhere does not mend it
        ((MEANINGLESS, proved("p")), Outcome.UNDEFINED, False),
        ((MEANINGLESS, AGREES), Outcome.UNDEFINED, False),
        ((MEANINGLESS, SAMPLED), Outcome.UNDEFINED, False),
        ((MEANINGLESS, SAMPLED, proved("p")), Outcome.UNDEFINED, False),
        ((MEANINGLESS, CERTIFIED), Outcome.REFUTED, False),
        # sampled evidence contradicts what would have caught its effect, on the same quantity
        ((SAMPLED, AGREES), Outcome.UNDECIDED, True),
        ((SAMPLED, confirmed("agrees.", 0.5)), Outcome.UNDECIDED, True),
        ((SAMPLED, confirmed("agrees.", 0.6)), Outcome.REFUTED, False),
        ((proved("p"), AGREES), Outcome.PROVED, False),
        ((undecided("open."),), Outcome.UNDECIDED, False),
        ((), Outcome.UNDECIDED, False),
    ],
)
def test_what_outranks_and_what_contradicts(
    findings: tuple[Finding, ...], outcome: Outcome, contradiction: bool
) -> None:
    assert _verdict(*findings) == (outcome, contradiction)


@pytest.mark.parametrize(
    ("refutation", "support", "expected"),
    [("mean", "mean", True), ("mean", "variance", False), ("", "variance", True), ("mean", "", True), ("", "", True)],
)
def test_different_quantities_do_not_contradict(refutation: str, support: str, expected: bool) -> None:
    against = refuted("differs.", {}, 1, 2, 1, effect=0.5, quantity=refutation)
    assert contradict(against, confirmed("agrees.", 0.01, quantity=support)) is expected
    outcome = Outcome.UNDECIDED if expected else Outcome.REFUTED
    assert _verdict(against, confirmed("agrees.", 0.01, quantity=support)) == (outcome, expected)


@pytest.mark.parametrize(("effect", "expected"), [(0.0099999, False), (0.01, True), (0.0100001, True), (None, True)])
def test_an_effect_as_large_as_the_resolution_contradicts(effect: float | None, expected: bool) -> None:
    assert contradict(refuted("differs.", {}, 1, 2, 1, effect=effect), confirmed("agrees.", 0.01)) is expected
