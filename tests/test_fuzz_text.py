"""Whatever a text of claims holds, reading it ends soon: in claims, or in one line for each claim that cannot be read.

The texts are a fixed corpus of what was once read badly, and fresh ones: TOML, ranges, expressions and prose, whole and
mutilated, of every type. `--hypothesis-seed` draws others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_text import (
    EXPRESSIONS,
    GOOD,
    LONGEST_LINE,
    NAMES,
    RANGES,
    SECONDS,
    any_type,
    claims,
    cpu_seconds,
    damaged,
    ends_well,
    identity,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossproof.derivations.errors import CrossproofError
from crossproof.derivations.text.claims import read_claims
from crossproof.derivations.text.toml_text import one_identity


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with contextlib.chdir(tmp_path_factory.mktemp("elsewhere")):
        yield
        assert not list(Path().iterdir())


#: Texts that once hung, or ended the reading of the whole file with a foreign exception, and what is said of them.
CORPUS = {
    "exponential tower": (identity("1/sin(exp(exp(30))) == x"), "equation: 'exp(exp(30))' at position 7"),
    "bound as a tower": (identity("x == x", x="real", y="above(exp(10**90))", z="above(y)"), "range of y: "),
    "bound beyond floats": (identity("x == x", x="real", y="above(exp(1000))", z="above(y)"), "below 10**300"),
    "powers of powers": (
        identity("x == x", x="positive", a="above(x**99)", b="above(a**99)", c="above(b**99)"),
        "range of b: with the bound 'a**99', its values may have more than 14000 bits",
    ),
    "power of a root": (
        identity("x == x", x="positive", a="above(sqrt(x**3))", b="above(a**500)", c="above(b**500)"),
        "range of b: with the bound 'a**500'",
    ),
    "tail of nothing": (identity("sqrt(exp(erfc(1e999))) == x"), "the argument of erfc is at most 1000"),
    "factorials": (identity("gamma(999)*gamma(998)*x == x"), "the numbers in it are too large"),
    "long hexadecimal": (GOOD.replace("good", "one").replace('"t"', "0x" + "f" * 5000), "title is a large int"),
    "hexadecimals": (identity("x == x").replace('"positive"', "[0x" + "f" * 5000 + "]"), "range of x: "),
    "1100 parameters": (
        identity("x0 == x0", x0="positive", **{f"x{k}": "positive" for k in range(1, 1100)}, y="above(x0)"),
        "domain has 1101 parameters; at most 200 are read",
    ),
    "long name": (identity("x == x", x="real", **{"y" * 5000: "real"}), "has 5000 characters; a name has at most 100"),
    "long id": (GOOD.replace("fuzz.good", "fuzz." + "a" * 5000), "id has 5005 characters; at most 200 are read"),
    "dotted key": ("a" + ".a" * 200_000 + " = 1\n", "the TOML with its keys: reading takes more than 2 s"),
    "nested arrays": ("a = " + "[" * 5000, "this is not TOML"),
    "long text": ("#" * 6_000_001, "characters; at most 6000000 are read: split it"),
}


@pytest.mark.parametrize("name", CORPUS)
def test_what_was_once_read_badly_is_refused_in_one_line(name: str) -> None:
    text, message = CORPUS[name]
    start = cpu_seconds()
    try:
        claims, problems = read_claims(GOOD + text + GOOD.replace("good", "after"))
    except CrossproofError as error:
        claims, problems = [], [str(error)]
    assert len(problems) == 1
    assert message in problems[0]
    assert len(problems[0]) < LONGEST_LINE
    assert cpu_seconds() - start < SECONDS
    if text.startswith("[[claim]]"):
        assert [claim.id for claim in claims] == ["fuzz.good", "fuzz.after"]


def test_names_that_python_uses_itself_are_parameters() -> None:
    (claim,) = ends_well(identity("self + cls == cls + self", self="real", cls="above(self)")) or []
    assert [symbol.name for symbol in claim.domain.symbols] == ["self", "cls"]


FILES = claims().map(lambda text: text + GOOD)
OF_ANY_TYPE = any_type().map(lambda text: text + GOOD)
SIDES = damaged(st.builds("{} == {}".format, EXPRESSIONS, EXPRESSIONS))
MORE_RANGES = st.lists(st.builds(", {}={}".format, NAMES, RANGES), max_size=3).map("".join)
LISTS = damaged(MORE_RANGES.map("x=positive, y=real, n=integers(1){}".format))
#: The examples of the fast tests; the slow ones draw 500, and tests/benchmarks/test_fuzz.py 2,000 in files of 100.
FEW = settings(max_examples=12)


def many(count: int) -> settings:
    return settings(max_examples=count, suppress_health_check=list(HealthCheck))


def check_file(text: str) -> None:
    """Check a file whose last claim is good: it is read, unless the file as a whole is no TOML."""
    found = ends_well(text)
    assert found is None or "fuzz.good" in [claim.id for claim in found]


def check_identity(equation: str, domain: str) -> None:
    with contextlib.suppress(CrossproofError):  # of the list of ranges
        text = one_identity(equation, domain)
        assert ends_well(text) is not None


@FEW
@given(FILES)
def test_any_claim_is_read_or_refused_and_the_next_one_is_read(text: str) -> None:
    check_file(text)


@FEW
@given(OF_ANY_TYPE)
def test_a_claim_of_any_type_is_read_or_refused(text: str) -> None:
    check_file(text)


@FEW
@given(damaged(FILES, sound=0))
def test_any_damaged_file_is_read_or_refused(text: str) -> None:
    ends_well(text)


@FEW
@given(SIDES, LISTS)
def test_any_identity_is_read_or_refused(equation: str, domain: str) -> None:
    check_identity(equation, domain)


@pytest.mark.slow
@many(150)
@given(FILES)
def test_many_claims_are_read_or_refused(text: str) -> None:
    check_file(text)


@pytest.mark.slow
@many(150)
@given(OF_ANY_TYPE)
def test_many_claims_of_any_type_are_read_or_refused(text: str) -> None:
    check_file(text)


@pytest.mark.slow
@many(100)
@given(damaged(FILES, sound=0))
def test_many_damaged_files_are_read_or_refused(text: str) -> None:
    ends_well(text)


@pytest.mark.slow
@many(100)
@given(SIDES, LISTS)
def test_many_identities_are_read_or_refused(equation: str, domain: str) -> None:
    check_identity(equation, domain)
