"""Whole runs of ``crossproof verify`` under faults end with the verdicts of an undisturbed run.

Killed at any moment, on a full disk, with a store that cannot be written, with a clock that runs backwards, and beside
another run on the same store. The runs are real, on a few claims of the catalog; the modules that these do not need
are left out, so that a run takes seconds.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from partial_package import sitecustomize

pytestmark = pytest.mark.slow

NAMES = ("equivalences", "extrema", "extrema_numerics", "identities", "inequalities", "inequality_margins")
#: Imports some modules of the catalog and of the witnesses only, and no torch, which these do not need.
PARTS = sitecustomize(
    ["diffusion_peak", "geometric_brownian"],
    ["processes.algebra", *(f"scalars.{name}" for name in NAMES)],
    torch=False,
)

BACKWARDS = """
import itertools, time
steps = itertools.count()
time.time = lambda: 2e9 - 3600.0 * next(steps)
time.time_ns = lambda: int(1e9 * time.time())
"""

FEW = ("003.eq10.threshold", "003.eq9.maximum.interval", "003.decay", "004.gbm.log")
MORE = (*FEW, "003.eq9.maximum.global", "003.eq10.before", "003.eq7.*")


class Place:
    """A folder in which runs start, with what they import."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        (folder / "sitecustomize.py").write_text(PARTS)

    def start(self, home: Path, selectors: Sequence[str] = FEW, out: str = "out.json", **options: Any) -> Any:
        """Start a run whose store is in `home`."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
            "CROSSPROOF_HOME": str(home),
            "OMP_NUM_THREADS": "1",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        arguments = ["--effort", "quick", "--device", "cpu", "--workers", "1", "--json", out]
        return subprocess.Popen(
            [sys.executable, "-m", "crossproof", "verify", *selectors, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, home: Path, selectors: Sequence[str] = FEW, **options: Any) -> tuple[dict[str, Any], list[str]]:
        """Run to the end and return the verdicts and the warnings."""
        process = self.start(home, selectors, **options)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        return self.verdicts(), [line for line in err.splitlines() if line]

    def verdicts(self, out: str = "out.json") -> dict[str, Any]:
        """Return the verdicts that a run wrote, without times."""
        return {c["id"]: _timeless(c) for c in json.loads((self.folder / out).read_text(encoding="utf-8"))["claims"]}


def _timeless(data: Any) -> Any:
    if isinstance(data, dict):
        return {k: _timeless(v) for k, v in data.items() if k != "seconds"}
    return [_timeless(v) for v in data] if isinstance(data, list) else data


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def few(place: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Verdicts of an undisturbed run."""
    found, warnings = place.run(tmp_path_factory.mktemp("undisturbed") / "home")
    assert warnings == []
    assert sorted({c["outcome"] for c in found.values()}) == ["proved", "refuted"]
    return found


def rows(home: Path) -> set[str]:
    """Return the keys of the units in the store, after asking SQLite whether the file is whole."""
    path = home / "evidence.sqlite"
    if not path.exists():
        return set()
    with contextlib.closing(sqlite3.connect(path)) as database:
        if not database.execute("SELECT name FROM sqlite_schema WHERE name = 'units'").fetchone():
            return set()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {key for (key,) in database.execute("SELECT key FROM units")}


