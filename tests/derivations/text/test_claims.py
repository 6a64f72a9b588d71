"""Claims written in TOML become the claims that Python would have made, or are refused by name."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy as sp

from crossproof import (
    CLAIMS,
    SDE,
    Claim,
    ClaimError,
    Domain,
    Integers,
    Positive,
    Real,
    Source,
    UsageError,
    positive,
    real,
)
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import Unit, run_unit
from crossproof.checks.store.store import keepable
from crossproof.checks.witness import witnesses_for
from crossproof.derivations import claim as registry
from crossproof.derivations.ranges import Above, Between
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.extrema import Inequality
from crossproof.derivations.statements.processes import SDETransform
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.derivations.text import files as claim_files
from crossproof.derivations.text import statements as text_statements
from crossproof.derivations.text import trial_reading
from crossproof.derivations.text.claims import read_claims
from crossproof.derivations.text.files import load
from crossproof.derivations.text.known_types import TYPES
from crossproof.derivations.text.statements import parse_domain
from crossproof.derivations.text.toml_text import ONE_OFF, one_identity

HEAD = 'title = "t"\ndocument = "d"\nplace = "p"\n'
IDENTITY = f'[[claim]]\nid = "text.one"\n{HEAD}type = "identity"\nequation = "x + x == 2*x"\n'
ALL = f"""
{IDENTITY}given = ["nothing"]
note = "n"
[claim.domain]
x = "real"

[[claim]]
id = "text.two"
{HEAD}type = "inequality"
relation = "n*x**2 >= 0"
reading = "of the square"
stated = false
domain = {{x = "real", n = "integers(1, 5)"}}

[[claim]]
id = "text.three"
{HEAD}type = "sde-transform"
state = "x"
drift = "mu*x"
diffusion = "zeta*x"
function = "log(x)"
image = "z"
image_drift = "mu - zeta**2/2"
image_diffusion = "zeta"
domain = {{x = "positive", mu = "real", zeta = "above(0)"}}

[[claim]]
id = "text.four"
{HEAD}type = "stationary-law"
state = "x"
drift = "-k*x"
diffusion = "sqrt(2*D)"
density = "exp(-k*x**2/(2*D))"
support = "(-oo, oo)"
domain = {{x = "real", k = "positive", D = "positive"}}

[[claim]]
id = "text.five"
{HEAD}type = "sde-transform"
state = ["a", "b"]
drift = ["-a", "-b"]
diffusion = [["c", "0"], ["0", "c"]]
function = "a**2 - b**2"
image = "r"
image_drift = "-2*r"
image_diffusion = "0"
domain = {{a = "real", b = "real", c = "positive"}}
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    for name in [i for i in CLAIMS if i.startswith(("text.", "commandline."))]:
        del registry._CLAIMS[name]
    claim_files._LOADED.clear()


def parse_claims(text: str) -> list[Claim]:
    """Return the claims of a text all of whose claims can be read."""
    made, problems = read_claims(text)
    if problems:
        raise ClaimError("; ".join(problems))
    return made


def test_the_claims_are_those_that_python_makes() -> None:
    one, two, three, four, five = parse_claims(ALL)
    x, n = real("x"), sp.Symbol("n", integer=True, positive=True)
    source = Source("d", "p")
    twice = sp.Add(x, x, evaluate=False)
    assert one == Claim("text.one", "t", source, Identity(twice, 2 * x), one.domain, given=("nothing",), note="n")
    assert one.domain.ranges == Domain(x=Real).ranges
    assert two.statement == Inequality(sp.Ge(n * x**2, 0, evaluate=False))
    assert (two.reading, two.stated) == ("of the square", False)
    assert two.domain.ranges == Domain(x=Real, n=Integers(1, 5)).ranges
    w, mu, zeta, z = positive("x"), real("mu"), positive("zeta"), real("z")
    assert repr(three.statement) == repr(
        SDETransform(SDE(w, mu * w, zeta * w), sp.log(w), SDE(z, mu - zeta**2 / 2, zeta))
    )
    assert three.domain.ranges == Domain(x=Positive, mu=Real, zeta=Above(0)).ranges
    k, D = positive("k D")
    assert repr(four.statement) == repr(
        StationaryLaw(SDE(x, -k * x, sp.sqrt(2 * D)), sp.exp(-k * x**2 / (2 * D)), sp.Interval(-sp.oo, sp.oo))
    )
    assert five.statement.source.noises == 2


