"""The public face: its names, one call that verifies any claim, and options that are refused before any work."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp
from api_page import PAGE, page
from partial_package import sitecustomize

import crossproof as cp
from crossproof.checks.runs.handed_over import HandedOver, in_register
from crossproof.checks.sources.independence import code_of
from crossproof.derivations import claim as registry
from crossproof.derivations import statements
from crossproof.derivations.text import files as claim_files


def test_one_claim_is_verified_by_one_call() -> None:
    verdict = cp.verify("004.eq51", effort="quick", device="cpu", workers=1)
    assert verdict.outcome == "proved"
    assert 3 <= len(str(verdict).splitlines()) <= 6
    assert "004.eq51" in str(verdict)
    assert verdict.evidence[0].versions["sympy"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"seed": -1}, cp.UsageError, "integer >= 0"),
        ({"seed": "one"}, cp.UsageError, "integer >= 0"),
        ({"seed": True}, cp.UsageError, "integer >= 0"),
        ({"workers": 0}, cp.UsageError, "workers"),
        ({"effort": "lazy"}, cp.UsageError, "quick, default, thorough"),
        ({"device": "tpu"}, cp.UsageError, "auto, cpu or cuda"),
    ],
)
def test_bad_options_are_refused(options, error, message: str) -> None:
    with pytest.raises(error, match=message):
        cp.verify("004.eq51", **options)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(cp.UsageError, match="no CUDA device"):
        cp.verify("004.eq51", device="cuda")


def test_unknown_ids_suggest_the_nearest() -> None:
    with pytest.raises(cp.SelectionError, match="did you mean 004"):
        cp.verify("004.eq46")


def test_every_name_is_there_once_and_no_other() -> None:
    assert len(set(cp.__all__)) == len(cp.__all__)
    assert all(hasattr(cp, name) for name in cp.__all__)
    assert set(cp.__all__) <= set(dir(cp))
    assert not hasattr(cp, "simulat")
    assert not hasattr(cp, "GROUPS")  # lives where a public name does
    assert cp.__version__


def test_every_type_of_statement_is_public() -> None:
    for module in pkgutil.walk_packages(statements.__path__, f"{statements.__name__}."):
        for name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, cp.Statement) and not name.startswith("_"):
                assert getattr(cp, name, None) is found, f"{name} is not public"


def test_the_page_of_names_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python tests/api_page.py`"


def test_the_face_is_imported_lazily() -> None:
    script = "import sys, crossproof as cp; cp.__version__; assert not {'sympy', 'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=100)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for id in [i for i in cp.CLAIMS if i.startswith("mine.")]:
        registry.forget([id])
    claim_files._LOADED.clear()


X = cp.real("x")


def stated(side: sp.Expr, other: sp.Expr, id: str = "mine.1") -> cp.Claim:
    return cp.Claim(id, "t", cp.Source("mine", "(1)"), cp.Identity(side, other), cp.Domain(x=cp.Real))


def test_workers_get_a_claim_that_comes_out_as_it_went_in(here: Path) -> None:
    claim = stated(sp.exp(X) ** 2, sp.exp(2 * X))
    with in_register(claim):
        handed = HandedOver([cp.CLAIMS["mine.1"]], [])
        opened = pickle.loads(handed.parcels["mine.1"] or b"")
        assert opened.statement == claim.statement
        assert opened.domain.symbols == claim.domain.symbols
        assert not handed.is_kept_here("mine.1", "normal forms")
    assert "mine.1" not in cp.CLAIMS


@pytest.mark.parametrize("side", [sp.Mul(X, sp.Pow(X, -1), evaluate=False), sp.Add(X, -X, evaluate=False)])
def test_what_a_parcel_would_change_stays_here(here: Path, side: sp.Expr) -> None:
    """SymPy evaluates what it unpacks: x/x would come out as 1, and have a value at 0."""
    claim = stated(side, sp.Integer(1))
    assert pickle.loads(pickle.dumps(claim)).statement != claim.statement
    with in_register(claim):
        handed = HandedOver([cp.CLAIMS["mine.1"]], [])
        assert handed.parcels["mine.1"] is None
        assert handed.is_kept_here("mine.1", "normal forms")


def test_a_changed_copy_of_a_catalog_claim_is_not_the_catalogs(here: Path) -> None:
    cp.load_catalog()
    own = next(claim for claim in cp.CLAIMS.values() if isinstance(claim.statement, cp.Identity))
    assert HandedOver([own], []).parcels == {own.id: None}  # every worker has it
    with in_register(replace(own, statement=cp.Identity(own.statement.lhs, own.statement.rhs + 1))):
        changed = cp.CLAIMS[own.id]
        assert changed.module == ""  # it spends the level of a user's claim
        assert pickle.loads(HandedOver([changed], []).parcels[own.id] or b"").statement == changed.statement
    assert cp.CLAIMS[own.id] is own


TOML = """
[[claim]]
id = "mine.area"
title = "A square."
document = "mine"
place = "(1)"
type = "identity"
equation = "(x + x)*x/2 == x**2"
domain = {x = "positive"}
"""


def test_a_file_of_claims_is_loaded_once_and_its_formulas_are_functions(here: Path) -> None:
    (here / "claims.toml").write_text(TOML)
    cp.load_catalog("claims.toml")
    assert cp.formula("mine.area").numpy()(x=3.0) == 9.0
    handed = HandedOver([cp.CLAIMS["mine.area"]], [])
    assert [text.strip() for text in handed.modules] == [TOML.strip()]
    assert handed.sources == {"mine.area": (str(here / "claims.toml"),)}
    assert HandedOver([cp.CLAIMS["mine.area"]], handed.modules).modules == []


SCRIPT = """
import json, os
import crossproof as cp
import sympy as sp

