"""The drift of a power of the distance to a linear set, for any process in any dimension."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from ..statement import Statement


@dataclass(frozen=True)
class DistanceDrift(Statement):
    r"""The Ito drift of :math:`l^\lambda`, l the distance to a linear set, equals `value` off the set.

    For :math:`dx = \mu\,dt + \sqrt{2D}\,dW` in any dimension and the projection P on the normal space of the set,
    :math:`l = |Px|` and :math:`D_\perp = PDP`. An affine set is moved to the origin first.

    Parameters
    ----------
    power, distance : Symbol
        lambda and l, positive.
    push : sympy.Expr
        :math:`x^T P \mu`; 0 for a process without drift.
    spread, radial : sympy.Expr
        :math:`\mathrm{Tr} D_\perp` and :math:`x^T D_\perp x`.
    value : sympy.Expr
        The drift, in these.

    Raises
    ------
    ClaimError
        If power or distance is not known to be positive.
    """

    power: sp.Symbol
    distance: sp.Symbol
    push: sp.Expr
    spread: sp.Expr
    radial: sp.Expr
    value: sp.Expr

    def __post_init__(self) -> None:
        for name in ("power", "distance"):
            if not getattr(self, name).is_positive:
                raise ClaimError(f"{name} is {getattr(self, name)}; give a positive symbol")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        parts = (self.push, self.spread, self.radial, self.value)
        found: set[sp.Symbol] = set().union(*(sp.sympify(p).free_symbols for p in parts))
        return found | {self.power, self.distance}

    def latex(self) -> str:
        far, power = sp.latex(self.distance), sp.latex(self.power)
        names = (r"x^T P \mu", r"\operatorname{Tr} D_\perp", r"x^T D_\perp x")
        parts = (self.push, self.spread, self.radial)
        where = r",\; ".join(f"{name} = {sp.latex(part)}" for name, part in zip(names, parts, strict=True))
        return rf"\mathcal{{A}}\, {far}^{{{power}}} = {sp.latex(self.value)},\quad {where}"

    def formula(self) -> sp.Expr | None:
        return self.value
