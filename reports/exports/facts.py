"""What the head of exported code says of a claim: what it asserts and where, its verdict, how exact the code is."""

from __future__ import annotations

import re
import textwrap
from functools import lru_cache
from importlib.metadata import version

import numpy as np
import sympy as sp

from ...checks.functions.described import known_verdict, repairs_of
from ...derivations.claim import Claim
from ...derivations.domain import Domain
from ...derivations.errors import NumericsError
from ...numerics.formula import Formula
from ...numerics.formulas.bounds import numpy_arithmetic
from ...numerics.formulas.evaluation import Evaluator
from ...numerics.formulas.exact_points import values_at_rows
from ...numerics.formulas.programs import program_of
from ...numerics.formulas.rewriting import held
from ...numerics.formulas.sampling import scattered_points

#: Random points of the domain at which the code is compared with balls, and the error that is warned of.
_POINTS, _ALLOWED = 60, 1e-6
_WIDTH = 108


def heading(claim: Claim, shapes: str, formula: str, exactness: str = "") -> list[str]:
    """Return lines without the signs of comment: claim, source, verdict, formula, shapes, domain, version."""
    place = f"document {claim.document}, {claim.source.place}"
    lines = [
        f"Formula of the claim {claim.id}.",
        f"Claim: {claim.title}",
        f"Source: {place}{f' (reading: {claim.reading})' if claim.reading else ''}",
        f"Verdict: {verdict_words(claim)}",
        f"Formula: {formula}",
        f"Shapes: {shapes}",
        f"Domain: {domain_words(claim.domain)}",
        *([f"Accuracy in double precision: {exactness}"] if exactness else []),
        f"Made by crossproof {version('crossproof')}.",
    ]
    return [part for line in lines for part in textwrap.wrap(visible(line), _WIDTH, subsequent_indent="    ")]


def verdict_words(claim: Claim) -> str:
    """Return the verdict of a claim, and for a refuted one what repairs it."""
    verdict = known_verdict(claim) or "none yet"
    repairs = " or ".join(repairs_of(claim))
    return f"{verdict.upper()}; use {repairs} instead" if verdict == "refuted" and repairs else verdict


def domain_words(domain: Domain) -> str:
    """Return the ranges of all parameters in words."""
    return ", ".join(domain.describe(s) for s in domain.symbols) or "no parameters"


def accuracy(formula: Formula) -> tuple[str, float]:
    """Return in words how exact the exported form is in float64, and the worst relative error that was seen."""
    return _accuracy(formula.evaluator)


@lru_cache(maxsize=1024)
def _accuracy(evaluator: Evaluator) -> tuple[str, float]:
    """Return in words how exact the exported form is in float64, and the worst relative error that was seen.

    Points of the domain on all scales are drawn; where the error bound of the form is not small, the value is compared
    with balls.
    """
    domain, arguments = evaluator.domain, evaluator.arguments
    drawn = scattered_points(domain, _POINTS, 1) if arguments else None
    if drawn is None:
        return "a constant." if not arguments else "not measured.", 0.0
    rows = drawn[:, [domain.symbols.index(s) for s in arguments]]
    with np.errstate(all="ignore"):
        value, error = program_of(arguments, evaluator.form)(numpy_arithmetic(), list(rows.T))
        value, good = (np.broadcast_to(v, len(rows)) for v in (value, held(value, error)))
    worst, where = 0.0, ""
    for row, found in zip(rows[~good], value[~good], strict=True):
        gap = _gap(evaluator, row, float(found))
        if gap > worst:
            worst, where = gap, ", ".join(f"{n} = {v:.6g}" for n, v in zip(arguments, row, strict=True))
    share = f"twelve digits at {int(good.sum())} of {len(rows)} random points of the domain"
    if worst <= 1e-12:
        return f"{share}, the others compared with balls.", worst
    return f"{share}; the worst relative error is {worst:.1e}, at {where}.", worst


def loses_digits(worst: float) -> bool:
    """Return whether an error is one to warn of."""
    return worst > _ALLOWED


def _gap(evaluator: Evaluator, row: np.ndarray, found: float) -> float:
    try:
        exact = float(values_at_rows(evaluator.expression, evaluator.arguments, row[None], evaluator.name)[0])
    except NumericsError:
        return 0.0  # there is no value that float64 holds
    if not np.isfinite(found):
        return float("inf")
    gap = abs(found - exact)
    return 0.0 if gap < 1e-322 else gap / max(abs(exact), 5e-324)


def identifier(id: str) -> str:
    """Return the name of the function of a claim."""
    return "claim_" + plain(id)


def plain(name: str) -> str:
    """Return a name of letters, digits and underscores; the sign in one like d_{i-1} is spelt out."""
    spelt = name.replace("+", "_plus_").replace("{", "").replace("}", "") if "{" in name else name
    spelt = spelt.replace("-", "_minus_") if "{" in name else spelt
    return re.sub(r"\W", "_", spelt)


def visible(line: str) -> str:
    """Return a line without what could end a comment or a text, or leave its line."""
    flat = re.sub(r"\s+", " ", line).replace('"""', "'''").replace("*/", "* /")
    return "".join(c if c.isprintable() else "?" for c in flat)


def argument_names(formula: Formula, words: frozenset[str]) -> dict[sp.Symbol, str]:
    """Return what the arguments are called, none by a word of the language."""
    names = map(plain, formula.names)
    return {s: f"{n}_" if n in words else n for s, n in zip(formula.arguments, names, strict=True)}
