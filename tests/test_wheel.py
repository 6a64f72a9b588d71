"""The source archive and the wheel made from it: installed elsewhere, they verify, outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import torch

import crossproof

ROOT = Path(crossproof.__file__).parent
FLOORS = ("derivations", "numerics", "checks", "reports")
LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "report", "*.egg-info", "__pycache__")


def run(*command: object, cwd: Path) -> str:
    """Run a command without what would let the repository be found, and return its output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "CROSSPROOF", "COV_"))}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def test_every_room_is_packed() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    rooms = {path.parent.relative_to(ROOT) for path in _files() if path.name == "__init__.py"}
    assert {"crossproof", *(".".join(("crossproof", *room.parts)) for room in rooms)} == set(packed)


@pytest.mark.slow
def test_the_wheel_verifies_outside_the_repository(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=LEFT_OUT)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "dist", source, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    (archive,) = (tmp_path / "dist").glob("*.tar.gz")

    # every file of the package is in the wheel, and no test is
    expected = {path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.py"), *_files())}
    with zipfile.ZipFile(wheel) as held:
        inside = {name.removeprefix("crossproof/") for name in held.namelist() if name.startswith("crossproof/")}
    assert expected - inside == set()
    assert not any(name.startswith("tests/") for name in inside)
    with tarfile.open(archive) as held_too:
        names = {name.partition("/")[2] for name in held_too.getnames()}
    assert {"README.md", "LICENSE", "pyproject.toml", "cli.py"} <= names

    # a new environment finds the dependencies of this one, but not its crossproof
    home = tmp_path / "elsewhere"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    (site,) = (home / "lib").glob("python*/site-packages")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    (site / "dependencies.pth").write_text(str(Path(torch.__file__).parents[1]) + "\n")
    working = tmp_path / "working"
    working.mkdir()
    found = run(python, "-c", "import crossproof; print(crossproof.__file__)", cwd=working)
    assert Path(found.strip()).is_relative_to(home)
    store = ("--store", tmp_path / "store")
    said = run(home / "bin" / "crossproof", "verify", "004.gbm.log", "--effort", "quick", *store, cwd=working)
    assert said.startswith("proved     004.gbm.log")
    report = tmp_path / "report.html"
    run(home / "bin" / "crossproof", "report", "004.gbm.log", "--format", "html", "--out", report, *store, cwd=working)
    assert "004.gbm.log" in report.read_text(encoding="utf-8")


def _files() -> list[Path]:
    found = [path for floor in FLOORS for path in (ROOT / floor).rglob("*") if path.is_file()]
    return [path for path in found if "__pycache__" not in path.parts and path.suffix != ".pyc"]
