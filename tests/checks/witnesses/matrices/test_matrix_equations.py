"""Textbook equations of matrices are proved and confirmed, near misses refuted, and what has no value is told."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import Identity, Inverse, MatrixSymbol, ZeroMatrix

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witnesses_for
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Integers, Positive, Real
from crossproof.derivations.statements.matrix_equations import MatrixEquation, MatrixGradient

n, k, m = sp.symbols("n k m", integer=True, positive=True)
s = sp.Symbol("s", positive=True)
c = sp.Symbol("c", real=True)
RANGES: dict[str, Any] = {"n": Integers(1), "k": Integers(1), "m": Integers(1), "s": Positive, "c": Real}
A, B, P = (MatrixSymbol(name, n, n) for name in "ABP")
U, V, C = MatrixSymbol("U", n, k), MatrixSymbol("V", k, n), MatrixSymbol("C", k, k)
X, W, Y, Z = MatrixSymbol("X", n, k), MatrixSymbol("W", m, k), MatrixSymbol("Y", m, n), MatrixSymbol("Z", k, n)
u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n, 1)
ONE = Identity(n)
INVERTIBLE = {"A": "invertible", "B": "invertible", "C": "invertible"}
DEFINITE = {"A": "positive-definite", "B": "positive-definite"}
FULL = {"X": "full-column-rank"}
TALL = {"k": Integers(1), "n": Integers(k)}
det, tr = sp.Determinant, sp.Trace
shift, downdate = tr(v.T * Inverse(A) * u), Inverse(A) * u * v.T * Inverse(A)
small = V * Inverse(A) * U
hat = X * Inverse(X.T * X) * X.T


def claim(statement: Any, ranges: dict[str, Any] = RANGES) -> Claim:
    used = {symbol.name for symbol in statement.free_symbols()}
    return Claim(
        "test.matrices",
        "t",
        Source("test", "here"),
        statement,
        Domain(**{a: r for a, r in ranges.items() if a in used}),
    )


def findings(statement: Any, ranges: dict[str, Any] = RANGES) -> list[Finding]:
    made = claim(statement, ranges)
    found = list(witnesses_for(made))
    assert len(found) == 2
    return [w.examine(statement, Task(made, effort("quick"), 0, "cpu", 1e-8, w.name)) for w in found]


def outcomes(statement: Any, ranges: dict[str, Any] = RANGES) -> set[Outcome]:
    return {f.outcome for f in findings(statement, ranges)}


def equation(
    lhs: Any, rhs: Any, kinds: dict[str, str] | None = None, invertible: tuple[Any, ...] = ()
) -> MatrixEquation:
    used = {symbol.name for e in (lhs, rhs) for symbol in sp.sympify(e).atoms(MatrixSymbol)}
    kinds = {name: kind for name, kind in (kinds or {}).items() if name in used}
    return MatrixEquation(lhs, sp.sympify(rhs), kinds=kinds, invertible=invertible)


#: True equations, each with a false right side: both sides as in textbooks (Petersen and Pedersen, 2012).
EQUATIONS = {
    "Woodbury": (
        equation(
            Inverse(A + U * C * V),
            Inverse(A) - Inverse(A) * U * Inverse(Inverse(C) + small) * V * Inverse(A),
            INVERTIBLE,
            (A + U * C * V,),
        ),
        Inverse(A) - Inverse(A) * U * Inverse(Inverse(C) - small) * V * Inverse(A),
    ),
    "push-through": (
        equation(Inverse(s * ONE + X * X.T) * X, X * Inverse(s * Identity(k) + X.T * X)),
        X * Inverse(s * Identity(k) + 2 * X.T * X),
    ),
    "Sherman-Morrison": (
        equation(Inverse(A + u * v.T), Inverse(A) - downdate / (1 + shift), INVERTIBLE, (A + u * v.T,)),
        Inverse(A) - downdate / (2 + shift),
    ),
    "parallel sum": (
        equation(Inverse(Inverse(A) + Inverse(B)), A - A * Inverse(A + B) * A, DEFINITE),
        A - A * Inverse(A + B) * B,
    ),
    "product of inverses": (equation(Inverse(A * B), Inverse(B) * Inverse(A), INVERTIBLE), Inverse(A) * Inverse(B)),
    "projection on columns": (equation(hat * hat, hat, FULL), 2 * hat),
    "degrees of freedom": (equation(tr(hat), k, FULL), n),
    "cyclic trace": (equation(tr(A * B * P), tr(P * A * B)), tr(B * A * P)),
    "determinant of a product": (equation(det(A * B), det(A) * det(B)), det(A) + det(B)),
    "determinant lemma": (equation(det(A + u * v.T), det(A) * (1 + shift), INVERTIBLE), det(A) * (1 - shift)),
    "Sylvester": (equation(det(ONE + X * Z), det(Identity(k) + Z * X)), det(Identity(k) - Z * X)),
    "rotation": (equation(Inverse(A), A.T, {"A": "orthogonal"}), A),
    "square of a rotation's determinant": (equation(det(A) ** 2, 1, {"A": "orthogonal"}), det(A)),
    "logarithms": (
        equation(sp.log(det(A * B)), sp.log(det(A)) + sp.log(det(B)), DEFINITE),
        sp.log(det(A)) - sp.log(det(B)),
    ),
    "skew form": (equation(u.T * A * u, ZeroMatrix(1, 1), {"A": "skew-symmetric"}), u.T * u),
    "complement": (equation((ONE - P) * P, ZeroMatrix(n, n), {"P": "projection"}), P),
    "scaled determinant": (equation(det(2 * A), 2**n * det(A)), 2 * det(A)),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_textbook_equations_are_proved_and_confirmed_and_near_misses_refuted(name: str) -> None:
    statement, wrong = EQUATIONS[name]
    ranges = TALL if "X" in dict(statement.kinds) else RANGES
    assert outcomes(statement, ranges) <= {Outcome.PROVED, Outcome.CONFIRMED, Outcome.UNDECIDED}
    assert (
        findings(statement, ranges)[0].outcome is Outcome.PROVED
        or findings(statement, ranges)[1].outcome is Outcome.PROVED
    )
    false = MatrixEquation(
        statement.lhs, sp.sympify(wrong), kinds=dict(statement.kinds), invertible=statement.invertible
    )
    assert outcomes(false, ranges) & {Outcome.REFUTED}
    assert not outcomes(false, ranges) & {Outcome.PROVED, Outcome.CONFIRMED}


def gradient(function: Any, variable: Any, value: Any, kinds: dict[str, str] | None = None) -> MatrixGradient:
    return MatrixGradient(function, variable, value, kinds=kinds or {})


loss = tr((W * Z - Y) * (W * Z - Y).T) / 2
GRADIENTS = {
    "linear": (gradient(tr(B * A), A, B.T), B),
    "quadratic": (gradient(tr(X.T * A * X), X, (A + A.T) * X), 2 * A * X),
    "log-determinant": (gradient(sp.log(det(A)), A, Inverse(A).T, {"A": "positive-definite"}), 2 * Inverse(A)),
    "determinant": (gradient(det(A), A, det(A) * Inverse(A).T, {"A": "invertible"}), det(A) * Inverse(A)),
    "trace of an inverse": (
        gradient(tr(Inverse(A) * B), A, -(Inverse(A) * B * Inverse(A)).T, {"A": "invertible"}),
        -Inverse(A) * B * Inverse(A),
    ),
    "ridge": (gradient(loss + s / 2 * tr(W * W.T), W, (W * Z - Y) * Z.T + s * W), (W * Z - Y) * Z.T + 2 * s * W),
    "product of traces": (
        gradient(tr(A) * tr(A.T * A), A, tr(A.T * A) * ONE + 2 * tr(A) * A),
        tr(A.T * A) * ONE + tr(A) * A,
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_textbook_gradients_are_proved_and_confirmed_and_near_misses_refuted(name: str) -> None:
    statement, wrong = GRADIENTS[name]
    assert Outcome.PROVED in outcomes(statement)
    assert outcomes(statement) <= {Outcome.PROVED, Outcome.CONFIRMED, Outcome.UNDECIDED}
    false = MatrixGradient(statement.function, statement.variable, wrong, kinds=dict(statement.kinds))
    assert Outcome.REFUTED in outcomes(false)
    assert not outcomes(false) & {Outcome.PROVED, Outcome.CONFIRMED}


def product(*factors: Any) -> Any:
    """Return a product as written: SymPy would make the identity of a matrix times its inverse."""
    return sp.MatMul(*factors, evaluate=False)


UNDEFINED = {
    "inverse of any matrix": equation(product(A, Inverse(A)), ONE),
    "shifted": equation(product(Inverse(ONE + A), ONE + A), ONE),
    "shifted, definite": equation(product(Inverse(ONE - A), ONE - A), ONE, {"A": "positive-definite"}),
    "parameter": equation(product(Inverse(c * A), A), ONE / c, INVERTIBLE),
    "semi-definite": equation(product(Inverse(A), A), ONE, {"A": "positive-semidefinite"}),
    "wide": equation(product(X, Inverse(X.T * X), X.T, X), X),
    "logarithm": equation(sp.log(det(A) ** 2), 2 * sp.log(det(A)), INVERTIBLE),
    "denominator": equation(sp.Mul(tr(A), sp.Pow(tr(A), -1), evaluate=False), 1, INVERTIBLE),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_has_no_value_for_some_matrices_is_never_proved_or_confirmed(name: str) -> None:
    found = outcomes(UNDEFINED[name])
    assert not found & {Outcome.PROVED, Outcome.CONFIRMED, Outcome.REFUTED}


@pytest.mark.parametrize("name", ["inverse of any matrix", "shifted", "parameter", "semi-definite"])
def test_singular_matrices_are_named(name: str) -> None:
    assert Outcome.UNDEFINED in outcomes(UNDEFINED[name])


def test_equations_that_hold_for_small_matrices_only_are_not_confirmed() -> None:
    commutator = A * B - B * A
    hall = equation(commutator * commutator * P, P * (commutator * commutator))
    small = findings(hall, RANGES | {"n": Integers(1, 2)})
    assert Outcome.REFUTED not in {f.outcome for f in small}
    assert Outcome.REFUTED in outcomes(hall)


def test_what_small_matrices_obey_by_their_size_is_refuted_or_open() -> None:
    """Cayley and Hamilton: A^2 - tr(A) A + (tr(A)^2 - tr(A^2))/2 = 0 for 2 x 2 matrices, and not for larger ones."""
    squared = A * A - tr(A) * A + (tr(A) ** 2 - tr(A * A)) / 2 * ONE
    statement = equation(squared, ZeroMatrix(n, n))
    assert Outcome.REFUTED in outcomes(statement)
    assert outcomes(statement, RANGES | {"n": Integers(1, 2)}) == {Outcome.UNDECIDED}


def test_nothing_is_asserted_of_matrices_that_do_not_exist() -> None:
    flat = RANGES | {"n": Integers(1), "k": Integers(1)}
    impossible = equation(A, 2 * A, {"A": "orthogonal"}, (A - A,))
    assert outcomes(impossible, flat) == {Outcome.UNDECIDED}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: equation(A, A, {"A": "hermitian"}), "choose one of"),
        (lambda: MatrixEquation(A, A, kinds={"Q": "orthogonal"}), "no matrix of the statement"),
        (lambda: equation(X, X, {"X": "orthogonal"}), "as many rows as columns"),
        (lambda: equation(X, X.T), "must be the same"),
        (lambda: equation(A, tr(A)), "times an identity"),
        (lambda: gradient(A, A, A), "give a number"),
        (lambda: gradient(tr(A), A, X), "of the shape"),
    ],
)
def test_statements_without_meaning_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        make()


SIX = [n - j for j in range(1, 7)]
CAYLEY = A * A - tr(A) * A + (tr(A) ** 2 - tr(A * A)) / 2 * ONE
#: False equations that hold at every small size, or for the first part of a kind.
HIDDEN = {
    "factors that vanish at small sizes": equation(product(*SIX, A), ZeroMatrix(n, n)),
    "traces of the identity": equation(product(*(tr(ONE) - j for j in range(1, 7)), A), ZeroMatrix(n, n)),
    "parameters at listed values": equation(
        product(*(c - sp.Rational(j, q) for j in range(-6, 7) for q in (1, 2, 3)), A), ZeroMatrix(n, n)
    ),
    "Cayley-Hamilton at 1 and 2": equation(product(*(n - j for j in range(3, 7)), CAYLEY), ZeroMatrix(n, n)),
    "rank of a projection": equation(tr(P), n - 1, {"P": "projection"}),
    "ranks of two projections": equation(tr(A), tr(B), {"A": "projection", "B": "projection"}),
    "singular projections": equation(det(P), 0, {"P": "projection"}),
    "singular semi-definite": equation(det(A), 0, {"A": "positive-semidefinite"}),
    "orientation": equation(det(A), -det(-ONE), {"A": "orthogonal"}),
    "sine of whole numbers": equation(sp.sin(sp.pi * tr(A)), 0),
    "ranks up to six": equation(sp.Mul(*(tr(P) - j for j in range(7))), 0, {"P": "projection"}),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_holds_at_the_first_sizes_and_parts_is_not_confirmed(name: str) -> None:
    larger = RANGES | {"n": Integers(2)} if "singular" in name or name == "rank of a projection" else RANGES
    assert not outcomes(HIDDEN[name], larger) & {Outcome.PROVED, Outcome.CONFIRMED}


def test_one_size_tells_no_power_of_the_size() -> None:
    six = RANGES | {"n": Integers(6)}
    for false in (equation(det(2 * A), 64 * det(A)), equation(tr(product(A, Inverse(A))), 6, INVERTIBLE)):
        assert outcomes(false, six) == {Outcome.UNDECIDED}
    assert Outcome.PROVED in outcomes(equation(det(2 * A), 2**n * det(A)), six)


def test_derivatives_where_there_are_none_prove_nothing() -> None:
    steps = gradient(sp.Max(tr(A), 0), A, sp.Max(sp.Min(tr(A), 1), 0) * ONE)
    assert not outcomes(steps) & {Outcome.PROVED, Outcome.CONFIRMED}
    flat = gradient(sp.floor(tr(A)), A, ZeroMatrix(n, n))
    assert any("no differential" in found.detail for found in findings(flat))
    assert outcomes(flat) == {Outcome.UNDECIDED}
    for number in (A[0, 0], sp.Permanent(A)):
        with pytest.raises(ClaimError, match="trace or determinant alone"):
            gradient(number, A, ZeroMatrix(n, n))


def test_a_matrix_may_be_called_like_what_a_proof_brings_in() -> None:
    named = MatrixSymbol("inverse 0", n, n)
    assert Outcome.REFUTED in outcomes(equation(Inverse(A) * named, Inverse(A) * Inverse(A), INVERTIBLE))
    assert not outcomes(equation(Inverse(A) * named, Inverse(A) * Inverse(A), INVERTIBLE)) & {Outcome.PROVED}
