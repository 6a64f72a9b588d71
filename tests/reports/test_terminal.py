"""Verdicts as plain lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from crossproof.checks.evidence import Verdict
from crossproof.reports.formats.plain import plain
from crossproof.reports.formats.terminal import SHOW_LINES, WIDTH, claim_line, show_lines, summary_lines, verdict_lines


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
        "  found:  it has none",
        "  defined for: eta > 1",
    ]
    assert "as written: drift = η/η" in lines
    assert verdict_lines(verdicts[-2])[3].startswith("without meaning: at s̃ = 1, η = 1/2: stated log(eta - 1) has")


def test_show_prints_everything_about_a_refutation(verdicts: list[Verdict]) -> None:
    assert show_lines(verdicts[2]) == [
        "t.reading  A title.",
        "source: document t, eq. (1)",
        "statement: s̃²/η = √(s̃) e^(- η)",
        "domain: s̃ > 0, η > 0",
        "given: nothing further",
        "reading: the other sense (the document does not state it)",
        "verdict: refuted by Monte Carlo (a reading that the document does not state)",
        "  refuted by witness 0 (Monte Carlo, deviation 50 %, level 1e-08, seed 7, 0.25 s): "
        "witness 0 computed 1 < 2 & more.",
        "      Starts from the data.",
        "counterexample: at s̃ = 1/2, η = 1",
        "  stated: value = 1",
        "  found:  value = 2",
        "  gap:    -1",
        "reproduce: crossproof verify t.reading --fresh --effort quick --seed 7",
    ]


def test_show_keeps_to_its_lines(verdicts: list[Verdict]) -> None:
    crowded = replace(
        verdicts[0],
        claim=replace(verdicts[0].claim, given=("word " * 200,), title="word " * 60),
        evidence=verdicts[0].evidence * 9,
    )
    lines = show_lines(crowded)
    assert len(lines) == SHOW_LINES
    assert all(len(line) <= WIDTH for line in lines)
    assert any("more witnesses" in line for line in lines)


def test_one_line_a_claim(verdicts: list[Verdict]) -> None:
    assert claim_line(verdicts[1]).split() == ["proved", "t.wrong.repaired", "A", "title.", "[algebra]"]
    assert claim_line(verdicts[2]).endswith("[Monte Carlo] (reading not stated)")
    assert claim_line(verdicts[-1]).startswith("CONTRADICTION")


def test_summary_lists_what_needs_a_reader(verdicts: list[Verdict]) -> None:
    lines = summary_lines(verdicts, 2.0)
    assert lines[0] == "8 claims in 2.0 s: 2 proved, 0 confirmed, 2 refuted, 1 undefined, 3 undecided"
    assert lines[1] == "refuted as stated:"
    assert lines[2].endswith("(repaired by t.wrong.repaired)")
    assert "CONTRADICTIONS:" in lines
    undefined = lines.index("undefined at a point of their domain:")
    assert lines[undefined + 1].startswith("  t.meaningless: log(eta - 1) has no real value at stilde = 1, eta = 1/2; ")


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