def test_a_law_keeps_what_its_algebra_does_not() -> None:
    (made,) = parse_claims(
        f"""[[claim]]
id = "text.law"
{HEAD}type = "stationary-law"
state = "x"
drift = "-x*x/x"
diffusion = "sqrt(2)"
density = "exp(-x**2/2)*x**0"
support = "(0, oo)"
domain = {{x = "positive"}}
"""
    )
    w = positive("x")
    assert repr(made.statement) == repr(
        StationaryLaw(SDE(w, -w, sp.sqrt(2)), sp.exp(-(w**2) / 2), sp.Interval.open(0, sp.oo))
    )
    assert [(name, str(written)) for name, written in made.written] == [
        ("drift", "-x*x/x"),
        ("density", "x**0*exp(-x**2/2)"),
    ]


@pytest.mark.parametrize(("written", "ends"), [('"0"', (0,)), ('["0"]', (0,)), ("[]", ())])
def test_reflection_is_stated(written: str, ends: tuple[int, ...]) -> None:
    text = ALL.replace('support = "(-oo, oo)"', f'support = "(0, oo)"\nreflecting = {written}')
    assert parse_claims(text)[3].statement.reflecting == ends  # type: ignore[attr-defined]


def test_they_are_examined_like_others(tmp_path: Path) -> None:
    Path(tmp_path, "claims.toml").write_text(ALL)
    load(str(tmp_path / "claims.toml"))
    for name in ("text.one", "text.three"):
        found = [
            run_unit(Unit(name, w.name, "quick", 0, "cpu", 1e-8))
            for w in witnesses_for(CLAIMS[name])
            if w.kind.name == "ALGEBRA"
        ]
        assert Outcome.PROVED in {e.finding.outcome for e in found}


def test_a_claim_that_only_another_process_could_read_is_undecided() -> None:
    evidence = run_unit(Unit("text.one", "normal forms", "quick", 0, "cpu", 1e-8))
    assert evidence.finding.outcome is Outcome.UNDECIDED
    assert "claim 'text.one' is not registered" in evidence.finding.detail
    assert not keepable(evidence)


