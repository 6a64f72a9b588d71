"""Text is read exactly, by a whitelist, and nothing that it says is ever run."""

from __future__ import annotations

import ast
import contextlib
import re
import time

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from crossproof import DomainError
from crossproof.derivations.errors import ParsingError
from crossproof.derivations.expressions import as_printed, canonical
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.text.expression_reader import MAX_DERIVATIVE
from crossproof.derivations.text.functions import CHOOSING, FUNCTIONS, PAIRED
from crossproof.derivations.text.parsing import (
    parse_equation,
    parse_expression,
    parse_interval,
    parse_range,
    parse_relation,
)
from crossproof.derivations.text.split_text import MAX_CHARACTERS, SplitText

x, c = sp.symbols("x c", positive=True)
y = sp.Symbol("y", real=True)
NAMES = {"x": x, "c": c, "y": y}


def test_messages_name_a_piece_and_its_position() -> None:
    text = SplitText("  x + \n sin(y)")
    assert isinstance(text.tree, ast.BinOp)
    with pytest.raises(ParsingError, match=r"^'sin\(y\)' at position 9 of 'x \+ sin\(y\)': why$"):
        text.fail(text.tree.right, "why")
    with pytest.raises(ParsingError, match=f"at most {MAX_CHARACTERS} are read"):
        SplitText("x" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5*x", x / 2),
        ("1e-3", sp.Rational(1, 1000)),
        ("1/3 + 2/7", sp.Rational(13, 21)),
        ("-x**2", -(x**2)),
        ("2**-1", sp.Rational(1, 2)),
        ("2**3**2", sp.Integer(512)),
        ("x - c - y", x - c - y),
        ("x/c/y", x / c / y),
        ("3*(x + 1)/c", sp.Mul(3, x + 1, 1 / c)),
        ("exp(-x**2/(2*c))", sp.exp(-(x**2) / (2 * c))),
        ("gamma(1/2)", sp.sqrt(sp.pi)),
        ("ln(E) + EulerGamma", 1 + sp.EulerGamma),
        ("\n  x +\n c ", x + c),
        (" + ".join(["x"] * 400), 400 * x),
        ("0.1 + 0.2", sp.Rational(3, 10)),
        ("0x10", sp.Integer(16)),
    ],
)
def test_text_means_what_it_says(text: str, value: sp.Expr) -> None:
    assert canonical(parse_expression(text, NAMES)) == value


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("sqrt(x)*sqrt(x)", r"\sqrt{x} \sqrt{x}"),
        ("(x**2 - 1)/(x - 1)", r"\frac{x^{2} - 1}{x - 1}"),
        ("x/x", r"\frac{x}{x}"),
        ("0*log(x)", r"0 \log{\left(x \right)}"),
        ("exp(log(x))", r"e^{\log{\left(x \right)}}"),
        ("log(exp(y))", r"\log{\left(e^{y} \right)}"),
        ("x - x", "x - x"),
        ("1/(x - x)", r"\frac{1}{x - x}"),
        ("sqrt(y**2)", r"\sqrt{y^{2}}"),
        ("1 + x - (c + y)", r"1 + x - \left(c + y\right)"),
        ("-x**2/(2*c)", r"- \frac{x^{2}}{2 c}"),
        ("2*x/3 - 2*c", r"\frac{2 x}{3} - 2 c"),
        ("x**0", "x^{0}"),
        ("2**10/4 - 1", "255"),
        ("sqrt(4)", r"\sqrt{4}"),
    ],
)
def test_formulas_are_kept_and_shown_as_written(text: str, printed: str) -> None:
    """SymPy would evaluate these away, together with the points at which they have no value."""
    assert as_printed(parse_expression(text, NAMES)) == printed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__import__('os').system('true')", "not a known function"),
        ("__import__('os')", "'__import__' at position 1"),
        ("x.is_positive", "an attribute"),
        ("().__class__.__bases__", "an attribute"),
        ("(lambda: 1)()", "not a known function"),
        ("lambda: 1", "a lambda"),
        ("[x for x in (1, 2)]", "a comprehension"),
        ("{x: 1}", "a dictionary"),
        ("x[0]", "an index"),
        ("x if y else c", "a condition"),
        ("'x'", "a string"),
        ("f'{x}'", "a string"),
        ("x and y", "a logical operation"),
        ("not x", "no meaning"),
        ("x < y", "a comparison"),
        ("x = y", "write == between the sides"),
        (
            "x^2",
            "'x^2' at position 1 of 'x^2': only + - * / ** are known between two values; write ** for a power",
        ),
        ("x // 2", "only + - * / **"),
        ("x @ y", "only + - * / **"),
        ("1 + z", "'z' at position 5 of '1 + z': unknown name; declared are: x, c, y"),
        ("é + z", "'é' at position 1"),
        ("é*0 + z", "'é' at position 1"),
        ("\u0445 + 1", "CYRILLIC SMALL LETTER HA, and only ASCII letters are read"),
        ("1 + \U0001d431", "'\U0001d431' at position 5"),
        ("x\u200b", "ZERO WIDTH SPACE"),
        ("x\u202e", "RIGHT-TO-LEFT OVERRIDE"),
        ("\u00b3", "SUPERSCRIPT THREE"),
        ("exp", "exp(...)"),
        ("exp(x, y)", "takes one argument"),
        ("exp(x=1)", "takes one argument"),
        ("exp(*x)", "a starred value"),
        ("x(2)", "not a known function"),
        ("eval('1')", "not a known function"),
        ("bessel(1, x)", "did you mean bessely, besselk, besselj"),
        ("True", "not a real number"),
        ("1j", "not a real number"),
        ("...", "not a real number"),
        ("", "empty"),
        ("  ", "empty"),
        ("sin(x", "'(' was never closed"),
        ("  2 x", "position 5"),
        ("x # y", "'#' at position 3"),
        ("x; y", "cannot be read"),
        ("(x := 2)", "an assignment"),
        ("x\x00", "cannot be read|without meaning"),
        ("\ud800", "without meaning"),
        ("1/0", "'0' at position 3 of '1/0': division by zero"),
        ("0**(-1)", "not a finite number"),
        ("log(0)", "not a finite number"),
        ("log(-2)", "not a real number"),
        ("sqrt(-1)", "not a real number"),
        ("(-1)**(3/2)", "not a real number"),
        ("(" * 300 + ")" * 300, "nested"),
        ("-" * 1500 + "1", "nested"),
        ("sqrt(" * 45 + "x" + ")" * 45, "nested more than 40 deep"),
        ("x" * 2001, "2001 characters"),
        ("1" * 101, "at most 100 digits"),
    ],
)
def test_anything_else_is_refused_by_piece_and_position(text: str, message: str) -> None:
    with pytest.raises(ParsingError) as caught:
        parse_expression(text, NAMES)
    assert any(part in str(caught.value) for part in message.split("|"))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9**(9**9*x)",
        "((2**1000*x)**1000)**1000",
        "((x**1000)**1000)**1000",
        "(x**1000)**1000",
        "(" + "*".join(["2"] * 300) + "*x)**1000",
        "exp(1000000000*log(3))",
        "1/sin(exp(exp(30)))",
        "cosh(sinh(40))",
        "pi**(pi**20)",
        "E**(10**9)",
        "gamma(gamma(30))",
        "gamma(exp(20))",
        "(999 + y/y)**gamma(100)",
        "2**((4**(1/2))**40)",
        "2**exp(50*log(3))",
        "exp(10**9*log(3)*y)",
        "2**(1000000000*log(3)/log(2))",
        "gamma(10**9)",
        "gamma(1e9 + 0.5)",
        "loggamma(1e300)",
        "(1e300)**(1e300)",
        "1e99999",
        "(x + 1/3)**1000000000",
        "*".join(["(" + "9" * 90 + ")**60"] * 19),
    ],
)
def test_huge_numbers_are_refused_before_they_are_computed(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(ParsingError):
        parse_expression(text, NAMES)
    assert time.thread_time() - start < 5


def test_a_parameter_hides_a_constant_but_is_never_called() -> None:
    names = {"E": sp.Symbol("E", real=True), "gamma": sp.Symbol("gamma", real=True)}
    assert parse_expression("E*gamma", names) == names["E"] * names["gamma"]
    with pytest.raises(ParsingError, match="declared as a parameter"):
        parse_expression("gamma(2)", names)


@pytest.mark.parametrize(
    "text", ["gamma(999)", "gamma(600)*x + gamma(500)", "3**999*5**999*x**1000*7**999", "(2/3)**999*x + (3/5)**999*y"]
)
def test_every_number_that_is_read_can_be_printed(text: str) -> None:
    """Python prints numbers up to a length; beyond it, showing a claim would fail."""
    with pytest.raises(ValueError, match="Exceeds the limit"):
        str(3**10_000)
    assert len(str(canonical(parse_expression(text, NAMES)))) > 300
    with pytest.raises(ParsingError, match=r"more than|too large"):
        parse_expression(f"({text})*{'*'.join(['9**999'] * 5)}", NAMES)


def test_functions_of_fractions_are_no_large_numbers() -> None:
    for text in ("gamma(1/4)*gamma(3/4)", "gamma(1/3)**3*gamma(2/3)*loggamma(5/2)", "gamma(1/7)**100"):
        assert parse_expression(text, NAMES) is not None


@pytest.mark.parametrize("text", ["exp(1/10**80)", "exp(10**4)", "10**80*log(1 + x/10**80)", "2**(1/1000)*gamma(999)"])
def test_small_and_moderate_numbers_are_read(text: str) -> None:
    assert parse_expression(text, NAMES) is not None


def test_relations_stay_as_written() -> None:
    assert parse_equation("x + x == 2*x", NAMES) == (sp.Add(x, x, evaluate=False), 2 * x)
    assert parse_relation("x**2 >= 0", NAMES) == sp.Ge(x**2, 0, evaluate=False)
    assert parse_relation("1 < x", NAMES) == sp.Lt(1, x, evaluate=False)
    for text in ("x", "x < c < y", "x != c", "x == c", "x in c"):
        with pytest.raises(ParsingError, match="this is not an inequality"):
            parse_relation(text, NAMES)
    with pytest.raises(ParsingError, match="this is not an equation"):
        parse_equation("x < c", NAMES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("positive", Positive),
        ("real", Real),
        ("nonnegative", AtLeast(0)),
        ("integers(1, 5)", Integers(1, 5)),
        ("integers(2)", Integers(2)),
        ("above(c/2)", Above(c / 2)),
        ("at_least(-1)", AtLeast(-1)),
        ("between(0, c)", Between(0, c)),
    ],
)
def test_ranges(text: str, wanted: object) -> None:
    assert parse_range(text, NAMES) == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("negative", "use positive, real"),
        ("above", "use positive, real"),
        ("above()", "takes 1 bounds"),
        ("between(0)", "takes 2 bounds"),
        ("between(0, high=1)", "takes 2 bounds"),
        ("integers(0.5)", "must be an integer"),
        ("integers(x)", "must be an integer"),
        ("above(z)", "unknown name"),
        ("above(1/(x - x))", "not a finite number"),
        ("at_least((-8)**(1/3) + log(log(1/2)))", "not a real number"),
        ("__import__('os')", "not a range"),
    ],
)
def test_other_ranges_are_refused(text: str, message: str) -> None:
    with pytest.raises(ParsingError, match=message):
        parse_range(text, NAMES)


