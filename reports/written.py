"""The commands that write a report or a letter of errata: pictures, content, files."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..checks.evidence import Outcome, Verdict
from ..checks.store.files import write_bytes, write_whole
from ..derivations.errors import UsageError
from .content.build import build
from .content.errata import letter
from .formats import html, latex
from .formats.letter import FORMATS
from .formats.pages import anchor
from .messages import warn
from .pictures.choose import NoPicture, picture_of
from .pictures.picture import Picture
from .pictures.render import pdf_of

#: Outcomes whose claims get a picture in a report: where a formula fails, and where it was measured.
_PICTURED = (Outcome.REFUTED, Outcome.CONFIRMED)


def write_report(
    verdicts: Sequence[Verdict], format: str, out: Path, facts: Mapping[str, Any], *, pictures: bool, seed: int
) -> int:
    """Write a report and return the exit status, 1 where witnesses contradict each other.

    With pictures, a LaTeX document names PDF files in a folder beside it, ``<name>-figures``.
    """
    folder = out.with_name(f"{out.stem}-figures")
    if pictures and format == "latex" and not re.fullmatch(r"[A-Za-z0-9.-]+", folder.name):
        raise UsageError(f"--out: LaTeX cannot take pictures from {folder.name!r}; use letters, digits, '-' and '.'")
    drawn = pictures_of(verdicts, seed) if pictures else {}
    document = build(verdicts, facts, drawn)
    if format == "html":
        write_whole(out, html.render(document))
    else:
        files = {id: f"{anchor(id).replace('.', '-').replace('_', '-')}.pdf" for id in drawn}
        if files:
            _made(folder)
        for id, name in files.items():
            write_bytes(folder / name, pdf_of(drawn[id]))
        write_whole(out, latex.render(document, {id: f"{folder.name}/{name}" for id, name in files.items()}))
    shown = f" with {len(drawn)} picture{'s' * (len(drawn) != 1)}" if pictures else ""
    print(f"wrote {out}: {len(verdicts)} claim{'s' * (len(verdicts) != 1)}{shown}")
    return int(bool(document.contradictions))


def pictures_of(verdicts: Sequence[Verdict], seed: int) -> dict[str, Picture]:
    """Return the pictures of claims that were refuted or confirmed, by their ids; some have none."""
    chosen = [v for v in verdicts if v.outcome in _PICTURED]
    print(f"crossproof: drawing pictures of {len(chosen)} claims", file=sys.stderr)
    found: dict[str, Picture] = {}
    for verdict in chosen:
        try:
            found[verdict.claim.id] = picture_of(verdict.claim, verdict, seed=seed)
        except NoPicture:
            continue
        except UsageError as error:  # without Matplotlib the report has no picture
            warn(str(error))
            return {}
    return found


def write_errata(verdicts: Sequence[Verdict], format: str, out: Path | None, facts: Mapping[str, Any]) -> int:
    """Print the letter on the document of `verdicts`, or write it to `out`, and return the exit status 0."""
    documents = {v.claim.document for v in verdicts}
    if len(documents) != 1:
        raise UsageError(f"errata are written on one document, not on {len(documents)}: {', '.join(sorted(documents))}")
    text = FORMATS[format](letter(build(verdicts, facts), documents.pop()))
    if out is None:
        print(text, end="")
    else:
        write_whole(out, text)
        print(f"wrote {out}")
    return 0


def _made(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {str(folder)!r}: {error.strerror or error}") from None
