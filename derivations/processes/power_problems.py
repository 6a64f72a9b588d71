"""Expectations of sums of powers of a scalar process, in the state or in its exponential or logarithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from ..domain import Domain
from ..expressions import canonical
from .growth import Moments, moments, monomials, state_range

if TYPE_CHECKING:
    from ..statements.processes import ExpectationAtAllTimes
from .ito import canonical_sde, generator
from .sde import SDE

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


@dataclass(frozen=True)
class PowerProblem:
    """An expectation of a sum of powers of a state, whose moments growth makes finite.

    Parameters
    ----------
    sde : SDE
        Equation of the state, in which drift, variance rate and observable are sums of powers.
    observable, start : sympy.Expr
        phi and X_0 in that state.
    moments : Moments
        Which expectations obey their equation.
    unbounded : bool
        Whether the range has no end that the process could reach.
    """

    sde: SDE
    observable: sp.Expr
    start: sp.Expr
    moments: Moments
    unbounded: bool


def power_problem(statement: ExpectationAtAllTimes, domain: Domain) -> PowerProblem | None:
    """Return the expectation in the first of X, exp X and log X in which growth answers for it, or None."""
    sde, phi = canonical_sde(statement.sde), canonical(statement.observable)
    for one, observable, start in _charts(sde, phi, canonical(statement.start)):
        powers, known = monomials(observable, one.state[0]), moments(one, domain)
        if powers is not None and known is not None and known.admit(powers):
            unbounded = known.inverse or state_range(one.state[0], domain) == (-sp.oo, sp.oo)
            return PowerProblem(one, observable, start, known, unbounded)
    return None


def _charts(sde: SDE, phi: sp.Expr, start: sp.Expr) -> list[tuple[SDE, sp.Expr, sp.Expr]]:
    x, _, _ = sde.scalar()
    found = [(sde, phi, start)]
    if x.is_nonnegative:
        y = sp.Dummy("y", real=True)
        charts = [(y, sp.log(x), sp.exp(y))] if x.is_positive else []
    else:
        y = sp.Dummy("y", positive=True)
        charts = [(y, sp.exp(x), sp.log(y))]
    for name, image, inverse in charts:
        drift = sp.expand(generator(sde, image).subs(x, inverse))
        row = (sde.diffusion * sp.diff(image, x)).subs(x, inverse).applyfunc(sp.expand)
        found.append((SDE(name, drift, sp.ImmutableMatrix(row)), sp.expand(phi.subs(x, inverse)), image.subs(x, start)))
    return found
