"""Generated claims: their truth is what is said of it, and no witness judges a fixed sample of them wrongly.

The tables behind the generators are tested by mpmath alone, so that a slip in them cannot pass for a witness's fault.
"""

from __future__ import annotations

import ast
import importlib
import random
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def truth() -> Iterator[Any]:
    """Yield a function that imports a module of the generators."""
    sys.path.insert(0, str(FOLDER))
    yield lambda name: importlib.import_module(f"known_truth.{name}")
    sys.path.remove(str(FOLDER))
    for name in [n for n in sys.modules if n.partition(".")[0] == "known_truth"]:
        del sys.modules[name]


def test_the_same_seed_gives_the_same_claims(truth: Any) -> None:
    campaign = truth("campaign")
    for kind in campaign.KINDS:
        assert campaign.generate(kind, 20, 3) == campaign.generate(kind, 20, 3)
        assert campaign.generate(kind, 20, 3) != campaign.generate(kind, 20, 4)


def test_all_rules_are_identities(truth: Any) -> None:
    pairs, places, values = truth("pairs"), truth("places"), truth("values")
    rng, compared = random.Random(5), 0
    for domain in places.DOMAINS[:9]:
        for _, left, right in pairs.RULES:
            one, other = pairs.Pairs(rng, domain).filled(left, right, 0)
            same = values.agree(one, other, places.exact_point(rng, domain))
            assert same is not False, (left, right, one, other)
            compared += bool(same)
    assert compared > 8 * len(pairs.RULES)


def test_known_inequalities_hold_and_touch_where_they_say(truth: Any) -> None:
    known, pairs, places, values = truth("inequalities").KNOWN, truth("pairs"), truth("places"), truth("values")
    rng = random.Random(6)
    for small, relation, large, touch in known:
        for domain in places.DOMAINS[:9]:
            one, other = pairs.Pairs(rng, domain).filled(small, large, 0)
            slack = values.gap(other, one, places.exact_point(rng, domain))
            assert slack is None or slack > 0, (one, relation, other)
        if touch is None:
            continue
        c = Fraction(rng.randint(1, 99), 7)
        for name, text in touch.items():
            shown = f"({text.replace('{c}', places.written(c))})"
            for kind in "RP":
                hole = f"{{{name}:{kind}}}"
                small, large = small.replace(hole, shown), large.replace(hole, shown)
        assert values.agree(small, large, {"x": c}), (small, large)


@pytest.mark.parametrize("kind", ["identities", "inequalities"])
def test_false_claims_fail_at_their_point(truth: Any, kind: str) -> None:
    generators, values, rng = truth(kind), truth("values"), random.Random(7)
    certified = 0
    for _ in range(200):
        case = generators.false(rng)
        tree = ast.parse(next(iter(case.fields.values())), mode="eval").body
        assert isinstance(tree, ast.Compare)
        left, right = ast.unparse(tree.left), ast.unparse(tree.comparators[0])
        excess = None if case.point is None else values.gap(left, right, case.point)
        if excess is None:  # too large for mpmath, or an equality that a strict claim denies
            continue
        certified += 1
        if kind == "inequalities":
            assert (excess > 0) == isinstance(tree.ops[0], ast.Lt | ast.LtE), case
    assert certified > 120


def by_quadrature(values: Any, text: str, point: dict[str, Any]) -> Any:
    """Return the value of a text with integrals, sums and derivatives, each by a rule of its own for numbers."""

    class Calculus(values.Evaluation):  # type: ignore[misc, name-defined]
        def visit_Name(self, node: ast.Name) -> Any:
            return mpmath.inf if node.id == "oo" else super().visit_Name(node)

        def visit_Call(self, node: ast.Call) -> Any:
            assert isinstance(node.func, ast.Name)
            if node.func.id not in ("integral", "sum", "derivative"):
                return super().visit_Call(node)
            body, variable, *ends = node.args
            assert isinstance(variable, ast.Name)

            def f(u: Any) -> Any:
                try:
                    return as_float(Calculus({**self.point, variable.id: u}).visit(body))
                except (OverflowError, ZeroDivisionError, TypeError):  # far out, and at an end that was rounded
                    return mpmath.mpf(0)

            if node.func.id == "derivative":
                return mpmath.diff(f, as_float(self.point[variable.id]))
            low, high = (as_float(self.visit(end)) for end in ends)
            if node.func.id == "integral":
                return mpmath.quad(f, [low, high]) if low < high else -mpmath.quad(f, [high, low])
            if high == mpmath.inf:
                return mpmath.nsum(lambda k: f(Fraction(int(k))), [int(low), mpmath.inf])
            return sum((f(Fraction(k)) for k in range(int(low), int(high) + 1)), mpmath.mpf(0))

    with mpmath.workdps(30):
        return as_float(Calculus(point).visit(ast.parse(text, mode="eval").body))


