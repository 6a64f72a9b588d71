"""Generated modules and numba's files on them: only what this user's crossproof wrote is run, and one line says so."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from crossproof.numerics.random import kernel_cache

TEXT = """
from numba import njit

@njit(cache=True)
def twice(x):
    return 2 * x
"""
PROGRAM = """
import logging, sys
from crossproof.numerics.random import kernel_cache
module = kernel_cache.load(sys.argv[1])
print(module.twice(21), module.twice.stats.cache_hits[next(iter(module.twice.stats.cache_hits))]
      if module.twice.stats.cache_hits else 0)
"""
FROM_ELSEWHERE = "compiled code from elsewhere, was removed and not run"


class Payload:
    """What runs a command when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.file),)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kernel_cache.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(kernel_cache, "_TOLD", set())
    return tmp_path / "home"


def run(umask: int = 0o022) -> tuple[str, str]:
    """Call a kernel in a new process; return what it computed with the hits of the cache, and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, TEXT], capture_output=True, text=True, umask=umask, check=True, timeout=120
    )
    return done.stdout.strip(), done.stderr


def test_compiled_code_outlives_the_process(home: Path) -> None:
    assert run(umask=0o002) == ("42 0", "")
    assert run(umask=0o002) == ("42 1", "")


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_files_of_numba_from_elsewhere_are_not_unpickled(home: Path, tmp_path: Path, suffix: str) -> None:
    run()
    (file,) = home.rglob(f"*{suffix}")
    assert run() == ("42 1", "")
    file.write_bytes(pickle.dumps(Payload(tmp_path / "hacked")) + file.read_bytes())
    out, err = run()
    assert out == "42 0"
    assert err.count("\n") == 1
    assert FROM_ELSEWHERE in err
    assert not (tmp_path / "hacked").exists()
    assert run() == ("42 1", "")


def test_the_working_folder_does_not_say_where_numba_keeps_code(tmp_path: Path) -> None:
    pytest.importorskip("yaml")  # without it, numba does not read the file
    (tmp_path / ".numba_config.yaml").write_text("cache_dir: theirs\ncache_locator_classes: theirs.Locator\n")
    asked = "import numba; print([numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES])"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    for first, found in (("", "['theirs', 'theirs.Locator']"), ("import crossproof.numerics; ", "['', '']")):
        done = subprocess.run(
            [sys.executable, "-c", first + asked], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.stdout.strip() == found, done.stderr


def test_the_text_runs_and_not_what_the_file_holds(home: Path, tmp_path: Path) -> None:
    path = kernel_cache.folder() / f"{kernel_cache.name('value = 5')}.py"
    path.write_text(f"import os; os.mkdir({str(tmp_path / 'hacked')!r}); value = 6")
    assert kernel_cache.load("value = 5").value == 5
    assert not (tmp_path / "hacked").exists()
    assert path.read_text() == "value = 5"


def _writable_by_all(path: Path) -> None:
    path.chmod(0o666)


def _another_name(path: Path) -> None:
    kernel_cache.write(path.with_name("other"), b"sealed for another name")
    path.with_name("other").rename(path)


def _a_link(path: Path) -> None:
    path.rename(path.with_name("target"))
    path.symlink_to("target")


def _a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _short(path: Path) -> None:
    path.write_bytes(b"short")


@pytest.mark.parametrize("change", [_writable_by_all, _another_name, _a_link, _a_pipe, _short])
def test_a_file_that_may_be_somebody_elses_is_removed(
    home: Path, caplog: pytest.LogCaptureFixture, change: object
) -> None:
    path = kernel_cache.folder() / "kept"
    kernel_cache.write(path, b"content")
    assert kernel_cache.read(path) == b"content"
    assert caplog.records == []
    assert callable(change)
    change(path)
    assert kernel_cache.read(path) is None
    assert kernel_cache.read(path) is None
    assert [FROM_ELSEWHERE in record.getMessage() for record in caplog.records] == [True]
    kernel_cache.write(path, b"content")
    assert kernel_cache.read(path) == b"content"


def test_a_folder_that_others_may_write_is_not_used(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = kernel_cache.folder()
    assert place.is_relative_to(home)
    kernel_cache._own.cache_clear()
    place.chmod(0o777)
    assert not kernel_cache.folder().is_relative_to(home)
    assert kernel_cache.load("value = 7").value == 7
    assert len(caplog.records) == 1
    assert "is not a folder that you alone may write" in caplog.records[0].getMessage()
    place.chmod(0o700)
    assert kernel_cache.folder() == place


def test_kernels_of_another_key_are_not_looked_at(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = kernel_cache.folder()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    assert kernel_cache.folder() != own


def test_without_a_key_nothing_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert run() == ("42 0", "")
    assert run() == ("42 0", "")
    assert not home.exists()
