"""The HTML page: self-contained, escaped, linked, with every formula as MathML or openly as source."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from crossproof.checks.evidence import Outcome, Verdict
from crossproof.reports.content.build import build
from crossproof.reports.formats import html

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


def test_page_needs_no_network_and_no_script(source: str) -> None:
    page = _Page(source)
    loaded = [
        (t, k, v) for t, k, v in page.attributes if k in ("src", "href", "srcset") and v and not v.startswith("#")
    ]
    assert loaded == [("link", "href", "data:,")]
    assert "<script" not in source
    assert "url(" not in source
    assert "@import" not in source
    assert "default-src 'none'" in source


def test_page_is_made_for_phones_and_dark_rooms(source: str) -> None:
    assert 'name="viewport"' in source
    assert "prefers-color-scheme: dark" in source


def test_text_survives_and_is_escaped(source: str, verdicts: list[Verdict]) -> None:
    assert verdicts[0].claim.title in "".join(_Page(source).words)
    assert "<b>ŝ</b>" not in source


def test_errata_come_before_readings_and_documents(source: str) -> None:
    names = ("summary", "contradictions", "errata", "unstated", "undefined")
    order = [source.index(f'<section id="{name}"') for name in names]
    assert order == sorted(order)
    assert order[-1] < source.index('class="document"')
    assert order[-1] > source.index("no mistake is reported") > order[-2]
    assert "neither refuted nor counted as a pass" in source


def test_every_outcome_has_a_filter_and_a_colour(source: str) -> None:
    for name in map(str, Outcome):
        assert f'id="show-{name}"' in source
        assert f"--{name}: #" in source
        assert f"#show-{name}:checked ~ main .claim:not(.{name})" in source


def test_formulas_are_mathml_in_their_own_box(source: str) -> None:
    assert '<div class="formula" tabindex="0"><math' in source
    assert 'class="source"' not in source


@pytest.mark.parametrize("latex", [r"a + \unknowncommand{b}", r"\frac{a}", r"\left( x"])
def test_a_formula_that_cannot_be_converted_is_shown_as_source(latex: str) -> None:
    shown = html.formula(latex)
    assert "<code" in shown or "\\" not in shown
    assert html.formula(r"a \unknowncommand").count("<code") == 1


def test_same_verdicts_give_the_same_page(source: str, verdicts: list[Verdict]) -> None:
    assert source == html.render(build(verdicts, {"effort": "quick"}))


def test_an_empty_report_is_a_page() -> None:
    empty = html.render(build([]))
    _Page(empty)
    assert empty.lower().startswith("<!doctype html>")
