"""Every type of statement has a text form, with an example in the docs; what is wrong in one is refused by name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import crossproof as cp
from crossproof.checks.runs.unit import load_catalog
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.errors import CrossproofError
from crossproof.derivations.text.claims import claim_from
from crossproof.derivations.text.descriptions import DESCRIBED
from crossproof.derivations.text.forms import Part
from crossproof.derivations.text.known_types import TYPES

load_catalog()
PAGE = (Path(cp.__file__).parent / "docs" / "text.md").read_text(encoding="utf-8")
ENTRIES: list[dict[str, Any]] = [
    entry for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) for entry in tomllib.loads(block)["claim"]
]
BY_TYPE = {entry["type"]: entry for entry in ENTRIES}


def test_every_type_of_text_has_an_example_and_every_example_is_a_claim() -> None:
    assert set(BY_TYPE) == set(TYPES) > set(DESCRIBED)
    assert not {c.document for c in map(claim_from, ENTRIES)} & {c.document for c in CLAIMS.values()}


def test_a_part_reads_its_fields_and_no_others() -> None:
    part = Part(lambda fields, name: name, ("must",), ("may",))
    assert (part.needs, part.may) == (("must",), ("may",))


def test_every_type_of_the_catalog_has_a_text_form() -> None:
    written = {type(claim_from(entry).statement) for entry in ENTRIES}
    assert {type(c.statement).__name__ for c in CLAIMS.values() if type(c.statement) not in written} == set()


def test_names_that_a_statement_binds_are_no_parameters() -> None:
    limit = claim_from(BY_TYPE["long-time-limit"])
    assert [s.name for s in limit.domain.symbols] == ["V", "T"]
    assert limit.statement.time == sp.Symbol("t", positive=True)
    law = claim_from(BY_TYPE["stationary-law"])
    assert "x" in [s.name for s in law.domain.symbols]  # a law asserts something at every state


def test_integrals_along_the_path_hold_the_path_at_their_own_time() -> None:
    solution = claim_from(BY_TYPE["path-solution"]).statement.solution
    (integral,) = solution.atoms(sp.Integral)
    tau, t = integral.limits[0][0], sp.Symbol("t", nonnegative=True)
    brownian = sp.Function("B")
    assert integral.function.has(brownian(tau))
    assert not integral.function.has(brownian(t))
    assert solution.has(brownian(t))


def test_undefined_functions_are_functions_of_the_state() -> None:
    form = claim_from(BY_TYPE["fokker-planck-form"]).statement
    x = sp.Symbol("x", real=True)
    assert form.sde.drift == sp.Matrix([-sp.Derivative(sp.Function("U")(x), x)])
    jets = claim_from(BY_TYPE["function-limit"]).statement.jets
    assert [jet.derivatives for jet in jets] == [(0, sp.Symbol("a", real=True)), (0, sp.Symbol("b", positive=True))]


def test_descriptions_are_those_of_python() -> None:
    network = claim_from(BY_TYPE["tied-neurons"] | {"head": "softmax", "skips": [["l", "m"]], "at": ["l"]}).statement
    assert network.network == cp.FeedForward(cp.Activation.ODD, (("l", "m"),), cp.Head.SOFTMAX)
    assert (network.incoming, network.at) == (-1, ("l",))
    support = claim_from(BY_TYPE["normalisable-when"] | {"support": ["(0, 1)", "(1, oo)"]}).statement.support
    assert support == sp.Union(sp.Interval.open(0, 1), sp.Interval.open(1, sp.oo))
    never = claim_from(BY_TYPE["normalisable-when"] | {"condition": "never"}).statement
    assert never.condition == sp.false


@pytest.mark.parametrize(
    ("type", "change", "message"),
    [
        ("tied-neurons", {"activation": "even"}, "activation is 'even'; choose one of any, origin-passing, odd"),
        ("tied-neurons", {"skips": [["l"]]}, "skips: .* is no pair of layers"),
        ("vanishing-curvature", {"contracted": "yes"}, "contracted is 'yes'; write true or false"),
        ("mode-coefficient", {"modes": 1.5}, "modes is 1.5; write a whole number"),
        ("mode-coefficient", {"first": [1]}, "first is .*; write two numbers of modes"),
        ("local-behaviour", {"pairs": [["x"]]}, "pairs: .* is no pair"),
        ("detailed-balance", {"tensor": [["D"], ["0", "D"]]}, "tensor is .*; write a list of rows of one length"),
        ("observation", {"missing": [1]}, "missing is .*; write a list of texts"),
        ("euler-step", {"draws": "xi"}, "draws is 'xi'; write a table"),
        ("euler-step", {"draws": {"eta": "1"}}, "draws: 'eta' has no range; add it to the domain"),
        ("fokker-planck-form", {"density": "x"}, "density: 'x' is declared already"),
        ("fokker-planck-form", {"functions": [3]}, "functions is .*3.*; write the name of a function in quotes"),
        ("long-time-limit", {"time": "v"}, "time: 'v' has no range"),
        (
            "long-time-limit",
            {"domain": {"t": "above(1)", "V": "real", "T": "positive"}},
            "range of t: the statement says where t runs; write real, positive, nonnegative or",
        ),
        ("limit-in-law", {"calculus": "both"}, "calculus is 'both'"),
        ("mean-exit-time", {"reflecting": "yes"}, "reflecting is 'yes'; write true or false"),
        ("stationary-covariance", {"drift": "-x"}, "drift: give drift and diffusion of an equation, or change and"),
        ("stationary-covariance", {"change": "-a*x**3 + s*z"}, "is not linear in"),
        ("mean-at-all-times", {"observable": "y"}, "observable: .*unknown name"),
    ],
)
def test_what_is_wrong_is_refused_by_name(type: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(CrossproofError, match=message):
        claim_from(BY_TYPE[type] | change)
