"""Where a text as written, or an asserted number, has no value, the claim has no meaning: nothing is proved of it."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy.core.function import AppliedUndef

from ...derivations.claim import Claim
from ...derivations.domain import Domain
from ...derivations.expressions import canonical
from ...derivations.ranges import AtLeast, Integers, Positive, Range, Real
from ..evidence import Finding, Outcome
from ..judgement.definedness import Requirement, Word, definedness, requirements, undefined_at
from ..judgement.findings import undecided, undefined

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: What asks an expression for a sign, and nothing else.
_ASKING = {"nonzero": lambda e: 1 / e, "positive": sp.log, "nonnegative": sp.sqrt}

#: What witnesses carry out, and where that fails find no value: not looked at here.
_CARRIED = (sp.Integral, sp.Sum, sp.Product, sp.Derivative, sp.Limit)


def as_written(finding: Finding, claim: Claim) -> Finding:
    """Return a proof or a confirmation only where the texts of the claim, as written, and its number have values.

    SymPy makes x^2 of x^3/x. Where x may be 0 the text has no value there, and nothing is proved of it; where x is the
    name of a state, whose values the statement bounds, this is left open.
    """
    if finding.outcome not in (Outcome.PROVED, Outcome.CONFIRMED):
        return finding
    for name, text in claim.written:
        for lost in _lost(text):
            own = {s for s in lost.expr.free_symbols if isinstance(s, sp.Symbol)} - set(claim.domain.symbols)
            domain = Domain(**_ranges(claim.domain), **{s.name: _range(s) for s in sorted(own, key=str)})
            found = definedness((_ASKING[lost.word](lost.expr),), domain)
            if found.status == "everywhere":
                continue
            there = found.point is not None and undefined_at(canonical(text), found.point) is None
            if found.status == "undefined" and there and not own:
                assert found.point is not None
                return undefined(f"{name} as written asks for {lost}.", found.point, text, found.works)
            return undecided(f"{name} as written, {text}, asks for {lost}, which is not shown on the whole domain.")
    return _with_number(finding, claim)


def _with_number(finding: Finding, claim: Claim) -> Finding:
    """Return what agrees at points only where the asserted number has a value on the whole domain.

    An exact argument has looked at that by itself, and is only told of a point without a value.
    """
    for name in set(claim.statement.asserted()) & {"value", "limit"}:
        number = getattr(claim.statement, name)
        if not isinstance(number, sp.Expr) or isinstance(number, sp.MatrixExpr) or number.has(AppliedUndef, *_CARRIED):
            continue
        if not number.free_symbols or not number.free_symbols <= set(claim.domain.symbols):
            continue
        found = definedness((number,), claim.domain)
        if found.status == "undefined" and found.point is not None:
            return undefined(f"{found.reason}.", found.point, found.expr, found.works)
        if found.status == "open" and finding.outcome is Outcome.CONFIRMED:
            return undecided(f"agreement where both have values, but {found.reason}.")
    return finding


def _lost(text: sp.Basic) -> list[Requirement]:
    """Return what a text asks for and its canonical form does not, of a product neither of its factors."""
    kept = set(requirements(canonical(text)))

    def asked(expr: sp.Expr, word: Word) -> bool:
        stronger: tuple[Word, ...] = (word,) if word == "positive" else (word, "positive")
        return any(Requirement(expr, w) in kept or getattr(expr, f"is_{w}") for w in stronger)

    return [
        r
        for r in dict.fromkeys(requirements(text))
        if r.word in _ASKING and not all(asked(canonical(factor), r.word) for factor in sp.Mul.make_args(r.expr))
        and not asked(r.expr, r.word)
    ]  # fmt: skip


def _ranges(domain: Domain) -> Mapping[str, Range]:
    return {s.name: given for s, given in domain.ranges.items()}


def _range(symbol: sp.Symbol) -> Range:
    if symbol.is_integer:
        return Integers(1) if symbol.is_positive else Integers(0)
    return Positive if symbol.is_positive else AtLeast(0) if symbol.is_nonnegative else Real
