"""Arguments about matrices of every size: words, the rules that their inverses and kinds give, and normal forms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.matrices.inverses import Letters
from ....derivations.matrices.matrix_calculus import Sides, sides_of_equation, sides_of_gradient
from ....derivations.matrices.rewriting import Terms
from ....derivations.matrices.trace_numbers import Numbers
from ....derivations.matrices.words import Word
from ....derivations.statements.matrix_equations import MatrixEquation, MatrixGradient
from ..model import Step
from .lines import line
from .products import formula, inverse, matrices, product, trace

#: CPU seconds for the completion of the rules, and rules that are written out.
_SECONDS, _RULES = 1.0, 8


def equation(statement: MatrixEquation, domain: Domain) -> Iterator[Step]:
    """Yield both sides in words, the rules for their letters, and the normal forms that these give."""
    facts = statement.facts(domain)
    sides = sides_of_equation(statement.lhs, statement.rhs, facts, _SECONDS)
    yield from _reduced(sides, "left side", "right side")


def gradient(statement: MatrixGradient, domain: Domain) -> Iterator[Step]:
    """Yield the matrix G of the differential tr(EᵀG) beside the stated one, and their normal forms."""
    sides = sides_of_gradient(
        statement.function, statement.variable, statement.value, statement.facts(domain), _SECONDS
    )
    name = statement.variable.name
    yield Step(f"moved along any E, {name} + tE, the function has the slope tr(EᵀG) at t = 0", "")
    yield from _reduced(sides, "G, by the differentials of products, inverses and determinants", "gradient as stated")


def _reduced(sides: Sides, left: str, right: str) -> Iterator[Step]:
    names = _names(sides.letters)
    for terms, letter in sides.letters.inverses:
        yield line("the inverse that is written as one letter", f"{names[letter.name]} = {inverse(terms, names)}")
    used: dict[Word, Terms] = {}
    numbers = Numbers(sides.letters, partial(sides.rules.reduced, used=used))
    words = isinstance(sides.left, dict)
    both: list[Any] = [
        {w: numbers.canonical(c) for w, c in sides.rules.reduced(side, used).items()} if words
        else numbers.canonical(side)
        for side in (sides.left, sides.right)
    ]  # fmt: skip
    for word, terms in sorted(used.items(), key=lambda item: (len(item[0]), item[0]))[:_RULES]:
        told = rf"{product(word, names)} \to {matrices(terms, names)}"
        yield line("a rule that the inverses and the kinds of the matrices give", told)
    names |= _of_numbers(numbers, names)
    for what, before, after in zip((left, right), (sides.left, sides.right), both, strict=True):
        written = _written(before, names)
        yield line(what, written)
        if (normal := _written(after, names)) != written:
            yield line("in normal form", normal)
    if sides.equal and both[0] == both[1]:
        yield Step("both normal forms are the same, for matrices of every size", "")
    elif sides.equal:
        yield Step("with numbers between the products of size 1 both normal forms are the same" if words else
                   "the difference of both normal forms is 0", "")  # fmt: skip
    elif both[0] != both[1]:
        yield Step("the normal forms differ", "")


def _written(side: Any, names: dict[Any, str]) -> str:
    return matrices(side, names) if isinstance(side, dict) else formula(side, names)


def _names(letters: Letters) -> dict[Any, str]:
    """Return how letters of inverses, and placeholders of traces and determinants, are written."""
    taken = {name[0] for name in letters.shapes}
    base = next(c for c in "ZYXWVUTSRQPONMLKHFEDCBA" if c not in taken)
    found: dict[Any, str] = {letter.name: f"{base}_{{{k}}}" for k, (_, letter) in enumerate(letters.inverses, 1)}
    found |= {symbol: rf"\det {formula(sp.Symbol(name))}" for name, symbol in letters.determinants.items()}
    for symbol, part in letters.parts.items():
        inside = matrices(part.terms, found)
        found[symbol] = (
            rf"\det\left(I + {inside}\right)" if part.determinant else rf"\mathrm{{tr}}\left({inside}\right)"
        )
    return found


def _of_numbers(numbers: Numbers, names: dict[Any, str]) -> dict[Any, str]:
    found: dict[Any, str] = {}
    for key, symbol in numbers.named.items():
        if key[0] == "trace":
            found[symbol] = trace(key[1], names)
        elif len(key) == 3:
            found[symbol] = rf"\det\left(I + {matrices({key[1]: key[2]}, names)}\right)"
        else:
            found[symbol] = rf"\det\left(I + {matrices(dict(key[1]), names)}\right)"
    return found
