"""Laws of a student mode at long times, and times to learn and to escape: document 004, section 6, (54), (59), (60)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Above, AtLeast, Between, Positive
from ..statements.extrema import GlobalMaximum, Inequality
from ..statements.long_time_laws import LimitInLaw, StationaryMean
from ..statements.passage import MeanTimeOrder, Passage
from ..statements.stationary import NormalisableWhen, StationaryLaw
from ..symbols import positive
from .student_dynamics import eta, s0, shat, stilde, variance, zeta
from .student_dynamics import mode as student_mode

half_line = sp.Interval.open(0, sp.oo)
alive = Domain(eta=Positive, zeta=Positive, stilde=Above(eta * zeta**2 / 2), shat=Positive)
alive_given = (
    "s_i(0) > 0 and dynamics (42)",
    "stilde > eta zeta^2/2: the range in which eq. (60) asserts a density rather than a Dirac mass",
)

factored = sp.exp(-shat / (eta * zeta**2)) * shat ** (-(sp.Rational(3, 2) - stilde / (eta * zeta**2)))
any_mode = Domain(eta=Positive, zeta=Positive, stilde=Positive, shat=Positive)
_PRINTED_54 = (
    r"p_{ss}(\hat{s}_i) = Z^{-1} e^{-\frac{\hat{s}_i}{\eta\zeta^2} "
    r"\hat{s}_i^{-\left(\frac{3}{2} - \frac{\tilde{s}_i}{\eta\zeta^2}\right)}}"
)
claim(
    "004.eq54",
    "As t tends to infinity the student mode has density s^-(3/2 - stilde/(eta zeta^2)) exp(-s/(eta zeta^2)).",
    source=Source("004", "Corollary I.1, (54)"),
    statement=LimitInLaw(student_mode, half_line, density=factored),
    domain=any_mode,
    given=alive_given[:1],
    reading="for all s~, as Corollary I.1 names no condition; (60) has the density for s~ > eta zeta^2/2 only",
    stated=False,
    printed=_PRINTED_54,
)
claim(
    "004.eq54.repaired",
    "When s~ > eta zeta^2/2 the law of the mode tends to the density s^-(3/2 - s~/(eta zeta^2)) exp(-s/(eta zeta^2)).",
    source=Source("004", "Corollary I.1, (54)"),
    statement=LimitInLaw(student_mode, half_line, density=factored),
    domain=alive,
    given=alive_given[:1],
    repairs="004.eq54",
)
claim(
    "004.eq54.literal",
    "The mode has the stationary density exp(-(s/(eta zeta^2)) s^-(3/2 - stilde/(eta zeta^2))).",
    source=Source("004", "Corollary I.1, (54)"),
    statement=StationaryLaw(
        student_mode,
        density=sp.exp(-shat / (eta * zeta**2) * shat ** (-(sp.Rational(3, 2) - stilde / (eta * zeta**2)))),
        support=half_line,
    ),
    domain=alive,
    given=alive_given,
    reading="the power of s stands inside the exponent, where the line has it; (57) and (59) have it as a factor",
    stated=False,
    printed=_PRINTED_54,
)
claim(
    "004.eq54.literal.repaired",
    "The mode has the stationary density s^-(3/2 - stilde/(eta zeta^2)) exp(-s/(eta zeta^2)).",
    source=Source("004", "Corollary I.1, (54)"),
    statement=StationaryLaw(student_mode, density=factored, support=half_line),
    domain=alive,
    given=alive_given,
    repairs="004.eq54.literal",
)
claim(
    "004.phase",
    "When 2 s~ > eta zeta^2 the law of the mode tends to a stationary law on s > 0.",
    source=Source("004", "I.2, after (53)"),
    statement=LimitInLaw(student_mode, half_line, density=factored),
    domain=alive,
    given=("the stationary law of (54); a law on s > 0 has a positive expectation",),
    printed=r"\text{When this ratio is greater than one, the distribution will converge to a stationary distribution "
    r"with a positive expectation.}",
)
claim(
    "004.phase.below",
    "When 2 s~ < eta zeta^2 the law of the mode tends to a Dirac mass at the origin.",
    source=Source("004", "I.2, after (53)"),
    statement=LimitInLaw(student_mode, half_line, point=0),
    domain=Domain(eta=Positive, zeta=Positive, stilde=Between(0, eta * zeta**2 / 2), shat=Positive),
    printed=r"\text{When this ratio is less than one, the distribution will exhibit stochastic collapse}",
)

potential = shat + (3 * eta * zeta**2 / 2 - stilde) * sp.log(shat)
claim(
    "004.eq59",
    "The stationary law of the student mode is the Gibbs law of s + (3 eta zeta^2/2 - stilde) log s.",
    source=Source("004", "I.2, (59)"),
    statement=StationaryLaw(student_mode, density=sp.exp(-sp.expand(potential / (eta * zeta**2))), support=half_line),
    domain=alive,
    given=alive_given,
)

claim(
    "004.eq60",
    "The student mode has a stationary density iff stilde > eta zeta^2/2.",
    source=Source("004", "I.2, (60)"),
    statement=NormalisableWhen(student_mode, half_line, sp.Gt(stilde, eta * zeta**2 / 2)),
    domain=Domain(eta=Positive, zeta=Positive, stilde=Positive),
    given=("dynamics (42) on s > 0",),
)
claim(
    "004.eq60.delta",
    "When s~ <= eta zeta^2/2 the law of the student mode tends to the Dirac mass at 0.",
    source=Source("004", "I.2, (60), second brace"),
    statement=LimitInLaw(student_mode, half_line, point=0),
    domain=Domain(stilde=Positive, zeta=Positive, eta=AtLeast(2 * stilde / zeta**2), shat=Positive),
    printed=r"p_{ss}(\hat{s}_i) = \delta_0 \text{ if } \tilde{s}_i \leq \frac{\eta\zeta^2}{2}",
)
most_probable = Source("004", "I.2, (60), first brace")
claim(
    "004.eq60.argmax",
    "When s~ > 3 eta zeta^2/2 the stationary density of the mode is largest at s~ - 3 eta zeta^2/2.",
    source=most_probable,
    statement=GlobalMaximum(factored, shat, stilde - 3 * eta * zeta**2 / 2, half_line),
    domain=Domain(eta=Positive, zeta=Positive, stilde=Above(3 * eta * zeta**2 / 2)),
    printed=r"\arg \max p_{ss}(\hat{s}_i) = \tilde{s}_i - \frac{3}{2}\eta\zeta^2 "
    r"\text{ if } \tilde{s}_i > \frac{3}{2}\eta\zeta^2",
)
claim(
    "004.eq60.argmax.zero",
    "When s~ <= 3 eta zeta^2/2 the most probable state is the origin: the density falls on s > 0.",
    source=most_probable,
    statement=Inequality(
        sp.Lt(sp.expand(sp.diff(sp.expand_log(sp.log(factored), force=True), shat)), 0, evaluate=False)
    ),
    domain=Domain(stilde=Positive, zeta=Positive, eta=AtLeast(2 * stilde / (3 * zeta**2)), shat=Positive),
    reading="the derivative of the logarithm of the density is negative at every s > 0",
    printed=r"\arg \max p_{ss}(\hat{s}_i) = 0 \text{ if } \tilde{s}_i \leq \frac{3}{2}\eta\zeta^2",
)

claim(
    "004.conj-i.1.limits.shrinkage",
    "Under the stationary law of Corollary I.1 the mean singular value is the shrunken s~ - eta zeta^2/2 of (61).",
    source=Source("004", "I.2, after Conjecture I.1"),
    statement=StationaryMean(student_mode, half_line, shat, stilde - variance / 2),
    domain=Domain(eta=Positive, zeta=Positive, stilde=Above(variance / 2)),
    printed=r"\text{Conjecture I.1 captures both the phase transition for stochastic collapse from Corollary 6.1 and "
    r"the student's singular value shrinkage from Corollary I.1.}",
)

# Times at which modes are learned, and at which they escape after the learning rate has dropped

stilde1, stilde2, level, near, far = positive("stilde1 stilde2 level near far")
flow = SDE(shat, 2 * shat * (stilde - shat), sp.Integer(0))
claim(
    "004.sec6.order",
    "Under gradient flow the larger of two data singular modes is learned earlier.",
    source=Source("004", "Section 6, after (7)"),
    statement=MeanTimeOrder(
        quicker=Passage(SDE(shat, flow.drift[0].subs(stilde, stilde1), sp.Integer(0)), s0, level),
        slower=Passage(SDE(shat, flow.drift[0].subs(stilde, stilde2), sp.Integer(0)), s0, level),
    ),
    domain=Domain(stilde2=Positive, stilde1=Above(stilde2), level=Between(0, stilde2), s0=Between(0, level)),
    given=("both modes start at the same value below the level",),
    reading="learned: the student's singular value reaches a level below both data singular values",
    printed=r"\text{larger data singular modes are learned earlier}",
)
claim(
    "004.sec6.order.share",
    "Under gradient flow the larger of two data singular modes is learned earlier.",
    source=Source("004", "Section 6, after (7)"),
    statement=MeanTimeOrder(
        quicker=Passage(SDE(shat, flow.drift[0].subs(stilde, stilde1), sp.Integer(0)), s0, stilde1 / 2),
        slower=Passage(SDE(shat, flow.drift[0].subs(stilde, stilde2), sp.Integer(0)), s0, stilde2 / 2),
    ),
    domain=Domain(stilde2=Positive, stilde1=Above(stilde2), s0=Between(0, stilde2 / 2)),
    given=("both modes start at the same value",),
    reading="learned: the student's singular value reaches half of its own data singular value, from any start",
    stated=False,
)
claim(
    "004.sec6.escape",
    "After the learning rate has dropped, escape takes longer the closer the start is to the invariant set.",
    source=Source("004", "Section 6, after Corollary 6.1"),
    statement=MeanTimeOrder(quicker=Passage(student_mode, far, level), slower=Passage(student_mode, near, level)),
    domain=Domain(
        eta=Positive,
        zeta=Positive,
        stilde=Above(variance / 2),
        level=Positive,
        far=Between(0, level),
        near=Between(0, far),
    ),
    given=("after the drop the mode ceases to obey the collapsing condition: s~ > eta zeta^2 / 2",),
    reading="mean time to any level from the two starts near < far",
    printed=r"\text{the repulsive escape will take longer the closer it starts from the invariant set}",
)
