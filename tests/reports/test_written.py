"""The commands that write: files whole or not at all, pictures where there are some, one document a letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossproof.checks.evidence import Verdict
from crossproof.derivations.errors import UsageError
from crossproof.reports import written
from crossproof.reports.pictures.choose import NoPicture
from crossproof.reports.pictures.picture import Picture

FACTS = {"effort": "quick"}


@pytest.fixture
def of_t(verdicts: list[Verdict]) -> list[Verdict]:
    return [v for v in verdicts if v.claim.document == "t"]


@pytest.mark.parametrize("format", ["html", "latex"])
def test_a_report_is_written_and_contradictions_are_an_exit_status(
    verdicts: list[Verdict], tmp_path: Path, format: str
) -> None:
    out = tmp_path / "report"
    assert written.write_report(verdicts, format, out, FACTS, pictures=False, seed=0) == 1
    assert written.write_report(verdicts[:-1], format, out, FACTS, pictures=False, seed=0) == 0
    assert "t.wrong" in out.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_pictures_are_asked_for_claims_that_were_refuted_or_confirmed(
    verdicts: list[Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def none(claim: object, verdict: Verdict, *, seed: int) -> Picture:
        asked.append(verdict.claim.id)
        raise NoPicture("there is none")

    monkeypatch.setattr(written, "picture_of", none)
    assert written.pictures_of(verdicts, 0) == {}
    assert asked == ["t.wrong", "t.reading"]


def test_a_report_without_matplotlib_has_no_pictures_and_says_so(
    verdicts: list[Verdict], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object, **__: object) -> Picture:
        raise UsageError("pictures need matplotlib; install crossproof[figures]")

    monkeypatch.setattr(written, "picture_of", missing)
    written.write_report(verdicts[:2], "html", tmp_path / "r.html", FACTS, pictures=True, seed=0)
    assert "install crossproof[figures]" in capsys.readouterr().err
    assert (tmp_path / "r.html").is_file()


def test_a_name_that_latex_cannot_take_is_refused_before_anything_is_drawn(
    verdicts: list[Verdict], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="LaTeX cannot take pictures from 'a_b-figures'"):
        written.write_report(verdicts, "latex", tmp_path / "a_b.tex", FACTS, pictures=True, seed=0)
    assert not list(tmp_path.iterdir())


def test_the_letter_is_printed_or_written(
    of_t: list[Verdict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert written.write_errata(of_t, "md", None, FACTS) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# Errata for document t")
    assert written.write_errata(of_t, "md", tmp_path / "t.md", FACTS) == 0
    assert (tmp_path / "t.md").read_text(encoding="utf-8") == printed


def test_a_letter_is_on_one_document(verdicts: list[Verdict]) -> None:
    with pytest.raises(UsageError, match="errata are written on one document, not on 2: A & B_é, t"):
        written.write_errata(verdicts, "md", None, FACTS)
