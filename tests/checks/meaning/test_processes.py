"""Where Ito's formula holds for an image of a process, and what is undefined, rough or out of range."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.checks.evidence import Outcome
from crossproof.checks.meaning.processes import (
    image_process,
    meaning,
    path_image,
    path_unsettled,
    transform_unsettled,
    unsettled,
)
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import DomainError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.processes import PathSolution, SDETransform

x, z = sp.symbols("x z", real=True)
p, m, s = sp.symbols("p m s", positive=True)
t = sp.Symbol("t", nonnegative=True)
up = sp.Symbol("up", positive=True)
B = sp.Function("B")
LINE, HALF = Domain(x=Real, m=Positive, s=Positive), Domain(p=Positive, m=Positive, s=Positive)
BROWNIAN, GBM = SDE(x, 0, s), SDE(p, m * p, s * p)


@pytest.mark.parametrize(
    ("statement", "domain", "outcome", "reason"),
    [
        (SDETransform(GBM, sp.log(p), SDE(z, m - s**2 / 2, s)), HALF, None, ""),
        (SDETransform(BROWNIAN, x**2, SDE(z, s**2, 2 * s * sp.sqrt(z))), LINE, None, ""),
        (SDETransform(GBM, sp.Abs(p), SDE(z, m * z, s * z)), HALF, None, ""),
        (SDETransform(BROWNIAN, sp.exp(x), SDE(up, s**2 * up / 2, s * up)), LINE, None, ""),
        (SDETransform(BROWNIAN, sp.Abs(x), SDE(z, 0, s)), LINE, Outcome.UNDECIDED, "two continuous derivatives"),
        (SDETransform(BROWNIAN, 1 / x, SDE(z, 0, s)), LINE, "undefined", "divides by 0"),
        (SDETransform(BROWNIAN, sp.log(x), SDE(z, 0, s)), LINE, "undefined", ""),
        (SDETransform(BROWNIAN, x**3, SDE(up, 0, s)), LINE, Outcome.UNDECIDED, "declared to have"),
        (SDETransform(BROWNIAN, x**2, SDE(up, 0, s)), LINE, Outcome.UNDECIDED, "declared to have"),  # it may be 0
    ],
    ids=str,
)
def test_transforms(statement: SDETransform, domain: Domain, outcome: Any, reason: str) -> None:
    found = transform_unsettled(statement, domain)
    if outcome is None:
        assert found is None
        return
    assert found is not None
    assert reason in found.detail
    if outcome == "undefined":
        assert found.outcome is not Outcome.PROVED
        assert found.counterexample is not None
    else:
        assert found.outcome is outcome


def test_values_everywhere_a_point_without_one_or_neither() -> None:
    assert meaning([sp.sqrt(1 + x**2), sp.exp(x)], LINE) is None
    found = meaning([x, sp.sqrt(x - 1)], LINE)
    assert found is not None
    assert found.counterexample is not None
    assert sp.sympify(found.counterexample.point["x"]) < 1
    open_one = meaning([1 / (x**5 - x - 1)], LINE)  # at an irrational number that no radicals name
    assert open_one is not None
    assert open_one.outcome is Outcome.UNDECIDED


def test_the_image_is_put_into_the_asserted_coefficients() -> None:
    made = image_process(GBM, sp.Abs(p) ** 2, SDE(z, m * z, s * z), HALF)
    assert made.function == p**2
    assert (made.image, made.drift, sp.expand(made.variance)) == (z, m * z, s**2 * z**2)
    assert sp.expand(made.at_image(made.drift) - m * p**2) == 0
    assert sp.expand(made.at_image(made.drift) - m * p) != 0
    assert made.smooth.established
    assert unsettled(made, [made.function]) is None
    assert unsettled(made, [1 / (p - 1)]) is not None


def test_explicit_paths() -> None:
    right = PathSolution(SDE(p, m * p, s * p), sp.exp((m - s**2 / 2) * t + s * B(t)), t, B, sp.Integer(1))
    domain = Domain(p=Positive, t=Positive, m=Positive, s=Positive)
    moved, path, image = path_image(right, domain)
    assert moved.time.is_positive
    assert path.brownian in image.domain.ranges
    assert p not in image.domain.ranges
    # the path is the exponential of time and Brownian motion
    assert sp.simplify(sp.log(image.function) - (m - s**2 / 2) * moved.time - s * path.brownian) == 0
    assert path_unsettled(right, domain) is None
    pole = PathSolution(SDE(x, 0, s), 1 / (1 - B(t)), t, B, sp.Integer(1))
    found = path_unsettled(pole, Domain(x=Real, t=Positive, s=Positive))
    assert found is not None
    kink = PathSolution(SDE(x, 0, s), sp.Abs(B(t)), t, B, sp.Integer(0))
    rough = path_unsettled(kink, Domain(x=Real, t=Positive, s=Positive))
    assert rough is not None
    assert "two continuous derivatives" in rough.detail


def test_a_parameter_with_the_name_of_a_path_coordinate_is_refused() -> None:
    statement = PathSolution(SDE(x, 0, s), s * B(t), t, B, sp.Integer(0))
    _, path, _ = path_image(statement, Domain(x=Real, t=Positive, s=Positive))
    with pytest.raises(DomainError, match=f"{path.brownian.name}.*rename"):
        path_image(statement, Domain(x=Real, t=Positive, s=Positive, **{path.brownian.name: Real}))
