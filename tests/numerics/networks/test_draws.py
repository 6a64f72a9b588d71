"""Random numbers of network runs: what they depend on, and what not."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.numerics.networks.draws import PhiloxDraws


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_numbers_depend_on_replica_and_step_alone(dtype: torch.dtype) -> None:
    draws = PhiloxDraws(5, 7, "claim", dtype)
    for name in ("normals", "uniforms"):
        whole = getattr(draws, name)("inputs", 0, 6, 3)
        parts = [getattr(draws, name)("inputs", first, steps, 3) for first, steps in ((0, 1), (1, 3), (4, 2))]
        assert torch.equal(whole, torch.cat(parts))
        later = PhiloxDraws(2, 7, "claim", dtype, first_replica=3)
        assert torch.equal(whole[..., 3:], getattr(later, name)("inputs", 0, 6, 3))


def test_seed_claim_and_stream_each_change_all_numbers() -> None:
    reference = PhiloxDraws(4, 1, "a").normals("inputs", 0, 5, 2)
    others = [
        PhiloxDraws(4, 2, "a").normals("inputs", 0, 5, 2),
        PhiloxDraws(4, 1, "b").normals("inputs", 0, 5, 2),
        PhiloxDraws(4, 1, "a").normals("label noise", 0, 5, 2),
    ]
    for other in others:
        assert not (reference == other).any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_compiled_and_plain_numbers_agree_to_rounding(dtype: torch.dtype) -> None:
    pytest.importorskip("numba")
    for replicas, first in ((3, 0), (300, 250), (1030, 7)):
        plain, compiled = (
            PhiloxDraws(replicas, 5, dtype=dtype, first_replica=first, backend=backend).normals("langevin", 3, 2, 5)
            for backend in ("torch", "numba")
        )
        assert plain.shape == compiled.shape == (2, 5, replicas)
        torch.testing.assert_close(plain, compiled, atol=8 * torch.finfo(dtype).eps, rtol=0)


def _is_standard_normal(numbers: torch.Tensor) -> bool:
    """Compare mean, variance and fourth moment with 0, 1, 3 at 6 standard errors (level 6e-9)."""
    z = numbers.double().flatten()
    n = len(z)
    gaps = ((z.mean(), 1.0), (z.square().mean() - 1, 2.0), (z.pow(4).mean() - 3, 96.0))
    return all(abs(float(gap)) < 6 * (variance / n) ** 0.5 for gap, variance in gaps)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_laws(dtype: torch.dtype) -> None:
    """A variance wrong by 2 % lies 14 standard errors off at 10^6 numbers."""
    draws = PhiloxDraws(10_000, 3, dtype=dtype)
    z = draws.normals("inputs", 0, 10, 10)
    assert z.dtype == dtype
    assert _is_standard_normal(z)
    assert not _is_standard_normal(z * 1.01)
    u = draws.uniforms("samples", 0, 10, 10)
    assert 0 <= float(u.min()) < 1e-3
    assert 0.999 < float(u.max()) < 1
    assert abs(float(u.mean()) - 0.5) < 6 * (1 / 12 / u.numel()) ** 0.5


def test_bad_arguments_are_named() -> None:
    with pytest.raises(DomainError, match="replicas=0"):
        PhiloxDraws(0)
    with pytest.raises(DomainError, match="float16"):
        PhiloxDraws(1, dtype=torch.float16)
    with pytest.raises(DomainError, match="first_replica=-1"):
        PhiloxDraws(1, first_replica=-1)
    with pytest.raises(DomainError, match="backend='jax'"):
        PhiloxDraws(1, backend="jax")  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="stream='input'"):
        PhiloxDraws(1).normals("input", 0, 1, 1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is there")
def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(NumericsError, match="device='cuda' cannot be used"):
        PhiloxDraws(1, device=torch.device("cuda"))
