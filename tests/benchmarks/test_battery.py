"""The published battery on short runs: the kernels' numbers pass, near misses of them fail.

dieharder fails a test at p outside [1e-6, 1 - 1e-6]; the eight p-values looked at here are all inside with probability
1 - 2e-5 for a good generator, and fixed by their seed.
"""

import shutil
import sys
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from crossproof.numerics.random import philox_arrays
from crossproof.numerics.random.normal_rows import normal_rows
from crossproof.numerics.random.philox import GAUSSIAN_FLOAT32, key_schedule, key_words

pytest.importorskip("numba")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("dieharder") is None, reason="needs the program dieharder"),
]
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def battery(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import battery

    yield battery
    sys.modules.pop("battery", None)


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("paths", "-d 0"),
        ("paths", "-d 8"),
        ("time", "-d 8"),
        ("time", "-d 100"),
        ("streams", "-d 8"),
        ("streams", "-d 100"),
        ("normals", "-d 0"),
        ("normals", "-d 204"),
    ],
)
def test_the_kernels_numbers_pass(battery, source, options):
    found = battery.examine(source, battery.SOURCES[source](0), options)
    assert all(f.assessment in ("passed", "weak") for f in found)


def few_rounds(rounds, monkeypatch):
    monkeypatch.setattr(philox_arrays, "key_schedule", lambda key: key_schedule(key)[:rounds])
    for block in count(step=64):
        words = philox_arrays.chunks_of_words(0, 4096, range(block, block + 64), GAUSSIAN_FLOAT32, key_words(0))
        for _, _, made in words:
            yield np.stack([w.numpy().astype(np.uint32) for w in made], axis=1).reshape(-1)


def wide_normals(factor):
    for draw in count(step=64):
        z = normal_rows(0, 4096, draw, 64, dtype="float64", key=key_words(0))
        yield np.minimum(ndtr(factor * z) * 2.0**32, 2.0**32 - 1).astype(np.uint32).reshape(-1)


def test_three_rounds_fail(battery, monkeypatch):
    assert battery.examine("few rounds", few_rounds(3, monkeypatch), "-d 8")[0].assessment == "failed"


def test_normals_of_another_variance_fail(battery):
    """Standard deviation 1.01."""
    assert battery.examine("wide normals", wide_normals(1.01), "-d 204")[0].assessment == "failed"
