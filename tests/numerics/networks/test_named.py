"""Networks by the names of a setting: partial products, places in a domain, the same numbers in both arithmetics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.domain import Domain
from crossproof.derivations.matrices.kronecker import SampleSum
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.ranges import Integers, Positive
from crossproof.numerics.matrices import Floating, Rational, evaluate
from crossproof.numerics.networks.linear import random_weights
from crossproof.numerics.networks.named import NamedNetwork, network_sizes, network_values, place
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

TEACHER = NetworkSetting(sp.Rational(1, 2), "teacher")
WIDTHS = (2, 3, 4, 5)


def test_partial_products_surround_the_layer() -> None:
    weights = random_weights(WIDTHS, RandomStream(key_words(0)))
    for k in (1, 2, 3):
        named = network_values(TEACHER, weights, {"l": k}, torch.zeros(5, 2, dtype=torch.float64))
        torch.testing.assert_close(named["P_l"] @ named["W_l"] @ named["Q_l"], named["W"])
        torch.testing.assert_close(named["E"], named["W"])
        sizes = network_sizes(TEACHER, WIDTHS, {"l": k})
        assert [sizes[d] for d in TEACHER.layer_shape("l")] == [WIDTHS[k], WIDTHS[k - 1]]


def test_places_lie_in_the_domain_or_there_are_none() -> None:
    sigma = sp.Symbol("sigma", positive=True)
    domain = Domain(sigma=Positive)
    found = place(TEACHER, ("i", "j"), WIDTHS, (3, 1), domain, 2)
    assert found is not None
    assert found.layers == {"i": 3, "j": 1}
    assert found.parameters == {sigma: Positive.value(2, {})}
    assert found.words(TEACHER) == "widths 2-3-4-5, layers i=3, j=1"
    assert found.silenced is None
    assert found.samples == 3
    rows = TEACHER.layer_shape("i")[0]
    wide = Domain(**{rows.name: Integers(6)}, sigma=Positive)
    assert place(TEACHER, ("i",), WIDTHS, (3, 1), wide, 2) is None  # the layer has 5 rows
    fixed = replace(TEACHER, depth=2)
    assert place(fixed, (), WIDTHS, (1, 1), domain, 1) is None
    two = place(fixed, (), WIDTHS[:3], (1, 1), domain, 1)
    assert two is not None
    assert two.layers == {"1": 1, "2": 2}
    assert two.words(fixed) == "widths 2-3-4"


@pytest.mark.parametrize(("side", "index"), [("after", 2), ("before", 0)])
def test_a_silent_layer_silences_its_neighbour(side: str, index: int) -> None:
    silent = replace(TEACHER, silent=("i", side))
    found = place(silent, ("i",), WIDTHS, (2, 1), Domain(), 1)
    assert found is not None
    assert found.silenced == index
    last = 3 if side == "after" else 1
    assert place(silent, ("i",), WIDTHS, (last, 1), Domain(), 1) is None


@pytest.mark.parametrize("data", ["dataset", "teacher"])
def test_both_arithmetics_have_the_same_numbers(data: str) -> None:
    setting = NetworkSetting(sp.Rational(1, 2), data, depth=2)
    tables = [
        np.array(m, dtype=object)
        for m in ([[1, 2], [0, -1], [3, 1]], [[2, 0, 1]], [[5, -2]], [[1, 1], [2, -3], [0, 4]], [[1], [-1], [7]])
    ]
    exact, fast = (
        NamedNetwork(setting, numbers, {"1": 1, "2": 2}, [w1, w2], teacher, x, y, {})
        for numbers, (w1, w2, teacher, x, y) in (
            (Rational(), tables),
            (Floating(), [torch.from_numpy(m.astype(float)) for m in tables]),
        )
    )
    for name, value in exact.values.matrices.items():
        assert np.allclose(np.asarray(value, dtype=float), fast.values.matrices[name].numpy())
    assert ("M" in exact.values.matrices) is (data == "teacher")
    second = setting.sample[1]
    for one, other, x, y in zip(exact.table(), fast.table(), exact.x, exact.y, strict=True):
        assert np.allclose(one[second.name].astype(float), other[second.name].numpy())
        wanted = y if data == "dataset" else y - exact.teacher @ x
        assert (one[second.name][:, 0] == wanted).all()
    if data == "dataset":
        column = sp.MatrixSymbol("x_mu", 2, 1)
        total = SampleSum(column * column.T, 3, (column,))
        assert (evaluate(total, exact.values) == exact.x.T @ exact.x).all()
    extra = exact.values_with({"u": tables[1]})
    assert extra.matrices["u"] is tables[1]
    assert "u" not in exact.values.matrices