x = cp.real("x")
source, domain = cp.Source("mine", "(1)"), cp.Domain(x=cp.Real)
cp.claim("mine.true", "Twice x.", source=source, statement=cp.Identity(x + x, 2 * x), domain=domain)
cp.claim("mine.false", "Thrice x.", source=source, statement=cp.Identity(x + x, 3 * x), domain=domain)
kept = sp.Mul(x, sp.Pow(x, -1), evaluate=False)
given = cp.Claim("mine.kept", "As written.", source, cp.Identity(kept, sp.Integer(1)), domain)


@cp.witness("where", kind=cp.Kind.ALGEBRA, statement=cp.Identity, starts_from="nothing")
def where(statement, task):
    return cp.undecided(str(os.getpid()))


def told(claim):
    verdict = cp.verify(claim, effort="quick", device="cpu", workers=1)
    own = next(e.finding.detail for e in verdict.evidence if e.witness == "where")
    return verdict.outcome, own == str(os.getpid()), str(verdict).splitlines()[-1]


print(json.dumps([told(claim) for claim in ("mine.true", "mine.false", given)]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False], ids=["a script", "code on stdin"])
def test_claims_and_witnesses_of_a_script_are_examined(tmp_path: Path, named: bool) -> None:
    parts = sitecustomize(["geometric_brownian"], ["scalars.identities"], torch=False)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "sitecustomize.py").write_text(parts)
    (tmp_path / "script.py").write_text(SCRIPT)
    paths = os.pathsep.join([str(tmp_path / "parts"), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "script.py" if named else "-"],
        input=None if named else SCRIPT,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    true, false, kept = json.loads(done.stdout)
    again = "reproduce: crossproof.verify, where {} is stated ({})"
    assert true == ["proved", True, again.format("mine.true", "__main__")]
    assert false == ["refuted", True, again.format("mine.false", "__main__")]
    assert kept == ["undefined", True, again.format("mine.kept", "the call")]


THEIRS = """
import crossproof as cp
from crossproof import simulate


def examine(statement, task):
    cp.matrix_formula("003.prop3.2.cov")
    return cp.undecided(str(simulate(statement.sde, {}, 0.0, horizon=1.0, steps=1, paths=2)))
"""


def test_code_that_a_witness_takes_from_the_face_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two witnesses that simulate share the simulator, under whatever name they import it."""
    (tmp_path / "theirs_by_face.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    examine = importlib.import_module("theirs_by_face").examine
    own = cp.Witness("theirs", cp.Kind.MONTE_CARLO, cp.Identity, "nothing", examine, lambda statement: True)
    code = code_of(own, stated(X, X).statement)
    assert {"theirs_by_face.examine", "numerics.simulation.simulate.simulate", "matrix_formula"} <= set(code)
    assert "checks.judgement.findings.undecided" not in code  # common ground
