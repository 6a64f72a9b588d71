"""What a person sees while a run is under way."""

from __future__ import annotations

import io

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, combine
from crossproof.checks.runs.unit import Unit
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity
from crossproof.reports import progress as progresses
from crossproof.reports.progress import Bar, listed, progress_on


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


def _made(count: int) -> dict[str, Claim]:
    x = sp.Symbol("x", positive=True)
    ids = [f"mine.c{k}" for k in range(count)]
    return {i: Claim(i, "t", Source("mine", "(1)"), Identity(x, x), Domain(x=Positive)) for i in ids}


@pytest.mark.parametrize("count", [3, 4, 200, 1000])
def test_without_a_terminal_the_lines_are_bounded(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    claims = _made(count)
    monkeypatch.setattr(progresses, "CLAIMS", claims)
    monkeypatch.setattr(progresses, "witnesses_for", lambda claim: iter([claim]))
    monkeypatch.setattr(progresses, "LISTED", 3)
    stream = io.StringIO()
    proof = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.PROVED, "d"), None, {}, 0.1)
    with progress_on(stream, lines=True) as progress:
        for done, id in enumerate(claims, 1):
            progress(done, count, Unit(id, "w", "quick", 0, "cpu", 1e-8), proof)
        progress.finish([])
    lines = stream.getvalue().splitlines()
    assert sum(line.startswith("proved") for line in lines) == 3
    assert len(lines) <= 3 + 10 + 1
    if count == 3:
        assert len(lines) == 3
    else:
        assert lines[-1].startswith(f"{count - 3} more claim{'s' * (count > 4)} ha")
        assert f"{count} of {count} examinations are made" in lines


def test_a_run_from_the_store_has_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progresses, "LISTED", 3)
    proof = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.PROVED, "d"), None, {}, 0.1)
    verdicts = [combine(claim, [proof]) for claim in _made(5).values()]
    assert len(listed(verdicts[:3])) == 3
    assert listed(verdicts)[-1].startswith("2 more claims have no line here")
