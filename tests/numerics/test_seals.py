"""Seals: of these parts, by this user's key, which nobody else may know."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crossproof.numerics import seals


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "crossproof"


def test_the_key_is_made_once_for_the_user_alone(state: Path) -> None:
    first = seals.seal(b"a")
    found = (state / "key").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_size) == (0o600, seals.KEY_BYTES)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert [p.name for p in state.iterdir()] == ["key"]
    seals._key.cache_clear()
    assert seals.seal(b"a") == first
    (state / "key").unlink()
    seals._key.cache_clear()
    assert seals.seal(b"a") != first


def test_a_seal_belongs_to_its_parts() -> None:
    made = seals.seal(b"ab", b"c")
    assert len(made) == seals.SEAL_BYTES
    assert seals.fits(made, b"ab", b"c")
    others = [(b"a", b"bc"), (b"abc",), (b"ab", b"c", b""), (b"ab", b"d")]
    assert not any(seals.fits(made, *parts) for parts in others)
    assert not seals.fits(made[:-1], b"ab", b"c")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_key_that_others_may_know_is_replaced(state: Path, mode: int) -> None:
    first = seals.seal()
    (state / "key").chmod(mode)
    seals._key.cache_clear()
    assert seals.seal() != first
    assert stat.S_IMODE((state / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["short", "a link"])
def test_what_is_no_key_is_replaced(state: Path, tmp_path: Path, what: str) -> None:
    state.mkdir(parents=True)
    known = tmp_path / "known to an attacker"
    known.write_bytes(bytes(seals.KEY_BYTES))
    known.chmod(0o600)
    if what == "short":
        (state / "key").write_bytes(b"")
    else:
        (state / "key").symlink_to(known)
    seals.seal()
    assert not (state / "key").is_symlink()
    assert (state / "key").read_bytes() not in (b"", known.read_bytes())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_of_another_user_is_replaced(state: Path) -> None:
    first = seals.seal()
    os.chown(state / "key", 12345, -1)
    seals._key.cache_clear()
    assert seals.seal() != first


def test_no_key_can_be_made(state: Path) -> None:
    (state / "key").mkdir(parents=True)
    with pytest.raises(IsADirectoryError, match="key"):
        seals.seal()


def test_processes_that_make_the_key_at_once_have_the_same(state: Path) -> None:
    code = "from crossproof.numerics import seals; print(seals.seal().hex())"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in both}) == 1
