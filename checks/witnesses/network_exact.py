"""Exact rational arithmetic on small networks and matrices: confirmation at listed shapes, or a counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, singledispatch
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import ClaimError
from ...derivations.statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)
from ...numerics.balls import enclose
from ...numerics.matrices import Rational, Values, evaluate, stack_columns
from ...numerics.network_matrices import chain
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact_networks import ExactNetwork, entries, exact_networks, filled, samples_by_name, text
from ..witness import Task, witness

#: Exactness makes any relative deviation larger than rounding of the report visible.
RESOLUTION = 1e-12


@dataclass(frozen=True)
class Case:
    """One comparison: the printed value, the value found, and the exact point."""

    what: str
    point: Mapping[str, str]
    stated: Any
    found: Any


@witness(
    "exact small networks",
    kind=Kind.DETERMINISTIC,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="the loss in rational arithmetic, differenced exactly, on small explicit networks and data",
)
def exact_small_networks(statement: MatrixStatement, task: Task) -> Finding:
    """Compare printed and exact values entry by entry at small shapes; the first difference refutes."""
    shapes = []
    for case in cases(statement, task.claim.domain):
        shapes.append(case.point["shapes"])
        difference = case.stated - case.found
        differs = {index: _differs(difference[index]) for index in np.ndindex(*difference.shape)}
        if True in differs.values():
            return _refuted(case, difference, next(index for index, answer in differs.items() if answer))
        if None in differs.values():
            what = f"{case.what} was neither separated from the statement nor shown equal"
            return Finding(Outcome.UNDECIDED, f"exact small networks: {what}.")
    if not shapes:
        return Finding(Outcome.UNDECIDED, "exact small networks: no shape on the list lies in the domain.")
    listed = "; ".join(dict.fromkeys(shapes))
    return Finding(
        Outcome.CONFIRMED,
        f"exact small networks: every entry agrees exactly at one rational point for each of the shapes {listed}.",
        resolution=RESOLUTION,
    )


def _differs(gap: Any) -> bool | None:
    """Return whether an exact number differs from 0; None for an irrational one that no ball separates from it."""
    if not isinstance(gap, sp.Expr):
        return bool(gap != 0)
    number = sp.expand(gap)
    if number.is_Rational:
        return bool(number != 0)
    return None if enclose(number, {}).contains(0) else True


@singledispatch
def cases(statement: MatrixStatement, domain: Domain) -> Iterator[Case]:
    """Yield exact comparisons, simplest shapes first."""
    raise ClaimError(f"no exact evaluation for a statement of type {type(statement).__name__}")


@cases.register
def _(statement: AllOf, domain: Domain) -> Iterator[Case]:
    for part in statement.parts:
        yield from cases(part, domain)


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
        )


@cases.register
def _(statement: LayerGradient, domain: Domain) -> Iterator[Case]:
    for made in exact_networks(statement.setting, (statement.layer,), domain):
        shape = stack_columns if statement.stacked else np.asarray
        what = f"the gradient for layer {statement.layer} of {statement.of}"
        if statement.of is GradientOf.MODE:
            u, v = filled(len(made.weights[-1]), 1, entries(1)), filled(made.weights[0].shape[1], 1, entries(2))
            values = Values(Rational(), {**made.values.matrices, "u": u, "v": v}, made.values.scalars)
            amplitude = partial(_amplitude, u, v)
            found = made.once(
                ("amplitude gradient", statement.layer), partial(made.gradient, statement.layer, amplitude)
            )
            point = {**made.point, "u": text(u), "v": text(v)}
            yield Case(what, point, evaluate(statement.value, values), shape(found))
            continue
        samples = made.loss_gradient(statement.layer)
        mean = made.mean(samples)
        if statement.of is GradientOf.MEAN:
            yield Case(what, made.point, evaluate(statement.value, made.values), shape(mean))
            continue
        table = samples_by_name(made.setting, made.x, made.y if made.noise is None else made.noise)
        centre = mean if statement.of is GradientOf.NOISE else 0
        for s in sorted({round(k * (len(samples) - 1) / 5) for k in range(6)}):
            data = table[s]
            values = Values(Rational(), {**made.values.matrices, **data}, made.values.scalars)
            point = {**made.point, **{k: text(v) for k, v in data.items()}}
            yield Case(what, point, evaluate(statement.value, values), shape(samples[s] - centre))


@cases.register
def _(statement: NetworkJacobian, domain: Domain) -> Iterator[Case]:
    for made in exact_networks(statement.setting, (statement.layer,), domain):
        slopes = made.once(("Jacobian", statement.layer), partial(made.gradient, statement.layer, _stacked_product))
        found = np.stack([stack_columns(row)[:, 0] for row in slopes])
        yield Case(
            f"the Jacobian for layer {statement.layer}", made.point, evaluate(statement.value, made.values), found
        )


@cases.register
def _(statement: GradientNoiseCovariance, domain: Domain) -> Iterator[Case]:
    names = tuple(dict.fromkeys((*statement.rows, *statement.columns)))
    for made in exact_networks(statement.setting, names, domain):
        found = made.once((statement.rows, statement.columns), partial(_covariance, statement, made))
        what = f"the covariance of layers {', '.join(statement.rows)} and {', '.join(statement.columns)}"
        yield Case(what, made.point, evaluate(statement.value, made.values), found)


def _amplitude(u: Any, v: Any, weights: Sequence[Any]) -> Any:
    return (u.T @ chain(weights) @ v)[0, 0]


def _stacked_product(weights: Sequence[Any]) -> Any:
    return stack_columns(chain(weights))[:, 0]


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


def _refuted(case: Case, difference: Any, index: tuple[int, ...]) -> Finding:
    scale = max((abs(float(v)) for side in (case.stated, case.found) for v in side.flat), default=0.0)
    gap = max(abs(float(v)) for v in difference.flat)
    where = ", ".join(str(k + 1) for k in index)
    return Finding(
        Outcome.REFUTED,
        f"exact small networks: {case.what} differs from the statement in exact arithmetic.",
        effect=gap / scale,
        counterexample=Counterexample(
            dict(case.point),
            f"entry ({where}) of {case.what} = {case.stated[index]}",
            f"entry ({where}) of {case.what} = {case.found[index]}",
            str(difference[index]),
        ),
    )
