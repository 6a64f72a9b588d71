"""The command line in a stranger's folder: nothing in it runs, nothing in it is believed, and its data is read again.

Real runs in processes of their own, on two claims in a TOML file and on a module that reads a data file.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from partial_package import sitecustomize

from crossproof.checks.sources.sources import FOLDER
from crossproof.checks.store import saved_file, store

TOML = """
[[claim]]
id = "w.true"
title = "Twice x."
document = "w"
place = "(1)"
type = "identity"
equation = "x + x == 2*x"
domain = {x = "positive"}

[[claim]]
id = "w.false"
title = "Thrice x."
document = "w"
place = "(2)"
type = "identity"
equation = "x + x == 3*x"
domain = {x = "positive"}
"""

MODULE = """
import json, os
from pathlib import Path
import sympy as sp
import factors
from crossproof import Domain, Positive, Source, claim
from crossproof.derivations.statements.scalar import Identity
x = sp.Symbol("x", positive=True)
for k, factor in enumerate(factors.read()):
    claim(f"mine.{k}", "Some x.", source=Source("mine", "(1)"), statement=Identity(2 * x, factor * x),
          domain=Domain(x=Positive))
"""
FACTORS = """
import json, os
def read():
    return [*json.load(open("data.json")), *json.loads(os.environ.get("MORE", "[]"))]
