"""The rows of the built-in claims that lists read: believed only for this program and from this user."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import sympy as sp

from crossproof.checks.evidence import Evidence, Finding, Kind, Outcome, combine
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.store import index
from crossproof.checks.store.saved import digest, load
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity


@pytest.fixture
def claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """Three claims of the catalog and one of a user, with an empty state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("CROSSPROOF_HOME", str(tmp_path / "store"))
    load_catalog()
    x = sp.Symbol("x", positive=True)
    mine = Claim("mine.1", "Mine.", Source("mine", "(1)"), Identity(x, x), Domain(x=Positive))
    own = (c for c in CLAIMS.values() if c.module.startswith("crossproof.derivations.catalog."))
    return [*islice(own, 3), mine]


def test_rows_of_the_catalog_come_back(claims: list[Claim]) -> None:
    assert index.kept_rows() is None
    index.keep_rows(claims)
    rows = index.kept_rows()
    assert rows == {c.id: index.row_of(c, digest(c)) for c in claims[:3]}


@pytest.mark.parametrize("change", ["title", "key", "other user", "other program", "no json"])
def test_what_was_changed_is_not_believed(claims: list[Claim], monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    index.keep_rows(claims)
    (path,) = Path(index.seals.state_folder()).glob("catalog.json")
    text = path.read_text(encoding="utf-8")
    if change == "title":
        path.write_text(text.replace(claims[0].title, "Another title."), encoding="utf-8")
    elif change == "key":
        path.write_text(text.replace('"key": "', '"key": "0'), encoding="utf-8")
    elif change == "other user":
        (path.parent / "key").unlink()
        index.seals._key.cache_clear()
    elif change == "other program":
        monkeypatch.setattr(index, "own_sources", lambda: "other sources")
    else:
        path.write_text(text[:-9], encoding="utf-8")
    assert index.kept_rows() is None


def test_outcomes_are_those_of_the_saved_verdicts(claims: list[Claim], tmp_path: Path) -> None:
    index.keep_rows(claims)
    rows = index.kept_rows()
    assert rows is not None
    assert index.last_outcomes(rows) == {}
    proof = Evidence("w", Kind.ALGEBRA, "d", Finding(Outcome.PROVED, "d"), None, {}, 0.1)
    saved = load()
    saved.save([combine(claim, [proof]) for claim in claims[:2]])
    assert index.last_outcomes(rows) == {claims[0].id: "proved", claims[1].id: "proved"} == load().outcomes()
    # a claim that asserts something else now has no outcome
    rows[claims[0].id] = replace(rows[claims[0].id], digest="another")
    assert index.last_outcomes(rows) == {claims[1].id: "proved"}
    saved.path.write_text("{ damaged")
    assert index.last_outcomes(rows) is None
    saved.path.unlink()
    saved.path.symlink_to(tmp_path / "elsewhere")
    assert index.last_outcomes(rows) is None
