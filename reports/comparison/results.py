"""What a comparison found, as text, as tables on a terminal, and as JSON."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..formats.plain import visible
from .described import ALPHA, BETA, MODELS
from .pictures import Escape, told
from .runs import CUT, FINER, WITHIN
from .setting import Setting
from .statistics import DISTANCES, FAMILY, LEFT, SHOWN, SINGLE, Row, comparisons

#: The part of SGD that is compared as if it were a model: whatever it shows, chance has made.
CONTROL = "SGD again"
#: Characters of a model's name, and of a statistic with its interval, in the table on a terminal.
NAMES, COLUMN = 16, 20


@dataclass(frozen=True)
class Compared:
    """What was found at one depth."""

    setting: Setting
    rows: tuple[Row, ...]
    escapes: Mapping[str, Escape | None]
    stopped: Mapping[str, int]
    failed: Mapping[str, str]


def show(found: Sequence[Compared], models: Sequence[str]) -> None:
    for line in _heading(found[0].setting, models):
        print(line)
    for one in found:
        print()
        if sys.stdout.isatty():
            _table(one)
        else:
            for line in _lines(one):
                print(visible(line))
        for name, why in one.failed.items():
            print(visible(f"{name}: no paths, {why}"))
        if one.stopped:
            counts = ", ".join(f"{name} {count}" for name, count in one.stopped.items())
            print(f"stopped beyond {WITHIN:g}: {counts} paths")
        print("log time against log loss (document 000):")
        for name, escaped in one.escapes.items():
            print(f"  {told(name, escaped)}")
    print()
    for line in _reading(found, models):
        print(line)
    if sys.stdout.isatty():
        print("The differences and their intervals are in --json, and in the table where it goes into a file or pipe.")


def _heading(setting: Setting, models: Sequence[str]) -> list[str]:
    return [
        f"SGD on deep linear networks, width {setting.width}, teacher 1, label noise {setting.label_noise:g}, loss "
        f"(p x - y)^2 / 2, learning rate {setting.rate:g}, batch {setting.batch}; started {setting.size:g} beside a "
        f"saddle (last two layers 0), {setting.steps} steps",
        f"{setting.paths} paths of each model, {FINER} Euler steps to a step of SGD; seed {setting.seed}, "
        f"{setting.device}; p is cut at {CUT:g}",
        *(f"  {name}: {MODELS[name].words}" for name in models),
    ]


def _reading(found: Sequence[Compared], models: Sequence[str]) -> list[str]:
    """Return what the marks mean, and what they do not."""
    level = FAMILY / comparisons(len(models) + 1, len(found))
    chance = sum(row.differs for one in found for row in one.rows if row.model == CONTROL)
    lines = [
        f"* differs from SGD: the interval of the difference at the level {level:.2g} leaves out 0. Over all "
        f"comparisons of this run a mark where there is no difference has probability {FAMILY:g} at most (Bonferroni).",
        "No mark: no difference was resolved. That is no evidence that there is none; the half width of the difference "
        "is what would have been seen.",
        f"Intervals of single values: {1 - SHOWN:.0%}, approximate. Exit: the first record at which {LEFT:.0%} of the "
        "loss at the saddle is lost.",
        "Tail index: Hill's, in small groups; a low one is no proof of a power law (SGD has products of normals).",
        f"Control: {CONTROL} is another part of SGD, compared as if it were a model; {chance} of its rows are marked.",
    ]
    if any(name in ("stable", "refined", "fractional") for name in models):
        lines.append(
            f"The index {ALPHA} and the order {BETA} are examples, not fits: a mark says that this model differs, not "
            "that every one of its kind does."
        )
    return lines


def _cell(numbers: Mapping[str, float] | None) -> str:
    if numbers is None:
        return "-"
    return f"{numbers['value']:.3g} [{numbers['low']:.3g}, {numbers['high']:.3g}]"


def _lines(one: Compared) -> Iterator[str]:
    """Yield a plain line for each row."""
    table: list[tuple[str, ...]] = [("model", "statistic", "value", "SGD", "difference", "")]
    for row in one.rows:
        values = [_cell(n) for n in (row.value, row.sgd, row.difference)]
        table.append((row.model, row.statistic, *values, "*" if row.differs else "" if row.value else row.note))
    widths = [max(len(line[k]) for line in table) for k in range(5)]
    yield f"depth {one.setting.depth}"
    for line in table:
        yield "  ".join([*(text.ljust(w) for text, w in zip(line[:5], widths, strict=True)), line[5]]).rstrip()


def _table(one: Compared) -> None:
    """Print tables of models by statistics, as many side by side as the terminal is wide."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console, statistics = Console(), (*SINGLE, *DISTANCES)
    models = list(dict.fromkeys(row.model for row in one.rows))
    cells = {(row.model, row.statistic): row for row in one.rows}
    together = max(1, (console.width - NAMES) // COLUMN)
    for first in range(0, len(statistics), together):
        shown = Table(title=f"depth {one.setting.depth}", box=box.SIMPLE)
        shown.add_column("", no_wrap=True)
        part = statistics[first : first + together]
        for statistic in part:
            shown.add_column(statistic, justify="right", no_wrap=True)
        references = [next((cells[m, s].sgd for m in models if cells[m, s].sgd), None) for s in part]
        shown.add_row("SGD", *(_stacked(r, "") for r in references))
        for model in models:
            rows = [cells[model, s] for s in part]
            shown.add_row(model, *(_stacked(row.value, "*" if row.differs else "") for row in rows))
        console.print(shown)


def _stacked(numbers: Mapping[str, float] | None, mark: str) -> str:
    if numbers is None:
        return "-"
    return f"{numbers['value']:.3g}{mark}\n{numbers['low']:.2g}..{numbers['high']:.2g}"


def record(found: Sequence[Compared], models: Sequence[str]) -> dict[str, Any]:
    """Return all of it for JSON; an end of an interval that is not finite is null."""
    setting = {k: v for k, v in asdict(found[0].setting).items() if k != "depth"}
    whole = {
        "setting": setting | {"depths": [one.setting.depth for one in found], "finer": FINER},
        "models": {name: MODELS[name].words for name in models},
        "family_level": FAMILY,
        "level": FAMILY / comparisons(len(models) + 1, len(found)),
        "reading": _reading(found, models),
        "rows": [row.record() for one in found for row in one.rows],
        "escapes": {
            str(one.setting.depth): {
                name: None
                if e is None
                else {
                    "shares": e.shares.tolist(),
                    "times": e.times.tolist(),
                    "over_log_loss": e.power,
                    "over_change_of_log_loss": e.exponential,
                }
                for name, e in one.escapes.items()
            }
            for one in found
        },
        "stopped": {str(one.setting.depth): dict(one.stopped) for one in found},
        "failed": {str(one.setting.depth): dict(one.failed) for one in found},
    }
    finite: dict[str, Any] = _finite(whole)
    return finite


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