def _with(old: str, new: str) -> str:
    text = IDENTITY + 'domain = {x = "real"}\n'
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[claim", "this is not TOML"),
        ("", "must stand in tables [[claim]]"),
        ("[claims]\nx = 1", "'claims' is not known"),
        ("claim = 3", "must stand in tables"),
        ("claim = [3]", "must stand in tables"),
        ("[[claim]]", "claim number 1: type is None"),
        (_with('"identity"', '"identty"'), "claim text.one: type is 'identty'; choose one of identity, "),
        (_with("place", "#"), "there is no 'place'"),
        (_with("equation", "equatoin"), "there is no 'equation'"),
        (_with("equation", "statd = true\nequation"), "unknown field 'statd'; did you mean 'stated'"),
        (_with("text.one", "text one"), "id 'text one' is malformed"),
        (_with('"text.one"', "3"), "claim 3: id is 3; write it as text in quotes"),
        (_with("equation", "stated = 1\nequation"), "stated is 1"),
        (_with("equation", 'given = "x"\nequation'), "given is 'x'"),
        (_with('{x = "real"}', '"x=real"'), "domain is 'x=real'; write a table"),
        (_with("x + x ==", "x + y =="), "equation: 'y' at position 5 of 'x + y == 2*x': unknown name"),
        (_with("x + x ==", "__import__('os') =="), "not a known function"),
        (_with('"x + x == 2*x"', "2"), "equation: '2' is int"),
        (_with('{x = "real"}', '{x = "rael"}'), "range of x: 'rael' at position 1"),
        (_with('{x = "real"}', "{x = 1}"), "range of x: '1' is int"),
        (_with('{x = "real"}', '{lambda = "real"}'), "'lambda' cannot name a parameter"),
        (_with('{x = "real"}', '{"x y" = "real"}'), "'x y' cannot name a parameter"),
        (_with('{x = "real"}', '{x = "between(1, 0)"}'), "claim text.one: Between(1, 0) is empty"),
        (_with('{x = "real"}', '{x = "above(1/0)"}'), "division by zero"),
        (
            _with('{x = "real"}', '{c = "positive", x = "between(c, 1)"}'),
            "Between(c, 1) is empty at c = 1; bound",
        ),
        (
            _with('{x = "real"}', '{c = "positive", x = "above(loggamma(c - 3))"}'),
            "has no real value at parameters before it",
        ),
        (2 * _with("x + x", "x + x"), "the id is used twice in this file"),
        (_with('"t"', "0x" + "f" * 5000), "claim text.one: title is a large int; write it as text in quotes"),
        (_with('"t"', "9" * 5000), "title is an integer of 5000 digits; write it as text in quotes"),
        (_with('"t"', f"[-1_{'9' * 5000}]"), "title is [an integer of 5001 digits]; write it as text in quotes"),
        (_with("text.one", "text." + "o" * 300), "id has 305 characters; at most 200 are read"),
        (_with('{x = "real"}', '{x = "positive", y = "above(exp(1000))"}'), "give a bound below 10**300"),
        (
            _with('{x = "real"}', '{x = "positive", a = "above(x**99)", b = "above(a**99)", c = "above(b**99)"}'),
            "range of b: with the bound 'a**99', its values may have more than 14000 bits; write one that grows more",
        ),
        (
            _with('{x = "real"}', "{" + ", ".join(f'x{k} = "real"' for k in range(201)) + "}"),
            "domain has 201 parameters; at most 200 are read",
        ),
        (_with('{x = "real"}', f'{{x = "real", {"y" * 101} = "real"}}'), "a name has at most 100"),
    ],
)
def test_malformed_text_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        parse_claims(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('image = "z"', 'image = "x"', "image: 'x' is a parameter of the domain"),
        ('state = "x"\ndrift = "mu*x"', 'state = "y"\ndrift = "mu*x"', "state: 'y' has no range"),
        ('diffusion = [["c", "0"], ["0", "c"]]', 'diffusion = ["c"]', "diffusion has shape (1, 1)"),
        ('support = "(-oo, oo)"', 'support = "-oo, oo"', "support: '-oo, oo' is not an interval"),
        ('support = "(-oo, oo)"', "support = 3", "support: '3' is not an interval"),
        (
            'density = "exp(-k*x**2/(2*D))"',
            'density = ["x"]',
            "density: \"['x']\" is list; write the expression as text",
        ),
        ('function = "log(x)"', "function = []", "function: '[]' is list"),
        ('image_drift = "-2*r"', 'image_drift = [["r"]]', "write a text or a list of texts"),
        (
            'drift = ["-a", "-b"]',
            'drift = ["-a", ["-b"]]',
            "drift is \"['-a', ['-b']]\"; write a text or a list of texts",
        ),
        ('[["c", "0"], ["0", "c"]]', '[["c", "0"], ["c"]]', "or a list of rows of one length"),
        ('[["c", "0"], ["0", "c"]]', "[[], []]", "or a list of rows of one length"),
        ('state = ["a", "b"]', 'state = ["a", ["b"]]', "state: \"['b']\" has no range"),
        ('type = "inequality"', 'type = ["inequality"]', "type is ['inequality']; choose one of identity"),
        ('reading = "of the square"', 'reading = "\\u001b[2J"', "holds the control character U+001B; leave it out"),
        ('density = "exp(-k*x**2/(2*D))"', 'density = "1/(x - x)"', "density: '1/(x - x)' has no finite real value"),
        ('support = "(-oo, oo)"', 'support = "(0, 1)"\nreflecting = "2"', "2 is no finite end of the support"),
        ('relation = "n*x**2 >= 0"', 'relation = "n*x**2"', "relation: 'n*x**2' at position 1"),
        ('diffusion = "sqrt(2*D)"', 'calculus = "strat"\ndiffusion = "1"', "calculus is 'strat'"),
    ],
)
def test_a_field_that_does_not_fit_is_named(old: str, new: str, message: str) -> None:
    assert old in ALL
    with pytest.raises(ClaimError) as caught:
        parse_claims(ALL.replace(old, new))
    assert message in str(caught.value)
    assert str(caught.value).startswith("claim text.")


