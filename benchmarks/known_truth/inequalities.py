"""Inequalities: textbook ones with formulas put in, and false ones that fail at a known exact point.

A false one is a true one (a) moved past its point of equality, (b) made strict although equality is attained, (c) with
a bump or tent that is certified to be higher than the slack at its centre, (d) of growth, false far away alone, or (e)
turned round where it is strict. Multiplying both sides by something positive and adding one formula to both keep the
truth.
"""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath

from .case import Case, Truth
from .pairs import Pairs
from .places import DOMAINS, Variable, at, deviation, exact_point, integers, positive, ranges, real, size, written
from .values import value

#: Smaller side, relation, larger side, for all arguments of the given classes; the last entry tells where the sides
#: are equal, by arguments in x and the constant {c}, at x = {c}.
KNOWN: tuple[tuple[str, str, str, dict[str, str] | None], ...] = (
    ("1+{a:R}", "<=", "exp({a:R})", {"a": "x-{c}"}),
    ("1+{a:R}+{a:R}**3/6", "<=", "exp({a:R})", {"a": "x-{c}"}),
    ("log(1+{a:P})", "<=", "{a:P}", None),
    ("1", "<=", "{a:P}-log({a:P})", {"a": "exp(x-{c})"}),
    ("{a:P}-1", "<=", "{a:P}*log({a:P})", {"a": "1+(x-{c})**2"}),
    ("4*{a:R}*{b:R}", "<=", "({a:R}+{b:R})**2", {"a": "x", "b": "{c}"}),
    ("2*sqrt({a:P}*{b:P})", "<=", "{a:P}+{b:P}", {"a": "1+x**2", "b": "1+{c}**2"}),
    ("2*{a:P}*{b:P}/({a:P}+{b:P})", "<=", "sqrt({a:P}*{b:P})", {"a": "exp(x)", "b": "exp({c})"}),
    ("(({a:R}+{b:R})/2)**2", "<=", "({a:R}**2+{b:R}**2)/2", {"a": "x", "b": "{c}"}),
    ("exp(({a:R}+{b:R})/2)", "<=", "(exp({a:R})+exp({b:R}))/2", {"a": "x", "b": "{c}"}),
    ("(log({a:P})+log({b:P}))/2", "<=", "log(({a:P}+{b:P})/2)", {"a": "2+x**2", "b": "2+{c}**2"}),
    ("({a:R}*{c:R}+{b:R}*{d:R})**2", "<=", "({a:R}**2+{b:R}**2)*({c:R}**2+{d:R}**2)",
        {"a": "x", "b": "{c}", "c": "1", "d": "1"}),
    ("abs({a:R}+{b:R})", "<=", "abs({a:R})+abs({b:R})", {"a": "abs(x-{c})", "b": "1"}),
    ("abs(abs({a:R})-abs({b:R}))", "<=", "abs({a:R}-{b:R})", {"a": "1+(x-{c})**2", "b": "2"}),
    ("sqrt({a:P}+{b:P})", "<", "sqrt({a:P})+sqrt({b:P})", None),
    ("{a:R}", "<", "sqrt(1+{a:R}**2)", None),
    ("{a:R}/(1+{a:R}**2)", "<=", "1/2", {"a": "1+x-{c}"}),
    ("{a:P}*exp(-{a:P})", "<=", "exp(-1)", {"a": "exp(x-{c})"}),
    ("1/(1+{a:R}**2)", "<=", "1", {"a": "x-{c}"}),
    ("exp(-{a:R}**2)", "<=", "1", {"a": "x-{c}"}),
    ("1+{a:R}**2/2", "<=", "cosh({a:R})", {"a": "x-{c}"}),
    ("cosh({a:R})", "<=", "exp({a:R}**2/2)", {"a": "x-{c}"}),
    ("1-{a:R}**2/2", "<=", "cos({a:R})", {"a": "x-{c}"}),
    ("sin({a:R})**2", "<=", "1", None),
    ("sin({a:P})", "<", "{a:P}", None),
    ("tanh({a:P})", "<", "{a:P}", None),
    ("atan({a:P})", "<", "{a:P}", None),
    ("{a:P}", "<", "sinh({a:P})", None),
    ("tanh({a:R})", "<", "1", None),
    ("erf({a:R})", "<", "1", None),
    ("atan({a:R})", "<", "pi/2", None),
    ("erf({a:P})", "<", "2*{a:P}/sqrt(pi)", None),
    ("erfc({a:P})", "<", "exp(-{a:P}**2)", None),
    ("exp({a:P}**2)*erfc({a:P})", "<", "1", None),
    ("8856/10000", "<=", "gamma({a:P})", None),
    ("0", "<", "exp({a:R})", None),
    ("0", "<=", "({a:R}-{b:R})**2", {"a": "x", "b": "{c}"}),
    ("{a:R}*{b:R}+{b:R}*{c:R}+{a:R}*{c:R}", "<=", "{a:R}**2+{b:R}**2+{c:R}**2", {"a": "x", "b": "{c}", "c": "{c}"}),
    ("log(1+exp({a:R}))", "<=", "log(2)+abs({a:R})", {"a": "x-{c}"}),
)  # fmt: skip
#: Inequalities of integers: smaller side, relation, larger side, first integer.
INTEGERS = (
    ("n+1", "<=", "2**n", 0),
    ("n**2", "<=", "2**n", 4),
    ("2", "<=", "n**2+n", 1),
    ("n**3", "<=", "3**n", 3),
    ("1/(n+1)", "<", "log(1+1/n)", 1),
    ("log(1+1/n)", "<", "1/n", 1),
    ("sqrt(n+1)-sqrt(n)", "<", "1/(2*sqrt(n))", 1),
)


