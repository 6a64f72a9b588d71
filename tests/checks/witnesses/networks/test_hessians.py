"""Witnesses of blocks of the Hessian accept what section 4.3 of document 001 leaves out, and reject wrong variants."""

import dataclasses

import pytest
import sympy as sp
import torch

import crossproof as cp
from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.networks.algebra import trace_words
from crossproof.checks.witnesses.networks.exact import exact_small_networks
from crossproof.checks.witnesses.networks.sampling import autograd_networks
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.statements.hessians import LossHessian

load_catalog()
BLOCKS = [
    (name, part)
    for name in ("001.4.3.hessian", "001.4.3.hessian.whitened")
    for part in range(len(CLAIMS[name].statement.parts))
]
SEEN = {trace_words: Outcome.UNDECIDED, exact_small_networks: Outcome.REFUTED, autograd_networks: Outcome.REFUTED}


def examine(witness, name, statement):
    claim = Claim("test.hessian", "", Source("test", ""), statement, CLAIMS[name].domain)
    return witness(statement, Task(claim, effort("quick"), 5, "cpu", 1e-8, witness.__name__)).outcome


@pytest.mark.parametrize(("name", "part"), BLOCKS)
@pytest.mark.parametrize("witness", SEEN)
def test_every_block(name, part, witness):
    block = CLAIMS[name].statement.parts[part]
    assert examine(witness, name, block) in (Outcome.PROVED, Outcome.CONFIRMED)
    wrong = dataclasses.replace(block, value=block.value * sp.Rational(21, 20))
    assert examine(witness, name, wrong) is SEEN[witness]


@pytest.mark.parametrize("witness", SEEN)
def test_the_off_diagonal_block_has_both_terms(witness):
    block = CLAIMS["001.4.3.hessian.whitened"].statement.parts[2]
    for term in block.value.args:
        assert examine(witness, "001.4.3.hessian.whitened", dataclasses.replace(block, value=term)) is SEEN[witness]


def test_three_layers():
    """Between the first and the last of three layers; each block of this kind misses one of its two terms at most."""
    setting = NetworkSetting(loss_scale=sp.Rational(1, 2), data="teacher", depth=3)
    W1, W2, W3 = (setting.weight(k) for k in "123")
    rows, columns = setting.layer_shape("3")
    right = LossHessian(setting, "3", "3", sp.KroneckerProduct(W2 * W1 * W1.T * W2.T, sp.Identity(rows)))
    wrong = LossHessian(setting, "3", "3", sp.KroneckerProduct(W2 * W1 * W1.T * W2.T, W3 * W3.T))
    domain = cp.Domain(**{f"d{k}": cp.Integers(1) for k in range(4)})
    assert right.value.shape == (rows * columns, rows * columns)
    for statement, told in (
        (right, (Outcome.PROVED, Outcome.CONFIRMED)),
        (wrong, (Outcome.UNDECIDED, Outcome.REFUTED)),
    ):
        claim = Claim("test.hessian", "", Source("test", ""), statement, domain)
        for witness in SEEN:
            assert witness(statement, Task(claim, effort("quick"), 5, "cpu", 1e-8, witness.__name__)).outcome in told


def test_the_formula_is_the_hessian_of_the_loss():
    generator = torch.Generator().manual_seed(3)
    w1, w2, m = (torch.randn(*s, generator=generator, dtype=torch.float64) for s in ((2, 3), (4, 2), (4, 3)))

    def loss(one, other):
        return (other.reshape(2, 4).mT @ one.reshape(3, 2).mT - m).square().sum()

    blocks = torch.autograd.functional.hessian(loss, (w1.mT.reshape(-1), w2.mT.reshape(-1)))
    for part, (i, j) in enumerate(((0, 0), (1, 1), (0, 1)), start=1):
        formula = cp.matrix_formula("001.4.3.hessian.whitened", part=part)
        known = {"W_1": w1, "W_2": w2, "E": w2 @ w1 - m, "d0": 3, "d2": 4}
        found = formula.torch()(**{name: known[name] for name in formula.signature.parameters})
        torch.testing.assert_close(found, blocks[i][j])


def test_descriptions_are_checked():
    setting = NetworkSetting(loss_scale=sp.Integer(1), data="teacher", depth=2)
    block = sp.KroneckerProduct(sp.Identity(setting.inputs), setting.weight("2"))
    with pytest.raises(ClaimError, match="shape"):
        LossHessian(setting, "1", "1", block)
    with pytest.raises(ClaimError, match="depth"):
        LossHessian(NetworkSetting(loss_scale=sp.Integer(1), data="teacher"), "1", "1", block)
