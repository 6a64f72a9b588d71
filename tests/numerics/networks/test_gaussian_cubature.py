"""Degree-five cubature against the moments of a standard Gaussian."""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import prod

import pytest
import torch

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.gaussian_cubature import degree_five


@pytest.mark.parametrize("n", [1, 2, 4, 6])
def test_all_monomials_of_degree_up_to_five_are_exact(n: int) -> None:
    points, weights = degree_five(n)
    assert points.shape == (1 + 2 * n * n, n)
    moments = {0: 1.0, 1: 0.0, 2: 1.0, 3: 0.0, 4: 3.0, 5: 0.0}
    for degree in range(6):
        for places in combinations_with_replacement(range(n), degree):
            exact = prod(moments[places.count(i)] for i in range(n))
            found = (weights * torch.stack([points[:, i] for i in places]).prod(0)).sum() if places else weights.sum()
            assert found == pytest.approx(exact, abs=1e-12)


def test_degree_six_is_not() -> None:
    points, weights = degree_five(2)
    assert abs((weights * points[:, 0] ** 6).sum() - 15) > 1


def test_dimension_is_checked() -> None:
    with pytest.raises(DomainError, match="dimension=0"):
        degree_five(0)
