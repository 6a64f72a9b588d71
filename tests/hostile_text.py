"""Texts of claims that are wrong in any of their parts, and what becomes of each: claims, or one line for each."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import crossproof as cp
from crossproof.checks import witnesses  # noqa: F401  (now, so that no text is charged for it)
from crossproof.checks.evidence import Verdict, combine
from crossproof.checks.sources.canonical_text import claim_text
from crossproof.checks.witness import witnesses_for
from crossproof.derivations.claim import Claim
from crossproof.derivations.errors import CrossproofError
from crossproof.derivations.text.claims import read_claims
from crossproof.derivations.text.functions import BINDING, CHOOSING, FUNCTIONS, PAIRED
from crossproof.reports.content import build as content
from crossproof.reports.formats import html, latex
from crossproof.reports.formats.terminal import show_rows

#: CPU seconds within which every text of one claim ends, its child processes included.
SECONDS = 5.0
LONGEST_LINE = 1000


class TooLongError(BaseException):
    """The text was still being read when its time was over."""


def cpu_seconds() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLongError when this process uses more than `seconds` inside."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


#: How the message begins that refuses a whole text.
WHOLE = ("this is not TOML: ", "the TOML with its keys: ", "the text has ", "the claims must stand in tables ")


def ends_well(text: str) -> list[Claim] | None:
    """Return the claims of a text, or None when it is no text of claims at all.

    Each claim is also taken through what the parent process does with it before and after its witnesses are asked.
    """
    start = cpu_seconds()
    with limited(SECONDS):
        try:
            claims, problems = read_claims(text)
        except CrossproofError as error:
            claims, problems = [], [str(error)]
    assert all(0 < len(problem) <= LONGEST_LINE for problem in problems), problems
    assert cpu_seconds() - start < SECONDS
    with limited(SECONDS):
        for claim in claims:
            list(witnesses_for(claim))
            assert claim_text(claim) is not None
            show(combine(claim, []))
    return None if problems and problems[0].startswith(WHOLE) else claims


def show(verdict: Verdict) -> None:
    report = content.build([verdict])
    assert html.render(report)
    assert latex.render(report)
    assert show_rows(verdict)


FIELDS = {
    "identity": {"equation": "x + x == 2*x"},
    "inequality": {"relation": "x**2 >= 0"},
    "sde-transform": {
        "state": "x", "drift": "y*x", "diffusion": "x", "function": "log(x)", "image": "w", "image_drift": "y - 1/2",
        "image_diffusion": "1",
    },
    "stationary-law": {
        "state": "x", "drift": "-x", "diffusion": "sqrt(2)", "density": "exp(-x**2/2)", "support": "(-oo, oo)",
    },
}  # fmt: skip


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def table(id: str, fields: dict[str, str], domain: dict[str, str]) -> str:
    """Return the text of one claim; the values of `fields` are TOML."""
    written = {"id": quoted(id), "title": '"t"', "document": '"d"', "place": '"p"', **fields}
    ranges = "\n".join(f"{quoted(name)} = {text}" for name, text in domain.items())
    lines = "\n".join(f"{name} = {text}" for name, text in written.items())
    return f"[[claim]]\n{lines}\n[claim.domain]\n{ranges}\n"


def identity(equation: str, **domain: str) -> str:
    named = {name: quoted(text) for name, text in domain.items()} or {"x": '"positive"'}
    return table("fuzz.one", {"type": '"identity"', "equation": quoted(equation)}, named)


GOOD = table("fuzz.good", {"type": '"identity"', "equation": '"x + x == 2*x"'}, {"x": '"positive"'})
NUMBERS = st.one_of(
    st.integers(0, 12).map(str),
    st.sampled_from(
        ["0.5", "1/3", "1e999", "1e-999", "1e308", "10**90", "9" * 100, "0x" + "f" * 90, "1_000", "1e1000", "999"]
    ),
)
LEAVES = st.one_of(NUMBERS, st.sampled_from([*4 * "xyn", "pi", "E", "EulerGamma", "z"]))
CALLS = st.sampled_from([*FUNCTIONS, "exp", "log", "sqrt", "abs"])
PAIRS = st.sampled_from([*PAIRED, *CHOOSING])
FORMS = st.sampled_from(["{0}({1}, k, {2}, {3})", "{0}({1}*k, k, 0, {3})", "{0}({1}/k, k, 1, oo)", "{0}({1}, x, 0, 1)"])
OPERATORS = st.sampled_from([*"+-*/+-*/", "**", "**", "**"])


def _more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}({})".format, CALLS, inner),
        st.builds("{}({}({}))".format, CALLS, CALLS, inner),
        st.builds("({}){}({})".format, inner, OPERATORS, inner),
        st.builds("{}{}{}".format, inner, OPERATORS, inner),
        st.builds("-{}".format, inner),
        st.builds("{}({}, {})".format, PAIRS, inner, inner),
        st.builds(str.format, FORMS, st.sampled_from([*BINDING]), inner, inner, inner),
        st.builds("derivative({}, {})".format, inner, st.sampled_from("xyn")),
    )


EXPRESSIONS = st.recursive(LEAVES, _more, max_leaves=10)
PIECES = [
    "__import__('os').system('touch hacked')", "open('hacked', 'w')", "lambda: 1", "x.__class__", "{", "[", "'", "%",
    '"""', "'''", "\\", "\n", "\x00", "\u202e", "\ud800", "#", "9**9**9", "[[claim]]", "[claim.domain]", "a.b.c",
    "\\frac{x}{y}", "$x^2$", "\\input{/etc/passwd}", "<script>", "é", "𝐱", "=", "oo", "&",
]  # fmt: skip
HOSTILE = st.one_of(
    st.sampled_from(PIECES),
    st.text(max_size=5),
    st.tuples(st.sampled_from(["(", "[", "-", "a.", "exp(", "{", "2**"]), st.integers(1, 600)).map(
        lambda p: p[0] * p[1]
    ),
)
WORDS = ["\\frac", "{", "}", "_", "^", "\\left(", "\\right", "x", "\\sum", " ", "2"]
PROSE = st.lists(st.one_of(HOSTILE, st.sampled_from(WORDS))).map("".join)


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str], sound: int = 38) -> str:
    """Return a text, with a piece left out or another put in unless one of `sound` chances against two has it whole."""
    text = draw(texts)
    kind = draw(st.integers(0, 1 + sound))
    if kind > 1:
        return text
    start = draw(st.integers(0, len(text)))
    stop = draw(st.integers(start, len(text))) if kind else start
    return text[:start] + draw(HOSTILE) + text[stop:]


