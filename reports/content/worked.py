"""A counterexample worked out so that it can be checked by hand: formulas with numbers put in, and their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from ...checks.evidence import Counterexample, Verdict
from ...checks.judgement.exact import value_at
from ...derivations.claim import Claim
from ...derivations.domain import Point
from ...derivations.errors import CrossproofError
from ...derivations.expressions import canonical
from ...derivations.processes.sde import SDE
from ...derivations.statements.attractivity import Attractive
from ...derivations.statements.euler_steps import EulerStep
from ...derivations.statements.extrema import GlobalMaximum, Inequality
from ...derivations.statements.processes import ExpectationAtAllTimes, LongTimeLimit
from ...derivations.statements.scalar import Identity
from ...derivations.statements.stationary import StationaryLaw
from ...derivations.text.parsing import parse_expression
from ...numerics.exact.values import values
from .model import Step
from .simpler import mean_of_step, sides_of_maximum
from .wording import FIELDS, spelled

#: Longest exact value, in characters of its LaTeX, that stands in full.
_EXACT = 40
#: Longest formula with numbers in it, in characters, that is written out.
_LONGEST = 1500


def steps(verdict: Verdict, repair: Claim | None, point: Point | None) -> tuple[Step, ...]:
    """Return a counterexample step by step: the formulas with the numbers put in, and what comes out.

    Parameters
    ----------
    verdict : Verdict
        A refutation.
    repair : Claim, optional
        The claim in its place: where its formula is of the same kind, it is worked out beside the printed one.
    point : Point, optional
        Exact values of the parameters.
    """
    statement = verdict.claim.statement
    if point is None:
        return ()
    if isinstance(statement, Identity):
        sides = (("left side", statement.lhs), ("right side", statement.rhs))
        return tuple(s for words, e in sides for s in (_side(words, e, point) if e.args else _atom(words, e, point)))
    if isinstance(statement, Inequality) and isinstance(statement.relation, Relational):
        relation = statement.relation
        return (*_side("left side", relation.lhs, point), *_side("right side", relation.rhs, point))
    special = _SPECIAL.get(type(statement))
    if special is not None:
        return tuple(special(statement, point, verdict.counterexample))
    found: list[Step] = []
    for name in statement.asserted():
        printed = list(_formulas(getattr(statement, name)))
        right = list(_formulas(getattr(repair.statement, name, None))) if repair else []
        same_kind = repair is not None and type(repair.statement) is type(statement) and len(printed) == len(right)
        for k, formula in enumerate(printed):
            if same_kind and str(formula) == str(right[k]):
                continue
            word = FIELDS.get(name, name.replace("_", " "))
            found += _side(f"the {word} as printed", formula, point)
            if same_kind:
                found += _side(f"the {word} as repaired", right[k], _renamed(point, right[k]))
    return tuple(found)


def _zero_current(statement: StationaryLaw, point: Point, _: Any) -> Iterator[Step]:
    """Yield the slopes of log p: the printed one, and that of zero current, (2 a - (b^2)')/b^2, on the line."""
    sde = statement.sde
    if len(sde.state) != 1 or sde.calculus != "ito":
        return
    x, drift, square = sde.state[0], sde.drift[0], sde.covariance[0, 0]
    yield from _side(
        "slope of log p as printed", sp.expand(sp.expand_log(sp.diff(sp.log(statement.density), x), force=True)), point
    )
    slope = (2 * drift - sp.diff(square, x)) / square
    yield Step("slope of log p without a current, for drift a and noise b", r"\frac{2 a - (b^2)'}{b^2}")
    yield from _side("which is", slope, point)


def _mean_at_start(statement: ExpectationAtAllTimes, point: Point, _: Any) -> Iterator[Step]:
    """Yield the slopes of the mean in time: the printed one, and at the start that of the generator."""
    sde = statement.sde
    x, drift, square, phi = sde.state[0], sde.drift[0], sde.covariance[0, 0], statement.observable
    yield from _side("value as printed", statement.value, point)
    yield from _side("slope in time as printed", sp.diff(statement.value, statement.time), point)
    rate = drift * sp.diff(phi, x) + square * sp.diff(phi, x, 2) / 2
    yield Step("slope of a mean at the start, by Ito's formula", r"a \varphi' + \tfrac12 b^2 \varphi''")
    yield from _side("which is", rate.subs(x, statement.start), point)


def _largest(statement: GlobalMaximum, point: Point, _: Any) -> Iterator[Step]:
    yield from _side("the place of the maximum as printed", statement.location, point)
    for words, value in zip(
        ("the function there", "the function at the right end"), sides_of_maximum(statement) or (), strict=False
    ):
        yield from _side(words, value, point)


def _attraction(statement: Attractive, point: Point, _: Any) -> Iterator[Step]:
    """Yield the condition, and on the line the mean growth of log |x| near the point, which attracts if it is < 0."""
    yield from _side("the condition as printed", statement.condition, point)
    sde = statement.sde
    if len(sde.state) == 1:
        x, at = sde.state[0], {sde.state[0]: statement.point[0]}
        slope = (sp.diff(f, x).subs(at) for f in (sde.drift[0], sde.diffusion[0, 0]))
        growth = next(slope) - next(slope) ** 2 / 2
        yield Step("mean growth of the logarithm of the distance, for drift a and noise b", "a'(0) - b'(0)^2/2")
        yield from _side("which is (attractive only where it is not positive)", growth, point)


def _limit(statement: LongTimeLimit, point: Point, found: Counterexample) -> Iterator[Step]:
    yield Step("what is to tend to the limit, with the numbers", inserted(statement.expression, point))


def _one_step(statement: EulerStep, point: Point, found: Counterexample) -> Iterator[Step]:
    """Yield the mean, or the variance, of the change of the first variable, of the update and of the Euler step."""
    named = {str(s): s for s in statement.sde.state}
    functions = {}
    for f in {f for e in (*statement.update.change, *statement.sde.drift) for f in e.atoms(AppliedUndef)}:
        if str(f) in found.point:
            functions[f] = canonical(parse_expression(found.point[str(f)], named))
    yield from (Step(f"with {f} as", spelled(sp.latex(e))) for f, e in sorted(functions.items(), key=str))
    if "variance" in found.stated:
        change = statement.update.change[0]
        update = sum(
            (sp.diff(change, draw) ** 2 * variance for draw, variance in statement.update.draws), sp.Integer(0)
        )
        what, step = "variance", statement.step * statement.sde.covariance[0, 0]
    else:
        what, (update, step) = "mean", mean_of_step(statement)
    of = f"{what} of the change of {statement.sde.state[0]}"
    yield from _side(f"{of} in an update", update.subs(functions).doit(), point)
    yield from _side(f"{of} in an Euler step of the equation", step.subs(functions).doit(), point)


_SPECIAL: dict[type, Callable[[Any, Point, Any], Iterator[Step]]] = {
    StationaryLaw: _zero_current,
    ExpectationAtAllTimes: _mean_at_start,
    GlobalMaximum: _largest,
    Attractive: _attraction,
    LongTimeLimit: _limit,
    EulerStep: _one_step,
}


def _formulas(value: Any) -> Iterator[Any]:
    if isinstance(value, SDE):
        yield from (*value.drift, *value.diffusion)
    elif isinstance(value, tuple | sp.MatrixBase):
        for item in value:
            yield from _formulas(item)
    elif isinstance(value, sp.Expr | Relational):
        yield value


def _renamed(point: Point, formula: Any) -> Point:
    """Return the point with the symbols of `formula`, whose ranges may differ."""
    named = {s.name: v for s, v in point.items()}
    return {s: named[s.name] for s in formula.free_symbols if s.name in named}


def _side(words: str, formula: Any, point: Point) -> Iterator[Step]:
    """Yield one formula, with numbers put in and its value, where every symbol of it has one."""
    if formula.is_Atom or not formula.free_symbols <= set(point):
        return
    if isinstance(formula, Relational):
        sides = [_value(side, point) for side in (formula.lhs, formula.rhs)]
        if all(sides):
            sign = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}.get(formula.rel_op, "=")
            shown = f"{inserted(formula.lhs, point)} {sign} {inserted(formula.rhs, point)}"
            holds = formula.xreplace(dict(point)).doit()
            answer = {sp.true: "it holds", sp.false: "it fails"}.get(holds)
            if answer:
                yield Step(f"{words} ({answer})", spelled(shown))
        return
    value = _value(formula, point)
    if value:
        shown = inserted(formula, point)
        bare = _packed(value).startswith(_packed(shown))
        yield Step(words, value if bare or len(shown) > _LONGEST else f"{shown} = {value}")


