"""Messages beside the result of a command: one line each on stderr."""

from __future__ import annotations

import sys


def warn(message: str) -> None:
    """Print one line of warning."""
    _say("warning", message)


def fail(message: str) -> None:
    """Print one line about a mistake in what the command was given."""
    _say("error", message)


def printable(text: str) -> str:
    """Return a text as one line: it may quote a file from anywhere, and a terminal obeys what it cannot print."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in " ".join(text.split()))


def _say(kind: str, message: str) -> None:
    print(f"crossproof: {kind}: {printable(message)}", file=sys.stderr)