def test_empty_ranges_are_refused() -> None:
    for text in ("between(1, 0)", "integers(3, 1)"):
        with pytest.raises(DomainError, match="is empty"):
            parse_range(text, NAMES)


def test_intervals() -> None:
    assert parse_interval("(0, oo)", NAMES) == sp.Interval.open(0, sp.oo)
    assert parse_interval(" [-c, c) ", NAMES) == sp.Interval.Ropen(-c, c)
    assert parse_interval("(-oo, oo)", NAMES) == sp.Interval(-sp.oo, sp.oo)
    for text in ("0, 1", "(0)", "(0, 1, 2)", "(oo + 1, 2)", "(1, 0)", "", "("):
        with pytest.raises(ParsingError):
            parse_interval(text, NAMES)


_LEAVES = st.one_of(
    st.sampled_from([x, c, y, sp.pi, sp.E]),
    st.fractions(-20, 20, max_denominator=12).map(lambda f: sp.Rational(f.numerator, f.denominator)),
)
_UNARY = [
    sp.exp,
    sp.sin,
    sp.cos,
    sp.tanh,
    sp.erf,
    sp.atan,
    lambda e: -e,
    lambda e: e**2,
    lambda e: sp.exp(e) ** -1,
]


def _branch(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    return st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, b: a / (x + sp.Abs(b) + 1), inner, st.sampled_from([x, y, c])),
        st.builds(lambda f, a: f(a), st.sampled_from(_UNARY), inner),
        st.builds(lambda a: sp.sqrt(a**2 + x), st.sampled_from([x, y, c, c * y])),
    )


