"""Code of witnesses, and the count of those that share none."""

from __future__ import annotations

import ast
import pkgutil
import sys
from pathlib import Path

import pytest

import crossproof
from crossproof.checks.evidence import Evidence, Finding, Kind, Outcome, combine, independent, shared
from crossproof.checks.sources.independence import code_of, is_common_ground, modules_of
from crossproof.checks.store.saved import evidence_from_json
from crossproof.checks.witness import Witness, witnesses_for
from crossproof.derivations.catalog import whole  # noqa: F401  (importing it registers the claims)
from crossproof.derivations.claim import CLAIMS

CLAIM = CLAIMS["003.prop3.4.sde"]


def evidence(name: str, *code: str, outcome: Outcome = Outcome.PROVED) -> Evidence:
    finding = Finding(outcome, "d", 0.01 if outcome is Outcome.CONFIRMED else None)
    return Evidence(name, Kind.ALGEBRA, "the loss", finding, None, {}, 0.1, code)


A, B, C, D = evidence("a", "m.f"), evidence("b", "m.f", "m.g"), evidence("c", "m.g"), evidence("d", "n.h")


@pytest.mark.parametrize(
    ("given", "count"),
    [([], 0), ([A], 1), ([A, B], 1), ([A, C], 2), ([A, B, C], 2), ([A, B, C, D], 3), ([A, evidence("no code")], 1)],
)
def test_witnesses_that_share_code_count_as_one(given: list[Evidence], count: int) -> None:
    assert len(independent(given)) == count
    verdict = combine(CLAIM, given)
    assert verdict.independent == count
    assert verdict.to_json()["independent"] == count


def test_only_answers_on_the_side_of_the_verdict_count() -> None:
    assert combine(CLAIM, [A, evidence("x", "n.x", outcome=Outcome.UNDECIDED)]).independent == 1
    assert combine(CLAIM, [A, evidence("x", "n.x", outcome=Outcome.CONFIRMED)]).independent == 2


def test_code_survives_the_file() -> None:
    assert evidence_from_json(B.to_json()) == B
    old = B.to_json()
    del old["code"]
    assert evidence_from_json(old).code == ()


def codes(id: str) -> dict[str, tuple[str, ...]]:
    return {w.name: code_of(w, CLAIMS[id].statement) for w in witnesses_for(CLAIMS[id])}


def test_every_witness_of_the_catalog_has_code_of_its_own() -> None:
    for claim in CLAIMS.values():
        for found in witnesses_for(claim):
            code = code_of(found, claim.statement)
            own = f"{found.examine.__module__}.{found.examine.__name__}".removeprefix("crossproof.")
            assert own in code
            assert not any(name.startswith(("sympy.", "torch.", "enum.", "numerics.exact.balls.")) for name in code)


def test_dispatch_takes_the_branch_of_the_statement() -> None:
    found = codes("003.prop3.4.sde")["autograd networks"]
    assert "checks.witnesses.networks.amplitude_autograd.comparisons(AmplitudeTerm)" in found
    assert not any("GradientNoiseCovariance" in name for name in found)
    assert "numerics.networks.linear.per_sample_gradients" in found  # reached through a method of another module


def test_trace_words_and_autograd_share_nothing() -> None:
    found = codes("003.prop3.4.sde")
    assert not set(found["trace words"]) & set(found["autograd networks"])


MODULES = [m.name for m in pkgutil.walk_packages(crossproof.__path__, "crossproof.") if "tests" not in m.name]
IMPORTED = {
    name
    for file in (Path(crossproof.__file__).parent / "tests").rglob("test_*.py")
    for node in ast.walk(ast.parse(file.read_text()))
    if isinstance(node, ast.ImportFrom) and node.module
    for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
}


@pytest.mark.parametrize("module", [m for m in MODULES if is_common_ground(m)])
def test_common_ground_has_tests_of_its_own(module: str) -> None:
    assert module in IMPORTED


def test_common_ground_is_declared_by_the_package_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs.py").write_text("COMMON_GROUND = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert is_common_ground("crossproof.checks.witness")
    assert not is_common_ground("theirs")
    assert not is_common_ground("crossproof.checks.runs.runner")


def user_module(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Witness]:
    path.joinpath("two_of_mine.py").write_text(
        "from crossproof.derivations.processes.ito import generator\n"
        "def common(x):\n    return generator(x, x)\n"
        "def one(statement, task):\n    return common(statement)\n"
        "def two(statement, task):\n    def inner():\n        return common\n    return inner()\n"
        "def three(statement, task):\n    from math import factorial\n    common = 3\n    return factorial(common)\n"
    )
    monkeypatch.syspath_prepend(str(path))
    import two_of_mine

    monkeypatch.delitem(sys.modules, "two_of_mine")
    kind = type(CLAIM.statement)
    return [
        Witness(n, Kind.ALGEBRA, kind, "the statement", getattr(two_of_mine, n), lambda statement: True)
        for n in ("one", "two", "three")
    ]


def test_code_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = (code_of(w, CLAIM.statement) for w in user_module(tmp_path, monkeypatch))
    common = shared(evidence("one", *one), evidence("two", *two))
    assert {"two_of_mine.common", "derivations.processes.ito.generator"} <= set(common)
    assert "two_of_mine" in modules_of(one)
    assert three == ("two_of_mine.three",)  # a local variable of the same name is no use of the function
