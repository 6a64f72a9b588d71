"""Philox words against the published vectors and by their statistics; streams and laws do not share words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.random.philox import GAUSSIAN_FLOAT32, TWO_POINT, key_words, multiply, philox4x32, words

# Random123 1.14, tests/kat_vectors
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "output"), VECTORS)
def test_known_answers(counter: tuple[int, ...], key: tuple[int, int], output: tuple[int, ...]) -> None:
    found = philox4x32(tuple(torch.tensor(c) for c in counter), key)  # type: ignore[arg-type]
    assert tuple(int(w) for w in found) == output


def test_products_are_exact() -> None:
    x = torch.tensor([0, 1, 2**16, 2**31, 2**32 - 1, 123456789])
    high, low = multiply(x, 0xD2511F53)
    assert [(int(h) << 32) | int(w) for h, w in zip(high, low, strict=True)] == [int(v) * 0xD2511F53 for v in x]


def test_words_depend_on_the_path_alone() -> None:
    key = key_words(1, "words")
    whole = words(torch.arange(2**32 - 50, 2**32 + 50), 7, GAUSSIAN_FLOAT32, key)
    part = words(torch.tensor([2**32 + 3, 2**32 - 1]), 7, GAUSSIAN_FLOAT32, key)
    for w, p in zip(whole, part, strict=True):
        assert p.tolist() == w[[53, 49]].tolist()


def test_keys_differ_in_every_argument_and_stay() -> None:
    keys = {key_words(*k) for k in [(0, "", 0), (1, "", 0), (0, "a", 0), (0, "", 1), (0, "1", 0), (10, "", 0)]}
    assert len(keys) == 6
    assert all(0 <= w < 2**32 for w in key_words(0))
    assert key_words(5, "claim", 2) == key_words(5, "claim", 2)


def bit_bias(bits: np.ndarray) -> float:
    """Return the greatest |z| of the frequency of ones among the columns."""
    return float(np.abs((bits.mean(0) - 0.5) * 2 * np.sqrt(len(bits))).max())


def test_bits_are_fair_and_streams_unrelated() -> None:
    """128 frequencies and 2 x 128 agreements, each at |z| < 5.5: level 384 * 3.8e-8 = 1.5e-5; a bias of 1 % is seen."""

    def bits(stream: int, law: int = TWO_POINT) -> np.ndarray:
        drawn = words(torch.arange(2**17), 3, law, key_words(9, "bits", stream))
        return np.concatenate([(w.numpy()[:, None] >> np.arange(32)) & 1 for w in drawn], axis=1)

    first = bits(0)
    assert bit_bias(first) < 5.5
    assert bit_bias(first ^ bits(1)) < 5.5
    assert bit_bias(first ^ bits(0, GAUSSIAN_FLOAT32)) < 5.5
    tilted = np.where(np.random.default_rng(0).random(first.shape) < 0.02, 1, first)
    assert bit_bias(tilted) > 5.5


@pytest.mark.parametrize("bad", [{"seed": 1.5}, {"seed": True}, {"seed": 0, "claim": 3}, {"seed": 0, "stream": 0.5}])
def test_refuses_other_types(bad: dict[str, object]) -> None:
    with pytest.raises(NumericsError, match="give one"):
        key_words(**bad)  # type: ignore[arg-type]


def test_refuses_a_block_beyond_the_counter() -> None:
    with pytest.raises(NumericsError, match="another stream"):
        words(torch.arange(2), 2**32, GAUSSIAN_FLOAT32, (0, 0))
