"""Modewise SDE of deep linear networks: document 003, section 3, Propositions 3.3-3.5, appendices C, D, E."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..ranges import AtLeast, Integers, Positive, Range
from ..statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    HessianBlocks,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
    VanishingCurvature,
)
from ..statements.scalar import Identity
from ..statements.stationary import LocalBehaviour
from ..symbols import dimension, positive

L, eta_b, sigma = DEPTH, STEP, LABEL_NOISE
d: Any = dimension("d")
k: Any = dimension("k")

SINGLE, TWO, THREE = ModeSetting(1), ModeSetting(2), ModeSetting(3)
TWO_LAYERS = ModeSetting(2, depth=sp.Integer(2), label_noise=sp.Integer(0))
s1, s2, s3 = THREE.amplitudes
stilde1, stilde2, stilde3 = THREE.teacher
e1, e2 = s1 - stilde1, s2 - stilde2

GIVEN = (
    "one-sample loss 1/2 ||Wx - y||^2, x ~ N(0, I), y = Mx + eps, eps ~ N(0, sigma^2 I) independent of x (2.3, B)",
    "SDE (1): d theta = -grad L dt + sqrt(eta_b Sigma) dW, eta_b = eta/B, Sigma the one-sample covariance, time = "
    "eta x steps (2.2)",
    "balanced (A1) and aligned (A2): in the teacher's singular bases every layer has entries s_i^(1/L) (2.4)",
)
NOTE = "A loss without the factor 1/2 doubles the gradient drift and multiplies covariations and Ito drifts by 4."
PLACE_A = "2.4 (A1)-(A2), section 3"


def _domain(modes: int, lowest_depth: int | None, noise: bool = True) -> Domain:
    ranges: dict[str, Range] = {} if lowest_depth is None else {"L": Integers(lowest_depth)}
    for i in range(1, modes + 1):
        ranges |= {f"s{i}": Positive, f"stilde{i}": Positive}
    if noise:
        ranges["sigma"] = AtLeast(0)
    return Domain(**ranges, eta_b=Positive)


def _own_ito_drift() -> sp.Expr:
    return eta_b * L * (L - 1) / 2 * s1 ** (3 - 4 / L) * (2 * e1**2 + sigma**2)


def _coupling(s: sp.Expr, stilde: sp.Expr) -> sp.Expr:
    """Ito drift of mode 1 through the mode of amplitude `s`: a sum over pairs of layers at distance d."""
    powers = sp.Sum((L - d) * s1 ** ((2 * L - 2 - 2 * d) / L) * s ** ((L + 2 * d - 2) / L), (d, 1, L - 1))
    return eta_b * e1 * (s - stilde) * powers


claim(
    "003.eq2",
    "At depth 2 the gradient flow of a mode is ds/dt = 2 s (s~ - s), whatever the other modes do.",
    source=Source("003", "(2)"),
    statement=ModeCoefficient(ModeTarget(TWO_LAYERS, ModeQuantity.GRADIENT_DRIFT), 2 * s1 * (stilde1 - s1)),
    domain=_domain(2, None, noise=False),
    given=GIVEN,
    note="The print lost the formula; this is its form under the loss with 1/2. " + NOTE,
)

claim(
    "003.eq5",
    "The gradient drift of a mode at depth L is L s^(2-2/L) (s~ - s).",
    source=Source("003", "Proposition 3.5 (5), E.1"),
    statement=ModeCoefficient(ModeTarget(TWO, ModeQuantity.GRADIENT_DRIFT), L * s1 ** (2 - 2 / L) * (stilde1 - s1)),
    domain=_domain(2, 1),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.eq6",
    "The Ito-induced drift of a mode is a function of its own amplitude.",
    source=Source("003", "Proposition 3.5 (6), E.2"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.ITO_DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=_domain(2, 2),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.eq6.repaired",
    "The Ito-induced drift of a mode is its own part plus one coupling term for every other mode.",
    source=Source("003", "Proposition 3.5 (6), E.2"),
    statement=ModeCoefficient(
        ModeTarget(THREE, ModeQuantity.ITO_DRIFT),
        _own_ito_drift() + _coupling(s2, stilde2) + _coupling(s3, stilde3),
    ),
    domain=_domain(3, 2),
    given=GIVEN,
    repairs="003.eq6",
    note="Written out for three modes; every further mode adds a coupling term of the same form. " + NOTE,
)

claim(
    "003.eq6.single-mode",
    "With a single mode the Ito-induced drift is eta_b L(L-1)/2 s^(3-4/L) (2 (s - s~)^2 + sigma^2).",
    source=Source("003", "Proposition 3.5 (6), E.2"),
    statement=ModeCoefficient(ModeTarget(SINGLE, ModeQuantity.ITO_DRIFT), _own_ito_drift()),
    domain=_domain(1, 2),
    given=(*GIVEN, "student and teacher have one mode"),
    note=NOTE,
)

claim(
    "003.e.label",
    "The label noise contributes eta_b sigma^2 L(L-1)/2 s^(3-4/L) to the Ito drift of a mode.",
    source=Source("003", "E.2 (ii)"),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.LABEL_ITO_DRIFT), eta_b * sigma**2 * L * (L - 1) / 2 * s1 ** (3 - 4 / L)
    ),
    domain=_domain(2, 2),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.eq7",
    "The variance rate of a mode is eta_b L^2 s^(4-4/L) (2 (s~ - s)^2 + sigma^2).",
    source=Source("003", "Proposition 3.5 (7), (8), E.3"),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 1), (1, 1)),
        eta_b * L**2 * s1 ** (4 - 4 / L) * (2 * (stilde1 - s1) ** 2 + sigma**2),
    ),
    domain=_domain(2, 1),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.j.width",
    "The variance rate of a mode has the same form with hidden layers wider than inputs and outputs.",
    source=Source("003", "J.4"),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 1), (1, 1)),
        eta_b * L**2 * s1 ** (4 - 4 / L) * (2 * (stilde1 - s1) ** 2 + sigma**2),
    ),
    domain=_domain(2, 2),
    given=(*GIVEN, "any hidden widths of at least the number of modes; the random networks have wider hidden layers"),
    note="Balanced layers of rank two leave the further hidden units silent. " + NOTE,
)

claim(
    "003.eq7.cross",
    "The noises of two different modes are uncorrelated.",
    source=Source("003", "E.3"),
    statement=ModeCoefficient(ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 1), (2, 2)), sp.Integer(0)),
    domain=_domain(2, 1),
    given=GIVEN,
)

claim(
    "003.prop3.5.decoupled",
    "Each mode evolves independently: the drift of its amplitude is a function of that amplitude alone.",
    source=Source("003", "Proposition 3.5, abstract"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=_domain(2, 2),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.prop3.5.decoupled.repaired",
    "The drift of a mode is gradient flow plus an Ito drift through which all modes couple.",
    source=Source("003", "Proposition 3.5, abstract"),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.DRIFT),
        L * s1 ** (2 - 2 / L) * (stilde1 - s1) + _own_ito_drift() + _coupling(s2, stilde2),
    ),
    domain=_domain(2, 2),
    given=GIVEN,
    repairs="003.prop3.5.decoupled",
    note="The coupling is of order eta_b and vanishes with the gap of either mode; it holds at points of the "
    "manifold, which the SDE leaves (003.a1.sde, 003.a2.sde). " + NOTE,
)

claim(
    "003.prop5.1.mode",
    "With no cross-modes and balanced weights the mode density obeys a closed one-dimensional Fokker-Planck equation.",
    source=Source("003", "Proposition 5.1"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=_domain(2, 2),
    given=GIVEN,
    note="The mean of an amplitude started at a sure point moves at the rate of its drift; an equation in that "
    "amplitude alone allows one rate, so the drift must not depend on the other amplitudes. " + NOTE,
)

claim(
    "003.prop5.1.mode.repaired",
    "With a single mode the drift and the variance rate of its amplitude are functions of it, so that (31) is closed.",
    source=Source("003", "Proposition 5.1"),
    statement=ModeCoefficient(
        ModeTarget(SINGLE, ModeQuantity.DRIFT),
        L * s1 ** (2 - 2 / L) * (stilde1 - s1) + _own_ito_drift(),
    ),
    domain=_domain(1, 2),
    given=(*GIVEN, "student and teacher have one mode"),
    repairs="003.prop5.1.mode",
    note="With n modes the density of all n amplitudes obeys an n-dimensional equation (003.prop5.1.full), with the "
    "drifts of 003.prop3.5.decoupled.repaired. " + NOTE,
)

claim(
    "003.a2.sde",
    "(A2) for all times: cross-mode amplitudes stay zero under the SDE; the variance rate of c12 is 0.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 2), (1, 2)), sp.Integer(0)),
    domain=_domain(2, 2),
    given=GIVEN,
    note="The paper assumes (A2) for all times and states preservation for gradient flow only. An amplitude that stays "
    "zero has no variance rate; this consequence, at a point of the manifold, is what is examined.",
)

claim(
    "003.a2.sde.repaired",
    "Cross-mode amplitudes are driven off zero: the exact variance rate of c12 on the manifold.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 2), (1, 2)),
        eta_b * (e1**2 + sigma**2) * sp.Sum(s1 ** (2 * (L - k) / L) * s2 ** (2 * (k - 1) / L), (k, 1, L)) ** 2,
    ),
    domain=_domain(2, 2),
    given=GIVEN,
    repairs="003.a2.sde",
    note=NOTE,
)

claim(
    "003.a1.sde",
    "(A1) for all times: balancedness is preserved under the SDE; W2^T W2 - W1 W1^T has no Ito drift.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(ModeTarget(TWO, ModeQuantity.IMBALANCE_DRIFT, (1, 1), layer=1), sp.Integer(0)),
    domain=_domain(2, 2),
    given=(*GIVEN, "all widths equal to the number of modes, two"),
    note="The paper assumes (A1) for all times and states preservation for gradient flow only. A balance that is kept "
    "has no drift; gradient flow contributes none, so the Ito drift is examined.",
)

claim(
    "003.a1.sde.repaired",
    "The noise unbalances the layers: the exact Ito drift of the first diagonal entry of W2^T W2 - W1 W1^T.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.IMBALANCE_DRIFT, (1, 1), layer=1),
        eta_b * s1 ** (2 / L) * (s2 ** (2 - 4 / L) * (e2**2 + sigma**2) - s1 ** (2 - 4 / L) * (e1**2 + sigma**2)),
    ),
    domain=_domain(2, 2),
    given=(*GIVEN, "all widths equal to the number of modes, two"),
    repairs="003.a1.sde",
    note=NOTE,
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
    "Once a mode is learned its variance rate tends to a constant, eta_b L^2 stilde^(4-4/L) sigma^2.",
    source=Source("003", "text after Proposition 3.5"),
    statement=LocalBehaviour(s1, stilde1, ((_rate, eta_b * L**2 * stilde1 ** (4 - 4 / L) * noise**2),)),
    domain=_learned_domain,
    given=(*GIVEN, "sigma > 0; the variance rate (7)"),
    reading="as the amplitude tends to the teacher value: at leading order in the distance from it",
)

claim(
    "003.learned.stateindep.first-order",
    "At a learned mode the variance rate does not change with the amplitude: its derivative at the teacher value is 0.",
    source=Source("003", "text after Proposition 3.5"),
    statement=Identity(sp.diff(_rate, s1).subs(s1, stilde1), sp.Integer(0)),
    domain=_learned_domain,
    given=(*GIVEN, "sigma > 0; the variance rate (7)"),
    reading="constant to first order around the teacher value",
    stated=False,
    note="The derivative is eta_b 4 L (L - 1) stilde^(3-4/L) sigma^2. It moves the stationary mean of the mode at "
    "first order in the step size (003.eq17.repaired).",
)
