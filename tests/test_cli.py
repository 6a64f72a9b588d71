"""The command line, called in this process: output, exit status, files, and one clear line for every mistake."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crossproof import cli
from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, combine
from crossproof.checks.runs import verify as verify_module
from crossproof.checks.runs.verify import Run
from crossproof.cli import SHELLS, main
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS
from crossproof.reports import commands

MODULE = """
import sympy as sp
from crossproof import Claim, Domain, Positive, Source, claim
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
for name, rhs, more in (
    ("double", x + x, {}),
    ("wrong", 3 * x, {}),
    ("wrong.repaired", 2 * x, {"repairs": "mine.wrong"}),
):
    claim("mine." + name, "Twice x: é, α_1 ~ 5 %.", source=Source("mine", "(1)"),
          statement=Identity(2 * x, rhs), domain=Domain(x=Positive), **more)
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in an empty folder with a module of claims and a state folder, and forget the claims afterwards."""
    (tmp_path / "my_claims.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CROSSPROOF_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    sys.modules.pop("my_claims", None)
    for name in [i for i in CLAIMS if i.startswith("mine.")]:
        del registry._CLAIMS[name]


def _fake(calls: list[list[str]], *, outcome: Outcome = Outcome.PROVED, clash: bool = False) -> Any:
    """Return a stand-in for verify_claims that records what it is asked and answers at once."""

    def verify_claims(selectors: Any = (), *, seed: int = 0, effort: str = "default", **_: Any) -> Run:
        ids = list(selectors) or ["mine.double", "mine.wrong"]
        calls.append(ids)
        example = Counterexample({"x": "1"}, "1", "2", "-1")
        first = Finding(outcome, "d", counterexample=example if outcome is Outcome.REFUTED else None)
        evidence = [Evidence("one", Kind.ALGEBRA, "data", first, None, {}, 0.1)]
        if clash:
            second = Finding(Outcome.REFUTED, "d", effect=1.0, counterexample=example)
            evidence.append(Evidence("two", Kind.DETERMINISTIC, "data", second, None, {}, 0.1))
        run = {"effort": effort, "seed": seed}
        return Run(tuple(replace(combine(CLAIMS[i], evidence), run=run) for i in ids), effort, seed, "cpu", 0.1)

    return verify_claims


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What verify_claims was asked for; nothing is really verified."""
    calls: list[list[str]] = []
    monkeypatch.setattr(verify_module, "verify_claims", _fake(calls))
    return calls


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "COMMAND"),
        ("nothing", "invalid choice"),
        ("verify mine.doubl --claims my_claims", "did you mean mine.double"),
        ("verify colour:red", "unknown key 'colour'"),
        ("verify outcome:maybe", "unknown outcome"),
        ("verify outcome:proved", "run `crossproof verify` first"),
        ("verify --seed one", "--seed: 'one' is not an integer >= 0"),
        ("verify --seed -1", "--seed"),
        ("verify --workers 0", "--workers: '0' is not an integer >= 1"),
        ("verify --effort huge", "--effort"),
        ("verify --sed 1", "unrecognized argument '--sed'; did you mean --seed? (see `crossproof verify --help`)"),
        ("verfy", "invalid choice: 'verfy'; did you mean verify?"),
        ("show mine.double --fresh", "unrecognized argument '--fresh'"),
        ("report --format htlm --out x", "--format: invalid choice: 'htlm'; did you mean html?"),
        ("accept --claims my_claims", "name the claims whose outcome you have reviewed, or give --all"),
        ("accept mine.double --all --claims my_claims", "name the claims whose outcome you have reviewed"),
        ("accept mine.doubl --claims my_claims", "did you mean mine.double"),
        ("completion basch", "did you mean bash?"),
        ("verify 04", "did you mean 004"),
        ("verify --claims no_such_module", "cannot import 'no_such_module'"),
        ("verify --claims my_claims.py", "without .py"),
        ("verify --json no/such/folder.json", "no folder"),
        ("verify --html .", "is a folder"),
        ("verify --json same --html ./same", "two files"),
        ("show mine.nothing --claims my_claims", "did you mean"),
        ("show mine.* --claims my_claims", "selects 3 claims"),
        ("show", "ID"),
        ("report --format html", "--out"),
        ("report --format pdf --out x", "--format"),
        ("report --format html --out no/such.html", "no folder"),
        ("list document:none", "matches no claim"),
        ("list --store my_claims.py", "--store: 'my_claims.py' is a file; give a folder"),
    ],
)
def test_bad_usage_is_one_line_and_leaves_nothing(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = sorted(p.name for p in tmp_path.iterdir() if p.name != "__pycache__")
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("crossproof: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "__pycache__") == before


def test_a_device_that_is_not_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["verify", "mine.double", "--claims", "my_claims", "--device", "cuda"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "'cuda' is not available" in err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "verify" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("crossproof ")


@pytest.mark.slow
def test_verify_show_and_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One real run with worker processes, and what the other commands make of its verdicts."""
    options = ["--claims", "my_claims"]
    arguments = ["verify", "mine.", *options, "--effort", "quick", "--workers", "1", "--seed", "3"]
    assert main([*arguments, "--json", "v.json", "--html", "r.html"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[1] for line in lines[:3]) == [
        "mine.double",
        "mine.wrong",
        "mine.wrong.repaired",
    ]
    assert lines[3].startswith("3 claims in ")
    assert lines[3].endswith(": 2 proved, 0 confirmed, 1 refuted, 0 undefined, 0 undecided")
    assert lines[4:6] == [
        "refuted as stated:",
        "  mine.wrong: Twice x: é, α_1 ~ 5 %. (repaired by mine.wrong.repaired)",
    ]
    assert lines[6:] == ["wrote v.json", "wrote r.html"]
    assert main([*arguments, "--strict", "--fresh"]) == 1
    assert "--strict: 1 claim that a document states refuted" in capsys.readouterr().out.splitlines()
    assert main(["verify", "mine.wrong.repaired", *options, "--effort", "quick", "--workers", "1", "--strict"]) == 0
    capsys.readouterr()

    data = json.loads((tmp_path / "v.json").read_text(encoding="utf-8"))
    assert data["version"] == 1
    assert (data["run"]["effort"], data["run"]["seed"]) == ("quick", 3)
    wrong = data["claims"][1]
    assert (wrong["id"], wrong["document"], wrong["outcome"]) == ("mine.wrong", "mine", "refuted")
    assert wrong["counterexample"]["point"] == {"x": "1"}
    assert data["claims"][2]["repairs"] == "mine.wrong"
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Twice x: é, α_1 ~ 5 %." in page

    assert main([*arguments, "--fresh", "--json", "w.json"]) == 0
    again = capsys.readouterr().out.splitlines()
    assert _timeless(tmp_path / "v.json") == _timeless(tmp_path / "w.json")

    # nothing changed since: the same words in the order of the evidence, from the store, and it says so
    assert main(arguments) == 0
    warm = capsys.readouterr().out.splitlines()
    origin = warm.pop()
    assert origin.startswith("all ")
    assert origin.endswith(" examinations come from the store; --fresh makes them anew")
    assert sorted(warm[:3] + warm[4:]) == sorted(again[:3] + again[4:-1])

    assert main(["show", "mine.wrong", *options]) == 0
    out, err = capsys.readouterr()
    shown = out.splitlines()
    assert err == ""
    assert "counterexample: at x = 1" in shown
    assert shown[-1] == "reproduce: crossproof verify mine.wrong --fresh --claims my_claims --effort quick --seed 3"

    assert main(["show", "mine.wrong", *options, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["id"], data["outcome"], data["counterexample"]["point"]) == ("mine.wrong", "refuted", {"x": "1"})
    assert data["shown"]["repaired_by"][0]["id"] == "mine.wrong.repaired"

    for format, start in (("html", "<!DOCTYPE html>"), ("latex", "\\documentclass")):
        assert main(["report", "mine.", *options, "--format", format, "--out", f"out.{format}"]) == 0
        out, err = capsys.readouterr()
        assert (out, err) == (f"wrote out.{format}: 3 claims\n", "")
        assert (tmp_path / f"out.{format}").read_text(encoding="utf-8").startswith(start)

    assert main(["list", "outcome:refuted", *options]) == 0
    assert capsys.readouterr().out.split()[:2] == ["mine.wrong", "refuted"]

    # reviewed outcomes: a difference fails the run and is named, until a person accepts it
    (tmp_path / "verdicts.lock.json").write_text('{"version": 1, "claims": {"mine.double": "refuted"}}')
    assert main(arguments) == 1
    assert "  mine.double: proved, reviewed as refuted" in capsys.readouterr().out.splitlines()
    assert main(["accept", "mine.double", "mine.wrong", "mine.wrong.repaired", *options]) == 0
    assert "mine.double: refuted -> proved" in capsys.readouterr().out
    assert main(arguments) == 0


def _timeless(path: Path) -> Any:
    def strip(data: Any) -> Any:
        if isinstance(data, dict):
            return {k: strip(v) for k, v in data.items() if k != "seconds"}
        return [strip(v) for v in data] if isinstance(data, list) else data

    return strip(json.loads(path.read_text(encoding="utf-8")))


def test_only_missing_verdicts_are_made(asked: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--claims", "my_claims"]
    assert main(["verify", "mine.double", *options]) == 0
    assert main(["report", "mine.", *options, "--format", "latex", "--out", "r.tex"]) == 0
    assert asked == [["mine.double"], ["mine.wrong", "mine.wrong.repaired"]]
    assert "verifying 2 claims without a current verdict" in capsys.readouterr().err
    assert main(["show", "mine.wrong", *options]) == 0
    assert len(asked) == 2


def test_a_changed_claim_is_verified_again(asked: list[list[str]]) -> None:
    assert main(["show", "mine.double", "--claims", "my_claims"]) == 0
    changed = replace(CLAIMS["mine.double"], statement=CLAIMS["mine.wrong"].statement)
    registry._CLAIMS["mine.double"] = changed
    assert main(["show", "mine.double", "--claims", "my_claims"]) == 0
    assert asked == [["mine.double"], ["mine.double"]]


def test_list_prints_ids_and_last_outcomes(asked: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "mine.double", "--claims", "my_claims"])
    capsys.readouterr()
    assert main(["list", "mine.", "--claims", "my_claims", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["id"], row["outcome"]) for row in rows] == [
        ("mine.double", "proved"),
        ("mine.wrong", None),
        ("mine.wrong.repaired", None),
    ]
    assert rows[2]["repairs"] == "mine.wrong"


@pytest.fixture
def fresh_process(tmp_path: Path) -> Any:
    """Run a command in a process that has loaded nothing, and return it with its CPU seconds."""

    def run(*arguments: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], float]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "crossproof", *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, **environment},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return run


@pytest.mark.slow
def test_lists_and_mistakes_need_no_catalog(fresh_process: Any, tmp_path: Path) -> None:
    """The first list builds the catalog and keeps its rows; the second reads them and prints the same."""
    first, _ = fresh_process("list")
    second, seconds = fresh_process("list")
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    assert seconds < 1
    for arguments, message in (
        (("verify", "04"), "did you mean 004"),
        (("show", "003.eq18x"), "did you mean 003.eq18"),
        (("accept", "003.eq18x"), "did you mean 003.eq18"),
        (("list", "outcome:refutd"), "did you mean outcome:refuted"),
    ):
        wrong, seconds = fresh_process(*arguments)
        assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
        assert message in wrong.stderr
        assert seconds < 1
    helped, seconds = fresh_process("verify", "--help")
    assert helped.returncode == 0
    assert seconds < 0.3

    # a row that somebody else wrote is not believed
    kept = Path(os.environ["XDG_STATE_HOME"]) / "crossproof" / "catalog.json"
    kept.write_text(kept.read_text(encoding="utf-8").replace("003.eq18", "003.eq99"), encoding="utf-8")
    assert fresh_process("list")[0].stdout == first.stdout


@pytest.mark.slow
def test_a_shell_completes_commands_options_and_ids(fresh_process: Any, tmp_path: Path) -> None:
    fresh_process("list")

    def completed(line: str) -> list[str]:
        done, _ = fresh_process(
            _ARGCOMPLETE="1",
            _ARGCOMPLETE_STDOUT_FILENAME=str(tmp_path / "words"),
            _ARGCOMPLETE_IFS="\n",
            COMP_LINE=line,
            COMP_POINT=str(len(line)),
        )
        assert done.stderr == ""
        return (tmp_path / "words").read_text().split()

    assert completed("crossproof ver") == ["verify"]
    assert completed("crossproof verify --eff") == ["--effort"]
    assert completed("crossproof verify --effort q") == ["quick"]
    assert set(completed("crossproof show 0")) >= {"003.", "004."}
    assert "003.eq18" in completed("crossproof show 003.eq1")
    assert not completed("crossproof show zzz")


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_prints_what_the_shell_evaluates(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "crossproof" in capsys.readouterr().out


def test_every_command_has_options_and_does_something() -> None:
    assert list(cli.COMMANDS) == list(commands.COMMANDS)


def test_contradicting_witnesses_fail_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verify_module, "verify_claims", _fake([], clash=True))
    arguments = ["mine.double", "--claims", "my_claims"]
    assert main(["verify", *arguments]) == 1
    assert "CONTRADICTIONS:" in capsys.readouterr().out
    assert main(["show", *arguments]) == 1
    assert main(["report", *arguments, "--format", "html", "--out", "r.html"]) == 1


def test_an_interrupt_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupted(*_: Any, **__: Any) -> Run:
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_module, "verify_claims", interrupted)
    assert main(["verify", "--json", "v.json"]) == 130
    assert capsys.readouterr().err == "crossproof: interrupted\n"
    assert not (tmp_path / "v.json").exists()


def test_a_damaged_file_of_verdicts_is_reported_and_rebuilt(
    asked: list[list[str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "verdicts.json").write_text("{ damaged")
    arguments = ["show", "mine.double", "--claims", "my_claims", "--store", "store"]
    assert main(arguments) == 0
    err = capsys.readouterr().err
    assert err.startswith("crossproof: warning: store/verdicts.json is not a file of saved verdicts")
    assert main(arguments) == 0
    assert capsys.readouterr().err == ""
    assert len(asked) == 1


def test_verdicts_that_cannot_be_kept_do_not_cost_the_run(
    asked: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CROSSPROOF_HOME", str(tmp_path / "file" / "inside"))
    assert main(["verify", "mine.double", "--claims", "my_claims"]) == 0
    assert "were not kept" in capsys.readouterr().err


def test_the_command_line_imports_nothing_heavy_by_itself() -> None:
    code = (
        "import sys; import crossproof; before = set(sys.modules); import crossproof.cli; "
        "new = set(sys.modules) - before; "
        "assert not {m.split('.')[0] for m in new} & {'torch', 'scipy', 'rich', 'flint', 'numpy'}, new"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
