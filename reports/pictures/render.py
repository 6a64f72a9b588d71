"""Pictures as SVG, PDF and PNG: one style, light and dark, the same bytes from the same data. Matplotlib, when called.

Colours are those of Okabe and Ito, which colour-blind readers tell apart, and never speak alone: what a claim states is
dashed, what was found without it is solid. Text stays text; an SVG says in words what it shows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ...checks.store.files import check_writable, write_bytes
from ...derivations.errors import UsageError
from .picture import Array, Axis, Mark, Panel, Picture

#: Formats by suffix.
SUFFIXES = (".svg", ".pdf", ".png")
#: Inches.
_WIDTH, _WIDE, _HEIGHT = 5.4, 9.4, 3.7
_DOTS = 144
#: Points by which a label moves up or down to where there is room.
_STEP = 14
#: Ends of a label as shares of the axes: left, right, low, high.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Style:
    """Colours of one variant."""

    text: str
    grid: str
    paper: str
    roles: Mapping[str, str]
    mark: str


LIGHT = Style("#1a1a1a", "#d9d9d9", "#ffffff", {"stated": "#c04a00", "found": "#0067a5", "aid": "#666666"}, "#000000")
DARK = Style("#ececec", "#454545", "#16181c", {"stated": "#f0a33a", "found": "#62bdf0", "aid": "#a5a5a5"}, "#ffffff")
_DASHES = {"stated": (0, (5, 2.2)), "found": "solid", "aid": (0, (1, 1.6))}
_WIDTHS = {"stated": 1.9, "found": 1.9, "aid": 1.1}


def svg_of(picture: Picture, *, dark: bool = False) -> str:
    """Return the picture as one ``<svg>`` element, to stand in a page or alone; its ids begin with the claim's.

    Raises
    ------
    UsageError
        If Matplotlib is not installed.
    """
    text = _printed(picture, "svg", dark, metadata={"Date": None, "Creator": None}).decode()
    body = text[text.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # a hundredth of a point is finer than any screen
    body = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), body)
    body = re.sub(r"\n\s+", "\n", re.sub(r"\s*<!--.*?-->", "", body, flags=re.DOTALL))
    own = "of-" + re.sub(r"[^A-Za-z0-9]+", "-", picture.claim) + ("-dark" if dark else "")
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{own}-", body)
    head, _, rest = body.partition(">")
    words = f"<title>{escape(picture.title)}</title><desc>{escape(f'{picture.kind}. {picture.caption}')}</desc>"
    return f'{head} role="img" aria-label="{escape(picture.title)}">\n {words}{rest}'


def svg_for_page(picture: Picture) -> str:
    """Return the picture as an ``<svg>`` whose colours are variables of the page: :func:`page_colours` sets them."""
    text = svg_of(picture)
    for name, colour in _colours(LIGHT).items():
        text = text.replace(f": {colour}", f": var(--picture-{name})")
    return text


def page_colours() -> str:
    """Return the style sheet that a page needs for its pictures: light ones, and dark ones where the reader asks."""
    light, dark = (
        " ".join(f"--picture-{name}: {colour};" for name, colour in _colours(style).items()) for style in (LIGHT, DARK)
    )
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _colours(style: Style) -> dict[str, str]:
    return {"text": style.text, "grid": style.grid, "paper": style.paper, **style.roles, "mark": style.mark}


def pdf_of(picture: Picture, *, dark: bool = False) -> bytes:
    """Return the picture as a PDF file; UsageError if Matplotlib is not installed."""
    return _printed(picture, "pdf", dark, metadata={"CreationDate": None, "Creator": None, "Producer": None})


def png_of(picture: Picture, *, dark: bool = False) -> bytes:
    """Return the picture as a PNG file, on paper; UsageError if Matplotlib is not installed."""
    return _printed(picture, "png", dark, metadata={"Software": None, "Title": picture.title}, on_paper=True)


def checked_path(path: Path) -> None:
    """Raise UsageError unless a picture can be written to `path` and drawn at all."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"cannot draw {str(path)!r}: {path.suffix or 'no suffix'} is none of {', '.join(SUFFIXES)}")
    check_writable(path)
    _figures()


