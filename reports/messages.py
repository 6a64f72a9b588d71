"""Messages beside the result of a command: one line each on stderr."""

from __future__ import annotations

import sys

from .formats.plain import visible


def warn(message: str) -> None:
    """Print one line of warning."""
    _say("warning", message)


def fail(message: str) -> None:
    """Print one line about a mistake in what the command was given."""
    _say("error", message)


def printable(text: str) -> str:
    """Return a text as one line: it may quote a file from anywhere, and a terminal obeys what it cannot print."""
    return visible(" ".join(text.split()))


def _say(kind: str, message: str) -> None:
    print(f"crossproof: {kind}: {printable(message)}", file=sys.stderr)
