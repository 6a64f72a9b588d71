"""Bounds over classes of gradients and of matrices: the stated one, what the class obeys, and members."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witnesses.bounds.gradient_classes import (
    ceiling_of,
    of_clipped_lines,
    ratio_of_identity,
    sampled_members,
    sampled_pairs,
)
from ...derivations.claim import Claim
from ...derivations.statements.sets.gradient_classes import GradientBound, RootDistance
from .picture import Array, Curve, Picture
from .sides import Sides, best_view, finished, panel_of, told
from .values import along, number, visible_range

_KIND = "bound over a class"
#: Places at which members are sampled, and the largest size of sampled matrices.
_SAMPLED, _LARGEST = 9, 12


def gradients(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated bound, what the class obeys, a member on the line, and the largest of sampled members."""
    s = claim.statement
    assert isinstance(s, GradientBound)
    sides = Sides(str(s.quantity).removeprefix("the "), s.bound, of_clipped_lines(s), ("stated bound", "clipped lines"))
    view = best_view(claim, verdict, sides, [s.distance])
    symbol, here, panel = view.window.symbol, view.place.point, panel_of(view)
    x, grid, rng = view.x, view.window.grid, np.random.default_rng(seed)
    # at the second point l' is not below -size, or the line is no member
    inside = along(2 * s.size - s.lipschitz * s.distance, symbol, grid, here) >= 0
    member = replace(panel.curves[0], y=np.where(inside, view.found, np.nan))
    obeyed = Curve("what the class obeys", x, along(ceiling_of(s)[0], symbol, grid, here), "aid")
    chosen = [grid[k] for k in sorted({round((n + 0.5) * (len(grid) - 1) / _SAMPLED) for n in range(_SAMPLED)})]
    sizes = [[number(e, {**here, symbol: v}) for e in (s.lipschitz, s.size, s.distance)] for v in chosen]
    found = np.array([max(sampled_members(s.quantity, rng, *of)) for of in sizes])
    dots = Curve("largest of sampled members", np.array([number(v, {}) for v in chosen]), found, "found", dots=True)
    shown = [view.stated, member.y, obeyed.y, dots.y]
    low, high, logarithmic = visible_range(shown, [v for m in panel.marks for v in (m.y, m.other or m.y)])
    panel = replace(
        panel, curves=(member, panel.curves[1], obeyed, dots),
        y=replace(panel.y, low=low, high=high, logarithmic=logarithmic),
    )  # fmt: skip
    what = str(s.quantity)
    said = f"{what[0].upper()}{what[1:]}: the stated bound, what the class obeys, and members (seed {seed}),"
    return finished(claim, verdict, _KIND, [panel], f"{said} {told(view, claim)}.")


def roots(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated constant and the least one against the size, and the largest ratio of sampled pairs."""
    s = claim.statement
    assert isinstance(s, RootDistance)
    least = sp.Max(1, ratio_of_identity(s))
    view = best_view(claim, verdict, Sides("constant", s.factor, least, ("stated", "least constant")), [s.dimension])
    panel, rng = panel_of(view), np.random.default_rng(seed)
    sizes: Array = view.x[view.x <= _LARGEST]
    largest = [max(_ratio(*pair) for pair in sampled_pairs(s, rng, round(d))) for d in sizes]
    dots = Curve("largest ratio of sampled pairs", sizes, np.array(largest), "aid", dots=True)
    low, high, logarithmic = visible_range([view.stated, view.found, dots.y])
    axis = replace(panel.y, low=low, high=high, logarithmic=logarithmic)
    said = f"The stated constant, the least one, and ratios of sampled pairs of matrices (seed {seed}),"
    shown = replace(panel, curves=(*panel.curves, dots), y=axis)
    return finished(claim, verdict, _KIND, [shown], f"{said} {told(view, claim)}.")


def _ratio(value: float, distance: float, scale: float) -> float:
    return value / distance if distance > 1e-6 * scale else math.nan