def _atom(words: str, formula: Any, point: Point) -> Iterator[Step]:
    """Yield a side that is one symbol or number."""
    name = spelled(sp.latex(formula))
    yield Step(words, f"{name} = {sp.latex(point[formula])}" if formula in point else name)


def _packed(text: str) -> str:
    """Return a text without blanks."""
    return "".join(text.split())


def inserted(formula: Any, point: Mapping[sp.Symbol, Any]) -> str:
    """Return a formula in LaTeX with numbers in place of its symbols, and nothing else carried out."""
    bound = {
        s for node in formula.atoms(sp.Derivative, sp.Subs, sp.Integral, sp.Sum, sp.Limit) for s in node.free_symbols
    }
    names = {s: _bracketed(v) for s, v in point.items() if s not in bound}
    return spelled(sp.latex(formula, symbol_names=names, mul_symbol="dot", order="none"))


def _bracketed(value: Any) -> str:
    latex = sp.latex(value)
    return str(latex) if value.is_Integer and value >= 0 else rf"\left({latex}\right)"


def _value(formula: Any, point: Point) -> str:
    """Return the value: exact where that is short, and six digits where it is not rational."""
    try:
        exact = value_at(formula, point)
        if exact.is_Rational:
            text = str(sp.latex(exact))
            return text if len(text) <= _EXACT else f"{text} \\approx {_digits(exact, {})}"
        exact = sp.simplify(exact) if exact.count_ops() < 40 else exact
        text, number = str(sp.latex(exact)), _digits(formula, point)
        ball = float(next(values(formula, point)).ball.mid())
        # what SymPy makes of a value counts where it is the number that the ball encloses
        if len(text) > _EXACT or exact.has(sp.Float) or abs(complex(exact) - ball) > 1e-9 * max(1.0, abs(ball)):
            return number
        return text if text == number else f"{text} \\approx {number}"
    except (CrossproofError, TypeError, ValueError, StopIteration):
        return ""


def _digits(formula: Any, point: Point) -> str:
    """Return six digits of a value, from a ball."""
    ball = next(values(formula, point)).ball
    text = f"{float(ball.mid()):.6g}"
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
