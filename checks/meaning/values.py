"""Parts of a statement without its variables: where one of them has no value, the whole has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sympy as sp

from ...derivations.domain import Domain
from ..evidence import Finding, Outcome
from ..judgement.definedness import definedness
from ..judgement.findings import undecided, undefined

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_NO_VALUE = (sp.zoo, sp.nan, sp.oo, -sp.oo)


def unvalued(expressions: Iterable[Any], variables: Iterable[sp.Basic], domain: Domain) -> Finding | None:
    """Return why a part of `expressions` that is free of `variables` has no established value; None where all have.

    Algebra may drop or cancel such a part (``x + eps^2/a`` has the root 0 at ``eps = 0``), and the statement still has
    no meaning where the part has no value. What stands in a case of a `Piecewise` is not looked at.
    """
    of = tuple(variables)
    parts = list(dict.fromkeys(part for e in expressions for part in _parts(sp.sympify(e), of)))
    for part in parts:
        if part.has(*_NO_VALUE):
            return undecided(f"{part} has no value.")
    found = definedness(parts, domain)
    if found.status == "undefined" and found.point is not None:
        return undefined(f"{found.reason}.", found.point, found.expr, found.works)
    return undecided(f"{found.reason}.") if found.status == "open" else None


def with_values(finding: Finding, expressions: Iterable[Any], variables: Iterable[sp.Basic], domain: Domain) -> Finding:
    """Return a proof only where the parts of `expressions` without `variables` have values, any other finding as is."""
    if finding.outcome is not Outcome.PROVED:
        return finding
    return unvalued(expressions, variables, domain) or finding


def _parts(e: sp.Basic, of: tuple[sp.Basic, ...]) -> Iterator[sp.Expr]:
    """Yield the largest parts without the variables, terms and factors of one sum or product together."""
    if not of or not e.has(*of):
        if isinstance(e, sp.Expr) and (not e.is_number or e.has(*_NO_VALUE)) and not e.is_Symbol:
            yield e
    elif isinstance(e, sp.Add | sp.Mul):
        free = [a for a in e.args if not a.has(*of)]
        yield from _parts(e.func(*free), of)
        for a in e.args:
            if a.has(*of):
                yield from _parts(a, of)
    elif not isinstance(e, sp.Piecewise):
        for a in e.args:
            yield from _parts(a, of)
