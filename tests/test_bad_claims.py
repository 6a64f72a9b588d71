"""Claims that users get wrong, through the command line: each is named with a remedy, and the rest of the run goes on.

Three real runs on two modules and a TOML file full of mistakes, and a few on one hostile identity each. The catalog is
cut down to one of its modules, and torch, which these claims do not need, is left out, so that a run takes seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from partial_package import sitecustomize

PARTS = sitecustomize(["geometric_brownian"], ["scalars.identities"], torch=False)

MALFORMED = '''"""Claims that cannot be made, between two that can."""

from __future__ import annotations

import sympy as sp

from crossproof import SDE, Between, Domain, Positive, Source, claim
from crossproof.derivations.statements.processes import SDETransform
from crossproof.derivations.statements.scalar import Identity

x, y, z = sp.symbols("x y z", positive=True)
HERE, FINE = Source("mine", "(1)"), Domain(x=Positive)

claim("mine.before", "Twice x.", source=HERE, statement=Identity(x + x, 2 * x), domain=FINE)
claim("mine.free", "y has no range.", source=HERE, statement=Identity(x + y, y + x), domain=FINE)
claim(
    "mine.empty",
    "Nothing is between 1 and 0.",
    source=HERE,
    statement=Identity(x, x),
    domain=Domain(x=Between(1, 0)),
)
claim("mine.before", "The id is taken.", source=HERE, statement=Identity(x, x), domain=FINE)
claim("004.gbm.log", "The id is the catalog's.", source=HERE, statement=Identity(x, x), domain=FINE)
claim("mine.shapes", "A matrix is no number.", source=HERE, statement=Identity(sp.eye(2), x), domain=FINE)
claim(
    "mine.drift", "One drift, two coordinates.", source=HERE, domain=Domain(x=Positive, y=Positive),
    statement=SDETransform(SDE([x, y], [x], [x, y]), x + y, SDE(z, z, z)),
)
for k in range(3):
    claim(f"mine.loop{k}", "In a loop.", source=HERE, statement=Identity(x, x if k == 0 else y), domain=FINE)
claim("mine.lost", "It repairs nothing.", source=HERE, statement=Identity(x, x), domain=FINE, repairs="mine.none")
claim("mine.after", "Twice x again.", source=HERE, statement=Identity(x + x, 2 * x), domain=FINE)
'''

FAULTY = '''"""Witnesses that misbehave, each on the claim that is called after its fault."""

import time
from dataclasses import dataclass, replace

import sympy as sp

from crossproof import Domain, Positive, Source, claim
from crossproof.checks import effort
from crossproof.checks.evidence import Counterexample, Finding, Kind, Outcome
from crossproof.checks.witness import witness
from crossproof.derivations.statements.scalar import Identity

effort.EFFORTS["quick"] = replace(effort.EFFORTS["quick"], algebra_seconds=3.0)
x = sp.Symbol("x", positive=True)


@dataclass(frozen=True)
class Faulty(Identity):
    what: str = ""


def eat():
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * 2**22))
        time.sleep(0.002)


FAULTS = {
    "raises": lambda: 1 / 0,
    "nan": lambda: Finding(Outcome.CONFIRMED, "agrees", resolution=float("nan")),
    "not-a-finding": lambda: float("nan"),
    "nan-gap": lambda: Finding(
        Outcome.REFUTED, "differs", counterexample=Counterexample({"x": "1"}, "1", "nan", "nan")
    ),
    "no-number": lambda: Finding(Outcome.CONFIRMED, "agrees", resolution="fine"),
    "no-text": lambda: Finding(Outcome.UNDECIDED, None),
    "endless": lambda: sum(iter(int, 1)),
    "hungry": eat,
}


def condition(statement):
    return 1 / 0 if statement.what == "condition" else True


@witness("faulty", kind=Kind.ALGEBRA, statement=Faulty, starts_from="nothing", applies=condition)
def faulty(statement, task):
    return FAULTS[statement.what]()


for what in (*FAULTS, "condition"):
    claim(f"faulty.{what}", f"Its witness: {what}.", source=Source("faulty", "(1)"),
          statement=Faulty(x + x, 2 * x, what), domain=Domain(x=Positive))
'''

TABLE = """
[[claim]]
id = "{id}"
title = "t"
document = "d"
place = "p"
type = "identity"
equation = {equation}
domain = {{{domain}}}
"""


def table(id: str, equation: object = "x + x == 2*x", domain: str = 'x = "positive"') -> str:
    return TABLE.format(id=id, equation=json.dumps(equation, ensure_ascii=False), domain=domain)


#: What must not be evaluated, with a part of the message that refuses it.
HOSTILE = {
    "attribute": ("x.__class__ == 1", "an attribute has no meaning"),
    "index": ("x.__class__.__mro__[1] == 1", "an index has no meaning"),
    "dunder": ("__builtins__ == 1", "unknown name"),
    "call": ("__import__('os').system('touch hacked') == 1", "not a known function"),
    "open": ("open('hacked', 'w') == 1", "not a known function"),
    "lambda": ("(lambda: 1)() == 1", "not a known function"),
    "tower": ("9**9**9 == 1", "an exponent is at most 1000"),
    "exp-tower": ("exp(10**90*log(x)) == 1", "an exponent is at most 1000"),
    "product": ("*".join(["9**999"] * 200) + " == 1", "too large"),
    "factorial": ("gamma(10**9) == 1", "the argument of gamma is at most 1000"),
    "digits": ("9" * 1500 + " == 1", "at most 100 digits"),
    "long": ("x + " * 30_000 + "x == 1", "at most 2000 are read"),
    "deep": ("(" * 900 + "x" + ")" * 900 + " == 1", "nested"),
    "signs": ("-" * 1500 + "x == 1", "nested more than 40 deep"),
    "homograph": ("\u0445 == 1", "CYRILLIC SMALL LETTER HA"),
    "bold": ("\U0001d431 == x", "only ASCII letters are read"),
    "invisible": ("x\u200b == 1", "ZERO WIDTH SPACE"),
    "override": ("x\u202e == 1", "RIGHT-TO-LEFT OVERRIDE"),
    "string": ("'x' == x", "a string is not a real number"),
    "second line": ("x == 1\n__import__('os')", "invalid syntax"),
    "list": ([["x == 1"]], "write the expression as text in quotes"),
    "table": ({"x": 1}, "write the expression as text in quotes"),
}
TOML = "".join(
    (
        table("text.before"),
        table("text.free", "x + y == y + x"),
        table("text.empty", domain='x = "between(1, 0)"'),
        table("text.before"),
        table("mine.before"),
        table("text.shapes").replace('"identity"', '"sde-transform"').replace(
            "equation", 'state = ["x"]\ndrift = ["x", "x"]\ndiffusion = "x"\nfunction = "x"\nimage = "z"\n'
            'image_drift = "z"\nimage_diffusion = "z"\n#'
        ),
        table("text.title").replace('"t"', '"\\u001b[2J"'),
        table("text.name", domain='"\u0445" = "positive"'),
        table("text.many", domain="".join(f'x{k} = "positive", ' for k in range(1100)) + 'y = "above(x0)"'),
        table("text.hex").replace('"t"', "0x" + "f" * 5000),
        table("text.towers", domain='x = "positive", a = "above(x**99)", b = "above(a**99)", c = "above(b**99)"'),
        table("text.self", "self + x == x + self", domain='x = "positive", self = "real"'),
        *(table(f"hostile.{k}", equation) for k, (equation, _) in enumerate(HOSTILE.values())
          if not isinstance(equation, dict)),
        table(f"hostile.{len(HOSTILE) - 1}").replace('"x + x == 2*x"', "{x = 1}"),
        table("text.after"),
    )
)  # fmt: skip


def line(piece: str, text: str) -> int:
    """Return the number of the line of `text` that holds `piece`."""
    return 1 + text[: text.index(piece)].count("\n")


def at(piece: str) -> str:
    return f"malformed.py, line {line(piece, MALFORMED)}: "


#: What stderr says of each malformed claim: where, which, and what to do.
REFUSED = {
    "no range": at("mine.free") + "claim mine.free: symbol y is free but has no range; add y=... to the domain",
    "no points": at("Between(1, 0)") + "claim mine.empty: Between(1, 0) is empty; ",
    "id twice": at("The id is taken") + "claim id 'mine.before' is registered twice; ids are unique, choose another",
    "id of the catalog": at("004.gbm.log") + "claim id '004.gbm.log' is registered twice; ids are unique",
    "shapes": at("mine.shapes") + "claim mine.shapes: lhs has shape (2, 2) and the other side none, a number; an "
    "identity compares two numbers: state one claim an entry",
    "shapes of an SDE": at("statement=SDETransform(")
    + "claim mine.drift: drift has shape (1, 1); 2 state variables need (2, 1)",
    "in a loop": at("In a loop") + "claim mine.loop1: symbol y is free but has no range; add y=... to the domain; "
    "what follows in the same block was not run",
    "repairs": "claim mine.lost repairs 'mine.none', which is not registered",
    "text: no range": "bad.toml: claim text.free: equation: 'y' at position 5 of 'x + y == y + x': unknown name; "
    "declared are: x. Give it a range in the domain",
    "text: no points": "bad.toml: claim text.empty: Between(1, 0) is empty; ",
    "text: id twice": "bad.toml: claim text.before: the id is used twice in this file; ids are unique, choose another",
    "text: id taken": "bad.toml: claim mine.before: the id is taken by another claim; ids are unique, choose another",
    "text: shapes": "bad.toml: claim text.shapes: drift has shape (2, 1); 1 state variables need (1, 1)",
    "text: terminal": "bad.toml: claim text.title: '\\x1b[2J' holds the control character U+001B; leave it out",
    "text: name": "bad.toml: claim text.name: '\\u0445' cannot name a parameter; use ASCII letters",
    "text: parameters": "bad.toml: claim text.many: domain has 1101 parameters; at most 200 are read",
    "text: digits": "bad.toml: claim text.hex: title is a large int; write it as text in quotes",
    "text: towers": "bad.toml: claim text.towers: range of b: with the bound 'a**99', its values may have more than "
    "14000 bits; write one that grows more slowly",
    **{f"hostile {name}": f"bad.toml: claim hostile.{k}: equation: " for k, name in enumerate(HOSTILE)},
}

#: What the evidence says of each witness that misbehaves.
UNDECIDED = {
    "raises": "the witness failed with ZeroDivisionError: division by zero "
    f"(faulty.py, line {line('1 / 0', FAULTY)}); nothing was decided by it",
    "condition": "the witness failed with ZeroDivisionError: division by zero "
    f"(faulty.py, line {line('return 1 / 0', FAULTY)}); nothing was decided by it",
    "nan": "witness 'faulty' returned resolution = NaN on faulty.nan; leave the claim undecided instead",
    "not-a-finding": "witness 'faulty' returned nan of type float; it must return a Finding",
    "nan-gap": "witness 'faulty' refutes faulty.nan-gap by a gap of nan; that is no difference",
    "no-number": "witness 'faulty' returned resolution='fine' on faulty.no-number; give a float or None",
    "no-text": "with detail=None on faulty.no-text; give a member of Outcome and a text",
    "endless": "stopped at its time limit of 3 s; a greater effort allows more",
    "hungry": "stopped at its memory limit of 200 MiB; the option memory allows more",
}


class Run(NamedTuple):
    status: int
    out: str
    err: str
    seconds: float


def cpu_seconds_of_children() -> float:
    """Return the CPU time of all processes that this one has waited for."""
    times = os.times()
    return times.children_user + times.children_system


class Place:
    """A folder with the modules and the file, in which runs share a store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("sitecustomize", PARTS), ("malformed", MALFORMED), ("faulty", FAULTY)):
            (folder / f"{name}.py").write_text(text)
        (folder / "bad.toml").write_text(TOML, encoding="utf-8")

    def run(self, *arguments: str) -> Run:
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "CROSSPROOF_HOME": str(self.folder / "store"),
            "OMP_NUM_THREADS": "1",
        }
        before = cpu_seconds_of_children()
        done = subprocess.run(
            [sys.executable, "-m", "crossproof", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Run(done.returncode, done.stdout, done.stderr, cpu_seconds_of_children() - before)

    def verify(self, *arguments: str) -> Run:
        options = ("--effort", "quick", "--device", "cpu", "--workers", "2", "--memory", "200", "--json", "out.json")
        return self.run("verify", *arguments, *options)

    def rows(self) -> dict[str, str]:
        """Return the units in the store, by key."""
        with contextlib.closing(sqlite3.connect(self.folder / "store" / "evidence.sqlite")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return dict(database.execute("SELECT key, data FROM units"))

    def claims(self) -> dict[str, dict]:
        return {c["id"]: c for c in json.loads((self.folder / "out.json").read_text(encoding="utf-8"))["claims"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("bad"))


OWN = [option for name in ("malformed", "faulty", "bad.toml") for option in ("--claims", name)]
GOOD = ("mine.before", "mine.loop0", "mine.lost", "mine.after", "text.before", "text.self", "text.after")


@pytest.fixture(scope="module")
def bad(place: Place) -> tuple[Run, dict[str, dict], dict[str, str]]:
    """One run on everything: what it said, its verdicts, and what it left in the store."""
    run = place.verify("mine.", "text.", "faulty.", *OWN)
    return run, place.claims(), place.rows()


@pytest.mark.parametrize("fault", REFUSED)
def test_a_malformed_claim_is_named_with_the_remedy(bad, fault: str) -> None:
    said = [line for line in bad[0].err.splitlines() if line.startswith(f"crossproof: error: {REFUSED[fault]}")]
    assert len(said) == 1, bad[0].err
    if fault.startswith("hostile "):
        assert HOSTILE[fault.removeprefix("hostile ")][1] in said[0]
        assert len(said[0]) < 400


@pytest.mark.parametrize("fault", UNDECIDED)
def test_a_faulty_witness_leaves_its_claim_undecided_with_the_reason(bad, fault: str) -> None:
    own = [e for e in bad[1][f"faulty.{fault}"]["evidence"] if e["witness"] == "faulty"]
    assert [e["outcome"] for e in own] == ["undecided"]
    assert UNDECIDED[fault] in own[0]["detail"]


def test_the_rest_of_the_run_goes_on(bad, place: Place) -> None:
    run, claims, rows = bad
    assert run.status == 2
    assert (
        run.err.splitlines()[-1] == f"crossproof: error: {len(REFUSED)} malformed claims were left out, as said above"
    )
    assert len(run.err.splitlines()) == len(REFUSED) + 1
    assert {i: claims[i]["outcome"] for i in GOOD} == dict.fromkeys(GOOD, "proved")
    assert set(claims) == {*GOOD, *(f"faulty.{fault}" for fault in UNDECIDED)}
    # the other witnesses prove what a faulty one leaves open
    assert {c["outcome"] for c in claims.values()} == {"proved"}
    assert not (place.folder / "hacked").exists()
    # a fault from outside may not come again, and is not kept
    found = [e for c in claims.values() for e in c["evidence"]]
    kept = [e for e in found if not e["detail"].startswith(("stopped at its", "the witness failed with"))]
    assert len(rows) == len(kept) == len(found) - 4


def test_a_second_run_keeps_what_was_found_and_says_the_same(bad, place: Place) -> None:
    run = place.verify("mine.", "text.", *OWN)
    assert (run.status, run.err) == (2, bad[0].err)
    assert {i: c for i, c in place.claims().items() if i in GOOD} == {i: bad[1][i] for i in GOOD}
    assert place.rows().items() >= bad[2].items()
    listed = place.run("list", "mine.", "text.", *OWN)
    assert (listed.status, listed.err) == (2, bad[0].err)
    assert [line.split()[:2] for line in listed.out.splitlines()] == [[i, "proved"] for i in GOOD]


def test_witnesses_that_misbehave_do_not_fail_a_run(bad, place: Place) -> None:
    """An undecided witness is a finding, not a mistake in what the command was given."""
    run = place.verify("faulty.raises", "faulty.nan", "--claims", "faulty")
    assert (run.status, run.err) == (0, "")
    assert {i: c["outcome"] for i, c in place.claims().items()} == {"faulty.raises": "proved", "faulty.nan": "proved"}


@pytest.mark.parametrize("name", ["call", "tower", "long", "override"])
def test_a_hostile_identity_is_one_quick_line(place: Place, name: str) -> None:
    equation, message = HOSTILE[name]
    run = place.run("verify", "--identity", str(equation), "--domain", "x=positive")
    assert (run.status, run.out, run.err.count("\n")) == (2, "", 1)
    assert run.err.startswith("crossproof: error: claim commandline.identity: equation: ")
    assert message in run.err
    assert len(run.err) < 400
    assert run.seconds < 30
    assert not (place.folder / "hacked").exists()
