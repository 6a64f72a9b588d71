"""The chain (56)-(58) by which document 004 checks its stationary density of a singular mode."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Above, Positive
from ..statements.scalar import Identity
from ..symbols import positive

stilde, eta, zeta, shat = positive("stilde eta zeta shat")
variance = eta * zeta**2

#: Eq. (54) without its constant Z, which divides both sides of every line.
density = sp.exp(-shat / variance) * shat ** (-(sp.Rational(3, 2) - stilde / variance))
left = 2 * variance * sp.diff(shat**2 * density, shat)
domain = Domain(eta=Positive, zeta=Positive, stilde=Above(variance / 2), shat=Positive)


def first_line(factor: sp.Expr) -> sp.Expr:
    """Return the right side of (56) with `factor` before s^ p_ss."""
    return factor * shat * density + 2 * variance * shat**2 * sp.diff(density, shat)


def second_line(factor: sp.Expr) -> sp.Expr:
    """Return the right side of (57) with `factor` before s^ p_ss."""
    logarithmic = 1 / variance + (sp.Rational(3, 2) - stilde / variance) / shat
    return factor * shat * density - 2 * variance * shat**2 * logarithmic * density


claim(
    "004.eq56",
    "The product rule turns 2 eta zeta^2 (s^2 p)' into 4 zeta^2 s p + 2 eta zeta^2 s^2 p'.",
    source=Source("004", "I.2, (56)"),
    statement=Identity(left, first_line(4 * zeta**2)),
    domain=domain,
    given=("p_ss of (54)",),
    note="The product rule yields 4 eta zeta^2; the factor eta is missing in print.",
)
claim(
    "004.eq56.repaired",
    "The product rule turns 2 eta zeta^2 (s^2 p)' into 4 eta zeta^2 s p + 2 eta zeta^2 s^2 p'.",
    source=Source("004", "I.2, (56)"),
    statement=Identity(left, first_line(4 * variance)),
    domain=domain,
    given=("p_ss of (54)",),
    repairs="004.eq56",
)
claim(
    "004.eq57",
    "With p_ss inserted, (56) becomes 4 zeta^2 s p - 2 eta zeta^2 s^2 (1/(eta zeta^2) + (3/2 - s~/(eta zeta^2))/s) p.",
    source=Source("004", "I.2, (57)"),
    statement=Identity(left, second_line(4 * zeta**2)),
    domain=domain,
    given=("p_ss of (54)",),
    note="The factor eta that (56) lacks is missing here too.",
)
claim(
    "004.eq57.repaired",
    "With p_ss inserted and the factor 4 eta zeta^2, (57) holds.",
    source=Source("004", "I.2, (57)"),
    statement=Identity(left, second_line(4 * variance)),
    domain=domain,
    given=("p_ss of (54)",),
    repairs="004.eq57",
)
claim(
    "004.eq58",
    "On p_ss the diffusive part 2 eta zeta^2 (s^2 p)' balances the drift: -2 s (s - (s~ + eta zeta^2/2)) p.",
    source=Source("004", "I.2, (58)"),
    statement=Identity(left, -2 * shat * (shat - (stilde + variance / 2)) * density),
    domain=domain,
    given=("p_ss of (54)",),
)
