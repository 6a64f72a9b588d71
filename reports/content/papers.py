"""What the pages on documents (``docs/papers``) say of a claim: what fails, what to write, what rests on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_ID = re.compile(r"`([\w*.-]+\.[\w*.-]+)`")
#: A mention of a claim, with the outcome and the comma that may follow it.
_MENTION = re.compile(r"`[\w*.-]+\.[\w*.-]+`(?: \([a-z]+\))?(?:, )?")
_NAMED = r"(?:Theorems?|Propositions?|Lemmas?|Corollar(?:y|ies)|theorem|proof|\(\d+\))"
_STANDS = re.compile(rf"{_NAMED}(?:[^.;]|\.\d)*\b(?:stands?|unharmed|serves?)\b|\bserves? the proof\b")
_NOTHING = ("Nothing", "A misprint")
_SAME = ("The same", "As above")


@dataclass(frozen=True)
class Remark:
    """One row of a page: what fails, what to write in its place, the size of the difference, and what rests on it."""

    fails: str
    instead: str
    size: str = ""
    rests: str = ""
    inherited: str = ""

    def harmless(self, place: str) -> bool:
        """Return whether the page says that nothing rests on it, or names the results that do and stand all the same.

        A number of `place` itself does not count as such a result.
        """
        text = self.inherited or self.rests
        for number in re.findall(r"\(\d+\)", place):
            text = text.replace(number, "it")
        if text.startswith(_NOTHING):
            return True
        return bool(_STANDS.search(text)) and "needs" not in text


@cache
def page(document: str) -> str:
    """Return the page on a document, or an empty text where there is none."""
    if not re.fullmatch(r"\w+", document):
        return ""
    try:
        return files("crossproof").joinpath(f"docs/papers/{document}.md").read_text(encoding="utf-8")
    except OSError:
        return ""


@cache
def remarks(document: str) -> dict[str, Remark]:
    """Return what the page on a document says of each claim that a row of its tables begins with."""
    found: dict[str, Remark] = {}
    before = ""
    for line in page(document).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("|") else []
        ids = _ID.findall(cells[0]) if len(cells) > 2 else []
        if not ids:
            continue
        fails, instead, *more = cells[1:]
        size, rests = [*more, "", ""][:2]
        before = before if rests.startswith(_SAME) else rests
        found |= dict.fromkeys(
            ids, Remark(_plain(fails), _plain(_MENTION.sub("", instead)), _plain(size), _plain(rests), _plain(before))
        )
    return found


def conventions(document: str) -> str:
    """Return the opening of the page: how the document was read, in which notation; without its heading."""
    opening = page(document).partition("\n\n")[2].partition("\n\n")[0]
    text = _plain(" ".join(opening.split()))
    return re.sub(r"^What stands[^.]*\. | Every repair named below[^.]*\.", "", text)


def _plain(cell: str) -> str:
    text = cell.replace("`", "")
    text = re.sub(r"\(\s*(?:\([a-z]+\))?[\s,;]*\)", "", text)
    text = re.sub(r"\s+([,;)]|\.(?=$|\s[A-Z]))", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"\(\s*,\s*", "(", text).strip()
