"""The benchmark script: declared rows, and a check that rejects an implementation of another equation."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def modules(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import equations
    import peers
    import references
    import timing

    yield {"equations": equations, "peers": peers, "references": references, "timing": timing}
    for name in ("equations", "peers", "references", "timing", "problem", "environments"):
        sys.modules.pop(name, None)


def test_quick_run_prints_and_writes_the_declared_rows(tmp_path):
    pytest.importorskip("numba")
    file = tmp_path / "rows.json"
    command = [sys.executable, str(FOLDER / "run.py"), "--quick", "--only", "fokker-planck", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(file.read_text())
    assert {"processor", "cores", "date", "torch"} <= found["machine"].keys()
    assert found["rows"]
    for row in found["rows"]:
        assert {"workload", "implementation", "dtype", "rate", "unit", "ratio_to_torch_eager"} <= row.keys()
        assert 0 < row["slowest"] <= row["rate"] <= row["fastest"]
        assert row["relative_error"] <= row["stated_relative_error"]
        assert row["implementation"] in done.stdout


def test_without_a_device_the_cuda_part_says_so(tmp_path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    command = [sys.executable, str(FOLDER / "run.py"), "--quick", "--cuda"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "no CUDA device" in done.stderr


def test_reference_of_geometric_growth_is_its_closed_form(modules):
    """For s <- s (1 + r h + q sqrt(h) xi) the moments are ((1 + r h)^n, ((1 + r h)^2 + q^2 h)^n)."""
    rate, noise, steps = 0.3, 0.4, 50
    found = modules["references"].scalar_chain(
        lambda s: rate * s, lambda s: noise * s, 1.0, 1.0, steps, low=0.02, high=20.0
    )
    growth, dt = 1 + rate / steps, 1 / steps
    assert found.values == pytest.approx((growth**steps, (growth**2 + noise**2 * dt) ** steps), rel=1e-6)


def test_linear_reference_agrees_with_the_scalar_one(modules):
    references = modules["references"]
    one = references.linear_chain(np.array([[-0.3]]), np.zeros(1), np.array([0.4]), np.ones(1), 1.0, 50)
    other = references.scalar_chain(lambda s: 0.3 * s, lambda s: 0.4 * s, 1.0, 1.0, 50, low=0.02, high=20.0)
    assert one.values[0] == pytest.approx(other.values[0], rel=1e-6)
    assert one.deviations[0] == pytest.approx(other.deviations[0], rel=1e-5)


def test_the_right_equation_passes_and_the_stratonovich_reading_fails(modules):
    """2,000 paths: level 1e-7 an average (5.3 standard errors); the other reading doubles the mean, 15 errors away."""
    import torch

    equations, peers, timing = (modules[name] for name in ("equations", "peers", "timing"))
    run = peers.torch_eager(2_000, 1, dtype=torch.float64)
    right = equations.scalar().reference
    assert right.worst(run.averages, 2_000, "float64") < timing.LIMIT
    wrong = modules["references"].scalar_chain(
        lambda s: s * (3.5 - 2 * s), lambda s: 2**0.5 * s, 0.05, 1.0, 1000
    )  # drift + 1/2 S S' = 2 s (a + v/2 - s) + 2 v s with v = 1/2
    assert wrong.worst(run.averages, 2_000, "float64") > 10
    by_hand = equations.eager(equations.three_dimensional(), 2_000, 1)
    assert equations.three_dimensional().reference.worst(by_hand.averages, 2_000, "float32") < timing.LIMIT


def test_the_hand_written_kernel_draws_philox_words_and_solves_the_equation(modules):
    import torch

    from crossproof.numerics.random.philox import GAUSSIAN_FLOAT32, words

    peers, timing = modules["peers"], modules["timing"]
    key = (0x12345678, 0x9ABCDEF0)
    try:
        found = [peers.native_words(start, 7, key) for start in (0, 5 * 2**32 + 64)]
    except peers.PeerMissingError as reason:
        pytest.skip(str(reason))
    for start, drawn in zip((0, 5 * 2**32 + 64), found, strict=True):
        paths = torch.arange(start, start + len(drawn))
        assert np.array_equal(drawn, torch.stack(words(paths, 7, GAUSSIAN_FLOAT32, key), dim=1).numpy())
    run = peers.native(100_000, 1)
    assert modules["equations"].scalar().reference.worst(run.averages, 100_000, "float32") < timing.LIMIT
