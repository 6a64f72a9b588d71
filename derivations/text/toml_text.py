"""What the TOML of a file of claims holds, and the text of a file with one identity.

Reading one runs nothing: a file is not a program.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from ..errors import ParsingError, UsageError
from .quoting import shown
from .trial_reading import while_reading

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Id of an identity that is given on its own.
ONE_OFF = "commandline.identity"


def problem_of_toml(text: str) -> str:
    """Return why a text is no TOML; an empty text when it is."""
    try:
        with while_reading("the TOML with its keys"):
            parsed(text)
    except ParsingError as error:
        return str(error)
    except (ValueError, RecursionError, MemoryError) as error:  # beside its own, tomllib lets some of Python's through
        return f"this is not TOML: {error}"
    return ""


#: What stands in strings and comments, or else (group 1) an integer of more digits than Python reads.
_LONG_INTEGER = re.compile(
    r'"""(?:\\.|[^\\])*?"""|'
    r"'''.*?'''|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|#[^\n]*|(?<![\w.])(\d(?:_?\d){4000,})(?![\w.])",
    re.DOTALL,
)


class _LongInteger:
    """An integer that Python does not read, so that only the claim that holds it is refused."""

    def __init__(self, text: str) -> None:
        self._digits = len(re.sub(r"\D", "", text.partition(".")[0]))

    def __repr__(self) -> str:
        return f"an integer of {self._digits} digits"


def parsed(text: str) -> dict[str, Any]:
    """Return what a TOML text holds."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # an integer of too many digits; as a float, it comes to a function of ours
        marked = _LONG_INTEGER.sub(lambda m: f"{m[0]}.0" if m[1] else m[0], text)
        return tomllib.loads(marked, parse_float=lambda t: _LongInteger(t) if len(t) > 4000 else float(t))


def one_identity(equation: str, domain: str) -> str:
    """Return the text of a claim file with one identity.

    Parameters
    ----------
    equation : str
        ``lhs == rhs``.
    domain : str
        Ranges separated by commas: ``x=positive, s=above(x/2)``.

    Raises
    ------
    UsageError
        If `domain` is no such list.
    """
    ranges: dict[str, str] = {}
    for part in _split(domain):
        name, sign, text = (p.strip() for p in part.partition("="))
        if not sign or not name or name in ranges:
            wanted = "write ranges such as 'x=positive, c=between(0, 1)', one a parameter"
            raise UsageError(f"domain {shown(domain)}: {shown(part.strip())} is not a range; {wanted}")
        ranges[name] = text
    fields = {
        "id": ONE_OFF,
        "title": f"{_printable(equation.strip())}, as given.",
        "document": "command line",
        "place": "--identity",
        "type": "identity",
        "equation": equation,
    }
    lines = [f"{name} = {_quoted(text)}" for name, text in fields.items()]
    table = [f"{_quoted(name)} = {_quoted(text)}" for name, text in ranges.items()]
    return "\n".join(["[[claim]]", *lines, "[claim.domain]", *table, ""])


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _split(text: str) -> list[str]:
    """Split at commas outside of brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts if text.strip() else []


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
