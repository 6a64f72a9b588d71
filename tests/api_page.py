"""``docs/api.md`` from the docstrings of the public names: ``python tests/api_page.py`` writes it."""

from __future__ import annotations

import enum
import inspect
from pathlib import Path
from typing import Any

import crossproof as cp

PAGE = Path(cp.__file__).parent / "docs" / "api.md"
#: What has no docstring of its own.
NOTES = {
    "__version__": "Version of the installed package.",
    "CLAIMS": "Every registered claim by id, in the order of registration.",
    "Positive": "Range of the positive numbers.",
    "Real": "Range of the real numbers.",
}
HEAD = """# Public names

`import crossproof as cp` gives all of them; `help(cp.NAME)` says more. Written by `python tests/api_page.py`.
"""


def line(name: str) -> str:
    """Return the first line of what `name` says of itself."""
    if name in NOTES:
        return NOTES[name]
    text = inspect.getdoc(getattr(cp, name))
    assert text, f"{name} has no docstring"
    return text.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def rooms() -> dict[str, list[str]]:
    """Return the public names by what they are for."""
    found: dict[str, list[str]] = {
        "Calls": [], "Statements": [], "Other descriptions and records": [], "Comparisons of samples": [],
        "Statistics of paths": [], "Errors": [],
    }  # fmt: skip
    for name in cp.__all__:
        thing: Any = getattr(cp, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            room = "Errors"
        elif isinstance(thing, type) and (issubclass(thing, cp.Statement) or issubclass(thing, enum.Enum)):
            room = "Statements" if issubclass(thing, cp.Statement) else "Other descriptions and records"
        elif name.startswith("compare_"):
            room = "Comparisons of samples"
        elif name.startswith("estimate_"):
            room = "Statistics of paths"
        else:
            room = "Calls" if inspect.isfunction(thing) else "Other descriptions and records"
        found[room].append(name)
    return found


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for room, names in rooms().items():
        parts.append(f"## {room}\n" + "".join(f"- `{name}`: {line(name)}\n" for name in names))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
