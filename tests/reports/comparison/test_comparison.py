"""SGD against its models: chance marks seldom, what differs is marked, and the command says both.

Levels: 16 parts of SGD are compared with 16 others at 5 % a statistic; of the 144 comparisons more than 26 are marked
with probability below 1e-6 if they were independent; they are so in blocks of 9. At the level 0.5 the same count fails.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from crossproof.cli import main
from crossproof.derivations.errors import UsageError
from crossproof.reports.comparison import command, results
from crossproof.reports.comparison.command import Asked, compare
from crossproof.reports.comparison.described import MODELS
from crossproof.reports.comparison.groups import by_groups, squared_w2
from crossproof.reports.comparison.pictures import escape, told
from crossproof.reports.comparison.results import CONTROL
from crossproof.reports.comparison.runs import CUT, Paths, simulate, train
from crossproof.reports.comparison.setting import Setting
from crossproof.reports.comparison.statistics import DISTANCES, FAMILY, SINGLE, Reference, comparisons

SMALL = Setting(2, width=1, horizon=6.0, paths=512, seed=3)


@pytest.fixture(scope="module")
def trained() -> Paths:
    return train(SMALL, 16 * 4 * 128)


def marks(trained: Paths, level: float) -> int:
    return sum(
        row.differs
        for k in range(16)
        for reference in [Reference(SMALL, trained.part(k, 16))]
        for row in reference.rows(CONTROL, reference.again, level)
    )


def test_parts_of_sgd_are_seldom_told_apart(trained: Paths) -> None:
    assert marks(trained, 0.05) <= 26
    assert marks(trained, 0.5) > 26


@pytest.mark.parametrize(
    ("model", "statistics"),
    [
        ("isotropic", {"variance of p", "MMD of weights", "loss at the end"}),
        ("fractional", {"exit time", "variance of p"}),
    ],
)
def test_what_differs_is_marked(trained: Paths, model: str, statistics: set[str]) -> None:
    """At the level of a whole run; the differences are more than ten standard errors."""
    reference = Reference(SMALL, trained.part(0, 4))
    level = FAMILY / comparisons(len(MODELS) + 1, 3)
    found = {row.statistic for row in reference.rows(model, simulate(SMALL, model), level) if row.differs}
    assert statistics <= found


def test_distances_of_groups_have_mean_zero_where_laws_are_equal() -> None:
    draws = np.random.default_rng(1).standard_normal((4, 3200))
    gap = by_groups("W2", lambda a, b, c, d: squared_w2(a, b) - squared_w2(c, d), list(draws), 1e-4)
    assert gap.covers(0.0)
    draws[0] += 0.3
    far = by_groups("W2", lambda a, b, c, d: squared_w2(a, b) - squared_w2(c, d), list(draws), 1e-4)
    assert far.low > 0
    assert far.value == pytest.approx(0.09, abs=0.04)


def test_runs_follow_their_seed_and_replica() -> None:
    few, more = train(SMALL, 8), train(SMALL, 24)
    assert few.product == pytest.approx(more.product[:8], rel=1e-12)
    other = train(Setting(2, width=1, horizon=6.0, paths=512, seed=4), 8)
    assert not np.allclose(few.product[:, -1], other.product[:, -1])


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 3])
def test_every_model_starts_where_sgd_does_and_stays_finite(depth: int) -> None:
    setting = Setting(depth, horizon=1.0, paths=64)
    start = train(setting, 4).product[0, 0]
    for name, model in MODELS.items():
        assert model.prepare(setting)[1][: len(setting.start)] == setting.start, name
        paths = simulate(setting, name)
        assert paths.product[:, 0] == pytest.approx(np.full(64, start), rel=1e-12), name
        assert np.abs(paths.product).max() <= CUT
        assert paths.product[:, -1].std() > 0, name


def falling(share: np.ndarray, setting: Setting) -> Paths:
    """Return 64 equal paths whose loss has fallen by that share of what it is at the saddle."""
    product = np.tile(1 - np.sqrt(1 - share), (64, 1))
    return Paths(product, np.zeros((64, 25, 1)), np.zeros((64, 1)), np.zeros((64, 1)))


def test_escape_times_tell_a_power_law_from_an_exponential_one() -> None:
    """Loss lost as t^2 gives the slope 1/2 over log DL; lost as 1 - t^(-1/2) the slope 2 over D log L."""
    setting = Setting(2, rate=0.001, horizon=200.0)
    times = np.arange(4000) * setting.dt
    power = escape(falling(np.minimum(times / times[-1], 0.999) ** 2 * 0.95, setting), setting)
    assert power is not None
    assert power.power[0] == pytest.approx(0.5, abs=0.02)
    assert power.power[3] < power.exponential[3]
    assert "straighter over log DL" in told("one", power)
    begun = np.maximum(times / 50, 1)
    late = escape(falling(1 - begun**-0.5, setting), setting)
    assert late is not None
    assert late.exponential[0] == pytest.approx(2.0, rel=0.15)
    assert late.exponential[3] < late.power[3]
    assert escape(falling(np.full(4000, 0.01), setting), setting) is None
    assert "too few" in told("none", None)


def asked(**changed: object) -> Asked:
    options = {
        "depths": (2,), "models": ("anisotropic",), "effort": "quick", "seed": 0, "device": "cpu", "width": 1,
        "rate": 0.05, "json": None, "out": None, "format": "png",
    }  # fmt: skip
    return Asked(**(options | changed))  # type: ignore[arg-type]


def test_the_command_writes_table_json_and_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "EFFORTS", {"quick": 128})
    file = tmp_path / "found.json"
    line = [
        "compare",
        "--depths",
        "2",
        "--width",
        "1",
        "--models",
        "anisotropic",
        "--effort",
        "quick",
        "--device",
        "cpu",
    ]
    assert main([*line, "--json", str(file), "--out", str(tmp_path / "pictures")]) == 0
    said = capsys.readouterr().out
    assert "SGD again" in said
    assert "No mark: no difference was resolved. That is no evidence that there is none" in said
    assert "log time against log loss" in said
    assert "\x1b" not in said
    found = json.loads(file.read_text())
    assert [row["statistic"] for row in found["rows"][:10]] == [*SINGLE, *DISTANCES]
    assert len(found["rows"]) == 20
    assert found["level"] == pytest.approx(FAMILY / 20)
    for row in found["rows"]:
        if row["value"] is not None:
            gap = row["difference"]
            outside = gap["low"] > 0 or (gap["high"] < 0 and row["statistic"] not in DISTANCES)
            assert row["differs"] is outside
            assert gap["low"] <= gap["value"] <= gap["high"]
    assert (tmp_path / "pictures" / "compare-depth-2.png").stat().st_size > 10_000


def test_a_model_whose_paths_are_lost_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from crossproof.derivations.errors import NumericsError

    def lost(setting: Setting, name: str) -> Paths:
        raise NumericsError("3 of 128 paths became non-finite")

    monkeypatch.setattr(command, "EFFORTS", {"quick": 128})
    monkeypatch.setattr(command, "simulate", lost)
    monkeypatch.setattr(command, "escape", lambda paths, setting: None)
    told_steps: list[str] = []
    (one,) = compare(asked(), told_steps.append)
    assert told_steps == ["depth 2: SGD", "depth 2: anisotropic"]
    assert {row.model for row in one.rows} == {CONTROL}
    results.show([one], asked().models)
    assert "anisotropic: no paths, 3 of 128 paths became non-finite" in capsys.readouterr().out
    results._table(one)
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("SGD again", *SINGLE, *DISTANCES))
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"models": ("levy",)}, "known are isotropic"),
        ({"models": ("stable", "stable")}, "name each once"),
        ({"depths": (1,)}, "depths from 2 to 6"),
        ({"width": 7}, "1 to 4 neurons"),
        ({"rate": math.nan}, "a learning rate in"),
        ({"device": "cuda:99"}, "--device cuda:99"),
    ],
)
def test_what_cannot_be_compared_is_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        asked(**changed).settings()
