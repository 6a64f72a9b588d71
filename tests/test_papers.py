"""The pages on documents: each says of every claim what the catalog and the reviewed outcomes say.

The place of an id on a page asserts its outcome, unless a word in brackets after it does.
"""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import crossproof as cp
from crossproof.checks.selection import select

ROOT = Path(cp.__file__).parent
PAGES = sorted((ROOT / "docs" / "papers").glob("*.md"))
LOCK: dict[str, str] = json.loads((ROOT / "verdicts.lock.json").read_text(encoding="utf-8"))["claims"]
HOLD = frozenset({"proved", "confirmed"})
#: Headings, up to a comma.
FAILS, STANDS, READINGS = "What does not stand", "What stands", "Readings"
UNDECIDED, MISSING = "Undecided", "Not examined"
_NAMED = re.compile(rf"`(\d{{3}}\.[\w.*-]+)`(?: \(({'|'.join(cp.Outcome)})\))?")


@dataclass(frozen=True)
class Mention:
    """An id, or a pattern of ids, on a page; not `subject` in a later cell of a row; `marked` with an outcome."""

    heading: str
    subject: bool
    pattern: str
    marked: str

    @property
    def section(self) -> str:
        return self.heading.partition(",")[0]

    @property
    def outcomes(self) -> frozenset[str]:
        """What the mention asserts, as the outcomes that it allows; none where it asserts nothing."""
        if self.marked:
            return frozenset({self.marked})
        if self.section in (FAILS, READINGS):
            return frozenset({"refuted"}) if self.subject else HOLD
        if self.section == UNDECIDED and self.subject:
            return frozenset({"undecided"})
        return HOLD if self.section == STANDS else frozenset()


def mentions(text: str) -> Iterator[Mention]:
    """Yield what a page names, in its order."""
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line[3:]
        for place, cell in enumerate(line[1:].split("|") if line.startswith("|") else [line]):
            for pattern, marked in _NAMED.findall(cell):
                yield Mention(heading, place == 0, pattern, marked)


def problems(document: str, text: str) -> Iterator[str]:
    """Yield what a page says wrongly, and what it leaves out."""
    places: dict[str, set[str]] = defaultdict(set)
    subjects: dict[str, set[str]] = defaultdict(set)
    for mention in mentions(text):
        claims = [c for c in cp.CLAIMS.values() if fnmatchcase(c.id, mention.pattern)]
        if bool(claims) == (mention.section == MISSING):
            yield f"{mention.pattern} is {'a claim' if claims else 'no claim'}"
        for claim in claims:
            outcome = LOCK.get(claim.id, "without an outcome")
            if mention.outcomes and outcome not in mention.outcomes:
                yield f"{claim.id} is {outcome}, not {' or '.join(sorted(mention.outcomes))}"
            if mention.subject:
                subjects[mention.heading].add(claim.id)
            elif mention.outcomes and claim.repairs and claim.repairs not in subjects[mention.heading]:
                yield f"{claim.id} repairs {claim.repairs}, which its table does not list before it"
            places[claim.id].add(mention.section if mention.subject else "")
    for claim in cp.CLAIMS.values():
        if claim.document == document:
            outcome = LOCK.get(claim.id, "undecided")
            home = READINGS if not claim.stated else STANDS if outcome in HOLD else FAILS
            home = UNDECIDED if claim.stated and outcome == "undecided" else home
            if home not in places[claim.id] and not (home == STANDS and places[claim.id]):
                yield f"{claim.id} is missing under {home!r}"
            if places[claim.id] & ({FAILS} if not claim.stated else {READINGS}):
                yield f"{claim.id} has stated={claim.stated}"
    yield from _left_out_by_commands(text, subjects)


def _left_out_by_commands(text: str, subjects: dict[str, set[str]]) -> Iterator[str]:
    """Yield claims of a table, and repairs of such, that the command under its heading does not verify."""
    for heading, command in re.findall(rf"^## ({FAILS},.*)\n\n    crossproof verify (.*)$", text, re.MULTILINE):
        verified = {c.id for c in select(shlex.split(command), cp.CLAIMS)}
        wanted = subjects[heading] | {c.id for c in cp.CLAIMS.values() if c.repairs in subjects[heading]}
        yield from (f"the command under {heading!r} leaves out {id}" for id in sorted(wanted - verified))


@pytest.fixture(autouse=True)
def _catalog() -> None:
    cp.load_catalog()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_the_catalog_and_the_reviewed_outcomes_say(page: Path) -> None:
    assert not list(problems(page.stem, page.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("printed", "stale", "problem"),
    [
        ("`004.thm4.1`, `004.negcurv`", "`004.fn11`, `004.negcurv`", "004.fn11 is refuted, not confirmed or proved"),
        ("`004.negcurv`, ", "", "004.negcurv is missing under 'What stands'"),
        ("| `004.fn11` |", "| footnote 11 |", "004.fn11 is missing under 'What does not stand'"),
        ("| `004.fn11` |", "| `004.thm4.1` |", "004.thm4.1 is proved, not refuted"),
        ("`004.dw.partition` (undefined)", "`004.dw.partition`", "004.dw.partition is undefined, not refuted"),
        (
            "(`004.fn4.repaired` (confirmed))",
            "(`004.fn4.repaired` (proved))",
            "004.fn4.repaired is confirmed, not proved",
        ),
        ("`004.fn11.repaired`", "`004.eq24.repaired`", "004.eq24.repaired repairs 004.eq24, which its table does not"),
        ("| `004.fn11` |", "| `004.fn11`, `004.interp.anyloss` |", "004.interp.anyloss has stated=False"),
        ("`004.fn11.partition` (proved)", "`004.negcurv` (proved)", "004.negcurv has stated=True"),
        ("| `004.g.experiment` |", "| `004.fn4` |", "004.fn4 is a claim"),
        ("`004.negcurv`", "`004.negcurve`", "004.negcurve is no claim"),
        ("004.dw. '004.fn11*'", "004.dw.", "double well (Section 4)' leaves out 004.fn11"),
    ],
)
def test_a_stale_page_is_noticed(printed: str, stale: str, problem: str) -> None:
    text = (ROOT / "docs" / "papers" / "004.md").read_text(encoding="utf-8")
    assert text.count(printed) == 1
    assert any(problem in found for found in problems("004", text.replace(printed, stale)))
