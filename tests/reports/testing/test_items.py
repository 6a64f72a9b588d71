"""The text of a failed item on a statement without meaning."""

from __future__ import annotations

import sympy as sp

from crossproof import Claim, Domain, Real, Source, real
from crossproof.checks.evidence import Evidence, Kind, combine
from crossproof.checks.judgement.findings import undefined
from crossproof.derivations.statements.scalar import Identity
from crossproof.reports.testing.items import failure_text

x = real("x")


def test_a_statement_without_meaning_names_the_point_and_the_range_that_works() -> None:
    claim = Claim("mine.log", "A logarithm.", Source("my-notes", "eq. (1)"), Identity(sp.log(x), x), Domain(x=Real))
    finding = undefined("log(x) is not real.", {x: sp.Integer(-1)}, sp.log(x), "x > 0")
    verdict = combine(claim, [Evidence("sides", Kind.ALGEBRA, "the sides", finding, None, {}, 0.1)])
    assert failure_text(verdict, "proved").splitlines() == [
        "mine.log: A logarithm.",
        "source: document my-notes, eq. (1)",
        "verdict: undefined (reviewed as proved)",
        "without meaning: at x = -1",
        "  stated: log(x) has a real value",
        "  found:  it has none",
        "  works:  x > 0",
        "undefined by sides (algebra): log(x) is not real. It is defined for x > 0.",
    ]
