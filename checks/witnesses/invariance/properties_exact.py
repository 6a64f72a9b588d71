"""Sets that a property of the loss makes invariant: what the property says of gradients, and exact small losses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.statements.sets.symmetry_sets import (
    FixedSetInvariant,
    InterpolatingPoint,
    MatrixKind,
    PropertySet,
    SampleLoss,
    TranslationInvariant,
    Translations,
)
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, proved, refuted, undecided
from ...witness import Task, witness

_ALGEBRA, _LOSSES = "gradients by a property", "exact small losses"
#: Longest product of Q and its transpose that is looked at.
_LONGEST = 4
#: A vanishing exact gradient is caught whatever its size.
_EXACT = 2.0**-52
#: Which matrices a statement speaks of, one kind at a time.
_KINDS = {
    MatrixKind.SYMMETRIC: (MatrixKind.SYMMETRIC,),
    MatrixKind.ORTHOGONAL: (MatrixKind.ORTHOGONAL,),
    MatrixKind.SYMMETRIC_OR_ORTHOGONAL: (MatrixKind.SYMMETRIC, MatrixKind.ORTHOGONAL),
    MatrixKind.ANY: (MatrixKind.ANY,),
}


@witness(
    _ALGEBRA,
    kind=Kind.ALGEBRA,
    statement=PropertySet,  # type: ignore[type-abstract]
    starts_from="what the property says of directional derivatives at the points of the set",
)
def by_property(statement: PropertySet, task: Task) -> Finding:
    """Derive that no sample's gradient points out of the set."""
    reason = derived(statement)
    return undecided(f"{_ALGEBRA}: {reason[0]}.") if reason[0] else proved(f"{_ALGEBRA}: {reason[1]}.")


@singledispatch
def derived(statement: PropertySet) -> tuple[str, str]:
    """Return what is missing (empty if nothing), and the argument."""
    raise ClaimError(f"no derivation for a statement of type {type(statement).__name__}")


@derived.register
def _(statement: FixedSetInvariant) -> tuple[str, str]:
    # the derivative of l(Q theta) - l(theta) along tangents and normals of the set vanishes: Q^t g = g
    for kind in _KINDS[statement.kind]:
        if not _leads(("Q",), kind):
            return f"from Q^t g = g alone Q g = g does not follow for {kind} matrices", ""
    return (
        "",
        "l(Q theta) - l(theta) has derivative 0 along all directions, so Q^t g = g, and with the kind of Q, Q g = g",
    )


def _leads(start: tuple[str, ...], kind: MatrixKind) -> bool:
    """Return whether the product `start`, applied to g, is turned into g by Q^t g = g and what `kind` says of Q."""
    rules: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    if kind is MatrixKind.SYMMETRIC:
        rules = [(("Q",), ("Qt",)), (("Qt",), ("Q",))]
    elif kind is MatrixKind.ORTHOGONAL:
        rules = [(("Q", "Qt"), ()), (("Qt", "Q"), ())]
    seen, waiting = {start}, [start]
    while waiting:
        word = waiting.pop()
        if not word:
            return True
        made = [word[:-1]] if word[-1] == "Qt" else []
        made += [(*word, "Qt")] if len(word) < _LONGEST else []
        for old, new in rules:
            spots = range(len(word) - len(old) + 1)
            made += [(*word[:i], *new, *word[i + len(old) :]) for i in spots if word[i : i + len(old)] == old]
        waiting += [w for w in made if w not in seen]
        seen.update(made)
    return False


@derived.register
def _(statement: TranslationInvariant) -> tuple[str, str]:
    t = sp.Symbol("t", real=True)
    # along v the loss of the set's points is a function of t with the period that the property gives
    along = sp.Integer(0) if statement.by is Translations.ALL else sp.Function("a")(t)
    slope = sp.diff(along, t)
    return ("" if slope == 0 else f"along v the derivative {slope} is left"), "along v the loss is constant, so v.g = 0"


