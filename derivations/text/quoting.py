"""How messages quote what a text holds: on one line, and not whole where it is long."""

from __future__ import annotations

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def shown(value: object) -> str:
    """Return how Python writes `value`, on one line and not whole where that is long."""
    try:
        flat = " ".join(repr(value).split())
    except ValueError:  # Python does not write out a number of thousands of digits
        return f"a large {type(value).__name__}"
    return flat if len(flat) <= 60 else flat[:57] + "..."


def short(text: str) -> str:
    """Return `text` in quotes, on one line and not whole where that is long."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 60 else flat[:57] + "...")
