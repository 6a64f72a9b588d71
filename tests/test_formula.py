"""Functions for other code: every closed form of the catalog agrees with exact evaluation, and refuses bad input."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given

import crossproof as cp
from crossproof.checks.functions.described import described
from crossproof.checks.strategies import points
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Between, Integers, Positive
from crossproof.numerics.exact.balls import enclose
from crossproof.numerics.formula import Formula, argument_name, formula_of

cp.load_catalog()


def _printable(claim: cp.Claim) -> bool:
    try:
        described(claim).torch()
    except cp.PrintingError:
        return False
    return True


PRINTABLE = [c.id for c in cp.CLAIMS.values() if _printable(c)]

s, c, n = sp.Symbol("s", positive=True), sp.Symbol("c", positive=True), sp.Symbol("n", integer=True, positive=True)
EXAMPLE = Formula("test.example", sp.sqrt(s - c / 2) * n, Domain(c=Positive, s=Above(c / 2), n=Integers(1, 5)))


def test_a_good_part_of_the_catalog_can_be_used_in_other_code() -> None:
    assert len(PRINTABLE) >= 20


@pytest.mark.parametrize("claim_id", PRINTABLE)
def test_values_and_gradients_agree_with_exact_evaluation(claim_id: str) -> None:
    formula = described(cp.CLAIMS[claim_id])  # without the warning of one that is refuted
    by_numpy, by_torch = formula.numpy(), formula.torch()
    derivatives = {a: sp.diff(formula.expression, a) for a in formula.arguments if not a.is_integer}

    @given(points(formula.domain, largest=40))
    def agree(point) -> None:
        floats = {argument_name(a): float(point[a]) for a in formula.arguments}
        smooth = {argument_name(a) for a in derivatives}
        tensors = {k: torch.tensor(v, dtype=torch.float64, requires_grad=k in smooth) for k, v in floats.items()}
        try:
            ball = enclose(formula.expression, point)
            exact = float(ball.mid())
            slopes = {argument_name(a): float(enclose(d, point).mid()) for a, d in derivatives.items()}
        except cp.NumericsError:
            return  # an end of the domain at which the formula is not differentiable
        if not max(map(abs, (exact, *slopes.values()))) < 1e300:
            return  # float64 has no such number
        # the arguments were rounded to float64, so the tolerance allows for the conditioning of the formula
        spread = sum(abs(slope * floats[name]) for name, slope in slopes.items())
        tolerance = 1e-12 * (abs(exact) + spread) + float(ball.rad()) + 1e-300
        found = float(by_numpy(**floats))
        assert found == pytest.approx(exact, rel=1e-12, abs=tolerance)
        value = by_torch(**tensors)
        assert float(value.detach()) == pytest.approx(exact, rel=1e-12, abs=tolerance)
        if value.requires_grad:
            value.backward()
        for name, slope in slopes.items():
            got = tensors[name].grad
            assert (0.0 if got is None else float(got)) == pytest.approx(slope, rel=1e-8, abs=1e-9 * (1 + spread))

    agree()


def test_a_value_out_of_the_range_of_float64_is_told_and_a_step_is_no_matter() -> None:
    steps = Formula("test.steps", sp.Mul(sp.exp(s), sp.exp(-s), evaluate=False), Domain(s=Positive)).numpy()
    large = Formula("test.large", sp.exp(s), Domain(s=Positive)).numpy()
    assert steps(s=[1.0, 800.0]).tolist() == [1.0, 1.0]
    for value in (800.0, np.array([1.0, 800.0])):
        with pytest.raises(cp.NumericsError, match="beyond float64"):
            large(s=value)


def test_signature_names_the_arguments() -> None:
    assert list(inspect.signature(EXAMPLE.numpy()).parameters) == ["c", "s", "n"]
    assert EXAMPLE.latex == sp.latex(EXAMPLE.expression)


def test_broadcasting_dtype_and_device_are_kept() -> None:
    function = EXAMPLE.torch()
    out = function(s=torch.ones(3, 1, dtype=torch.float32), c=torch.ones(2, dtype=torch.float32), n=2)
    assert (out.shape, out.dtype, out.device.type) == ((3, 2), torch.float32, "cpu")
    assert EXAMPLE.numpy()(s=np.ones((3, 1), np.float32), c=1, n=2).dtype == np.float32
    assert EXAMPLE.numpy()(s=1, c=1, n=2) == pytest.approx(2 * 0.5**0.5)
    assert EXAMPLE.torch()(s=1, c=1, n=2).dtype == torch.float64


def test_a_constant_formula_has_the_shape_of_nothing() -> None:
    constant = Formula("test.zero", sp.Integer(0), Domain())
    assert constant.numpy()() == 0
    assert float(constant.torch()()) == 0


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"s": 1, "c": 3, "n": 1}, r"s = 1.0 is outside the domain; it needs s > c/2"),
        ({"s": 1, "c": 0, "n": 1}, r"c = 0.0 is outside"),
        ({"s": float("nan"), "c": 1, "n": 1}, r"s is not finite"),
        ({"s": [1, float("inf")], "c": 1, "n": 1}, r"s is not finite"),
        ({"s": 1, "c": 1, "n": 1.5}, r"n = 1.5 must be an integer"),
        ({"s": 1, "c": 1, "n": 6}, r"n <= 5"),
        ({"s": 1, "c": 1}, r"missing \['n'\]"),
        ({"s": 1, "c": 1, "n": 1, "eta": 2}, r"unknown arguments \['eta'\]"),
        ({"s": "one", "c": 1, "n": 1}, r"s = 'one' is not numeric"),
        ({"s": [1, 2, 3], "c": [1, 2], "n": 1}, r"do not broadcast"),
    ],
)
def test_arguments_outside_the_domain_are_refused(backend: str, arguments, message: str) -> None:
    with pytest.raises(cp.DomainError, match=message):
        getattr(EXAMPLE, backend)()(**arguments)


def test_bounds_in_other_arguments_are_checked_elementwise() -> None:
    formula = Formula("test.between", s / c, Domain(c=Positive, s=Between(0, c)))
    with pytest.raises(cp.DomainError, match=r"s = 3.0 .* s < c"):
        formula.numpy()(s=[1.0, 3.0], c=2.0)


def test_statements_without_a_closed_form_say_so() -> None:
    with pytest.raises(cp.PrintingError, match="no scalar closed form"):
        formula_of("test.a", None, Domain())
    with pytest.raises(cp.SelectionError, match="did you mean"):
        cp.formula("004.eq5l")
