"""Verdicts on a terminal: tables as wide as it is, in colour unless NO_COLOR is set; elsewhere plain lines."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

#: Longest line where no terminal says how wide it is.
WIDTH = 120
#: Colours of outcomes.
STYLES = {
    "proved": "green",
    "confirmed": "cyan",
    "refuted": "red",
    "undefined": "magenta",
    "undecided": "yellow",
    "CONTRADICTION": "bold red",
}


def terminal() -> Console | None:
    """Return the console of the standard output; None where that is no terminal."""
    if not sys.stdout.isatty():
        return None
    from rich.console import Console

    return Console(file=sys.stdout, markup=False, highlight=False)


def coloured(line: str) -> Text:
    """Return a line whose first word is an outcome, with the colour of that."""
    from rich.text import Text

    text, word = Text(line), line.split(maxsplit=1)[:1]
    if word and word[0] in STYLES:
        text.stylize(STYLES[word[0]], 0, len(word[0]))
    return text


def print_claims(rows: Sequence[tuple[str, str, str]]) -> None:
    """Print claims, each as id, outcome and title."""
    console = terminal()
    if console is None:
        wide = max((len(id) for id, _, _ in rows), default=0)
        for id, outcome, title in rows:
            print(f"{id:<{wide}}  {outcome:<9}  {title}")
        return
    console.print(_table((id, coloured(outcome), title) for id, outcome, title in rows))


def print_summary(end: Mapping[str, Any]) -> None:
    """Print the end of a run, as :func:`crossproof.reports.formats.terminal.summary` gives it."""
    console = terminal()
    if console is None:
        print("\n".join(summary_lines(end)))
        return
    for name, rows in end["groups"]:
        style = next((style for word, style in STYLES.items() if name.startswith(word)), "bold")
        console.print(f"\n{name}", style=style)
        repaired = any(repair for _, _, repair in rows)
        console.print(
            _table((id, text, *([repair and f"repaired by {repair}"] * repaired)) for id, text, repair in rows)
        )
    console.print(f"\n{end['counts']}", style="bold")


def summary_lines(end: Mapping[str, Any]) -> list[str]:
    """Return what :func:`crossproof.reports.formats.terminal.summary` gave as lines, one a claim."""
    lines = [str(end["counts"])]
    for name, rows in end["groups"]:
        lines.append(f"{name}:")
        lines += [f"  {id}: {text}" + (f" (repaired by {repair})" if repair else "") for id, text, repair in rows]
    return lines


def print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Print one claim, as :func:`crossproof.reports.formats.terminal.show_rows` gives it."""
    console = terminal()
    if console is None:
        print("\n".join(lines_of_rows(rows)))
        return
    (id, title), *rest, (last, command) = rows
    console.print(f"{id}  {title}", style="bold")
    console.print(_table(_labelled(label, text) for label, text in rest))
    console.print(f"{last}: {command}", soft_wrap=True)  # one line, so that it can be copied


def lines_of_rows(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return the rows of one claim as lines: long texts are wrapped, and none is cut; a command stays in one line."""
    lines: list[str] = []
    for number, (label, text) in enumerate(rows):
        line = f"{label}{': ' if number else '  '}{text}"
        indent = " " * (len(label) - len(label.lstrip()) + 4)
        one = label == "reproduce"
        lines += [line] if one else textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return lines


def _labelled(label: str, text: str) -> tuple[Text, Text]:
    from rich.text import Text

    style = STYLES.get(label.strip(), "bold")
    return Text(label, style=style), coloured(text)


def _table(rows: Iterable[Sequence[RenderableType]]) -> RenderableType:
    """Return rows of texts in columns that are wrapped, never cut; the first stays whole where there is room."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    held = list(rows)
    for number in range(max(map(len, held), default=0)):
        table.add_column(overflow="fold", no_wrap=number == 0)
    for row in held:
        table.add_row(*row)
    return table
