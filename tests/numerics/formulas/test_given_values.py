"""What a function is given: arguments by place and by name, dtypes, and operators that carry the values."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

import crossproof as cp
from crossproof.numerics.formulas import jax_function, torch_operator
from crossproof.numerics.formulas.evaluation import Evaluator
from crossproof.numerics.formulas.given_values import bound, numpy_values, rounded

k = cp.positive("k")
HALF = Evaluator("test.half", (k,), k / 2, cp.Domain(k=cp.Positive))


def test_each_argument_is_given_once() -> None:
    assert bound("f", ["a", "b"], [1], {"b": 2}) == [1, 2]
    for positional, keywords, message in (
        ([1, 2, 3], {}, "3 values are given"),
        ([1], {"a": 2, "b": 3}, "given twice"),
        ([1], {"c": 2}, "unknown arguments"),
    ):
        with pytest.raises(cp.DomainError, match=message):
            bound("f", ["a", "b"], positional, keywords)


def test_numbers_adapt_to_the_arrays_beside_them() -> None:
    values, kind = numpy_values(["a", "b"], [np.ones(2, np.float32), 2.0])
    assert kind == np.float32
    assert all(np.asarray(v).dtype == np.float64 for v in values)
    assert rounded("f", np.full(2, 0.1), kind).dtype == np.float32
    with pytest.raises(cp.DomainError):
        numpy_values(["a"], [np.array([True])])


def test_the_operator_carries_value_and_gradient() -> None:
    function = torch_operator.differentiable(HALF)
    at = torch.tensor([1.0, 4.0], dtype=torch.float64, requires_grad=True)
    found = function([at])
    found.sum().backward()
    assert found.tolist() == [0.5, 2.0]
    assert at.grad is not None
    assert at.grad.tolist() == [0.5, 0.5]


def test_without_jax_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(cp.UsageError, match="pip install jax"):
        jax_function.differentiable(HALF, ["k"])
