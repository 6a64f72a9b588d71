"""The LaTeX document: escaped text, breakable formulas, and a source that compiles without errors."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Verdict
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity
from crossproof.reports.content.build import build
from crossproof.reports.formats import latex, tex_formulas
from crossproof.reports.formats.tex import breakable, math, text
from crossproof.reports.formats.tex_formulas import is_formula


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


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{x_{1}^{2}}{2} + \sqrt[3]{\tilde{\theta}}",
        r"\left. \frac{d}{d x} f{\left(x \right)} \right|_{\substack{ x=y\\z=1 }}",
        r"\left[\begin{matrix}x & y\\0 & 1\end{matrix}\right]^\top",
        r"\begin{cases} x & \text{for}\: y > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\int\limits_{0}^{\infty} x''_1\, dx \in \mathbb{R}, \quad x'^2",
        r"\operatorname*{argmax}_\theta \bigl( x \bigr) \xrightarrow{d} \operatorname{erf}{\left(x \right)}",
        "α² + é",
    ],
)
def test_formulas_are_told_from_other_things(formula: str) -> None:
    assert is_formula(formula)
    for spoiled in (
        f"{{{formula}",
        f"{formula}}}",
        f"{formula}_",
        f"{formula} _1",
        rf"{formula}\input x",
        f"{formula}%",
    ):
        assert not is_formula(spoiled)


@pytest.mark.parametrize(
    "source",
    [
        r"\input{/etc/passwd}", r"\write18{ls}", r"\csname input\endcsname", r"\def\x{\x}\x", "^^5cinput", "x # 1",
        "$x$", "x % y", "x & y", r"x \\ y", "_ + x", "2 _", "x__1", "x^1^2", "x_", "{x", "x}", r"\left( x",
        r"x \right)",
        r"\frac{x}", r"\begin{verbatim}", r"\begin{matrix} x \end{cases}", r"\text{$x$}", r"\text{\input x}",
        r"\unknown", r"\begin{matrix} x \\ [1] \end{matrix}", r"x\limits_1", r"\middle| x",
        r"\begin{array}{p{3cm}} x \end{array}",
        "x\x00y", r"\begin{matrix}" + "&" * 40 + r"\end{matrix}", "{" * 5000 + "}" * 5000,
    ],
)  # fmt: skip
def test_what_latex_would_not_typeset_is_no_formula(source: str) -> None:
    assert not is_formula(source)


def test_alphabets_that_a_stock_latex_lacks_are_an_index() -> None:
    assert is_formula(scr := sp.latex(sp.Symbol("xscr_1")))
    assert math(scr) == r"{x_{\mathrm{scr}}}_{1}"
    assert math(r"\mathcal{L} \mathcal{x}") == r"\mathcal{L} {x_{\mathrm{cal}}}"


#: Names that a module may give to symbols.
NAMES = (
    "_", "__", "___", "_x", "x_", "x__", "x__y", "xscr", "Lscr", "xcal", "xbb", "Rbb", "x_y_z", "Alpha", "xprime",
    "xnorm", "xdddot", "hbarhat", "x^2", r"\input{nothing}", r"\input nothing ", "x}", "{", "$", "%x", "^^5cinput",
    "x\\\\", "é", "中", "\\", "x#", "a&b", r"\def\x{\x}\x", r"\csname input\endcsname", "~", r"\left(",
    r"\begin{verbatim}", "x\ny", "x\0", "xbm", "xfrak", "x'",
)  # fmt: skip


def _with_names(verdict: Verdict) -> list[Verdict]:
    """Return verdicts on claims whose symbols have these names, also at a counterexample and in a list of formulas."""
    y = sp.Symbol("y", positive=True)
    found = []
    for number, name in enumerate(NAMES):
        s = sp.Symbol(name, positive=True)
        forms = (2 * s + y, sp.Integral(s * y**2, (y, 0, s)), sp.Matrix([[s, y], [y, s]]))
        claim = replace(
            verdict.claim,
            id=f"t.name.{number}",
            statement=Identity(sp.sin(s) ** 2, s / y),
            domain=Domain(**{name: Positive, "y": Positive}),
            written=tuple((f"term {k}", form) for k, form in enumerate(forms)),
        )
        point = Counterexample({name: "1"}, name, name, name)
        evidence = tuple(
            replace(e, finding=replace(e.finding, detail=name, counterexample=point)) for e in verdict.evidence
        )
        found.append(replace(verdict, claim=claim, evidence=evidence))
    return found


def test_no_symbol_gives_a_command_to_latex(verdicts: list[Verdict]) -> None:
    source = latex.render(build(_with_names(verdicts[0])))
    body = source.partition(r"\begin{document}")[2]
    for command in (r"\input", r"\csname", r"\def", r"\begin{verbatim}", "^^"):
        assert command not in body
    assert r"$\backslash$input\{nothing\}" in body  # it is shown
    assert r"2 \_\allowbreak{} + y" in body  # and so is a product with `_`, which LaTeX would read as an index


def _compiles(source: str, folder: Path) -> None:
    (folder / "report.tex").write_text(source)
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]


needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


@needs_latex
def test_document_compiles(verdicts: list[Verdict], tmp_path: Path) -> None:
    for _ in range(2):
        _compiles(latex.render(build(verdicts, {"effort": "quick"})), tmp_path)
    assert (tmp_path / "report.pdf").stat().st_size > 10_000


@needs_latex
def test_a_document_with_any_names_compiles(verdicts: list[Verdict], tmp_path: Path) -> None:
    _compiles(latex.render(build(_with_names(verdicts[0]))), tmp_path)
    with pytest.raises(AssertionError):  # as the names are they do not
        _compiles(latex.PREAMBLE + r"\begin{document}$2 __$\end{document}", tmp_path)


@needs_latex
def test_whatever_passes_for_a_formula_compiles(tmp_path: Path) -> None:
    """Random sequences of all commands, brackets and scripts, of which one in some hundred is a formula."""
    chance = random.Random(16)
    commands = [*tex_formulas._SIGNS, *tex_formulas._ARGUMENTS, *tex_formulas._SIZED, *tex_formulas._DELIMITERS]
    structure = [r"\begin{matrix}", r"\end{matrix}", r"\text{for}", r"\mathscr{L}", r"\left(", r"\right)", r"\left."]
    structure += [r"\right|", r"\limits", r"\\", "{x}", "{y}", *"{}{}_^'x1[]&éα²+-="]
    plain = ["x", "1", "{x}", "_{1}", "^{2}", " "]
    formulas: list[str] = []
    while len(formulas) < 2000:
        pieces = chance.choices(
            [chance.choice(commands), chance.choice(structure), *plain],
            [3, 3, 1, 1, 1, 1, 1, 1],
            k=chance.randint(1, 4),
        ) + [chance.choice(chance.choice([commands, structure, plain])) for _ in range(chance.randint(0, 8))]
        formula = "".join(pieces)
        if is_formula(formula):
            formulas.append(formula)
    assert sum(len(re.findall(r"\\[A-Za-z]", f)) for f in formulas) > 2000
    body = "\n\n".join(map(latex.formula_source, formulas))
    _compiles(f"{latex.PREAMBLE}\\begin{{document}}\n{body}\n\\end{{document}}\n", tmp_path)


def test_a_formula_wider_than_any_box_of_tex_is_named_by_its_length() -> None:
    x = sp.Symbol("x", positive=True)
    long = sp.latex(sp.Add(*(x**k for k in range(1, 2000))))
    assert (
        latex.formula_source(long)
        == f"(a formula of {len(long):,} characters, too long for a page; the HTML report has it)"
    )
    assert latex.formula_source("x^{2}").startswith(r"\formula{")