BOUNDS = st.one_of(EXPRESSIONS, st.sampled_from(["x", "y", "x**99", "exp(y)", "exp(exp(x))", "1/(x - y)", "x**y"]))
RANGES = damaged(
    st.one_of(
        st.sampled_from(["positive", "real", "nonnegative", "integers(1)", "integers(1, 1)", "integers(0, 10**90)"]),
        st.builds("{}({})".format, st.sampled_from(["above", "at_least"]), BOUNDS),
        st.builds("between({}, {})".format, BOUNDS, BOUNDS),
        st.builds("integers({}, {})".format, NUMBERS, NUMBERS),
    )
)
#: Bounds in the parameter before, which a chain of ranges raises and raises again.
GROWING = st.sampled_from(
    ["{0}**9", "{0}**99", "{0}**1000", "2**{0}", "{0}**{0}", "exp({0})", "exp(exp({0}))", "gamma({0})", "({0}*n)**3"]
)
NAMES = st.integers(0, 19).flatmap(
    lambda kind: (
        HOSTILE if kind == 0 else st.sampled_from([*"zabcd", "self", "E", "gamma", "__class__", "np", "x", "n"])
    )
)
RAW = st.one_of(
    st.sampled_from(["1", "-0.0", "nan", "inf", "true", "1979-05-27", "07:32:00", "[]", "[[]]", "{}", "{a.b = 1}"]),
    st.integers(1, 6000).map(lambda digits: "0x" + "f" * digits),
    st.integers(1, 6000).map(lambda digits: "9" * digits),
    st.integers(1, 700).map(lambda depth: "[" * depth + "]" * depth),
    HOSTILE,
)


