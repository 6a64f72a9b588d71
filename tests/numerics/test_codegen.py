"""Printed functions agree with exact SymPy evaluation, in NumPy and torch, values and gradients."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given

from crossproof.checks.strategies import points
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import PrintingError
from crossproof.derivations.ranges import Positive, Real
from crossproof.numerics.codegen import compile_expressions

x, y = sp.Symbol("x", positive=True), sp.Symbol("y", real=True)
DOMAIN = Domain(x=Positive, y=Real)
EXPRESSIONS = [
    x ** sp.Rational(3, 2) * sp.exp(-x) + sp.pi,
    sp.log(x) / sp.sqrt(x) - y**3 / 7,
    sp.tanh(y) + sp.erf(y) * sp.Rational(1, 3),
    sp.loggamma(x + 1) + sp.gamma(x / 10 + 1),
    sp.Piecewise((sp.sqrt(y), y > 0), (sp.log(1 - y), True)),
    sp.Abs(y) + sp.sqrt(2),
    (x + y**2) ** (-sp.Rational(1, 2)) * x**-2,
]


@given(points(DOMAIN, largest=60))
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_values_agree_with_exact_evaluation(expression: sp.Expr, point) -> None:
    exact = float(sp.N(expression.subs(point), 30))
    floats = [float(point[s]) for s in DOMAIN.symbols]
    by_numpy = compile_expressions(DOMAIN.symbols, [expression], "numpy")(*map(np.float64, floats))[0]
    tensors = [torch.tensor(f, dtype=torch.float64) for f in floats]
    by_torch = compile_expressions(DOMAIN.symbols, [expression], "torch")(*tensors)[0]
    assert float(by_numpy) == pytest.approx(exact, rel=1e-12, abs=1e-13)
    assert float(by_torch) == pytest.approx(exact, rel=1e-12, abs=1e-13)


@given(points(DOMAIN, largest=60))
@pytest.mark.parametrize("expression", EXPRESSIONS[:5], ids=str)
def test_torch_gradients_agree_with_exact_derivatives(expression: sp.Expr, point) -> None:
    if expression.has(sp.Piecewise) and point[DOMAIN.symbol("y")] == 0:
        return  # the kink itself has no derivative
    tensors = [torch.tensor(float(point[s]), dtype=torch.float64, requires_grad=True) for s in DOMAIN.symbols]
    compile_expressions(DOMAIN.symbols, [expression], "torch")(*tensors)[0].backward()
    for symbol, tensor in zip(DOMAIN.symbols, tensors, strict=True):
        exact = float(sp.N(sp.diff(expression, symbol).subs(point), 30))
        got = 0.0 if tensor.grad is None else float(tensor.grad)
        assert got == pytest.approx(exact, rel=1e-10, abs=1e-11)


def test_a_branch_that_is_not_taken_never_poisons_the_gradient() -> None:
    t = torch.tensor([4.0, -3.0], dtype=torch.float64, requires_grad=True)
    compile_expressions([y], [EXPRESSIONS[4]], "torch")(t)[0].sum().backward()
    assert t.grad.tolist() == [0.25, -0.25]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_of_the_inputs_is_kept(dtype: torch.dtype) -> None:
    out = compile_expressions([x], [sp.pi * sp.sqrt(x) + sp.sqrt(2)], "torch")(torch.ones(3, dtype=dtype))[0]
    assert out.dtype == dtype


@pytest.mark.parametrize(
    ("arguments", "expression", "message"),
    [
        ([x], x + y, "no arguments"),
        ([x], sp.besselj(0, x), "besselj has no faithful"),
        ([x], sp.oo, "not a finite float"),
        ([y], sp.Piecewise((1, y > 0)), "no default branch"),
        ([x], sp.Integral(x, (y, 0, 1)), "Integral has no faithful"),
    ],
)
def test_what_cannot_be_printed_faithfully_is_refused_by_name(arguments, expression, message: str) -> None:
    with pytest.raises(PrintingError, match=message):
        compile_expressions(arguments, [expression], "torch")


def test_unknown_backends_are_refused() -> None:
    with pytest.raises(PrintingError, match="backend"):
        compile_expressions([x], [x], "jax")
