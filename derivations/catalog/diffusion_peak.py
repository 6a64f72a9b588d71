"""The peak of the modewise diffusion coefficient during learning: document 003, section 4 (formulas re-derived)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import Above, AtLeast, Between, Integers, Positive
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
s, eta, batch, k, odds, share = positive("s eta B k odds share")
#: Label noise: some, and some or none.
some: sp.Symbol = positive("sigma")
sigma = sp.Symbol("sigma", nonnegative=True)
half_line = sp.Interval.open(0, sp.oo)
power = 4 - 4 / depth


def least(noise: sp.Expr) -> sp.Expr:
    """Return the least teacher value at which the discriminant is non-negative, for given label noise."""
    return 2 * noise * sp.sqrt((depth - 1) * (3 * depth - 2)) / depth


above, at_least = Above(least(sigma)), AtLeast(least(some))

given = (
    "D(s) = (eta/B) L^2 s^(4-4/L) (2 (s~ - s)^2 + sigma^2), re-derived for the loss ||Wx - y||^2/2, whitened Gaussian "
    "inputs and label noise of covariance sigma^2 I (the document's formula is not legible)",
    "depth L >= 2, s > 0",
)


def diffusion(teacher: sp.Symbol, noise: sp.Expr = sigma) -> sp.Expr:
    """Return the modewise diffusion coefficient as a function of the amplitude s."""
    return eta / batch * depth**2 * s**power * (2 * (teacher - s) ** 2 + noise**2)


def discriminant(teacher: sp.Symbol, noise: sp.Expr = sigma) -> sp.Expr:
    """Return the expression under the root of (9)."""
    return teacher**2 - power * (power + 2) * noise**2 / 2


def critical(teacher: sp.Symbol, sign: int, noise: sp.Expr = sigma) -> sp.Expr:
    """Return the critical point with the lower (-1) or upper (+1) sign of the root."""
    return ((power + 1) * teacher + sign * sp.sqrt(discriminant(teacher, noise))) / (power + 2)


free: sp.Symbol = positive("stilde")
strict = sp.Symbol("stilde", **above.assumptions)
weak = sp.Symbol("stilde", **at_least.assumptions)
free_domain = Domain(L=Integers(2), sigma=AtLeast(0), stilde=Positive, eta=Positive, B=Positive)
strict_domain = Domain(L=Integers(2), sigma=AtLeast(0), stilde=above, eta=Positive, B=Positive)
weak_domain = Domain(L=Integers(2), sigma=Positive, stilde=at_least, eta=Positive, B=Positive)
_PRECEDES = r"\text{the maximal diffusion along a mode precedes the corresponding feature being completely learned}"

claim(
    "003.eq9",
    "The critical points of D are ((p+1) s~ -+ sqrt(s~^2 - p(p+2) sigma^2/2))/(p+2) with p = 4 - 4/L.",
    source=Source("003", "(9)"),
    statement=CriticalPoints(diffusion(weak, some), s, (critical(weak, -1, some), critical(weak, 1, some)), half_line),
    domain=weak_domain,
    given=(*given, "non-negative discriminant, label noise"),
)
claim(
    "003.eq9.positive",
    "With a positive discriminant, with label noise or without, the critical points of D are those of (9).",
    source=Source("003", "(9), Figure 1"),
    statement=CriticalPoints(diffusion(strict), s, (critical(strict, -1), critical(strict, 1)), half_line),
    domain=strict_domain,
    given=given,
)
claim(
    "003.eq9.maximum",
    "The lower critical point maximises the diffusion coefficient.",
    source=Source("003", "(9), section 4"),
    statement=LocalExtrema(diffusion(strict), s, maxima=(critical(strict, -1),)),
    domain=strict_domain,
    given=given,
    reading="a local maximum, with strict inequality in (10)",
    printed=r"\text{Maximizing (8) with respect to } s_\alpha \text{ gives the stationary condition}",
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
    "The diffusion along a mode is largest before the mode is learned: (9) is its maximiser on 0 < s <= s~.",
    source=Source("003", "abstract, 1.1 (2), section 4"),
    statement=GlobalMaximum(diffusion(strict), s, critical(strict, -1), sp.Interval.Lopen(0, strict)),
    domain=strict_domain,
    given=given,
    reading="the largest value during learning, 0 < s <= s~, under (10) with strict inequality",
    printed=_PRECEDES,
    note="Holds without label noise, as in Figure 1 (003.eq9.peak). With label noise, and s~ little above the "
    "threshold in (10), the rate of the learned mode is larger than that of the peak.",
)
claim(
    "003.eq9.maximum.interval.repaired",
    "At the share x of its teacher value a mode has a variance rate that exceeds the rate of the learned mode by "
    "(eta/B) L^2 s~^p (2 x^p (1-x)^2 s~^2 - (1 - x^p) sigma^2).",
    source=Source("003", "abstract, 1.1 (2), section 4"),
    statement=Identity(
        diffusion(free).subs(s, share * free) - diffusion(free).subs(s, free),
        eta
        / batch
        * depth**2
        * free**power
        * (2 * share**power * (1 - share) ** 2 * free**2 - (1 - share**power) * sigma**2),
    ),
    domain=Domain(L=Integers(2), sigma=AtLeast(0), stilde=Positive, eta=Positive, B=Positive, share=Between(0, 1)),
    given=given,
    repairs="003.eq9.maximum.interval",
    note="So the diffusion is largest before the mode is learned exactly where sigma/s~ is below the largest value of "
    "r(x) = sqrt(2 x^p (1-x)^2/(1-x^p)): 0.42 at L = 2 (003.eq9.maximum.interval.depth-2), falling to 0.24 at large L; "
    "(10) asks for 0.5 and 0.29.",
)
golden = (sp.sqrt(5) - 1) / 2
claim(
    "003.eq9.maximum.interval.depth-2",
    "At depth 2 the largest r(x)^2 = 2 x^2 (1-x)/(1+x) is at the golden ratio x = (sqrt(5)-1)/2, where r^2 = 2 x^5.",
    source=Source("003", "abstract, 1.1 (2), section 4"),
    statement=GlobalMaximum(2 * share**2 * (1 - share) / (1 + share), share, golden, sp.Interval.open(0, 1)),
    domain=Domain(L=Integers(2, 2)),
    given=("r(x)^2 of 003.eq9.maximum.interval.repaired at p = 2, with (1-x)^2/(1-x^2) = (1-x)/(1+x)",),
    repairs="003.eq9.maximum.interval",
)
during = diffusion(free, sp.Integer(0)).subs(s, free * odds / (1 + odds))
claim(
    "003.eq9.peak",
    "Without label noise the diffusion along a mode is largest at s = p/(p+2) s~, before the mode is learned.",
    source=Source("003", "abstract, 1.1 (2), Figure 1"),
    statement=GlobalMaximum(odds**power / (1 + odds) ** (power + 2), odds, power / 2, half_line),
    domain=Domain(L=Integers(2)),
    given=(
        *given,
        "no label noise; D(s) is (eta/B) 2 L^2 s~^(p+2) times this function of odds = s/(s~ - s), which runs over all "
        "positive numbers as s does from 0 to s~",
    ),
    printed=_PRECEDES,
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
    printed=r"\text{This maximum exists if and only if the discriminant is non-negative}",
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
    domain=Domain(L=Integers(2), sigma=AtLeast(0), stilde=Positive),
    given=given,
)
claim(
    "003.eq10.before",
    "Whenever (10) holds the maximiser lies below the teacher value.",
    source=Source("003", "text after (10)"),
    statement=Inequality(sp.Lt(critical(weak, -1, some), weak, evaluate=False)),
    domain=Domain(L=Integers(2), sigma=Positive, stilde=at_least),
    given=given,
    printed=r"\text{Whenever (10) holds, the maximizer satisfies } s_\alpha^* < \tilde s_\alpha",
)
claim(
    "003.eq10.before.positive",
    "With a positive discriminant, with label noise or without, the maximiser lies below the teacher value.",
    source=Source("003", "text after (10)"),
    statement=Inequality(sp.Lt(critical(strict, -1), strict, evaluate=False)),
    domain=Domain(L=Integers(2), sigma=AtLeast(0), stilde=above),
    given=given,
)
claim(
    "003.decay",
    "Without label noise the diffusion along a mode tends to zero as the mode is fully learned.",
    source=Source("003", "text after Proposition 3.5"),
    statement=Identity(sp.Limit(diffusion(free, sp.Integer(0)), s, free), sp.Integer(0)),
    domain=Domain(L=Integers(2), stilde=Positive, eta=Positive, B=Positive),
    given=given,
    printed=r"\text{In the absence of label noise, we see that the diffusion along a particular mode vanishes once the "
    r"mode is fully learned}",
)
claim(
    "003.decay.contributions",
    "The diffusion along a mode decays to zero once the mode is fully learned.",
    source=Source("003", "1.1 (2)"),
    statement=Identity(sp.Limit(diffusion(free), s, free), sp.Integer(0)),
    domain=free_domain,
    given=given,
    reading="as printed there: without the condition 'in the absence of label noise', which the text after "
    "Proposition 3.5 has",
    printed=r"\text{the diffusion coefficient along a given mode peaks before that mode is fully learned, then decays "
    r"to zero once the mode has been fully learned}",
)
claim(
    "003.decay.contributions.repaired",
    "As a mode is fully learned its diffusion tends to (eta/B) L^2 s~^(4-4/L) sigma^2: to zero without label noise.",
    source=Source("003", "1.1 (2)"),
    statement=Identity(sp.Limit(diffusion(free), s, free), eta / batch * depth**2 * free**power * sigma**2),
    domain=free_domain,
    given=given,
    repairs="003.decay.contributions",
)
height = 2 * depth**2 * (power / (power + 2)) ** power * (2 / (power + 2)) ** 2 * free ** (power + 2)
for name, place, scaled, factor in (
    ("003.eq7.lr", "J.1", {eta: k * eta}, k),
    ("003.eq7.batch", "J.2", {batch: k * batch}, 1 / k),
):
    claim(
        name,
        f"The largest diffusion along a mode during training scales by {factor} when the parameter is multiplied by k.",
        source=Source("003", place),
        statement=Identity(during.subs(odds, power / 2).subs(scaled, simultaneous=True), factor * eta / batch * height),
        domain=Domain(L=Integers(2), stilde=Positive, eta=Positive, B=Positive, k=Positive),
        given=(*given, "no label noise; the largest value is at s = p/(p+2) s~ for all eta and B (003.eq9.peak)"),
        note="Per unit of time, which is eta times steps; per step the covariance has one more factor eta.",
    )
