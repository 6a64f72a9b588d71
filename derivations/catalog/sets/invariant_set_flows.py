"""What the invariance of a set says of gradient flow: document 004, section 4 and appendix F.1."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import AtLeast, Positive, Real
from ...statements.extrema import Inequality
from ...statements.scalar import Identity
from ...statements.sets.flow_sets import FlowKeepsSet, GradientClass
from ...symbols import positive, real

anything = Domain()

# Section 4: what the invariance of {0} says of the loss and of the diffusion.

x = sp.Symbol("theta", real=True)
eta, beta, zeta = positive("eta beta zeta")
rate, power = sp.Symbol("mu", real=True), sp.Symbol("q", nonnegative=True)
mean, squares = x * rate, x**2 * power
diffusion = eta / (2 * beta) * (squares - mean**2)
one_dimension = (
    "any number of samples; {0} is invariant, so l_i'(0) = 0 and l_i'(theta) = theta phi_i(theta), phi_i continuous",
    "mu and q are the means of phi_i and phi_i^2 over the samples at theta, so q >= mu^2",
)
claim(
    "004.zeros",
    "L'(theta)^2 + D(theta) is theta^2 times a continuous function: L'(0) = D(0) = D'(0) = 0.",
    source=Source("004", "Section 4, after (5)"),
    statement=Identity(mean**2 + diffusion, x**2 * (rate**2 + eta / (2 * beta) * (power - rate**2))),
    domain=Domain(theta=Real, eta=Positive, beta=Positive, mu=Real, q=AtLeast(rate**2)),
    given=(*one_dimension, "L'^2 and D are both non-negative, so both are of order theta^2"),
    printed=r"\mathcal{L}'(0) = D(0) = D'(0) = 0",
)
claim(
    "004.zeros.second",
    "D''(0) >= 0: 2 D(theta)/theta^2 is non-negative.",
    source=Source("004", "Section 4, after Theorem 4.1"),
    statement=Inequality(sp.Ge(eta / beta * (power - rate**2), 0, evaluate=False)),
    domain=Domain(eta=Positive, beta=Positive, mu=Real, q=AtLeast(rate**2)),
    given=one_dimension,
    printed=r"D''(0) \geq 0",
)
claim(
    "004.prop4.1",
    "Affine invariant sets of SGD are invariant for stochastic gradient flow, if gradients are Lipschitz and bounded.",
    source=Source("004", "Proposition 4.1 (formal), C.2"),
    statement=FlowKeepsSet(GradientClass.LIPSCHITZ),
    domain=anything,
    given=("the flow is any weak solution of (3); that the printed proof gives uniqueness is not used",),
    printed=r"A \subseteq \mathbb{R}^d \text{ is an affine invariant set of SGD } \ldots \text{ then } A \text{ is "
    r"also an invariant set of an SGF process}",
)
claim(
    "004.prop4.1.informal",
    "All affine invariant sets of SGD are invariant for stochastic gradient flow.",
    source=Source("004", "Proposition 4.1 (informal), Section 4"),
    statement=FlowKeepsSet(GradientClass.CONTINUOUS),
    domain=anything,
    given=("gradients of samples are continuous",),
    reading="without the assumptions of the formal statement in Appendix C, to which its footnote refers",
    stated=False,
    printed=r"\text{All affine invariant sets of SGD are also affine invariant sets of SGF.}",
)

# Appendix F.1: the two lines through the origin.

p, s, x_i, y_i, g, c_2, c_3 = real("p s x y g c_2 c_3")


def activation(v: sp.Expr) -> sp.Expr:
    """Return a smooth activation with sigma(0) = 0."""
    return g * v + c_2 * v**2 / 2 + c_3 * v**3 / 6


def noise(of_p: bool) -> sp.Expr:
    """Return sigma_{p,i} or sigma_{s,i} of sample (x, y)."""
    w_1, w_2 = (p + s) / 2, (p - s) / 2
    arrow = sp.Symbol("arrow")
    derivative = sp.diff(activation(arrow), arrow).subs(arrow, w_1 * x_i)
    first, second = w_2 * derivative * x_i, activation(w_1 * x_i)
    return sp.sqrt(eta) * zeta * (first + second if of_p else first - second)


for suffix, of_p, variable in (("", True, p), (".s", False, s)):
    other = s if of_p else p
    claim(
        f"004.thm5.1.invariant{suffix}",
        f"The line {variable} = 0 is invariant: no noise moves {variable} off it.",
        source=Source("004", "F.1, where Lemma F.1 is applied to A_p and A_s"),
        statement=Identity(noise(of_p).subs(variable, 0), sp.Integer(0)),
        domain=Domain(eta=Positive, zeta=Positive, x=Real, g=Real, c_2=Real, c_3=Real, **{str(other): Real}),
        given=(
            "a smooth activation with sigma(0) = 0, of which g v + c_2 v^2/2 + c_3 v^3/6 is one",
            "Lemma F.1 assumes that the set is invariant; then the coefficient of each dB_i vanishes on it",
        ),
        note="No small epsilon helps: with v = w_1 x the coefficient is -+sqrt(eta) zeta c_2 v^2/2 to leading order.",
        printed=r"A_p := \{(0, s) : s \in [-\epsilon, \epsilon]\}"
        if of_p
        else r"A_s := \{(p, 0) : p \in [-\epsilon, \epsilon]\}",
    )
w_1, w_2 = (p + s) / 2, (p - s) / 2
for suffix, side, variable in (("", 1, p), (".s", -1, s)):
    gap = w_2 * g * w_1 * x_i - y_i
    own = w_2 * x_i * g + side * g * w_1 * x_i
    claim(
        f"004.thm5.1.invariant{suffix}.repaired",
        f"For a linear activation, drift and noise of {variable} are multiples of {variable}, for each sample.",
        source=Source("004", "F.1, where Lemma F.1 is applied to A_p and A_s"),
        statement=Identity(
            (gap * own) ** 2 + (sp.sqrt(eta) * zeta * own) ** 2,
            variable**2 * g**2 * x_i**2 * ((g * x_i * (p**2 - s**2) / 4 - y_i) ** 2 + eta * zeta**2),
        ),
        domain=Domain(eta=Positive, zeta=Positive, x=Real, y=Real, g=Real, p=Real, s=Real),
        given=("sigma(v) = g v; the sum of the squares of a sample's terms in drift and noise",),
        repairs=f"004.thm5.1.invariant{suffix}",
    )

signal, input_power = real("S"), positive("P")
claim(
    "004.thm5.1.sigma0",
    "If sigma'(0) = 0, the condition of Theorem 5.1 is never met: its left side is at most its right.",
    source=Source("004", "F.1, first sentence of the proof"),
    statement=Inequality(sp.Le(eta * zeta**2 * 0 / 2, sp.Abs(signal) / input_power, evaluate=False)),
    domain=Domain(S=Real, P=Positive),
    given=("S = sum x_i y_i and P = sum x_i^2 > 0",),
    printed=r"\text{If } \sigma'(0) = 0, \text{ the condition can never be met}",
)
