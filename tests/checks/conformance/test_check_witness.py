"""Every registered witness keeps the rules of the conformance suite, and witnesses that break one are caught."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import sympy as sp

import crossproof
from crossproof.checks.audit.equivalence import SAME
from crossproof.checks.conformance.check_witness import Breach, Example, breaches, check_witness
from crossproof.checks.effort import effort
from crossproof.checks.evidence import Counterexample, Finding, Kind, Outcome
from crossproof.checks.judgement.findings import confirmed, proved, refuted, undecided
from crossproof.checks.mutants.mutants import Mutant, mutants
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, Witness, registered_witnesses, witness_named, witnesses_for
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import WitnessError
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.extrema import GlobalMaximum
from crossproof.derivations.statements.scalar import Identity

load_catalog()
x = sp.Symbol("x", positive=True)
SURVIVORS = Path(crossproof.__file__).parent / "audit_survivors.json"
#: Normal forms that differ prove nothing, so these leave wrong claims undecided; members that leave 0 upward confirm
#: nothing, and no variant of the claim that is shown has a member that stays.
ONLY_PROVE = {
    "chain rule at a neuron",
    "chain rule for one neuron's gradient",
    "comparison of passages",
    "drift of the squared distance",
    "exits of members near 0",
    "gradients by a property",
    "multilinearity",
    "trace words",
}
#: Witnesses that take more than ten seconds here.
SLOW = {
    "adjoint operator",
    "backward equation of an exit",
    "ball arithmetic",
    "counted pairings",
    "linear decay",
    "mean exit times by quadrature",
    "mixed partials",
    "normal forms",
    "scan on both sides of the condition",
    "sign on the domain",
    "smallest margin",
    "weak form",
    "zero probability current",
}
#: Claims that a witness is shown, and wrong variants in each asserted field.
CLAIMS_SHOWN, VARIANTS_SHOWN = 1, 2
#: More where gross variants are left open by design: a density of infinite mass has no distribution function.
#: (A root that is followed from a wrong zeroth order is none either, but its first order is asserted besides.)
MORE_VARIANTS = {"stationary Fokker-Planck solve": 4}


@cache
def claims_by_witness() -> dict[str, list[Claim]]:
    """Return the claims of the catalog that hold, by the witnesses that speak to them."""
    repaired = {claim.repairs for claim in CLAIMS.values()}
    found: dict[str, list[Claim]] = {}
    for claim in CLAIMS.values():
        if claim.id not in repaired and claim.stated:
            for w in witnesses_for(claim):
                found.setdefault(w.name, []).append(claim)
    return found


@cache
def known_survivors() -> frozenset[str]:
    return frozenset(json.loads(SURVIVORS.read_text())["survivors"])


def wrong_variants(claim: Claim) -> Iterator[Claim]:
    """Yield mutants that assert something else: a factor of two or a sign first, which every witness should see."""
    order = sorted(mutants(claim), key=lambda m: not any(f": {w} " in m.change for w in ("twice", "half of", "minus")))
    for mutant in order:
        if mutant.claim is not None and mutant.key not in known_survivors() and not same(mutant):
            yield mutant.claim


def variants_shown(name: str, claim: Claim) -> tuple[Claim, ...]:
    """Return the first wrong variants in each asserted field."""
    count, seen = MORE_VARIANTS.get(name, VARIANTS_SHOWN), Counter[str]()
    found: list[Claim] = []
    fields = claim.statement.asserted()
    for variant in wrong_variants(claim):
        changed = next(
            (f for f in fields if getattr(variant.statement, f) != getattr(claim.statement, f)), "the statement"
        )
        seen[changed] += 1
        if seen[changed] <= count:
            found.append(variant)
        if len(seen) >= len(fields) and min(seen.values()) >= count:
            break
    return tuple(found)


def same(mutant: Mutant) -> bool:
    """Return whether a mutant asserts what its original does, or has no value."""
    assert mutant.claim is not None
    task = Task(mutant.claim, effort("quick"), 0, "cpu", 1e-9, SAME)
    said = witness_named(SAME).examine(mutant.claim.statement, task)
    return said.outcome is Outcome.PROVED or said.detail.startswith("undefined")


def shown() -> list[object]:
    # the others compare two statements, or look whether one depends on its object: no claim says that
    return [
        pytest.param(
            w.name, id=w.name, marks=[pytest.mark.slow] if w.name in SLOW or w.kind is Kind.MONTE_CARLO else []
        )
        for w in registered_witnesses()
        if w.name in claims_by_witness()
    ]


@pytest.mark.parametrize("name", shown())
def test_every_witness_keeps_the_rules(name: str) -> None:
    examples = [Example(claim, variants_shown(name, claim)) for claim in claims_by_witness()[name][:CLAIMS_SHOWN]]
    check_witness(name, examples, only_proves=name in ONLY_PROVE)


def test_a_larger_value_elsewhere_keeps_the_rules() -> None:
    """No claim of the catalog names a global maximum."""
    c = sp.Symbol("c", positive=True)

    def maximum(location: sp.Expr) -> Claim:
        statement = GlobalMaximum(x * sp.exp(-c * x), x, location, sp.Interval.open(0, sp.oo))
        return Claim("toy.maximum", "A maximum.", Source("toy", "2"), statement, Domain(c=Positive))

    check_witness("larger value elsewhere", [Example(maximum(1 / c), (maximum(2 / c), maximum(1 / c**2)))])


Answer = Callable[[Identity, Task], Finding]


def toy(answer: Answer, kind: Kind = Kind.DETERMINISTIC) -> Witness:
    return Witness("toy", kind, Identity, "x**2", answer, lambda statement: True)


def claim_of(rhs: sp.Expr) -> Claim:
    return Claim("toy.square", "A square.", Source("toy", "1"), Identity(x * x, rhs), Domain(x=Positive))


EXAMPLE = Example(claim_of(x**2), (claim_of(2 * x**2), claim_of(3 * x**2)), 0.5)


def sound(statement: Identity, task: Task) -> Finding:
    """Compare both sides at x = 2; the effort's number of points is read as a witness would."""
    point = {x: sp.Integer(2)}
    found, stated = sp.Integer(4 if task.effort.points else 0), statement.rhs.subs(point)
    if stated == found:
        return confirmed("x = 2", 1e-9)
    if not stated.is_Rational:
        return undecided("no number")
    return refuted("x = 2", point, stated, found, stated - found)


