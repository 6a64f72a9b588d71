"""Verdicts that refute a claim at a point."""

from collections.abc import Callable

import pytest

from crossproof.checks.evidence import Evidence, Kind, Verdict, combine
from crossproof.checks.judgement.findings import refuted
from crossproof.derivations.claim import Claim


@pytest.fixture
def refuting() -> Callable[[Claim, dict[str, str]], Verdict]:
    def made(claim: Claim, point: dict[str, str]) -> Verdict:
        finding = refuted("It fails.", point, "stated", "found", "gap", certified=True)
        return combine(claim, [Evidence("w", Kind.ALGEBRA, "the sides", finding, None, {}, 0.0)])

    return made
