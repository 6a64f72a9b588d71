"""A process on the pieces of its support: drift, variance rate and density as they are on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.expressions import canonical
from ...derivations.processes.boundary_classification import Fates, fates
from ...derivations.processes.fokker_planck import End, integrable_at, log_derivative, possible_signs
from ...derivations.processes.sde import SDE
from ..judgement.domain_signs import strict_sign
from ..judgement.normal_forms import vanishes
from .state_pieces import Piece, Unanalysed, Unvalued, pieces_of
from .values import unvalued

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Seconds for the length of a support.
_SECONDS = 1.0


@dataclass(frozen=True)
class LocalLaw:
    """A piece with drift (Ito), variance rate and density as they are there, analytic; the rate vanishes nowhere."""

    piece: Piece
    drift: sp.Expr
    rate: sp.Expr
    density: sp.Expr | None = None

    @property
    def ends(self) -> tuple[End, End]:
        """Both ends of the piece."""
        return End(self.piece.low, 1), End(self.piece.high, -1)

    @property
    def balanced_slope(self) -> sp.Expr:
        """(log p)' of the density without current."""
        return 2 * self.drift / self.rate - log_derivative(self.rate, self.piece.x)

    @property
    def slope(self) -> sp.Expr:
        """(log p)' of the stated density, or of the one without current where none is stated."""
        if self.density is None:
            return self.balanced_slope
        return log_derivative(sp.expand_power_base(self.density), self.piece.x)

    @property
    def current(self) -> sp.Expr:
        """Twice the stationary current over the density."""
        return 2 * self.drift - sp.diff(self.rate, self.piece.x) - self.rate * self.slope

    def integrable(self, end: End) -> Any:
        """Return the condition under which the density is integrable at `end` (see :func:`integrable_at`)."""
        x, parameters = self.piece.x, self.piece.parameters
        found = integrable_at(self.slope, x, end, parameters)
        if found is None and self.density is not None and vanishes(self.current):
            return integrable_at(self.balanced_slope, x, end, parameters)  # the same function, maybe in a better form
        return found

    def fates(self, end: End) -> Fates:
        """Return what may become of the process at `end`."""
        return fates(self.drift, self.rate, self.piece.x, end, self.piece.parameters)


def local_laws(sde: SDE, support: sp.Interval, parameters: Domain, density: sp.Expr | None = None) -> list[LocalLaw]:
    """Return the law on the pieces of `support`, from below.

    Raises
    ------
    Unresolved
        If the support cannot be split into pieces on which everything is analytic and the noise does not vanish;
        `Unvalued` where a part in parameters alone is not seen to have values.
    """
    x = sde.state[0]
    noises = {f"noise {j}": sde.diffusion[0, j] for j in range(sde.noises)}
    # squares of roots are evaluated here; the roots themselves are looked at as they are written
    given = {"drift": sde.drift[0], **noises, "rate": sp.Add(*(canonical(n) ** 2 for n in noises.values()))}
    strict = ["rate"]
    if density is not None:
        given["density"] = density
        strict.append("density")
    finite = [e for e in (support.start, support.end) if not e.is_infinite]
    written = [*sde.drift, *sde.diffusion, *finite, *([] if density is None else [density])]
    missing = unvalued(written, (x,), parameters)
    if missing is not None:
        raise Unvalued(missing)
    if len(finite) == 2 and strict_sign(support.end - support.start, parameters, _SECONDS) != "positive":
        raise Unanalysed(f"{support} is not seen to be an interval for all parameters")
    found = []
    for piece, here in pieces_of(support, x, parameters, given, tuple(strict)):
        roots = [here[name] for name in noises]
        rate = sp.expand(sp.Add(*(n**2 for n in roots)))
        if rate == 0:
            raise Unanalysed(f"there is no noise on {piece}")
        drift = here["drift"]
        if sde.calculus == "stratonovich":
            drift += sp.Add(*(sp.diff(n, x) * n for n in roots)) / 2
        found.append(LocalLaw(piece, drift, rate, here.get("density")))
    return found


def integrable(laws: Sequence[LocalLaw], domain: Domain) -> Any:
    """Return the condition under which the densities of all pieces are integrable, or None when undecided."""
    found = [law.integrable(end) for law in laws for end in law.ends]
    if sp.false in found:
        return sp.false
    relations = [c for c in found if c is not None and c != sp.true]
    gaps = [c.gts - c.lts for c in relations]
    if any(1 not in possible_signs(one + other, domain) for i, one in enumerate(gaps) for other in gaps[:i]):
        return sp.false  # two gaps whose sum is never positive are never positive together
    return None if None in found else sp.And(*relations)
