"""A text split by Python's grammar, and messages that name a piece of it with its position."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from typing import NoReturn

from ..errors import ParsingError
from .quoting import short, shown

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Most characters of one expression.
MAX_CHARACTERS = 2000


class SplitText:
    """One text and its syntax tree; nothing of it is ever run.

    Raises
    ------
    ParsingError
        If it is no text, too long, or cannot be split.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise ParsingError(f"{short(shown(text))} is {type(text).__name__}; write the expression as text in quotes")
        if len(text) > MAX_CHARACTERS:
            raise ParsingError(f"{short(text)} has {len(text)} characters; at most {MAX_CHARACTERS} are read")
        self.text = text
        self._blank = len(text) - len(text.lstrip())
        line = re.sub(r"\s", " ", text).strip()
        if not line:
            raise ParsingError("the text is empty; write an expression")
        if "#" in line:
            raise ParsingError(f"'#' at position {text.index('#') + 1} of {short(text)} has no meaning here")
        strange = next((sign for sign in line if not sign.isascii()), None)
        if strange is not None:  # Python reads some as the letters that they look like
            name = unicodedata.name(strange, "a character without meaning")
            raise ParsingError(
                f"{strange!r} at position {text.index(strange) + 1} of {short(text)}: this is {name}, and only ASCII "
                "letters are read; spell it out (alpha), or type it again"
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python's advice on literals is for programs
                self.tree = ast.parse(line, mode="eval").body
        except SyntaxError as error:
            place = (error.offset or 1) + self._blank
            hint = "; write == between the sides" if re.search(r"(?<![=<>!:])=(?!=)", line) else ""
            raise ParsingError(f"{short(text)} cannot be read at position {place}: {error.msg}{hint}") from None
        except (RecursionError, MemoryError, ValueError):
            raise ParsingError(f"{short(text)} is nested too deeply or holds a character without meaning") from None
        self._bytes = line.encode()

    def fail(self, node: ast.AST, why: str) -> NoReturn:
        """Raise ParsingError that names the piece of `node`, its position (from 1) and the reason."""
        place = len(self._bytes[: getattr(node, "col_offset", 0)].decode()) + self._blank + 1
        raise ParsingError(f"{short(self._piece(node))} at position {place} of {short(self.text)}: {why}")

    def _piece(self, node: ast.AST) -> str:
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        return self._bytes[start:end].decode()