def as_float(number: Any) -> Any:
    return mpmath.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else mpmath.mpf(number)


def agrees(values: Any, left: str, right: str, point: dict[str, Any]) -> bool:
    """Return whether both texts have one value, as far as quadrature over a corner is good for."""
    one, other = (by_quadrature(values, text, point) for text in (left, right))
    return bool(abs(one - other) <= (1e-2 if "abs" in left else 1e-7) * max(1, abs(one), abs(other)))


@pytest.mark.parametrize("rule", ["integral", "telescope", "classical", "derivative"])
def test_rules_of_calculus_are_equations(truth: Any, rule: str) -> None:
    calculus, places, values = truth("calculus"), truth("places"), truth("values")
    rng, domain = random.Random(8), [*truth("calculus").VARIABLES.values(), truth("places").real("x")]
    table = calculus.INTEGRALS if rule == "integral" else ()
    pairs = [(f"integral({e.text},u,{e.low},{e.high})", e.value) for e in table]
    pairs += [(f"sum({t},k,{m},{n})", v) for t, m, n, v in calculus.SUMS] if rule == "classical" else []
    drawn = [getattr(calculus, rule)(rng) for _ in range(10)]
    for left, right in pairs + [(made.left, made.right) for made in drawn]:
        point = places.exact_point(rng, domain)
        point |= {name: point[name] + Fraction(1, 2) for name in "ab"}  # no power that quadrature does not reach
        assert agrees(values, left, right, point), (left, right, point)
        assert not agrees(values, left, f"({right})*(21/20)+1/20", point) or by_quadrature(values, right, point) == -1


def test_false_equations_of_calculus_fail_at_their_point(truth: Any) -> None:
    calculus, values, rng, seen = truth("calculus"), truth("values"), random.Random(9), 0
    while seen < 12:
        case = calculus.false(rng)
        if case.deviation > 0.05:
            left, right = case.fields["equation"].split(" == ")
            assert not agrees(values, left, right, dict(case.point)), case
            seen += 1


def test_derivatives_and_inverses_of_the_transforms(truth: Any) -> None:
    functions, value = truth("transforms").FUNCTIONS, truth("values").value
    for state, table in functions.items():
        for f in table:
            for at in (Fraction(3, 8), Fraction(5, 4)) + ((Fraction(-2, 3),) if state == "real" else ()):
                with mpmath.workdps(30):
                    plain = lambda x, f=f: mpmath.mpf(value(f.text, {"x": Fraction(str(mpmath.mpf(x)))}))  # noqa: E731
                    z = {"z": Fraction(str(plain(at.numerator / mpmath.mpf(at.denominator))))}
                    slopes = [mpmath.diff(plain, at.numerator / mpmath.mpf(at.denominator), n) for n in (1, 2)]
                    back = value(f.inverse, z)
                    assert mpmath.almosteq(back, at.numerator / mpmath.mpf(at.denominator), 1e-9), f
                    for text, slope in zip((f.first, f.second), slopes, strict=True):
                        shown = value(text, z) or mpmath.mpf(0)
                        assert abs(shown - slope) < 1e-7 * (1 + abs(slope)), (f, text)


def test_the_densities_of_the_laws_have_no_current(truth: Any) -> None:
    laws, value = truth("laws"), truth("values").value
    for law in [*laws.LAWS, *(law for law, _ in laws.NONE)]:
        parameters = {name: Fraction(k + 3, k + 2) for k, name in enumerate(law.parameters)}
        for at in (Fraction(3, 10), Fraction(77, 100)):

            def at_point(text: str, x: Any, parameters: Any = parameters) -> mpmath.mpf:
                point = {**parameters, "x": Fraction(str(mpmath.mpf(x)))}
                return value(text, point) or mpmath.mpf(0)

            with mpmath.workdps(30):
                x = mpmath.mpf(at.numerator) / at.denominator
                slope = mpmath.diff(lambda u, l=law: at_point(f"({l.noise})**2*({l.density})", u), x)  # noqa: E741
                current = at_point(f"({law.drift})*({law.density})", x) - slope / 2
                assert abs(current) < 1e-9 * (abs(slope) + abs(at_point(law.density, x))), law


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER / "soundness.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_no_claim_of_a_fixed_sample_is_judged_wrongly() -> None:
    done = run("--count", "60", "--seed", "1", "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "wrongly judged: 0" in done.stdout


@pytest.fixture(scope="module")
def issue() -> str:
    """The lines on the inputs that were once misjudged."""
    done = run("--issue", "--effort", "default", "--workers", "2")
    assert "wrongly judged" in done.stdout, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", range(11))
def test_what_was_once_misjudged_is_right(issue: str, kind: int) -> None:
    lines = [line for line in issue.splitlines() if f" issue.k{kind}-" in line]
    assert lines
    assert not [line for line in lines if line.startswith("WRONG")]
