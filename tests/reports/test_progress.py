"""What a person sees while a run is under way."""

from __future__ import annotations

import io
import re

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, combine
from crossproof.checks.runs.unit import Unit
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity
from crossproof.reports import progress as progresses
from crossproof.reports.progress import Bar, lines_of, progress_on, replay, steps


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_names_what_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    x = sp.Symbol("x", positive=True)
    wrong = Claim("mine.wrong", "t", Source("mine", "(1)"), Identity(2 * x, 3 * x), Domain(x=Positive))
    monkeypatch.setattr("crossproof.derivations.claim.CLAIMS", {"mine.wrong": wrong})
    monkeypatch.setattr("crossproof.checks.witness.witnesses_for", lambda claim: iter([claim]))
    stream = Terminal()
    example = Counterexample({"x": "1"}, "1", "2", "-1")
    evidence = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.REFUTED, "d", counterexample=example), None, {}, 0.1)
    with progress_on(stream, lines=True) as progress:
        assert isinstance(progress, Bar)
        progress(1, 1, Unit("mine.wrong", "w", "quick", 0, "cpu", 1e-8), evidence)
    assert "refuted    mine.wrong" in re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())


def _made(count: int) -> dict[str, Claim]:
    x = sp.Symbol("x", positive=True)
    ids = [f"mine.c{k}" for k in range(count)]
    return {i: Claim(i, "t", Source("mine", "(1)"), Identity(x, x), Domain(x=Positive)) for i in ids}


@pytest.mark.parametrize("count", [3, 4, 200, 1000])
def test_without_a_terminal_the_lines_are_bounded(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    claims = _made(count)
    monkeypatch.setattr("crossproof.derivations.claim.CLAIMS", claims)
    monkeypatch.setattr("crossproof.checks.witness.witnesses_for", lambda claim: iter([claim]))
    monkeypatch.setattr(progresses, "LISTED", 3)
    stream = io.StringIO()
    proof = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.PROVED, "d"), None, {}, 0.1)
    with progress_on(stream, lines=True) as progress:
        for done, id in enumerate(claims, 1):
            progress(done, count, Unit(id, "w", "quick", 0, "cpu", 1e-8), proof)
        progress.finish([])
        assert progress.order == list(claims)
    lines = stream.getvalue().splitlines()
    assert sum(line.startswith("proved") for line in lines) == 3
    assert len(lines) <= 3 + 10 + 1
    if count == 3:
        assert len(lines) == 3
    else:
        assert lines[-1].startswith(f"{count - 3} more claim{'s' * (count > 4)} ha")
        assert f"{count} of {count} examinations are made" in lines


def test_a_run_from_the_store_prints_what_the_first_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progresses, "LISTED", 3)
    proof = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.PROVED, "d"), None, {}, 0.1)
    verdicts = [combine(claim, [proof]) for claim in _made(5).values()]
    lines = lines_of(verdicts, ["mine.c4", "mine.c1"])
    assert [line.split()[1] for _, line in lines] == ["mine.c4", "mine.c1", "mine.c0", "mine.c2", "mine.c3"]
    assert not any(needed for needed, _ in lines)
    replay(lines[:3])
    assert capsys.readouterr().out.splitlines() == [line for _, line in lines[:3]]
    replay(lines)
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 more claims have no line here")


def test_on_a_terminal_only_what_fails_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    replay([[False, "proved     mine.right"], [True, "refuted    mine.wrong"]])
    assert "mine.wrong" in stream.getvalue()
    assert "mine.right" not in stream.getvalue()


def test_steps_are_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        with steps() as starting:
            starting(2, 7, "003.fig2")
        assert ("2/7" in stream.getvalue() and "003.fig2" in stream.getvalue()) is shown
        assert shown or not stream.getvalue()
