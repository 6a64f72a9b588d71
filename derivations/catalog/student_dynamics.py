"""Singular-mode dynamics of the two-layer student: document 004, section 6 and appendix I.2, and document 003."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Above, AtLeast, Between, Positive, Real
from ..statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    InitialRate,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from ..statements.scalar import Identity
from ..symbols import positive, real

stilde, eta, zeta, s0, w0, shat, F, w, s = positive("stilde eta zeta s0 w0 shat F w s")
a, b, r, u, theta, mu, sigma, G = real("a b r u theta mu sigma G")
t = sp.Symbol("t", nonnegative=True)
tau = sp.Symbol("tau", nonnegative=True)
B = sp.Function("B", real=True)

variance = eta * zeta**2
amplitude = sp.sqrt(variance)
PARAMETERS = {"stilde": Positive, "eta": Positive, "zeta": Positive}

#: Eq. (40): the two weights of one mode share a Brownian motion.
weights = SDE((a, b), [-b * (a * b - stilde), -a * (a * b - stilde)], [amplitude * b, amplitude * a])
#: Eq. (41): the balanced slice a = b = w.
slice_weight = SDE(w, -w * (w**2 - stilde), amplitude * w)
#: Eq. (42): the singular value of the student.
mode = SDE(shat, 2 * shat * ((stilde + variance / 2) - shat), 2 * amplitude * shat)

claim(
    "004.lemi.1.ode",
    "The imbalance r = a^2 - b^2 decays at rate eta zeta^2, without a noise term.",
    source=Source("004", "Lemma I.1, proof"),
    statement=SDETransform(weights, a**2 - b**2, SDE(r, -variance * r, 0)),
    domain=Domain(a=Real, b=Real, **PARAMETERS),
)
claim(
    "004.lemi.1.limit",
    "Autobalancing: a^2 - b^2 tends to 0 for every start.",
    source=Source("004", "Lemma I.1"),
    statement=AlmostSureDecay(weights, a**2 - b**2),
    domain=Domain(a=Real, b=Real, **PARAMETERS),
)
claim(
    "004.eq42",
    "By Ito's lemma the singular value w^2 obeys eq. (42).",
    source=Source("004", "I.2, (41)-(42)"),
    statement=SDETransform(slice_weight, w**2, mode),
    domain=Domain(w=Positive, **PARAMETERS),
)
claim(
    "004.eq44",
    "The reciprocal of the singular value obeys the linear equation (44).",
    source=Source("004", "I.2, (44)"),
    statement=SDETransform(mode, 1 / shat, SDE(u, 2 - (2 * stilde - 3 * variance) * u, -2 * amplitude * u)),
    domain=Domain(shat=Positive, **PARAMETERS),
)
claim(
    "004.eq47",
    "With alpha = theta mu / F and beta = 0 the product F G solves the geometric Ornstein-Uhlenbeck equation (45).",
    source=Source("004", "I.2, (45)-(47)"),
    statement=SDETransform(
        SDE((F, G), [-theta * F, theta * mu / F], [sigma * F, 0]),
        F * G,
        SDE(u, theta * (mu - u), sigma * u),
    ),
    domain=Domain(F=Positive, G=Real, theta=Real, mu=Real, sigma=Real),
    note="That no other alpha and beta do is the claim 004.eq47.only.",
    printed=r"\alpha(t) = \theta\mu F^{-1}, \quad \beta(t) = 0",
)
claim(
    "004.eq48",
    "F(t) = exp(-(theta + sigma^2/2) t + sigma B_t) solves its equation in (46) with F(0) = 1.",
    source=Source("004", "I.2, (46), (48)"),
    statement=PathSolution(
        SDE(F, -theta * F, sigma * F), sp.exp(-(theta + sigma**2 / 2) * t + sigma * B(t)), t, B, sp.Integer(1)
    ),
    domain=Domain(theta=Real, sigma=Real, t=AtLeast(0)),
)


def exponential(time: sp.Symbol) -> sp.Expr:
    """Return the exponential of eqs. (8) and (43) at `time`."""
    return sp.exp((2 * stilde - variance) * time + 2 * amplitude * B(time))


claim(
    "004.thm6.1",
    "The explicit process (8) solves the equation (7) of the student's singular value.",
    source=Source("004", "Theorem 6.1, (7)-(8)"),
    statement=PathSolution(
        mode,
        exponential(t) / (2 * sp.Integral(exponential(tau), (tau, 0, t)) + 1 / s0),
        t,
        B,
        s0,
    ),
    domain=Domain(s0=Positive, **PARAMETERS, t=AtLeast(0)),
    given=("A1-A4 of document 004, which reduce the student to equation (7)",),
)


def logistic(limit: sp.Expr, start: sp.Expr) -> sp.Expr:
    """Return the logistic curve with rate ``2 limit``, as eq. (61) prints it."""
    growth = sp.exp(2 * limit * t)
    return limit * growth / (growth - 1 + limit / start)


claim(
    "003.eq3",
    "The gradient-flow amplitude of a depth-2 mode is logistic in time.",
    source=Source("003", "(2)-(3)"),
    statement=PathSolution(SDE(s, 2 * s * (stilde - s), 0), logistic(stilde, s0), t, B, s0),
    domain=Domain(stilde=Positive, s0=Positive, t=AtLeast(0)),
    note="Re-derived: balanced depth-2 gradient flow of half the squared error has ds/dt = 2 s (s~ - s).",
)

# Conjecture I.1 with m = s~ - eta zeta^2 / 2. Only with s^(0) in place of the printed s~(0) do the remarks after the
# conjecture (agreement with Theorem 6.1 as zeta -> 0) make sense, so that is the reading of the conjecture itself.
m = stilde - variance / 2
conjecture = logistic(m, s0)
_INITIAL = "the printed s~_i(0) in the denominator of (61) stands for the initial value s^_i(0)"
_LITERAL = "the printed s~_i(0) in the denominator of (61) is the data singular value s~_i, which does not move"

claim(
    "004.conj-i.1",
    "The expected singular value follows the logistic formula (61) at all times.",
    source=Source("004", "Conjecture I.1, (61)"),
    statement=ExpectationAtAllTimes(mode, shat, t, s0, conjecture),
    domain=Domain(t=AtLeast(0), s0=Positive, **PARAMETERS),
    given=("A1-A4 of document 004, which reduce the student to equation (42)",),
    reading=_INITIAL,
    note="The remarks after the conjecture fix this reading; read literally, (61) already fails at t = 0.",
)
claim(
    "004.conj-i.1.repaired",
    "The expected singular value starts with the slope 2 s^(0) (s~ + eta zeta^2/2 - s^(0)).",
    source=Source("004", "Conjecture I.1, (61)"),
    statement=InitialRate(slice_weight, w**2, w0, 2 * w0**2 * (stilde + variance / 2 - w0**2)),
    domain=Domain(w0=Positive, **PARAMETERS),
    given=("s^ = w^2 with w of (41) and s^(0) = w0^2, so that the noise of the weight enters the mean",),
    repairs="004.conj-i.1",
    note="(61) starts with 2 s^(0) (s~ - eta zeta^2/2 - s^(0)). Its limit is right: 004.conj-i.1.limits.shrinkage. The "
    "equation of the mean does not close; that of the reciprocal does: 004.conj-i.1.reciprocal.",
)
for name, given in (("", Above(3 * variance / 2)), (".below", Between(0, 3 * variance / 2))):
    claim(
        f"004.conj-i.1.reciprocal{name}",
        f"With s~ {'below' if name else 'above'} 3 eta zeta^2/2, 1/E[1/s^] is logistic with limit s~ - 3 eta zeta^2/2.",
        source=Source("004", "I.2, (44), Conjecture I.1"),
        statement=ExpectationAtAllTimes(mode, 1 / shat, t, s0, 1 / logistic(stilde - 3 * variance / 2, s0)),
        domain=Domain(t=AtLeast(0), s0=Positive, eta=Positive, zeta=Positive, stilde=given),
        reading="the mean of the reciprocal, whose equation (44) is linear; the document does not print it",
        stated=False,
    )
claim(
    "004.conj-i.1.init",
    "Formula (61) reproduces the initial singular value at t = 0.",
    source=Source("004", "Conjecture I.1, (61)"),
    statement=Identity(logistic(m, stilde).subs(t, 0), s0),
    domain=Domain(s0=Positive, stilde=Positive, eta=Positive, zeta=Positive),
    reading=_LITERAL,
    note="(35) reserves s~ for the singular values of the data; a misprint, corrected in the repaired form.",
)
claim(
    "004.conj-i.1.init.shat0",
    "Formula (61) with s^_i(0) in the denominator reproduces the initial singular value at t = 0.",
    source=Source("004", "Conjecture I.1, (61)"),
    statement=Identity(conjecture.subs(t, 0), s0),
    domain=Domain(s0=Positive, stilde=Positive, eta=Positive, zeta=Positive),
    repairs="004.conj-i.1.init",
    reading=_INITIAL,
    stated=False,
)
claim(
    "004.conj-i.1.limits",
    "Above the threshold, formula (61) tends to the shrunken value s~ - eta zeta^2 / 2.",
    source=Source("004", "I.2, after Conjecture I.1"),
    statement=LongTimeLimit(conjecture, t, m),
    domain=Domain(s0=Positive, eta=Positive, zeta=Positive, stilde=Above(variance / 2)),
    reading=_INITIAL,
)
claim(
    "004.conj-i.1.limits.collapse",
    "Below the threshold, formula (61) tends to 0: stochastic collapse.",
    source=Source("004", "I.2, after Conjecture I.1"),
    statement=LongTimeLimit(conjecture, t, sp.Integer(0)),
    domain=Domain(s0=Positive, eta=Positive, zeta=Positive, stilde=Between(0, variance / 2)),
    reading=_INITIAL,
)
claim(
    "004.conj-i.1.zeta0",
    "Without noise, formula (61) agrees with Theorem 6.1.",
    source=Source("004", "I.2, after Conjecture I.1"),
    statement=Identity(
        conjecture.subs(zeta, 0),
        sp.exp(2 * stilde * t) / (2 * sp.integrate(sp.exp(2 * stilde * tau), (tau, 0, t)) + 1 / s0),
    ),
    domain=Domain(s0=Positive, stilde=Positive, t=AtLeast(0)),
    reading=_INITIAL,
    note="Both sides are continuous at zeta = 0, so that their limits are their values there.",
)
_loss = (w**2 - stilde) ** 2 / 4 + (variance / 2) / 2 * w**2
claim(
    "004.conj-i.1.l2",
    "Formula (61) is w^2 under gradient flow on the quartic slice with L2 regularisation eta zeta^2 / 2.",
    source=Source("004", "I.2, after Conjecture I.1"),
    statement=PathSolution(
        SDE(shat, sp.expand(2 * w * -sp.diff(_loss, w)).subs(w, sp.sqrt(shat)), 0), conjecture, t, B, s0
    ),
    domain=Domain(t=AtLeast(0), s0=Positive, **PARAMETERS),
    reading=_INITIAL + "; a regulariser of coefficient lambda adds lambda/2 times the squared weight to the slice loss",
)
claim(
    "004.conj-i.1.l2.repaired",
    "For every s~ that regularised flow is s^(0) exp(2 m t) / (1 + 2 s^(0) int_0^t exp(2 m tau) dtau), m = s~ - eta "
    "zeta^2/2: the formula (61) for m other than 0, s^(0)/(1 + 2 s^(0) t) for m = 0.",
    source=Source("004", "I.2, after Conjecture I.1"),
    statement=PathSolution(
        SDE(shat, sp.expand(2 * w * -sp.diff(_loss, w)).subs(w, sp.sqrt(shat)), 0),
        s0 * sp.exp(2 * m * t) / (1 + 2 * s0 * sp.Integral(sp.exp(2 * m * tau), (tau, 0, t))),
        t,
        B,
        s0,
    ),
    domain=Domain(t=AtLeast(0), s0=Positive, **PARAMETERS),
    repairs="004.conj-i.1.l2",
)
