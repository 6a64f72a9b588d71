"""Modules of claims, of which some are malformed: what is left out, what is said, and what stays behind."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossproof.checks.runs import claim_modules
from crossproof.checks.runs.claim_modules import load, refused
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.errors import ClaimError, UsageError

HEAD = """
from __future__ import annotations
import sympy as sp
from crossproof import Domain, Positive, Source, claim
from crossproof.derivations.statements.scalar import Identity
x, y = sp.symbols("x y", positive=True)

def state(name, side=x):
    claim(name, "t", source=Source("d", "p"), statement=Identity(x, side), domain=Domain(x=Positive))
"""
BAD = HEAD + 'state("made.first")\nstate("made.bad", y)\nstate("made.last")\nLAST: no_such_name = 1\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]
    for name in [i for i in CLAIMS if i.startswith("made.")]:
        del registry._CLAIMS[name]
    claim_modules._LOADED.clear()


def made() -> list[str]:
    return [i for i in CLAIMS if i.startswith("made.")]


def test_the_statements_after_a_malformed_claim_are_run(folder: Path) -> None:
    (folder / "made_bad.py").write_text(BAD)
    load("made_bad", strict=False)
    assert made() == ["made.first", "made.last"]
    assert CLAIMS["made.last"].module == "made_bad"
    module = importlib.import_module("made_bad")
    assert module.LAST == 1
    assert module.__annotations__ == {"LAST": "no_such_name"}  # the module's own __future__ still holds
    (problem,) = refused("made_bad")
    assert problem.startswith("made_bad.py, line 11: claim made.bad: symbol y is free but has no range; add y=")
    load("made_bad", strict=False)
    assert refused("made_bad") == (problem,)


def test_a_strict_load_leaves_nothing_behind_and_can_be_repeated(folder: Path) -> None:
    path = folder / "made_strictly.py"
    path.write_text(BAD)
    for loose_first in (False, True):
        if loose_first:
            load("made_strictly", strict=False)
        with pytest.raises(ClaimError, match=r"made_strictly\.py, line 11: claim made\.bad: .* add y="):
            load("made_strictly")
        assert made() == []
        assert "made_strictly" not in sys.modules
    path.write_text(BAD.replace('"made.bad", y', '"made.mended", x'))
    importlib.invalidate_caches()
    load("made_strictly")
    assert made() == ["made.first", "made.mended", "made.last"]


@pytest.mark.parametrize("end", ["1 / 0", "raise SystemExit", "def f(:", "import no_such_module_here"])
def test_a_module_that_is_no_program_leaves_nothing_behind(folder: Path, end: str) -> None:
    (folder / "made_broken.py").write_text(f"{BAD}{end}\n")
    for strict in (True, False):
        with pytest.raises(UsageError, match="cannot import 'made_broken': "):
            load("made_broken", strict=strict)
        assert made() == []
        assert "made_broken" not in sys.modules


def test_a_module_of_a_package_and_a_module_that_it_imports(folder: Path) -> None:
    package = folder / "made_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text(f"{HEAD}state('made.inner', y)\n")
    (package / "outer.py").write_text(f"from . import inner\n{HEAD}state('made.outer')\n".replace("\nfrom __f", "\n#"))
    load("made_package.outer", strict=False)
    assert made() == ["made.outer"]
    assert sys.modules["made_package"].outer is sys.modules["made_package.outer"]
    (problem,) = refused("made_package.outer")
    assert problem.startswith("outer.py, line 1: claim made.inner: symbol y is free")


def test_a_module_that_is_there_already_is_left_as_it_is(folder: Path) -> None:
    (folder / "made_before.py").write_text(f"{HEAD}state('made.before')\n")
    there = importlib.import_module("made_before")
    load("made_before")
    assert sys.modules["made_before"] is there
    assert made() == ["made.before"]
    assert refused("made_before") == ()