@derived.register
def _(statement: InterpolatingPoint) -> tuple[str, str]:
    if statement.loss is not SampleLoss.NON_NEGATIVE:
        return "losses of either sign with mean 0 need not be 0, nor at a minimum", ""
    return "", "numbers >= 0 with mean 0 are 0, so each loss has a minimum there, and a differentiable one slope 0"


@dataclass(frozen=True)
class Case:
    """An explicit loss with the property, a point of the set, and by how much one step with eta = 1 leaves the set."""

    loss: str
    point: str
    set: str
    out: sp.Expr


@witness(
    _LOSSES,
    kind=Kind.DETERMINISTIC,
    statement=PropertySet,  # type: ignore[type-abstract]
    starts_from="explicit losses with the property, differentiated exactly",
)
def small_losses(statement: PropertySet, task: Task) -> Finding:
    """Take one exact step of SGD for each loss; one that leaves the set refutes."""
    seen = 0
    for case in cases(statement):
        seen += 1
        if case.out != 0:
            return refuted(
                f"{_LOSSES}: one step of SGD leaves the set.",
                {"loss": case.loss, "theta": case.point, "set": case.set, "eta": "1"},
                "the step stays in the set",
                f"it is violated by {case.out}",
                case.out,
                effect=1.0,
                certified=True,
            )
    return confirmed(f"{_LOSSES}: the exact gradients of {seen} losses point along the set.", _EXACT)


@singledispatch
def cases(statement: PropertySet) -> Iterator[Case]:
    """Yield explicit losses with the property."""
    raise ClaimError(f"no losses for a statement of type {type(statement).__name__}")


@cases.register
def _(statement: FixedSetInvariant) -> Iterator[Case]:
    for kind in _KINDS[statement.kind]:
        for numbers in itertools.product((1, 0, -1, 2), repeat=4):
            matrix = sp.Matrix(2, 2, numbers)
            if kind is MatrixKind.SYMMETRIC and matrix != matrix.T:
                continue
            if kind is MatrixKind.ORTHOGONAL and matrix * matrix.T != sp.eye(2):
                continue
            # a linear loss is symmetric exactly when its gradient is fixed by the transpose
            for gradient in (matrix.T - sp.eye(2)).nullspace():
                out = (matrix - sp.eye(2)) * gradient
                loss = f"{gradient[0]}*theta_1 + {gradient[1]}*theta_2"
                yield Case(loss, "(0, 0)", f"Q theta = theta, Q = {matrix.tolist()}", max(out, key=abs))


@cases.register
def _(statement: TranslationInvariant) -> Iterator[Case]:
    one, two = sp.symbols("theta_1 theta_2", real=True)
    losses = [(one - 2 * two) ** 3 + one - 2 * two, sp.exp(2 * two - one)]
    if statement.by is Translations.ONE:
        losses.append(sp.sin(2 * sp.pi * two) + (one - 2 * two) ** 2)
    for loss, at in itertools.product(losses, ((0, 0), (1, sp.Rational(1, 3)))):
        slope = 2 * sp.diff(loss, one) + sp.diff(loss, two)
        yield Case(
            str(loss), str(at), f"2*theta_1 + theta_2 = {2 * at[0] + at[1]}", slope.subs({one: at[0], two: at[1]})
        )


@cases.register
def _(statement: InterpolatingPoint) -> Iterator[Case]:
    theta = sp.Symbol("theta", real=True)
    pairs = [((theta - 1) ** 2, (theta - 1) ** 2 * (theta + 3) ** 2), (1 - sp.cos(theta - 1), (theta**2 - 1) ** 4)]
    if statement.loss is SampleLoss.ANY:
        pairs.append((theta - 1, 1 - theta))
    for pair in pairs:
        assert sum(loss.subs(theta, 1) for loss in pair) == 0
        for loss in pair:
            out = sp.diff(loss, theta).subs(theta, 1)
            yield Case(f"one of {pair[0]} and {pair[1]}", "1", "theta = 1", out)
