"""The peak of the modewise diffusion coefficient during learning: document 003, section 4 (formulas re-derived)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Above, AtLeast, Integers, Positive
from ..statements.extrema import (
    CriticalPoints,
    EquivalentConditions,
    GlobalMaximum,
    Inequality,
    LocalExtrema,
    MaximumExists,
)
from ..statements.scalar import Identity
from ..symbols import dimension, positive

depth: sp.Symbol = dimension("L")
s, sigma, eta, batch, k = positive("s sigma eta B k")
half_line = sp.Interval.open(0, sp.oo)
power = 4 - 4 / depth

#: Least teacher value at which the discriminant is non-negative, for given label noise.
least = 2 * sigma * sp.sqrt((depth - 1) * (3 * depth - 2)) / depth
above, at_least = Above(least), AtLeast(least)

given = (
    "D(s) = (eta/B) L^2 s^(4-4/L) (2 (s~ - s)^2 + sigma^2), re-derived for the loss ||Wx - y||^2/2, whitened Gaussian "
    "inputs and label noise of covariance sigma^2 I (the document's formula is not legible)",
    "depth L >= 2, s > 0",
)


def diffusion(teacher: sp.Symbol, noise: sp.Expr = sigma) -> sp.Expr:
    """Return the modewise diffusion coefficient as a function of the amplitude s."""
    return eta / batch * depth**2 * s**power * (2 * (teacher - s) ** 2 + noise**2)


def discriminant(teacher: sp.Symbol) -> sp.Expr:
    """Return the expression under the root of (9)."""
    return teacher**2 - power * (power + 2) * sigma**2 / 2


def critical(teacher: sp.Symbol, sign: int) -> sp.Expr:
    """Return the critical point with the lower (-1) or upper (+1) sign of the root."""
    return ((power + 1) * teacher + sign * sp.sqrt(discriminant(teacher))) / (power + 2)


free: sp.Symbol = positive("stilde")
strict = sp.Symbol("stilde", **above.assumptions)
weak = sp.Symbol("stilde", **at_least.assumptions)
free_domain = Domain(L=Integers(2), sigma=Positive, stilde=Positive, eta=Positive, B=Positive)
strict_domain = Domain(L=Integers(2), sigma=Positive, stilde=above, eta=Positive, B=Positive)
weak_domain = Domain(L=Integers(2), sigma=Positive, stilde=at_least, eta=Positive, B=Positive)

claim(
    "003.eq9",
    "The critical points of D are ((p+1) s~ -+ sqrt(s~^2 - p(p+2) sigma^2/2))/(p+2) with p = 4 - 4/L.",
    source=Source("003", "(9)"),
    statement=CriticalPoints(diffusion(weak), s, (critical(weak, -1), critical(weak, 1)), half_line),
    domain=weak_domain,
    given=(*given, "non-negative discriminant"),
)
claim(
    "003.eq9.maximum",
    "The lower critical point maximises the diffusion coefficient.",
    source=Source("003", "(9), section 4"),
    statement=LocalExtrema(diffusion(strict), s, maxima=(critical(strict, -1),)),
    domain=strict_domain,
    given=given,
    reading="a local maximum, with strict inequality in (10)",
)
claim(
    "003.eq9.maximum.global",
    "The lower critical point maximises the diffusion coefficient over all s > 0.",
    source=Source("003", "(9), section 4"),
    statement=GlobalMaximum(diffusion(strict), s, critical(strict, -1), half_line),
    domain=strict_domain,
    given=given,
    reading="a global maximum over s > 0",
    stated=False,
)
claim(
    "003.eq9.maximum.interval",
    "The lower critical point maximises the diffusion coefficient up to the learned value, 0 < s <= s~.",
    source=Source("003", "(9), section 4"),
    statement=GlobalMaximum(diffusion(strict), s, critical(strict, -1), sp.Interval.Lopen(0, strict)),
    domain=strict_domain,
    given=given,
    reading="the largest value during learning, 0 < s <= s~",
    stated=False,
)
claim(
    "003.eq10.exists",
    "The maximum exists if and only if the discriminant is non-negative.",
    source=Source("003", "(10)"),
    statement=MaximumExists(diffusion(free), s, half_line, sp.Ge(discriminant(free), 0, evaluate=False)),
    domain=free_domain,
    given=given,
    reading="maximum: a local one; D grows without bound, so that no global one ever exists",
    note="Fails only at equality, where the two critical points merge into an inflection.",
)
claim(
    "003.eq10.exists.repaired",
    "The local maximum exists if and only if the discriminant is positive.",
    source=Source("003", "(10)"),
    statement=MaximumExists(diffusion(free), s, half_line, sp.Gt(discriminant(free), 0, evaluate=False)),
    domain=free_domain,
    given=given,
    repairs="003.eq10.exists",
)
claim(
    "003.eq10.threshold",
    "The discriminant is non-negative iff sigma <= s~ L / (2 sqrt((L-1)(3L-2))).",
    source=Source("003", "(10)"),
    statement=EquivalentConditions(
        sp.Ge(discriminant(free), 0, evaluate=False),
        sp.Le(sigma, free * depth / (2 * sp.sqrt((depth - 1) * (3 * depth - 2))), evaluate=False),
    ),
    domain=Domain(L=Integers(2), sigma=Positive, stilde=Positive),
    given=given,
)
claim(
    "003.eq10.before",
    "Whenever (10) holds the maximiser lies below the teacher value.",
    source=Source("003", "text after (10)"),
    statement=Inequality(sp.Lt(critical(weak, -1), weak, evaluate=False)),
    domain=Domain(L=Integers(2), sigma=Positive, stilde=at_least),
    given=given,
)
claim(
    "003.decay",
    "Without label noise the diffusion along a mode tends to zero as the mode is fully learned.",
    source=Source("003", "1.1, text after Proposition 3.5"),
    statement=Identity(sp.Limit(diffusion(free, sp.Integer(0)), s, free), sp.Integer(0)),
    domain=Domain(L=Integers(2), stilde=Positive, eta=Positive, B=Positive),
    given=given,
)
for name, place, scaled, factor in (
    ("003.eq7.lr", "J.1", {eta: k * eta}, k),
    ("003.eq7.batch", "J.2", {batch: k * batch}, 1 / k),
):
    peak = diffusion(strict).subs(s, critical(strict, -1))
    claim(
        name,
        f"The maximum of the diffusion along a mode scales by {factor} when the parameter is multiplied by k.",
        source=Source("003", place),
        statement=Identity(peak.subs(scaled, simultaneous=True), factor * peak),
        domain=Domain(L=Integers(2), sigma=Positive, stilde=above, eta=Positive, B=Positive, k=Positive),
        given=(*given, "the maximum is the local one at the lower critical point"),
    )
