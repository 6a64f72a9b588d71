"""The script of the HTML page in a real browser: search, filters, counts, order, and links that always arrive.

Skipped where there is no Chromium. The page's own policy lets no other script run, so that the copy under test lets one
more, which acts as a reader and leaves what it sees in the title.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from typing import Any

import pytest

from crossproof.checks.evidence import Verdict
from crossproof.reports.content.build import build
from crossproof.reports.formats import html

from .conftest import all_verdicts

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

READER = """
const seen = {}, wait = (ms) => new Promise((done) => setTimeout(done, ms));
const of = (what) => [...document.querySelectorAll(what)].filter((e) => !e.closest("[hidden]"));
const look = () => ({
  found: document.getElementById("found").textContent, cards: of("article.claim").map((a) => a.dataset.id),
  headings: of("section.document > h2").map((h) => h.textContent.trim()),
  contents: of(".contents [data-of]").length, groups: of("section.group").map((s) => s.id),
  total: of("#summary tfoot td").map((c) => c.textContent), nothing: !document.getElementById("nothing").hidden,
});
const choose = (id, value) => {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event(id === "words" ? "input" : "change", { bubbles: true }));
  return wait(200);
};
const clear = () => { document.getElementById("clear").click(); return wait(200); };
(async () => {
  seen.start = look();
  for (const [id, value] of [["document", "A & B_é"], ["outcome", "refuted reading"], ["evidence", "Monte Carlo"],
                             ["words", "t.wrong naïve"], ["words", "no such words"]]) {
    await choose(id, value);
    seen[`${id} ${value}`] = look();
    await clear();
  }
  await choose("sort", "id");
  seen.sorted = look();
  await choose("outcome", "undecided");
  location.hash = "#claim-t.both";
  await wait(400);
  const target = document.getElementById("claim-t.both");
  seen.arrived = { ...look(), focus: document.activeElement.id, top: target.getBoundingClientRect().top };
  document.title = JSON.stringify(seen);
})();
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    page = html.render(build(all_verdicts(), {"effort": "quick"}))
    page = re.sub(r"script-src [^\"]*", "script-src 'unsafe-inline'", page, count=1)
    page = page.replace("</body>", f"<script>{READER}</script></body>")
    folder = tmp_path_factory.mktemp("browser")
    (folder / "page.html").write_text(page, encoding="utf-8")
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=20000",
        "--dump-dom",
    ]
    command += [f"--user-data-dir={folder / 'profile'}", (folder / "page.html").as_uri()]
    run = subprocess.run(command, capture_output=True, timeout=120, text=True)
    title = re.search(r"<title>(.*?)</title>", run.stdout, re.DOTALL)
    assert title, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(unescape(title[1]))
    return found


def test_everything_is_shown_at_first(seen: dict[str, Any], verdicts: list[Verdict]) -> None:
    assert seen["start"]["found"] == f"{len(verdicts)} of {len(verdicts)} claims"
    assert seen["start"]["groups"] == ["contradictions", "errata", "unstated", "undefined"]


@pytest.mark.parametrize(
    ("asked", "cards", "groups"),
    [
        ("document A & B_é", ["t.both"], []),
        ("outcome refuted reading", ["t.reading"], ["unstated"]),
        (
            "evidence Monte Carlo",
            ["t.both", "t.clash", "t.meaningless", "t.reading"],
            ["contradictions", "unstated", "undefined"],
        ),
        ("words t.wrong naïve", ["t.wrong", "t.wrong.repaired"], ["errata"]),
        ("words no such words", [], []),
    ],
)
def test_a_choice_acts_on_cards_headings_counts_and_contents(
    seen: dict[str, Any], verdicts: list[Verdict], asked: str, cards: list[str], groups: list[str]
) -> None:
    shown = seen[asked]
    assert sorted(shown["cards"]) == cards
    assert shown["found"] == f"{len(cards)} of {len(verdicts)} claims"
    assert shown["contents"] == len(cards)
    assert shown["groups"] == groups
    assert shown["total"][-1] == str(len(cards))
    assert shown["nothing"] == (not cards)
    assert sum(int(heading.split()[-1]) for heading in shown["headings"]) == len(cards)


def test_cards_are_sorted_within_their_document(seen: dict[str, Any]) -> None:
    of_t = [i for i in seen["sorted"]["cards"] if i != "t.both"]
    assert of_t == sorted(of_t)
    assert [i for i in seen["start"]["cards"] if i != "t.both"] != of_t


def test_a_link_arrives_though_a_filter_hides_its_target(seen: dict[str, Any], verdicts: list[Verdict]) -> None:
    arrived = seen["arrived"]
    assert arrived["focus"] == "claim-t.both"
    assert arrived["found"] == f"{len(verdicts)} of {len(verdicts)} claims"
    assert 0 <= arrived["top"] < 600