def true(rng: random.Random) -> Case:
    """Return a true inequality."""
    if rng.random() < 0.1:
        small, relation, large, low = rng.choice(INTEGERS)
        domain: tuple[Variable, ...] = (integers("n", low + rng.choice((0, 0, 1, 5))),)
        return _case(rng, Truth.TRUE, domain, small, relation, large, "a known inequality of integers")
    domain, small, relation, large, _ = _instance(rng, rng.choice((0, 0, 1, 1, 2)))
    relation = rng.choice((relation, "<="))
    return _case(rng, Truth.TRUE, domain, small, relation, large, "a known inequality with formulas put in")


def false(rng: random.Random) -> Case:
    """Return a false inequality."""
    while True:
        found = rng.choice((_moved, _moved, _strict, _bump, _bump, _far, _turned))(rng)
        if found is not None:
            return found


def _instance(rng: random.Random, depth: int) -> tuple[tuple[Variable, ...], str, str, str, dict[str, str] | None]:
    """Return a known inequality with random formulas put in, and where it is an equality."""
    while True:
        domain = rng.choice(DOMAINS)
        small, relation, large, touch = rng.choice(KNOWN)
        one, other = Pairs(rng, domain).filled(small, large, depth)
        if any(v.name in one + other for v in domain) and max(len(one), len(other)) < 250:
            return domain, one, relation, other, touch


def _touching(rng: random.Random) -> tuple[tuple[Variable, ...], str, str, Fraction]:
    """Return a known inequality whose two sides are equal at x = c, and c."""
    while True:
        small, _, large, touch = rng.choice(KNOWN)
        if touch is None:
            continue
        domain = rng.choice(((real("x"),), (positive("x"),), (real("x"), positive("k"))))
        c = Fraction(rng.randint(1, 10**4), rng.choice((1, 3, 997, 10007)))
        for name, text in touch.items():
            shown = f"({text.replace('{c}', written(c))})"
            for kind in "RP":
                small = small.replace(f"{{{name}:{kind}}}", shown)
                large = large.replace(f"{{{name}:{kind}}}", shown)
        return domain, small, large, c


def _moved(rng: random.Random) -> Case:
    domain, small, large, c = _touching(rng)
    amount = written(abs(size(rng)))
    moved = rng.choice((f"{small}+{amount}", f"{small}+{amount}*exp(-(x-{written(c)})**2)"))
    why = f"the sides of a known inequality are equal at x = {c}; the smaller one is moved up by {amount} there"
    point = {**exact_point(rng, domain), "x": c}
    return _case(rng, Truth.FALSE, domain, moved, rng.choice(("<=", "<")), large, why, point)


def _strict(rng: random.Random) -> Case:
    if rng.random() < 0.3:
        root = rng.choice(("sqrt(2)", "pi", "log(7)", "exp(1/3)", "2**(1/3)"))
        why = f"a square is 0 at x = {root}, an irrational point of the domain"
        return _case(rng, Truth.FALSE, (positive("x"),), "0", "<", f"(x-{root})**{rng.choice((2, 4))}", why)
    domain, small, large, c = _touching(rng)
    why = f"strict, and the sides are equal at x = {c}"
    return _case(rng, Truth.FALSE, domain, small, "<", large, why, {**exact_point(rng, domain), "x": c})


