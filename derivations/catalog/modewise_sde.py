"""Modewise SDE of deep linear networks: document 003, section 3, Propositions 3.3-3.5, appendices D and E."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import AtLeast, Integers, Positive, Range
from ..statements.mode_curvature import HessianBlocks, VanishingCurvature
from ..statements.modes import (
    DEPTH,
    FURTHER,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
)
from ..statements.scalar import Identity
from ..symbols import dimension, positive

L, eta_b, sigma = DEPTH, STEP, LABEL_NOISE
d: Any = dimension("d")

#: Settings with one, or two, modes that are named, and any number of further modes; and without further ones.
ONE, PAIR = ModeSetting(1, further=True), ModeSetting(2, further=True)
SINGLE, TWO = ModeSetting(1), ModeSetting(2)
TWO_LAYERS = ModeSetting(1, depth=sp.Integer(2), label_noise=sp.Integer(0), further=True)
s1, s2 = TWO.amplitudes
stilde1, stilde2 = TWO.teacher
sj, stildej = FURTHER
e1, e2, ej = s1 - stilde1, s2 - stilde2, sj - stildej

GIVEN = (
    "one-sample loss 1/2 ||Wx - y||^2, x ~ N(0, I), y = Mx + eps, eps ~ N(0, sigma^2 I) independent of x (2.3, B)",
    "SDE (1): d theta = -grad L dt + sqrt(eta_b Sigma) dW, eta_b = eta/B, Sigma the one-sample covariance, time = "
    "eta x steps (2.2)",
    "balanced (A1) and aligned (A2): in the teacher's singular bases every layer has entries s_i^(1/L) (2.4)",
)
NOTE = "A loss without the factor 1/2 doubles the gradient drift and multiplies covariations and Ito drifts by 4."


def modes_domain(setting: ModeSetting, lowest_depth: int = 2) -> Domain:
    """Return all positive amplitudes and teacher values of the modes of a setting, from a lowest depth on."""
    ranges: dict[str, Range] = {"L": Integers(lowest_depth)} if setting.depth == L else {}
    for i in range(1, setting.modes + 1):
        ranges |= {f"s{i}": Positive, f"stilde{i}": Positive}
    if setting.further:
        ranges |= {s.name: Positive for s in FURTHER}
    if setting.label_noise == sigma:
        ranges["sigma"] = AtLeast(0)
    return Domain(**ranges, eta_b=Positive)


def own_ito_drift() -> sp.Expr:
    """Return the part of the Ito drift of mode 1 that holds no other mode."""
    return eta_b * L * (L - 1) / 2 * s1 ** (3 - 4 / L) * (2 * e1**2 + sigma**2)


def coupling(s: sp.Expr, stilde: sp.Expr) -> sp.Expr:
    """Ito drift of mode 1 through the mode of amplitude `s`: a sum over pairs of layers at distance d."""
    powers = sp.Sum((L - d) * s1 ** ((2 * L - 2 - 2 * d) / L) * s ** ((L + 2 * d - 2) / L), (d, 1, L - 1))
    return eta_b * e1 * (s - stilde) * powers


claim(
    "003.eq2",
    "At depth 2 the gradient flow of a mode is ds/dt = 2 s (s~ - s), whatever the other modes do.",
    source=Source("003", "(2)"),
    statement=ModeCoefficient(ModeTarget(TWO_LAYERS, ModeQuantity.GRADIENT_DRIFT), 2 * s1 * (stilde1 - s1)),
    domain=modes_domain(TWO_LAYERS),
    given=GIVEN,
    note="The print lost the formula; this is its form under the loss with 1/2. " + NOTE,
    printed=r"\text{the gradient-flow dynamics on a depth-2 linear network decouples along modes}",
)

claim(
    "003.eq5",
    "The gradient drift of a mode at depth L is L s^(2-2/L) (s~ - s).",
    source=Source("003", "Proposition 3.5 (5), E.1"),
    statement=ModeCoefficient(ModeTarget(ONE, ModeQuantity.GRADIENT_DRIFT), L * s1 ** (2 - 2 / L) * (stilde1 - s1)),
    domain=modes_domain(ONE, 1),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.eq6",
    "The Ito-induced drift of a mode is a function of its own amplitude.",
    source=Source("003", "Proposition 3.5 (6), E.2"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.ITO_DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=modes_domain(TWO),
    given=GIVEN,
    reading="(6) in the amplitude of the mode alone, which Proposition 3.5 and (12)-(15) imply; the formula itself is "
    "lost. Two modes, where the print has any number",
    stated=False,
    note="The place in the derivation of the mistake that 003.prop3.5.decoupled states; it is counted there. " + NOTE,
)

claim(
    "003.eq6.repaired",
    "The Ito-induced drift of a mode is its own part plus one coupling term for every other mode.",
    source=Source("003", "Proposition 3.5 (6), E.2"),
    statement=ModeCoefficient(ModeTarget(ONE, ModeQuantity.ITO_DRIFT), own_ito_drift(), coupling(sj, stildej)),
    domain=modes_domain(ONE),
    given=GIVEN,
    repairs="003.eq6",
    note="For any number of modes; j runs over all others. " + NOTE,
)

claim(
    "003.eq6.single-mode",
    "With a single mode the Ito-induced drift is eta_b L(L-1)/2 s^(3-4/L) (2 (s - s~)^2 + sigma^2).",
    source=Source("003", "Proposition 3.5 (6), E.2"),
    statement=ModeCoefficient(ModeTarget(SINGLE, ModeQuantity.ITO_DRIFT), own_ito_drift()),
    domain=modes_domain(SINGLE),
    given=(*GIVEN, "student and teacher have one mode"),
    reading="auxiliary: the document has no formula for a single mode",
    stated=False,
    note=NOTE,
)

claim(
    "003.e.label",
    "The label noise contributes eta_b sigma^2 L(L-1)/2 s^(3-4/L) to the Ito drift of a mode.",
    source=Source("003", "E.2 (ii)"),
    statement=ModeCoefficient(
        ModeTarget(ONE, ModeQuantity.LABEL_ITO_DRIFT), eta_b * sigma**2 * L * (L - 1) / 2 * s1 ** (3 - 4 / L)
    ),
    domain=modes_domain(ONE),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.eq7",
    "The variance rate of a mode is eta_b L^2 s^(4-4/L) (2 (s~ - s)^2 + sigma^2).",
    source=Source("003", "Proposition 3.5 (7), (8), E.3"),
    statement=ModeCoefficient(
        ModeTarget(ONE, ModeQuantity.COVARIATION, (1, 1), (1, 1)),
        eta_b * L**2 * s1 ** (4 - 4 / L) * (2 * (stilde1 - s1) ** 2 + sigma**2),
    ),
    domain=modes_domain(ONE, 1),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.j.width",
    "The variance rate of a mode has the same form with hidden layers wider than inputs and outputs.",
    source=Source("003", "J.4"),
    statement=ModeCoefficient(
        ModeTarget(ONE, ModeQuantity.COVARIATION, (1, 1), (1, 1)),
        eta_b * L**2 * s1 ** (4 - 4 / L) * (2 * (stilde1 - s1) ** 2 + sigma**2),
    ),
    domain=modes_domain(ONE),
    given=(*GIVEN, "any hidden widths of at least the number of modes; the random networks have wider hidden layers"),
    note="The statement of 003.eq7, which holds at any widths; what J.4 adds is the width at which it was looked at. "
    "Balanced layers leave the further hidden units silent. " + NOTE,
    printed=r"\text{the formula for the modewise diffusion is also similar to what is observed in a DLN with hidden "
    r"layers of size 24, double the size of the input and output (12)}",
)

claim(
    "003.eq7.cross",
    "The noises of two different modes are uncorrelated.",
    source=Source("003", "E.3"),
    statement=ModeCoefficient(ModeTarget(PAIR, ModeQuantity.COVARIATION, (1, 1), (2, 2)), sp.Integer(0)),
    domain=modes_domain(PAIR, 1),
    given=GIVEN,
)

claim(
    "003.prop3.4.vanishing",
    "The gradient drift vanishes where the gap lies in the span of the current features, as on the aligned manifold.",
    source=Source("003", "text after Proposition 3.4"),
    statement=ModeCoefficient(ModeTarget(ONE, ModeQuantity.GRADIENT_DRIFT), sp.Integer(0)),
    domain=modes_domain(ONE, 1),
    given=(*GIVEN, "student and teacher share their singular vectors: the gap has no projection orthogonal to them"),
    reading="the first drift term of Proposition 3.4, the sum over the NTK and the gap, as the sentence before says",
    stated=False,
    note="(5) is that term on the aligned manifold, and is not zero before the mode is learned. The sentences around "
    "it speak of the feature directions, and say that singular values go on evolving: then it is the repaired form. "
    + NOTE,
    printed=r"\text{It vanishes when the teacher-student gap has no projection in directions orthogonal to the current "
    r"subspace of features. In that case [\ldots] only the singular values evolve}",
)
claim(
    "003.prop3.4.vanishing.repaired",
    "Where the gap lies in the span of the current features, mode by mode, the gradient drift of the cross-modes "
    "vanishes: only the singular values evolve.",
    source=Source("003", "text after Proposition 3.4"),
    statement=ModeCoefficient(ModeTarget(PAIR, ModeQuantity.GRADIENT_DRIFT, (1, 2)), sp.Integer(0)),
    domain=modes_domain(PAIR, 1),
    given=(*GIVEN, "student and teacher share their singular vectors"),
    repairs="003.prop3.4.vanishing",
)

claim(
    "003.prop3.4.hessdiag",
    "The Hessian of a mode amplitude in the stacked weights has vanishing diagonal layer blocks.",
    source=Source("003", "Proposition 3.4, D"),
    statement=VanishingCurvature(HessianBlocks.SAME_LAYER),
    domain=Domain(L=Integers(1)),
    given=("amplitude u^T W v with fixed u and v, W = W_L ... W_1, any weights and widths",),
)

claim(
    "003.d.eq27",
    "The Ito drift of a mode amplitude vanishes when the noise covariance is block diagonal over layers.",
    source=Source("003", "D (27)"),
    statement=VanishingCurvature(HessianBlocks.SAME_LAYER, contracted=True),
    domain=Domain(L=Integers(1)),
    given=("amplitude u^T W v with fixed u and v, W = W_L ... W_1, any weights and widths",),
)

noise: Any = positive("sigma")
_rate = eta_b * L**2 * s1 ** (4 - 4 / L) * (2 * e1**2 + noise**2)
_learned_domain = Domain(L=Integers(2), stilde1=Positive, sigma=Positive, eta_b=Positive)

claim(
    "003.learned.stateindep",
    "At a learned mode the variance rate does not change with the amplitude: its derivative at the teacher value is 0.",
    source=Source("003", "text after Proposition 3.5"),
    statement=Identity(sp.diff(_rate, s1).subs(s1, stilde1), sp.Integer(0)),
    domain=_learned_domain,
    given=(*GIVEN, "sigma > 0; the variance rate (7)"),
    reading="around the teacher value, as Langevin dynamics with state-independent noise has it",
    note="The derivative is eta_b 4 L (L - 1) stilde^(3-4/L) sigma^2. It moves the stationary mean of the mode at "
    "first order in the step size (003.eq17.repaired); at leading order the rate is constant.",
    printed=r"\text{In the presence of label noise, we recover Langevin dynamics with anisotropic and "
    r"state-independent noise once a mode has been learned}",
)

claim(
    "003.learned.stateindep.repaired",
    "Over one stationary standard deviation the variance rate of a learned mode changes by the share "
    "(4 - 4/L) sqrt(eta_b L/2) stilde^(-1/L) sigma, to first order: it is constant as the step size tends to 0.",
    source=Source("003", "text after Proposition 3.5"),
    statement=Identity(
        sp.diff(sp.log(_rate), s1).subs(s1, stilde1) * sp.sqrt(eta_b * L / 2) * stilde1 ** (1 - 1 / L) * noise,
        (4 - 4 / L) * sp.sqrt(eta_b * L / 2) * stilde1 ** (-1 / L) * noise,
    ),
    domain=_learned_domain,
    given=(*GIVEN, "sigma > 0; the variance rate (7)", "the stationary standard deviation is the root of 003.eq18"),
    repairs="003.learned.stateindep",
)
