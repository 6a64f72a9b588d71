"""Exact rational arithmetic on small networks and matrices: confirmation at listed shapes, or a counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, singledispatch
from math import inf
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.domain import Domain
from ....derivations.errors import ClaimError, DomainError, NumericsError
from ....derivations.statements.networks import (
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)
from ....numerics.exact.point_forms import exactly_zero
from ....numerics.exact.values import value_at_precision
from ....numerics.matrices import Rational, Values, evaluate, stack_columns
from ....numerics.networks.named import end_to_end
from ...evidence import Finding, Kind
from ...judgement.coefficients import coefficients, untold_numbers, without_value
from ...judgement.comparison import Comparison, compare
from ...judgement.exact import value_text
from ...judgement.findings import confirmed, refuted, undecided
from ...witness import Task, witness
from .exact_networks import EXACT, ExactNetwork, entries, exact_networks, filled, text

_METHOD = "exact small networks"
#: Bits of the numbers that are only shown, and longest exact number that is shown as it is.
_BITS, _LONGEST = 128, 60


@dataclass(frozen=True)
class Case:
    """One comparison: the printed value, the value found, the exact point in words, and its sizes and parameters."""

    what: str
    point: Mapping[str, str]
    stated: Any
    found: Any
    scalars: Mapping[sp.Symbol, Any]


@witness(
    _METHOD,
    kind=Kind.DETERMINISTIC,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="the loss in rational arithmetic, differenced exactly, on small explicit networks and data",
)
def exact_small_networks(statement: MatrixStatement, task: Task) -> Finding:
    """Compare printed and exact values entry by entry at small shapes; the first difference refutes."""
    meaningless = without_value(coefficients(statement), task.claim.domain, _METHOD)
    seen: list[Case] = []
    left, worst = "", EXACT
    try:
        for part in getattr(statement, "parts", (statement,)):
            first = len(seen)
            for case in cases(part, task.claim.domain):
                seen.append(case)
                if case.stated.shape != case.found.shape:
                    raise NumericsError(
                        f"{case.what} has shape {case.found.shape}, the printed one {case.stated.shape}"
                    )
                for index in np.ndindex(*case.stated.shape):
                    told = _compared(case.stated[index], case.found[index])
                    if told.outcome == "differ":
                        return _refuted(case, index)
                    if told.outcome == "agree":
                        worst = max(worst, 2.0**-told.bits)
                    else:
                        left = left or f"{case.what} was neither separated from the statement nor shown equal"
            left = left or untold_numbers(part, [case.scalars for case in seen[first:]])
    except DomainError:
        # beyond the points without a value, which are told below
        if meaningless is None:
            raise
    if meaningless is not None:
        return meaningless
    if not seen:
        return undecided(f"{_METHOD}: no shape on the list lies in the domain.")
    shapes = "; ".join(dict.fromkeys(case.point["shapes"] for case in seen))
    if left:
        return undecided(f"{_METHOD}: what is told agrees at the shapes {shapes}, but {left}.")
    return confirmed(
        f"{_METHOD}: every entry agrees exactly at one rational point for each of the shapes {shapes}.", worst
    )


def _compared(stated: Any, found: Any) -> Comparison:
    """Compare two exact numbers: rational ones by equality, irrational ones by balls."""
    if not (isinstance(stated, sp.Expr) or isinstance(found, sp.Expr)):
        return Comparison("agree", bits=inf) if stated == found else Comparison("differ")
    one, other = sp.sympify(stated), sp.sympify(found)
    told = compare(one, other, {})
    if told.outcome in ("open", "zero") and exactly_zero(one - other, {}):
        return Comparison("agree", bits=inf)
    return told


def all_zero(matrix: Any) -> bool:
    """Return whether every entry of a matrix of exact numbers is 0.

    Raises
    ------
    NumericsError
        If an irrational entry is neither 0 exactly nor separated from it.
    """
    told = [_compared(entry, 0) for entry in matrix.flat]
    if any(t.outcome == "differ" for t in told):
        return False
    if any(t.outcome != "agree" for t in told):
        raise NumericsError("whether an irrational entry is 0 is not told")
    return True


@singledispatch
def cases(statement: MatrixStatement, domain: Domain) -> Iterator[Case]:
    """Yield exact comparisons, simplest shapes first."""
    raise ClaimError(f"no exact evaluation for a statement of type {type(statement).__name__}")


@cases.register
def _(statement: MatrixIdentity, domain: Domain) -> Iterator[Case]:
    symbols = sorted(set().union(*(e.atoms(sp.MatrixSymbol) for e in statement.expressions())), key=lambda s: s.name)
    for scalars in domain.points(20):
        fill = entries()
        sizes = {s.name: [int(k.subs(scalars)) for k in s.shape] for s in symbols}
        matrices = {name: filled(rows, columns, fill) for name, (rows, columns) in sizes.items()}
        values = Values(Rational(), matrices, scalars)
        yield Case(
            "the two sides",
            {"shapes": _text_point(scalars), **{k: text(v) for k, v in matrices.items()}},
            evaluate(statement.rhs, values),
            evaluate(statement.lhs, values),
            scalars,
        )


@cases.register
def _(statement: LayerGradient, domain: Domain) -> Iterator[Case]:
    for made in exact_networks(statement.setting, (statement.layer,), domain):
        shape = stack_columns if statement.stacked else np.asarray
        what = f"the gradient for layer {statement.layer} of {statement.of}"
        if statement.of is GradientOf.MODE:
            u, v = filled(len(made.weights[-1]), 1, entries(1)), filled(made.weights[0].shape[1], 1, entries(2))
            values = made.values_with({"u": u, "v": v})
            amplitude = partial(_amplitude, u, v)
            found = made.once(
                ("amplitude gradient", statement.layer), partial(made.gradient, statement.layer, amplitude)
            )
            point = {**made.point, "u": text(u), "v": text(v)}
            yield Case(what, point, evaluate(statement.value, values), shape(found), made.scalars)
            continue
        samples = made.loss_gradient(statement.layer)
        mean = made.mean(samples)
        if statement.of is GradientOf.MEAN:
            yield Case(what, made.point, evaluate(statement.value, made.values), shape(mean), made.scalars)
            continue
        table = made.table()
        centre = mean if statement.of is GradientOf.NOISE else 0
        for s in sorted({round(k * (len(samples) - 1) / 5) for k in range(6)}):
            data = table[s]
            point = {**made.point, **{k: text(v) for k, v in data.items()}}
            stated = evaluate(statement.value, made.values_with(data))
            yield Case(what, point, stated, shape(samples[s] - centre), made.scalars)


@cases.register
def _(statement: NetworkJacobian, domain: Domain) -> Iterator[Case]:
    for made in exact_networks(statement.setting, (statement.layer,), domain):
        slopes = made.once(("Jacobian", statement.layer), partial(made.gradient, statement.layer, _stacked_product))
        found = np.stack([stack_columns(row)[:, 0] for row in slopes])
        what = f"the Jacobian for layer {statement.layer}"
        yield Case(what, made.point, evaluate(statement.value, made.values), found, made.scalars)


@cases.register
def _(statement: GradientNoiseCovariance, domain: Domain) -> Iterator[Case]:
    names = tuple(dict.fromkeys((*statement.rows, *statement.columns)))
    for made in exact_networks(statement.setting, names, domain):
        found = made.once((statement.rows, statement.columns), partial(_covariance, statement, made))
        what = f"the covariance of layers {', '.join(statement.rows)} and {', '.join(statement.columns)}"
        yield Case(what, made.point, evaluate(statement.value, made.values), found, made.scalars)


def _amplitude(u: Any, v: Any, weights: Sequence[Any]) -> Any:
    return (u.T @ end_to_end(weights) @ v)[0, 0]


def _stacked_product(weights: Sequence[Any]) -> Any:
    return stack_columns(end_to_end(weights))[:, 0]


def _covariance(statement: GradientNoiseCovariance, made: ExactNetwork) -> Any:
    names = dict.fromkeys((*statement.rows, *statement.columns))
    columns = {name: made.loss_gradient(name).swapaxes(1, 2).reshape(len(made.x), -1) for name in names}
    left, right = (
        np.concatenate([columns[name] - made.mean(columns[name]) for name in stack], axis=1)
        for stack in (statement.rows, statement.columns)
    )
    return (left * made.probabilities[:, None]).T @ right


def _text_point(scalars: Mapping[sp.Symbol, Any]) -> str:
    return ", ".join(f"{symbol}={value}" for symbol, value in scalars.items())


def _refuted(case: Case, index: tuple[int, ...]) -> Finding:
    difference = case.stated - case.found
    largest = [max(map(_size, matrix.flat)) for matrix in (difference, case.stated, case.found)]
    where = ", ".join(str(k + 1) for k in index)
    return refuted(
        f"{_METHOD}: {case.what} differs from the statement in exact arithmetic.",
        case.point,
        f"entry ({where}) of {case.what} = {_shown(case.stated[index])}",
        f"entry ({where}) of {case.what} = {_shown(case.found[index])}",
        _shown(difference[index]),
        effect=float(largest[0] / max(largest[1:])),
        certified=True,
    )


def _size(number: Any) -> Any:
    return abs(value_at_precision(sp.sympify(number), {}, _BITS).ball).mid()


def _shown(number: Any) -> str:
    exact = str(number)
    return exact if len(exact) <= _LONGEST else value_text(sp.sympify(number), {})
