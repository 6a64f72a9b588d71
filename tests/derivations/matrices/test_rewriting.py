"""Completed rules prove what follows from equations, and nothing that does not."""

from __future__ import annotations

import sympy as sp

from crossproof.derivations.matrices.rewriting import Rewriting, plus
from crossproof.derivations.matrices.words import Letter

a, b, x, y = (Letter(name) for name in "abxy")
ONE = {(): sp.S.One}
c = sp.Symbol("c", real=True)


def word(*letters: Letter) -> dict:
    return {letters: sp.S.One}


def inverse(of: Letter, letter: Letter) -> list[dict]:
    return [plus(word(of, letter), ONE, sp.Integer(-1)), plus(word(letter, of), ONE, sp.Integer(-1))]


def shown(equations: list[dict], goal: dict, nonzero: bool = True) -> bool:
    return not Rewriting(lambda number: nonzero or number.is_Rational).prove(equations, [goal], 2.0)


def test_what_commutes_with_a_matrix_commutes_with_its_inverse() -> None:
    commute = plus(word(a, b), word(b, a), sp.Integer(-1))
    assert shown([*inverse(a, x), commute], plus(word(x, b), word(b, x), sp.Integer(-1)))
    assert not shown([*inverse(a, x), commute], plus(word(x, b), word(b, x), sp.Integer(1)))
    assert not shown(inverse(a, x), plus(word(x, b), word(b, x), sp.Integer(-1)))


def test_two_inverses_of_one_matrix_are_equal() -> None:
    goal = plus(word(x), word(y), sp.Integer(-1))
    assert shown([plus(word(x, a), ONE, sp.Integer(-1)), plus(word(a, y), ONE, sp.Integer(-1))], goal)
    assert not shown([plus(word(a, x), ONE, sp.Integer(-1)), plus(word(a, y), ONE, sp.Integer(-1))], goal)


def test_nothing_is_divided_by_a_number_that_may_vanish() -> None:
    equations = [{(a,): c}]
    assert shown(equations, word(a))
    assert not shown(equations, word(a), nonzero=False)


def test_equations_that_no_matrices_satisfy_prove_nothing() -> None:
    rules = Rewriting(lambda number: True)
    assert rules.prove([word(a), plus(word(a), ONE)], [word(b)], 2.0) == [word(b)]
    assert not rules.consistent
