"""Object mutants: what a claim is about is changed, every kind of it, and what it asserts is not."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.checks.mutants.mutants import change_named, claim_named, mutants, object_mutants
from crossproof.checks.mutants.rebuilding import sound
from crossproof.checks.runs.unit import load_catalog
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.sampling import Sampling, Scheme
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.statements.batches import BatchFactor, BatchQuantity
from crossproof.derivations.statements.extrema import Inequality
from crossproof.derivations.statements.processes import ExpectationAtAllTimes
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.derivations.symbols import dimension, positive, real

load_catalog()
a, b, x, t = positive("a b x t")
y: sp.Symbol = real("y")

#: Types of which nothing but the asserted field, or the place of the claim, can be changed.
WITHOUT_OBJECT = {
    "Observation": "a report in words",
    "Inequality": "both sides are asserted; the bounds of its domain are dropped, where it has any",
    "FlowKeepsSet": "what is assumed of the gradients is the asserted field",
    "FixedSetInvariant": "the kind of the matrices is the asserted field",
    "TranslationInvariant": "the moves are the asserted field",
    "InterpolatingPoint": "the values of the loss are the asserted field",
}


def _claim(statement: Any, domain: Domain) -> Claim:
    return Claim("test.objects", "A test.", Source("test", "here"), statement, domain)


def _changes(claim: Claim) -> list[str]:
    return [m.change.removeprefix("about ") for m in object_mutants(claim)]


def test_an_equation_loses_its_noise_its_drift_and_its_calculus_and_the_assertion_stays() -> None:
    sde = SDE(x, a - b * x, sp.sqrt(2 * x))
    law = StationaryLaw(sde, x ** (a - 1) * sp.exp(-b * x), sp.Interval.open(0, sp.oo), (0,))
    made = object_mutants(_claim(law, Domain(x=Positive, a=Positive, b=Positive)))
    found = {m.change.removeprefix("about "): m.claim.statement for m in made if m.claim is not None}
    assert all(s.density == law.density and s.support == law.support for s in found.values())
    assert found["sde: without noise"].sde.diffusion == sp.Matrix([0])
    assert found["sde: twice the noise"].sde.diffusion == 2 * sde.diffusion
    assert found["sde: half the drift"].sde.drift == sde.drift / 2
    assert found["sde: read in the sense of Stratonovich"].sde.calculus == "stratonovich"
    assert found["sde: the drift without a"].sde.drift == sp.Matrix([-b * x])
    assert found["reflecting: without 0"].reflecting == ()
    assert repr(law) not in [repr(s) for s in found.values()]


def test_what_an_equation_lacks_is_put_in() -> None:
    moved = _claim(ExpectationAtAllTimes(SDE(y, 0, 0), y, t, a, a), Domain(t=Positive, a=Positive))
    assert {"sde: noise of size 1 in place of none", "sde: drift 1 in place of none"} <= set(_changes(moved))
    assert not [w for w in _changes(moved) if "in the sense" in w or w.startswith("time")]


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("003.prop3.5.decoupled", "target.setting.modes: 3 in place of 2"),
        ("003.eq5", "target.setting.label_noise: 0 in place of sigma"),
        ("003.prop3.1.gradient", "setting.label_noise: 0 in place of sigma"),
        ("003.prop3.2.zero-jac", "parts[0].setting.silent: none"),
        ("003.prop3.2.zero-min", "setting.at_teacher: False"),
        ("004.eq15", "sampling.batch: twice beta"),
        ("004.prop3.1", "network.activation: any activation in place of any origin-passing activation"),
        ("000.eq6", "flow.variance: 0 in place of delta*eta"),
        ("003.eq1.limit", "training.start: twice e0"),
        ("004.sec6.escape", "slower.sde: without noise"),
    ],
)
def test_descriptions_lose_noise_and_assumptions_and_gain_modes_and_samples(id: str, words: str) -> None:
    made = {m.change: m for m in object_mutants(CLAIMS[id])}
    assert f"about {words}" in made, "\n".join(made)
    assert made[f"about {words}"].claim is not None


def test_a_mode_more_brings_its_ranges_with_it() -> None:
    original = CLAIMS["003.prop3.5.decoupled"]
    (more,) = [m for m in object_mutants(original) if m.change.endswith("modes: 3 in place of 2")]
    assert more.claim is not None
    gained = set(more.claim.domain.symbols) - set(original.domain.symbols)
    assert {s.name for s in gained} == {"s3", "stilde3"}


def test_bounds_of_the_domain_are_dropped_and_signs_are_kept() -> None:
    n = dimension("n")
    c = sp.Symbol("c", nonnegative=True)
    domain = Domain(a=Positive, b=Between(0, 1), x=Above(a), y=Real, c=AtLeast(0), n=Integers(3))
    made = object_mutants(_claim(Inequality(sp.Gt(x + b + c + n, y, evaluate=False)), domain))
    assert [m.change for m in made] == [
        "about domain: any positive b",
        "about domain: any positive x",
        "about domain: any positive integer n",
    ]
    for m, (name, wide) in zip(made, (("b", Positive), ("x", Positive), ("n", Integers(1))), strict=True):
        assert m.claim is not None
        expected = {s.name: r for s, r in domain.ranges.items()} | {name: wide}
        assert repr(m.claim.domain) == repr(Domain(**expected))


def test_names_are_no_objects() -> None:
    for id in ("003.eq9", "003.f.zero", "004.conj-i.1.limits", "003.eq1.limit.sde"):
        fields = ("variable", "time", "parameter")
        assert not [w for w in _changes(CLAIMS[id]) if w.startswith(fields)]


def test_an_object_mutant_is_found_again_and_is_told_apart_from_the_others() -> None:
    original = CLAIMS["004.gbm.log"]
    made = object_mutants(original)
    assert not {m.id for m in made} & {m.id for m in mutants(original)}
    assert not {m.key for m in made} & {m.key for m in mutants(original)}
    for m in made:
        assert m.claim is not None
        assert repr(claim_named(m.id).statement) == repr(m.claim.statement)
        assert change_named(m.id) == m.change
    with pytest.raises(ClaimError, match="has mutants 0 to"):
        claim_named("004.gbm.log#about9999")


def test_a_changed_object_that_cannot_be_stated_says_why() -> None:
    online = BatchFactor(Sampling(Scheme.ONLINE, dimension("B")), BatchQuantity.MEAN, sp.Integer(1))
    made = _claim(online, Domain(B=Integers(1)))
    refused = [m for m in object_mutants(made) if m.claim is None]
    assert any("population is None" in m.refusal for m in refused)
    assert not [w for w in _changes(made) if "batch: 0" in w]  # a count of 0 describes nothing


def test_both_sides_of_an_identity_are_looked_at() -> None:
    same = _claim(Identity(a + b, b + a), Domain(a=Positive, b=Positive))
    assert "lhs: without b" in _changes(same)
    assert all(m.claim is not None and m.claim.statement.rhs == a + b for m in object_mutants(same))


def test_every_type_of_statement_has_an_object_or_a_reason_for_having_none() -> None:
    having: set[str] = set()
    for made in CLAIMS.values():
        kind = type(made.statement).__name__
        if kind not in having and object_mutants(made):
            having.add(kind)
    lacking = {type(c.statement).__name__ for c in CLAIMS.values()} - having
    assert lacking <= set(WITHOUT_OBJECT)
    assert set(WITHOUT_OBJECT) & having <= {"Inequality"}


def test_an_integral_to_infinity_is_changed_within_and_a_value_that_is_infinite_is_no_formula() -> None:
    mean = sp.Integral(t * sp.exp(-t / a) / a, (t, 0, sp.oo))
    made = object_mutants(_claim(Identity(mean, a), Domain(a=Positive)))
    assert sum(m.claim is not None for m in made) >= 3
    doubled = next(m for m in made if m.change == f"about lhs: twice {mean}")
    assert doubled.claim is not None
    assert doubled.claim.statement.lhs == 2 * mean
    for infinite in (
        sp.oo * sp.Symbol("i"),
        sp.Integral(sp.oo * y, (y, 0, 1)),
        1 + sp.I,
        sp.Integral(y, (y, 0, sp.zoo)),
    ):
        with pytest.raises(ClaimError, match="not a finite real expression"):
            sound(infinite)
