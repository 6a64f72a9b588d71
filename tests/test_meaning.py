"""Every type of statement has a section in docs/meaning.md, and every section a type."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

from crossproof.derivations import statements
from crossproof.derivations.statement import Statement

PAGE = Path(__file__).parents[1] / "docs" / "meaning.md"


def _types() -> set[str]:
    found: set[str] = set()
    for module in pkgutil.walk_packages(statements.__path__, f"{statements.__name__}."):
        members = vars(importlib.import_module(module.name)).values()
        found |= {
            m.__name__
            for m in members
            if isinstance(m, type) and issubclass(m, Statement) and not inspect.isabstract(m) and m.__name__[0] != "_"
        }
    return found


def test_every_type_of_statement_has_its_meaning_written_down_once() -> None:
    sections = re.findall(r"^### (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(sections) == len(set(sections))
    assert set(sections) == _types()


def test_every_section_says_something() -> None:
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, body = section.partition("\n")
        assert len(body.split("\n##")[0].strip()) > 20, name
