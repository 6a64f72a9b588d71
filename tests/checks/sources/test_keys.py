"""Keys of evidence: equal for the same question to the same code, and other for any other."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from crossproof.checks.runs.unit import Unit
from crossproof.checks.sources.canonical_text import claim_text
from crossproof.checks.sources.keys import Keys, run_key
from crossproof.checks.sources.sources import NoKey, Sources
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Positive
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)


def claim_of(left: sp.Expr, right: sp.Expr, **ranges) -> Claim:
    return Claim("test.k", "t", Source("test", "here"), Identity(left, right), Domain(**(ranges or {"x": Positive})))


def test_the_text_of_a_claim_is_what_it_asserts() -> None:
    base = claim_of(x + 1, 1 + x)
    text = claim_text(base)
    assert text is not None
    assert claim_text(replace(base, title="other", given=("A",), note="n")) == text
    others = [
        claim_of(x + 1, x + 2),
        claim_of(1 + x, sp.Add(x, 1, evaluate=False) + 0),
        claim_of(x, x, x=Above(sp.Rational(1, 2))),
        replace(base, id="test.l"),
    ]
    assert claim_text(others[1]) == text
    assert len({text, *map(claim_text, [others[0], others[2], others[3]])}) == 4


def test_dummies_and_function_assumptions_are_in_the_text() -> None:
    def summed() -> Claim:
        k = sp.Dummy("k", integer=True)
        return claim_of(sp.Sum(x**k, (k, 0, 3)), x)

    def applied(**assumptions: bool) -> Claim:
        return claim_of(sp.Function("f", **assumptions)(x), x)

    assert claim_text(summed()) == claim_text(summed())
    assert claim_text(applied(real=True)) != claim_text(applied())


def test_a_statement_without_canonical_text_has_no_key() -> None:
    class Opaque(Identity):
        pass

    made = claim_of(x, x)
    object.__setattr__(made.statement, "rhs", memoryview(b"1"))
    assert claim_text(made) is None


def test_a_run_key_follows_arguments_and_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    first = run_key({"seed": 0})
    assert first is not None
    assert run_key({"seed": 0}) == first
    assert run_key({"seed": 1}) != first
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "17")
    assert run_key({"seed": 0}) != first


def test_a_run_with_a_module_has_no_key_because_the_module_may_read_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "key_claims.py").write_text("")
    (tmp_path / "claims.toml").write_text("")
    assert run_key({"seed": 0}, [str(tmp_path / "claims.toml")]) is not None
    assert run_key({"seed": 0}, ["key_claims"]) is None
    assert run_key({"seed": 0}, [str(tmp_path / "claims.toml"), "key_claims"]) is None


def test_a_digest_follows_what_a_module_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "key_claims_1.py").write_text("def late():\n    import key_helper_1\n")
    helper = tmp_path / "key_helper_1.py"
    helper.write_text("A = 1\n")
    first = Sources().digest(["key_claims_1"])
    assert first == Sources().digest(["key_claims_1"])
    helper.write_text("A = 2\n")
    os.utime(helper, (0, 0))
    assert Sources().digest(["key_claims_1"]) != first
    with pytest.raises(NoKey):
        Sources().digest(["no_such_module_here"])


def test_a_run_key_follows_the_text_of_a_toml_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("claims.toml").write_text("a = 1\n")
    first = run_key({"seed": 0}, ["claims.toml"])
    assert first is not None
    assert run_key({"seed": 0}, ["claims.toml"]) == first
    Path("claims.toml").write_text("a = 2\n")
    Path("other.toml").write_text("a = 2\n")
    others = [run_key({"seed": 0}, modules) for modules in (["claims.toml"], ["other.toml"], ["a = 2\n"], [])]
    assert len({first, *others}) == 5
    assert run_key({"seed": 0}, ["none.toml"]) is None


def register(monkeypatch: pytest.MonkeyPatch, made: Claim) -> None:
    """Let `made` be the only registered claim."""
    for module in ("derivations.claim", "checks.mutants.mutants"):
        monkeypatch.setattr(f"crossproof.{module}.CLAIMS", types.MappingProxyType({made.id: made}))


def test_a_unit_key_follows_what_the_unit_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = claim_of(x + 1, 1 + x)
    register(monkeypatch, made)
    base = Unit("test.k", "normal forms", "quick", 0, "cpu", 1e-8)
    key = Keys().unit(base)
    assert key is not None
    assert Keys().unit(base) == key
    assert Keys().unit(replace(base, level=1e-9)) == key  # algebra spends no level
    changed = [replace(base, effort="default"), replace(base, seed=1), replace(base, device="cuda")]
    assert len({key, *map(Keys().unit, changed)}) == 4
    register(monkeypatch, claim_of(x, 2 * x))
    assert Keys().unit(base) != key


def test_a_unit_key_follows_the_code_of_its_witness_only(monkeypatch: pytest.MonkeyPatch) -> None:
    made = claim_of(x + 1, 1 + x)
    register(monkeypatch, made)
    base = Unit("test.k", "normal forms", "quick", 0, "cpu", 1e-8)
    key = Keys().unit(base)
    read = Path.read_bytes

    def edited(name: str) -> str | None:
        with monkeypatch.context() as patch:
            patch.setattr(
                Path, "read_bytes", lambda p: read(p) + (b"\n# edited\n" if p.as_posix().endswith(name) else b"")
            )
            return Keys().unit(base)

    assert edited("scalars/identities.py") != key
    assert edited("judgement/exact.py") != key  # what the witness imports
    assert edited("derivations/ranges.py") != key  # a class of the domain
    assert edited("witnesses/networks/sampling.py") == key
    assert edited("catalog/student_dynamics.py") == key


def test_keys_are_the_same_in_every_process() -> None:
    script = (
        "from crossproof.checks.sources.canonical_text import claim_text\n"
        "from crossproof.checks.sources.keys import run_key\n"
        "import sympy as sp\n"
        "from crossproof.derivations.claim import Claim, Source\n"
        "from crossproof.derivations.domain import Domain\n"
        "from crossproof.derivations.ranges import Positive\n"
        "from crossproof.derivations.statements.scalar import Identity\n"
        "x, y, z = sp.symbols('x y z', positive=True); k, l = sp.Dummy('k'), sp.Dummy('l')\n"
        "e = sp.sin(x) * y + z * sp.exp(x - y) + sp.Sum(x**k * y**l, (k, 0, 3), (l, 0, 4)) + x * z\n"
        "c = Claim('a.b', 't', Source('a', 'b'), Identity(e, x), Domain(x=Positive, y=Positive, z=Positive))\n"
        "print(claim_text(c)); print(run_key({'b': 1, 'a': [2]}))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