@given(st.recursive(_LEAVES, _branch, max_leaves=8))
def test_what_sympy_prints_is_read_back(expr: sp.Expr) -> None:
    again = canonical(parse_expression(str(expr), NAMES))
    assert again == expr or sp.expand(again - expr) == 0


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ParsingError):
        assert isinstance(parse_expression(text, NAMES), sp.Expr)


@given(st.text(alphabet="xcy019.+-*/()<=, eE_[]{}'\"@^~!:;lgmap", max_size=30))
def test_any_near_expression_is_read_or_refused(text: str) -> None:
    for parse in (parse_expression, parse_equation, parse_relation, parse_range, parse_interval):
        try:
            read = parse(text, NAMES)
        except (ParsingError, DomainError):
            continue
        assert read is not None


def test_every_function_is_called_by_its_name() -> None:
    for name, function in FUNCTIONS.items():
        assert parse_expression(f"{name}(x)", NAMES) == function(x, evaluate=False)
    for name, function in (*PAIRED.items(), *CHOOSING.items()):
        assert parse_expression(f"{name}(x, y)", NAMES) == function(x, y, evaluate=False)
    assert parse_expression("max(x, y, c)", NAMES) == sp.Max(x, y, c, evaluate=False)


def test_integrals_sums_and_derivatives_bind_a_variable_of_their_own() -> None:
    def read(text: str) -> sp.Expr:
        return canonical(parse_expression(text, NAMES))

    t, k = sp.Symbol("t", real=True), sp.Symbol("k", integer=True)
    assert read("integral(exp(-x*t), t, 0, oo)") == sp.Integral(sp.exp(-x * t), (t, 0, sp.oo))
    assert read("integral(t, t, -oo, c)/x") == sp.Integral(t, (t, -sp.oo, c)) / x
    assert read("sum(x**k, k, 0, 5)") == sp.Sum(x**k, (k, 0, 5))
    assert read("derivative(x*y, x)") == sp.Derivative(x * y, x)
    assert read("derivative(x**5, x, 3)") == sp.Derivative(x**5, (x, 3))
    inner = read("integral(sum(t**k, k, 0, 3), t, 0, x)")
    assert inner == sp.Integral(sp.Sum(t**k, (k, 0, 3)), (t, 0, x))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("integral(x, x, 0, 1)", "a variable of its own"),
        ("integral(t, pi, 0, 1)", "a variable of its own"),
        ("integral(t, t + 1, 0, 1)", "a variable of its own"),
        ("integral(t, t, 0)", "write integral(formula, variable, from, to)"),
        ("integral(t, t, t, 1)", "unknown name"),
        ("integral(t, t, 0, oo) + t", "unknown name"),
        ("sum(k, k, 1/2, 3)", "from one whole number to another"),
        ("sum(k, k, -oo, 3)", "from one whole number to another"),
        ("derivative(x, 3)", "by a parameter"),
        ("derivative(x, x, y)", "1 to 10 times"),
        (f"derivative(x, x, {MAX_DERIVATIVE + 1})", f"1 to {MAX_DERIVATIVE} times"),
        ("oo + integral(t, t, 0, oo)", "unknown name"),
        ("binomial(x)", "takes two arguments"),
        ("factorial(10**9)", "at most 1000"),
        ("binomial(10**9, 10**8)", "at most 1000"),
    ],
)
def test_what_binds_no_variable_is_refused(text: str, message: str) -> None:
    with pytest.raises(ParsingError, match=re.escape(message)):
        parse_expression(text, NAMES)


def test_bounds_of_ranges_hold_elementary_functions_only() -> None:
    for text in ("above(integral(t, t, 0, 1))", "above(binomial(x, 2))", "above(floor(x))"):
        with pytest.raises(ParsingError, match="no place in a bound"):
            parse_range(text, NAMES)
    assert parse_range("above(exp(x))", NAMES) == Above(sp.exp(x))
