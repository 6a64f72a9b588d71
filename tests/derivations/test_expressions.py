"""The canonical form has the value of the written one; floats are the decimals that they print as."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof import SDE, Above, Claim, Domain, Real, Source, positive, real
from crossproof.derivations.expressions import as_printed, canonical, exact
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.extrema import Inequality, LocalExtrema
from crossproof.derivations.statements.processes import ExpectationAtAllTimes
from crossproof.derivations.statements.scalar import Identity

x, y, t = real("x"), real("y"), positive("t")


def _product(*factors: Any) -> sp.Expr:
    return sp.Mul(*factors, evaluate=False)


def _claim(statement: Statement, **ranges: Any) -> Claim:
    return Claim("test.decimal", "t", Source("test", "here"), statement, Domain(**(ranges or {"x": Real})))


@pytest.mark.parametrize(
    ("written", "form"),
    [
        (_product(x, 1 / x), sp.Integer(1)),
        (sp.Pow(sp.Pow(x, 2, evaluate=False), sp.Rational(1, 2), evaluate=False), sp.Abs(x)),
        (sp.exp(sp.log(t, evaluate=False), evaluate=False), t),
        (sp.Piecewise((_product(x, x), x > 0), (sp.Add(x, -x, evaluate=False), True)), None),
        (sp.Integral(_product(x, x), (x, 0, t)), sp.Integral(x**2, (x, 0, t))),
        (sp.Trace(sp.MatrixSymbol("A", 2, 2)), sp.Trace(sp.MatrixSymbol("A", 2, 2))),
        (sp.ImmutableMatrix([[_product(x, x)]]), sp.ImmutableMatrix([[x**2]])),
    ],
)
def test_the_canonical_form_is_what_sympy_evaluates(written: Any, form: Any) -> None:
    again = canonical(written)
    assert again == (sp.Piecewise((x**2, x > 0), (0, True)) if form is None else form)
    assert canonical(again) == again


def test_a_relation_is_not_decided() -> None:
    relation = sp.Gt(_product(t, 1 / t), 0, evaluate=False)
    assert canonical(relation) == sp.Gt(1, 0, evaluate=False)
    assert canonical(relation) != sp.true


def test_what_is_canonical_is_printed_as_ever() -> None:
    for expr in (1 + x + x**2, x / (1 + y), sp.exp(-(x**2) / 2)):
        assert as_printed(expr) == sp.latex(expr)


def test_floats_in_a_claim_are_the_decimals_that_they_print_as() -> None:
    tenth = sp.Float(0.1)
    identity = _claim(Identity(sp.Add(tenth * x, 0.2 * x, evaluate=False), 0.3 * x)).statement
    assert isinstance(identity, Identity)
    assert canonical(identity.lhs) == canonical(identity.rhs) == 3 * x / 10
    assert sp.Rational("0.333333333333333") == exact(sp.Float(1 / 3))
    assert exact(x**2 + 0.5 * x) == x**2 + x / 2
    assert exact(sp.Float("0.1", 40) * x) == x / 10


def test_floats_are_read_wherever_they_stand() -> None:
    law = _claim(
        ExpectationAtAllTimes(SDE(x, -0.1 * x, 0.5), x, t, sp.Float(2.0), 2.0 * sp.exp(-0.1 * t)), t=Above(0.25)
    )
    assert repr(law.statement) == repr(
        ExpectationAtAllTimes(SDE(x, -x / 10, sp.Rational(1, 2)), x, t, sp.Integer(2), 2 * sp.exp(-t / 10))
    )
    assert law.domain.ranges[t] == Above(sp.Rational(1, 4))
    assert _claim(Inequality(sp.Ge(x**2, -0.5, evaluate=False))).statement == Inequality(
        sp.Ge(x**2, -sp.Rational(1, 2), evaluate=False)
    )
    extrema = _claim(LocalExtrema((x - 0.1) ** 2, x, minima=(sp.Float(0.1),)), y=Real).statement
    assert extrema == LocalExtrema((x - sp.Rational(1, 10)) ** 2, x, minima=(sp.Rational(1, 10),))


def test_reading_decimals_evaluates_nothing_that_is_kept_as_written() -> None:
    written = sp.Mul(sp.Float(0.5), x, sp.Pow(x, -1), evaluate=False)
    assert str(exact(written)) == "x/(2*x)"


def test_what_holds_no_float_is_left_alone() -> None:
    statement = Identity(_product(x, 1 / x), sp.Integer(1))
    assert exact(statement) is statement
    equation = SDE(x, -x, 1)
    assert exact((equation, "words", None)) == (equation, "words", None)
