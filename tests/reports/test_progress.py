"""What a person sees while a run is under way."""

from __future__ import annotations

import io

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome
from crossproof.checks.runs.unit import Unit
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity
from crossproof.reports.progress import Bar, progress_on


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_names_what_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    x = sp.Symbol("x", positive=True)
    wrong = Claim("mine.wrong", "t", Source("mine", "(1)"), Identity(2 * x, 3 * x), Domain(x=Positive))
    monkeypatch.setattr("crossproof.reports.progress.CLAIMS", {"mine.wrong": wrong})
    monkeypatch.setattr("crossproof.reports.progress.witnesses_for", lambda claim: iter([claim]))
    stream = Terminal()
    example = Counterexample({"x": "1"}, "1", "2", "-1")
    evidence = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.REFUTED, "d", counterexample=example), None, {}, 0.1)
    with progress_on(stream, lines=True) as progress:
        assert isinstance(progress, Bar)
        progress(1, 1, Unit("mine.wrong", "w", "quick", 0, "cpu", 1e-8), evidence)
    assert "refuted    mine.wrong" in stream.getvalue()
