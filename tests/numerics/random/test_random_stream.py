"""Random numbers of a stream: by position, by any maker, and of the right law."""

from __future__ import annotations

import pytest
import torch

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.random.increments import increments
from crossproof.numerics.random.philox import UNIFORM, key_words, words
from crossproof.numerics.random.philox_arrays import chunks_of_words
from crossproof.numerics.random.random_stream import Law, Maker, RandomStream, rows

KEY = key_words(7, "stream", "numbers")


def test_parts_are_the_whole() -> None:
    """Normals to rounding where a part is so large that compiled code makes it, uniforms bit for bit."""
    whole, parts = RandomStream(KEY), RandomStream(KEY)
    sizes = (1, 3, 500, 9, 40_000, 2, 16_384)
    for law in ("normal", "uniform"):
        together = getattr(whole, law)(sum(sizes))
        pieces = torch.cat([getattr(parts, law)(n) for n in sizes])
        torch.testing.assert_close(together, pieces, atol=1e-14 if law == "normal" else 0, rtol=0)
        assert together.unique().numel() == sum(sizes)
    assert torch.equal(RandomStream(KEY).normal(6, 2), RandomStream(KEY).normal(12).reshape(6, 2))


def test_numbers_are_those_of_the_engine() -> None:
    exact = increments(torch.arange(50), 0, 2, law="gaussian", dtype="float64", key=KEY)
    assert torch.equal(RandomStream(KEY).normal(100), exact.T.reshape(-1))


def test_seed_claim_and_stream_each_change_all_numbers() -> None:
    reference = RandomStream(key_words(1, "a", "s")).normal(64)
    for key in (key_words(2, "a", "s"), key_words(1, "b", "s"), key_words(1, "a", "t"), key_words(1, "a", 0)):
        assert not (RandomStream(key).normal(64) == reference).any()
    assert key_words(1, "a", 1) != key_words(1, "a", "1")


@pytest.mark.parametrize("law", ["gaussian", "uniform"])
@pytest.mark.parametrize("maker", ["numpy", "numba"])
def test_makers_agree(law: Law, maker: Maker) -> None:
    """NumPy bit for bit, compiled code to rounding of normals; other draws differ."""
    if maker == "numba":
        pytest.importorskip("numba")
    for first, paths, draw, count in ((0, 1, 0, 1), (2**32 - 3, 20_000, 3, 5), (5, 7, 2**20 + 1, 30)):
        exact, found, other = (
            rows(law, first, paths, draw + shift, count, key=KEY, maker=m)
            for m, shift in (("torch", 0), (maker, 0), (maker, 1))
        )
        exactly = maker == "numpy" or law == "uniform"
        torch.testing.assert_close(found, exact, atol=0 if exactly else 2e-15, rtol=0)
        assert float((exact - other).abs().max()) > 0.01


def test_single_precision_normals() -> None:
    exact, found = (rows("gaussian", 3, 1000, 2, 7, key=KEY, dtype="float32", maker=m) for m in ("torch", "numpy"))
    assert torch.equal(found, exact)


def test_words_are_those_of_the_reference() -> None:
    for rows_of, columns, found in chunks_of_words(11, 40_000, range(2, 5), UNIFORM, KEY):
        for n in range(rows_of.start, rows_of.stop):
            exact = words(torch.arange(11, 40_011)[columns], 2 + n, UNIFORM, KEY)
            for a, b in zip(found, exact, strict=True):
                assert torch.equal(a[n - rows_of.start], b)
    with pytest.raises(NumericsError, match="another stream"):
        next(chunks_of_words(0, 1, range(2**32, 2**32 + 1), UNIFORM, KEY))


def _plausible(z: torch.Tensor, moments: tuple[float, ...]) -> bool:
    """Compare raw moments of order 1, 2, ... (the last half give the variances) at six standard errors, level 4e-9."""
    half = len(moments) // 2
    gaps = [
        (float(z.pow(k).mean()) - moments[k - 1], moments[2 * k - 1] - moments[k - 1] ** 2) for k in range(1, half + 1)
    ]
    return all(abs(gap) < 6 * (variance / z.numel()) ** 0.5 for gap, variance in gaps)


def test_laws() -> None:
    """A scale wrong by 1 % is 14 standard errors off the second moment of 10^6 numbers, and rejected."""
    draws = RandomStream(KEY)
    z, u = draws.normal(10**6), draws.uniform(10**6)
    normal = (0.0, 1.0, 0.0, 3.0, 0.0, 15.0, 0.0, 105.0)
    uniform = tuple(1 / (k + 1) for k in range(1, 9))
    assert _plausible(z, normal)
    assert not _plausible(z * 1.01, normal)
    assert _plausible(u, uniform)
    assert not _plausible(u * 1.01, uniform)
    assert 0 <= float(u.min()) < 1e-4
    assert 0.9999 < float(u.max()) < 1


def test_integers_and_permutations_are_uniform() -> None:
    """Counts at six standard errors; a face that comes 3 % too often is rejected (12 standard errors)."""
    draws, n = RandomStream(KEY), 600_000
    faces = torch.bincount(draws.integers(6, n), minlength=6)
    orders = draws.permutations(3, n // 6)
    assert torch.equal(orders.sort(dim=1).values, torch.arange(3).expand(n // 6, -1))
    firsts = torch.bincount(orders[:, 0] * 3 + orders[:, 1], minlength=9)[[1, 2, 3, 5, 6, 7]]

    def fair(counts: torch.Tensor) -> bool:
        total = int(counts.sum())
        return bool(((counts - total / 6).abs() < 6 * (total * 5 / 36) ** 0.5).all())

    assert fair(faces)
    assert fair(firsts)
    assert not fair(faces + torch.tensor([3600, -3600, 0, 0, 0, 0]))


def test_bad_arguments_are_named() -> None:
    with pytest.raises(NumericsError, match="first=-1"):
        rows("gaussian", -1, 1, 0, 1, key=KEY)
    with pytest.raises(NumericsError, match="count=0"):
        rows("uniform", 0, 1, 0, 0, key=KEY)
    with pytest.raises(NumericsError, match="float32"):
        rows("uniform", 0, 1, 0, 1, key=KEY, dtype="float32")
    with pytest.raises(NumericsError, match="meta"):
        rows("gaussian", 0, 1, 0, 1, key=KEY, device="meta", maker="numpy")
    with pytest.raises(NumericsError, match="stop=0"):
        RandomStream(KEY).integers(0, 3)
    with pytest.raises(NumericsError, match="shape"):
        RandomStream(KEY).normal(-1)
    assert RandomStream(KEY).normal(0, 3).shape == (0, 3)
