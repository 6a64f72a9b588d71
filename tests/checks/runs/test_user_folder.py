"""What is found in a user's folder, by whom: named modules, and what lies beside them for code of the folder itself."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossproof.checks.runs import user_folder
from crossproof.checks.runs.user_folder import find_spec, folders_of, named_modules, open_to


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that nothing has been looked for in, not on the import path, with modules in it."""
    monkeypatch.setattr(user_folder, "_FOLDERS", {})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    for name, text in {
        "mine_named": "import mine_beside\ndef late():\n    import mine_late\n    return mine_late",
        "mine_beside": "WHERE = 'beside'",
        "mine_late": "",
        "antigravity": "raise SystemExit('a module that shadows one of Python')",
        "gmpy2_of_mine": "raise SystemExit('a module that others may try to import')",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_nothing_is_found_before_it_is_named(folder: Path) -> None:
    for name in ("mine_named", "mine_beside"):
        assert importlib.util.find_spec(name) is None
    open_to({"mine_named": str(folder)})
    assert importlib.util.find_spec("mine_named") is not None
    assert importlib.util.find_spec("mine_beside") is None


def test_a_named_module_finds_what_lies_beside_it_now_and_later(folder: Path) -> None:
    open_to({"mine_named": str(folder)})
    module = importlib.import_module("mine_named")
    assert module.mine_beside.WHERE == "beside"
    assert module.late().__name__ == "mine_late"


def test_code_from_elsewhere_finds_nothing_there(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    open_to({"mine_named": str(folder)})
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("gmpy2_of_mine")
    installed = folder / "lib" / "site-packages"  # an environment in the folder is not the user's own code
    installed.mkdir(parents=True)
    (installed / "library.py").write_text("try:\n    import gmpy2_of_mine\nexcept ImportError:\n    pass")
    spec = importlib.util.spec_from_file_location("library", installed / "library.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_modules_of_python_are_not_shadowed(folder: Path) -> None:
    open_to({"mine_named": str(folder)})
    spec = importlib.util.find_spec("antigravity")
    assert spec is not None
    assert str(spec.origin) != str(folder / "antigravity.py")


def test_a_named_module_is_meant_even_where_one_of_that_name_is_installed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("installed")
    (other / "mine_named.py").write_text("")
    monkeypatch.syspath_prepend(other)
    spec = importlib.util.find_spec("mine_named")
    assert spec is not None
    assert spec.origin == str(other / "mine_named.py")
    open_to({"mine_named": str(folder)})
    spec = importlib.util.find_spec("mine_named")
    assert spec is not None
    assert spec.origin == str(folder / "mine_named.py")


def test_a_bare_folder_does_not_hide_an_installed_package(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("package_of_claims", "bare"):
        (folder / name).mkdir()
    other = tmp_path_factory.mktemp("installed")
    (other / "package_of_claims").mkdir()
    (other / "package_of_claims" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(other)
    open_to(dict.fromkeys(("package_of_claims", "bare"), str(folder)))
    spec = importlib.util.find_spec("package_of_claims")
    assert spec is not None
    assert spec.origin == str(other / "package_of_claims" / "__init__.py")
    assert importlib.util.find_spec("bare") is not None


def test_sources_are_found_as_code_of_the_folder_finds_them(folder: Path) -> None:
    assert find_spec("mine_beside") is None
    open_to({"mine_named": str(folder)})
    spec = find_spec("mine_beside")
    assert spec is not None
    assert spec.origin == str(folder / "mine_beside.py")


def test_workers_look_where_the_module_was_found(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = ["mine_named.inner", "package.part", "claims.toml", "id = 1\n"]
    assert named_modules(names) == {"mine_named", "package"}
    assert folders_of(names) == dict.fromkeys(("mine_named", "package"), str(folder))
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "package").mkdir()
    (other / "package" / "part.py").write_text("")
    open_to({"mine_named": str(folder), "package": str(other)})
    importlib.import_module("package.part")
    user_folder._FOLDERS.clear()
    assert folders_of(names) == {"mine_named": str(folder), "package": str(other)}
