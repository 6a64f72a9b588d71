"""Files of claims are read once, replaced when they change, and loaded whole or without their malformed claims."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossproof.checks.sources.canonical_text import claim_text
from crossproof.checks.sources.keys import run_key
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.errors import ClaimError, UsageError
from crossproof.derivations.text import files as claim_files
from crossproof.derivations.text.files import expect, handed_on, load, provide, refused

ENTRY = """
[[claim]]
id = "text.{name}"
title = "t"
document = "d"
place = "p"
type = "identity"
equation = "x + x == 2*x"
domain = {{x = "real"}}
"""
ALL = "".join(ENTRY.format(name=name) for name in ("one", "two", "five"))


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    _forget_claims()
    claim_files._LOADED.clear()
    claim_files._EXPECTED.clear()


def test_claims_that_one_process_has_read_are_made_by_another_when_asked_for(tmp_path: Path) -> None:
    malformed = ENTRY.format(name="six").replace("x + x", "x + y")
    again = ENTRY.format(name="one").replace("2*x", "3*x")
    path = tmp_path / "claims.toml"
    path.write_text(malformed + ALL + again)
    text = load(str(path), strict=False)
    made = {i: CLAIMS[i] for i in CLAIMS if i.startswith("text.")}
    message = handed_on(text)
    _forget_claims()
    expect(message)
    assert not [i for i in CLAIMS if i.startswith("text.")]
    for id in ("text.one", "text.two", "text.six", "text.other"):
        provide(id)
    # neither the malformed one, nor one that nobody asked for, nor the second of an id
    assert [i for i in CLAIMS if i.startswith("text.")] == ["text.one", "text.two"]
    assert claim_text(CLAIMS["text.one"]) == claim_text(made["text.one"])
    provide("text.five")
    assert claim_text(CLAIMS["text.five"]) == claim_text(made["text.five"])


def test_a_text_that_was_not_loaded_is_handed_on_to_be_tried_out() -> None:
    assert handed_on(ALL) == ALL


def test_what_is_handed_on_is_no_text_of_claims() -> None:
    load(ALL)
    message = handed_on(ALL)
    assert message.startswith("{")
    with pytest.raises(ClaimError, match="this is not TOML"):
        load(message)


def _forget_claims() -> None:
    for name in [i for i in CLAIMS if i.startswith("text.")]:
        del registry._CLAIMS[name]


def test_a_file_is_loaded_once_replaced_when_changed_and_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(ALL)
    load(str(path))
    first = CLAIMS["text.one"]
    assert first.module == "claims"
    load(str(path))
    assert CLAIMS["text.one"] is first
    path.write_text(ALL.replace("x + x == 2*x", "2*x == x + x").replace("text.five", "text.six"))
    load(str(path))
    assert CLAIMS["text.one"] is not first
    assert "text.five" not in CLAIMS
    path.write_text(ALL.replace('"text.two"', '"text two"'))
    with pytest.raises(ClaimError, match=r"claims\.toml: claim text two"):
        load(str(path))
    assert {"text.one", "text.six"} <= set(CLAIMS)
    other = tmp_path / "other.toml"
    other.write_text(ALL)
    with pytest.raises(ClaimError, match=r"other\.toml: claim text\.one: the id is taken"):
        load(str(other))
    assert "text.five" not in CLAIMS


def test_malformed_claims_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(ALL.replace('"text.two"', '"text.one"'))
    load(str(path), strict=False)
    assert [i for i in CLAIMS if i.startswith("text.")] == ["text.one", "text.five"]
    (problem,) = refused(str(path))
    assert problem == f"{path}: claim text.one: the id is used twice in this file; ids are unique, choose another"
    with pytest.raises(ClaimError, match="used twice"):
        load(str(path))
    path.write_text(ALL)
    load(str(path), strict=False)
    assert refused(str(path)) == ()
    assert "text.two" in CLAIMS


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "marked.toml").write_text(ALL, encoding="utf-8-sig")
    assert load(str(tmp_path / "marked.toml")) == ALL + "\n"
    assert "text.one" in CLAIMS
    (tmp_path / "twice.toml").write_text("\ufeff" + ALL, encoding="utf-8-sig")
    with pytest.raises(ClaimError, match="this is not TOML"):
        load(str(tmp_path / "twice.toml"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read '.*none\.toml'"):
        load(str(tmp_path / "none.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot read"):
        load(str(tmp_path / "bytes.toml"))
    (tmp_path / "long.toml").write_bytes(b"#" * 6_000_001)
    with pytest.raises(UsageError, match="split the file"):
        load(str(tmp_path / "long.toml"))
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match="no regular file"):
        load(str(tmp_path / "pipe.toml"))
    assert run_key({}, [str(tmp_path / "pipe.toml")]) is None
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5000)
    for strict in (True, False):
        with pytest.raises(ClaimError, match="this is not TOML"):
            load(str(tmp_path / "deep.toml"), strict=strict)