"""

#: Files that Python, the libraries or pytest would run, were the working folder on the import path.
NAMES = (
    "random", "torch", "sympy", "numpy", "typing", "secrets", "conftest", "sitecustomize", "usercustomize",
    "gmpy2", "triton", "matplotlib", "crossproof", "crossproof_numerics",
)  # fmt: skip
COMMAND = (str(Path(sys.executable).with_name("crossproof")),)
OPTIONS = ("--effort", "quick", "--device", "cpu", "--workers", "1")


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("hacked by pickle",)


class Place:
    """A folder of claims, and two users with a state folder each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "from a stranger"
        self.folder.mkdir()
        self.parts = folder / "parts"
        self.parts.mkdir()
        (self.parts / "sitecustomize.py").write_text(
            sitecustomize(["geometric_brownian"], ["scalars.identities"], torch=False)
        )
        self.states = {user: folder / user for user in ("me", "stranger")}
        (self.folder / "claims.toml").write_text(TOML)
        (self.folder / "mine.py").write_text(MODULE)
        (self.folder / "factors.py").write_text(FACTORS)
        (self.folder / "data.json").write_text("[2]")

    def run(
        self,
        *arguments: str,
        user: str = "me",
        command: tuple[str, ...] = COMMAND,
        whole: bool = False,
        status: int = 0,
        **variables: str,
    ) -> tuple[dict[str, str], list[str], str]:
        """Verify, with the whole package or with what these claims need; return outcomes, stderr's lines and stdout."""
        environment = {k: v for k, v in os.environ.items() if k not in ("CROSSPROOF_HOME", "PYTHONPATH")}
        environment |= {"XDG_STATE_HOME": str(self.states[user]), **variables}
        if not whole:
            environment["PYTHONPATH"] = str(self.parts)
        done = subprocess.run(
            [*command, "verify", *arguments, *OPTIONS, "--json", "out.json"],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        claims = json.loads((self.folder / "out.json").read_text(encoding="utf-8"))["claims"]
        return {c["id"]: c["outcome"] for c in claims}, done.stderr.splitlines(), done.stdout


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


TRUTH = {"w.true": "proved", "w.false": "refuted"}
TEXT = ("w.", "--claims", "claims.toml")
OWN = ("mine.", "--claims", "mine")


def hostile(folder: Path) -> None:
    """Fill a folder with what would leave a trace if it were run."""
    for name in NAMES:
        trace = f"import os\nos.mkdir({str(folder / 'hacked by ')!r} + {name!r})\n"
        (folder / f"{name}.py").write_text(trace)
    for package in ("crossproof", "numba"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(f"import os\nos.mkdir('hacked by {package}/')\n")
    (folder / ".numba_config.yaml").write_text("cache_dir: .crossproof/kernels\ncache_locator_classes: torch.Locator\n")
    kernels = folder / ".crossproof" / "kernels"
    kernels.mkdir(parents=True)
    for file in ("evidence.sqlite", "verdicts.json", "kernels/crossproof_kernel_0.nbi"):
        (folder / ".crossproof" / file).write_bytes(pickle.dumps(Payload()))


def traces(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith("hacked")]


@pytest.mark.slow
@pytest.mark.parametrize("command", [COMMAND, (sys.executable, "-P", "-m", "crossproof")], ids=["command", "module"])
def test_nothing_in_the_folder_runs(place: Place, command: tuple[str, ...]) -> None:
    hostile(place.folder)
    before = set(place.folder.rglob("*"))
    for _ in range(2):  # examined, and from the record of the run
        assert place.run(*TEXT, command=command, whole=True)[:2] == (TRUTH, [])
    assert traces(place.folder) == []
    assert set(place.folder.rglob("*")) - before == {place.folder / "out.json"}
    done = subprocess.run([sys.executable, "-c", "import secrets"], cwd=place.folder, check=False, capture_output=True)
    assert (done.returncode, traces(place.folder)) == (0, ["hacked by secrets"])  # the traps do work


@pytest.mark.slow
def test_python_m_leaves_the_folder_as_soon_as_it_can(place: Place) -> None:
    """Python itself looks for the package in the folder; what the package imports later is not looked for there."""
    for name in ("random", "torch", "sympy", "gmpy2"):
        (place.folder / f"{name}.py").write_text(f"import os\nos.mkdir('hacked by {name}')\n")
    assert place.run(*TEXT, command=(sys.executable, "-m", "crossproof"), whole=True)[:2] == (TRUTH, [])
    assert traces(place.folder) == []


def test_python_m_refuses_a_copy_in_the_folder(place: Place) -> None:
    """One that is ours, as a repository may bring it along; one that is not would not tell."""
    (place.folder / "crossproof").mkdir()
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(FOLDER / name, place.folder / "crossproof")
    said = f"this is the copy in the working folder, and another one is installed in {FOLDER}; use `crossproof` or"
    for flags, status in (((), 2), (("-P",), 0)):
        command = [sys.executable, *flags, "-m", "crossproof", "--version"]
        done = subprocess.run(command, cwd=place.folder, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert done.stdout.startswith("crossproof ") == (status == 0)
        assert [said in line for line in done.stderr.splitlines()] == [True] * (status // 2)


@pytest.mark.slow
def test_a_named_module_runs_with_what_it_imports_and_nothing_else(place: Place) -> None:
    hostile(place.folder)
    (place.folder / "mine.py").write_text("open('ran', 'a').write('x')\n" + MODULE)
    assert place.run(*OWN, whole=True)[:2] == ({"mine.0": "proved"}, [])
    assert (place.folder / "ran").read_text() == "xx"  # here and in the worker
    assert traces(place.folder) == []


def test_data_that_a_module_reads_is_read_again(place: Place) -> None:
    assert place.run(*OWN)[0] == {"mine.0": "proved"}
    (place.folder / "data.json").write_text("[3, 4]")
    assert place.run(*OWN)[0] == {"mine.0": "refuted", "mine.1": "refuted"}
    (place.folder / "data.json").write_text("[2]")
    assert place.run(*OWN, MORE="[5]")[0] == {"mine.0": "proved", "mine.1": "refuted"}
    assert place.run(*OWN)[0] == {"mine.0": "proved"}


def forge(folder: Path, key: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn what is kept in `folder` into lies, with the seals of a key, or with none."""

    def lie(text: str) -> str:
        content = json.loads(text.replace("refuted", "proved"))
        if "lines" in content:
            content["lines"].append([content["lines"][0][0], "\x1b[2J"])
        return json.dumps(content)

    with monkeypatch.context() as patch, sqlite3.connect(folder / "evidence.sqlite") as database:
        patch.setenv("XDG_STATE_HOME", str(key))
        for table in ("units", "runs"):
            for number, name, data in database.execute(f"SELECT number, key, data FROM {table}").fetchall():
                false = lie(data)
                mark = store._seal(table, name, false) if key is not None else "0" * 64
                database.execute(f"UPDATE {table} SET data = ?, seal = ? WHERE number = ?", (false, mark, number))
        path = folder / "verdicts.json"
        content = json.loads(lie(path.read_text(encoding="utf-8")))
        content["seal"] = saved_file._seal(content["claims"]) if key is not None else "0" * 64
        path.write_text(json.dumps(content), encoding="utf-8")
    database.close()


@pytest.mark.parametrize("maker", ["stranger", None])
def test_a_forged_store_is_not_believed(place: Place, monkeypatch: pytest.MonkeyPatch, maker: str | None) -> None:
    arguments = (*TEXT, "--store", ".crossproof")
    shipped = place.folder / ".crossproof"
    assert place.run(*arguments, user="stranger")[0] == TRUTH
    forge(shipped, place.states["stranger"] if maker else None, monkeypatch)
    if maker:  # the store is as its maker wants it
        outcomes, said, out = place.run(*arguments, user="stranger")
        assert (set(outcomes.values()), said) == ({"proved"}, [])
        assert "\x1b[2J" in out
    outcomes, said, out = place.run(*arguments)
    assert outcomes == TRUTH
    assert "\x1b" not in out
    assert [line.partition(" (")[0].partition(";")[0] for line in said] == [
        "crossproof: warning: .crossproof/evidence.sqlite holds records without the seal of this user's crossproof",
        "crossproof: warning: .crossproof/verdicts.json is not a file of saved verdicts",
    ]
    assert place.run(*arguments)[:2] == (TRUTH, [])
    assert place.run(*TEXT)[:2] == (TRUTH, [])


def test_outcomes_of_a_stranger_do_not_reach_the_terminal_raw(place: Place) -> None:
    """The file of reviewed outcomes lies in the folder; its ids are shown."""
    (place.folder / "verdicts.lock.json").write_text('{"version": 1, "claims": {"\\u001b[2Jx": "proved"}}')
    _, _, out = place.run(*TEXT, status=1)
    assert "\\x1b[2Jx: reviewed as proved" in out
    assert "\x1b" not in out