def save(picture: Picture, path: Path, *, dark: bool = False) -> None:
    """Write the picture, whole or not at all; see :meth:`Picture.save`."""
    checked_path(path)
    suffix = path.suffix.lower()
    if suffix == ".svg":
        content = svg_of(picture, dark=dark).encode()
    else:
        content = pdf_of(picture, dark=dark) if suffix == ".pdf" else png_of(picture, dark=dark)
    write_bytes(path, content)


def _figures() -> Any:
    try:
        from matplotlib import figure
    except ImportError:
        raise UsageError("pictures need matplotlib; install crossproof[figures]") from None
    return figure


@contextmanager
def _settings(style: Style, claim: str) -> Iterator[None]:
    from matplotlib import rc_context

    with rc_context():
        from matplotlib import rcdefaults, rcParams

        rcdefaults()
        rcParams.update(
            {
                "svg.hashsalt": claim, "svg.fonttype": "none", "pdf.fonttype": 42, "pdf.compression": 6,
                "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
                "mathtext.fontset": "dejavusans", "font.size": 9, "axes.labelsize": 9, "legend.fontsize": 8.5,
                "xtick.labelsize": 8, "ytick.labelsize": 8, "axes.unicode_minus": True, "path.simplify_threshold": 0.2,
                "text.color": style.text, "axes.labelcolor": style.text, "xtick.color": style.text,
                "ytick.color": style.text, "axes.edgecolor": style.roles["aid"], "axes.facecolor": "none",
                "figure.facecolor": "none", "savefig.facecolor": "none", "axes.formatter.limits": (-3, 5),
                "axes.formatter.use_mathtext": True,
            }
        )  # fmt: skip
        yield


def _printed(picture: Picture, kind: str, dark: bool, *, metadata: dict[str, Any], on_paper: bool = False) -> bytes:
    figures = _figures()
    style = DARK if dark else LIGHT
    with _settings(style, picture.claim):
        number = len(picture.panels)
        figure = figures.Figure(figsize=(_WIDTH if number == 1 else _WIDE, _HEIGHT), layout="constrained")
        for axes, panel in zip(np.atleast_1d(figure.subplots(1, number)), picture.panels, strict=True):
            _draw(axes, panel, style)
        held = io.BytesIO()
        paper = {"facecolor": style.paper} if on_paper else {}
        figure.savefig(held, format=kind, dpi=_DOTS if kind == "png" else 72, metadata=metadata, **paper)
    return held.getvalue()


def _draw(axes: Any, panel: Panel, style: Style) -> None:
    _frame(axes, panel, style)
    for bars in panel.bars:
        widths = np.diff(bars.edges)
        colour = style.roles[bars.role]
        axes.bar(bars.edges[:-1], bars.heights, widths, align="edge", color=colour, alpha=0.28, linewidth=0.4,
                 edgecolor=colour, label=_text(bars.label))  # fmt: skip
    for band in panel.bands:
        colour = style.roles[band.role]
        axes.fill_between(band.x, band.low, band.high, color=colour, alpha=0.2, linewidth=0, label=_text(band.label))
    for rule in panel.rules:
        line = axes.axvline if rule.upright else axes.axhline
        line(rule.at, color=style.roles[rule.role], linestyle=_DASHES[rule.role], linewidth=_WIDTHS["aid"] + 0.3,
             label=_text(rule.label))  # fmt: skip
    for curve in panel.curves:
        shown = {"color": style.roles[curve.role], "linewidth": _WIDTHS[curve.role], "label": _text(curve.label)}
        if curve.dots:
            form = {"found": "o", "stated": "x", "aid": "."}[curve.role]
            shown |= {"marker": form, "markersize": 5.5 if form == "o" else 6.5, "markeredgewidth": 1.6}
            shown |= {"fillstyle": "none"}
        axes.plot(curve.x, curve.y, linestyle="none" if curve.dots else _DASHES[curve.role], **shown)
    for one in panel.intervals:
        axes.errorbar(one.x, one.y, yerr=[one.y - one.low, one.high - one.y], fmt="o", markersize=4, capsize=3,
                      color=style.roles[one.role], linewidth=1.2, label=_text(one.label))  # fmt: skip
    taken: list[Box] = []
    for mark in panel.marks:
        taken.append(_mark(axes, panel, mark, style, taken))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), frameon=False, borderaxespad=0.2, handlelength=2.6,
                    labelspacing=0.35)  # fmt: skip