def _bump(rng: random.Random) -> Case | None:
    domain, small, relation, large, _ = _instance(rng, rng.choice((0, 0, 1)))
    local = deviation(rng, domain)
    point = at(exact_point(rng, domain), local)
    slack = value(f"({large})-({small})", point)
    if slack is None or slack < 0 or not mpmath.mpf(10) ** -40 < slack < mpmath.mpf(10) ** 20:
        return None
    digits = mpmath.nstr(slack * (1 + mpmath.mpf(10) ** -rng.choice((0, 1, 3))), 12, min_fixed=-60, max_fixed=60)
    height = Fraction(digits) * (1 + Fraction(1, 10**9))
    raised = f"{small}+{written(height)}*{local.text}"
    excess = value(f"({raised})-({large})", point)
    if excess is None or excess < 0:
        return None
    why = f"a known inequality whose smaller side is raised above the larger {local.place}"
    return _case(rng, Truth.FALSE, domain, raised, relation, large, why, point)


def _far(rng: random.Random) -> Case:
    k = rng.choice((3, 6, 9, 12, 15))
    small, large, far, v = rng.choice(
        (
            ("n**2", f"10**{2 * k}", Fraction(10**k + 1), integers("n", 1)),
            ("2**n", f"10**{k}*n**3", Fraction(40 * k), integers("n", 1)),
            ("x", f"10**{k}", Fraction(10**k + 1), real("x")),
            ("x**2", f"10**{k}+x", Fraction(10**k + 1), real("x")),
            ("log(x)", f"{4 * k}", Fraction(10 ** (2 * k)), positive("x")),
            ("sqrt(x)", f"10**{k}", Fraction(10 ** (2 * k) + 1), positive("x")),
            ("x**(1/8)", f"{2 * k}", Fraction((2 * k) ** 8 + 1), positive("x")),
            (f"1-1/10**{k}", "2/(1+exp(x))", Fraction(1), positive("x")),
            ("atan(x)", f"pi/2-1/10**{k}", Fraction(10 ** (k + 1)), positive("x")),
            ("tanh(x)", f"1-1/10**{k}", Fraction(2 * k), positive("x")),
            ("erf(x)", f"1-1/10**{k}", Fraction(k), positive("x")),
            ("log(1+x)", f"{k}*x**(1/8)", Fraction(10**60), positive("x")),
            ("-exp(x)", f"-1/10**{k}", Fraction(-3 * k), real("x")),
        )
    )
    point = {v.name: far}
    excess = value(f"({small})-({large})", point)
    if excess is None or excess < 0:
        small, large = large, small
        excess = value(f"({small})-({large})", point)
        assert excess is not None, (small, large)
        assert excess > 0, (small, large)
    why = f"it fails at {v.name} = {far}, certified there"
    return _case(rng, Truth.FALSE, (v,), small, "<=", large, why, point)


def _turned(rng: random.Random) -> Case | None:
    domain, small, _, large, _ = _instance(rng, rng.choice((0, 1, 2)))
    point = exact_point(rng, domain)
    slack = value(f"({large})-({small})", point)
    if slack is None or slack < 0:
        return None
    why = "a known inequality turned round, and strict at the point"
    return _case(rng, Truth.FALSE, domain, large, "<=", small, why, point)


def _case(
    rng: random.Random,
    truth: Truth,
    domain: tuple[Variable, ...],
    small: str,
    relation: str,
    large: str,
    why: str,
    point: dict[str, Fraction] | None = None,
) -> Case:
    if rng.random() < 0.25:
        factor, _ = Pairs(rng, domain).pair("P", 1)
        small, large = f"({factor})*({small})", f"({factor})*({large})"
    if rng.random() < 0.2:
        term, _ = Pairs(rng, domain).pair("R", 1)
        small, large = f"{small}+({term})", f"{large}+({term})"
    turned = {"<": ">", "<=": ">="}[relation]
    text = f"{small} {relation} {large}" if rng.random() < 0.5 else f"{large} {turned} {small}"
    return Case("inequality", truth, {"relation": text}, ranges(domain), why, point=point)
