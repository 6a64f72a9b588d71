"""Verdicts as plain lines."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import sympy as sp
from rich.cells import cell_len

from crossproof.checks.evidence import Counterexample, Outcome, Verdict
from crossproof.reports.content.build import build
from crossproof.reports.content.wording import MOST_CHARACTERS, cut
from crossproof.reports.formats import html, latex
from crossproof.reports.formats.console import (
    WIDTH,
    lines_of_rows,
    print_claims,
    print_rows,
    print_summary,
    summary_lines,
)
from crossproof.reports.formats.plain import plain
from crossproof.reports.formats.terminal import claim_line, show_rows, summary, verdict_lines


def show_lines(verdict: Verdict) -> list[str]:
    return lines_of_rows(show_rows(verdict))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_verdict_is_five_lines(verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        lines = verdict_lines(verdict)
        assert len(lines) == 5
        assert all("\n" not in line and len(line) <= WIDTH for line in lines)


def test_a_refutation_prints_its_counterexample(verdicts: list[Verdict]) -> None:
    assert verdict_lines(verdicts[2]) == [
        "t.reading: A title.",
        "source: document t, eq. (1); reading: the other sense",
        "verdict: refuted by Monte Carlo (a reading that the document does not state)",
        "counterexample: at s̃ = 1/2, η = 1: stated value = 1; found value = 2; gap -1",
        "reproduce: crossproof verify t.reading --fresh --effort quick --seed 7",
    ]


def test_a_statement_without_meaning_prints_the_point(verdicts: list[Verdict]) -> None:
    lines = show_lines(verdicts[-2])
    at = lines.index("without meaning: at s̃ = 1, η = 1/2")
    assert lines[at + 1 : at + 4] == [
        "  stated: log(eta - 1) has a real value",
        "  found: it has none",
        "  defined for: eta > 1",
    ]
    assert "as written: drift = η/η" in lines
    assert verdict_lines(verdicts[-2])[3].startswith("without meaning: at s̃ = 1, η = 1/2: stated log(eta - 1) has")


def test_show_prints_everything_about_a_refutation(verdicts: list[Verdict]) -> None:
    lines = show_lines(verdicts[2])
    assert lines[:2] == ["t.reading  A title.", "source: document t, eq. (1)"]
    assert "reading: the other sense (the document does not state it)" in lines
    assert "verdict: refuted by Monte Carlo (a reading that the document does not state)" in lines
    at = lines.index("counterexample: at s̃ = 1/2, η = 1")
    assert lines[at + 1 : at + 4] == ["  stated: value = 1", "  found: value = 2", "  gap: -1"]
    assert lines[-1] == "reproduce: crossproof verify t.reading --fresh --effort quick --seed 7"


def test_show_cuts_nothing(verdicts: list[Verdict]) -> None:
    words = " ".join(f"word{k}" for k in range(300))
    crowded = replace(
        verdicts[0],
        claim=replace(verdicts[0].claim, given=(words,), title=words, note=words),
        evidence=verdicts[0].evidence * 9,
    )
    lines = show_lines(crowded)
    assert all(len(line) <= WIDTH for line in lines[:-1])
    assert "".join(lines).count("word299") == 3
    assert sum(line.lstrip().startswith("refuted: by") for line in lines) == len(crowded.evidence)


def test_show_has_no_python_and_no_modules(verdicts: list[Verdict]) -> None:
    evidence = replace(
        verdicts[2].evidence[0],
        finding=replace(verdicts[2].evidence[0].finding, detail="Agree at {'zeta': '1/2', 'mu': '17/8'}."),
        code=("crossproof.checks.witnesses.scalars.identities",),
    )
    text = " ".join(show_lines(replace(verdicts[2], evidence=(evidence,))))
    assert "Agree at ζ = 1/2, μ = 17/8." in text
    assert "checks.witnesses" not in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_terminal_is_used_in_its_width_and_cuts_nothing(
    verdicts: list[Verdict], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    title = " ".join(f"word{k}" for k in range(60))
    print_claims([("t.long", "refuted", title), ("t.short", "-", "Short.")])
    print_summary(summary([replace(v, claim=replace(v.claim, title=title)) for v in verdicts], 1.0))
    print_rows(show_rows(replace(verdicts[2], claim=replace(verdicts[2].claim, note=title))))
    text = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    lines = text.splitlines()
    command = [line for line in lines if line.startswith("reproduce: ")]
    assert max(cell_len(line) for line in lines if line not in command) <= width
    assert text.count("word59") == 1 + sum(v.outcome is Outcome.REFUTED for v in verdicts) + 1
    assert command[-1].endswith("--seed 7")
    assert max(map(len, lines)) > min(0.8 * width, 120)


def test_colours_on_a_terminal_only(
    verdicts: list[Verdict], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_claims([("t.wrong", "refuted", "A title.")])
    assert capsys.readouterr().out == "t.wrong  refuted    A title.\n"
    for setting, coloured in ((None, True), ("1", False)):
        if setting:
            monkeypatch.setenv("NO_COLOR", setting)
        stream = Terminal()
        with monkeypatch.context() as patched:
            patched.setattr("sys.stdout", stream)
            print_claims([("t.wrong", "refuted", "A title.")])
        assert ("\x1b[31m" in stream.getvalue()) is coloured


def test_one_line_a_claim(verdicts: list[Verdict]) -> None:
    assert claim_line(verdicts[1]).split() == ["proved", "t.wrong.repaired", "A", "title.", "[algebra]"]
    assert claim_line(verdicts[2]).endswith("[Monte Carlo] (reading not stated)")
    assert claim_line(verdicts[-1]).startswith("CONTRADICTION")


def test_summary_lists_what_needs_a_reader(verdicts: list[Verdict]) -> None:
    lines = summary_lines(summary(verdicts, 2.0))
    assert lines[0] == "8 claims in 2.0 s: 2 proved, 0 confirmed, 2 refuted, 1 undefined, 3 undecided"
    assert lines[1] == "refuted as stated:"
    assert lines[2].endswith("(repaired by t.wrong.repaired)")
    assert "CONTRADICTIONS:" in lines
    undefined = lines.index("undefined at a point of their domain:")
    assert lines[undefined + 1].startswith("  t.meaningless: log(eta - 1) has no real value at stilde = 1, eta = 1/2; ")


NASTY = "\x1b[2J\x9b31m\r\x08\u202e\u200b\ud800"


def test_what_a_witness_says_does_not_command_the_terminal(verdicts: list[Verdict]) -> None:
    """Every text of a verdict holds escape codes; each line shows them, and keeps its length."""
    example = Counterexample({f"x{NASTY}": NASTY}, NASTY, NASTY, NASTY)
    for verdict in verdicts:
        claim = replace(verdict.claim, title=NASTY, given=(NASTY,), note=NASTY)
        evidence = tuple(
            replace(e, starts_from=NASTY, finding=replace(e.finding, detail=NASTY * 9, counterexample=example))
            for e in verdict.evidence
        )
        spoiled = replace(verdict, claim=claim, evidence=evidence, run={"modules": (NASTY,)})
        shown = [
            *show_lines(spoiled),
            *verdict_lines(spoiled),
            claim_line(spoiled),
            *summary_lines(summary([spoiled], 1.0)),
        ]
        assert all(line.isprintable() for line in shown)
        assert any("\\x1b[2J\\x9b31m" in line for line in show_lines(spoiled))
        lines = [*show_lines(spoiled), *verdict_lines(spoiled)]
        assert all(len(line) <= WIDTH for line in lines if not line.startswith("reproduce"))


def test_a_huge_text_is_cut_with_a_note_of_its_size(verdicts: list[Verdict]) -> None:
    huge = "x" * 5_000_000
    example = Counterexample({"x": huge}, huge, huge, huge)
    for verdict in (verdicts[0], verdicts[-1]):
        evidence = tuple(
            replace(e, starts_from=huge, finding=replace(e.finding, detail=huge, counterexample=example))
            for e in verdict.evidence
        )
        document = build([replace(verdict, evidence=evidence)])
        for page in (html.render(document), latex.render(document)):
            assert len(page) < 500_000
            assert "5000000 characters in all" in page.replace("\\allowbreak{}", "")
    assert cut("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS


x, stilde = sp.symbols("x stilde", positive=True)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (sp.latex((x + 1) / (stilde * (x + 2))), "(x + 1)/(s̃ (x + 2))"),
        (sp.latex(x ** sp.Rational(3, 2)), "x^(3/2)"),
        (sp.latex(sp.Matrix([[1, 2], [3, 4]])), "[1, 2; 3, 4]"),
        (sp.latex(sp.root(x, 3)), "∛(x)"),
        (r"\mathbb{E}\left[\lVert x \rVert^2\right] \leq \operatorname{tr} A", "E[‖ x ‖²] ≤ tr A"),
        (r"\tfrac{1}{2}\eta_b", "1/2 η_b"),
        (r"x \in \mathbb{R}, \text{ for all } t", "x ∈ ℝ, for all t"),
        (r"\unknown{a}", r"unknowna"),
        (r"\frac{a}{b", "a/b"),
        ("", ""),
    ],
)
def test_formulas_in_one_line(latex: str, expected: str) -> None:
    assert plain(latex) == expected


def test_what_is_printed_from_the_store_needs_neither_sympy_nor_torch() -> None:
    script = (
        "import sys, crossproof.reports.verification; from crossproof.reports.formats.console import print_summary; "
        "from crossproof.reports.progress import replay; "
        "from crossproof.checks.store import files, lock, store; from crossproof.checks.sources import keys; "
        "replay([[True, 'proved x']]); print_summary({'counts': '1 claim', 'groups': []}); "
        "assert not {'sympy', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, timeout=100, capture_output=True, text=True)
    assert done.stdout == "proved x\n1 claim\n"