def _frame(axes: Any, panel: Panel, style: Style) -> None:
    from matplotlib.ticker import NullFormatter

    for which, axis in (("x", panel.x), ("y", panel.y)):
        if axis.logarithmic:
            getattr(axes, f"set_{which}scale")("log")
            getattr(axes, f"{which}axis").set_minor_formatter(NullFormatter())
        getattr(axes, f"set_{which}lim")(axis.low, axis.high)
        getattr(axes, f"set_{which}label")(_text(axis.label))
    axes.grid(color=style.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _mark(axes: Any, panel: Panel, mark: Mark, style: Style, taken: list[Box]) -> Box:
    """Draw a named point and the gap to its other value; its name stands where it hides least. Return its box."""
    ends = [mark.y] if mark.other is None else [mark.y, mark.other]
    axes.plot([mark.x] * len(ends), ends, color=style.mark, linewidth=1.3, marker="o", markersize=5.5,
              markerfacecolor=style.paper, markeredgewidth=1.5, zorder=5, clip_on=False)  # fmt: skip
    middle = _middle(panel.y, ends)
    side, height, box = _room(panel, mark, middle, taken)
    axes.annotate(_text(mark.label), (mark.x, middle), xytext=(9 * side, _STEP * height), textcoords="offset points",
                  ha="left" if side > 0 else "right", va="center", color=style.text, fontsize=8.5, zorder=6,
                  bbox={"facecolor": style.paper, "alpha": 0.8, "edgecolor": "none", "pad": 1.5})  # fmt: skip
    return box


def _room(panel: Panel, mark: Mark, middle: float, taken: list[Box]) -> tuple[int, int, Box]:
    """Return the side (1: right), the height and the box of a label, where it hides fewest of what is drawn."""
    wide, tall = 0.0195 * len(mark.label) + 0.02, 0.045
    drawn = [(c.x, c.y) for c in panel.curves] + [(i.x, i.y) for i in panel.intervals]
    drawn += [(np.array([m.x, m.x]), np.array([m.y, m.y if m.other is None else m.other])) for m in panel.marks]
    shares = [np.array([_shares(panel.x, x), _shares(panel.y, y)]) for x, y in drawn]
    everything = np.concatenate([np.empty((2, 0)), *shares], axis=1)
    at = float(_shares(panel.x, np.array([mark.x]))[0]), float(_shares(panel.y, np.array([middle]))[0])

    def box(side: int, height: int) -> Box:
        left = at[0] + 0.02 if side > 0 else at[0] - 0.02 - wide
        centre = at[1] + _STEP / 190 * height
        return left, left + wide, centre - tall, centre + tall

    def hidden(place: tuple[int, int]) -> float:
        left, right, low, high = box(*place)
        outside = max(0.0, -left) + max(0.0, right - 1) + max(0.0, -low) + max(0.0, high - 1)
        inside = (everything[0] > left) & (everything[0] < right) & (everything[1] > low) & (everything[1] < high)
        clashes = sum(left < b[1] and b[0] < right and low < b[3] and b[2] < high for b in taken)
        return 100 * (outside + clashes) + float(inside.sum()) + 0.7 * abs(place[1])

    best = min(((side, height) for height in (0, 1, -1, 2, -2, 3, -3) for side in (1, -1)), key=hidden)
    return *best, box(*best)


def _shares(axis: Axis, at: Array) -> Array:
    """Return where on an axis values lie, from 0 to 1."""
    with np.errstate(all="ignore"):
        low, high, value = (np.log(v) if axis.logarithmic else np.asarray(v) for v in (axis.low, axis.high, at))
        found: Array = (value - low) / (high - low)
    return found


def _middle(axis: Axis, ends: list[float]) -> float:
    return float(np.exp(np.mean(np.log(ends)))) if axis.logarithmic else float(np.mean(ends))


@lru_cache(maxsize=1024)
def _text(text: str) -> str:
    """Return a text for Matplotlib: a formula that its own typesetter cannot read becomes plain text."""
    from matplotlib.mathtext import MathTextParser

    if text.count("$") >= 2:
        try:
            MathTextParser("path").parse(text)
        except (ValueError, RuntimeError, KeyError):
            return text.replace("$", "")
        return text
    return text.replace("$", r"\$")