@pytest.mark.usefixtures("few")  # so that the bytecode is there, and a run takes as long as the ones after it
def test_killed_at_twenty_moments(place: Place, tmp_path: Path) -> None:
    """Runs are killed and started again until they end; nothing that was kept is lost, and no worker is left."""
    start = time.monotonic()
    wanted, warnings = place.run(tmp_path / "undisturbed", MORE)
    assert warnings == []
    longest, chance, kills, ended, kept = time.monotonic() - start, random.Random(3), 0, 0, 0
    before: set[str] = set()
    home = tmp_path / "home 0"
    while kills < 20 or before:
        (place.folder / "out.json").unlink(missing_ok=True)
        process = place.start(home, MORE)
        try:
            if kills == 20:  # the last run is left alone
                process.wait(120)
            else:
                process.wait(chance.uniform(0.0, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=60)  # its worker holds stderr open, so this waits for its end too
        if process.returncode != -signal.SIGKILL:  # a worker that loses its parent may say so
            assert err == ""
        now = rows(home)
        assert before <= now
        if process.returncode == -signal.SIGKILL:
            kills += 1
            kept += bool(now)
            before = now
            if (place.folder / "out.json").exists():  # killed after it was written: whole or not at all
                assert place.verdicts() == wanted
            continue
        assert process.returncode == 0, out
        assert place.verdicts() == wanted
        ended += 1
        before, home = set(), tmp_path / f"home {ended}"
    assert kept >= 3  # not all kills came before the first unit was done
    assert ended >= 1


# Disks that are full


def _mounted(folder: Path, *options: str) -> bool:
    """Mount a small file system in memory; False where that is not permitted."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", ",".join(("size=256k", *options)), "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def _small_disk(folder: Path, free: int) -> Iterator[tuple[Path, Callable[[], None], dict[str, Any]]]:
    """Yield a folder with `free` bytes, a function that makes room, and options of the run.

    Where no file system may be mounted, a limit on the size of every file stands for the full disk.
    """
    if _mounted(folder):
        filler = folder / "filler"
        try:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            os.truncate(filler, max(0, filler.stat().st_size - free))
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                (folder / "probe").write_bytes(bytes(free + 8192))
            (folder / "probe").unlink()
            yield folder, filler.unlink, {}
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    else:
        folder.mkdir(exist_ok=True)
        # the result of the run must still fit
        limits = (max(free, 20_000),) * 2
        yield folder, lambda: None, {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)}


@pytest.mark.parametrize("free", [0, 24_576, 49_152])
def test_a_full_disk(place: Place, few: dict[str, Any], tmp_path: Path, free: int) -> None:
    """The disk is full from the start, when the tables are there, and when some of the evidence is."""
    with _small_disk(tmp_path / "disk", free) as (disk, make_room, options):
        found, warnings = place.run(disk / "home", **options)
        assert found == few
        assert 1 <= len(warnings) <= 2
        assert all(line.startswith("crossproof: warning: ") for line in warnings)
        assert "evidence.sqlite cannot be" in warnings[0] or "were not kept" in warnings[0]
        make_room()
        kept = rows(disk / "home")
        found, warnings = place.run(disk / "home", (*FEW, "003.eq10.before"))  # another run: it asks for each unit
        assert {i: c for i, c in found.items() if i in few} == few
        assert warnings == []
        assert kept <= rows(disk / "home")
        assert len(rows(disk / "home")) == sum(len(c["evidence"]) for c in found.values())


def test_a_file_size_limit(place: Place, few: dict[str, Any], tmp_path: Path) -> None:
    """A quota: the store reaches it in the middle of the run, the other files of the run do not."""
    probe = [sys.executable, "-c", "open('probe', 'wb', 0).write(bytes(40_000)) == 40_000 or 1 / 0"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (32_768, 32_768))

    failed = subprocess.run(probe, cwd=tmp_path, preexec_fn=limit, capture_output=True, check=False)
    assert failed.returncode != 0
    found, warnings = place.run(tmp_path / "home", preexec_fn=limit)
    assert found == few
    assert len(warnings) == 1
    assert "evidence.sqlite cannot be" in warnings[0]
    found, warnings = place.run(tmp_path / "home")
    assert (found, warnings) == (few, [])


# Stores that cannot be written


@contextlib.contextmanager
def _unwritable(home: Path, how: str) -> Iterator[None]:
    """Make the store in `home` unwritable, for root too; skip where the system does not let us."""
    if how == "a folder in its place":
        (home / "evidence.sqlite").mkdir(parents=True)
        yield
        return
    if how == "a home that is a file":
        home.write_text("")
        yield
        return
    home.mkdir(exist_ok=True)
    files = [str(p) for p in (*home.iterdir(), home)]
    if how == "a read-only file system":
        do, undo = ["mount", "--bind", str(home), str(home)], ["umount", str(home)]
    elif os.getuid() == 0:  # permissions do not bind root
        do, undo = ["chattr", "+i", *files], ["chattr", "-i", *files]
    else:
        do, undo = ["chmod", "a-w", *files], ["chmod", "u+w", *files]
    try:
        possible = subprocess.run(do, capture_output=True, check=False).returncode == 0
    except OSError:
        possible = False
    if not possible:
        pytest.skip(f"{how}: `{do[0]}` is not permitted here")
    try:
        if do[0] == "mount":
            subprocess.run(["mount", "-o", "remount,ro,bind", str(home)], check=True)
        with pytest.raises(OSError):  # noqa: PT011  (which error depends on the way)
            (home / "probe").write_text("")
        yield
    finally:
        subprocess.run(undo, check=True)


@pytest.mark.parametrize(
    "how", ["a folder in its place", "a home that is a file", "a read-only file system", "no permission"]
)
def test_a_store_that_cannot_be_made(place: Place, few: dict[str, Any], tmp_path: Path, how: str) -> None:
    home = tmp_path / "home"
    with _unwritable(home, how):
        found, warnings = place.run(home)
    assert found == few
    assert 1 <= len(warnings) <= 2
    assert warnings[0].startswith("crossproof: warning: ")
    assert "evidence.sqlite cannot be used" in warnings[0]
    assert all("were not kept" in line for line in warnings[1:])


@pytest.mark.parametrize("how", ["a read-only file system", "no permission"])
def test_a_store_that_can_only_be_read_is_read(place: Place, few: dict[str, Any], tmp_path: Path, how: str) -> None:
    home = tmp_path / "home"
    assert place.run(home) == (few, [])
    with _unwritable(home, how):
        assert place.run(home) == (few, [])  # nothing changed: the whole run is there
        process = place.start(home, (*FEW, "003.eq10.before"))
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        assert {i: c for i, c in place.verdicts().items() if i in few} == few
        assert "evidence.sqlite cannot be written" in err
        assert "Traceback" not in err
    assert place.run(home) == (few, [])


# Time, and company


def test_a_clock_that_runs_backwards(place: Place, few: dict[str, Any], tmp_path: Path) -> None:
    """The system's clock goes back an hour at every look, in the workers too, and files come from the future."""
    strange = Place(tmp_path / "strange")
    with (strange.folder / "sitecustomize.py").open("a") as file:
        file.write(BACKWARDS)
    home = tmp_path / "home"
    assert strange.run(home) == (few, [])
    for path in home.iterdir():
        os.utime(path, (4e9, 4e9))
    assert strange.run(home, FEW[:3])[0] == {i: c for i, c in few.items() if i in FEW[:3]}
    assert place.run(home) == (few, [])


def test_two_runs_at_once(place: Place, few: dict[str, Any], tmp_path: Path) -> None:
    """Both end with the same verdicts, and what either has found is there afterwards."""
    home = tmp_path / "home"
    selectors = {"one.json": FEW[:3], "two.json": FEW[1:]}
    both = [place.start(home, chosen, out) for out, chosen in selectors.items()]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, ""), out
    for out, chosen in selectors.items():
        assert place.verdicts(out) == {i: c for i, c in few.items() if i in chosen}
    assert len(rows(home)) == sum(len(c["evidence"]) for c in few.values())
    saved = json.loads((home / "verdicts.json").read_text(encoding="utf-8"))["claims"]
    assert set(saved) == set(few)
