"""The command line on claims that stand in a TOML file, on one identity, and on modules that cannot be imported."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossproof.cli import main
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.text import files as claim_files

TEXT = """
[[claim]]
id = "written.true"
title = "Twice x."
document = "written"
place = "(1)"
type = "identity"
equation = "x + x == 2*x"
domain = {x = "positive"}

[[claim]]
id = "written.false"
title = "Thrice x."
document = "written"
place = "(2)"
type = "identity"
equation = "x + x == 3*x"
domain = {x = "positive"}
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "claims.toml").write_text(TEXT)
    (tmp_path / "bad.toml").write_text(TEXT.replace("2*x", "2*y"))
    for name, body in (
        ("raises", "raise RuntimeError('on purpose')"),
        ("leaves", "raise SystemExit(0)"),
        ("unfinished", "def f(:"),
        ("needs", "import no_such_package"),
    ):
        (tmp_path / f"{name}_at_import.py").write_text(body)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CROSSPROOF_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    for name in [i for i in CLAIMS if i.startswith(("written.", "commandline."))]:
        del registry._CLAIMS[name]
    claim_files._LOADED.clear()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "written.", "--claims", "none.toml"], "cannot read 'none.toml'"),
        (
            ["verify", "--claims", "raises_at_import"],
            "cannot import 'raises_at_import': RuntimeError: on purpose",
        ),
        (["verify", "--claims", "leaves_at_import"], "cannot import 'leaves_at_import': SystemExit: 0"),
        (["verify", "--claims", "unfinished_at_import"], "cannot import 'unfinished_at_import': SyntaxError"),
        (["list", "--claims", "needs_at_import"], "cannot import 'needs_at_import': ModuleNotFoundError"),
        (["verify", "--domain", "x=real"], "--domain belongs to --identity"),
        (["verify", "004.", "--identity", "1 == 1"], "--identity and '004.' are both given"),
        (["verify", "--identity", "x == x"], "unknown name; declared are: none"),
        (["verify", "--identity", "x = x", "--domain", "x=real"], "write == between the sides"),
        (["verify", "--identity", "x == x", "--domain", "x"], "'x' is not a range"),
        (["verify", "--identity", "__import__('os') == 1"], "not a known function"),
        (["verify", "--memory", "0"], "--memory: '0' is not an integer >= 1"),
        (
            ["verify", "--scheduler", "tcp://localhost:1", "--workers", "2"],
            "workers and scheduler are both given",
        ),
    ],
)
def test_bad_usage_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_a_file_of_claims_is_verified_like_the_catalog(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["--claims", "claims.toml", "--effort", "quick", "--device", "cpu", "--workers", "1"]
    assert main(["verify", "written.", *command, "--json", "run.json"]) == 0
    run = json.loads((tmp_path / "run.json").read_text())
    assert {c["id"]: c["outcome"] for c in run["claims"]} == {
        "written.true": "proved",
        "written.false": "refuted",
    }
    capsys.readouterr()
    assert main(["show", "written.false", *command]) == 0
    out, err = capsys.readouterr()
    assert "reproduce: crossproof verify written.false --fresh --claims claims.toml" in out
    assert err == ""
    with monkeypatch.context() as patch:  # nothing changed: answered without reading the claims
        patch.setattr("crossproof.checks.runs.verify.verify_claims", None)
        assert main(["verify", "written.", *command]) == 0
    assert "2 claims in" in capsys.readouterr().out
    (tmp_path / "claims.toml").write_text(TEXT.replace("== 3*x", "== 2*x"))
    assert main(["verify", "written.", *command]) == 0
    assert ": 2 proved" in capsys.readouterr().out
    (tmp_path / "claims.toml").write_text(TEXT)
    assert main(["verify", "written.", *command]) == 0
    assert "1 refuted" in capsys.readouterr().out


def test_one_identity_needs_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--effort", "quick", "--device", "cpu", "--workers", "1"]
    assert main(["verify", "--identity", "exp(x + c) == exp(x)*c", "--domain", "x=real, c=above(x**2)", *command]) == 0
    out = capsys.readouterr().out
    assert "verdict: refuted" in out
    assert "counterexample: at x = 0, c = 1" in out