def broken_rules(answer: Answer, kind: Kind = Kind.DETERMINISTIC) -> set[str]:
    return {breach.rule for breach in breaches(toy(answer, kind), [EXAMPLE])}


def test_a_sound_witness_passes() -> None:
    assert breaches(toy(sound), [EXAMPLE]) == ()
    check_witness(toy(sound), [EXAMPLE])


def test_the_error_names_witness_rule_claim_and_remedy() -> None:
    with pytest.raises(WitnessError, match=r"witness 'toy' breaks 1 rules: truth \(all examples\): no wrong variant"):
        check_witness(toy(lambda s, t: undecided("never")), [EXAMPLE])
    assert str(Breach("level", "a.b", "too much")) == "level (a.b): too much"


def supporting(statement: Identity, task: Task) -> Finding:
    return confirmed("agrees", 1e-9) if statement.rhs.has(x) else confirmed("agrees too", 1e-9)


def proving_undefined(statement: Identity, task: Task) -> Finding:
    return sound(statement, task) if statement.rhs.is_extended_real else proved("it is nan")


def drawing(statement: Identity, task: Task) -> Finding:
    found = sound(statement, task)
    return confirmed(f"x = {random.random()}", 1e-9) if found.outcome is Outcome.CONFIRMED else found


def spending(statement: Identity, task: Task) -> Finding:
    found = sound(statement, task)
    return confirmed("x = 2", 1e-9, level=1e-3) if found.outcome is Outcome.CONFIRMED else found


