"""The HTML page: self-contained, escaped, linked, with every formula as MathML or openly as source."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from crossproof.checks.evidence import Outcome, Verdict
from crossproof.reports.content.build import build
from crossproof.reports.content.readable import readable
from crossproof.reports.formats import html
from crossproof.reports.formats.mathml import formula as html_formula
from crossproof.reports.formats.mathml import pieces
from crossproof.reports.pictures.choose import picture_of

_VOID = {"meta", "link", "input", "br", "mspace"}


class _Page(HTMLParser):
    """Collects ids, links and text, and fails on unbalanced tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, value) for key, value in attrs]
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def source(verdicts: list[Verdict]) -> str:
    return html.render(build(verdicts, {"effort": "quick"}))


def test_page_is_well_formed_and_every_link_has_a_target(source: str) -> None:
    page = _Page(source)
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_page_needs_no_network_and_runs_its_own_script_alone(source: str) -> None:
    page = _Page(source)
    loaded = [
        (t, k, v) for t, k, v in page.attributes if k in ("src", "href", "srcset") and v and not v.startswith("#")
    ]
    assert loaded == [("link", "href", "data:,")]
    assert "url(" not in source
    assert "@import" not in source
    policy = next(
        v for t, k, v in page.attributes if t == "meta" and k == "content" and v and "default-src 'none'" in v
    )
    (script,) = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not [k for _, k, _ in page.attributes if k.startswith("on")]


def test_page_is_made_for_phones_and_dark_rooms(source: str) -> None:
    assert 'name="viewport"' in source
    assert "prefers-color-scheme: dark" in source


def test_text_survives_and_is_escaped(source: str, verdicts: list[Verdict]) -> None:
    assert readable(verdicts[0].claim.title) in "".join(_Page(source).words)
    assert "<b>ŝ</b>" not in source


def test_errata_come_before_readings_and_documents(source: str) -> None:
    names = ("summary", "contradictions", "errata", "unstated", "undefined")
    order = [source.index(f'<section id="{name}"') for name in names]
    assert order == sorted(order)
    assert order[-1] < source.index('<section class="document"')
    assert order[-1] > source.index("no mistake is reported") > order[-2]
    assert "neither refuted nor counted as a pass" in source


def test_every_label_can_be_chosen_and_every_outcome_has_a_colour(source: str, verdicts: list[Verdict]) -> None:
    labels = {e.label for e in build(verdicts).entries}
    outcomes = re.search(r'<select id="outcome".*?</select>', source, re.DOTALL)
    assert outcomes
    assert set(re.findall(r"<option>(.*?)</option>", outcomes[0])) == labels
    for name in map(str, Outcome):
        assert f"--{name}: #" in source


def test_every_claim_carries_what_the_filters_ask_for(source: str, verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        card = re.search(rf'<article [^>]*data-id="{re.escape(verdict.claim.id)}"[^>]*>', source)
        assert card
        assert f'data-document="{verdict.claim.document.replace("&", "&amp;")}"' in card[0]
        assert f'data-kinds="{"|".join(map(str, verdict.kinds))}"' in card[0]


def _light(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_texts_and_edges_have_the_contrast_of_wcag_aa(source: str, theme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", source, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", blocks[theme]))
    for ground in (colours["paper"], colours["card"]):
        for name in ("ink", "soft", "link", *map(str, Outcome), "unstated"):
            assert _contrast(colours[name], ground) >= 4.5, (name, ground)
        assert _contrast(colours["edge"], ground) >= 3  # of fields and buttons
    assert _contrast("#ffffff", "#8a8a8a") < 4.5 < _contrast("#ffffff", "#717171")  # the measure itself


def test_formulas_are_mathml_that_breaks_between_its_pieces(source: str) -> None:
    assert '<div class="formula"><math' in source
    assert 'class="source"' not in source
    long = "a = " + " + ".join(rf"\frac{{x_{{{k}}}}}{{1 + y^2}}" for k in range(9))
    assert "".join(pieces(long)).replace("{} ", "") == long
    assert 3 <= len(pieces(long)) == html_formula(long).count("<math")
    for whole in (r"\left(" + long + r"\right)", r"\frac{" + long + "}{2}", "x^{" + long + "}"):
        assert len(pieces(whole)) == 1


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>} x", r"\text{<b onclick=x>} x", r"\href{javascript:alert(1)}{y}",
        r"\style{position: fixed}{y}", r"\text{&lt;b&gt;}", r"x_{<b>}", r"\mathrm{<img src=x>}", r"\text{a < b}",
    ],
)  # fmt: skip
def test_a_formula_makes_no_elements_and_attributes_but_those_of_mathematics(latex: str) -> None:
    page = _Page(html_formula(latex))
    allowed = {"class", "title", "tabindex", "display", "displaystyle", "mathvariant", "stretchy"}
    assert {key for _, key, _ in page.attributes} <= allowed
    for tag in ("<script", "<b", "<img"):
        assert tag not in html_formula(latex).lower()


def test_a_sentence_with_a_long_formula_is_reached_by_keyboard_before_its_width_is_known() -> None:
    words = r"\text{the scheme of the equation with additive noise and a constant rate}, \quad "
    long = r"d\theta = -\nabla U(\theta)\, d\tau + \sqrt{\frac{2 \eta \sigma^2 \kappa}{B + b}}\, dW"
    assert html_formula(words + long).startswith('<div class="formula sentence" tabindex="0">')
    assert html_formula(words + "x = y").startswith('<div class="formula sentence">')


def test_a_printed_sentence_is_text_that_wraps() -> None:
    shown = html_formula(r"\text{The maximum exists if and only if } x > 0 \text{ holds <everywhere>}")
    assert "The maximum exists if and only if" in re.sub("<[^>]*>", "", shown)
    assert "&lt;everywhere&gt;" in shown
    assert html_formula("the columns of the matrix, shifted by any constant").count("<math") == 0
    assert html_formula("a b c d").count("<math") == 1


@pytest.mark.parametrize("latex", [r"a + \unknowncommand{b}", r"\frac{a}", r"\left( x"])
def test_a_formula_that_cannot_be_converted_is_shown_as_source(latex: str) -> None:
    shown = html_formula(latex)
    assert "<code" in shown or "\\" not in shown
    assert html_formula(r"a \unknowncommand").count("<code") == 1


def test_a_picture_stands_in_the_page_with_ids_of_its_own(verdicts: list[Verdict]) -> None:
    claim = replace(verdicts[0].claim, id="003.wrong")  # a number at its beginning, as in the catalog
    shown = [replace(verdicts[0], claim=claim), *verdicts[1:]]
    pictures = {claim.id: picture_of(claim), "t.both": picture_of(verdicts[3].claim)}
    source = html.render(build(shown, pictures=pictures))
    page = _Page(source)
    assert source.count("<figure>") == 2
    assert source.count('<div class="scroll drawing" tabindex="0"') == 2  # wider than a telephone: scrolls by keyboard
    assert len(page.ids) == len(set(page.ids))
    assert sum(i.startswith("of-003-wrong-") for i in page.ids) > 10
    inside = {v.removeprefix("#") for t, k, v in page.attributes if t == "use" and v and v.startswith("#")}
    assert inside <= set(page.ids)


def test_same_verdicts_give_the_same_page(source: str, verdicts: list[Verdict]) -> None:
    assert source == html.render(build(verdicts, {"effort": "quick"}))


def test_an_empty_report_is_a_page() -> None:
    empty = html.render(build([]))
    _Page(empty)
    assert empty.lower().startswith("<!doctype html>")
