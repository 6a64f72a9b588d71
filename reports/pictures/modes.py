"""Coefficients of modes that are derived from the loss: beside stated ones, and against what is said not to matter."""

from __future__ import annotations

import numpy as np

from ...checks.evidence import Verdict
from ...checks.witnesses.modes.sizes import sized
from ...derivations.calculus.modes import coefficient, in_amplitudes, in_layer_weights, normal_form
from ...derivations.claim import Claim
from ...derivations.statements.modes import ModeCoefficient, ModeDependence
from .picture import Axis, Curve, NoPicture, Panel, Picture, Rule
from .sides import Sides, finished, label_of, of_residuals, padded
from .values import along, number, visible_range
from .window import at_values, places, window

_KIND = "function of one parameter"


def mode_coefficient(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated coefficient of a mode, and the one derived from the loss, along an amplitude."""
    statement = claim.statement
    assert isinstance(statement, ModeCoefficient)
    if statement.target.setting.further:
        claim = sized(claim, statement.target.setting.modes + 1)
        assert isinstance(claim.statement, ModeCoefficient)
        statement = claim.statement
    target, setting = statement.target, statement.target.setting
    stated = in_amplitudes(in_layer_weights(statement.value, setting), setting)
    found = in_amplitudes(coefficient(target), setting)
    sides = Sides("coefficient", stated, found, ("stated", "derived from the loss"))
    said = f"{target.describe()[0].upper()}{target.describe()[1:]}"
    return of_residuals(claim, verdict, [sides], _KIND, said, setting.amplitudes)


def mode_dependence(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The quantity derived from the loss against a variable that is stated not to matter."""
    statement = claim.statement
    assert isinstance(statement, ModeDependence)
    target = statement.target
    value = in_amplitudes(normal_form(coefficient(target), target.setting), target.setting)
    other = next((s for s in statement.others if s in value.free_symbols and s in claim.domain.ranges), None)
    if other is None:
        raise NoPicture(f"{claim.id} has no picture: the quantity holds the named variables only")
    point = next(places(claim, verdict)).point
    seen = window(claim.domain, point, other)
    if seen is None:
        raise NoPicture(f"{claim.id} has no picture: {other} has no room to move")
    x = np.array([number(v, {}) for v in seen.grid])
    found, constant = along(value, other, seen.grid, point, claim.domain), number(value, point)
    low, high, logarithmic = visible_range([found], [constant])
    panel = Panel(
        Axis(label_of(other), *padded(x)), Axis("quantity", low, high, logarithmic),
        (Curve("derived from the loss", x, found, "found"),),
        rules=(Rule("stated: the same for all", constant, role="stated"),),
    )  # fmt: skip
    said = f"{target.describe()[0].upper()}{target.describe()[1:]} against {other}, which is stated not to matter"
    return finished(claim, verdict, _KIND, [panel], f"{said}{at_values(point, [other])}.")