def by_name(statement: Identity, task: Task) -> Finding:
    return sound(statement, task) if task.effort.name == "quick" else undecided("unknown effort")


def printing(statement: Identity, task: Task) -> Finding:
    print("looking")
    return sound(statement, task)


def leaving_environment(statement: Identity, task: Task) -> Finding:
    os.environ["CROSSPROOF_TOY"] = str(time.monotonic())
    return sound(statement, task)


def raising(statement: Identity, task: Task) -> Finding:
    raise ZeroDivisionError("1/0")


def with_sympy_numbers(statement: Identity, task: Task) -> Finding:
    found = sound(statement, task)
    if found.outcome is not Outcome.REFUTED:
        return found
    return Finding(Outcome.REFUTED, "x", counterexample=Counterexample({"x": sp.Integer(2)}, "8", "4", "4"))  # type: ignore[dict-item]


def borrowing(statement: Identity, task: Task) -> Finding:
    """Take what is found from the assertion."""
    value = statement.rhs.subs({x: sp.Integer(2)})
    if value == 4:
        return confirmed("x = 2", 1e-9)
    return refuted("x = 2", {x: 2}, value, value - 4, 4) if value.is_Rational else undecided("no number")


def accusing(statement: Identity, task: Task) -> Finding:
    value = statement.rhs.subs({x: sp.Integer(2)})
    return refuted("x = 2", {x: 2}, value, 5, 1) if value.is_Rational else undecided("no number")


def guessing(statement: Identity, task: Task) -> Finding:
    """Take the values of any assertion for those that were drawn."""
    value = statement.rhs.subs({x: sp.Integer(2)})
    return confirmed("x = 2", 1e-9, level=task.level) if value.is_Rational else undecided("no number")


def with_a_resolution_of_nan(statement: Identity, task: Task) -> Finding:
    return confirmed("x = 2", float("nan"))


def without_reading(statement: Identity, task: Task) -> Finding:
    return proved("squares are squares")


def endless(statement: Identity, task: Task) -> Finding:
    while True:
        pass


@pytest.mark.parametrize(
    ("answer", "rules"),
    [
        (supporting, {"truth", "undefined"}),
        (proving_undefined, {"undefined"}),
        (drawing, {"repeatable", "state"}),
        (spending, {"level"}),
        (by_name, {"effort"}),
        (printing, {"state"}),
        (raising, {"finding", "truth"}),
        (with_sympy_numbers, {"finding", "truth"}),
        (with_a_resolution_of_nan, {"finding", "truth"}),
        (borrowing, {"assertion"}),
        (accusing, {"truth", "level"}),
        (without_reading, {"truth", "undefined", "assertion"}),
    ],
)
def test_a_broken_rule_is_named(answer: Answer, rules: set[str]) -> None:
    assert broken_rules(answer) == rules


def test_a_changed_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSPROOF_TOY", "")
    assert broken_rules(leaving_environment) == {"state"}


def test_an_endless_witness_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossproof.checks.conformance.watched_run._LIMITS", dict.fromkeys(Kind, 0.01))
    assert broken_rules(endless) == {"limits", "truth"}


def test_sampling_reads_sizes_and_device() -> None:
    assert broken_rules(sound, Kind.MONTE_CARLO) == {"device"}
    assert broken_rules(accusing, Kind.MONTE_CARLO) == {"truth", "level", "device"}
    assert broken_rules(guessing, Kind.MONTE_CARLO) == {"truth", "effort", "device"}


def test_a_claim_that_the_witness_does_not_speak_to_is_named() -> None:
    other = Witness("toy", Kind.ALGEBRA, Identity, "x**2", sound, lambda statement: False)
    assert [breach.rule for breach in breaches(other, [EXAMPLE])] == ["applies", "truth"]
