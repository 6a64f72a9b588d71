"""The letter of errata: order, grades, what is in an item, and its three formats."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import crossproof as cp
from crossproof.checks.evidence import Kind, Outcome, Verdict
from crossproof.derivations.claim import Source
from crossproof.reports.content.build import build
from crossproof.reports.content.errata import Block, Command, Formula, Heading, Text, in_document, is_major, letter
from crossproof.reports.content.model import Step
from crossproof.reports.content.papers import Remark, conventions, remarks
from crossproof.reports.formats import letter as formats

from .conftest import make_claim, make_verdict


def _letter(verdicts: list[Verdict], document: str = "t") -> tuple[Block, ...]:
    return letter(build(verdicts), document)


def _at(verdict: Verdict, place: str, **changes: object) -> Verdict:
    claim = replace(verdict.claim, source=Source("t", place), **changes)  # type: ignore[arg-type]
    return replace(verdict, claim=claim)


def test_an_item_says_all_that_an_author_needs(verdicts: list[Verdict]) -> None:
    wrong = _at(verdicts[0], "Theorem 1", printed=r"\frac{a}{b} = c")
    blocks = _letter([wrong, *verdicts[1:]])
    start = next(k for k, b in enumerate(blocks) if isinstance(b, Heading) and "t.wrong" in b.text)
    end = next(k for k, b in enumerate(blocks) if k > start and isinstance(b, Heading))
    item = blocks[start:end]
    assert Formula("As printed:", r"\frac{a}{b} = c") in item
    leads = [b.lead for b in item if isinstance(b, Text)]
    for lead in ("What is wrong.", "Assumed.", "Note.", "Counterexample.", "In its place.", "Again:"):
        assert lead in leads
    assert item[-1] == Command("crossproof verify t.wrong --fresh --effort quick --seed 7")
    assert any(isinstance(b, Text) and "proved by algebra" in b.text for b in item)


def test_majors_come_before_minors_and_readings_apart(verdicts: list[Verdict]) -> None:
    refuted = (Outcome.REFUTED, Kind.ALGEBRA)
    minor = _at(make_verdict(make_claim("minor"), refuted), "proof of Theorem 1, second line")
    major = _at(make_verdict(make_claim("major"), refuted), "Theorem 1")
    headings = [b.text for b in _letter([minor, major, verdicts[2], verdicts[6]]) if isinstance(b, Heading)]
    order = [next(k for k, text in enumerate(headings) if name in text) for name in (
        "(t.major)", "Minor", "(t.minor)", "Without meaning", "(t.meaningless)", "Readings", "(t.reading)"
    )]  # fmt: skip
    assert order == sorted(order)
    assert not any(h.endswith("(t.alone)") for h in headings)


def test_items_stand_in_the_order_of_the_document() -> None:
    places = ["I.3 (66)", "footnote 4", "C.2, proof of Proposition 4.1", "Section 4, the double well", "I.3 (64)",
              "Theorem E.1, (25)-(27)", "Theorem 3.1", "F, (31)", "E.1, display before (28)"]  # fmt: skip
    assert sorted(places, key=in_document) == [
        "Theorem 3.1", "Section 4, the double well", "footnote 4", "C.2, proof of Proposition 4.1",
        "Theorem E.1, (25)-(27)", "E.1, display before (28)", "F, (31)", "I.3 (64)", "I.3 (66)",
    ]  # fmt: skip
    made = [_at(make_verdict(make_claim(name), (Outcome.REFUTED, Kind.ALGEBRA)), f"Theorem {k}") for name, k in
            (("late", "F.1"), ("first", "2.1"), ("middle", "5"))]  # fmt: skip
    headings = [b.text for b in _letter(made) if isinstance(b, Heading) and "(t." in b.text]
    assert [h.partition("(t.")[2] for h in headings] == ["first)", "middle)", "late)"]


def _with(verdict: Verdict, **fields: object) -> tuple[Block, ...]:
    """Return the letter on one mistake whose entry has other fields."""
    report = build([_at(verdict, "F, (31)")])
    (section,) = report.sections
    (entry,) = section.entries
    return letter(replace(report, sections=(replace(section, entries=(replace(entry, **fields),)),)), "t")  # type: ignore[arg-type]


def test_what_is_left_out_keeps_its_dots_and_a_product_its_point(verdicts: list[Verdict]) -> None:
    blocks = _with(verdicts[0], remark=Remark("Wrong", "d l = a dt + ..."))
    said = {b.lead: b.text for b in blocks if isinstance(b, Text)}
    assert (said["What is wrong."], said["Write instead."]) == ("Wrong.", "d l = a dt + ...")
    assert "(u~ . u^)" in remarks("004")["004.eq62"].instead
    assert not any(re.search(r"\s[,;.](?:$|\s[A-Z])", r.instead) for r in remarks("004").values())


def test_an_item_without_a_worked_counterexample_shows_what_follows(verdicts: list[Verdict]) -> None:
    argument = (Step("slope of log p", "x"), Step("the end is reached", ""))
    (entry,) = build([verdicts[0]]).entries
    assert entry.failure is not None
    bare, worked = (replace(entry.failure, steps=steps) for steps in ((), (Step("left side", "1"),)))
    shown = _with(verdicts[0], argument=argument, failure=bare)
    assert Formula("slope of log p:", "x") in shown
    assert Text("the end is reached.") in shown
    shown = _with(verdicts[0], argument=argument, failure=worked)
    assert Formula("slope of log p:", "x") not in shown
    assert Formula("left side:", "1") in shown


def test_a_reading_is_never_counted_as_a_mistake(verdicts: list[Verdict]) -> None:
    text = next(b.text for b in _letter([verdicts[2]]) if isinstance(b, Text))
    assert "0 fail as printed" in text
    assert "1 further readings" in text


@pytest.mark.parametrize(
    ("place", "rests", "fails", "major"),
    [
        ("Theorem 4.1", "", "", True),
        ("(17)", "Every number computed from beta", "", True),
        ("(17)", "Nothing: (18) is right", "", False),
        ("(17)", "(18): stands, and with it Corollary I.1", "", False),
        ("I.3 (65)", "For A < 1, (65) stands as printed", "", True),  # its own number
        ("F, (31)", "Theorem 5.1 is stated for (31), and stands; it needs the factor 1/2", "", True),
        ("proof of Theorem 4.1", "Theorem 4.1, 'not attractive': stands", "", False),
        ("Theorem 4.1", "Theorem 4.2: unharmed", "", True),
        ("Conjecture I.1, (61)", "A misprint, for which the remarks give the reading", "", False),
        ("(10)", "", "At equality there is an inflection (a pedantic point, exact)", False),
    ],
)
def test_the_rule_for_majors(verdicts: list[Verdict], place: str, rests: str, fails: str, major: bool) -> None:
    (entry,) = build([_at(verdicts[0], place)]).entries
    assert is_major(replace(entry, remark=Remark(fails, "", "", rests))) is major


def test_the_pages_speak_of_every_mistake_of_their_documents() -> None:
    """Else the letter would have a sentence of a program in place of one of a person."""
    cp.load_catalog()
    reviewed = json.loads((Path(cp.__file__).parent / "verdicts.lock.json").read_text(encoding="utf-8"))["claims"]
    mistakes = [c for c in cp.CLAIMS.values() if c.stated and reviewed.get(c.id) == "refuted"]
    assert len(mistakes) > 50
    assert not [c.id for c in mistakes if not remarks(c.document).get(c.id, Remark("", "")).fails]


def test_a_page_is_read_cell_by_cell() -> None:
    assert remarks("004")["004.eq66"].instead.startswith("(1 - A (1 + s^2)")
    assert remarks("004")["004.eq66"].size == "at A = 1, s- = 2: 1/2 against 3/4"
    assert "`" not in str(list(remarks("004").values()))
    assert remarks("no such page") == {}
    assert remarks("../papers/004") == {}
    assert conventions("004").startswith("Claims are encoded as printed")


def test_rows_that_say_the_same_inherit_what_rests() -> None:
    assert remarks("004")["004.e2.tau"].rests.startswith("The same")
    assert remarks("004")["004.e2.tau"].harmless("E.2, first display")


HARD = "# no heading\n- *no* list <b>x</b> $y$ [a](b) `c` 1. two"


def test_nothing_in_a_text_is_an_instruction_to_markdown() -> None:
    made = formats.markdown([Text(HARD), Text("1. no list"), Formula("", r"\input{/etc/passwd}"), Heading(HARD, 2)])
    lines = made.splitlines()
    assert not [line for line in lines if line.startswith(("# ", "- ", "1. ", "<"))]
    assert r"\<b\>x\</b\> \$y\$ \[a\](b) \`c\`" in made
    assert r"1\. no list" in lines
    assert r"    \input{/etc/passwd}" in lines
    assert "$$" not in made


def test_nothing_in_a_text_is_an_instruction_to_html_or_latex() -> None:
    blocks = [Heading(HARD, 1), Text(HARD, HARD), Formula(HARD, r"\text{" + HARD + "}"), Command(HARD)]
    page = formats.html(blocks)
    assert "<b>x</b>" not in page
    assert page.count("&lt;b&gt;x&lt;/b&gt;") >= 5
    source = formats.latex(blocks).partition(r"\begin{document}")[2]
    assert "$y$" not in source
    assert re.search(r"(?<!\\)#", source) is None


def test_every_format_holds_every_block(verdicts: list[Verdict]) -> None:
    blocks = _letter(verdicts)
    for name, write in formats.FORMATS.items():
        made = write(blocks)
        assert made == write(blocks)
        assert made.count("crossproof verify t.wrong") >= 1, name


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_letter_compiles(verdicts: list[Verdict], tmp_path: Path) -> None:
    (tmp_path / "letter.tex").write_text(formats.latex(_letter(verdicts)))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "letter.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]
