"""Small networks in rational arithmetic: data with the moments of the setting, exact gradients, irrational factors."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.checks.witnesses.networks.amplitude_exact import _batch_covariance
from crossproof.checks.witnesses.networks.exact_networks import NETWORKS, exact_networks
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.statements.amplitudes import AmplitudeTerm
from crossproof.numerics.networks.named import end_to_end

load_catalog()
COVARIATION = CLAIMS["003.prop3.3.covariation"]
EXACT = "exact small networks"


def _setting() -> AmplitudeTerm:
    assert isinstance(COVARIATION.statement, AmplitudeTerm)
    return COVARIATION.statement


def _examined(value: sp.Expr) -> Finding:
    claim = replace(COVARIATION, statement=replace(_setting(), value=value))
    return witness_named(EXACT).examine(claim.statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, EXACT))


def test_the_data_have_the_moments_that_the_setting_gives() -> None:
    for made in exact_networks(_setting().setting, ("i", "j"), COVARIATION.domain):
        sigma = Fraction(str(made.values.scalars[_setting().setting.label_noise]))
        assert made.probabilities.sum() == 1
        table = np.concatenate([made.x, made.noise], axis=1)
        second = made.mean(table[:, :, None] * table[:, None, :])
        inputs = made.x.shape[1]
        assert (second == np.diag([1] * inputs + [sigma**2] * (table.shape[1] - inputs))).all()
        assert (made.mean(made.x**4) == 3).all()
        assert not made.mean(made.x**5).any()
        assert (made.x @ made.values.matrices[_setting().setting.teacher.name].T + made.noise == made.y).all()


def test_every_shape_of_the_list_serves_and_is_made_once() -> None:
    first, again = ([*exact_networks(_setting().setting, ("i", "j"), COVARIATION.domain)] for _ in range(2))
    assert [tuple(w.shape[1] for w in m.weights) for m in first] == [widths[:-1] for widths, _ in NETWORKS]
    assert all(a is b for a, b in zip(first, again, strict=True))


def test_gradients_agree_with_the_chain_rule() -> None:
    made = next(m for m in exact_networks(_setting().setting, ("i", "j"), COVARIATION.domain) if len(m.weights) == 3)
    residual = made.x @ end_to_end(made.weights).T - made.y
    for name, k in made.layers.items():
        after, before = made.weights[k:], made.weights[: k - 1]
        pushed = residual @ end_to_end(after) if after else residual
        inputs = made.x @ end_to_end(before).T if before else made.x
        expected = 2 * Fraction(str(made.setting.loss_scale)) * pushed[:, :, None] * inputs[:, None, :]
        assert (made.loss_gradient(name) == expected).all()


@pytest.mark.parametrize("factor", [sp.sqrt(2), 1 / sp.sqrt(3), sp.sqrt(2) * sp.sqrt(3) / 2])
def test_an_irrational_factor_is_refuted_exactly(factor: sp.Expr) -> None:
    found = _examined(factor * _setting().value)
    assert found.outcome is Outcome.REFUTED
    assert found.counterexample is not None
    assert "sqrt" in found.counterexample.stated


def test_irrational_parts_that_cancel_are_no_difference() -> None:
    root = sp.sqrt(2)
    silent = sp.Mul(root, 1 + root, evaluate=False) - 2 - root
    assert _examined(_setting().value + silent).outcome is Outcome.CONFIRMED
    nearly = sp.Add(sp.sqrt(2) + sp.sqrt(3), -sp.sqrt(5 + 2 * sp.sqrt(6)), evaluate=False)
    assert _examined(_setting().value + nearly).outcome is not Outcome.REFUTED


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_the_covariance_of_batch_means_is_that_over_all_batches(batch: int) -> None:
    along = [
        np.array([Fraction(1, 2), Fraction(-2, 3), Fraction(0), Fraction(1, 6)], dtype=object),
        np.array([Fraction(3), Fraction(1, 5), Fraction(-1), Fraction(0)], dtype=object),
    ]
    shares = np.array([Fraction(1, 3), Fraction(1, 6), Fraction(1, 4), Fraction(1, 4)], dtype=object)
    along = [values - (shares * values).sum() for values in along]
    expected = Fraction(0)
    for drawn in itertools.product(range(4), repeat=batch):
        weight = Fraction(1)
        for k in drawn:
            weight *= shares[k]
        means = [sum((values[k] for k in drawn), Fraction(0)) / batch for values in along]
        expected += weight * means[0] * means[1]
    assert _batch_covariance(along, shares, batch) == expected
    assert expected == (shares * along[0] * along[1]).sum() / batch