def test_all_bad_claims_of_a_file_are_listed_at_once() -> None:
    text = ALL.replace("x + x ==", "x + q ==").replace("(-oo, oo)", "nowhere")
    with pytest.raises(ClaimError, match=r"claim text\.one: .*; claim text\.four: "):
        parse_claims(text)


def test_an_integer_of_too_many_digits_costs_its_claim_alone() -> None:
    """Digits in texts and comments stay as they are, whatever the quotes around them."""
    digits = "7" * 4400
    texts = (
        f'"{digits}"',
        f"'{digits}'",
        f'"""a "quote" {digits}"""',
        f"'''an 'apostrophe' {digits}'''",
        f'"\\"{digits}"',
    )
    good = [_with('"t"', f"{text} # = {digits}").replace("text.one", f"text.good{k}") for k, text in enumerate(texts)]
    bad = _with('"t"', f'"t"\nnote = {digits}')
    made, problems = read_claims("".join([*good[:3], bad, *good[3:]]))
    assert [c.id for c in made] == [f"text.good{k}" for k in range(5)]
    assert [c.title for c in made] == [tomllib.loads(f"t = {text}")["t"] for text in texts]
    assert problems == ["claim text.one: note is an integer of 4400 digits; write it as text in quotes"]


def test_one_claim_that_takes_too_long_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = TYPES["inequality"]

    def slow(fields: text_statements.Fields) -> Statement:
        def parse(text: str, symbols: object) -> Statement:
            while True:
                pass

        return fields.read("relation", parse)

    monkeypatch.setattr(trial_reading, "SECONDS", 0.2)
    monkeypatch.setitem(TYPES, "inequality", dataclasses.replace(endless, make=slow))
    made, problems = read_claims(ALL)
    assert [claim.id for claim in made] == ["text.one", "text.three", "text.four", "text.five"]
    (problem,) = problems
    assert problem.startswith("claim text.two: relation: reading takes more than 2 s; write smaller numbers")


def test_an_error_that_nobody_foresaw_is_a_refusal_of_its_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fields: text_statements.Fields) -> Statement:
        raise RecursionError("maximum recursion depth exceeded")

    law = TYPES["stationary-law"]
    monkeypatch.setitem(TYPES, "stationary-law", dataclasses.replace(law, make=broken))
    made, problems = read_claims(ALL)
    assert len(made) == 4
    why = "RecursionError: maximum recursion depth exceeded"
    assert problems == [f"claim text.four: it cannot be read ({why}); write it in simpler terms"]


def test_one_identity_is_a_claim() -> None:
    (made,) = parse_claims(one_identity("x*c == c*x", "x=between(0, 1), c=above(x/2)"))
    assert made.id == ONE_OFF
    assert [str(s) for s in made.domain.symbols] == ["x", "c"]
    assert next(iter(made.domain.ranges.values())) == Between(0, 1)
    (plain,) = parse_claims(one_identity("1 + 1 == 2", ""))
    assert plain.domain.symbols == ()
    for hostile in ('x == x"\n[[claim]]\nid = "text.evil"', 'x == x"""'):
        with pytest.raises(ClaimError, match=r"commandline\.identity: equation"):
            parse_claims(one_identity(hostile, "x=real"))


@pytest.mark.parametrize("domain", ["x", "x=real, x=real", "=real", "x=real,", "x=real y=real,,"])
def test_a_malformed_list_of_ranges_is_refused(domain: str) -> None:
    with pytest.raises(UsageError, match="is not a range; write ranges such as"):
        one_identity("1 == 1", domain)


def test_a_bound_may_mention_what_stands_before_it_only() -> None:
    assert parse_domain({"c": "positive", "s": "above(c/2)"}).symbols
    with pytest.raises(ValueError, match="unknown name"):
        parse_domain({"s": "above(c/2)", "c": "positive"})
