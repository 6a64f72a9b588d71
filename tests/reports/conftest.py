"""Synthetic verdicts: every outcome once, with text that is hard to typeset."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, Verdict, combine
from crossproof.checks.judgement.findings import undefined
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity

HARD = 'Café, naïve Größe: α ~ β_1^2 ≤ 50 % & more #1 $x$ {y} \\z <b>ŝ</b> 中 | "quoted"'
stilde, eta = sp.symbols("stilde eta", positive=True)


def make_claim(name: str, title: str = "A title.", document: str = "t", **fields: object) -> Claim:
    statement = Identity(stilde**2 / eta, sp.sqrt(stilde) * sp.exp(-eta))
    domain = Domain(stilde=Positive, eta=Positive)
    return Claim(f"t.{name}", title, Source(document, "eq. (1)"), statement, domain, **fields)  # type: ignore[arg-type]


def make_evidence(outcome: Outcome, kind: Kind, witness: str) -> Evidence:
    refuted = outcome is Outcome.REFUTED
    finding = Finding(
        outcome,
        f"{witness} computed 1 < 2 & more.",
        resolution=0.02 if outcome is Outcome.CONFIRMED else None,
        effect=0.5 if refuted else None,
        level=1e-8 if kind is Kind.MONTE_CARLO else None,
        counterexample=Counterexample({"stilde": "1/2", "eta": "1"}, "value = 1", "value = 2", "-1")
        if refuted
        else None,
    )
    seed = 7 if kind is Kind.MONTE_CARLO else None
    return Evidence(witness, kind, "the data", finding, seed, {"python": "3.11", "sympy": "1.14"}, 0.25)


def make_undefined(claim: Claim) -> Verdict:
    """Return the verdict that log(eta - 1) has no value at a point, while a sample agrees elsewhere."""
    at, works = {"stilde": "1", "eta": "1/2"}, "eta > 1"
    finding = undefined("log(eta - 1) is not real at eta = 1/2.", at, "log(eta - 1)", works)
    shown = Evidence("definedness", Kind.ALGEBRA, "the sides", finding, None, {"python": "3.11"}, 0.25)
    return combine(claim, [shown, make_evidence(Outcome.CONFIRMED, Kind.MONTE_CARLO, "sampler")])


def make_verdict(claim: Claim, *findings: tuple[Outcome, Kind]) -> Verdict:
    evidence = [make_evidence(o, k, f"witness {i}") for i, (o, k) in enumerate(findings)]
    made = combine(claim, evidence)
    return Verdict(made.claim, made.outcome, made.evidence, made.contradiction, {"effort": "quick", "seed": 7})


@pytest.fixture
def verdicts() -> list[Verdict]:
    return all_verdicts()


def all_verdicts() -> list[Verdict]:
    """Return one verdict of every kind."""
    return [
        make_verdict(make_claim("wrong", HARD, given=(HARD,), note=HARD), (Outcome.REFUTED, Kind.ALGEBRA)),
        make_verdict(make_claim("wrong.repaired", repairs="t.wrong"), (Outcome.PROVED, Kind.ALGEBRA)),
        make_verdict(
            make_claim("reading", reading="the other sense", stated=False),
            (Outcome.REFUTED, Kind.MONTE_CARLO),
        ),
        make_verdict(
            make_claim("both", document="A & B_é"),
            (Outcome.PROVED, Kind.ALGEBRA),
            (Outcome.CONFIRMED, Kind.MONTE_CARLO),
        ),
        make_verdict(make_claim("open"), (Outcome.UNDECIDED, Kind.ALGEBRA)),
        make_verdict(make_claim("alone")),
        make_undefined(make_claim("meaningless", written=(("drift", sp.Mul(eta, 1 / eta, evaluate=False)),))),
        make_verdict(make_claim("clash"), (Outcome.PROVED, Kind.ALGEBRA), (Outcome.REFUTED, Kind.MONTE_CARLO)),
    ]
