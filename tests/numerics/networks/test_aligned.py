"""One description in two arithmetics: networks between bases, amplitudes and imbalances of any weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.aligned import ModeNetwork, amplitude, between_bases, imbalance
from crossproof.numerics.networks.rational import rational_network, rotation

EXACT = rational_network([Fraction(2, 3), Fraction(1, 2)], [Fraction(1), Fraction(2)], depth=3)
BENT = [w + Fraction(k + 1, 5) * rotation(2, k) for k, w in enumerate(EXACT.weights)]


def floating(matrix: object) -> torch.Tensor:
    return torch.from_numpy(np.asarray(matrix).astype(float))


def test_both_arithmetics_agree_on_weights_that_are_neither_balanced_nor_aligned() -> None:
    fast = ModeNetwork(
        between_bases([floating(b) for b in EXACT.bases], torch.tensor([2 / 3, 1 / 2], dtype=torch.float64)),
        floating(EXACT.teacher),
        tuple(floating(b) for b in EXACT.bases),
    )
    for found, exact in zip(fast.weights, EXACT.weights, strict=True):
        torch.testing.assert_close(found, floating(exact))
    moved = [floating(w) for w in BENT]
    for a in (0, 1):
        for b in (0, 1):
            value = amplitude(EXACT, a, b)(BENT)
            assert float(value) == pytest.approx(float(amplitude(fast, a, b)(moved)), rel=1e-12)
            assert value == (EXACT.bases[-1].T @ BENT[2] @ BENT[1] @ BENT[0] @ EXACT.bases[0])[a, b]
            gap = BENT[2].T @ BENT[2] - BENT[1] @ BENT[1].T
            value = imbalance(EXACT, 2, a, b)(BENT)
            assert float(value) == pytest.approx(float(imbalance(fast, 2, a, b)(moved)), rel=1e-12)
            assert value == (EXACT.bases[2].T @ gap @ EXACT.bases[2])[a, b] != 0


def test_replicas_share_the_entries() -> None:
    bases = [torch.eye(3, dtype=torch.float64).expand(4, -1, -1), torch.eye(2, dtype=torch.float64).expand(4, -1, -1)]
    (layer,) = between_bases(bases, torch.tensor([3.0], dtype=torch.float64))
    assert layer.shape == (4, 2, 3)
    assert layer[2].tolist() == [[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize("layer", [0, 3])
def test_an_imbalance_needs_two_layers(layer: int) -> None:
    with pytest.raises(DomainError, match=f"layer = {layer}"):
        imbalance(EXACT, layer, 0, 0)
