"""Integrals, sums and derivatives: true ones by exact rules, false ones by a deviation, and ones without meaning.

Integrals come from a table with parameters, moved by a substitution (linear of either sign, a square, an exponential,
a reciprocal) and put together linearly. A sum telescopes: the closed form V is chosen, its term is V(k) - V(k - 1) in
exact arithmetic; some classical sums stand in a table. Derivatives follow from the rules for sums, products and
compositions. False claims are true ones with one side moved at an exact point, or times a factor; what has no meaning
diverges at an end or at an interior point, has a corner, or divides by 0 at one point.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from .case import Case, Truth
from .places import Variable, at, deviation, exact_point, integers, positive, ranges, real, size, unit, written
from .values import relative, value

#: Parameters that a text may name.
VARIABLES = {v.name: v for v in (positive("a"), positive("b"), real("c"), real("s"), unit("p"), integers("n", 0))}


@dataclass(frozen=True)
class Integral:
    """An integrand in u with its ends and its value; between them it is continuous."""

    text: str
    low: str
    high: str
    value: str


INTEGRALS = (
    Integral("exp(-a*u)", "0", "oo", "1/a"),
    Integral("u*exp(-a*u)", "b", "oo", "(b/a+1/a**2)*exp(-a*b)"),
    Integral("exp(-a*u**2)", "-oo", "oo", "sqrt(pi/a)"),
    Integral("u**2*exp(-a*u**2)", "-oo", "oo", "sqrt(pi)/(2*a*sqrt(a))"),
    Integral("exp(-a*u**2+c*u)", "-oo", "oo", "sqrt(pi/a)*exp(c**2/(4*a))"),
    Integral("exp(-a*u**2)*cos(c*u)", "-oo", "oo", "sqrt(pi/a)*exp(-c**2/(4*a))"),
    Integral("1/(a**2+u**2)", "-oo", "oo", "pi/a"),
    Integral("exp(-a*u)*cos(c*u)", "0", "oo", "a/(a**2+c**2)"),
    Integral("exp(-a*u)*sin(c*u)", "0", "oo", "c/(a**2+c**2)"),
    Integral("u**(a-1)*exp(-b*u)", "0", "oo", "gamma(a)/b**a"),
    Integral("u**(a-1)*(1-u)**(b-1)", "0", "1", "gamma(a)*gamma(b)/gamma(a+b)"),
    Integral("u**n", "0", "b", "b**(n+1)/(n+1)"),
    Integral("u**n*exp(-u)", "0", "oo", "gamma(n+1)"),
    Integral("1/sqrt(u)", "0", "b", "2*sqrt(b)"),
    Integral("log(u)", "0", "b", "(b*log(b)-b)"),
    Integral("1/u**2", "b", "oo", "1/b"),
    Integral("1/u", "1", "1+b", "log(1+b)"),
    Integral("abs(u)", "-b", "a", "(a**2+b**2)/2"),
    Integral("exp(-abs(u))", "-oo", "oo", "2"),
    Integral("cos(u)", "0", "c", "sin(c)"),
    Integral("tanh(u)", "0", "c", "log(cosh(c))"),
    Integral("u*exp(-u**2)", "0", "c", "(1-exp(-c**2))/2"),
    Integral("exp(-u**2)", "0", "c", "sqrt(pi)*erf(c)/2"),
    Integral("atan(u)", "0", "c", "(c*atan(c)-log(1+c**2)/2)"),
    Integral("1/(1+u**2)", "c", "oo", "(pi/2-atan(c))"),
    Integral("1/cosh(u)**2", "-oo", "oo", "2"),
    Integral("1/sqrt(1-u**2)", "-1", "1", "pi"),
)
#: Substitutions for an integral over (0, oo): image of x, its slope, and the ends of x.
HALF_LINE = (("x**2", "2*x", "0", "oo"), ("exp(x)", "exp(x)", "-oo", "oo"), ("1/x", "1/x**2", "0", "oo"))
#: Sums over k of a table: term, first and last index, value.
SUMS = (
    ("p**k", "0", "oo", "1/(1-p)"),
    ("k*p**k", "0", "oo", "p/(1-p)**2"),
    ("c**k/factorial(k)", "0", "oo", "exp(c)"),
    ("k*(k-1)*c**k/factorial(k)", "0", "oo", "c**2*exp(c)"),
    ("binomial(n,k)*p**k*(1-p)**(n-k)", "0", "n", "1"),
    ("k*binomial(n,k)*p**k*(1-p)**(n-k)", "0", "n", "n*p"),
    ("binomial(n,k)*a**k", "0", "n", "(1+a)**n"),
    ("(-1)**k*p**(2*k)", "0", "oo", "1/(1+p**2)"),
    ("1/k**2", "1", "oo", "pi**2/6"),
)
#: Functions of x on the real line with their derivatives.
DERIVATIVES = (
    ("x", "1"),
    ("x**2", "(2*x)"),
    ("(x**3-a*x)", "(3*x**2-a)"),
    ("exp(-a*x)", "(-a*exp(-a*x))"),
    ("sin(b*x)", "(b*cos(b*x))"),
    ("cos(x)", "(-sin(x))"),
    ("tanh(x)", "(1/cosh(x)**2)"),
    ("atan(x)", "(1/(1+x**2))"),
    ("log(1+x**2)", "(2*x/(1+x**2))"),
    ("sqrt(a+x**2)", "(x/sqrt(a+x**2))"),
    ("erf(x)", "(2*exp(-x**2)/sqrt(pi))"),
    ("1/(1+exp(-x))", "(exp(-x)/(1+exp(-x))**2)"),
)
#: Equations of which a side has no value: at x = {c}, at the edge of a range, or for no parameter.
MEANINGLESS = (
    ("integral(1/(x-{c}),x,{c},{c}+b) == log(b)", {"b": "positive"}),
    ("integral(1/(x-{c}),x,{c}-b,{c}+b) == 0", {"b": "positive"}),
    ("integral(1/(x-{c})**2,x,{c}-b,{c}+b) == -2/b", {"b": "positive"}),
    ("integral(1/abs(x-{c}),x,{c}-b,{c}+b) == 0", {"b": "positive"}),
    ("integral(1/(x-{c})**3,x,{c}-1,{c}+b) == 1/2-1/(2*b**2)", {"b": "positive"}),
    ("integral(x/(1+(x-{c})**2),x,-oo,oo) == pi*{c}", {"b": "positive"}),
    ("integral(exp(-b*(x-{c}))/(x-{c}),x,{c},oo) == 1/b", {"b": "positive"}),
    ("integral(cos(b*x),x,{c},oo) == -sin(b*{c})/b", {"b": "positive"}),
    ("a*integral(exp(-a*x),x,{c},oo) == exp(-a*{c})", {"a": "at_least(0)"}),
    ("integral(exp(-x)*(b-{c})/(b-{c}),x,0,oo) == 1", {"b": "real"}),
    ("integral((x-1)*exp(-x)/(b-{c}),x,0,oo) == 0", {"b": "real"}),
    ("integral(x,x,{c},b)/integral(x,x,{c},b) == 1", {"b": "real"}),
    ("integral(x**(a-1)*exp(-x),x,0,oo) == gamma(a)", {"a": "at_least(0)"}),
    ("integral(x**a,x,0,{c}) == {c}**(a+1)/(a+1)", {"a": "at_least(-1)"}),
    ("integral(1/x,x,0,{c}) - integral(1/x,x,0,{c}) == 0", {"b": "real"}),
    ("sum(1/(k+{c}),k,0,oo) == {c}", {"b": "real"}),
    ("sum((-1)**k,k,0,oo) == 1/2", {"b": "real"}),
    ("sum(p**k,k,0,oo) == 1/(1-p)", {"p": "between(0, 2)"}),
    ("sum((k-{m})/(k-{m}),k,0,n) == n+1", {"n": "integers(0)"}),
    ("sum(1/((k-{m})*(k-{m}-1)),k,0,n) == 1/({m}-n)-1/({m}+1)", {"n": "integers({m}+1)"}),
    ("derivative(abs(x-{c}),x) == sign(x-{c})", {"x": "real"}),
    ("derivative(abs(x-{c})**3,x,3) == 6*sign(x-{c})", {"x": "real"}),
    ("derivative((x-{c})**2/(x-{c}),x) == 1", {"x": "real"}),
    ("derivative(max(x,{c})**2,x,2) == 1+sign(x-{c})", {"x": "real"}),
    ("derivative(abs(x),x) == 1", {"x": "at_least(0)"}),
)


@dataclass(frozen=True)
class Rule:
    """Two texts that are equal wherever the parameters are, and why."""

    left: str
    right: str
    why: str


def true(rng: random.Random) -> Case:
    """Return a true equation."""
    rule, domain = _rule(rng)
    return Case("identity", Truth.TRUE, {"equation": f"{rule.left} == {rule.right}"}, ranges(domain), rule.why)


def false(rng: random.Random) -> Case:
    """Return a false equation: one side moved at an exact point, or times a factor where it is not 0."""
    while True:
        rule, domain = _rule(rng)
        amount, point = size(rng), exact_point(rng, domain)
        if rng.random() < 0.5:
            local = deviation(rng, domain)
            point = at(point, local)
            changed, moved = f"{rule.right}+{written(amount)}*{local.text}", relative(amount, rule.right, point)
            why = f"{rule.why}, one side moved by {amount} {local.place}"
        else:
            changed, moved = f"({rule.right})*(1+{written(amount)})", float(abs(amount) / max(1, abs(1 + amount)))
            why = f"{rule.why}, one side times 1 + {amount}"
        if moved is None or value(rule.right, point) is None:
            continue
        equation = f"{rule.left} == {changed}"
        return Case("identity", Truth.FALSE, {"equation": equation}, ranges(domain), why, moved, point)


def undefined(rng: random.Random) -> Case:
    """Return an equation of which a side has no value for some parameter."""
    text, domain = rng.choice(MEANINGLESS)
    m = rng.choice((0, 1, 3, 12, 60, 997))
    c = Fraction(rng.randint(1, 10**4), rng.choice((1, 7, 997, 10007)))

    def filled(text: str) -> str:
        return text.replace("{c}", written(c)).replace("{m}+1", str(m + 1)).replace("{m}", str(m))

    why = "a side diverges, has a corner or divides by 0"
    named = {name: filled(given) for name, given in domain.items()}
    return Case("identity", Truth.UNDEFINED, {"equation": filled(text)}, named, why)


def _rule(rng: random.Random) -> tuple[Rule, tuple[Variable, ...]]:
    """Return a true equation with the parameters that it names, at least one."""
    rule = rng.choice((integral, integral, telescope, classical, derivative))(rng)
    names = [name for name in VARIABLES if re.search(rf"\b{name}\b", f"{rule.left} {rule.right}")]
    domain = tuple(VARIABLES[name] for name in names) or (VARIABLES["b"],)
    if "derivative" in rule.left:
        domain = (*domain, real("x"))
    return rule, domain


def integral(rng: random.Random) -> Rule:
    """Return an entry of the table after a substitution, or a linear combination of two of them."""
    one, shown = _substituted(rng, rng.choice(INTEGRALS))
    if rng.random() < 0.7:
        return Rule(one, shown, "an integral of the table after a substitution")
    other, also = _substituted(rng, rng.choice(INTEGRALS))
    factors = [written(Fraction(rng.choice((-3, -1, 2, 5)), rng.choice((1, 2, 7)))) for _ in range(2)]
    left, right = (f"{factors[0]}*{x}+{factors[1]}*{y}" for x, y in ((one, other), (shown, also)))
    return Rule(left, right, "integrals of the table after substitutions, put together linearly")


def _substituted(rng: random.Random, entry: Integral) -> tuple[str, str]:
    """Return an integral of the table in another variable, as text, and its value."""

    def moved(image: str, slope: str, low: str, high: str) -> str:
        return f"integral({_with('u', image, entry.text)}*{slope},x,{low},{high})"

    way = rng.random()
    if way < 0.2:
        return moved("x", "1", entry.low, entry.high), entry.value
    if way < 0.4 and (entry.low, entry.high) == ("0", "oo"):
        return moved(*rng.choice(HALF_LINE)), entry.value
    factor = Fraction(rng.choice((-2, -1, 1, 3)), rng.choice((1, 2, 5)))
    shift = rng.choice(("0", "s", written(Fraction(rng.randint(-9, 9), 4))))

    def end(text: str) -> str:
        if text.endswith("oo"):
            return "oo" if (factor > 0) == (text == "oo") else "-oo"
        return f"({text}-{shift})/{written(factor)}"

    return moved(f"{written(factor)}*x+{shift}", written(factor), end(entry.low), end(entry.high)), entry.value


def telescope(rng: random.Random) -> Rule:
    """Return a sum whose closed form was chosen first: a polynomial, one times a power, or a reciprocal."""
    first = rng.choice((0, 1, 1, 2, 5))
    last = rng.choice(("n+5", "n+5", "2*n+7"))
    kind = rng.choice(("polynomial", "power", "reciprocal"))
    if kind == "reciprocal":
        j = rng.randint(1, 4) + (first == 0)
        term, start = f"1/((k+{j})*(k+{j - 1}))", Fraction(1, first - 1 + j)
        if rng.random() < 0.5:
            return Rule(f"sum({term},k,{first},oo)", written(start), "a series that telescopes")
        return Rule(f"sum({term},k,{first},{last})", f"{written(start)}-1/({last}+{j})", "a sum that telescopes")
    chosen = [Fraction(rng.randint(-5, 5), rng.choice((1, 1, 3))) for _ in range(rng.randint(2, 4))]
    before = _shifted(chosen)
    if kind == "polynomial":
        term = _polynomial([x - y for x, y in zip(chosen, before, strict=True)], "k")
        right = f"{_polynomial(chosen, f'({last})')}-{written(_at(before, first))}"
        return Rule(f"sum({term},k,{first},{last})", right, "a sum that telescopes")
    base = rng.choice((Fraction(1, 2), Fraction(2), Fraction(-3), Fraction(-1, 3), Fraction(3, 5)))
    term = f"{_polynomial([x - y / base for x, y in zip(chosen, before, strict=True)], 'k')}*{written(base)}**k"
    start = _at(before, first) * base ** (first - 1)
    if abs(base) < 1 and rng.random() < 0.5:
        return Rule(f"sum({term},k,{first},oo)", written(-start), "a series that telescopes")
    right = f"{_polynomial(chosen, f'({last})')}*{written(base)}**({last})-{written(start)}"
    return Rule(f"sum({term},k,{first},{last})", right, "a sum that telescopes")


def _shifted(coefficients: list[Fraction]) -> list[Fraction]:
    """Return the coefficients of V(k - 1)."""
    found = [Fraction(0)] * len(coefficients)
    for coefficient in reversed(coefficients):  # Horner's scheme in k - 1
        found = [(found[i - 1] if i else 0) - found[i] for i in range(len(found))]
        found[0] += coefficient
    return found


def _at(coefficients: list[Fraction], k: int) -> Fraction:
    return sum((c * Fraction(k) ** i for i, c in enumerate(coefficients)), Fraction(0))


def _polynomial(coefficients: list[Fraction], k: str) -> str:
    return f"({'+'.join(f'{written(c)}*{k}**{i}' if i else written(c) for i, c in enumerate(coefficients))})"


def classical(rng: random.Random) -> Rule:
    """Return a sum of the table."""
    term, first, last, total = rng.choice(SUMS)
    return Rule(f"sum({term},k,{first},{last})", total, "a sum of the table")


def derivative(rng: random.Random) -> Rule:
    """Return a derivative by the rules for sums, products and compositions."""
    (f, df), (g, dg) = rng.choice(DERIVATIVES), rng.choice(DERIVATIVES)
    rules: tuple[Callable[[], tuple[str, str]], ...] = (
        lambda: (f"{f}+c*{g}", f"{df}+c*{dg}"),
        lambda: (f"({f})*({g})", f"{df}*({g})+({f})*{dg}"),
        lambda: (_composed(f, g), f"{_composed(df, g)}*{dg}"),
    )
    function, slope = rng.choice(rules)()
    return Rule(f"derivative({function},x)", slope, "the rules for derivatives")


def _composed(outer: str, inner: str) -> str:
    return _with("x", inner, outer)


def _with(name: str, image: str, text: str) -> str:
    return re.sub(rf"\b{name}\b", lambda _: f"({image})", text)
