"""Lines of an argument: a formula with its name, and two sides with their difference in normal form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from ....checks.judgement.normal_forms import normal_forms
from ....derivations.domain import Domain
from ....derivations.expressions import as_printed, canonical
from ....derivations.positivity import sign_on
from ....numerics.exact.rational import vanishes_identically
from ..model import Step
from ..wording import spelled

#: Characters of the LaTeX of a formula from which on its length stands in its place.
_LONGEST = 2000
#: Operations of an expression up to which a shorter form is looked for.
_SHORTENED = 120


def line(words: str, formula: Any) -> Step:
    """Return a formula with what it is; a very long one is named by its length."""
    latex = formula if isinstance(formula, str) else spelled(sp.latex(formula))
    if len(latex) <= _LONGEST:
        return Step(words, latex)
    return Step(f"{words}, a formula of {len(latex):,} characters", "")


def shorter(expr: sp.Expr) -> sp.Expr:
    """Return an expression in factors where that makes it shorter."""
    expr = sp.sympify(expr)
    if not expr.free_symbols or expr.count_ops() > _SHORTENED:
        return expr
    factors = sp.factor(expr)
    return factors if factors.count_ops() < expr.count_ops() else expr


def compared(what: str, stated: Any, found: Any, how: str = "that follows") -> Iterator[Step]:
    """Yield what is stated, what follows without it, and their difference where a normal form makes it 0."""
    one, other = canonical(sp.sympify(stated)), canonical(sp.sympify(found))
    yield line(f"{what} as stated", one)
    if one != other:
        yield line(f"{what} {how}", shorter(other))
        yield from difference("their difference", one, other)
    else:
        yield Step(f"{what} {how} is the same", "")


def difference(words: str, one: sp.Expr, other: sp.Expr) -> Iterator[Step]:
    """Yield the difference of two sides on its way to 0; nothing where no normal form brings it there."""
    gap = canonical(one) - canonical(other)
    forms: list[sp.Expr] = []
    for number, form in enumerate(normal_forms(gap)):
        if number == 1 and form != 0 and vanishes_identically(gap) is True:  # not by multiplying out
            yield line(f"{words}, over one denominator the polynomial 0", gap)
            return
        if not forms or form != forms[-1]:
            forms.append(form)
    if forms[-1] == 0:
        chain = " = ".join([_less(one, other), *(spelled(sp.latex(f)) for f in forms[1:] or forms)])
        whole = len(chain) <= _LONGEST
        yield line(words, chain) if whole else line(f"{words}, which a normal form makes 0", forms[0])


def _less(one: sp.Expr, other: sp.Expr) -> str:
    """Return one side less the other in LaTeX, each as it is printed elsewhere."""
    if other == 0:
        return spelled(as_printed(one))
    taken = spelled(as_printed(other))
    if other.is_Add or taken.startswith("-"):
        taken = rf"\left({taken}\right)"
    return f"{spelled(as_printed(one))} - {taken}"


def threshold(condition: Any, margin: sp.Expr, name: str, gap: sp.Expr, domain: Domain) -> Iterator[Step]:
    """Yield a margin, the excess of a condition, and their ratio where it is seen to be positive."""
    yield line(f"{name}: positive where the property holds", shorter(margin))
    yield line("excess of the stated condition: positive where it holds", gap)
    if margin.has(sp.Abs, sp.Min, sp.Max):
        return
    ratio = sp.factor(sp.cancel(sp.together(margin / gap)))
    if sign_on(domain, ratio) == "positive":
        yield line("the first over the second, which is positive", ratio)
