"""A text that its canonical form has made whole proves nothing where it has no value as it is written."""

from __future__ import annotations

import pytest

from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement.findings import confirmed, proved, undecided
from crossproof.checks.meaning.written_forms import as_written
from crossproof.derivations.claim import Claim
from crossproof.derivations.text.claims import claim_from


def claim(function: str, x: str = "real", a: str = "real") -> Claim:
    return claim_from(
        {
            "id": "test.written", "title": "t", "document": "test", "place": "here", "type": "local-extrema",
            "function": function, "variable": "x", "minima": ["0"], "domain": {"x": x, "a": a},
        }
    )  # fmt: skip


@pytest.mark.parametrize("text", ["a*x**2/a", "x**2 + log(a) - log(a)", "sqrt(a)*sqrt(a)*x**2/a"])
def test_a_parameter_for_which_the_text_has_no_value(text: str) -> None:
    for finding in (proved("so."), confirmed("so.", 1e-3)):
        found = as_written(finding, claim(text))
        assert found.outcome is Outcome.UNDEFINED
        assert as_written(finding, claim(text, a="above(1)")) == finding
    open_one = undecided("open.")
    assert as_written(open_one, claim(text)) == open_one


def test_a_variable_that_the_statement_bounds_leaves_it_open() -> None:
    assert as_written(proved("so."), claim("x**3/x + a")).outcome is not Outcome.PROVED
    assert as_written(proved("so."), claim("(x**2)**(1/2) + a")).outcome is Outcome.PROVED


def test_factors_that_the_canonical_form_asks_for_are_not_lost() -> None:
    """The state of a law is positive here, and its support ends at 1, as the root does however it is written."""
    jacobi = claim_from(
        {
            "id": "test.jacobi", "title": "t", "document": "test", "place": "here", "type": "stationary-law",
            "state": "x", "drift": "a*(1 - 2*x)", "diffusion": "sqrt(x*(1 - x))", "density": "(x*(1 - x))**(2*a - 1)",
            "support": "(0, 1)", "domain": {"x": "positive", "a": "positive"},
        }
    )  # fmt: skip
    assert jacobi.written
    assert as_written(proved("so."), jacobi).outcome is Outcome.PROVED


def test_an_asserted_number_without_a_value_somewhere_is_not_confirmed() -> None:
    """The probability to pass a gate with drift c is a ratio of 0 and 0 where the drift vanishes."""
    gates = {
        "id": "test.gates", "title": "t", "document": "test", "place": "here", "type": "exit-probability",
        "state": "x", "drift": "c", "diffusion": "1", "low": "0", "high": "R",
        "value": "(1 - exp(-2*c*x))/(1 - exp(-2*c*R))",
    }  # fmt: skip
    for given, outcome in (("real", Outcome.UNDEFINED), ("positive", Outcome.CONFIRMED)):
        stated = claim_from({**gates, "domain": {"c": given, "R": "positive", "x": "between(0, R)"}})
        assert as_written(confirmed("so.", 1e-3), stated).outcome is outcome
