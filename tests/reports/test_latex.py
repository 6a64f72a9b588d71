"""The LaTeX document: escaped text, breakable formulas, and a source that compiles without errors."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from crossproof.checks.evidence import Verdict
from crossproof.reports.content.build import build
from crossproof.reports.formats import latex
from crossproof.reports.formats.tex import breakable, math, text


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("50 % & #1", r"50 \% \& \#1"),
        ("a_b^2", r"a\_\allowbreak{}b\^{}2"),
        ("\\x {y} $z$", r"$\backslash$x \{y\} \$z\$"),
        ("é", r"\'{e}"),
        ("α ≤ β", r"${\alpha}$ ${\le}$ ${\beta}$"),
        ("s̃", r"$\tilde{s}$"),
        ("x² y₁", r"x${}^{2}$ y${}_{1}$"),
        ("中", "[U+4E2D]"),
        ("a\u0315", "a[U+0315]"),
        ("tab\tend", "tab end"),
    ],
)
def test_text_is_escaped(plain: str, expected: str) -> None:
    assert text(plain) == expected


def test_long_words_may_be_broken() -> None:
    assert text("1" * 40).count(r"\allowbreak") == 2


def test_formulas_become_ascii() -> None:
    assert math("α + é") == r"{\alpha} + \text{\'{e}}"


def test_long_fractions_and_stretching_brackets_are_loosened() -> None:
    assert breakable(r"\left(x\right)\left. y \right|") == r"(x) y |"
    assert breakable(r"\frac{a}{b}") == r"\frac{a}{b}"
    top = "+".join("a" * 100)
    assert breakable(rf"\frac{{{top}}}{{b}} c") == f"[{top}]/[b] c"
    assert r"\leftarrow" in breakable(r"x \leftarrow y")


def test_content_is_complete(verdicts: list[Verdict]) -> None:
    source = latex.render(build(verdicts, {"effort": "quick"}))
    assert source.isascii()
    for part in (
        r"\section{Errata}",
        r"\section{Refuted readings}",
        r"\section{Contradictions}",
        r"\section{Undefined}",
        "Without meaning:",
        "Repaired by",
    ):
        assert part in source
    for verdict in verdicts:
        assert rf"\hypertarget{{claim-{verdict.claim.id}}}" in source


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_document_compiles(verdicts: list[Verdict], tmp_path: Path) -> None:
    (tmp_path / "report.tex").write_text(latex.render(build(verdicts, {"effort": "quick"})))
    for _ in range(2):
        run = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"],
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
        )
        assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "report.pdf").stat().st_size > 10_000
