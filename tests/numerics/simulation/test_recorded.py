"""Recorded trajectories: the same paths as the streamed summaries, disjoint ranges, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import crossproof as cp

x, k = cp.real("x"), cp.positive("k")
SDE = cp.SDE(x, drift=-k * x, diffusion=1)
RUN = {"horizon": 1.0, "steps": 20, "backend": "torch", "seed": 3}


def test_the_last_states_are_those_of_the_summaries() -> None:
    times, paths = cp.simulate_paths(SDE, {"k": 2}, 1.0, paths=500, every=5, **RUN)
    np.testing.assert_allclose(times, [0, 0.25, 0.5, 0.75, 1.0])
    assert paths.shape == (500, 5, 1)
    assert np.all(paths[:, 0] == 1.0)
    streamed = cp.simulate(SDE, {"k": 2}, 1.0, paths=500, dtype="float64", **RUN)
    np.testing.assert_allclose(paths[:, -1, 0].mean(), streamed.mean[0, 0], rtol=1e-10)
    _, other = cp.simulate_paths(SDE, {"k": 2}, 1.0, paths=500, every=5, **{**RUN, "seed": 4})
    assert not np.isclose(other[:, -1, 0].mean(), streamed.mean[0, 0], rtol=1e-6)


def test_disjoint_ranges_of_paths_make_one_run() -> None:
    whole = cp.simulate_paths(SDE, {"k": 2}, 1.0, paths=30, **RUN)[1]
    parts = [cp.simulate_paths(SDE, {"k": 2}, 1.0, paths=10, first_path=j, **RUN)[1] for j in (0, 10, 20)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"every": 3}, "every=3"), ({"every": 0}, "every=0"), ({"parameters": {"k": [1.0, 2.0]}}, "grid of 2")],
)
def test_what_does_not_fit_is_refused(change: dict, message: str) -> None:
    given = {"parameters": {"k": 2}, "paths": 4, **RUN, **change}
    with pytest.raises(cp.NumericsError, match=message):
        cp.simulate_paths(SDE, initial=1.0, **given)
