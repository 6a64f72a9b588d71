"""Exact rational matrices of the stated kinds: a counterexample, or agreement at the sizes that were looked at."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ....derivations.errors import ClaimError, UndefinedError
from ....derivations.statements.matrix_equations import MatrixAssertion, MatrixEquation, MatrixGradient
from ....numerics.exact.point_forms import exactly_zero
from ....numerics.exact_matrices import exact_value
from ...evidence import Finding, Kind
from ...judgement.coefficients import untold, without_value
from ...judgement.comparison import compare
from ...judgement.degrees import degrees, total, untold_degree
from ...judgement.findings import confirmed, refuted, undecided
from ...meaning.inverses import MatrixPoint, matrix_points, numbers_of, symbols, without_inverses
from ...witness import Task, witness

_METHOD = "exact matrices"
#: Points that are looked at, and resolution of exact equality, where a positive number has to be named.
_POINTS, _EXACT = 28, 2.0**-1000
#: Share of the seconds of algebra after which no further point is begun.
_SHARE = 5
#: Most entries of a matrix in each of which slopes are taken.
_SINGLE = 4
#: Size up to which matrices are seen in expressions with inverses and determinants.
_COMMON = 3


@witness(
    _METHOD,
    kind=Kind.DETERMINISTIC,
    statement=MatrixAssertion,  # type: ignore[type-abstract]
    starts_from="both sides at explicit rational matrices, slopes of the function along lines through them, exactly",
)
def exact_matrices(statement: MatrixEquation | MatrixGradient, task: Task) -> Finding:
    """Compare both sides entry by entry, or a gradient with slopes, at explicit matrices; a difference refutes."""
    domain, seen, left, start = task.claim.domain, [], "", time.thread_time()
    try:
        for point in itertools.islice(matrix_points(statement, domain), _POINTS):
            try:
                pairs = list(_pairs(statement, point))
            except UndefinedError:
                continue  # what has no value is told below
            for what, stated, found in pairs:
                told = compare(sp.sympify(stated), sp.sympify(found), {})
                if told.outcome == "differ":
                    return refuted(
                        f"{_METHOD}: {what} differs.", point.text(), str(stated), str(found), f"{stated} - ({found})",
                        effect=told.effect or 1.0, certified=True,
                    )  # fmt: skip
                if stated != found and not exactly_zero(stated - found, {}):
                    left = left or f"{what} was neither separated from the statement nor shown equal"
            seen.append(point)
            if time.thread_time() - start > task.effort.algebra_seconds / _SHARE:
                break
    except ClaimError as error:
        return undecided(f"{_METHOD}: {error}.")
    missing = without_value(numbers_of(statement), domain, _METHOD) or without_inverses(statement, domain, _METHOD)
    if missing is not None:
        return missing
    if not seen:
        return undecided(f"{_METHOD}: no matrices of the stated kinds were found.")
    left = left or untold(numbers_of(statement), [p.numbers for p in seen]) or _too_small(statement, seen)
    if left:
        return undecided(f"{_METHOD}: both sides agree at {len(seen)} points, but {left}.")
    return confirmed(f"{_METHOD}: both sides agree exactly at {len(seen)} points.", _EXACT)


def _pairs(statement: MatrixEquation | MatrixGradient, point: MatrixPoint) -> Iterator[tuple[str, Any, Any]]:
    """Yield what is compared, the printed value and the value found."""
    if isinstance(statement, MatrixEquation):
        stated, found = point.value(statement.rhs), point.value(statement.lhs)
        if isinstance(stated, sp.MatrixBase):
            for k in itertools.product(*map(range, stated.shape)):
                yield f"entry ({k[0] + 1}, {k[1] + 1})", stated[k], found[k]
        else:
            yield "the value", stated, found
        return
    stated, t = point.value(statement.value), sp.Symbol("t", real=True)
    for what, direction in _directions(*stated.shape):
        moved = {**point.matrices, statement.variable.name: point.matrices[statement.variable.name] + t * direction}
        along = exact_value(statement.function, moved, point.numbers)
        yield what, (direction.T * stated).trace(), sp.diff(along, t).subs(t, 0)


def _directions(rows: int, columns: int) -> Iterator[tuple[str, Any]]:
    """Yield matrices in whose directions slopes are taken: single entries, in a large matrix only a general one."""
    if rows * columns > _SINGLE:
        entries = [(-1) ** k * (k % 3 + 1) for k in range(rows * columns)]
        yield f"the slope along {entries}", sp.Matrix(rows, columns, entries)
        return
    for i, j in itertools.product(range(rows), range(columns)):
        yield f"entry ({i + 1}, {j + 1})", sp.Matrix(rows, columns, lambda r, c, at=(i, j): int((r, c) == at))


def _too_small(statement: MatrixEquation | MatrixGradient, seen: list[MatrixPoint]) -> str:
    """Return why the sizes and numbers that were seen do not tell other expressions apart; empty where they do.

    A polynomial of degree d in n x n matrices, their transposes and traces that vanishes for all of them for one n > d
    vanishes for every n (Procesi, Adv. Math. 19 (1976) 306). Other expressions have no such bound. Where numbers or
    sizes stand in factors, those vanish by themselves at some sizes, and only larger ones than d say more.
    """
    plain = set(dict(statement.kinds).values()) <= {"symmetric", "skew-symmetric"}
    sides = _sides(statement)
    rough = any(side.has(sp.Determinant, sp.Function) for side in sides)
    found = total((degrees(side, plain=plain) for side in sides), rough=rough)
    if found is None:
        return "one of them is no rational expression of matrices and numbers"
    least = 1 + found.letters
    if found.numbers:
        numbers = set().union(*(e.free_symbols for e in numbers_of(statement) if isinstance(e, sp.Expr)))
        sizes = set().union(*(size.free_symbols for symbol in symbols(statement) for size in symbol.shape))
        large = [p.numbers for p in seen if all(size.subs(p.numbers) >= least for size in sizes)]
        return untold_degree(found.numbers, numbers | (sizes if found.sized else set()), large)
    if not plain or any(side.has(sp.Inverse, sp.Determinant, sp.Pow) for side in sides):
        least = _COMMON
    largest: dict[str, int] = {}
    for point in seen:
        for name, matrix in point.matrices.items():
            largest[name] = max(largest.get(name, 0), *matrix.shape)
    small = [name for name, size in largest.items() if size < least]
    return f"{small[0]} has at most {largest[small[0]]} rows and columns in them" if small else ""


def _sides(statement: MatrixEquation | MatrixGradient) -> tuple[Any, ...]:
    return tuple(getattr(statement, name) for name in ("lhs", "rhs", "function", "value") if hasattr(statement, name))