def written(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return what stands in TOML for a text: the text in quotes, seldom something else."""
    return st.integers(0, 39).flatmap(lambda kind: RAW if kind == 0 else texts.map(quoted))


@st.composite
def claims(draw: st.DrawFn) -> str:
    """Return the table of one claim, right and wrong in any of its fields."""
    kind = draw(st.sampled_from(["identity", "identity", "inequality", "sde-transform", "stationary-law"]))
    fields = {"type": quoted(kind), **{name: quoted(text) for name, text in FIELDS[kind].items()}}
    for name in FIELDS[kind]:
        if draw(st.integers(0, 2)):
            continue
        formula = damaged(EXPRESSIONS)
        if name == "equation":
            formula = st.builds("{} == {}".format, formula, formula)
        elif name == "relation":
            formula = st.builds("{} <= {}".format, formula, formula)
        elif name == "support":
            formula = st.builds("({}, {}]".format, formula, formula)
        elif name in ("state", "image"):
            formula = st.sampled_from([*"xyxyxw"]) if name == "state" else NAMES
        lists = st.lists(written(formula), max_size=3).map(lambda texts: f"[{', '.join(texts)}]")
        fields[name] = draw(lists if draw(st.integers(0, 9)) == 0 else written(formula))
    if draw(st.integers(0, 9)) == 0:
        fields[draw(st.sampled_from(["title", "note", "reading", "place", "printed", "stated"]))] = draw(written(PROSE))
    domain = {"x": '"positive"', "y": '"real"', "n": '"integers(1)"'}
    for name in draw(st.lists(NAMES, max_size=4)):
        domain[name] = draw(written(RANGES))
    before = "x"
    for name in "abcd"[: draw(st.sampled_from([0, 0, 0, 0, 2, 3, 4]))]:
        bound = draw(GROWING).format(before)
        domain[name] = quoted(draw(st.sampled_from(["above({})", "at_least({})", "between(-1, {})"])).format(bound))
        before = name
    return table("fuzz.one", fields, domain)


_PAGE = (Path(cp.__file__).parent / "docs" / "text.md").read_text(encoding="utf-8")
#: One claim of each type, as the documentation writes it.
EXAMPLES: list[dict[str, Any]] = [
    entry for block in re.findall(r"```toml\n(.*?)```", _PAGE, re.DOTALL) for entry in tomllib.loads(block)["claim"]
]
#: Fields that every claim has, whatever its type.
_ABOUT = ("id", "title", "document", "place", "domain")
OTHERS = st.sampled_from(sorted({v for e in EXAMPLES for k, v in e.items() if isinstance(v, str) and k not in _ABOUT}))


def in_toml(value: Any) -> str:
    """Return a value of the documentation's tables as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {in_toml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(in_toml, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def changed(draw: st.DrawFn, value: Any) -> str:
    """Return a value as TOML, wrong in one place: a piece, an expression, a field of another claim, another kind."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        inner = {quoted(k): changed(draw, v) if k == key else in_toml(v) for k, v in value.items()}
        return "{" + ", ".join(f"{k} = {v}" for k, v in inner.items()) + "}"
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(value) - 1))
        parts = [changed(draw, v) if k == at else in_toml(v) for k, v in enumerate(value)]
        return "[" + ", ".join(parts[draw(st.integers(0, 1)) :]) + "]"
    text = value if isinstance(value, str) else "x"
    mild = retold(text)
    return draw(written(st.one_of(mild, mild, mild, damaged(EXPRESSIONS), damaged(st.just(text), sound=0), OTHERS)))


@st.composite
def retold(draw: st.DrawFn, text: str) -> str:
    """Return a text with one of its names and numbers exchanged for another one, or for an expression."""
    words = list(re.finditer(r"\w+", text))
    if not words:
        return text
    word = draw(st.sampled_from(words))
    put = draw(st.one_of(st.sampled_from([w[0] for w in words]), LEAVES, EXPRESSIONS.map("({})".format)))
    return text[: word.start()] + put + text[word.end() :]


@st.composite
def any_type(draw: st.DrawFn) -> str:
    """Return the table of one claim of any type, as the documentation has it but for changes in up to two fields."""
    example = draw(st.sampled_from(EXAMPLES))
    fields = {name: in_toml(value) for name, value in example.items() if name not in _ABOUT}
    domain = {name: quoted(text) for name, text in example["domain"].items()}
    for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=2, unique=True)):
        how = draw(st.integers(0, 39))
        if name == "type" and how > 1:
            continue
        if how > 1:
            fields[name] = changed(draw, example[name])
        else:
            value = fields.pop(name)
            if how:
                fields[quoted(draw(NAMES))] = value
    if domain and draw(st.integers(0, 2)) == 0:
        domain[draw(st.sampled_from(sorted(domain)))] = draw(written(RANGES))
    return table("fuzz.one", fields, domain)
